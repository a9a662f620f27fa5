"""What a value read from a model file may be: declared once, checked with one line of complaint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tsforecast.errors import BundleError


class Rule(Protocol):
    """What a JSON value may be."""

    @property
    def words(self) -> str:
        """What fits it, for the complaint."""
        ...

    def problem(self, value: Any) -> str | None:
        """Where in the value something else is, and what should be there; None where it fits."""
        ...


def check(what: str, value: Any, rule: Rule) -> None:
    """Refuse a value that does not fit.

    Raises:
        BundleError: Saying where and what it should be.
    """
    problem = rule.problem(value)
    if problem is not None:
        raise BundleError(f"{what}{problem[:300]}")


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`."""

    low: int
    high: int

    @property
    def words(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def problem(self, value: Any) -> str | None:
        return None if type(value) is int and self.low <= value <= self.high else _wanted(self, value)


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high`."""

    low: float
    high: float

    @property
    def words(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"

    def problem(self, value: Any) -> str | None:
        return None if type(value) in (int, float) and self.low <= value <= self.high else _wanted(self, value)


@dataclass(frozen=True)
class Text:
    """A text of so many characters."""

    longest: int = 1000
    shortest: int = 0

    @property
    def words(self) -> str:
        return f"a text of {self.shortest} to {self.longest} characters"

    def problem(self, value: Any) -> str | None:
        return None if type(value) is str and self.shortest <= len(value) <= self.longest else _wanted(self, value)


@dataclass(frozen=True)
class OneOf:
    """One of these texts."""

    options: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"one of {', '.join(self.options)}"

    def problem(self, value: Any) -> str | None:
        return None if type(value) is str and value in self.options else _wanted(self, value)


@dataclass(frozen=True)
class Flag:
    """True or false."""

    words: str = "true or false"

    def problem(self, value: Any) -> str | None:
        return None if type(value) is bool else _wanted(self, value)


@dataclass(frozen=True)
class Facts:
    """An object of whatever plain JSON."""

    words: str = "an object"

    def problem(self, value: Any) -> str | None:
        return None if type(value) is dict else _wanted(self, value)


@dataclass(frozen=True)
class Either:
    """What fits one of two rules; null is the rule that only null fits."""

    first: Rule
    second: Rule | None

    @property
    def words(self) -> str:
        return f"{self.first.words} or {self.second.words if self.second else 'null'}"

    def problem(self, value: Any) -> str | None:
        fits = (value is None) if self.second is None else self.second.problem(value) is None
        return None if fits or self.first.problem(value) is None else _wanted(self, value)


@dataclass(frozen=True)
class ListOf:
    """A list of values that fit one rule, no two alike where `distinct`."""

    each: Rule
    shortest: int
    longest: int
    distinct: bool = False

    @property
    def words(self) -> str:
        return f"a list of {self.shortest} to {self.longest} values"

    def problem(self, value: Any) -> str | None:
        if type(value) is not list or not self.shortest <= len(value) <= self.longest:
            return _wanted(self, value)
        for i, item in enumerate(value):
            if (problem := self.each.problem(item)) is not None:
                return f"[{i}]{problem}"
        if self.distinct and len(set(value)) < len(value):
            return " must not name anything twice"
        return None


@dataclass(frozen=True)
class PairOf:
    """A list of two values, each with a rule of its own."""

    first: Rule
    second: Rule

    @property
    def words(self) -> str:
        return f"a pair of {self.first.words} and {self.second.words}"

    def problem(self, value: Any) -> str | None:
        if type(value) is not list or len(value) != 2:
            return _wanted(self, value)
        problems = self.first.problem(value[0]), self.second.problem(value[1])
        return next((f"[{i}]{problem}" for i, problem in enumerate(problems) if problem is not None), None)


@dataclass(frozen=True)
class MapOf:
    """An object of any names whose values fit one rule."""

    each: Rule
    longest: int

    @property
    def words(self) -> str:
        return f"an object of at most {self.longest} values"

    def problem(self, value: Any) -> str | None:
        if type(value) is not dict or len(value) > self.longest:
            return _wanted(self, value)
        for name, item in value.items():
            if (problem := self.each.problem(item)) is not None:
                return f"[{name[:40]!r}]{problem}"
        return None


@dataclass(frozen=True)
class Record:
    """An object of just these fields, and perhaps the optional ones."""

    fields: Mapping[str, Rule]
    optional: Mapping[str, Rule] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return f"an object of {', '.join(self.fields)}"

    def problem(self, value: Any) -> str | None:
        if type(value) is not dict:
            return _wanted(self, value)
        for name in sorted((value.keys() - self.optional.keys()) ^ self.fields.keys()):
            return f" {'lacks' if name in self.fields else 'has an unknown field'} {name[:80]!r}"
        for name, rule in {**self.fields, **self.optional}.items():
            if name in value and (problem := rule.problem(value[name])) is not None:
                return f".{name}{problem}"
        return None


def _wanted(rule: Rule, value: Any) -> str:
    shown = f"{type(value).__name__} of {len(value)}" if isinstance(value, (list, dict)) else repr(value)[:60]
    return f" must be {rule.words}, received {shown}"
