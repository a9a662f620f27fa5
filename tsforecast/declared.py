"""How a setting is declared: once, as a field with its type, its words and its check, from which all else derives.

The type of the field says what it may be: `int`, `float`, `str`, `bool`, a `Literal` for choices, a `tuple` of these
for what may be given several times, and `| None` for what is found out where it is not given. The command line, the
environment, TOML and Python all pass through `Declared.read`, so that they accept and refuse the same.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
import operator
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, ClassVar, Literal

from tsforecast.errors import UsageError

_KEY = "setting"
_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class Setting:
    """What is said of a field beside its type and default.

    Attributes:
        words: One sentence for the help.
        options: As written on the command line; empty: `--name`.
        least, above, below: Its range, where it is a number.
        usages: What it may be, where a word may carry settings of its own ("constant:VALUE").
        reader: A reading of its own, from text or number; raises ValueError that says what it must be.
        metavar: What stands for the value in the help.
        hint: What to do, said with a refusal.
        verbs: The only verbs that take it; empty: all that take its group.
    """

    words: str
    options: tuple[str, ...] = ()
    least: float | None = None
    above: float | None = None
    below: float | None = None
    usages: tuple[str, ...] = ()
    reader: Callable[[Any], Any] | None = None
    metavar: str = "VALUE"
    hint: str = ""
    verbs: tuple[str, ...] = ()


def setting(default: Any, words: str, **said: Any) -> Any:
    """A field of a settings class; see `Setting` for what may be said of it."""
    return field(default=default, metadata={_KEY: Setting(words, **said)})


@dataclass(frozen=True)
class Declared:
    """A setting as its field declares it.

    Attributes:
        name: Of the field; the TOML key, and in upper case the environment variable.
        kind: int, float, str or bool, of each item where it is a list.
        many: Whether it is a tuple.
        optional: Whether it may be None.
        choices: All it may be, where that is a list.
        default: The value without anything given.
        said: The rest.
    """

    name: str
    kind: type
    many: bool
    optional: bool
    choices: tuple[str, ...]
    default: Any
    said: Setting

    @property
    def options(self) -> tuple[str, ...]:
        """As written on the command line, the one to speak of first."""
        dashed = self.name.replace("_", "-")
        return self.said.options or ((f"--{dashed}/--no-{dashed}",) if self.kind is bool else (f"--{dashed}",))

    @property
    def option(self) -> str:
        """The option that one speaks of."""
        return self.options[0].partition("/")[0]

    def read(self, value: Any, where: str) -> Any:
        """The value, from text, a TOML value or a Python one; what it returned is returned again.

        Args:
            value: As given.
            where: What to call it in a refusal: the option, the variable or the key.

        Raises:
            UsageError: It is of another type, no choice there is, or out of range.
        """
        if self.optional and (value is None or (value == "auto" and self._finds_out)):
            return None
        if not self.many:
            return self._item(value, where)
        items = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
        parts = [part for v in items for part in (map(str.strip, v.split(",")) if isinstance(v, str) else [v])]
        return tuple(self._item(part, where) for part in parts if part != "")

    @property
    def _finds_out(self) -> bool:
        """ "auto" stands for None, but where it may be a name."""
        return bool(self.kind is not str or self.choices or self.said.reader)

    def _item(self, value: Any, where: str) -> Any:
        if self.said.reader is not None:
            try:
                read = self.said.reader(value)
            except (TypeError, ValueError) as error:
                raise self._refusal(where, str(error), value) from None
        elif self.choices or self.said.usages:
            read = value if isinstance(value, str) else str(value)
            if read.partition(":")[0] not in map(_head, self.said.usages) and read not in self.choices:
                allowed = self.said.usages or self.choices
                raise self._refusal(where, f"must be one of {listed(allowed)}", value, _near(read, allowed))
        else:
            read = self._plain(value, where)
        if isinstance(read, (int, float)) and not isinstance(read, bool):
            self._check_range(read, value, where)
        return read

    def _plain(self, value: Any, where: str) -> Any:
        if self.kind is bool:
            found = value if isinstance(value, bool) else _SWITCH.get(str(value).lower())
            if found is None:
                raise self._refusal(where, "must be true or false", value)
            return found
        try:
            if self.kind is str:
                return text(value)
            return whole(value) if self.kind is int else number(value)
        except (TypeError, ValueError) as error:
            raise self._refusal(where, str(error), value) from None

    def _check_range(self, read: float, value: Any, where: str) -> None:
        said = self.said
        ranges = (
            ("at least", said.least, operator.ge),
            ("above", said.above, operator.gt),
            ("below", said.below, operator.lt),
        )
        asked = [(words, limit, holds) for words, limit, holds in ranges if limit is not None]
        if not all(holds(read, limit) for _, limit, holds in asked):
            must = " and ".join(f"{words} {limit:g}" for words, limit, _ in asked)
            raise self._refusal(where, f"must be {must}", value)

    def _refusal(self, where: str, must: str, value: Any, hint: str = "") -> UsageError:
        return UsageError(f"{where} {must}, received '{value}'", hint or self.said.hint)


def _head(usage: str) -> str:
    """ "seasonal" of "seasonal[:LENGTH]"."""
    return usage.partition("[")[0].partition(":")[0]


def _near(given: str, allowed: tuple[str, ...]) -> str:
    close = get_close_matches(given, allowed, n=1)
    return f"did you mean {close[0]}?" if close else ""


def listed(names: tuple[str, ...]) -> str:
    """ "a, b or c"; a mark is quoted."""
    shown = [name if name[0].isalnum() else f"'{name}'" for name in names]
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else shown[0]


def text(value: Any) -> str:
    """Text as it is, a number as its text; raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, numbers.Real)):
        raise ValueError("must be text")
    return str(value)


