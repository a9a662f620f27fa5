"""`tsforecast update`: go on training a saved model on newer data."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.options import PREPARING, File, LedgerFile, Model, with_settings
from tsforecast.cli.settings import Settings
from tsforecast.config import FitConfig
from tsforecast.errors import NoBetterError

if TYPE_CHECKING:
    from tsforecast.workflows.saved.update import Update

Updated = Annotated[str, typer.Option("--output", "-o", metavar="MODEL", help="Where to write the updated model.")]
Force = Annotated[
    bool,
    typer.Option("--force", metavar="", help="Write the updated model also where it is no better than the old one."),
]


@with_settings(*PREPARING, FitConfig, also=("epochs", "batch_size", "learning_rate"))
def update(
    model: Model,
    file: File,
    output: Updated,
    ledger: LedgerFile = None,
    force: Force = False,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Go on training a saved model on newer rows; one that is no better is not written."""
    from tsforecast.bundle import load, save
    from tsforecast.cli.reports import results
    from tsforecast.cli.reports.lines import entry
    from tsforecast.workflows.saved.saving import prepare_config, read_config
    from tsforecast.workflows.saved.update import update as go_on

    bundle = load(model)
    reading, preparing = read_config(bundle, settings.read), prepare_config(bundle, settings.prepare)
    panel = results.load(file, replace(settings, read=reading, prepare=preparing), ledger, console)
    console.progress("training further")
    fitting = settings.fit
    made = go_on(
        bundle,
        panel,
        vars(settings.model),
        seed=fitting.seed,
        time_limit=fitting.time_limit,
        progress=console.progress,
    )
    for line in _lines(made):
        console.say(line)
    console.record(update=_facts(made))
    if made.better is False and not force:
        raise NoBetterError(
            f"the updated model is no better than {model} on {made.n_origins:,} held-out forecasts; nothing is written",
            f"go on with {model}, or write it all the same with --force",
        )
    size = save(output, made.bundle)
    console.record(output=output, bytes=size)
    console.say(entry("model", f"{output}, {size:,} bytes"))


def _lines(made: Update) -> Iterator[str]:
    """What was new, and how the models compare."""
    from tsforecast.cli.reports.lines import entry, significant

    drift = made.drift
    yield ""
    yield entry("new rows", f"{drift.rows:,}")
    yield entry("drift", f"mean moved by {drift.shift:.2f} training sd, spread is {drift.spread:.2f} of it")
    covered = [f"{level:g} % covered {got:.1f} %" for level, got in drift.coverage.items() if math.isfinite(got)]
    yield entry("", f"old intervals on the new rows: {', '.join(covered)}" if covered else "too few to measure more")
    if made.better is None:
        yield entry("judged", "not measured: too few new rows to hold any out; all of them train")
        return
    errors = f"error {significant(made.before)} before, {significant(made.after)} after"
    verdict = "better" if made.better else "no better"
    yield entry("judged", f"{errors} ({made.n_origins:,} held-out forecasts): {verdict}")


def _facts(made: Update) -> dict[str, Any]:
    return {
        "new_rows": made.drift.rows,
        "shift": made.drift.shift,
        "spread": made.drift.spread,
        "old_coverage": {f"{level:g}": got for level, got in made.drift.coverage.items()},
        "error_before": made.before,
        "error_after": made.after,
        "held_out_forecasts": made.n_origins,
        "better": made.better,
    }
