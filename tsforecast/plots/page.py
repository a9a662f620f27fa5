"""A drawing into a file; the HTML page is one file with picture, tables and report, nothing fetched from anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

from tsforecast.data.printable import printable_lines
from tsforecast.io.files import write_whole
from tsforecast.plots.figure import DARK, LIGHT, NARROW, WIDE, Words, encoded, figure_suffix, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    Draw = Callable[[float, Words], Figure]

_CSS = """
:root { color-scheme: light dark; %(light)s }
@media (prefers-color-scheme: dark) { :root { %(dark)s } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif }
main { max-width: 1200px; margin: 0 auto; padding: 1.2rem 1rem 3rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere }
h2 { font-size: 1rem; margin: 2rem 0 .4rem; overflow-wrap: anywhere }
figure { margin: 1rem 0 0 }
p { margin: .3rem 0; color: var(--soft); overflow-wrap: anywhere }
svg { display: block; width: 100%%; height: auto }
svg text { font-family: system-ui, "DejaVu Sans", sans-serif !important }
.narrow { display: none }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .87rem }
th, td { text-align: right; padding: .15rem .9rem .15rem 0; white-space: nowrap }
th { color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--edge) }
th:first-child, td:first-child { text-align: left }
pre { overflow-x: auto; font-size: .82rem; line-height: 1.45; padding: .8rem; background: var(--beyond) }
@media (max-width: 720px) { .wide { display: none } .narrow { display: block } main { padding: 1rem .6rem 2rem } }
@media print { .wide { display: block } .narrow { display: none } }
"""


def save_figure(path: str, words: Words, draw: Draw, option: str = "--plot") -> None:
    """Draw into a file of the kind its name says.

    Args:
        path: Ends in .png, .svg, .pdf or .html.
        words: Title, subtitle and caption.
        draw: Makes the figure from a width in inches and the words to put in it; called within `style`.
        option: That asked for it, for the error message.

    Raises:
        UsageError: Another ending.
        NotReadableError: The file cannot be written.
    """
    suffix = figure_suffix(path)
    with style():
        if suffix == "html":
            wide, narrow = (encoded(draw(width, Words()), "svg").decode() for width in (WIDE, NARROW))
            content = html_page(words, wide, narrow).encode()
        else:
            content = encoded(draw(WIDE, words), suffix)
    write_whole(path, content, option)


def html_page(words: Words, wide: str, narrow: str, tables: Sequence[str] = (), report: str = "") -> str:
    """The page.

    Args:
        words: Title, subtitle and caption.
        wide: The picture as SVG text, in the colours of `LIGHT`.
        narrow: The same for a small screen.
        tables: HTML.
        report: Plain text.
    """
    colours = {
        name: " ".join(f"--{role}: {colour};" for role, colour in palette.items())
        for name, palette in (("light", LIGHT), ("dark", DARK))
    }
    parts = [
        f"<h1>{escape(words.title)}</h1>",
        f"<p>{escape(words.subtitle)}</p>" if words.subtitle else "",
        f'<figure class="wide">{inline_svg(wide, "w", words.title)}</figure>',
        f'<figure class="narrow">{inline_svg(narrow, "n", words.title)}</figure>',
        f"<p>{escape(words.caption)}</p>" if words.caption else "",
        *tables,
        f"<h2>Report</h2>\n<pre>{escape(report)}</pre>" if report else "",
    ]
    body = "\n".join(part for part in parts if part)
    return printable_lines(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(words.title)}</title>\n<style>{_CSS % colours}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def inline_svg(svg: str, prefix: str, words: str) -> str:
    """An SVG file made fit to stand in a page.

    The prologue and metadata (which name outside addresses) go, identifiers get a prefix of their own, since two
    drawings share the page, and each colour of the palette becomes a variable, so that it follows the page into dark.
    """
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}-", svg)
    svg = re.sub(r'href="#', f'href="#{prefix}-', svg)
    for role, colour in LIGHT.items():
        svg = svg.replace(colour, f"var(--{role})")
    # In HTML the names need no namespaces, and without them the page holds no address at all.
    svg = re.sub(r' xmlns(?::xlink)?="[^"]*"', "", svg).replace("xlink:href", "href")
    svg = re.sub(r' (?:width|height)="[\d.]+pt"', "", svg, count=2)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(words, quote=True)}"', 1)
