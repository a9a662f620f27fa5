"""`Ahead`: what a model says comes next."""

from __future__ import annotations

from dataclasses import dataclass

from tsforecast.data.arrays import FloatArray


@dataclass(frozen=True)
class Ahead:
    """What a model says comes next, in the unit of the data.

    Attributes:
        point: `(series, step, channel)`.
        quantiles: `(series, step, channel, quantile)`, ascending; None where it has none.
        probabilities: Of the quantiles, 0 to 1.
    """

    point: FloatArray
    quantiles: FloatArray | None = None
    probabilities: tuple[float, ...] = ()
