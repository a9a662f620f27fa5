"""Long recursions of a saved network, one step at a time: seconds against the horizon, after loading.

python benchmarks/recursion.py [DATA.csv] [--model lstm] [--context-length 48]

Without a path, on 2,000 points of a noisy sine; a path is a CSV whose last column is the series. The network is
trained for two epochs only: its speed does not depend on what it has learnt.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
from contest import contest, series_of
from noisy_sine import noisy_sine
from provenance import print_provenance

from tsforecast.models.networks.correction import Correction
from tsforecast.models.networks.network import NetworkModel

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
    known = series_of([series], 50)
    how = {"context_length": options.context_length, "segment_length": 1, "units": options.units, "epochs": 2}
    trained = contest(known, 50, 200, options.model, **how).models[options.model]
    if not isinstance(trained, NetworkModel) or not isinstance(trained.core, Correction):
        raise SystemExit(f"{options.model} is not a network that corrects")
    # a gate of 0 would leave the network out of the file
    trained = replace(trained, core=trained.core.gated(1.0))
    loaded = type(trained).restored(trained.state())
    loaded.predict(known, 10)
    print(f"{'steps':>7} {'seconds':>8} {'of CPU':>8} {'ms a step':>10}   ({options.model})")
    for horizon in HORIZONS:
        began, spent = time.perf_counter(), time.process_time()
        loaded.predict(known, horizon)
        seconds, spent = time.perf_counter() - began, time.process_time() - spent
        print(f"{horizon:>7} {seconds:8.2f} {spent:8.2f} {1000 * seconds / horizon:10.3f}")


if __name__ == "__main__":
    main()
