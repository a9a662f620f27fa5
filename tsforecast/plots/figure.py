"""The sheet everything is drawn on: size, colours, type, axes, and how it becomes a file.

Figures are made directly (`matplotlib.figure.Figure`), never through pyplot, so that nothing stays behind in global
state; matplotlib's settings are changed within `style` only.
"""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.data.printable import printable_lines
from tsforecast.errors import UsageError
from tsforecast.plots.ticks import Stamps, calendar_labels, calendar_ticks, value_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = ("png", "svg", "pdf", "html")
WIDE, NARROW = 10.0, 4.4
"""Widths of a figure in inches: a page, and a telephone (HTML only)."""

# Blue and vermilion of Okabe and Ito's palette (2008), which the colour-blind tell apart; tints are solid, not
# transparent, so that bands do not change where they overlap. Dark: the same roles on a dark page (HTML).
LIGHT = {
    "paper": "#ffffff",
    "ink": "#22272e",
    "soft": "#6b737d",
    "grid": "#e7eaee",
    "edge": "#b9c0c8",
    "forecast": "#0a5a9c",
    "fan1": "#dceaf7",
    "fan2": "#c3dbf0",
    "fan3": "#a9cbe8",
    "fan4": "#8fbbe0",
    "held": "#c04d00",
    "heldfan": "#f9e3d4",
    "repair": "#8a5fb0",
    "beyond": "#f1f2f4",
    "lost": "#8d96a0",
}
DARK = {
    "paper": "#14181d",
    "ink": "#e4e8ec",
    "soft": "#9aa4af",
    "grid": "#272d35",
    "edge": "#4a535d",
    "forecast": "#7cc0f5",
    "fan1": "#1b2f42",
    "fan2": "#22415d",
    "fan3": "#2a5378",
    "fan4": "#326593",
    "held": "#ff9a57",
    "heldfan": "#3d2a1c",
    "repair": "#c3a1e0",
    "beyond": "#1d2228",
    "lost": "#7d8791",
}
CJK_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans",
    "IPAexGothic",
    "IPAGothic",
    "TakaoGothic",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Hiragino Sans",
    "Yu Gothic",
    "Microsoft YaHei",
    "Arial Unicode MS",
)


@dataclass(frozen=True)
class Words:
    """What stands around a drawing: a title, a sentence under it, small print below the drawing."""

    title: str = ""
    subtitle: str = ""
    caption: str = ""


@cache
def _families() -> list[str]:
    from matplotlib import font_manager

    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in CJK_FONTS if name in installed)]


@contextmanager
def style() -> Iterator[None]:
    """Draw and save within this: our type and lines, deterministic SVG, silence about glyphs no font has."""
    import matplotlib as mpl

    settings: Any = {
        "font.family": _families(),
        "font.size": 9.0,
        "text.color": LIGHT["ink"],
        "text.parse_math": False,
        "axes.edgecolor": LIGHT["edge"],
        "axes.labelcolor": LIGHT["soft"],
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.titlelocation": "left",
        "axes.titlesize": 9.5,
        "axes.titlecolor": LIGHT["ink"],
        "axes.unicode_minus": True,
        "grid.color": LIGHT["grid"],
        "grid.linewidth": 0.7,
        "xtick.color": LIGHT["edge"],
        "ytick.color": LIGHT["edge"],
        "xtick.labelcolor": LIGHT["soft"],
        "ytick.labelcolor": LIGHT["soft"],
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "legend.fontsize": 8.5,
        "legend.frameon": False,
        "figure.facecolor": LIGHT["paper"],
        "axes.facecolor": LIGHT["paper"],
        "savefig.facecolor": LIGHT["paper"],
        "figure.dpi": 100,
        "agg.path.chunksize": 20_000,
        "svg.hashsalt": "tsforecast",
        "svg.fonttype": "none",
        "timezone": "UTC",
    }
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"(?s).*[Gg]lyph")
        yield


def figure_suffix(path: str) -> str:
    """The kind of file, from its name.

    Raises:
        UsageError: Where it is none of `SUFFIXES`.
    """
    suffix = Path(path).suffix.lower().removeprefix(".")
    if suffix not in SUFFIXES:
        raise UsageError(
            f"cannot draw '{path}': the name must end in {', '.join('.' + s for s in SUFFIXES)}",
            "give for example --plot forecast.png, or --plot - for a chart in the terminal",
        )
    return suffix


