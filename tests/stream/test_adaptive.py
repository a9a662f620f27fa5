"""Adaptive conformal inference covers what was asked for whatever the data do; running moments forget."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tsforecast.stream.adaptive import GAMMA, MEMORY, Adaptive, Running


def fed(adaptive: Adaptive, scores) -> None:
    for score in scores:
        widths = [adaptive.width(i) for i in range(len(adaptive.alphas))]
        inside = None if any(w != w for w in widths) else [score <= w for w in widths]
        adaptive.learn(float(score), inside)


def test_before_any_row_the_widths_are_those_of_the_model():
    fresh = Adaptive([80.0, 95.0], [1.0, 2.0])
    assert fresh.width(0) == pytest.approx(1.0, rel=0.05)
    assert fresh.width(1) == pytest.approx(2.0, rel=0.05)
    assert fresh.coverage(0) is None


def test_without_measured_widths_there_are_intervals_once_scores_can_support_them():
    fresh = Adaptive([80.0, 95.0], [math.nan, math.nan])
    fed(fresh, [1.0] * 10)
    assert fresh.width(0) == 1.0
    assert math.isnan(fresh.width(1))
    fed(fresh, [1.0] * 10)
    assert fresh.width(1) == 1.0


@pytest.mark.parametrize(
    "scores",
    [
        np.abs(np.random.default_rng(0).standard_normal(20_000)),
        # errors ten times as large from the middle on
        np.abs(np.random.default_rng(1).standard_normal(20_000)) * np.where(np.arange(20_000) < 10_000, 1, 10),
        # errors that grow without end, so that no quantile of those seen covers the next
        np.exp(np.arange(20_000) / 1000),
    ],
    ids=["steady", "shift", "growth"],
)
def test_the_realised_coverage_is_what_was_asked_for(scores):
    adaptive = Adaptive([80.0, 95.0], [1.28, 1.96])
    fed(adaptive, scores)
    # Gibbs & Candès, proposition 4.1: within (max(α, 1 - α) + γ) / (γ T)
    slack = 100 * (0.95 + GAMMA) / (GAMMA * len(scores))
    assert adaptive.coverage(0) == pytest.approx(80, abs=slack)
    assert adaptive.coverage(1) == pytest.approx(95, abs=slack)


def test_a_row_moves_alpha_by_the_rule_of_the_paper():
    adaptive = Adaptive([80.0], [1.0])
    adaptive.learn(0.1, [True])
    assert adaptive.now == [pytest.approx(0.2 + GAMMA * 0.2)]
    adaptive.learn(9.0, [False])
    assert adaptive.now == [pytest.approx(0.2 + GAMMA * 0.2 - GAMMA * 0.8)]
    adaptive.learn(9.0, None)
    assert (adaptive.rows, adaptive.covered) == (2, [1])


def test_memory_is_bounded_and_the_state_goes_on_alike():
    adaptive, other = Adaptive([80.0], [1.0]), Adaptive([80.0], [5.0])
    scores = np.abs(np.random.default_rng(0).standard_normal(2 * MEMORY))
    fed(adaptive, scores)
    state = adaptive.to_dict()
    assert len(state["scores"]) == MEMORY
    other.restore(state)
    fed(adaptive, scores)
    fed(other, scores)
    assert adaptive.to_dict() == other.to_dict()
    with pytest.raises(ValueError, match="another model"):
        Adaptive([80.0, 95.0], [1.0, 2.0]).restore(state)


def test_running_moments_are_those_of_all_rows_then_of_the_newest():
    values = np.random.default_rng(0).normal(3, 2, 80)
    running = Running(100)
    for value in values:
        running.learn(value)
    assert running.mean == pytest.approx(values.mean())
    assert running.variance == pytest.approx(values.var())
    for _ in range(2000):
        running.learn(7.0)
    assert running.mean == pytest.approx(7.0)
    assert running.variance == pytest.approx(0.0, abs=1e-6)
