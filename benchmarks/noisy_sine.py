"""A recursive network on a noisy sine: phase and amplitude 500 steps ahead, where recursion usually drifts or dies.

python benchmarks/noisy_sine.py [DATA.csv] [--model lstm] [--segment-length 1] [--seeds 0 1 2] [--no-skip | --plain]

Without a path, on 2,000 points of sin(2 pi t / 50) + 0.1 noise. A path is a CSV whose last column is such a series, of
amplitude 1 and phase 0 at the first row. Phase and amplitude are those of the sine fitted by least squares to the last
two periods of the forecast, against those of the series without noise.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from contest import contest, series_of
from provenance import print_provenance

PERIOD, LENGTH, HORIZON, NOISE = 50, 2000, 500, 0.1


def noisy_sine(seed: int) -> np.ndarray:
    """The series `(time, channel)`."""
    noise = NOISE * np.random.default_rng(seed).standard_normal(LENGTH)
    return (np.sin(2 * np.pi * np.arange(LENGTH) / PERIOD) + noise)[:, None]


def phase_and_amplitude(forecast: np.ndarray, first_step: int) -> tuple[float, float]:
    """Phase error in per cent of a period, and amplitude, of the last two periods of a forecast `(step,)`."""
    steps = first_step + np.arange(len(forecast))[-2 * PERIOD :]
    angle = 2 * np.pi * steps / PERIOD
    basis = np.column_stack([np.sin(angle), np.cos(angle), np.ones(len(angle))])
    sine, cosine, _ = np.linalg.lstsq(basis, forecast[-2 * PERIOD :], rcond=None)[0]
    return 100 * float(np.arctan2(cosine, sine)) / (2 * np.pi), float(np.hypot(sine, cosine))


def main() -> None:
    """Print one line a series."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("path", nargs="?", type=Path)
    parser.add_argument("--model", default="lstm")
    parser.add_argument("--segment-length", type=int, default=1)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of the generated series")
    parser.add_argument("--no-skip", action="store_true", help="the network alone")
    parser.add_argument("--plain", action="store_true", help="the network of the textbooks")
    options = parser.parse_args()
    print_provenance()
    print(f"{'series':<20} {'phase error %':>14} {'amplitude':>10} {'seconds':>8}")
    for seed in options.seeds if options.path is None else [0]:
        rows = pd.read_csv(options.path).iloc[:, [-1]].to_numpy("float64") if options.path else noisy_sine(seed)
        began = time.perf_counter()
        series = series_of([rows], PERIOD)
        how = {"strategy": "recursive", "segment_length": options.segment_length}
        how |= {"skip": not options.no_skip, "plain": options.plain}
        fitted = contest(series, HORIZON, HORIZON, options.model, seed, **how).refit(series, HORIZON)
        forecast = fitted.models[fitted.chosen].predict(series, HORIZON).point[0, :, 0]
        phase, amplitude = phase_and_amplitude(forecast, len(rows))
        label = options.path.name if options.path else f"generated, seed {seed}"
        seconds = time.perf_counter() - began
        print(f"{label:<20} {phase:14.2f} {amplitude:10.3f} {seconds:8.1f}  {'; '.join(fitted.notes)}", flush=True)


if __name__ == "__main__":
    main()
