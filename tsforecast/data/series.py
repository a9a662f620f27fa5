"""`Series`: what a model sees of one series, made once and handed on whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from tsforecast.data.arrays import FloatArray
from tsforecast.data.beside import Beside


@dataclass(frozen=True, eq=False)
class Series:
    """One target of one series, or all of them where they are joint, with its index.

    Leading and trailing rows without any value are trimmed.

    Attributes:
        unique_id: The series, "" where there is one.
        channels: Names of the targets, one unless joint.
        values: What was observed `(time, channel)`, float64, NaN where nothing was.
        start: Row of `values[0]`, counted from the first row of its series in the panel.
        stamps: Of the rows `(time,)`: datetime64[us] or int64.
        season_lengths: Steps of its seasons, shortest first; empty where there is none.
        fill: How it is repaired and its gaps are filled from the rows of the series itself; returns `values` itself
            where there is nothing to do. None leaves it as it is.
        beside: What is known beside it, up to now or ahead; None where nothing is.
        at: Row of `beside` that `values[0]` is in.
    """

    unique_id: str
    channels: tuple[str, ...]
    values: FloatArray
    start: int
    stamps: npt.NDArray[Any]
    season_lengths: tuple[int, ...] = ()
    fill: Callable[[Series], FloatArray] | None = None
    beside: Beside | None = None
    at: int = 0

    def __len__(self) -> int:
        return len(self.values)

    @property
    def name(self) -> str:
        """A readable key, unique within a panel."""
        channels = ",".join(self.channels)
        return f"{self.unique_id}/{channels}" if self.unique_id else channels

    @property
    def cutoff(self) -> Any:
        """Stamp of the last row."""
        return self.stamps[-1]

    @property
    def season_length(self) -> int:
        """Steps of its shortest season, 1 where there is none."""
        return self.season_lengths[0] if self.season_lengths else 1

    @cached_property
    def observed(self) -> npt.NDArray[np.bool_]:
        """True where a value was observed `(time, channel)`."""
        return ~np.isnan(self.values)

    @cached_property
    def filled(self) -> FloatArray:
        """The values repaired and filled by what the rows of this series say, and nothing later `(time, channel)`.

        `values` itself where there is nothing to do.
        """
        return self.values if self.fill is None else self.fill(self)

    def until(self, n_rows: int) -> Series:
        """Its first `n_rows` rows: what was known then."""
        if n_rows == len(self):
            return self
        made = replace(self, values=self.values[:n_rows], stamps=self.stamps[:n_rows])
        if "observed" in self.__dict__:
            # thousands of origins of a long series would each look at all its rows again
            made.__dict__["observed"] = self.observed[:n_rows]
        return made

    def since(self, n_rows: int) -> Series:
        """Without its first `n_rows` rows."""
        return self.with_values(self.values[n_rows:]) if n_rows else self

    def with_values(self, values: FloatArray) -> Series:
        """The same series with other values; where they are fewer rows, those of its end."""
        gone = len(self) - len(values)
        return replace(self, values=values, stamps=self.stamps[gone:], start=self.start + gone, at=self.at + gone)
