"""Numbers with something around them: units, prefixes, per cent, currencies, K / M / B, accountants' brackets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.io.cells.numbers import Marks, is_missing, parse_numbers
from tsforecast.io.sheet import BoolArray

_SIGNS = "$€£¥₹₩₽₺฿"
_CODES = (
    "USD|EUR|GBP|JPY|CHF|AUD|CAD|NZD|CNY|INR|KRW|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|RUB|TRY|SGD|HKD|"
    "US\\$|R\\$|A\\$|C\\$"
)
_FIGURES = r"(?:\d[\d.,'’\u00a0\u202f ]*|[.,]\d+)(?:[eE][+-]?\d+)?"
_QUANTITY = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[+-])?\s*(?P<money>[{_SIGNS}]|(?:{_CODES})(?![A-Za-z]))?\s*(?P<inner>[+-])?"
    rf"(?P<figures>{_FIGURES})(?P<after>-(?!\S))?\s*(?P<unit>[^\d\s.,:/()+'’\-][^\d,()]{{0,11}}|m[²³23]/?[a-z]*)?\s*(?P<close>\))?"
)
_MARKED = re.compile(rf"[+-]?[{_SIGNS}]?[+-]?{_FIGURES}(?:[KkMBT]|bn|%|[{_SIGNS}])?")
#: Multipliers of large numbers, as people and exchanges write them.
_SUFFIXES = {"k": 1e3, "K": 1e3, "M": 1e6, "MM": 1e6, "Mio": 1e6, "Mio.": 1e6, "m": 1e6, "B": 1e9, "bn": 1e9, "Bn": 1e9}
_SUFFIXES |= {"Mrd": 1e9, "Mrd.": 1e9, "b": 1e9, "T": 1e12, "tn": 1e12, "万": 1e4, "億": 1e8}
_PREFIXES = {"n": 1e-9, "µ": 1e-6, "μ": 1e-6, "u": 1e-6, "m": 1e-3, "c": 1e-2, "d": 1e-1, "": 1.0}
_PREFIXES |= {"h": 1e2, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}
_PREFIXES |= {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}
#: Suffixes that are units as well (kelvin, metre, tesla, bit), read so where every cell has the same one.
_LETTERS = {"k", "K", "m", "T", "b"}
#: Units that take such a prefix.
_BASES = [
    "W",
    "Wh",
    "VA",
    "var",
    "varh",
    "V",
    "A",
    "J",
    "Hz",
    "Pa",
    "bar",
    "Ω",
    "F",
    "H",
    "N",
    "g",
    "m",
    "L",
    "l",
    "B",
    "b",
    "bit",
    "bps",
    "B/s",
    "b/s",
    "bit/s",
    "m/s",
    "Bq",
    "Sv",
    "eV",
    "cd",
    "lm",
    "lx",
    "mol",
    "t",
]
_TIMES = {"ns": 1e-9, "µs": 1e-6, "μs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "secs": 1.0}
_TIMES |= {"min": 60.0, "mins": 60.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "hours": 3600.0}
_TIMES |= {"d": 86400.0, "day": 86400.0, "days": 86400.0, "week": 604800.0, "weeks": 604800.0}
#: At least this share of the present cells must be read for a column to be one of quantities.
_ENOUGH = 0.7
#: First cells of a column that tell whether it is worth reading all.
_HEAD = 200


@dataclass(frozen=True)
class Quantities:
    """A column of quantities in one unit.

    Attributes:
        values: float64 `(row,)`, NaN where missing or unreadable.
        bad: Which cells could not be read `(row,)`.
        said: What was done, in words.
        unit: That of the values, "" for none.
    """

    values: FloatArray
    bad: BoolArray
    said: str
    unit: str


def is_marked_number(text: str) -> bool:
    """Whether a cell is a number with a currency sign, a per cent sign or K, M, B: nothing that a name could be."""
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    return _MARKED.fullmatch(text.replace("−", "-")) is not None and any(c.isdigit() for c in text)


def bare(text: str) -> str:
    """The figures of a quantity without what stands around them, the text itself where it is none."""
    match = _split(text)
    return match["figures"].strip() if match else text


def read_quantities(texts: list[str], marks: Marks, missing: frozenset[str]) -> Quantities | None:
    """A column of text as numbers of one unit, or None where it is no column of quantities.

    Units of one family (W and kW, B and KiB, s and min) become the one that most cells have; K, M and B become what
    they stand for. Columns that mix units of different families are not read.

    Args:
        texts: Cells `(row,)`.
        marks: How numbers are written.
        missing: Further cells that say "no value", in lower case.
    """
    head = [t for t in texts[:_HEAD] if not is_missing(t)]
    if sum(map(_is_quantity, head)) < 0.5 * len(head):
        return None
    known = Counter(texts)
    present = [t for t in known if not is_missing(t) and t.lower() not in missing]
    parts = {t: match for t in present if (match := _split(t))}
    total = sum(known[t] for t in present)
    if not parts or sum(known[t] for t in parts) < _ENOUGH * total:
        return None
    units: Counter[str] = Counter()
    for text, match in parts.items():
        units[_unit(match)] += known[text]
    scales = _scales(units)
    if scales is None or (set(units) == {""} and not any(_is_dressed(m) for m in parts.values())):
        return None
    factors, common = scales
    order = list(parts)
    figures, unread = parse_numbers([parts[t]["figures"].strip() for t in order], marks)
    read = {
        t: v * factors[_unit(parts[t])] * (-1 if _is_negative(parts[t]) else 1)
        for t, v, bad in zip(order, figures.tolist(), unread.tolist(), strict=True)
        if not bad
    }
    if sum(known[t] for t in read) < _ENOUGH * total:
        return None
    values = np.array([read.get(t, np.nan) for t in texts], dtype="float64")
    lost = set(present) - read.keys()
    return Quantities(values, np.array([t in lost for t in texts], dtype=bool), _said(units, common), common)


def _split(text: str) -> re.Match[str] | None:
    match = _QUANTITY.fullmatch(text.strip().replace("−", "-"))
    return match if match and bool(match["open"]) == bool(match["close"]) else None


def _is_quantity(text: str) -> bool:
    return _split(text) is not None


def _unit(match: re.Match[str]) -> str:
    """Unit and currency of a quantity, as one word."""
    return " ".join(part for part in ((match["money"] or "").strip(), (match["unit"] or "").strip()) if part)


def _is_negative(match: re.Match[str]) -> bool:
    return bool(match["open"]) != ("-" in (match["sign"], match["inner"], match["after"]))


def _is_dressed(match: re.Match[str]) -> bool:
    return bool(match["open"] or match["after"] or (match["inner"] and match["money"]))


def _scales(units: Counter[str]) -> tuple[dict[str, float], str] | None:
    """What each unit is to be multiplied with, and the unit of the result; None where they do not go together."""
    money = {word for u in units if (word := _money(u))}
    if len(money) > 1:
        return None
    sign = next(iter(money), "")
    rests = {u: u.removeprefix(sign).strip() for u in units}
    spelled = set(rests.values()) - {""}
    mixed = "" in rests.values()
    if len(spelled) <= 1 and not (spelled <= _SUFFIXES.keys() - (() if mixed or sign else _LETTERS)):
        return dict.fromkeys(units, 1.0), max(units, key=len)
    if spelled <= _SUFFIXES.keys():
        return {u: _SUFFIXES.get(rest, 1.0) for u, rest in rests.items()}, sign
    common = max((u for u in units if rests[u]), key=lambda u: units[u])
    for family in _families(spelled):
        if spelled <= family.keys() and not mixed:
            return {u: family[rest] / family[rests[common]] for u, rest in rests.items()}, common
    return None


def _money(unit: str) -> str:
    """The currency that a unit begins with, if it does."""
    word = unit.split(" ")[0]
    return word if word and (word[0] in _SIGNS or re.fullmatch(_CODES, word)) else ""


def _families(spelled: Iterable[str]) -> Iterable[dict[str, float]]:
    """Families of units that one column may mix."""
    yield _TIMES
    for base in _BASES:
        if all(unit.endswith(base) for unit in spelled):
            yield {f"{prefix}{base}": factor for prefix, factor in _PREFIXES.items()}


def _said(units: Counter[str], common: str) -> str:
    listed = ", ".join(f"'{u}'" for u in list(units)[:4] if u)
    if not listed:
        return "numbers in brackets are read as negative"
    if len([u for u in units if u]) == 1 and common:
        return f"the unit {listed} is left out of the numbers"
    return f"{listed} are converted to {common or 'plain numbers'}"
