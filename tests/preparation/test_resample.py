"""Aggregating to a coarser grid, spreading to a finer one, and irregular stamps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prepare_tables import hourly, table

from tsforecast.config import PrepareConfig
from tsforecast.data.panel import Panel
from tsforecast.errors import UsageError
from tsforecast.preparation import prepare

AGGREGATES = ("mean", "sum", "min", "max", "first", "last", "median", "count")


def to(freq, agg="mean", **options):
    return PrepareConfig(freq=freq, agg=agg, impute=options.pop("impute", "none"), **options)


@settings(max_examples=25)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(AGGREGATES),
    st.sampled_from(["h", "D", "W-SUN", "MS", "ME", "QE-DEC", "YS-JAN"]),
)
def test_agrees_with_pandas(seed, agg, freq):
    rng = np.random.default_rng(seed)
    stamps = pd.Timestamp("2023-11-05 03:20") + pd.to_timedelta(np.cumsum(rng.integers(1, 20_000, 400)), unit="s")
    values = rng.normal(size=400)
    values[rng.random(400) < 0.3] = np.nan
    prepared = prepare(table(stamps, values), to(freq, agg))
    grouped = pd.Series(values, stamps).resample(freq)
    expected = grouped.sum(min_count=1) if agg == "sum" else getattr(grouped, agg)()
    np.testing.assert_allclose(prepared.filled.values[:, 0], expected.to_numpy(dtype="float64"), rtol=1e-12)
    assert (prepared.panel.frame["ds"].to_numpy() == expected.index.to_numpy()).all()
    Panel.checked(prepared.panel.frame, prepared.panel.freq)


def test_a_sum_of_missing_values_is_missing():
    prepared = prepare(hourly([1.0] * 24 + [np.nan] * 24 + [2.0] * 24), to("D", "sum"))
    np.testing.assert_array_equal(prepared.filled.values[:, 0], [24, np.nan, 48])


def test_a_sum_over_a_part_of_its_day_is_said():
    def notes(start, n, agg="sum"):
        return [note for note in prepare(hourly(np.ones(n), start), to("D", agg)).report.notes if "part" in note]

    assert notes("2024-01-01", 72) == []
    assert notes("2024-01-01", 70) == ["the last sum per D is of a part"]
    assert notes("2024-01-01 05:00", 72) == ["the first and the last sum per D is of a part"]
    assert notes("2024-01-01 05:00", 72, "mean") == []


def test_a_count_of_nothing_is_zero():
    stamps = ["2024-01-01 03:00", "2024-01-01 03:00:07", "2024-01-01 17:21", "2024-01-04 05:09", "2024-01-05 08:00"]
    prepared = prepare(table(stamps, np.ones(5)), to("D", "count", impute="auto"))
    assert prepared.filled.values[:, 0].tolist() == [3, 0, 0, 1, 1]


def test_each_column_has_its_own_aggregate():
    prepared = prepare(table(pd.date_range("2024", periods=48, freq="h"), range(48), range(48)), to("D", "sum,z=ohlc"))
    assert prepared.panel.channels == ["y", "z_open", "z_high", "z_low", "z_close"]
    assert prepared.filled.values.tolist() == [[276, 0, 23, 0, 23], [852, 24, 47, 24, 47]]
    entry = prepared.ledger.frame.query("rule == 'resample sum'").iloc[1]
    assert (entry["old"], entry["new"]) == (24, 852)


def test_events_at_one_stamp_all_count():
    stamps = [
        "2024-01-01 00:00:01",
        "2024-01-01 00:00:01",
        "2024-01-01 00:47",
        "2024-01-01 02:10",
        "2024-01-01 02:11:30",
    ]
    prepared = prepare(table(stamps, [5.0, 5, 1, 2, 3]), to("h", "sum"))
    np.testing.assert_array_equal(prepared.filled.values[:, 0], [11, np.nan, 5])


def test_doubled_rows_of_a_regular_table_count_once():
    stamps = pd.date_range("2024", periods=48, freq="h").insert(7, pd.Timestamp("2024-01-01 06:00"))
    prepared = prepare(table(stamps, np.ones(49)), to("D", "sum"))
    assert prepared.filled.values[:, 0].tolist() == [24, 24]


def test_a_finer_grid_is_interpolated_and_listed():
    prepared = prepare(hourly([0.0, 4, 8, np.nan, np.nan, 20]), to("15min"))
    assert prepared.filled.values[:9, 0].tolist() == list(range(9))
    assert np.isnan(prepared.filled.values[9:20, 0]).all()
    assert prepared.ledger.frame.query("rule == 'upsample' and column == 'y'")["new"].tolist() == [1, 2, 3, 5, 6, 7]


def test_months_to_days_keep_the_first_of_the_month():
    stamps = pd.date_range("2024-01-01", periods=4, freq="MS")
    panel = prepare(table(stamps, [0.0, 31, 60, 91]), to("D")).panel
    assert panel.values[:, 0] == pytest.approx(np.arange(92))


def test_the_frequency_that_is_there_changes_nothing():
    prepared = prepare(hourly([1.0, 2, 3]), to("60min"))
    assert prepared.panel.freq == "h"
    assert prepared.ledger.counts() == {"frequency": 1}


def test_an_index_is_aggregated_by_its_number():
    prepared = prepare(table(np.array([0, 3, 4, 11, 12, 29]), [1.0, 2, 3, 4, 5, 6]), to("10", "sum"))
    assert prepared.panel.frame["ds"].tolist() == [0, 10, 20]
    assert prepared.filled.values[:, 0].tolist() == [6, 9, 6]
    with pytest.raises(UsageError, match="whole number"):
        prepare(table(np.arange(5), np.ones(5)), to("h"))


@pytest.mark.parametrize("agg", ["mode", "y=mode", "x=sum", ""])
def test_an_unknown_aggregate_is_refused(agg):
    with pytest.raises(UsageError):
        prepare(hourly(np.arange(48.0)), to("D", agg))
