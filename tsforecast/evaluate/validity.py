"""How long a forecast stays valid, and whether a long free run lives on the same attractor as what it forecasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.insight.chaos.correlation import correlation_dimension

TOLERATED_ERROR = 0.4
SMOOTHED_SHARE = 0.05


def valid_steps(actual: FloatArray, predicted: FloatArray, deviation: FloatArray) -> FloatArray:
    """Steps of each forecast before its error exceeds 0.4 standard deviations `(origin,)`.

    The valid prediction time of Vlachas et al. 2020, Backpropagation algorithms and reservoir computing in recurrent
    neural networks for the forecasting of complex spatiotemporal dynamics: the error is the root mean square over the
    coordinates of the state. A forecast that is valid to its end counts with all of its steps. A step at which nothing
    was observed says nothing against a forecast.

    Args:
        actual, predicted: `(origin, step, channel)`; NaN in `actual` was not observed, in `predicted` is no forecast.
        deviation: Standard deviation of the training rows `(origin, channel)`.
    """
    observed = np.isfinite(actual)
    scaled = np.where(observed, (actual - predicted) / deviation[:, None], 0.0)
    # A comparison with no forecast (NaN) is not valid.
    valid = np.sqrt(np.sum(scaled**2, axis=2) / np.maximum(observed.sum(axis=2), 1)) <= TOLERATED_ERROR
    return np.asarray(np.where(valid.all(axis=1), valid.shape[1], np.argmin(valid, axis=1)), dtype="float64")


@dataclass(frozen=True)
class AttractorDistance:
    """How unlike two stretches of motion are, whose point errors mean nothing; all 0 for equal ones.

    Attributes:
        spectrum: Hellinger distance of the smoothed power spectra, 0 to 1.
        distribution: Wasserstein distance of the values, in standard deviations of what happened.
        dimension: Difference of the correlation dimensions, forecast less actual; NaN where one is not measurable.
    """

    spectrum: float
    distribution: float
    dimension: float


def attractor_distance(
    actual: FloatArray, predicted: FloatArray, delay: int, dimension: int, theiler: int
) -> AttractorDistance:
    """Compare free runs `(origin, step)` with what happened.

    The measures of Durstewitz et al. 2023, Reconstructing computational system dynamics from neural data with recurrent
    neural networks, and the correlation dimension of the delay vectors within each run.
    """
    deviation = float(actual.std()) or 1.0
    ours, theirs = (_spectrum(runs) for runs in (predicted, actual))
    spectrum = float(np.sqrt(max(0.0, 1.0 - np.sqrt(ours * theirs).sum())))
    distribution = float(np.mean(np.abs(np.sort(actual, axis=None) - np.sort(predicted, axis=None)))) / deviation
    ours_d, theirs_d = (_dimension(runs, delay, dimension, theiler) for runs in (predicted, actual))
    return AttractorDistance(spectrum, distribution, ours_d - theirs_d)


def _spectrum(runs: FloatArray) -> FloatArray:
    """Power by frequency, averaged over runs, smoothed over a twentieth of the frequencies, adding up to 1."""
    centred = runs - runs.mean(axis=1, keepdims=True)
    power = np.mean(np.abs(np.fft.rfft(centred * np.hanning(runs.shape[1]), axis=1)) ** 2, axis=0)[1:]
    window = np.hanning(2 * max(1, round(SMOOTHED_SHARE * len(power))) + 1)
    smooth = np.convolve(power, window, mode="same") if len(power) >= len(window) else power
    total = float(smooth.sum())
    return np.asarray(smooth / total if total > 0 else np.full(len(smooth), 1.0 / len(smooth)))


def _dimension(runs: FloatArray, delay: int, dimension: int, theiler: int) -> float:
    # a missing value between two runs keeps vectors from crossing
    apart = np.concatenate([np.append(run, np.nan) for run in runs])
    spread = float(np.nanstd(apart))
    if spread == 0 or runs.shape[1] <= (dimension + 2) * delay:
        return float("nan")
    return correlation_dimension(apart, delay, dimension, theiler).value
