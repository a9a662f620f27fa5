"""Candidates behind the user's transforms: forecasts go through them and come back in the original scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from tsforecast.data.panel import FloatArray, IntArray, Panel, Sequence

if TYPE_CHECKING:
    from tsforecast.preparation.transforms.chain import Preparer


class Predicts(Protocol):
    """Fitted candidates, or a served model: histories in, forecasts out, both in the scale they were fitted on."""

    def predict(
        self, histories: list[FloatArray], horizon: int, sequence: IntArray | None, candidate: str | None = None, /
    ) -> FloatArray: ...


@dataclass(frozen=True)
class Transformed:
    """A predictor in the original scale.

    Attributes:
        preparer: The fitted transforms, or None for none.
        panel: Supplies frequency and names for the transforms.
        sequences: Supplies name, channels and first stamp of each sequence.
        inner: What predicts in the transformed scale.
    """

    preparer: Preparer | None
    panel: Panel
    sequences: list[Sequence]
    inner: Predicts | None = None

    @classmethod
    def fit(cls, panel: Panel, sequences: list[Sequence], training: list[int], names: tuple[str, ...]) -> Transformed:
        """Fit transforms on the first `training` rows of each sequence; no names, no transforms."""
        if not names:
            return cls(None, panel, sequences)
        from tsforecast.preparation.transforms.chain import Preparer

        parts = [_panel_of(panel, s, s.values[:rows]) for s, rows in zip(sequences, training, strict=True)]
        joined = pd.concat([part.frame for part in parts], ignore_index=True)
        return cls(Preparer(names).fit(replace(parts[0], frame=joined)), panel, sequences)

    def around(self, inner: Predicts) -> Transformed:
        """The same transforms around a predictor."""
        return replace(self, inner=inner)

    def forward(self, values: list[FloatArray]) -> list[FloatArray]:
        """Histories, one a sequence, in the transformed scale."""
        return [self._forward(i, v) for i, v in enumerate(values)]

    def refit(self, values: list[FloatArray]) -> Transformed:
        """Refit what is closed-form in the predictor on all rows; the transforms stay as they were fitted."""
        return replace(self, inner=self.inner.refit(self.forward(values)))  # type: ignore[union-attr]

    def predict(
        self, histories: list[FloatArray], sequence: IntArray, horizon: int, name: str | None = None
    ) -> FloatArray:
        """Forecast `(history, step, channel)` in the original scale; only the rows given are seen."""
        assert self.inner is not None  # built by `around`
        if self.preparer is None:
            return self.inner.predict(histories, horizon, sequence, name)
        given = [self._forward(int(i), v) for i, v in zip(sequence, histories, strict=True)]
        found = self.inner.predict(given, horizon, sequence, name)
        return np.stack([self._back(int(i), v, y) for i, v, y in zip(sequence, histories, found, strict=True)])

    def _forward(self, i: int, values: FloatArray) -> FloatArray:
        if self.preparer is None:
            return values
        moved = self.preparer.transform(_panel_of(self.panel, self.sequences[i], values)).values
        return moved[~np.isnan(moved).any(axis=1)]

    def _back(self, i: int, history: FloatArray, yhat: FloatArray) -> FloatArray:
        assert self.preparer is not None
        restored = self.preparer.inverse_transform(yhat[None], _panel_of(self.panel, self.sequences[i], history))
        return np.asarray(restored[0])


def _panel_of(panel: Panel, sequence: Sequence, values: FloatArray) -> Panel:
    """A prefix of one sequence as a panel of its own, named so that the transforms find what they fitted for it."""
    frame = pd.DataFrame({"unique_id": sequence.name, "ds": panel.stamps(sequence)[: len(values)]})
    for j, column in enumerate(values.T):
        frame[f"y{j}"] = column
    return Panel(frame, panel.freq, panel.schema)
