"""Selection: honest splits, honest scores, and the rule that a network has to earn its weight."""

from __future__ import annotations

import numpy as np
import pytest
from tsforecast.models.candidate import Candidate, training_windows
from tsforecast.models.linear import Ridge
from tsforecast.models.selection import _cautious, fit_candidates

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.errors import DataError, UsageError
from tsforecast.models.naive import Naive
from tsforecast.models.scale import SequenceScaler


def sine(n: int, seed: int = 0, period: int = 12, level: float = 0.0) -> np.ndarray:
    noise = 0.1 * np.random.default_rng(seed).standard_normal(n)
    return (level + np.sin(2 * np.pi * np.arange(n) / period) + noise)[:, None]


def fitted(values, horizon=12, n_validation=60, season_length=12, model="ridge", **settings):
    return fit_candidates(
        values,
        horizon=horizon,
        n_validation=n_validation,
        season_length=season_length,
        model=ModelConfig(model=model, **settings),
        fit=FitConfig(epochs=1),
    )


def test_ridge_wins_on_a_noisy_sine_and_all_are_scored():
    result = fitted([sine(240, level=9), sine(40)], n_validation=[60, 12], model="auto")
    assert set(result.scores) == set(result.candidates) == {"naive", "seasonal-naive", "drift", "ridge"}
    assert result.chosen == "ridge"
    assert any("fewer than 300" in note for note in result.notes)


def test_naive_wins_on_a_random_walk():
    walk = np.random.default_rng(4).standard_normal((280, 1)).cumsum(axis=0)
    result = fitted([walk], model="auto", season_length=1)
    assert result.scores["naive"] < 1.1 * min(result.scores.values())
    assert "seasonal-naive" not in result.candidates


def test_the_score_is_the_mean_absolute_error_over_the_typical_change():
    values = np.array([0.0, 2.0] * 10 + [5.0, 6.0, 9.0])[:, None]
    result = fitted([values], horizon=3, n_validation=3, season_length=1, model="naive")
    assert result.scores["naive"] == pytest.approx((3 + 4 + 7) / 3 / 2)


def test_sequences_count_alike_however_many_origins_they_have():
    long, short = np.array([0.0, 1.0] * 20)[:, None], np.array([0.0, 1.0] * 20)[:, None]
    result = fitted([long, short], horizon=1, n_validation=[19, 1], season_length=1, model="naive")
    assert result.scores["naive"] == pytest.approx(1.0)
    short[-1] = 3.0
    result = fitted([long, short], horizon=1, n_validation=[19, 1], season_length=1, model="naive")
    assert result.scores["naive"] == pytest.approx((1 + 3) / 2)


def test_nothing_in_the_validation_part_reaches_the_training():
    values = sine(240, level=10)
    changed = values.copy()
    changed[-60:] += np.linspace(0, 5, 60)[:, None]
    before, after = (
        fitted([rows], context_length=24, segment_length=12).candidates["ridge"] for rows in (values, changed)
    )
    assert before.scaler.centre == after.scaler.centre or before.scaler.log != after.scaler.log
    windows = [
        training_windows(SequenceScaler.identity(1, 1).transform([rows]), 24, 12, [60]) for rows in (values, changed)
    ]
    np.testing.assert_array_equal(windows[0].targets, windows[1].targets)
    assert windows[0].cutoffs.max() + 12 == 240 - 60 - 1


def test_logarithms_are_chosen_for_growth_in_per_cent_and_only_there():
    t = np.arange(240)
    growth = np.exp(0.02 * t + 0.5 * np.sin(2 * np.pi * t / 12))[:, None]
    assert fitted([growth]).candidates["ridge"].log
    assert not fitted([sine(240)]).candidates["ridge"].log


def test_sequences_of_any_length_in_one_panel():
    values = [sine(200), sine(40, 1), sine(5, 2), sine(61, 3)]
    result = fitted(values, n_validation=[60, 15, 2, 60])
    forecast = result.refit(values).predict(values, 30, np.arange(4))
    assert forecast.shape == (4, 30, 1)
    assert np.isfinite(forecast).all()


def test_gaps_are_no_windows_but_no_obstacle():
    values = sine(300)
    values[100:110] = np.nan
    values[-20] = np.nan
    result = fitted([values])
    assert np.isfinite(list(result.scores.values())).all()


