"""What came against what was forecast, in numbers worked out by hand; and when a promise is broken."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tsforecast.evaluate.promises import PastScore, history_row, promise, runs_of
from tsforecast.evaluate.scoring import loses_to_naive, score


def rows(actual: list[float], *, uid: str = "a", half: float = 1.5, naive: float = 9.0) -> pd.DataFrame:
    """Forecasts of 10 at every step, with an interval of one level."""
    n = len(actual)
    return pd.DataFrame(
        {
            "unique_id": uid,
            "channel": "",
            "ds": np.arange(n),
            "step": np.arange(1, n + 1),
            "yhat": 10.0,
            "yhat_lo_80": 10 - half,
            "yhat_hi_80": 10 + half,
            "actual": actual,
            "naive:last": naive,
        }
    )


def run(first: int, *, coverage: float = 80.0, lost: int = 0, mae: float = 1.0, length: int = 10) -> PastScore:
    return PastScore(str(first), str(first + length - 1), 1.0, length, mae, 2.0, 1, lost, {80.0: coverage})


def test_errors_bias_and_coverage_by_hand():
    found = score(rows([11, 9, 13, math.nan]), [80.0], ["last"])
    assert (found.rows, found.matched, found.series, found.through) == (4, 3, 1, 2)
    assert found.mae == pytest.approx((1 + 1 + 3) / 3)
    assert found.bias == pytest.approx((1 - 1 + 3) / 3)
    assert found.rmse == pytest.approx(math.sqrt(11 / 3))
    assert found.above == pytest.approx(2 / 3)
    assert found.coverage[80.0].share == pytest.approx(200 / 3)
    assert found.coverage[80.0].independent == pytest.approx(3 / 4)
    assert found.by_step["mae"].tolist() == [1, 1, 3]
    assert found.by_step["coverage_80"].tolist() == [100, 100, 0]


def test_skill_is_against_the_naive_forecast_on_the_same_rows():
    found = score(rows([11, 9, 13]), [80.0], ["last"])
    assert found.references == {"last": pytest.approx((2 + 0 + 4) / 3)}
    assert found.skill == pytest.approx(1 - 5 / 6)
    half = rows([11, 9, 13])
    half.loc[0, "naive:last"] = np.nan
    assert score(half, [80.0], ["last"]).skill == pytest.approx(1 - 4 / 4)
    assert math.isnan(score(rows([11.0]), [80.0], []).skill)


def test_series_that_lose_to_the_naive_forecast_are_counted():
    both = pd.concat([rows([9.0] * 3, uid="a"), rows([10.0] * 3, uid="b")])
    found = score(both, [80.0], ["last"])
    assert (found.judged, found.lost) == (2, 1)


def test_an_empty_level_is_not_measured():
    table = rows([11.0, 9.0])
    table["yhat_lo_80"] = np.nan
    covered = score(table, [80.0], []).coverage[80.0]
    assert math.isnan(covered.share)
    assert not covered.short


def test_one_forecast_breaks_its_promise_where_chance_cannot_explain_it():
    assert promise(score(rows([20.0] * 10), [80.0], [])).broken
    assert not promise(score(rows([11.0] * 3 + [20.0] * 7), [80.0], [])).broken
    # a tenth of the horizon says next to nothing
    assert not promise(score(rows([20.0] + [math.nan] * 9), [80.0], [])).broken


def test_runs_that_do_not_overlap_add_up_and_overlapping_ones_do_not():
    now = score(rows([11.0] * 4 + [20.0] * 6), [80.0], ["last"])
    assert not promise(now).broken
    apart = [run(10 * i, coverage=40.0) for i in range(5)]
    assert promise(now, apart, "40").independent == 5
    assert "over 5 forecasts" in promise(now, apart, "40").broken[0]
    overlapping = [run(i, coverage=40.0) for i in range(5)]
    assert promise(now, overlapping, "4").independent == 1
    assert not promise(now, overlapping, "4").broken


def test_losing_to_the_naive_forecast_is_chance_until_it_is_not():
    assert not loses_to_naive(4, 4)
    assert loses_to_naive(5, 5)
    assert loses_to_naive(15, 20)  # 1 in 48
    assert not loses_to_naive(14, 20)  # 1 in 17
    lost = [run(10 * i, lost=1, mae=3.0) for i in range(5)]
    now = score(rows([10.0]), [80.0], ["last"])
    assert "lost to the naive forecast 5 times of 5" in promise(now, lost, "40").broken[0]
    # more often a little worse, but better on the whole
    assert not promise(now, [run(10 * i, lost=1, mae=1.0) for i in range(5)], "40").broken


def test_the_error_is_compared_with_those_before():
    now = score(rows([13.0] * 10), [80.0], ["last"])  # mae 3, naive 4
    before = [run(10 * i, mae=0.5) for i in range(3)]  # a quarter of the naive error
    assert promise(now, [*before, run(30, mae=3.0)], "30").error_ratio == pytest.approx(3.0)
    assert math.isnan(promise(now, [run(30)], "30").error_ratio)


def test_a_forecast_scored_twice_counts_once_as_it_was_last():
    half, whole = score(rows([11.0] * 5 + [math.nan] * 5), [80.0], []), score(rows([20.0] * 10), [80.0], [])
    written = [
        {name: "" if value != value else str(value) for name, value in history_row("f", found, "0", "9", "9").items()}
        for found in (half, whole)
    ]
    (only,) = runs_of(written)
    assert (only.rows, only.coverage[80.0]) == (10, 0.0)
    assert [r.first for r in runs_of([{**written[0], "first": f} for f in ("9", "10", "-3")])] == ["-3", "9", "10"]
