"""Transforms: round trips, causality, what is fitted, and known answers."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal, stats

from tsforecast.data.panel import Panel, stamps_from
from tsforecast.errors import DataError, UsageError
from tsforecast.preparation.transforms.chain import TRANSFORMS, Preparer, transform_of

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


def panel(n=120, seed=0, freq="D", start="2023-01-05"):
    """Two positive series of two channels, with trend, a season of seven and noise; edges of one channel missing."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    parts = []
    for uid in ("a", "b"):
        y = 30 + 0.1 * t + 5 * np.sin(2 * np.pi * t / 7) + rng.normal(size=n)
        frame = pd.DataFrame({"unique_id": uid, "ds": stamps_from(pd.Timestamp(start), n, freq)})
        parts.append(frame.assign(y=y, z=rng.lognormal(size=n)))
    whole = pd.concat(parts, ignore_index=True)
    whole.loc[:2, "z"] = np.nan
    return Panel(whole, freq)


def tails(values, indptr, n):
    return np.stack([values[high - n : high] for high in indptr[1:]])


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from(INVERTIBLE), st.sampled_from(["D", "h", "W-SUN", "MS", "B", "15min"]))
def test_the_inverse_is_exact(seed, names, freq):
    whole = panel(seed=seed, freq=freq, start="2023-01-01")
    history = whole.drop_last(20)
    preparer = Preparer(names).fit(history)
    future = tails(preparer.transform(whole).values, whole.indptr, 20)
    back = preparer.inverse_transform(future, history)
    np.testing.assert_allclose(back, tails(whole.values, whole.indptr, 20), rtol=1e-9)


@pytest.mark.parametrize("names", [*INVERTIBLE, *SMOOTHERS, ("log", "ema", "standard")])
def test_a_prefix_is_transformed_alike(names):
    whole = panel(n=300)
    prefix = whole.drop_last(37)
    preparer = Preparer(names).fit(prefix)
    np.testing.assert_allclose(
        preparer.transform(whole).drop_last(37).values, preparer.transform(prefix).values, atol=1e-9
    )


@pytest.mark.parametrize("names", [*INVERTIBLE, *SMOOTHERS])
def test_the_state_survives_json(names):
    whole = panel(n=300)
    preparer = Preparer(names).fit(whole)
    again = Preparer.from_dict(json.loads(json.dumps(preparer.to_dict())))
    assert again.to_dict() == preparer.to_dict()
    np.testing.assert_array_equal(again.transform(whole).values, preparer.transform(whole).values)


@pytest.mark.parametrize("names", [("detrend",), ("deseason:7",), ("standard", "deseason:7", "detrend")])
def test_a_later_history_is_where_it_is_in_time(names):
    """The tail of a history alone gives the same forecast as all of it: trend and phase are those of the stamps."""
    whole = panel(n=120)
    preparer = Preparer(names).fit(whole.drop_last(40))
    history = whole.drop_last(10)
    tail = history.tail(17)
    np.testing.assert_allclose(
        preparer.transform(tail).values, tails(preparer.transform(history).values, history.indptr, 17).reshape(-1, 2)
    )
    ahead = np.ones((2, 10, 2))
    np.testing.assert_allclose(preparer.inverse_transform(ahead, tail), preparer.inverse_transform(ahead, history))


def test_known_answers():
    frame = pd.DataFrame({"unique_id": "", "ds": np.arange(5), "y": [1.0, 2, 3, 4, 10]})
    five = Panel(frame, 1)

    def y(name):
        return Preparer((name,)).fit(five).transform(five).values[:, 0]

    np.testing.assert_allclose(y("standard"), stats.zscore([1, 2, 3, 4, 10]))
    np.testing.assert_allclose(y("minmax"), [0, 1 / 9, 2 / 9, 3 / 9, 1])
    np.testing.assert_allclose(y("robust"), [-1, -0.5, 0, 0.5, 3.5])
    np.testing.assert_allclose(y("diff"), [np.nan, 1, 1, 1, 6])
    np.testing.assert_allclose(y("diff:3"), [np.nan, np.nan, np.nan, 3, 8])
    np.testing.assert_allclose(y("detrend"), np.array([1.0, 2, 3, 4, 10]) - (4 + 2 * np.arange(-2, 3)))
    np.testing.assert_allclose(y("ema:0.5"), [1, 1.5, 2.25, 3.125, 6.5625])


def test_the_exponent_is_that_of_scipy():
    x = np.random.default_rng(0).lognormal(1, 0.5, 400) ** 1.5
    frame = pd.DataFrame({"unique_id": "", "ds": np.arange(400), "y": x})
    state = Preparer(("boxcox",)).fit(Panel(frame, 1)).to_dict()["states"][""]["y"][0]
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
    frame = pd.DataFrame({"unique_id": "", "ds": t, "y": 0.5 * t + profile[t % 7]})
    rest = Preparer(("deseason:7",)).fit(Panel(frame, 1)).transform(Panel(frame, 1)).values[:, 0]
    np.testing.assert_allclose(rest, 0.5 * t, atol=1e-9)


