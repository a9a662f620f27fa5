"""The picture of a forecast: what was, what was held out, what is to come, and how wrong it was."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.data.panel import FloatArray
from tsforecast.plots.explorer.document import save_page
from tsforecast.plots.figure import LIGHT, Words, dress, figure_suffix, label_right, new_figure, tints, to_axis
from tsforecast.plots.gaps import broken
from tsforecast.plots.page import save_figure
from tsforecast.plots.ticks import Stamps, stamp_text
from tsforecast.plots.view import ForecastView, Residuals, SeriesView

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 9
# Below this many origins a spread by step says nothing; a histogram of all errors is shown instead.
FEWEST_ORIGINS = 5


def save_forecast(view: ForecastView, path: str, option: str = "--plot") -> None:
    """Draw a forecast into a file.

    Args:
        view: At least one series; a picture shows at most nine, and the caption says how many are not drawn.
        path: Ends in .png, .svg, .pdf or .html; the page has all series, and what they were judged by.
        option: What asked for it, for the message of an error.

    Raises:
        UsageError: Another ending.
        NotReadableError: The file cannot be written.
    """
    if figure_suffix(path) == "html":
        save_page(view, path, option)
        return
    more = len(view.series) - MOST_PANELS
    caption = " ".join(filter(None, [f"{more:,} more series are not drawn." if more > 0 else "", view.caption]))
    save_figure(path, Words(view.title, view.subtitle, caption), lambda width, words: draw_forecast(view, width, words))


def draw_forecast(view: ForecastView, width: float, words: Words) -> Figure:
    """The figure; call within `style`.

    Args:
        view: What to draw.
        width: Inches; under seven the panels are stacked.
        words: What to write around it.
    """
    shown = [series.shown() for series in view.series[:MOST_PANELS]]
    narrow = width < 7
    across = 1 if narrow or len(shown) == 1 else min(len(shown), 2 if len(shown) in (2, 4) else 3)
    down = -(-len(shown) // across)
    errors = _pooled(view.series)
    heights = [3.5 if len(shown) == 1 and not narrow else 2.6 if len(shown) == 1 else 1.75] * down
    below = [] if errors is None else [1.55] * (2 if narrow else 1)
    figure = new_figure(width, sum(heights) + sum(below), words)
    parts: Any = figure.subfigures(1 + bool(below), 1, height_ratios=[sum(heights), *([sum(below)] if below else [])])
    parts = np.atleast_1d(parts)
    grid = parts[0].subplots(down, across, squeeze=False)
    for axes, series in zip(grid.flat, shown, strict=False):
        _draw_series(axes, series, alone=len(shown) == 1, narrow=narrow)
    for axes in grid.flat[len(shown) :]:
        axes.set_visible(False)
    _add_key(parts[0] if len(shown) > 1 else grid.flat[0], shown, narrow=narrow)
    if errors is not None:
        shape = {"nrows": 2, "ncols": 1} if narrow else {"nrows": 1, "ncols": 2, "width_ratios": [2.2, 1.0]}
        first, second = parts[1].subplots(**shape)
        unit = shown[0].label if len(view.series) == 1 else "standard deviations"
        _draw_errors(first, errors, unit, room=46 if narrow else 90)
        _draw_spread(second, errors)
    return figure


def _draw_series(axes: Axes, view: SeriesView, *, alone: bool, narrow: bool) -> None:
    """History, held-out forecast and fan of one series."""
    _draw_fan(axes, view)
    _draw_holdout(axes, view)
    ds, y = broken(view.history_ds, view.history_y)
    axes.plot(to_axis(ds), y, color=LIGHT["ink"], lw=1.1, label="_history", **_lone(view))
    repaired = np.isin(view.history_ds, view.repaired_ds)
    if repaired.any():
        axes.plot(
            to_axis(view.history_ds[repaired]),
            view.history_y[repaired],
            ls="none",
            marker="o",
            ms=3.2,
            mfc=LIGHT["paper"],
            mec=LIGHT["repair"],
            mew=0.9,
            label="_repaired",
        )
    low, high = view.value_range()
    room = (high - low) or abs(high) * 0.1 or 1.0
    # The strip above the values is for the cutoff's stamp, so that it never lies over a line.
    axes.set_ylim(low - 0.05 * room, high + (0.14 if alone else 0.06) * room)
    axes.margins(x=0.01)
    stamps = np.concatenate([view.history_ds, view.forecast_ds]) if len(view.forecast_ds) else view.history_ds
    dress(axes, stamps, 5 if narrow else 9 if alone else 4)
    if len(view.history_ds) and len(view.forecast_ds):
        _mark_cutoff(axes, view.history_ds[-1], named=alone)
    if alone:
        axes.set_ylabel(view.label or view.name)
        _name_bands(axes, view)
    else:
        named = view.name if view.label in ("", view.name) else f"{view.name} ({view.label})"
        axes.set_title(named, pad=4)


def _lone(view: SeriesView) -> dict[str, Any]:
    """A single observed value is a dot, since a line through one point is invisible."""
    return {"marker": "o", "ms": 3} if np.isfinite(view.history_y).sum() == 1 else {}


def _draw_fan(axes: Axes, view: SeriesView) -> None:
    if len(view.forecast_ds) == 0:
        return
    ds = to_axis(view.forecast_ds)
    beyond = len(ds) if view.beyond_horizon is None else view.beyond_horizon
    if beyond < len(ds):
        axes.axvspan(ds[beyond], ds[-1], color=LIGHT["beyond"], lw=0, zorder=0.4, label="_beyond")
    for level, tint in zip(view.levels(), tints(len(view.levels())), strict=True):
        lo, hi = view.bands[level]
        if len(ds) == 1:
            axes.vlines(ds, lo, hi, color=tint, lw=7, zorder=1.5)
        else:
            axes.fill_between(ds, lo, hi, color=tint, lw=0, zorder=1.5, label=f"_band {level:g}")
    known, lost = slice(0, beyond + 1), slice(beyond, None)
    dot: dict[str, Any] = {"marker": "o", "ms": 3.5} if len(ds) == 1 else {}
    axes.plot(ds[known], view.forecast_y[known], color=LIGHT["forecast"], lw=1.6, label="_forecast", **dot)
    if beyond < len(ds):
        axes.plot(ds[lost], view.forecast_y[lost], color=LIGHT["lost"], lw=1.3, label="_lost")


def _draw_holdout(axes: Axes, view: SeriesView) -> None:
    if len(view.holdout_ds) == 0:
        return
    held = view.holdout_ds
    level = max(view.holdout_bands, default=None)
    if level is not None:
        ds, _, lo, hi = broken(held, view.holdout_yhat, *view.holdout_bands[level])
        axes.fill_between(to_axis(ds), lo, hi, color=LIGHT["heldfan"], lw=0, zorder=1.4, label="_held band")
    later = ~np.isin(held, view.history_ds)
    if later.any():
        ds, truth = broken(held[later], view.holdout_y[later])
        axes.plot(to_axis(ds), truth, color=LIGHT["ink"], lw=1.1, label="_truth")
    ds, yhat = broken(held, view.holdout_yhat)
    axes.plot(to_axis(ds), yhat, color=LIGHT["held"], lw=1.3, zorder=2.5, label="_held-out forecast")


def _mark_cutoff(axes: Axes, cutoff: Any, *, named: bool) -> None:
    x = to_axis(np.array([cutoff]))[0]
    axes.axvline(x, color=LIGHT["soft"], lw=0.8, ls=(0, (3, 2)), zorder=1.8, label="_cutoff")
    if named:
        axes.annotate(
            stamp_text(cutoff),
            (x, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-4, -2),
            textcoords="offset points",
            ha="right",
            va="top",
            color=LIGHT["soft"],
            fontsize=8.5,
        )


def _name_bands(axes: Axes, view: SeriesView) -> None:
    """Write the levels and "forecast" at the right end of the fan, kept apart where they would overlap."""
    if len(view.forecast_ds) == 0:
        return
    labels = [(float(view.forecast_y[-1]), "forecast", LIGHT["forecast"])]
    for level in view.levels():
        upper = view.bands[level][1]
        last = int(np.flatnonzero(np.isfinite(upper))[-1])
        if last == len(upper) - 1:
            labels.append((float(upper[last]), f"{level:g} %", LIGHT["soft"]))
            continue
        # A band that ends before the forecast does is named where it ends.
        end = (to_axis(view.forecast_ds)[last], float(upper[last]))
        look: dict[str, Any] = {"va": "center", "color": LIGHT["soft"], "fontsize": 8.5}
        axes.annotate(f"{level:g} %", end, xytext=(4, 0), textcoords="offset points", **look)
    label_right(axes, labels)


def _add_key(target: Any, shown: list[SeriesView], *, narrow: bool) -> None:
    """One row of what the lines are, above the panels; what is named at its place already is left out."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[Any] = [Line2D([], [], color=LIGHT["ink"], lw=1.4, label="observed")]
    if any(len(view.holdout_ds) for view in shown):
        entries.append(Line2D([], [], color=LIGHT["held"], lw=1.4, label="held-out forecast"))
    if any(len(view.repaired_ds) for view in shown):
        mark: dict[str, Any] = {"marker": "o", "ms": 4, "mfc": LIGHT["paper"], "mec": LIGHT["repair"], "ls": "none"}
        entries.append(Line2D([], [], label="repaired", **mark))
    if len(shown) > 1 and any(len(view.forecast_ds) for view in shown):
        entries.append(Line2D([], [], color=LIGHT["forecast"], lw=1.6, label="forecast"))
        levels = next((view.levels() for view in shown if view.bands), [])
        entries += [Patch(color=tint, label=f"{x:g} %") for x, tint in zip(levels, tints(len(levels)), strict=True)]
    if any(view.beyond_horizon is not None for view in shown):
        entries.append(Patch(color=LIGHT["beyond"], label="beyond the predictability horizon"))
    look: dict[str, Any] = {"ncols": 2 if narrow else len(entries), "handlelength": 1.5, "columnspacing": 1.6}
    if len(shown) > 1:
        target.legend(handles=entries, loc="outside upper left", borderaxespad=0.2, **look)
    else:
        at = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderpad": 0.1, "borderaxespad": 0.2}
        target.legend(handles=entries, **at, **look)


