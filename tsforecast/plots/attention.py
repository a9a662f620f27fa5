"""The picture of attention: for each step ahead, how much each row of the context counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.plots.figure import LIGHT, Words, dress, new_figure
from tsforecast.plots.page import save_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_attention(weights: FloatArray, path: str, *, title: str, option: str = "--plot") -> None:
    """Draw weights `(step ahead, row seen)`, the newest row last.

    Raises:
        UsageError: Another ending than .png, .svg, .pdf or .html.
        NotReadableError: The file cannot be written.
    """
    even = 1 / max(1, int(np.count_nonzero(weights.any(axis=0))))
    words = Words(
        title,
        "each step's weights add up to 1; darker is more",
        f"All rows alike would be {even:.3g} each. A weight says what was looked at, not what follows from it.",
    )
    save_figure(path, words, lambda width, words: draw_attention(weights, width, words), option=option)


def draw_attention(weights: FloatArray, width: float, words: Words) -> Figure:
    """The figure; call within `style`."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(width, 3.8, words)
    axes = figure.subplots()
    n_steps, n_rows = weights.shape
    tint = LinearSegmentedColormap.from_list("attention", [LIGHT["paper"], LIGHT["fan4"], LIGHT["forecast"]])
    axes.imshow(
        weights,
        aspect="auto",
        interpolation="nearest",
        cmap=tint,
        vmin=0,
        vmax=max(float(weights.max()), 1e-12),
        extent=(-n_rows + 0.5, 0.5, n_steps + 0.5, 0.5),
    )
    dress(axes, None, 6)
    axes.grid(visible=False)
    axes.set_title("Row of the context, counted from the last (0)", pad=4)
    axes.set_ylabel("step ahead")
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    return figure
