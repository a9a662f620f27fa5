"""Gated recurrent units: Cho et al. 2014, Learning phrase representations using RNN encoder-decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from tsforecast.model_config import GruConfig, NetworkConfig
from tsforecast.models.contract import ModelInfo
from tsforecast.models.networks.initializers import Seeds
from tsforecast.models.networks.network import NetworkModel
from tsforecast.models.networks.stack import Cell, recurrent_stack


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
    Settings: ClassVar = GruConfig
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
        cell = Cell("gru", "GRU", "SkipGRUCell")
        return recurrent_stack(cell, x, settings, units=units, dropout=dropout, seeds=seeds, sequences=sequences)
