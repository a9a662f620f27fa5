"""Outliers: three ways to find them, three things to do about them; nothing happens unless asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tsforecast.data.ledger import Ledger
from tsforecast.data.panel import Freq
from tsforecast.errors import DataError, MissingDependencyError, UsageError
from tsforecast.insight.season import season_gains
from tsforecast.preparation.report import PrepareReport
from tsforecast.preparation.rows import BoolArray, Rows, Values

METHODS = {
    "hampel": "far from the median of the eleven values around",
    "seasonal": "far from trend and season (STL)",
    "iforest": "isolated among values and their steps (isolation forest)",
}
ACTIONS = {
    "flag": "only list them in the ledger",
    "clip": "move them to the edge of what is usual",
    "missing": "make them missing, to be filled like gaps",
}
THRESHOLD = 5.0
HALF_WINDOW = 5
# Median absolute deviation of a normal distribution to its standard deviation.
MAD_TO_SD = 1.4826


@dataclass(frozen=True)
class OutlierRule:
    """What ``hampel:clip:4`` says.

    Attributes:
        method: One of `METHODS`.
        action: One of `ACTIONS`.
        threshold: Robust standard deviations beyond which a value is an outlier.
    """

    method: str
    action: str = "flag"
    threshold: float = THRESHOLD

    @classmethod
    def parse(cls, text: str) -> OutlierRule | None:
        """The rule written as ``METHOD[:ACTION[:THRESHOLD]]``; None for ``none``.

        Raises:
            UsageError: Where it cannot be read.
        """
        if text == "none":
            return None
        method, _, rest = text.partition(":")
        action, _, threshold = rest.partition(":")
        try:
            rule = cls(method, action or "flag", float(threshold) if threshold else THRESHOLD)
        except ValueError:
            rule = None
        if rule is None or method not in METHODS or rule.action not in ACTIONS or not 0 < rule.threshold < np.inf:
            raise UsageError(
                f"'{text}' is not a way to treat outliers",
                f"--outliers takes none, or METHOD[:ACTION[:THRESHOLD]] with {', '.join(METHODS)};"
                f" {', '.join(ACTIONS)}; {THRESHOLD:g}",
            )
        return rule


def treat_outliers(
    rows: Rows, freq: Freq, rule: OutlierRule, ledger: Ledger, report: PrepareReport, seed: int = 0
) -> Rows:
    """Find outliers in each channel of each series, and flag, clip or remove them (rule ``outlier hampel clip``)."""
    values = rows.values.copy()
    bounds = np.append(np.flatnonzero(rows.begins()), len(rows))
    for j, channel in enumerate(rows.channels):
        usual_low, usual_high = np.full(len(rows), -np.inf), np.full(len(rows), np.inf)
        for low, high in pairwise(bounds):
            usual_low[low:high], usual_high[low:high] = _usual(values[low:high, j], freq, rule, seed)
        at = np.flatnonzero((values[:, j] < usual_low) | (values[:, j] > usual_high))
        old = values[at, j]
        if rule.action == "clip":
            values[at, j] = np.clip(old, usual_low[at], usual_high[at])
        elif rule.action == "missing":
            values[at, j] = np.nan
        ledger.record(
            f"outlier {rule.method} {rule.action}",
            line=rows.lines[at],
            unique_id=rows.names(at),
            column=channel,
            ds=rows.ds(at),
            old=old,
            new=values[at, j],
        )
        report.outliers += len(at)
    return replace(rows, values=values)


def treated(x: Values, freq: Freq, rule: OutlierRule, seed: int) -> Values:
    """One series with its outliers clipped or made missing `(time,)`; as it is where there is no season to judge by."""
    try:
        low, high = _usual(x, freq, rule, seed)
    except DataError:
        return x
    if rule.action == "clip":
        return np.clip(x, low, high)
    return np.where((x < low) | (x > high), np.nan, x)


def _usual(x: Values, freq: Freq, rule: OutlierRule, seed: int) -> tuple[Values, Values]:
    """Lowest and highest usual value at each stamp `(time,)`; none is unusual among a few."""
    if np.count_nonzero(~np.isnan(x)) <= 2 * HALF_WINDOW:
        return np.full(len(x), -np.inf), np.full(len(x), np.inf)
    if rule.method == "hampel":
        return _hampel(x, rule.threshold)
    if rule.method == "seasonal":
        return _around(_trend_and_season(x, freq), x, rule.threshold)
    odd = _isolated(x, rule.threshold, seed)
    if not odd.any():
        return np.full(len(x), -np.inf), np.full(len(x), np.inf)
    centre = np.nanmedian(x[~odd])
    low = np.where(odd & (x >= centre), -np.inf, np.nanmin(x[~odd]))
    high = np.where(odd & (x < centre), np.inf, np.nanmax(x[~odd]))
    # A value can be odd by its steps alone, inside the range: then its usual value is halfway to its neighbours.
    inside = odd & (x >= np.nanmin(x[~odd])) & (x <= np.nanmax(x[~odd]))
    middle = _hampel(x, 0.0)[0]
    return np.where(inside & (x < middle), middle, low), np.where(inside & (x > middle), middle, high)


def _hampel(x: Values, threshold: float) -> tuple[Values, Values]:
    """Median of the window around, plus and minus `threshold` robust deviations (Hampel 1974)."""
    width = 2 * HALF_WINDOW + 1
    padded = np.pad(x, HALF_WINDOW, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    middle, spread = np.empty(len(x)), np.empty(len(x))
    for start in range(0, len(x), 65_536):
        part = windows[start : start + 65_536]
        seen = ~np.isnan(part).all(axis=1)
        at = start + np.flatnonzero(seen)
        middle[start : start + len(part)], spread[start : start + len(part)] = np.nan, np.nan
        middle[at] = np.nanmedian(part[seen], axis=1)
        spread[at] = np.nanmedian(np.abs(part[seen] - middle[at, None]), axis=1)
    # Where the window is flat, what is typical of the series says what is far.
    off = np.abs(x - middle)
    typical = np.median(off[off > 0]) if (off > 0).any() else np.inf
    reach = threshold * MAD_TO_SD * np.where(spread > 0, spread, typical) if threshold else 0.0
    return middle - reach, middle + reach


def _around(fitted: Values, x: Values, threshold: float) -> tuple[Values, Values]:
    rest = x - fitted
    centre = np.nanmedian(rest)
    reach = threshold * MAD_TO_SD * float(np.nanmedian(np.abs(rest - centre)))
    if reach == 0:
        return np.full(len(x), -np.inf), np.full(len(x), np.inf)
    return fitted + centre - reach, fitted + centre + reach


def _trend_and_season(x: Values, freq: Freq) -> Values:
    """Trend and season by robust STL (Cleveland and others 1990) of the series with gaps bridged `(time,)`."""
    try:
        from statsmodels.tsa.seasonal import STL
    except ImportError as error:
        raise MissingDependencyError("statsmodels", "prepare", "finding outliers by season") from error
    seen = np.flatnonzero(~np.isnan(x))
    bridged = np.interp(np.arange(len(x)), seen, x[seen])
    gains = season_gains(bridged, freq)
    if not gains:
        raise DataError("there is no season to find outliers by", "--outliers hampel needs none")
    season_length = next(iter(gains))
    # Smoothing at every tenth point of a window and straight lines between changes little and saves most of the time.
    jump = max(1, season_length // 10)
    found = STL(bridged, period=season_length, robust=True, trend_jump=jump, low_pass_jump=jump).fit()
    return np.asarray(found.trend + found.seasonal)


def _isolated(x: Values, threshold: float, seed: int) -> BoolArray:
    """Values that an isolation forest (Liu, Ting and Zhou 2008) finds odd, by value and by step to both neighbours."""
    from sklearn.ensemble import IsolationForest

    seen = np.flatnonzero(~np.isnan(x))
    y = x[seen]
    steps = np.diff(y)
    features = np.column_stack([y, np.append(0.0, steps), np.append(steps, 0.0)])
    forest = IsolationForest(n_estimators=100, random_state=seed).fit(features)
    oddness = -forest.score_samples(features)
    centre = np.median(oddness)
    spread = MAD_TO_SD * np.median(np.abs(oddness - centre))
    odd = np.zeros(len(x), dtype=bool)
    odd[seen] = oddness > centre + threshold * max(spread, 1e-12)
    return odd
