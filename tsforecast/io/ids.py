"""Several series in one long file: told apart only by the column that the user names, and never merged unasked."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd

from tsforecast.config import ReadConfig
from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.errors import DataError
from tsforecast.io.cells.channels import Channel
from tsforecast.io.cells.numbers import TRUTHS, Marks, is_missing, parse_numbers
from tsforecast.io.sheet import Column, Sheet
from tsforecast.io.time.axis import TimeAxis
from tsforecast.io.time.stamp_patterns import looks_like_clock, looks_like_stamp, month_number

_COUNT_NAME = re.compile(r"^(t|time|step|index|idx|period|date|ds|year|month|week|day)$", re.IGNORECASE)
#: Names of columns that say which thing was measured.
_THING = re.compile(
    r"(?:^|[_\W])(?:entity|sensor|device|tag|point|channel|series|station|meter|machine|symbol|ticker|sku|store|shop|"
    r"item|product|host|node|asset|topic|metric|variable|parameter|measurement|location|site|region|country|name|"
    r"instrument|account|customer|user|patient|subject|vehicle|turbine|inverter|well|unique|id|uid)s?(?:[_\W]?(?:id|name|no|nr|code|key|label)?)$",
    re.IGNORECASE,
)
#: Names of columns of numbers that are no measurements either.
_NUMBERED = re.compile(r"(?:sensor|device|station|entity|meter|machine|node|asset)|(?:id|uid|code)$", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"(mo|tu|we|th|fr|sa|su|di|mi|do|so)[a-z]{0,8}\.?|[月火水木金土日]|(work|week|holi)[a-z-]*", re.IGNORECASE
)
_MAX_IDS = 0.5
#: So many times more places than rows has a grid of series and stamps that is not one.
_SPARSE = 2
#: Rows a series at least, on average, where no stamp repeats.
_FEWEST_ROWS = 3
#: Share of the steps near the usual one: within each series at least, over all rows at most.
_REGULAR, _IRREGULAR = 0.8, 0.6
#: Share of the variance of every channel that lies between series and not within them, and rows a series to say so.
_APART, _MANY_ROWS = 0.9, 10
#: Share of the rows that must name a thing.
_NAMED = 0.9
#: Share of the rows behind which another series follows.
_ALTERNATING = 0.3


def find_ids(grid: Sheet, config: ReadConfig) -> Column | None:
    """The column that names the series: the one asked for, several joined by "+", or one called "unique_id".

    Raises:
        DataError: Where an asked column is absent.
    """
    by_name = {c.name: c for c in grid.columns}
    asked = config.id_col
    if asked is None or (asked == "none" and asked not in by_name):
        return by_name.get("unique_id") if asked is None else None
    names = [asked] if asked in by_name else [name.strip() for name in asked.split("+")]
    absent = [name for name in names if name not in by_name]
    if absent:
        raise DataError(f"there is no column '{absent[0]}'", f"columns: {', '.join(list(by_name)[:20])}")
    if len(names) == 1:
        return by_name[names[0]]
    joined = ["/".join(cells) for cells in zip(*(id_texts(by_name[name]) for name in names), strict=True)]
    return Column("+".join(names), texts=joined)


def id_texts(column: Column) -> list[str]:
    """The id of each row as text `(row,)`."""
    if column.texts is not None:
        return column.texts
    if column.numbers is not None:
        return [f"{v:.15g}" if v == v else "" for v in column.numbers.tolist()]
    return [str(v) for v in np.asarray(column.stamps)]


def refuse_long(grid: Sheet, axis: TimeAxis, channels: list[Channel], marks: Marks) -> None:
    """Stop where the rows are of several series: stamps repeat and other columns tell the repeats apart, or they
    alternate in time.

    Raises:
        DataError: Naming the column, or the columns, that tell the series apart.
    """
    if len(grid) < 4:
        return
    coded = {c.name: _codes(c, marks) for c in grid.columns if c.name not in axis.columns and _may_be_id(c)}
    if not coded:
        return
    if not axis.columns or not _never_repeats(axis):
        _refuse_repeats(grid, axis, coded)
    if axis.columns and not (axis.ds.dtype.kind == "M" and np.isnat(axis.ds).all()):
        _refuse_alternating(grid, axis, coded, [c.values for c in channels], marks)


def _refuse_repeats(grid: Sheet, axis: TimeAxis, coded: dict[str, IntArray]) -> None:
    for stamps in [pd.factorize(axis.ds)[0]] if axis.columns else _counts(grid):
        if stamps.max() + 1 > _MAX_IDS * len(grid):
            continue
        found = [(series, name) for name, codes in coded.items() if (series := _series(codes, stamps))]
        # Names of things fill the grid of series and stamps; values that happen to differ at each stamp do not.
        times = int(stamps.max()) + 1
        if all(series * times > _SPARSE * len(grid) for series, _ in found):
            few = [name for name, codes in coded.items() if 1 < codes.max() + 1 <= _MAX_IDS * len(codes)][:8]
            pairs = [(f"{a}+{b}", coded[a] * (int(coded[b].max()) + 1) + coded[b]) for a, b in combinations(few, 2)]
            found += [(n, name) for name, codes in pairs if (n := _series(pd.factorize(codes)[0], stamps))]
        if found:
            series, name = min(found)
            raise DataError(
                f"stamps repeat, once for each of the {series} values of '{name}': these are several series",
                f"--id-col {_quoted(name)}",
            )


def _refuse_alternating(
    grid: Sheet, axis: TimeAxis, coded: dict[str, IntArray], values: list[FloatArray], marks: Marks
) -> None:
    """Stop where the rows of several things alternate in time, though no stamp repeats."""
    found = []
    known = ~np.isnat(axis.ds) if axis.ds.dtype.kind == "M" else np.ones(len(grid), dtype=bool)
    stamps = axis.ds[known].astype("int64")
    for column in grid.columns:
        codes = coded.get(column.name)
        if codes is None or codes.min() < 0 or not 1 < codes.max() + 1 <= len(codes) / _FEWEST_ROWS:
            continue
        named = _THING.search(column.name.strip()) is not None
        text = _is_text(column, marks)
        if not (named or text) or not _is_naming(column):
            continue
        sure = named and (text or _NUMBERED.search(column.name.strip()) is not None)
        if known.any() and _alternates(codes[known], stamps, [v[known] for v in values], named=sure):
            found.append((named, int(codes.max()) + 1, column.name))
    if found:
        named, series, name = max(found)
        hint = f"--id-col {_quoted(name)}" + ("" if named else ", or --id-col none where they are one thing")
        raise DataError(
            f"the rows of {series} different values of '{name}' alternate in time: these are several series", hint
        )


def _alternates(codes: IntArray, stamps: IntArray, values: list[FloatArray], *, named: bool) -> bool:
    """Whether a column names things that were measured side by side.

    Where its name says so, their rows have only to overlap in time. Else time must start over with each thing, or be
    regular within them and irregular over all rows, or the values must lie far apart.
    """
    order = np.argsort(stamps, kind="stable")
    sorted_codes = codes[order]
    changes = int((np.diff(sorted_codes) != 0).sum())
    series = int(codes.max()) + 1
    if changes <= 2 * (series - 1):
        return False  # One thing after the other, as where a sensor was replaced.
    if named:
        return True
    steps, switched = np.diff(stamps), np.diff(codes) != 0
    if switched.sum() == series - 1 and ((steps < 0) == switched).all():
        return True
    within = np.lexsort((stamps, codes))
    inner = np.diff(stamps[within])[np.diff(codes[within]) == 0]
    if _regularity(inner) >= _REGULAR and _regularity(np.diff(stamps[order])) <= _IRREGULAR:
        return True
    if changes < _ALTERNATING * len(codes) or len(codes) < _MANY_ROWS * series:
        return False
    return bool(values) and all(_between(v, codes) >= _APART for v in values)


def _regularity(steps: IntArray) -> float:
    """Share of the steps within a quarter of the usual one."""
    usual = float(np.median(steps)) if len(steps) else 0.0
    return float((np.abs(steps - usual) <= 0.25 * usual).mean()) if usual > 0 else 0.0


def _between(values: FloatArray, codes: IntArray) -> float:
    """Share of the variance of the values that lies between the groups (eta squared, adjusted for their number)."""
    good = np.isfinite(values)
    values, codes = values[good], codes[good]
    if len(values) < 4 or not np.ptp(values):
        return 0.0
    scaled = (values - values.mean()) / np.abs(values - values.mean()).max()
    counts = np.bincount(codes)
    means = np.bincount(codes, weights=scaled) / np.maximum(counts, 1)
    inside = 1 - float((counts * means**2).sum() / (scaled**2).sum())
    return 1 - inside * (len(values) - 1) / max(1, len(values) - len(counts))


def _is_naming(column: Column) -> bool:
    """Whether the cells of a column could be names of things: no truth values, weekdays, months or times."""
    counts = Counter(t.strip().lower() for t in column.texts or [])
    words = {word for word in counts if not is_missing(word)}
    if sum(counts[word] for word in words) < _NAMED * counts.total():
        return False
    return not words or not (
        words <= TRUTHS.keys()
        or all(_WEEKDAY.fullmatch(word) or month_number(word) for word in words)
        or sum(looks_like_stamp(word) or looks_like_clock(word) for word in words) > 0.5 * len(words)
    )


def _is_text(column: Column, marks: Marks) -> bool:
    """Whether most of a column is neither a number nor missing."""
    return column.texts is not None and bool(parse_numbers(column.texts[:1000], marks)[1].mean() > 0.5)


def _quoted(name: str) -> str:
    return name if name.replace("+", "").isidentifier() else repr(name)


def _may_be_id(column: Column) -> bool:
    """Whether a column is of text or of whole numbers."""
    if column.numbers is None:
        return column.texts is not None
    head = column.numbers[:1000]
    return bool((head == np.round(head)).all() and (column.numbers == np.round(column.numbers)).all())


def _codes(column: Column, marks: Marks) -> IntArray:
    """Code of the value of each row, numbers by what they are and not by how they are written `(row,)`."""
    cells = column.numbers
    if column.texts is not None:
        numbers, bad = parse_numbers(column.texts[:1000], marks)
        if not bad.any() and not np.isnan(numbers).any():
            numbers, bad = parse_numbers(column.texts, marks)
            cells = None if bad.any() else numbers
    codes = pd.factorize(np.array(column.texts, dtype=object) if cells is None else cells)[0]
    return np.asarray(codes, dtype="int64")


def _never_repeats(axis: TimeAxis) -> bool:
    """Whether stamps rise from row to row, the common case, found without sorting them."""
    return bool((np.diff(axis.ds).astype("int64") > 0).all())


def _counts(grid: Sheet) -> list[IntArray]:
    """Codes of columns that may count time within each series, where no column is the time."""
    return [
        pd.factorize(np.asarray(c.texts if c.texts is not None else c.numbers))[0]
        for c in grid.columns
        if c.stamps is None and _COUNT_NAME.match(c.name.strip())
    ]


def _series(codes: IntArray, stamps: IntArray) -> int:
    """How many series the codes make of the rows, 0 where they do not tell repeated stamps apart."""
    series = int(codes.max()) + 1
    if not 1 < series <= _MAX_IDS * len(codes):
        return 0
    pairs = len(np.unique(stamps.astype("int64") * series + codes))
    return series if pairs >= 0.98 * len(codes) else 0
