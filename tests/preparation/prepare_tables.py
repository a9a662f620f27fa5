"""Tables built by hand for the tests of preparing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsforecast.data.panel import Table


def table(
    stamps: Any,
    *channels: Sequence[float] | np.ndarray,
    ids: Sequence[str] | None = None,
    names: Sequence[str] = tuple("yzuvw"),
) -> Table:
    """A table as read: stamps (text, dates or integers), channels y, z, ...; source lines start at 2."""
    ds = pd.Series(stamps)
    if ds.dtype.kind not in "iu":
        ds = pd.to_datetime(ds, format="ISO8601").astype("datetime64[us]")
    frame = pd.DataFrame({"unique_id": "" if ids is None else list(ids), "ds": ds})
    for name, values in zip(names, channels, strict=False):
        frame[name] = np.asarray(values, dtype="float64")
    return Table(frame, np.arange(2, len(frame) + 2))


def hourly(values: Sequence[float] | np.ndarray, start: str = "2024-01-01") -> Table:
    """An hourly table of one channel."""
    return table(pd.date_range(start, periods=len(values), freq="h"), values)
