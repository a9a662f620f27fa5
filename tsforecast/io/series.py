"""Several series in one long file: told apart only by the column that the user names."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from tsforecast.data.panel import IntArray
from tsforecast.errors import DataError
from tsforecast.io.grid import Column, Grid
from tsforecast.io.time.axis import TimeAxis

_COUNT_NAME = re.compile(r"^(t|time|step|index|idx|period|date|ds|year|month|week|day)$", re.IGNORECASE)
_MAX_IDS = 0.5


def refuse_long(grid: Grid, axis: TimeAxis) -> None:
    """Stop where stamps repeat and another column tells the repeats apart.

    Raises:
        DataError: Naming that column, the one with the fewest values if there are several.
    """
    candidates = [c for c in grid.columns if c.name not in axis.columns and _may_be_id(c)]
    if not candidates or len(grid) < 4 or (axis.columns and _never_repeats(axis)):
        return
    for stamps in [pd.factorize(axis.ds)[0]] if axis.columns else _counts(grid):
        if stamps.max() + 1 > _MAX_IDS * len(grid):
            continue
        found = [(series, c.name) for c in candidates if (series := _series(c, stamps))]
        if found:
            series, name = min(found)
            raise DataError(
                f"stamps repeat, once for each of the {series} values of '{name}': these are several series",
                f"--id-col {name if name.isidentifier() else repr(name)}",
            )


def _may_be_id(column: Column) -> bool:
    """Whether a column is of text or of whole numbers."""
    if column.numbers is None:
        return column.texts is not None
    head = column.numbers[:1000]
    return bool((head == np.round(head)).all() and (column.numbers == np.round(column.numbers)).all())


def _never_repeats(axis: TimeAxis) -> bool:
    """Whether stamps rise from row to row, the common case, found without sorting them."""
    return bool((np.diff(axis.ds).astype("int64") > 0).all())


def _counts(grid: Grid) -> list[IntArray]:
    """Codes of columns that may count time within each series, where no column is the time."""
    return [
        pd.factorize(np.asarray(c.texts if c.texts is not None else c.numbers))[0]
        for c in grid.columns
        if c.stamps is None and _COUNT_NAME.match(c.name.strip())
    ]


def _series(column: Column, stamps: IntArray) -> int:
    """How many series the column makes of the rows, 0 where its values do not tell repeated stamps apart."""
    cells = np.asarray(column.numbers) if column.texts is None else np.array(column.texts, dtype=object)
    codes, values = pd.factorize(cells)
    if not 1 < len(values) <= _MAX_IDS * len(codes):
        return 0
    pairs = len(np.unique(stamps.astype("int64") * len(values) + codes))
    return len(values) if pairs >= 0.98 * len(codes) else 0
