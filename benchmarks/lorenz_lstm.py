"""How long an LSTM on delay vectors forecasts Lorenz' x: python benchmarks/lorenz_lstm.py [--seeds 3]

Data, starts and measure are those of benchmarks/lorenz.py. Of the 5,000 training points the last 500 choose the epoch,
and the penalty of the head by free runs; delay and dimension are chosen on the other 4,500.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from contest import series_of
from lorenz import HORIZON, N_LATER, N_TRAINING, STEP, valid_times
from provenance import print_provenance

from tsforecast.data.series import Series
from tsforecast.model_config import NetworkConfig
from tsforecast.models.contract import Model
from tsforecast.models.registry import find
from tsforecast.models.task import Task
from tsforecast.synth import generate

N_VALIDATION, CHOSEN_OVER = 500, 100


def fitted(cell: str, training: Series, seed: int) -> Model:
    """A network on delay vectors, everything chosen on the training points."""
    task = Task([training], CHOSEN_OVER, [N_VALIDATION], cell)
    model = find(cell).fit(task, NetworkConfig(embed="auto"), seed=seed, tell=lambda _: None)
    print(f"<!-- {model.notes[0]}, penalty {model.state().settings['penalty']:g} -->")
    return model


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
        series = series_of([values])[0]
        model = fitted(options.model, series.until(N_TRAINING), seed)
        seconds = time.process_time() - started
        times = valid_times(model, series)
        shown = " | ".join(f"{figure:.1f}" for figure in (times.mean(), np.median(times), times.min(), seconds))
        print(f"| {options.model} | {seed} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
