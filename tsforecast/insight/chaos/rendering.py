"""The chaos card as plain JSON values and as lines for a terminal."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from tsforecast.data.plain import plain
from tsforecast.insight.chaos.card import ChaosCard, Horizon
from tsforecast.insight.chaos.correlation import CorrelationDimension
from tsforecast.insight.chaos.delay import DelayChoice
from tsforecast.insight.chaos.lyapunov import Exponent
from tsforecast.insight.chaos.surrogates import SurrogateTest

PICTURE_ONLY = ("portrait", "recurrence_rows", "recurrence")


def as_dict(card: ChaosCard) -> dict[str, Any]:
    """Plain JSON values: numbers, text, lists; None where not known. Curves are in; what only pictures need is not."""
    found = {f.name: plain(getattr(card, f.name)) for f in fields(card) if f.name not in PICTURE_ONLY}
    if card.exponent is not None and card.dt is not None:
        e = card.exponent
        found["exponent_per_time"] = {k: plain(getattr(e, k) / card.dt) for k in ("value", "low", "high")}
    if card.horizon is not None and card.dt is not None:
        found["horizon"]["time"] = card.horizon.steps * card.dt
    return found


def as_lines(card: ChaosCard) -> list[str]:
    """One line a finding: name, figure, reason."""
    step = f", {card.dt:g} time units apart" if card.dt is not None else ""
    rows = [
        ("verdict", card.verdict),
        ("because", card.reason),
        ("values", f"{card.n} ({card.n_missing} missing){step}"),
    ]
    if card.delay is not None:
        rows.extend(_delay(card.delay))
    if card.dimension is not None:
        rows.append(("dimension", f"{card.dimension.dimension} ({card.dimension.reason})"))
        rows.append(("vectors", f"{card.n_vectors} ({card.n_left_out} left out because they cross a gap)"))
    if card.noise is not None:
        rows.append(("noise level", f"about {100 * card.noise:.1f} % of the standard deviation"))
    if card.one_step_error is not None:
        rows.append(("one-step error", f"{100 * card.one_step_error:.2g} % of the standard deviation, held out"))
    if card.surrogates is not None and np.isfinite(card.surrogates.p):
        rows.append(("surrogate test", _surrogates(card.surrogates)))
    if card.exponent is not None:
        rows.extend(_exponent(card.exponent, card.dt))
    if card.correlation is not None:
        rows.append(("correlation dim.", _correlation(card.correlation)))
    if card.horizon is not None:
        rows.append(("horizon", _horizon(card.horizon)))
    width = max(len(name) for name, _ in rows) + 2
    return [f"{name:<{width}}{text}" for name, text in rows]


def _delay(choice: DelayChoice) -> list[tuple[str, str]]:
    figure = _steps(choice.delay) if choice.delay is not None else "none"
    return [
        ("delay", f"{figure} ({choice.reason}; te {choice.te})"),
        ("Theiler window", f"{_steps(choice.theiler)} (mean period {choice.mean_period:.1f})"),
    ]


def _surrogates(test: SurrogateTest) -> str:
    best = test.surrogate_errors.min()
    return f"p = {test.p:.3f} (error {test.error:.3f}, best of {len(test.surrogate_errors)} surrogates {best:.3f})"


def _exponent(exponent: Exponent, dt: float | None) -> list[tuple[str, str]]:
    if not np.isfinite(exponent.value):
        return [("Lyapunov exponent", "not measurable: no neighbours are close enough to be followed")]
    value, low, high = exponent.value, exponent.low, exponent.high
    fitted = f"fitted over steps {exponent.first} to {exponent.last}, R2 {exponent.r2:.3f}"
    rows = [("Lyapunov exponent", f"{value:.4g} per step, {low:.3g} to {high:.3g} ({fitted})")]
    if dt is not None:
        rows.append(("", f"{value / dt:.4g} per unit time, {low / dt:.3g} to {high / dt:.3g}"))
    return rows


def _correlation(found: CorrelationDimension) -> str:
    if not np.isfinite(found.value):
        return f"not measurable: {found.reason}"
    return f"{found.value:.2f}, {found.low:.2f} to {found.high:.2f}"


def _horizon(found: Horizon) -> str:
    return f"{_steps(round(found.steps))}, cautiously {found.half:.0f} ({found.lyapunov_times:.1f} Lyapunov times)"


def _steps(count: int) -> str:
    return f"{count} step{'s' * (count != 1)}"
