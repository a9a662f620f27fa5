"""`tsforecast predict`: a forecast from a saved model in about a second, without TensorFlow."""

from __future__ import annotations

from typing import Annotated

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.options import PREPARING, Format, LedgerFile, Model, Output, Plot, with_settings
from tsforecast.cli.settings import Settings
from tsforecast.errors import UsageError

File = Annotated[
    str | None,
    typer.Argument(metavar="[FILE]", help="New data, - is stdin; without it, go on from the end of training."),
]
Horizon = Annotated[int | None, typer.Option("--horizon", "-H", help="Steps to forecast (default: as trained).")]


@with_settings(*PREPARING)
def predict(
    model: Model,
    file: File = None,
    horizon: Horizon = None,
    output: Output = None,
    format: Format = None,  # noqa: A002
    plot: Plot = None,
    ledger: LedgerFile = None,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Forecast from a saved model and the newest data; no TensorFlow is needed."""
    if horizon is not None and horizon < 1:
        raise UsageError(f"--horizon must be at least 1, received {horizon}")
    from dataclasses import replace

    from tsforecast.bundle import load
    from tsforecast.cli.reports import results
    from tsforecast.workflows.predict import predict as predict_panel
    from tsforecast.workflows.saving import prepare_config, read_config

    bundle = load(model)
    panel = None
    if file is not None:
        reading = read_config(bundle, settings.read)
        preparing = prepare_config(bundle, settings.prepare)
        prepared = results.load(file, replace(settings, read=reading, prepare=preparing), ledger, console)
        panel = prepared.panel
    made = predict_panel(bundle, panel, horizon)
    results.unmeasured(bundle.calibration, made, console)
    if plot is not None:
        from tsforecast.cli.reports import drawing

        drawing.draw_prediction(plot, file or model, bundle, panel, made, console)
    results.write_forecast(made, output, format)
