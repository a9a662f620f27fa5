"""A network's correction of a ridge regression: it begins at nothing, is weighed, learns, and is saved as it is."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from series_of import quiet, series, several
from untrained import contexts, correction, learnt, ridge, seasonal, sizes

from tsforecast.bundle import members
from tsforecast.data.windows import make_windows
from tsforecast.model_config import NetworkConfig
from tsforecast.models.networks.correction import Correction
from tsforecast.models.networks.gru import Gru
from tsforecast.models.networks.rnn import Rnn
from tsforecast.models.ridge import Ridge
from tsforecast.models.scale import SeriesScaler
from tsforecast.models.task import Deadline, Task
from tsforecast.models.windowed import validation_windows

# not imported here: the first import must be the quiet one
if find_spec("tensorflow") is None:
    pytest.skip("needs TensorFlow", allow_module_level=True)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")]


def logistic(n: int) -> np.ndarray:
    """The logistic map, of which a linear forecast knows nothing."""
    values = np.empty(n)
    values[0] = 0.3
    for t in range(1, n):
        values[t] = 3.9 * values[t - 1] * (1 - values[t - 1])
    return values[:, None]


def test_it_starts_as_the_ridge_regression():
    fresh = Correction.build(Gru, ridge(), learnt("gru"), sizes(), seed=1)
    np.testing.assert_array_equal(fresh.segment(contexts()), ridge().segment(contexts()))


def test_the_gate_weighs_it():
    without, half, full = (correction("gru", gate).segment(contexts()) for gate in (0.0, 0.5, 1.0))
    assert np.abs(full - without).max() > 0.1
    np.testing.assert_array_equal(without, ridge().segment(contexts()))
    np.testing.assert_allclose(half, (without + full) / 2, atol=1e-6)


def test_it_learns_what_is_not_linear():
    given = Task.whole(several([logistic(500)]), 1)
    settings = NetworkConfig(
        units=16, dropout=0.0, context_length=4, segment_length=1, epochs=25, batch_size=32, learning_rate=2e-2
    )
    plain = SeriesScaler(("y0",), np.zeros((1, 1)), np.ones((1, 1)))
    windows = make_windows([logistic(500)], 4, 1)
    linear = Ridge.path(windows, plain, [1.0])[0]
    trained = Correction.build(Rnn, linear, given, settings, 0).trained(given, settings, seed=0, tell=quiet)
    errors = [np.abs(model.segment(windows.inputs) - windows.targets).mean() for model in (linear, trained)]
    assert errors[1] < 0.4 * errors[0]


@pytest.mark.parametrize(("at", "epochs"), [(-np.inf, 1), (np.inf, 4)])
def test_the_epoch_under_way_at_the_deadline_is_the_last(at: float, epochs: int):
    lines: list[str] = []
    given = replace(learnt("rnn"), deadline=Deadline(10.0, at))
    fresh = Correction.build(Rnn, ridge(), given, sizes(epochs=4), seed=1)
    fresh.trained(given, sizes(epochs=4), seed=0, tell=lines.append)
    assert [line.split(",")[0] for line in lines] == [f"epoch {i + 1}/4" for i in range(epochs)]


def test_the_best_epoch_is_kept():
    lines: list[str] = []
    given = learnt("rnn")
    # a learning rate at which most epochs do harm
    settings = sizes(epochs=5, learning_rate=0.3)
    fresh = Correction.build(Rnn, ridge(), given, settings, seed=1)
    trained = fresh.trained(given, settings, seed=0, tell=lines.append)
    held = validation_windows(given, ridge().scaler, 26, 12)
    errors = [float(line.rsplit(" ", 1)[1]) for line in lines]
    kept = np.abs(trained.segment(held.inputs) - held.targets).mean()
    assert len(errors) == 5
    assert trained.curve.validation == pytest.approx(errors, abs=1e-4)
    assert trained.curve.validation[trained.curve.kept] == min(trained.curve.validation)
    assert kept == pytest.approx(min(errors), abs=1e-4)
    assert max(errors) > min(errors)


@pytest.mark.parametrize(
    ("name", "given", "channels"),
    [("rnn", {}, 1), ("lstm", {"layers": 2}, 2), ("gru", {"bidirectional": True}, 1), ("tcn", {}, 1)],
)
def test_saving_keeps_the_numbers_and_training_can_go_on(name: str, given: dict, channels: int):
    original = correction(name, channels=channels, **given)
    inputs = contexts(channels)
    expected = original.segment(inputs)
    state = original.state()
    scaler = original.ridge.scaler
    whole = replace(
        state,
        settings={**state.settings, "context_length": 26, "segment_length": 12, **scaler.settings()},
        arrays={**state.arrays, **scaler.arrays()},
    )
    whole = members.from_state("model", members.to_state("model", whole))
    served = Correction.restored(whole, 26, 12, channels)
    np.testing.assert_allclose(served.segment(inputs), expected, atol=1e-5 * np.abs(expected).max())
    loaded = replace(served, net=served.net.trainable())
    np.testing.assert_allclose(loaded.segment(inputs), expected, atol=1e-5 * np.abs(expected).max())
    assert (served.gate, served.ridge.penalty) == (0.5, 50.0)


def test_a_network_without_weight_is_left_out():
    state = correction("rnn", gate=0.0).state()
    assert state.blobs == {}
    assert state.settings["gate"] == 0.0


def test_training_goes_on_and_the_one_it_came_from_stays():
    before = correction("gru", gate=1.0)
    expected = before.segment(contexts())
    windows = make_windows([seasonal(150, seed=8)], 26, 12)
    after = before.updated(windows, sizes(epochs=1), seed=0, tell=quiet)
    assert not np.allclose(after.segment(contexts()), expected)
    np.testing.assert_array_equal(before.segment(contexts()), expected)
    assert after.ridge is before.ridge


def test_refit_solves_the_ridge_regression_and_keeps_the_network():
    before = correction("gru")
    after = before.refit(make_windows([seasonal()], 26, 12))
    assert after.net is before.net
    assert after.gate == before.gate
    assert not np.array_equal(after.ridge.coefficients, before.ridge.coefficients)


def test_the_oldest_steps_that_fill_no_patch_are_for_the_ridge_regression_alone():
    # 26 steps are two patches of 12 and 2 more
    core = correction("rnn", gate=1.0)
    inputs = contexts()
    other = inputs.copy()
    other[:, :2] += 5.0
    np.testing.assert_allclose(core.net(other - other[:, -1:]), core.net(inputs - inputs[:, -1:]), atol=1e-5)
    other[:, 2:4] += 5.0
    assert np.abs(core.net(other - other[:, -1:]) - core.net(inputs - inputs[:, -1:])).max() > 1e-3
    assert series(seasonal()).season_length == 1
