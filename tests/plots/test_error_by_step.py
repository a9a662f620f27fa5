"""The picture of a backtest: lines are errors by step, bars their means, the best on top."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from views import SUFFIXES, kind, svg_texts

from tsforecast.plots.error_by_step import draw_backtest, save_backtest
from tsforecast.plots.figure import WIDE, Words, style

BY_STEP = pd.DataFrame(
    {"naive": [2.0, 4.0, 6.0], "gru": [1.0, 1.5, 2.0], "ridge": [1.0, 2.0, 3.0]},
    index=pd.RangeIndex(1, 4, name="step"),
)


def test_the_lines_are_the_errors_and_the_best_is_on_top():
    with style():
        figure = draw_backtest(BY_STEP, "gru", "kW", WIDE, Words("t"))
    left, right = figure.get_axes()
    for line in left.lines:
        np.testing.assert_array_equal(line.get_ydata(), BY_STEP[line.get_label()[1:]])
    assert [text.get_text() for text in right.get_yticklabels()] == ["gru", "ridge", "naive"]
    assert [bar.get_width() for bar in right.patches] == [1.5, 2.0, 4.0]
    assert right.yaxis_inverted()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files(suffix, tmp_path):
    save_backtest(BY_STEP, str(tmp_path / f"b.{suffix}"), chosen="gru", title="t")
    assert kind(tmp_path / f"b.{suffix}") == suffix


@pytest.mark.parametrize("rows", [1, 3])
def test_every_candidate_is_named_with_its_mean(rows, tmp_path):
    save_backtest(BY_STEP.head(rows), str(tmp_path / "b.svg"), chosen="gru", title="t", unit="kW")
    said = svg_texts(tmp_path / "b.svg")
    assert all(said.count(name) == 2 for name in BY_STEP)
    assert "Mean absolute error by step ahead (kW)" in said
    assert {"1.5", "2.0", "4.0"} <= set(said) if rows == 3 else {"1", "2"} <= set(said)


def test_one_step_is_a_dot():
    with style():
        left, _ = draw_backtest(BY_STEP.head(1), "gru", "", WIDE, Words("t")).get_axes()
    assert all(line.get_marker() == "o" for line in left.lines)
