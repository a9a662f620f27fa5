"""What several verbs do on the way in and out: load with a repair summary, write tables, hold to the skill gate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.cli.console import Console
from tsforecast.cli.settings import Settings
from tsforecast.config import ModelConfig
from tsforecast.errors import NoSkillError, UsageError

if TYPE_CHECKING:
    from tsforecast.data.forecasts import Forecast
    from tsforecast.evaluate.intervals import Calibration
    from tsforecast.preparation import Prepared
    from tsforecast.workflows.fit import Fit, FitSettings


def load(file: str, settings: Settings, ledger: str | None, console: Console) -> Prepared:
    """Read and prepare, say what was read and repaired, write the ledger if asked."""
    console.progress(f"reading {file}")
    from tsforecast.workflows.load import load as read_and_prepare

    prepared, facts = read_and_prepare(file, settings.read, settings.prepare)
    for line in prepared.summary_lines():
        console.say(line)
    for note in [*facts["notes"], *prepared.report.notes, *_suspects(facts["suspects"])]:
        console.say(f"note: {note}")
    if ledger:
        from tsforecast.preparation.replay import write_ledger

        write_ledger(prepared.ledger, ledger)
    return prepared


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


def fit_settings(settings: Settings) -> FitSettings:
    """The part of the settings that a fit needs, checked.

    Raises:
        UsageError: A value outside its range.
    """
    check_horizon_and_levels(settings)
    model = _embedding_checked(settings)
    if model.strategy not in ("auto", "recursive", "direct"):
        raise UsageError(f"--strategy must be recursive, direct or auto, received '{model.strategy}'")
    for name in ("context_length", "segment_length", "season_length", "layers", "units"):
        value = getattr(model, name)
        if value is not None and value < 1:
            raise UsageError(f"--{name.replace('_', '-')} must be at least 1, received {value}")
    if model.dropout is not None and not 0 <= model.dropout < 1:
        raise UsageError(f"--dropout must be at least 0 and below 1, received {model.dropout:g}")
    from tsforecast.workflows.fit import FitSettings

    return FitSettings(
        horizon=settings.forecast.horizon,
        levels=tuple(sorted(settings.forecast.levels)),
        transforms=settings.prepare.transforms,
        model=model,
        fit=settings.fit,
    )


def _embedding_checked(settings: Settings) -> ModelConfig:
    """The model with `embed` on where a delay or a dimension is given.

    Raises:
        UsageError: The settings of the embedding are out of range or contradict others.
    """
    model = settings.model
    if model.embed not in ("auto", "none"):
        raise UsageError(f"--embed must be auto or none, received '{model.embed}'")
    for name in ("delay", "dimension"):
        value = getattr(model, name)
        if value is None:
            continue
        if value < 1:
            raise UsageError(f"--{name} must be at least 1, received {value}")
        if model.embed == "none" and settings.given("embed"):
            raise UsageError(f"--{name} contradicts --embed none", "leave out one of them")
        model = replace(model, embed="auto")
    return model


def check_horizon_and_levels(settings: Settings) -> None:
    """Raise UsageError where the horizon or a level is out of range."""
    if settings.forecast.horizon < 1:
        raise UsageError(f"--horizon must be at least 1, received {settings.forecast.horizon}")
    for level in settings.forecast.levels:
        if not 0 < level < 100:
            raise UsageError(f"--level must be between 0 and 100, received {level:g}", "80 means an 80 % interval")


def filled_truth(prepared: Prepared, fitted: Fit) -> list[str]:
    """How many of the values that judged the forecast were filled by us, not observed: a note, or none."""
    entries = prepared.ledger.frame
    entries = entries[entries["rule"].astype(str).str.startswith("fill ")]
    if entries.empty or not fitted.holdout.n_origins:
        return []
    count = total = 0
    for i, series in enumerate(fitted.series):
        cutoffs = fitted.holdout.cutoff[fitted.holdout.sequence == i]
        if len(cutoffs):
            total += len(series.channels) * (len(series) - int(cutoffs.min()))
            first = series.stamps[int(cutoffs.min())]
            own = (entries["unique_id"] == series.unique_id) & entries["column"].isin(series.channels)
            stamps = entries.loc[own, "ds"]
            if len(stamps):
                count += int((np.asarray(stamps.tolist(), dtype=first.dtype) >= first).sum())
    return [f"{count:,} of the {total:,} held-out values were filled, not observed"] if count else []


def check_skill(fitted: Fit, required: bool) -> None:
    """Raise NoSkillError where skill is required and was not shown."""
    if required and not fitted.skill > 0:
        shown = f"skill {fitted.skill:.3f}" if fitted.skill == fitted.skill else "its skill could not be measured"
        raise NoSkillError(
            f"{fitted.chosen} does not beat {fitted.reference} on the held-out rows ({shown})",
            "leave out --require-skill to get the forecast all the same",
        )


def write_forecast(made: Forecast, output: str | None, format_name: str | None) -> None:
    """The forecast as a table with the user's names, to a file or stdout."""
    from tsforecast import io

    io.write(io.external(made.table(), made.schema, made.freq), output, format_name)


def unmeasured(calibration: Calibration, made: Forecast, console: Console) -> None:
    """Warn where intervals are left empty because nothing was measured at those steps."""
    horizon = int(made.frame.groupby(["unique_id", "channel"], sort=False).size().max())
    for level in calibration.unsupported(horizon):
        console.warn(f"the {level:g} % interval is empty where no errors were measured (see the report of fit)")
