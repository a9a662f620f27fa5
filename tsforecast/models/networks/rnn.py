"""The plain recurrent network of Elman 1990, Finding structure in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from tsforecast.model_config import NetworkConfig, RnnConfig
from tsforecast.models.contract import ModelInfo
from tsforecast.models.networks.initializers import Seeds
from tsforecast.models.networks.network import NetworkModel
from tsforecast.models.networks.stack import Cell, recurrent_stack


@dataclass(frozen=True)
class Rnn(NetworkModel):
    """See the top of the file."""

    info: ClassVar = ModelInfo(
        "rnn",
        "ridge plus a gated plain recurrent network",
        "teaching; short memories",
        scope="global",
        cost="training",
        needs="train",
        auto=False,
        turn=30,
    )
    Settings: ClassVar = RnnConfig
    embeds: ClassVar = True

    @classmethod
    def body(
        cls, x: Any, settings: NetworkConfig, *, units: int, dropout: float, seeds: Seeds, sequences: bool = False
    ) -> Any:
        """See `NetworkModel.body`."""
        own = settings if isinstance(settings, RnnConfig) else RnnConfig()
        leaking = {} if own.leaky is None else {"leaky": own.leaky}
        cell = Cell("rnn", "SimpleRNN", "SkipRNNCell", {"activation": own.activation}, leaking)
        return recurrent_stack(cell, x, settings, units=units, dropout=dropout, seeds=seeds, sequences=sequences)
