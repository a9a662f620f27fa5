"""Charts for a terminal: braille dots for lines, shades for bands, honest axes. Needs nothing but numpy and rich."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rich.cells import cell_len, set_cell_size

from tsforecast.data.panel import FloatArray
from tsforecast.data.printable import printable
from tsforecast.plots.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas, Ink
from tsforecast.plots.gaps import broken
from tsforecast.plots.ticks import (
    Stamps,
    calendar_labels,
    calendar_ticks,
    numeric,
    stamp_text,
    value_labels,
    value_ticks,
)
from tsforecast.plots.view import SeriesView

HISTORY = Ink("", "*")
MEDIAN = Ink("1;38;5;33", "o")
UNKNOWABLE = Ink("38;5;245", "?")
FAINT = Ink("38;5;245")
# One shade a band, widest first; colours of middling lightness, to be read on black and on white.
SHADES = (("░", Ink("38;5;110")), ("▒", Ink("38;5;68")), ("▓", Ink("38;5;67")))
PLAIN_SHADES = (".", ":", "%")
MIN_WIDTH, MIN_HEIGHT = 20, 6
# Of the past no more than this many horizons: a terminal has few columns, and the fan should get its share.
MOST_HORIZONS = 6
LARGEST = 1e300


@dataclass(frozen=True)
class _Glyphs:
    """The line-drawing characters of the frame."""

    side: str
    tick: str
    corner: str
    floor: str
    stamp: str
    cutoff: str
    dash: str


_UNICODE = _Glyphs("│", "┤", "└", "─", "┬", "┊", "─")
_ASCII = _Glyphs("|", "+", "+", "-", "+", "|", "-")


class _Frame:
    """The plot area of a chart: maps stamps and values to dots, and writes the axes around it.

    Args:
        spots: Positions of everything drawn `(n,)`, as from `numeric`.
        value_range: Lowest and highest value drawn.
        width, height: Of the whole chart, in cells.
    """

    def __init__(self, spots: FloatArray, value_range: tuple[float, float], width: int, height: int) -> None:
        self.rows = height - 3
        low, high = _padded(*value_range)
        self.low, self.high = low, high
        self.ticks = value_ticks(low, high, max(2, self.rows // 2))
        labels = value_labels(self.ticks)
        self.gutter = min(max(map(len, labels)), width // 3)
        self.labels = [label[: self.gutter].rjust(self.gutter) for label in labels]
        self.columns = width - self.gutter - 1
        self.first, self.last = (float(spots.min()), float(spots.max())) if len(spots) else (0.0, 0.0)
        self.canvas = Canvas(self.columns, self.rows)

    def across(self, spots: FloatArray) -> FloatArray:
        """Positions as dots from the left; a single stamp stands in the middle."""
        room = self.columns * DOTS_ACROSS - 1
        if self.last <= self.first:
            return np.full(len(spots), room / 2)
        return (spots - self.first) / (self.last - self.first) * room

    def down(self, values: FloatArray) -> FloatArray:
        """Values as dots from the top."""
        return (self.high - values) / (self.high - self.low) * (self.rows * DOTS_DOWN - 1)

    def rendered(self, header: str, stamp_axis: tuple[list[int], list[str]], glyphs: _Glyphs, color: bool) -> str:
        """The whole chart: header, plot rows with value ticks, floor, stamps."""
        tick_rows = np.round(self.down(self.ticks)).astype("int64") // DOTS_DOWN
        named = dict(zip(tick_rows.tolist(), self.labels, strict=True))
        faint = (f"\x1b[{FAINT.ansi}m", "\x1b[0m") if color else ("", "")
        lines = [header]
        for row, drawn in enumerate(self.canvas.lines(color=color, ascii_only=glyphs is _ASCII)):
            edge = named.get(row, " " * self.gutter) + (glyphs.tick if row in named else glyphs.side)
            lines.append(faint[0] + edge + faint[1] + drawn)
        columns, labels = stamp_axis
        floor = "".join(glyphs.stamp if column in columns else glyphs.floor for column in range(self.columns))
        lines.append(faint[0] + " " * self.gutter + glyphs.corner + floor + faint[1])
        lines.append(faint[0] + _placed(columns, labels, self.gutter + 1, self.columns) + faint[1])
        return "\n".join(lines)


def fan_chart(view: SeriesView, width: int, height: int, color: bool, ascii: bool = False) -> str:  # noqa: A002
    """History and forecast fan of one sequence.

    Args:
        view: What to draw; the past is cut to what `view.shown` keeps.
        width: Columns; no line is wider, under 20 is taken as 20.
        height: Rows, all included; under 6 is taken as 6.
        color: Whether to use ANSI colours (256).
        ascii: Draw with ASCII alone, for an output that cannot encode braille.

    Returns:
        `height` lines joined by newlines, without one at the end.
    """
    none = np.empty(0)
    view = replace(view.shown(MOST_HORIZONS), holdout_y=none, holdout_yhat=none, holdout_bands={})
    width, height = max(width, MIN_WIDTH), max(height, MIN_HEIGHT)
    spots = numeric(np.concatenate([view.history_ds, view.forecast_ds]) if len(view.forecast_ds) else view.history_ds)
    frame = _Frame(spots, view.value_range(), width, height)
    glyphs = _ASCII if ascii else _UNICODE
    _draw_bands(frame, view, ascii)
    cut = len(view.history_ds)
    if cut and len(view.forecast_ds):
        column = _column(frame, spots[cut - 1])
        for row in range(frame.rows):
            if frame.canvas.is_blank(column, row):
                frame.canvas.put(column, row, glyphs.cutoff, FAINT)
    _draw_line(frame, spots[:cut], view.history_y, HISTORY)
    # The median sets out from the last observed value, so that the two lines meet.
    known = view.forecast_y if not cut else np.concatenate([view.history_y[-1:], view.forecast_y])
    along = spots[max(cut - 1, 0) :]
    beyond = len(along) if view.beyond_horizon is None else view.beyond_horizon + min(cut, 1)
    _draw_line(frame, along[: beyond + 1], known[: beyond + 1], MEDIAN)
    _draw_line(frame, along[beyond:], known[beyond:], UNKNOWABLE)
    header = _header(_sayings(view, ascii), _key(view, ascii), width, color, ascii)
    return frame.rendered(header, _axis(frame, view), glyphs, color)


def series_chart(
    ds: Stamps,
    y: FloatArray,
    name: str,
    width: int,
    height: int,
    color: bool,
    ascii: bool = False,  # noqa: A002
) -> str:
    """One series without a forecast, all of it; arguments as for `fan_chart`. NaN is drawn as a gap."""
    view = SeriesView(name, ds, y)
    width, height = max(width, MIN_WIDTH), max(height, MIN_HEIGHT)
    frame = _Frame(numeric(ds), view.value_range(), width, height)
    _draw_line(frame, numeric(ds), y, MEDIAN)
    header = _header(_sayings(view, ascii), [], width, color, ascii)
    return frame.rendered(header, _axis(frame, view), _ASCII if ascii else _UNICODE, color)


def _padded(low: float, high: float) -> tuple[float, float]:
    """A range with some height, so that a constant series is a line in the middle."""
    low, high = max(low, -LARGEST), min(high, LARGEST)
    if high - low > max(abs(low), abs(high)) * 1e-12:
        return low, high
    room = abs(high) * 0.05 or 1.0
    return low - room, high + room


def _column(frame: _Frame, spot: float) -> int:
    return int(np.round(frame.across(np.array([spot]))[0])) // DOTS_ACROSS


def _draw_line(frame: _Frame, spots: FloatArray, values: FloatArray, ink: Ink) -> None:
    spots, values = broken(spots, values)
    x, y = frame.across(spots), frame.down(np.clip(values, -LARGEST, LARGEST))
    frame.canvas.line(*_thinned(x, y), ink)


def _thinned(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Of many points in one dot column only first, lowest, highest and last; a column with a gap keeps one NaN."""
    column = np.round(x)
    starts = np.flatnonzero(np.diff(column, prepend=-1.0))
    if len(x) < 8 * max(len(starts), 1):
        return x, y
    keep: list[int] = []
    for low, high in zip(starts, [*starts[1:], len(x)], strict=True):
        part = y[low:high]
        known = np.flatnonzero(np.isfinite(part))
        picked = {0, high - low - 1}
        if len(known):
            picked |= {int(known[np.argmin(part[known])]), int(known[np.argmax(part[known])])}
        if len(known) < len(part):
            picked.add(int(np.flatnonzero(~np.isfinite(part))[0]))
        keep.extend(low + i for i in sorted(picked))
    return x[keep], y[keep]


