"""The settings of a run, each with where it came from: flags beat the environment, which beats the config file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from tsforecast.config import (
    BatchConfig,
    BesideConfig,
    FitConfig,
    ForecastConfig,
    ModelConfig,
    PrepareConfig,
    ReadConfig,
)
from tsforecast.declared import Checked, Declared, declared_by, listed
from tsforecast.errors import UsageError

Group: TypeAlias = type[Checked]
GROUPS: tuple[Group, ...] = (
    ReadConfig,
    PrepareConfig,
    ModelConfig,
    FitConfig,
    ForecastConfig,
    BatchConfig,
    BesideConfig,
)
# A name in several groups (`seed`) is one setting.
SETTINGS: dict[str, Declared] = {name: it for group in GROUPS for name, it in declared_by(group).items()}
FLAG, DEFAULT = "flag", "default"


@dataclass(frozen=True)
class Settings:
    """All settings of a run, and for each where it came from: "flag", the variable, the config file or "default"."""

    read: ReadConfig
    prepare: PrepareConfig
    model: ModelConfig
    fit: FitConfig
    forecast: ForecastConfig
    batch: BatchConfig
    beside: BesideConfig
    origins: Mapping[str, str]

    def given(self, name: str) -> bool:
        """Whether the user set it anywhere."""
        return self.origins.get(name, DEFAULT) != DEFAULT

    def value(self, name: str) -> Any:
        """The value of a setting by its name."""
        parts = (self.read, self.prepare, self.model, self.fit, self.forecast, self.batch, self.beside)
        return next(getattr(part, name) for part in parts if hasattr(part, name))


def model_names() -> tuple[str, ...]:
    """What `--model` may be; the one place where the command line asks the models for their names."""
    from tsforecast.models.registry import names

    return names()


def resolve(given: Mapping[str, Any], outside: Mapping[str, Any], origins: Mapping[str, str]) -> Settings:
    """Flags and, where none is given, what comes from outside, as `Settings`.

    Args:
        given: Flags by name; None or empty means not given.
        outside: Values of the environment and the config file by name.
        origins: Where each of these came from.

    Raises:
        UsageError: A value of the wrong type or out of range, naming where it stands.
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = dict.fromkeys(SETTINGS, DEFAULT)
    for name, declared in SETTINGS.items():
        if given.get(name) not in (None, [], ()):
            value, sources[name] = given[name], FLAG
            where = declared.option
        elif name in outside:
            value, sources[name] = outside[name], origins[name]
            where = sources[name] if sources[name].isupper() else f"{sources[name]}: {name}"
        else:
            continue
        values[name] = declared.read(value, where)
        if name == "model":
            _check_model(values[name], where)
    parts: list[Any] = [group(**{n: values[n] for n in declared_by(group) if n in values}) for group in GROUPS]
    read, prepare, model, fit, forecast, batch, beside = parts
    return Settings(read, prepare, model, fit, forecast, batch, beside, sources)


def _check_model(name: str, where: str) -> None:
    from difflib import get_close_matches

    names = model_names()
    if name not in names:
        close = get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]}?" if close else "tsforecast models tells about them"
        raise UsageError(f"{where} must be one of {listed(names)}, received '{name}'", hint)


def toml_line(name: str, value: Any, origin: str) -> str:
    """A line of TOML with the origin as a comment; what is not set is a comment altogether, since TOML has no null."""
    origin = json.dumps(origin)[1:-1]
    return f"# {name} is not set  # {origin}" if value is None else f"{name} = {_toml(value)}  # {origin}"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value.is_integer() else repr(value)
    if isinstance(value, int):
        return str(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
