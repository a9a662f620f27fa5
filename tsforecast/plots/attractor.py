"""The picture of the chaos card: the reconstructed attractor, and the curves behind delay, dimension and exponent."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.insight.chaos.embedding import embed
from tsforecast.insight.scaling import unit_scaled
from tsforecast.plots.figure import LIGHT, Words, dress, new_figure
from tsforecast.plots.page import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

# Points drawn of a trajectory, and colours it is divided into: more is neither seen nor worth its size in a file.
MOST_POINTS = 20_000
COLOURS = 240
# Side of the recurrence plot in points, and the share of pairs it marks.
RECURRENCE_SIDE, RECURRENCE_SHARE = 300, 0.1
# Steps of the recurrence plot over the delay: a series sampled more coarsely shows patterns of the sampling.
RECURRENCE_DELAYS = 100
# Height of the divergence plot in nats, at least: a flat curve is shown flat.
LEAST_NATS = 1.0


def _none() -> FloatArray:
    return np.empty(0, dtype="float64")


@dataclass(frozen=True, eq=False)
class ChaosView:
    """What is known of the dynamics of one scalar series; a curve that could not be determined is empty.

    Attributes:
        name: The series.
        verdict: In a few words: "chaotic", "periodic", "not determinable: ...".
        summary: A sentence: exponent and its error, horizon, delay, dimension.
        values: The series `(time,)`; NaN is a gap, which no vector crosses.
        delay: τ in steps, at least 1.
        dimension: m chosen, or None.
        is_map: Whether successive points belong to no continuous path, so that they are drawn as dots.
        forecast: Values that continue the series, drawn in another colour `(step,)`.
        lags: Lags in steps `(lag,)`, of
        mutual_information: in nats `(lag,)`, and
        autocorrelation: `(lag,)`.
        dimensions: Embedding dimensions tried `(m,)`, of
        cao_e1, cao_e2: Cao's (1997) ratios `(m,)`, and
        false_neighbours: share of false nearest neighbours (Kennel 1992), 0 to 1 `(m,)`.
        divergence_steps: Steps after which neighbours are compared `(k,)`, of
        divergence: mean log distance of neighbours (Rosenstein 1993) `(k,)`.
        fit: First and last step of the fitted stretch, slope per step, intercept; None where there is none.
    """

    name: str
    verdict: str
    summary: str
    values: FloatArray
    delay: int
    dimension: int | None = None
    is_map: bool = False
    forecast: FloatArray = field(default_factory=_none)
    lags: FloatArray = field(default_factory=_none)
    mutual_information: FloatArray = field(default_factory=_none)
    autocorrelation: FloatArray = field(default_factory=_none)
    dimensions: FloatArray = field(default_factory=_none)
    cao_e1: FloatArray = field(default_factory=_none)
    cao_e2: FloatArray = field(default_factory=_none)
    false_neighbours: FloatArray = field(default_factory=_none)
    divergence_steps: FloatArray = field(default_factory=_none)
    divergence: FloatArray = field(default_factory=_none)
    fit: tuple[float, float, float, float] | None = None


def save_chaos_card(view: ChaosView, path: str) -> None:
    """Draw the card into a .png, .svg, .pdf or .html.

    Raises:
        UsageError: Another ending.
        NotReadableError: The file cannot be written.
    """
    words = Words(f"{view.name}: {view.verdict}", view.summary)
    save_figure(path, words, lambda width, words: draw_chaos_card(view, width, words))


def draw_chaos_card(view: ChaosView, width: float, words: Words) -> Figure:
    """The figure; call within `style`. Under seven inches the panels are stacked."""
    if width < 7:
        figure = new_figure(width, 19.0, words)
        grid = figure.add_gridspec(6, 1, height_ratios=[2.0, 2.0, 1.1, 1.1, 1.1, 1.9])
        places = [grid[i, 0] for i in range(6)]
    else:
        figure = new_figure(width, 7.4, words)
        grid = figure.add_gridspec(2, 12, height_ratios=[2.1, 1.0])
        places = [grid[0, :6], grid[0, 6:], *(grid[1, 3 * i : 3 * i + 3] for i in range(4))]
    _draw_plane(figure.add_subplot(places[0]), view)
    _draw_space(figure.add_subplot(places[1], projection="3d"), view)
    for draw, place in zip(
        (_draw_delay, _draw_dimension, _draw_divergence, _draw_recurrences), places[2:], strict=True
    ):
        draw(figure.add_subplot(place), view)
    return figure


def delay_vectors(values: FloatArray, delay: int, dimension: int) -> FloatArray:
    """`(x(t), x(t − τ), …)` for drawing `(vector, dimension)`; rows with a gap are kept as NaN, so that lines break."""
    first = (dimension - 1) * delay
    drawn = np.full((max(len(values) - first, 0), dimension), np.nan)
    vectors, rows = embed(values, delay, dimension)
    drawn[rows - first] = vectors
    return drawn


def _colours() -> Colormap:
    """Viridis without its lightest end, which white paper swallows."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    return ListedColormap(colormaps["viridis"](np.linspace(0.0, 0.92, 256)))


