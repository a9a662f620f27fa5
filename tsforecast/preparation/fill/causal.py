"""`Filler`: the repair of one series from its own rows, so that nothing after a cutoff changes what came before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tsforecast.config import PrepareConfig
from tsforecast.data.panel import FloatArray, Freq, IntArray, Panel
from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.preparation.fill import neighbours as fill
from tsforecast.preparation.fill.impute import best_method, fill_by, parse_method, seasons_of, size_class
from tsforecast.preparation.outliers import OutlierRule, treated
from tsforecast.preparation.rows import BoolArray, Rows, Values

#: Methods that look at the other channels of the series, in rows up to the same stamp.
FROM_CHANNELS = ("knn", "iterative")


@dataclass(frozen=True, eq=False)
class Filler:
    """Outliers treated and gaps filled as the settings say, by the rows of one series alone.

    A gap inside is filled as `prepare` fills it. A gap at the end, which a cutoff may cut, is carried on: by season
    where the method is seasonal, by the structural model where it is ``kalman``, by the other channels where it asks
    them, else with the last value. Where a method cannot be used (no season yet, too few rows), straight lines and
    the last value take its place. Gaps longer than `max_gap` stay.

    Attributes:
        config: Says how.
        freq: Step of the series.
        rows: By `unique_id`, stamps `(time,)` and all channels `(time, channel)` of the panel.
        channels: Names of those channels.
    """

    config: PrepareConfig
    freq: Freq
    rows: Mapping[str, tuple[npt.NDArray[np.generic], FloatArray]]
    channels: tuple[str, ...]
    _tried: dict[tuple[str, str, str, int, int], str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, panel: Panel, config: PrepareConfig) -> Filler:
        """The filler of the series of a panel."""
        stamps, bounds = panel.frame["ds"].to_numpy(), zip(panel.ids, panel.indptr[:-1], panel.indptr[1:], strict=True)
        rows = {uid: (stamps[low:high], panel.values[low:high]) for uid, low, high in bounds}
        return cls(config, panel.freq, rows, tuple(panel.channels))

    def __call__(self, series: Series) -> FloatArray:
        """The values repaired and filled `(time, channel)`; `series.values` itself where there is nothing to do."""
        rule = OutlierRule.parse(self.config.outliers)
        changes = rule is not None and rule.action != "flag"
        if not changes and (self.config.impute == "none" or series.observed.all()):
            return series.values
        values = self._treated(series)
        for j, channel in enumerate(series.channels):
            if np.isnan(values[:, j]).any() and not np.isnan(values[:, j]).all():
                values[:, j] = self._filled(values[:, j], channel, series)
        return series.values if np.array_equal(values, series.values) else values

    def _filled(self, x: Values, channel: str, series: Series) -> Values:
        """One channel `(time,)`."""
        if self.config.impute == "none":
            return x
        whole = np.array([0, len(x)])
        gaps = fill.gap_lengths(x, whole)
        wanted = np.isnan(x) & (gaps <= (self.config.max_gap or len(x)))
        rows = self._rows(x, channel, series)
        plan = {self.config.impute: wanted}
        if self.config.impute == "auto":
            plan = self._plan(series, channel, gaps)
        result = x.copy()
        for method, where in plan.items():
            at = where & wanted
            result[at] = self._by(method, rows, at)[at]
        left = wanted & np.isnan(result)
        result[left] = _plainly(x)[left]
        return result

    def _plan(self, series: Series, channel: str, gaps: IntArray) -> dict[str, BoolArray]:
        """The rows each method is to fill, by the size of their gap.

        Methods are tried on the first so many rows, a power of two, so that many cutoffs share one trial and none
        knows what comes after it.
        """
        sizes = size_class(gaps)
        plan: dict[str, BoolArray] = {}
        for size in np.unique(sizes[gaps > 0]):
            method = self._method(series, channel, int(size))
            plan[method] = plan.get(method, np.zeros(len(gaps), dtype=bool)) | ((gaps > 0) & (sizes == size))
        return plan

    def _method(self, series: Series, channel: str, size: int) -> str:
        n_rows = max(1, 1 << (len(series).bit_length() - 1))
        key = (series.name, str(series.stamps[0]), channel, n_rows, size)
        if key not in self._tried:
            part = series.until(n_rows)
            x = self._treated(part)[:, part.channels.index(channel)]
            rows = self._rows(x, channel, part)
            self._tried[key] = best_method(rows, 0, size, np.array([0, len(x)]), self.freq, self.config.seed)
        return self._tried[key]

    def _treated(self, series: Series) -> Values:
        """Its values, outliers treated `(time, channel)`."""
        values = np.asarray(series.values, dtype="float64").copy()
        rule = OutlierRule.parse(self.config.outliers)
        if rule is not None and rule.action != "flag":
            for j in range(values.shape[1]):
                values[:, j] = treated(values[:, j], self.freq, rule, self.config.seed)
        return values

    def _by(self, method: str, rows: Rows, wanted: BoolArray) -> Values:
        """The first channel of the rows filled by a method, beyond its last value too; NaN where it cannot be."""
        name, setting = parse_method(method)
        whole = np.array([0, len(rows)])
        x = rows.values[:, 0]
        last = int(np.flatnonzero(~np.isnan(x))[-1])
        try:
            filled = fill_by(method, rows, 0, whole, self.freq, to_end=len(rows.channels) > 1 or name == "kalman")
            if name == "seasonal" and wanted[last:].any():
                length = int(setting) if setting else seasons_of(rows, 0, whole, self.freq)[0]
                filled[last + 1 :] = seasonal_ahead(x, last, length)
        except DataError:
            return np.full(len(x), np.nan)
        return filled

    def _rows(self, x: Values, channel: str, series: Series) -> Rows:
        """The channel, and the others beside it where the method asks for them."""
        stamps = np.asarray(series.stamps)
        values, channels = x[:, None], [channel]
        if self.config.impute in FROM_CHANNELS and series.unique_id in self.rows:
            at, beside = self.rows[series.unique_id]
            low = int(np.searchsorted(at, stamps[0]))
            others = [j for j, name in enumerate(self.channels) if name != channel]
            values = np.column_stack([x, beside[low : low + len(x), others]])
            channels += [self.channels[j] for j in others]
        is_index = stamps.dtype.kind != "M"
        numbers = stamps.astype("int64") if is_index else stamps.astype("datetime64[us]").view("int64")
        codes, lines = np.zeros(len(x), dtype="int32"), np.full(len(x), -1, dtype="int64")
        return Rows((series.unique_id,), tuple(channels), codes, numbers, values, lines, is_index)


def seasonal_ahead(x: Values, last: int, season_length: int) -> Values:
    """What follows the last observed row by the last value of each phase, at the level of the end `(time - last - 1,)`.

    The level is how far the last few values are from those a season before; a phase without a value has the last one.
    """
    seen = np.flatnonzero(~np.isnan(x))
    latest = np.full(season_length, np.nan)
    latest[seen % season_length] = x[seen]
    edge = seen[-min(fill.EDGE, max(1, season_length // 4)) :]
    moved = x[edge] - np.where(edge >= season_length, x[edge - season_length], np.nan)
    level = float(np.nanmean(moved)) if not np.isnan(moved).all() else 0.0
    ahead = latest[np.arange(last + 1, len(x)) % season_length] + level
    return np.where(np.isnan(ahead), x[last], ahead)


def _plainly(x: Values) -> Values:
    """Straight lines over the gaps and the last value after them `(time,)`."""
    filled = fill.between(x, None, np.array([0, len(x)]))
    last = int(np.flatnonzero(~np.isnan(x))[-1])
    filled[last + 1 :] = x[last]
    return filled
