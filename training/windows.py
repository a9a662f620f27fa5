"""Windows to learn from: a random prefix that scales them, holes, masked stretches, and places to forecast from."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.generator import LENGTH, draw
from tsforecast.models.zero_shot.patched import PATCH
from tsforecast.models.zero_shot.seen import CONTEXT, carried, scaled, spectral_periods

PLACES = 8
"""Of the patches of a window, how many are forecast from at a time."""


def chunk(seed: int, number: int, count: int) -> dict[str, Any]:
    """Chunk `number`: arrays of `count` windows. Only the prefix decides scale and periods."""
    series = draw(seed, number, count)
    rng = np.random.default_rng([seed, number, 1])
    patches = CONTEXT // PATCH
    prefix = np.where(
        rng.random(count) < 0.5, rng.integers(24, patches + 1, count), rng.integers(1, patches + 1, count)
    )
    end = (prefix * PATCH)[:, None]
    t = np.arange(LENGTH)[None]
    length = np.exp(rng.uniform(np.log(6), np.log(end + 1.0)))
    start = np.where(rng.random((count, 1)) < 0.4, np.maximum(end - length, 0), 0)
    holes = (rng.random((count, LENGTH)) < rng.uniform(0, 0.4, (count, 1))) & (rng.random((count, 1)) < 0.12)
    gap = rng.integers(0, LENGTH, (count, 1))
    gaps = (t >= gap) & (t < gap + rng.integers(2, 60, (count, 1))) & (rng.random((count, 1)) < 0.1)
    observed = (t >= start) & ~holes & ~gaps
    first = np.where(rng.random((count, 1)) < 0.6, end, end + PATCH * rng.integers(0, patches, (count, 1)))
    masked = (t >= first) & (t < first + PATCH * rng.integers(1, 13, (count, 1))) & (rng.random((count, 1)) < 0.5)
    known = observed & (t < end)
    _, mean, deviation = scaled(series, known)
    scores = np.where(observed, np.arcsinh((series - mean) / deviation), np.nan)
    periods = np.zeros((count, 2))
    for upper in (8, 16, 24, 32):  # by length, so that short prefixes cost little
        rows = (prefix <= upper) & (prefix > upper - 8)
        width = upper * PATCH
        inside = np.where(known[rows, :width], scores[rows, :width], np.nan)
        periods[rows] = spectral_periods(inside)
    periods *= rng.random((count, 1)) > 0.15
    seen = observed & ~masked
    places = prefix[:, None] - 1 + np.floor(rng.random((count, PLACES)) * (patches + 1 - prefix[:, None]))
    places[:, 0] = prefix - 1
    return {
        "values": carried(np.where(seen, scores, np.nan))[:, :CONTEXT].astype(np.float32),
        "seen": seen[:, :CONTEXT].astype(np.float32),
        "periods": periods.astype(np.float32),
        "places": places.astype(np.int32),
        "targets": np.where(observed, scores, 0).astype(np.float32),
        "counted": observed.astype(np.float32),
    }
