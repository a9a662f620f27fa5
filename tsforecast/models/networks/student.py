"""A smaller network in the place of a larger one: units left out, or a student that learns what its teacher says.

Structured pruning: the units of a recurrent layer, and of the embedding before it, with the least weights are left out
whole, so that the file and the time shrink (magnitude as the measure: Han et al. 2015, arXiv:1506.02626; whole units
rather than single weights: Li et al. 2017, arXiv:1608.08710). Distillation: a small network is trained on the answers
of the large one (Hinton, Vinyals & Dean 2015, arXiv:1503.02531). What stands around the network, a ridge regression and
its gate, stays as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tsforecast.data.arrays import FloatArray, IntArray
from tsforecast.data.windows import Windows
from tsforecast.errors import UsageError
from tsforecast.model_config import NetworkConfig
from tsforecast.models.contract import Model, Progress
from tsforecast.models.networks.alone import Alone
from tsforecast.models.networks.correction import Correction
from tsforecast.models.networks.net import KerasNet
from tsforecast.models.networks.network import NetworkModel
from tsforecast.models.networks.patches import patched, textbook
from tsforecast.models.networks.training import train
from tsforecast.models.shape import Shape
from tsforecast.models.task import Task
from tsforecast.models.windowed import validation_windows

_GATES = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}


def distilled(
    teacher: Model, kind: type[Model], task: Task, settings: Any, *, seed: int, tell: Progress
) -> NetworkModel:
    """A student that answers as its teacher does, on all windows of the task.

    Args:
        teacher: A network, with or without a ridge regression beneath it.
        kind: Of the student.
        task: Windows to learn on; its validation rows choose the epoch.
        settings: Of the student, its units among them.
        seed: Of its first weights and of the batches.
        tell: Told the errors after each epoch, which are distances from the teacher.

    Raises:
        UsageError: The teacher has no network that could be learnt, or the student is none.
        MissingDependencyError: TensorFlow is not installed.
    """
    model, core = _network_of(teacher)
    if not issubclass(kind, NetworkModel):
        raise UsageError(f"{kind.info.name} is no network, and only one can be taught", "--distil gru:16, for example")
    student = KerasNet(_alike(model, core, kind, settings, seed))

    def pairs(windows: Windows, indices: IntArray) -> tuple[FloatArray, FloatArray]:
        fed = core.fed(windows.batch(indices)[0])
        return fed.astype("float32"), _net(core)(fed).astype("float32")

    held = validation_windows(task, model.scaler, model.context_length, model.segment_length)
    train(student.model, pairs, model.windows(task), held, settings, seed=seed, tell=tell)
    return kind(model.scaler, model.context_length, model.segment_length, replace(core, net=student))


def pruned(
    large: Model, share: float, task: Task, settings: NetworkConfig, *, seed: int, tell: Progress
) -> NetworkModel:
    """The same model with a share of its units left out, trained further on what is observed.

    Args:
        large: A network of one recurrent layer over patches.
        share: Of units to leave out, above 0 and below 1.
        task: To learn on.
        settings: Of the training.
        seed: Of the batches.
        tell: Told the errors after each epoch.

    Raises:
        UsageError: It is another network.
        MissingDependencyError: TensorFlow is not installed.
    """
    model, core = _network_of(large)
    keras_model = _net(core).trainable().model
    recurrent = [layer for layer in keras_model.layers if type(layer).__name__ in _GATES]
    others = {type(layer).__name__ for layer in keras_model.layers} & {"Bidirectional", "RNN"}
    names = {layer.name for layer in keras_model.layers}
    if len(recurrent) != 1 or others or not {"embedding", "head"} <= names:
        raise UsageError(
            "only a network of one recurrent layer over patches can be pruned", "--distil or --quantize for others"
        )
    (layer,) = recurrent
    n_units = max(1, round((1 - share) * layer.units))
    small = _alike(model, core, type(model), replace(settings, units=n_units, layers=1), seed)
    _cut(keras_model, small, layer.name, _GATES[type(layer).__name__], n_units)
    made = replace(core, net=KerasNet(small))
    return replace(model, core=made).update(task, settings, seed=seed, tell=tell)


def _network_of(model: Model) -> tuple[NetworkModel, Correction | Alone]:
    core = getattr(model, "core", None)
    if not isinstance(model, NetworkModel) or not isinstance(core, Correction | Alone):
        raise UsageError("only a network that reads contexts can be made smaller", "leave out --prune and --distil")
    if core.net is None or (isinstance(core, Correction) and core.gate == 0):
        raise UsageError("its network has no weight, so there is nothing to make smaller", "use the model as it is")
    return model, core


def _net(core: Correction | Alone) -> Any:
    return core.net


def _alike(
    model: NetworkModel, core: Correction | Alone, kind: type[NetworkModel], settings: NetworkConfig, seed: int
) -> Any:
    """An untrained network that takes and gives what that of a model does."""
    archived = _net(core).trainable().model
    channels = int(archived.output_shape[2])
    dropouts = [layer.rate for layer in archived.layers if type(layer).__name__ == "Dropout"]
    own = replace(settings, dropout=settings.dropout if settings.dropout is not None else min(dropouts, default=0.0))
    patches = [layer.output.shape[2] // channels for layer in archived.layers if layer.name == "patches"]
    season = 1 if not patches or patches[0] == model.segment_length else patches[0]
    shape = Shape(model.context_length, model.segment_length, season)
    return (patched if patches else textbook)(kind, channels, shape, own, seed)


def _cut(large: Any, small: Any, name: str, gates: int, n_units: int) -> None:
    """Copy what is kept: the embedded features and the states with the largest weights, and what is between them."""
    kernel, bias = large.get_layer("embedding").get_weights()
    incoming, recurrent, gate_bias = large.get_layer(name).get_weights()
    head, head_bias = large.get_layer("head").get_weights()
    n = recurrent.shape[0]
    features = _strongest(np.abs(kernel).sum(axis=0) * np.abs(incoming).sum(axis=1), n_units)
    states = _strongest(np.abs(head).sum(axis=1) * np.abs(incoming.reshape(-1, gates, n)).sum(axis=(0, 1)), n_units)
    columns = (np.arange(gates)[:, None] * n + states).ravel()
    small.get_layer("embedding").set_weights([kernel[:, features], bias[features]])
    small.get_layer(name).set_weights(
        [incoming[np.ix_(features, columns)], recurrent[np.ix_(states, columns)], gate_bias[..., columns]]
    )
    small.get_layer("head").set_weights([head[states], head_bias])


def _strongest(strength: FloatArray, count: int) -> IntArray:
    """Places of the largest, in order."""
    return np.sort(np.argsort(-strength, kind="stable")[:count])
