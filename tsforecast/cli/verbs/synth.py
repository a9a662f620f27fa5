"""`tsforecast synth`: series whose truth is known."""

from __future__ import annotations

from typing import Annotated

import typer

from tsforecast.cli.console import Console, show
from tsforecast.cli.options import Format, Output, SafeCsv, with_settings
from tsforecast.cli.settings import Settings
from tsforecast.errors import UsageError

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="The system; without it, all are listed.")]
Length = Annotated[int, typer.Option("--length", "-n", help="Rows to write.")]
Step = Annotated[float | None, typer.Option("--step", help="Time between two rows (default: the system's own).")]
Noise = Annotated[float, typer.Option("--noise", help="Measurement noise, as a share of the standard deviation.")]
State = Annotated[
    str | None, typer.Option("--initial-state", metavar="A,B,...", help="Where to start; no transient is dropped then.")
]
Coordinate = Annotated[
    list[str] | None, typer.Option("--coordinate", help="Which coordinates to write; repeatable (default: all).")
]
Start = Annotated[
    str | None, typer.Option("--start", metavar="STAMP", help="Write stamps from here on, instead of a step number.")
]
Freq = Annotated[str, typer.Option("--freq", help="Step between stamps, with --start.")]


@with_settings(also=("seed",))
def synth(
    name: Name = None,
    length: Length = 1000,
    step: Step = None,
    noise: Noise = 0.0,
    initial_state: State = None,
    coordinate: Coordinate = None,
    start: Start = None,
    freq: Freq = "h",
    output: Output = None,
    format: Format = None,  # noqa: A002
    safe_csv: SafeCsv = False,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Generate a series whose truth is known: sine waves, maps, attractors, noise."""
    from tsforecast.synth import systems

    if name is None:
        _list(console)
        return
    if name not in systems():
        from difflib import get_close_matches

        close = get_close_matches(name, systems(), n=1)
        raise UsageError(
            f"there is no system '{name}'", f"did you mean {close[0]}?" if close else "tsforecast synth lists them"
        )
    try:
        state = tuple(float(part) for part in initial_state.split(",")) if initial_state else None
    except ValueError:
        raise UsageError(f"--initial-state must be numbers with commas, received '{initial_state}'") from None
    from tsforecast import io
    from tsforecast.synth import generate

    console.record(system=name, length=length, seed=settings.fit.seed, output=output)

    frame = generate(
        name,
        length=length,
        step=step,
        noise=noise,
        seed=settings.fit.seed,
        initial_state=state,
        coordinates=tuple(coordinate) if coordinate else None,
        start=start,
        freq=freq if start else None,
    )
    if console.as_json and output is None:
        console.record(rows=list(io.records(frame)))
        return
    io.write(frame, output, format, safe=safe_csv)


def _list(console: Console) -> None:
    from tsforecast.synth import systems

    console.record(systems={name: {"words": s.description, "exponent": s.exponent} for name, s in systems().items()})
    if console.as_json:
        return

    width = max(len(name) for name in systems())
    known = {name: system.exponent for name, system in systems().items()}
    show(
        f"{name:<{width}}  {system.description}"
        + ("" if known[name] is None else f"; exponent {known[name]:g} per unit time")
        for name, system in systems().items()
    )
