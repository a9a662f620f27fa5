"""Windows, rollout and scaling: known answers and properties."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.windows import last_contexts, make_windows
from tsforecast.errors import DataError
from tsforecast.models.rollout import rollout
from tsforecast.models.scale import SequenceScaler


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype="float64")[:, None]


def test_windows_hold_the_context_and_what_follows():
    windows = make_windows([column(0, 1, 2, 3, 4), column(10, 11, 12)], context_length=2, horizon=1)
    assert windows.inputs[:, :, 0].tolist() == [[0, 1], [1, 2], [2, 3], [10, 11]]
    assert windows.targets[:, :, 0].tolist() == [[2], [3], [4], [12]]
    assert windows.sequence.tolist() == [0, 0, 0, 1]
    assert windows.cutoffs.tolist() == [1, 2, 3, 1]


def test_early_cutoffs_see_the_first_row_repeated():
    windows = make_windows([column(5, 6, 7)], context_length=3, horizon=1, first_cutoff=[0])
    assert windows.inputs[:, :, 0].tolist() == [[5, 5, 5], [5, 5, 6]]


def test_the_front_repeated_for_one_sequence_never_holds_another():
    windows = make_windows([column(1, 2, 3), column(7, 8, 9)], context_length=3, horizon=1, first_cutoff=[0, 0])
    assert windows.inputs[windows.sequence == 1].min() == 7
    assert windows.batch(np.array([2]))[0][0, :, 0].tolist() == [7, 7, 7]


@pytest.mark.parametrize(
    ("first", "last", "step", "cutoffs"), [(3, 7, 2, [3, 5, 7]), (2, 7, 3, [4, 7]), (0, 99, 4, [0, 4, 8])]
)
def test_cutoffs_are_counted_back_from_the_last(first: int, last: int, step: int, cutoffs: list[int]):
    windows = make_windows(
        [column(*range(10))], context_length=1, horizon=1, first_cutoff=[first], last_cutoff=[last], step=step
    )
    assert windows.cutoffs.tolist() == cutoffs


@given(
    missing=st.sets(st.integers(0, 29), max_size=8),
    context_length=st.integers(1, 6),
    horizon=st.integers(1, 5),
    first=st.integers(0, 10),
)
def test_exactly_the_windows_without_missing_values_remain(missing, context_length, horizon, first):
    rows = np.arange(30.0)[:, None]
    rows[sorted(missing)] = np.nan
    windows = make_windows([rows], context_length, horizon, first_cutoff=[first])
    expected = [
        cutoff
        for cutoff in range(first, 30 - horizon)
        if not missing & set(range(max(0, cutoff + 1 - context_length), cutoff + 1 + horizon))
    ]
    assert windows.cutoffs.tolist() == expected
    assert np.isfinite(windows.inputs).all()
    assert np.isfinite(windows.targets).all()


def test_too_short_sequences_give_no_window():
    windows = make_windows([column(1, 2), column(1)], context_length=2, horizon=1)
    assert len(windows) == 0
    assert windows.inputs.shape == (0, 2, 1)


def test_last_contexts_repeat_the_first_row_of_a_short_history():
    contexts = last_contexts([column(1, 2, 3, 4), column(8, 9)], 3)
    assert contexts[:, :, 0].tolist() == [[2, 3, 4], [8, 8, 9]]


@pytest.mark.parametrize("history", [np.empty((0, 1)), column(1, np.nan, 3)])
def test_a_history_that_cannot_be_continued_is_refused(history: np.ndarray):
    with pytest.raises(DataError, match="history 2 of 2"):
        last_contexts([column(1, 2, 3), history], 3)


@given(context_length=st.integers(1, 5), segment=st.integers(1, 7), horizon=st.integers(1, 20))
def test_rollout_feeds_segments_back(context_length: int, segment: int, horizon: int):
    def count_on(inputs: np.ndarray) -> np.ndarray:
        return inputs[:, -1:] + np.arange(1, segment + 1)[:, None]

    inputs = np.array([[[0.0]], [[100.0]]]).repeat(context_length, axis=1)
    forecast = rollout(count_on, inputs, horizon)
    assert forecast[:, :, 0].tolist() == [list(range(1, horizon + 1)), list(range(101, 101 + horizon))]


def test_rollout_sees_its_own_segments_as_context():
    forecast = rollout(lambda inputs: inputs.sum(axis=1, keepdims=True), column(1, 1)[None], 5)
    assert forecast[0, :, 0].tolist() == [2, 3, 5, 8, 13]


def test_scaled_sequences_have_mean_0_and_deviation_1():
    scaled = SequenceScaler.fit([column(1, 2, 3), column(10, np.nan, 30)]).transform(
        [column(1, 2, 3), column(10, 20, 30)]
    )
    assert scaled[0].mean() == pytest.approx(0)
    assert scaled[0].std() == pytest.approx(1)
    assert scaled[1][:, 0].tolist() == pytest.approx([-1, 0, 1])


def test_a_panel_of_logarithms_shares_one_scale():
    calm, wild = np.exp(column(0, 1, 0, 1)), np.exp(column(0, 4, 0, 4))
    scaler = SequenceScaler.fit([calm, wild], log=True, exponent=0.0)
    assert scaler.scale[:, 0].tolist() == pytest.approx([1.0, 1.0])
    assert scaler.refitted([calm]).scale[0, 0] == scaler.scale[0, 0]


positive = st.lists(st.floats(1e-3, 1e6), min_size=2, max_size=20)


@given(values=positive, log=st.booleans(), later=st.lists(st.floats(-1e3, 1e6), min_size=1, max_size=5))
def test_scaling_is_undone_exactly_also_for_values_never_seen(values: list[float], log: bool, later: list[float]):
    scaler = SequenceScaler.fit([column(*values)], log=log)
    size = max(map(abs, [*values, *later]))
    for rows in (column(*values), column(*later)):
        scaled = scaler.transform_windows(rows[None])
        assert np.isfinite(scaled).all()
        np.testing.assert_allclose(scaler.inverse_windows(scaled)[0], rows, rtol=1e-6, atol=1e-6 * size)


@given(values=positive)
def test_the_logarithm_keeps_the_order_of_any_two_values(values: list[float]):
    scaler = SequenceScaler.fit([column(*values)], log=True)
    centre = float(np.exp(scaler.centre[0, 0]))
    line = centre * np.array([-2.0, -1e-3, 0.0, 5e-4, 1e-3, 2e-3, 1.0, 10.0])
    assert (np.diff(scaler.transform([line[:, None]])[0][:, 0]) > 0).all()


def test_a_constant_is_not_blown_up_by_rounding():
    scaler = SequenceScaler.fit([column(*[0.1 + 0.2] * 7)])
    assert scaler.scale[0, 0] == 1


def test_logarithms_need_a_positive_value():
    with pytest.raises(DataError, match="no positive value"):
        SequenceScaler.fit([column(0, -1)], log=True)


def test_a_scaler_survives_json():
    scaler = SequenceScaler.fit([column(1, 2, 4), column(0.1, 0.7, 0.3)], log=True, exponent=0.0)
    restored = SequenceScaler.from_dict(json.loads(json.dumps(scaler.to_dict())))
    assert restored.centre.tobytes() == scaler.centre.tobytes()
    assert restored.scale.tobytes() == scaler.scale.tobytes()
    assert (restored.log, restored.exponent) == (True, 0.0)
