"""The picture of a spectrum: the periods that are there, at their place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from views import SUFFIXES, kind, svg_texts

from tsforecast.plots.figure import WIDE, Words, style
from tsforecast.plots.periodogram import SpectrumView, draw_spectrum, save_spectrum


def spectrum(**changes) -> SpectrumView:
    n = 600
    y = np.sin(2 * np.pi * np.arange(n) / 24)
    power = np.abs(np.fft.rfft(y))[1:] ** 2
    scales = np.geomspace(2, 200, 20)
    view = SpectrumView(
        "s",
        "a day",
        np.datetime64("2024-01-01", "us") + np.timedelta64(1, "h") * np.arange(n),
        y,
        n / np.arange(1, len(power) + 1),
        power,
        (24.0,),
        scales,
        np.exp(-((np.log(scales / 24)) ** 2))[:, None] * np.ones(n),
        np.minimum(np.arange(n), np.arange(n)[::-1]) + 1.0,
    )
    return replace(view, **changes)


def test_the_dominant_period_is_marked_at_its_peak():
    with style():
        series, periodogram, scalogram = draw_spectrum(spectrum(), WIDE, Words("s")).get_axes()
    share = next(line for line in periodogram.lines if line.get_label() == "_share")
    assert share.get_ydata().sum() == pytest.approx(100)
    assert share.get_xdata()[np.argmax(share.get_ydata())] == 24
    assert [text.get_text() for text in periodogram.texts] == ["24"]
    np.testing.assert_array_equal(series.lines[0].get_ydata(), spectrum().y)
    assert scalogram.get_yscale() == "log"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files(suffix, tmp_path):
    save_spectrum(spectrum(wavelet_periods=np.empty(0)), str(tmp_path / f"s.{suffix}"))
    assert kind(tmp_path / f"s.{suffix}") == suffix


BARE = {"wavelet_periods": np.empty(0), "wavelet_power": np.empty((0, 0)), "trusted": np.empty(0), "dominant": ()}


@pytest.mark.parametrize(
    ("changes", "n_panels"),
    [
        ({}, 3),
        ({"ds": np.arange(600)}, 3),
        (BARE, 2),
        (BARE | {"y": np.ones(600), "power": np.zeros(300)}, 2),
        ({"y": 1e300 * np.sin(np.arange(600.0)), "power": np.full(300, 1e300)}, 3),
    ],
)
def test_what_is_there_is_drawn_without_a_warning(changes, n_panels, tmp_path):
    save_spectrum(spectrum(**changes), str(tmp_path / "s.svg"))
    said = svg_texts(tmp_path / "s.svg")
    headings = [text for text in said if text.startswith(("s: periods", "a day", "Periodogram", "Scalogram"))]
    assert len(headings) == 1 + n_panels
    assert ("24" in said) == ("dominant" not in changes)
