"""The verdict: what the evidence allows to be said, in the order in which one thing rules out another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tsforecast.dynamics.delay import DelayChoice
from tsforecast.dynamics.lyapunov import Exponent
from tsforecast.dynamics.periodicity import Waves
from tsforecast.dynamics.stationarity import has_unit_root, steps_walk
from tsforecast.dynamics.surrogates import SurrogateTest
from tsforecast.panel import FloatArray

Verdict = Literal["periodic", "quasi-periodic", "chaotic", "linear-noise", "random-walk", "not-determinable"]

SIGNIFICANT = 0.05
STRAIGHT = 0.95
LEAST_RISE = 0.5
LEAST_SKILL = 0.8
UNEXPLAINED = 0.01
SAME_DYNAMICS = 2.0


@dataclass(frozen=True)
class Evidence:
    """What was measured on a series; the later fields are None where the delay could not be chosen."""

    series: FloatArray
    delay: DelayChoice
    noise: float | None = None
    waves: Waves | None = None
    surrogates: SurrogateTest | None = None
    exponent: Exponent | None = None
    cross_prediction: float = float("nan")


def judge(evidence: Evidence) -> tuple[Verdict, str]:
    """The verdict and its reason in one line.

    Waves that foretell the second half of the series come first, because neither random walks nor chaos have them;
    then random walks, which fool tests of determinism; then linear noise, which has no exponent; then chaos.
    """
    waves, surrogates, exponent = evidence.waves, evidence.surrogates, evidence.exponent
    if evidence.delay.delay is None or waves is None or surrogates is None or exponent is None:
        return _drifting(evidence, evidence.delay.reason)
    if _waves_explain(waves, evidence.noise or 0.0):
        return _repeating(waves)
    if has_unit_root(evidence.series):
        return _drifting(evidence, "the series does not return to a level (Dickey-Fuller)")
    if not surrogates.p >= 0:
        return "not-determinable", "the longest stretch without a gap is too short for its delay"
    if surrogates.p > SIGNIFICANT:
        return "linear-noise", f"no better predictable than linear noise of the same spectrum, p = {surrogates.p:.2f}"
    return _diverging(exponent, surrogates.p, evidence.cross_prediction)


def _waves_explain(waves: Waves, noise: float) -> bool:
    """Whether the waves foretell all but what noise explains; chaos with a sharp spectral peak leaves more."""
    return waves.skill >= LEAST_SKILL and 1.0 - waves.skill <= UNEXPLAINED + 2.0 * noise**2


def _repeating(waves: Waves) -> tuple[Verdict, str]:
    count = len(waves.frequencies)
    said = (
        f"{count} sine wave{'s' * (count > 1)} fitted to the first half foretell {100 * waves.skill:.1f} % of the rest"
    )
    if waves.period is not None:
        return "periodic", f"{said}; period {waves.period:.4g} steps"
    return "quasi-periodic", f"{said}; their frequencies have no common period"


def _drifting(evidence: Evidence, reason: str) -> tuple[Verdict, str]:
    if has_unit_root(evidence.series) and steps_walk(evidence.series):
        return "random-walk", f"{reason}; its steps are uncorrelated and add up"
    return "not-determinable", reason


def _diverging(exponent: Exponent, p: float, cross_prediction: float) -> tuple[Verdict, str]:
    """Chaotic where every condition on the divergence of neighbours holds, else the first that does not."""
    structure = f"better predictable than linear noise, p = {p:.3f}"
    if cross_prediction > SAME_DYNAMICS:
        said = f"each half tells the other {cross_prediction:.1f} times worse than itself"
        return "not-determinable", f"{structure}, but the dynamics change: {said}"
    if not exponent.n_pairs:
        return "not-determinable", f"{structure}, but no neighbours are close enough to be followed"
    if exponent.low <= 0:
        return (
            "not-determinable",
            f"{structure}, but the exponent may be zero: {exponent.low:.2g} to {exponent.high:.2g}",
        )
    if exponent.rise < LEAST_RISE or exponent.r2 < STRAIGHT:
        return "not-determinable", f"{structure}, but neighbours do not diverge along a line: R2 = {exponent.r2:.2f}"
    if exponent.r2_power > exponent.r2:
        return "not-determinable", f"{structure}, but neighbours part as if driven by noise, by a power of time"
    return "chaotic", f"{structure}; neighbours diverge exponentially, R2 = {exponent.r2:.3f}"
