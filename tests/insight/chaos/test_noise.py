"""The noise that was added is found."""

from __future__ import annotations

import pytest
from known_systems import series, setting

from tsforecast.insight.chaos.ahead import step_errors
from tsforecast.insight.chaos.delay import choose_delay
from tsforecast.insight.chaos.noise import noise_level


@pytest.mark.parametrize("name", ["henon", "lorenz", "sine"])
@pytest.mark.parametrize("noise", [0.02, 0.1])
def test_the_noise_level_is_found(name: str, noise: float) -> None:
    tolerance = 0.4 if name == "sine" else 0.2
    assert noise_level(*setting(series(name, 3000, noise=noise))) == pytest.approx(noise, rel=tolerance)


def test_clean_systems_have_little_noise_and_are_well_predicted() -> None:
    for name in ("henon", "lorenz", "rossler"):
        x = series(name, 3000)
        where = setting(x)
        assert noise_level(*where) < 0.005
        assert step_errors(*where[:3], choose_delay(x).te).kernel < 1e-3
