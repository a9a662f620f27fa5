"""With the columns or without: both by the same origins and in the unit of the data, and one choice, not two."""

from __future__ import annotations

import numpy as np
import pytest
from known_beside import beside
from series_of import quiet, task

from tsforecast.models.covariates.choosing import Chosen, choose_beside
from tsforecast.models.task import Task
from tsforecast.models.transformed import Transformed


def chosen(given: Task) -> Chosen:
    return choose_beside(given, {}, seed=0, tell=quiet)


def test_what_the_whole_context_tells_needs_no_column_and_each_model_has_one_turn():
    # the value 80 rows ago, which the column says less exactly: a probe of 49 rows needs it, a context of 98 does not
    rng = np.random.default_rng(0)
    values = rng.standard_normal(1500)
    for t in range(80, 1500):
        values[t] = 0.95 * values[t - 80] + 0.3 * values[t]
    hint = np.concatenate([np.zeros(80), values[:-80]]) + 0.4 * rng.standard_normal(1500)
    given = beside(task([values], 5, 300, season_length=7, asked="ridge"), hint=hint)
    said: list[str] = []
    found = choose_beside(given, {}, seed=0, tell=said.append)
    assert found.regression is None
    told = "'hint' helped a short context only, and is not used: ridge does better without it"
    assert told in found.choice.notes
    turns = [line for line in said if line.startswith("fitting ")]
    assert sorted(turns) == sorted({*turns})


def test_naive_forecasts_are_scored_from_the_origins_of_the_others():
    rng = np.random.default_rng(1)
    heat = rng.standard_normal(1200)
    values = 3 * np.sin(np.arange(1200) / 2) + 2 * heat + 0.1 * rng.standard_normal(1200)
    given = beside(task([values], 4, 500, season_length=12, asked="factored"), heat=heat)
    found = chosen(given).choice
    few = given.thinned(400)
    assert len(few.origins) < len(given.origins)
    assert found.scores["naive"] == few.score(found.models["naive"]) != given.score(found.models["naive"])


def test_where_effects_are_factors_the_error_of_the_chosen_is_that_of_the_data():
    rng = np.random.default_rng(2)
    promoted = (rng.random(200) < 0.2).astype("float64")
    values = np.exp(2 + 0.4 * np.sin(2 * np.pi * np.arange(200) / 7) + 1.5 * promoted + 0.1 * rng.standard_normal(200))
    given = beside(task([values], 4, 60, season_length=7, contested=True), promoted=promoted)
    found = chosen(given)
    assert found.regression is not None
    assert found.regression.log
    choice = found.choice
    judge = given.thinned(choice.most_origins)
    models = Transformed(None, choice.models, found.regression, found.plain)
    expected = judge.mean(judge.errors_of(models.predict(judge.histories, 4, choice.chosen)))
    assert choice.scores[choice.chosen] == pytest.approx(expected)
