"""`tsforecast forecast`: the main job, from a file to a forecast, its picture and the truth about it."""

from __future__ import annotations

from tsforecast.cli.console import Console
from tsforecast.cli.options import (
    TRAINING,
    Dynamics,
    File,
    Format,
    LedgerFile,
    Output,
    Plot,
    RequireSkill,
    with_settings,
)
from tsforecast.cli.settings import Settings


@with_settings(*TRAINING)
def forecast(
    file: File,
    output: Output = None,
    format: Format = None,  # noqa: A002
    plot: Plot = None,
    ledger: LedgerFile = None,
    require_skill: RequireSkill = False,
    dynamics: Dynamics = False,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Forecast what comes next: read, repair, train, roll forward, and say how good it is."""
    from tsforecast.cli.reports import drawing, results
    from tsforecast.cli.reports import fitted as report
    from tsforecast.workflows.fit import fit
    from tsforecast.workflows.forecast import forecast as forecast_panel

    wanted = results.fit_settings(settings)
    prepared = results.load(file, settings, ledger, console)
    fitted = fit(prepared.panel, wanted, console.progress)
    made = forecast_panel(fitted)
    told: list[str] = []
    if dynamics:
        from tsforecast.cli.reports.predictability import dynamics_lines
        from tsforecast.workflows.dynamics import mark, predictability

        console.progress("looking at the dynamics")
        held_out = (fitted.validation, fitted.holdout)
        found = predictability(fitted.series, held_out, fitted.chosen, seed=settings.fit.seed)
        made = mark(made, found)
        told = dynamics_lines(found, fitted.horizon, fitted.chosen)
    report.fit_report(console, fitted, results.filled_truth(prepared, fitted), told)
    results.check_skill(fitted, require_skill)
    drawing.draw_forecast(plot, file, fitted, made, prepared.ledger, console)
    results.write_forecast(made, output, format)
