"""The picture of a backtest: how the error of each candidate grows with the step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsforecast.plots.figure import LIGHT, Words, dress, label_right, new_figure
from tsforecast.plots.page import save_figure
from tsforecast.plots.ticks import value_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Candidates other than the chosen one; told apart by colour and dash, and named beside their lines.
LOOKS: tuple[dict[str, Any], ...] = (
    {"color": LIGHT["held"], "ls": "-"},
    {"color": LIGHT["repair"], "ls": (0, (5, 1.5))},
    {"color": LIGHT["ink"], "ls": (0, (1.5, 1.2))},
    {"color": LIGHT["soft"], "ls": "-"},
    {"color": LIGHT["lost"], "ls": (0, (4, 1.5, 1, 1.5))},
)
MOST_LINES = 10


def save_backtest(
    by_step: pd.DataFrame, path: str, *, chosen: str, title: str, subtitle: str = "", caption: str = "", unit: str = ""
) -> None:
    """Draw the error by step and the mean error of every candidate.

    Args:
        by_step: Mean absolute error: index `step` (from 1), one column a candidate `(step, candidate)`.
        path: Ends in .png, .svg, .pdf or .html.
        chosen: The candidate to stress, one of the columns.
        title: One line.
        subtitle: A sentence: origins, reference, skill.
        caption: Small print.
        unit: Of the error.

    Raises:
        UsageError: Another ending.
        NotReadableError: The file cannot be written.
    """
    words = Words(title, subtitle, caption)
    save_figure(path, words, lambda width, words: draw_backtest(by_step, chosen, unit, width, words))


def draw_backtest(by_step: pd.DataFrame, chosen: str, unit: str, width: float, words: Words) -> Figure:
    """The figure; call within `style`. Arguments as for `save_backtest`; under seven inches panels are stacked."""
    means = by_step.mean().sort_values(kind="stable")
    names = [str(name) for name in means.index][:MOST_LINES]
    if chosen in by_step.columns and chosen not in names:
        names[-1] = chosen
    others = iter(range(len(names)))
    looks = {
        name: {"color": LIGHT["forecast"], "ls": "-"} if name == chosen else LOOKS[next(others) % len(LOOKS)]
        for name in names
    }
    narrow = width < 7
    figure = new_figure(width, 5.6 if narrow else 3.8, words)
    shape: Any = {"nrows": 2, "height_ratios": [1.8, 1]} if narrow else {"ncols": 2, "width_ratios": [2.4, 1]}
    lines, bars = figure.subplots(**shape)
    _draw_lines(lines, by_step, looks, chosen, unit)
    _draw_means(bars, [float(means[name]) for name in names], looks, chosen)
    return figure


def _draw_lines(axes: Axes, by_step: pd.DataFrame, looks: dict[str, dict[str, Any]], chosen: str, unit: str) -> None:
    steps = by_step.index.to_numpy()
    dot: dict[str, Any] = {"marker": "o", "ms": 5} if len(steps) == 1 else {}
    for name, look in looks.items():
        stressed: dict[str, Any] = {"lw": 2.2, "zorder": 3} if name == chosen else {"lw": 1.2}
        axes.plot(steps, by_step[name].to_numpy(), label=f"_{name}", **look, **stressed, **dot)
    axes.set_ylim(bottom=0.0)
    axes.margins(x=0.02)
    dress(axes, steps, 9)
    axes.set_title("Mean absolute error by step ahead" + (f" ({unit})" if unit else ""), pad=4)
    label_right(axes, [(float(by_step[name].iloc[-1]), name, str(look["color"])) for name, look in looks.items()])


def _draw_means(axes: Axes, means: list[float], looks: dict[str, dict[str, Any]], chosen: str) -> None:
    """The mean over all steps, best at the top, with its number."""
    places = np.arange(len(means))
    axes.barh(places, means, height=0.62, color=[look["color"] for look in looks.values()])
    for bar, name in zip(axes.patches, looks, strict=True):
        bar.set_alpha(1.0 if name == chosen else 0.55)
    for place, mean, text in zip(places, means, value_labels(np.array(means)), strict=True):
        axes.annotate(text, (mean, place), xytext=(3, 0), textcoords="offset points", va="center", fontsize=8.5)
    dress(axes, None, 4)
    axes.set_yticks(places, list(looks))
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.margins(x=0.2)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_title("Mean over all steps", pad=4)
