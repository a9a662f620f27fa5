"""The plain recurrent network of Elman 1990, Finding structure in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from tsforecast.config import NetworkConfig
from tsforecast.models.contract import ModelInfo
from tsforecast.models.networks.cells import recurrent_stack
from tsforecast.models.networks.network import NetworkModel, Seeds


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
    embeds: ClassVar = True

    @classmethod
    def body(
        cls, x: Any, settings: NetworkConfig, *, units: int, dropout: float, seeds: Seeds, sequences: bool = False
    ) -> Any:
        """See `NetworkModel.body`."""
        return recurrent_stack(
            "SimpleRNN", "rnn", x, settings, units=units, dropout=dropout, seeds=seeds, sequences=sequences
        )
