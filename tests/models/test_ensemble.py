"""The combination: its weights are known numbers, the clearly better one stands alone, who runs away is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np
import pytest
from series_of import quiet, several, sine, task

from tsforecast.model_config import NetworkConfig
from tsforecast.models.choose import choose
from tsforecast.models.contract import Ahead, Model, State
from tsforecast.models.drift import Drift
from tsforecast.models.ensemble import Ensemble
from tsforecast.models.naive import Naive
from tsforecast.models.task import Deadline, Task
from tsforecast.models.weighing import weights_of

LINE = np.arange(80.0)


@dataclass(frozen=True)
class Jumping(Naive):
    """The last value, and from so many rows on a million more."""

    first: int = 0

    def predict(self, series: Sequence[Any], horizon: int, future: Any = None) -> Ahead:
        away = np.array([1e6 * (len(s) >= self.first) for s in series])
        return Ahead(super().predict(series, horizon, future).point + away[:, None, None])


def after(given: Task, **models: Model) -> Task:
    """The task after these had their turn, each as good as the others."""
    ahead = {name: given.forecasts(model) for name, model in models.items()}
    return given.with_fitted(models, dict.fromkeys(models, 1.0), ahead)


def combined(given: Task) -> Ensemble:
    return Ensemble.fit(given, NetworkConfig(), seed=0, tell=quiet)


@pytest.mark.parametrize(
    ("errors", "n_forecasts", "expected"),
    [
        ([1.0, 1.0], 9, [0.5, 0.5]),
        ([1.0, 2.0], 1e9, [8 / 9, 1 / 9]),
        ([1.0, 2.0], 4, [(8 / 9 + 1 / 2) / 2, (1 / 9 + 1 / 2) / 2]),
        ([1.0, 2.0], 0, [0.5, 0.5]),
        ([0.0, 1.0], 1e9, [1.0, 0.0]),
    ],
)
def test_weights_are_inverse_cubes_of_errors_drawn_towards_equal_by_how_little_measured_them(
    errors: list[float], n_forecasts: float, expected: list[float]
):
    np.testing.assert_allclose(weights_of(np.array(errors), n_forecasts), expected, atol=1e-8)


def test_the_forecast_is_the_weighted_mean_of_its_members():
    given = task([sine(80)], 5, 20)
    made = combined(after(given, naive=Naive(), drift=Drift(20)))
    each = np.stack([own.predict(given.series, 5).point for own in made.members.values()], axis=-1)
    np.testing.assert_allclose(made.predict(given.series, 5).point, each @ made.weights)
    assert sum(made.shares.values()) == pytest.approx(1)


def test_series_have_weights_of_their_own_where_those_did_better_on_later_forecasts():
    rng = np.random.default_rng(0)
    walk, line = rng.standard_normal(240).cumsum(), np.arange(240.0)
    made = combined(after(task([walk, line], 5, 60), naive=Naive(), drift=Drift(20)))
    assert made.names == ("y0", "y1")
    np.testing.assert_allclose(made.weights, [0.5, 0.5])
    # 12 forecasts each that do not overlap: the line's are drift's, three quarters of the weight by its own errors
    np.testing.assert_allclose(made.own[1], [0.25 / 2, 0.75 + 0.25 / 2], atol=1e-6)
    assert made.own[0, 0] > 0.5
    assert "each of 2 series has weights of its own" in made.notes[0]
    # a series that it has not seen takes those of all
    expected = np.mean([own.predict(several([line]), 5).point for own in made.members.values()], axis=0)
    np.testing.assert_allclose(made.predict([replace(several([line])[0], channels=("new",))], 5).point, expected)


def test_what_the_later_half_of_the_forecasts_contradicts_gives_no_weights_of_its_own():
    # a line until the middle of the validation rows, then teeth; and the other way round
    line, teeth = np.arange(240.0), 20 * (-1.0) ** np.arange(240)
    values = [np.where(np.arange(240) < 212, one, other) for one, other in ((line, teeth), (teeth, line))]
    made = combined(after(task(values, 5, 60), naive=Naive(), drift=Drift(20)))
    assert (made.names, made.own.shape) == ((), (0, 2))


def test_one_clearly_better_member_is_taken_alone():
    found = choose(task([LINE], 5, 20, contested=True), {}, seed=0, tell=quiet)
    assert found.scores["drift"] == pytest.approx(0, abs=1e-9)
    assert not found.models[found.chosen].shares


def test_a_member_that_runs_away_in_validation_is_dropped_and_that_is_said():
    made = combined(after(task([sine(80)], 5, 20), naive=Naive(), drift=Drift(20), jumping=Jumping()))
    assert list(made.members) == ["naive", "drift"]
    assert "ensemble: jumping runs away in 100% of its validation forecasts and is left out" in made.notes


def test_a_member_that_runs_away_at_the_last_row_is_dropped_and_that_is_said():
    given = task([sine(80)], 5, 20)
    made = combined(after(given, naive=Naive(), drift=Drift(20), jumping=Jumping(first=79)))
    assert "jumping" in made.members
    again = made.refit(Task.whole(given.series, 5))
    assert list(again.members) == ["naive", "drift"]
    assert sum(again.shares.values()) == pytest.approx(1)
    assert "ensemble: jumping runs away within 5 steps of the last row and is left out" in again.notes
    # elsewhere it is cut off within reach of the history
    assert np.abs(made.predict(several([sine(79)]), 5).point).max() < 10


def test_within_the_time_limit_candidates_have_their_turn_and_after_half_of_it_none_that_takes_time_begins():
    given = task([sine(240)], 12, 48, season_length=12, contested=True)

    def tried(seconds_a_look: float) -> tuple[set[str], list[str]]:
        clock = count(0.0, seconds_a_look)
        limited = replace(given, deadline=Deadline.after(10.0, lambda: next(clock)))
        found = choose(limited, {}, seed=0, tell=quiet)
        return set(found.models), [note for note in found.notes if "time limit" in note]

    everything, nothing_said = tried(0.0)
    assert everything >= {"naive", "ridge", "theta", "ets", "ensemble"}
    assert nothing_said == []
    few, said = tried(6.0)
    assert few == {"naive", "seasonal-naive", "drift", "ridge", "ensemble"}
    assert len(said) == len(everything - few)
    assert said[0].endswith("half of the time limit of 10 s was over")
    assert said[1].endswith(": the time limit of 10 s was over")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weights": np.array([0.7, 0.7])}, "add up"),
        ({"weights": np.array([1.5, -0.5])}, "add up"),
        ({"weights": np.array([1.0])}, "weights"),
    ],
)
def test_forged_weights_are_refused(change: dict[str, Any], words: str):
    state = combined(after(task([sine(80)], 5, 20), naive=Naive(), drift=Drift(20))).state()
    with pytest.raises(ValueError, match=words):
        Ensemble.restored(State(state.settings, {**state.arrays, **change}, state.blobs))


@pytest.mark.parametrize("name", ["ensemble", "naive"])
def test_neither_itself_nor_anyone_twice_is_a_member(name: str):
    state = combined(after(task([sine(80)], 5, 20), naive=Naive(), drift=Drift(20))).state()
    listed = [["naive", {}], [name, {}]]
    with pytest.raises((ValueError, KeyError)):
        Ensemble.restored(State({**state.settings, "members": listed}, state.arrays, state.blobs))
