"""Moments of sliding windows are those of the windows cut, whatever interrupts them."""

from __future__ import annotations

import numpy as np
import pytest

from tsforecast.data.windows import Windows, make_windows
from tsforecast.models import sliding
from tsforecast.models.ridge import _moments


def windows(gap: bool) -> Windows:
    """Of a random walk and of a short one, the first with values filled in where there is a gap."""
    rng = np.random.default_rng(0)
    walks = [rng.standard_normal((n, 1)).cumsum(axis=0) for n in (400, 130)]
    observed = [np.ones((len(walk), 1), dtype=bool) for walk in walks]
    observed[0][200:206] = False
    return make_windows(walks, 9, 4, observed=observed if gap else None)


@pytest.mark.parametrize("gap", [False, True])
def test_sums_along_a_series_are_those_of_its_windows(gap: bool, monkeypatch: pytest.MonkeyPatch):
    given = windows(gap)
    expected = _moments(given)
    monkeypatch.setattr(sliding, "MANY", 1)
    runs, rest = sliding.stretches(given)
    assert sum(high - low for low, high in runs) + len(rest) == len(given)
    assert len(runs) == (3 if gap else 2)
    assert bool(len(rest)) == gap
    for found, wanted in zip(_moments(given), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


def test_few_windows_and_those_of_several_channels_are_cut_as_ever():
    rows = np.random.default_rng(1).standard_normal((200, 2))
    for given in (windows(False), make_windows([rows], 5, 2)):
        runs, rest = sliding.stretches(given)
        assert (runs, rest.tolist()) == ([], list(range(len(given))))
