"""Windows: known answers and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from series_of import column

from tsforecast.data.windows import last_contexts, make_windows
from tsforecast.errors import DataError


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
