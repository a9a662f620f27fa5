"""Write the golden models: saved once, and to be read by every later version.

    python tests/golden/make_golden.py FOLDER

Run this only when the format gets a new version, into a new folder: the files that are there stay as they are, since
people have files like them. `ridge.tsf` is two monthly series on logarithms, `lstm.tsf` one hourly series and a small
LSTM, `expected.json` what they forecast. Needs the extra `train`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from tsforecast.models.candidate import Candidate, training_windows
from tsforecast.models.linear import ridge_path

from tsforecast import bundle
from tsforecast.config import ModelConfig
from tsforecast.data.panel import Panel, Schema, stamps_from
from tsforecast.evaluate.intervals import calibrate
from tsforecast.models.scale import SequenceScaler
from tsforecast.models.shape import Shape

HORIZON = 12


def monthly() -> Panel:
    month = np.arange(60)
    values = {"north": 100 * 1.01**month, "süd": 40 + 10 * np.sin(month * np.pi / 6)}
    stamps = stamps_from("2019-01-01", 60, "MS")
    frame = pd.concat(pd.DataFrame({"unique_id": uid, "ds": stamps, "sales": v}) for uid, v in values.items())
    return Panel.checked(frame, "MS", Schema(time="month", id="shop"))


def hourly() -> Panel:
    hour = np.arange(96)
    noise = np.random.default_rng(1).normal(0, 0.3, 96)
    frame = pd.DataFrame({"unique_id": "", "ds": stamps_from("2024-03-30", 96, "h")})
    frame["load"] = 10 + 3 * np.sin(hour * np.pi / 12) + noise
    return Panel.checked(frame, "h", Schema(time="time", zone="Europe/Berlin"))


def ridge(panel: Panel) -> Candidate:
    values = [sequence.values for sequence in panel.sequences()]
    scaler = SequenceScaler.fit(values, log=True, exponent=0.5)
    (fitted,) = ridge_path(training_windows(scaler.transform(values), 12, 6), [1.0])
    return Candidate("ridge", fitted, scaler, 12)


def lstm(panel: Panel) -> Candidate:
    from tsforecast.models.networks.recurrent import Network

    values = [sequence.values for sequence in panel.sequences()]
    scaler = SequenceScaler.fit(values)
    (linear,) = ridge_path(training_windows(scaler.transform(values), 24, 6), [10.0])
    network = Network.build("lstm", linear, 1, Shape(24, 6, 6), ModelConfig(units=4), 0)
    head = network.correction.get_layer("head")
    rng = np.random.default_rng(2)
    head.set_weights([rng.normal(0, 0.3, weights.shape) for weights in head.get_weights()])
    return Candidate("lstm", network.gated(0.5), scaler, 24)


def main(folder: Path) -> None:
    expected = {}
    for candidate, panel in ((ridge(monthly()), monthly()), (lstm(hourly()), hourly())):
        errors = np.abs(np.random.default_rng(3).normal(size=(40, HORIZON, 1)))
        calibration = calibrate(errors, (80.0, 95.0, 99.9), log=candidate.scaler.log)
        about = bundle.About(
            horizon=HORIZON,
            seed=0,
            report={"scores": {"naive": 1.0, candidate.name: 0.5}},
            training={"rows": len(panel)},
            created="2026-11-21",
        )
        history = bundle.tail(panel, 2 * candidate.context_length)
        packed = bundle.pack(candidate, history, calibration, {"freq": panel.freq}, about)
        bundle.save(folder / f"{candidate.name}.tsf", packed)
        new = [10.0 + np.cos(np.arange(40.0))[:, None]]
        expected[candidate.name] = {
            "after_history": candidate.predict(
                [s.values for s in history.sequences()], HORIZON, np.arange(len(panel.ids))
            ).tolist(),
            "after_new": candidate.predict(new, HORIZON).tolist(),
            "cutoffs": [str(sequence.cutoff) for sequence in history.sequences()],
            "widths": np.where(np.isnan(calibration.widths), -1.0, calibration.widths).tolist(),
        }
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
