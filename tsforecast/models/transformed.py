"""Models behind the user's transforms: forecasts go through them and come back in the unit of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series

if TYPE_CHECKING:
    from tsforecast.models.contract import Model
    from tsforecast.preparation.transforms.chain import Chain


@dataclass(frozen=True)
class Transformed:
    """Models that work on transformed series.

    Attributes:
        chain: The fitted transforms, or None for none.
        models: By name.
    """

    chain: Chain | None
    models: Mapping[str, Model]

    def predict(self, series: Sequence[Series], horizon: int, name: str) -> FloatArray:
        """What model `name` says follows each series `(series, step, channel)`, in the unit of the data."""
        if self.chain is None:
            return self.models[name].predict(series, horizon).point
        found = self.models[name].predict([self.chain.forward(s) for s in series], horizon).point
        return np.stack([self.chain.inverse(s, yhat) for s, yhat in zip(series, found, strict=True)])