def new_figure(width: float, height: float, words: Words) -> Figure:
    """An empty figure with its words in place, all left-aligned; `height` is that of the drawing alone (inches)."""
    from matplotlib.figure import Figure

    room = int(width * 13)
    head, foot, heading = (
        textwrap.wrap(text, width, break_on_hyphens=False)
        for text, width in ((words.subtitle, room), (words.caption, int(room * 1.3)), (words.title, int(room * 0.8)))
    )
    top = (0.14 if heading else 0.0) + 0.24 * len(heading) + 0.18 * len(head) + 0.05
    bottom = 0.06 + 0.16 * len(foot) + (0.06 if foot else 0)
    total = height + top + bottom
    figure = Figure(figsize=(width, total), layout="constrained")
    layout: Any = figure.get_layout_engine()
    layout.set(rect=(0.0, bottom / total, 1.0, height / total), w_pad=0.1, h_pad=0.06)
    at: dict[str, Any] = {"x": 0.1 / width, "ha": "left", "va": "top", "linespacing": 1.3}
    figure.text(y=1 - 0.12 / total, s="\n".join(heading), fontsize=13, fontweight="bold", **at)
    below = 1 - (0.14 + 0.24 * len(heading)) / total
    figure.text(y=below, s="\n".join(head), fontsize=9.5, color=LIGHT["soft"], **at)
    figure.text(y=(bottom - 0.04) / total, s="\n".join(foot), fontsize=8, color=LIGHT["soft"], **at)
    return figure


def to_axis(ds: Stamps) -> Any:
    """Stamps as matplotlib takes them."""
    return ds.astype("datetime64[us]") if np.issubdtype(ds.dtype, np.datetime64) else ds


def dress(axes: Axes, ds: Stamps | None = None, n_ticks: int = 8) -> None:
    """Axes as we like them: values with as many decimals as needed, dates short and not repeated.

    Args:
        axes: To change.
        ds: Stamps of the horizontal axis, ascending, or None where it is a plain number.
        n_ticks: At most this many on the horizontal axis.
    """
    from matplotlib.ticker import Formatter, MaxNLocator

    class ValueFormatter(Formatter):
        def __call__(self, x: float, pos: int | None = None) -> str:  # noqa: ARG002
            return value_labels(np.array([x]))[0]

        def format_ticks(self, values: Any) -> list[str]:
            return value_labels(np.asarray(values, dtype="float64"))

    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(ValueFormatter())
    axes.grid(visible=False, axis="x")
    axes.tick_params(length=3)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    if ds is not None and np.issubdtype(ds.dtype, np.datetime64):
        if len(ds):
            ticks, unit = calendar_ticks(ds[0], ds[-1], n_ticks)
            # A day and a clock go on two lines, the clock where the other clocks are.
            axes.set_xticks(ticks, ["\n".join(label.split(" ")[::-1]) for label in calendar_labels(ticks, unit)])
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=n_ticks, steps=[1, 2, 5, 10], integer=ds is not None))
        axes.xaxis.set_major_formatter(ValueFormatter())


def tints(n: int) -> list[str]:
    """Colours of `n` bands, widest first."""
    names = {1: [2], 2: [1, 3], 3: [1, 2, 4]}.get(n, [1, 2, 3, *[4] * (n - 3)])
    return [LIGHT[f"fan{i}"] for i in names[:n]]


def spaced(places: FloatArray, least: float) -> FloatArray:
    """Ascending places moved as little as possible (least squares) so that neighbours are `least` apart `(n,)`.

    Without the spacing it is isotonic regression, here by its max-min formula (Robertson, Wright & Dykstra 1988).
    """
    offsets: FloatArray = least * np.arange(len(places), dtype="float64")
    free, n = places - offsets, len(places)
    fitted = [max(min(free[j : k + 1].mean() for k in range(i, n)) for j in range(i + 1)) for i in range(n)]
    moved: FloatArray = np.array(fitted, dtype="float64") + offsets
    return moved


def label_right(axes: Axes, labels: list[tuple[float, str, str]]) -> None:
    """Write (value, text, colour) beside the right edge at their values, moved apart where they would overlap.

    Call once the limits of the value axis are set.
    """
    low, high = axes.get_ylim()
    height = axes.get_window_extent().height / axes.figure.dpi
    # A line of type is 0.14 inches tall.
    least = (high - low) * min(0.14 / max(height, 0.5), 0.2)
    known = sorted((value, text, colour) for value, text, colour in labels if np.isfinite(value))
    places = spaced(np.clip([value for value, _, _ in known], low, high), least)
    for place, (_, text, colour) in zip(places, known, strict=True):
        axes.annotate(
            text,
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=8.5,
            annotation_clip=False,
        )


def encoded(figure: Figure, suffix: str) -> bytes:
    """The figure as the bytes of a png, svg or pdf; the same figure gives the same bytes.

    Control characters in its texts, which XML has no place for, are written out.
    """
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_text(printable_lines(text.get_text()))
    buffer = io.BytesIO()
    metadata: dict[str, dict[str, Any]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": "tsforecast"},
        "pdf": {"CreationDate": None, "ModDate": None, "Creator": "tsforecast", "Producer": None},
    }
    figure.savefig(buffer, format=suffix, dpi=160, metadata=metadata[suffix])
    return _renumbered(buffer.getvalue()) if suffix == "svg" else buffer.getvalue()


def _renumbered(svg: bytes) -> bytes:
    """Identifiers counted instead of hashed: the hash covers the last bits of places, which may differ between runs."""
    numbers: dict[bytes, bytes] = {}
    return re.sub(
        rb"(?<=[\"#])[a-z][0-9a-f]{10}(?=[\")])",
        lambda found: numbers.setdefault(found[0], b"i%d" % len(numbers)),
        svg,
    )
