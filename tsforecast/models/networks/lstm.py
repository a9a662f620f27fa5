"""Long short-term memory: Hochreiter & Schmidhuber 1997, with the forget gate of Gers, Schmidhuber & Cummins 2000."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from tsforecast.config import NetworkConfig
from tsforecast.models.contract import ModelInfo
from tsforecast.models.networks.cells import recurrent_stack
from tsforecast.models.networks.network import NetworkModel, Seeds


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
        return recurrent_stack(
            "LSTM", "lstm", x, settings, units=units, dropout=dropout, seeds=seeds, sequences=sequences
        )
