"""The verdict: what the evidence allows to be said, in the order in which one thing rules out another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tsforecast.data.panel import FloatArray
from tsforecast.insight.chaos.ahead import StepErrors
from tsforecast.insight.chaos.delay import DelayChoice
from tsforecast.insight.chaos.lyapunov import Exponent
from tsforecast.insight.chaos.nonstationarity import has_unit_root, steps_walk
from tsforecast.insight.chaos.periodicity import Waves
from tsforecast.insight.chaos.surrogates import SurrogateTest

Verdict = Literal["periodic", "quasi-periodic", "chaotic", "linear-noise", "random-walk", "not-determinable"]

SIGNIFICANT = 0.05
STRAIGHT = 0.95
LEAST_RISE = 0.5
LEAST_SKILL = 0.8
UNEXPLAINED = 0.01
SAME_DYNAMICS = 2.0
# Errors of 400 predictions are known to about 4 %: a fifth is no accident.
BETTER = 0.8
# Half-way between distances that noise adds to (0) and distances that the dynamics multiply (1).
INHERITED = 0.5


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
    inherited_distance: float = float("nan")
    ahead: StepErrors | None = None


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
        return "not-determinable", f"too short for a surrogate test at a delay of {evidence.delay.delay} steps"
    if surrogates.p > SIGNIFICANT:
        return _as_linear(surrogates.p, evidence.ahead)
    return _diverging(exponent, surrogates.p, evidence)


def _as_linear(p: float, ahead: StepErrors | None) -> tuple[Verdict, str]:
    """Linear noise, unless the next step says otherwise: that no test finds structure does not prove its absence."""
    if ahead is not None and ahead.kernel < BETTER * ahead.linear:
        share = 100 * (1.0 - ahead.kernel / ahead.linear)
        told = f"nonlinear regression has an error smaller by {share:.0f} % than linear for the next step"
        return "not-determinable", f"surrogates are as predictable, p = {p:.2f}, but {told}"
    return "linear-noise", f"no better predictable than linear noise of the same spectrum, p = {p:.2f}"


def _waves_explain(waves: Waves, noise: float) -> bool:
    """Whether the waves foretell all but what noise explains; chaos with a sharp spectral peak leaves more."""
    return waves.skill >= LEAST_SKILL and 1.0 - waves.skill <= UNEXPLAINED + 2.0 * noise**2


def _repeating(waves: Waves) -> tuple[Verdict, str]:
    count = len(waves.frequencies)
    said = (
        f"{count} sine wave{'s' * (count > 1)} fitted to the first half foretell{'s' * (count == 1)} "
        f"{100 * waves.skill:.1f} % of the rest"
    )
    if waves.period is not None:
        return "periodic", f"{said}; period {waves.period:.4g} steps"
    return "quasi-periodic", f"{said}; their frequencies have no common period"


def _drifting(evidence: Evidence, reason: str) -> tuple[Verdict, str]:
    if has_unit_root(evidence.series) and steps_walk(evidence.series):
        return "random-walk", f"{reason}; its steps are uncorrelated and add up"
    return "not-determinable", reason


def _diverging(exponent: Exponent, p: float, evidence: Evidence) -> tuple[Verdict, str]:
    """Chaotic where every condition on the divergence of neighbours holds, else the first that does not."""
    structure = f"better predictable than linear noise, p = {p:.3f}"
    across, inherited = evidence.cross_prediction, evidence.inherited_distance
    by_noise = "neighbours part as if driven by noise"
    doubts = (
        (
            across > SAME_DYNAMICS,
            f"the dynamics change: each half tells the other {across:.1f} times worse than itself",
        ),
        (not exponent.n_pairs, "no neighbours are close enough to be followed"),
        (exponent.low <= 0, f"the exponent may be zero: {exponent.low:.2g} to {exponent.high:.2g}"),
        (
            exponent.rise < LEAST_RISE or exponent.r2 < STRAIGHT,
            f"neighbours do not diverge along a line: R2 = {exponent.r2:.2f}",
        ),
        (exponent.r2_power > exponent.r2, f"{by_noise}, by a power of time"),
        (inherited < INHERITED, f"{by_noise}, wherever they began: power {inherited:.2f} of their first distance"),
    )
    for doubted, why in doubts:
        if doubted:
            return "not-determinable", f"{structure}, but {why}"
    return "chaotic", f"{structure}; neighbours diverge exponentially, R2 = {exponent.r2:.3f}"
