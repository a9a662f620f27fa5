"""`tsforecast backtest`: rolling-origin evaluation of every candidate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsforecast.cli.console import Console, show
from tsforecast.cli.destinations import STANDARD
from tsforecast.cli.options import TRAINING, Dynamics, File, LedgerFile, StatusFile, with_settings
from tsforecast.cli.settings import Settings
from tsforecast.errors import UsageError

if TYPE_CHECKING:
    from tsforecast.evaluate.rolling import Backtest
    from tsforecast.models.choose import Choice

Windows = Annotated[int, typer.Option("--windows", "-w", min=1, help="Number of cutoffs.")]
StepSize = Annotated[
    int | None, typer.Option("--step-size", min=1, help="Rows between two cutoffs (default: one horizon).")
]
Plot = Annotated[
    str | None,
    typer.Option("--plot", metavar="FILE", help="Draw the error by step into a .png, .svg, .pdf or .html file."),
]

Exponent = Annotated[
    float | None,
    typer.Option("--exponent", metavar="VALUE", help="Known Lyapunov exponent per step, instead of the measured one."),
]


@with_settings(*TRAINING)
def backtest(
    file: File,
    windows: Windows = 5,
    step_size: StepSize = None,
    plot: Plot = None,
    ledger: LedgerFile = None,
    status: StatusFile = None,
    dynamics: Dynamics = False,
    exponent: Exponent = None,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Forecast from many cutoffs in the past and compare with what happened, for every candidate."""
    if exponent is not None and not (exponent > 0 and dynamics):
        raise UsageError("--exponent must be above 0, and needs --dynamics", "--dynamics --exponent 0.0453")
    from tsforecast.cli.reports import results
    from tsforecast.cli.reports.fitted import score_table
    from tsforecast.cli.reports.left_out import end_of, status_lines, write_status
    from tsforecast.cli.reports.lines import entry
    from tsforecast.cli.reports.predictability import dynamics_facts, dynamics_lines, validity_lines
    from tsforecast.workflows.backtest import backtest as run
    from tsforecast.workflows.fit import best_reference

    if plot == STANDARD:
        raise UsageError("backtest draws into a file", "--plot steps.png")
    results.model_settings(settings)  # before any work
    prepared = results.load(file, settings, ledger, console, beside=True)
    wanted = results.fit_settings(settings, prepared.panel, console)
    made = run(prepared, wanted, windows, step_size, console.progress)
    tested, fitted = made.tested, made.choice
    for note in fitted.notes:
        console.say(entry("note", note))
    for line in status_lines(made.status):
        console.say(line)
    write_status(made.status, status, console)
    found, valid = [], {}
    if dynamics:
        from tsforecast.workflows.horizons import learned_rows, predictability, validity

        console.progress("looking at the dynamics")
        sequences = made.series
        learned = learned_rows(tested, sequences)
        found = predictability(sequences, (tested,), fitted.chosen, learned, exponent, seed=settings.fit.seed)
        valid = validity(tested, sequences, found, exponent)
        for line in dynamics_lines(found, tested.horizon, fitted.chosen):
            console.say(line)
    console.say(entry("time", f"{console.seconds:.1f} s"))
    if plot:
        from tsforecast.plots.error_by_step import save_backtest

        title = f"Error by step, {tested.n_origins:,} forecasts"
        save_backtest(tested.by_step(), plot, chosen=fitted.chosen, title=title)
    reference = best_reference(fitted, tested)
    console.record(**_facts(tested, fitted, reference))
    if dynamics:
        console.record(dynamics=dynamics_facts(found, valid))
    if console.as_json:
        end_of(made.status)
        return
    lines = [*score_table(tested, fitted.chosen, reference), "", *_steps(tested)]
    if dynamics:
        lines += ["", *validity_lines(valid, tested.table()["model"].tolist(), tested.n_origins)]
    show(lines)
    end_of(made.status)


def _steps(tested: Backtest) -> list[str]:
    """The error by step, at up to eight steps."""
    from tsforecast.cli.reports.lines import significant

    table = tested.by_step()
    shown = sorted({1 + round(i * (tested.horizon - 1) / 7) for i in range(8)})
    width = max(len(name) for name in table.columns)
    lines = ["  MAE by step" + " " * max(0, width - 11) + "".join(f"{step:>10,}" for step in shown)]
    return lines + [
        f"  {name:<{max(width, 11)}}" + "".join(f"{significant(table.loc[step, name]):>10}" for step in shown)
        for name in tested.table()["model"]
    ]


def _facts(tested: Backtest, choice: Choice, reference: str) -> dict[str, Any]:
    from tsforecast.cli.reports.evidence import scored

    return {
        "chosen": choice.chosen,
        "reference": reference,
        "n_origins": tested.n_origins,
        "models": scored(tested, reference),
        "mae_by_step": {name: column.to_list() for name, column in tested.by_step().items()},
        "left_out": dict(choice.left_out),
        "notes": list(choice.notes),
    }
