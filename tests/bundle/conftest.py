"""Small saved models to read, tamper with and fuzz."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsforecast import bundle as bundles
from tsforecast.bundle import About, Bundle, container
from tsforecast.bundle.manifest import sums
from tsforecast.data.panel import Panel, Schema, stamps_from
from tsforecast.evaluate.intervals import calibrate
from tsforecast.models.candidate import Candidate
from tsforecast.models.dynamics.dynamical import Dynamical
from tsforecast.models.linear import Ridge
from tsforecast.models.scale import SequenceScaler


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
def about() -> About:
    return About(horizon=6, seed=7, report={"scores": {"ridge": 0.5}}, training={"rows": 120})


@pytest.fixture
def calibration():
    errors = np.abs(np.random.default_rng(5).normal(size=(12, 6, 1)))
    return calibrate(errors, (80.0, 99.9), log=False)


@pytest.fixture
def ridge(panel: Panel) -> Candidate:
    """A ridge regression of context 12 and segment 4 with weights of its own."""
    values = [sequence.values for sequence in panel.sequences()]
    weights = np.random.default_rng(4).normal(0, 0.2, (12, 4))
    return Candidate("ridge", Ridge(12, 4, 10.0, weights), SequenceScaler.fit(values), 24)


@pytest.fixture
def kernel(panel: Panel) -> Candidate:
    """Kernel ridge regression on delay vectors, one a series."""
    values = [sequence.values for sequence in panel.sequences()]
    scaler = SequenceScaler.fit(values)
    return Candidate("kernel", Dynamical.fit("kernel", scaler.transform(values), 6), scaler, 1)


@pytest.fixture
def saved(ridge: Candidate, panel: Panel, calibration: Any, about: About) -> Bundle:
    return bundles.pack(ridge, bundles.tail(panel, 24), calibration, {"config": {"freq": "h"}}, about)


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
        members = container.unzipped(data)
        if change:
            change(members)
        document = {**json.loads(members["manifest.json"]), **(manifest or {})}
        if sign:
            document["members"] = sums(members)
        members["manifest.json"] = json.dumps(document).encode()
        return container.zipped(members)

    return rewritten
