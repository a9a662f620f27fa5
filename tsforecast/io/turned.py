"""Tables whose time runs across the columns, turned so that it runs down the rows."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from tsforecast.config import ReadConfig
from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.errors import DataError
from tsforecast.io.cells.numbers import Marks, is_missing, is_number
from tsforecast.io.sheet import BoolArray, Column, Sheet
from tsforecast.io.structured import cell_text
from tsforecast.io.time.across import find_parts, find_run
from tsforecast.io.time.counted import numbers_of
from tsforecast.io.time.finding import find_time, holds_stamps
from tsforecast.io.time.stamp_patterns import DeltaArray, StampArray, month_number

#: A value and the flags that statistical offices write behind it ("92.8 p", ": c").
_FLAGGED = re.compile(r"(?P<value>.*\S)\s+(?P<flag>[a-z]{1,3})")


@dataclass
class _Pivot:
    """How the cells of a wide table become rows.

    Attributes:
        first, stop: The columns that hold values.
        ds: Stamp of each cell `(row, column)`, datetime64[us].
        by: Columns that name the series.
        zone: "UTC" where the names carried a zone.
        time: Name of the time.
        used: Columns that went into the stamps.
    """

    first: int
    stop: int
    ds: StampArray
    by: list[str]
    zone: str | None
    time: str
    used: tuple[str, ...] = ()


def turn(grid: Sheet, config: ReadConfig) -> str | None:
    """Turn a table whose columns are named by times, in place, and say so; the name of the id column, if it has one.

    Recognised are years, months and stamps across the header behind one or more columns that name the series; the
    twelve months beside a year; the hours of a day beside a date. A table that has its times in a column is left as
    it is, as is one whose time or targets the user names among its columns.

    Raises:
        DataError: Where no columns tell the rows apart.
    """
    names = [column.name for column in grid.columns]
    if len(names) < 4 or (config.time_col or "none") != "none" or set(config.target_col) & set(names):
        return None
    _split_composite(grid)
    names = [column.name for column in grid.columns]
    pivot = _by_run(grid, names, config) or _by_parts(grid, names, config)
    if pivot is None:
        return None
    values = grid.columns[pivot.first : pivot.stop]
    flags = _strip_flags(values)
    rows, across = len(grid), len(values)
    present = np.array([_present(column) for column in values]).T.any(axis=1)
    others = [c for c in grid.columns[: pivot.first] + grid.columns[pivot.stop :] if c.name not in pivot.by]
    if not present.all():
        lost = np.flatnonzero(~present)
        grid.ledger.record("row-without-values", line=grid.lines[lost], old=[_row_text(grid, int(i)) for i in lost])
        grid.notes.append(f"{len(lost)} rows without any value left out, first in line {grid.lines[lost[0]]}")
    ids = _joined([c for name in pivot.by for c in grid.columns if c.name == name]) if pivot.by else None
    keep = np.repeat(present, across)
    order = np.arange(rows * across).reshape(rows, across).ravel()[keep]
    stamps = np.broadcast_to(pivot.ds, (rows, across)).ravel()[keep]
    id_name = "+".join(pivot.by) or None
    columns = [Column(pivot.time, stamps=stamps, zone=pivot.zone), _stacked(values, order, across)]
    if ids is not None and id_name is not None:
        columns.insert(0, Column(id_name, texts=[ids[k // across] for k in order.tolist()]))
    said = (
        f"turned, each of its {int(present.sum())} rows is a series named by '{id_name}'"
        if id_name
        else "turned into one series"
    )
    grid.notes.append(
        f"time runs across {across} columns ('{values[0].name}' to '{values[-1].name}'): {said}"
        + (f"; {flags} flags behind values left out" if flags else "")
    )
    grid.facts["columns"] = names
    grid.facts["turned"] = {
        "across": [c.name for c in values],
        "by": pivot.by,
        "time": [*pivot.used],
        "left_out": [c.name for c in others if c.name not in pivot.used],
    }
    if grid.facts["turned"]["left_out"]:
        listed = ", ".join(f"'{name}'" for name in grid.facts["turned"]["left_out"][:8])
        grid.notes.append(f"columns that only describe the rows are left out: {listed}")
    grid.lines = np.repeat(grid.lines, across)[keep]
    grid.columns = columns
    return id_name


def _by_run(grid: Sheet, names: list[str], config: ReadConfig) -> _Pivot | None:
    """Stamps or years across the header."""
    run = find_run(names)
    if run is None:
        return None
    beside = [c for k, c in enumerate(grid.columns) if not run.first <= k < run.stop]
    if not all(_holds_values(c) for c in grid.columns[run.first : run.stop]):
        return None
    months = next((m for c in beside if (m := _months_of(c)) is not None), None) if run.format == "YYYY" else None
    if months is not None and len(set(months.tolist())) == len(months):
        years = run.stamps.astype("datetime64[M]").astype("int64")
        ds = (years[None, :] + months[:, None] - 1).astype("datetime64[M]").astype("datetime64[us]")
        month = next(c.name for c in beside if _months_of(c) is not None)
        return _Pivot(run.first, run.stop, ds, [], None, "month", (month,))
    if any(holds_stamps(c) for c in beside):
        return None
    time = str(grid.facts.pop("time_name", "")) or ("year" if run.format == "YYYY" else "time")
    by = _telling(beside, config.id_col, grid)
    return _Pivot(run.first, run.stop, run.stamps[None, :], by, "UTC" if run.offsets is not None else None, time)


def _by_parts(grid: Sheet, names: list[str], config: ReadConfig) -> _Pivot | None:
    """Months across beside a year, or hours across beside a date."""
    found = find_parts(names)
    if found is None:
        return None
    first, part, steps = found
    stop = first + len(steps)
    beside = [c for k, c in enumerate(grid.columns) if not first <= k < stop]
    if not all(_holds_values(c) for c in grid.columns[first:stop]):
        return None
    if part == "month":
        base = next(((c, y) for c in beside if (y := _years_of(c)) is not None), None)
        if base is None:
            return None
        column, years = base
        ds = ((years[:, None] - 1970) * 12 + np.asarray(steps)[None, :].astype("int64") - 1).astype("datetime64[M]")
        used: tuple[str, ...] = (column.name,)
        stamps = ds.astype("datetime64[us]")
    else:
        axis = find_time(Sheet(beside, grid.lines), None, config.dayfirst, set(), Marks())
        if axis.is_index or axis.offsets is not None:
            return None
        used = axis.columns
        stamps = cast("StampArray", axis.ds)[:, None] + cast("DeltaArray", steps)[None, :]
    rest = [c for c in beside if c.name not in used]
    alone = len(np.unique(stamps)) == stamps.size
    return _Pivot(
        first, stop, stamps, [] if alone else _telling(rest, config.id_col, grid, stamps[:, 0]), None, used[0], used
    )


def _telling(columns: list[Column], asked: str | None, grid: Sheet, stamps: StampArray | None = None) -> list[str]:
    """The fewest columns, from the left, that tell the rows apart."""
    times = [0] * len(grid) if stamps is None else stamps.tolist()
    if asked is not None:
        return _asked(columns, asked, times)
    texts = [c for c in columns if c.texts is not None and any(c.texts)]
    rows = len(grid)

    def distinct(chosen: list[Column]) -> int:
        return len(set(zip(_joined(chosen), times, strict=True)))

    words = [c for c in texts if not all(is_number(t) or not t for t in c.texts or [])]
    # Words before numbers (a name before a latitude), complete columns before others, else from the left.
    texts.sort(key=lambda c: (c not in words, not all(c.texts or [])))
    alone = next((c for c in words if all(c.texts or []) and distinct([c]) == rows), None)
    if alone is not None:
        return [alone.name]
    chosen: list[Column] = []
    reached = 1
    for column in texts:
        if (count := distinct([*chosen, column])) > reached:
            chosen, reached = [*chosen, column], count
        if reached == rows:
            return [c.name for c in chosen]
    raise DataError(
        "time runs across the columns, but nothing tells the rows apart",
        "name the columns that do with --id-col NAME+NAME",
    )


def _asked(columns: list[Column], asked: str, times: list[Any]) -> list[str]:
    """The columns that the user names, joined by "+"; they have to tell the rows apart."""
    by_name = {c.name: c for c in columns}
    names = [asked] if asked in by_name else [name.strip() for name in asked.split("+")]
    absent = [name for name in names if name not in by_name]
    if absent:
        raise DataError(f"there is no column '{absent[0]}'", f"columns: {', '.join(list(by_name)[:20])}")
    rows = Counter(zip(_joined([by_name[name] for name in names]), times, strict=True))
    if len(rows) < rows.total():
        twice = next(text for (text, _), count in rows.items() if count > 1)
        raise DataError(
            f"time runs across the columns, and several rows have the id '{twice[:40]}' in '{asked}'",
            "name more columns with --id-col NAME+NAME",
        )
    return names


def _split_composite(grid: Sheet) -> None:
    r"""Cut a first column such as "freq,unit,geo\TIME_PERIOD" into the columns that its name lists."""
    head = grid.columns[0]
    if "\\" not in head.name or head.texts is None:
        return
    left, _, time = head.name.rpartition("\\")
    titles = [title.strip() for title in left.split(",")]
    cells = [[part.strip() for part in text.split(",")] for text in head.texts]
    if any(len(row) not in (len(titles), 1) for row in cells):
        return
    padded = [row + [""] * (len(titles) - len(row)) for row in cells]
    parts = [Column(title, texts=[row[k] for row in padded]) for k, title in enumerate(titles)]
    grid.columns = [*parts, *grid.columns[1:]]
    grid.facts["time_name"] = time.strip()


def _strip_flags(columns: list[Column]) -> int:
    """Take the flags off values; how many there were."""
    count = 0
    for column in columns:
        for i, text in enumerate(column.texts or []):
            match = _FLAGGED.fullmatch(text)
            if match and (is_number(match["value"]) or is_missing(match["value"])) and column.texts is not None:
                column.texts[i] = match["value"]
                count += 1
    return count


def _holds_values(column: Column) -> bool:
    """Whether a column is empty or of numbers."""
    if column.texts is None:
        return column.numbers is not None
    present = [text for text in column.texts if not is_missing(text)]
    fitting = sum(is_number(text) or _FLAGGED.fullmatch(text) is not None for text in present)
    return fitting >= 0.5 * len(present)


def _present(column: Column) -> BoolArray:
    if column.texts is None:
        present: BoolArray = ~np.isnan(np.asarray(column.numbers))
        return present
    return np.array([not is_missing(text) for text in column.texts], dtype=bool)


def _stacked(columns: list[Column], order: IntArray, across: int) -> Column:
    """The values row after row, as numbers where all columns are."""
    if all(c.numbers is not None for c in columns):
        numbers: FloatArray = np.column_stack([np.asarray(c.numbers) for c in columns]).ravel()[order]
        return Column("value", numbers=numbers)
    cells = [_texts(c) for c in columns]
    return Column("value", texts=[cells[k % across][k // across] for k in order.tolist()])


def _texts(column: Column) -> list[str]:
    if column.texts is not None:
        return column.texts
    return [cell_text(v) if v == v else "" for v in np.asarray(column.numbers).tolist()]


def _joined(columns: list[Column]) -> list[str]:
    """The ids, made of the cells that are not empty."""
    return ["/".join(filter(None, cells)) for cells in zip(*map(_texts, columns), strict=True)]


def _row_text(grid: Sheet, row: int) -> str:
    return ",".join(c.texts[row] for c in grid.columns if c.texts is not None)


def _years_of(column: Column) -> IntArray | None:
    """A column that is a year a row."""
    values = numbers_of(column, Marks())
    if values is None or np.isnan(values).any() or (values != np.round(values)).any():
        return None
    return values.astype("int64") if values.min() >= 1500 and values.max() <= 2200 else None


def _months_of(column: Column) -> IntArray | None:
    """A column that is the months of one year, by name or number."""
    if column.texts is not None and all(month_number(text) for text in column.texts):
        return np.array([month_number(text) for text in column.texts], dtype="int64")
    if not re.fullmatch(r"month|monat|mois|mes|月", column.name.strip(), re.IGNORECASE):
        return None
    values = numbers_of(column, Marks())
    whole = values is not None and not np.isnan(values).any() and values.min() >= 1 and values.max() <= 12
    return values.astype("int64") if values is not None and whole else None
