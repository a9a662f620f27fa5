"""`tsforecast forecast`: the main job, from a file to a forecast, its picture and the truth about it."""

from __future__ import annotations

from tsforecast.cli.console import Console
from tsforecast.cli.options import (
    TRAINING,
    Dynamics,
    File,
    Format,
    FutureFile,
    LedgerFile,
    Output,
    Plot,
    PlotAttention,
    PlotTraining,
    RequireCoverage,
    RequireSkill,
    SafeCsv,
    StatusFile,
    TemplateFile,
    with_settings,
)
from tsforecast.cli.settings import Settings


@with_settings(*TRAINING)
def forecast(
    file: File,
    output: Output = None,
    format: Format = None,  # noqa: A002
    safe_csv: SafeCsv = False,
    plot: Plot = None,
    plot_attention: PlotAttention = None,
    plot_training: PlotTraining = None,
    ledger: LedgerFile = None,
    status: StatusFile = None,
    require_skill: RequireSkill = False,
    require_coverage: RequireCoverage = None,
    dynamics: Dynamics = False,
    future: FutureFile = None,
    write_future_template: TemplateFile = None,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Forecast what comes next: read, repair, train, roll forward, and say how good it is."""
    from tsforecast.cli.reports import drawing, results
    from tsforecast.cli.reports import fitted as report
    from tsforecast.cli.reports.left_out import end_of, write_status
    from tsforecast.cli.reports.network_pictures import attends, draw_attention, draw_training
    from tsforecast.workflows.fit import fit
    from tsforecast.workflows.forecast import forecast as forecast_panel

    attends(plot_attention, results.model_settings(settings).model)  # before any work
    prepared = results.load(file, settings, ledger, console, beside=True, future=future)
    wanted = results.fit_settings(settings, prepared.panel, console, ahead=True)
    if write_future_template:
        results.write_template(prepared.panel, wanted.horizon, write_future_template, console)
        return
    fitted = fit(prepared, wanted, console.progress)
    made = forecast_panel(fitted)
    told: list[str] = []
    if dynamics:
        from tsforecast.cli.reports.predictability import dynamics_facts, dynamics_lines
        from tsforecast.workflows.horizons import mark, predictability

        console.progress("looking at the dynamics")
        held_out = (fitted.validation, fitted.holdout)
        found = predictability(fitted.series, held_out, fitted.chosen, seed=settings.fit.seed)
        made = mark(made, found)
        told = dynamics_lines(found, fitted.horizon, fitted.chosen)
        console.record(dynamics=dynamics_facts(found, {}))
    report.fit_report(console, fitted, told)
    write_status(fitted.status, status, console)
    results.check_skill(fitted, require_skill)
    results.check_coverage(fitted, require_coverage)
    drawing.draw_forecast(plot, file, fitted, made, prepared.ledger, console)
    draw_attention(plot_attention, fitted, console)
    draw_training(plot_training, fitted, console)
    results.write_forecast(made, output, format, console, safe=safe_csv)
    end_of(fitted.status)
