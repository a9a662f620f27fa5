"""What several verbs do on the way in and out: load with a repair summary, write tables, hold to the skill gate."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tsforecast.cli.console import Console
from tsforecast.cli.destinations import STANDARD
from tsforecast.cli.reports.lines import entry
from tsforecast.cli.reports.record import publish
from tsforecast.cli.settings import FLAG, Settings
from tsforecast.config import ModelConfig
from tsforecast.declared import declared_by
from tsforecast.errors import CoverageError, NoSkillError, UsageError

if TYPE_CHECKING:
    from tsforecast.data.forecasts import Forecast
    from tsforecast.data.panel import Panel
    from tsforecast.evaluate.intervals import Calibration
    from tsforecast.preparation import Prepared
    from tsforecast.workflows.fit import Fit, FitSettings


def load(
    file: str,
    settings: Settings,
    ledger: str | None,
    console: Console,
    *,
    beside: bool = False,
    future: str | None = None,
    unused: Collection[str] = (),
) -> Prepared:
    """Read and prepare, say what was read and repaired, write the ledger if asked; join what is known ahead."""
    if file == future == STANDARD:
        raise UsageError("the data and --future cannot both come from stdin", "give one of them as a file")
    console.progress(f"reading {file}")
    from tsforecast.workflows.load import load as read_and_prepare

    prepared, facts = read_and_prepare(file, settings.read, settings.prepare, beside=beside)
    console.record(
        read=facts,
        prepared=prepared.report.to_dict(),
        repairs=prepared.ledger.counts(),
    )
    for line in prepared.summary_lines():
        console.say(line)
    for note in [*facts["notes"], *prepared.report.notes, *_suspects(facts["suspects"])]:
        console.say(f"note: {note}")
    if ledger:
        from tsforecast.preparation.replay import write_ledger

        write_ledger(prepared.ledger, ledger)
    if future is not None:
        panel = joined(prepared.panel, future, settings, facts["dayfirst"], console, unused)
        prepared = replace(prepared, panel=panel)
    return prepared


def joined(
    panel: Panel, future: str, settings: Settings, dayfirst: bool | None, console: Console, unused: Collection[str] = ()
) -> Panel:
    """The panel with what is known ahead; what had to be aligned is said."""
    from tsforecast.workflows.future import with_future

    found, notes = with_future(panel, future, settings.read, dayfirst, unused)
    for note in notes:
        console.say(f"note: {note}")
    return found


def write_template(panel: Panel, horizon: int, path: str, console: Console) -> None:
    """Write the table of the future, to be filled in."""
    from tsforecast import io
    from tsforecast.cli.reports.lines import entry
    from tsforecast.workflows.future import template

    frame = template(panel, horizon)
    io.publish(frame, panel.schema, panel.freq, path, None)
    columns = ", ".join(map(str, frame.columns[2:]))
    console.say(entry("template", f"{path}, {len(frame):,} rows; fill in {columns} and give it to --future"))


def _suspects(suspects: list[dict[str, Any]]) -> list[str]:
    """Values that look like "missing", one line for each value."""
    columns: dict[float, list[str]] = {}
    for suspect in suspects:
        columns.setdefault(suspect["value"], []).append(f"{suspect['column']} ({suspect['count']:,} times)")
    return [
        f"{value:g} in {', '.join(names[:3])}{f' and {len(names) - 3} more columns' if len(names) > 3 else ''} "
        f"looks like missing; --na-value {value:g} makes it so"
        for value, names in columns.items()
    ]


def fit_settings(settings: Settings, panel: Panel, console: Console, *, ahead: bool = False) -> FitSettings:
    """The part of the settings that a fit needs; a horizon that the panel decides is said.

    With `ahead`, the future of columns that are known ahead is needed.

    Raises:
        UsageError: Settings that contradict each other, or a horizon shorter than a step.
    """
    from tsforecast.workflows import asked

    model = model_settings(settings)
    made = asked.fit_settings(panel, settings.prepare.transform, model, settings.fit, settings.forecast)
    console.record(horizon={"steps": made.horizon, "why": made.horizon_by_rule or "as asked"})
    if made.horizon_by_rule:
        console.say(entry("horizon", made.horizon_by_rule))
    return replace(made, beside=asked.wanted_beside(settings.beside, ahead=ahead))


def horizon_of(settings: Settings, panel: Panel) -> int | None:
    """Steps to forecast; None where nothing was said."""
    from tsforecast.workflows import asked

    return asked.horizon_of(settings.forecast.horizon, panel)


def model_settings(settings: Settings) -> ModelConfig:
    """The model with `embed` on where a delay or a dimension is given.

    Raises:
        UsageError: Settings contradict each other, or the model named has not what was given on the command line.
    """
    from tsforecast.workflows import asked

    names = declared_by(ModelConfig)
    given = [name for name in names if settings.given(name)]
    # what a file or the environment says is for all models, each of which takes what it has
    meant = [name for name in given if settings.origins.get(name) == FLAG]
    return asked.model_config(settings.model, given, meant)


def check_skill(fitted: Fit, required: bool) -> None:
    """Raise NoSkillError where skill is required and was not shown."""
    if required and not fitted.skill > 0:
        shown = f"skill {fitted.skill:.3f}" if fitted.skill == fitted.skill else "its skill could not be measured"
        raise NoSkillError(
            f"{fitted.chosen} does not beat {fitted.reference} on the held-out rows ({shown})",
            "leave out --require-skill to get the forecast all the same",
        )


def check_coverage(fitted: Fit, points: float | None) -> None:
    """Raise CoverageError where the coverage of a level that is asked for is off by more points, or not measured."""
    for level, got in fitted.coverage.items() if points is not None else ():
        if points is None or abs(got - level) <= points:
            continue
        shown = f"covers {got:.1f} % of the held-out points" if got == got else "could not be measured"
        raise CoverageError(
            f"the {level:g} % interval of {fitted.chosen} {shown}",
            "leave out --require-coverage to get the forecast all the same",
        )


def write_forecast(
    made: Forecast, output: str | None, format_name: str | None, console: Console, *, safe: bool = False
) -> None:
    """The forecast as a table with the user's names, to a file or stdout."""
    publish(made.table(), made.schema, made.freq, output, format_name, console, safe=safe)


def unmeasured(calibration: Calibration, made: Forecast, console: Console) -> None:
    """Warn where intervals are left empty because nothing was measured at those steps."""
    horizon = int(made.frame.groupby(["unique_id", "channel"], sort=False).size().max())
    for level in calibration.unsupported(horizon):
        console.warn(f"the {level:g} % interval is empty where no errors were measured (see the report of fit)")
