"""Without -H every verb that forecasts takes a season and says so; a saved model keeps its own."""

from __future__ import annotations

import json

import pytest

MODEL = ("-m", "seasonal-naive")


def test_every_verb_takes_a_season_and_says_so(tsf, sine):
    done = tsf("forecast", sine, *MODEL)
    assert "horizon    24 steps = 1 day: one season; -H says another" in done.stderr
    assert len(done.stdout.splitlines()) == 25
    assert "horizon    24 steps" in tsf("backtest", sine, *MODEL).stderr
    tsf("fit", sine, *MODEL, "-o", "m.tsf")
    assert len(tsf("predict", "m.tsf").stdout.splitlines()) == 25
    tsf("fit", sine, *MODEL, "-H", 5, "-o", "five.tsf")
    assert len(tsf("predict", "five.tsf").stdout.splitlines()) == 6
    found = json.loads(tsf("backtest", sine, *MODEL, "-H", "2d", "-w", 2, "--json").stdout)
    assert found["horizon"] == {"steps": 48, "why": "as asked"}


@pytest.mark.parametrize(("asked", "steps"), [("2d", 48), ("1w", 168), ("36h", 36), (7, 7)])
def test_durations_are_understood(tsf, sine, asked, steps):
    assert len(tsf("forecast", sine, "-m", "naive", "-H", asked, "-q").stdout.splitlines()) == steps + 1
