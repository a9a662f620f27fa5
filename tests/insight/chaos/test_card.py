"""The chaos card: verdicts, bad input, and its two forms of output."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tsforecast.insight.chaos.card import chaos_card, horizon
from tsforecast.insight.chaos.rendering import as_dict, as_lines
from tsforecast.synth import generate

LENGTH = 1200


def series(name: str, length: int = LENGTH, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    return generate(name, length=length, noise=noise, seed=seed).iloc[:, 1].to_numpy(copy=True)


@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("sine", "periodic"),
        ("torus", "quasi-periodic"),
        ("white-noise", "linear-noise"),
        ("ar1", "linear-noise"),
        ("random-walk", "random-walk"),
        ("henon", "chaotic"),
        ("lorenz", "chaotic"),
    ],
)
def test_verdicts(name: str, verdict: str, noise: float) -> None:
    card = chaos_card(series(name, noise=noise, seed=2), seed=2)
    assert card.verdict == verdict, as_lines(card)


def test_a_jittering_clock_is_not_chaotic() -> None:
    rng = np.random.default_rng(1)
    card = chaos_card(np.sin(2 * np.pi * np.cumsum(1 + 0.1 * rng.standard_normal(1000)) / 25), seed=1)
    assert card.verdict == "not-determinable"
    assert "driven by noise" in card.reason


def stuck() -> np.ndarray:
    return np.repeat(series("henon", 600), 2)


def spiky() -> np.ndarray:
    x = series("henon", 1000)
    x[::90] += 40
    return x


BAD: dict[str, tuple[Callable[[], np.ndarray], str]] = {
    "empty": (lambda: np.empty(0), "no values"),
    "all missing": (lambda: np.full(500, np.nan), "no values"),
    "all infinite": (lambda: np.full(500, np.inf), "no values"),
    "constant": (lambda: np.full(500, 7.0), "constant"),
    "too short": (lambda: series("lorenz", 60), "too short"),
    "one value": (lambda: np.array([1.0]), "constant"),
    "mostly missing": (lambda: np.where(np.arange(1000) % 3 == 0, series("henon", 1000), np.nan), "missing"),
    "two values": (lambda: series("square"), "two values"),
    "integer-valued": (lambda: np.round(4 * series("henon")), "whole steps"),
    "duplicated": (stuck, "repeat the one before"),
    "clipped": (lambda: np.clip(series("lorenz"), -8, 8), "clipped"),
    "spikes": (spiky, "spikes"),
    "a spike as large as a number can be": (lambda: np.append(series("henon"), [1.7e308, 0.0]), "spikes"),
    "mostly zero": (lambda: np.where(np.arange(1000) % 5 == 0, series("henon", 1000), 0.0), "repeat|equal"),
    "chirp": (lambda: np.sin(2 * np.pi * (np.arange(1200) / 40 + np.arange(1200) ** 2 / 96_000)), "dynamics change"),
    "trend": (lambda: np.linspace(0, 1, 1000) + 0.01 * series("white-noise", 1000), "trend"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_series_are_not_determinable_and_say_why(kind: str) -> None:
    make, reason = BAD[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        card = chaos_card(make())
    assert card.verdict == "not-determinable"
    assert any(word in card.reason for word in reason.split("|")), card.reason
    json.dumps(as_dict(card), allow_nan=False)
    assert as_lines(card)


@given(
    arrays(
        "float64",
        st.integers(0, 400),
        elements=st.one_of(
            st.floats(-1e6, 1e6), st.floats(allow_nan=False), st.sampled_from([0.0, 1.0, np.nan, np.inf])
        ),
    )
)
@settings(max_examples=25, deadline=None)
def test_no_series_breaks_the_card(values: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        card = chaos_card(values)
    json.dumps(as_dict(card), allow_nan=False)


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e9, 1e300])
def test_the_verdict_does_not_depend_on_units(scale: float) -> None:
    x = series("henon")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one, other = chaos_card(x), chaos_card(scale * (x + 5))
    assert (one.verdict, one.delay.delay) == (other.verdict, other.delay.delay)  # type: ignore[union-attr]
    assert one.exponent is not None
    assert other.exponent is not None
    assert other.exponent.value == pytest.approx(one.exponent.value, rel=1e-3)


def test_vectors_across_gaps_are_left_out_and_counted() -> None:
    x = series("henon", 1500)
    x[[300, 301, 900]] = np.nan
    card = chaos_card(x)
    assert card.dimension is not None
    assert card.dimension.dimension == 2
    # With a delay of 1 each run of gaps costs its own vectors and one more.
    assert (card.n_missing, card.n_left_out) == (3, 5)
    assert card.verdict == "chaotic"


def test_the_same_seed_gives_the_same_card() -> None:
    x = series("lorenz")
    assert as_dict(chaos_card(x, seed=4)) == as_dict(chaos_card(x, seed=4))


def test_figures_per_unit_time_divide_by_the_step() -> None:
    card = chaos_card(series("lorenz"), dt=0.05)
    found = as_dict(card)
    assert card.exponent is not None
    assert card.horizon is not None
    assert found["exponent_per_time"]["value"] == pytest.approx(card.exponent.value / 0.05)
    assert found["horizon"]["time"] == pytest.approx(card.horizon.steps * 0.05)
    assert any("per unit time" in line for line in as_lines(card))


def test_the_horizon_is_the_growth_of_the_one_step_error() -> None:
    found = horizon(0.01, 0.1)
    assert found is not None
    assert found.steps == pytest.approx(np.log(40) / 0.1)
    assert found.half == pytest.approx(found.steps / 2)
    assert found.lyapunov_times == pytest.approx(np.log(40))
    assert horizon(0.9, 0.1).steps == 0  # type: ignore[union-attr]
    assert horizon(0.01, -0.1) is None
    assert horizon(None, 0.1) is None


def test_the_card_carries_what_pictures_need() -> None:
    card = chaos_card(series("lorenz"))
    assert card.delay is not None
    assert card.dimension is not None
    assert len(card.delay.autocorrelation) > card.delay.te
    assert len(card.delay.mutual_information) > (card.delay.delay or 0)
    assert len(card.dimension.e1) == len(card.dimension.e2) == len(card.dimension.fnn) - 1
    assert card.portrait.shape[1] == 3
    assert card.recurrence.shape == (len(card.recurrence_rows), len(card.recurrence_rows))
    assert np.allclose(np.diag(card.recurrence), 0)
    assert "recurrence" not in as_dict(card)


def test_a_card_needs_no_tensorflow_and_no_matplotlib() -> None:
    code = (
        "import sys, numpy as np; from tsforecast.insight.chaos.card import chaos_card;"
        "chaos_card(np.sin(np.arange(500.0)));"
        "print([m for m in ('tensorflow', 'keras', 'matplotlib', 'sklearn', 'statsmodels') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
