"""Transforms: round trips, causality, what is fitted, and known answers."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal, stats

from tsforecast.data.panel import Panel
from tsforecast.data.series import Series
from tsforecast.errors import DataError, UsageError
from tsforecast.preparation.transforms.chain import Chain, transformed
from tsforecast.preparation.transforms.named import TRANSFORMS, transform_of

INVERTIBLE = (
    ("standard",),
    ("minmax",),
    ("robust",),
    ("log",),
    ("boxcox",),
    ("yeojohnson",),
    ("diff",),
    ("diff:7",),
    ("detrend",),
    ("deseason:7",),
    ("deseason",),
    ("log", "diff:7", "diff", "standard"),
    ("boxcox", "detrend", "deseason:7", "robust"),
    ("yeojohnson", "diff", "minmax"),
)
SMOOTHERS = (("savgol",), ("savgol:7:3",), ("ema",), ("ema:0.1",), ("fft:0:0.1",), ("fft:0.02:0.2",), ("wavelet",))


def series(n=120, seed=0, start=4):
    """Two positive series of two channels, with trend, a season of seven and noise; the edge of one channel missing."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    found = []
    for uid in ("a", "b"):
        y = 30 + 0.1 * t + 5 * np.sin(2 * np.pi * t / 7) + rng.normal(size=n)
        z = rng.lognormal(size=n)
        found.append(Series(uid, ("y", "z"), np.column_stack([y, z]), start, t + start))
    found[1].values[:2, 1] = np.nan
    return found


def one(values, start=0, **settings):
    values = np.asarray(values, dtype="float64")[:, None]
    return Series("", ("y",), values, start, np.arange(len(values)) + start, **settings)


def carried(part):
    """The causal fill of a single channel: the value before."""
    return pd.DataFrame(part.values).ffill().to_numpy()


def forward(names, y):
    return Chain.fit(names, [y]).forward(y)


def tail(s, n):
    return s.with_values(s.values[len(s) - n :])


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(INVERTIBLE))
def test_the_inverse_is_exact(seed, names):
    whole = series(seed=seed)
    history = [s.until(100) for s in whole]
    chain = Chain.fit(names, history)
    for s, past in zip(whole, history, strict=True):
        back = chain.inverse(past, chain.forward(s).values[-20:])
        np.testing.assert_allclose(back, s.values[-20:], rtol=1e-9)


@pytest.mark.parametrize("names", [*INVERTIBLE, *SMOOTHERS, ("log", "ema", "standard")])
def test_a_prefix_is_transformed_alike(names):
    whole = series(n=300)[0]
    chain = Chain.fit(names, [whole.until(250)])
    past = chain.forward(whole.until(263))
    moved = chain.forward(whole)
    assert past.start == moved.start
    np.testing.assert_array_equal(moved.values[: len(past)], past.values)
    np.testing.assert_array_equal(moved.stamps[-1], whole.stamps[-1])


@pytest.mark.parametrize("names", [*INVERTIBLE, *SMOOTHERS])
def test_the_state_survives_json(names):
    whole = series(n=300)
    chain = Chain.fit(names, whole)
    again = Chain.from_dict(json.loads(json.dumps(chain.to_dict())))
    assert again.to_dict() == chain.to_dict()
    np.testing.assert_array_equal(again.forward(whole[0]).values, chain.forward(whole[0]).values)


@pytest.mark.parametrize("names", [("detrend",), ("deseason:7",), ("standard", "deseason:7", "detrend")])
def test_a_later_history_is_where_it_is_in_time(names):
    """The tail of a history alone gives the same forecast as all of it: trend and phase are those of its rows."""
    whole = series(n=120)[0]
    chain = Chain.fit(names, [whole.until(80)])
    history = whole.until(110)
    last = tail(history, 17)
    np.testing.assert_allclose(chain.forward(last).values, chain.forward(history).values[-17:])
    np.testing.assert_allclose(chain.inverse(last, np.ones((10, 2))), chain.inverse(history, np.ones((10, 2))))


@pytest.mark.parametrize("names", [*INVERTIBLE, *SMOOTHERS])
@pytest.mark.parametrize("cutoff", [148, 150, 153, 156])
def test_nothing_later_is_seen_through_gaps(names, cutoff):
    y = series(n=200)[0].values[:, 0].copy()
    y[[60, 61, 149, 150, 151, 152]] = np.nan
    changed = np.where(np.arange(200) >= cutoff, 99.0, y)
    one_way, other = one(y, fill=carried), one(changed, fill=carried)
    chain = Chain.fit(names, [one_way.until(cutoff)])
    assert chain.to_dict() == Chain.fit(names, [other.until(cutoff)]).to_dict()
    expected = chain.forward(one_way.until(cutoff))
    for whole in (one_way, other):
        moved = chain.forward(whole)
        past = moved.until(len(expected))
        np.testing.assert_array_equal(past.values, expected.values)
        np.testing.assert_array_equal(past.filled, expected.filled)
    assert not np.isnan(expected.filled).any()