def _draw_bands(frame: _Frame, view: SeriesView, ascii_only: bool) -> None:
    """Shade each cell at least half covered by a band, the widest band first."""
    if len(view.forecast_ds) == 0:
        return
    x = frame.across(numeric(view.forecast_ds))
    columns = np.arange(int(np.round(x[0])) // DOTS_ACROSS, int(np.round(x[-1])) // DOTS_ACROSS + 1)
    middle = columns * DOTS_ACROSS + (DOTS_ACROSS - 1) / 2
    rows = np.arange(frame.rows)
    for level, shade in zip(view.levels(), _shades(len(view.levels())), strict=True):
        lo, hi = (np.clip(edge, -LARGEST, LARGEST) for edge in view.bands[level])
        top = np.interp(middle, x, frame.down(hi)) + 0.5
        bottom = np.interp(middle, x, frame.down(lo)) + 0.5
        covered = np.minimum(bottom, (rows[:, None] + 1) * DOTS_DOWN) - np.maximum(top, rows[:, None] * DOTS_DOWN)
        for row, i in np.argwhere(covered >= DOTS_DOWN / 2).tolist():
            char, ink = SHADES[shade]
            frame.canvas.put(int(columns[i]), row, PLAIN_SHADES[shade] if ascii_only else char, ink)


def _shades(n_bands: int) -> list[int]:
    """Which shade each band gets, widest first; beyond three they share the darkest."""
    return [min(i, len(SHADES) - 1) for i in range(n_bands)]


def _sayings(view: SeriesView, ascii_only: bool) -> list[str]:
    """What the header may say, the fullest first: name with unit and cutoff, name with cutoff, name."""
    full = view.name if view.label in ("", view.name) else f"{view.name} ({view.label})"
    if len(view.history_ds) == 0 or len(view.forecast_ds) == 0:
        return [full, view.name]
    cutoff = f"{' - ' if ascii_only else ' · '}cutoff {stamp_text(view.history_ds[-1])}"
    return [full + cutoff, view.name + cutoff, view.name]


def _key(view: SeriesView, ascii_only: bool) -> list[tuple[str, str, Ink]]:
    """What the inks mean: character, words, ink."""
    if len(view.forecast_ds) == 0:
        return []
    words = [(MEDIAN.plain if ascii_only else "⠒⠒", "forecast", MEDIAN)]
    for level, shade in zip(view.levels(), _shades(len(view.levels())), strict=True):
        words.append((PLAIN_SHADES[shade] if ascii_only else SHADES[shade][0], f"{level:g} %", SHADES[shade][1]))
    if view.beyond_horizon is not None and view.beyond_horizon < len(view.forecast_ds):
        words.append((UNKNOWABLE.plain if ascii_only else "⠒⠒", "beyond horizon", UNKNOWABLE))
    return words


def _header(sayings: list[str], key: list[tuple[str, str, Ink]], width: int, color: bool, ascii_only: bool) -> str:
    """The fullest saying that leaves room for the key at the right; else the key gives way, entry by entry."""
    # A name from a file may hold anything, terminal escapes included.
    sayings = [printable(said) for said in sayings]
    if ascii_only:
        sayings = [said.encode("ascii", "replace").decode("ascii") for said in sayings]
    texts = [f"  {char} {words}" for char, words, _ in key]
    taken = sum(map(cell_len, texts))
    said = next((said for said in sayings if cell_len(said) + taken <= width), sayings[-1])
    while key and cell_len(said) + sum(map(cell_len, texts)) > width:
        key, texts = key[:-1], texts[:-1]
    left = set_cell_size(said, width - sum(map(cell_len, texts)))
    painted = [f"  \x1b[{ink.ansi}m{char}\x1b[0m {words}" for char, words, ink in key] if color else texts
    return left + "".join(painted)


def _axis(frame: _Frame, view: SeriesView) -> tuple[list[int], list[str]]:
    """Columns and texts of the stamps."""
    ds = np.concatenate([view.history_ds, view.forecast_ds]) if len(view.forecast_ds) else view.history_ds
    if len(ds) == 0:
        return [], []
    most = max(1, frame.columns // 13)
    ticks: Any
    if np.issubdtype(ds.dtype, np.datetime64):
        ticks, unit = calendar_ticks(ds[0], ds[-1], most)
        labels = calendar_labels(ticks, unit)
    else:
        ticks = value_ticks(float(ds[0]), float(ds[-1]), most)
        whole = ticks == np.round(ticks)
        ticks = ticks[whole] if whole.any() else ds[:1]
        labels = [f"{int(tick):,}" for tick in ticks]
    return [_column(frame, spot) for spot in numeric(np.asarray(ticks))], labels


def _placed(columns: list[int], labels: list[str], offset: int, room: int) -> str:
    """Labels centred under their columns, shifted inside at the edges, left out where they would touch another."""
    line = ""
    for column, label in zip(columns, labels, strict=True):
        start = offset + min(max(column - len(label) // 2, 0), max(room - len(label), 0))
        if not line or start > len(line) + 1:
            line = line.ljust(start) + label
    return line[: offset + room]
