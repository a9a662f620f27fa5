"""From finished pieces to what a person and a program read: one status, one set of forecasts, a piece at a time."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from tsforecast.batch.outdir import OPTION, OutputFolder, lines, read_lines
from tsforecast.data.frequency import Frequency
from tsforecast.errors import DataError
from tsforecast.io.files import replacing

#: Rows of a part of the forecasts, about; smaller pieces are put together.
PART_ROWS = 250_000
#: What is compared with the last run.
_COMPARED = ("state", "model", "season", "freq")
_SKILL_MOVED = 0.1


Late: TypeAlias = dict[str, set[tuple[str, str]]]
"""By the key of a piece, id and column of its series that end too early to be forecast."""


@dataclass
class Totals:
    """What became of all series.

    Attributes:
        states: Series by state.
        models: Series by model.
        changed: Series by what changed since the last run.
        rows: Of forecasts.
        latest: By step, the latest end of all series.
    """

    states: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    latest: dict[str, Any] = field(default_factory=dict)

    @property
    def series(self) -> int:
        """All of them."""
        return sum(self.states.values())

    def add(self, row: Mapping[str, Any]) -> None:
        """Take in one row of truth."""
        self.states[row["state"]] += 1
        if row["model"]:
            self.models[row["model"]] += 1
        self.changed.update(row.get("changed") or [])


@dataclass
class Previous:
    """The status of the run before, looked up by series without being held in memory."""

    path: Path

    def __post_init__(self) -> None:
        self._known: sqlite3.Connection | None = None
        if self.path.exists():
            self._known = sqlite3.connect("")  # a temporary file of its own, gone with the connection
            self._known.execute("create table known (name text primary key, row text) without rowid")
            entries = ((_name(row), _compact(row)) for row in read_lines(self.path))
            self._known.executemany("insert or replace into known values (?, ?)", entries)

    def changes(self, row: Mapping[str, Any]) -> list[str] | None:
        """What changed of a series; None where there was no run before."""
        if self._known is None:
            return None
        found = self._known.execute("select row from known where name = ?", (_name(row),)).fetchone()
        return ["new"] if found is None else list(_differences(found[0], _compact(row)))

    def close(self) -> None:
        """Forget it."""
        if self._known is not None:
            self._known.close()


def _name(row: Mapping[str, Any]) -> str:
    return "\0".join(str(row[key]) for key in ("source", "unique_id", "channel"))


def _compact(row: Mapping[str, Any]) -> str:
    return "\0".join(str(row.get(key)) for key in (*_COMPARED, "rows", "skill"))


def _differences(old: str, new: str) -> Iterator[str]:
    (*was, rows_before, skill_before), (*now, rows, skill) = old.split("\0"), new.split("\0")
    for name, before, after in zip(_COMPARED, was, now, strict=True):
        if before != after:
            yield name
    if rows_before != rows:
        yield "rows"
    if (skill_before == "None") != (skill == "None") or (
        skill != "None" and abs(float(skill) - float(skill_before)) > _SKILL_MOVED
    ):
        yield "skill"


@dataclass(frozen=True)
class Finished:
    """A piece that is there, or what stands for one that could not be made.

    Attributes:
        source: Whose series they are.
        key: Of the piece; "" where there is none.
        rows: What is said of its series where it is not there.
    """

    source: str
    key: str
    rows: tuple[dict[str, Any], ...] = ()

    def truth(self, folder: OutputFolder) -> Iterator[dict[str, Any]]:
        """The rows of its series."""
        return iter(self.rows) if self.rows else read_lines(folder.truth_of(self.key))


def gather_status(
    folder: OutputFolder, pieces: Sequence[Finished], max_stale: int | None, see: Callable[[Mapping[str, Any]], None]
) -> tuple[Totals, Late]:
    """Write `status.jsonl`; what became of all, and the series that end too early to be forecast.

    How late a series ends is said here, where the ends of all series of its step are known: `stale` is the steps that
    it ends before the latest. Each row is shown to `see`.
    """
    latest: dict[str, Any] = {}
    for piece in pieces:
        for row in piece.truth(folder):
            if row["last"] is not None and row["freq"] is not None:
                latest[row["freq"]] = max(latest.get(row["freq"], row["last"]), row["last"])
    totals = Totals(latest=latest)
    late: Late = {}
    with closing(Previous(folder.path / "previous.jsonl")) as previous, replacing(folder.status, OPTION) as stream:
        for piece in pieces:
            rows = [_stale(row, latest, max_stale) for row in piece.truth(folder)]
            for row in rows:
                row["changed"] = previous.changes(row)
                totals.add(row)
                see(row)
                if row["state"] == "left out" and row["stale"]:
                    late.setdefault(piece.key, set()).add((row["unique_id"], row["channel"]))
            stream.write(lines(rows))
    return totals, late


def _stale(row: dict[str, Any], latest: Mapping[str, Any], max_stale: int | None) -> dict[str, Any]:
    ordered = {"source": row["source"]} | {k: v for k, v in row.items() if k != "source"}
    if row["last"] is None or row["freq"] is None:
        return ordered | {"stale": None}
    freq: str | int = int(row["freq"]) if row["freq"].isdigit() else row["freq"]
    end = latest[row["freq"]]
    steps = 0 if end == row["last"] else Frequency.of(freq).between(_moment(row["last"]), _moment(end))
    if max_stale is not None and steps > max_stale:
        told = f"ends at {row['last']}, {steps:,} steps before the latest, more than --max-stale {max_stale}"
        ordered |= {"state": "left out", "reason": told}
    return ordered | {"stale": steps}


def _moment(stamp: Any) -> Any:
    return np.datetime64(stamp, "us") if isinstance(stamp, str) else stamp


def gather_forecasts(
    folder: OutputFolder, pieces: Sequence[Finished], late: Late, kind: str, totals: Totals
) -> list[str]:
    """Write the forecasts of all pieces, in order, as Parquet parts or one CSV; their names in the folder.

    Raises:
        DataError: There is no forecast at all.
    """
    tables = _tables(folder, pieces, late)
    names = [_csv(folder, tables, totals)] if kind == "csv" else list(_parts(folder, tables, totals))
    if not totals.rows:
        raise DataError("no series could be forecast", f"{folder.status} says why of each")
    _remove_others(folder, set(names))
    return names


def _tables(folder: OutputFolder, pieces: Sequence[Finished], late: Late) -> Iterator[Any]:
    """The forecasts of each piece, under one schema."""
    import pyarrow.parquet as pq

    schema = _schema(folder, pieces)
    for piece in pieces:
        if not piece.key or piece.rows:
            continue
        table = pq.read_table(folder.forecasts_of(piece.key), memory_map=False)
        if piece.key in late:
            table = _without(table, late[piece.key])
        if len(table):
            yield _unified(table.append_column("source", _constant(piece.source, len(table))), schema)


def _constant(text: str, rows: int) -> Any:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype="int32")), pa.array([text])).cast(pa.string())


def _schema(folder: OutputFolder, pieces: Sequence[Finished]) -> Any:
    """One for all: stamps are text where some series have none, or some have a zone and others not."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: dict[str, Any] = {"source": pa.string()}
    for piece in pieces:
        if piece.key and not piece.rows:
            for column in pq.read_schema(folder.forecasts_of(piece.key)):
                known = found.setdefault(column.name, column.type)
                if known != column.type:
                    found[column.name] = pa.string()
    return pa.schema(list(found.items()))


