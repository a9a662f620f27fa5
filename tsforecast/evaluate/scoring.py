"""What came against what was forecast: errors by step, coverage by level, skill against naive forecasts made then."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsforecast.data.arrays import FloatArray
from tsforecast.data.forecasts import level_name
from tsforecast.evaluate.intervals import falls_short
from tsforecast.evaluate.metrics import mae, rmse, skill, smape

KEYS = ("unique_id", "channel")
# losing so often by chance is rarer than this, where both are equally good
_RARE = 0.05


@dataclass(frozen=True)
class Covered:
    """What the intervals of one level covered.

    Attributes:
        share: Per cent of the rows that have one; NaN where none has.
        rows: How many these are.
        independent: Forecasts that do not overlap, a part of a horizon counting as that part.
        short: Whether it is less than chance allows of so many (`intervals.falls_short`).
    """

    share: float
    rows: int
    independent: float
    short: bool


@dataclass(frozen=True)
class Score:
    """What came against what was forecast.

    Attributes:
        rows: Of the forecast.
        matched: Of these, those that have come.
        first, last: Stamps of the first and the last of the forecast.
        through: Stamp of the last row that has come.
        series: Series of which a row has come.
        forecasts: Forecasts that do not overlap: each series, by the part of its horizon that has come.
        by_step: `step, rows, mae, bias`, and `coverage_L` of every level.
        mae, rmse, smape: Over all matched rows.
        bias: Mean of actual − forecast.
        above: Share of the rows whose actual value is above the forecast.
        coverage: By level.
        references: Mean absolute error of each naive forecast on the rows that it and the forecast have.
        skill: 1 − error / error of the best of these, on those rows; NaN where none could be made.
        judged, lost: Series for which a naive forecast could be made, and those where the best of them erred less.
    """

    rows: int
    matched: int
    first: object
    last: object
    through: object
    series: int
    forecasts: float
    by_step: pd.DataFrame
    mae: float
    rmse: float
    smape: float
    bias: float
    above: float
    coverage: Mapping[float, Covered]
    references: Mapping[str, float]
    skill: float
    judged: int
    lost: int

    @property
    def reference(self) -> str | None:
        """The best of the naive forecasts; None where none could be made."""
        return min(self.references, key=lambda name: self.references[name], default=None)


def score(rows: pd.DataFrame, levels: Sequence[float], references: Sequence[str]) -> Score:
    """Score a forecast.

    Args:
        rows: `unique_id, channel, ds, step, yhat, yhat_lo_L, yhat_hi_L, actual`, and a column `naive:NAME` of each of
            the references; all rows of the forecast, NaN where nothing has come.
        levels: Of the intervals, per cent.
        references: Names of naive forecasts.
    """
    come = rows[rows["actual"].notna() & rows["yhat"].notna()]
    actual, yhat = come["actual"].to_numpy(), come["yhat"].to_numpy()
    error = actual - yhat
    # a forecast of which half has come counts as half a forecast
    sizes, came = rows.groupby(list(KEYS), sort=False).size(), come.groupby(list(KEYS), sort=False).size()
    independent = float((came / sizes.reindex(came.index)).sum())
    errors, gained, judged, lost = _against(come, references)
    return Score(
        rows=len(rows),
        matched=len(come),
        first=rows["ds"].min(),
        last=rows["ds"].max(),
        through=come["ds"].max(),
        series=len(came),
        forecasts=independent,
        by_step=_by_step(come, levels),
        mae=float(mae(actual, yhat)),
        rmse=float(rmse(actual, yhat)),
        smape=float(smape(actual, yhat)),
        bias=float(error.mean()),
        above=float((error > 0).mean()),
        coverage={level: _covered(come, level, independent) for level in levels},
        references=errors,
        skill=gained,
        judged=judged,
        lost=lost,
    )


def loses_to_naive(lost: float, judged: float) -> bool:
    """Whether a forecast loses to the naive one more often than chance allows: the sign test, one-sided at 5 %.

    Args:
        lost: Forecasts of which the naive one erred less.
        judged: Forecasts that do not overlap; fewer than five say nothing.
    """
    n, k = math.floor(judged), math.floor(lost)
    if n < 1 or k < 1:
        return False
    logs = [math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) - n * math.log(2) for i in range(k, n + 1)]
    return sum(math.exp(value) for value in logs) < _RARE


def _inside(come: pd.DataFrame, level: float) -> FloatArray:
    """1 where the interval covers what came, 0 where not, NaN where there is none `(row,)`."""
    name = level_name(level)
    low, high = come[f"yhat_lo_{name}"].to_numpy(), come[f"yhat_hi_{name}"].to_numpy()
    within = (come["actual"].to_numpy() >= low) & (come["actual"].to_numpy() <= high)
    return np.where(np.isnan(low) | np.isnan(high), np.nan, within.astype("float64"))


def _covered(come: pd.DataFrame, level: float, independent: float) -> Covered:
    inside = _inside(come, level)
    n = int((~np.isnan(inside)).sum())
    if not n:
        return Covered(math.nan, 0, 0.0, False)
    share = 100 * float(np.nanmean(inside))
    effective = independent * n / len(come)
    return Covered(share, n, effective, falls_short(share, level, effective))


def _by_step(come: pd.DataFrame, levels: Sequence[float]) -> pd.DataFrame:
    error = come["actual"] - come["yhat"]
    table = pd.DataFrame({"step": come["step"], "mae": error.abs(), "bias": error})
    for level in levels:
        table[f"coverage_{level_name(level)}"] = 100 * _inside(come, level)
    grouped = table.groupby("step")
    made = grouped.mean()
    made.insert(0, "rows", grouped.size())
    return made.reset_index()


def _against(come: pd.DataFrame, references: Sequence[str]) -> tuple[dict[str, float], float, int, int]:
    """Errors of the naive forecasts, skill against the best of them, and series judged and lost."""
    columns = [f"naive:{name}" for name in references]
    both = come[come[columns].notna().all(axis=1)] if columns else come.iloc[:0]
    if both.empty:
        return {}, math.nan, 0, 0
    own = (both["actual"] - both["yhat"]).abs()
    theirs = {name: (both["actual"] - both[f"naive:{name}"]).abs() for name in references}
    errors = {name: float(error.mean()) for name, error in theirs.items()}
    best = min(errors, key=lambda name: errors[name])
    sides = pd.DataFrame({"own": own, "naive": theirs[best]}).groupby([both[key] for key in KEYS], sort=False).mean()
    return errors, skill(float(own.mean()), errors[best]), len(sides), int((sides["own"] > sides["naive"]).sum())
