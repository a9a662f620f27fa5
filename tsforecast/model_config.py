"""Settings of single models; `ModelConfig` in config.py is all of them together.

A model takes the class that holds what it has, and an option that the named model has not is refused by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tsforecast.declared import Checked, setting

Strategy = Literal["auto", "recursive", "direct"]
Initializer = Literal["glorot", "he", "lecun", "orthogonal"]


@dataclass(frozen=True)
class WindowConfig(Checked):
    """What a model on windows sees and emits."""

    strategy: Strategy = setting("auto", "How a long horizon is reached.")
    context_length: int | None = setting(None, "Steps the model sees.", least=1)
    segment_length: int | None = setting(
        None, "Steps emitted per recursion; 1 is the textbook recursive forecast.", least=1
    )


@dataclass(frozen=True)
class NetworkConfig(WindowConfig):
    """The size of a network and how it is trained; None means "choose by rule or by validation"."""

    layers: int = setting(1, "Layers of a network.", least=1)
    units: int | None = setting(None, "Units of a layer.", least=1)
    dropout: float | None = setting(None, "Dropout between layers, 0 to 1.", least=0, below=1)
    bidirectional: bool = setting(False, "Read the context in both directions.")
    embed: Literal["auto", "none"] = setting("none", "Feed a network delay vectors.")
    delay: int | None = setting(None, "Steps between the elements of a delay vector.", least=1)
    dimension: int | None = setting(None, "Elements of a delay vector.", least=1)
    epochs: int | None = setting(None, "Passes over the training windows.", least=1)
    batch_size: int = setting(256, "Windows in a training step.", least=1)
    train: bool = setting(False, "Train networks on this file, where none is named, too.", options=("--train",))
    learning_rate: float = setting(2e-3, "Peak learning rate of Adam.", above=0)
    clipnorm: float = setting(1.0, "Longest gradient of a weight in training; 0: no limit.", least=0)
    initializer: Initializer | None = setting(None, "First weights of what a layer is fed (default: glorot).")
    skip: bool = setting(True, "Let the network correct a linear forecast, or forecast alone.")
    plain: bool = setting(
        False, "The network of the textbooks: alone, on scaled values, step by step.", options=("--plain",)
    )


@dataclass(frozen=True)
class TimeSkipConfig(NetworkConfig):
    """A recurrent network that may see its state of some steps ago beside the last."""

    time_skip: int | None = setting(None, "Connect each step with the one so many steps back, too.", least=2)


@dataclass(frozen=True)
class RnnConfig(TimeSkipConfig):
    """What only a network without gates has."""

    leaky: float | None = setting(None, "Time constant of leaky units, in steps.", least=1)
    activation: Literal["tanh", "relu"] = setting(
        "tanh", "Of a recurrent network without gates; relu begins at the identity (IRNN)."
    )


@dataclass(frozen=True)
class LstmConfig(TimeSkipConfig):
    """What only a network with memory cells has."""

    peephole: Literal["none", "diagonal", "full"] = setting("none", "Let the gates see the memory cells behind them.")


@dataclass(frozen=True)
class GruConfig(TimeSkipConfig):
    """A network with gates and no memory cells."""


@dataclass(frozen=True)
class Seq2seqConfig(NetworkConfig):
    """What a network of an encoder and a decoder has."""

    cell: Literal["LSTM", "GRU"] = setting("LSTM", "Of an encoder and its decoder.")
    attention: Literal["none", "additive", "dot"] = setting("additive", "How a decoder looks back at the context.")
    teacher_forcing: Literal["always", "never", "scheduled"] = setting(
        "never", "Feed a decoder what was observed, in training; scheduled: less and less."
    )
