"""How a row compares with what was given out before it, and the intervals that are given out after it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tsforecast.bundle import Bundle
from tsforecast.data.arrays import FloatArray
from tsforecast.data.forecasts import level_name
from tsforecast.data.series import Series
from tsforecast.stream.adaptive import Adaptive
from tsforecast.stream.track import Given, Track

_FEWEST_DRIFT = 50
DIGITS = 10
"""Significant digits of the forecasts that are written: more take longer to write, and say nothing."""
_LARGEST_LOG = 700.0


class Referee:
    """Measures rows by the calibration of a saved model, and by what has been learnt since.

    Args:
        bundle: The saved model.
        known: The end of each series of training, by name.
        steps: Steps of a forecast.
    """

    def __init__(self, bundle: Bundle, known: Mapping[str, Series], steps: int) -> None:
        self._calibration, self._scales, self._known = bundle.calibration, bundle.manifest.scales, known
        self.levels = bundle.calibration.levels
        self._names = [level_name(level) for level in self.levels]
        self._columns = ["yhat", *(f"yhat_{end}_{name}" for name in self._names for end in ("lo", "hi"))]
        measured = bundle.calibration.widths
        self._widths = np.full((len(measured), steps), np.nan)
        self._widths[:, : measured.shape[1]] = measured[:, :steps]
        self._first = self._widths[:, 0].tolist()
        self.looks_back = measured.shape[1]
        moments = bundle.manifest.training.get("moments")
        self._moments: Mapping[str, Any] = moments if isinstance(moments, dict) else {}

    def fresh(self, track: Track) -> list[Adaptive]:
        """Intervals of the channels of a series as the saved model has them; of one that it does not know, none yet."""
        known = track.length or track.name in self._scales
        units = [self._unit(track, j) if known else math.nan for j in range(len(track.series.channels))]
        return [Adaptive(self.levels, (self._widths[:, 0] * unit).tolist()) for unit in units]

    def given(self, track: Track, yhat: FloatArray, missing: FloatArray) -> Given:
        """A forecast `(step, channel)` with its intervals.

        The measured widths of all steps, times what the width of one step has been learnt to be relative to the
        measured one; wider by the `missing` share of the last rows `(channel,)`, as when predicting from a file.
        """
        half = np.empty((len(self.levels), *yhat.shape))
        for j, own in enumerate(track.adaptive):
            unit = self._unit(track, j)
            gaps = 1 + self._calibration.slope * float(missing[j])
            for i in range(len(self.levels)):
                first, learnt = self._first[i] * unit, own.width(i)
                half[i, :, j] = self._widths[i] * (unit * gaps * learnt / first) if first > 0 else learnt
        half = np.maximum.accumulate(half, axis=0)
        table = np.empty((1 + 2 * len(half), *yhat.shape))
        table[0] = yhat
        if self._calibration.log:
            ratio = np.exp(np.minimum(half, _LARGEST_LOG))
            table[1::2], table[2::2] = yhat / ratio, yhat * ratio
        else:
            table[1::2], table[2::2] = yhat - half, yhat + half
        return Given(track.held(table))

    def compare(self, track: Track, values: Sequence[float], step: int) -> dict[str, Any]:
        """What is to be said of values that have come, for which step `step` of the last forecast was given (from 0).

        One step ahead teaches the intervals; the running figures follow.
        """
        given = track.given
        expected: list[dict[str, float] | None] = [None] * len(values)
        outside: list[list[float]] = [[] for _ in values]
        for j, value in enumerate(values):
            if value != value:
                continue
            track.level[j].learn(value)
            if given is None or step >= len(given):
                continue
            yhat, *ends = given.table[:, step, j].tolist()
            inside = [low <= value <= high for low, high in zip(ends[::2], ends[1::2], strict=True)]
            expected[j] = {name: end for name, end in zip(self._columns, (yhat, *ends), strict=True) if end == end}
            lows = ends[::2]
            outside[j] = [v for v, low, fits in zip(self.levels, lows, inside, strict=True) if low == low and not fits]
            if step == 0:
                measured = bool(ends) and all(low == low for low in lows)
                if measured:
                    track.alarms[j].learn(float(not inside[-1]))
                track.adaptive[j].learn(self._score(value, yhat), inside if measured else None)
        facts = self._figures(track)
        if any(e is not None for e in expected):
            facts = {"expected": _single(expected), "outside": _single(outside)} | facts
        return facts

    def shown(self, given: Given) -> dict[str, Any]:
        """A forecast as JSON has it: lists by step, to `DIGITS` digits."""
        table = given.table
        largest = float(np.abs(table[0]).max())
        if largest > 0:
            table = np.round(table, DIGITS - 1 - math.floor(math.log10(largest)))
        if table.shape[2] == 1:
            table = table[:, :, 0]
        rows = table.tolist()
        # NaN is the only number that is not itself, and JSON has no word for it
        if math.isnan(float(table.sum())):
            rows = [None if np.isnan(table[i]).all() else _nulled(row) for i, row in enumerate(rows)]
        return dict(zip(self._columns, rows, strict=True))

    def _score(self, value: float, yhat: float) -> float:
        """A one-step error, as the calibration measures them; the largest there is where a logarithm cannot be."""
        if not self._calibration.log:
            return abs(value - yhat)
        return abs(math.log(value / yhat)) if value > 0 and yhat > 0 else _LARGEST_LOG

    def _unit(self, track: Track, j: int) -> float:
        """What the calibrated widths of a series are multiplied by, gaps aside."""
        own = float(self._calibration.own_of(track.series)[j])
        if self._calibration.log:
            return own
        saved = self._scales.get(track.name)
        if saved is not None:
            return own * saved[j]
        steps = np.abs(np.diff(track.now().values[:, j]))
        return own * float(steps.mean()) if len(steps) else math.nan

    def _figures(self, track: Track) -> dict[str, Any]:
        """Realised coverage, rate of alarms and drift."""
        covered = [{name: _rounded(own.coverage(i), 2) for i, name in enumerate(self._names)} for own in track.adaptive]
        rates = [_rounded(own.mean if own.rows else None, 4) for own in track.alarms]
        drift = [self._drift(track, j) for j in range(len(track.level))]
        return {"coverage": _single(covered), "alarm_rate": _single(rates), "drift": _single(drift)}

    def _drift(self, track: Track, j: int) -> dict[str, float | None]:
        """How far the mean has gone from that of training, in its standard deviations; the ratio of the spreads."""
        own = track.level[j]
        if track.trained is None:
            track.trained = self._trained(track)
        mean, spread = track.trained[j]
        if own.rows < _FEWEST_DRIFT or not spread > 0:
            return {"level": None, "spread": None}
        return {
            "level": round((own.mean - mean) / spread, 3),
            "spread": round(math.sqrt(max(own.variance, 0.0)) / spread, 3),
        }

    def _trained(self, track: Track) -> list[tuple[float, float]]:
        """Mean and standard deviation of each channel in training; where the model does not say, of its last rows."""
        nothing = [(0.0, 0.0)] * len(track.level)
        try:
            means, spreads = self._moments[track.name]
            found = [(float(mean), float(spread)) for mean, spread in zip(means, spreads, strict=True)]
            return found if len(found) == len(nothing) else nothing
        except (KeyError, TypeError, ValueError):
            known = self._known.get(track.name)
        if known is None:
            return nothing
        return [(float(np.nanmean(column)), float(np.nanstd(column))) for column in known.values.T]


def _single(values: Sequence[Any]) -> Any:
    """The one of a single channel itself, else all of them."""
    return values[0] if len(values) == 1 else list(values)


def _nulled(row: list[Any]) -> list[Any]:
    """A list, maybe of lists, with None for NaN."""
    return [_nulled(v) if isinstance(v, list) else v if v == v else None for v in row]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
