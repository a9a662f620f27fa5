"""Pictures of a network: which rows its forecast looked at, and how its training went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsforecast.cli.console import Console
from tsforecast.errors import UsageError

if TYPE_CHECKING:
    from tsforecast.workflows.fit import Fit

ATTENTION, TRAINING = "--plot-attention", "--plot-training"


def attends(path: str | None, name: str) -> None:
    """Refuse a picture of attention of a model that has none, before it is fitted.

    Raises:
        UsageError: The model that is named has none, or none is named.
    """
    from tsforecast.models import registry
    from tsforecast.models.contract import Model

    if path is None:
        return
    able = [n for n, model in registry.everything().items() if model.attention is not Model.attention]
    if name not in able:
        whose = (
            "needs a model to be named" if name == registry.AUTO else f"needs a model that attends, which {name} is not"
        )
        raise UsageError(f"{ATTENTION} {whose}", f"--model {' or '.join(able)}")


def draw_attention(path: str | None, fitted: Fit, console: Console) -> None:
    """The rows that the forecast of the first series looked at; a line where it looked at none."""
    if path is None:
        return
    series, chain = fitted.series[0], fitted.transformed.chain
    weights = fitted.model.attention(series if chain is None else chain.forward(series))
    if weights is None:
        console.warn(
            f"{ATTENTION} drew nothing: the forecast looks back at nothing (see the report on {fitted.chosen})"
        )
        return
    from tsforecast.plots.attention import save_attention

    shown = series.name if len(fitted.series) == 1 else f"{series.name}, the first of {len(fitted.series):,} series"
    save_attention(weights, path, title=f"What {fitted.chosen} looked at: {shown}", option=ATTENTION)
    console.say(f"{'attention':<11}{path}")


def draw_training(path: str | None, fitted: Fit, console: Console) -> None:
    """The training of the model that forecasts, or else of the last that was trained; a line where none was."""
    if path is None:
        return
    curves = {name: m.training for name, m in fitted.choice.models.items() if m.training is not None}
    if not curves:
        console.warn(f"{TRAINING} drew nothing: no model was trained (--model names one)")
        return
    from tsforecast.plots.epochs import save_training

    name = fitted.chosen if fitted.chosen in curves else list(curves)[-1]
    save_training(curves[name], path, title=f"The training of {name}", option=TRAINING)
    console.say(f"{'training':<11}{path}")
