"""The end of the history, as it lies in a bundle: a panel as plain arrays, since reading Parquet takes long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsforecast.bundle.manifest import Manifest
from tsforecast.data.frequency import Frequency
from tsforecast.data.panel import Panel, Schema, stamps_from
from tsforecast.errors import BundleError, UsageError

Arrays = dict[str, npt.NDArray[Any]]

_FIRST_STAMP, _LAST_STAMP = np.datetime64("0001-01-01", "us"), np.datetime64("9999-12-31", "us")
_FURTHEST_INDEX = 2**53


def tail(panel: Panel, rows: int) -> Panel:
    """The end of every series, long enough that each of its targets keeps its last `rows` rows.

    A target may end before the others of its series, so this can be more than the last `rows`
    rows; what is known beside it after its end is kept.
    """
    at = [panel.channels.index(name) for name in panel.columns("target")]
    seen: npt.NDArray[np.bool_] = np.asarray(~np.isnan(panel.values[:, at]))
    if panel.schema.joint:
        seen = np.asarray(seen.any(axis=1, keepdims=True))
    keep = np.zeros(len(panel), dtype=bool)
    for low, high in zip(panel.indptr[:-1], panel.indptr[1:], strict=True):
        ends = [int(np.flatnonzero(column)[-1]) + 1 for column in seen[low:high].T if column.any()]
        if ends:
            keep[low + max(0, min(ends) - rows) : high] = True
    return panel.take_rows(keep)


def to_arrays(panel: Panel) -> tuple[list[str], Arrays]:
    """Ids `(series,)`, and `values (row, channel)`, `lengths (series,)`, `starts (series,)`.

    Starts are microseconds since 1970 UTC, or the integer index. The stamps between follow from the panel's `freq`.
    """
    stamps = panel.frame["ds"].to_numpy()
    if stamps.dtype.kind == "M":
        stamps = stamps.astype("datetime64[us]")
    arrays = {
        "values": panel.values,
        "lengths": np.diff(panel.indptr),
        "starts": stamps[panel.indptr[:-1]].astype("int64"),
    }
    return panel.ids, arrays


def from_arrays(ids: list[str], arrays: Mapping[str, npt.NDArray[Any]], manifest: Manifest) -> Panel:
    """The panel again.

    Raises:
        BundleError: If the arrays do not fit each other, the channels, or the grid.
    """
    if set(arrays) != {"values", "lengths", "starts"}:
        raise BundleError("the history must have values, lengths and starts")
    values, lengths, starts = arrays["values"], arrays["lengths"], arrays["starts"]
    integers = lengths.dtype == starts.dtype == np.int64 and values.dtype == np.float64
    if not integers or lengths.shape != (len(ids),) or starts.shape != (len(ids),):
        raise BundleError("history does not fit its list of series")
    # Each length is bounded before they are summed, so that the sum cannot wrap around.
    fits = values.ndim == 2 and len(ids) > 0 and lengths.min() > 0 and lengths.max() <= len(values)
    if not fits or values.shape[1] != len(manifest.channels) or lengths.sum() != len(values):
        raise BundleError("history does not fit its channels")
    frame = pd.DataFrame(values, columns=list(manifest.channels))
    frame.insert(0, "ds", _stamps(starts, lengths, manifest.freq))
    frame.insert(0, "unique_id", np.repeat(np.array(ids, dtype=object), lengths))
    return Panel(frame, manifest.freq, _schema(manifest))


def _stamps(starts: npt.NDArray[Any], lengths: npt.NDArray[Any], freq: str | int) -> npt.NDArray[Any]:
    """Stamps of all rows `(row,)`; series mostly share their start and length, so each pair is worked out once."""
    grids: dict[tuple[int, int], npt.NDArray[Any]] = {}
    try:
        for key in zip(starts.tolist(), lengths.tolist(), strict=True):
            if key not in grids:
                grids[key] = _grid(*key, freq)
    # Pandas answers an alias it does not know, and a stamp beyond its calendar, with one of these.
    except (ValueError, TypeError, OverflowError, UsageError) as error:
        raise BundleError(f"the history has no grid of {str(freq)[:40]!r}: {str(error)[:200]}") from None
    return np.concatenate([grids[key] for key in zip(starts.tolist(), lengths.tolist(), strict=True)])


def _grid(start: int, length: int, freq: str | int) -> npt.NDArray[Any]:
    if isinstance(freq, int):
        if abs(start) + length * freq > _FURTHEST_INDEX:
            raise OverflowError("the index is too large")
        return stamps_from(start, length, freq)
    if Frequency.of(freq).alias != freq:
        raise ValueError("it is called otherwise")
    first = np.datetime64(start, "us")
    if not _FIRST_STAMP <= first <= _LAST_STAMP:
        raise OverflowError("a stamp is beyond the calendar")
    grid = stamps_from(pd.Timestamp(first), length, freq)
    if len(grid) != length or grid[0] != first or grid[-1] > _LAST_STAMP or (length > 1 and not grid[1] > first):
        raise ValueError("a series does not begin on it, or ends beyond the calendar")
    return grid


def _schema(manifest: Manifest) -> Schema:
    zone = manifest.schema.zone
    try:
        pd.Timestamp(0, tz=zone)
    except Exception:  # noqa: BLE001 - every time zone library has its own
        raise BundleError(f"manifest.json names a time zone that is not known here: {zone!r}") from None
    return manifest.schema
