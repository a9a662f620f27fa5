"""Scaling: one centre and one scale for each channel of each sequence, fitted on the training part only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.errors import DataError
from tsforecast.panel import FloatArray, IntArray

# exp() of more than this is infinite in float64
_LARGEST_LOG = 700.0


@dataclass(frozen=True)
class SequenceScaler:
    """`(value - centre) / scale`, of the logarithm where `log`.

    Attributes:
        centre: Mean of each sequence's training part `(sequence, channel)`.
        scale: Its standard deviation to the power `exponent` `(sequence, channel)`; 1 where it is constant.
        log: True where the logarithm is taken first (positive data only).
        exponent: 1, or 1/2 for a panel of logarithms: there sequences are alike in unit already, and the root keeps
            some of the weight of those that vary more.
    """

    centre: FloatArray
    scale: FloatArray
    log: bool = False
    exponent: float = 1.0

    @classmethod
    def fit(cls, values: Sequence[FloatArray], *, log: bool = False, exponent: float = 1.0) -> SequenceScaler:
        """Centre and scale of sequences `(time, channel)`; missing values (NaN) are left aside.

        Raises:
            DataError: Where `log` and a value is not positive.
        """
        centre = np.empty((len(values), values[0].shape[1]))
        scale = np.empty_like(centre)
        for i, rows in enumerate(values):
            for j, column in enumerate(rows.T):
                seen = column[~np.isnan(column)]
                if log:
                    seen = _log(seen)
                centre[i, j] = seen.mean() if len(seen) else 0.0
                scale[i, j] = seen.std() if len(seen) else 0.0
        # relative to the level, so that rounding errors of a constant do not count as variation
        constant = scale <= 1e-12 * np.maximum(1.0 if log else 0.0, np.abs(centre))
        return cls(centre, np.where(constant, 1.0, scale) ** exponent, log, exponent)

    @classmethod
    def identity(cls, n_sequences: int, n_channels: int) -> SequenceScaler:
        """The scaler that changes nothing."""
        return cls(np.zeros((n_sequences, n_channels)), np.ones((n_sequences, n_channels)))

    def take(self, sequence: IntArray) -> SequenceScaler:
        """A scaler whose i-th sequence is the `sequence[i]`-th of this one."""
        return SequenceScaler(self.centre[sequence], self.scale[sequence], self.log, self.exponent)

    def refitted(self, values: Sequence[FloatArray]) -> SequenceScaler:
        """The same kind of scaler for sequences that were not there when this one was fitted."""
        return SequenceScaler.fit(values, log=self.log, exponent=self.exponent)

    def transform(self, values: Sequence[FloatArray]) -> list[FloatArray]:
        """Scaled sequences `(time, channel)`, in the order of fitting."""
        return [
            ((_log(rows) if self.log else rows) - centre) / scale
            for rows, centre, scale in zip(values, self.centre, self.scale, strict=True)
        ]

    def transform_windows(self, inputs: FloatArray) -> FloatArray:
        """Scaled windows `(window, time, channel)`, one a sequence."""
        return ((_log(inputs) if self.log else inputs) - self.centre[:, None]) / self.scale[:, None]

    def inverse_windows(self, outputs: FloatArray) -> FloatArray:
        """Windows in the original unit `(window, time, channel)`, one a sequence."""
        restored = outputs * self.scale[:, None] + self.centre[:, None]
        return np.exp(np.minimum(restored, _LARGEST_LOG)) if self.log else restored

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


def _log(values: FloatArray) -> FloatArray:
    if (values <= 0).any():
        raise DataError(
            f"the model works on logarithms, and the data holds {float(np.nanmin(values)):g}",
            "fit a new model on data that includes such values",
        )
    return np.log(values)
