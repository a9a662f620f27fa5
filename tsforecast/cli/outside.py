"""What the environment and the config file say: by the same names as the options, checked, each with its origin."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsforecast.cli.settings import SETTINGS
from tsforecast.errors import NotReadableError, UsageError

if TYPE_CHECKING:
    import typer

PREFIX = "TSFORECAST_"
CONFIG, PROJECT = "tsforecast.toml", "pyproject.toml"
# Not settings: where settings come from, what shows them, and what concerns this one call.
_OF_THE_CALL = {"config", "print_config", "help", "version", "json_", "report"}


@dataclass(frozen=True)
class Outside:
    """Values from outside the command line.

    Attributes:
        values: By name of the option, as they were given.
        origins: By the same names: the variable or the file.
        warnings: Variables that look like a misspelt setting.
    """

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def options_of(context: typer.Context) -> list[str]:
    """Names of the options of the verb that may come from outside."""
    return [str(p.name) for p in context.command.params if p.param_type_name == "option" and p.name not in _OF_THE_CALL]


def outside(context: typer.Context, path: str | None) -> Outside:
    """What the environment says, and below it the config file: at `path`, of TSFORECAST_CONFIG, or one in this folder.

    Raises:
        UsageError: An unknown key, with the one it resembles, or a value that no option can have.
        NotReadableError: The file is missing or is not TOML.
    """
    takes = options_of(context)
    values, origins, warnings = {}, {}, []
    path = path or os.environ.get(PREFIX + "CONFIG")
    found = _named(path) if path else _in_this_folder()
    if found is not None:
        file, table = found
        values = dict(_from_table(table, file, context, takes))
        origins = dict.fromkeys(values, file)
    for variable, text in os.environ.items():
        name = _of_a_list(variable.removeprefix(PREFIX).lower())
        if not variable.startswith(PREFIX) or not text or name == "config":
            continue
        if name in takes:
            values[name], origins[name] = text, variable
        elif name not in SETTINGS and (close := get_close_matches(name, [*takes, *SETTINGS], n=1, cutoff=0.8)):
            warnings.append(f"{variable} is no setting; did you mean {PREFIX}{close[0].upper()}?")
    return Outside(values, origins, warnings)


def _named(path: str) -> tuple[str, dict[str, Any]]:
    try:
        content = _parsed(path, Path(path).read_bytes())
    except FileNotFoundError:
        raise NotReadableError(f"config file {path} does not exist", "check the path given with --config") from None
    except OSError as error:
        raise NotReadableError(f"config file {path} cannot be read: {error.strerror}") from None
    return path, _of_project(content) if Path(path).name == PROJECT else content


def _in_this_folder() -> tuple[str, dict[str, Any]] | None:
    """./tsforecast.toml, else the table [tool.tsforecast] of ./pyproject.toml."""
    for name in (CONFIG, PROJECT):
        try:
            data = Path(name).read_bytes()
        except OSError:
            continue
        # The project's file is parsed only where it speaks of us: its other mistakes are not ours to tell.
        if name == CONFIG:
            return name, _parsed(name, data)
        if b"tool.tsforecast" in data:
            return name, _of_project(_parsed(name, data))
    return None


def _of_project(content: dict[str, Any]) -> dict[str, Any]:
    table = content.get("tool", {}).get("tsforecast", {})
    return table if isinstance(table, dict) else {}


def _parsed(path: str, data: bytes) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotReadableError(f"config file {path} cannot be read: {error}", "it must be TOML in UTF-8") from None


def _from_table(
    table: dict[str, Any], path: str, context: typer.Context, takes: list[str]
) -> Iterator[tuple[str, Any]]:
    """The values that concern the verb, those of its own table last."""
    verb, whole = str(context.info_name), context.find_root().obj
    for key, value in table.items():
        if isinstance(value, dict):
            if key not in whole.verbs:
                raise UsageError(
                    f"config file {path} has a table '{key}', which is no verb", _did_you_mean(key, whole.verbs)
                )
            continue
        name = _of_a_list(key.replace("-", "_"))
        if name in takes:
            yield name, _value(value, path, key)
        elif name not in SETTINGS and name not in (every := whole.options() - _OF_THE_CALL):
            raise UsageError(
                f"config file {path} has an unknown setting '{key}'", _did_you_mean(name, [*SETTINGS, *every])
            )
    for key, value in table.get(verb, {}).items():
        name = _of_a_list(key.replace("-", "_"))
        if name not in takes:
            raise UsageError(f"config file {path} has an unknown setting '{key}' of {verb}", _did_you_mean(name, takes))
        yield name, _value(value, path, key)


def _of_a_list(name: str) -> str:
    """The name of a setting that takes several values, which may be given in the plural (`levels = [50, 90]`)."""
    single = name.removesuffix("s")
    return single if name not in SETTINGS and single in SETTINGS and SETTINGS[single].many else name


def _value(value: Any, path: str, key: str) -> Any:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, (str, int, float)) for item in items):
        raise UsageError(f"{path}: {key} must be text, a number, true or false, or a list of these")
    return value


def _did_you_mean(name: str, known: Any) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}?" if close else "tsforecast VERB --print-config shows the names"
