"""Which rows a regression looks back on where a season is longer than the context it can see the whole of."""

from __future__ import annotations

from collections import Counter

import numpy as np

from tsforecast.data.arrays import IntArray
from tsforecast.models.shape import Shape
from tsforecast.models.task import Task

# what is seen of the newest rows, and how many periods of the shortest and of the longer seasons, if rows allow
_RECENT, _MOST_PERIODS, _MOST_LONGER = 64, 8, 4
# of the rows to learn from, the share that may be looked back on: the rest is windows
_SHARE = 1 / 3


def season_lags(task: Task, shape: Shape) -> IntArray | None:
    """Steps back from the last row, 0 for that itself, newest first; None where the whole context sees as much.

    The newest rows, and of each season and each of its last periods the rows that stand where the segment will, and
    the one that stands where the last row is.
    """
    seasons = Counter(s.season_lengths for s in task.series).most_common(1)[0][0]
    if not seasons or seasons[-1] + shape.segment_length <= shape.context_length:
        return None
    rows = int(np.median([len(s) for s in task.training]))
    found = set(range(min(_RECENT, max(1, rows // 8))))
    for place, season in enumerate(seasons):
        most = _MOST_LONGER if place else _MOST_PERIODS
        for period in range(1, min(most, int(rows * _SHARE) // season) + 1):
            first = period * season - shape.segment_length
            found.update(range(max(first, 0), period * season + 1))
    # without a period of the longest there is nothing that the context has not
    if max(found) < seasons[-1]:
        return None
    return np.array(sorted(found), dtype="int64")
