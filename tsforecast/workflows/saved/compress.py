"""A saved model made smaller, and what that cost: size, time, skill and coverage before and after."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tsforecast.bundle import Bundle, to_bytes
from tsforecast.data.panel import Panel
from tsforecast.data.series import Series
from tsforecast.errors import DataError, UsageError
from tsforecast.evaluate.bounds import Bounds
from tsforecast.evaluate.intervals import coverage
from tsforecast.evaluate.metrics import skill
from tsforecast.models import registry
from tsforecast.models.contract import Model, Progress
from tsforecast.models.references import references
from tsforecast.models.task import Task
from tsforecast.models.transformed import Transformed
from tsforecast.workflows.saved.predict import MODEL, beside_saved, known_series, restored
from tsforecast.workflows.saved.rejudging import errors_of, rejudged

if TYPE_CHECKING:
    from tsforecast.preparation import Prepared

_REPEATS = 15


@dataclass(frozen=True)
class Shrinking:
    """What is to be made smaller, and how; in this order.

    Attributes:
        distil: Name of the student and its units, None for no student.
        prune: Share of units to leave out, None for none.
        quantize: Weights in 8 or 16 bits, None for 32.
        max_loss: How much the skill may fall, 0 to 1.
    """

    distil: tuple[str, int] | None = None
    prune: float | None = None
    quantize: Literal["int8", "fp16"] | None = None
    max_loss: float = 0.01


@dataclass(frozen=True)
class Measured:
    """A model as it was found on rows that nothing here was trained on.

    Attributes:
        size: Bytes of the file.
        seconds: Of one forecast, the model being loaded; the median of several.
        skill: Against the best of the forecasts that cost nothing.
        coverage: Nominal level to per cent covered.
    """

    size: int
    seconds: float
    skill: float
    coverage: Mapping[float, float]


@dataclass(frozen=True)
class Compressed:
    """The smaller model, and how both were measured.

    Attributes:
        bundle: To be saved.
        before: Of the larger one.
        after: Of the smaller one.
        n_origins: Forecasts behind both.
    """

    bundle: Bundle
    before: Measured
    after: Measured
    n_origins: int

    @property
    def loss(self) -> float:
        """By how much the skill fell, below 0 where it rose."""
        return self.before.skill - self.after.skill


def compress(
    bundle: Bundle,
    data: Prepared | Panel,
    wanted: Shrinking,
    given: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Compressed:
    """Make a saved model smaller, and measure both on the newest fifth of the rows (one horizon and up).

    The rows before those train students and what was pruned. A model that was fitted on these same rows is measured on
    rows that it knows, before as after; newer ones say more.

    Args:
        bundle: As loaded.
        data: With the step and columns of the bundle.
        wanted: What to do.
        given: Values of settings by name (epochs, learning_rate); networks take those they know.
        seed: Of everything random.
        progress: Told in words what is being done.

    Raises:
        DataError: The rows are too few, or do not fit the bundle.
        UsageError: Nothing is wanted, or the model cannot be made smaller so.
        MissingDependencyError: TensorFlow or `onnx` is not installed.
    """
    if wanted == Shrinking(max_loss=wanted.max_loss):
        raise UsageError("nothing was said to make the model smaller by", "--quantize, --prune or --distil")
    tell = progress or (lambda _: None)
    panel, series, _ = known_series(bundle, data)
    large = restored(bundle)
    horizon = bundle.manifest.horizon
    if large.regression is not None:
        series = beside_saved(bundle, large.regression, panel, series, horizon, ahead=False)
    parts = [max(horizon, len(s) // 5) for s in series]
    if all(len(s) - part < large.models[MODEL].history_length for s, part in zip(series, parts, strict=True)):
        raise DataError("the rows are too few to judge by", "give the rows that it was fitted on, and newer ones")
    model, name = large.models[MODEL], bundle.manifest.model
    if wanted.distil is not None or wanted.prune is not None:
        task = _task(large, series, horizon, parts)
        model, name = _smaller(model, name, task, wanted, given or {}, seed=seed, tell=tell)
    state = model.state()
    if wanted.quantize is not None:
        from tsforecast.models.networks.serving import quantized

        tell(f"taking {wanted.quantize} weights")
        state = quantized(state, wanted.quantize)
    small = replace(bundle, state=state, manifest=replace(bundle.manifest, model=name))
    tell("measuring both")
    before, n_origins = _measured(bundle, series, parts)
    after, _ = _measured(small, series, parts)
    return Compressed(small, before, after, n_origins)


def _task(large: Transformed, series: Sequence[Series], horizon: int, parts: Sequence[int]) -> Task:
    """What a smaller network learns on: the rows before those that judge, as the model sees them."""
    seen = [s.until(len(s) - part) for s, part in zip(series, parts, strict=True)]
    if large.regression is not None:
        seen = [large.regression.forward(s) for s in seen]
    if large.chain is not None:
        seen = [large.chain.forward(s) for s in seen]
    return Task(seen, horizon, [max(horizon, len(s) // 5) for s in seen])


def _smaller(
    model: Model, name: str, task: Task, wanted: Shrinking, given: Mapping[str, Any], *, seed: int, tell: Progress
) -> tuple[Model, str]:
    from tsforecast.models.networks.student import distilled, pruned

    if wanted.distil is not None:
        name, units = wanted.distil
        kind = registry.find(name)
        tell(f"teaching {name} of {units} units")
        own = registry.settings_of(kind, {**given, "units": units})
        model = distilled(model, kind, task, own, seed=seed, tell=tell)
    if wanted.prune is not None:
        tell(f"leaving out {wanted.prune:.0%} of the units")
        whole = Task.whole(task.series, task.horizon)
        model = pruned(model, wanted.prune, whole, registry.settings_of(type(model), given), seed=seed, tell=tell)
    return model, name


def _measured(bundle: Bundle, series: Sequence[Series], parts: Sequence[int]) -> tuple[Measured, int]:
    model, horizon, calibration = restored(bundle), bundle.manifest.horizon, bundle.calibration
    beside = references(Task(series, horizon, parts))
    bounds = Bounds.from_dict(bundle.manifest.bounds)
    judged = rejudged(model, bounds, series, parts, horizon)
    naive = rejudged(Transformed(None, beside), bounds, series, parts, horizon)
    relative = errors_of(judged, series, log=calibration.log).relative(calibration, series)
    covered = {level: coverage(relative, calibration, level) for level in calibration.levels}
    best = min(naive.error(name) for name in beside)
    found = Measured(
        len(to_bytes(bundle)), _seconds(model, series[0], horizon), skill(judged.error(MODEL), best), covered
    )
    return found, judged.n_origins


def _seconds(model: Transformed, series: Series, horizon: int) -> float:
    """Of one forecast of one series; the first, in which what runs the network starts, is not counted."""
    took = []
    for _ in range(_REPEATS + 1):
        began = time.perf_counter()
        model.predict([series], horizon, MODEL)
        took.append(time.perf_counter() - began)
    return float(np.median(took[1:]))
