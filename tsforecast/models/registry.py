"""What forecasters there are. Importing this loads nothing else, so that `--help` and `models` are quick."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelInfo:
    """One line about a forecaster.

    Attributes:
        name: As given to `--model`.
        description: What it does.
        good_for: Where to use it.
        network: True where training it needs TensorFlow.
    """

    name: str
    description: str
    good_for: str
    network: bool = False


MODELS: dict[str, ModelInfo] = {
    info.name: info
    for info in (
        ModelInfo("auto", "the best of the others, by validation", "a first answer", network=True),
        ModelInfo("naive", "the last value, for ever", "random walks, prices, and as the yardstick"),
        ModelInfo("seasonal-naive", "the last season, repeated", "strong stable seasons, little data"),
        ModelInfo("drift", "the line from the first to the last value of the context", "steady trends, little data"),
        ModelInfo("ridge", "linear regression on the context, shrunk", "seasons and trends; fast, hard to beat"),
        ModelInfo("kernel", "kernel ridge regression on delay vectors", "clean chaotic and nonlinear series"),
        ModelInfo("dynamics", "kernels, analogs, polynomials and reservoirs combined", "chaotic and cyclic series"),
        ModelInfo("rnn", "ridge plus a gated plain recurrent network", "teaching; short memories", network=True),
        ModelInfo("lstm", "ridge plus a gated LSTM", "long nonlinear patterns, panels", network=True),
        ModelInfo("gru", "ridge plus a gated GRU", "as lstm, with fewer weights", network=True),
    )
}

NETWORKS: tuple[str, ...] = ("rnn", "lstm", "gru")
DYNAMICAL: tuple[str, ...] = ("kernel", "dynamics")
