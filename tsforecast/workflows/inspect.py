"""Inspect: everything a file tells about itself, gathered and changed nowhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.data.frequency import Frequency
from tsforecast.data.panel import FloatArray, Freq, Panel, Schema, Table
from tsforecast.data.plain import plain
from tsforecast.errors import DataError, MissingDependencyError
from tsforecast.insight.profile import ChannelProfile, Gap
from tsforecast.workflows.proposals import Proposal, proposals
from tsforecast.workflows.watch import watch

if TYPE_CHECKING:
    from tsforecast.data.ledger import Ledger
    from tsforecast.plots.ticks import Stamps
    from tsforecast.preparation import Prepared

#: Channels looked at closely, and chaos cards made; the rest is only counted.
MOST_CHANNELS = 24
MOST_CARDS = 3


@dataclass(frozen=True, eq=False)
class Inspection:
    """What a file is.

    Attributes:
        source: Path or "-".
        reading: What reading detected (`Table.facts`).
        schema: The user's names and zone.
        prepared: The repaired and filled panel with its ledger and report; None where preparing stops.
        problem: What preparing stops with, and what to do; None where it does not.
        freq: The grid; empty where there is none.
        start, end: First and last stamp, as text.
        n_channels: Channels of all series; `channels` holds the first few of them.
        untested: Why stationarity was not tested; empty where it was.
        watch: What to watch, one line each.
        proposed: What each column could be.
    """

    source: str
    reading: dict[str, Any]
    schema: Schema
    prepared: Prepared | None
    problem: DataError | None
    freq: Freq
    start: str
    end: str
    n_channels: int
    channels: list[ChannelProfile]
    untested: str
    watch: list[str]
    proposed: list[Proposal]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values under the keys that docs/files.md lists."""
        problem, done = self.problem, self.prepared
        return {
            "source": self.source,
            "reading": plain(self.reading),
            "problem": {"message": problem.message, "hint": problem.hint} if problem else None,
            "freq": self.freq or None,
            "start": self.start,
            "end": self.end,
            "repairs": {} if done is None else done.ledger.counts(),
            "preparing": None if done is None else plain(done.report.to_dict()),
            "n_channels": self.n_channels,
            "channels": [channel.to_dict(self.freq) for channel in self.channels],
            "untested": self.untested,
            "watch": self.watch,
            "columns": [vars(each) for each in self.proposed],
        }


def inspect(source: str | Table, read: ReadConfig, preparing: PrepareConfig, *, dynamics: bool = False) -> Inspection:
    """Look at a file as `forecast` would read and prepare it, and at each channel before anything is filled.

    Args:
        source: Path, or "-" for stdin; or what was read of one.
        read: How to read it, where it is not read yet.
        preparing: How it would be prepared; its seed is that of the chaos cards too.
        dynamics: Whether to draw up chaos cards, which takes seconds a channel.

    Raises:
        TsforecastError: Where the file cannot be read; what would stop preparing is reported instead.
    """
    from tsforecast.preparation import prepare

    table, problem = _read(source, read)
    prepared, bare, ledger = None, None, None
    try:
        plain = replace(preparing, impute="none", outliers="hampel:flag", max_repaired=None)
        flagged = prepare(table, plain)
        bare, ledger = flagged.panel, flagged.ledger
        prepared = prepare(table, preparing) if problem is None else None
    except DataError as error:
        problem = problem or error
    if bare is None or ledger is None:
        channels, n_channels, untested = _as_read(table), table.frame["unique_id"].nunique() * len(table.channels), ""
    else:
        channels, n_channels = _on_grid(bare, ledger), bare.n_series * len(bare.channels)
        channels, untested = _examined(channels, bare.freq)
        if dynamics:
            cards = [_with_card(channel, bare.freq, preparing.seed) for channel in channels[:MOST_CARDS]]
            channels = [*cards, *channels[MOST_CARDS:]]
    freq: Freq = bare.freq if bare is not None else ""
    texts = _texts(table.frame["ds"].dropna().agg(["min", "max"]), table.schema.zone, freq or "s")
    facts = prepared.report if prepared is not None else None
    return Inspection(
        source=source if isinstance(source, str) else str(table.facts.get("source", "a table")),
        reading=table.facts,
        schema=table.schema,
        prepared=prepared,
        problem=problem,
        freq=freq,
        start=texts[0],
        end=texts[1],
        n_channels=n_channels,
        channels=channels,
        untested=untested,
        watch=watch(table.facts, facts, channels, freq),
        proposed=proposals(table),
    )


