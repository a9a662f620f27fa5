"""Bytes of a saved model change at random: it is refused with a `BundleError`, or nothing that matters has changed."""

from __future__ import annotations

import numpy as np
import pytest
from bundle_fakes import find

from tsforecast import bundle as bundles
from tsforecast.bundle import container
from tsforecast.errors import BundleError
from tsforecast.io.zips import unzipped, zipped

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


@pytest.fixture
def original(saved) -> bytes:
    return bundles.to_bytes(saved)


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
    """Damage with fresh sums, so that it reaches the readers of JSON and arrays, and the model."""
    names = sorted(set(unzipped(original, container.is_member)) - {"manifest.json"})
    refused = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        name = names[int(rng.integers(len(names)))]

        def change(content, name=name, rng=rng):
            content[name] = mutated(content[name], rng)

        try:
            read = bundles.from_bytes(rewrite(original, change))
            model = read.restored(find)
        except BundleError:
            refused += 1
            continue
        assert model.predict([0], 10).point.shape[1] == 10
        bundles.from_bytes(bundles.to_bytes(read))
    assert 0 < refused < len(SEEDS)


def test_a_forged_manifest_is_refused_or_read(original):
    """Its text changes, and is still JSON often enough to reach the schema."""
    content = unzipped(original, container.is_member)
    refused = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        text = bytearray(content["manifest.json"])
        text[int(rng.integers(len(text)))] = rng.choice(list(b'0123456789-."[]{},etnx'))
        try:
            bundles.from_bytes(zipped({**content, "manifest.json": bytes(text)}))
        except BundleError:
            refused += 1
    assert len(SEEDS) / 2 < refused < len(SEEDS)
