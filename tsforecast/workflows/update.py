"""Go on training a saved model on newer data: the scaler stays frozen, drift is reported, old and new are compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tsforecast.bundle import About, Bundle, pack, tail, trainable
from tsforecast.config import FitConfig
from tsforecast.data.panel import FloatArray, Panel, Sequence
from tsforecast.data.split import origins
from tsforecast.errors import DataError
from tsforecast.evaluate.intervals import POOL, calibrate, coverage, scores
from tsforecast.evaluate.rolling import Backtest, rolling_origin
from tsforecast.transformed import Transformed
from tsforecast.workflows.forecast import sequence_scale
from tsforecast.workflows.saved import Served, check_panel, served


@dataclass(frozen=True)
class Drift:
    """How new rows differ from what a model was trained on.

    Attributes:
        rows: New rows, over all sequences.
        shift: Mean of the new rows against the training mean, in training standard deviations, of the sequence that
            moved most.
        spread: Standard deviation of the new rows over that of training, of the sequence that changed most.
        coverage: Nominal level to the share (per cent) of new points within the old intervals; empty if not measured.
    """

    rows: int
    shift: float
    spread: float
    coverage: dict[float, float]


@dataclass(frozen=True)
class Update:
    """The updated bundle and what is to be said about it.

    Attributes:
        bundle: To be saved.
        drift: Of the new rows.
        before: Held-out error of the old model on the newest rows; NaN if there are too few.
        after: Of the updated model on the same rows.
        n_origins: Forecasts behind `before` and `after`.
    """

    bundle: Bundle
    drift: Drift
    before: float
    after: float
    n_origins: int


def update(bundle: Bundle, panel: Panel, fit: FitConfig) -> Update:
    """Train the model further on the rows of `panel` that follow its own history, and on the end of that history.

    The newest rows (one horizon and up) are kept out of training to compare old and new; where there are too few for
    that, all rows train and nothing is measured.

    Args:
        bundle: As loaded.
        panel: Regular and complete, with the step and columns of the bundle.
        fit: Epochs, learning rate, seed.

    Raises:
        DataError: No row is new, or the panel does not fit the bundle.
        MissingDependencyError: The model is a network and TensorFlow is not installed.
    """
    check_panel(bundle, panel)
    if bundle.prepare.get("preparer") is not None:
        raise DataError("a model with transforms cannot be updated", "fit it anew on all rows")
    joined = _joined(bundle.history, panel)
    sequences = joined.sequences()
    known = {s.name: len(s.values) for s in bundle.history.sequences()}
    fresh = [_fresh(s, bundle.history) for s in sequences]
    if not any(fresh):
        raise DataError("the file has no row after the end of training", "give newer data")
    if len(sequences) != len(known):
        raise DataError(f"the model knows {len(known)} series, the file and its history have {len(sequences)}")
    values, horizon = [s.values for s in sequences], bundle.manifest.horizon

    old = _backtest(served(bundle, joined, sequences), values, fresh, horizon)
    drift = _drift(bundle, values, fresh, old)
    kept_out = [max(horizon, new // 3) if new >= 2 * horizon else 0 for new in fresh]
    training = [v[: len(v) - part] for v, part in zip(values, kept_out, strict=True)]
    trained = trainable(bundle).continue_training(training, fit)
    model = Transformed(None, joined, sequences, Served(trained, np.arange(len(sequences))))

    judged_old = _backtest(served(bundle, joined, sequences), values, kept_out, horizon)
    judged = _backtest(model, values, kept_out, horizon)
    calibration = bundle.calibration
    if judged.n_origins >= POOL:
        errors = _errors(judged, values, log=calibration.log)
        calibration = calibrate(errors, calibration.levels, log=calibration.log)
    about = About(
        horizon=horizon,
        seed=fit.seed,
        report=bundle.manifest.report,
        training={**bundle.manifest.training, "updated_on_rows": drift.rows},
    )
    rows = max(len(s.values) for s in bundle.history.sequences())
    prepare = {**bundle.prepare, "scales": [sequence_scale(v).tolist() for v in values]}
    made = pack(trained, tail(joined, rows), calibration, prepare, about)
    error = [r.error("model") if r.n_origins else float("nan") for r in (judged_old, judged)]
    return Update(made, drift, error[0], error[1], judged.n_origins)


def _joined(history: Panel, panel: Panel) -> Panel:
    """History and new rows on one grid, the new ones winning where both have a stamp."""
    frame = pd.concat([history.frame, panel.frame[history.frame.columns.tolist()]], ignore_index=True)
    frame = frame.drop_duplicates(["unique_id", "ds"], keep="last").sort_values(["unique_id", "ds"])
    try:
        return Panel.checked(frame, history.freq, history.schema)
    except DataError:
        # A hole between the end of training and the new rows: the new rows have to do alone.
        return replace(panel, schema=history.schema)


def _fresh(sequence: Sequence, history: Panel) -> int:
    """How many rows of a sequence come after the end of training."""
    ends = {s.name: s.cutoff for s in history.sequences()}
    if sequence.name not in ends:
        raise DataError(f"the model does not know the series {sequence.name}", "fit a new model on all series")
    new = pd.Index([sequence.cutoff])[0] - ends[sequence.name]
    if isinstance(history.freq, int):
        return max(0, int(new) // history.freq)
    after = pd.date_range(ends[sequence.name], sequence.cutoff, freq=history.freq, unit="us")
    return min(max(0, len(after) - 1), len(sequence.values))


def _backtest(model: Transformed, values: list[FloatArray], parts: list[int], horizon: int) -> Backtest:
    cutoffs = [origins(len(v), part, horizon) if part else [] for v, part in zip(values, parts, strict=True)]
    training = [max(2, len(v) - part) for v, part in zip(values, parts, strict=True)]
    return rolling_origin(model.predict, values, cutoffs, ["model"], horizon, training)


def _errors(judged: Backtest, values: list[FloatArray], *, log: bool) -> FloatArray:
    scale = np.stack([sequence_scale(v) for v in values])[judged.sequence][:, None, :]
    return scores(judged.actual, judged.predicted["model"], scale, log=log)


def _drift(bundle: Bundle, values: list[FloatArray], fresh: list[int], old: Backtest) -> Drift:
    scaled = bundle.candidate.scaler.transform(values)
    new = [s[len(s) - n :] for s, n in zip(scaled, fresh, strict=True) if n]
    shift = max((float(np.abs(part.mean(axis=0)).max()) for part in new), default=float("nan"))
    spreads = [float(part.std(axis=0).max()) for part in new if len(part) > 1]
    covered = {}
    if old.n_origins:
        errors = _errors(old, values, log=bundle.calibration.log)
        covered = {level: coverage(errors, bundle.calibration, level) for level in bundle.calibration.levels}
    return Drift(sum(fresh), shift, max(spreads, default=float("nan")), covered)
