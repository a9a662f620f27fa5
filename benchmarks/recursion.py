"""Long recursions of a saved network, one step at a time: seconds against the horizon, after loading.

python benchmarks/recursion.py [DATA.csv] [--model lstm] [--context-length 48]

Without a path, on 2,000 points of a noisy sine; a path is a CSV whose last column is the series. The network is
trained for two epochs only: its speed does not depend on what it has learnt.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from noisy_sine import noisy_sine
from provenance import print_provenance
from tsforecast.models.networks.recurrent import Network
from tsforecast.models.selection import fit_candidates

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.models.networks.serving import OnnxNetwork

HORIZONS = (1000, 2000, 5000, 10000)


def main() -> None:
    """Print one line a horizon."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("path", nargs="?", type=Path)
    parser.add_argument("--model", default="lstm", choices=["rnn", "lstm", "gru"])
    parser.add_argument("--context-length", type=int, default=48)
    parser.add_argument("--units", type=int, help="default: as for any series of this length")
    options = parser.parse_args()
    print_provenance()
    series = pd.read_csv(options.path).iloc[:, [-1]].to_numpy("float64") if options.path else noisy_sine(0)
    model = ModelConfig(
        model=options.model, context_length=options.context_length, segment_length=1, units=options.units
    )
    fitted = fit_candidates(
        [series], horizon=50, n_validation=200, season_length=50, model=model, fit=FitConfig(epochs=2)
    )
    candidate = fitted.candidates[options.model]
    if not isinstance(candidate.forecaster, Network):
        raise SystemExit(f"{options.model} is not a network")
    # a gate of 0 would leave the network out of the file
    candidate = replace(candidate, forecaster=candidate.forecaster.gated(1.0))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.onnx")
        candidate.export_onnx(str(path))
        served = OnnxNetwork(path.read_bytes(), candidate.context_length, 1, 1)
    loaded = replace(candidate, forecaster=served)
    loaded.predict([series], 10, np.array([0]))
    print(f"{'steps':>7} {'seconds':>8} {'of CPU':>8} {'ms a step':>10}   ({options.model})")
    for horizon in HORIZONS:
        began, spent = time.perf_counter(), time.process_time()
        loaded.predict([series], horizon, np.array([0]))
        seconds, spent = time.perf_counter() - began, time.process_time() - spent
        print(f"{horizon:>7} {seconds:8.2f} {spent:8.2f} {1000 * seconds / horizon:10.3f}")


if __name__ == "__main__":
    main()
