"""Nonlinear vector autoregression: a polynomial of the delay vector (Gauthier et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement
from math import comb

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.errors import DataError
from tsforecast.models.dynamics.blocks import Blocks, Take, Trial
from tsforecast.models.dynamics.kernel_ridge import increments, newest_vectors
from tsforecast.models.least_squares import ridge_from_rows
from tsforecast.models.rollout import rollout

# beyond this a wild polynomial only overflows
_FARTHEST = 10.0


@dataclass(frozen=True)
class NvarRecipe:
    """Settings of a polynomial autoregression.

    Attributes:
        delay, dimension: Of the delay vectors.
        degree: Largest total degree of a monomial.
        penalty: Weight of the squared coefficients for each row learnt from.
    """

    delay: int
    dimension: int
    degree: int
    penalty: float

    def fit(self, values: FloatArray) -> Nvar:
        """See `Recipe.fit`.

        Raises:
            DataError: Where no delay vector is complete.
        """
        vectors, steps, _ = increments(values, self.delay, self.dimension)
        if len(vectors) == 0:
            raise DataError(f"no {self.dimension} values {self.delay} steps apart are complete", "give more rows")
        return Nvar(self, ridge_from_rows(_monomials(vectors, self.degree), steps, [self.penalty])[0])

    def restored(self, values: FloatArray, take: Take) -> Nvar:
        """See `Recipe.restored`."""
        n_monomials = comb(self.dimension * values.shape[1] + self.degree, self.degree)
        return Nvar(self, take((n_monomials, values.shape[1])))


@dataclass(frozen=True)
class Nvar:
    """`next row = last row + monomials(newest delay vector) @ coefficients`.

    Attributes:
        recipe: What it was fitted with.
        coefficients: `(monomial, channel)`; monomials by degree, in the order of `combinations_with_replacement`.
    """

    recipe: NvarRecipe
    coefficients: FloatArray

    @property
    def numbers(self) -> tuple[FloatArray, ...]:
        """See `Member.numbers`."""
        return (self.coefficients,)

    @property
    def context_length(self) -> int:
        """Steps it sees."""
        return self.recipe.delay * (self.recipe.dimension - 1) + 1

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Member.predict`; kept within 10 units of 0, where a polynomial would run away."""
        return _free_run(inputs, self.recipe, self.coefficients, horizon)


def nvar_trials(blocks: Blocks, delay: int, dimension: int, degree: int, penalties: Sequence[float]) -> list[Trial]:
    """Leave-block-out forecasts for one set of monomials and several penalties."""
    vectors, steps, rows = increments(blocks.values, delay, dimension)
    hidden = blocks.hidden(rows)
    monomials = _monomials(vectors, degree)
    if (~hidden).sum(axis=1).min(initial=len(rows)) < 1.2 * monomials.shape[1]:
        return []
    fitted = [ridge_from_rows(monomials[~left_out], steps[~left_out], penalties) for left_out in hidden]
    coefficients = np.concatenate([np.stack([path[i] for path in fitted]) for i in range(len(penalties))])
    contexts = np.tile(blocks.contexts(delay * (dimension - 1) + 1), (len(penalties), 1, 1))
    recipes = [NvarRecipe(delay, dimension, degree, penalty) for penalty in penalties]
    forecasts = _free_run(contexts, recipes[0], coefficients, blocks.horizon)
    forecasts = forecasts.reshape(len(penalties), *blocks.targets.shape)
    return [Trial(recipe, forecast) for recipe, forecast in zip(recipes, forecasts, strict=True)]


def _free_run(inputs: FloatArray, recipe: NvarRecipe, coefficients: FloatArray, horizon: int) -> FloatArray:
    def following(contexts: FloatArray) -> FloatArray:
        terms = _monomials(newest_vectors(contexts, recipe.delay, recipe.dimension), recipe.degree)
        ahead = contexts[:, -1] + np.matmul(terms[:, None], coefficients)[:, 0]
        return np.asarray(np.clip(ahead, -_FARTHEST, _FARTHEST)[:, None])

    return rollout(following, inputs, horizon)


def _monomials(vectors: FloatArray, degree: int) -> FloatArray:
    """All monomials up to a degree `(vector, monomial)`, the constant first."""
    parts = [np.ones((len(vectors), 1))]
    parts += [vectors[:, _factors(vectors.shape[1], order)].prod(axis=2) for order in range(1, degree + 1)]
    return np.concatenate(parts, axis=1)


@cache
def _factors(width: int, order: int) -> IntArray:
    return np.array(list(combinations_with_replacement(range(width), order)), dtype="int64").reshape(-1, order)
