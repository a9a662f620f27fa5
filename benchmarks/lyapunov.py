"""Largest Lyapunov exponents against known values, and (--reference) the known values themselves.

    python benchmarks/lyapunov.py [--systems a,b] [--lengths 1000,3000] [--noise 0,0.01] [--seeds 3]
    python benchmarks/lyapunov.py --reference [--systems a,b] [--runs 6]

The estimate is `dynamics.rosenstein` on the first coordinate alone, with the delay, dimension and noise level that
the chaos card chooses. "covered" is the share of seeds whose stated interval holds the known value.

The reference integrates the equations beside a copy displaced by 1e-8, which is pulled back once per unit of time
(Benettin et al. 1980, Lyapunov characteristic exponents for smooth dynamical systems, part 2).
"""

from __future__ import annotations

import argparse
import platform
import sys
from datetime import UTC, datetime

import numpy as np
import scipy
from scipy.integrate import solve_ivp

import tsforecast.insight.chaos.lyapunov as lyapunov
from tsforecast.insight.chaos.delay import choose_delay
from tsforecast.insight.chaos.dimension import choose_dimension
from tsforecast.insight.chaos.noise import noise_level
from tsforecast.synth import System, generate, systems
from tsforecast.synth.delays import mackey_glass
from tsforecast.synth.flows import ATOL, RIGHT_HAND_SIDES, RTOL

DISPLACED = 1e-8


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", default="henon,logistic,lorenz,rossler,mackey-glass,duffing,forced-pendulum")
    parser.add_argument("--lengths", default="1000,3000")
    parser.add_argument("--noise", default="0,0.01,0.05")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--reference", action="store_true")
    parser.add_argument("--runs", type=int, default=6, help="runs of 1,000 (mackey-glass 2,500) units of time")
    options = parser.parse_args()
    print(f"# python {' '.join(sys.argv)}")
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}"
    print(f"# {datetime.now(UTC).date()}, {versions}")
    if options.reference:
        for name in options.systems.split(","):
            value, error = reference(systems()[name], options.runs)
            print(f"{name:<16} {value:8.4f} +- {error:.4f} per unit time", flush=True)
        return
    print(f"{'system':<16}{'length':>7}{'noise':>7}{'mean / known':>14}{'sd':>6}{'width':>7}{'covered':>9}")
    covered = []
    for name in options.systems.split(","):
        for length in map(int, options.lengths.split(",")):
            for noise in map(float, options.noise.split(",")):
                found = [estimate(systems()[name], length, noise, seed) for seed in range(options.seeds)]
                inside = [low <= 1.0 <= high for _, low, high in found]
                covered.extend(inside)
                values, lows, highs = np.array(found).T
                print(
                    f"{name:<16}{length:>7}{noise:>7.2f}{np.mean(values):>14.2f}{np.std(values):>6.2f}"
                    f"{np.mean(highs - lows):>7.2f}{100 * np.mean(inside):>7.0f} %",
                    flush=True,
                )
    print(f"covered in {sum(covered)} of {len(covered)} cases, {100 * np.mean(covered):.1f} %")


def estimate(system: System, length: int, noise: float, seed: int) -> tuple[float, float, float]:
    """Value, low and high of the estimate, as multiples of the known exponent."""
    x = generate(system.name, length=length, noise=noise, seed=seed).iloc[:, 1].to_numpy()
    choice = choose_delay(x)
    if choice.delay is None or system.exponent is None:
        return np.nan, np.nan, np.nan
    setting = (x, choice.delay, choose_dimension(x, choice.delay, choice.theiler).dimension, choice.theiler)
    period = choice.mean_period if choice.te > 1 else 1.0
    found = lyapunov.rosenstein(*setting, period=period, noise=noise_level(*setting), seed=seed)
    known = system.exponent * system.step
    return found.value / known, found.low / known, found.high / known


def reference(system: System, runs: int) -> tuple[float, float]:
    """Mean and standard error over runs of the exponent per unit time from the full equations."""
    one = _delay_run if system.kind == "delay" else _flow_run
    found = [one(system, np.random.default_rng(seed)) for seed in range(runs)]
    return float(np.mean(found)), float(np.std(found) / np.sqrt(runs - 1))


def _flow_run(system: System, rng: np.random.Generator, duration: float = 1000.0) -> float:
    rhs, n = RIGHT_HAND_SIDES[system.name], len(system.initial_state)

    def both(t: float, pair: np.ndarray) -> list[float]:
        here, there = pair[:n].tolist(), pair[n:].tolist()
        return rhs(t, here, system.parameters) + rhs(t, there, system.parameters)

    state = np.array(system.initial_state) + system.spread * rng.standard_normal(n)
    away = rng.standard_normal(n)
    other = state + DISPLACED * away / np.linalg.norm(away)
    growth, t = 0.0, 0.0
    start = system.transient + 10.0
    while t < start + duration:
        pair = solve_ivp(both, (t, t + 1.0), [*state, *other], method="DOP853", rtol=RTOL, atol=ATOL).y[:, -1]
        state, gap = pair[:n], pair[n:] - pair[:n]
        t += 1.0
        size = float(np.linalg.norm(gap))
        if t > start:
            growth += np.log(size / DISPLACED)
        other = state + DISPLACED * gap / size
    return growth / duration


def _delay_run(system: System, rng: np.random.Generator, duration: float = 2500.0) -> float:
    """Two runs from constant histories 1e-12 apart, compared before and after `duration`, never pulled back."""
    x0 = system.initial_state[0] + system.spread * rng.standard_normal()
    start = system.transient
    window = np.arange(500.0)
    times = np.concatenate([start + window, start + duration + window])
    gap = mackey_glass(system.parameters, x0 + 1e-12, times) - mackey_glass(system.parameters, x0, times)
    logs = np.log(np.abs(gap))
    return float((logs[500:].mean() - logs[:500].mean()) / duration)


if __name__ == "__main__":
    main()
