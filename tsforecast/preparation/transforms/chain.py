"""A chain of transforms over a panel, fitted on the training part only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray, Panel
from tsforecast.errors import UsageError
from tsforecast.preparation.grid.grids import grid_of
from tsforecast.preparation.rows import Values
from tsforecast.preparation.transforms.filters import Band, ExponentialAverage, SavitzkyGolay, Wavelet
from tsforecast.preparation.transforms.invertible import (
    Affine,
    Deseason,
    Detrend,
    Difference,
    Past,
    Power,
    State,
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


class Preparer:
    """Transforms applied in the order given, with one state for each series and channel.

    `transform` is causal: the transformed prefix of a panel is the prefix of the transformed panel. Values at the
    edges may become missing (`diff`).

    Args:
        names: Names as in `TRANSFORMS`, with their settings after colons.

    Raises:
        UsageError: Where a name or setting is not one of those there are.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = tuple(names)
        self._chain = [transform_of(name) for name in self.names]
        self._states: dict[str, dict[str, list[State]]] = {}

    def fit(self, panel: Panel) -> Self:
        """Learn the state of every link from the training part of every series; one without a value has none.

        Raises:
            DataError: Where a series does not suit a transform (logarithm of a negative value).
        """
        self._states = {}
        for uid, x, cells in _columns(panel):
            self._states[uid] = {c: self._fitted(x[:, j], cells) for j, c in enumerate(panel.channels)}
        return self

    def transform(self, panel: Panel) -> Panel:
        """The panel in the transformed scale; a series that was not there in `fit` is fitted on itself."""
        values = np.empty_like(panel.values)
        for i, (uid, x, cells) in enumerate(_columns(panel)):
            low, high = panel.indptr[i], panel.indptr[i + 1]
            for j, channel in enumerate(panel.channels):
                values[low:high, j] = self._stages(x[:, j], cells, self._state(uid, channel, x[:, j], cells))[-1]
        return panel.with_values(values)

    def inverse_transform(self, values: FloatArray, history: Panel) -> FloatArray:
        """Forecasts in the original scale `(sequence, step, channel)`.

        Args:
            values: Forecasts in the transformed scale; step 0 of row i follows the last row of series i of `history`.
            history: The series that were forecast, in the ORIGINAL scale.
        """
        result = np.array(values, dtype="float64")
        for i, (uid, x, cells) in enumerate(_columns(history)):
            ahead = cells[-1] + 1 + np.arange(values.shape[1])
            for j, channel in enumerate(history.channels):
                states = self._state(uid, channel, x[:, j], cells)
                stages = self._stages(x[:, j], cells, states)
                for link, state, before in reversed(list(zip(self._chain, states, stages, strict=False))):
                    result[i, :, j] = link.invert(result[i, :, j], ahead, Past(before, cells), state)
        return result

    def to_dict(self) -> dict[str, Any]:
        """Names and states, ready for JSON."""
        return {"names": list(self.names), "states": self._states}

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> Preparer:
        """The preparer that `to_dict` described."""
        preparer = cls(tuple(saved["names"]))
        preparer._states = saved["states"]
        return preparer

    def _state(self, uid: str, channel: str, x: Values, cells: IntArray) -> list[State]:
        known = self._states.get(uid, {}).get(channel)
        return self._fitted(x, cells) if known is None else known

    def _fitted(self, x: Values, cells: IntArray) -> list[State]:
        states: list[State] = []
        if np.isnan(x).all():
            return states
        for link in self._chain:
            states.append(link.fit(x, cells))
            x = link.apply(x, cells, states[-1])
        return states

    def _stages(self, x: Values, cells: IntArray, states: list[State]) -> list[Values]:
        """The series before each link, and after the last."""
        stages = [x]
        for link, state in zip(self._chain, states, strict=False):
            stages.append(link.apply(stages[-1], cells, state))
        return stages


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
    return SavitzkyGolay(window, int(_within(order, 0, window - 1)))


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


def _columns(panel: Panel) -> list[tuple[str, Values, IntArray]]:
    """Id, values `(time, channel)` and cells `(time,)` of each series."""
    cells = _cells(panel)
    bounds = zip(panel.ids, panel.indptr[:-1], panel.indptr[1:], strict=True)
    values = np.asarray(panel.values, dtype="float64")
    return [(uid, values[low:high], cells[low:high]) for uid, low, high in bounds]


def _cells(panel: Panel) -> IntArray:
    """Number of the grid cell of each row, counted from a fixed day, so that phases outlive the training part."""
    is_index = isinstance(panel.freq, int)
    ds = panel.frame["ds"].to_numpy()
    stamps = ds.astype("int64") if is_index else ds.astype("datetime64[us]").view("int64")
    return grid_of(str(panel.freq), is_index).bins(stamps)
