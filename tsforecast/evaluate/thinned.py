"""Past origins with the gaps of the newest rows: what errors would have been, had as little been observed then.

Where the newest rows lack more values than those before the origins that validate, the errors there say nothing of how
they grow with what is missing. The same forecasts are made once more from histories that lack the same rows, counted
back from their ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.data.series import Series
from tsforecast.evaluate.comparable import Scored
from tsforecast.evaluate.intervals import missing_before
from tsforecast.evaluate.rolling import Backtest, Predict, rolling_origin

# a share of missing values that differs by less is told apart by nobody
_MORE = 0.1
# origins that are thinned, spread over all: their histories are filled anew, which is what takes long
_MOST_ORIGINS = 40


def thinned(
    predict: Predict, tested: Backtest, series: Sequence[Series], ends: Sequence[int], name: str, scale: FloatArray
) -> dict[bool, Scored]:
    """Errors of candidate `name` from origins whose histories lack what the first `ends` rows of their series lack.

    Args:
        predict: As for `rolling_origin`.
        tested: The origins as they were.
        series: All rows; nothing after `ends` is looked at.
        ends: For each series the number of rows whose newest gaps are meant.
        name: Candidate.
        scale: Of each series `(series, channel)`.

    Returns:
        By whether errors are differences of logarithms; empty where no series lacks more at its end than before.
    """
    rows = [row for row in range(tested.n_origins) if _lacks_more(tested, series, ends, row)]
    rows = [rows[k] for k in np.linspace(0, len(rows) - 1, min(len(rows), _MOST_ORIGINS)).astype(int)]
    if not rows:
        return {}
    of, cutoffs = tested.sequence[rows], tested.cutoff[rows]
    made = [_thinned(series[i], ends[i], cutoff, tested.horizon) for i, cutoff in zip(of, cutoffs, strict=True)]
    again = rolling_origin(
        predict, made, [[int(n)] for n in cutoffs], [name], tested.horizon, [int(n) for n in cutoffs]
    )
    own = scale[of]
    return {log: replace(Scored.of(again, name, made, own, log=log), sequence=of) for log in (False, True)}


def _lacks_more(tested: Backtest, series: Sequence[Series], ends: Sequence[int], row: int) -> bool:
    of, cutoff = tested.sequence[row], int(tested.cutoff[row])
    newest, then = (missing_before(series[of].until(n), tested.horizon) for n in (ends[of], cutoff))
    return bool((newest > then + _MORE).any())


def _thinned(series: Series, end: int, cutoff: int, horizon: int) -> Series:
    """Its rows up to `cutoff` without what those up to `end` lack, and the rows that came."""
    values = series.values[: cutoff + horizon].copy()
    gaps = ~series.observed[:end][-cutoff:]
    values[cutoff - len(gaps) : cutoff][gaps] = np.nan
    return replace(series, values=values, stamps=series.stamps[: cutoff + horizon])
