"""`tsforecast compress`: a saved model made smaller and faster, and what that cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.options import PREPARING, File, LedgerFile, Model, with_settings
from tsforecast.cli.settings import Settings
from tsforecast.config import FitConfig
from tsforecast.errors import NoBetterError, UsageError

if TYPE_CHECKING:
    from tsforecast.workflows.saved.compress import Compressed

Smaller = Annotated[str, typer.Option("--output", "-o", metavar="MODEL", help="Where to write the smaller model.")]
Quantize = Annotated[
    Literal["int8", "fp16"] | None,
    typer.Option("--quantize", help="Weights in 8 bits, or kept in 16 and calculated with in 32."),
]
Prune = Annotated[
    float | None,
    typer.Option(
        "--prune",
        metavar="SHARE",
        min=0.01,
        max=0.99,
        help="Leave out so many units whole; the rest trains further.",
    ),
]
Distil = Annotated[
    str | None,
    typer.Option("--distil", metavar="NAME:UNITS", help="Teach a small network what the model says."),
]
MaxLoss = Annotated[
    float,
    typer.Option(
        "--max-loss", metavar="SHARE", min=0, max=10, help="Write nothing, and end with 6, where skill falls by more."
    ),
]


@with_settings(*PREPARING, FitConfig, also=("epochs", "batch_size", "learning_rate"))
def compress(
    model: Model,
    file: File,
    output: Smaller,
    ledger: LedgerFile = None,
    quantize: Quantize = None,
    prune: Prune = None,
    distil: Distil = None,
    max_loss: MaxLoss = 0.01,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Make a saved model smaller, and say what that cost on the newest rows of a file."""
    from tsforecast.bundle import load, save
    from tsforecast.cli.reports import results
    from tsforecast.cli.reports.lines import entry
    from tsforecast.workflows.saved.compress import Shrinking
    from tsforecast.workflows.saved.compress import compress as make_smaller
    from tsforecast.workflows.saved.saving import prepare_config, read_config

    wanted = Shrinking(_student(distil), prune, quantize, max_loss)
    bundle = load(model)
    reading, preparing = read_config(bundle, settings.read), prepare_config(bundle, settings.prepare)
    panel = results.load(file, replace(settings, read=reading, prepare=preparing), ledger, console)
    made = make_smaller(bundle, panel, wanted, vars(settings.model), seed=settings.fit.seed, progress=console.progress)
    for line in _table(made):
        console.say(line)
    console.record(compressed=_facts(made))
    if not made.loss <= max_loss:
        raise NoBetterError(
            f"the skill fell by {made.loss:.3f}, more than {max_loss:g}; nothing is written",
            "take a milder way, or allow for it with --max-loss",
        )
    size = save(output, made.bundle)
    console.record(output=output, bytes=size)
    console.say(entry("model", f"{output}, {size:,} bytes"))


def _student(distil: str | None) -> tuple[str, int] | None:
    """Name and units.

    Raises:
        UsageError: It is not NAME:UNITS.
    """
    if distil is None:
        return None
    from tsforecast.models import registry

    name, _, units = distil.partition(":")
    if not units.isdecimal() or not 1 <= int(units) <= 10_000:
        raise UsageError(
            f"--distil must be NAME:UNITS, received '{distil[:80]}'",
            "a name that tsforecast models lists, a colon, and a number",
        )
    registry.find(name)
    return name, int(units)


def _table(made: Compressed) -> list[str]:
    """Before, after and the ratio of both, a line each."""
    from tsforecast.cli.reports.lines import entry, number

    before, after = made.before, made.after
    faster = before.seconds / after.seconds
    told = f"{faster:.1f} x faster" if faster >= 1 else f"{1 / faster:.1f} x slower"
    rows = [
        ("", "before", "after", ""),
        ("size", f"{before.size:,} B", f"{after.size:,} B", f"{before.size / after.size:.1f} x smaller"),
        ("a forecast", f"{1000 * before.seconds:.2f} ms", f"{1000 * after.seconds:.2f} ms", told),
        ("skill", number(before.skill, 3), number(after.skill, 3), f"{-made.loss:+.3f}"),
    ]
    for level, got in before.coverage.items():
        rows.append((f"{level:g} % covers", f"{got:.1f} %", f"{after.coverage[level]:.1f} %", ""))
    horizon = made.bundle.manifest.horizon
    lines = ["", entry("judged", f"{made.n_origins:,} forecasts of {horizon:,} steps on the newest rows")]
    return lines + [entry("", f"{what:<12}{old:>14}{new:>14}  {told}").rstrip() for what, old, new, told in rows]


def _facts(made: Compressed) -> dict[str, object]:
    def facts(name: Literal["before", "after"]) -> dict[str, object]:
        one = getattr(made, name)
        covered = {f"{level:g}": got for level, got in one.coverage.items()}
        return {"bytes": one.size, "seconds": one.seconds, "skill": one.skill, "coverage": covered}

    return {"before": facts("before"), "after": facts("after"), "loss": made.loss, "forecasts": made.n_origins}
