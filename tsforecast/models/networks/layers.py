"""What a `.keras` file may ask Keras to build: the layers that our networks are made of, no larger than their weights.

Keras makes all weights of a layer before it looks for their values, so that a few bytes can ask for any memory. Here
they are counted first: a file must hold as many numbers as its layers have weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tsforecast.errors import BundleError

PACKAGE = "tsforecast"
"""The name that Keras knows our own layers by."""
CUSTOM = "tsforecast.models.networks.custom"
"""Where they are: one module a file, imported when Keras is needed."""
OWN = {
    "SkipRNNCell": "cells",
    "SkipLSTMCell": "cells",
    "SkipGRUCell": "cells",
    "Positions": "positions",
    "Decoder": "decoder",
}
"""Layers and cells of our own, and the module of each."""
GATES = {"SkipRNNCell": 1, "SkipLSTMCell": 4, "SkipGRUCell": 3}
"""Recurrent cells of our own, and how many gates and candidates have weights."""
MAX_LAYERS = 2000
MAX_LENGTH = 10**6
MAX_ACTIVATIONS = 2**23
"""Numbers that layers hand on for one window: with 256 windows at once, 8 GiB."""
_NUMBER = 4

Config = dict[str, Any]


def _recurrent(gates: int) -> Callable[[Config, int], int]:
    return lambda config, n_inputs: gates * _size(config, "units") * (n_inputs + _size(config, "units"))


def _connected(config: Config, n_inputs: int) -> int:
    """Of a layer around a cell of ours."""
    cell = config["cell"]
    own, units = cell["config"], _size(cell["config"], "units")
    through_time = units if _size(own, "time_skip") > 1 else 0
    return GATES[cell["class_name"]] * units * (n_inputs + units + through_time)


WEIGHTED: Mapping[str, Callable[[Config, int], int]] = {
    "Dense": lambda config, n_inputs: n_inputs * _size(config, "units"),
    "SimpleRNN": _recurrent(1),
    "LSTM": _recurrent(4),
    "GRU": _recurrent(3),
    "RNN": _connected,
    "Conv1D": lambda config, n_inputs: _size(config, "kernel_size") * -(-n_inputs // _size(config, "groups"))
    * _size(config, "filters"),
    "LayerNormalization": lambda _config, n_inputs: n_inputs,
    "MultiHeadAttention": lambda config, n_inputs: _size(config, "num_heads")
    * (3 * _size(config, "key_dim") + _size(config, "value_dim")) * n_inputs,
    "Positions": lambda _config, n_inputs: n_inputs,
    "Decoder": lambda config, n_inputs: 3 * _size(config, "units")
    * (_size(config, "units") + _size(config, "features"))
    + (n_inputs * _size(config, "units") if config["attention"] != "none" else 0),
}  # fmt: skip
"""Layers and the number of their weights, at least, by their settings and the features that they are fed."""
PLAIN = frozenset((
    "InputLayer", "Activation", "Add", "AveragePooling1D", "Concatenate", "Cropping1D", "Dropout", "Flatten",
    "GlobalAveragePooling1D", "Multiply", "Permute", "Rescaling", "Reshape", "SpatialDropout1D", "Subtract",
))  # fmt: skip
"""Layers without weights whose output is no larger than their input."""
PARTS = frozenset((
    "__keras_tensor__", "DTypePolicy", "GlorotUniform", "GlorotNormal", "HeNormal", "HeUniform", "LecunNormal",
    "LecunUniform", "Identity", "Orthogonal", "RandomNormal", "RandomUniform", "Zeros", "Ones", "L2",
))  # fmt: skip
"""What layers are described with."""
_SIZES = ("units", "time_skip", "steps", "features", "filters", "num_heads", "key_dim", "value_dim", "groups")
_LENGTHS = ("kernel_size", "strides", "dilation_rate", "axis", "attention_axes")


def check_layers(config: Config, n_bytes: int, *, to_train: bool = False) -> None:
    """Refuse the configuration of a Keras model that our networks could not have.

    Args:
        config: `config.json` of the `.keras` file.
        n_bytes: Size of its weights.
        to_train: It is about to be trained, so that what its layers hand on has to fit into memory.

    Raises:
        BundleError: Saying what was found.
    """
    try:
        found = list(_layers(config))
        n_steps = max(_length(layer["config"]["batch_shape"][1]) for layer, _ in found if _is(layer, "InputLayer"))
        n_weights = sum(times * _weights(layer, n_steps) for layer, times in found if times)
        handed_on = sum(times * n_steps * _width(layer) for layer, times in found if times)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise BundleError(f"the Keras model is not described as Keras does: {str(error)[:200]}") from None
    if n_weights * _NUMBER > n_bytes:
        raise BundleError(f"the Keras model asks for {n_weights} weights or more, its file holds {n_bytes} bytes")
    if to_train and handed_on > MAX_ACTIVATIONS:
        raise BundleError("the Keras model needs too much memory to be trained", "fit a smaller one")
    known = {id(layer) for layer, _ in found}
    for part in objects(config):
        name = part.get("class_name")
        if name is not None and id(part) not in known and str(name) not in PARTS:
            raise BundleError(f"the Keras model is made with {str(name)[:80]!r}, which no network of ours needs")
        if name == "DTypePolicy" and part.get("config") != {"name": "float32"}:
            raise BundleError("the Keras model is not one of float32")


def is_own(part: Config) -> bool:
    """Whether a description is that of a cell of ours, which Keras knows by this package's name."""
    name = part.get("class_name")
    where = (part.get("module"), part.get("registered_name"))
    return name in OWN and where == (f"{CUSTOM}.{OWN[name]}", f"{PACKAGE}>{name}")


