"""The picture of a training: errors by epoch, the learning rate, and the weights that the network could be given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.plots.figure import LIGHT, Words, dress, label_right, new_figure
from tsforecast.plots.page import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tsforecast.models.training_curve import TrainingCurve


def save_training(curve: TrainingCurve, path: str, *, title: str, option: str = "--plot") -> None:
    """Draw how a network learnt.

    Raises:
        UsageError: Another ending than .png, .svg, .pdf or .html.
        NotReadableError: The file cannot be written.
    """
    kept = f"kept: epoch {curve.kept + 1} of {len(curve.training)}"
    told = kept if curve.gate is None else f"{kept}; its correction has weight {curve.gate:g}"
    caption = "Absolute errors of scaled values; those of training are means over an epoch, with dropout."
    save_figure(
        path, Words(title, told, caption), lambda width, words: draw_training(curve, width, words), option=option
    )


def draw_training(curve: TrainingCurve, width: float, words: Words) -> Figure:
    """The figure; call within `style`. Under seven inches the panels are stacked."""
    n_panels = 3 if curve.gates else 2
    narrow = width < 7
    figure = new_figure(width, 2.6 * n_panels if narrow else 3.8, words)
    ratios = [2.2, 1.2, 1][:n_panels]
    shape: Any = {"nrows": n_panels} if narrow else {"ncols": n_panels, "width_ratios": ratios}
    panels = figure.subplots(**shape)
    _draw_errors(panels[0], curve)
    epochs = np.arange(1, len(curve.rate) + 1)
    panels[1].plot(epochs, curve.rate, color=LIGHT["soft"], marker="o" if len(epochs) == 1 else "")
    panels[1].set_ylim(bottom=0.0)
    dress(panels[1], epochs, 4)
    panels[1].set_title("Learning rate by epoch", pad=4)
    if curve.gates:
        _draw_gates(panels[2], curve)
    return figure


def _draw_errors(axes: Axes, curve: TrainingCurve) -> None:
    epochs = np.arange(1, len(curve.training) + 1)
    labels = []
    for name, errors, color in (("training", curve.training, "held"), ("validation", curve.validation, "forecast")):
        if errors:
            axes.plot(epochs, errors, color=LIGHT[color], marker="o" if len(epochs) == 1 else "", label=f"_{name}")
            labels.append((float(errors[-1]), name, LIGHT[color]))
    if curve.validation:
        axes.plot([curve.kept + 1], [curve.validation[curve.kept]], "o", color=LIGHT["forecast"], ms=6, label="_kept")
    dress(axes, epochs, 8)
    axes.set_title("Error by epoch", pad=4)
    label_right(axes, labels)


def _draw_gates(axes: Axes, curve: TrainingCurve) -> None:
    """Validation error with each weight of the correction, the one it was given marked."""
    weights, errors = (np.array(column) for column in zip(*curve.gates, strict=True))
    axes.plot(weights, errors, color=LIGHT["soft"], marker="o", ms=4)
    own = weights == curve.gate
    axes.plot(weights[own], errors[own], "o", color=LIGHT["forecast"], ms=8)
    dress(axes, None, 4)
    axes.set_xticks(weights)
    axes.set_title("Validation by gate", pad=4)
