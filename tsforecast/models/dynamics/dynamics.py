"""Kernels, analogs, polynomials and reservoirs, the best by free runs over blocks left out, combined by the median."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tsforecast.models.contract import ModelInfo
from tsforecast.models.dynamics.combination import N_BAGS
from tsforecast.models.dynamics.combined import Dynamical
from tsforecast.models.dynamics.trials import FAMILIES


@dataclass(frozen=True)
class Dynamics(Dynamical):
    """See the top of the file."""

    info: ClassVar = ModelInfo(
        "dynamics",
        "kernels, analogs, polynomials and reservoirs combined",
        "chaotic and cyclic series",
        scope="local",
        auto=True,
        turn=5,
        # a free run of every member from each origin costs more than all other forecasts
        most_origins=64,
        self_chosen=True,
    )
    families: ClassVar = tuple(FAMILIES)
    n_bags: ClassVar = N_BAGS
