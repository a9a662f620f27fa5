"""Reasons why nothing about its dynamics can be told from a series."""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.insight.scaling import unit_scaled

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
    scaled, exponent = unit_scaled(values)
    levels = np.ldexp(levels, -exponent)
    return _clipped(scaled, levels) or _stuck(scaled) or _coarse(scaled, levels, exponent) or _spikes(scaled)


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


def _coarse(values: FloatArray, levels: FloatArray, exponent: int) -> str | None:
    """Whole steps that are large against the movement; an exactly repeating series has few levels and is fine."""
    step = float(np.min(np.diff(levels)))
    spread = float(np.nanstd(values))
    if step <= COARSEST * spread:
        return None
    on_grid = np.abs((levels - levels[0]) / step - np.round((levels - levels[0]) / step)) < 1e-6
    if not on_grid.all():
        return None
    step, spread = (float(np.ldexp(size, exponent)) for size in (step, spread))
    return f"the values are whole steps of {step:g}, coarse against their standard deviation of {spread:.3g}"


def _spikes(values: FloatArray) -> str | None:
    """Single values far outside, between two ordinary ones."""
    centre = float(np.nanmedian(values))
    scale = 1.4826 * float(np.nanmedian(np.abs(values - centre)))
    if scale == 0:
        return "more than half of the values are equal"
    away = np.abs(values - centre)
    alone = np.zeros(len(values), dtype=bool)
    alone[1:-1] = (away[1:-1] > SPIKE * scale) & (away[:-2] < SPIKE / 2 * scale) & (away[2:] < SPIKE / 2 * scale)
    share = float(np.sum(away[alone] ** 2) / np.nansum(away**2))
    if alone.mean() > MOST_SPIKES or share > SPIKE_VARIANCE:
        return f"{int(alone.sum())} isolated spikes make up {100 * share:.0f} % of the variance"
    return None