def test_a_difference_over_a_gap_is_missing_and_filled_by_the_filled():
    y = one([1, 2, np.nan, 5, 6], fill=carried)
    moved = forward(("diff",), y)
    np.testing.assert_array_equal(moved.values[:, 0], [1, np.nan, np.nan, 1])
    np.testing.assert_array_equal(moved.filled[:, 0], [1, 0, 3, 1])
    assert moved.start == 1


def test_known_answers():
    five = one([1.0, 2, 3, 4, 10])

    def y(name):
        return forward((name,), five).values[:, 0]

    np.testing.assert_allclose(y("standard"), stats.zscore([1, 2, 3, 4, 10]))
    np.testing.assert_allclose(y("minmax"), [0, 1 / 9, 2 / 9, 3 / 9, 1])
    np.testing.assert_allclose(y("robust"), [-1, -0.5, 0, 0.5, 3.5])
    np.testing.assert_allclose(y("diff"), [1, 1, 1, 6])
    np.testing.assert_allclose(y("diff:3"), [3, 8])
    np.testing.assert_allclose(y("detrend"), np.array([1.0, 2, 3, 4, 10]) - (4 + 2 * np.arange(-2, 3)))
    np.testing.assert_allclose(y("ema:0.5"), [1, 1.5, 2.25, 3.125, 6.5625])


def test_the_exponent_is_that_of_scipy():
    x = np.random.default_rng(0).lognormal(1, 0.5, 400) ** 1.5
    state = Chain.fit(("boxcox",), [one(x)]).states["y"][0][0]
    assert state["exponent"] == pytest.approx(stats.boxcox_normmax(x, method="mle"), abs=1e-3)
    signed = (x - x.mean()) / np.abs(x - x.mean()).mean()
    power = transform_of("yeojohnson")
    state = power.fit(signed, np.arange(400))
    assert state["exponent"] == pytest.approx(stats.yeojohnson_normmax(signed), abs=1e-3)
    np.testing.assert_allclose(
        power.apply(signed, np.arange(400), state), stats.yeojohnson(signed, state["exponent"]), rtol=1e-9
    )


def test_savitzky_golay_is_the_one_of_scipy_at_its_last_point():
    x = np.random.default_rng(0).normal(size=60)
    kernel = signal.savgol_coeffs(11, 2, pos=10, use="dot")
    expected = [kernel @ x[t - 10 : t + 1] for t in range(10, 60)]
    np.testing.assert_allclose(transform_of("savgol:11:2").apply(x, np.arange(60), {})[10:], expected)


def test_a_season_is_taken_away():
    t = np.arange(140)
    profile = np.array([3.0, -1, -4, 2, 0, 5, -5])
    rest = forward(("deseason:7",), one(0.5 * t + profile[t % 7])).values[:, 0]
    np.testing.assert_allclose(rest, 0.5 * t, atol=1e-9)


def test_the_band_filter_keeps_what_is_in_the_band():
    t = np.arange(1500)
    slow, fast = np.sin(2 * np.pi * t / 100), np.sin(2 * np.pi * t / 5)
    low = transform_of("fft:0:0.05").apply(10 + slow + fast, t, {})[300:]
    assert np.abs(low - 10 - slow[300:]).mean() < 0.25
    assert np.abs(transform_of("fft:0.1:0.5").apply(10 + slow + fast, t, {})[300:] - fast[300:]).mean() < 0.35


def test_a_band_filter_puts_the_level_back():
    flat = one(50 + np.sin(np.arange(600) / 2))
    back = Chain.fit(("fft:0.03:0.3",), [flat]).inverse(flat, np.zeros((5, 1)))
    np.testing.assert_allclose(back, 50, atol=1.0)


@pytest.mark.parametrize("name", ["savgol:21:1", "ema:0.3", "fft:0:0.03", "wavelet"])
def test_smoothers_take_noise_away(name):
    rng = np.random.default_rng(0)
    clean = np.sin(2 * np.pi * np.arange(1000) / 250)
    noisy = clean + 0.3 * rng.normal(size=1000)
    link = transform_of(name)
    smooth = link.apply(noisy, np.arange(1000), link.fit(noisy, np.arange(1000)))
    assert np.abs(smooth - clean)[300:].mean() < 0.65 * np.abs(noisy - clean)[300:].mean()


