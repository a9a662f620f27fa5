"""What is saved is what is loaded, to the last bit."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast import bundle as bundles
from tsforecast.bundle import members
from tsforecast.data.panel import Panel, Schema, stamps_from
from tsforecast.errors import BundleError, NotReadableError
from tsforecast.models.candidate import Candidate
from tsforecast.models.naive import Drift, Naive, SeasonalNaive
from tsforecast.models.scale import SequenceScaler

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["ridge", "naive", "seasonal-naive", "drift", "kernel"])
def candidate(request, ridge: Candidate, kernel: Candidate) -> Candidate:
    closed = {"naive": Naive(), "seasonal-naive": SeasonalNaive(5, 5), "drift": Drift(9)}
    if request.param in ("ridge", "kernel"):
        return ridge if request.param == "ridge" else kernel
    return Candidate(request.param, closed[request.param], SequenceScaler.identity(2, 1), 5)


def test_a_loaded_model_forecasts_the_same(candidate, panel, calibration, about, tmp_path):
    histories = [sequence.values for sequence in panel.sequences()]
    expected = candidate.predict(histories, 17, np.arange(2))
    packed = bundles.pack(candidate, bundles.tail(panel, 24), calibration, {}, about)
    size = bundles.save(tmp_path / "model.tsf", packed)
    loaded = bundles.load(tmp_path / "model.tsf")
    np.testing.assert_array_equal(loaded.candidate.predict(histories, 17, np.arange(2)), expected)
    own = [sequence.values for sequence in loaded.history.sequences()]
    np.testing.assert_array_equal(loaded.candidate.predict(own, 17, np.arange(2)), expected)
    assert loaded.candidate.name == candidate.name
    assert loaded.candidate.season_length == candidate.season_length
    assert size == (tmp_path / "model.tsf").stat().st_size


def test_everything_said_about_a_model_comes_back(saved, tmp_path):
    bundles.save(tmp_path / "model.tsf", saved)
    loaded = bundles.load(tmp_path / "model.tsf")
    assert loaded.manifest == saved.manifest
    assert loaded.prepare == saved.prepare
    pd.testing.assert_frame_equal(loaded.history.frame, saved.history.frame)
    assert (loaded.history.freq, loaded.history.schema) == (saved.history.freq, saved.history.schema)
    np.testing.assert_array_equal(loaded.calibration.widths, saved.calibration.widths)
    assert np.isnan(loaded.calibration.widths[1]).all(), "99.9 % cannot be supported, and that must survive"
    assert (loaded.calibration.levels, loaded.calibration.log) == ((80.0, 99.9), False)
    np.testing.assert_array_equal(loaded.calibration.counts, saved.calibration.counts)


def test_the_same_model_gives_the_same_bytes(saved):
    assert bundles.to_bytes(saved) == bundles.to_bytes(bundles.from_bytes(bundles.to_bytes(saved)))


def test_another_seed_gives_other_bytes(saved):
    other = dataclasses.replace(saved, manifest=dataclasses.replace(saved.manifest, seed=8))
    assert bundles.to_bytes(saved) != bundles.to_bytes(other)


@pytest.mark.parametrize(
    ("freq", "start"),
    [
        ("h", "2024-01-01 05:00"),
        ("MS", "2023-12-01"),
        ("W-SUN", "2024-01-07"),
        ("15min", "1969-12-31"),
        ("B", "2024-01-01"),
        (3, -9),
    ],
)
def test_stamps_of_every_grid_come_back(freq, start, ridge, calibration, about):
    parts = [pd.DataFrame({"unique_id": uid, "ds": stamps_from(start, 30, freq), "y": np.arange(30.0)}) for uid in "ab"]
    panel = Panel.checked(pd.concat(parts), freq)
    loaded = bundles.from_bytes(bundles.to_bytes(bundles.pack(ridge, panel, calibration, {}, about)))
    pd.testing.assert_frame_equal(loaded.history.frame, panel.frame)


def test_tail_keeps_the_context_of_a_channel_that_ended_early():
    frame = pd.DataFrame(
        {"unique_id": "", "ds": stamps_from("2024-01-01", 20, "D"), "early": np.arange(20.0), "late": 1.0}
    )
    frame.loc[10:, "early"] = np.nan
    kept = bundles.tail(Panel.checked(frame, "D"), 4)
    assert [len(sequence.values) for sequence in kept.sequences()] == [4, 14]
    assert kept.sequences()[0].values[:, 0].tolist() == [6.0, 7.0, 8.0, 9.0]
    assert kept.frame["ds"].iloc[-1] == frame["ds"].iloc[-1]


def test_tail_of_series_of_different_lengths():
    parts = [
        pd.DataFrame({"unique_id": uid, "ds": stamps_from(0, n, 1), "y": np.arange(float(n))})
        for uid, n in (("long", 50), ("short", 3))
    ]
    kept = bundles.tail(Panel.checked(pd.concat(parts), 1, Schema(id="id")), 10)
    assert [len(rows) for _, rows in kept] == [10, 3]


def test_a_failed_save_leaves_the_old_file_alone(saved, tmp_path):
    path = tmp_path / "model.tsf"
    bundles.save(path, saved)
    before = path.read_bytes()
    ridge = dataclasses.replace(saved.candidate.forecaster, coefficients=np.full((12, 4), np.nan))
    broken = dataclasses.replace(saved, candidate=dataclasses.replace(saved.candidate, forecaster=ridge))
    with pytest.raises(BundleError, match="not finite"):
        bundles.save(path, broken)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model.tsf"]


def test_a_place_that_cannot_be_written_is_named(saved, tmp_path):
    with pytest.raises(NotReadableError, match="nowhere"):
        bundles.save(tmp_path / "nowhere" / "model.tsf", saved)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_never_written_as_json(saved, value):
    with pytest.raises(ValueError, match="JSON"):
        bundles.to_bytes(dataclasses.replace(saved, prepare={"x": value}))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), json_values, max_size=5))
def test_json_comes_back(value):
    try:
        written = members.to_json(value)
    except UnicodeEncodeError:
        return
    assert members.from_json("x", written) == value


def test_predicting_from_a_bundle_loads_nothing_heavy(saved, tmp_path):
    bundles.save(tmp_path / "model.tsf", saved)
    code = (
        "import sys; from tsforecast import bundle\n"
        f"b = bundle.load({str(tmp_path / 'model.tsf')!r})\n"
        "b.candidate.predict([s.values for s in b.history.sequences()], 48)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {
        "tensorflow",
        "keras",
        "matplotlib",
        "sklearn",
        "scipy",
        "onnx",
        "pyarrow.parquet",
        "statsmodels",
    }
