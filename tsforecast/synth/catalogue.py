"""The catalogue of generators: what each system is, its default setting, and what is known about it.

Only data lives here, so that a help text can list the systems without importing numpy; the equations are in
`flows`, `delays` and `sequences`, and `trajectory.generate` runs them.

Exponents are the largest Lyapunov exponent in nats per unit of time at the parameters given. Those marked "computed"
are from `benchmarks/lyapunov.py --reference`, which integrates each system beside a slightly displaced copy
(Benettin et al. 1980).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["signal", "stochastic", "map", "flow", "delay"]
Behaviour = Literal["transient", "periodic", "quasi-periodic", "chaotic", "linear-noise", "random-walk"]


@dataclass(frozen=True)
class System:
    """One generator.

    Attributes:
        name: As given to `generate`.
        description: One line, with the equation.
        kind: How it is made: closed-form signal, random recursion, map, ordinary or delay differential equation.
        behaviour: What a perfect observer would call a long clean series of it.
        coordinates: Names of the columns, in order of the state.
        step: Default time between two rows.
        parameters: Names and values of the constants in the equation.
        initial_state: Where it starts; phases in radians for a signal. Empty where there is no state to choose.
        spread: Standard deviation of the seeded draw around `initial_state`.
        transient: Time dropped before the first row, unless the caller chooses the initial state.
        exponent: Largest Lyapunov exponent per unit time, None where not defined.
        dimension: Correlation dimension of the attractor, None where not known.
        source: Where `exponent` and `dimension` come from.
    """

    name: str
    description: str
    kind: Kind
    behaviour: Behaviour
    coordinates: tuple[str, ...]
    step: float = 1.0
    parameters: Mapping[str, float] = field(default_factory=dict)
    initial_state: tuple[float, ...] = ()
    spread: float = 0.0
    transient: float = 0.0
    exponent: float | None = None
    dimension: float | None = None
    source: str = ""


_CATALOGUE = (
    System(
        "sine",
        "y = sin(2 pi t / period + phase)",
        "signal",
        "periodic",
        ("y",),
        parameters={"period": 25.0},
        initial_state=(0.0,),
        exponent=0.0,
        dimension=1.0,
        source="a closed curve",
    ),
    System(
        "damped-sine",
        "y = exp(-t / decay) sin(2 pi t / period + phase)",
        "signal",
        "transient",
        ("y",),
        parameters={"period": 25.0, "decay": 250.0},
        initial_state=(0.0,),
    ),
    System(
        "multi-sine",
        "y = sum of sines with periods `period`, period / 2 and 7 period, amplitudes 1, 1/2 and 1/2",
        "signal",
        "periodic",
        ("y",),
        parameters={"period": 24.0},
        initial_state=(0.0, 0.0, 0.0),
        exponent=0.0,
        dimension=1.0,
        source="a closed curve",
    ),
    System(
        "torus",
        "y = sin(2 pi t / period + phase1) + sin(2 pi t / (golden ratio * period) + phase2) / 2",
        "signal",
        "quasi-periodic",
        ("y",),
        parameters={"period": 25.0},
        initial_state=(0.0, 0.0),
        exponent=0.0,
        dimension=2.0,
        source="two frequencies whose ratio is irrational",
    ),
    System(
        "square",
        "y = +1 in the first half of each period, -1 in the second",
        "signal",
        "periodic",
        ("y",),
        parameters={"period": 24.0},
        initial_state=(0.0,),
        exponent=0.0,
        dimension=0.0,
        source="two points",
    ),
    System(
        "ar1",
        "y(t) = phi y(t-1) + e(t), e standard normal, started in its stationary distribution",
        "stochastic",
        "linear-noise",
        ("y",),
        parameters={"phi": 0.9},
        initial_state=(0.0,),
    ),
    System(
        "random-walk",
        "y(t) = y(t-1) + e(t), e standard normal",
        "stochastic",
        "random-walk",
        ("y",),
        initial_state=(0.0,),
    ),
    System("white-noise", "y(t) = e(t), e standard normal", "stochastic", "linear-noise", ("y",)),
    System(
        "henon",
        "x' = 1 - a x^2 + y, y' = b x",
        "map",
        "chaotic",
        ("x", "y"),
        parameters={"a": 1.4, "b": 0.3},
        initial_state=(0.1, 0.1),
        spread=0.02,
        transient=1000.0,
        exponent=0.4192,
        dimension=1.22,
        source="Sprott 2003, Chaos and Time-Series Analysis, appendix A",
    ),
    System(
        "logistic",
        "x' = r x (1 - x)",
        "map",
        "chaotic",
        ("x",),
        parameters={"r": 4.0},
        initial_state=(0.3,),
        spread=0.05,
        transient=1000.0,
        exponent=0.693147,
        dimension=1.0,
        source="exact: ln 2 at r = 4",
    ),
    System(
        "lorenz",
        "x' = sigma (y - x), y' = x (rho - z) - y, z' = x y - beta z",
        "flow",
        "chaotic",
        ("x", "y", "z"),
        step=0.05,
        parameters={"sigma": 10.0, "rho": 28.0, "beta": 8.0 / 3.0},
        initial_state=(1.0, 1.0, 20.0),
        spread=0.5,
        transient=50.0,
        exponent=0.9056,
        dimension=2.05,
        source="exponent: Sprott 2003; dimension: Grassberger & Procaccia 1983",
    ),
    System(
        "rossler",
        "x' = -y - z, y' = x + a y, z' = b + z (x - c)",
        "flow",
        "chaotic",
        ("x", "y", "z"),
        step=0.2,
        parameters={"a": 0.2, "b": 0.2, "c": 5.7},
        initial_state=(-6.0, 0.0, 0.0),
        spread=0.5,
        transient=200.0,
        exponent=0.0714,
        dimension=1.99,
        source="Sprott 2003, Chaos and Time-Series Analysis, appendix A",
    ),
    System(
        "mackey-glass",
        "x' = beta x(t - tau) / (1 + x(t - tau)^n) - gamma x",
        "delay",
        "chaotic",
        ("x",),
        step=1.0,
        parameters={"beta": 0.2, "gamma": 0.1, "n": 10.0, "tau": 17.0},
        initial_state=(1.2,),
        spread=0.1,
        transient=1000.0,
        exponent=0.0052,
        dimension=1.95,
        source="exponent: computed, +- 0.0001; dimension: Grassberger & Procaccia 1983",
    ),
    System(
        "duffing",
        "x' = v, v' = x - x^3 - delta v + gamma cos(omega t)",
        "flow",
        "chaotic",
        ("x", "v"),
        step=0.2,
        parameters={"delta": 0.3, "gamma": 0.5, "omega": 1.2},
        initial_state=(1.0, 0.0),
        spread=0.2,
        transient=300.0,
        exponent=0.104,
        source="exponent: computed, +- 0.004",
    ),
    System(
        "double-pendulum",
        "two equal rods and bobs, angles from the vertical in radians, gravity / length = g",
        "flow",
        "chaotic",
        ("angle1", "angle2", "velocity1", "velocity2"),
        step=0.05,
        parameters={"g": 9.81},
        initial_state=(1.5, 1.5, 0.0, 0.0),
        spread=0.01,
        exponent=0.80,
        source="exponent: computed at this energy, +- 0.02",
    ),
    System(
        "lorenz96",
        "x_k' = (x_{k+1} - x_{k-2}) x_{k-1} - x_k + forcing, eight sites on a ring",
        "flow",
        "chaotic",
        tuple(f"x{k}" for k in range(1, 9)),
        step=0.05,
        parameters={"forcing": 8.0},
        initial_state=(8.01, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0),
        spread=0.1,
        transient=100.0,
        exponent=1.60,
        source="exponent: computed, +- 0.01",
    ),
    System(
        "van-der-pol",
        "x' = v, v' = mu (1 - x^2) v - x",
        "flow",
        "periodic",
        ("x", "v"),
        step=0.2,
        parameters={"mu": 2.0},
        initial_state=(2.0, 0.0),
        spread=0.5,
        transient=100.0,
        exponent=0.0,
        dimension=1.0,
        source="a limit cycle",
    ),
    System(
        "forced-pendulum",
        "velocity' = -sin(angle) - damping velocity + amplitude cos(omega t), angle' = velocity",
        "flow",
        "chaotic",
        ("velocity", "angle"),
        step=0.2,
        parameters={"damping": 0.5, "amplitude": 1.5, "omega": 2.0 / 3.0},
        initial_state=(0.0, 0.2),
        spread=0.2,
        transient=300.0,
        exponent=0.112,
        source="exponent: computed, +- 0.002",
    ),
)


def systems() -> dict[str, System]:
    """Every generator by name, in the order of the catalogue."""
    return {system.name: system for system in _CATALOGUE}
