"""`tsforecast stream`: a forecast after every row of an endless series, one JSON line each."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Annotated

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.destinations import STANDARD
from tsforecast.cli.options import Model, with_settings
from tsforecast.cli.settings import Settings
from tsforecast.errors import NotReadableError, UsageError

Source = Annotated[str, typer.Argument(metavar="[FILE]", help="Rows as they come; - is stdin.")]
State = Annotated[
    str | None,
    typer.Option("--state", metavar="FILE", help="Keep the state here, and go on from it after a restart."),
]
Every = Annotated[float, typer.Option("--state-every", metavar="SECONDS", min=0.1, help="Seconds between two states.")]
Columns = Annotated[
    str | None,
    typer.Option("--columns", metavar="NAMES", help="Columns of a stream without a header, as time,sensor,value."),
]
MostSeries = Annotated[int, typer.Option("--most-series", min=1, help="Series to carry at once.")]
SETTINGS = ("horizon", "time_col", "id_col", "target_col", "delimiter", "decimal", "dayfirst", "na_value")


@with_settings(also=SETTINGS)
def stream(
    model: Model,
    file: Source = STANDARD,
    state: State = None,
    state_every: Every = 30.0,
    columns: Columns = None,
    most_series: MostSeries = 10_000,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Forecast after every row that comes, say what is odd, adapt the intervals; one JSON line a row, at once."""
    from tsforecast.bundle import load
    from tsforecast.cli.reports import results
    from tsforecast.data.frequency import Frequency
    from tsforecast.stream.clock import Clock
    from tsforecast.stream.engine import Engine
    from tsforecast.stream.incoming import LineReader, column_names
    from tsforecast.stream.kept import load_state, model_sum, save_state
    from tsforecast.stream.running import counted, run, summary

    bundle = load(model)
    manifest, read = bundle.manifest, settings.read
    channels = read.target_col or manifest.channels
    if len(channels) != len(manifest.channels):
        raise UsageError(
            f"the model has {len(manifest.channels)} columns of values, --target-col names {len(channels)}"
        )
    steps = results.horizon_of(settings, bundle.history) or manifest.horizon
    clock = Clock(Frequency.of(manifest.freq), manifest.schema.zone, read.dayfirst)
    names = (read.time_col or manifest.schema.time, read.id_col or manifest.schema.id, channels)
    reader = LineReader(names, clock, read, column_names(columns))
    engine = Engine(bundle, clock, steps, most_series)
    checksum = model_sum(model)
    if state and load_state(state, engine, checksum):
        console.say(f"going on from {state}: {engine.rows:,} rows were read before")
    before = dict(engine.counts)
    console.one_line = True
    save = (lambda: save_state(state, engine, checksum)) if state else None
    with _opened(file) as source:
        try:
            run(source, _write, engine, reader, save, state_every)
        finally:
            console.say(f"rows: {summary(engine, before)}")
            console.record(stream=counted(engine, before))


def _opened(file: str) -> AbstractContextManager[IO[bytes]]:
    if file == STANDARD:
        if sys.stdin is None or sys.stdin.closed:
            raise NotReadableError("stdin is closed", "pipe rows in, or name a file")
        return nullcontext(sys.stdin.buffer)
    try:
        return open(file, "rb")
    except OSError as error:
        raise NotReadableError(f"{file} cannot be read: {error.strerror}", "is the name right?") from None


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
