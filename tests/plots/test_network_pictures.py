"""Pictures of a network: attention is drawn as it was, and a training with all its epochs and the one kept."""

from __future__ import annotations

import numpy as np
import pytest
from views import SUFFIXES, kind, svg_texts

from tsforecast.models.training_curve import TrainingCurve
from tsforecast.plots.attention import draw_attention, save_attention
from tsforecast.plots.epochs import draw_training, save_training
from tsforecast.plots.figure import WIDE, Words, style

WEIGHTS = np.array([[0.0, 0.2, 0.8], [0.0, 0.5, 0.5]])
GATES = ((0.0, 2.0), (0.5, 1.0), (1.0, 3.0))
CURVE = TrainingCurve((0.9, 0.6, 0.5), (0.8, 0.4, 0.7), (0.002, 0.001, 0.0), 1, GATES, 0.5)


def test_a_step_is_a_line_and_the_newest_row_is_at_the_right():
    with style():
        (axes,) = draw_attention(WEIGHTS, WIDE, Words("t")).get_axes()
    (image,) = axes.images
    np.testing.assert_array_equal(image.get_array(), WEIGHTS)
    assert image.get_extent() == [-2.5, 0.5, 2.5, 0.5]


def test_the_errors_the_rate_and_the_gate():
    with style():
        errors, rate, gates = draw_training(CURVE, WIDE, Words("t")).get_axes()
    drawn = {line.get_label(): line for line in errors.lines}
    np.testing.assert_array_equal(drawn["_training"].get_ydata(), CURVE.training)
    np.testing.assert_array_equal(drawn["_validation"].get_ydata(), CURVE.validation)
    assert (drawn["_kept"].get_xdata()[0], drawn["_kept"].get_ydata()[0]) == (2, 0.4)
    np.testing.assert_array_equal(rate.lines[0].get_ydata(), CURVE.rate)
    assert gates.lines[1].get_xdata() == 0.5
    assert gates.lines[1].get_ydata() == 1.0


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files(suffix, tmp_path):
    save_attention(WEIGHTS, str(tmp_path / f"a.{suffix}"), title="t")
    # one epoch, nothing held out, no gate
    save_training(TrainingCurve((0.9,), (), (0.002,), 0), str(tmp_path / f"b.{suffix}"), title="t")
    assert kind(tmp_path / f"a.{suffix}") == kind(tmp_path / f"b.{suffix}") == suffix


def test_what_is_said(tmp_path):
    save_training(CURVE, str(tmp_path / "b.svg"), title="The training of gru")
    assert "kept: epoch 2 of 3; its correction has weight 0.5" in svg_texts(tmp_path / "b.svg")
    save_attention(WEIGHTS, str(tmp_path / "a.svg"), title="t")
    assert any("All rows alike would be 0.5 each" in text for text in svg_texts(tmp_path / "a.svg"))
