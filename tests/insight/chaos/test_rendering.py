"""The chaos card as JSON values and as lines: every figure is the card's own."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from known_systems import card

from tsforecast.insight.chaos.rendering import as_dict, as_lines


def test_figures_per_unit_time_divide_by_the_step() -> None:
    found = replace(card("lorenz"), dt=0.05)
    facts = as_dict(found)
    assert found.exponent is not None
    assert found.horizon is not None
    assert facts["exponent_per_time"]["value"] == pytest.approx(found.exponent.value / 0.05)
    assert facts["horizon"]["time"] == pytest.approx(found.horizon.steps * 0.05)
    assert any("per unit time" in line for line in as_lines(found))
    assert not any("per unit time" in line for line in as_lines(card("lorenz")))


def test_curves_are_in_the_values_and_what_pictures_need_is_not() -> None:
    facts = as_dict(card("lorenz"))
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert len(facts["dimension"]["fnn"]) > 3
    assert not {"portrait", "recurrence", "recurrence_rows"} & set(facts)


def test_lines_are_labelled_and_one_step_is_one_step() -> None:
    lines = as_lines(card("henon"))
    labels = [line[:19].rstrip() for line in lines]
    assert labels[:3] == ["verdict", "because", "values"]
    assert labels.count("Lyapunov exponent") == 1
    (delay,) = (line for line in lines if line.startswith("delay"))
    assert delay.split(maxsplit=1)[1].startswith("1 step (")