def test_the_band_filter_keeps_what_is_in_the_band():
    t = np.arange(1500)
    slow, fast = np.sin(2 * np.pi * t / 100), np.sin(2 * np.pi * t / 5)
    low = transform_of("fft:0:0.05").apply(10 + slow + fast, t, {})[300:]
    assert np.abs(low - 10 - slow[300:]).mean() < 0.25
    assert np.abs(transform_of("fft:0.1:0.5").apply(10 + slow + fast, t, {})[300:] - fast[300:]).mean() < 0.35


def test_a_band_filter_puts_the_level_back():
    frame = pd.DataFrame({"unique_id": "", "ds": np.arange(600), "y": 50 + np.sin(np.arange(600) / 2)})
    flat = Panel(frame, 1)
    back = Preparer(("fft:0.03:0.3",)).fit(flat).inverse_transform(np.zeros((1, 5, 1)), flat)
    np.testing.assert_allclose(back, 50, atol=1.0)


@pytest.mark.parametrize("name", ["savgol:21:1", "ema:0.3", "fft:0:0.03", "wavelet"])
def test_smoothers_take_noise_away(name):
    rng = np.random.default_rng(0)
    clean = np.sin(2 * np.pi * np.arange(1000) / 250)
    noisy = clean + 0.3 * rng.normal(size=1000)
    link = transform_of(name)
    smooth = link.apply(noisy, np.arange(1000), link.fit(noisy, np.arange(1000)))
    assert np.abs(smooth - clean)[300:].mean() < 0.65 * np.abs(noisy - clean)[300:].mean()


def test_the_future_does_not_change_what_is_fitted():
    whole = panel()
    changed = whole.with_values(np.where(np.arange(len(whole))[:, None] % 120 >= 100, 1e6, whole.values))
    for names in (*INVERTIBLE, *SMOOTHERS):
        fitted, other = Preparer(names).fit(whole.drop_last(20)), Preparer(names).fit(changed.drop_last(20))
        assert fitted.to_dict() == other.to_dict()


def test_a_new_series_is_fitted_on_itself():
    whole = panel()
    a = whole.take_rows((whole.frame["unique_id"] == "a").to_numpy())
    b = whole.take_rows((whole.frame["unique_id"] == "b").to_numpy())
    np.testing.assert_array_equal(
        Preparer(("standard",)).fit(a).transform(b).values, Preparer(("standard",)).fit(b).transform(b).values
    )


def test_a_channel_without_values_is_left_alone():
    whole = panel()
    empty = whole.with_values(np.column_stack([whole.values[:, 0], np.full(len(whole), np.nan)]))
    for names in (*INVERTIBLE, *SMOOTHERS):
        preparer = Preparer(names).fit(empty)
        assert np.isnan(preparer.transform(empty).values[:, 1]).all()
        preparer.inverse_transform(np.zeros((2, 3, 2)), empty)


def test_constants_stay_finite():
    frame = pd.DataFrame({"unique_id": "", "ds": np.arange(40), "y": 7.0})
    flat = Panel(frame, 1)
    for names in (*INVERTIBLE, *SMOOTHERS):
        preparer = Preparer(names).fit(flat)
        moved = preparer.transform(flat).values
        assert np.isfinite(moved[8:]).all()
        assert np.isfinite(preparer.inverse_transform(np.zeros((1, 4, 1)), flat)).all()


@pytest.mark.parametrize("kind", ["log", "boxcox"])
def test_values_that_have_no_logarithm_are_refused(kind):
    frame = pd.DataFrame({"unique_id": "", "ds": np.arange(4), "y": [1.0, 0, 2, 3]})
    with pytest.raises(DataError, match="positive") as error:
        Preparer((kind,)).fit(Panel(frame, 1))
    assert "yeojohnson" in error.value.hint


def test_forecasts_outside_the_range_of_a_power_stay_finite():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"unique_id": "", "ds": np.arange(300), "y": 1 / rng.lognormal(0, 0.4, 300)})
    frame["y"] = 1 / (0.5 + rng.normal(1, 0.05, 300))
    series = Panel(frame, 1)
    for kind in ("log", "boxcox", "yeojohnson"):
        back = Preparer((kind,)).fit(series).inverse_transform(np.array([-1e6, 0, 1e6]).reshape(1, 3, 1), series)
        assert np.isfinite(back).all()


@pytest.mark.parametrize(
    "name",
    ["square", "diff:0", "diff:x", "fft", "fft:0.1", "fft:0.3:0.1", "ema:2", "savgol:5", "savgol:5:7", "log:2", ""],
)
def test_an_unknown_transform_is_refused(name):
    with pytest.raises(UsageError) as error:
        Preparer((name,))
    assert error.value.hint


def test_every_listed_transform_exists():
    for usage in TRANSFORMS:
        transform_of({"fft:LOW:HIGH": "fft:0:0.2"}.get(usage, usage.split("[")[0]))
