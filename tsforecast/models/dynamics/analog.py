"""Analogs: the step that followed the most similar stretches of the past (Lorenz 1969)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.errors import DataError
from tsforecast.models.dynamics.blocks import Blocks, Take, Trial
from tsforecast.models.dynamics.kernel_ridge import increments, newest_vectors
from tsforecast.models.rollout import rollout


@dataclass(frozen=True)
class AnalogRecipe:
    """Settings of an analog forecast.

    Attributes:
        delay, dimension: Of the delay vectors.
        count: Neighbours that are averaged.
    """

    delay: int
    dimension: int
    count: int

    def fit(self, values: FloatArray) -> Analog:
        """See `Recipe.fit`.

        Raises:
            DataError: Where no delay vector is complete.
        """
        vectors, steps, _ = increments(values, self.delay, self.dimension)
        if len(vectors) == 0:
            raise DataError(f"no {self.dimension} values {self.delay} steps apart are complete", "give more rows")
        return Analog(self, vectors, steps)

    def restored(self, values: FloatArray, take: Take) -> Analog:  # noqa: ARG002 - the series is all there is to it
        """See `Recipe.restored`."""
        return self.fit(values)


@dataclass(frozen=True)
class Analog:
    """`next row = last row + weighted mean of the steps that followed the nearest delay vectors`.

    Attributes:
        recipe: What it was fitted with.
        vectors: Delay vectors to compare with `(vector, dimension * channel)`.
        steps: The step that followed each `(vector, channel)`.
    """

    recipe: AnalogRecipe
    vectors: FloatArray
    steps: FloatArray

    @property
    def numbers(self) -> tuple[FloatArray, ...]:
        """See `Member.numbers`."""
        return ()

    @property
    def context_length(self) -> int:
        """Steps it sees."""
        return self.recipe.delay * (self.recipe.dimension - 1) + 1

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Member.predict`."""
        to = _Distance(self.vectors)

        def following(contexts: FloatArray) -> FloatArray:
            distance = to(newest_vectors(contexts, self.recipe.delay, self.recipe.dimension))
            return contexts[:, -1:] + _mean_step(distance, self.steps, self.recipe.count)[:, None]

        return rollout(following, inputs, horizon)


def analog_trials(blocks: Blocks, delay: int, dimension: int, counts: Sequence[int]) -> list[Trial]:
    """Leave-block-out forecasts for several numbers of neighbours."""
    vectors, steps, rows = increments(blocks.values, delay, dimension)
    if len(vectors) == 0:
        return []
    hidden = blocks.hidden(rows)
    counts = [count for count in counts if count <= (~hidden).sum(axis=1).min()]
    contexts = np.tile(blocks.contexts(delay * (dimension - 1) + 1), (len(counts), 1, 1))
    to = _Distance(vectors)

    def following(inputs: FloatArray) -> FloatArray:
        distance = to(newest_vectors(inputs, delay, dimension)).reshape(len(counts), *hidden.shape)
        distance[:, hidden] = np.inf
        found = [_mean_step(own, steps, count) for own, count in zip(distance, counts, strict=True)]
        return inputs[:, -1:] + np.concatenate(found)[:, None]

    if not counts:
        return []
    forecasts = rollout(following, contexts, blocks.horizon).reshape(len(counts), *blocks.targets.shape)
    return [
        Trial(AnalogRecipe(delay, dimension, count), forecast)
        for count, forecast in zip(counts, forecasts, strict=True)
    ]


class _Distance:
    """Squared distance of any vectors to fixed vectors `(m, d)`."""

    def __init__(self, vectors: FloatArray) -> None:
        self._vectors = np.ascontiguousarray(vectors.T)
        self._squares = (vectors**2).sum(axis=1)

    def __call__(self, vectors: FloatArray) -> FloatArray:
        """Of `(n, d)`: `(n, m)`."""
        distance = self._squares - 2.0 * (vectors @ self._vectors) + (vectors**2).sum(axis=1)[:, None]
        return np.asarray(np.maximum(distance, 0.0))


def _mean_step(distance: FloatArray, steps: FloatArray, count: int) -> FloatArray:
    """Steps `(window, channel)` of the nearest vectors, weighted by how near they are to the farthest of them."""
    count = min(count, distance.shape[1])
    if count == 1:
        return np.asarray(steps[distance.argmin(axis=1)])
    nearest = np.argpartition(distance, count - 1, axis=1)[:, :count]
    near = np.take_along_axis(distance, nearest, axis=1)
    widest = near.max(axis=1, keepdims=True)
    weight = np.exp(-2.0 * near / np.where(widest > 0, widest, 1.0))
    weight /= weight.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("wk,wkc->wc", weight, steps[nearest]))
