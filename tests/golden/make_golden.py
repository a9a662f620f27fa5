"""Write the golden models: saved once, and to be read by every later version.

    python tests/golden/make_golden.py FOLDER

Run this only when the format gets a new version, into a new folder: the files that are there stay as they are, since
people have files like them. Each is a small fit; `expected.json` is what they forecast. Needs the extra `train`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tsforecast import bundle
from tsforecast.config import ModelConfig
from tsforecast.data.panel import Panel, Schema, stamps_from
from tsforecast.workflows.fit import FitSettings, fit
from tsforecast.workflows.saved.predict import predict
from tsforecast.workflows.saved.saving import to_bundle

HORIZON = 6


def monthly(start: str = "2019-01-01", rows: int = 72) -> Panel:
    """Two shops that grow, one by a season."""
    stamps = stamps_from(start, rows, "MS")
    month = np.arange(rows) + 12.0 * (int(start[:4]) - 2019)
    values = {"north": 100 * 1.01**month, "süd": 40 + 10 * np.sin(month * np.pi / 6)}
    frame = pd.concat(pd.DataFrame({"unique_id": uid, "ds": stamps, "sales": v}) for uid, v in values.items())
    return Panel.checked(frame, "MS", Schema(time="month", id="shop"))


def hourly(start: str = "2024-03-30", rows: int = 240) -> Panel:
    """A day's rhythm with some noise, in a zone with summer time."""
    hour = np.arange(rows)
    frame = pd.DataFrame({"unique_id": "", "ds": stamps_from(start, rows, "h")})
    frame["load"] = 10 + 3 * np.sin(hour * np.pi / 12) + np.random.default_rng(1).normal(0, 0.3, rows)
    return Panel.checked(frame, "h", Schema(time="time", zone="Europe/Berlin"))


def counted(start: int = 0, rows: int = 300) -> Panel:
    """Two coordinates of a turning point, on an integer index."""
    angle = 0.2 * np.arange(start, start + rows) + 0.3 * np.sin(0.05 * np.arange(start, start + rows))
    frame = pd.DataFrame({"unique_id": "", "ds": stamps_from(start, rows, 1), "x": np.cos(angle), "y": np.sin(angle)})
    return Panel.checked(frame, 1, Schema(time="t", joint=True))


CASES: dict[str, tuple[Any, Any, dict[str, Any], tuple[str, ...]]] = {
    "seasonal-naive": (monthly, "2026-01-01", {}, ()),
    "ridge": (monthly, "2026-01-01", {"context_length": 12}, ("log", "diff")),
    "lstm": (hourly, "2024-05-01", {"context_length": 24, "segment_length": 6, "units": 4, "epochs": 3}, ()),
    "gru": (hourly, "2024-05-01", {"embed": "auto", "delay": 2, "dimension": 3, "units": 4, "epochs": 1}, ()),
    "kernel": (counted, 1000, {}, ()),
}
"""By model: its data, where newer data begins, its settings, transforms."""


def saved(name: str) -> bundle.Bundle:
    """A small fit as a bundle."""
    data, _, given, transforms = CASES[name]
    panel = data()
    settings = FitSettings(HORIZON, (80.0, 95.0), transforms, ModelConfig(model=name, **given))
    return to_bundle(fit(panel, settings))


def forecasts(of: bundle.Bundle, name: str) -> dict[str, Any]:
    """What a bundle forecasts: from its own history, longer than it was asked for, and from newer rows."""
    data, newer, _, _ = CASES[name]
    made = {
        "after_history": predict(of),
        "further": predict(of, None, 2 * HORIZON),
        "after_new": predict(of, data(newer, 60)),
    }
    return {what: plain(forecast.frame) for what, forecast in made.items()}


def plain(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns of a forecast as plain JSON: texts, and numbers with null where there is none."""
    columns = {str(column): frame[column] for column in frame.columns}
    return {
        column: [None if pd.isna(v) else float(v) for v in values]
        if values.dtype.kind == "f"
        else [str(v) for v in values]
        for column, values in columns.items()
    }


def main(folder: Path) -> None:
    expected = {}
    for name in CASES:
        bundle.save(folder / f"{name}.tsf", saved(name))
        expected[name] = forecasts(bundle.load(folder / f"{name}.tsf"), name)
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
