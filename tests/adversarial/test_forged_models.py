"""Model files by somebody who wants harm, through the real command: exit 8, one line, bounded memory, nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tsforecast.bundle import container
from tsforecast.bundle.manifest import sums
from tsforecast.io.zips import unzipped, zipped

onnx = pytest.importorskip("onnx", reason="forging ONNX models needs onnx (pip install 'tsforecast-cli[train]')")
sys.path.insert(0, str(Path(__file__).parents[1] / "models" / "networks"))

from onnx_models import BOUNDS, SLICE, constant, loop, node, small  # noqa: E402 - they need onnx

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("prlimit") is None, reason="bounds memory with prlimit (util-linux)"),
]
ROOT = Path(__file__).parents[2]
LSTM = ROOT / "tests/golden/lstm.tsf"
MOST_MEMORY = 500 * 2**20

Members = dict[str, bytes]
YES = constant("yes", True, "bool")


def network(content: bytes) -> Callable[[Members], None]:
    """Another network in place of the one that was saved."""
    return lambda members: members.update({"model/network.onnx": content})


def field(number: int, content: bytes) -> bytes:
    """A field of bytes in Protocol Buffers."""
    size, at = b"", len(content)
    while at > 0x7F:
        size += bytes([at & 0x7F | 0x80])
        at >>= 7
    return bytes([number << 3 | 2]) + size + bytes([at]) + content


def keras_units(units: object) -> Callable[[Members], None]:
    """Another size of all layers of the Keras model."""

    def change(members: Members) -> None:
        parts = unzipped(members["model/network.keras"], lambda _: True)
        config = json.loads(parts["config.json"])
        for layer in config["config"]["layers"]:
            if "units" in layer["config"]:
                layer["config"]["units"] = units
        parts["config.json"] = json.dumps(config).encode()
        members["model/network.keras"] = zipped(parts)

    return change


def settings(**changed: object) -> Callable[[Members], None]:
    """Other settings of the model."""

    def change(members: Members) -> None:
        found = {**json.loads(members["model/settings.json"]), **changed}
        members["model/settings.json"] = json.dumps(found).encode()

    return change


def manifest(**changed: object) -> Callable[[Members], None]:
    """Other fields of the manifest."""

    def change(members: Members) -> None:
        members["manifest.json"] = json.dumps({**json.loads(members["manifest.json"]), **changed}).encode()

    return change


def preparing(**changed: object) -> Callable[[Members], None]:
    """Another chain, or other settings of preparing."""

    def change(members: Members) -> None:
        members["preparing.json"] = json.dumps({**json.loads(members["preparing.json"]), **changed}).encode()

    return change


def sized(*nodes: object, shape: list[int]) -> bytes:
    """A network that makes a tensor of any size before it answers."""
    made = node("ConstantOfShape", ["size"], ["zeros"])
    add = [node("ReduceSum", ["made"], ["sum"], keepdims=0), node("Add", ["cut", "sum"], ["y"])]
    return small([*SLICE, made, *nodes, *add], [*BOUNDS, constant("size", shape, "int64")])


# as many turns as the largest value says: few in a trial on zeros
TURNS = [
    node("Abs", ["x"], ["sizes"]),
    node("ReduceMax", ["sizes"], ["largest"], keepdims=0),
    node("Mul", ["largest", "factor"], ["turns"]),
    node("Cast", ["turns"], ["many"], to=7),
]
FORGERIES: dict[str, Callable[[Members], None]] = {
    "a loop without end": network(small(loop("many"), [*BOUNDS, constant("many", 2**31, "int64"), YES])),
    "a loop as long as the data says": network(
        small(loop("many", before=TURNS), [*BOUNDS, YES, constant("factor", 1e12)])
    ),
    "a tensor of 2 GB": network(sized(node("Identity", ["zeros"], ["made"]), shape=[2**29])),
    "a product of large matrices": network(sized(node("MatMul", ["zeros", "zeros"], ["made"]), shape=[9000, 9000])),
    "120 million whole numbers": network(field(7, field(1, field(5, field(8, b"\x01\x02" * 60_000_000))))),
    "400,000 axes": network(field(7, field(5, field(1, b"\x01" * 400_000)))),
    "layers of 14,000 units": keras_units(14_000),
    "layers of -1 units": keras_units(-1),
    "layers of x units": keras_units("x"),
    "a penalty of 1e308": settings(penalty=1e308),
    "a context of a million": settings(context_length=10**6),
    "a step of 1us": manifest(freq="1us"),
    "scales of 1e308": manifest(scales={"load": [1e308]}),
    "a chain of garbage": preparing(chain={"names": ["log"], "states": "garbage"}),
    "seven million settings": lambda members: members.update(
        {"model/settings.json": b'{"a":[' + b",".join([b"1"] * 3_500_000) + b"]}"}
    ),
    "lists in lists in lists": lambda members: members.update({"model/settings.json": b'{"a":' + b"[" * 5_000_000}),
    "100 MB of noise": lambda members: members.update({"model/noise.blob": np.random.default_rng(0).bytes(10**8)}),
}


def predict(path: Path) -> tuple[int, str]:
    """Exit code and stderr of `tsforecast predict` in bounded memory."""
    command = [sys.executable, "-m", "tsforecast", "predict", str(path), "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    limit = ["prlimit", f"--data={MOST_MEMORY}"]
    done = subprocess.run([*limit, *command], capture_output=True, text=True, env=environment, timeout=300, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_model_ends_with_8_in_one_line(name, tmp_path):
    members = unzipped(LSTM.read_bytes(), container.is_member)
    FORGERIES[name](members)
    document = {**json.loads(members["manifest.json"]), "members": sums(members)}
    members["manifest.json"] = json.dumps(document).encode()
    path = tmp_path / "forged.tsf"
    path.write_bytes(zipped(members))
    code, told = predict(path)
    assert code == 8, told
    assert len(told.splitlines()) == 1
    assert len(told) <= 600


def test_the_model_that_was_forged_is_accepted():
    assert predict(LSTM)[0] == 0
