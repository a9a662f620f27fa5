"""Where a setting's value comes from: flags beat the environment, which beats the config file, which beats defaults."""

from __future__ import annotations

import os
import types
import typing
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from tsforecast.config import FitConfig, ForecastConfig, ModelConfig, PrepareConfig, ReadConfig
from tsforecast.errors import NotReadableError, UsageError

PREFIX = "TSFORECAST_"
Group = type[ReadConfig] | type[PrepareConfig] | type[ModelConfig] | type[FitConfig] | type[ForecastConfig]
GROUPS: tuple[Group, ...] = (ReadConfig, PrepareConfig, ModelConfig, FitConfig, ForecastConfig)


@dataclass(frozen=True)
class Settings:
    """All settings of a run, and for each where it came from ("flag", "TSFORECAST_X", the config file or "default")."""

    read: ReadConfig
    prepare: PrepareConfig
    model: ModelConfig
    fit: FitConfig
    forecast: ForecastConfig
    origins: dict[str, str]

    def given(self, name: str) -> bool:
        """Whether the user set it anywhere."""
        return self.origins.get(name, "default") != "default"


def setting_types(groups: tuple[Group, ...]) -> dict[str, Any]:
    """Name to type of every setting of the groups; a name in several groups (`seed`) is one setting."""
    found: dict[str, Any] = {}
    for group in groups:
        hints = typing.get_type_hints(group)
        found.update({f.name: hints[f.name] for f in fields(group)})
    return found


def default_of(name: str) -> Any:
    """The default of a setting."""
    return next(f.default for group in GROUPS for f in fields(group) if f.name == name)


def resolve(given: dict[str, Any], verb: str, config_path: str | None) -> Settings:
    """Merge flags, environment and config file into `Settings`.

    Args:
        given: Flags of the command line; None means not given.
        verb: The verb being run; a table of that name in the file applies to it alone.
        config_path: A TOML file, or None for the one named by TSFORECAST_CONFIG, if any.

    Raises:
        UsageError: An unknown key, or a value of the wrong type, naming where it stands.
        NotReadableError: The file is missing or is not TOML.
    """
    kinds = setting_types(GROUPS)
    path = config_path or os.environ.get(PREFIX + "CONFIG") or None
    from_file = _read_toml(path, verb, kinds) if path else {}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, kind in kinds.items():
        variable = PREFIX + name.upper()
        if given.get(name) is not None:
            values[name], origins[name] = _coerce(given[name], kind, f"--{name.replace('_', '-')}"), "flag"
        elif os.environ.get(variable):
            values[name], origins[name] = _coerce(os.environ[variable], kind, variable), variable
        elif name in from_file:
            values[name], origins[name] = _coerce(from_file[name], kind, f"{path}: {name}"), str(path)
        else:
            origins[name] = "default"
    parts = [group(**{f.name: values[f.name] for f in fields(group) if f.name in values}) for group in GROUPS]
    read, prepare, model, fit, forecast = parts
    return Settings(read, prepare, model, fit, forecast, origins)  # type: ignore[arg-type]


def listing(settings: Settings, names: list[str]) -> list[tuple[str, str, str]]:
    """Name, value and origin of the settings named, for `--print-config`."""
    parts = (settings.read, settings.prepare, settings.model, settings.fit, settings.forecast)
    values = {f.name: getattr(part, f.name) for part in parts for f in fields(part)}
    return [(name, _show(values[name]), settings.origins[name]) for name in names]


def _show(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(_show(v) for v in value) or "none"
    if value is None:
        return "auto"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _read_toml(path: str, verb: str, kinds: dict[str, Any]) -> dict[str, Any]:
    import tomllib

    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotReadableError(f"config file {path} does not exist", "check the path given with --config") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotReadableError(f"config file {path} cannot be read: {error}", "it must be TOML in UTF-8") from None
    merged: dict[str, Any] = {}
    tables = {key: value for key, value in content.items() if isinstance(value, dict)}
    for source in ({k: v for k, v in content.items() if k not in tables}, tables.get(verb, {})):
        for key, value in source.items():
            name = key.replace("-", "_")
            if name not in kinds:
                close = get_close_matches(name, kinds, n=1)
                hint = f"did you mean {close[0]}?" if close else "see tsforecast VERB --print-config for the names"
                raise UsageError(f"config file {path} has an unknown setting '{key}'", hint)
            merged[name] = value
    return merged


def _coerce(value: Any, kind: Any, where: str) -> Any:
    """Turn a flag, an environment string or a TOML value into the setting's type."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        kind = next(k for k in typing.get_args(kind) if k is not type(None))
        if isinstance(value, str) and value == "auto" and kind is not str:
            return None
    if typing.get_origin(kind) is tuple:
        item = typing.get_args(kind)[0]
        items = value if isinstance(value, (list, tuple)) else [value]
        split = [part.strip() for v in items for part in (v.split(",") if isinstance(v, str) else [v])]
        return tuple(_coerce(part, item, where) for part in split if part != "")
    if kind is bool:
        if isinstance(value, bool):
            return value
        words = {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }
        if str(value).lower() in words:
            return words[str(value).lower()]
        raise UsageError(f"{where} must be true or false, received '{value}'")
    return _coerce_scalar(value, kind, where)


def _coerce_scalar(value: Any, kind: Any, where: str) -> Any:
    if kind is str and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return str(value)
    if kind is float and isinstance(value, str) and value.endswith("%"):
        return _coerce_scalar(value[:-1], float, where) / 100
    try:
        if isinstance(value, bool) or (kind is int and isinstance(value, float) and not value.is_integer()):
            raise ValueError
        return kind(value)
    except (TypeError, ValueError):
        words = {int: "a whole number", float: "a number"}
        raise UsageError(f"{where} must be {words.get(kind, kind.__name__)}, received '{value}'") from None
