"""What models there are: those of this folder, and those that other packages register.

A model is found by its name without importing the others, so that predicting from a saved one starts quickly.
"""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tsforecast.errors import UsageError

if TYPE_CHECKING:
    from tsforecast.models.contract import Model, ModelInfo

AUTO = "auto"
"""Stands for the best of the others."""
GROUP = "tsforecast.models"
_FOLDERS = ("tsforecast.models", "tsforecast.models.networks", "tsforecast.models.dynamics")
_COSTS = ("none", "seconds", "training")
# written in two parts, so that this file is none that declares a model
_DECLARED = b"info: ClassVar = " + b"ModelInfo("
_REFERENCE = b"reference=True"


def find(name: str) -> type[Model]:
    """The model of this name.

    Raises:
        UsageError: There is none.
    """
    for folder in _FOLDERS:
        module = f"{folder}.{name.replace('-', '_')}"
        if name.replace("-", "_").isidentifier() and find_spec(module) is not None:
            for model in _models_in(import_module(module)):
                if model.info.name == name:
                    return model
    if name in everything():
        return everything()[name]
    close = get_close_matches(name, everything(), n=1)
    hint = f"did you mean {close[0]}?" if close else f"one of {', '.join(names())}"
    raise UsageError(f"there is no model '{name[:80]}'", hint)


@functools.cache
def everything() -> Mapping[str, type[Model]]:
    """All models by name, in the order of their turns: free ones, cheap ones, dear ones, then what combines them."""
    found: list[type[Model]] = []
    for folder in _FOLDERS:
        for module in pkgutil.iter_modules(import_module(folder).__path__):
            if not module.ispkg:
                found += _models_in(import_module(f"{folder}.{module.name}"))
    for entry in entry_points(group=GROUP):
        found.append(entry.load())
    return {model.info.name: model for model in sorted(found, key=_turn)}


def _turn(model: type[Model]) -> tuple[Any, ...]:
    info = model.info
    return info.combines, _COSTS.index(info.cost), not info.reference, info.turn, info.name


def infos() -> list[ModelInfo]:
    """What is said of each model, in the order of `everything`."""
    return [model.info for model in everything().values()]


@functools.cache
def names() -> tuple[str, ...]:
    """What `--model` takes: found by files and entry points, without importing any, since a help text needs no more."""
    found = [entry.name for entry in entry_points(group=GROUP)]
    found += [file.replace("_", "-") for _, file in _files_with(_DECLARED)]
    return (AUTO, *sorted(found))


@functools.cache
def free_ones() -> Mapping[str, type[Model]]:
    """The references by name, in the order of their turns; of this program no other model is imported for them."""
    found: list[type[Model]] = [entry.load() for entry in entry_points(group=GROUP)]
    for folder, file in _files_with(_DECLARED, _REFERENCE):
        found += _models_in(import_module(f"{folder}.{file}"))
    return {model.info.name: model for model in sorted(found, key=_turn) if model.info.reference}


def _files_with(*words: bytes) -> Iterator[tuple[str, str]]:
    """Folder and name of the files of models in which all of these stand."""
    for folder in _FOLDERS:
        root = find_spec(folder)
        for place in (root.submodule_search_locations or ()) if root else ():
            for path in Path(place).glob("*.py"):
                content = path.read_bytes()
                if all(word in content for word in words):
                    yield folder, path.stem


def settings_of(model: type[Model], given: Mapping[str, Any]) -> Any:
    """The settings of a model, each field from the given value of the same name, if there is one."""
    known = {field.name for field in fields(model.Settings)}
    return model.Settings(**{name: value for name, value in given.items() if name in known})


def _models_in(module: ModuleType) -> list[type[Model]]:
    """The models defined in a module: classes with an `info` of their own."""
    from tsforecast.models.contract import ModelInfo

    own = (member for member in vars(module).values() if isinstance(member, type))
    return [
        member
        for member in own
        if member.__module__ == module.__name__ and isinstance(vars(member).get("info"), ModelInfo)
    ]
