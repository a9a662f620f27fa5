"""The validation of one selection: what is held back, and the origins that every candidate is scored on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tsforecast.config import ModelConfig
from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.data.windows import Windows, make_windows
from tsforecast.errors import DataError
from tsforecast.models.candidate import Candidate, training_windows
from tsforecast.models.scale import SequenceScaler
from tsforecast.models.shape import Shape, choose_shape

_MOST_ORIGINS = 2048


@dataclass(frozen=True)
class Validation:
    """The data of one selection: sequences, what is held back, and the origins all are scored on.

    Attributes:
        values: Sequences `(time, channel)`; missing is NaN.
        n_last: Rows held back at the end of each.
        horizon: Steps ahead.
        shape: Context and segment of ridge and network.
        origins: Where candidates forecast from, with what followed.
        unit: What the errors of each sequence are divided by `(sequence,)`.
    """

    values: Sequence[FloatArray]
    n_last: Sequence[int]
    horizon: int
    shape: Shape
    origins: Windows
    unit: FloatArray

    @cached_property
    def contexts(self) -> FloatArray:
        return self.origins.inputs

    @cached_property
    def targets(self) -> FloatArray:
        return self.origins.targets

    @cached_property
    def training(self) -> list[FloatArray]:
        return [rows[: max(0, len(rows) - n)] for rows, n in zip(self.values, self.n_last, strict=True)]

    def windows(self, scaler: SequenceScaler) -> Windows:
        scaled = scaler.transform(self.values)
        return training_windows(scaled, self.shape.context_length, self.shape.segment_length, self.n_last)

    def forecast(self, candidate: Candidate) -> FloatArray:
        contexts = self.contexts
        if contexts.shape[1] < candidate.context_length:
            contexts = replace(self.origins, context_length=candidate.context_length).inputs
        sequence = self.origins.sequence
        return candidate.predict_contexts(contexts, self.horizon, candidate.scaler.take(sequence), sequence)

    def thinned(self, at_most: int) -> Validation:
        """The same with at most so many, evenly spaced origins."""
        kept = slice(None, None, max(1, -(-len(self.origins) // at_most)))
        origins = self.origins
        return replace(
            self,
            origins=replace(
                origins, ends=origins.ends[kept], sequence=origins.sequence[kept], cutoffs=origins.cutoffs[kept]
            ),
        )

    @cached_property
    def blocks(self) -> IntArray:
        """Each sequence's origins fall into four stretches of time; the block of each origin `(window,)`."""
        sequence = self.origins.sequence
        counts = np.bincount(sequence, minlength=len(self.values))
        place = np.arange(len(sequence)) - np.searchsorted(sequence, sequence)
        return np.asarray(np.unique(sequence * 4 + 4 * place // counts[sequence], return_inverse=True)[1])

    def errors(self, candidate: Candidate) -> FloatArray:
        """Mean absolute error of each origin over the horizon, in its sequence's unit `(window,)`."""
        errors = np.abs(self.forecast(candidate) - self.targets).mean(axis=(1, 2))
        return np.asarray(errors / self.unit[self.origins.sequence])

    def score(self, candidate: Candidate) -> float:
        """Mean over sequences of the mean error of their origins."""
        return float(group_means(self.errors(candidate), self.origins.sequence).mean())


def validation_of(
    values: Sequence[FloatArray], horizon: int, n_last: Sequence[int], season_length: int, model: ModelConfig
) -> Validation:
    """Hold back the last rows, `n_last` of each sequence, and place the origins in them.

    Raises:
        DataError: Where no sequence is long enough for one origin.
    """
    n_training = [max(0, len(rows) - n) for rows, n in zip(values, n_last, strict=True)]
    shape = choose_shape(n_training, horizon, season_length, model)
    longest = max(shape.context_length, shape.season_length)
    first = first_origins(values, n_last)
    n_origins = sum(max(0, len(rows) - horizon - low) for rows, low in zip(values, first, strict=True))
    step = max(1, -(-n_origins // _MOST_ORIGINS))
    origins = make_windows(values, longest, horizon, first_cutoff=first, step=step)
    if len(origins) == 0:
        raise DataError(
            f"no series has {horizon} complete rows after its training part to validate a horizon of {horizon}",
            "give more rows or take a shorter --horizon",
        )
    unit = np.array([_typical_change(rows[:n]) for rows, n in zip(values, n_training, strict=True)])
    return Validation(values, n_last, horizon, shape, origins, unit)


def first_origins(values: Sequence[FloatArray], n_last: Sequence[int]) -> list[int]:
    """Last training row of each sequence; one without any has nothing to be scaled by and gets no origin."""
    return [len(rows) - n - 1 if len(rows) > n else len(rows) for rows, n in zip(values, n_last, strict=True)]


def _typical_change(rows: FloatArray) -> float:
    """Mean absolute change from row to row, at least a hundredth of the standard deviation, and never 0."""
    if np.isnan(rows).all():
        return 1.0
    changes = np.abs(np.diff(rows, axis=0))
    change = float(np.nanmean(changes)) if changes.size and not np.isnan(changes).all() else 0.0
    return max(change, 0.01 * float(np.nanstd(rows))) or 1.0


def group_means(values: FloatArray, group: IntArray) -> FloatArray:
    """Mean of the values of each group that occurs, in order `(group,)`."""
    counts = np.bincount(group)
    return np.bincount(group, values)[counts > 0] / counts[counts > 0]