def _pooled(series: list[SeriesView]) -> Residuals | None:
    """The errors of all series together; of several, each in standard deviations of its own history."""
    parts: list[tuple[Stamps, Any, FloatArray]] = []
    for view in series:
        errors = view.errors
        if errors is None or not np.isfinite(errors.error).any():
            continue
        scale = 1.0 if len(series) == 1 else float(np.nanstd(view.history_y))
        if scale > 0:
            parts.append((errors.ds, errors.step, errors.error / scale))
    if not parts:
        return None
    ds, step, error = (np.concatenate(column) for column in zip(*parts, strict=True))
    known = np.isfinite(error)
    return Residuals(ds[known], step[known], error[known])


def _draw_errors(axes: Axes, errors: Residuals, unit: str, room: int) -> None:
    """Errors over time; where a stamp was forecast several times (or for several series), their median and spread."""
    stamps, which, counts = np.unique(errors.ds, return_inverse=True, return_counts=True)
    ordered = errors.error[np.argsort(which, kind="stable")]
    parts = np.split(ordered, np.cumsum(counts)[:-1])
    low, middle, high = np.array([np.quantile(part, [0.1, 0.5, 0.9]) for part in parts]).T
    title = "Held out: observed minus forecast"
    ds, middle, low, high = broken(stamps, middle, low, high)
    if counts.max() > 1:
        axes.fill_between(to_axis(ds), low, high, color=LIGHT["heldfan"], lw=0)
        title += ", median and 10–90 %"
    axes.axhline(0.0, color=LIGHT["edge"], lw=0.8)
    dot: dict[str, Any] = {"marker": "o", "ms": 3} if len(stamps) == 1 else {}
    axes.plot(to_axis(ds), middle, color=LIGHT["held"], lw=0.9, label="_residuals", **dot)
    axes.margins(x=0.01)
    dress(axes, stamps, room // 10)
    axes.set_title(textwrap.fill(title + (f", in {unit}" if unit else ""), room), pad=4)


def _draw_spread(axes: Axes, errors: Residuals) -> None:
    """Size of the error by step where several origins tell it, else how errors are distributed."""
    steps, origins = np.unique(errors.step, return_counts=True)
    if len(steps) > 1 and origins.min() >= FEWEST_ORIGINS:
        sizes = [np.abs(errors.error[errors.step == step]) for step in steps]
        low, middle, high = np.array([np.quantile(size, [0.1, 0.5, 0.9]) for size in sizes]).T
        axes.fill_between(steps, low, high, color=LIGHT["heldfan"], lw=0)
        axes.plot(steps, middle, color=LIGHT["held"], lw=1.3, label="_error by step")
        axes.set_ylim(bottom=0.0)
        axes.margins(x=0.02)
        dress(axes, steps, 5)
        axes.set_title("Size of error by step (median, 10–90 %)", pad=4)
        return
    axes.hist(errors.error, bins=min(40, max(8, int(np.sqrt(len(errors.error)) * 1.5))), color=LIGHT["held"], alpha=0.8)
    axes.axvline(0.0, color=LIGHT["edge"], lw=0.8)
    dress(axes, None, 5)
    axes.set_title("Distribution of errors", pad=4)
