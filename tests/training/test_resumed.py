"""Training that was interrupted gives the same weights as training that was not. Needs JAX, which is no dependency."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax", reason="needs JAX (training/README.md)")


@pytest.mark.slow
def test_two_sittings_give_the_weights_of_one(tmp_path) -> None:
    from training import train

    for folder in ("once", "twice"):
        (tmp_path / folder).mkdir()
    whole = train.run(tmp_path / "once", 96, 0, 1e9, batch=16, size=32)
    train.run(tmp_path / "twice", 48, 0, 1e9, batch=16, size=32)
    parts = train.run(tmp_path / "twice", 96, 0, 1e9, batch=16, size=32)
    for name, weight in whole["weights"].items():
        np.testing.assert_array_equal(np.asarray(weight), np.asarray(parts["weights"][name]))
