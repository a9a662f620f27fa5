"""Kernel ridge regression on delay vectors, the kernel chosen by free runs over blocks left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tsforecast.models.contract import ModelInfo
from tsforecast.models.dynamics.combined import Dynamical


@dataclass(frozen=True)
class Kernel(Dynamical):
    """See the top of the file."""

    info: ClassVar = ModelInfo(
        "kernel",
        "kernel ridge regression on delay vectors",
        "clean chaotic and nonlinear series",
        scope="local",
        auto=False,
        turn=20,
        # a free run of every member from each origin costs more than all other forecasts
        most_origins=64,
        self_chosen=False,
    )
    families: ClassVar = ("kernel",)
    n_bags: ClassVar = 0
