"""What is carried of one endless series: its newest rows, its last forecast, how it has gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from tsforecast.data.arrays import BoolArray, FloatArray
from tsforecast.data.plain import plain
from tsforecast.data.series import Series
from tsforecast.evaluate.bounds import edges_of
from tsforecast.stream.adaptive import Adaptive, Running

Array = TypeVar("Array", bound=npt.NDArray[Any])
_SPARE = 2
"""So many windows are kept in memory before the newest one is moved to the front."""


@dataclass(frozen=True)
class Given:
    """A forecast that was given out.

    Attributes:
        table: The points, then the lower and the upper end of the interval of each level, NaN where there is none
            `(1 + 2 * level, step, channel)`.
    """

    table: FloatArray

    def __len__(self) -> int:
        return int(self.table.shape[1])

    @property
    def yhat(self) -> FloatArray:
        """The points `(step, channel)`."""
        return np.asarray(self.table[0])


class Track:
    """One series: a window of its newest rows, on the grid, and the running figures.

    Args:
        series: The rows that are known of it before the stream, filled; maybe none.
        window: Rows to carry.
        step: Steps of the calendar at the end of `series`.
        memory: Rows that the running moments remember.
        edges: What forecasts stay within `(channel, 2)`.

    Attributes:
        given: The last forecast that was given out; None where none could be.
        adaptive: Intervals of each channel.
        level, alarms: Running moments of the values, and of the rows outside the widest interval.
        trained: Mean and standard deviation of each channel in training, once they have been asked for.
        touched: When a row of it came last.
    """

    def __init__(self, series: Series, window: int, step: int, memory: int, edges: FloatArray) -> None:
        self.name, self.series, self.window = series.name, series, window
        self._hold(edges)
        self.adaptive: list[Adaptive] = []
        self.trained: list[tuple[float, float]] | None = None
        channels = len(series.channels)
        self._values = np.empty((_SPARE * window, channels))
        self._seen = np.zeros((_SPARE * window, channels), dtype=bool)
        self._stamps = np.zeros(_SPARE * window, dtype="int64")
        self._end = 0
        self._nothing = np.zeros(channels)
        self.length, self.step, self.stamp = 0, step, 0
        self._unseen = -(2**62)
        self.given: Given | None = None
        self.level = [Running(memory) for _ in range(channels)]
        self.alarms = [Running(1000) for _ in range(channels)]
        self.touched = 0
        rows = min(len(series), window)
        if rows:
            self._values[:rows] = series.filled[-rows:]
            self._seen[:rows] = series.observed[-rows:]
            self._stamps[:rows] = series.stamps[-rows:].astype("int64")
            self._end = self.length = rows
            self.stamp = int(self._stamps[rows - 1])
            self._unseen = step

    def append(self, stamp: int, values: FloatArray | tuple[float, ...], seen: BoolArray | bool) -> None:
        """The next row on the grid."""
        if self._end == len(self._values):
            # copies: a window that is still to be forecast from stays as it is
            keep = slice(self._end - self.window, self._end)
            self._values, self._seen = _moved(self._values, keep), _moved(self._seen, keep)
            self._stamps = _moved(self._stamps, keep)
            self._end = self.window
        self._values[self._end], self._seen[self._end], self._stamps[self._end] = values, seen, stamp
        self._end += 1
        if seen is not True and not np.all(seen):
            self._unseen = self.step + 1
        self.length = min(self.length + 1, self.window)
        self.step += 1
        self.stamp = stamp

    def correct(self, back: int, values: FloatArray) -> bool:
        """Put a late row in its place, so many rows before the newest; False where there is none, or it is taken.

        Only what nobody had observed is put in.
        """
        at = self._end - 1 - back
        if back >= self.length or self._seen[at].any():
            return False
        known = ~np.isnan(values)
        self._values[at, known], self._seen[at] = values[known], known
        return True

    def restart(self, step: int) -> None:
        """Forget the rows: what comes next has nothing to do with them."""
        self.length, self._end, self.given, self.step = 0, 0, None, step
        self._values = np.empty_like(self._values)

    def cross(self, values: tuple[float, ...]) -> None:
        """Values that have come: an edge that one of them crosses is none, unless the user named it."""
        for j, value in enumerate(values):
            low, high = self.edges[j]
            if value < low or value > high:
                self.edges[j] = (-np.inf if value < low else low), (np.inf if value > high else high)
                self._hold(self.edges)

    def _hold(self, edges: FloatArray) -> None:
        self.edges = edges
        self._bounded = bool(np.isfinite(edges).any())

    def held(self, values: FloatArray) -> FloatArray:
        """Values `(..., channel)`, those beyond an edge put on it; NaN stays."""
        if not self._bounded:
            return values
        return np.asarray(np.minimum(np.maximum(values, self.edges[:, 0]), self.edges[:, 1]))

    def now(self) -> Series:
        """Its window as a series to forecast from."""
        part = slice(self._end - self.length, self._end)
        stamps = self._stamps[part]
        if self.series.stamps.dtype.kind == "M":
            stamps = stamps.view("datetime64[us]")
        of = self.series
        return Series(
            of.unique_id, of.channels, self._values[part], self.step - self.length + 1, stamps, of.season_lengths
        )

    def missing(self, rows: int) -> FloatArray:
        """Share of the newest rows that nobody observed `(channel,)`."""
        if self.step - self._unseen >= rows:
            return self._nothing
        part = self._seen[max(self._end - min(rows, self.length), 0) : self._end]
        return np.asarray(1 - part.mean(axis=0)) if len(part) else np.zeros(self._seen.shape[1])

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON; `restore` reads it."""
        part = slice(self._end - self.length, self._end)
        return {
            "unique_id": self.series.unique_id,
            "channels": list(self.series.channels),
            "stamp": self.stamp,
            "step": self.step,
            "stamps": self._stamps[part].tolist(),
            "values": self._values[part].tolist(),
            "seen": self._seen[part].tolist(),
            "intervals": [adaptive.to_dict() for adaptive in self.adaptive],
            "level": [running.to_list() for running in self.level],
            "alarms": [running.to_list() for running in self.alarms],
            "edges": plain(self.edges),
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `to_dict` gave.

        Raises:
            ValueError, TypeError, KeyError: It gave something else.
        """
        values, seen = np.array(saved["values"], dtype="float64"), np.array(saved["seen"], dtype=bool)
        stamps = np.array(saved["stamps"], dtype="int64")
        rows, channels = len(stamps), self._values.shape[1]
        shape = (rows, channels) if rows else (0,)
        if rows > self.window or values.shape != shape or seen.shape != shape or not np.isfinite(values).all():
            raise ValueError(f"the rows of series '{self.name}' are of another model")
        if not len(saved["intervals"]) == len(saved["level"]) == len(saved["alarms"]) == channels:
            raise ValueError(f"the figures of series '{self.name}' are of another model")
        if rows:
            self._values[:rows], self._seen[:rows], self._stamps[:rows] = values, seen, stamps
        self._end = self.length = rows
        self.stamp, self.step = int(saved["stamp"]), int(saved["step"])
        self._hold(np.array([edges_of(pair) for pair in saved["edges"]]).reshape(channels, 2))
        self._unseen = self.step
        for own, kept in zip(self.adaptive, saved["intervals"], strict=True):
            own.restore(kept)
        for running, kept in zip([*self.level, *self.alarms], [*saved["level"], *saved["alarms"]], strict=True):
            running.restore(kept)


def _moved(array: Array, keep: slice) -> Array:
    """An array of the same size that begins with a part of another."""
    made: Array = np.empty_like(array)
    made[: keep.stop - keep.start] = array[keep]
    return made
