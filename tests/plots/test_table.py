"""Any table as a picture: a panel a series and channel, gaps as breaks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from views import SUFFIXES, days, kind, svg_texts

from tsforecast.errors import DataError
from tsforecast.plots.figure import WIDE, Words, style
from tsforecast.plots.table import draw_series, lines_of, save_series


def table() -> pd.DataFrame:
    frame = pd.DataFrame({"unique_id": "", "ds": days(50), "a": np.arange(50.0), "b": 1.0, "empty": np.nan})
    frame.loc[20:24, "a"] = np.nan
    return frame.drop(index=[40])


def test_one_panel_a_channel_and_the_gap_is_a_break():
    found = lines_of(table())
    assert [line.name for line in found] == ["a", "b"]
    with style():
        figure = draw_series(found, WIDE, Words("t"))
    assert len(figure.get_axes()) == 2
    drawn_line = figure.get_axes()[1].lines[0]
    assert np.isnan(drawn_line.get_ydata()).sum() == 1


def test_bounds_become_bands_of_their_line_and_ids_tell_series_apart():
    frame = pd.DataFrame({"unique_id": ["p", "q"], "ds": [1, 1], "yhat": 1.0, "yhat_lo_97.5": 0.0, "yhat_hi_97.5": 2.0})
    found = lines_of(frame)
    assert [line.name for line in found] == ["p / yhat", "q / yhat"]
    assert list(found[0].bands) == [97.5]


def test_rows_in_any_order():
    frame = table()
    mixed = lines_of(frame.sample(frac=1.0, random_state=1))[0]
    np.testing.assert_array_equal(mixed.y, lines_of(frame)[0].y)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files(suffix, tmp_path):
    save_series(table(), str(tmp_path / f"x.{suffix}"), title="t")
    assert kind(tmp_path / f"x.{suffix}") == suffix


def test_names_and_gaps_are_written(tmp_path):
    save_series(table(), str(tmp_path / "x.svg"), title="t", subtitle="what it is", caption="small print")
    said = svg_texts(tmp_path / "x.svg")
    assert {"t", "what it is", "small print", "a", "b", "2 gaps", "1 gap"} <= set(said)
    assert "empty" not in said


def test_nothing_to_draw(tmp_path):
    with pytest.raises(DataError, match="no values to draw"):
        save_series(table()[["unique_id", "ds", "empty"]], str(tmp_path / "x.png"), title="t")
