"""Filling missing values: the choice of the method and the account of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tsforecast.config import PrepareConfig
from tsforecast.errors import UsageError
from tsforecast.ledger import Ledger
from tsforecast.panel import IntArray
from tsforecast.prepare import fill
from tsforecast.prepare.report import PrepareReport
from tsforecast.prepare.rows import Rows, Values


def impute(rows: Rows, config: PrepareConfig, ledger: Ledger, report: PrepareReport) -> Rows:
    """Fill the missing values of regular rows (rule ``fill linear`` and so on)."""
    missing = np.isnan(rows.values)
    report.n_missing = int(missing.sum())
    if not report.n_missing or config.impute == "none":
        return rows
    indptr = np.append(np.flatnonzero(rows.begins()), len(rows))
    values = rows.values.copy()
    for j, channel in enumerate(rows.channels):
        if not missing[:, j].any():
            continue
        method = "linear" if config.impute == "auto" else config.impute
        filled = _by(method, values[:, j], rows, indptr)
        if config.max_gap is not None:
            too_long = fill.gap_lengths(values[:, j], indptr) > config.max_gap
            filled[too_long] = np.nan
        at = np.flatnonzero(missing[:, j] & ~np.isnan(filled))
        ledger.record(
            f"fill {method}",
            line=rows.lines[at],
            unique_id=rows.names(at),
            column=channel,
            ds=rows.ds(at),
            new=filled[at],
        )
        report.filled[channel] = {method: len(at)}
        values[:, j] = filled
    return replace(rows, values=values)


def _by(method: str, x: Values, rows: Rows, indptr: IntArray) -> Values:
    if method in ("linear", "time"):
        positions = np.arange(len(x)) if method == "linear" else rows.stamps
        return fill.between(x, positions.astype("float64"), indptr)
    if method in ("previous", "next"):
        return fill.carried(x, indptr, method == "previous")
    raise UsageError(f"'{method}' is not a way to fill")
