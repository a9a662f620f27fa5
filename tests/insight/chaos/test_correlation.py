"""The correlation dimension of known sets."""

from __future__ import annotations

import numpy as np
import pytest
from known_systems import series, setting

from tsforecast.insight.chaos.correlation import correlation_dimension, correlation_sums


@pytest.mark.parametrize(("name", "known"), [("henon", 1.22), ("logistic", 1.0), ("lorenz", 2.05)])
def test_correlation_dimensions(name: str, known: float) -> None:
    found = correlation_dimension(*setting(series(name, 5000)))
    assert found.value == pytest.approx(known, abs=0.15)
    assert found.low <= found.value <= found.high


def test_white_noise_has_no_correlation_dimension() -> None:
    assert np.isnan(correlation_dimension(series("white-noise", 3000), 1, 8, 4).value)


def test_the_correlation_sum_of_a_line_is_its_length() -> None:
    """For points uniform on [0, 1] the share of pairs within r is 2 r - r^2."""
    x = np.random.default_rng(0).uniform(size=6000)
    radii, sums, _ = correlation_sums(x, 1, 1, 0)
    r = radii * x.std()
    inside = (r > 0.01) & (r < 1)
    np.testing.assert_allclose(sums[inside], 2 * r[inside] - r[inside] ** 2, rtol=0.05)
