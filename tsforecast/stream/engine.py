"""The engine of `stream`: rows in, a forecast after each out, and the rules for rows that are not as they should be.

Rows that have come together are forecast from together, since one call for many costs far less than a call for each
(benchmarks/stream_speed.py); what is given out is the same as row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.bundle import Bundle
from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.evaluate.bounds import Bounds, Side
from tsforecast.stream.clock import Clock
from tsforecast.stream.incoming import StreamRow
from tsforecast.stream.referee import Referee
from tsforecast.stream.track import Given, Track
from tsforecast.workflows.saved.predict import MODEL, end_of_training, known_series, restored

_LEAST_MEMORY = 100
OK, MISSING, LATE, DUPLICATE, TOO_LATE, UNREADABLE = "ok", "missing", "late", "duplicate", "too late", "unreadable"


@dataclass(eq=False)
class _Waiting:
    """A row that waits for its forecast: its track, its window then, and what its line will say."""

    row: StreamRow
    track: Track
    group: int
    window: Series
    values: tuple[float, ...]
    facts: dict[str, Any]
    steps: int
    missing: FloatArray


class Engine:
    """Rows in, lines out.

    Args:
        bundle: The saved model.
        clock: Reads and writes its stamps.
        steps: Steps of the forecast after each row.
        most_series: Series to carry; of more, the one that has been silent for longest is forgotten.
    """

    def __init__(self, bundle: Bundle, clock: Clock, steps: int, most_series: int) -> None:
        self.clock, self.rows, self.counts = clock, 0, dict[str, int]()
        self.tracks: dict[tuple[str, int], Track] = {}
        self._steps, self._most = steps, most_series
        if bundle.regression is not None:
            told = "a model that looks at other columns, or the calendar, cannot be streamed"
            raise DataError(told, "fit one on the target alone: --calendar none, no --past-col or --future-col")
        self._schema, manifest = bundle.manifest.schema, bundle.manifest
        self._model = restored(bundle)
        self._history = self._model.models[MODEL].history_length
        self._bounds = Bounds.from_dict(manifest.bounds)
        self._known = {series.name: series for series in known_series(bundle, end_of_training(bundle))[1]}
        self._referee = Referee(bundle, self._known, steps)
        self._groups = [tuple(manifest.channels)] if self._schema.joint else [(c,) for c in manifest.channels]
        self._seasons = max((s.season_lengths for s in self._known.values()), key=len, default=())
        longest = max([1, *(m for s in self._known.values() for m in s.season_lengths)])
        self._memory = max(_LEAST_MEMORY, 2 * longest)
        self._window = max(self._history, longest, *(len(s) for s in self._known.values()))
        self._waiting: list[_Waiting] = []
        for series in self._known.values():
            clock.start(series.unique_id, int(np.asarray(series.stamps[-1:]).astype("int64")[0]))

    def feed(self, rows: Iterable[StreamRow]) -> Iterator[dict[str, Any]]:
        """What is to be said of rows that have come together, one after the other."""
        for row in rows:
            self.rows += 1
            if row.stamp is None or len(row.values) != sum(map(len, self._groups)):
                yield from self._flush()
                yield self._said(row, {"status": UNREADABLE, "reason": row.problem})
                continue
            first = 0
            for group, channels in enumerate(self._groups):
                yield from self._place(row, row.stamp, group, row.values[first : first + len(channels)])
                first += len(channels)
        yield from self._flush()

    def begin(self, uid: str, group: int, step: int) -> Track:
        """A new track: of a series of training, on from the end of that, else from nothing."""
        channels = self._groups[group]
        name = f"{uid}/{','.join(channels)}" if uid else ",".join(channels)
        series = self._known.get(name)
        if series is None:
            kind = "int64" if self.clock.counts else "datetime64[us]"
            series = Series(uid, channels, np.empty((0, len(channels))), 0, np.empty(0, dtype=kind), self._seasons)
        else:
            step = series.start + len(series) - 1
        made = Track(series, self._window, step, self._memory, self._bounds.of([series])[0, 0])
        made.adaptive = self._referee.fresh(made)
        if len(self.tracks) >= self._most:
            del self.tracks[min(self.tracks, key=lambda key: self.tracks[key].touched)]
            self._count("forgotten", 1)
        self.tracks[uid, group] = made
        return made

    def to_list(self) -> list[dict[str, Any]]:
        """Every track as plain JSON; `restore` reads it."""
        return [{"group": group, **track.to_dict()} for (_, group), track in self.tracks.items()]

    def restore(self, saved: list[dict[str, Any]]) -> None:
        """Go on from what `to_list` gave: the same windows, and the forecasts that were given out last.

        Raises:
            ValueError, TypeError, KeyError, LookupError: It gave something else.
        """
        for kept in saved:
            group, uid = int(kept["group"]), str(kept["unique_id"])
            if not 0 <= group < len(self._groups) or list(self._groups[group]) != kept["channels"]:
                raise ValueError("its columns are of another model")
            track = self.begin(uid, group, int(kept["step"]))
            track.restore(kept)
            self.clock.start(uid, track.stamp)
            self._look_ahead(track)

    def _place(self, row: StreamRow, at: int, group: int, values: tuple[float, ...]) -> Iterator[dict[str, Any]]:
        """Put a row where it belongs, after what waits where it depends on that."""
        track = self.tracks.get((row.uid, group))
        if track is None:
            track = self.begin(row.uid, group, self.clock.position(at) - 1)
            self._look_ahead(track)
        track.touched = self.rows
        steps, stamp = self.clock.steps(track.stamp, at) if track.length else (1, at)
        facts: dict[str, Any] = {"status": OK}
        if stamp != at:
            facts["moved_to"] = self.clock.text(stamp)
        if row.problem:
            facts["reason"] = row.problem
        if steps != 1 or any(value != value for value in values):
            yield from self._flush()
            facts |= self._odd(track, steps, stamp, values)
            if facts["status"] in (DUPLICATE, TOO_LATE) or not track.length:
                yield self._said(row, facts, group)
                return
        else:
            track.append(stamp, values, seen=True)
        self._waiting.append(_Waiting(row, track, group, track.now(), values, facts, steps, self._missing(track)))

    def _odd(self, track: Track, steps: int, stamp: int, values: tuple[float, ...]) -> dict[str, Any]:
        """Place a row that does not follow the last one, or has a value missing; what is to be said of it."""
        if steps < 1:
            if -steps >= track.length:
                return {"status": TOO_LATE}
            return {"status": LATE if track.correct(-steps, np.array(values)) else DUPLICATE}
        facts: dict[str, Any] = {}
        if steps > 1:
            facts["missing_before"] = steps - 1
            self._count("missing before", steps - 1)
            if not self._bridge(track, steps - 1):
                track.restart(self.clock.position(stamp) - 1)
                facts["restarted"] = True
        row = np.array(values)
        seen = ~np.isnan(row)
        if not seen.all():
            facts["status"] = MISSING
            expected = self._ahead(track, steps)
            if expected is None:
                return facts
            row = np.where(seen, row, expected[-1])
        track.append(stamp, row, seen)
        return facts

    def _bridge(self, track: Track, count: int) -> bool:
        """Fill the steps that did not come with what was expected of them; False where they are more than a window."""
        ahead = self._ahead(track, count) if count <= self._window else None
        for own in ahead if ahead is not None else ():
            track.append(self.clock.after(track.stamp, 1), own, seen=False)
        return ahead is not None

    def _ahead(self, track: Track, count: int) -> FloatArray | None:
        """What was expected of the next rows `(step, channel)`; None where nothing can be."""
        if track.given is not None and count <= len(track.given):
            return track.given.yhat[:count]
        if not track.length:
            return None
        found = track.held(self._model.predict([track.now()], count, MODEL)[0])
        return found if np.isfinite(found).all() else None

    def _flush(self) -> Iterator[dict[str, Any]]:
        """Forecast from all that waits at once, then judge and say it in its order."""
        waiting, self._waiting = self._waiting, []
        ready = [entry for entry in waiting if 2 * len(entry.window) >= self._history]
        found = self._model.predict([entry.window for entry in ready], self._steps, MODEL) if ready else ()
        forecasts = dict(zip(map(id, ready), found, strict=True))
        for entry in waiting:
            track, facts, yhat = entry.track, entry.facts, forecasts.get(id(entry))
            if entry.steps > 0:
                if self._bounds.asked is None:
                    track.cross(entry.values)
                facts |= self._referee.compare(track, entry.values, entry.steps - 1)
            track.given = given = None if yhat is None else self._give(track, entry.window, yhat, entry.missing)
            facts["forecast"] = None if given is None else self._referee.shown(given)
            if given is None:
                facts.setdefault("reason", "too few rows to forecast from")
            yield self._said(entry.row, facts, entry.group)

    def _give(self, track: Track, window: Series, yhat: FloatArray, missing: FloatArray) -> Given | None:
        """A forecast `(step, channel)` with its intervals, to be given out; None where it is no number at some step."""
        if not np.isfinite(yhat).all():
            return None
        given = self._referee.given(track, yhat, missing)
        for k, values in enumerate(given.table):
            side: Side = "point" if k == 0 else "low" if k % 2 else "high"
            given.table[k] = self._bounds.settled([window], values[None], side)[0]
        return given

    def _look_ahead(self, track: Track) -> None:
        """Give out a forecast from where a track stands, before its next row."""
        if track.length and 2 * track.length >= self._history:
            window = track.now()
            yhat = self._model.predict([window], self._steps, MODEL)[0]
            track.given = self._give(track, window, yhat, self._missing(track))

    def _missing(self, track: Track) -> FloatArray:
        return track.missing(self._referee.looks_back)

    def _said(self, row: StreamRow, facts: dict[str, Any], group: int | None = None) -> dict[str, Any]:
        """A line, under the user's names."""
        self._count(facts["status"], 1)
        said: dict[str, Any] = {"line": row.line}
        if self._schema.id is not None and row.uid:
            said[self._schema.id] = row.uid
        if row.stamp is not None:
            said[self._schema.time] = self.clock.text(row.stamp)
        if group is not None:
            first = sum(map(len, self._groups[:group]))
            for channel, value in zip(self._groups[group], row.values[first:], strict=False):
                said[channel] = value if value == value else None
        return said | facts

    def _count(self, status: str, by: int) -> None:
        self.counts[status] = self.counts.get(status, 0) + by
