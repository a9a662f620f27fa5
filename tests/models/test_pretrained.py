"""The pretrained network: quantiles in order, holes, short and constant series, scale and shift, damaged weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from series_of import series, task

from tsforecast.errors import DataError
from tsforecast.models.contract import State
from tsforecast.models.plausible import plausible_periods
from tsforecast.models.pretrained import Pretrained
from tsforecast.models.zero_shot import weights as held
from tsforecast.models.zero_shot.foresee import foresee
from tsforecast.models.zero_shot.patched import BELOW
from tsforecast.models.zero_shot.seasonal_profile import _moving_average, without_profile
from tsforecast.models.zero_shot.seen import spectral_periods
from tsforecast.models.zero_shot.variants import Variant, _stretched, foresee_each

T = np.arange(480.0)
DAILY = (np.sin(2 * np.pi * T / 24) + 0.1 * np.sin(1.7 * T**2))[None]


def test_quantiles_ascend_beyond_one_block_too() -> None:
    found = foresee(np.concatenate([DAILY, np.cumsum(DAILY, axis=1)]), 150)
    assert found.shape == (2, 150, 11)
    assert (np.diff(found, axis=2) >= 0).all()


def test_a_clean_day_is_forecast_better_than_by_its_mean_and_by_its_last_value() -> None:
    ahead = np.sin(2 * np.pi * (480 + np.arange(48)) / 24)
    error = np.abs(foresee(DAILY, 48)[0, :, BELOW] - ahead).mean()
    assert error < 0.6 * min(np.abs(ahead).mean(), np.abs(DAILY[0, -1] - ahead).mean())


def test_scale_and_shift_pass_through() -> None:
    np.testing.assert_allclose(foresee(1000 + 50 * DAILY, 20), 1000 + 50 * foresee(DAILY, 20), rtol=1e-5, atol=1e-2)


def test_a_constant_goes_on() -> None:
    np.testing.assert_allclose(foresee(np.full((1, 90), 7.25), 30), 7.25)


@pytest.mark.parametrize("length", [1, 2, 15, 17])
def test_short_histories_have_finite_forecasts(length: int) -> None:
    assert np.isfinite(foresee(DAILY[:, :length], 70)).all()


def test_holes_are_no_values() -> None:
    holed = DAILY.copy()
    holed[:, 100:140] = np.nan
    found = foresee(holed, 24)
    assert np.isfinite(found).all()
    assert np.abs(found[..., BELOW] - foresee(DAILY, 24)[..., BELOW]).max() < 0.5


def test_the_period_of_a_day_and_of_spikes_is_found() -> None:
    spikes = np.zeros((1, 480))
    spikes[:, ::24] = 5
    found = spectral_periods(np.concatenate([DAILY, spikes]))[:, 0]
    np.testing.assert_allclose(found, 24, rtol=0.03)


def test_the_profile_of_a_pure_season_is_the_season() -> None:
    pure = np.sin(2 * np.pi * T / 48)
    rest, profile = without_profile(pure, 48, 60)
    np.testing.assert_allclose(rest, 0, atol=1e-9)
    np.testing.assert_allclose(profile, np.sin(2 * np.pi * (480 + np.arange(60)) / 48), atol=1e-9)


@pytest.mark.parametrize("season", [12, 13])
def test_the_moving_average_reaches_both_ends(season: int) -> None:
    values = np.cumsum(np.random.default_rng(3).standard_normal(100))
    level = _moving_average(values, season)
    assert level[-1] == pytest.approx(values[-season:].mean(), abs=abs(np.diff(values)).max())
    assert np.isfinite(level).all()


def test_a_code_for_a_missing_value_does_not_bend_the_profile() -> None:
    pure = np.sin(2 * np.pi * T / 48) + 0.01 * np.sin(1.7 * T**2)
    coded = pure.copy()
    coded[[100, 300, 301]] = -200
    found = without_profile(coded, 48, 48)[1]
    np.testing.assert_allclose(found, without_profile(pure, 48, 48)[1], atol=0.05)


def _seasonal(seed: int = 0, n: int = 2640) -> np.ndarray:
    """A season of 330 steps, longer than half of what the network sees, and noise."""
    rng = np.random.default_rng(seed)
    shape = np.cumsum(rng.standard_normal(330))
    return np.tile(shape - shape.mean(), n // 330) + 0.1 * rng.standard_normal(n)


@pytest.fixture(scope="module")
def fitted() -> Pretrained:
    walk = np.cumsum(np.random.default_rng(1).standard_normal(2640))
    given = task([_seasonal(), walk], horizon=48, n_validation=700, season_length=330)
    return Pretrained.fit(given, Pretrained.Settings(), seed=0, tell=str)


def test_the_season_is_taken_out_where_there_is_one_and_seldom_where_it_is_only_claimed(fitted: Pretrained) -> None:
    seasonal, walk = (fitted.members[name] for name in ("y0", "y1"))
    assert next(iter(seasonal)) == Variant("additive", 330)
    assert sum(w for v, w in seasonal.items() if v.length == 330 and v.kind != "pooled") > 0.95
    assert sum(w for v, w in walk.items() if v.kind in ("plain", "last", "pooled")) > 0.5


def test_a_combination_beats_the_network_as_it_is(fitted: Pretrained) -> None:
    values = _seasonal()
    history = [series(values[:2310], 330, "y0")]
    found, plain = (made.predict(history, 48).point[0, :, 0] for made in (fitted, Pretrained()))
    assert np.abs(found - values[2310:2358]).mean() < 0.2 * np.abs(plain - values[2310:2358]).mean()


def test_four_ways_at_most_weighted_by_the_third_power_and_quantiles_in_order(fitted: Pretrained) -> None:
    for own in fitted.members.values():
        assert 1 <= len(own) <= 4
        assert sum(own.values()) == pytest.approx(1)
        assert list(own.values()) == sorted(own.values(), reverse=True)
    quantiles = fitted.predict([series(_seasonal()[:2310], 330, "y0")], 48).quantiles
    assert (np.diff(quantiles, axis=3) >= 0).all()


def test_a_series_it_was_not_fitted_on_takes_what_the_others_have_on_average(fitted: Pretrained) -> None:
    heaviest = max(w for own in fitted.members.values() for w in own.values())
    assert fitted.common[next(iter(fitted.common))] >= heaviest / 2
    assert sum(fitted.common.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("variant", "values", "expected"),
    [
        (Variant("last"), np.arange(40.0), np.full(6, 39.0)),
        (Variant("repeated", 4), np.tile([1.0, 2.0, 3.0, 5.0], 10), [1, 2, 3, 5, 1, 2]),
        (Variant("additive", 4), 7 + np.tile([-3.0, 1.0, 0.0, 2.0], 10), [4, 8, 7, 9, 4, 8]),
        (Variant("multiplicative", 4), np.tile([1.0, 2.0, 4.0, 8.0], 10), [1, 2, 4, 8, 1, 2]),
        (Variant("multiplicative", 2), np.tile([-1.0, 1.0], 20), [-1, 1, -1, 1, -1, 1]),
        (Variant("pooled", 4), np.full(80, 3.0), np.full(6, 3.0)),
    ],
)
def test_what_each_way_makes_of_a_series_it_fits(variant: Variant, values: np.ndarray, expected: object) -> None:
    np.testing.assert_allclose(foresee_each([(values, variant)], 6)[0, :, BELOW], expected, atol=1e-9)


def test_pooled_means_go_through_their_middles() -> None:
    """Means of 1 and 5 over two steps each: from the last value, 0, in straight lines."""
    restored = _stretched(0.0, 2, 4, np.array([[1.0, 2.0], [5.0, 6.0]]))
    np.testing.assert_allclose(restored[:, 0], [2 / 3, 2, 4, 5])
    assert (np.diff(restored, axis=1) >= 0).all()


def test_plausible_periods_are_those_found_and_those_of_the_calendar() -> None:
    stamps = np.datetime64("2024-01-01", "us") + np.arange(3000) * np.timedelta64(3600, "s")
    hourly = replace(series(np.arange(3000.0)), stamps=stamps)
    assert plausible_periods(hourly) == [24, 168]
    assert plausible_periods(replace(hourly, season_lengths=(12, 167))) == [12, 167, 24]
    days = np.datetime64("2024-01-01", "us") + np.arange(3000) * np.timedelta64(86400, "s")
    assert plausible_periods(replace(hourly, stamps=days)) == [7, 365]
    months = np.arange("2001-01", "2011-01", dtype="datetime64[M]").astype("datetime64[us]")
    assert plausible_periods(replace(series(np.arange(120.0)), stamps=months)) == [12]


@pytest.mark.parametrize("text", ["", "plain 3", "additive", "additive 1", "additive 1000000", "odd 7", "last -1"])
def test_what_is_no_variant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no variant"):
        Variant.of(text)


@pytest.mark.parametrize(
    "members", [{"y": {}}, {"y": {"plain": 0.5}}, {"y": {"plain": 1}}, {"y": {"plain": 2.0, "last": -1.0}}, {"y": 1}]
)
def test_weights_that_are_none_are_refused(members: object) -> None:
    with pytest.raises(ValueError, match="weights|number|member"):
        Pretrained.restored(State({"members": members}))


def test_damaged_weights_are_refused(monkeypatch, tmp_path) -> None:
    broken = tmp_path / "w.safetensors"
    broken.write_bytes(held._FILE.read_bytes()[:-1] + b"\0\1")
    monkeypatch.setattr(held, "_FILE", broken)
    held.weights.cache_clear()
    with pytest.raises(DataError, match="damaged"):
        held.weights()
    monkeypatch.undo()
    held.weights.cache_clear()
