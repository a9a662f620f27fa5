"""Free-running models of one series, chosen and combined by what they forecast where they had not looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.errors import DataError
from tsforecast.insight.chaos.delay import autocorrelation, decay_time
from tsforecast.models.dynamics.blocks import Blocks, Member, Recipe, Trial, choose_blocks
from tsforecast.models.dynamics.trials import FAMILIES

N_BAGS = 7
BAG_MEMBERS = 5
MARGIN = 0.5
"""Forecasts stay within the range of the data and this much of its standard deviation on either side."""
MOST_ROWS = 5000
TUNING_ROWS = 1200
BLOCKS = 8
POOL = 20


@dataclass(frozen=True)
class Combination:
    """The pointwise median of some forecasts of one series, kept within its range.

    Attributes:
        members: One or more.
        values: The rows they learnt from, scaled `(time, channel)`.
        low, high: Bounds of the forecast `(channel,)`.
    """

    members: tuple[Member, ...]
    values: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def context_length(self) -> int:
        """Steps it sees: as many as the member that sees most."""
        return max(member.context_length for member in self.members)

    def predict(self, inputs: FloatArray, horizon: int) -> FloatArray:
        """See `Member.predict`."""
        found = [m.predict(inputs[:, inputs.shape[1] - m.context_length :], horizon) for m in self.members]
        return np.asarray(np.median(np.clip(found, self.low, self.high), axis=0))


def fit_combination(
    values: FloatArray,
    horizon: int,
    families: Sequence[str] = tuple(FAMILIES),
    n_bags: int = N_BAGS,
    seed: int = 0,
) -> Combination:
    """Choose among the families by leave-block-out rollouts, and fit the chosen ones on all rows.

    Args:
        values: A scaled series `(time, channel)`; missing is NaN.
        horizon: Rows to forecast freely.
        families: Some of `trials.FAMILIES`.
        n_bags: How many times `BAG_MEMBERS` members are taken; 0 takes the best one alone.
        seed: Of the draws of blocks and of the reservoirs.

    Raises:
        DataError: Where there are too few complete rows in a row.
    """
    bounds = range_of(values)
    te = memory(values)
    blocks = choose_blocks(values[-TUNING_ROWS:], bounds, horizon, te, BLOCKS)
    trials = [trial for family in families for trial in FAMILIES[family](blocks, te, seed)] if blocks else []
    if blocks is None or not trials:
        raise DataError(
            "there are too few complete rows in a row to choose a model of the dynamics by",
            "give more rows, fill gaps, or take --model ridge",
        )
    return combine([trials[i].recipe for i in _choose(trials, blocks, n_bags, seed)], values)


def combine(recipes: Sequence[Recipe], values: FloatArray) -> Combination:
    """Fit recipes on the newest rows of a series, as many as cost no more than one kernel matrix of `MOST_ROWS`."""
    newest = values[-int(MOST_ROWS / len(set(recipes)) ** (1 / 3)) :]
    members = {recipe: recipe.fit(newest) for recipe in dict.fromkeys(recipes)}
    return Combination(tuple(members[recipe] for recipe in recipes), newest, *range_of(values))


def range_of(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where forecasts of a scaled series are cut off, lowest and highest `(channel,)`."""
    if not np.isfinite(values).any(axis=0).all():
        raise DataError("a channel has no value to learn from", "leave it out")
    room = MARGIN * np.nanstd(values, axis=0)
    return np.nanmin(values, axis=0) - room, np.nanmax(values, axis=0) + room


def memory(values: FloatArray) -> int:
    """First lag at which the autocorrelation of `(time, channel)` is below 1/e, from 1 to a tenth of the rows.

    That of the channel that forgets first, in steps.
    """
    return max(1, min([*_decay_times(values), len(values) // 10]))


def forgets(values: FloatArray) -> bool:
    """Whether every channel varies, and its autocorrelation is below 1/e within a tenth of the rows."""
    lags = _decay_times(values)
    return len(lags) == values.shape[1] and max(lags) <= len(values) // 10


def _decay_times(values: FloatArray) -> list[int]:
    return [decay_time(autocorrelation(x, max(1, len(x) // 10))) for x in values.T if np.nanstd(x) > 0]


def _choose(trials: Sequence[Trial], blocks: Blocks, n_bags: int, seed: int) -> list[int]:
    """Indices of the members; the best one alone where there are no bags.

    For each bag, which is a draw of blocks with replacement, members are taken one after the other so that the median
    of those taken errs least (Caruana et al. 2004, Ensemble selection from libraries of models, sections 2.1 and 2.3).
    """
    forecasts = np.clip(np.stack([trial.forecasts for trial in trials]), blocks.low, blocks.high)
    pool = np.argsort(blocks.errors(forecasts).mean(axis=1), kind="stable")[:POOL]
    if n_bags == 0:
        return [int(pool[0])]
    rng = np.random.default_rng(seed)
    members: list[int] = []
    for _ in range(n_bags):
        bag = rng.integers(0, len(blocks), len(blocks))
        taken: list[int] = []
        for _ in range(BAG_MEMBERS):
            together = np.stack([np.median(forecasts[[*taken, i]], axis=0) for i in pool])
            taken.append(int(pool[np.argmin(blocks.errors(together)[:, bag].mean(axis=1))]))
        members += taken
    return members
