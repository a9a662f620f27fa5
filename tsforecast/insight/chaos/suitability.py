"""Reasons why nothing about its dynamics can be told from a series."""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import FloatArray

SHORTEST = 300
MOST_MISSING = 0.5
MOST_STUCK = 0.2
MOST_CLIPPED = 0.02
COARSEST = 0.1
SPIKE = 8.0
SPIKE_VARIANCE = 0.1
MOST_SPIKES = 0.002


def unsuitable(values: FloatArray) -> str | None:
    """The first reason why the series `(time,)` tells nothing, one line; None where it may."""
    seen = values[np.isfinite(values)]
    if len(seen) == 0:
        return "no values"
    levels = np.unique(seen)
    if len(levels) == 1:
        return "the series is constant"
    if len(levels) == 2:
        return "the series has only two values"
    missing = 1.0 - len(seen) / len(values)
    if missing > MOST_MISSING:
        return f"{100 * missing:.0f} % of the values are missing"
    if len(seen) < SHORTEST:
        return f"too short: {len(seen)} values, at least {SHORTEST} are needed"
    return _clipped(values, levels) or _stuck(values) or _coarse(values, levels) or _spikes(values)


def _clipped(values: FloatArray, levels: FloatArray) -> str | None:
    for extreme, side in ((levels[0], "smallest"), (levels[-1], "largest")):
        at = values == extreme
        in_runs = at[1:-1] & at[:-2] & at[2:]
        if in_runs.mean() > MOST_CLIPPED:
            return f"the series looks clipped: {100 * at.mean():.0f} % of the values are the {side} one, in runs"
    return None


def _stuck(values: FloatArray) -> str | None:
    share = float(np.mean(values[1:] == values[:-1]))
    if share > MOST_STUCK:
        return f"{100 * share:.0f} % of the values repeat the one before: duplicated, or held by the sensor"
    return None


def _coarse(values: FloatArray, levels: FloatArray) -> str | None:
    """Whole steps that are large against the movement; an exactly repeating series has few levels and is fine."""
    step = float(np.min(np.diff(levels)))
    spread = float(np.nanstd(values))
    on_grid = np.abs((levels - levels[0]) / step - np.round((levels - levels[0]) / step)) < 1e-6
    if step > COARSEST * spread and on_grid.all():
        return f"the values are whole steps of {step:g}, coarse against their standard deviation of {spread:.3g}"
    return None


def _spikes(values: FloatArray) -> str | None:
    """Single values far outside, between two ordinary ones."""
    centre = float(np.nanmedian(values))
    scale = 1.4826 * float(np.nanmedian(np.abs(values - centre)))
    if scale == 0:
        return "more than half of the values are equal"
    far = np.abs(values - centre) / scale
    alone = np.zeros(len(values), dtype=bool)
    alone[1:-1] = (far[1:-1] > SPIKE) & (far[:-2] < SPIKE / 2) & (far[2:] < SPIKE / 2)
    share = float(np.sum(far[alone] ** 2) / np.nansum(far**2))
    if alone.mean() > MOST_SPIKES or share > SPIKE_VARIANCE:
        return f"{int(alone.sum())} isolated spikes make up {100 * share:.0f} % of the variance"
    return None
