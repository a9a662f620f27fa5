"""`tsforecast predict`: a forecast from a saved model in about a second, without TensorFlow."""

from __future__ import annotations

from typing import Annotated

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.options import (
    PREPARING,
    Format,
    FutureFile,
    LedgerFile,
    Model,
    Output,
    Plot,
    SafeCsv,
    StatusFile,
    TemplateFile,
    with_settings,
)
from tsforecast.cli.settings import Settings

File = Annotated[
    str | None,
    typer.Argument(metavar="[FILE]", help="New data, - is stdin; without it, go on from the end of training."),
]


@with_settings(*PREPARING, also=("horizon",))
def predict(
    model: Model,
    file: File = None,
    output: Output = None,
    format: Format = None,  # noqa: A002
    safe_csv: SafeCsv = False,
    plot: Plot = None,
    ledger: LedgerFile = None,
    status: StatusFile = None,
    future: FutureFile = None,
    write_future_template: TemplateFile = None,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Forecast from a saved model and the newest data; no TensorFlow is needed."""
    from dataclasses import replace

    from tsforecast.bundle import load
    from tsforecast.cli.reports import results
    from tsforecast.cli.reports.left_out import end_of, status_lines, write_status
    from tsforecast.workflows.saved.predict import end_of_training
    from tsforecast.workflows.saved.predict import predict as predict_panel
    from tsforecast.workflows.saved.saving import prepare_config, read_config, unused_of

    bundle = load(model)
    panel, given = None, None
    if file is not None:
        reading = read_config(bundle, settings.read)
        preparing = prepare_config(bundle, settings.prepare)
        own = replace(settings, read=reading, prepare=preparing)
        given = results.load(file, own, ledger, console, future=future, unused=unused_of(bundle))
        panel = given.panel
    elif future is not None:
        own = replace(settings, read=read_config(bundle, settings.read))
        panel = results.joined(end_of_training(bundle), future, own, None, console, unused_of(bundle))
    newest = end_of_training(bundle) if panel is None else panel
    horizon = results.horizon_of(settings, newest) or bundle.manifest.horizon
    if write_future_template:
        results.write_template(newest, horizon, write_future_template, console)
        return
    made = predict_panel(bundle, given or panel, horizon)
    results.unmeasured(bundle.calibration, made, console)
    why = "as asked" if settings.given("horizon") else "that of the fit"
    console.record(model=bundle.manifest.model, horizon={"steps": horizon, "why": why}, levels=list(made.levels))
    for line in status_lines(made.status):
        console.say(line)
    write_status(made.status, status, console)
    if plot is not None or console.page is not None:
        from tsforecast.cli.reports import drawing

        drawing.draw_prediction(plot, file or model, bundle, panel, made, console)
    results.write_forecast(made, output, format, console, safe=safe_csv)
    end_of(made.status)
