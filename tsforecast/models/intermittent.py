"""Demand that is 0 most of the time: how often there is any, and how much it then is, each smoothed by itself.

Teunter, Syntetos & Babai 2011, Intermittent demand: linking forecasting to inventory obsolescence. Unlike Croston's
method it lowers the probability in every step without demand, so that what is no longer asked for fades out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from tsforecast.models.contract import ModelInfo
from tsforecast.models.smoothing.batch import Batch, FloatArray
from tsforecast.models.smoothing.local import LocalModel
from tsforecast.models.smoothing.marquardt import least_squares

if TYPE_CHECKING:
    from tsforecast.models.task import Task

LEAST_ZEROS = 1 / 3
"""With fewer, smoothing the values themselves says as much."""
# More is no smoothing: a single order would be the forecast.
_LEAST, _MOST = 0.01, 0.5
_GRID = np.array(list(product((0.02, 0.1, 0.3), repeat=2))).T
_MOST_STEPS = 8


class Intermittent(LocalModel):
    """See the top of the file."""

    info: ClassVar = ModelInfo(
        "intermittent",
        "Teunter-Syntetos-Babai: the size of demands and their probability, smoothed apart",
        "spare parts, slow sellers: counts that are mostly 0",
        scope="local",
        auto=False,
    )
    BOUNDS: ClassVar = {"size": (_LEAST, _MOST), "probability": (_LEAST, _MOST)}

    @classmethod
    def unsuitable(cls, task: Task, settings: Any) -> str | None:
        """See `Model.unsuitable`."""
        values = np.concatenate([s.values[s.observed] for s in task.training])
        if (values < 0).any():
            return "values below 0 are no demand"
        zeros = float((values == 0).mean()) if len(values) else 0.0
        if zeros < LEAST_ZEROS and task.asked != cls.info.name:
            return f"only {zeros:.0%} of the values are 0, not a third"
        return super().unsuitable(task, settings)

    @classmethod
    def estimate(cls, batch: Batch) -> FloatArray:
        """See `LocalModel.estimate`."""
        demands = _Demands.of(batch)
        grid = np.repeat(_GRID[:, :, None], len(batch.lengths), axis=2)
        best = (demands.residuals(grid) ** 2).sum(axis=0).argmin(axis=0)
        bounds = np.full(2, _LEAST), np.full(2, _MOST)
        return least_squares(demands, _GRID[:, best], *bounds, _MOST_STEPS)[0].T

    @classmethod
    def ahead(cls, batch: Batch, parameters: FloatArray, horizon: int) -> FloatArray:
        """See `LocalModel.ahead`."""
        _, size, probability = _Demands.of(batch).run(parameters.T[:, None])
        return np.repeat(size * probability, horizon, axis=0)


@dataclass(frozen=True, eq=False)
class _Demands:
    """Series with what their recursions begin with: the mean size of their demands, and the share of rows with one."""

    batch: Batch
    size: FloatArray
    probability: FloatArray

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """Of a batch."""
        count = (batch.values != 0).sum(axis=0)
        return cls(batch, batch.values.sum(axis=0) / np.maximum(count, 1), count / batch.lengths)

    def take(self, kept: npt.NDArray[Any]) -> Self:
        """See `Problem.take`."""
        chosen = self.batch.take(kept)
        return replace(self, batch=chosen, size=self.size[kept], probability=self.probability[kept])

    def residuals(self, x: FloatArray) -> FloatArray:
        """See `Problem.residuals`."""
        return self.run(x)[0]

    def run(self, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Errors one step ahead `(time, candidate, series)`, and size and probability after the last row of each."""
        values = self.batch.values
        errors = np.zeros((len(values), *x.shape[1:]))
        size = np.repeat(self.size[None], x.shape[1], axis=0)
        probability = np.repeat(self.probability[None], x.shape[1], axis=0)
        for t, k in enumerate(self.batch.active):
            demand = values[t, :k] != 0
            errors[t, :, :k] = values[t, :k] - size[:, :k] * probability[:, :k]
            size[:, :k] += demand * x[0, :, :k] * (values[t, :k] - size[:, :k])
            probability[:, :k] += x[1, :, :k] * (demand - probability[:, :k])
        return errors, size, probability
