"""Models behind the user's transforms and the regression on columns: forecasts come back in the unit of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series

if TYPE_CHECKING:
    from tsforecast.models.contract import Model, Space
    from tsforecast.models.covariates.regression import Regression
    from tsforecast.preparation.transforms.chain import Chain


@dataclass(frozen=True)
class Transformed:
    """Models that work on transformed series, without the effect of the columns beside them.

    Attributes:
        chain: The fitted transforms, or None for none.
        models: By name.
        regression: The effect of the columns, or None for none.
        plain: Names of the models that see the series with the effect: what costs nothing stays what it is.
    """

    chain: Chain | None
    models: Mapping[str, Model]
    regression: Regression | None = None
    plain: frozenset[str] = frozenset()

    def predict(self, series: Sequence[Series], horizon: int, name: str) -> FloatArray:
        """What model `name` says follows each series `(series, step, channel)`, in the unit of the data."""
        forward = self.changed(series)
        effect = None if name in self.plain else self.regression
        seen = forward if effect is None else [effect.forward(s) for s in forward]
        found = self.models[name].predict(seen, horizon).point
        if effect is not None:
            found = effect.back(forward, found)
        if self.chain is None:
            return found
        return np.stack([self.chain.inverse(s, yhat) for s, yhat in zip(series, found, strict=True)])

    def space(self, name: str) -> Space:
        """Where the errors of model `name` are alike, in the unit of the data: logarithms come first, or not at all."""
        if self.chain is None:
            return self.models[name].space
        return "log" if self.chain.names[:1] == ("log",) else "plain"

    def changed(self, series: Sequence[Series]) -> Sequence[Series]:
        """The series in the transformed scale, with the effect."""
        return series if self.chain is None else [self.chain.forward(s) for s in series]
