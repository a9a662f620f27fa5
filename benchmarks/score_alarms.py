"""How often `score` ends with exit 6 where a forecast holds what it promised, and how soon where it does not.

    python benchmarks/score_alarms.py [--repeats 400]

Random walks with Gaussian steps and their exact intervals (80 % and 95 %), 24 steps ahead, scored on each of 30 nights,
with the history of the scores before and without; then with steps twice as wide, or that drift by half their spread,
while the intervals stay.
"""

from __future__ import annotations

import argparse
import math

import numpy as np
import pandas as pd
from provenance import print_provenance

from tsforecast.evaluate.promises import history_row, promise, runs_of
from tsforecast.evaluate.scoring import score

HORIZON, NIGHTS, NORMAL = 24, 30, {80.0: 1.2816, 95.0: 1.9600}


def table(rng: np.random.Generator, spread: float, drift: float) -> pd.DataFrame:
    """A forecast of a random walk from 0, and what came."""
    steps = np.arange(1, HORIZON + 1)
    came = np.cumsum(spread * rng.standard_normal(HORIZON) + drift)
    columns = {"unique_id": "", "channel": "", "ds": steps, "step": steps, "yhat": 0.0, "actual": came}
    for level, z in NORMAL.items():
        columns |= {f"yhat_lo_{level:g}": -z * np.sqrt(steps), f"yhat_hi_{level:g}": z * np.sqrt(steps)}
    # the naive forecast of a walk from the value before its last
    return pd.DataFrame(columns).assign(**{"naive:last": rng.standard_normal()})


def nights(rng: np.random.Generator, spread: float, drift: float, *, together: bool) -> int | None:
    """The first night, from 1, whose score is exit 6; None where none of 30 is."""
    rows: list[dict[str, str]] = []
    for night in range(NIGHTS):
        found = score(table(rng, spread, drift), list(NORMAL), ["last"])
        first = str(night * HORIZON)
        row = history_row("f", found, first, str((night + 1) * HORIZON - 1), "")
        rows.append({name: "" if value != value else str(value) for name, value in row.items()})
        if promise(found, runs_of(rows) if together else (), first).broken:
            return night + 1
    return None


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=400)
    repeats = parser.parse_args().repeats
    print_provenance()
    print(f"{'what came':<34}{'history':<9}{'alarm on night 1':>18}{'within 30':>11}{'median night':>14}")
    cases = {"as promised": (1.0, 0.0), "steps twice as wide": (2.0, 0.0), "drift of a half": (1.0, 0.5)}
    for words, (spread, drift) in cases.items():
        for together in (False, True):
            rng = np.random.default_rng(0)
            found = [nights(rng, spread, drift, together=together) for _ in range(repeats)]
            first = sum(night == 1 for night in found) / repeats
            alarmed = [night for night in found if night is not None]
            middle = float(np.median(alarmed)) if alarmed else math.nan
            shown = f"{first:>17.1%} {len(alarmed) / repeats:>10.1%} {middle:>13.0f}"
            print(f"{words:<34}{'yes' if together else 'no':<9}{shown}")


if __name__ == "__main__":
    main()
