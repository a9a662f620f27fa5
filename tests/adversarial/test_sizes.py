"""What is asked for is refused by name before memory is: one line, never a MemoryError or a hang."""

from __future__ import annotations

import numpy as np
import pytest
from series_of import task

from tsforecast.config import ForecastConfig
from tsforecast.errors import UsageError
from tsforecast.model_config import WindowConfig
from tsforecast.models.ridge import Ridge
from tsforecast.models.shape import MOST_INPUTS, choose_shape
from tsforecast.plots.canvas import Canvas, Ink


def test_a_context_that_does_not_fit_is_refused_and_what_fits_is_named():
    long = task([np.arange(200.0)])
    reason = Ridge.unsuitable(long, WindowConfig(context_length=100_000))
    assert reason is not None
    assert f"--context-length {MOST_INPUTS}" in reason
    assert Ridge.unsuitable(long, WindowConfig(context_length=48)) is None


def test_three_hundred_joint_columns_are_refused_and_what_fits_is_named():
    joint = task([np.zeros((200, 300))])
    reason = Ridge.unsuitable(joint, WindowConfig(context_length=64))
    assert reason is not None
    assert f"--context-length {MOST_INPUTS // 300} or less, or leave out --joint" in reason


def test_the_rule_takes_what_fits():
    shape = choose_shape([4000], 12, 24, WindowConfig(), n_channels=300)
    assert 1 <= shape.context_length * 300 <= MOST_INPUTS
    assert choose_shape([4000], 12, 24, WindowConfig(), n_channels=10**6).context_length == 1
    assert choose_shape([4000], 12, 24, WindowConfig()).context_length == 336


@pytest.mark.parametrize("horizon", [10**9, "1000001", 10**30])
def test_no_horizon_beyond_a_million_steps(horizon):
    with pytest.raises(UsageError, match="1 to 1,000,000 steps"):
        ForecastConfig(horizon=horizon)


def test_a_line_to_a_point_far_outside_ends_at_the_edge():
    canvas = Canvas(10, 4)
    canvas.line(np.arange(3.0), np.array([2, 1e300, 2]), Ink())
    assert any(line.strip() for line in canvas.lines(color=False, ascii_only=True))
