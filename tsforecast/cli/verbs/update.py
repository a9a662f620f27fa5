"""`tsforecast update`: go on training a saved model on newer data."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.options import PREPARING, File, LedgerFile, Model, with_settings
from tsforecast.cli.settings import Settings
from tsforecast.config import FitConfig

Updated = Annotated[str, typer.Option("--output", "-o", metavar="MODEL", help="Where to write the updated model.")]


@with_settings(*PREPARING, FitConfig, also=("epochs", "batch_size", "learning_rate"))
def update(
    model: Model,
    file: File,
    output: Updated,
    ledger: LedgerFile = None,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Go on training a saved model on newer rows; the scaler stays frozen, drift is reported."""
    from tsforecast.bundle import load, save
    from tsforecast.cli.reports import results
    from tsforecast.cli.reports.lines import entry
    from tsforecast.workflows.saving import prepare_config, read_config
    from tsforecast.workflows.update import update as go_on

    bundle = load(model)
    reading, preparing = read_config(bundle, settings.read), prepare_config(bundle, settings.prepare)
    panel = results.load(
        file, replace(settings, read=reading, prepare=preparing), ledger, console, beside=bundle.regression is not None
    )
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
    drift = made.drift
    console.say()
    console.say(entry("new rows", f"{drift.rows:,}"))
    moved = f"mean moved by {drift.shift:.2f} training sd, spread is {drift.spread:.2f} of it"
    console.say(entry("drift", moved))
    covered = [f"{level:g} % covered {got:.1f} %" for level, got in drift.coverage.items() if math.isfinite(got)]
    console.say(
        entry("", f"old intervals on the new rows: {', '.join(covered)}" if covered else "too few to measure more")
    )
    if math.isfinite(made.after):
        verdict = "better" if made.after < made.before else "no better: keep the old model"
        told = f"error {made.before:.4f} before, {made.after:.4f} after ({made.n_origins:,} held-out forecasts): "
        told += verdict
    else:
        told = "not measured: too few new rows to hold any out"
    console.say(entry("judged", told))
    console.say(entry("model", f"{output}, {save(output, made.bundle):,} bytes"))
