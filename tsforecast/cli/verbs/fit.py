"""`tsforecast fit`: train, judge, and save a model that predicts without TensorFlow."""

from __future__ import annotations

from typing import Annotated

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.options import (
    TRAINING,
    File,
    LedgerFile,
    Plot,
    PlotAttention,
    PlotTraining,
    Quantize,
    RequireCoverage,
    RequireSkill,
    StatusFile,
    with_settings,
)
from tsforecast.cli.settings import Settings

Model = Annotated[
    str, typer.Option("--output", "-o", metavar="MODEL", help="Where to write the model, e.g. model.tsf.")
]


@with_settings(*TRAINING)
def fit(
    file: File,
    output: Model,
    plot: Plot = None,
    plot_attention: PlotAttention = None,
    plot_training: PlotTraining = None,
    ledger: LedgerFile = None,
    status: StatusFile = None,
    require_skill: RequireSkill = False,
    require_coverage: RequireCoverage = None,
    quantize: Quantize = None,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Train on a file and save a model, which later predicts without TensorFlow."""
    from tsforecast.bundle import save
    from tsforecast.cli.reports import drawing, results
    from tsforecast.cli.reports import fitted as report
    from tsforecast.cli.reports.left_out import end_of, write_status
    from tsforecast.cli.reports.lines import entry
    from tsforecast.cli.reports.network_pictures import attends, draw_attention, draw_training
    from tsforecast.workflows.fit import fit as fit_panel
    from tsforecast.workflows.forecast import forecast
    from tsforecast.workflows.saved.saving import quantized, to_bundle

    attends(plot_attention, results.model_settings(settings).model)  # before any work
    prepared = results.load(file, settings, ledger, console, beside=True)
    wanted = results.fit_settings(settings, prepared.panel, console)
    fitted = fit_panel(prepared, wanted, console.progress)
    report.fit_report(console, fitted)
    write_status(fitted.status, status, console)
    results.check_skill(fitted, require_skill)
    results.check_coverage(fitted, require_coverage)
    bundle = to_bundle(fitted)
    size = save(output, bundle)
    if quantize:
        smaller, loss = quantized(bundle, fitted)
        smaller_size = save(output, smaller)
        console.record(quantized={"before": size, "after": smaller_size, "loss": loss})
        console.say(entry("int8", f"{size:,} bytes became {smaller_size:,}; held-out error {loss:+.2%}"))
        size = smaller_size
    drawing.draw_forecast(plot, file, fitted, forecast(fitted), prepared.ledger, console)
    console.record(output=output, bytes=size)
    draw_attention(plot_attention, fitted, console)
    draw_training(plot_training, fitted, console)
    console.say(entry("model", f"{output}, {size:,} bytes"))
    end_of(fitted.status)
