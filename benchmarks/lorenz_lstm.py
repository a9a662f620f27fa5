"""How long an LSTM on delay vectors forecasts Lorenz' x: python benchmarks/lorenz_lstm.py [--seeds 3]

Data, starts and measure are those of benchmarks/lorenz.py. Of the 5,000 training points the last 500 choose the epoch,
and the penalty of the head by free runs; delay and dimension are chosen on the other 4,500.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from lorenz import HORIZON, N_LATER, N_TRAINING, STEP, valid_times
from provenance import print_provenance
from tsforecast.models.candidate import Candidate
from tsforecast.models.networks.embedded import fit_embedded
from tsforecast.models.validation import validation_of

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.data.panel import FloatArray
from tsforecast.synth import generate

N_VALIDATION, CHOSEN_OVER = 500, 100


def fitted(cell: str, training: FloatArray, fit: FitConfig) -> Candidate:
    """A network on delay vectors, everything chosen on the training points `(time, 1)`."""
    model = ModelConfig(model=cell, embed="auto")
    trial = validation_of([training], CHOSEN_OVER, [N_VALIDATION], 1, model)
    notes: list[str] = []
    candidate = fit_embedded(cell, trial, model, fit, lambda _: None, notes)
    print(f"<!-- {notes[0]}, penalty {candidate.metadata()['settings']['penalty']:g} -->")
    return candidate


def main() -> None:
    """Learn, forecast and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="lstm", choices=["rnn", "lstm", "gru"])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    print_provenance()
    print("| model | seed | mean Lyapunov times | median | shortest | CPU s to fit |\n|---|---|---|---|---|---|")
    for seed in range(options.seeds):
        table = generate("lorenz", length=N_TRAINING + N_LATER + HORIZON, step=STEP, seed=seed, coordinates=["x"])
        values = table["x"].to_numpy()[:, None]
        started = time.process_time()
        candidate = fitted(options.model, values[:N_TRAINING], FitConfig(seed=seed))
        seconds = time.process_time() - started
        times = valid_times(candidate.forecaster, candidate.scaler.transform([values])[0])
        shown = " | ".join(f"{figure:.1f}" for figure in (times.mean(), np.median(times), times.min(), seconds))
        print(f"| {options.model} | {seed} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
