"""Transforms by the names that users give them, such as ``diff:24``."""

from __future__ import annotations

from collections.abc import Callable

from tsforecast.errors import UsageError
from tsforecast.preparation.transforms.filters import Band, ExponentialAverage, SavitzkyGolay, Wavelet
from tsforecast.preparation.transforms.invertible import (
    Affine,
    Deseason,
    Detrend,
    Difference,
    Power,
    Transform,
)

TRANSFORMS = {
    "standard": "zero mean, unit standard deviation",
    "minmax": "from 0 to 1",
    "robust": "zero median, unit interquartile range",
    "log": "logarithm, of positive values",
    "boxcox": "Box-Cox power, of positive values",
    "yeojohnson": "Yeo-Johnson power, of any values",
    "diff[:LAG]": "difference from LAG steps before",
    "detrend": "without its straight trend",
    "deseason[:LENGTH]": "without its seasonal profile",
    "savgol[:WINDOW:ORDER]": "Savitzky-Golay smoothing",
    "ema[:ALPHA]": "exponential moving average",
    "fft:LOW:HIGH": "frequencies from LOW to HIGH, cycles a step",
    "wavelet[:NAME]": "wavelet denoising",
}


def transform_of(name: str) -> Transform:
    """The link that a name such as ``diff:24`` describes.

    Raises:
        UsageError: Where there is none, or its settings make no sense.
    """
    kind, *settings = name.strip().split(":")
    try:
        return _MAKERS[kind](settings)
    except KeyError as error:
        raise UsageError(f"'{kind}' is not a transform", f"there are {', '.join(TRANSFORMS)}") from error
    except (ValueError, TypeError, IndexError) as error:
        usage = next(usage for usage in TRANSFORMS if usage.split("[")[0].split(":")[0] == kind)
        raise UsageError(f"'{name}' is not a transform", f"write it as {usage}") from error


def _affine(kind: str) -> Callable[[list[str]], Transform]:
    return lambda settings: Affine(kind, *settings)


def _power(kind: str) -> Callable[[list[str]], Transform]:
    return lambda settings: Power(kind, *settings)


def _within(value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise ValueError
    return value


def _band(settings: list[str]) -> Transform:
    low, high = (float(s) for s in settings)
    return Band(_within(low, 0, 0.5), _within(high, low + 1e-9, 0.5))


def _savgol(settings: list[str]) -> Transform:
    window, order = (int(s) for s in settings) if settings else (11, 2)
    return SavitzkyGolay(int(_within(window, 1, 10**4)), int(_within(order, 0, window - 1)))


def _wavelet(settings: list[str]) -> Transform:
    return Wavelet(*settings)


_MAKERS: dict[str, Callable[[list[str]], Transform]] = {
    **{kind: _affine(kind) for kind in ("standard", "minmax", "robust")},
    **{kind: _power(kind) for kind in ("log", "boxcox", "yeojohnson")},
    "diff": lambda settings: Difference(*(int(_within(int(s), 1, 10**6)) for s in settings)),
    "detrend": lambda settings: Detrend(*settings),
    "deseason": lambda settings: Deseason(*(int(_within(int(s), 2, 10**6)) for s in settings)),
    "savgol": _savgol,
    "ema": lambda settings: ExponentialAverage(*(_within(float(s), 1e-6, 1) for s in settings)),
    "fft": _band,
    "wavelet": _wavelet,
}
