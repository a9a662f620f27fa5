"""The choice: fair scores, the lowest wins, what is asked for is taken, and nothing is left out unsaid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import plug_in
import pytest
from series_of import quiet, several, sine, task

from tsforecast.errors import DataError, MissingDependencyError, UsageError
from tsforecast.models import registry
from tsforecast.models.choose import Choice, choose
from tsforecast.models.task import Deadline, Task

LINE = np.arange(80.0) + 0.3 * np.sin(np.arange(80.0))
CHEAP = {"naive", "drift", "ridge"}


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Install some of `foreign_models`, by `name="Class"`, for one test."""

    def install(**models: str) -> None:
        entries = {name.replace("_", "-"): f"foreign_models:{kind}" for name, kind in models.items()}
        monkeypatch.syspath_prepend(plug_in.install(tmp_path, entries))
        registry.everything.cache_clear()

    yield install
    monkeypatch.undo()
    registry.everything.cache_clear()


def chosen(given: Task, **settings: Any) -> Choice:
    # one epoch, should a network have its turn
    given = replace(given, contested=given.asked is None)
    return choose(given, {"epochs": 1, "units": 2, **settings}, seed=0, tell=quiet)


def test_all_are_scored_on_a_noisy_sine_and_the_best_are_combined():
    found = chosen(task([sine(240, level=9), sine(40)], n_validation=[60, 12], season_length=12))
    assert set(found.scores) == set(found.models)
    assert set(found.models) >= {"naive", "seasonal-naive", "drift", "ridge", "theta", "ets"}
    assert found.chosen == "ensemble"
    assert found.scores["ensemble"] < 1.1 * found.scores["ridge"] < found.scores["seasonal-naive"]
    assert any("fewer than 300" in note for note in found.notes)
    assert found.references == ["naive", "seasonal-naive", "drift"]


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_naive_wins_on_a_random_walk(seed: int):
    walk = np.random.default_rng(seed).standard_normal(1500).cumsum()
    # validation long enough that nothing is lucky, and a context so long that there are too few windows for a network
    found = chosen(task([walk], n_validation=1200), context_length=80)
    assert found.chosen == "naive"
    assert found.scores["naive"] <= 1.005 * min(found.scores.values())
    assert set(found.scores) >= CHEAP
    assert "no season" in found.left_out["seasonal-naive"]


def test_a_model_of_another_package_takes_part_and_counts_where_it_is_best(foreign):
    foreign(plus_one="PlusOne", last_value="LastValue")
    walk = np.cumsum(1 + 0.2 * np.random.default_rng(2).standard_normal(80))
    given = task([walk], horizon=5, n_validation=15, contested=True)
    found = chosen(given)
    assert set(found.models) >= {*CHEAP, "plus-one", "last-value"}
    single = found.scores.keys() - {"ensemble"}
    assert min(single, key=lambda name: found.scores[name]) == "plus-one"
    assert found.scores["plus-one"] < 0.3 * found.scores["last-value"]
    assert found.scores["last-value"] == found.scores["naive"]
    assert found.scores["plus-one"] == given.score(found.models["plus-one"])
    assert "plus-one: adds 1" in found.notes


def test_the_one_that_is_asked_for_is_taken_even_if_it_is_worse_and_no_other_volunteers(foreign):
    foreign(plus_one="PlusOne", last_value="LastValue")
    found = chosen(task([LINE], horizon=5, n_validation=15, asked="last-value"))
    assert found.chosen == "last-value"
    assert found.scores["last-value"] > found.scores["drift"]
    assert set(found.models) == {*CHEAP, "last-value"}


def test_each_takes_the_settings_it_knows(foreign):
    foreign(plus_one="PlusOne")
    found = chosen(task([LINE], horizon=5, n_validation=15), step=3.0, context_length=4)
    assert found.models["plus-one"].step == 3.0
    assert found.models["ridge"].context_length == 4


def test_who_does_not_volunteer_waits_to_be_asked(foreign):
    foreign(modest="Modest")
    given = task([LINE], horizon=5, n_validation=15)
    assert "modest" not in chosen(given).models
    assert chosen(task([LINE], horizon=5, n_validation=15, asked="modest")).chosen == "modest"


