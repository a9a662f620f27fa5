"""What a bare `tsforecast` shows: what it does, where to begin, what there is."""

from __future__ import annotations

from collections.abc import Iterator

from tsforecast.cli.examples import EXAMPLES

_BEGIN = (
    ("tsforecast inspect FILE", "what the file is, its season, what will be repaired"),
    ("tsforecast forecast FILE", "what comes next, one season ahead, and how good it is"),
    ("tsforecast forecast FILE -H 14 -o next.csv --plot next.png", "two weeks of days, with a picture"),
    ("tsforecast fit FILE -o model.tsf", "keep the model; tsforecast predict model.tsf NEWER goes on"),
)


def lines() -> Iterator[str]:
    """The screen, at most 80 columns wide."""
    yield "tsforecast forecasts any time series from the terminal: it repairs a file, tries"
    yield "models against the naive forecast, and measures how far its intervals hold."
    yield ""
    for command, words in _BEGIN:
        yield f"  {command}"
        yield f"      {words}"
    yield ""
    yield "FILE is CSV, TSV, Excel, JSON or Parquet, compressed or not; - is stdin."
    yield ""
    yield from _verbs()
    yield ""
    yield "tsforecast VERB --help has examples; --install-completion teaches your shell."


def _verbs() -> Iterator[str]:
    """The verbs, folded at 78 columns."""
    line = "verbs:"
    for verb in EXAMPLES:
        if len(line) + len(verb) + 1 > 78:
            yield line
            line = "      "
        line += f" {verb}"
    yield line
