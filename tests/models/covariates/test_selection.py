"""Which columns help: told by the newest rows, within a share of the time limit."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from known_beside import beside
from series_of import quiet, task

from tsforecast.models.covariates.choosing import told_of
from tsforecast.models.covariates.regression import Regression
from tsforecast.models.covariates.selection import Selection, select
from tsforecast.models.task import Deadline, Task

COLUMNS = ("heat", "wind", "noise")


def moved(n: int, **given: object) -> Task:
    """A season moved by heat and, less, by wind."""
    heat, wind, noise = np.random.default_rng(0).standard_normal((3, n))
    values = np.sin(2 * np.pi * np.arange(n) / 12) + 2 * heat + wind
    return beside(task([values], 5, 60, season_length=12, **given), heat=heat, wind=wind, noise=noise)


def within(seconds_a_look: float) -> Selection:
    clock = count(0.0, seconds_a_look)
    return select(replace(moved(300), deadline=Deadline.after(9.0, lambda: float(next(clock)))), quiet)


def test_after_a_third_of_the_time_limit_no_column_is_tried_and_that_is_said():
    everything = within(0.0)
    assert (everything.used, set(everything.gains), everything.untried) == (("heat", "wind"), {*COLUMNS}, ())
    # looked at before the second form, before each column alone, and before each that comes beside the first
    few = within(0.7)
    assert (few.used, few.untried) == (("heat",), ("wind", "noise"))
    assert few.regression.sources == ("heat",)
    assert told_of(few)[-1] == "'wind', 'noise': not tried and not used, since a third of the time limit was over"
    none = within(3.1)
    assert (none.regression, none.untried) == (None, COLUMNS)


def test_of_a_long_series_the_newest_rows_say_what_helps_and_all_training_rows_how_much():
    long = moved(21_500)
    (whole,) = long.series
    cut = whole.since(len(whole) - 20_060)
    found, newest = select(long, quiet), select(replace(long, series=[cut]), quiet)
    assert found.gains == pytest.approx(newest.gains)
    assert found.used == newest.used
    made = newest.regression
    again = Regression.fit(long.training, found.used, 5, against=made.against, log=made.log)
    np.testing.assert_array_equal(found.regression.coefficients, again.coefficients)
    assert not np.array_equal(made.coefficients, again.coefficients)