def objects(config: Any) -> Iterator[Config]:
    """All JSON objects in a configuration, from the outermost in."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _layers(config: Config) -> Iterator[tuple[Config, int]]:
    """Layers of a model and of the models in it, each with the number of times that it is made; and the models.

    What a wrapper holds comes twice: as it is described, made 0 times, and as it is made, with the shape it is fed.
    """
    waiting, count = [(config, 1)], 0
    while waiting:
        layer, times = waiting.pop()
        count += 1
        if count > MAX_LAYERS:
            raise BundleError(f"the Keras model has more than {MAX_LAYERS} layers")
        yield layer, times
        if _is(layer, "Functional"):
            waiting += [(inner, times) for inner in layer["config"]["layers"]]
        elif _is(layer, "Bidirectional"):
            for name in ("layer", "backward_layer"):
                inner = layer["config"].get(name)
                if inner is not None:
                    waiting.append(({**inner, "build_config": layer["build_config"]}, 2))
                    yield inner, 0
        elif _is(layer, "RNN"):
            if not is_own(layer["config"]["cell"]) or layer["config"]["cell"]["class_name"] not in GATES:
                raise BundleError("the Keras model has a recurrent cell which none of ours has")
            yield layer["config"]["cell"], 0
        elif layer["class_name"] in OWN and not is_own(layer):
            raise BundleError("the Keras model has a layer that calls itself one of ours")
        elif layer["class_name"] not in PLAIN and layer["class_name"] not in WEIGHTED:
            raise BundleError(f"the Keras model has a layer {str(layer['class_name'])[:80]!r}, which none of ours has")


def _weights(layer: Config, n_steps: int) -> int:
    """How many weights a layer has at least."""
    count = WEIGHTED.get(layer["class_name"])
    if count is None:
        return 0
    config = layer["config"]
    for part in (config, config["cell"]["config"] if "cell" in config else {}):
        for name, value in part.items():
            if type(value) is int and name not in _SIZES + _LENGTHS and name != "seed":
                raise ValueError(f"a {layer['class_name']} has a setting {name[:80]!r}")
    if config.get("unroll"):
        raise ValueError("a recurrent layer must not be unrolled")
    if "dilation_rate" in config and _size(config, "dilation_rate") * (_size(config, "kernel_size") - 1) > 4 * n_steps:
        raise ValueError("a convolution reaches far beyond the context")
    shape = list(map(_length, _input_shape(layer)[1:]))
    return count(config, math.prod(shape) if _is(layer, "Positions") else shape[-1])


def _width(layer: Config) -> int:
    """Features that a layer hands on, 0 where they are those it is given."""
    if _is(layer, "RNN"):
        own = layer["config"]["cell"]["config"]
        return _size(own, "units") * _size(own, "time_skip")
    if _is(layer, "Decoder"):
        return _size(layer["config"], "units") * _size(layer["config"], "steps")
    return next((_size(layer["config"], name) for name in ("units", "filters") if name in layer["config"]), 0)


def _input_shape(layer: Config) -> list[Any]:
    built = layer["build_config"]
    shape = built["shapes_dict"]["query_shape"] if "shapes_dict" in built else built["input_shape"]
    # of what is called on several, the first is the widest
    return list(shape[0] if isinstance(shape[0], list) else shape)


def _size(config: Config, name: str) -> int:
    """A setting that is a length, or a list of them."""
    value = config[name]
    return math.prod(map(_length, value)) if isinstance(value, list) else _length(value)


def _length(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= MAX_LENGTH:
        raise ValueError(f"{str(value)[:40]} is no size of a layer")
    return value


def _is(layer: Config, name: str) -> bool:
    return bool(layer["class_name"] == name)