def test_a_new_series_is_fitted_on_itself():
    a, b = series()
    np.testing.assert_array_equal(Chain.fit(("standard",), [a]).forward(b).values, forward(("standard",), b).values)


def test_a_channel_without_values_is_left_alone():
    whole = series()[0]
    empty = whole.with_values(np.column_stack([whole.values[:, 0], np.full(len(whole), np.nan)]))
    for names in (*INVERTIBLE, *SMOOTHERS):
        chain = Chain.fit(names, [empty])
        moved = chain.forward(empty).values
        assert np.isnan(moved[:, 1]).all()
        assert np.isfinite(moved[:, 0]).all()
        chain.inverse(empty, np.zeros((3, 2)))


def test_constants_stay_finite():
    flat = one(np.full(40, 7.0))
    for names in (*INVERTIBLE, *SMOOTHERS):
        chain = Chain.fit(names, [flat])
        assert np.isfinite(chain.forward(flat).values).all()
        assert np.isfinite(chain.inverse(flat, np.zeros((4, 1)))).all()


def test_a_panel_is_transformed_series_by_series():
    frame = pd.DataFrame(
        {"unique_id": ["a"] * 4 + ["b"] * 3, "ds": [0, 1, 2, 3, 0, 1, 2], "y": [1.0, 2, 4, 7, 5, 5, 6]}
    )
    moved = transformed(Panel(frame, 1), ("diff",))
    np.testing.assert_array_equal(moved.values[:, 0], [np.nan, 1, 2, 3, np.nan, 0, 1])


@pytest.mark.parametrize("kind", ["log", "boxcox"])
def test_values_that_have_no_logarithm_are_refused(kind):
    with pytest.raises(DataError, match="y: .* positive") as error:
        Chain.fit((kind,), [one([1.0, 0, 2, 3])])
    assert "yeojohnson" in error.value.hint


def test_forecasts_outside_the_range_of_a_power_stay_finite():
    rng = np.random.default_rng(0)
    y = one(1 / (0.5 + rng.normal(1, 0.05, 300)))
    for kind in ("log", "boxcox", "yeojohnson"):
        back = Chain.fit((kind,), [y]).inverse(y, np.array([[-1e6], [0], [1e6]]))
        assert np.isfinite(back).all()


@pytest.mark.parametrize(
    "name",
    [
        "square",
        "diff:0",
        "diff:x",
        "fft",
        "fft:0.1",
        "fft:0.3:0.1",
        "ema:2",
        "savgol:5",
        "savgol:5:7",
        "savgol:99999:2",
        "log:2",
        "",
    ],
)
def test_an_unknown_transform_is_refused(name):
    with pytest.raises(UsageError) as error:
        Chain.fit((name,), [])
    assert error.value.hint


def test_every_listed_transform_exists():
    for usage in TRANSFORMS:
        transform_of({"fft:LOW:HIGH": "fft:0:0.2"}.get(usage, usage.split("[")[0]))


STATES = {
    "standard": {"centre": 0.0, "scale": 1.0},
    "boxcox": {"exponent": 0.5, "size": 1.0, "largest": 10.0},
    "diff": {},
    "detrend": {"origin": 0, "slope": 0.1, "level": 1.0},
    "deseason:2": {"profile": [1.0, -1.0]},
    "ema": {},
    "fft:0:0.1": {},
    "wavelet": {"noise": 0.1},
}


def saved(name, state):
    return {"names": [name], "states": {"y": [[state]]}}


@pytest.mark.parametrize("name", STATES)
def test_a_state_that_fit_cannot_make_is_refused(name):
    good = STATES[name]
    Chain.from_dict(saved(name, good))
    bad = [{**good, "more": 1.0}, [], None, "x"]
    for key in good:
        bad += [{k: v for k, v in good.items() if k != key}]
        bad += [{**good, key: value} for value in (None, "1", True, float("nan"), float("inf"), 1e308, [], [[1.0]], {})]
    for state in bad:
        with pytest.raises(ValueError):
            Chain.from_dict(saved(name, state))


@pytest.mark.parametrize(
    "whole",
    [
        None,
        [],
        {},
        {"names": ["diff"]},
        {"names": "diff", "states": {}},
        {"names": [1], "states": {}},
        {"names": ["square"], "states": {}},
        {"names": ["diff"], "states": []},
        {"names": ["diff"], "states": {"y": {}}},
        {"names": ["diff"], "states": {"y": [{}]}},
        {"names": ["diff"], "states": {"y": [[{}, {}]]}},
        {"names": [], "states": {}, "more": 1},
    ],
)
def test_what_is_no_chain_is_refused(whole):
    with pytest.raises(ValueError):
        Chain.from_dict(whole)
