"""Scaling: one centre and one scale for each channel of each series, fitted on the training part only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from tsforecast.data.arrays import FloatArray, standard_deviation
from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.models.state import State

# exp() of more than this is infinite in float64
_LARGEST_LOG = 700.0
# below a thousandth of its geometric mean a series is scaled linearly, so that a zero later on is no infinity
_LINEAR_BELOW = float(np.log(1000.0))


@dataclass(frozen=True)
class SeriesScaler:
    """`(value - centre) / scale`, of the logarithm where `log`; one entry a series.

    The logarithm is continued by its tangent below a thousandth of the series' geometric mean: it stays one-to-one,
    and is defined for the zeros and negative values that may follow a positive training part.

    Attributes:
        names: Of the series, in order.
        centre: Mean of each series' training part `(series, channel)`.
        scale: What differences are divided by `(series, channel)`.
        log: True where the logarithm is taken first.
        exponent: 1 where the scale is each series' own standard deviation; 0 where all share one, their geometric
            mean. The latter suits logarithms: they are alike in unit already, and how much a series varies is then
            worth knowing.
    """

    names: tuple[str, ...]
    centre: FloatArray
    scale: FloatArray
    log: bool = False
    exponent: float = 1.0

    SETTINGS: ClassVar = ("names", "log", "exponent")
    ARRAYS: ClassVar = ("centre", "scale")

    @classmethod
    def fit(cls, series: Sequence[Series], *, log: bool = False, exponent: float = 1.0) -> SeriesScaler:
        """Centre and scale of what was observed of each series.

        A constant series has the scale 1, or the shared one.

        Raises:
            DataError: Where `log` and a series holds no positive value.
        """
        names = tuple(s.name for s in series)
        centre, deviation = _moments([s.values for s in series], log)
        if exponent == 1:
            return cls(names, centre, np.where(deviation > 0, deviation, 1.0), log, exponent)
        n_varying = np.maximum(1, (deviation > 0).sum(axis=0))
        shared = np.exp(np.log(np.where(deviation > 0, deviation, 1.0)).sum(axis=0) / n_varying)
        return cls(names, centre, np.broadcast_to(shared, centre.shape).copy(), log, exponent)

    def matching(self, series: Sequence[Series]) -> SeriesScaler:
        """The scaler whose i-th entry is that of `series[i]`.

        A series that was not there when this one was fitted is scaled by itself, by a shared scale where there is one.
        """
        places = {name: i for i, name in enumerate(self.names)}
        rows = np.array([places.get(s.name, -1) for s in series], dtype="int64")
        centre, scale = self.centre[rows], self.scale[rows]
        new = np.flatnonzero(rows < 0).tolist()
        if new:
            own = SeriesScaler.fit([series[i] for i in new], log=self.log)
            centre[new] = own.centre
            scale[new] = own.scale if self.exponent == 1 else self.scale[0]
        return replace(self, names=tuple(s.name for s in series), centre=centre, scale=scale)

    def transform(self, series: Sequence[Series]) -> list[FloatArray]:
        """Scaled values `(time, channel)` of series in the order of fitting, their gaps filled."""
        return [
            ((_log(s.filled, centre) if self.log else s.filled) - centre) / scale
            for s, centre, scale in zip(series, self.centre, self.scale, strict=True)
        ]

    def transform_windows(self, inputs: FloatArray, rows: slice) -> FloatArray:
        """Scaled windows `(window, time, channel)`, which are those of the entries `rows`."""
        centre = self.centre[rows, None]
        return ((_log(inputs, centre) if self.log else inputs) - centre) / self.scale[rows, None]

    def inverse_windows(self, outputs: FloatArray, rows: slice) -> FloatArray:
        """Windows in the original unit `(window, time, channel)`, which are those of the entries `rows`."""
        centre = self.centre[rows, None]
        restored = outputs * self.scale[rows, None] + centre
        return _exp(restored, centre) if self.log else restored

    def settings(self) -> dict[str, Any]:
        """Plain JSON values for `State.settings`."""
        return {"names": list(self.names), "log": self.log, "exponent": self.exponent}

    def arrays(self) -> dict[str, FloatArray]:
        """For `State.arrays`."""
        return {"centre": self.centre, "scale": self.scale}

    @classmethod
    def restored(cls, state: State) -> SeriesScaler:
        """The scaler in a state, bit for bit.

        Raises:
            ValueError, KeyError: Where it is none.
        """
        names, log, exponent = (state.settings[name] for name in cls.SETTINGS)
        if not isinstance(names, list) or len(set(map(State.text, names))) < len(names) or not names:
            raise ValueError("the scaler must name each series once")
        if not isinstance(log, bool) or exponent not in (0.0, 1.0):
            raise ValueError("the scaler must say whether it takes logarithms, and its exponent be 0 or 1")
        centre = state.array("centre", len(names), None)
        scale = state.array("scale", *centre.shape)
        if not centre.shape[1] or not (scale > 0).all():
            raise ValueError("a scale must be positive")
        return cls(tuple(names), centre, scale, log, float(exponent))


def _moments(values: Sequence[FloatArray], log: bool) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of each channel of each series `(series, channel)`, 0 where nothing varies."""
    centre = np.zeros((len(values), values[0].shape[1]))
    deviation = np.zeros_like(centre)
    for i, rows in enumerate(values):
        for j, column in enumerate(rows.T):
            seen = column[~np.isnan(column)]
            if log and len(seen):
                seen = np.log(seen[seen > 0])
                if len(seen) == 0:
                    raise DataError(
                        "the model works on logarithms, and a series has no positive value",
                        "fit a new model on data that includes such series",
                    )
            if len(seen):
                centre[i, j], deviation[i, j] = seen.mean(), standard_deviation(seen)
    # relative to the level, so that rounding errors of a constant do not count as variation
    constant = deviation <= 1e-12 * np.maximum(1.0 if log else 0.0, np.abs(centre))
    return centre, np.where(constant, 0.0, deviation)


def _log(values: FloatArray, centre: FloatArray) -> FloatArray:
    lowest = centre - _LINEAR_BELOW
    floor = np.exp(lowest)
    return np.asarray(np.where(values < floor, lowest + values / floor - 1, np.log(np.maximum(values, floor))))


def _exp(logs: FloatArray, centre: FloatArray) -> FloatArray:
    lowest = centre - _LINEAR_BELOW
    tangent = np.exp(lowest) * (1 + logs - lowest)
    return np.asarray(np.where(logs < lowest, tangent, np.exp(np.minimum(logs, _LARGEST_LOG))))
