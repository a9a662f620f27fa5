"""The chaos card: verdicts, and series of which nothing can be told."""

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
from known_systems import card, series

from tsforecast.insight.chaos.card import chaos_card, horizon
from tsforecast.insight.chaos.rendering import as_dict, as_lines


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
    assert card(name, noise).verdict == verdict, as_lines(card(name, noise))


def test_a_jittering_clock_is_not_chaotic() -> None:
    rng = np.random.default_rng(1)
    found = chaos_card(np.sin(2 * np.pi * np.cumsum(1 + 0.1 * rng.standard_normal(1000)) / 25), seed=1)
    assert found.verdict == "not-determinable"
    assert "driven by noise" in found.reason


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
    "two values": (lambda: series("square", 1200), "two values"),
    "integer-valued": (lambda: np.round(4 * series("henon", 1200)), "whole steps"),
    "duplicated": (stuck, "repeat the one before"),
    "clipped": (lambda: np.clip(series("lorenz", 1200), -8, 8), "clipped"),
    "spikes": (spiky, "spikes"),
    "a spike as large as a number can be": (lambda: np.append(series("henon", 1200), [1.7e308, 0.0]), "spikes"),
    "mostly zero": (lambda: np.where(np.arange(1000) % 5 == 0, series("henon", 1000), 0.0), "repeat|equal"),
    "chirp": (lambda: np.sin(2 * np.pi * (np.arange(1200) / 40 + np.arange(1200) ** 2 / 96_000)), "dynamics change"),
    "trend": (lambda: np.linspace(0, 1, 1000) + 0.01 * series("white-noise", 1000), "trend"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_series_are_not_determinable_and_say_why(kind: str) -> None:
    make, reason = BAD[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = chaos_card(make())
    assert found.verdict == "not-determinable"
    assert any(word in found.reason for word in reason.split("|")), found.reason
    json.dumps(as_dict(found), allow_nan=False)
    assert as_lines(found)


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
        found = chaos_card(values)
    json.dumps(as_dict(found), allow_nan=False)


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_the_verdict_does_not_depend_on_units(scale: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        other = chaos_card(scale * (series("henon", 1200, seed=2) + 5), seed=2)
    one = card("henon")
    assert (one.verdict, one.delay.delay) == (other.verdict, other.delay.delay)  # type: ignore[union-attr]
    assert one.exponent is not None
    assert other.exponent is not None
    assert other.exponent.value == pytest.approx(one.exponent.value, rel=1e-3)


def test_vectors_across_gaps_are_left_out_and_counted() -> None:
    x = series("henon", 1200)
    x[[300, 301, 900]] = np.nan
    found = chaos_card(x)
    assert found.dimension is not None
    assert found.dimension.dimension == 2
    # With a delay of 1 each run of gaps costs its own vectors and one more.
    assert (found.n_missing, found.n_left_out) == (3, 5)
    assert found.verdict == "chaotic"


def test_the_same_seed_gives_the_same_card_and_another_seed_other_surrogates() -> None:
    x = series("henon", 1200, seed=2)
    assert as_dict(chaos_card(x, seed=2)) == as_dict(card("henon"))
    one, other = card("henon").surrogates, chaos_card(x[:600], seed=3).surrogates
    same = chaos_card(x[:600], seed=2).surrogates
    assert one is not None
    assert other is not None
    assert same is not None
    assert (same.surrogate_errors != other.surrogate_errors).all()


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
    found = card("lorenz")
    assert found.delay is not None
    assert found.dimension is not None
    assert len(found.delay.autocorrelation) > found.delay.te
    assert len(found.delay.mutual_information) > (found.delay.delay or 0)
    assert len(found.dimension.e1) == len(found.dimension.e2) == len(found.dimension.fnn) - 1
    assert found.portrait.shape[1] == 3
    assert found.recurrence.shape == (len(found.recurrence_rows), len(found.recurrence_rows))
    assert np.allclose(np.diag(found.recurrence), 0)
    assert "recurrence" not in as_dict(found)


def test_a_card_needs_no_tensorflow_and_no_matplotlib() -> None:
    code = (
        "import sys, numpy as np; from tsforecast.insight.chaos.card import chaos_card;"
        "chaos_card(np.sin(np.arange(500.0)));"
        "print([m for m in ('tensorflow', 'keras', 'matplotlib', 'sklearn', 'statsmodels') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