def _read(source: str | Table, config: ReadConfig) -> tuple[Table, DataError | None]:
    """The table; where only the order of day and month is in doubt, as if it were day first, with the doubt."""
    from tsforecast import io

    if isinstance(source, Table):
        return source, None
    try:
        return io.read(source, config), None
    except DataError as doubt:
        if source == "-" or config.dayfirst is not None:
            raise
        try:
            return io.read(source, replace(config, dayfirst=True)), doubt
        except DataError:
            raise doubt from None


def _as_read(table: Table) -> list[ChannelProfile]:
    """The channels of a table that has no grid."""
    found = []
    for uid, rows in table.frame.groupby("unique_id", sort=False):
        ds = _local(rows["ds"].to_numpy(), table.schema.zone)
        found += [ChannelProfile(str(uid), name, ds, rows[name].to_numpy(dtype="float64")) for name in table.channels]
        if len(found) >= MOST_CHANNELS:
            break
    return found[:MOST_CHANNELS]


def _on_grid(panel: Panel, ledger: Ledger) -> list[ChannelProfile]:
    """The first channels of a regular panel: where values are missing, how many are odd."""
    entries = ledger.frame
    flagged = entries[entries["rule"].str.startswith("outlier")].groupby(["unique_id", "column"]).size()
    found: list[ChannelProfile] = []
    for uid, rows in panel:
        ds = _local(rows["ds"].to_numpy(), panel.schema.zone)
        for name in panel.channels[: MOST_CHANNELS - len(found)]:
            values = rows[name].to_numpy(dtype="float64")
            gaps, edges = _gaps(values, rows["ds"], panel)
            outliers = int(flagged.get((uid, name), 0))
            found.append(ChannelProfile(uid, name, ds, values, gaps, edges, outliers))
        if len(found) >= MOST_CHANNELS:
            break
    return found


def _gaps(values: FloatArray, ds: pd.Series, panel: Panel) -> tuple[list[Gap], int]:
    """Runs of missing values between observed ones, longest first; and the missing values outside."""
    seen = np.flatnonzero(~np.isnan(values))
    if len(seen) == 0:
        return [], len(values)
    before = seen[:-1][np.diff(seen) > 1]
    steps = np.diff(seen)[np.diff(seen) > 1] - 1
    starts = _texts(ds.iloc[before + 1], panel.schema.zone, panel.freq)
    ends = _texts(ds.iloc[before + steps], panel.schema.zone, panel.freq)
    gaps = [Gap(s, e, int(n)) for s, e, n in zip(starts, ends, steps, strict=True)]
    return sorted(gaps, key=lambda gap: -gap.steps), int(len(values) - (seen[-1] - seen[0] + 1))


def _examined(channels: list[ChannelProfile], freq: Freq) -> tuple[list[ChannelProfile], str]:
    """The channels with season, spectrum, trend and stationarity; and why the last was not tested."""
    from tsforecast.insight.season import find_season_length
    from tsforecast.insight.spectrum import spectrum
    from tsforecast.insight.stationarity import find_trend, unit_root_tests

    untested, found = "", list[ChannelProfile]()
    for channel in channels:
        x = channel.values
        try:
            tested = None if untested else unit_root_tests(x)
        except MissingDependencyError as error:
            tested, untested = None, error.hint
        found.append(
            replace(
                channel,
                season_length=find_season_length(x, freq),
                spectrum=spectrum(x),
                trend=find_trend(x),
                stationarity=tested,
            )
        )
    return found, untested


def _with_card(channel: ChannelProfile, freq: Freq, seed: int) -> ChannelProfile:
    from tsforecast.insight.chaos.card import chaos_card

    step = Frequency.of(freq).unit_of_time()
    return replace(channel, dynamics=chaos_card(channel.values, dt=step[0] if step else None, seed=seed))


def _local(ds: Any, zone: str | None) -> Stamps:
    """Stamps as the user reads them."""
    from tsforecast.io.time.zones import to_wall

    return to_wall(ds, zone) if zone and np.issubdtype(ds.dtype, np.datetime64) else ds


def _texts(ds: pd.Series, zone: str | None, freq: Freq) -> list[str]:
    from tsforecast.io.writing import stamp_texts

    return [str(text) for text in stamp_texts(ds, zone, freq)]
