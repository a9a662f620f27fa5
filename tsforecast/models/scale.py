"""Scaling: one centre and one scale for each channel of each sequence, fitted on the training part only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.errors import DataError

# exp() of more than this is infinite in float64
_LARGEST_LOG = 700.0
# below a thousandth of its geometric mean a sequence is scaled linearly, so that a zero later on is no infinity
_LINEAR_BELOW = float(np.log(1000.0))


@dataclass(frozen=True)
class SequenceScaler:
    """`(value - centre) / scale`, of the logarithm where `log`.

    The logarithm is continued by its tangent below a thousandth of the sequence's geometric mean: it stays one-to-one,
    and is defined for the zeros and negative values that may follow a positive training part.

    Attributes:
        centre: Mean of each sequence's training part `(sequence, channel)`.
        scale: What differences are divided by `(sequence, channel)`.
        log: True where the logarithm is taken first.
        exponent: 1 where the scale is each sequence's own standard deviation; 0 where all share one, their geometric
            mean. The latter suits logarithms: they are alike in unit already, and how much a sequence varies is then
            worth knowing.
    """

    centre: FloatArray
    scale: FloatArray
    log: bool = False
    exponent: float = 1.0

    @classmethod
    def fit(cls, values: Sequence[FloatArray], *, log: bool = False, exponent: float = 1.0) -> SequenceScaler:
        """Centre and scale of sequences `(time, channel)`; missing values (NaN) are left aside.

        A constant sequence has the scale 1, or the shared one.

        Raises:
            DataError: Where `log` and a sequence holds no positive value.
        """
        centre, deviation = _moments(values, log)
        if exponent == 1:
            return cls(centre, np.where(deviation > 0, deviation, 1.0), log, exponent)
        n_varying = np.maximum(1, (deviation > 0).sum(axis=0))
        shared = np.exp(np.log(np.where(deviation > 0, deviation, 1.0)).sum(axis=0) / n_varying)
        return cls(centre, np.broadcast_to(shared, centre.shape).copy(), log, exponent)

    @classmethod
    def identity(cls, n_sequences: int, n_channels: int) -> SequenceScaler:
        """The scaler that changes nothing."""
        return cls(np.zeros((n_sequences, n_channels)), np.ones((n_sequences, n_channels)))

    def take(self, sequence: IntArray) -> SequenceScaler:
        """A scaler whose i-th sequence is the `sequence[i]`-th of this one."""
        return SequenceScaler(self.centre[sequence], self.scale[sequence], self.log, self.exponent)

    def refitted(self, values: Sequence[FloatArray]) -> SequenceScaler:
        """The same kind of scaler for sequences that were not there when this one was fitted.

        A shared scale stays what it was.
        """
        if self.exponent == 1:
            return SequenceScaler.fit(values, log=self.log)
        centre, _ = _moments(values, self.log)
        return replace(self, centre=centre, scale=np.broadcast_to(self.scale[0], centre.shape).copy())

    def transform(self, values: Sequence[FloatArray]) -> list[FloatArray]:
        """Scaled sequences `(time, channel)`, in the order of fitting."""
        return [
            ((_log(rows, centre) if self.log else rows) - centre) / scale
            for rows, centre, scale in zip(values, self.centre, self.scale, strict=True)
        ]

    def transform_windows(self, inputs: FloatArray) -> FloatArray:
        """Scaled windows `(window, time, channel)`, one a sequence."""
        centre = self.centre[:, None]
        return ((_log(inputs, centre) if self.log else inputs) - centre) / self.scale[:, None]

    def inverse_windows(self, outputs: FloatArray) -> FloatArray:
        """Windows in the original unit `(window, time, channel)`, one a sequence."""
        centre = self.centre[:, None]
        restored = outputs * self.scale[:, None] + centre
        return _exp(restored, centre) if self.log else restored

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` restores the same numbers, bit for bit."""
        return {
            "centre": self.centre.tolist(),
            "scale": self.scale.tolist(),
            "log": self.log,
            "exponent": self.exponent,
        }

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> SequenceScaler:
        """The scaler that `to_dict` described."""
        centre = np.asarray(saved["centre"], dtype="float64")
        scale = np.asarray(saved["scale"], dtype="float64")
        return cls(centre, scale, bool(saved["log"]), float(saved["exponent"]))


def _moments(values: Sequence[FloatArray], log: bool) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of each channel of each sequence `(sequence, channel)`, 0 where nothing varies."""
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
                centre[i, j], deviation[i, j] = seen.mean(), seen.std()
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
