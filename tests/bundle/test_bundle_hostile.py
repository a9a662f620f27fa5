"""Whatever lies in a model file, reading it ends in one clear line, and nothing happens before."""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile
import zlib

import numpy as np
import pytest
from bundle_fakes import PlusOne, WithBlob, find

from tsforecast import bundle as bundles
from tsforecast.bundle import container, members
from tsforecast.errors import (
    BundleError,
    DataError,
    ExitCode,
    MissingDependencyError,
    NotReadableError,
    UsageError,
)
from tsforecast.io import strict_json, zips
from tsforecast.io.zips import unzipped, zipped


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
    assert len(caught.value.message) <= 500


@pytest.fixture
def data(make) -> bytes:
    return bundles.to_bytes(make(PlusOne()))


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


def test_a_model_of_format_1_is_refused_with_what_to_do():
    old = raw_zip([("manifest.json", b'{"format_version": 1}'), ("prepare.json", b"{}"), ("model.onnx", b"x")])
    refuse(old, r"before the first release \(format 1\)")


def test_another_zip(data):
    refuse(raw_zip([("word/document.xml", b"<x/>")]), "unknown member 'word/document.xml'")
    refuse(raw_zip([("preparing.json", b"{}")]), r"no manifest\.json")
    refuse(b"#!/bin/sh\n" + data, "no zip")


# --- the zip ---


@pytest.mark.parametrize(
    "name",
    [
        "../manifest.json",
        "/etc/passwd",
        "model/../../x.json",
        "C:\\x",
        "model\\x.json",
        "history/",
        "model.onnx",
        "model/X.json",
        "manifest.json\n",
    ],
)
def test_a_name_that_is_not_ours(data, name):
    entries = [*unzipped(data, container.is_member).items(), (name, b"x")]
    refuse(raw_zip(entries), "unknown member")


def test_a_symbolic_link(data):
    link = zipfile.ZipInfo("model/network.onnx")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refuse(raw_zip([*unzipped(data, container.is_member).items(), (link, b"/etc/passwd")]), "not a plain file")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_member_twice(data):
    entries = list(unzipped(data, container.is_member).items())
    refuse(raw_zip([*entries, entries[0]]), "same member twice")


def test_too_many_members(data):
    refuse(raw_zip([(f"model/w{i}.blob", b"") for i in range(65)]), "at most 64")


def test_a_zip_bomb(data):
    refuse(
        raw_zip([*unzipped(data, container.is_member).items(), ("model/network.onnx", bytes(2**22))]), "times its size"
    )


def test_a_bomb_that_lies_about_its_size():
    """Declared as 100 bytes, unpacks to four million: no more than the declared bytes are ever made."""
    bomb = bytearray(raw_zip([("preparing.json", bytes(2**22))]))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = bomb.index(signature) + offset
        bomb[at : at + 4] = (100).to_bytes(4, "little")
    refuse(bytes(bomb), "damaged")


def test_a_declared_size_beyond_the_limit(monkeypatch, data):
    monkeypatch.setattr(zips, "MAX_TOTAL", 1000)
    refuse(data, "unpack to more than")


def test_what_deflates_very_well_can_still_be_saved_and_read():
    content = {"model/arrays.safetensors": members.to_arrays({"zeros": np.zeros(10**6)})}
    assert unzipped(zipped(content), container.is_member) == content


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_of_compression(data, method):
    refuse(raw_zip(list(unzipped(data, container.is_member).items()), method), "method")


def test_encryption(data):
    locked = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(signature) + offset] |= 1
    refuse(bytes(locked), "encrypted|damaged")


# --- the manifest ---


def test_a_newer_format_says_what_to_do(data, rewrite):
    with pytest.raises(BundleError, match=r"newer tsforecast 9\.1") as caught:
        bundles.from_bytes(rewrite(data, manifest={"format_version": 3, "tsforecast": "9.1", "novelty": True}))
    assert caught.value.hint == "pip install -U tsforecast-cli"


def test_a_tampered_member(data, rewrite):
    def change(content):
        content["model/settings.json"] = b'{"step": 2}'

    refuse(rewrite(data, change, sign=False), r"model/settings\.json is not what was written")
    assert bundles.from_bytes(rewrite(data, change)).state.settings == {"step": 2}


