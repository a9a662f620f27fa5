"""Bytes of a saved model change at random: it is refused with a `BundleError`, or nothing that matters has changed."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest

from tsforecast import bundle as bundles
from tsforecast.bundle import container, graph
from tsforecast.errors import BundleError

SEEDS = range(400)


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """The same bytes with a few flipped, overwritten, cut out, doubled or moved."""
    changed = bytearray(data)
    for _ in range(rng.integers(1, 4)):
        at, length = int(rng.integers(len(changed))), int(rng.integers(1, 24))
        match rng.integers(6):
            case 0:
                changed[at] ^= 1 << int(rng.integers(8))
            case 1:
                changed[at : at + length] = rng.bytes(len(changed[at : at + length]))
            case 2:
                del changed[at : at + length]
            case 3:
                changed[at:at] = changed[at : at + length]
            case 4:
                changed[at : at + length] = b"\xff" * len(changed[at : at + length])
            case _:
                del changed[at:]
        if not changed:
            break
    return bytes(changed)


@pytest.fixture(params=["ridge", "lstm"])
def original(request, saved, project: Path) -> bytes:
    return bundles.to_bytes(saved) if request.param == "ridge" else (project / "tests/golden/lstm.tsf").read_bytes()


def test_a_damaged_file_is_refused_or_means_the_same(original):
    meaning = bundles.to_bytes(bundles.from_bytes(original))
    refused = 0
    for seed in SEEDS:
        damaged = mutated(original, np.random.default_rng(seed))
        try:
            read = bundles.from_bytes(damaged)
        except BundleError:
            refused += 1
        else:
            assert bundles.to_bytes(read) == meaning, f"seed {seed}"
    assert refused > len(SEEDS) / 2


def test_a_forged_member_is_refused_or_predicts(original, rewrite):
    """Damage with fresh sums, so that it reaches the readers of JSON, arrays, ONNX and Keras."""
    names = sorted(set(container.unzipped(original)) - {"manifest.json"})
    refused = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        name = names[int(rng.integers(len(names)))]

        def change(content, name=name, rng=rng):
            content[name] = mutated(content[name], rng)

        try:
            read = bundles.from_bytes(rewrite(original, change))
        except BundleError:
            refused += 1
            continue
        histories = [np.nan_to_num(sequence.values) for sequence in read.history.sequences()]
        with np.errstate(over="ignore", invalid="ignore"):  # absurd weights give absurd numbers, and that is all
            assert read.candidate.predict(histories, 10, np.arange(len(histories))).shape[1] == 10
    assert 0 < refused < len(SEEDS)


def test_a_damaged_graph_is_read_to_its_end_or_refused(project: Path):
    """The reader of ONNX by itself: it meets every byte, and ends."""
    content = container.unzipped((project / "tests/golden/lstm.tsf").read_bytes())["model.onnx"]
    graph.check(content)
    for seed in SEEDS:
        with contextlib.suppress(BundleError):
            graph.check(mutated(content, np.random.default_rng(seed)))
