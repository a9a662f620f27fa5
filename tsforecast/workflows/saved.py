"""Saved models: put a fit into a bundle, predict from it without TensorFlow, go on training it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.bundle import About, Bundle, pack, quantize_int8, tail
from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.data.forecasts import Forecast
from tsforecast.data.panel import FloatArray, IntArray, Panel, Sequence
from tsforecast.errors import BundleError, DataError, TsforecastError
from tsforecast.evaluate.metrics import mae
from tsforecast.models.candidate import Candidate
from tsforecast.transformed import Transformed
from tsforecast.workflows.forecast import assemble, sequence_scale

if TYPE_CHECKING:
    from tsforecast.workflows.fit import Fit


@dataclass(frozen=True)
class Served:
    """A saved candidate in the scale it was fitted on; sequences it knows keep their scaler.

    Attributes:
        candidate: As it was saved.
        known: For each sequence of the panel at hand, its place in the candidate's scaler; −1 for a new one, which is
            scaled by its own history.
    """

    candidate: Candidate
    known: IntArray

    def predict(
        self, histories: list[FloatArray], horizon: int, sequence: IntArray | None, _candidate: str | None = None, /
    ) -> FloatArray:
        """Forecast `(history, step, channel)`."""
        index = self.known if sequence is None else self.known[sequence]
        found = np.empty((len(histories), horizon, histories[0].shape[1]))
        for familiar in (True, False):
            rows = np.flatnonzero((index >= 0) == familiar)
            if len(rows):
                own = [histories[i] for i in rows]
                found[rows] = self.candidate.predict(own, horizon, index[rows] if familiar else None)
        return found


def to_bundle(fitted: Fit, preparing: PrepareConfig, seed: int, report: dict[str, Any]) -> Bundle:
    """Everything that predicting needs, with the end of the history to go on from.

    Raises:
        BundleError: The exported network does not give the numbers of the trained one.
    """
    candidate: Candidate = fitted.forecaster.inner.candidates[fitted.chosen]  # type: ignore[union-attr]
    sequences = fitted.panel.sequences()
    preparer = fitted.forecaster.preparer
    rows = max(candidate.context_length, 4 * fitted.horizon, 2 * fitted.season_length)
    prepare: dict[str, Any] = {
        "config": asdict(replace(preparing, freq=str(fitted.panel.freq))),
        "preparer": preparer.to_dict() if preparer else None,
        "scales": [sequence_scale(s.values).tolist() for s in sequences],
    }
    about = About(
        horizon=fitted.horizon,
        seed=seed,
        report=report,
        training={"rows": int(sum(len(s.values) for s in sequences)), "season_length": fitted.season_length},
    )
    return pack(candidate, tail(fitted.panel, rows), fitted.calibration, prepare, about)


def predict(bundle: Bundle, panel: Panel | None, horizon: int | None = None) -> Forecast:
    """Forecast from the newest rows of `panel`, or from the end of training where there is none.

    Raises:
        DataError: The panel has another step or other columns than the model was trained on, or misses its last values.
        BundleError: The bundle contradicts itself.
    """
    panel = bundle.history if panel is None else panel
    check_panel(bundle, panel)
    sequences = panel.sequences()
    steps = horizon or bundle.manifest.horizon
    model = served(bundle, panel, sequences)
    yhat = model.predict([s.values for s in sequences], np.arange(len(sequences)), steps)
    if not np.isfinite(yhat).all():
        raise BundleError("the model gives forecasts that are not finite", "fit it again")
    scales = _saved_scales(bundle)
    known = _places(bundle, sequences)
    scale = np.stack([scales[i] if i >= 0 else sequence_scale(s.values) for s, i in zip(sequences, known, strict=True)])
    return assemble(panel, sequences, yhat, scale, bundle.calibration)


def served(bundle: Bundle, panel: Panel, sequences: list[Sequence]) -> Transformed:
    """The saved forecaster behind its saved transforms."""
    preparer = None
    if bundle.prepare.get("preparer") is not None:
        from tsforecast.preparation.transforms.chain import Preparer

        try:
            preparer = Preparer.from_dict(bundle.prepare["preparer"])
        except (AttributeError, IndexError, KeyError, TypeError, ValueError, TsforecastError) as error:
            raise BundleError(f"prepare.json describes no transforms: {error}") from None
    return Transformed(preparer, panel, sequences, Served(bundle.candidate, _places(bundle, sequences)))


def prepare_config(bundle: Bundle, given: PrepareConfig) -> PrepareConfig:
    """How to prepare new data for a saved model: as its training data was, unless said otherwise.

    Raises:
        BundleError: The saved settings are not settings.
    """
    default = PrepareConfig()
    saved = bundle.prepare.get("config")
    if not isinstance(saved, dict) or not all(_fits(default, name, value) for name, value in saved.items()):
        raise BundleError("prepare.json does not hold the settings of prepare")
    kept = {name: tuple(value) if isinstance(value, list) else value for name, value in saved.items()}
    changed = {name: value for name, value in asdict(given).items() if value != getattr(default, name)}
    return replace(PrepareConfig(**{**kept, **changed}), freq=given.freq)


def read_config(bundle: Bundle, given: ReadConfig) -> ReadConfig:
    """How to read new data for a saved model: the columns it was trained on, unless said otherwise."""
    schema = bundle.manifest.schema
    return replace(given, id_col=given.id_col or schema.id, joint=schema.joint)


def quantized(bundle: Bundle, fitted: Fit) -> tuple[Bundle, float]:
    """The bundle with 8-bit weights, and how much larger its held-out error is, relative (NaN if none was held out).

    Raises:
        UsageError: The model is no network.
        MissingDependencyError: `onnx` is not installed.
    """
    smaller = quantize_int8(bundle)
    holdout, sequences = fitted.holdout, fitted.panel.sequences()
    if not holdout.n_origins:
        return smaller, float("nan")
    histories = [sequences[i].values[:cutoff] for i, cutoff in zip(holdout.sequence, holdout.cutoff, strict=True)]

    def error(of: Bundle) -> float:
        yhat = served(of, fitted.panel, sequences).predict(histories, holdout.sequence, holdout.horizon)
        return float(mae(holdout.actual, yhat))

    return smaller, error(smaller) / error(bundle) - 1


def _places(bundle: Bundle, sequences: list[Sequence]) -> IntArray:
    """Where each sequence stands in the saved scaler, whose order is that of the saved history; −1 for a new one."""
    names = {s.name: i for i, s in enumerate(bundle.history.sequences())}
    return np.array([names.get(s.name, -1) for s in sequences], dtype="int64")


def _saved_scales(bundle: Bundle) -> FloatArray:
    """Scale of each saved sequence and channel `(sequence, channel)`."""
    try:
        scales = np.asarray(bundle.prepare["scales"], dtype="float64")
    except (KeyError, TypeError, ValueError):
        raise BundleError("prepare.json does not hold the scales of the series") from None
    if scales.shape != (len(bundle.history.sequences()), bundle.manifest.width) or not (scales > 0).all():
        raise BundleError("the scales in prepare.json are not those of the series")
    return scales


def _fits(default: PrepareConfig, name: str, value: Any) -> bool:
    """Whether a saved value can be that setting."""
    if not hasattr(default, name):
        return False
    usual = getattr(default, name)
    if isinstance(usual, tuple):
        return isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value)
    if usual is None:
        return value is None or isinstance(value, (str, int, float))
    return isinstance(value, type(usual))


def check_panel(bundle: Bundle, panel: Panel) -> None:
    """Raise DataError where the panel cannot be what the model was trained on."""
    manifest = bundle.manifest
    if panel.freq != manifest.freq:
        raise DataError(
            f"the data has a step of {panel.freq}, the model was trained on {manifest.freq}", f"--freq {manifest.freq}"
        )
    if manifest.schema.joint and len(panel.channels) != len(manifest.channels):
        raise DataError(f"the model needs the columns {', '.join(manifest.channels)} together")
    for sequence in panel.sequences():
        recent = sequence.values[-manifest.context_length :]
        if np.isnan(recent).any():
            raise DataError(
                f"{sequence.name} misses values among its last {len(recent)} rows", "fill them with --impute linear"
            )
