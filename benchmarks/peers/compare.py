"""Runs neuralforecast's LSTM, darts' BlockRNN and tsforecast side by side on one series, each as a whole process.

    python benchmarks/peers/compare.py [--torch REQUIREMENT] [--venv FOLDER] [--seeds 0 1 2] [--only NAME ...]

Makes an environment of its own for the peers (FOLDER, kept for the next time). `tsforecast` is the one beside the
Python that runs this. Prints, a contender and seed: wall-clock seconds, peak resident memory and the mean absolute
error over the 48 held-out hours (the noise alone gives 0.24).
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from series import HORIZON, write

HERE = Path(__file__).resolve().parent
PEERS = ("neuralforecast", "darts")


def install(folder: Path, torch: str) -> Path:
    """The Python of the peers' environment, made if it is not there."""
    python = folder / "bin" / "python"
    if not (folder / ".installed").exists():
        print(f"installing {', '.join(PEERS)} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, torch], check=True)
        subprocess.run([*pip, torch, *PEERS, "pytorch-lightning"], check=True)
        (folder / ".installed").touch()
    return python


def measured(command: list[str], folder: Path) -> tuple[float, float, str]:
    """Wall-clock seconds, peak resident MB and stdout of a process, its children's memory not counted."""
    with (folder / "stdout").open("w+b") as out, (folder / "stderr").open("w+b") as err:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text, complaint = out.read().decode(), err.read().decode()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{complaint[-2000:]}\nended with exit {process.returncode}")
    return seconds, usage.ru_maxrss / 1024, text


def contenders(python: Path | None, history: Path) -> dict[str, list[str]]:
    """Name to command; the peers need `python`, their environment's."""
    ours = [str(Path(sys.executable).parent / "tsforecast"), "forecast", str(history), "--horizon", str(HORIZON)]
    found = {"tsforecast lstm": [*ours, "--model", "lstm"], "tsforecast auto": ours}
    if python is not None:
        arguments = [str(history), str(HORIZON)]
        found["neuralforecast LSTM"] = [str(python), str(HERE / "run_neuralforecast.py"), *arguments]
        found["darts BlockRNN"] = [str(python), str(HERE / "run_darts.py"), *arguments]
    return found


def forecast_of(text: str) -> list[float]:
    """The point forecast in the output of a contender: a CSV with `yhat`, or a number a line."""
    if text.startswith(("ds", "unique_id")) or "yhat" in text.splitlines()[0]:
        return [float(row["yhat"]) for row in csv.DictReader(io.StringIO(text))]
    return [float(line) for line in text.splitlines()[-HORIZON:]]


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", default="torch", help="requirement to install PyTorch by, e.g. torch==2.9.0")
    parser.add_argument("--venv", type=Path, default=Path(".venv-peers"), help="the peers' environment")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", nargs="+", help="contenders whose name contains one of these words")
    options = parser.parse_args()
    only = options.only or [""]
    peers = any(word in "neuralforecast LSTM darts BlockRNN" for word in only)
    python = install(options.venv.resolve(), options.torch) if peers else None
    print("| contender | seed | seconds | peak MB | MAE |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed in options.seeds:
            history, future = write(folder, seed)
            for contender, command in contenders(python, history).items():
                if not any(word in contender for word in only):
                    continue
                seconds, megabytes, text = measured(command, folder)
                forecast = forecast_of(text)
                error = sum(abs(a - b) for a, b in zip(forecast, future, strict=True)) / HORIZON
                print(f"| {contender} | {seed} | {seconds:.1f} | {megabytes:.0f} | {error:.3f} |", flush=True)


if __name__ == "__main__":
    main()
