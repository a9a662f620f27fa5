"""The work on one piece: forecasts and one row of truth for each of its series, whatever is wrong with some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from tsforecast.batch.grouped import Group, by_bundle, by_fit
from tsforecast.batch.job import Job
from tsforecast.batch.pieces import Piece
from tsforecast.batch.tables import Reader, rows_of, single
from tsforecast.batch.truth import truth
from tsforecast.bundle import Bundle
from tsforecast.data.panel import Table
from tsforecast.data.status import SeriesStatus
from tsforecast.errors import MissingDependencyError, TsforecastError
from tsforecast.models.registry import AUTO, find
from tsforecast.preparation import Prepared, prepare

EMPTY = pd.DataFrame({"unique_id": pd.Series(dtype="str"), "channel": pd.Series(dtype="str")})


@dataclass
class Pieceworker:
    """Does one piece after the other.

    Attributes:
        job: What is asked for.
        models: By step, the model that serves all series of that step.
    """

    job: Job
    models: Mapping[str, Bundle] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._reader = Reader(self.job.read)
        # how late a series ends is judged among all series, once all are known
        self._preparing = replace(self.job.prepare, max_stale=None)

    def done(self, piece: Piece) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
        """The forecasts, `unique_id, channel, ds, yhat, …`, and the truth, in the order of the series in the file.

        Raises:
            MissingDependencyError: What the model asked for needs is not installed.
            MemoryError: There is not enough.
        """
        try:
            table = self._reader.table(piece)
        except MissingDependencyError:
            raise
        except TsforecastError as error:
            lost = SeriesStatus(_stem(piece), "", "left out", error.message)
            return EMPTY, [truth(lost)]
        if not len(table.frame):  # more shares than series
            return EMPTY, []
        forecasts, rows = self.forecast(table)
        if table.schema.id is None:  # the one series of a file is called as the file is
            forecasts = forecasts.assign(unique_id=_stem(piece))
            rows = [{**row, "unique_id": _stem(piece)} for row in rows]
        return forecasts, rows

    def forecast(self, table: Table) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
        """The forecasts and the truth of the series of a table, in its order."""
        made = list(self._together(table) if self._goes_together else self._apart(table))
        frames = [group.forecast for group in made if len(group.forecast)]
        rows = [row for group in made for row in group.rows]
        place = {uid: i for i, uid in enumerate(pd.unique(table.frame["unique_id"]))}
        channels = {name: i for i, name in enumerate(table.channels)}
        rows.sort(key=lambda row: (place.get(row["unique_id"], 0), channels.get(row["channel"], 0)))
        return _ordered(frames, place, channels), rows

    @property
    def _goes_together(self) -> bool:
        """Whether one call does a whole piece: a model for all is there, or each series is fitted by itself anyway."""
        asked = self.job.model.model
        return bool(self.models) or (asked != AUTO and find(asked).info.scope == "local")

    def _together(self, table: Table) -> Iterator[Group]:
        """One call for all series of a step; what cannot be among the others is tried with its like, then alone."""
        try:
            prepared = prepare(table, self._preparing)
            bundle = self.models.get(str(prepared.panel.freq))
            if bundle is None and self.models:
                yield from self._apart(table)
                return
            group = by_fit(prepared, self.job) if bundle is None else by_bundle(prepared, bundle, self.job)
        except MissingDependencyError:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, it is of some of these series and not of all
            yield from self._halves(table)
            return
        odd = self._odd(prepared)
        group.rows = [row for row in group.rows if row["unique_id"] not in odd]
        yield group
        if odd:
            yield from self._together(rows_of(table, _rows_with(table, odd)))

    def _odd(self, prepared: Prepared) -> set[str]:
        """The series that are not on the grid of the others, where there may be another for them."""
        if self.job.prepare.freq is not None:
            return set()
        there = set(prepared.panel.ids)
        return {s.unique_id for s in prepared.status if s.state == "left out" and s.unique_id not in there}

    def _halves(self, table: Table) -> Iterator[Group]:
        ids = pd.unique(table.frame["unique_id"])
        if len(ids) == 1:
            yield from self._apart(table)
            return
        for part in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
            yield from self._together(rows_of(table, _rows_with(table, set(part))))

    def _apart(self, table: Table) -> Iterator[Group]:
        """Each series by itself, with the best of all models for it."""
        for own in single(table):
            try:
                yield by_fit(prepare(own, self._preparing), self.job)
            except (MissingDependencyError, MemoryError):
                raise
            except TsforecastError as error:
                yield _lost(own, error.message)
            except Exception as error:  # noqa: BLE001 - a bug of one series is its own, and said
                yield _lost(own, f"internal error: {type(error).__name__}: {error}")


def _stem(piece: Piece) -> str:
    """The name of a file without what its suffixes say."""
    name = piece.source.rstrip("/").rpartition("/")[2]
    return name.partition(".")[0] or name


def _rows_with(table: Table, ids: set[str]) -> Any:
    return np.flatnonzero(table.frame["unique_id"].isin(ids).to_numpy())


def _lost(table: Table, reason: str) -> Group:
    """A series without a forecast, and why."""
    observed = int(table.frame[table.channels].notna().any(axis=1).sum())
    uid = str(table.frame["unique_id"].iloc[0])
    status = SeriesStatus(uid, ",".join(table.channels), "left out", reason, observed)
    return Group(EMPTY, [truth(status)])


def _ordered(frames: list[pd.DataFrame], place: Mapping[str, int], channels: Mapping[str, int]) -> pd.DataFrame:
    """One frame in the order of the file."""
    if not frames:
        return EMPTY
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    own = frame["channel"].map(lambda name: channels.get(name, 0)).to_numpy()
    series = frame["unique_id"].map(place).to_numpy()
    order = np.lexsort((own, series))
    return frame if (np.diff(order) == 1).all() else frame.iloc[order].reset_index(drop=True)
