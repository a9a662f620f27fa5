"""Long short-term memory: Hochreiter & Schmidhuber 1997, with the forget gate of Gers, Schmidhuber & Cummins 2000."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from tsforecast.model_config import LstmConfig, NetworkConfig
from tsforecast.models.contract import ModelInfo
from tsforecast.models.networks.initializers import Seeds
from tsforecast.models.networks.network import NetworkModel
from tsforecast.models.networks.stack import Cell, recurrent_stack


@dataclass(frozen=True)
class Lstm(NetworkModel):
    """See the top of the file."""

    info: ClassVar = ModelInfo(
        "lstm",
        "ridge plus a gated LSTM",
        "long nonlinear patterns, panels",
        scope="global",
        cost="training",
        needs="train",
        auto=False,
        turn=20,
    )
    Settings: ClassVar = LstmConfig
    embeds: ClassVar = True

    @classmethod
    def volunteers(cls, settings: NetworkConfig) -> bool:
        """It is the one that delay vectors are fed to."""
        return settings.embed != "none"

    @classmethod
    def body(
        cls, x: Any, settings: NetworkConfig, *, units: int, dropout: float, seeds: Seeds, sequences: bool = False
    ) -> Any:
        """See `NetworkModel.body`."""
        own = settings if isinstance(settings, LstmConfig) else LstmConfig()
        peeping = {} if own.peephole == "none" else {"peephole": own.peephole}
        cell = Cell("lstm", "LSTM", "SkipLSTMCell", connected=peeping)
        return recurrent_stack(cell, x, settings, units=units, dropout=dropout, seeds=seeds, sequences=sequences)
