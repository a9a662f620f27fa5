"""Gated recurrent units: Cho et al. 2014, Learning phrase representations using RNN encoder-decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from tsforecast.config import NetworkConfig
from tsforecast.models.contract import ModelInfo
from tsforecast.models.networks.cells import recurrent_stack
from tsforecast.models.networks.network import NetworkModel, Seeds


@dataclass(frozen=True)
class Gru(NetworkModel):
    """See the top of the file."""

    info: ClassVar = ModelInfo(
        "gru",
        "ridge plus a gated GRU",
        "as lstm, with fewer weights",
        scope="global",
        cost="training",
        needs="train",
        auto=True,
        turn=10,
    )
    embeds: ClassVar = True

    @classmethod
    def volunteers(cls, settings: NetworkConfig) -> bool:
        """It stands for the networks, except on delay vectors."""
        return settings.embed == "none"

    @classmethod
    def body(
        cls, x: Any, settings: NetworkConfig, *, units: int, dropout: float, seeds: Seeds, sequences: bool = False
    ) -> Any:
        """See `NetworkModel.body`."""
        return recurrent_stack(
            "GRU", "gru", x, settings, units=units, dropout=dropout, seeds=seeds, sequences=sequences
        )
