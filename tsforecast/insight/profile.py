"""The profile of one channel: where its values are missing, how they are spread, what was found in them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tsforecast.data.frequency import Frequency
from tsforecast.data.panel import FloatArray, Freq
from tsforecast.data.plain import plain
from tsforecast.insight.scaling import unit_scaled

if TYPE_CHECKING:
    from tsforecast.insight.chaos.card import ChaosCard
    from tsforecast.insight.spectrum import Spectrum
    from tsforecast.insight.stationarity import Stationarity, Trend

#: Gaps listed one by one; the rest is only counted.
MOST_GAPS = 5


@dataclass(frozen=True)
class Gap:
    """A run of missing values between observed ones: stamps of the first and last missing step, and how many."""

    start: str
    end: str
    steps: int


@dataclass(frozen=True, eq=False)
class ChannelProfile:
    """What is known of one channel of one series.

    Attributes:
        series, channel: Their names; the series is empty where there is only one.
        ds: Stamps of the regular grid, as the user reads them `(time,)`; as they came where there is no grid.
        values: Before anything is filled; missing is NaN `(time,)`.
        gaps: All runs of missing values between observed ones, longest first.
        edges: Missing values before the first and after the last observed one.
        outliers: Values that the Hampel filter would flag; None where there is no grid.
        season_length: Steps of the season that a forecast would use, 1 for none.
        spectrum, trend, stationarity, dynamics: None where not determinable or not asked for.
    """

    series: str
    channel: str
    ds: npt.NDArray[Any]
    values: FloatArray
    gaps: list[Gap] = field(default_factory=list)
    edges: int = 0
    outliers: int | None = None
    season_length: int = 1
    spectrum: Spectrum | None = None
    trend: Trend | None = None
    stationarity: Stationarity | None = None
    dynamics: ChaosCard | None = None

    @property
    def name(self) -> str:
        return f"{self.series}/{self.channel}" if self.series else self.channel

    @property
    def missing(self) -> int:
        """Missing values on the grid."""
        return int(np.isnan(self.values).sum())

    @property
    def seen(self) -> FloatArray:
        """The finite values, in order `(seen,)`."""
        return self.values[np.isfinite(self.values)]

    def moments(self) -> Moments | None:
        """Mean, standard deviation and extremes of what was seen; None where nothing was."""
        seen = self.seen
        if len(seen) == 0:
            return None
        scaled, exponent = unit_scaled(seen)
        mean, sd = (float(np.ldexp(value, exponent)) for value in (scaled.mean(), scaled.std()))
        return Moments(mean, sd, float(seen.min()), float(seen.max()))

    def to_dict(self, freq: Freq) -> dict[str, Any]:
        """Plain JSON values."""
        moments = self.moments()
        peaks = self.spectrum.dominant if self.spectrum else ()
        found: dict[str, Any] = plain(
            {
                "series": self.series,
                "channel": self.channel,
                "steps": len(self.values),
                "missing": self.missing,
                "missing_at_edges": self.edges,
                "n_gaps": len(self.gaps),
                "longest_gaps": self.gaps[:MOST_GAPS],
                "mean": moments and moments.mean,
                "sd": moments and moments.sd,
                "min": moments and moments.min,
                "max": moments and moments.max,
                "distinct": len(np.unique(self.seen)),
                "outliers": self.outliers,
                "season_length": self.season_length,
                "periods": [asdict(peak) | {"duration": Frequency.of(freq).duration(peak.steps)} for peak in peaks],
                "trend": self.trend,
                "stationarity": self.stationarity,
                "dynamics": self._dynamics(freq),
            }
        )
        return found

    def _dynamics(self, freq: Freq) -> dict[str, Any] | None:
        from tsforecast.insight.chaos.rendering import as_dict

        if self.dynamics is None:
            return None
        return as_dict(self.dynamics) | {"time_unit": (Frequency.of(freq).unit_of_time() or (0, None))[1]}


@dataclass(frozen=True)
class Moments:
    """How the values of a channel are spread, in its unit."""

    mean: float
    sd: float
    min: float
    max: float
