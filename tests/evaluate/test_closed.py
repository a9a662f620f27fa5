"""Times that are always 0, and whole numbers: found where the data show them, held, saved, and given up when broken."""

from __future__ import annotations

import numpy as np
import pytest
from series_of import panel_of, series

import tsforecast as ts
from tsforecast.bundle import load
from tsforecast.cli.reports.fitted import fit_lines
from tsforecast.data.frequency import Frequency
from tsforecast.evaluate.bounds import Bounds, find
from tsforecast.evaluate.closed import find_closed

RANDOM = np.random.default_rng(5)
DAYS = np.arange(210)
SHOP = np.where(DAYS % 7 == 6, 0.0, RANDOM.integers(20, 60, 210))
HOURS = np.arange(24 * 21)


def closed(values, *periods, within_days=False, start=0):
    (own,) = find_closed(series(values, start=start), periods, within_days=within_days)
    return [(one.period, one.phases) for one in own]


def test_a_weekday_that_is_always_0_is_found_whatever_row_comes_first():
    assert closed(SHOP, 7) == [(7, (6,))]
    assert closed(SHOP[3:], 7, start=3) == [(7, (6,))]
    assert closed(SHOP, 5, 7, 365) == [(7, (6,))]


@pytest.mark.parametrize(
    "values",
    [
        np.where(DAYS == 90, 1.0, SHOP),  # open on one Sunday
        SHOP[:40],  # five Sundays
        np.zeros(210),
        np.where(RANDOM.random(210) < 0.9, 0.0, 5.0),  # hardly ever anything
        RANDOM.poisson(0.7, 210).astype(float),
    ],
    ids=["once open", "short", "nothing", "rare", "small counts"],
)
def test_and_nothing_is_found_where_chance_or_a_day_speaks_against_it(values):
    values = np.where(DAYS[: len(values)] == 90, 1.0, values) if values is SHOP else values
    assert closed(values, 7) == []


def test_opening_hours_are_sharp_and_dawns_are_not():
    hour = HOURS % 24
    opened = np.where((hour >= 9) & (hour < 18), 40.0 + HOURS % 5, 0.0)
    sun = np.maximum(0, np.sin((hour - 6) * np.pi / 12)) ** 2 * (500 + HOURS % 7)
    sun[hour == 18] = 0
    assert closed(opened, 24, within_days=True) == [(24, (*range(9), *range(18, 24)))]
    ((period, phases),) = closed(sun, 24, within_days=True)
    assert period == 24
    # the sun rises earlier in summer, and sets later
    assert set(phases) == set(range(19, 24)) | set(range(6))


def test_it_holds_points_and_intervals_until_it_is_broken():
    own = series(SHOP)
    found = find([own], "auto", None, Frequency.of("D"))
    steps = np.full((1, 8, 1), 33.4)
    held = found.hold([own], steps)[0, :, 0]
    assert held.tolist() == [33, 33, 33, 33, 33, 33, 0, 33]
    assert found.hold([own], steps, "high")[0, 6, 0] == 0
    assert np.isnan(found.hold([own], np.full((1, 8, 1), np.nan))).all()
    broken = series(np.r_[SHOP, 1, 2, 3, 4, 5, 6, 7.0])
    assert found.hold([broken], steps)[0, 6, 0] == 33
    assert Bounds.from_dict(found.to_dict()).hold([own], steps)[0, :, 0].tolist() == held.tolist()
    assert not find([own], "none", None, Frequency.of("D")).closed


@pytest.mark.parametrize(
    ("values", "point", "low", "high"),
    [
        (np.arange(1.0, 400, 7), 33, 33, 33),
        (np.tile([0.0, 0, 1, 0, 3, 0], 9), 33.4, 33, 34),  # the mean of small counts
        (np.arange(1.0, 400, 7) + 0.5, 33.4, 33.4, 33.4),
        (np.array([1.0, 5, 9, 12]), 33.4, 33.4, 33.4),  # too little to say
    ],
    ids=["counts", "small counts", "fractions", "few"],
)
def test_whole_numbers_stay_whole(values, point, low, high):
    own = series(values)
    found = find([own], "auto")
    held = [found.hold([own], np.full((1, 1, 1), 33.4), side).item() for side in ("point", "low", "high")]
    assert held == [point, low, high]
    later = series(np.r_[values, 0.25])
    assert found.hold([later], np.full((1, 1, 1), 33.4)).item() == 33.4


def test_a_forecast_keeps_them_says_them_and_a_saved_model_too(tmp_path):
    fitted = ts.fit(panel_of("D", visitors=SHOP), 9, model="ridge")
    made = ts.forecast(fitted).frame
    sundays = made["ds"].dt.day_of_week == 6
    numbers = made.filter(regex="^yhat")
    shut = made["yhat"] == 0
    assert shut.sum() >= 1
    assert (numbers[shut] == 0).all(axis=None)
    assert (numbers == numbers.round()).all(axis=None)
    assert sundays.sum() >= 1
    said = "\n".join(fit_lines(fitted))
    assert "always 0 on Sunday: forecast and intervals stay there" in said
    assert "whole numbers" in said
    ts.save(tmp_path / "m.tsf", fitted)
    assert ts.predict(tmp_path / "m.tsf").frame["yhat"].tolist() == made["yhat"].tolist()
    assert load(tmp_path / "m.tsf").manifest.bounds["closed"]


def test_what_is_always_0_neither_narrows_the_intervals_nor_counts_as_covered():
    """With every other day closed the open ones alone are measured."""
    noise = 100 + 20 * np.random.default_rng(1).standard_normal(280)
    half = np.where(np.isin(np.arange(280) % 7, (1, 3, 5)), 0.0, noise)
    fitted = ts.fit(panel_of("D", y=half), 7, model="naive", bounds="auto")
    wide = ts.fit(panel_of("D", y=noise), 7, model="naive")
    width, usual = (
        float((f["yhat_hi_80"] - f["yhat_lo_80"]).max()) for f in (ts.forecast(x).frame for x in (fitted, wide))
    )
    assert width > 0.8 * usual