def whole(value: Any) -> int:
    """A whole number of text or a number; raises ValueError for anything else."""
    try:
        if isinstance(value, bool) or (not isinstance(value, str) and value != int(value)):
            raise ValueError
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("must be a whole number") from None


def number(value: Any) -> float:
    """A finite number of text or a number; raises ValueError for anything else."""
    try:
        if isinstance(value, bool) or not math.isfinite(float(value)):
            raise ValueError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("must be a number") from None


class Checked:
    """Base of the settings classes: every field is read as the command line reads it, and refused as it refuses.

    Raises:
        UsageError: A field is of another type, no choice there is, or out of range.
    """

    _settings: ClassVar[dict[str, Declared]]

    def __post_init__(self) -> None:
        for name, declared in declared_by(type(self)).items():
            object.__setattr__(self, name, declared.read(getattr(self, name), declared.option))


def declared_by(group: type[Checked]) -> dict[str, Declared]:
    """Name to declaration of every setting of a settings class, in its order."""
    if "_settings" not in vars(group):
        hints = typing.get_type_hints(group)
        group._settings = {
            f.name: _declared(f.name, hints[f.name], f.default, f.metadata[_KEY])
            for f in dataclasses.fields(group)  # type: ignore[arg-type]
            if _KEY in f.metadata
        }
    return group._settings


def _declared(name: str, hint: Any, default: Any, said: Setting) -> Declared:
    kinds = list(typing.get_args(hint)) if typing.get_origin(hint) in (typing.Union, types.UnionType) else [hint]
    optional = type(None) in kinds
    kind = next(k for k in kinds if k is not type(None))
    many = typing.get_origin(kind) is tuple and typing.get_args(kind)[-1] is ...
    kind = typing.get_args(kind)[0] if many else kind
    if said.reader is not None:
        return Declared(name, str, many, optional, (), default, said)
    choices = typing.get_args(kind) if typing.get_origin(kind) is Literal else ()
    return Declared(name, str if choices else kind, many, optional, choices, default, said)
