"""Charts in the terminal: they fit, they stay whole whatever the data, and they show what they say."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tsforecast.plots.terminal import fan_chart, series_chart
from tsforecast.plots.view import SeriesView

ANSI = re.compile(r"\x1b\[[\d;]*m")


def cells(line: str) -> int:
    """Columns a terminal gives to a line: two for wide characters, none for those that combine."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in ANSI.sub("", line)
    )


def hours(n: int, start: int = 0) -> np.ndarray:
    return np.datetime64("2024-03-01", "us") + np.timedelta64(1, "h") * np.arange(start, start + n)


def fan(history: np.ndarray, forecast: np.ndarray, spread: float = 1.0, **kwargs) -> SeriesView:
    n, h = len(history), len(forecast)
    wide = spread * np.sqrt(np.arange(1, h + 1))
    bands = {80.0: (forecast - wide, forecast + wide), 95.0: (forecast - 2 * wide, forecast + 2 * wide)}
    return SeriesView("load", hours(n), history, hours(h, n), forecast, bands=bands, **kwargs)


values = st.one_of(st.floats(-1e300, 1e300), st.just(float("nan")), st.sampled_from([0.0, 1e-9, 1e12, -1e-300]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(values, min_size=1, max_size=90),
    st.lists(values, max_size=20),
    st.floats(0, 1e6),
    st.integers(20, 200),
    st.integers(6, 40),
    st.booleans(),
    st.booleans(),
    st.text(max_size=30),
)
@example([5e-324, 0.0], [0.0], 0.0, 80, 20, False, False, "subnormal")
@example([2.2e-308, 0.0], [1e-310], 0.0, 80, 20, False, True, "next to nothing")
@example([-1.7e308, 1.7e308], [0.0], 1e6, 80, 20, True, False, "all there is")
def test_never_wider_or_taller_than_asked(history, forecast, spread, width, height, color, ascii_only, name):
    view = SeriesView(
        name,
        hours(len(history)),
        np.array(history),
        hours(len(forecast), len(history)),
        np.array(forecast),
        bands={90.0: (np.array(forecast) - spread, np.array(forecast) + spread)},
    )
    for chart in (
        fan_chart(view, width, height, color, ascii_only),
        series_chart(view.history_ds, view.history_y, name, width, height, color, ascii_only),
    ):
        lines = chart.split("\n")
        assert len(lines) == height
        assert max(map(cells, lines)) <= width
        assert color or "\x1b" not in chart
        assert not ascii_only or chart.isascii()


@pytest.mark.parametrize("width", [40, 80, 140])
def test_plot_rows_fill_the_width(width):
    lines = fan_chart(fan(np.sin(np.arange(50.0)), np.zeros(8)), width, 14, color=False).split("\n")
    assert {cells(line) for line in lines[1:-1]} == {width}


def test_bands_open_after_the_cutoff_and_the_narrow_lies_within_the_wide():
    chart = fan_chart(fan(np.zeros(40), np.zeros(20), spread=0.5), 80, 24, color=False)
    rows = [line[line.index("│" if "│" in line else "┤") + 1 :] for line in chart.split("\n")[1:-2]]
    cutoff = next(row.index("┊") for row in rows if "┊" in row)
    wide = {(r, c) for r, row in enumerate(rows) for c, char in enumerate(row) if char == "░"}
    narrow = {(r, c) for r, row in enumerate(rows) for c, char in enumerate(row) if char == "▒"}
    assert wide
    assert narrow
    assert min(c for _, c in wide | narrow) >= cutoff
    for _, column in narrow:
        above = [r for r, c in wide if c == column]
        inside = [r for r, c in narrow if c == column]
        assert not above or (min(above) < min(inside) and max(above) > max(inside))
    heights = [sum(1 for r, c in wide | narrow if c == column) for column in range(cutoff + 1, len(rows[0]))]
    assert heights == sorted(heights), "a spread that grows must not be drawn shrinking"


def test_the_same_bands_show_in_ascii():
    chart = fan_chart(fan(np.zeros(40), np.zeros(20), spread=0.5), 80, 24, color=False, ascii=True)
    assert "." in chart
    assert ":" in chart
    assert "o" * 5 in chart


def test_a_rising_line_rises():
    chart = series_chart(np.arange(100), np.arange(100.0), "ramp", 60, 12, color=False, ascii=True)
    rows = [line[line.index("+" if "+" in line else "|") + 1 :] for line in chart.split("\n")[1:-2]]
    firsts = [row.index("o") for row in rows]
    assert firsts == sorted(firsts, reverse=True)
    assert firsts[-1] == 0
    assert rows[0].rstrip().endswith("o")


def test_value_ticks_stand_at_their_values():
    chart = series_chart(np.arange(5), np.array([0.0, 1, 2, 3, 4]), "steps", 40, 12, color=False)
    rows = chart.split("\n")[1:-2]
    assert rows[0].startswith("4┤")
    assert rows[-1].startswith("0┤")


def test_the_header_names_series_cutoff_and_levels():
    header = fan_chart(fan(np.zeros(30), np.ones(5)), 90, 12, color=False).split("\n")[0]
    assert "load · cutoff 2024-03-02 05:00" in header
    assert "░ 95 %" in header
    assert "▒ 80 %" in header


def test_what_lies_beyond_the_horizon_has_an_ink_of_its_own():
    view = fan(np.zeros(30), np.zeros(20), spread=0.0, beyond_horizon=10)
    last = fan_chart(view, 80, 12, color=False, ascii=True)
    assert re.search(r"o{5,}\?{5,}", last)
    assert "beyond horizon" in last


def test_a_name_cannot_send_escapes_to_the_terminal():
    chart = series_chart(np.arange(3), np.zeros(3), "bad\x1b[2Jname\x07", 40, 8, color=False)
    assert "\x1b" not in chart
    assert "\x07" not in chart
    assert r"bad\x1b[2Jname\x07" in chart


def test_a_level_without_bounds_is_neither_drawn_nor_named():
    nothing = np.full(5, np.nan)
    view = SeriesView("x", np.arange(9), np.zeros(9), np.arange(9, 14), np.zeros(5), bands={99.0: (nothing, nothing)})
    assert "99" not in fan_chart(view, 60, 10, color=False)


def test_a_spike_among_many_points_is_not_lost():
    y = np.zeros(100_000)
    y[50_003] = 1.0
    chart = series_chart(np.arange(len(y)), y, "spike", 60, 10, color=False, ascii=True)
    assert "o" in chart.split("\n")[1]


def test_it_needs_no_matplotlib():
    code = "import sys, tsforecast.plots.terminal; print('matplotlib' in sys.modules, 'scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
