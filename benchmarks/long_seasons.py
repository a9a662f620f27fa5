"""Series with long seasons (half-hourly, 5-minute, road traffic): `factored` beside `ridge`, `pretrained`, naive ones.

    python benchmarks/long_seasons.py FILE... [--season 288] [--flaircast PYTHON]

Of each column the last fifth is forecast, a season (at most 288 steps) ahead, from 60 origins; what comes before it is
fitted, its last fifth chooses. Shown is the mean absolute error over that of the better of the last value and seasonal
naive, and the processor seconds of fitting. Columns whose season is shorter than `--least` steps are left out.
PYTHON has `flaircast` (Honda 2026), a yardstick that is not imported here: the median of its 200 paths, from ten of the
origins, over the better naive forecast from those ten. It is told the frequency, not the season.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from provenance import print_provenance

import tsforecast as ts
from tsforecast.data.series import Series
from tsforecast.errors import TsforecastError
from tsforecast.models import registry
from tsforecast.models.task import Task
from tsforecast.workflows.usable import usable, with_seasons

MODELS = ("naive", "seasonal-naive", "ridge", "factored", "pretrained")
ORIGINS, FLAIRCAST_ORIGINS, MOST_ROWS, LONGEST = 60, 10, 20_000, 288
YARDSTICK = """
import sys, numpy as np
from flaircast import forecast
given = np.load(sys.argv[1])
values, freq, horizon = given["values"], str(given["freq"]), int(given["horizon"])
found = [np.median(forecast(values[:n], horizon, freq, seed=0), axis=0) for n in given["cutoffs"]]
np.save(sys.argv[2], np.stack(found))
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--season", type=int, help="of every file; default: the one that is found")
    parser.add_argument("--least", type=int, default=48)
    parser.add_argument("--flaircast", metavar="PYTHON")
    given = parser.parse_args()
    print_provenance()
    logs: list[list[float]] = []
    print(f"| series | season | {' | '.join(MODELS)} |{' flaircast |' if given.flaircast else ''} fit, s |")
    print("|---" * (len(MODELS) + 3 + bool(given.flaircast)) + "|")
    for path in given.files:
        try:
            panel, found, _ = usable(ts.prepare(path))
        except TsforecastError as error:
            print(f"{path.name} left out: {error}")
            continue
        for series in with_seasons(found, [int(0.64 * len(s)) for s in found], panel.frequency, given.season):
            if series.season_length < given.least or len(series) < 8 * series.season_length:
                continue
            series = series.with_values(series.values[-MOST_ROWS:])
            errors, seconds = scored(series)
            best = min(errors[:2])
            if best == 0:
                continue
            shown = [error / best for error in errors]
            if given.flaircast:
                shown.append(yardstick(given.flaircast, series, str(panel.freq)))
            logs.append(np.log(shown).tolist())
            name = f"{path.stem[:30]} {series.name[:20]}"
            print(
                f"| {name} | {series.season_length} | {' | '.join(f'{e:.3f}' for e in shown)} | {seconds:.1f} |",
                flush=True,
            )
    if logs:
        print(f"| geometric mean | | {' | '.join(f'{e:.3f}' for e in np.exp(np.mean(logs, axis=0)))} | |")


def parts(series: Series) -> tuple[Task, Task]:
    """What is fitted, and what is judged."""
    horizon, held = min(max(24, series.season_length), LONGEST), len(series) // 5
    before = series.until(len(series) - held)
    return Task([before], horizon, [held]), Task([series], horizon, [held]).thinned(ORIGINS)


def scored(series: Series) -> tuple[list[float], float]:
    """Error of each model, and the seconds that fitting `factored` took."""
    fitting, judged = parts(series)
    errors, seconds = [], 0.0
    for name in MODELS:
        model = registry.find(name)
        began = time.process_time()
        made = model.fit(fitting, registry.settings_of(model, {}), seed=0, tell=str)
        made = made.refit(Task.whole(fitting.series, fitting.horizon))
        seconds = time.process_time() - began if name == "factored" else seconds
        errors.append(judged.score(made))
    return errors, seconds


def yardstick(python: str, series: Series, freq: str) -> float:
    """Error of flaircast over the best naive one from the same origins."""
    fitting, judged = parts(series)
    judged = judged.thinned(FLAIRCAST_ORIGINS)
    naive = []
    for name in MODELS[:2]:
        model = registry.find(name)
        naive.append(judged.score(model.fit(fitting, registry.settings_of(model, {}), seed=0, tell=str)))
    with tempfile.TemporaryDirectory() as folder:
        source, target = str(Path(folder) / "in.npz"), str(Path(folder) / "out.npy")
        cutoffs = [n for _, n in judged.origins]
        np.savez(source, values=series.filled[:, 0], freq=freq, horizon=judged.horizon, cutoffs=cutoffs)
        subprocess.run([python, "-c", YARDSTICK, source, target], check=True)
        found = np.load(target)
    return float(np.nanmean(np.abs(found - judged.targets[:, :, 0])) / judged.unit[0] / min(naive))


if __name__ == "__main__":
    main()
