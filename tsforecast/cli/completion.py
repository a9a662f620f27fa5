"""What the shell offers after TAB where a setting is to be given: columns of the file on the line, models, choices."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from typing import Any

import typer

from tsforecast.declared import Declared

COLUMNS = frozenset({"time_col", "id_col", "target_col", "past_col", "future_col", "static_col"})
FREQUENCIES = ("min", "5min", "15min", "30min", "h", "D", "B", "W", "MS", "ME", "QS", "YS")
# Bytes of a file from which its header is learnt: nobody waits for a name.
_HEAD = 1 << 18
_LARGEST = 20 << 20


def completer(declared: Declared) -> Callable[..., list[str]] | None:
    """What offers values for a setting; None where nothing is known of them."""
    name = declared.name
    if name in COLUMNS:
        return _offered_columns
    if name == "model":
        return _offered_models
    if name == "freq":
        return lambda incomplete: _begin(FREQUENCIES, incomplete)
    choices = declared.choices or tuple(re.split(r"[\[:]", usage)[0] for usage in declared.said.usages)
    return (lambda incomplete: _begin(choices, incomplete)) if choices else None


def _begin(names: Any, incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


def _offered_models(incomplete: str) -> list[str]:
    from tsforecast.cli.settings import model_names

    return _begin(model_names(), incomplete)


def _offered_columns(ctx: typer.Context, incomplete: str) -> list[str]:
    """Columns of the first file on the line."""
    words = [str(ctx.params.get("file") or ""), *_words_of_the_line()]
    for word in words:
        if os.path.isfile(word) and (names := columns_of(word)):
            return [_typed(name, incomplete) for name in names if name.startswith(incomplete)]
    return []


def _typed(name: str, incomplete: str) -> str:
    """A name as it is typed in a shell, unless what has been typed so far is not."""
    typed = re.sub(r"([^\w@%+=:,./-])", r"\\\1", name)
    return typed if typed.startswith(incomplete) else name


def _words_of_the_line() -> list[str]:
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
    try:
        return shlex.split(line)[1:]
    except ValueError:  # a quote that is still open
        return line.split()[1:]


def columns_of(path: str) -> list[str]:
    """Names of the columns of a file; none where it cannot be read."""
    from tsforecast.config import ReadConfig
    from tsforecast.errors import TsforecastError
    from tsforecast.io.formats import read_grid
    from tsforecast.io.source import Source, load

    try:
        source = load(path, _LARGEST)
        data = source.data
        if len(data) > _HEAD and not data.startswith((b"PAR1", b"PK", b"{", b"[")):
            data = data[: data.rfind(b"\n", 0, _HEAD) + 1] or data
        grid = read_grid(Source(source.name, source.suffix, data, source.compression), ReadConfig())
    except (TsforecastError, OSError, ValueError):
        return []
    return [column.name for column in grid.columns]
