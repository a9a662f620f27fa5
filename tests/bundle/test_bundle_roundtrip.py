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
from bundle_fakes import LastValue, PlusOne, WithBlob, find
from hypothesis import given, settings
from hypothesis import strategies as st

from tsforecast import bundle as bundles
from tsforecast.bundle import members
from tsforecast.data.panel import Panel, Schema, stamps_from
from tsforecast.errors import BundleError, NotReadableError
from tsforecast.io.strict_json import from_json, to_json
from tsforecast.models.contract import State

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "model",
    [PlusOne(0.1), LastValue(np.array([0.1, -0.0]), np.array([2**62])), WithBlob(bytes(range(256))), WithBlob(b"")],
    ids=["settings", "arrays", "file", "empty file"],
)
def test_a_loaded_model_is_the_model_that_was_saved(model, make, tmp_path):
    size = bundles.save(tmp_path / "model.tsf", make(model))
    assert size == (tmp_path / "model.tsf").stat().st_size
    again = bundles.load(tmp_path / "model.tsf").restored(find)
    assert type(again) is type(model)
    for field in dataclasses.fields(model):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(model, field.name))


def test_everything_said_about_a_model_comes_back(saved, tmp_path):
    bundles.save(tmp_path / "model.tsf", saved)
    loaded = bundles.load(tmp_path / "model.tsf")
    assert loaded.manifest == saved.manifest
    assert (loaded.preparing, loaded.chain) == (saved.preparing, saved.chain)
    pd.testing.assert_frame_equal(loaded.history.frame, saved.history.frame)
    assert (loaded.history.freq, loaded.history.schema) == (saved.history.freq, saved.history.schema)
    assert loaded.history.roles == {}
    np.testing.assert_array_equal(loaded.calibration.widths, saved.calibration.widths)
    assert np.isnan(loaded.calibration.widths[1]).all(), "99.9 % cannot be supported, and that must survive"
    assert (loaded.calibration.levels, loaded.calibration.log) == ((80.0, 99.9), False)
    np.testing.assert_array_equal(loaded.calibration.counts, saved.calibration.counts)


def test_roles_of_columns_come_back(make, panel):
    known = dataclasses.replace(panel, frame=panel.frame.assign(wind=1.0), roles={"wind": "past"})
    loaded = bundles.from_bytes(bundles.to_bytes(make(PlusOne(), known)))
    assert loaded.history.roles == {"wind": "past"}


def test_no_transforms_come_back_as_none(saved):
    plain = dataclasses.replace(saved, chain=None)
    assert bundles.from_bytes(bundles.to_bytes(plain)).chain is None


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
        ("QE-DEC", "1899-12-31"),
        ("ms", "2024-01-01"),
        ("MS-15", "2024-01-15"),
        (3, -9),
    ],
)
def test_stamps_of_every_grid_come_back(freq, start, make):
    parts = [
        pd.DataFrame({"unique_id": uid, "ds": stamps_from(start, 24, freq), "load": np.arange(24.0)}) for uid in "ab"
    ]
    panel = Panel.checked(pd.concat(parts), freq)
    loaded = bundles.from_bytes(bundles.to_bytes(make(PlusOne(), panel)))
    pd.testing.assert_frame_equal(loaded.history.frame, panel.frame)


def test_tail_keeps_the_context_of_a_channel_that_ended_early():
    frame = pd.DataFrame(
        {"unique_id": "", "ds": stamps_from("2024-01-01", 20, "D"), "early": np.arange(20.0), "late": 1.0}
    )
    frame.loc[10:, "early"] = np.nan
    panel = Panel.checked(frame, "D")
    assert bundles.tail(panel, 4).frame["early"].tolist()[:4] == [6.0, 7.0, 8.0, 9.0]
    assert bundles.tail(panel, 4).frame["ds"].iloc[-1] == frame["ds"].iloc[-1]
    together = dataclasses.replace(panel, schema=Schema(joint=True))
    assert len(bundles.tail(together, 4)) == 4


def test_tail_of_series_of_different_lengths_and_of_one_without_a_value():
    parts = [
        pd.DataFrame({"unique_id": uid, "ds": stamps_from(0, n, 1), "y": y})
        for uid, n, y in (("empty", 9, np.nan), ("long", 50, 1.0), ("short", 3, 1.0))
    ]
    kept = bundles.tail(Panel.checked(pd.concat(parts), 1, Schema(id="id")), 10)
    assert [(uid, len(rows)) for uid, rows in kept] == [("long", 10), ("short", 3)]


def test_a_failed_save_leaves_the_old_file_alone(saved, tmp_path):
    path = tmp_path / "model.tsf"
    bundles.save(path, saved)
    before = path.read_bytes()
    broken = dataclasses.replace(saved, state=State({}, {"values": np.array([np.inf])}))
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
        bundles.to_bytes(dataclasses.replace(saved, preparing={"x": value}))


def test_an_array_of_another_kind_is_never_written():
    for array in (np.array(["a"]), np.array([1 + 2j]), np.array([None]), np.array([True])):
        with pytest.raises(TypeError, match="float64"):
            members.to_arrays({"a": array})


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(derandomize=True)
@given(st.dictionaries(st.text(st.characters(codec="utf-8")), json_values, max_size=5))
def test_json_comes_back(value):
    assert from_json("x", to_json(value)) == value


@settings(derandomize=True)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True),
        st.tuples(
            st.sampled_from(["float64", "float32", "int64"]),
            st.lists(st.integers(0, 3), min_size=1, max_size=4),
            st.booleans(),
        ),
        max_size=5,
    )
)
def test_arrays_come_back_of_every_kind_shape_and_order(described):
    rng = np.random.default_rng(0)
    arrays = {
        name: np.asarray(rng.normal(0, 1e6, shape), order="F" if fortran else "C").astype(kind)
        for name, (kind, shape, fortran) in described.items()
    }
    read = members.from_arrays("x", members.to_arrays(arrays))
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        assert read[name].dtype == array.dtype
        np.testing.assert_array_equal(read[name], array)


def test_loading_a_bundle_loads_nothing_heavy(saved, tmp_path):
    bundles.save(tmp_path / "model.tsf", saved)
    code = (
        "import sys; from tsforecast import bundle\n"
        f"b = bundle.load({str(tmp_path / 'model.tsf')!r})\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(done.stdout.split())
    heavy = {
        "tensorflow", "keras", "matplotlib", "sklearn", "scipy", "onnx", "onnxruntime", "pyarrow.parquet",
        "statsmodels", "multiprocessing", "importlib.metadata",
    }  # fmt: skip
    assert not loaded & heavy
