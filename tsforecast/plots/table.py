"""Any table as a picture: one panel a series and channel, gaps marked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsforecast.data.panel import FloatArray
from tsforecast.errors import DataError
from tsforecast.plots.figure import LIGHT, Words, dress, new_figure, tints, to_axis
from tsforecast.plots.gaps import broken, gaps
from tsforecast.plots.page import save_figure
from tsforecast.plots.ticks import Stamps
from tsforecast.plots.view import Bands

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 9
_BOUND = re.compile(r"(?P<line>.+)_(?P<side>lo|hi)_(?P<level>\d+(?:\.\d+)?)")


@dataclass(frozen=True, eq=False)
class Line:
    """One panel: values over stamps, ascending, NaN where missing, with the bands drawn around them."""

    name: str
    ds: Stamps
    y: FloatArray
    bands: Bands = field(default_factory=dict)


def save_series(frame: pd.DataFrame, path: str, *, title: str, subtitle: str = "", caption: str = "") -> None:
    """Draw a table.

    Args:
        frame: `ds` and numeric columns, one a channel, as in `Table.frame` or `Panel.frame`; text columns (`unique_id`,
            `channel`) tell series apart. Columns `x_lo_80` and `x_hi_80` are drawn as a band around `x`. Rows may be in
            any order.
        path: Ends in .png, .svg, .pdf or .html.
        title: One line.
        subtitle: A sentence.
        caption: Small print.

    Raises:
        DataError: There is nothing to draw.
        UsageError: Another ending.
        NotReadableError: The file cannot be written.
    """
    lines = lines_of(frame)
    if not lines:
        raise DataError("the table has no values to draw", "give a file with a time column and a numeric column")
    more = len(lines) - MOST_PANELS
    caption = " ".join(filter(None, [f"{more:,} more series are not drawn." if more > 0 else "", caption]))
    save_figure(
        path, Words(title, subtitle, caption), lambda width, words: draw_series(lines[:MOST_PANELS], width, words)
    )


def lines_of(frame: pd.DataFrame) -> list[Line]:
    """The panels of a table, in its order; channels without any value are left out."""
    channels = [c for c in frame.columns if c != "ds" and pd.api.types.is_numeric_dtype(frame[c])]
    bounds = {c: found for c in channels if (found := _BOUND.fullmatch(str(c))) and found["line"] in channels}
    keys = [c for c in frame.columns if c != "ds" and c not in channels]
    groups = frame.groupby(keys, sort=False, dropna=False) if keys and len(frame) else [((), frame)]
    lines = []
    for key, rows in groups:
        rows = rows.sort_values("ds", kind="stable")
        ds, label = rows["ds"].to_numpy(), " / ".join(str(part) for part in key if str(part))
        for channel in (c for c in channels if c not in bounds):
            y = rows[channel].to_numpy(dtype="float64")
            if not np.isfinite(y).any():
                continue
            edges: dict[float, dict[str, FloatArray]] = {}
            for column, found in bounds.items():
                if found["line"] == channel:
                    edges.setdefault(float(found["level"]), {})[found["side"]] = rows[column].to_numpy(dtype="float64")
            bands = {level: (both["lo"], both["hi"]) for level, both in edges.items() if len(both) == 2}
            lines.append(Line(" / ".join(filter(None, [label, str(channel)])), ds, y, bands))
    return lines


def draw_series(lines: list[Line], width: float, words: Words) -> Figure:
    """The figure; call within `style`. Under seven inches the panels are stacked."""
    across = 1 if width < 7 or len(lines) < 4 else 2
    down = -(-len(lines) // across)
    height = {1: 3.6, 2: 2.4}.get(len(lines), 1.7)
    figure = new_figure(width, height * down, words)
    grid = figure.subplots(down, across, squeeze=False)
    for axes, line in zip(grid.flat, lines, strict=False):
        _draw_line(axes, line, n_ticks=int(width / across))
    for axes in grid.flat[len(lines) :]:
        axes.set_visible(False)
    return figure


def _draw_line(axes: Axes, line: Line, n_ticks: int) -> None:
    """One panel; a gap is a break in the line and a mark at the bottom, visible however short it is."""
    ds, missing = to_axis(line.ds), gaps(line.ds, line.y)
    levels = sorted(line.bands, reverse=True)
    for level, tint in zip(levels, tints(len(levels)), strict=True):
        axes.fill_between(ds, *line.bands[level], color=tint, lw=0, label=f"_band {level:g}")
    seen = np.isfinite(line.y)
    dot: dict[str, Any] = {"marker": "o", "ms": 3} if seen.sum() == 1 else {}
    stamps, y = broken(line.ds, line.y)
    axes.plot(to_axis(stamps), y, color=LIGHT["forecast"], lw=0.9, label="_series", **dot)
    if missing:
        _mark_gaps(axes, ds[[before for before, _ in missing]], ds[[after for _, after in missing]])
    axes.margins(x=0.01)
    dress(axes, line.ds, n_ticks)
    said = f"{len(missing):,} gap{'s' if len(missing) > 1 else ''}" if missing else ""
    axes.set_title(line.name, pad=4)
    axes.set_title(said, loc="right", fontsize=8.5, color=LIGHT["held"], pad=4)


def _mark_gaps(axes: Axes, starts: Stamps, ends: Stamps) -> None:
    """Tint each stretch without values over the whole height, and put a tick at its foot."""
    whole = axes.get_xaxis_transform()
    corners = np.column_stack([starts, ends, ends]).ravel()
    filled = np.tile([True, True, False], len(starts))
    axes.fill_between(corners, 0, 1, where=filled, color=LIGHT["heldfan"], lw=0, zorder=0.5, transform=whole)
    axes.plot(starts, np.zeros(len(starts)), "|", ms=6, color=LIGHT["held"], transform=whole, label="_gaps")
