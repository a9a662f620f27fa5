"""Small echo state networks: a fixed random recurrent network with a linear readout (Jaeger 2001, GMD report 148)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.errors import DataError
from tsforecast.models.dynamics.blocks import Blocks, Take, Trial
from tsforecast.models.least_squares import moments, ridge_coefficients

_LINKS = 8  # recurrent connections into each unit
_FARTHEST = 10.0


@dataclass(frozen=True)
class ReservoirRecipe:
    """Settings of an echo state network.

    Attributes:
        units: Size of the reservoir.
        radius: Spectral radius of the recurrent weights.
        leak: Share of a unit's state that is renewed at a step.
        gain: Size of the input weights.
        penalty: Weight of the squared readout coefficients for each row learnt from.
        washout: Steps before the state counts as independent of its start.
        seed: Draws the weights.
    """

    units: int
    radius: float
    leak: float
    gain: float
    penalty: float
    washout: int
    seed: int

    def fit(self, values: FloatArray) -> Reservoir:
        """See `Recipe.fit`.

        Raises:
            DataError: Where no row is left after the washout.
        """
        inward, recurrent = self.weights(values.shape[1])
        states, rows = _driven(values, self, inward, recurrent)
        if len(rows) == 0:
            raise DataError(f"no {self.washout + 2} rows in a row are complete", "give more rows")
        features = _features(states[rows], values[rows])
        readout = _readouts(features, values[rows + 1] - values[rows], [self.penalty])[0]
        return Reservoir(self, inward, recurrent, readout)

    def restored(self, values: FloatArray, take: Take) -> Reservoir:
        """See `Recipe.restored`."""
        n = values.shape[1]
        inward, recurrent = take((n + 1, self.units)), take((self.units, self.units))
        return Reservoir(self, inward, recurrent, take((1 + n + self.units, n)))

    def weights(self, n_channels: int) -> tuple[FloatArray, FloatArray]:
        """Input weights `(channel + 1, unit)`, the last row a bias, and recurrent weights `(unit, unit)`."""
        rng = np.random.default_rng(self.seed)
        inward = rng.uniform(-self.gain, self.gain, (n_channels + 1, self.units))
        recurrent = rng.uniform(-1.0, 1.0, (self.units, self.units))
        recurrent[rng.random(recurrent.shape) > _LINKS / self.units] = 0.0
        return inward, recurrent * (self.radius / np.abs(np.linalg.eigvals(recurrent)).max())


@dataclass(frozen=True)
class Reservoir:
    """`next row = last row + (1, last row, state) @ readout`.

    Attributes:
        recipe: What it was fitted with.
        inward: Input weights `(channel + 1, unit)`.
        recurrent: Recurrent weights `(unit, unit)`.
        readout: `(1 + channel + unit, channel)`.
    """

    recipe: ReservoirRecipe
    inward: FloatArray
    recurrent: FloatArray
    readout: FloatArray

    @property
    def numbers(self) -> tuple[FloatArray, ...]:
        """See `Member.numbers`."""
        return self.inward, self.recurrent, self.readout

    @property
    def context_length(self) -> int:
        """Steps it sees."""
        return self.recipe.washout + 1

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Member.predict`; kept within 10 units of 0."""
        return _free_run(inputs, self.recipe, (self.inward, self.recurrent), self.readout, horizon)


def reservoir_trials(blocks: Blocks, recipe: ReservoirRecipe, penalties: Sequence[float]) -> list[Trial]:
    """Leave-block-out forecasts for one reservoir and several penalties."""
    weights = recipe.weights(blocks.values.shape[1])
    states, rows = _driven(blocks.values, recipe, *weights)
    hidden = blocks.hidden(rows)
    if len(rows) == 0 or (~hidden).sum(axis=1).min() < recipe.units // 2:
        return []
    features = _features(states[rows], blocks.values[rows])
    steps = blocks.values[rows + 1] - blocks.values[rows]
    fitted = [_readouts(features[~left_out], steps[~left_out], penalties) for left_out in hidden]
    readouts = np.concatenate([np.stack([path[i] for path in fitted]) for i in range(len(penalties))])
    contexts = np.tile(blocks.contexts(recipe.washout + 1), (len(penalties), 1, 1))
    forecasts = _free_run(contexts, recipe, weights, readouts, blocks.horizon)
    return [
        Trial(replace(recipe, penalty=penalty), forecast)
        for penalty, forecast in zip(penalties, forecasts.reshape(len(penalties), *blocks.targets.shape), strict=True)
    ]


def _driven(
    values: FloatArray, recipe: ReservoirRecipe, inward: FloatArray, recurrent: FloatArray
) -> tuple[FloatArray, IntArray]:
    """States `(time, unit)` and the rows to learn from: washed out since the last gap, and with a next row."""
    states = np.zeros((len(values), recipe.units))
    state = np.zeros(recipe.units)
    seen = np.asarray(np.isfinite(values).all(axis=1))
    drive = values @ inward[:-1] + inward[-1]
    age = np.zeros(len(values), dtype="int64")
    for t in range(len(values)):
        if not seen[t]:
            state = np.zeros(recipe.units)
            continue
        age[t] = age[t - 1] + 1 if t else 1
        state = (1.0 - recipe.leak) * state + recipe.leak * np.tanh(state @ recurrent + drive[t])
        states[t] = state
    rows = np.flatnonzero((age[:-1] > recipe.washout) & seen[1:])
    return states, rows


def _free_run(
    inputs: FloatArray,
    recipe: ReservoirRecipe,
    weights: tuple[FloatArray, FloatArray],
    readout: FloatArray,
    horizon: int,
) -> FloatArray:
    inward, recurrent = weights
    state = np.zeros((len(inputs), recipe.units))
    drive = inputs @ inward[:-1] + inward[-1]
    for t in range(inputs.shape[1]):
        state = (1.0 - recipe.leak) * state + recipe.leak * np.tanh(state @ recurrent + drive[:, t])
    last = inputs[:, -1]
    ahead = np.empty((len(inputs), horizon, inputs.shape[2]))
    for step in range(horizon):
        change = np.matmul(_features(state, last)[:, None], readout)[:, 0]
        last = np.clip(last + change, -_FARTHEST, _FARTHEST)
        ahead[:, step] = last
        state = (1.0 - recipe.leak) * state + recipe.leak * np.tanh(state @ recurrent + last @ inward[:-1] + inward[-1])
    return ahead


def _features(states: FloatArray, rows: FloatArray) -> FloatArray:
    return np.concatenate([np.ones((len(states), 1)), rows, states], axis=1)


def _readouts(features: FloatArray, steps: FloatArray, penalties: Sequence[float]) -> list[FloatArray]:
    """Ridge coefficients, one a penalty, which counts for each row."""
    return ridge_coefficients(*moments([(features, steps)]), [penalty * len(features) for penalty in penalties])
