"""Filling missing values: which method for which gap, and the account of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from tsforecast.config import PrepareConfig
from tsforecast.data.ledger import Ledger
from tsforecast.data.panel import Freq, IntArray
from tsforecast.errors import DataError, UsageError
from tsforecast.insight.season import season_gains
from tsforecast.preparation.fill import neighbours as fill
from tsforecast.preparation.report import PrepareReport
from tsforecast.preparation.rows import BoolArray, Rows, Values

METHODS = {
    "auto": "the best on hidden stretches as long as the gaps",
    "linear": "straight line over the rows",
    "time": "straight line over time, for months and business days",
    "pchip": "monotone cubic curve",
    "spline": "cubic spline",
    "previous": "value before the gap (causal)",
    "next": "value after the gap",
    "seasonal[:LENGTH]": "same phase of neighbouring seasons",
    "kalman": "smoothing of a structural model",
    "knn": "nearest neighbours among rows",
    "iterative": "regression on the other channels and neighbouring rows",
    "constant:VALUE": "a constant, at the edges too",
    "none": "leave them missing",
}
# Gaps are chosen for by size: up to 1, 4, 16, ... steps.
SIZES = 4 ** np.arange(16)
HIDDEN_STRETCHES = 24
ROUNDS = 4
MOST_HIDDEN = 0.15
SAMPLED_SERIES = 12
MARGIN = 0.05
SAMPLED_ROWS = 50_000


def impute(rows: Rows, freq: Freq, config: PrepareConfig, ledger: Ledger, report: PrepareReport) -> Rows:
    """Fill the missing values inside each series of regular rows (rule ``fill linear`` and so on).

    Leading and trailing missing values stay (but with ``constant``), and so do gaps longer than `config.max_gap`.

    Raises:
        UsageError: Where the method is not one of `METHODS`.
    """
    parse_method(config.impute)
    missing = np.isnan(rows.values)
    report.n_missing = int(missing.sum())
    if not report.n_missing or config.impute == "none":
        return rows
    indptr = np.append(np.flatnonzero(rows.begins()), len(rows))
    values = rows.values.copy()
    for j, channel in enumerate(rows.channels):
        if not missing[:, j].any() or missing[:, j].all():
            continue
        gaps = fill.gap_lengths(values[:, j], indptr)
        wanted = missing[:, j] & (gaps <= (config.max_gap or len(rows)))
        if config.impute == "auto":
            plan = chosen_methods(rows, j, gaps, indptr, freq, config.seed, report)
        else:
            plan = {config.impute: wanted}
        for method, where in plan.items():
            filled = fill_by(method, rows, j, indptr, freq)
            at = np.flatnonzero(where & wanted & ~np.isnan(filled))
            values[at, j] = filled[at]
            name = f"fill {method}"
            line, ids = rows.lines[at], rows.names(at)
            ledger.record(name, line=line, unique_id=ids, column=channel, ds=rows.ds(at), new=filled[at])
            if len(at):
                report.filled.setdefault(channel, {})[method] = len(at)
    return replace(rows, values=values)


def parse_method(method: str) -> tuple[str, str]:
    """The name of a method and its setting, as in ``constant:0``.

    Raises:
        UsageError: Where there is no such method.
    """
    name, _, setting = method.partition(":")
    takes = {usage.partition("[")[0].partition(":")[0]: usage for usage in METHODS}
    if name not in takes or (setting and takes[name] == name) or (name == "constant" and not _is_number(setting)):
        raise UsageError(f"'{method}' is not a way to fill", f"--impute takes {', '.join(METHODS)}")
    if name == "seasonal" and setting and not (setting.isdigit() and int(setting) > 1):
        raise UsageError(f"the season must be a number of steps above 1, received '{setting}'")
    return name, setting


def fill_by(method: str, rows: Rows, channel: int, indptr: IntArray, freq: Freq, *, to_end: bool = False) -> Values:
    """One channel of all series with its gaps filled by one method `(row,)`; edges stay missing.

    Args:
        to_end: Whether the methods that can (``kalman``, ``knn``, ``iterative``) go on behind the last value.
    """
    name, setting = parse_method(method)
    x = rows.values[:, channel]
    if name == "constant":
        return np.where(np.isnan(x), float(setting), x)
    if name == "seasonal":
        length = int(setting) if setting else _season(rows, channel, indptr, freq)
        return fill.seasonal(x, length, indptr)
    if name in _FROM_NEIGHBOURS:
        return _FROM_NEIGHBOURS[name](x, rows.stamps, indptr)
    from tsforecast.preparation.fill.learned import fill_series

    filled = x.copy()
    length = 1 if name == "spline" else (seasons_of(rows, channel, indptr, freq) or [1])[0]
    for low, high in pairwise(indptr):
        if np.isnan(x[low:high]).any():
            filled[low:high] = fill_series(name, rows.values[low:high], channel, length, to_end)
    return filled


_FROM_NEIGHBOURS: dict[str, Callable[[Values, IntArray, IntArray], Values]] = {
    "linear": lambda x, _, indptr: fill.between(x, None, indptr),
    "time": lambda x, stamps, indptr: fill.between(x, stamps.astype("float64"), indptr),
    "pchip": lambda x, _, indptr: fill.monotone(x, indptr),
    "previous": lambda x, _, indptr: fill.carried(x, indptr, forward=True),
    "next": lambda x, _, indptr: fill.carried(x, indptr, forward=False),
}


def chosen_methods(
    rows: Rows, channel: int, gaps: IntArray, indptr: IntArray, freq: Freq, seed: int, report: PrepareReport
) -> dict[str, BoolArray]:
    """The rows each method is to fill: for every size of gap, the one with the least error on hidden stretches."""
    rng = np.random.default_rng(seed)
    candidates = _candidates(rows, channel, indptr, freq)
    sample, bounds = _sample(rows, channel, indptr, rng)
    plan: dict[str, BoolArray] = {}
    size_of = np.searchsorted(SIZES, gaps)
    for size in np.unique(size_of[gaps > 0]):
        where = (gaps > 0) & (size_of == size)
        best, errors = _best(candidates, sample, bounds, np.unique(gaps[where]), freq, rng)
        if errors:
            label = f"{gaps[where].min()}-{gaps[where].max()}"
            report.imputation_scores.setdefault(rows.channels[channel], {})[label] = errors
        plan[best] = plan.get(best, np.zeros(len(rows), dtype=bool)) | where
    return plan


def best_method(rows: Rows, size: int, freq: Freq, seed: int) -> str:
    """The method for gaps of `SIZES[size]` steps in the first channel of one series, by hidden stretches as long."""
    whole = np.array([0, len(rows)])
    sample, bounds = _sample(rows, 0, whole, rng := np.random.default_rng(seed))
    return _best(_candidates(rows, 0, whole, freq), sample, bounds, SIZES[[size]], freq, rng)[0]


def _candidates(rows: Rows, channel: int, indptr: IntArray, freq: Freq) -> list[str]:
    return ["linear", "pchip", "previous", *(f"seasonal:{m}" for m in seasons_of(rows, channel, indptr, freq))]


def _best(
    candidates: list[str], sample: Rows, bounds: IntArray, lengths: IntArray, freq: Freq, rng: np.random.Generator
) -> tuple[str, dict[str, float]]:
    """The method with the least error on hidden stretches, and the errors of all, none where nothing could be hidden.

    Stretches as long as the real gaps are hidden where everything around them was observed. Another method than the
    straight line is taken only if its error is at least 5 % less.
    """
    errors = _tried(candidates, sample, bounds, lengths, freq, rng) if len(bounds) > 1 else {}
    if not errors:
        return "linear", errors
    return min(candidates, key=lambda m: errors[m] * (1.0 if m == "linear" else 1 + MARGIN)), errors


def _tried(
    candidates: list[str], sample: Rows, bounds: IntArray, lengths: IntArray, freq: Freq, rng: np.random.Generator
) -> dict[str, float]:
    """Mean absolute error of each method on hidden stretches of the given lengths; empty where none fits."""
    misses: dict[str, list[Values]] = {m: [] for m in candidates}
    for _ in range(ROUNDS):
        hidden = _hide(sample.values[:, 0], lengths, bounds, rng)
        if hidden.any():
            trial = replace(sample, values=np.where(hidden[:, None], np.nan, sample.values))
            for m in candidates:
                misses[m].append(np.abs(fill_by(m, trial, 0, bounds, freq) - sample.values[:, 0])[hidden])
    return {m: float(np.nanmean(np.concatenate(missed))) for m, missed in misses.items() if missed}


def _sample(rows: Rows, channel: int, indptr: IntArray, rng: np.random.Generator) -> tuple[Rows, IntArray]:
    """One channel of a few series, their latest rows, to try methods on; and the offsets of those series."""
    long_enough = np.flatnonzero(np.diff(indptr) > 2)
    if len(long_enough) > SAMPLED_SERIES:
        long_enough = np.sort(rng.choice(long_enough, SAMPLED_SERIES, replace=False))
    lengths = np.minimum(np.diff(indptr)[long_enough], SAMPLED_ROWS)
    parts = [np.arange(indptr[k + 1] - n, indptr[k + 1]) for k, n in zip(long_enough, lengths, strict=True)]
    which = np.concatenate(parts) if parts else np.zeros(0, dtype="int64")
    sample = rows.take(which)
    sample = replace(sample, channels=(rows.channels[channel],), values=sample.values[:, [channel]])
    return sample, np.concatenate([[0], np.cumsum(lengths)])


def _hide(x: Values, lengths: IntArray, indptr: IntArray, rng: np.random.Generator) -> BoolArray:
    """Stretches of the given lengths, each with observed values next to it, hidden at random `(row,)`."""
    hidden = np.zeros(len(x), dtype=bool)
    rows = np.arange(len(x))
    # Observed rows up to and including each one: a stretch fits where there are enough of them.
    run = rows - np.maximum.accumulate(np.where(np.isnan(x), rows, -1))
    for _ in range(HIDDEN_STRETCHES):
        length = int(rng.choice(lengths))
        if hidden.any() and hidden.sum() + length > MOST_HIDDEN * len(x):
            break
        k = int(rng.integers(len(indptr) - 1))
        first = indptr[k] + length + 1
        ends = first + np.flatnonzero(run[first : indptr[k + 1]] >= length + 2)
        if len(ends):
            end = int(rng.choice(ends))
            if not hidden[end - length - 1 : end + 1].any():
                hidden[end - length : end] = True
    return hidden


def _season(rows: Rows, channel: int, indptr: IntArray, freq: Freq) -> int:
    found = seasons_of(rows, channel, indptr, freq)
    if not found:
        raise DataError(
            f"'{rows.channels[channel]}' has no season to fill its gaps by",
            "give its length, as in --impute seasonal:24",
        )
    return found[0]


def seasons_of(rows: Rows, channel: int, indptr: IntArray, freq: Freq) -> list[int]:
    """The shortest strong season and the strongest one, of a few of the longest series; shortest first."""
    found: set[int] = set()
    for k in np.argsort(-np.diff(indptr), kind="stable")[:3]:
        gains = season_gains(rows.values[indptr[k] : indptr[k + 1], channel], freq)
        if gains:
            found |= {min(m for m, gain in gains.items() if gain >= 0.5 * max(gains.values())), next(iter(gains))}
    return sorted(found)[:3]


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False
