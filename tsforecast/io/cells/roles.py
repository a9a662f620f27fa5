"""The columns beside the targets: numbers, truth values, and words as categories, a column of 0 and 1 for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from tsforecast.config import ReadConfig
from tsforecast.data.panel import IntArray
from tsforecast.errors import DataError
from tsforecast.io.cells.channels import EMPTY, Channel, as_channel, is_code, matching, no_target
from tsforecast.io.cells.numbers import Marks, is_missing
from tsforecast.io.sheet import Column

#: A column of words is one of categories up to so many, each of which stands in so many rows on average.
MOST_LEVELS, ROWS_OF_LEVEL = 30, 5
#: So many columns that nobody named are taken beside the target.
MOST_IMPLIED = 12
NOT_NAMED = f"beyond the {MOST_IMPLIED} that are taken by themselves; --past-col or --future-col names it"


@dataclass
class BesideColumns:
    """The columns beside the targets.

    Attributes:
        channels: Their numbers.
        roles: By name of the channel; "" for what decides itself by what is known ahead.
        sources: The user's column behind a channel of another name.
        ignored: Why columns that were looked at are none.
    """

    channels: list[Channel] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)


def named_roles(config: ReadConfig, names: Sequence[str]) -> dict[str, str]:
    """The columns that the user gave a role beside the targets, and which.

    Raises:
        DataError: There is no such column, or it has two roles.
    """
    found: dict[str, str] = {}
    for role, patterns in (("past", config.past_col), ("future", config.future_col), ("static", config.static_col)):
        listed = [part for pattern in patterns for part in ([pattern] if pattern in names else pattern.split(","))]
        for name in [n for n in names if n in matching(tuple(listed), list(names), f"--{role}-col")]:
            if name in found or name in config.target_col:
                other = found.get(name, "target")
                raise DataError(f"column '{name}' is given the roles {other} and {role}", f"leave out --{role}-col")
            found[name] = role
    return found


def find_beside(
    columns: Sequence[Column],
    named: dict[str, str],
    implied: Collection[str],
    marks: Marks,
    missing: tuple[str, ...],
    series: IntArray | None,
    *,
    few: bool = False,
) -> BesideColumns:
    """The columns beside the targets as numbers.

    Args:
        columns: All columns.
        named: Those that the user gave a role.
        implied: Names of those that are taken where they say something.
        marks: How numbers are written.
        missing: Further tokens or numbers that say "no value".
        series: Code of the series of each row `(row,)`, None where there is one.
        few: The rows are few, and say nothing of what a column is: words are categories, and nothing is refused.

    Raises:
        DataError: A column with a role says nothing that could be used.
    """
    found = BesideColumns()
    taken = 0
    for column in columns:
        if column.name not in named and column.name not in implied:
            continue
        channels = _channels(column, marks, missing, few=few)
        reason = channels if isinstance(channels, str) else ""
        if column.name not in named and isinstance(channels, list):
            reason = _says_nothing(channels, column.name, series)
            reason = reason or (NOT_NAMED if taken >= MOST_IMPLIED else "")
            taken += not reason
        if reason and column.name in named and not few:
            raise DataError(f"column '{column.name}' cannot be used beside the target: {reason}")
        if reason or isinstance(channels, str):
            found.ignored[column.name] = reason
            continue
        for channel in channels:
            found.channels.append(channel)
            found.roles[channel.name] = named.get(column.name, "")
            if channel.name != column.name:
                found.sources[channel.name] = column.name
    return found


def _channels(column: Column, marks: Marks, missing: tuple[str, ...], *, few: bool) -> list[Channel] | str:
    """The column as numbers, a category as several columns; or why it is neither."""
    found = as_channel(column, marks, missing, asked=True)
    if isinstance(found, Channel):
        return [found]
    if column.texts is None or found == EMPTY or not found.startswith(("text", "constant text")):
        return found
    tokens = {token.strip().lower() for token in missing}
    empty = np.array([is_missing(text) or text.strip().lower() in tokens for text in column.texts])
    words = Counter(text for text, none in zip(column.texts, empty.tolist(), strict=True) if not none)
    if not few and len(words) > max(2, min(MOST_LEVELS, words.total() // ROWS_OF_LEVEL)):
        return f"text, {len(words):,} different"
    cells = np.array(column.texts, dtype=object)
    return [
        Channel(f"{column.name}={word}", np.where(empty, np.nan, (cells == word).astype("float64")), {})
        for word in sorted(words)
    ]


def _says_nothing(channels: Sequence[Channel], name: str, series: IntArray | None) -> str:
    """Why a column that nobody named is nothing to learn from; empty where it may be."""
    if len(channels) > 1 or channels[0].name != name:
        return "constant text" if len(channels) < 2 else ""
    return "quality codes" if is_code(channels[0]) else no_target(channels[0], series, first=False)
