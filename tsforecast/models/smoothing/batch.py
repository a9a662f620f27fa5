"""Many series side by side, so that one step of a recursion is one step of all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MOST_SERIES = 2000
# of a batch: what a processor's cache holds, times the candidates that are run side by side
_MOST_VALUES = 400_000


@dataclass(frozen=True, eq=False)
class Batch:
    """Series of one season length that all begin at row 0, the longest first.

    At row `t` just the first `active[t]` of them are still going on, which a recursion takes as a slice: no mask is
    needed, and the state of a series stays what it was after its last row.

    Attributes:
        values: `(time, series)`, 0 after the end of a series.
        lengths: Rows of each `(series,)`, descending.
        season_length: Steps of their season, 1 where they have none.
    """

    values: FloatArray
    lengths: IntArray
    season_length: int

    @cached_property
    def active(self) -> list[int]:
        """Series that have a row `t`, for each `t`."""
        rows = np.arange(len(self.values))
        return [int(k) for k in np.searchsorted(-self.lengths, -rows, side="left")]

    @cached_property
    def inside(self) -> BoolArray:
        """True where a series has a row `(time, series)`."""
        return np.arange(len(self.values))[:, None] < self.lengths

    @cached_property
    def positive(self) -> BoolArray:
        """True where all values of a series are above 0 `(series,)`."""
        return np.asarray(((self.values > 0) | ~self.inside).all(axis=0))

    def take(self, chosen: npt.NDArray[Any]) -> Batch:
        """The chosen series, by ascending index or by mask."""
        lengths = self.lengths[chosen]
        rows = int(lengths.max(initial=0))
        return replace(self, values=self.values[:rows, chosen], lengths=lengths)

    def with_values(self, values: FloatArray) -> Batch:
        """The same series with other values, which are set to 0 after the end of each."""
        return replace(self, values=np.where(self.inside, values, 0.0))


def batches(histories: Sequence[FloatArray], season_lengths: Sequence[int]) -> Iterator[tuple[IntArray, Batch]]:
    """Cut any number of series into batches.

    Args:
        histories: Values of each `(time,)`, at least one, all finite.
        season_lengths: Of each.

    Yields:
        Which series they are, as indices into `histories`, and the batch.
    """
    lengths = np.array([len(rows) for rows in histories], dtype="int64")
    seasons = np.asarray(season_lengths, dtype="int64")
    order = np.lexsort((-lengths, seasons))
    first = 0
    while first < len(order):
        longest, season = lengths[order[first]], seasons[order[first]]
        most = int(np.clip(_MOST_VALUES // longest, 1, MOST_SERIES))
        which = order[first : first + most]
        which = which[seasons[which] == season]
        values = np.zeros((longest, len(which)))
        for column, i in enumerate(which):
            values[: lengths[i], column] = histories[i]
        yield which, Batch(values, lengths[which], int(season))
        first += len(which)
