"""Verdicts of the chaos card on synthetic systems whose behaviour is known.

    python benchmarks/chaos_verdict.py [--systems a,b] [--lengths 1000,3000,10000] [--noise 0,0.01,0.05] [--seeds 3]

Counts right verdicts, "not-determinable", other wrong ones and, apart from those, false "chaotic" ones. The goals:
no false "chaotic" in 98 % of the cases that are not chaotic, and "chaotic" in 90 % of the clean chaotic ones.
--others runs the systems that no threshold was chosen on.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import scipy

from tsforecast.dynamics.card import chaos_card
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
    options = parser.parse_args()
    print(f"# python {' '.join(sys.argv)}")
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}"
    print(f"# {datetime.now(UTC).date()}, {versions}")
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


if __name__ == "__main__":
    main()
