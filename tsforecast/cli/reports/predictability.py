"""What `--dynamics` adds to a report: verdict, exponent and horizon; and to a backtest, errors in Lyapunov times."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tsforecast.cli.reports.lines import entry, number
from tsforecast.data.plain import plain

if TYPE_CHECKING:
    from tsforecast.workflows.horizons import Predictability, Validity


def dynamics_lines(found: Sequence[Predictability], steps: int, model: str) -> list[str]:
    """Two to four lines a channel of the report, for a forecast of `steps` steps by `model`."""
    return [line for own in found for line in _lines(own, steps, model, named=len(found) > 1)]


def _lines(own: Predictability, steps: int, model: str, *, named: bool) -> list[str]:
    name = f"{own.name}: " if named else ""
    lines = [entry("dynamics", f"{name}{own.card.verdict}: {own.card.reason}")]
    measured = own.card.exponent
    if own.exponent is not None:
        given = measured is None or own.exponent != measured.value
        how = "as given" if given or measured is None else f"{measured.low:.3g} to {measured.high:.3g}"
        lines.append(
            entry("exponent", f"{own.exponent:.4g} per step, {how}; a Lyapunov time is {1 / own.exponent:.4g} steps")
        )
    if own.horizon is not None:
        beyond = max(0, steps - math.floor(own.horizon.steps))
        told = f"{beyond:,} of {steps:,} steps are beyond it" if beyond else f"all {steps:,} steps are within it"
        lines.append(
            entry(
                "horizon",
                f"{math.floor(own.horizon.steps):,} steps, cautiously {own.horizon.half:.0f}; {told}",
            )
        )
        lines.append(entry("", _basis(own, model)))
    return lines


def _basis(own: Predictability, model: str) -> str:
    """What the horizon was measured on."""
    if not own.n_forecasts:
        return "the chaos card's estimate: nothing was held out to measure it on"
    told = f"measured on {own.n_forecasts:,} held-out forecast{'s' * (own.n_forecasts != 1)} of {model}"
    return told + (f"; the chaos card estimates {own.card.horizon.steps:.0f}" if own.card.horizon else "")


def validity_lines(found: Mapping[str, Validity], order: Sequence[str], n_origins: int) -> list[str]:
    """A table of valid prediction times, and one of the distances between attractors where runs are long."""
    width = max(11, *(len(name) for name in order))
    lines = [
        f"  {'valid for':<{width}}{'steps':>10}{'Lyapunov times':>17}   (error within 0.4 sd; mean of {n_origins:,})",
        *(
            f"  {name:<{width}}{_at_least(own) + number(own.steps, 1):>10}{number(own.lyapunov_times, 2):>17}"
            for name, own in ((name, found[name]) for name in order)
        ),
    ]
    distances = [(name, found[name].distance) for name in order]
    if any(distance is not None for _, distance in distances):
        lines += ["", f"  {'attractor':<{width}}{'spectrum':>10}{'distribution':>14}{'dimension':>11}   (distances)"]
        lines += [
            f"  {name:<{width}}{number(d.spectrum, 3):>10}{number(d.distribution, 3):>14}{number(d.dimension, 2):>11}"
            for name, d in distances
            if d is not None
        ]
    return lines


def _at_least(own: Validity) -> str:
    return ">= " if own.n_whole else ""


def dynamics_facts(found: Sequence[Predictability], valid: Mapping[str, Validity]) -> dict[str, Any]:
    """The same as plain JSON values."""
    facts: dict[str, Any] = plain(
        {
            "series": [
                {
                    "series": own.name,
                    "verdict": own.card.verdict,
                    "reason": own.card.reason,
                    "exponent": own.exponent,
                    "horizon": own.horizon,
                    "horizon_forecasts": own.n_forecasts,
                }
                for own in found
            ],
            "models": {
                name: {
                    "valid_steps": own.steps,
                    "valid_to_the_end": own.n_whole,
                    "lyapunov_times": own.lyapunov_times,
                    "attractor_distance": own.distance,
                }
                for name, own in valid.items()
            },
        }
    )
    return facts
