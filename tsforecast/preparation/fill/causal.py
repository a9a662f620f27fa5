"""`Filler`: the repair of one series from its own rows, so that nothing after a cutoff changes what came before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from tsforecast.config import PrepareConfig
from tsforecast.data.panel import FloatArray, IntArray, Panel
from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.preparation.fill import neighbours as fill
from tsforecast.preparation.fill.impute import SIZES, best_method, fill_by, parse_method, seasons_of
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
        panel: The series and all their channels.
        config: Says how.
    """

    panel: Panel
    config: PrepareConfig
    _choices: dict[tuple[bytes, int], str] = field(default_factory=dict, repr=False)

    @cached_property
    def _beside(self) -> Mapping[str, tuple[npt.NDArray[np.generic], FloatArray]]:
        """By `unique_id`, stamps `(time,)` and all channels `(time, channel)`."""
        panel, stamps = self.panel, self.panel.frame["ds"].to_numpy()
        bounds = zip(panel.ids, panel.indptr[:-1], panel.indptr[1:], strict=True)
        return {uid: (stamps[low:high], panel.values[low:high]) for uid, low, high in bounds}

    def __call__(self, series: Series) -> FloatArray:
        """The values repaired and filled `(time, channel)`; `series.values` itself where there is nothing to do."""
        rule = OutlierRule.parse(self.config.outliers)
        changes = rule is not None and rule.action != "flag"
        if not changes and (self.config.impute == "none" or series.observed.all()):
            return series.values
        values = np.asarray(series.values, dtype="float64").copy()
        for j, channel in enumerate(series.channels):
            values[:, j] = self._treated(values[:, j])
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
        plan = {self.config.impute: wanted} if self.config.impute != "auto" else self._chosen(gaps, channel, series)
        result = x.copy()
        for method, where in plan.items():
            at = where & wanted
            result[at] = self._by(method, rows, at)[at]
        left = wanted & np.isnan(result)
        result[left] = _plainly(x)[left]
        return result

    def _chosen(self, gaps: IntArray, channel: str, series: Series) -> dict[str, BoolArray]:
        """The rows each method is to fill, by the size of their gap.

        Methods are chosen by the first 256, 512, 1024, ... rows, so that many cutoffs share a choice.
        """
        n = 1 << (len(gaps).bit_length() - 1)
        head = np.ascontiguousarray(series.values[:n, series.channels.index(channel)], dtype="float64")
        content = blake2b(head.tobytes(), digest_size=16).digest()
        plan: dict[str, BoolArray] = {}
        size_of = np.searchsorted(SIZES, gaps)
        sizes = np.unique(size_of[gaps > 0]).tolist()
        if new := [size for size in sizes if (content, size) not in self._choices]:
            rows = self._rows(self._treated(head), channel, series.until(n))
            for size in new:
                self._choices[content, size] = best_method(rows, size, self.panel.freq, self.config.seed)
        for size in sizes:
            method = self._choices[content, size]
            plan[method] = plan.get(method, np.zeros(len(gaps), dtype=bool)) | ((gaps > 0) & (size_of == size))
        return plan

    def _treated(self, x: Values) -> Values:
        """One channel without its outliers, where they are to be changed `(time,)`."""
        rule = OutlierRule.parse(self.config.outliers)
        return x if rule is None or rule.action == "flag" else treated(x, self.panel.freq, rule, self.config.seed)

    def _by(self, method: str, rows: Rows, wanted: BoolArray) -> Values:
        """The first channel of the rows filled by a method, beyond its last value too; NaN where it cannot be."""
        name, setting = parse_method(method)
        whole = np.array([0, len(rows)])
        x = rows.values[:, 0]
        last = int(np.flatnonzero(~np.isnan(x))[-1])
        try:
            filled = fill_by(method, rows, 0, whole, self.panel.freq, to_end=len(rows.channels) > 1 or name == "kalman")
            if name == "seasonal" and wanted[last:].any():
                length = int(setting) if setting else seasons_of(rows, 0, whole, self.panel.freq)[0]
                filled[last + 1 :] = seasonal_ahead(x, last, length)
        except DataError:
            return np.full(len(x), np.nan)
        return filled

    def _rows(self, x: Values, channel: str, series: Series) -> Rows:
        """The channel, and the others beside it where the method asks for them."""
        stamps = np.asarray(series.stamps)
        values, channels = x[:, None], [channel]
        if self.config.impute in FROM_CHANNELS and series.unique_id in self._beside:
            at, beside = self._beside[series.unique_id]
            low = int(np.searchsorted(at, stamps[0]))
            others = [j for j, name in enumerate(self.panel.channels) if name != channel]
            values = np.column_stack([x, beside[low : low + len(x), others]])
            channels += [self.panel.channels[j] for j in others]
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
    moved = x[edge] - np.where(edge >= season_length, x[np.maximum(edge - season_length, 0)], np.nan)
    level = float(np.nanmean(moved)) if not np.isnan(moved).all() else 0.0
    ahead = latest[np.arange(last + 1, len(x)) % season_length] + level
    return np.where(np.isnan(ahead), x[last], ahead)


def _plainly(x: Values) -> Values:
    """Straight lines over the gaps and the last value after them `(time,)`."""
    filled = fill.between(x, None, np.array([0, len(x)]))
    last = int(np.flatnonzero(~np.isnan(x))[-1])
    filled[last + 1 :] = x[last]
    return filled
