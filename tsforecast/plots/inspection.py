"""The page of an inspected file: every series with its gaps, tables of facts, spectra and chaos cards, in one file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from tsforecast.io.writing import replacing
from tsforecast.plots.attractor import ChaosView, draw_chaos_card
from tsforecast.plots.figure import NARROW, WIDE, Words, encoded, new_figure, style
from tsforecast.plots.page import html_page, inline_svg
from tsforecast.plots.series import MOST_PANELS, draw_series, lines_of
from tsforecast.plots.spectrum import SpectrumView, draw_spectrum

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Rows = Sequence[Sequence[str]]


def save_inspection(
    frame: pd.DataFrame,
    path: str,
    *,
    words: Words,
    tables: Sequence[tuple[str, Rows]],
    spectra: Sequence[SpectrumView] = (),
    cards: Sequence[ChaosView] = (),
    report: str = "",
) -> None:
    """Write the page.

    Args:
        frame: What was read or regularised, as for `plots.series.save_series`.
        path: Where to.
        words: Title, subtitle and caption.
        tables: Heading and rows of cells; the first row of a table is its head.
        spectra: One picture each.
        cards: One picture each.
        report: Plain text, the last thing on the page.

    Raises:
        NotReadableError: The file cannot be written.
    """
    lines = lines_of(frame)[:MOST_PANELS]
    with style():
        wide, narrow = (
            encoded(draw_series(lines, width, Words()) if lines else new_figure(width, 0.2, Words()), "svg").decode()
            for width in (WIDE, NARROW)
        )
        parts = [table(heading, rows) for heading, rows in tables]
        for i, spectrum in enumerate(spectra):
            draw = partial(draw_spectrum, spectrum, words=Words())
            parts.append(_picture(f"Periods: {spectrum.name}", f"s{i}", draw))
        for i, card in enumerate(cards):
            heading = f"Dynamics: {card.name}, {card.verdict}"
            parts.append(_picture(heading, f"c{i}", partial(draw_chaos_card, card, words=Words())))
        page = html_page(words, wide, narrow, parts, report)
    with replacing(Path(path)) as stream:
        stream.write(page.encode())


def table(heading: str, rows: Rows) -> str:
    """A table as HTML, which scrolls sideways where the page is too narrow for it."""
    head, *body = rows
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in body]
    return (
        f'<h2>{escape(heading)}</h2>\n<div class="scroll"><table>\n<tr>{cells}</tr>\n'
        + "\n".join(lines)
        + "\n</table></div>"
    )


def _picture(heading: str, prefix: str, draw: Callable[[float], Figure]) -> str:
    """A heading with its picture for wide and narrow pages."""
    parts = [f"<h2>{escape(heading)}</h2>"]
    for name, width in (("wide", WIDE), ("narrow", NARROW)):
        svg = encoded(draw(width), "svg").decode()
        parts.append(f'<figure class="{name}">{inline_svg(svg, prefix + name[0], heading)}</figure>')
    return "\n".join(parts)