def test_what_does_not_suit_is_left_out_and_said(foreign):
    foreign(failing="Failing")
    found = chosen(task([LINE], horizon=5, n_validation=15))
    assert found.left_out["failing"] == "it never suits"
    assert "no failing: it never suits" in found.notes
    assert "failing" not in found.scores
    with pytest.raises(DataError, match="failing cannot be used here: it never suits"):
        chosen(task([LINE], horizon=5, n_validation=15, asked="failing"))


def test_what_is_not_installed_is_left_out_with_the_remedy_unless_it_is_asked_for(foreign):
    foreign(needy="NeedsWhatIsNotInstalled")
    found = chosen(task([LINE], horizon=5, n_validation=15))
    assert "a-library" in found.left_out["needy"]
    assert "tsforecast-cli[train]" in found.left_out["needy"]
    with pytest.raises(MissingDependencyError, match="a-library"):
        chosen(task([LINE], horizon=5, n_validation=15, asked="needy"))


def test_what_cannot_learn_when_asked_for_says_why(foreign):
    foreign(raising="Raising")
    with pytest.raises(DataError, match="it cannot learn from this"):
        chosen(task([LINE], horizon=5, n_validation=15, asked="raising"))


def test_all_are_scored_from_as_few_origins_as_the_slowest_needs(foreign):
    foreign(slow="Slow")
    given = task([LINE], horizon=5, n_validation=15, asked="slow")
    found = chosen(given)
    few = given.thinned(3)
    assert len(few.origins) == 3
    assert found.scores == {name: few.score(model) for name, model in found.models.items()}
    assert found.scores["naive"] != given.score(found.models["naive"])


@pytest.mark.parametrize(("n_validation", "expected"), [(9, True), (15, False)])
def test_one_free_run_of_validation_does_not_speak_against_who_chose_itself_by_several(
    foreign, n_validation: int, expected: bool
):
    foreign(self_chosen="SelfChosen", plus_one="PlusOne")
    line = np.concatenate([np.arange(140.0), 140 + 0.9 * np.arange(15)]) + 0.05 * np.sin(np.arange(155.0) ** 2)
    found = chosen(task([line], horizon=5, n_validation=n_validation), context_length=30)
    lowest = min(found.scores, key=lambda name: found.scores[name])
    assert lowest != "self-chosen"
    assert found.scores["self-chosen"] <= 5 * found.scores[lowest]
    assert (found.chosen == "self-chosen") is expected


def test_a_choice_is_refitted_whole():
    found = chosen(task([sine(240)], season_length=12, asked="ridge"))
    again = found.refit(several([sine(240)], 12), 12)
    assert (again.chosen, again.scores) == (found.chosen, found.scores)
    assert again.models["naive"] == found.models["naive"]
    assert not np.array_equal(again.models["ridge"].coefficients, found.models["ridge"].coefficients)


@pytest.mark.parametrize(
    ("asked", "n_rows", "season_length", "error"),
    [
        ("prophet", 240, 12, UsageError),
        ("seasonal-naive", 240, 1, DataError),
        ("ridge", 62, 12, DataError),
    ],
)
def test_what_cannot_be_done_is_said(asked: str, n_rows: int, season_length: int, error: type[Exception]):
    with pytest.raises(error, match=asked):
        chosen(task([sine(n_rows)], season_length=season_length, asked=asked))


def test_after_the_time_limit_nothing_has_its_turn_unless_always_fitted_or_asked_for(foreign):
    foreign(dear="Dear", plus_one="PlusOne")
    over = replace(task([LINE], horizon=5, n_validation=15), deadline=Deadline(10.0, at=-np.inf))
    found = chosen(over)
    assert set(found.models) == CHEAP
    assert found.left_out["dear"] == "the time limit of 10 s was over"
    assert "no dear: the time limit of 10 s was over" in found.notes
    asked = chosen(replace(over, asked="dear"))
    assert asked.chosen == "dear"
    assert "dear was in training at the time limit of 10 s; its best epoch until then competes" in asked.notes


@pytest.mark.parametrize("deadline", [None, Deadline(10.0, at=np.inf)])
def test_before_it_all_have_their_turn(foreign, deadline: Deadline | None):
    foreign(dear="Dear")
    found = chosen(replace(task([LINE], horizon=5, n_validation=15), deadline=deadline))
    assert "dear" in found.models
    assert not any("time limit" in note for note in found.notes)


def test_a_deadline_passes():
    assert Deadline.after(0.0).passed
    assert not Deadline.after(1e6).passed
