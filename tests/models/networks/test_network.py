"""Networks: what they learn, that they repeat themselves, survive saving, and keep quiet. All are tiny."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tsforecast.models.candidate import Candidate, training_windows
from tsforecast.models.linear import Ridge, ridge_path
from tsforecast.models.selection import fit_candidates

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.errors import MissingDependencyError
from tsforecast.models.networks import backend
from tsforecast.models.scale import SequenceScaler
from tsforecast.models.shape import Shape

# not imported here: the first import must be the quiet one
if find_spec("tensorflow") is None:
    pytest.skip("needs TensorFlow", allow_module_level=True)

from tsforecast.models.networks.recurrent import Network

SHAPE = Shape(context_length=26, segment_length=12, season_length=12, units=4, dropout=0.1)


def seasonal(n: int = 260, seed: int = 0) -> np.ndarray:
    noise = 0.1 * np.random.default_rng(seed).standard_normal(n)
    return (np.sin(2 * np.pi * np.arange(n) / 12) + noise)[:, None]


def forced(cell: str = "lstm", epochs: int = 2, **settings):
    return fit_candidates(
        [seasonal()],
        horizon=24,
        n_validation=60,
        season_length=12,
        model=ModelConfig(model=cell, units=4, **settings),
        fit=FitConfig(epochs=epochs, seed=3),
    )


def network(cell: str, gate: float = 0.5, channels: int = 1, config: ModelConfig | None = None) -> Network:
    """An untrained network whose correction is not 0."""
    rng = np.random.default_rng(5)
    ridge = Ridge(26, 12, 50.0, 0.1 * rng.standard_normal((26 * channels, 12 * channels)))
    built = Network.build(cell, ridge, channels, SHAPE, config or ModelConfig(), seed=1)
    head = built.correction.get_layer("head")
    head.set_weights([rng.normal(0, 0.5, weights.shape) for weights in head.get_weights()])
    return built.gated(gate)


def contexts(channels: int = 1) -> np.ndarray:
    return np.random.default_rng(6).standard_normal((5, 26, channels)).cumsum(axis=1)


def nonlinear(n: int) -> np.ndarray:
    """The logistic map, of which a linear forecast knows nothing."""
    values = np.empty(n)
    values[0] = 0.3
    for t in range(1, n):
        values[t] = 3.9 * values[t - 1] * (1 - values[t - 1])
    return values[:, None]


def test_a_network_starts_as_the_ridge_regression():
    ridge = Ridge(26, 12, 50.0, 0.1 * np.random.default_rng(5).standard_normal((26, 12)))
    fresh = Network.build("gru", ridge, 1, SHAPE, ModelConfig(), seed=1)
    np.testing.assert_array_equal(fresh.predict(contexts(), 30), ridge.predict(contexts(), 30))


def test_the_gate_weighs_the_correction():
    without, half, full = (network("gru", gate).predict_segment(contexts()) for gate in (0.0, 0.5, 1.0))
    assert np.abs(full - without).max() > 0.1
    np.testing.assert_allclose(half, (without + full) / 2, atol=1e-6)


def test_a_network_learns_what_is_not_linear():
    windows = training_windows([nonlinear(1500)], 4, 1)
    (ridge,) = ridge_path(windows, [1.0])
    shape = Shape(context_length=4, segment_length=1, season_length=1, units=16, dropout=0.0)
    fresh = Network.build("gru", ridge, 1, shape, ModelConfig(), seed=0)
    trained = fresh.trained(windows, None, FitConfig(epochs=40, batch_size=64, learning_rate=1e-2), lambda _: None)
    inputs, targets = windows.inputs, windows.targets
    linear, both = (np.abs(f.predict(inputs, 1) - targets).mean() for f in (ridge, trained))
    assert both < 0.25 * linear


def test_the_best_epoch_is_kept():
    lines: list[str] = []
    windows = training_windows([seasonal()], 26, 12, [60])
    validation = training_windows([seasonal(seed=1)], 26, 12)
    (ridge,) = ridge_path(windows, [50.0])
    fresh = Network.build("rnn", ridge, 1, SHAPE, ModelConfig(), seed=1)
    # a learning rate at which most epochs do harm
    trained = fresh.trained(windows, validation, FitConfig(epochs=6, learning_rate=0.3), lines.append)
    errors = [float(line.rsplit(" ", 1)[1]) for line in lines]
    kept = np.abs(trained.predict(validation.inputs, 12) - validation.targets).mean()
    assert len(errors) == 6
    assert kept == pytest.approx(min(errors), abs=1e-4)
    assert max(errors) > min(errors)


@pytest.mark.parametrize(
    ("cell", "config", "channels"),
    [
        ("rnn", ModelConfig(), 1),
        ("lstm", ModelConfig(layers=2), 2),
        ("gru", ModelConfig(bidirectional=True), 1),
    ],
)
def test_saving_keeps_the_numbers(tmp_path: Path, cell: str, config: ModelConfig, channels: int):
    import onnxruntime

    original = network(cell, channels=channels, config=config)
    inputs = contexts(channels)
    expected = original.predict_segment(inputs)
    original.export_onnx(tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    (served,) = session.run(None, {"context": inputs.astype("float32")})
    np.testing.assert_allclose(served, expected, atol=1e-5 * np.abs(expected).max())

    original.save_keras(tmp_path / "model.keras")
    loaded = Network.load((tmp_path / "model.keras").read_bytes())
    np.testing.assert_allclose(loaded.predict_segment(inputs), expected, atol=1e-5 * np.abs(expected).max())
    assert (loaded.gate, loaded.ridge.penalty) == (0.5, 50.0)
    assert (loaded.context_length, loaded.segment_length) == (26, 12)


def test_training_goes_on_with_the_scaler_frozen():
    values = [seasonal()]
    scaler = SequenceScaler.fit(values)
    before = Candidate("gru", network("gru", gate=1.0), scaler, 12)
    weights = [w.copy() for w in before.forecaster.correction.get_weights()]
    after = before.continue_training([10 + seasonal(300, seed=8)], FitConfig(epochs=2))
    assert after.scaler is scaler
    changed = [
        not np.array_equal(a, b) for a, b in zip(weights, after.forecaster.correction.get_weights(), strict=True)
    ]
    assert any(changed)


def test_refit_keeps_the_recurrent_part():
    result = forced()
    before, after = result.candidates["lstm"].forecaster, result.refit([seasonal()]).candidates["lstm"].forecaster
    assert after.correction is before.correction
    assert not np.array_equal(after.ridge.coefficients, before.ridge.coefficients)


def test_a_forced_network_is_chosen_and_says_its_weight():
    result = forced()
    assert result.chosen == "lstm"
    assert result.scores["lstm"] <= result.scores["ridge"]
    assert any(note.startswith("lstm: ") and "weight" in note for note in result.notes)


def test_the_textbook_recursion_emits_one_step_at_a_time():
    result = forced("rnn", epochs=1, strategy="recursive", context_length=12)
    assert result.candidates["rnn"].segment_length == 1
    assert result.predict([seasonal()], 30, np.array([0])).shape == (1, 30, 1)


DIGEST = """
import hashlib
from tests.models.networks.test_network import *
forecast = network_forecast()
print(hashlib.sha256(forecast.tobytes()).hexdigest())
"""


def network_forecast() -> np.ndarray:
    """What a trained network with its full weight forecasts."""
    candidate = forced("gru").candidates["gru"]
    candidate = replace(candidate, forecaster=candidate.forecaster.gated(1.0))
    return candidate.predict([seasonal()], 24, np.array([0]))


def test_another_process_gives_the_same_bytes_and_says_nothing(project: Path):
    code = f"import sys; sys.path.insert(0, {str(project)!r})\n" + DIGEST
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=project)
    assert done.stdout.split() == [hashlib.sha256(network_forecast().tobytes()).hexdigest()]
    assert done.stderr == ""


def test_seeds_matter_and_only_they_do():
    windows = training_windows([seasonal()], 26, 12)
    (ridge,) = ridge_path(windows, [50.0])

    def trained(seed: int) -> np.ndarray:
        fresh = Network.build("gru", ridge, 1, SHAPE, ModelConfig(), seed)
        return fresh.trained(windows, None, FitConfig(epochs=1, seed=seed), lambda _: None).predict(contexts(), 12)

    first = trained(0)
    assert first.tobytes() == trained(0).tobytes()
    assert first.tobytes() != trained(1).tobytes()


def test_without_keras_the_error_names_the_remedy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    backend.keras.cache_clear()
    try:
        with pytest.raises(MissingDependencyError, match="training a network needs tensorflow") as caught:
            backend.keras()
        assert "tsforecast[train]" in caught.value.hint
    finally:
        backend.keras.cache_clear()
