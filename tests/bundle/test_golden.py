"""Models saved by earlier versions are still read, and still forecast the same. Never write these files anew.

`tests/golden/make_golden.py` says how they were made.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tsforecast import bundle as bundles

EXPECTED = {"ridge": ("MS", "shop", None, ["north", "süd"], 12), "lstm": ("h", None, "Europe/Berlin", [""], 24)}


@pytest.fixture(params=sorted(EXPECTED))
def name(request) -> str:
    return request.param


@pytest.fixture
def golden(name, project: Path) -> bundles.Bundle:
    return bundles.load(project / f"tests/golden/{name}.tsf")


@pytest.fixture
def expected(name, project: Path) -> dict:
    return json.loads((project / "tests/golden/expected.json").read_text(encoding="utf-8"))[name]


def test_forecasts_as_on_the_day_it_was_saved(golden, expected):
    histories = [sequence.values for sequence in golden.history.sequences()]
    again = golden.candidate.predict(histories, 12, np.arange(len(histories)))
    np.testing.assert_allclose(again, expected["after_history"], rtol=1e-4)
    new = [10.0 + np.cos(np.arange(40.0))[:, None]]
    np.testing.assert_allclose(golden.candidate.predict(new, 12), expected["after_new"], rtol=1e-4)


def test_says_about_itself_what_it_said(name, golden, expected):
    freq, id_column, zone, ids, season_length = EXPECTED[name]
    assert (golden.manifest.freq, golden.manifest.schema.id, golden.manifest.schema.zone) == (freq, id_column, zone)
    assert (golden.manifest.model, golden.manifest.season_length, golden.manifest.horizon) == (name, season_length, 12)
    assert golden.history.ids == ids
    assert [str(sequence.cutoff) for sequence in golden.history.sequences()] == expected["cutoffs"]
    assert golden.manifest.report["scores"][name] == 0.5
    assert golden.prepare == {"freq": freq}
    widths = golden.calibration.widths
    np.testing.assert_array_equal(np.where(np.isnan(widths), -1.0, widths), expected["widths"])
    assert golden.calibration.log == (name == "ridge")


def test_a_network_can_still_go_on_training(project: Path):
    pytest.importorskip("tensorflow", reason="going on training needs TensorFlow")
    golden = bundles.load(project / "tests/golden/lstm.tsf")
    histories = [sequence.values for sequence in golden.history.sequences()]
    expected = golden.candidate.predict(histories, 12, np.arange(1))
    np.testing.assert_allclose(bundles.trainable(golden).predict(histories, 12, np.arange(1)), expected, rtol=1e-4)
