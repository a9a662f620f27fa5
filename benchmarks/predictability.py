"""The predictability horizon as stated, and what then happens on later rows.

    python benchmarks/predictability.py [--systems a,b] [--noise 0,0.01] [--seeds 3] [--horizons 25,200] [--model NAME]

3,000 values are learnt from. "card" is the horizon of the chaos card alone; the others are those that `--dynamics`
states for a forecast of so many steps, from the held-out forecasts of the model. "actual" is the mean over 40 later
origins of the steps before the error exceeds 0.4 standard deviations, of the model as fitted for the longest of the
horizons; a run that is valid to its last step counts with all of it (">=").
"""

from __future__ import annotations

import argparse
import platform
import sys
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import scipy
from contest import series_of

from tsforecast.config import ModelConfig
from tsforecast.data.panel import FloatArray, Panel
from tsforecast.insight.chaos.card import TOLERATED_ERROR
from tsforecast.synth import generate
from tsforecast.workflows.fit import Fit, FitSettings, fit
from tsforecast.workflows.horizons import predictability

LEARNED, LATER, ORIGINS = 3000, 2500, 40
LONGEST = {"lorenz": 400, "rossler": 1500, "mackey-glass": 3000, "henon": 60, "logistic": 40}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", default="lorenz,rossler,mackey-glass")
    parser.add_argument("--noise", default="0,0.01")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--horizons", default="25,200")
    parser.add_argument("--model", default="kernel")
    options = parser.parse_args()
    horizons = [int(h) for h in options.horizons.split(",")]
    print(f"# python {' '.join(sys.argv)}")
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}"
    print(f"# {datetime.now(UTC).date()}, {versions}")
    heads = "".join(f"{f'stated/{h}':>12}" for h in horizons)
    print(f"{'system':<14}{'noise':>6}{'seed':>5}{'actual':>9}{'card':>8}{heads}  ratios to actual")
    for name in options.systems.split(","):
        for noise in map(float, options.noise.split(",")):
            for seed in range(options.seeds):
                row(name, noise, seed, horizons, options.model)


def row(name: str, noise: float, seed: int, horizons: list[int], model: str) -> None:
    """Print stated and actual steps for one series."""
    longest = LONGEST[name]
    x = generate(name, length=LEARNED + LATER + longest, noise=noise, seed=seed).iloc[:, 1].to_numpy()
    frame = pd.DataFrame({"unique_id": "", "ds": np.arange(LEARNED), "x": x[:LEARNED]})
    panel = Panel.checked(frame, 1)
    stated, card = [], float("nan")
    for horizon in horizons:
        fitted = fit(panel, FitSettings(horizon=horizon, model=ModelConfig(model=model)))
        (own,) = predictability(fitted.series, (fitted.validation, fitted.holdout), fitted.chosen)
        stated.append(own.horizon.steps if own.horizon else float("nan"))
        card = own.card.horizon.steps if own.card.horizon else float("nan")
    steps = actual(fitted, x, longest)
    whole = ">=" if (steps == longest).any() else ""
    told = [card, *stated]
    ratios = " ".join(f"{s / steps.mean():.2f}" for s in told)
    figures = "".join(f"{s:>12.0f}" for s in stated)
    print(
        f"{name:<14}{noise:>6.2f}{seed:>5}{whole + f'{steps.mean():.0f}':>9}{card:>8.0f}{figures}  {ratios}", flush=True
    )


def actual(fitted: Fit, x: FloatArray, longest: int) -> FloatArray:
    """Valid steps from each later origin `(origin,)`."""
    origins = np.linspace(LEARNED, LEARNED + LATER, ORIGINS).astype("int64")
    whole = series_of([x[:, None]])[0]
    yhat = fitted.transformed.predict([whole.until(cutoff) for cutoff in origins], longest, fitted.chosen)[:, :, 0]
    happened = np.stack([x[cutoff : cutoff + longest] for cutoff in origins])
    over = ~(np.abs(yhat - happened) <= TOLERATED_ERROR * x[:LEARNED].std())
    return np.where(over.any(axis=1), over.argmax(axis=1), longest)


if __name__ == "__main__":
    main()
