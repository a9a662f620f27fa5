"""Fit every model that suits, score all from the same origins, combine or choose. It knows none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series
from tsforecast.errors import DataError, MissingDependencyError
from tsforecast.models import registry
from tsforecast.models.contract import Model, Progress
from tsforecast.models.doing import Doing
from tsforecast.models.task import MOST_ORIGINS, Task, group_means

# one free run of a model that chose itself by several may err so many times as much as a lucky rival's
_ONE_FORECAST = 5.0
# what errs hardly less than the best naive forecast is not worth more than it
_WORTH = 0.99


@dataclass(frozen=True)
class Choice:
    """Models fitted on the same task, their validation errors, and the choice among them.

    Attributes:
        models: By name.
        chosen: Name of the one to use.
        scores: Validation error by name; see `Task.score`.
        left_out: Why each of the others was not fitted, by name.
        notes: Facts for the report, one line each.
        most_origins: From so many at most all were scored; see `Task.thinned`.
    """

    models: Mapping[str, Model]
    chosen: str
    scores: Mapping[str, float]
    left_out: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    most_origins: int = MOST_ORIGINS

    @property
    def references(self) -> list[str]:
        """Names of the forecasts that cost nothing."""
        return [name for name, model in self.models.items() if type(model).info.reference]

    def refit(self, series: Sequence[Series], horizon: int) -> Choice:
        """The same models, their closed-form parts fitted on all rows of the same series."""
        task = Task.whole(series, horizon)
        models: dict[str, Model] = {}
        for name, model in self.models.items():  # what combines comes last, and finds its members refitted
            models[name] = model.refit(task.with_fitted(models))
        before, after = (found[self.chosen].notes for found in (self.models, models))
        return replace(self, models=models, notes=[*(note for note in self.notes if note not in before), *after])


def choose(task: Task, given: Mapping[str, Any], *, seed: int, tell: Progress) -> Choice:
    """Fit what is always fitted, what volunteers and what is asked for; take the one asked for, else what combines the
    best of them, else the best.

    Args:
        task: The data, the name of the model that is asked for, if any, and the deadline: what would take longer gives
            up its turn, and after it nothing has one that is not always fitted or asked for. What was fitted on it
            before is not fitted again.
        given: Values of settings by name; each model takes those it knows.
        seed: Of everything random.
        tell: Told in words what is being done.

    Raises:
        DataError: Where no series is long enough for one validation origin, or what is asked for does not suit.
        MissingDependencyError: Where what is asked for needs what is not installed.
        UsageError: For an unknown model or contradicting settings.
    """
    asked = registry.find(task.asked) if task.asked else None
    wanted = _turns(given, asked)
    settings = {model.info.name: registry.settings_of(model, given) for model in wanted}
    known = _reasons(task, wanted, settings)
    contest, ready = _Contest(task, _judge(task, wanted, known)), task.fitted
    for turn, model in enumerate(wanted, start=1):
        name = model.info.name
        task = contest.seen_by(model)
        try:
            reason = known[name] if name in known else model.unsuitable(task, settings[name])
            late = None if reason else contest.late(model, settings[name])
            if not (reason or late):
                to_come = tuple(m.info.name for m in wanted[turn:] if not known.get(m.info.name))
                tell(Doing(f"fitting {name}", model=name, to_come=to_come))
                made = ready.get(name) or model.fit(task, settings[name], seed=seed, tell=tell)
                contest.enter(made, settings[name])
                continue
        except MissingDependencyError as error:
            if model is asked:
                raise
            reason, late = f"{error.message} ({error.hint})", None
        if model is asked:
            raise DataError(f"{name} cannot be used here: {reason}", "leave out --model to take the best that can")
        contest.left_out[name] = reason or late or ""
        if late or model.info.cost == "training" or (model.info.always and not model.info.reference):
            contest.notes.append(f"no {name}: {contest.left_out[name]}")
    chosen = task.asked or contest.best()
    own = contest.models[chosen].notes
    notes = [*contest.notes, *(note for note in own if note not in contest.notes)]
    return Choice(contest.models, chosen, contest.scores, contest.left_out, notes, contest.judge.most_origins)


@dataclass
class _Contest:
    """What was fitted so far, and what it was worth.

    Attributes:
        task: What each model is fitted on.
        judge: The same with the origins that all are scored from.
        models, scores, ahead: By name, as in `Task`.
        left_out: Why each of the others was not fitted, by name.
        notes: Facts for the report.
        spent: Seconds that what was fitted was said to take.
    """

    task: Task
    judge: Task
    models: dict[str, Model] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    ahead: dict[str, FloatArray] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    spent: float = 0.0

    def seen_by(self, model: type[Model]) -> Task:
        """The task with all that was fitted before; what combines forecasts sees those that all are scored by."""
        task = self.judge if model.info.combines else self.task
        return task.with_fitted(self.models, self.scores, self.ahead if model.info.combines else {})

    def enter(self, model: Model, settings: Any) -> None:
        """Score a model that was fitted."""
        info = type(model).info
        self.spent += model.seconds(self.task, settings)
        if info.cost == "training" and self._over:
            told = f"{info.name} was in training at the {self.task.deadline}; its best epoch until then competes"
            self.notes.append(told)
        self.models[info.name] = model
        self.ahead[info.name] = model.blended(self.ahead, self.judge.histories, self.judge.horizon)
        self.scores[info.name] = self.judge.mean(self.judge.errors_of(self.ahead[info.name]))
        if info.cost == "training":
            self.notes += model.notes

    def late(self, model: type[Model], settings: Any) -> str | None:
        """Why there is no time for it; None where there is, and where it is asked for, always fitted or made of others.

        What models are said to cost decides first, so that the clock, which is never twice the same, seldom has to.
        What is fitted in seconds is refitted and judged, too, which takes as long again.
        """
        info, limit = model.info, self.task.deadline
        if limit is None or self.task.asked == info.name or info.always or info.combines:
            return None
        needed = model.seconds(self.task, settings)
        if self.spent + needed > limit.seconds:
            return f"it needs about {needed:.0f} s, more than the {limit} leaves"
        left = limit.left
        if left <= 0:
            return f"the {limit} was over"
        return f"half of the {limit} was over" if info.cost == "seconds" and left < limit.seconds / 2 else None

    @property
    def _over(self) -> bool:
        return self.task.deadline is not None and self.task.deadline.passed

    def best(self) -> str:
        """What combines several, or a single one that is clearly better; a naive one where neither is worth more.

        Where validation is shorter than two horizons it is one forecast in effect. A model that chose itself by several
        free runs is then taken unless its score is far from the lowest.
        """
        single = {name: score for name, score in self.scores.items() if not type(self.models[name]).info.combines}
        lowest = min(single, key=lambda name: single[name])
        if max(self.task.n_validation) < 2 * self.task.horizon:
            for name in single:
                if type(self.models[name]).info.self_chosen and single[name] <= _ONE_FORECAST * single[lowest]:
                    return name
        naive = [name for name in single if type(self.models[name]).info.reference]
        plain = min(naive, key=lambda name: single[name], default=lowest)
        for name in self.scores:
            if name not in single and not self._clearly_better(lowest, name):
                lowest = name
        return lowest if self.scores[lowest] < _WORTH * self.scores[plain] else plain

    def _clearly_better(self, name: str, other: str) -> bool:
        """By two standard errors of the difference of their errors, over stretches of time of each series."""
        ours, theirs = (self.judge.errors_of(self.ahead[each]) for each in (name, other))
        gain = group_means(theirs - ours, self.judge.blocks)
        if len(gain) == 1:
            return bool(gain[0] > 0)
        return bool(gain.mean() > 2 * gain.std(ddof=1) / np.sqrt(len(gain)))


def _turns(given: Mapping[str, Any], asked: type[Model] | None) -> list[type[Model]]:
    """The models to fit, in order: those always fitted, and the one asked for or those that volunteer."""

    def has_its_turn(model: type[Model]) -> bool:
        if model.info.always or model is asked:
            return True
        return (asked is None or asked.info.combines) and model.volunteers(registry.settings_of(model, given))

    return [model for model in registry.everything().values() if has_its_turn(model)]


def _reasons(task: Task, wanted: Sequence[type[Model]], settings: Mapping[str, Any]) -> dict[str, str | None]:
    """Why each of those that are slow to forecast, by name, does not suit; None where it does."""
    slow = [model for model in wanted if model.info.most_origins]
    return {model.info.name: model.unsuitable(task, settings[model.info.name]) for model in slow}


def _judge(task: Task, wanted: Sequence[type[Model]], reasons: Mapping[str, str | None]) -> Task:
    """The task with as many origins as the slowest of those that suit can be scored from."""
    most = [m.info.most_origins for m in wanted if m.info.most_origins and reasons[m.info.name] is None]
    return task.thinned(min(most)) if most else task
