"""Dynamics: how far ahead each sequence can be known, marked in a forecast and told of a backtest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tsforecast.data.forecasts import Forecast
from tsforecast.data.panel import FloatArray
from tsforecast.data.series import Series
from tsforecast.evaluate.rolling import Backtest
from tsforecast.evaluate.validity import AttractorDistance, attractor_distance, valid_steps
from tsforecast.insight.chaos.card import TOLERATED_ERROR, ChaosCard, Horizon, chaos_card, horizon

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
        horizon: From what the model did on held-out rows and that exponent; from the card where nothing was held out;
            None where no exponent is known.
        n_forecasts: Held-out forecasts that the horizon was measured on; 0 where it is the card's own estimate.
    """

    unique_id: str
    channel: str
    card: ChaosCard
    exponent: float | None
    horizon: Horizon | None
    n_forecasts: int = 0

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
    sequences: Sequence[Series],
    held_out: Sequence[Backtest],
    model: str,
    n_rows: Sequence[int] | None = None,
    exponent: float | None = None,
    *,
    seed: int = 0,
) -> list[Predictability]:
    """A chaos card for each channel of the sequences, at most 8, from their first `n_rows` rows or all of them.

    Args:
        sequences: Regular; missing is NaN.
        held_out: What `model` forecast of rows that it had not learnt from; origins are those of the sequences.
        model: Name of the candidate that forecasts.
        n_rows: Rows to look at, for each sequence.
        exponent: Known exponent per step, in place of the measured one.
        seed: For the surrogates and the resampling of the cards.
    """
    found: list[Predictability] = []
    for i, sequence in enumerate(sequences):
        rows = sequence.values if n_rows is None else sequence.values[: n_rows[i]]
        for j, (channel, values) in enumerate(zip(sequence.channels, rows.T, strict=True)):
            if len(found) == MOST_CARDS:
                return found
            card = chaos_card(values, seed=seed)
            measured = card.exponent.value if card.verdict == "chaotic" and card.exponent else None
            known = exponent or measured
            errors = _errors(held_out, model, i, j) / (float(np.nanstd(values)) or 1.0)
            if known is None:
                ahead = None
            elif len(errors):
                ahead = measured_horizon(errors, known)
            else:
                ahead = horizon(card.one_step_error, known)
            found.append(Predictability(sequence.unique_id, channel, card, known, ahead, len(errors)))
    return found


def _errors(held_out: Sequence[Backtest], model: str, sequence: int, channel: int) -> FloatArray:
    """Absolute errors of all forecasts of one channel of one sequence `(forecast, step)`.

    A step at which nothing was observed says nothing: its error is none, and a forecast of nothing else is left out.
    """
    parts = [part for part in held_out if (part.sequence == sequence).any()]
    if not parts:
        return np.empty((0, 0))
    actual, predicted = (
        np.concatenate([values[part.sequence == sequence, :, channel] for part, values in pairs])
        for pairs in ([(p, p.actual) for p in parts], [(p, p.predicted[model]) for p in parts])
    )
    observed = np.isfinite(actual)
    return np.asarray(np.where(observed, np.abs(predicted - actual), 0.0)[observed.any(axis=1)])


def measured_horizon(errors: FloatArray, exponent: float) -> Horizon:
    """The mean valid prediction time of forecasts whose errors in standard deviations are `(forecast, step)`.

    A forecast that is valid to its last step is prolonged by the time in which the largest error it has made grows,
    at the rate of the exponent, to 0.4 standard deviations.
    """
    largest = np.maximum.accumulate(np.where(np.isnan(errors), np.inf, errors), axis=1)
    over = largest > TOLERATED_ERROR
    floor = np.finfo(float).eps
    further = np.log(TOLERATED_ERROR / np.clip(largest[:, -1], floor, TOLERATED_ERROR)) / exponent
    steps = float(np.where(over.any(axis=1), over.argmax(axis=1), errors.shape[1] + further).mean())
    return Horizon(steps, steps / 2.0, steps * exponent)


def mark(made: Forecast, found: Sequence[Predictability]) -> Forecast:
    """The forecast with a column `beyond_horizon`: true for steps beyond the predictability horizon."""
    frame = made.frame
    step = frame.groupby(["unique_id", "channel"], sort=False).cumcount().to_numpy() + 1
    beyond = np.zeros(len(frame), dtype=bool)
    for own in found:
        if own.horizon is not None:
            rows = ((frame["unique_id"] == own.unique_id) & (frame["channel"] == own.channel)).to_numpy()
            beyond |= rows & (step > own.horizon.steps)
    return replace(made, frame=frame.assign(beyond_horizon=beyond))


def learned_rows(tested: Backtest, sequences: Sequence[Series]) -> list[int]:
    """Rows of each sequence before its first cutoff, all of one without: what the models of a backtest learnt from."""
    return [int(tested.cutoff[tested.sequence == i].min(initial=len(s.values))) for i, s in enumerate(sequences)]


def validity(
    tested: Backtest, sequences: Sequence[Series], found: Sequence[Predictability], exponent: float | None = None
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
        actual, ours = tested.actual[own][:, :, 0], yhat[own][:, :, 0]
        # A run with a hole in it has no spectrum.
        distance = attractor_distance(actual, ours, *setting) if np.isfinite([actual, ours]).all() else None
    return Validity(
        steps=float(steps.mean()),
        n_whole=int((steps == tested.horizon).sum()),
        lyapunov_times=float(times.mean()) if len(times) else float("nan"),
        distance=distance,
    )


def _long_run(
    tested: Backtest, sequences: Sequence[Series], known: dict[tuple[str, str], Predictability]
) -> Predictability | None:
    """What is known of the first channel of the first sequence, where its forecasts are long free runs."""
    own = known.get((sequences[0].unique_id, sequences[0].channels[0]))
    if own is None or own.horizon is None or not tested.horizon > LONG_RUN * own.horizon.steps:
        return None
    return own
