"""Where a line is to be broken: no picture draws a value where none was seen."""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.plots.ticks import Stamps, numeric

# A step counts as a gap beyond 1.5 usual steps where nearly all steps are equal, else beyond ten.
REGULAR_SHARE, REGULAR_GAP, IRREGULAR_GAP = 0.9, 1.5, 10.0


def gaps(ds: Stamps, y: FloatArray) -> list[tuple[int, int]]:
    """Pairs of rows (last before, first after) between which values are missing, as NaN or as rows that are not there.

    Missing values before the first and after the last are no gap.
    """
    seen = np.flatnonzero(np.isfinite(y))
    if len(seen) < 3:
        return []
    spots = numeric(ds)
    steps = np.diff(spots)
    steps = steps[steps > 0]
    usual = float(np.median(steps)) if len(steps) else 0.0
    regular = np.mean(np.isclose(steps, usual, rtol=0.01)) >= REGULAR_SHARE if len(steps) else False
    wide = np.diff(spots[seen]) > usual * (REGULAR_GAP if regular else IRREGULAR_GAP)
    broken = wide | (np.diff(seen) > 1)
    return [(int(seen[i]), int(seen[i + 1])) for i in np.flatnonzero(broken)]


def broken(ds: Stamps, y: FloatArray, *more: FloatArray) -> tuple[Stamps, ...]:
    """Stamps and values with a NaN put where rows are absent `(time + gap,)`, so that no line is drawn across.

    `more` are further values at the same stamps, broken at the same places.
    """
    # Where the gap has rows of its own, they are NaN already.
    at = np.array([after for before, after in gaps(ds, y) if after == before + 1], dtype="int64")
    return np.insert(ds, at, ds[at]), *(np.insert(values, at, np.nan) for values in (y, *more))