def test_joint_channels_are_forecast_together():
    t = np.arange(300)
    values = np.stack([np.sin(t / 5), np.cos(t / 5)], axis=1)
    result = fitted([values], season_length=1, context_length=4, segment_length=1, horizon=20)
    forecast = result.predict([values], 50, np.array([0]))
    later = t[-1] + 1 + np.arange(50)
    np.testing.assert_allclose(forecast[0], np.stack([np.sin(later / 5), np.cos(later / 5)], axis=1), atol=0.15)


def test_new_sequences_are_scaled_by_themselves():
    result = fitted([sine(240)], context_length=36, segment_length=12)
    known = result.predict([sine(240)], 12, np.array([0]))
    new = result.predict([1000 + 50 * sine(240)], 12)
    np.testing.assert_allclose((new - 1000) / 50, known, atol=0.02)


def test_many_histories_at_once_are_as_one_by_one():
    result = fitted([sine(240)])
    histories = [sine(240)[:n] for n in (3, 40, 200, 240)]
    together = result.predict(histories, 15, np.zeros(4, dtype="int64"))
    alone = np.concatenate([result.predict([history], 15, np.array([0])) for history in histories])
    np.testing.assert_allclose(together, alone, atol=1e-12)


def test_refit_learns_from_the_validation_part_with_the_same_settings():
    values = sine(240)
    result = fitted([values])
    before, after = result.candidates["ridge"], result.refit([values]).candidates["ridge"]
    assert isinstance(before.forecaster, Ridge)
    assert isinstance(after.forecaster, Ridge)
    assert after.forecaster.penalty == before.forecaster.penalty
    assert not np.array_equal(after.forecaster.coefficients, before.forecaster.coefficients)
    assert after.scaler == before.scaler


@pytest.mark.parametrize("name", ["naive", "seasonal-naive", "drift", "ridge"])
def test_a_candidate_survives_saving(name: str):
    candidate = fitted([sine(240)]).candidates[name]
    restored = Candidate.from_saved(candidate.metadata(), candidate.to_arrays())
    np.testing.assert_array_equal(restored.predict([sine(100)], 20), candidate.predict([sine(100)], 20))


@pytest.mark.parametrize(
    ("model", "n_rows", "season_length", "error"),
    [
        ("prophet", 240, 12, UsageError),
        ("seasonal-naive", 240, 1, UsageError),
        ("ridge", 62, 12, DataError),
    ],
)
def test_what_cannot_be_done_is_said(model: str, n_rows: int, season_length: int, error: type[Exception]):
    with pytest.raises(error):
        fitted([sine(n_rows)], model=model, season_length=season_length)


def test_a_validation_part_shorter_than_the_horizon_is_refused():
    with pytest.raises(DataError, match="horizon of 12"):
        fitted([sine(240)], n_validation=11)


def test_constant_sequences_are_forecast_as_they_are():
    values = [np.full((240, 1), 7.0), sine(240, level=9)]
    forecast = fitted(values).predict(values, 12, np.arange(2))
    np.testing.assert_allclose(forecast[0], 7.0, atol=0.05)


@pytest.mark.parametrize(
    ("errors", "choice"),
    [
        ([[1.0, 1.0, 1.0, 1.0], [0.5, 0.5, 0.5, 0.5]], 1),
        ([[1.0, 1.0, 1.0, 1.0], [0.2, 1.1, 1.1, 1.1]], 0),
        ([[1.0, 2.0, 3.0, 4.0], [1.1, 2.1, 3.1, 4.1]], 0),
        ([[1.0], [0.9]], 1),
        ([[1.0, 3.0], [0.9, 2.9], [0.8, 2.8]], 2),
    ],
)
def test_weight_is_given_only_for_gains_that_are_no_accident(errors: list[list[float]], choice: int):
    assert _cautious(np.array(errors)) == choice


def test_naive_is_never_scaled():
    candidate = fitted([sine(240)], model="naive").candidates["naive"]
    assert isinstance(candidate.forecaster, Naive)
    assert candidate.predict([np.array([[0.1], [0.3]])], 2)[0, :, 0].tolist() == [0.3, 0.3]