def test_a_member_removed_or_added(data, rewrite):
    for name in ("history.safetensors", "model/settings.json", "calibration/arrays.safetensors", "preparing.json"):
        refuse(rewrite(data, lambda content, name=name: content.pop(name)), "no|widths")
    refuse(rewrite(data, lambda content: content.pop("model/settings.json"), sign=False), "missing")
    refuse(rewrite(data, lambda content: content.update({"model/more.blob": b""}), sign=False), "not in the manifest")
    refuse(rewrite(data, lambda content: content.update({"calibration/more.blob": b""})), "calibration")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format_version", None), ("format_version", True), ("format_version", "2"), ("format_version", 0),
        ("format_version", 1), ("model", 3), ("model", ""), ("model", "x" * 101),
        ("horizon", 0), ("horizon", 10**9), ("horizon", 6.0), ("horizon", True), ("seed", -1), ("seed", None),
        ("freq", ""), ("freq", 0), ("freq", "no such"), ("freq", "MS"), ("freq", None), ("freq", "-1h"),
        ("freq", "1us"), ("freq", "1h"), ("freq", "ns"), ("freq", 2**50), ("freq", "h" * 100_000),
        ("channels", []), ("channels", ["a", "a"]), ("channels", ["a", "b"]), ("channels", "load"), ("channels", [1]),
        ("channels", ["x" * 10_000]),
        ("schema", {}), ("schema", {"time": "t", "id": None, "zone": "Mars/Base", "joint": False}),
        ("schema", {"time": "t", "id": None, "zone": "../../../etc/passwd", "joint": False}),
        ("schema", {"time": "t", "id": None, "zone": None, "joint": 0}), ("report", []), ("training", None),
        ("season_lengths", {"a": [0]}), ("season_lengths", {"a": 24}), ("season_lengths", [24]),
        ("season_lengths", {"a": [2**40]}),
        ("bounds", None), ("bounds", {}), ("bounds", {"asked": [0, 1], "found": []}),
        ("bounds", {"asked": [1, 0], "found": {}}), ("bounds", {"asked": ["0", 1], "found": {}}),
        *(("bounds", {"asked": None, "found": {"a": own}}) for own in ([[0, 1e301]], [[2, 2]], [[0, 1], [0, 1]], [0])),
        ("scales", {"a": [-1.0]}),
        ("scales", {"a": [1e308]}), ("scales", {"a": []}), ("scales", {"a": ["1"]}), ("scales", {"a": [1.0, 1.0]}),
        ("roles", []), ("roles", {"load": "king"}), ("roles", {"more": "past"}), ("roles", {"load": ["past"]}),
        ("novelty", 1), ("x" * 100_000, 1), ("members", []), ("members", None), ("members", {"x": 1}),
        ("series", "ab"), ("series", ["a"]), ("series", ["a", "a"]), ("series", [1, 2]), ("series", [["a"], ["a"]]),
        ("tsforecast", "x" * 2000),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_a_field_of_the_manifest_that_cannot_be(data, rewrite, field, value):
    refuse(rewrite(data, manifest={field: value}), ".")


def test_a_manifest_without_a_field(data, rewrite):
    document = json.loads(unzipped(data, container.is_member)["manifest.json"])
    for name in document.keys() - {"bounds"}:  # models were saved before there were any
        less = {other: value for other, value in document.items() if other != name}
        content = unzipped(data, container.is_member) | {"manifest.json": json.dumps(less).encode()}
        refuse(zipped(content), name)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (b"[]", "must be an object"), (b"{", "not valid"), (b"\xff\xfe", "not valid"),
        (b'{"a": NaN}', "not a number"),
        (b'{"a": Infinity}', "not a number"), (b'{"a": 1e999}', "too large"),
        (b'{"a": %s}' % (b"9" * 30), "too large"), (b'{"a": %s}' % (b"9" * 5000), "too large"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": %s}' % (b"[" * 100_000), "deep|not valid"), (b'{"a": %s%s}' % (b"[" * 50, b"]" * 50), "deep"),
        (b'{"%s": 1}' % (b"x" * 100_000), "lacks|settings|unknown|widths|levels"),
    ],
    ids=lambda value: value[:20].decode(errors="replace") if isinstance(value, bytes) else "",
)  # fmt: skip
def test_json_that_is_refused(data, rewrite, text, match):
    refuse(zipped(unzipped(data, container.is_member) | {"manifest.json": text}), match)
    for name in ("preparing.json", "calibration/settings.json"):
        refuse(rewrite(data, lambda inner, name=name: inner.update({name: text})), match)


