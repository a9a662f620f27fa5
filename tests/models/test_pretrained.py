"""The pretrained network: quantiles in order, holes, short and constant series, scale and shift, damaged weights."""

from __future__ import annotations

import numpy as np
import pytest
from series_of import task

from tsforecast.errors import DataError
from tsforecast.models.pretrained import Pretrained
from tsforecast.models.zero_shot import weights as held
from tsforecast.models.zero_shot.foresee import foresee
from tsforecast.models.zero_shot.patched import BELOW
from tsforecast.models.zero_shot.seasonal_profile import without_profile
from tsforecast.models.zero_shot.seen import spectral_periods

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


def test_the_season_that_helps_is_taken_out_first_and_none_where_none_helps() -> None:
    """A season of 330 steps is longer than half of what the network sees; noise has none, whatever is claimed."""
    rng = np.random.default_rng(0)
    shape = np.cumsum(rng.standard_normal(330))
    seasonal = np.tile(shape - shape.mean(), 8) + 0.1 * rng.standard_normal(2640)
    walk = np.cumsum(rng.standard_normal(2640))
    given = task([seasonal, walk], horizon=48, n_validation=700, season_length=330)
    model = Pretrained.fit(given, Pretrained.Settings(), seed=0, tell=str)
    assert dict(model.seasons) == {"y0": 330, "y1": 0}
    history = [given.series[0].until(2310)]
    found, plain = (made.predict(history, 48).point[0, :, 0] for made in (model, Pretrained()))
    actual = seasonal[2310:2358]
    assert np.abs(found - actual).mean() < 0.2 * np.abs(plain - actual).mean()


def test_damaged_weights_are_refused(monkeypatch, tmp_path) -> None:
    broken = tmp_path / "w.safetensors"
    broken.write_bytes(held._FILE.read_bytes()[:-1] + b"\0\1")
    monkeypatch.setattr(held, "_FILE", broken)
    held.weights.cache_clear()
    with pytest.raises(DataError, match="damaged"):
        held.weights()
    monkeypatch.undo()
    held.weights.cache_clear()