def _pieces(vectors: FloatArray) -> tuple[list[FloatArray], FloatArray]:
    """A path cut into stretches of one colour each, sharing their end points and broken at gaps; and their colours."""
    ends = np.unique(np.linspace(0, len(vectors) - 1, COLOURS + 1).astype("int64"))
    pieces, shades = [], []
    for low, high in pairwise(ends):
        stretch = vectors[low : high + 1]
        holes = np.flatnonzero(np.isnan(stretch[:, 0]))
        for part in np.split(stretch, holes):
            # A part that begins after a hole still has the hole as its first row.
            known = part[~np.isnan(part[:, 0])]
            if len(known) > 1:
                pieces.append(known)
                shades.append(low)
    return pieces, np.array(shades, dtype="float64")


def _trajectory(view: ChaosView, dimension: int) -> tuple[FloatArray, FloatArray]:
    """The vectors drawn, and those of the forecast, which begin at the last one of the series."""
    everything = np.concatenate([view.values, view.forecast])
    vectors = delay_vectors(everything, view.delay, dimension)
    n = max(len(vectors) - len(view.forecast), 0)
    return vectors[:n][-MOST_POINTS:], vectors[max(n - 1, 0) :] if len(view.forecast) else vectors[:0]


def _draw_plane(axes: Axes, view: ChaosView) -> None:
    """x(t) against x(t − τ), equal scales, time as colour."""
    from matplotlib.collections import LineCollection

    vectors, ahead = _trajectory(view, 2)
    if not _varies(vectors):
        _say_nothing(axes)
        return
    if view.is_map:
        shades = np.linspace(0, 1, len(vectors))
        axes.scatter(vectors[:, 0], vectors[:, 1], c=shades, cmap=_colours(), s=2.5, lw=0, rasterized=True)
    else:
        pieces, when = _pieces(vectors)
        lines = LineCollection(pieces, cmap=_colours(), lw=_thickness(len(vectors)), capstyle="round")
        lines.set_array(when)
        axes.add_collection(lines)
    axes.plot(*ahead.T, color=LIGHT["held"], label="_forecast", **_look_ahead(view))
    known = np.concatenate([vectors, ahead])
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    room = 0.04 * (high - low) or 1.0
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(low - room, high + room)
    axes.set_aspect("equal")
    dress(axes, None, 5)
    axes.set_xlabel("x(t)")
    axes.set_ylabel(f"x(t−{_times(view.delay)})")
    words = f"Delay {view.delay}; dark to light is time" + (", orange the forecast" if len(ahead) else "")
    axes.set_title(words, pad=6)


def _times(delay: int, k: int = 1) -> str:
    """τ or 2τ, or the number itself where τ is one step."""
    return str(k) if delay == 1 else ("τ" if k == 1 else f"{k}τ")


def _look_ahead(view: ChaosView) -> dict[str, Any]:
    return {"ls": "none", "marker": ".", "ms": 4} if view.is_map else {"lw": 1.3}


def _thickness(n: int) -> float:
    return 0.4 if n > 5000 else 0.6 if n > 1500 else 0.9


def _draw_space(axes: Any, view: ChaosView) -> None:
    """x(t), x(t − τ), x(t − 2τ)."""
    from mpl_toolkits.mplot3d.art3d import Line3DCollection  # type: ignore[import-untyped]

    vectors, ahead = _trajectory(view, 3)
    if not _varies(vectors):
        axes.set_axis_off()
        return
    if view.is_map:
        shades = np.linspace(0, 1, len(vectors))
        axes.scatter(*vectors.T, c=shades, cmap=_colours(), s=2, lw=0, depthshade=False, rasterized=True)
    else:
        pieces, when = _pieces(vectors)
        lines = Line3DCollection(pieces, cmap=_colours(), lw=_thickness(len(vectors)))
        lines.set_array(when)
        axes.add_collection(lines)
    axes.plot(*ahead.T, color=LIGHT["held"], label="_forecast", **_look_ahead(view))
    known = np.concatenate([vectors, ahead])
    limits = (float(np.nanmin(known)), float(np.nanmax(known)))
    axes.set(xlim=limits, ylim=limits, zlim=limits)
    axes.set_proj_type("ortho")
    axes.set_box_aspect((1, 1, 1), zoom=0.92)
    axes.view_init(elev=22, azim=-58)
    axes.set_xlabel("x(t)", labelpad=-8)
    axes.set_ylabel(f"x(t−{_times(view.delay)})", labelpad=-8)
    axes.set_zlabel(f"x(t−{_times(view.delay, 2)})", labelpad=-8)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color(LIGHT["paper"])
        axis.set_ticklabels([])
        axis.line.set_color(LIGHT["edge"])
        axis._axinfo["grid"].update(color=LIGHT["grid"], linewidth=0.6)
        axis._axinfo["tick"].update(inward_factor=0.0, outward_factor=0.0)


