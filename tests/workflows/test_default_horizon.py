"""How far ahead is forecast where nobody says: a season that can be judged, said, in every verb alike."""

from __future__ import annotations

import numpy as np
import pytest
from series_of import panel_of

import tsforecast as ts
from tsforecast.cli.reports.fitted import fit_lines
from tsforecast.workflows.default_horizon import default_horizon, in_words

RANDOM = np.random.default_rng(2)


def wave(n, *periods):
    t = np.arange(n)
    return 50 + sum(9 * np.sin(2 * np.pi * t / m) for m in periods) + RANDOM.standard_normal(n)


@pytest.mark.parametrize(
    ("freq", "values", "given", "steps", "why"),
    [
        ("h", wave(400, 24), None, 24, "one season"),
        ("D", wave(400, 7), None, 7, "one season"),
        ("D", wave(400, 7), 14, 14, "one season"),
        ("D", 50 + RANDOM.standard_normal(400), None, 7, "no season was found, so one of the calendar"),
        ("D", wave(400, 7), 1, 10, "no season was found"),
        ("MS", wave(40, 12), None, 5, "what 40 rows can be judged by"),
        ("MS", np.arange(6.0), None, 1, "what 6 rows can be judged by"),
    ],
)
def test_it_is_a_season_that_can_be_judged(freq, values, given, steps, why):
    assert default_horizon(panel_of(freq, y=values), given) == (steps, why)


def test_of_several_columns_the_commonest_season_counts():
    assert default_horizon(panel_of("h", a=wave(400, 24), b=wave(400, 24), c=wave(400, 12)), None)[0] == 24


def test_words():
    panel = panel_of("h", y=wave(400, 24))
    assert in_words(24, "one season", panel.frequency) == "24 steps = 1 day: one season; -H says another"


def test_python_forecasts_a_season_too():
    assert len(ts.forecast(panel_of("D", y=wave(140, 7)), model="naive").frame) == 7


def test_the_report_says_whose_season_is_which():
    several = ts.fit(panel_of("h", a=wave(400, 24), b=50 + RANDOM.standard_normal(400)), 4, model="naive")
    assert "season     24 steps (a); none found (b)" in fit_lines(several)
    assert "season     24 steps" in fit_lines(ts.fit(panel_of("h", a=wave(400, 24)), 4, model="naive"))
