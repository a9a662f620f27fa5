"""Forecasts of the pretrained network for many series at once, with their quantiles."""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.models.zero_shot.patched import AHEAD, PATCH, ahead, patches, states
from tsforecast.models.zero_shot.seen import CONTEXT, carried, scaled, spectral_periods, unscaled
from tsforecast.models.zero_shot.weights import weights

_TOGETHER = 512
# asinh of a million deviations: what lies beyond is no forecast
_FURTHEST = 14.5


def foresee(values: FloatArray, horizon: int) -> FloatArray:
    """`(series, horizon, quantile)`, ascending, in the unit of the values.

    Args:
        values: `(series, step)`, the last step at the end, NaN where nothing was observed.
        horizon: Steps ahead.
    """
    context = np.full((len(values), CONTEXT), np.nan)
    kept = values[:, -CONTEXT:]
    context[:, CONTEXT - kept.shape[1] :] = kept
    parts = [_batch(context[i : i + _TOGETHER], horizon) for i in range(0, len(context), _TOGETHER)]
    return np.concatenate(parts)


def _batch(context: FloatArray, horizon: int) -> FloatArray:
    """One batch: as it is and upside down, so that neither direction is preferred."""
    observed = ~np.isnan(context)
    scores, mean, deviation = scaled(np.where(observed, context, 0.0), observed)
    periods = spectral_periods(scores)
    upright, turned = (_scores(sign * scores, periods, horizon) for sign in (1, -1))
    both = np.clip((upright - turned[:, :, ::-1]) / 2, -_FURTHEST, _FURTHEST)
    constant = (np.where(observed, np.abs(scores), 0).max(axis=1) == 0)[:, None, None]
    return unscaled(np.where(constant, 0.0, both), mean[:, None], deviation[:, None])


def _scores(scores: FloatArray, periods: FloatArray, horizon: int) -> FloatArray:
    """Quantiles of the scores; beyond 64 steps the future is patches of which nothing is seen."""
    blocks = -(-horizon // AHEAD)
    known = ~np.isnan(scores)
    later = (blocks - 1) * AHEAD
    values = carried(np.pad(scores, ((0, 0), (0, later)), constant_values=np.nan)).astype(np.float32)
    seen = np.pad(known, ((0, 0), (0, later))).astype(np.float32)
    lengths = periods.astype(np.float32)
    features = patches(values, seen, lengths, np)
    memory = states(weights(), features, np)
    places = CONTEXT // PATCH - 1 + np.arange(blocks) * (AHEAD // PATCH)
    start = np.broadcast_to((places + 1) * PATCH, (len(scores), blocks))
    found = ahead(weights(), memory[:, places], features[:, places, :PATCH], lengths, start, np)
    ascending: FloatArray = found.reshape(len(scores), blocks * AHEAD, -1)[:, :horizon].astype(np.float64)
    return ascending