def _unified(table: Any, schema: Any) -> Any:
    import pyarrow as pa

    columns = []
    for column in schema:
        if column.name not in table.column_names:
            columns.append(pa.nulls(len(table), column.type))
            continue
        own = table[column.name]
        if own.type != column.type:
            own = _stamp_texts(own) if pa.types.is_timestamp(own.type) else own.cast(column.type)
        columns.append(own)
    return pa.Table.from_arrays(columns, schema=schema)


def _without(table: Any, late: set[tuple[str, str]]) -> Any:
    """The forecasts of a piece but those of the series that were left out when all were known."""
    pairs = zip(table["unique_id"].to_pylist(), table["channel"].to_pylist(), strict=True)
    return table.filter([pair not in late for pair in pairs])


def _csv(folder: OutputFolder, tables: Iterator[Any], totals: Totals) -> str:
    name = "forecasts.csv"
    dates = totals.latest and all(isinstance(end, str) and "T" not in end for end in totals.latest.values())
    with replacing(folder.path / name, OPTION) as stream:
        for i, table in enumerate(tables):
            totals.rows += len(table)
            frame = _plain(table, dates=bool(dates)).to_pandas()
            stream.write(frame.to_csv(None, index=False, header=i == 0, lineterminator="\n").encode())
    return name


def _plain(table: Any, *, dates: bool) -> Any:
    """Stamps as text, as every other CSV of this program has them: dates alone where all steps are days or longer."""
    import pyarrow as pa

    for i, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type):
            own = table[column.name]
            texts = own.cast(pa.date32(), safe=False).cast(pa.string()) if dates else _stamp_texts(own)
            table = table.set_column(i, column.name, texts)
    return table


def _stamp_texts(stamps: Any) -> Any:
    """ISO 8601, to the second where no stamp is finer, with Z where they are of UTC."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pc.all(pc.equal(pc.microsecond(stamps), 0)).as_py() and pc.all(pc.equal(pc.millisecond(stamps), 0)).as_py()
    unit = "s" if whole else "us"
    zone = stamps.type.tz
    texts = pc.strftime(stamps.cast(pa.timestamp(unit, zone)), "%Y-%m-%dT%H:%M:%S")
    return pc.binary_join_element_wise(texts, "Z", "") if zone else texts


def _parts(folder: OutputFolder, tables: Iterator[Any], totals: Totals) -> Iterator[str]:
    import pyarrow as pa

    (folder.path / "forecasts").mkdir(exist_ok=True)
    held: list[Any] = []
    number = 0
    for table in tables:
        held.append(table)
        totals.rows += len(table)
        if sum(map(len, held)) >= PART_ROWS:
            yield _part(folder, pa.concat_tables(held), number)
            held, number = [], number + 1
    if held:
        yield _part(folder, pa.concat_tables(held), number)


def _part(folder: OutputFolder, table: Any, number: int) -> str:
    import pyarrow.parquet as pq

    name = f"forecasts/part-{number:05d}.parquet"
    with replacing(folder.path / name, OPTION) as stream:
        pq.write_table(table.combine_chunks(), stream, compression="zstd")
    return name


def _remove_others(folder: OutputFolder, names: set[str]) -> None:
    """The forecasts of an earlier run that this one has no name for."""
    for old in [*folder.path.glob("forecasts/part-*.parquet"), folder.path / "forecasts.csv"]:
        if str(old.relative_to(folder.path)) not in names and old.exists():
            os.unlink(old)
