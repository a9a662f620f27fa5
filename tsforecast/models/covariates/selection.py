"""Which columns help: each with and without, on the validation rows, by a linear probe.

The probe is a ridge regression on a context of a few seasons, so that a trial takes a moment: what helps it helps what
forecasts in the end, which is compared with and without once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.model_config import WindowConfig
from tsforecast.models.contract import Progress
from tsforecast.models.covariates.regression import Against, Regression
from tsforecast.models.naive import Naive
from tsforecast.models.ridge import Ridge
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.task import Task, group_means
from tsforecast.models.windowed import training_windows

#: A column is kept where it takes at least this share off the validation error (benchmarks/covariates.py).
LEAST_GAIN = 0.01
#: What the probe sees and learns from, and is scored on.
_SEASONS_SEEN, _MOST_SEEN, _MOST_ROWS, _MOST_ORIGINS = 7, 336, 20_000, 200
_PENALTIES = (1.0, 30.0, 1000.0, 30_000.0)
_LARGEST = 1e300
#: Of many series, each has so many rows to learn from.
_FEWEST_ROWS = 1000
#: Of the time limit, after which no trial begins; the first, of all columns together, is made in any case.
_SHARE = 1 / 3


@dataclass(frozen=True)
class Selection:
    """What came of it.

    Attributes:
        regression: On the columns that help; None where none does.
        gains: By the user's column, the share of the error without it that it takes off; in the order of choice, then
            those that are not used.
        used: Which of them are.
        untried: Columns for which there was no time.
    """

    regression: Regression | None
    gains: dict[str, float] = field(default_factory=dict)
    used: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()


def select(task: Task, tell: Progress) -> Selection:
    """Fit the regression on the training rows of a task; keep the columns that its validation rows speak for.

    Args:
        task: With series that have something beside them.
        tell: Told in words what is being done.
    """
    first = task.series[0].beside
    sources = list(dict.fromkeys(first.sources)) if first is not None else []
    sources = [source for source in sources if any(_varies(s, source) for s in task.training)]
    if not sources:
        return Selection(None, {})
    tell(f"trying {', '.join(sources)}")
    trials = _Trials(_newest(task))
    plain = trials.errors(None)
    forms: list[tuple[Against, bool]] = [("differences", False), ("levels", False)]
    if all((s.values[s.observed] > 0).all() for s in task.series):
        forms += [("differences", True), ("levels", True)]
    everything: dict[tuple[Against, bool], FloatArray] = {}
    for form in forms:
        if not everything or not _over(task):
            everything[form] = trials.errors(sources, *form)
    form = min(everything, key=lambda each: everything[each].mean())
    alone = {sources[0]: everything[form]} if len(sources) == 1 else {}
    for source in sources if not alone else ():
        if not _over(task):
            alone[source] = trials.errors([source], *form)
    gains: dict[str, float] = {}
    used: list[str] = []
    best = plain
    for source in sorted(alone, key=lambda each: float(alone[each].mean())):
        if used and _over(task):
            break
        found = alone[source] if not used else trials.errors([*used, source], *form, quick=True)
        gain = 1 - float(found.mean()) / float(best.mean()) if best.mean() > 0 else 0.0
        gains[source] = gain
        if gain >= LEAST_GAIN and trials.mostly_better(found, best):
            used.append(source)
            best = found
    untried = tuple(source for source in sources if source not in gains)
    if not used:
        return Selection(None, gains, untried=untried)
    against, log = form
    regression = Regression.fit(task.training, used, task.horizon, against=against, log=log)
    return Selection(regression, gains, tuple(used), untried)


def _over(task: Task) -> bool:
    """Whether the trials have had their share of the time limit: the rest is for models."""
    limit = task.deadline
    return limit is not None and limit.left < (1 - _SHARE) * limit.seconds


def _newest(task: Task) -> Task:
    """The task on no more of the newest rows than a trial learns from."""
    room = max(_MOST_ROWS // len(task.series), _FEWEST_ROWS)
    kept = [_cut(s, max(0, len(s) - n - room)) for s, n in zip(task.series, task.n_validation, strict=True)]
    return replace(task, series=kept, unit_of=task.unit)


def _cut(series: Series, first: int) -> Series:
    """The series from its row `first` on, and so what is beside it."""
    made, table = series.since(first), series.beside
    if table is None or made is series:
        return made
    phase = None if table.phase is None else table.phase[made.at :]
    return replace(made, beside=replace(table, values=table.values[made.at :], phase=phase), at=0)


def _varies(series: Series, source: str) -> bool:
    """Whether a column says different things of the rows of a series."""
    if series.beside is None:
        return False
    values = series.beside.only([source]).values[series.at : series.at + len(series)]
    return bool((np.nanmax(values, axis=0, initial=-np.inf) > np.nanmin(values, axis=0, initial=np.inf)).any())


@dataclass(frozen=True, eq=False)
class _Trials:
    """Errors of the probe behind one regression or another, all in the units of the task."""

    task: Task
    _made: dict[Any, Regression] = field(default_factory=dict)

    @cached_property
    def _judge(self) -> Task:
        """The task with the origins that score the probe."""
        return self.task.thinned(_MOST_ORIGINS)

    def regression(self, sources: Sequence[str], against: Against, log: bool, *, quick: bool = False) -> Regression:
        """Fitted on the training rows; `quick` takes its detail and shrinkage from the sources by themselves."""
        key = (tuple(sources), against, log, quick)
        if key not in self._made:
            like = [self.regression([source], against, log) for source in sources] if quick else []
            task = self.task
            self._made[key] = Regression.fit(task.training, sources, task.horizon, against=against, log=log, like=like)
        return self._made[key]

    def errors(
        self, sources: Sequence[str] | None, against: Against = "differences", log: bool = False, *, quick: bool = False
    ) -> FloatArray:
        """Mean absolute error of each block of origins `(block,)`: of each series, four stretches of time."""
        made = None if sources is None else self.regression(sources, against, log, quick=quick)
        series = list(self.task.series) if made is None else [made.forward(s) for s in self.task.series]
        task = self._scored(series)
        ways = (False, True) if made is None and all((s.values[s.observed] > 0).all() for s in series) else (log,)
        tried = [self._of(model, made, series) for way in ways for model in _probes(task, way)]
        return min(tried, key=lambda errors: float(errors.mean()))

    def mostly_better(self, found: FloatArray, before: FloatArray) -> bool:
        """Whether the errors are lower in more than half of the blocks, so that it is no single stretch of luck."""
        return bool((found < before).mean() > 0.5)

    def _of(self, model: Any, made: Regression | None, series: Sequence[Series]) -> FloatArray:
        judge = self._judge
        yhat = model.predict([series[i].until(n) for i, n in judge.origins], judge.horizon).point
        yhat = yhat if made is None else made.back(judge.histories, yhat)
        # a gain on what is infinite would be no number
        return group_means(np.minimum(judge.errors_of(yhat), _LARGEST), judge.blocks)

    def _scored(self, series: Sequence[Series]) -> Task:
        """The newest rows of the series, to learn the probe from."""
        room = max(1, _MOST_ROWS // len(series))
        kept = [s.since(max(0, len(s) - n - room)) for s, n in zip(series, self.task.n_validation, strict=True)]
        return Task(kept, self.task.horizon, self.task.n_validation)


def _probes(task: Task, log: bool) -> list[Any]:
    """Ridge regressions on a short context; the last value where no series is long enough for them."""
    season = task.season_length
    context = min(_SEASONS_SEEN * season if season > 1 else 64, _MOST_SEEN)
    shape = task.shape(WindowConfig())
    context = max(1, min(context, shape.context_length))
    try:
        scaler = SeriesScaler.fit(task.training, log=log, exponent=1.0)
        windows = training_windows(task, scaler, context, shape.segment_length)
    except DataError:
        windows = None
    if windows is None or not len(windows):
        return [Naive.fit(task, Naive.Settings(), seed=0, tell=lambda _: None)]
    return list(Ridge.path(windows, scaler, _PENALTIES))
