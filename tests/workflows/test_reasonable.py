"""No forecast leaves every reasonable range unsaid: another model takes its place, or the series is doubtful."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
from series_of import panel_of, series, several

import tsforecast as ts
from tsforecast.data.status import SeriesStatus
from tsforecast.evaluate.detectors import out_of_reach
from tsforecast.models.choose import Choice
from tsforecast.models.contract import Ahead, ModelInfo
from tsforecast.models.transformed import Transformed
from tsforecast.workflows.judging import AWAY, reasonable

LINE = np.arange(0.0, 101.0)


@dataclass(frozen=True)
class Says:
    """The same number for each series, the first apart."""

    first: float
    others: float = 5.0

    info: ClassVar = ModelInfo("says", "says a number", "tests", "local")

    def predict(self, given, horizon: int, future: Any = None) -> Ahead:
        point = np.full((len(given), horizon, 1), self.others)
        point[0] = self.first
        return Ahead(point)


@pytest.mark.parametrize(
    ("values", "steps", "said", "away"),
    [
        # the line goes on for as long again and as far again: 3 x 200 beyond 100 is the end of what is reasonable
        (LINE, 100, 699.0, False),
        (LINE, 100, 701.0, True),
        (LINE, 100, -601.0, True),
        (LINE, 1000, 3300.0, False),
        (LINE, 100, np.nan, True),
        (LINE, 100, -np.inf, True),
        # a constant has no range to leave
        (np.full(50, 7.0), 100, 7.1, False),
        (np.full(50, 7.0), 100, np.inf, True),
        # a gap is not the end of the history
        (np.r_[LINE, np.nan, 100.0], 100, 650.0, False),
    ],
)
def test_what_is_out_of_reach(values, steps, said, away):
    ahead = np.full((1, steps, 1), 50.0)
    ahead[0, -1] = said
    assert out_of_reach(ahead, [series(values)]).tolist() == [away]


def settled(n_series: int, **models: Says) -> tuple[Choice, np.ndarray, list[SeriesStatus]]:
    own = several([np.arange(10.0)] * n_series)
    scores = {name: float(i) for i, name in enumerate(models)}
    choice = Choice(models, next(iter(models)), scores)
    return reasonable(Transformed(None, models), choice, own, [SeriesStatus.of(s) for s in own], 3)


def test_the_next_best_that_does_not_run_away_takes_its_place():
    choice, ahead, status = settled(1, best=Says(1e9), second=Says(-1e9), third=Says(5.0), fourth=Says(6.0))
    assert choice.chosen == "third"
    assert ahead.tolist() == [[[5.0]] * 3]
    assert choice.notes == ["best runs away within 3 steps: third, the next best by validation, takes its place"]
    assert status[0].state == "ok"


def test_the_one_asked_for_stays_where_it_does_not_run_away_though_others_score_better():
    own = several([np.arange(10.0)])
    models = {"asked": Says(5.0), "better": Says(4.0)}
    choice = Choice(models, "asked", {"asked": 2.0, "better": 1.0})
    kept, _, _ = reasonable(Transformed(None, models), choice, own, [], 3)
    assert kept is choice


def test_where_all_run_away_the_series_is_doubtful():
    choice, ahead, status = settled(1, best=Says(1e9), second=Says(np.nan))
    assert choice.chosen == "best"
    assert ahead.max() == 1e9
    assert (status[0].state, status[0].reason) == ("doubtful", AWAY)


def test_one_of_many_series_does_not_take_the_model_from_the_others():
    choice, _, status = settled(100, best=Says(1e9), second=Says(5.0))
    assert choice.chosen == "best"
    assert [s.state for s in status] == ["doubtful"] + ["ok"] * 99
    choice, _, _ = settled(20, best=Says(1e9), second=Says(5.0))
    assert choice.chosen == "second"


def test_growth_for_ever_is_not_forecast():
    """Logarithms and a long horizon: what grows by a tenth a step would have grown to 1e40."""
    grown = panel_of(y=100 * 1.02 ** np.arange(120) * (1 + 0.1 * np.sin(np.arange(120))))
    fitted = ts.fit(grown, 1000, model="ridge")
    assert fitted.chosen != "ridge"
    assert not fitted.forced
    assert any(note.startswith("ridge runs away within 1,000 steps") for note in fitted.notes)
    made = ts.forecast(fitted).frame["yhat"]
    assert np.isfinite(made).all()
    assert made.max() < 1e5


def test_a_saved_model_that_runs_away_says_so(tmp_path):
    grown = panel_of(y=100 * 1.02 ** np.arange(120) * (1 + 0.1 * np.sin(np.arange(120))))
    fitted = ts.fit(grown, 6, model="ridge")
    assert fitted.chosen == "ridge"
    ts.save(tmp_path / "model.tsf", fitted)
    assert ts.predict(tmp_path / "model.tsf").status[0].state == "ok"
    (status,) = ts.predict(tmp_path / "model.tsf", horizon=1000).status
    assert status == replace(status, state="doubtful", reason=AWAY)
