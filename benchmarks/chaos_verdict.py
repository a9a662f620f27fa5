"""Verdicts of the chaos card on synthetic systems whose behaviour is known.

    python benchmarks/chaos_verdict.py [--systems a,b] [--lengths 1000,3000,10000] [--noise 0,0.01,0.05] [--seeds 3]

Counts right verdicts, "not-determinable", other wrong ones and, apart from those, false "chaotic" ones. The goals:
no false "chaotic" in 98 % of the cases that are not chaotic, and "chaotic" in 90 % of the clean chaotic ones.
--others runs chaotic systems that no threshold was chosen on. --hard runs series outside that goal that look chaotic
and are not: a chirp, a sine with a jittering clock, a limit cycle with noise in its equations, exponentiated and
narrow-band linear noise, and a daily cycle whose size changes over the week. --dysts runs the chaotic trajectories of
a file {system: {dt, time, values}} (Gilpin 2021, Chaos as an interpretable benchmark for forecasting and data-driven
modelling), and compares their exponents with those of --attractors, {system: {maximum_lyapunov_estimated}} per unit
time.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import scipy
from scipy.signal import lfilter

from tsforecast.data.panel import FloatArray
from tsforecast.insight.chaos.card import chaos_card
from tsforecast.synth import System, generate, systems

MAIN = "sine,multi-sine,torus,van-der-pol,ar1,white-noise,random-walk,henon,logistic,lorenz,rossler,mackey-glass"
OTHERS = "duffing,forced-pendulum,double-pendulum,lorenz96"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", default=MAIN)
    parser.add_argument("--others", action="store_const", const=OTHERS, dest="systems")
    parser.add_argument("--lengths", default="1000,3000,10000")
    parser.add_argument("--noise", default="0,0.01,0.05")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--hard", action="store_true")
    parser.add_argument("--dysts", metavar="JSON_GZ")
    parser.add_argument("--attractors", metavar="JSON")
    options = parser.parse_args()
    print(f"# python {' '.join(sys.argv)}")
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}"
    print(f"# {datetime.now(UTC).date()}, {versions}")
    if options.dysts:
        others(options.dysts, options.attractors)
        return
    if options.hard:
        hard([int(n) for n in options.lengths.split(",")], options.seeds)
        return
    print(f"{'system':<16}{'length':>7}{'noise':>7}{'right':>7}{'unsure':>8}{'wrong':>7}{'s each':>8}  other verdicts")
    total: Counter[str] = Counter()
    for name in options.systems.split(","):
        system = systems()[name]
        for length in map(int, options.lengths.split(",")):
            for noise in map(float, options.noise.split(",")):
                began = time.perf_counter()
                verdicts = Counter(verdict(system, length, noise, seed) for seed in range(options.seeds))
                each = (time.perf_counter() - began) / options.seeds
                right, unsure = verdicts.pop(system.behaviour, 0), verdicts.pop("not-determinable", 0)
                wrong = sum(verdicts.values())
                count(total, system, noise, options.seeds, right, verdicts)
                print(
                    f"{name:<16}{length:>7}{noise:>7.2f}{right:>7}{unsure:>8}{wrong:>7}{each:>8.1f}  "
                    f"{', '.join(verdicts)}",
                    flush=True,
                )
    print(f"false 'chaotic': {total['false chaotic']} of {total['not chaotic']} cases that are not chaotic")
    print(f"'chaotic': {total['right clean']} of {total['clean']} clean chaotic cases")
    print(f"right: {total['right']} of {total['all']}")


def verdict(system: System, length: int, noise: float, seed: int) -> str:
    """The verdict on one series; signals start at phases drawn by the seed."""
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(system.initial_state))
    initial_state = phases if system.kind == "signal" else None
    frame = generate(system.name, length=length, noise=noise, seed=seed, initial_state=initial_state)
    return chaos_card(frame.iloc[:, 1].to_numpy(), seed=seed).verdict


def count(total: Counter[str], system: System, noise: float, seeds: int, right: int, verdicts: Counter[str]) -> None:
    """Add the verdicts on one system, length and noise to the totals."""
    total.update({"all": seeds, "right": right})
    if system.behaviour != "chaotic":
        total.update({"not chaotic": seeds, "false chaotic": verdicts["chaotic"]})
    elif noise == 0:
        total.update({"clean": seeds, "right clean": right})


def hard(lengths: list[int], seeds: int) -> None:
    """Print the verdicts on series that look chaotic and are not."""
    for name, make in HARD.items():
        for length in lengths:
            made = [make(length, np.random.default_rng(seed)) for seed in range(seeds)]
            verdicts = Counter(chaos_card(x, seed=seed).verdict for seed, x in enumerate(made))
            print(f"{name:<20}{length:>7}  {dict(verdicts)}", flush=True)


def others(path: str, attractors: str | None) -> None:
    """Print the verdicts on trajectories from a file, and how often the stated exponents hold the published ones."""
    with gzip.open(path) as file:
        trajectories = json.load(file)
    published = json.loads(Path(attractors).read_text()) if attractors else {}
    verdicts: Counter[str] = Counter()
    ratios, inside = [], 0
    for name, found in trajectories.items():
        card = chaos_card(np.array(found["values"], dtype="float64"), dt=found["dt"])
        verdicts[card.verdict] += 1
        known = published.get(name, {}).get("maximum_lyapunov_estimated")
        told = f"{name:<26}{card.verdict:<18}"
        if card.verdict == "chaotic" and card.exponent is not None and known:
            low, value, high = (getattr(card.exponent, k) / found["dt"] for k in ("low", "value", "high"))
            ratios.append(value / known)
            inside += low <= known <= high
            told += f"{value:>8.3g} ({low:.3g} to {high:.3g}), published {known:.3g}; "
        print(f"{told}{card.reason}", flush=True)
    print(dict(verdicts))
    if ratios:
        low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
        print(f"exponent over the published one: {middle:.2f} (quartiles {low:.2f} to {high:.2f})")
        print(f"the published one is within the stated interval in {inside} of {len(ratios)}")


def noisy_cycle(length: int, rng: np.random.Generator) -> FloatArray:
    """Van der Pol's oscillator with noise in its velocity, ten Euler-Maruyama steps of 0.02 a row."""
    x, v, rows = 2.0, 0.0, np.empty(length)
    for k, shock in enumerate(0.3 * 0.02**0.5 * rng.standard_normal(10 * length)):
        x, v = x + 0.02 * v, v + 0.02 * (2.0 * (1.0 - x * x) * v - x) + shock
        rows[k // 10] = x
    return rows


def linear(length: int, rng: np.random.Generator, *coefficients: float) -> FloatArray:
    """An autoregression with the given coefficients of the past."""
    return lfilter([1.0], [1.0, *(-c for c in coefficients)], rng.standard_normal(length + 500))[500:]


HARD: dict[str, Callable[[int, np.random.Generator], FloatArray]] = {
    "chirp": lambda n, _: np.sin(2 * np.pi * (np.arange(n) / 40 + np.arange(n) ** 2 / n / 80)),
    "jittering clock": lambda n, rng: np.sin(2 * np.pi * np.cumsum(1 + 0.1 * rng.standard_normal(n)) / 25),
    "noisy limit cycle": noisy_cycle,
    "exp of ar1": lambda n, rng: np.exp(0.5 * linear(n, rng, 0.9)),
    "narrow-band ar2": lambda n, rng: linear(n, rng, 1.95, -0.995),
    "daily and weekly": lambda n, rng: (
        np.sin(2 * np.pi * np.arange(n) / 24) * (1 + 0.3 * np.sin(2 * np.pi * np.arange(n) / 168))
        + 0.2 * linear(n, rng, 0.7)
    ),
}


if __name__ == "__main__":
    main()
