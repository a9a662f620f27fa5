"""Nothing leaks through repair: what a series says of its past is the same whatever came later, to the last bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from prepare_tables import hourly, table

from tsforecast.config import PrepareConfig
from tsforecast.data.panel import Panel, Schema, Table
from tsforecast.preparation import prepare
from tsforecast.preparation.fill.impute import METHODS
from tsforecast.preparation.marks import marked, unmarked
from tsforecast.preparation.replay import replay
from tsforecast.preparation.report import PrepareReport

N, CUTOFF = 24 * 9, 24 * 7
GAPS = {"before": slice(100, 104), "across": slice(CUTOFF - 3, CUTOFF + 4), "after": slice(CUTOFF + 5, CUTOFF + 9)}
IMPUTE = [{"constant:VALUE": "constant:7", "seasonal[:LENGTH]": "seasonal:24"}.get(m, m) for m in METHODS] + [
    "seasonal"
]
OUTLIERS = ["none", "hampel", "hampel:clip", "hampel:missing", "seasonal:missing", "seasonal:clip", "iforest:missing"]


def daily(seed=0):
    rng = np.random.default_rng(seed)
    return 50 + 20 * np.sin(2 * np.pi * np.arange(N) / 24) + rng.normal(size=N)


def two_channels(gap, later):
    """Two channels with spikes and a gap in the first; from the cutoff on they are other ones where `later`."""
    y, z = daily(0), daily(1)
    y[[30, 90, 140]] += 90
    y[[20, 61, 62, 63, 120]] = np.nan
    z[[55, 150]] = np.nan
    y[GAPS[gap]] = np.nan
    if later:
        rng = np.random.default_rng(9)
        y[CUTOFF:], z[CUTOFF:] = 1e3 * rng.normal(size=(2, N - CUTOFF))
        y[CUTOFF + 12] = 1e6
    return table(pd.date_range("2024-01-01", periods=N, freq="h"), y, z)


MATRIX = [
    pytest.param(impute, outliers, gap, marks=[pytest.mark.slow] if impute == "kalman" and outliers != "none" else [])
    for impute in IMPUTE
    for outliers in OUTLIERS
    for gap in GAPS
]


@pytest.mark.parametrize(("impute", "outliers", "gap"), MATRIX)
def test_the_past_does_not_know_the_future(impute, outliers, gap):
    config = PrepareConfig(impute=impute, outliers=outliers)
    seen, other = (prepare(two_channels(gap, later), config).panel.series()[0] for later in (False, True))
    past = seen.until(CUTOFF).filled
    np.testing.assert_array_equal(past, other.until(CUTOFF).filled)
    assert not np.isnan(past).any() or impute == "none"


@pytest.mark.parametrize("impute", IMPUTE)
def test_what_is_observed_is_left_and_what_is_missing_is_filled(impute):
    series = prepare(two_channels("before", later=False), PrepareConfig(impute=impute)).panel.series()[0]
    np.testing.assert_array_equal(series.filled[series.observed], series.values[series.observed])
    assert np.isnan(series.values).sum() == 9
    assert np.isnan(series.filled).any() == (impute == "none")


def end(impute, n_missing, **settings):
    """The fill of a gap at the end of a clean daily cycle, and what was there."""
    x = np.tile(10 + np.arange(24.0), 6)
    values = np.append(x, 99.0)
    values[len(x) - n_missing : len(x)] = np.nan
    series = prepare(hourly(values), PrepareConfig(impute=impute, **settings)).panel.series()[0]
    return series.until(len(x)).filled[-n_missing:, 0], x[-n_missing:]


@pytest.mark.parametrize("impute", ["linear", "time", "pchip", "spline", "previous", "next", "knn", "iterative"])
def test_a_gap_at_the_cutoff_is_carried_on(impute):
    filled, true = end(impute, 3)
    np.testing.assert_array_equal(filled, np.full(3, true[0] - 1))


@pytest.mark.parametrize("impute", ["seasonal", "seasonal:24", "auto"])
def test_a_gap_at_the_cutoff_is_carried_on_by_season(impute):
    filled, true = end(impute, 30 if impute != "auto" else 5)
    np.testing.assert_allclose(filled, true)


def test_a_level_that_moved_moves_the_season():
    x = np.tile(np.arange(24.0), 6) + np.repeat(np.arange(6) * 100.0, 24)
    x = np.append(x, [np.nan] * 3 + [0.0])
    series = prepare(hourly(x), PrepareConfig(impute="seasonal:24")).panel.series()[0]
    np.testing.assert_allclose(series.until(147).filled[-3:, 0], [600, 601, 602])


def test_the_structural_model_goes_on():
    x = 50 + 20 * np.sin(2 * np.pi * np.arange(N) / 24)
    given = x.copy()
    given[CUTOFF - 4 : CUTOFF] = np.nan
    series = prepare(hourly(given), PrepareConfig(impute="kalman")).panel.series()[0]
    np.testing.assert_allclose(series.until(CUTOFF).filled[-4:, 0], x[CUTOFF - 4 : CUTOFF], atol=0.5)


def test_a_constant_is_a_constant_at_the_cutoff():
    np.testing.assert_array_equal(end("constant:7", 3)[0], [7, 7, 7])


@pytest.mark.parametrize("impute", ["knn", "iterative"])
def test_another_channel_tells_what_a_gap_at_the_cutoff_hides(impute):
    driver = np.random.default_rng(0).normal(size=N)
    y = 3 * driver + 1
    y[CUTOFF - 4 : CUTOFF] = np.nan
    both = table(pd.date_range("2024", periods=N, freq="h"), y, driver)
    filled = prepare(both, PrepareConfig(impute=impute)).panel.series()[0].until(CUTOFF).filled[-4:, 0]
    assert np.abs(filled - (3 * driver + 1)[CUTOFF - 4 : CUTOFF]).max() < (0.05 if impute == "iterative" else 3)


def test_gaps_beyond_the_longest_stay_open_at_the_cutoff_too():
    filled, _ = end("linear", 5, max_gap=4)
    assert np.isnan(filled).all()
    filled, _ = end("linear", 4, max_gap=4)
    assert not np.isnan(filled).any()


def test_without_a_season_yet_the_last_value_takes_its_place():
    """A short past has no season: it is filled all the same, since one fold must not stop the run."""
    x = daily()
    x[[5, 9]] = np.nan
    series = prepare(hourly(x), PrepareConfig(impute="seasonal")).panel.series()[0]
    past = series.until(10).filled[:, 0]
    assert past[9] == x[8]
    assert past[5] == pytest.approx((x[4] + x[6]) / 2)


@pytest.mark.parametrize("impute", IMPUTE)
def test_the_shortest_pasts_are_filled_too(impute):
    x = daily()
    x[[1, 3, 4]] = np.nan
    series = prepare(hourly(x), PrepareConfig(impute=impute)).panel.series()[0]
    for n in range(1, 8):
        past = series.until(n).filled
        assert past.shape == (n, 1)
        assert not np.isnan(past).any() or impute == "none"


def test_a_choice_made_for_a_longer_past_is_not_remembered_for_a_shorter():
    """`auto` shares its choices between cutoffs: in whatever order they are asked for, they say the same."""
    x, cutoffs = two_channels("before", later=False), (200, 130, 127, 64)
    one_way, other = (prepare(x, PrepareConfig(outliers="hampel:clip")).panel.series()[0] for _ in range(2))
    backwards = [one_way.until(n).filled for n in cutoffs]
    forwards = [other.until(n).filled for n in reversed(cutoffs)]
    for a, b in zip(backwards, reversed(forwards), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("outliers", ["none", "hampel:missing", "seasonal:flag"])
def test_a_complete_series_is_itself(outliers):
    x = 10 + np.sin(2 * np.pi * np.arange(240) / 24)
    series = prepare(hourly(x), PrepareConfig(outliers=outliers)).panel.series()[0]
    assert series.filled is series.values


def test_the_panel_keeps_outliers_and_the_series_does_not():
    x = daily()
    x[100] = 500
    prepared = prepare(hourly(x), PrepareConfig(outliers="hampel:missing", impute="linear"))
    assert prepared.panel.values[100, 0] == 500
    assert (
        prepared.panel.series()[0].filled[100, 0]
        == prepared.filled.values[100, 0]
        == pytest.approx((x[99] + x[101]) / 2)
    )


def test_marks_lead_back_to_what_was_observed():
    """`prepare --mark-filled | forecast -`: the same panel to model, whatever was filled in between."""
    prepared = prepare(two_channels("across", later=False), PrepareConfig())
    written = marked(prepared.filled, prepared.changed)
    assert written.channels == ["y", "z", "y_filled", "z_filled"]
    again = prepare(
        table(written.frame["ds"], *written.values.T, names=written.channels),
        PrepareConfig(freq=str(prepared.panel.freq)),
    )
    pd.testing.assert_frame_equal(again.panel.frame, prepared.panel.frame)
    assert any("marked as filled" in note for note in again.report.notes)
    for a, b in zip(prepared.panel.series(), again.panel.series(), strict=True):
        np.testing.assert_array_equal(a.until(CUTOFF).filled, b.until(CUTOFF).filled)


def test_the_repairs_of_a_marked_table_replay():
    prepared = prepare(two_channels("across", later=False), PrepareConfig())
    written = marked(prepared.filled, prepared.changed)
    given = table(written.frame["ds"], *written.values.T, names=written.channels)
    again = prepare(given, PrepareConfig(freq="h"))
    pd.testing.assert_frame_equal(replay(given, again.ledger).frame, again.filled.frame)


def test_joint_channels_do_not_know_the_future_either():
    def joint(later):
        made = two_channels("across", later)
        return prepare(Table(made.frame, made.lines, Schema(joint=True)), PrepareConfig()).panel.series()[0]

    past = joint(later=False).until(CUTOFF).filled
    assert past.shape == (CUTOFF, 2)
    assert not np.isnan(past).any()
    np.testing.assert_array_equal(past, joint(later=True).until(CUTOFF).filled)


def test_a_single_channel_has_a_single_mark():
    prepared = prepare(hourly([1, np.nan, 3, 4]), PrepareConfig(impute="linear"))
    assert marked(prepared.filled, prepared.changed).frame["filled"].tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize(
    "columns",
    [{"filled": [0.0, 1, 0]}, {"y": [1.0, 2, 3], "filled": [0.0, 1, 2]}, {"y": [1.0, 2, 3], "z_filled": [0.0, 1, 0]}],
)
def test_columns_that_are_no_marks_are_values(columns):
    given = table(pd.date_range("2024", periods=3), *columns.values(), names=list(columns))
    assert unmarked(given, PrepareReport()) is given


def test_a_panel_without_a_fill_leaves_gaps():
    frame = pd.DataFrame({"unique_id": "", "ds": np.arange(3), "y": [1.0, np.nan, 3]})
    series = Panel(frame, 1).series()[0]
    assert series.filled is series.values
