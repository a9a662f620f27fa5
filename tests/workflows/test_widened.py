"""Coverage is acted on: intervals that fell short are widened, said, saved, and may be required."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest
from series_of import panel_of

import tsforecast as ts
from tsforecast.cli.reports.results import check_coverage
from tsforecast.errors import CoverageError, ExitCode
from tsforecast.evaluate.intervals import Calibration, cross_checked

NOISE = np.random.default_rng(0).standard_normal(600)


def louder(factor: float) -> np.ndarray:
    """Noise whose last tenth, the holdout, is so much louder."""
    values = 50 + NOISE
    values[-60:] = 50 + factor * NOISE[-60:]
    return values


def width(fitted, level: str = "80") -> float:
    frame = ts.forecast(fitted).frame
    return float((frame[f"yhat_hi_{level}"] - frame[f"yhat_lo_{level}"]).mean())


def test_intervals_that_fell_short_are_widened_and_both_numbers_are_said(tmp_path):
    calm, loud = (ts.fit(panel_of(y=louder(factor)), 2, model="ridge") for factor in (1.0, 5.0))
    assert not any("than chance allows" in note for note in calm.notes)
    told = [note for note in loud.notes if "less than chance allows" in note]
    assert [note.split(",")[0] for note in told] == [f"{lv:g} % covered {loud.coverage[lv]:.1f} %" for lv in (80, 95)]
    # what is given out would have covered the held-out points: 1.28 standard deviations of 5 on either side, and more
    # since the scale of all rows has grown as well
    assert 0.9 < width(loud) / (2 * 1.28 * 5) < 1.5
    assert width(calm) == pytest.approx(2 * 1.28, rel=0.25)
    ts.save(tmp_path / "model.tsf", loud)
    again = ts.predict(tmp_path / "model.tsf").frame
    assert float((again["yhat_hi_80"] - again["yhat_lo_80"]).mean()) == pytest.approx(width(loud))


def test_what_covers_more_than_it_should_is_not_narrowed():
    quiet = ts.fit(panel_of(y=louder(0.1)), 2, model="ridge")
    assert quiet.coverage[80.0] == 100
    assert not any("than chance allows" in note for note in quiet.notes)


@pytest.mark.parametrize(("points", "passes"), [(None, True), (100.0, True), (40.0, False), (0.0, False)])
def test_coverage_can_be_required(points, passes):
    loud = ts.fit(panel_of(y=louder(5.0)), 2, model="ridge")
    assert 40 < 80 - loud.coverage[80.0] < 80
    if passes:
        check_coverage(loud, points)
        return
    with pytest.raises(CoverageError, match=r"the 80 % interval of ridge covers .* % of the held-out") as caught:
        check_coverage(loud, points)
    assert caught.value.exit_code == ExitCode.NO_SKILL


def test_what_was_not_measured_does_not_pass():
    tiny = ts.fit(panel_of(y=NOISE[:8]), 3)
    assert np.isnan(MappingProxyType(tiny.coverage)[95.0])
    with pytest.raises(CoverageError, match="could not be measured"):
        check_coverage(tiny, 99.0)


def test_the_widening_is_checked_on_rows_that_it_was_not_taken_from():
    (told, *_) = [
        note for note in ts.fit(panel_of(y=louder(5.0)), 2, model="ridge").notes if "less than chance" in note
    ]
    assert 70 <= float(told.rpartition("half against half: ")[2].removesuffix(" %")) <= 90


def test_what_was_luck_in_one_half_is_told_by_the_other():
    """Errors of 1 in the first half and of 4 in the second: neither says what the other needs."""
    trial = Calibration((80.0,), np.ones((1, 2)), np.full(2, 40.0), log=False)
    judged = np.concatenate([np.full((10, 2, 1), 0.5), np.full((10, 2, 1), 4.0)])
    early = np.arange(20) < 10
    assert cross_checked(trial, judged, 80.0, early, ~early) == 50
    assert cross_checked(trial, judged[::-1], 80.0, early, ~early) == 50
    assert cross_checked(trial, np.full((20, 2, 1), 4.0), 80.0, early, ~early) == 100
    assert np.isnan(cross_checked(trial, judged, 80.0, early, np.zeros(20, dtype=bool)))


def test_there_is_a_widest_that_is_said():
    fitted = ts.fit(panel_of(y=louder(300.0)), 2, model="ridge")
    told = [note for note in fitted.notes if "less than chance allows" in note]
    assert any("10 times the width that validation gave it, the most there is" in note for note in told)
    assert any("half against half" in note for note in told)
