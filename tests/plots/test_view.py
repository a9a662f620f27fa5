"""What a picture shows of a series: how much of its past, and between which values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from views import H, series

from tsforecast.plots.view import SeriesView


def test_long_histories_are_cut_short_ones_are_not():
    long = SeriesView("x", np.arange(5000), np.zeros(5000), np.arange(5000, 5048), np.zeros(48), season_length=24)
    assert len(long.shown().history_ds) == 4 * 48 + 2 * 24
    assert len(replace(long, season_length=336).shown().history_ds) == 12 * 48
    assert len(series().shown().history_ds) == 4 * H + 2 * 7
    assert len(series(season_length=90).shown().history_ds) == 80


def test_a_band_that_explodes_does_not_flatten_the_series():
    huge = np.full(H, 1e30)
    low, high = series(bands={80.0: (-huge, huge)}).value_range()
    inner = series(bands={}).value_range()
    assert high - low == pytest.approx(7 * (inner[1] - inner[0]))
