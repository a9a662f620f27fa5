"""Kernel ridge regression from delay vectors to the next increment, in float64.

Saunders, Gammerman & Vovk 1998, Ridge regression learning algorithm in dual variables; the delay vectors are those of
Takens 1981. The Gaussian kernel's length is measured in root mean squares of a vector's elements, so that it means
the same in any dimension.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.errors import DataError
from tsforecast.insight.chaos.embedding import embed
from tsforecast.models.dynamics.blocks import Blocks, Take, Trial
from tsforecast.models.rollout import rollout


def increments(values: FloatArray, delay: int, dimension: int) -> tuple[FloatArray, FloatArray, IntArray]:
    """Delay vectors `(vector, dimension * channel)`, the step that follows each `(vector, channel)`, their rows."""
    vectors, rows = embed(values[:-1], delay, dimension)
    steps = values[rows + 1] - values[rows]
    complete = np.isfinite(steps).all(axis=1)
    return vectors[complete], steps[complete], rows[complete]


def newest_vectors(inputs: FloatArray, delay: int, dimension: int) -> FloatArray:
    """The last delay vector of each context `(window, dimension * channel)`, ordered as by `embed`."""
    last = inputs.shape[1] - 1
    return inputs[:, last - delay * np.arange(dimension)].reshape(len(inputs), -1)


@dataclass(frozen=True)
class KernelRecipe:
    """Settings of a kernel ridge regression.

    Attributes:
        delay, dimension: Of the delay vectors.
        length: Length scale of the kernel.
        penalty: Added to the diagonal of the kernel matrix.
    """

    delay: int
    dimension: int
    length: float
    penalty: float

    def fit(self, values: FloatArray) -> KernelRidge:
        """See `Recipe.fit`.

        Raises:
            DataError: Where no delay vector is complete.
        """
        vectors, steps, _ = increments(values, self.delay, self.dimension)
        if len(vectors) == 0:
            raise DataError(f"no {self.dimension} values {self.delay} steps apart are complete", "give more rows")
        from scipy.linalg import cho_solve

        kernel = Gaussian(vectors, self.length)(vectors)
        weights = cho_solve((_cholesky(kernel, self.penalty), True), steps)
        # in the order in which they will be restored, since the order of sums shows in the last digits
        return KernelRidge(self, vectors, np.ascontiguousarray(weights))

    def restored(self, values: FloatArray, take: Take) -> KernelRidge:
        """See `Recipe.restored`."""
        vectors, steps, _ = increments(values, self.delay, self.dimension)
        return KernelRidge(self, vectors, take(steps.shape))


@dataclass(frozen=True)
class KernelRidge:
    """`next row = last row + kernel(newest delay vector, vectors) @ weights`.

    Attributes:
        recipe: What it was fitted with.
        vectors: Delay vectors learnt from `(vector, dimension * channel)`.
        weights: Dual coefficients `(vector, channel)`.
    """

    recipe: KernelRecipe
    vectors: FloatArray
    weights: FloatArray

    @property
    def numbers(self) -> tuple[FloatArray, ...]:
        """See `Member.numbers`."""
        return (self.weights,)

    @property
    def context_length(self) -> int:
        """Steps it sees."""
        return self.recipe.delay * (self.recipe.dimension - 1) + 1

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Member.predict`."""
        return rollout(self._next, inputs, horizon)

    def _next(self, inputs: FloatArray) -> FloatArray:
        newest = newest_vectors(inputs, self.recipe.delay, self.recipe.dimension)
        return inputs[:, -1:] + (self._kernel(newest) @ self.weights)[:, None]

    @cached_property
    def _kernel(self) -> Gaussian:
        return Gaussian(self.vectors, self.recipe.length)


class Gaussian:
    """The kernel `exp(-|a - b|^2 / (2 length^2 d))` of any vectors a with fixed vectors b `(m, d)`."""

    def __init__(self, vectors: FloatArray, length: float) -> None:
        self._scale = 1.0 / (length * np.sqrt(vectors.shape[1]))
        self._vectors = np.ascontiguousarray((vectors * self._scale).T)
        self._halves = 0.5 * (self._vectors**2).sum(axis=0)

    def __call__(self, vectors: FloatArray) -> FloatArray:
        """Of `(n, d)`: `(n, m)`."""
        scaled = vectors * self._scale
        exponent = scaled @ self._vectors
        exponent -= 0.5 * (scaled**2).sum(axis=1)[:, None]
        exponent -= self._halves
        # rounding can leave a hair above zero where a and b are equal
        np.minimum(exponent, 0.0, out=exponent)
        return np.asarray(np.exp(exponent, out=exponent))


def kernel_trials(blocks: Blocks, delay: int, dimension: int, length: float, penalties: Sequence[float]) -> list[Trial]:
    """Leave-block-out forecasts for one kernel and several penalties.

    One inverse of the kernel matrix serves all blocks: with C that inverse, the weights without the vectors B are
    w - C[:, B] C[B, B]^-1 w[B], which is the block form of the leave-one-out formula.
    """
    vectors, steps, rows = increments(blocks.values, delay, dimension)
    if len(vectors) == 0:
        return []
    hidden = blocks.hidden(rows)
    gaussian = Gaussian(vectors, length)
    kernel = gaussian(vectors)
    weights = [_weights_without(kernel, penalty, steps, hidden) for penalty in penalties]
    stacked = np.concatenate(weights)
    contexts = np.tile(blocks.contexts(delay * (dimension - 1) + 1), (len(penalties), 1, 1))

    def following(inputs: FloatArray) -> FloatArray:
        near = gaussian(newest_vectors(inputs, delay, dimension))
        return np.asarray(inputs[:, -1:] + np.matmul(near[:, None], stacked))

    forecasts = rollout(following, contexts, blocks.horizon).reshape(len(penalties), *blocks.targets.shape)
    return [
        Trial(KernelRecipe(delay, dimension, length, penalty), forecast)
        for penalty, forecast in zip(penalties, forecasts, strict=True)
    ]


def _weights_without(
    kernel: FloatArray, penalty: float, steps: FloatArray, hidden: npt.NDArray[np.bool_]
) -> FloatArray:
    """Dual coefficients without each block's vectors `(block, vector, channel)`, zero for those left out."""
    from scipy.linalg.lapack import dpotri

    lower, _ = dpotri(_cholesky(kernel, penalty), lower=1, overwrite_c=1)
    inverse = lower + lower.T
    inverse.flat[:: len(kernel) + 1] *= 0.5
    weights = inverse @ steps
    found = np.empty((len(hidden), *steps.shape))
    for block, left_out in enumerate(hidden):
        without = np.flatnonzero(left_out)
        found[block] = weights
        if len(without):
            rows = inverse[without]
            found[block] -= rows.T @ np.linalg.solve(rows[:, without], weights[without])
            found[block][without] = 0.0
    return found


def _cholesky(kernel: FloatArray, penalty: float) -> FloatArray:
    """Lower factor of `kernel + penalty * identity`; a larger penalty where rounding makes that indefinite."""
    from scipy.linalg.lapack import dpotrf

    for boost in (1.0, 1e2, 1e4, 1e6):
        shifted = kernel.copy()
        shifted.flat[:: len(kernel) + 1] += penalty * boost
        # the transpose, equal by symmetry, is in LAPACK's order already
        factor, info = dpotrf(shifted.T, lower=1, overwrite_a=1)
        if info == 0:
            return np.asarray(factor)
    raise DataError("the kernel matrix cannot be factorised", "use another model")