def _varies(values: FloatArray) -> bool:
    """Whether there are at least two different values."""
    known = values[np.isfinite(values)]
    return len(known) > 0 and bool(known.min() < known.max())


def _say_nothing(axes: Axes) -> None:
    axes.text(0.5, 0.5, "not determinable", ha="center", va="center", color=LIGHT["soft"], transform=axes.transAxes)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def _draw_delay(axes: Axes, view: ChaosView) -> None:
    axes.set_title("Choice of the delay", pad=4)
    if len(view.lags) == 0:
        _say_nothing(axes)
        return
    largest = float(np.nanmax(view.mutual_information, initial=0.0)) or 1.0
    axes.axhline(0, color=LIGHT["edge"], lw=0.8)
    axes.plot(view.lags, view.autocorrelation, color=LIGHT["held"], lw=1.2, label="autocorrelation")
    axes.plot(view.lags, view.mutual_information / largest, color=LIGHT["forecast"], lw=1.4, label="mutual information")
    axes.axvline(view.delay, color=LIGHT["soft"], lw=0.9, ls=(0, (3, 2)), label=f"τ = {view.delay}")
    _finish(axes, "lag (steps)")


def _draw_dimension(axes: Axes, view: ChaosView) -> None:
    axes.set_title("Choice of the dimension", pad=4)
    if len(view.dimensions) == 0:
        _say_nothing(axes)
        return
    curves: tuple[tuple[FloatArray, str, dict[str, Any]], ...] = (
        (view.cao_e1, "Cao E1", {"color": LIGHT["forecast"], "lw": 1.4}),
        (view.cao_e2, "Cao E2", {"color": LIGHT["soft"], "lw": 1.0, "ls": (0, (4, 1.5))}),
        (view.false_neighbours, "false neighbours", {"color": LIGHT["held"], "lw": 1.2}),
    )
    for curve, name, look in curves:
        if len(curve):
            axes.plot(view.dimensions[: len(curve)], curve, marker="o", ms=2.5, label=name, **look)
    if view.dimension is not None:
        axes.axvline(view.dimension, color=LIGHT["soft"], lw=0.9, ls=(0, (3, 2)), label=f"m = {view.dimension}")
    axes.set_ylim(bottom=0)
    _finish(axes, "dimension")


def _draw_divergence(axes: Axes, view: ChaosView) -> None:
    axes.set_title("Divergence of neighbours", pad=4)
    if len(view.divergence) == 0:
        _say_nothing(axes)
        return
    axes.plot(view.divergence_steps, view.divergence, color=LIGHT["forecast"], lw=1.4, label="mean log distance")
    if view.fit is not None:
        first, last, slope, intercept = view.fit
        ends = np.array([first, last])
        told = "no slope" if abs(slope * (last - first)) < LEAST_NATS / 10 else f"slope {slope:.3g} per step"
        axes.plot(ends, intercept + slope * ends, color=LIGHT["held"], lw=2.2, label=told)
    low, high = axes.get_ylim()
    if high - low < LEAST_NATS:
        axes.set_ylim((low + high - LEAST_NATS) / 2, (low + high + LEAST_NATS) / 2)
    _finish(axes, "steps")


def _finish(axes: Axes, what: str) -> None:
    dress(axes, None, 4)
    axes.margins(x=0.03)
    axes.set_xlabel(what, labelpad=2)
    # Room above the curves, so that the legend covers none of them.
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.42 * (high - low))
    axes.legend(
        loc="upper right",
        fontsize=7.5,
        handlelength=1.3,
        borderpad=0.2,
        labelspacing=0.25,
        frameon=True,
        edgecolor="none",
    )


def _draw_recurrences(axes: Axes, view: ChaosView) -> None:
    """Pairs of times at which the state came back near itself: the nearest tenth of all pairs."""
    axes.set_title("Recurrences", pad=4)
    vectors = delay_vectors(view.values, view.delay, max(view.dimension or 2, 1))
    if not _varies(vectors):
        _say_nothing(axes)
        return
    shown = min(len(vectors), max(RECURRENCE_SIDE, RECURRENCE_DELAYS * view.delay))
    kept = np.unique(np.linspace(0, shown - 1, RECURRENCE_SIDE).astype("int64"))
    picked, _ = unit_scaled(vectors[kept])
    distance = np.sqrt(((picked[:, None, :] - picked[None, :, :]) ** 2).sum(axis=2))
    near = distance <= np.nanquantile(distance, RECURRENCE_SHARE)
    last = float(shown - 1)
    axes.imshow(near, cmap=_ink_on_paper(), origin="lower", extent=(0, last, 0, last), interpolation="nearest")
    dress(axes, None, 3)
    axes.grid(visible=False)
    axes.set_xlabel("step", labelpad=2)


def _ink_on_paper() -> Colormap:
    from matplotlib.colors import ListedColormap

    return ListedColormap([LIGHT["paper"], LIGHT["forecast"]])
