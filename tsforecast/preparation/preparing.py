"""From a table as read to a regular panel: the order of the repairs, and the account of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tsforecast.config import PrepareConfig
from tsforecast.data.frequency import DAY
from tsforecast.data.ledger import Ledger
from tsforecast.data.panel import IntArray, Panel, Table
from tsforecast.data.status import SeriesStatus
from tsforecast.errors import DataError
from tsforecast.preparation import repair
from tsforecast.preparation.faults import Judge, leave_out, odd_steps
from tsforecast.preparation.fill import neighbours as fill
from tsforecast.preparation.fill.causal import Filler
from tsforecast.preparation.fill.impute import impute, parse_method
from tsforecast.preparation.grid import place
from tsforecast.preparation.grid.grids import FixedGrid, Grid, MonthGrid, grid_of
from tsforecast.preparation.grid.infer import Sampling, infer
from tsforecast.preparation.marks import unmarked
from tsforecast.preparation.outliers import OutlierRule, treat_outliers
from tsforecast.preparation.report import PrepareReport
from tsforecast.preparation.rows import BoolArray, Rows

MOST_NAMED = 4
FREE_RULES = ("frequency", "sort", "reverse", "gap", "resample", "upsample", "left")


@dataclass(frozen=True, eq=False)
class Prepared:
    """A regular panel of what was observed, and what repairing and filling it as a whole gives.

    Attributes:
        panel: Regular; NaN where nothing was observed, outliers as they are. Each of its `Series` fills itself from
            its own rows, so that its past depends on nothing that came later: what models see.
        table: What was read, without the marks of an earlier `prepare`.
        config: The settings.
    """

    panel: Panel
    table: Table
    config: PrepareConfig
    _rows: Rows
    _regularised: Ledger
    _report: PrepareReport

    @property
    def filled(self) -> Panel:
        """The panel repaired and filled with all rows in sight, for people and files; made when first asked for.

        Complete but for the edges of a channel and gaps longer than `max_gap`.

        Raises:
            DataError: The repair budget is exceeded, or a series has no season to be filled by.
        """
        return self._repaired[0]

    @property
    def ledger(self) -> Ledger:
        """The entries of the table, and those of preparing up to `filled`, in order."""
        return self._repaired[1]

    @property
    def report(self) -> PrepareReport:
        """What was found and done, up to `filled`."""
        self._repaired  # noqa: B018
        return self._report

    @property
    def changed(self) -> BoolArray:
        """True where `filled` has a value that was not observed `(row, channel)`."""
        before, after = self.panel.values, self.filled.values
        return np.asarray((before != after) & ~np.isnan(after))

    @cached_property
    def status(self) -> list[SeriesStatus]:
        """What is wrong with each series, if anything; one of each target of each series of the table."""
        judge = Judge(self.table, self.panel, self.config, self._report.left_out, self._regularised)
        return judge.statuses()

    def summary_lines(self) -> list[str]:
        """Three lines for the user."""
        return self.report.summary_lines()

    @cached_property
    def _repaired(self) -> tuple[Panel, Ledger]:
        config, report, ledger = self.config, self._report, Ledger()
        ledger.extend([self._regularised])
        rule = OutlierRule.parse(config.outliers)
        rows = (
            self._rows if rule is None else treat_outliers(self._rows, report.freq, rule, ledger, report, config.seed)
        )
        rows = impute(rows, report.freq, config, ledger, report)
        report.n_steps, report.n_left = len(rows), int(np.isnan(rows.values).sum())
        _check_budget(ledger, rows, config, report)
        panel = self.panel if rows is self._rows else self.panel.with_values(rows.values)
        everything = Ledger()
        everything.extend([self.table.ledger])
        if len(ledger) or config.freq is not None:
            everything.record("frequency", column="ds", new=report.freq)
        everything.extend([ledger])
        return replace(panel, fill=None), everything


def prepare(table: Table, config: PrepareConfig | None = None) -> Prepared:
    """Repair and regularise a table; the table itself is left as it is.

    Filling waits until it is asked for, but where `max_repaired` limits it.

    Raises:
        DataError: Where there is nothing to use, the frequency cannot be told, or the repair budget is exceeded.
        UsageError: Where a setting is not one of those there are.
    """
    config = config or PrepareConfig()
    OutlierRule.parse(config.outliers)
    parse_method(config.impute)
    ledger, report = Ledger(), PrepareReport(n_rows=len(table.frame))
    table = unmarked(table, report)
    rows = regularise(table, config, ledger, report)
    panel = _panel(table, rows, ledger, report)
    panel = with_filling(panel, config)
    prepared = Prepared(panel, table, config, rows, ledger, report)
    if config.max_repaired is not None:
        _ = prepared.filled
    return prepared


def with_filling(panel: Panel, config: PrepareConfig) -> Panel:
    """The panel with series that treat their outliers and fill their gaps as the settings say; values as they are."""
    return replace(panel, fill=Filler(panel, config))


def regularise(table: Table, config: PrepareConfig, ledger: Ledger, report: PrepareReport) -> Rows:
    """Rows on a regular grid, absent ones missing; changes go to `ledger`, facts to `report`."""
    if len(table.frame) == 0 or table.frame.shape[1] < 3:
        raise DataError("there are no rows" if len(table.frame) == 0 else "there is no numeric column")
    rows = repair.drop_without_stamp(Rows.from_table(table), ledger)
    if len(rows) == 0:
        raise DataError("no row has a stamp")
    rows = repair.drop_impossible(rows, ledger)
    if np.isnan(rows.values).all():
        raise DataError("all values are missing")
    rows = repair.sort(rows, ledger)
    if config.freq is None:
        rows = leave_out(rows, odd_steps(rows), ledger, report.left_out)
    rows = _on_grid(rows, config, ledger, report)
    report.n_series = len(rows.ids)
    named = list(report.left_out.items())
    report.notes += [f"series '{uid}' is left out: {why}" for uid, why in named[:MOST_NAMED]]
    if len(named) > MOST_NAMED:
        report.notes.append(f"{len(named) - MOST_NAMED:,} more series are left out, for reasons like these")
    _count(ledger, report)
    return rows


def _on_grid(rows: Rows, config: PrepareConfig, ledger: Ledger, report: PrepareReport) -> Rows:
    """Repair rows that are regular but for slips; aggregate or spread out those that are not on the wanted grid."""
    merged = Ledger()
    unique = repair.merge_duplicates(rows, config.duplicates, merged)
    if config.freq is None:
        ledger.extend([merged])
        return _repaired(unique, infer(unique), config, ledger, report)
    wanted = grid_of(config.freq, rows.is_index)
    try:
        found = infer(unique)
    except DataError:
        # Rows of an irregular table are events: two of one stamp both count, so duplicates are not merged.
        report.notes.append(f"irregular stamps aggregated to {wanted.freq}; rows with the same stamp all count")
        return _aggregated(rows, wanted, config, ledger, report)
    ledger.extend([merged])
    if found.freq == wanted.freq:
        return _repaired(unique, replace(found, how="given"), config, ledger, report)
    report.notes.append(f"resampled from {found.freq} to {wanted.freq}")
    snapped, _ = place.snap(unique, found, config.duplicates, ledger)
    if _length(wanted) < _length(found.grid):
        return _spread(snapped, found, wanted, ledger, report)
    _note_partial(snapped, found, wanted, config, report)
    return _aggregated(snapped, wanted, config, ledger, report)


def _repaired(rows: Rows, found: Sampling, config: PrepareConfig, ledger: Ledger, report: PrepareReport) -> Rows:
    if config.freq is None and (stray := place.stray_stamps(rows, found.cells)):
        rows = leave_out(rows, stray, ledger, report.left_out)
        found = infer(rows)
    report.freq, report.freq_how, report.agreement = found.freq, found.how, found.agreement
    report.off_grid = int(found.off_grid.sum())
    report.off_grid_lines = rows.lines[np.flatnonzero(found.off_grid)[:10]].tolist()
    if report.off_grid:
        report.notes.append(
            f"{report.off_grid:,} stamps off the grid of {found.freq}, first in line {report.off_grid_lines[0]}"
        )
    snapped, cells = place.snap(rows, found, config.duplicates, ledger)
    max_rows = place.MAX_EMPTY_RATIO * len(rows) + 10_000 if config.freq is None else place.MAX_GIVEN_ROWS
    return _completed(snapped, cells, found.grid, ledger, report, max_rows)


def _aggregated(rows: Rows, wanted: Grid, config: PrepareConfig, ledger: Ledger, report: PrepareReport) -> Rows:
    report.freq, report.freq_how = wanted.freq, "given"
    bins, cells = place.aggregate(rows, wanted, config.agg, ledger)
    result = _completed(bins, cells, wanted, ledger, report, place.MAX_GIVEN_ROWS)
    return place.count_nothing(result, config.agg, rows.channels, ledger)


def _note_partial(rows: Rows, found: Sampling, wanted: Grid, config: PrepareConfig, report: PrepareReport) -> None:
    """Say where a sum or a count at an end of the series is of a part of its rows only."""
    summed = {"sum", "count"} & set(place.parse_agg(config.agg, rows.channels).values())
    if not summed or not isinstance(found.grid, FixedGrid) or len(rows.ids) > 1:
        return
    first, last = rows.stamps[0], rows.stamps[-1]
    bins = wanted.bins(np.array([first - found.grid.step, first, last, last + found.grid.step]))
    partial = [name for name, cut in (("first", bins[0] == bins[1]), ("last", bins[2] == bins[3])) if cut]
    if partial:
        report.notes.append(
            f"the {' and the '.join(partial)} {' and '.join(sorted(summed))} per {wanted.freq} is of a part"
        )


def _completed(rows: Rows, cells: IntArray, grid: Grid, ledger: Ledger, report: PrepareReport, max_rows: int) -> Rows:
    result = place.complete(rows, cells, grid, ledger, max_rows)
    report.n_gap_rows = len(result) - len(rows)
    report.n_gaps = int((np.diff(cells)[~rows.begins()[1:]] > 1).sum()) if report.n_gap_rows else 0
    return result


def _spread(rows: Rows, found: Sampling, wanted: Grid, ledger: Ledger, report: PrepareReport) -> Rows:
    """Rows on a finer grid, with straight lines between neighbours (rule ``upsample``)."""
    report.freq, report.freq_how = wanted.freq, "given"
    single = np.zeros(len(rows), dtype="int64")
    placed = wanted.cells(rows.stamps, single)
    moved = place.move(rows, wanted.stamps(placed, single), ledger)
    result = place.complete(moved, placed, wanted, ledger, rule="upsample")
    widest = int(np.ceil(_length(found.grid) / _length(wanted) * 1.2))
    return fill.upsample(result, widest, ledger)


def _length(grid: Grid) -> float:
    """Typical length of a step, microseconds or index units."""
    if isinstance(grid, FixedGrid):
        return float(grid.step)
    return 30.44 * DAY * grid.n if isinstance(grid, MonthGrid) else 1.4 * DAY


def _count(ledger: Ledger, report: PrepareReport) -> None:
    counts = ledger.counts()
    report.duplicates = counts.get("duplicate", 0)
    report.sorted_rows = counts.get("sort", 0) + counts.get("reverse", 0)
    report.impossible = counts.get("impossible", 0)
    report.regular_before = len(ledger) == report.impossible


def _panel(table: Table, rows: Rows, ledger: Ledger, report: PrepareReport) -> Panel:
    """The panel; where nothing was changed, over the memory of the table itself."""
    if len(ledger) == 0 and len(rows.ids) == 1:
        panel = Panel(table.frame.reset_index(drop=True), report.freq, table.schema)
    else:
        panel = rows.panel(report.freq, table.schema)
    return replace(panel, roles=table.roles, sources=table.sources)


def _check_budget(ledger: Ledger, rows: Rows, config: PrepareConfig, report: PrepareReport) -> None:
    """Hold to `max_repaired`: values and stamps changed, as a share of all cells of the panel."""
    counts = {r: n for r, n in ledger.counts().items() if r.split(" ")[0] not in FREE_RULES and not r.endswith(" flag")}
    report.repaired = sum(counts.values())
    share = report.repaired / max(1, rows.values.size)
    if config.max_repaired is not None and share > config.max_repaired:
        top = max(counts, key=lambda rule: counts[rule])
        raise DataError(
            f"{report.repaired:,} repairs are {share:.1%} of {rows.values.size:,} values, more than the budget of"
            f" {config.max_repaired:.1%}; most by the rule '{top}' ({counts[top]:,})",
            "raise --max-repaired, or look at --ledger FILE.jsonl and correct the source",
        )
