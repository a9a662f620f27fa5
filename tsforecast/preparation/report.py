"""What preparing a table found and did, as plain facts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from tsforecast.data.panel import Freq


@dataclass
class PrepareReport:
    """Facts about one run of `prepare`; plain JSON values only.

    Attributes:
        freq: The frequency of the panel.
        freq_how: How it was found ("modal step", "given", ...).
        agreement: Share of the steps that were exactly one `freq`.
        off_grid: Number of rows whose stamp was not on the grid.
        off_grid_lines: Source lines of the first ten of them.
        n_rows, n_series, n_steps: Rows read, series, rows of the panel.
        n_gaps: Runs of absent rows; n_gap_rows: rows inserted for them.
        n_missing: Cells missing before filling, those of inserted rows included.
        n_left: Cells still missing afterwards.
        duplicates: Rows merged into another of the same stamp.
        sorted_rows: Rows that were out of order.
        impossible: Infinite values and those beyond 1e300.
        outliers: Values found to be outliers.
        repaired: Cells and stamps changed, counted against the budget.
        regular_before: True where nothing about the rows had to be changed.
        filled: Values filled, by channel and method.
        imputation_scores: Mean absolute error of each method on hidden values, by channel and length of gap ("5-16").
        left_out: Series that could not be put on the grid of the others, and why.
        notes: One-line remarks for the user.
    """

    freq: Freq = ""
    freq_how: str = ""
    agreement: float = 1.0
    off_grid: int = 0
    off_grid_lines: list[int] = field(default_factory=list)
    n_rows: int = 0
    n_series: int = 0
    n_steps: int = 0
    n_gaps: int = 0
    n_gap_rows: int = 0
    n_missing: int = 0
    n_left: int = 0
    duplicates: int = 0
    sorted_rows: int = 0
    impossible: int = 0
    outliers: int = 0
    repaired: int = 0
    regular_before: bool = True
    filled: dict[str, dict[str, int]] = field(default_factory=dict)
    imputation_scores: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """All facts, ready for JSON."""
        return asdict(self)

    def summary_lines(self) -> list[str]:
        """Three lines: what the table is, what was repaired, what was filled."""
        series = f"{self.n_series:,} series, " if self.n_series > 1 else ""
        agreeing = "every step agrees" if self.agreement == 1 else f"{self.agreement:.1%} of the steps agree"
        return [
            f"{self.n_rows:,} rows, {series}step {self.freq} ({self.freq_how}, {agreeing}), {self.n_steps:,} steps",
            f"repaired: {self._repairs()}",
            f"filled: {self._fills()}",
        ]

    def _repairs(self) -> str:
        found = [
            (self.sorted_rows, "row out of order", "rows out of order"),
            (self.duplicates, "duplicate stamp merged", "duplicate stamps merged"),
            (self.off_grid, "stamp moved to the grid", "stamps moved to the grid"),
            (self.impossible, "impossible value", "impossible values"),
            (self.outliers, "outlier", "outliers"),
            (self.n_gap_rows, "absent row", f"absent rows in {self.n_gaps:,} gap{'s' if self.n_gaps > 1 else ''}"),
        ]
        return ", ".join(f"{n:,} {one if n == 1 else many}" for n, one, many in found if n) or "nothing"

    def _fills(self) -> str:
        if not self.n_missing:
            return "nothing was missing"
        by_method: dict[str, int] = {}
        for methods in self.filled.values():
            for method, n in methods.items():
                by_method[method] = by_method.get(method, 0) + n
        done = [f"{n:,} by {method}" for method, n in sorted(by_method.items(), key=lambda item: -item[1])]
        left = [f"{self.n_left:,} left missing"] if self.n_left else []
        return f"of {self.n_missing:,} missing values, " + ", ".join(done + left)
