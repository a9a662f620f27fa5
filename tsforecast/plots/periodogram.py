"""The picture of a spectrum: which periods there are (periodogram), and when (wavelet scalogram)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.plots.figure import LIGHT, Words, dress, new_figure, to_axis
from tsforecast.plots.page import save_figure
from tsforecast.plots.ticks import Stamps, value_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Columns of a scalogram: more than a page has pixels for.
MOST_COLUMNS = 1200


def _none() -> FloatArray:
    return np.empty(0, dtype="float64")


@dataclass(frozen=True, eq=False)
class SpectrumView:
    """The spectrum of one series.

    Attributes:
        name: The series.
        summary: A sentence about what was found.
        ds: Stamps `(time,)`.
        y: Values `(time,)`.
        periods: Periods of the periodogram in steps, positive `(k,)`, with their
        power: `(k,)`.
        dominant: Periods to mark, in steps, strongest first.
        wavelet_periods: Periods of the scalogram in steps, ascending `(scale,)`; empty where there is none.
        wavelet_power: `(scale, time)`.
        trusted: Longest period that the edges leave undisturbed, in steps, at each stamp `(time,)`; empty if not known.
    """

    name: str
    summary: str
    ds: Stamps
    y: FloatArray
    periods: FloatArray
    power: FloatArray
    dominant: tuple[float, ...] = ()
    wavelet_periods: FloatArray = field(default_factory=_none)
    wavelet_power: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    trusted: FloatArray = field(default_factory=_none)


def save_spectrum(view: SpectrumView, path: str) -> None:
    """Draw the spectrum into a .png, .svg, .pdf or .html.

    Raises:
        UsageError: Another ending.
        NotReadableError: The file cannot be written.
    """
    words = Words(f"{view.name}: periods", view.summary)
    save_figure(path, words, lambda width, words: draw_spectrum(view, width, words))


def draw_spectrum(view: SpectrumView, width: float, words: Words) -> Figure:
    """The figure; call within `style`: series, periodogram and, where there is one, scalogram, one below the other."""
    narrow, wavelets = width < 7, len(view.wavelet_periods) > 0
    heights = [1.5, 2.4, 2.6][: 2 + wavelets]
    figure = new_figure(width, sum(heights), words)
    panels = np.atleast_1d(figure.subplots(len(heights), 1, height_ratios=heights))
    panels[0].plot(to_axis(view.ds), view.y, color=LIGHT["ink"], lw=0.7)
    panels[0].margins(x=0.0)
    dress(panels[0], view.ds, 4 if narrow else 9)
    panels[0].set_title(view.name, pad=4)
    _draw_periodogram(panels[1], view)
    if wavelets:
        _draw_scalogram(panels[2], view, 4 if narrow else 9)
    return figure


def _draw_periodogram(axes: Axes, view: SpectrumView) -> None:
    share = 100 * view.power / (float(view.power.sum()) or 1.0)
    axes.plot(view.periods, share, color=LIGHT["forecast"], lw=1.0, label="_share")
    axes.set_xscale("log")
    axes.margins(x=0.01)
    top = float(np.max(share, initial=0.0)) or 1.0
    axes.set_ylim(0, top * 1.15)
    for period in view.dominant:
        height = float(share[np.argmin(np.abs(np.log(view.periods / period)))])
        axes.annotate(
            f"{period:.4g}",
            (period, height),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            color=LIGHT["held"],
            fontweight="bold",
            fontsize=8.5,
        )
        axes.plot([period], [height], "o", ms=4, color=LIGHT["held"])
    dress(axes)
    _dress_periods(axes.xaxis)
    axes.set_title("Periodogram: share of the variance (%) by period (steps)", pad=4)


def _dress_periods(axis: Any) -> None:
    """A logarithmic axis of periods: 1, 2, 5, 10, ... in plain figures."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: value_labels(np.array([value]))[0]))
    axis.set_minor_locator(NullLocator())


def _draw_scalogram(axes: Axes, view: SpectrumView, n_ticks: int) -> None:
    """Power over time and period; paler where the edges of the series reach in."""
    stride = -(-len(view.ds) // MOST_COLUMNS)
    power = view.wavelet_power[:, ::stride]
    # Root of the power: the strongest oscillation does not hide the others.
    axes.pcolormesh(
        to_axis(view.ds[::stride]),
        view.wavelet_periods,
        np.sqrt(power),
        cmap="viridis",
        shading="nearest",
        rasterized=True,
    )
    axes.set_yscale("log")
    if len(view.trusted):
        ds = to_axis(view.ds)
        longest = float(view.wavelet_periods[-1])
        axes.fill_between(ds, np.minimum(view.trusted, longest), longest, color=LIGHT["paper"], alpha=0.55, lw=0)
    for period in view.dominant:
        axes.axhline(period, color=LIGHT["paper"], lw=0.8, ls=(0, (3, 2)))
    axes.set_xlim(to_axis(view.ds)[[0, -1]])
    axes.set_ylim(view.wavelet_periods[0], view.wavelet_periods[-1])
    dress(axes, view.ds, n_ticks)
    _dress_periods(axes.yaxis)
    axes.grid(visible=False)
    axes.set_title("Scalogram: when which period (steps) is strong", pad=4)
