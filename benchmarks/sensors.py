"""Every single series of a folder of files: how much less the default forecast errs than the best naive one.

A file counts where it can be read and its first value column has at least 100 rows; the other columns are left aside.
Ten origins, a horizon apart, or less where that would leave fewer than half of the rows, end with the last that leaves
a horizon. All is fitted once, on the rows before the first of them, and forecast from each (the verb `backtest`). The
horizon is what a person might ask for: two days of hours, a day of anything finer, 30 days, 26 weeks, 12 months, 8
quarters, and never more than a twelfth of the rows. Errors are mean absolute ones, over those of the naive forecast
that did best from these origins, which nobody knows beforehand. The clock of the time
limit stands still, so that other work on the machine decides nothing; what is said to take longer by counts still gives
up its turn.

With `--coverage` what `forecast` would say of its intervals on held-out rows, pooled over the files.

With `--flaircast` and `--statsforecast`, each a Python that has it, their forecasts from the same origins, each fitted
on all filled rows before its origin, stand beside them.

python benchmarks/sensors.py FOLDER [--flaircast PYTHON] [--statsforecast PYTHON]
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from provenance import print_provenance

from tsforecast.config import FitConfig, ModelConfig, PrepareConfig, ReadConfig
from tsforecast.data.frequency import Frequency
from tsforecast.errors import TsforecastError
from tsforecast.evaluate.metrics import mae
from tsforecast.evaluate.rolling import Backtest
from tsforecast.models.task import Deadline
from tsforecast.preparation import Prepared
from tsforecast.workflows.backtest import Backtested, backtest
from tsforecast.workflows.fit import FitSettings, fit
from tsforecast.workflows.load import load

WINDOWS = 10
FEWEST_ROWS = 100
DAY = 86_400.0


def main() -> None:
    """Score each file; print a table and geometric means."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--coverage", action="store_true", help="measure intervals, not points")
    parser.add_argument("--only", default="", help="files whose name holds this")
    for peer in ("flaircast", "statsforecast"):
        parser.add_argument(f"--{peer}", type=Path, metavar="PYTHON")
    options = parser.parse_args()
    Deadline.after = classmethod(lambda cls, seconds: cls(seconds, seconds, lambda: 0.0))  # type: ignore[method-assign]
    print_provenance()
    peers = {name: getattr(options, name) for name in ("flaircast", "statsforecast") if getattr(options, name)}
    ratios: list[dict[str, float]] = []
    pooled: list[dict[float, float]] = []
    for name, prepared in series_in(options.folder, options.only):
        horizon = horizon_of(prepared.panel.frequency, len(prepared.panel))
        settings = FitSettings(horizon, model=ModelConfig(model=options.model), fit=FitConfig(seed=options.seed))
        n_rows = len(prepared.panel)
        if options.coverage:
            pooled.append(coverage_of(prepared, settings))
            print(f"{name}: " + ", ".join(f"{level:g} % {got:.1f}" for level, got in pooled[-1].items()), flush=True)
            continue
        began = time.process_time()
        try:
            made = backtest(prepared, settings, WINDOWS, max(1, min(horizon, n_rows // 2 // WINDOWS)))
        except TsforecastError as error:
            print(f"{name}: {error.message}")
            continue
        seconds = time.process_time() - began
        found = relative(made, peers)
        label = f"{name}, {n_rows:,} rows, horizon {horizon}, season {made.series[0].season_lengths}"
        if not found:
            print(f"{label}: a naive forecast makes no error\n")
            continue
        ratios.append(found)
        listed = "  ".join(f"{key} {value:.2f}" for key, value in sorted(found.items(), key=lambda item: item[1]))
        print(
            f"{label}: {found['chosen']:.3f} ({made.choice.chosen}, {seconds:.1f} s of processor)\n    {listed}",
            flush=True,
        )
    if pooled:
        for level in pooled[0]:
            mean = np.nanmean([found[level] for found in pooled])
            print(f"{level:g} % covered {mean:.1f} %, mean over {len(pooled)} series")
        return
    print(f"\ngeometric mean over {len(ratios)} series, where a forecaster has one of each")
    for key in dict.fromkeys(key for found in ratios for key in found):
        own = [found[key] for found in ratios if key in found]
        worst = max(own)
        print(f"  {key:<28} {np.exp(np.log(own).mean()):.3f}  worst {worst:.3f}  of {len(own)}")


def series_in(folder: Path, part: str) -> Iterator[tuple[str, Prepared]]:
    """Name and prepared data of each file that counts."""
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".csv", ".tsv") or part not in path.name:
            continue
        with contextlib.suppress(TsforecastError):
            prepared, _ = load(str(path), ReadConfig(), PrepareConfig())
            names = prepared.panel.channels
            if len(names) > 1:
                prepared, _ = load(str(path), ReadConfig(target_col=(names[0],)), PrepareConfig())
            if len(prepared.panel.ids) == 1 and len(prepared.panel) >= FEWEST_ROWS:
                yield path.name if len(names) == 1 else f"{path.name} {names[0]}", prepared


def horizon_of(frequency: Frequency, n_rows: int) -> int:
    """Steps that a person might ask for."""
    if frequency.months:
        wanted = {1: 12, 3: 8}.get(frequency.months, 6)
    elif frequency.seconds >= 7 * DAY:
        wanted = 26
    elif frequency.seconds >= DAY:
        wanted = 30
    elif frequency.seconds >= 3600:
        wanted = round(2 * DAY / frequency.seconds)
    else:
        wanted = min(288, round(DAY / frequency.seconds)) if frequency.seconds else 48
    return max(1, min(wanted, n_rows // 12))


def coverage_of(prepared: Prepared, settings: FitSettings) -> dict[float, float]:
    """Share (per cent) of held-out points within the intervals, by level; NaN where nothing could be measured."""
    return dict(fit(prepared, settings).coverage)


def relative(made: Backtested, peers: Mapping[str, Path]) -> dict[str, float]:
    """Error over that of the best naive forecast, by model; empty where that makes none."""
    tested = made.tested
    errors = {name: float(mae(tested.actual, points)) for name, points in tested.predicted.items()}
    for peer, python in peers.items():
        errors |= peer_errors(peer, python, made)
    best = min(errors[name] for name in made.choice.references)
    found = {"chosen": errors[made.choice.chosen], **errors}
    return {name: error / best for name, error in found.items()} if best > 0 else {}


def peer_errors(peer: str, python: Path, made: Backtested) -> dict[str, float]:
    """Mean absolute errors of the forecasters of another package, run by a Python that has it."""
    tested: Backtest = made.tested
    series = made.series[0]
    histories = [series.until(int(cutoff)).filled[:, 0] for cutoff in tested.cutoff]
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder) / "given.npz", Path(folder) / "made.npz"
        np.savez(
            given,
            values=np.concatenate(histories),
            lengths=[len(rows) for rows in histories],
            seasons=np.array(series.season_lengths or (1,)),
            horizon=tested.horizon,
        )
        runner = Path(__file__).parent / "peers" / f"roll_{peer}.py"
        command = [str(python), str(runner), str(given), str(answer)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"    {peer} failed: {done.stderr.strip().splitlines()[-1][:150]}")
            return {}
        with np.load(answer) as found:
            return {name: float(mae(tested.actual, found[name][:, :, None])) for name in found.files}


if __name__ == "__main__":
    main()
