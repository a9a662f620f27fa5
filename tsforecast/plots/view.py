"""What a picture of a forecast shows, as plain arrays; nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tsforecast.data.panel import FloatArray, IntArray

Stamps = npt.NDArray[Any]
Bands = Mapping[float, tuple[FloatArray, FloatArray]]


def _no_values() -> FloatArray:
    return np.empty(0, dtype="float64")


def _no_stamps() -> Stamps:
    return np.empty(0, dtype="datetime64[us]")


@dataclass(frozen=True, eq=False)
class Residuals:
    """Errors of forecasts made from before the values they are compared with.

    Attributes:
        ds: Stamp forecast `(residual,)`.
        step: Steps ahead, from 1 `(residual,)`.
        error: Observed minus forecast, in the user's unit `(residual,)`.
    """

    ds: Stamps
    step: IntArray
    error: FloatArray


@dataclass(frozen=True, eq=False)
class Origins:
    """Forecasts of the past, one from each origin.

    Attributes:
        at: Row of the history at which each begins `(origin,)`.
        predicted: By candidate `(origin, step)`.
        bands: As `Bands`, around the chosen candidate `(origin, step)`.
    """

    at: IntArray
    predicted: Mapping[str, FloatArray]
    bands: Bands = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """One row of the scores; errors as in `Backtest.table`, `weight` where it is a member of what was chosen."""

    model: str
    mae: float
    rmse: float
    smape: float
    mase: float
    skill: float
    weight: float | None = None


@dataclass(frozen=True, eq=False)
class SeriesView:
    """One sequence: what was observed, what is forecast, and how forecasts of the past compare.

    Stamps are datetime64 (any unit, without zone, already in the zone the user reads) or int64, ascending.
    Values are in the user's unit; NaN is a gap and is drawn as one.

    Attributes:
        name: What the user calls it.
        history_ds: Observed stamps up to the cutoff, all of them; `shown` decides how many are drawn `(time,)`.
        history_y: Observed values `(time,)`.
        forecast_ds: Stamps after the cutoff `(step,)`.
        forecast_y: The forecast `(step,)`.
        label: Unit or channel, written at the value axis.
        bands: Lower and upper bound `(step,)` each, by level in per cent.
        holdout_ds: Stamps held out and forecast from before; part of the history or following it `(held,)`.
        holdout_y: What happened there `(held,)`.
        holdout_yhat: What was forecast `(held,)`.
        holdout_bands: As `bands`, over the holdout.
        repaired_ds: Stamps whose value was repaired or filled.
        beyond_horizon: First step of the forecast (counted from 0) beyond the predictability horizon, or None.
        season_length: Steps in a season, 1 where there is none.
        residuals: All out-of-sample errors; where None those of the holdout are taken, as one run of steps.
        utc_ds: The stamps of history and forecast in UTC, where those above are in a zone `(time + step,)`.
        origins: All held-out forecasts, for the page.
        skill: Over the reference on its own held-out rows; NaN where not measured.
        coverage: Per cent of its held-out values that the narrowest interval held; NaN where not measured.
        repairs: What was changed: stamp as a number (see `ticks.numeric`) or None, source line, old, new, rule.
    """

    name: str
    history_ds: Stamps
    history_y: FloatArray
    forecast_ds: Stamps = field(default_factory=_no_stamps)
    forecast_y: FloatArray = field(default_factory=_no_values)
    label: str = ""
    bands: Bands = field(default_factory=dict)
    holdout_ds: Stamps = field(default_factory=_no_stamps)
    holdout_y: FloatArray = field(default_factory=_no_values)
    holdout_yhat: FloatArray = field(default_factory=_no_values)
    holdout_bands: Bands = field(default_factory=dict)
    repaired_ds: Stamps = field(default_factory=_no_stamps)
    beyond_horizon: int | None = None
    season_length: int = 1
    residuals: Residuals | None = None
    utc_ds: Stamps | None = None
    origins: Origins | None = None
    skill: float = float("nan")
    coverage: float = float("nan")
    repairs: Sequence[tuple[float | None, int, Any, Any, str]] = ()

    @property
    def errors(self) -> Residuals | None:
        """The residuals given, else those of the holdout, else None."""
        if self.residuals is not None or len(self.holdout_ds) == 0:
            return self.residuals
        steps = np.arange(1, len(self.holdout_ds) + 1, dtype="int64")
        return Residuals(self.holdout_ds, steps, self.holdout_y - self.holdout_yhat)

    def levels(self) -> list[float]:
        """Levels of the fan, widest first (the order of painting), without those of which no bound is known."""
        known = [level for level, (lo, hi) in self.bands.items() if np.isfinite(lo).any() and np.isfinite(hi).any()]
        return sorted(known, reverse=True)

    def shown(self, horizons: int = 12) -> SeriesView:
        """The same view with the past cut to what helps to judge the future.

        Kept are four horizons and two seasons, at most `horizons` horizons (a year of half-hours would leave a
        forecast of one day as a line), and never fewer than 60 steps. Residuals are kept whole.
        """
        horizon = max(len(self.forecast_ds), 1)
        kept = max(min(4 * horizon + 2 * self.season_length, horizons * horizon), 60)
        if len(self.history_ds) <= kept:
            return self
        first = self.history_ds[-kept]
        held, repaired = (
            # An empty array of dates cannot be compared with an integer.
            ds >= first if len(ds) else np.zeros(0, dtype=bool)
            for ds in (self.holdout_ds, self.repaired_ds)
        )
        return replace(
            self,
            history_ds=self.history_ds[-kept:],
            history_y=self.history_y[-kept:],
            holdout_ds=self.holdout_ds[held],
            holdout_y=self.holdout_y[held],
            holdout_yhat=self.holdout_yhat[held],
            holdout_bands={level: (lo[held], hi[held]) for level, (lo, hi) in self.holdout_bands.items()},
            repaired_ds=self.repaired_ds[repaired],
            residuals=self.errors,
        )

    def value_range(self) -> tuple[float, float]:
        """Lowest and highest value worth drawing; equal where the series is constant, (0, 0) where it is empty.

        A band may leave the frame: an interval of a transformed or diverging forecast can be so wide that the
        series itself would be drawn as a flat line. It gets three times the span of the values at most.
        """
        lines = np.concatenate([self.history_y, self.holdout_y, self.holdout_yhat, self.forecast_y])
        lines = lines[np.isfinite(lines)]
        if len(lines) == 0:
            return 0.0, 0.0
        low, high = float(lines.min()), float(lines.max())
        edges = [edge for bands in (self.bands, self.holdout_bands) for pair in bands.values() for edge in pair]
        spread = np.concatenate(edges) if edges else _no_values()
        spread = spread[np.isfinite(spread)]
        if len(spread) == 0:
            return low, high
        room = 3.0 * (high - low) or np.inf
        return max(min(low, float(spread.min())), low - room), min(max(high, float(spread.max())), high + room)


@dataclass(frozen=True, eq=False)
class ForecastView:
    """A page: one or several series with what is to be said about them.

    Attributes:
        title: One line.
        series: At least one; a picture shows the first few and says how many more there are.
        subtitle: How the forecast was made and how good it is, a sentence.
        caption: Small print under the picture (how to reproduce it, what was repaired).
        report: The text of the report, for the HTML page.
        zone: The zone of the stamps, None where they have none.
        chosen: The candidate that forecasts.
        reference: The candidate that skill is measured against.
        candidates: Their scores, best first.
        by_step: Mean absolute error of each candidate by step ahead `(step,)`.
        held: By level, how many held-out values the interval held, and of how many.
    """

    title: str
    series: list[SeriesView]
    subtitle: str = ""
    caption: str = ""
    report: str = ""
    zone: str | None = None
    chosen: str = ""
    reference: str = ""
    candidates: Sequence[Candidate] = ()
    by_step: Mapping[str, FloatArray] = field(default_factory=dict)
    held: Mapping[float, tuple[int, int]] = field(default_factory=dict)
