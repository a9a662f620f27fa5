"""One bad series never stops the others, and never vanishes: what is wrong with each, found before any model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsforecast.config import PrepareConfig
from tsforecast.data.frequency import DAY, HOUR, MINUTE, SECOND
from tsforecast.data.ledger import Ledger
from tsforecast.data.panel import FloatArray, IntArray, Panel, Table
from tsforecast.data.status import SeriesStatus, State
from tsforecast.preparation.fill.neighbours import gap_lengths
from tsforecast.preparation.rows import Rows

#: Values below which there is nothing to forecast from, and below which there is little.
FEWEST, FEW = 3, 9
#: A series that ends before the others by more than this share of the span of all is doubtful.
EARLY = 0.1
#: A step is that of the others where it is within this share of it, a series where this share of its steps are.
STEP_TOLERANCE, MIN_COMMON_SHARE = 0.25, 0.25
LEFT_OUT = "left out"
_NO_REPAIR = {"frequency", "gap", "upsample", LEFT_OUT}


def odd_steps(rows: Rows) -> dict[int, str]:
    """Series at another step than most: their number in `rows.ids`, and why they cannot be among the others.

    Args:
        rows: Sorted. Where no step is that of more than half of the series, none is odd.
    """
    if len(rows.ids) < 3:
        return {}
    within = ~rows.begins()[1:]
    within &= np.diff(rows.stamps) > 0
    steps, codes = np.diff(rows.stamps)[within], rows.codes[1:][within]
    medians = pd.Series(steps).groupby(codes).median()
    if len(medians) < 3:
        return {}
    distinct, counts = np.unique(medians.to_numpy(), return_counts=True)
    alike = np.abs(distinct[:, None] - distinct) <= STEP_TOLERANCE * distinct[:, None]
    common = float(distinct[np.argmax(alike @ counts)])
    if (alike @ counts).max() * 2 <= len(medians):
        return {}
    near = pd.Series(np.abs(steps - common) <= STEP_TOLERANCE * common).groupby(codes).mean()
    odd = medians.index[(np.abs(medians - common) > STEP_TOLERANCE * common) & (near < MIN_COMMON_SHARE)]
    return {
        int(code): f"its rows are {_apart(medians[code], rows)} apart, those of most {_apart(common, rows)};"
        " --freq brings all to one step"
        for code in odd
    }


def leave_out(rows: Rows, odd: Mapping[int, str], ledger: Ledger, reasons: dict[str, str]) -> Rows:
    """The rows without those series; each row is one entry (rule ``left out``), each series has its reason."""
    if not odd:
        return rows
    gone = np.isin(rows.codes, list(odd))
    ledger.record(LEFT_OUT, line=rows.lines[gone], unique_id=rows.names(gone), column="", ds=rows.ds(gone))
    reasons |= {rows.ids[code]: why for code, why in odd.items()}
    return rows.without(set(odd))


def _apart(step: float, rows: Rows) -> str:
    if rows.is_index:
        return f"{step:g}"
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second")):
        if step >= unit:
            return f"{step / unit:.3g} {name}{'' if step == unit else 's'}"
    return f"{step / SECOND:.3g} seconds"


@dataclass(frozen=True)
class Judge:
    """Finds what is wrong with each series of a panel.

    Attributes:
        table: What was read.
        panel: What of it is on the grid.
        config: What may be filled, and how late a series may end.
        reasons: By `unique_id`, why a series is not in the panel.
        ledger: Of preparing.
    """

    table: Table
    panel: Panel
    config: PrepareConfig
    reasons: Mapping[str, str]
    ledger: Ledger = field(repr=False)

    def statuses(self) -> list[SeriesStatus]:
        """One of each target of each series of the table, in the order of their ids."""
        there = dict(zip(self.panel.ids, zip(self.panel.indptr[:-1], self.panel.indptr[1:], strict=True), strict=True))
        observed = self.table.frame.groupby("unique_id")[self.panel.columns("target")].count().max(axis=1)
        found = []
        for uid, rows in sorted((str(uid), int(n)) for uid, n in observed.items()):
            for group in self._groups:
                names = [self.panel.channels[j] for j in group]
                if uid in there:
                    low, high = there[uid]
                    found.append(self._judged(uid, names, self.panel.values[low:high, group], int(low)))
                else:
                    reason = self.reasons.get(uid, "no row has a stamp")
                    found.append(SeriesStatus(uid, ",".join(names), "left out", reason, rows))
        return found

    @cached_property
    def _groups(self) -> list[tuple[int, ...]]:
        targets = self.panel.columns("target")
        at = [j for j, channel in enumerate(self.panel.channels) if channel in targets]
        return [tuple(at)] if self.panel.schema.joint else [(j,) for j in at]

    @cached_property
    def _changes(self) -> dict[tuple[str, str], int]:
        """Entries by series and column, "" for those of whole rows."""
        both = Ledger()
        both.extend([self.table.ledger, self.ledger])
        frame = both.frame
        kept = frame[~frame["rule"].isin(_NO_REPAIR)]
        column = kept["column"].where(kept["column"] != "ds", "")
        return dict(Counter(zip(kept["unique_id"].astype(str), column.astype(str), strict=True)))

    @cached_property
    def _texts(self) -> dict[tuple[str, str], str]:
        """The first text that stood in place of a number, by series and column."""
        frame = self.table.ledger.frame
        frame = frame[frame["rule"] == "text-to-missing"].drop_duplicates(["unique_id", "column"])
        return {
            (str(u), str(c)): str(old) for u, c, old in frame[["unique_id", "column", "old"]].itertuples(index=False)
        }

    @cached_property
    def _numbers(self) -> IntArray:
        """Stamps of the panel as whole numbers `(row,)`."""
        stamps = self.panel.frame["ds"].to_numpy()
        return (stamps.astype("datetime64[us]") if stamps.dtype.kind == "M" else stamps).astype("int64")

    @cached_property
    def _ends(self) -> tuple[int, float]:
        """The latest stamp with a value, and how much earlier a series may end, both as whole numbers."""
        stamps = self._numbers
        seen = ~np.isnan(self.panel.values[:, [j for group in self._groups for j in group]]).all(axis=1)
        return int(stamps[seen].max()), EARLY * float(np.ptp(stamps[seen]))

    def _judged(self, uid: str, names: list[str], values: FloatArray, low: int) -> SeriesStatus:
        seen = np.flatnonzero(~np.isnan(values).all(axis=1))
        n = int((~np.isnan(values)).sum())
        inside = values[seen[0] : seen[-1] + 1] if len(seen) else values[:0]
        state, reason = next(self._faults(uid, names, inside, low + int(seen[-1]) if len(seen) else 0), ("ok", ""))
        missing = np.isnan(inside)
        filled = 0
        if self.config.impute != "none" and missing.any():
            gaps = np.column_stack([gap_lengths(x, np.array([0, len(x)])) for x in inside.T])
            filled = int((missing & (gaps <= (self.config.max_gap or len(inside)))).sum())
        repaired = sum(self._changes.get((uid, name), 0) for name in ("", *names))
        return SeriesStatus(uid, ",".join(names), state, reason, n, repaired, filled)

    def _faults(self, uid: str, names: list[str], inside: FloatArray, last: int) -> Iterator[tuple[State, str]]:
        """What is wrong with one series between its first and last value, the worst first."""
        if len(inside) == 0:
            text = next((self._texts[uid, name] for name in names if (uid, name) in self._texts), None)
            yield "left out", "no value" if text is None else f"no number, but text such as '{text[:40]}'"
            return
        values = inside[~np.isnan(inside)]
        if len(inside) < FEWEST:
            yield "left out", f"only {len(inside)} row{'s' * (len(inside) > 1)} of values"
        longest = 0
        if len(values) < inside.size:
            longest = max(int(gap_lengths(x, np.array([0, len(x)])).max()) for x in inside.T)
        steps = f"{longest:,} step{'s' * (longest > 1)}"
        if longest and self.config.impute == "none":
            yield "doubtful", f"a gap of {steps} is left open by --impute none; only what follows it is used"
        if self.config.max_gap is not None and longest > self.config.max_gap:
            limit = self.config.max_gap
            yield "doubtful", f"a gap of {steps} is longer than --max-gap {limit}; only what follows it is used"
        yield from self._staleness(last)
        if np.ptp(values) == 0:
            yield "doubtful", f"constant: every value is {values[0]:g}"
        if len(inside) < FEW:
            yield "doubtful", f"only {len(inside)} rows of values"

    def _staleness(self, last: int) -> Iterator[tuple[State, str]]:
        latest, early = self._ends
        behind = latest - int(self._numbers[last])
        if behind <= 0:
            return
        stamps = self.panel.frame["ds"].to_numpy()
        frequency = self.panel.frequency
        steps = frequency.between(stamps[last], _stamp(latest, stamps))
        words = frequency.duration(steps)
        said = f"ends at {_text(stamps[last])}, {steps:,} steps{f' ({words})' if words else ''} before the latest"
        if self.config.max_stale is not None and steps > self.config.max_stale:
            yield "left out", f"{said}, more than --max-stale {self.config.max_stale}"
        if behind > early and steps > FEWEST:
            yield "doubtful", said


def _stamp(number: int, stamps: npt.NDArray[Any]) -> object:
    return np.datetime64(number, "us") if stamps.dtype.kind == "M" else number


def _text(stamp: object) -> str:
    return str(pd.Timestamp(stamp)).removesuffix(" 00:00:00") if isinstance(stamp, np.datetime64) else str(stamp)
