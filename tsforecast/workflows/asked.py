"""What a fit is asked for, from settings as the command line and Python give them, once the data are known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace

from tsforecast.config import BesideConfig, FitConfig, ForecastConfig, ModelConfig
from tsforecast.data.duration import steps
from tsforecast.data.event import Event
from tsforecast.data.panel import Panel
from tsforecast.declared import declared_by
from tsforecast.errors import UsageError
from tsforecast.io.events import read_events
from tsforecast.models.contract import Model
from tsforecast.models.registry import AUTO, everything, find, settings_of
from tsforecast.workflows.default_horizon import default_horizon, in_words
from tsforecast.workflows.fit import FitSettings
from tsforecast.workflows.known import Wanted


def fit_settings(
    panel: Panel, transforms: tuple[str, ...], model: ModelConfig, fit: FitConfig, forecast: ForecastConfig
) -> FitSettings:
    """What a fit needs to know; the panel says how many steps a horizon has, in words or where none is given.

    Raises:
        UsageError: The horizon is shorter than a step.
    """
    horizon, why = settled_horizon(panel, model, forecast)
    levels = tuple(sorted(set(forecast.level)))
    return FitSettings(horizon, levels, transforms, model, fit, bounds=forecast.bounds, horizon_by_rule=why)


def settled_horizon(panel: Panel, model: ModelConfig, forecast: ForecastConfig) -> tuple[int, str]:
    """Steps to forecast, and why in words where nothing was said.

    Raises:
        UsageError: The horizon is shorter than a step of the panel.
    """
    horizon = horizon_of(forecast.horizon, panel)
    if horizon is not None:
        return horizon, ""
    horizon, why = default_horizon(panel, model.season_length)
    return horizon, in_words(horizon, why, panel.frequency)


def wanted_beside(beside: BesideConfig, *, ahead: bool) -> Wanted:
    """What the calendar is asked for; the file of events is read here.

    Raises:
        NotReadableError, DataError: The file of events is not there, or holds none.
    """
    regions = tuple(part.strip() for given in beside.holidays for part in given.split(",") if part.strip())
    events: list[Event] = []
    if beside.events is not None:
        events = read_events(beside.events)
    return Wanted(beside.calendar, regions, tuple(events), ahead)


def horizon_of(horizon: int | str | None, panel: Panel) -> int | None:
    """Steps to forecast; None where nothing was said.

    Raises:
        UsageError: The horizon is shorter than a step of the panel.
    """
    if horizon is None:
        return None
    last = None if isinstance(panel.freq, int) else panel.frame["ds"].max()
    return steps(horizon, panel.freq, last)


def model_config(model: ModelConfig, given: Collection[str], meant: Collection[str]) -> ModelConfig:
    """The model with `embed` on where a delay or a dimension is given.

    Args:
        model: As given.
        given: Names of the settings that the user gave anywhere.
        meant: Those of them that were given for this very fit, and not in a file of settings for all.

    Raises:
        UsageError: The settings contradict each other, the model has not what was given, or there is none of its name.
    """
    for name in ("delay", "dimension"):
        if getattr(model, name) is None:
            continue
        if model.embed == "none" and "embed" in given:
            raise UsageError(f"--{name} contradicts --embed none", "leave out one of them")
        model = replace(model, embed="auto")
    _refuse_what_it_has_not(model, meant)
    return model


def _refuse_what_it_has_not(model: ModelConfig, given: Collection[str]) -> None:
    """Raise UsageError where a setting was given that none of the models that have their turn has."""
    asked = None if model.model == AUTO else find(model.model)

    def has_its_turn(kind: type[Model]) -> bool:
        volunteers = asked is None and kind.volunteers(settings_of(kind, vars(model)))
        return kind.info.always or kind is asked or volunteers

    all_of_them = everything()
    known = {field.name for kind in all_of_them.values() if has_its_turn(kind) for field in fields(kind.Settings)}
    declared = {
        name: said for name, said in declared_by(ModelConfig).items() if name not in ModelConfig.__annotations__
    }
    for wrong in sorted((declared.keys() & set(given)) - known):
        have = [n for n, kind in all_of_them.items() if wrong in {f.name for f in fields(kind.Settings)}]
        whose = f"no setting of {asked.info.name}" if asked else "a setting of models that must be named"
        remedy = f"{', '.join(have)} {'has' if len(have) == 1 else 'have'} it"
        raise UsageError(f"{declared[wrong].option} is {whose}", remedy)
