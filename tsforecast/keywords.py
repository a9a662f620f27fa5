"""Settings by keyword, as Python gives them: each in its group, and none that is not heeded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from tsforecast.config import BesideConfig, FitConfig, ForecastConfig, ModelConfig, PrepareConfig, ReadConfig
from tsforecast.declared import Checked, declared_by
from tsforecast.errors import UsageError

READING = (ReadConfig,)
PREPARING = (ReadConfig, PrepareConfig)
TRAINING = (ModelConfig, FitConfig)
EVERYTHING = (ReadConfig, PrepareConfig, ModelConfig, FitConfig, ForecastConfig, BesideConfig)


@dataclass(frozen=True)
class Configs:
    """The settings of a call, by concern."""

    read: ReadConfig
    prepare: PrepareConfig
    model: ModelConfig
    fit: FitConfig
    forecast: ForecastConfig
    beside: BesideConfig


def configs(given: Mapping[str, Any], groups: tuple[type[Checked], ...] = EVERYTHING) -> Configs:
    """Settings by name, each in its group.

    Args:
        given: Values by name.
        groups: Those that are heeded.

    Raises:
        UsageError: A name is no setting of these groups, or a value none that it may have.
    """
    for name in given:
        if name in names(*groups):
            continue
        if name in names(*EVERYTHING):
            raise UsageError(f"'{name}' is no setting of this function", "give it where it is heeded: to fit, say")
        close = get_close_matches(name, names(*groups), n=1)
        raise UsageError(f"there is no setting '{name}'", f"did you mean {close[0]}?" if close else "")
    parts: list[Any] = [group(**{n: given[n] for n in declared_by(group) if n in given}) for group in EVERYTHING]
    return Configs(*parts)


def names(*groups: type[Checked]) -> set[str]:
    """Those of all settings of some groups; what only a verb's own output heeds is none of Python's."""
    return {name for group in groups for name, it in declared_by(group).items() if not it.said.verbs}
