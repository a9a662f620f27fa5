"""How long `tsforecast forecast` takes by default as a whole process, and how much memory, beside its imports.

    python benchmarks/forecast_process.py [--rows 2000 20000] [--runs 3] [--horizon 48]

The series are generated: hours with a season of a day and one of a week, a wandering level and noise. `python -c
"import pandas"` and the forecasts are started alternately, so that a busy machine slows all alike. Printed as Markdown:
the fastest run, processor time (which other work on the machine disturbs less), both over those of the imports, and
the largest resident memory. `--time-limit` has to be long where the machine is busy, else models give up their turn.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from processes import compare
from provenance import print_provenance

FLOOR = [sys.executable, "-c", "import pandas"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time `tsforecast forecast` with defaults.")
    parser.add_argument("--rows", type=int, nargs="+", default=[2000, 20_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--horizon", type=int, default=48)
    parser.add_argument("--time-limit")
    given = parser.parse_args()
    print_provenance()
    with tempfile.TemporaryDirectory() as folder:
        commands = {'python -c "import pandas"': FLOOR}
        more = ["--time-limit", given.time_limit] if given.time_limit else []
        for rows in given.rows:
            path = Path(folder) / f"{rows}.csv"
            generated(rows).to_csv(path, index=False)
            out = ["-H", str(given.horizon), "-o", str(Path(folder) / "out.csv"), *more]
            commands[f"forecast, {rows:,} rows"] = [sys.executable, "-m", "tsforecast", "forecast", str(path), *out]
        compare(commands, given.runs)


def generated(rows: int) -> pd.DataFrame:
    """Hours of a day and a week, a level that wanders, and noise."""
    rng, hours = np.random.default_rng(0), np.arange(rows)
    day, week = (np.sin(2 * np.pi * hours / period) for period in (24, 168))
    values = 50 + 10 * day + 5 * week + np.cumsum(0.1 * rng.standard_normal(rows)) + rng.standard_normal(rows)
    return pd.DataFrame({"time": pd.date_range("2024-01-01", periods=rows, freq="h"), "load": values.round(3)})


if __name__ == "__main__":
    main()
