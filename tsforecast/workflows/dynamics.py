"""Dynamics: how far ahead each sequence can be known, marked in a forecast and told of a backtest."""

from __future__ import annotations

from collections.abc import Sequence as Series
from dataclasses import dataclass, replace

import numpy as np

from tsforecast.dynamics.card import ChaosCard, Horizon, chaos_card, horizon
from tsforecast.evaluate.backtest import Backtest
from tsforecast.evaluate.validity import AttractorDistance, attractor_distance, valid_steps
from tsforecast.forecast import Forecast
from tsforecast.panel import FloatArray, Sequence

MOST_CARDS = 8
"""Channels that get a chaos card, which takes seconds each."""
LONG_RUN = 3.0
"""A run over more horizons than this has nothing to do with what happens, point by point."""


@dataclass(frozen=True)
class Predictability:
    """How far ahead one channel of a sequence can be known.

    Attributes:
        unique_id, channel: Of what.
        card: The chaos card of the rows to learn from.
        exponent: Largest Lyapunov exponent per step: as given, or as measured where the verdict is chaotic, else None.
        horizon: From that exponent, or None.
    """

    unique_id: str
    channel: str
    card: ChaosCard
    exponent: float | None
    horizon: Horizon | None

    @property
    def name(self) -> str:
        return f"{self.unique_id}/{self.channel}" if self.unique_id else self.channel


@dataclass(frozen=True)
class Validity:
    """How long the forecasts of one model stay valid, on the average over the origins of a backtest.

    Attributes:
        steps: Steps before the error exceeds 0.4 standard deviations.
        n_whole: Forecasts valid to their last step: `steps` would be more, had they gone on.
        lyapunov_times: `steps` in Lyapunov times; NaN where no exponent is known.
        distance: Of long free runs from what happened; None where they are not long.
    """

    steps: float
    n_whole: int
    lyapunov_times: float
    distance: AttractorDistance | None


def predictability(
    sequences: Series[Sequence], n_rows: Series[int] | None = None, exponent: float | None = None
) -> list[Predictability]:
    """A chaos card for each channel of the sequences, at most 8, from their first `n_rows` rows or all of them.

    Args:
        sequences: Regular, complete.
        n_rows: Rows to look at, for each sequence.
        exponent: Known exponent per step, in place of the measured one.
    """
    found: list[Predictability] = []
    for i, sequence in enumerate(sequences):
        rows = sequence.values if n_rows is None else sequence.values[: n_rows[i]]
        for channel, values in zip(sequence.channels, rows.T, strict=True):
            if len(found) == MOST_CARDS:
                return found
            card = chaos_card(values)
            measured = card.exponent.value if card.verdict == "chaotic" and card.exponent else None
            known = exponent or measured
            ahead = horizon(card.one_step_error, known) if known else None
            found.append(Predictability(sequence.unique_id, channel, card, known, ahead))
    return found


def mark(made: Forecast, found: Series[Predictability]) -> Forecast:
    """The forecast with a column `beyond_horizon`: true for steps beyond the predictability horizon."""
    frame = made.frame
    step = frame.groupby(["unique_id", "channel"], sort=False).cumcount().to_numpy() + 1
    beyond = np.zeros(len(frame), dtype=bool)
    for own in found:
        if own.horizon is not None:
            rows = ((frame["unique_id"] == own.unique_id) & (frame["channel"] == own.channel)).to_numpy()
            beyond |= rows & (step > own.horizon.steps)
    return replace(made, frame=frame.assign(beyond_horizon=beyond))


def learned_rows(tested: Backtest, sequences: Series[Sequence]) -> list[int]:
    """Rows of each sequence before its first cutoff, all of one without: what the models of a backtest learnt from."""
    return [int(tested.cutoff[tested.sequence == i].min(initial=len(s.values))) for i, s in enumerate(sequences)]


def validity(
    tested: Backtest, sequences: Series[Sequence], found: Series[Predictability], exponent: float | None = None
) -> dict[str, Validity]:
    """How long each model of a backtest stays valid; its origins must be those of the sequences.

    Args:
        tested: Forecasts and what happened.
        sequences: Those of the backtest, in its order.
        found: Their predictability, as far as looked at.
        exponent: Known exponent per step, of all of them.
    """
    rows = zip(sequences, learned_rows(tested, sequences), strict=True)
    spread = np.stack([np.nanstd(s.values[:n], axis=0) for s, n in rows])
    deviation = np.where(spread > 0, spread, 1.0)[tested.sequence]
    known = {(own.unique_id, own.channel): own for own in found}
    exponents = np.full(len(sequences), np.nan if exponent is None else exponent)
    for i, sequence in enumerate(sequences):
        own = known.get((sequence.unique_id, sequence.channels[0]))
        if exponent is None and own is not None and own.exponent is not None:
            exponents[i] = own.exponent
    return {
        name: _validity(tested, yhat, deviation, exponents[tested.sequence], _long_run(tested, sequences, known))
        for name, yhat in tested.predicted.items()
    }


def _validity(
    tested: Backtest, yhat: FloatArray, deviation: FloatArray, exponents: FloatArray, long_run: Predictability | None
) -> Validity:
    steps = valid_steps(tested.actual, yhat, deviation)
    times = (steps * exponents)[np.isfinite(exponents)]
    distance = None
    if long_run is not None and long_run.card.delay is not None and long_run.card.dimension is not None:
        setting = (long_run.card.delay.delay or 1, long_run.card.dimension.dimension, long_run.card.delay.theiler)
        own = tested.sequence == 0
        distance = attractor_distance(tested.actual[own][:, :, 0], yhat[own][:, :, 0], *setting)
    return Validity(
        steps=float(steps.mean()),
        n_whole=int((steps == tested.horizon).sum()),
        lyapunov_times=float(times.mean()) if len(times) else float("nan"),
        distance=distance,
    )


def _long_run(
    tested: Backtest, sequences: Series[Sequence], known: dict[tuple[str, str], Predictability]
) -> Predictability | None:
    """What is known of the first channel of the first sequence, where its forecasts are long free runs."""
    own = known.get((sequences[0].unique_id, sequences[0].channels[0]))
    if own is None or own.horizon is None or not tested.horizon > LONG_RUN * own.horizon.steps:
        return None
    return own
