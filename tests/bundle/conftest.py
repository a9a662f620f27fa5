"""Small saved models to read, tamper with and fuzz."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bundle_fakes import LastValue

from tsforecast import bundle as bundles
from tsforecast.bundle import Bundle, Manifest, container
from tsforecast.bundle.manifest import sums
from tsforecast.data.panel import Panel, Schema, stamps_from
from tsforecast.evaluate.intervals import Calibration, calibrate
from tsforecast.io.zips import unzipped, zipped


@pytest.fixture
def panel() -> Panel:
    """Two hourly series of 60 rows with a channel each."""
    rng = np.random.default_rng(3)
    parts = [
        pd.DataFrame({"unique_id": uid, "ds": stamps_from(start, 60, "h"), "load": rng.normal(10, 2, 60)})
        for uid, start in (("a", "2024-01-01"), ("b", "2024-02-01"))
    ]
    return Panel.checked(pd.concat(parts), "h", Schema(time="when", id="site", zone="Europe/Berlin"))


@pytest.fixture
def calibration() -> Calibration:
    errors = np.abs(np.random.default_rng(5).normal(size=(12, 6, 1)))
    return calibrate(errors, (80.0, 99.9), log=False)


@pytest.fixture
def make(panel: Panel, calibration: Calibration) -> Callable[..., Bundle]:
    """A bundle of a model, and of another panel where one is given."""

    def made(model: Any, of: Panel = panel, **manifest: Any) -> Bundle:
        about = Manifest(
            model=model.info.name,
            horizon=6,
            freq=of.freq,
            schema=of.schema,
            channels=tuple(of.channels),
            seed=7,
            season_lengths={"a/load": [24, 168], "b/load": []},
            scales={"a/load": [2.0], "b/load": [0.5]},
            report={"scores": {"naive": 1.0, model.info.name: 0.5}},
            training={"rows": 120},
        )
        for name, value in manifest.items():
            object.__setattr__(about, name, value)
        preparing = {"freq": "h", "transforms": []}
        return Bundle(about, model.state(), preparing, {"names": ["log"]}, calibration, bundles.tail(of, 24))

    return made


@pytest.fixture
def saved(make: Callable[..., Bundle]) -> Bundle:
    return make(LastValue(np.array([1.5]), np.array([3, 4])))


@pytest.fixture
def rewrite() -> Callable[..., bytes]:
    """Change members of a saved model and sign them again, as whoever wants to deceive would.

    `change(members)` edits the members; `manifest` are fields to set in the manifest. Without `sign` the recorded
    sums stay as they were.
    """

    def rewritten(
        data: bytes,
        change: Callable[[dict[str, bytes]], Any] | None = None,
        *,
        manifest: dict[str, Any] | None = None,
        sign: bool = True,
    ) -> bytes:
        members = unzipped(data, container.is_member)
        if change:
            change(members)
        document = json.loads(members["manifest.json"])
        if sign:
            document["members"] = sums(members)
        members["manifest.json"] = json.dumps({**document, **(manifest or {})}).encode()
        return zipped(members)

    return rewritten
