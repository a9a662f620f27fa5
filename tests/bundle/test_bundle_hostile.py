"""Whatever lies in a model file, reading it ends in one clear line, and nothing happens before."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import stat
import zipfile
import zlib

import numpy as np
import pytest

from tsforecast import bundle as bundles
from tsforecast.bundle import container, members
from tsforecast.errors import BundleError, ExitCode, NotReadableError


def raw_zip(entries: list[tuple[zipfile.ZipInfo | str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def refuse(data: bytes, match: str) -> None:
    with pytest.raises(BundleError, match=match) as caught:
        bundles.from_bytes(data)
    assert caught.value.exit_code == ExitCode.BUNDLE == 8
    assert "\n" not in caught.value.message


@pytest.fixture
def data(saved) -> bytes:
    return bundles.to_bytes(saved)


def test_the_rewritten_model_of_these_tests_is_accepted(data, rewrite):
    assert bundles.to_bytes(bundles.from_bytes(rewrite(data))) == data


# --- the file ---


def test_a_missing_file_and_a_directory_are_not_readable(tmp_path):
    for path, what in (
        (tmp_path / "no.tsf", "not found"),
        (tmp_path, "is a directory"),
        (f"{tmp_path}/a\0b", "cannot be"),
    ):
        with pytest.raises(NotReadableError, match=what) as caught:
            bundles.load(path)
        assert caught.value.exit_code == 4


def test_an_endless_file_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(container, "MAX_FILE", 2**20)
    with pytest.raises(BundleError, match="larger than"):
        bundles.load("/dev/zero")


@pytest.mark.parametrize("content", [b"", b"PK", b"ds,y\n1,2\n", b"\x80\x04\x95pickle", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_model(content):
    refuse(content, "not a tsforecast model|damaged")


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_model(data, keep):
    refuse(data[: int(len(data) * keep)], "damaged")


def test_another_zip(data):
    refuse(raw_zip([("word/document.xml", b"<x/>")]), "unknown member 'word/document.xml'")
    refuse(raw_zip([("prepare.json", b"{}")]), "no manifest")
    refuse(b"#!/bin/sh\n" + data, "no zip")


# --- the zip ---


@pytest.mark.parametrize(
    "name",
    [
        "../manifest.json",
        "/etc/passwd",
        "weights/../../x.npy",
        "C:\\x",
        "weights\\x.npy",
        "history/",
        "model.pkl",
        "weights/X.npy",
        "manifest.json\n",
    ],
)
def test_a_name_that_is_not_ours(data, name):
    entries = [*container.unzipped(data).items(), (name, b"x")]
    refuse(raw_zip(entries), "unknown member")


def test_a_symbolic_link(data):
    link = zipfile.ZipInfo("model.onnx")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refuse(raw_zip([*container.unzipped(data).items(), (link, b"/etc/passwd")]), "not a plain file")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_member_twice(data):
    entries = list(container.unzipped(data).items())
    refuse(raw_zip([*entries, entries[0]]), "same member twice")


def test_too_many_members(data):
    refuse(raw_zip([(f"weights/w{i}.npy", b"") for i in range(65)]), "at most 64")


def test_a_zip_bomb(data):
    refuse(raw_zip([*container.unzipped(data).items(), ("model.onnx", bytes(2**22))]), "times its size")


def test_a_bomb_that_lies_about_its_size():
    """Declared as 100 bytes, unpacks to four million: no more than the declared bytes are ever made."""
    bomb = bytearray(raw_zip([("prepare.json", bytes(2**22))]))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = bomb.index(signature) + offset
        bomb[at : at + 4] = (100).to_bytes(4, "little")
    refuse(bytes(bomb), "damaged")


def test_a_declared_size_beyond_the_limit(monkeypatch, data):
    monkeypatch.setattr(container, "MAX_TOTAL", 1000)
    refuse(data, "unpack to more than")


def test_what_deflates_very_well_can_still_be_saved_and_read():
    content = {"weights/zeros.npy": members.to_npy(np.zeros(10**6))}
    assert container.unzipped(container.zipped(content)) == content


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_of_compression(data, method):
    refuse(raw_zip(list(container.unzipped(data).items()), method), "method")


def test_encryption(data):
    locked = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(signature) + offset] |= 1
    refuse(bytes(locked), "encrypted|damaged")


# --- the manifest ---


def test_a_newer_format_says_what_to_do(data, rewrite):
    with pytest.raises(BundleError, match=r"newer tsforecast 9\.1") as caught:
        bundles.from_bytes(rewrite(data, manifest={"format_version": 2, "tsforecast": "9.1", "novelty": True}))
    assert caught.value.hint == "pip install -U tsforecast"


def test_a_tampered_member(data, rewrite):
    def change(content):
        content["weights/coefficients.npy"] = members.to_npy(np.ones((12, 4)))

    refuse(rewrite(data, change, sign=False), r"weights/coefficients\.npy is not what was written")
    assert bundles.from_bytes(rewrite(data, change)).candidate.forecaster.coefficients[0, 0] == 1


def test_a_member_removed_or_added(data, rewrite):
    refuse(rewrite(data, lambda content: content.pop("history/values.npy"), sign=False), "missing")
    refuse(rewrite(data, lambda content: content.pop("history/values.npy")), "must have values")
    refuse(
        rewrite(data, lambda content: content.update({"weights/more.npy": members.to_npy(np.ones(1))}), sign=False),
        "manifest",
    )
    refuse(rewrite(data, lambda content: content.update({"weights/more.npy": members.to_npy(np.ones(1))})), "ridge")
    refuse(rewrite(data, lambda content: content.update({"model.onnx": b"x"})), "ridge")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format_version", None), ("format_version", True), ("format_version", "1"), ("format_version", 0),
        ("kind", "pickle"), ("kind", "network"), ("kind", "naive"), ("kind", ["ridge"]), ("model", "lstm"),
        ("model", 3),
        ("horizon", 0), ("horizon", 10**9), ("horizon", 6.0), ("horizon", True), ("context_length", -1),
        ("context_length", 13), ("segment_length", "4"), ("segment_length", 5), ("season_length", 0), ("seed", -1),
        ("seed", None), ("freq", ""), ("freq", 0), ("freq", "no such"), ("freq", "MS"), ("freq", None),
        ("freq", "-1h"),
        ("channels", []), ("channels", ["a", "a"]), ("channels", ["a", "b"]), ("channels", "load"), ("channels", [1]),
        ("schema", {}), ("schema", {"time": "t", "id": None, "zone": "Mars/Base", "joint": False}),
        ("schema", {"time": "t", "id": None, "zone": "../../../etc/passwd", "joint": False}),
        ("schema", {"time": "t", "id": None, "zone": None, "joint": 0}), ("report", []), ("training", None),
        ("settings", {}), ("settings", {"penalty": "10"}), ("quantized", "int4"), ("created", 1), ("novelty", 1),
        ("members", []), ("members", None), ("series", "ab"), ("series", ["a"]), ("series", ["a", "a"]),
        ("series", [1, 2]),
        ("calibration", None), ("calibration", {"levels": [80, 99.9], "log": 1}),
        ("calibration", {"levels": [80], "log": False}),
        ("calibration", {"levels": [99.9, 80], "log": False}), ("calibration", {"levels": [0, 80], "log": False}),
        ("calibration", {"levels": ["80", 99.9], "log": False}), ("tsforecast", "x" * 2000),
    ],
)  # fmt: skip
def test_a_field_of_the_manifest_that_cannot_be(data, rewrite, field, value):
    forged = json.loads(container.unzipped(rewrite(data))["manifest.json"]) | {field: value}
    content = container.unzipped(data) | {"manifest.json": json.dumps(forged).encode()}
    refuse(container.zipped(content), ".")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (b"[]", "must be an object"), (b"{", "not valid"), (b"\xff\xfe", "not valid"),
        (b'{"a": NaN}', "not a number"),
        (b'{"a": Infinity}', "not a number"), (b'{"a": 1e999}', "too large"),
        (b'{"a": %s}' % (b"9" * 30), "too large"),
        (b'{"a": %s}' % (b"9" * 5000), "not valid"), (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": %s}' % (b"[" * 100_000), "deep|not valid"), (b'{"a": %s%s}' % (b"[" * 50, b"]" * 50), "deep"),
    ],
)  # fmt: skip
def test_json_that_is_refused(data, rewrite, text, match):
    for name in ("manifest.json", "prepare.json"):
        content = container.unzipped(data) | {name: text}
        if name == "prepare.json":
            content = container.unzipped(rewrite(data, lambda inner: inner.update({"prepare.json": text})))
        refuse(container.zipped(content), match)


def test_json_beyond_its_size(monkeypatch, data):
    monkeypatch.setattr(members, "MAX_JSON", 100)
    refuse(data, r"manifest\.json is larger")


# --- the arrays ---


def npy(header: str, body: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    text = header.encode()
    return b"\x93NUMPY" + version + len(text).to_bytes(2, "little") + text + body


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x93NUMPY", b"\x93NUMPY\x01\x00\xff\xff",
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999999)}", bytes(8)),
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", bytes(8)),
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", bytes(8)),
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1)}", bytes(8)),
        npy("{'descr': '<f8', 'fortran_order': True, 'shape': (1,)}", bytes(8)),
        npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", b"cos\nsystem\n(S'id'\ntR."),
        npy("{'descr': '<U4', 'fortran_order': False, 'shape': (1,)}", bytes(16)),
        npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", bytes(8)),
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1)}", bytes(8)),
        npy("__import__('os').system('true')"), npy("{'descr': '<f8'}"), npy("(" * 9000), npy("x" * 60000),
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (True,)}", bytes(8), b"\x02\x00"),
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': ()}", bytes(8)),
    ],
)  # fmt: skip
def test_an_array_that_is_refused(data, rewrite, content):
    for name in ("weights/coefficients.npy", "history/values.npy", "history/lengths.npy", "calibration/widths.npy"):
        refuse(rewrite(data, lambda inner, name=name: inner.update({name: content})), ".")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    "name", ["weights/coefficients.npy", "history/values.npy", "calibration/widths.npy", "calibration/counts.npy"]
)
def test_numbers_that_are_not_finite(data, rewrite, name, bad):
    def change(content):
        array = members.from_npy(name, content[name], missing=True).copy()
        array.flat[0] = bad
        content[name] = members.to_npy(array)

    if np.isnan(bad) and not name.startswith("weights"):
        bundles.from_bytes(rewrite(data, change))  # a gap in the history, a level that nothing supports
    else:
        refuse(rewrite(data, change), "not finite")


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("history/values", np.ones((47, 1))), ("history/values", np.ones((48, 2))), ("history/values", np.ones(48)),
        ("history/values", np.ones((48, 1), "int64")), ("history/values", np.full((48, 1), np.nan)),
        ("history/lengths", np.array([24, 23])), ("history/lengths", np.array([48, 0])),
        ("history/lengths", np.array([-1, 49])),
        ("history/lengths", np.array([2**62, 2**62, 2**62, 2**62 + 48])), ("history/lengths", np.array([24.0, 24.0])),
        ("history/lengths", np.array([2**63 - 1, -(2**63) + 49])),
        ("history/starts", np.array([0])), ("history/starts", np.array([2**63 - 1, 0])),
        ("history/starts", np.array([-(2**63), 0])),
        ("calibration/widths", -np.ones((2, 6))), ("calibration/widths", np.ones((1, 6))),
        ("calibration/counts", np.ones(5)),
        ("weights/coefficients", np.ones((4, 12))), ("weights/coefficients", np.ones(48)),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit_each_other(data, rewrite, name, array):
    refuse(rewrite(data, lambda content: content.update({f"{name}.npy": members.to_npy(array)})), ".")


@pytest.mark.parametrize(
    "change",
    [
        {"scale": [[0.0], [1.0]]}, {"scale": [[-1.0], [1.0]]}, {"scale": [1.0, 1.0]}, {"scale": "x"},
        {"centre": [[0.0]]},
        {"centre": [[0.0], ["x"]]}, {"centre": [[0.0], [0.0, 1.0]]},
        {"centre": [[0.0, 1.0]] * 2, "scale": [[1.0, 1.0]] * 2},
        {"centre": [[0.0]] * 3, "scale": [[1.0]] * 3}, {"log": 1}, {"exponent": "one"}, {"exponent": None},
        {"more": 1},
        {"scale": {"a": 1}}, {"scale": [[None], [None]]},
    ],
)  # fmt: skip
def test_a_scaler_that_cannot_be(data, rewrite, change):
    def forge(content):
        document = json.loads(content["prepare.json"])
        document["scaler"].update(change)
        content["prepare.json"] = json.dumps(document).encode()

    refuse(rewrite(data, forge), ".")


@pytest.fixture
def dynamics(kernel, panel, calibration, about) -> bytes:
    return bundles.to_bytes(bundles.pack(kernel, bundles.tail(panel, 24), calibration, {}, about))


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("series", np.ones(120)), ("series", np.ones((120, 2))), ("series", np.ones((119, 1))),
        ("series", np.ones((0, 1))),
        ("rows", np.zeros(120, "int64")), ("rows", np.arange(120.0)), ("rows", np.arange(120) - 1),
        ("rows", np.full(120, 2**62)),
        ("numbers", np.ones((10, 10))), ("numbers", np.ones(1)), ("numbers", np.ones(10**5)),
    ],
)  # fmt: skip
def test_dynamics_whose_arrays_do_not_fit(dynamics, rewrite, name, array):
    refuse(rewrite(dynamics, lambda content: content.update({f"weights/{name}.npy": members.to_npy(array)})), ".")


@pytest.mark.parametrize(
    "change",
    [
        {"sequences": []}, {"sequences": None}, {"sequences": [1, 2]}, {"sequences": [{}, {}]}, {"horizon": 0},
        {"horizon": "6"}, {"sequences": {"a": 1}},
    ],
)  # fmt: skip
def test_dynamics_whose_settings_cannot_be(dynamics, rewrite, change):
    settings = json.loads(container.unzipped(dynamics)["manifest.json"])["settings"]
    refuse(rewrite(dynamics, manifest={"settings": {**settings, **change}}), ".")
    for field, value in (
        ("recipes", []),
        ("recipes", [1]),
        ("members", [5]),
        ("members", []),
        ("low", "x"),
        ("n_rows", 10**9),
    ):
        broken = [{**settings["sequences"][0], field: value}, *settings["sequences"][1:]]
        refuse(rewrite(dynamics, manifest={"settings": {**settings, "sequences": broken}}), ".")
    refuse(rewrite(dynamics, manifest={"context_length": 59}), "steps")


def test_dynamics_of_fewer_sequences_than_the_scaler(kernel, panel, calibration, about):
    one = dataclasses.replace(kernel.forecaster, combinations=kernel.forecaster.combinations[:1])
    fewer = bundles.pack(dataclasses.replace(kernel, forecaster=one), panel, calibration, {}, about)
    refuse(bundles.to_bytes(fewer), "sequences of the scaler")


def test_nothing_is_left_on_disk(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    entries = [*container.unzipped(data).items(), ("../escaped.npy", b"x")]
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "m.tsf").write_bytes(raw_zip(entries))
    with pytest.raises(BundleError):
        bundles.load(tmp_path / "inner" / "m.tsf")
    assert sorted(os.listdir(tmp_path)) == ["inner"]
    assert os.listdir(tmp_path / "inner") == ["m.tsf"]


def test_the_checksum_of_a_member_is_checked(data):
    stored = container.zipped({"prepare.json": os.urandom(64)})
    broken = bytearray(stored)
    broken[stored.index(b"prepare.json") + len("prepare.json") + 3] ^= 1
    refuse(bytes(broken), "CRC|damaged")
    assert zlib.crc32(container.unzipped(stored)["prepare.json"])
