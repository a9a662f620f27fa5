"""Models saved by earlier versions are still read, and still forecast the same. Never write these files anew.

`tests/golden/make_golden.py` says how they were made.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from tsforecast import bundle as bundles
from tsforecast.models import registry
from tsforecast.models.task import Task
from tsforecast.workflows.saved.predict import predict

GOLDEN = Path(__file__).parents[1] / "golden"
sys.path.insert(0, str(GOLDEN))

from make_golden import CASES, HORIZON, forecasts  # noqa: E402 - it lies beside its files


@pytest.fixture(params=sorted(CASES))
def name(request) -> str:
    return request.param


@pytest.fixture
def golden(name) -> bundles.Bundle:
    return bundles.load(GOLDEN / f"{name}.tsf")


def test_forecasts_as_on_the_day_it_was_saved(name, golden):
    expected = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))[name]
    found = forecasts(golden, name)
    assert found.keys() == expected.keys()
    for what, columns in expected.items():
        assert found[what].keys() == columns.keys()
        for column, values in columns.items():
            if isinstance(values[0], str):
                assert found[what][column] == values
                continue
            ours, theirs = (np.array(numbers, dtype="float64") for numbers in (found[what][column], values))
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6 * np.nanmax(np.abs(theirs)))


def test_says_about_itself_what_it_said(name, golden):
    panel = CASES[name][0]()
    assert (golden.manifest.freq, golden.manifest.schema) == (panel.freq, panel.schema)
    assert (golden.manifest.model, golden.manifest.horizon) == (name, HORIZON)
    assert golden.manifest.report
    assert golden.history.ids == panel.ids
    assert golden.history.frame["ds"].iloc[-1] == panel.frame["ds"].iloc[-1]
    assert (golden.chain is None) == (not CASES[name][3])


def test_is_written_again_as_it_was_read(name, golden):
    """A format that is read is a format that could have been written: nothing in the file is lost on the way."""
    again = bundles.from_bytes(bundles.to_bytes(golden))
    np.testing.assert_array_equal(predict(again).frame["yhat"], predict(golden).frame["yhat"])
    assert again.manifest == golden.manifest


def test_the_model_gives_the_state_that_it_was_restored_from(golden):
    state = golden.restored(registry.find).state()
    assert state.settings == golden.state.settings
    assert state.blobs == golden.state.blobs
    assert state.arrays.keys() == golden.state.arrays.keys()
    for key, array in state.arrays.items():
        np.testing.assert_array_equal(array, golden.state.arrays[key])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_a_network_can_still_go_on_training(name, golden):
    pytest.importorskip("tensorflow", reason="going on training needs TensorFlow (pip install 'tsforecast-cli[train]')")
    model = golden.restored(registry.find)
    series = golden.history.series()
    settings = registry.settings_of(type(model), {"epochs": 1, "learning_rate": 1e-12})
    further = model.update(Task.whole(series, HORIZON), settings, seed=0, tell=lambda line: None)
    if name == "lstm":  # the other one solves its head anew
        np.testing.assert_allclose(further.predict(series, 6).point, model.predict(series, 6).point, rtol=1e-4)
    assert further.state().blobs.keys() == golden.state.blobs.keys()
