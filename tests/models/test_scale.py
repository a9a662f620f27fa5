"""Scaling: undone exactly, of the training part only, and a series that is new scaled by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from series_of import column, series, several

from tsforecast.bundle import members
from tsforecast.errors import DataError
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.state import State

ALL = slice(None)


def scaler(*values: Any, log: bool = False, exponent: float = 1.0) -> SeriesScaler:
    return SeriesScaler.fit(several(values), log=log, exponent=exponent)


def test_scaled_series_have_mean_0_and_deviation_1_of_what_was_observed():
    found = scaler(column(1, 2, 3), column(10, np.nan, 30))
    scaled = found.transform(several([column(1, 2, 3), column(10, 20, 30)]))
    assert scaled[0].mean() == pytest.approx(0)
    assert scaled[0].std() == pytest.approx(1)
    assert scaled[1][:, 0].tolist() == pytest.approx([-1, 0, 1])


def test_a_panel_of_logarithms_shares_one_scale_with_series_that_are_new():
    calm, wild = np.exp(column(0, 1, 0, 1)), np.exp(column(0, 4, 0, 4))
    found = scaler(calm, wild, log=True, exponent=0.0)
    assert found.scale[:, 0].tolist() == pytest.approx([1.0, 1.0])
    new = found.matching([series(calm, name="new")])
    assert new.scale[0, 0] == found.scale[0, 0]
    assert new.centre[0, 0] == pytest.approx(0.5)


def test_the_entry_of_a_series_is_found_by_its_name():
    found = scaler(column(0, 2), column(0, 20))
    other = found.matching([*reversed(several([column(7, 7), column(7, 7)])), series([0.0, 200.0], name="new")])
    assert other.names == ("y1", "y0", "new")
    assert other.centre[:, 0].tolist() == [10, 1, 100]
    assert other.scale[:, 0].tolist() == [10, 1, 100]


positive = st.lists(st.floats(1e-3, 1e6), min_size=2, max_size=20)


@given(values=positive, log=st.booleans(), later=st.lists(st.floats(-1e3, 1e6), min_size=1, max_size=5))
def test_scaling_is_undone_exactly_also_for_values_never_seen(values: list[float], log: bool, later: list[float]):
    found = scaler(column(*values), log=log)
    size = max(map(abs, [*values, *later]))
    for rows in (column(*values), column(*later)):
        scaled = found.transform_windows(rows[None], ALL)
        assert np.isfinite(scaled).all()
        np.testing.assert_allclose(found.inverse_windows(scaled, ALL)[0], rows, rtol=1e-6, atol=1e-6 * size)


@given(values=positive)
def test_the_logarithm_keeps_the_order_of_any_two_values(values: list[float]):
    found = scaler(column(*values), log=True)
    centre = float(np.exp(found.centre[0, 0]))
    line = centre * np.array([-2.0, -1e-3, 0.0, 5e-4, 1e-3, 2e-3, 1.0, 10.0])
    assert (np.diff(found.transform([series(line)])[0][:, 0]) > 0).all()


def test_a_constant_is_not_blown_up_by_rounding():
    assert scaler(column(*[0.1 + 0.2] * 7)).scale[0, 0] == 1


def test_logarithms_need_a_positive_value():
    with pytest.raises(DataError, match="no positive value"):
        scaler(column(0, -1), log=True)


def test_a_scaler_survives_saving_bit_for_bit():
    found = scaler(column(1, 2, 4), column(0.1, 0.7, 0.3), log=True, exponent=0.0)
    state = members.from_state("model", members.to_state("model", State(found.settings(), found.arrays())))
    restored = SeriesScaler.restored(state)
    assert restored.centre.tobytes() == found.centre.tobytes()
    assert restored.scale.tobytes() == found.scale.tobytes()
    assert (restored.names, restored.log, restored.exponent) == (("y0", "y1"), True, 0.0)
