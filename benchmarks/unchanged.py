"""Whether two checkouts forecast the same: python benchmarks/unchanged.py BEFORE [AFTER] [--models naive ridge]

BEFORE and AFTER are roots of checkouts; both run with this Python and on the sample data of AFTER. Printed is the
largest difference of `yhat`, and of the bounds of the intervals, relative to the largest |yhat| of the file. Networks
of the two long files train for 2 epochs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from provenance import print_provenance

FILES = {"uk_daily_flights": 28, "nyc_taxi": 96, "machine_temperature_system_failure": 48}
MODELS = ["naive", "seasonal-naive", "drift", "ridge", "kernel", "gru"]


def forecast(tree: Path, data: Path, horizon: int, model: str, out: Path) -> pd.DataFrame | str:
    """What the checkout forecasts, or the line it refuses with."""
    epochs = ["--epochs", "2"] if model == "gru" and horizon != FILES["uk_daily_flights"] else []
    command = [sys.executable, "-m", "tsforecast", "forecast", str(data), "--horizon", str(horizon), "--model", model]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(
        [*command, *epochs, "-o", str(out)], env=environment, cwd=tree, capture_output=True, text=True, check=False
    )
    return pd.read_csv(out) if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def main() -> None:
    """Forecast with both and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path, nargs="?", default=Path(__file__).resolve().parents[1])
    parser.add_argument("--models", nargs="+", default=MODELS)
    given = parser.parse_args()
    print_provenance()
    print("| file | model | yhat | intervals |\n|---|---|---|---|")
    with TemporaryDirectory() as folder:
        for name, horizon in FILES.items():
            data = given.after.resolve() / "sample_data" / f"{name}.csv"
            for model in given.models:
                first, second = (
                    forecast(tree.resolve(), data, horizon, model, Path(folder) / f"{place}.csv")
                    for place, tree in enumerate((given.before, given.after))
                )
                if isinstance(first, str) or isinstance(second, str):
                    told = [said if isinstance(said, str) else "forecast" for said in (first, second)]
                    same = f"both refuse: {told[0]}" if told[0] == told[1] else f"DIFFERENT: {told[0]}; {told[1]}"
                    print(f"| {name} | {model} | {same} | |", flush=True)
                    continue
                unit = first["yhat"].abs().max() or 1.0
                wide = [column for column in first.columns if column.startswith("yhat_")]
                points = (first["yhat"] - second["yhat"]).abs().max() / unit
                widths = (first[wide] - second[wide]).abs().max().max() / unit
                print(f"| {name} | {model} | {points:.1e} | {widths:.1e} |", flush=True)


if __name__ == "__main__":
    main()
