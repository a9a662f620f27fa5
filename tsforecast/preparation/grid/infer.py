"""Frequency inference: the modal step with a tolerance, the calendar, or "irregular: say what you want"."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tsforecast.data.frequency import (
    DAY,
    EDGES,
    HOUR,
    MILLISECOND,
    MINUTE,
    SECOND,
    UNITS,
    WEEK,
    alias_of,
    day_in_month,
    month_of,
    monthly_alias,
)
from tsforecast.data.panel import Freq, IntArray
from tsforecast.errors import DataError
from tsforecast.preparation.grid.grids import BusinessGrid, FixedGrid, Grid, MonthGrid
from tsforecast.preparation.rows import BoolArray, Rows

STEP_TOLERANCE = 0.25
MIN_MODAL_SHARE = 0.5
# Of a clock that runs late: a mean step this close to a round one is that.
CLOCK_TOLERANCE = 0.002
MIN_MULTIPLE_SHARE = 0.8
# The median and the mode of this many steps stand for those of all.
SAMPLED_STEPS = 100_000
NICE = tuple(
    sorted(
        {m * u for u in (1, MILLISECOND) for m in (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 125, 200, 250, 500)}
        | {m * u for u in (SECOND, MINUTE) for m in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)}
        | {m * HOUR for m in (1, 2, 3, 4, 6, 8, 12)}
        | {DAY, WEEK}
    )
)


@dataclass(frozen=True)
class Sampling:
    """What was found about the sampling of a table.

    Attributes:
        grid: The grid the stamps belong to.
        how: How it was found, a phrase for the report.
        agreement: Share of the steps that are exactly one step of the grid.
        cells: Cell of each row `(row,)`.
        off_grid: True for rows whose stamp is not exactly on the grid `(row,)`.
    """

    grid: Grid
    how: str
    agreement: float
    cells: IntArray
    off_grid: BoolArray

    @property
    def freq(self) -> Freq:
        return self.grid.freq


def infer(rows: Rows) -> Sampling:
    """Find the common frequency of sorted rows without duplicate stamps.

    The modal step counts as the frequency where at least half of the steps equal it and four fifths are whole
    multiples of it, each within a quarter of a step. Stamps then lie at most half a step off the grid.
    Steps of four weeks and more are looked at by the calendar: months, quarters, years, on their first or last
    (business) day or on one day of the month. Daily stamps that skip every weekend are business days.

    Raises:
        DataError: Where there is no step at all, the steps are irregular or follow no calendar that there is, or
            series have different frequencies.
    """
    steps = rows.steps()
    if len(steps) == 0:
        raise DataError(
            f"{'the series has' if len(rows.ids) == 1 else 'every series has'} a single stamp, so no step can be seen",
            f"give the frequency, as in --freq {'1' if rows.is_index else 'h'}",
        )
    step, exact = _modal_step(steps)
    if not rows.is_index and step >= 28 * DAY:
        _demand_alike(rows, np.abs(steps - step) <= STEP_TOLERANCE * step, _readable(step))
        found = _calendar(rows, steps, step)
        if found is not None:
            return found
    _demand_regular(rows, steps, step)
    if not rows.is_index and step == DAY and _skips_weekends(rows):
        times = rows.stamps % DAY
        return _measured(rows, BusinessGrid(time=_mode(times)), "one row a business day")
    phase = rows.stamps[rows.begins()] if (steps == step).all() else _phases(rows, step, exact)
    grid = FixedGrid(_alias(rows, step, phase), step, phase)
    return _measured(rows, grid, "modal step") if exact else _jittered(rows, grid)


def _measured(rows: Rows, grid: Grid, how: str) -> Sampling:
    """The cells of a grid, and how many steps agree with it."""
    cells = grid.cells(rows.stamps, rows.codes)
    off_grid: BoolArray = grid.stamps(cells, rows.codes) != rows.stamps
    if isinstance(grid, FixedGrid):
        follows = np.diff(rows.stamps) == grid.step
    else:
        follows = (np.diff(cells) == 1) & ~off_grid[1:] & ~off_grid[:-1]
    within = slice(None) if len(rows.ids) == 1 else ~rows.begins()[1:]
    return Sampling(grid, how, float(follows[within].mean()), cells, off_grid)


def _jittered(rows: Rows, grid: FixedGrid) -> Sampling:
    """What is found about stamps that are never quite where they should be: steps agree that lead to the next cell."""
    found = _measured(rows, grid, "")
    off = rows.stamps - grid.stamps(found.cells, rows.codes)
    typical = int(np.median(np.abs(off)))
    jitter = f"{typical:,}" if rows.is_index else _readable(typical)
    within = slice(None) if len(rows.ids) == 1 else ~rows.begins()[1:]
    agreement = float((np.diff(found.cells)[within] == 1).mean())
    return replace(found, how=f"jittered stamps, typically {jitter} off", agreement=agreement)


def _modal_step(steps: IntArray) -> tuple[int, bool]:
    """The modal step, and True; where no step is in the majority, the mean of the typical ones, and False."""
    some = steps[:: max(1, len(steps) // SAMPLED_STEPS)]
    median = int(np.partition(some, len(some) // 2)[len(some) // 2])
    if np.count_nonzero(steps == median) >= MIN_MODAL_SHARE * len(steps):
        return median, True
    mode = _mode(some)
    if np.count_nonzero(steps == mode) >= MIN_MODAL_SHARE * len(steps):
        return mode, True
    multiples = np.maximum(np.rint(steps / median), 1)
    near = np.abs(steps - multiples * median) <= STEP_TOLERANCE * median
    mean = float(steps[near].sum() / multiples[near].sum()) if near.any() else float(median)
    nice = min(NICE, key=lambda n: abs(n - mean))
    # A rounder step is the true one if following it would not slip by a cell over the whole series, or hardly ever:
    # no clock means 599.79 s. What meets in one cell is merged, and said.
    slips = abs(nice - mean) * len(steps) / mean
    return (nice if slips < 0.5 or abs(nice - mean) < CLOCK_TOLERANCE * mean else max(1, round(mean))), False


def _mode(values: IntArray) -> int:
    counts = pd.Series(values).value_counts()
    return int(counts.index[counts.to_numpy() == counts.to_numpy()[0]].min())


def _demand_regular(rows: Rows, steps: IntArray, step: int) -> None:
    if (steps == step).all():
        return
    multiples = np.rint(steps / step)
    near = (multiples >= 1) & (np.abs(steps - multiples * step) <= STEP_TOLERANCE * step)
    modal = near & (multiples == 1)
    shown = step if rows.is_index else _readable(step)
    if modal.mean() < MIN_MODAL_SHARE or near.mean() < MIN_MULTIPLE_SHARE:
        median = float(np.median(steps[:: max(1, len(steps) // SAMPLED_STEPS)]))
        typical = f"{max(1, round(median))}" if rows.is_index else alias_of(min(NICE, key=lambda n: abs(n - median)), 0)
        raise DataError(
            f"the stamps are irregular: only {modal.mean():.0%} of the {len(steps)} steps are close to"
            f" the most typical one ({shown})",
            f"choose a step to aggregate to, as in --freq {typical} --agg mean",
        )
    _demand_alike(rows, modal, shown)


def _demand_alike(rows: Rows, modal: BoolArray, shown: int | str) -> None:
    """Demand that each series has the common step: that enough of its steps are `modal`."""
    if len(rows.ids) == 1:
        return
    series = rows.codes[1:][~rows.begins()[1:]]
    count = np.bincount(series, minlength=len(rows.ids))
    odd = np.flatnonzero(np.bincount(series[modal], minlength=len(rows.ids)) < MIN_MODAL_SHARE / 2 * count)
    if len(odd):
        raise DataError(
            f"the series have different frequencies: most have a step of {shown},"
            f" but {len(odd)} do not, such as '{rows.ids[odd[0]]}'",
            "choose a common step, as in --freq D --agg mean, or forecast them apart",
        )


def _readable(step: int) -> str:
    unit, name = next(((unit, name) for unit, name in UNITS if step >= unit), UNITS[-1])
    return f"{step / unit:.3g} {name}"


def _skips_weekends(rows: Rows) -> bool:
    weekday = (rows.stamps // DAY + 3) % 7
    friday_to_monday = (np.diff(rows.stamps) == 3 * DAY) & (weekday[1:] == 0)
    return bool((weekday < 5).all() and friday_to_monday.any())


def _phases(rows: Rows, step: int, exact: bool) -> IntArray:
    """Stamp of cell 0 of each series, so that most rows are on (exact steps) or around the grid `(series,)`."""
    first = rows.stamps[rows.begins()] if len(rows.ids) > 1 else rows.stamps[:1]
    offset = (rows.stamps - first[rows.codes]) % step
    if not offset.any():
        return first
    if exact:
        counts = pd.DataFrame({"series": rows.codes, "offset": offset}).value_counts(sort=False).reset_index()
        best = counts.sort_values(["series", "count", "offset"], ascending=[True, False, True]).drop_duplicates(
            "series"
        )
        phase: IntArray = first + best["offset"].to_numpy()
        return np.where(phase - first > step // 2, phase - step, phase)
    angle = rows.stamps % step * (2 * np.pi / step)
    x = np.bincount(rows.codes, weights=np.cos(angle), minlength=len(rows.ids))
    y = np.bincount(rows.codes, weights=np.sin(angle), minlength=len(rows.ids))
    mean = np.arctan2(y, x) / (2 * np.pi) * step
    # Jitter around round stamps leaves a mean near zero: then the grid is the round stamps.
    return np.where(np.abs(mean) < 0.05 * step, 0, np.rint(mean)).astype("int64")


def _alias(rows: Rows, step: int, phase: IntArray) -> Freq:
    if rows.is_index:
        return step
    if step % WEEK == 0 and len(np.unique(phase // DAY % 7)) > 1:
        return f"{step // DAY}D"
    return alias_of(step, int(phase[0]))


def _calendar(rows: Rows, steps: IntArray, step: int) -> Sampling | None:
    """A grid of months, quarters or years; None where the steps are rather of constant length.

    Raises:
        DataError: Where they are neither.
    """
    months = month_of(rows.stamps)
    edge = _edge(months, rows.stamps // DAY)
    if edge is None:
        if (steps == step).mean() >= MIN_MULTIPLE_SHARE and len(steps) > 2:
            return None
        raise _no_calendar(rows, steps)
    within = ~rows.begins()[1:]
    n = _mode(np.diff(months)[within])
    if n < 1 or (np.diff(months)[within] % n == 0).mean() < MIN_MULTIPLE_SHARE:
        return None
    anchor = _mode(months % n)
    grid = MonthGrid(monthly_alias(n, anchor, edge), n, anchor, edge, _mode(rows.stamps % DAY))
    return _measured(rows, grid, f"one row every {n} months" if n > 1 else "one row a month")


def _edge(months: IntArray, days: IntArray) -> str | int | None:
    """Where in the month most days lie: at an edge of it or on one day, the last where a month has no such."""
    places: list[str | int] = [*EDGES, *range(2, 31)]
    shares = [float((day_in_month(months, place) == days).mean()) for place in places]
    best = int(np.argmax(shares))
    return places[best] if shares[best] >= MIN_MULTIPLE_SHARE else None


def _no_calendar(rows: Rows, steps: IntArray) -> DataError:
    """Why no calendar fits, and what to do."""
    weekdays = np.unique(rows.stamps // DAY % 7)
    if len(weekdays) == 1 and np.isin(steps, (4 * WEEK, 5 * WEEK)).all():
        return DataError(
            "the periods are of four and five weeks (a 4-4-5 calendar), which is no regular step",
            "--time-col none takes the rows in order, as periods of one length",
        )
    low, high = int(steps.min() // DAY), int(steps.max() // DAY)
    return DataError(
        f"the stamps follow no calendar: they are {low} to {high} days apart, on no one day of the month",
        "--time-col none takes the rows in order; --freq MS --agg mean makes one value a month of what lies in it",
    )
