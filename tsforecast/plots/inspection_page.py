"""The page of an inspected file: every series with its gaps, tables of facts, spectra and chaos cards, in one file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from tsforecast.io.files import write_whole
from tsforecast.plots.attractor import ChaosView, draw_chaos_card
from tsforecast.plots.figure import NARROW, WIDE, Words, encoded, style
from tsforecast.plots.page import html_page, inline_svg
from tsforecast.plots.periodogram import SpectrumView, draw_spectrum
from tsforecast.plots.table import MOST_PANELS, Line, draw_series

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_inspection(
    lines: list[Line],
    path: str,
    *,
    words: Words,
    tables: Sequence[str],
    spectra: Sequence[SpectrumView] = (),
    cards: Sequence[ChaosView] = (),
    report: str = "",
) -> None:
    """Write the page.

    Args:
        lines: The series, gaps as NaN; the first few are drawn.
        path: Where to.
        words: Title, subtitle and caption.
        tables: HTML, as from `figures` and `sentences`.
        spectra: One picture each.
        cards: One picture each.
        report: Plain text, the last thing on the page.

    Raises:
        NotReadableError: The file cannot be written.
    """
    with style():
        wide, narrow = (
            encoded(draw_series(lines[:MOST_PANELS], width, Words()), "svg").decode() for width in (WIDE, NARROW)
        )
        parts = list(tables)
        for i, spectrum in enumerate(spectra):
            draw = partial(draw_spectrum, spectrum, words=Words())
            parts.append(_picture(f"Periods: {spectrum.name}", f"s{i}", draw))
        for i, card in enumerate(cards):
            heading = f"Dynamics: {card.name}, {card.verdict}"
            parts.append(_picture(heading, f"c{i}", partial(draw_chaos_card, card, words=Words())))
        page = html_page(words, wide, narrow, parts, report)
    write_whole(path, page.encode(), "--html")


def figures(heading: str, rows: Sequence[Sequence[str]]) -> str:
    """A table of numbers, the first row its head; it scrolls sideways where the page is too narrow for it."""
    head, *body = rows
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in body]
    return (
        f'<h2>{escape(heading)}</h2>\n<div class="scroll"><table>\n<tr>{cells}</tr>\n'
        + "\n".join(lines)
        + "\n</table></div>"
    )


def sentences(heading: str, entries: Sequence[tuple[str, str]]) -> str:
    """A table of labels and sentences, which are folded where the page is narrow."""
    look = "text-align: left; white-space: normal; overflow-wrap: anywhere; vertical-align: top"
    rows = [
        f'<tr><td style="color: var(--soft)">{escape(label)}</td><td style="{look}">{escape(text)}</td></tr>'
        for label, text in entries
    ]
    return f"<h2>{escape(heading)}</h2>\n<table>\n" + "\n".join(rows) + "\n</table>"


def _picture(heading: str, prefix: str, draw: Callable[[float], Figure]) -> str:
    """A heading with its picture for wide and narrow pages."""
    parts = [f"<h2>{escape(heading)}</h2>"]
    for name, width in (("wide", WIDE), ("narrow", NARROW)):
        svg = encoded(draw(width), "svg").decode()
        parts.append(f'<figure class="{name}">{inline_svg(svg, prefix + name[0], heading)}</figure>')
    return "\n".join(parts)