def test_json_beyond_its_size(monkeypatch, data):
    monkeypatch.setattr(strict_json, "MAX_JSON", 100)
    refuse(data, r"manifest\.json is larger")


# --- the arrays ---


def tensors(header: dict | bytes, body: bytes = b"") -> bytes:
    """What safetensors would be with this header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def one(dtype: str = "F64", shape: object = (1,), offsets: object = (0, 8), body: bytes = bytes(8)) -> bytes:
    return tensors({"values": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}, body)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x93NUMPY", bytes(8), b"\xff" * 8, (2**40).to_bytes(8, "little"), tensors(b"{"), tensors(b"[]"),
        tensors(b"[" * 1_000_000), tensors({"values": 1}), tensors({"values": {}}),
        one(shape=(99999999999, 99999999999)), one(shape=(2,)), one(shape=(-1,)), one(shape=()), one(shape="x"),
        one(shape=(2**63, 2)), one(shape=(1, 1, 1, 1, 1)), one(offsets=(0, 16)), one(offsets=(-8, 0)),
        one(offsets=(8, 0)), one(offsets=(0, 8), body=bytes(9)), one(offsets=(0, 8), body=b""),
        one("F16", (4,)), one("BF16", (4,)), one("BOOL", (8,)), one("U64"), one("C64"), one("F8_E4M3", (8,)),
        one("object"), one("F128", (1,), (0, 16), bytes(16)),
        tensors({name: {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]} for name in ("a", "b")}, bytes(8)),
        tensors({"A": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}}, bytes(8)),
        tensors({"../a": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}}, bytes(8)),
        tensors({f"a{i}": {"dtype": "F64", "shape": [0], "data_offsets": [0, 0]} for i in range(30_000)}),
    ],
    ids=range(34),
)  # fmt: skip
def test_arrays_that_are_refused(data, rewrite, content):
    for name in ("model/arrays.safetensors", "history.safetensors", "calibration/arrays.safetensors"):
        refuse(rewrite(data, lambda inner, name=name: inner.update({name: content})), ".")


@pytest.mark.parametrize(("member", "name"), [("history", "values"), ("calibration/arrays", "widths")])
def test_gaps_are_read_and_infinities_refused(data, rewrite, member, name):
    member = f"{member}.safetensors"
    for bad in (np.nan, np.inf, -np.inf):

        def change(content, bad=bad):
            arrays = {key: array.copy() for key, array in members.from_arrays(member, content[member]).items()}
            arrays[name].flat[0] = bad
            content[member] = members.to_arrays(arrays)

        if np.isnan(bad):
            bundles.from_bytes(rewrite(data, change))  # a gap in the history, a level that nothing supports
        else:
            refuse(rewrite(data, change), "not finite")


@pytest.mark.parametrize(
    ("member", "name", "array"),
    [
        ("history", "values", np.ones((47, 1))), ("history", "values", np.ones((48, 2))),
        ("history", "values", np.ones(48)), ("history", "values", np.ones((48, 1), "int64")),
        ("history", "values", np.ones((48, 1), "float32")), ("history", "more", np.ones(1)),
        ("history", "lengths", np.array([24, 23])), ("history", "lengths", np.array([48, 0])),
        ("history", "lengths", np.array([-1, 49])), ("history", "lengths", np.array([24.0, 24.0])),
        ("history", "lengths", np.array([2**62, 2**62, 2**62, 2**62 + 48])),
        ("history", "lengths", np.array([2**63 - 1, -(2**63) + 49])),
        ("history", "starts", np.array([0])), ("history", "starts", np.array([2**63 - 1, 0])),
        ("history", "starts", np.array([2**62, 0])), ("history", "starts", np.array([-(2**63), 0])),
        ("history", "starts", np.array([253402214400000000, 0])),
        ("calibration/arrays", "widths", -np.ones((2, 6))), ("calibration/arrays", "widths", np.ones((1, 6))),
        ("calibration/arrays", "widths", np.full((2, 6), 1e308)), ("calibration/arrays", "counts", np.ones(5)),
        ("calibration/arrays", "counts", np.full(6, np.nan)), ("calibration/arrays", "more", np.ones(1)),
        ("calibration/arrays", "counts", np.ones((6, 1))), ("calibration/arrays", "counts", np.ones(6, "float32")),
    ],
    ids=range(25),
)  # fmt: skip
def test_arrays_that_do_not_fit_each_other(data, rewrite, member, name, array):
    member = f"{member}.safetensors"

    def change(content):
        content[member] = members.to_arrays({**members.from_arrays(member, content[member]), name: array})

    refuse(rewrite(data, change), ".")


@pytest.mark.parametrize(
    "settings",
    [
        {}, {"levels": [80, 99.9]}, {"levels": [80, 99.9], "log": 1}, {"levels": [80], "log": False},
        {"levels": [99.9, 80], "log": False}, {"levels": [0, 80], "log": False}, {"levels": [80, 80], "log": False},
        {"levels": ["x", 99.9], "log": False}, {"levels": 80, "log": False}, {"levels": None, "log": False},
        {"levels": [80, 99.9], "log": False, "more": 1}, {"levels": [[80], [99.9]], "log": False},
    ],
    ids=range(12),
)  # fmt: skip
def test_a_calibration_that_cannot_be(data, rewrite, settings):
    text = json.dumps(settings).encode()
    refuse(rewrite(data, lambda content: content.update({"calibration/settings.json": text})), "calibration")


@pytest.mark.parametrize(
    "preparing", [{}, {"settings": {}}, {"settings": [], "chain": None}, {"settings": {}, "chain": 1}]
)
def test_preparing_that_cannot_be(data, rewrite, preparing):
    text = json.dumps(preparing).encode()
    refuse(rewrite(data, lambda content: content.update({"preparing.json": text})), r"preparing\.json")


# --- the model ---


def test_a_model_that_nobody_knows(data, rewrite):
    with pytest.raises(BundleError, match="model is a 'worse', which is not known here") as caught:
        bundles.from_bytes(rewrite(data, manifest={"model": "worse"})).restored(find)
    assert "pip install" in caught.value.hint


@pytest.mark.parametrize("settings", ["{}", '{"step": "x"}', '{"step": 1}', '{"step": 1.0, "more": 1}'])
def test_what_a_model_refuses_ends_in_a_bundle_error(data, rewrite, settings):
    forged = rewrite(data, lambda content: content.update({"model/settings.json": settings.encode()}))
    with pytest.raises(BundleError, match="the plus-one model is not what was saved: a step is needed"):
        bundles.from_bytes(forged).restored(find)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x" * 10_000), TypeError("two\nlines"), KeyError("weights"), IndexError(), AttributeError("a"),
        OverflowError("b"), ZeroDivisionError("c"), RecursionError("d"), MemoryError(), DataError("e", "hint"),
        UsageError("f"),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_whatever_a_model_says_to_a_state_is_one_line(error):
    def fails():
        raise error

    with pytest.raises(BundleError, match="the kind model is not what was saved: .") as caught:
        bundles.rebuilt("kind model", fails)
    assert len(caught.value.message) <= 500
    assert "\n" not in caught.value.message


def test_what_is_missing_here_is_no_fault_of_the_file():
    def fails():
        raise MissingDependencyError("tensorflow", "train", "training")

    with pytest.raises(MissingDependencyError):
        bundles.rebuilt("model", fails)


def test_a_file_of_a_model_is_its_own(make, rewrite):
    data = bundles.to_bytes(make(WithBlob(b"abc")))
    refuse(rewrite(data, lambda content: content.update({"model/../evil": b""})), "unknown member")
    with pytest.raises(BundleError, match="no 'model.blob'"):
        bundles.from_bytes(rewrite(data, lambda content: content.pop("model/model.blob"))).restored(find)


def test_nothing_is_left_on_disk(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    entries = [*unzipped(data, container.is_member).items(), ("../escaped.json", b"x")]
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "m.tsf").write_bytes(raw_zip(entries))
    with pytest.raises(BundleError):
        bundles.load(tmp_path / "inner" / "m.tsf")
    assert sorted(os.listdir(tmp_path)) == ["inner"]
    assert os.listdir(tmp_path / "inner") == ["m.tsf"]


def test_the_checksum_of_a_member_is_checked(data):
    stored = zipped({"preparing.json": os.urandom(64)})
    broken = bytearray(stored)
    broken[stored.index(b"preparing.json") + len("preparing.json") + 3] ^= 1
    refuse(bytes(broken), "CRC|damaged")
    assert zlib.crc32(unzipped(stored, container.is_member)["preparing.json"])
