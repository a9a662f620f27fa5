"""`generate`: a system of the catalogue as a table of rows in time."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from tsforecast.data.panel import FloatArray, stamps_from
from tsforecast.errors import UsageError
from tsforecast.synth.registry import System, systems


MOST_STEPS = 1_000_000
"""Own steps of a system to integrate where the rows lie further apart than these; some minutes."""


def generate(  # noqa: PLR0913 - the signature is the list of options of `tsforecast synth`
    name: str,
    *,
    length: int = 1000,
    step: float | None = None,
    noise: float = 0.0,
    seed: int = 0,
    initial_state: Sequence[float] | None = None,
    coordinates: Sequence[str] | None = None,
    start: Any = None,
    freq: str | None = None,
) -> pd.DataFrame:
    """A trajectory as a table: `ds`, then one float64 column a coordinate `(length, 1 + coordinate)`.

    Args:
        name: A key of `systems()`.
        length: Number of rows.
        step: Time between two rows; None is the system's own. Maps and random recursions count in steps of 1.
        noise: Standard deviation of normal measurement noise, as a fraction of each coordinate's own.
        seed: Draws the start (around the system's own), the shocks of a random recursion and the noise.
        initial_state: The state in the first row; None starts near the system's own and drops the transient.
        coordinates: The columns wanted, in this order; None is all.
        start: Stamp of the first row; with `freq`, rows get stamps. Without, `ds` counts 0, 1, 2, ...
        freq: Pandas frequency alias of the stamps.

    Raises:
        UsageError: Where a name, length, step, noise, state, coordinate or stamp cannot be used.
    """
    system = _find(name)
    step = system.step if step is None else float(step)
    _check(system, length, step, noise, initial_state)
    wanted = list(system.coordinates if coordinates is None else coordinates)
    missing = [c for c in wanted if c not in system.coordinates]
    if missing or not wanted or len(set(wanted)) < len(wanted):
        raise UsageError(
            f"coordinates of {name} must be distinct names out of {', '.join(system.coordinates)}, "
            f"received {', '.join(wanted) or 'none'}"
        )
    stamps = _stamps(length, start, freq)

    rng = np.random.default_rng(seed)
    try:
        states = _states(system, length, step, initial_state, rng)
    except FloatingPointError as error:
        raise UsageError(
            f"{name} runs away from the initial state {_shown(initial_state)}", "choose another initial state"
        ) from error
    chosen = states[:, [system.coordinates.index(c) for c in wanted]]
    if noise > 0:
        # Drawn for all coordinates, so that choosing columns does not change their noise.
        shocks = noise * states.std(axis=0) * rng.standard_normal(states.shape)
        chosen = chosen + shocks[:, [system.coordinates.index(c) for c in wanted]]
    frame = pd.DataFrame(chosen, columns=wanted)
    frame.insert(0, "ds", stamps)
    return frame


def _find(name: str) -> System:
    known = systems()
    if name not in known:
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"choose one of: {', '.join(known)}"
        raise UsageError(f"there is no system called '{name}'", hint)
    return known[name]


def _check(system: System, length: int, step: float, noise: float, initial_state: Sequence[float] | None) -> None:
    if length < 1:
        raise UsageError(f"length must be at least 1, received {length}")
    if not (np.isfinite(step) and step > 0):
        raise UsageError(f"step must be positive, received {step}")
    if system.kind in ("map", "stochastic") and step != 1.0:
        raise UsageError(f"{system.name} has no time between its steps, so step must be 1, received {step}")
    if system.kind in ("flow", "delay") and step > system.step and step * length > MOST_STEPS * system.step:
        raise UsageError(
            f"{length:,} rows that lie {step:g} apart are more than {MOST_STEPS:,} steps of {system.name}",
            f"its own step is {system.step:g}",
        )
    if not (np.isfinite(noise) and noise >= 0):
        raise UsageError(f"noise must be zero or positive, received {noise}", "0.05 is 5 % of the standard deviation")
    if initial_state is not None:
        size = len(system.initial_state)
        if len(initial_state) != size or not np.isfinite(initial_state).all():
            raise UsageError(
                f"the initial state of {system.name} must be {size} numbers, received {_shown(initial_state)}",
                f"its own is {_shown(system.initial_state)}",
            )


def _stamps(length: int, start: Any, freq: str | None) -> Any:
    if start is None and freq is None:
        return np.arange(length, dtype="int64")
    if start is None or freq is None:
        raise UsageError("start and freq must be given together", "for example start 2024-01-01 and freq h")
    try:
        return stamps_from(pd.Timestamp(start), length, freq)
    except (ValueError, TypeError) as error:
        raise UsageError(f"cannot make stamps from start '{start}' and freq '{freq}': {error}") from error


def _states(
    system: System, length: int, step: float, initial_state: Sequence[float] | None, rng: np.random.Generator
) -> FloatArray:
    """The state at each row `(length, coordinate)`."""
    if system.kind == "stochastic":
        from tsforecast.synth.sequences import recursion

        return recursion(system.name, system.parameters, initial_state, length, rng)[:, None]
    drawn = np.asarray(system.initial_state) + system.spread * rng.standard_normal(len(system.initial_state))
    state = drawn.tolist() if initial_state is None else [float(v) for v in initial_state]
    transient = system.transient if initial_state is None else 0.0
    times = transient + step * np.arange(length)
    if system.kind == "signal":
        from tsforecast.synth.sequences import signal

        return signal(system.name, system.parameters, state, times)[:, None]
    if system.kind == "map":
        from tsforecast.synth.sequences import iterate

        return iterate(system.name, system.parameters, state, int(transient), length)
    if system.kind == "delay":
        from tsforecast.synth.delays import mackey_glass

        return mackey_glass(system.parameters, state[0], times)[:, None]
    from tsforecast.synth.flows import integrate

    return integrate(system.name, system.parameters, state, times)


def _shown(values: Sequence[float] | None) -> str:
    return ", ".join(f"{float(v):g}" for v in values) if values is not None and len(values) else "none"
