"""The split: the one place that decides which rows train, which choose and which only judge."""

from __future__ import annotations

from dataclasses import dataclass

SHARE = 0.1
VALIDATION_SHARE = 0.2
FEWEST_APART = 4
"""With fewer forecasts that do not overlap the choice is luck: on 41 series of `training/generator.py` with 150 and 300
rows the error over the best naive one's was .87 and .85 with a fifth of the rows, .87 and .78 with so many."""
MOST_ORIGINS = 100
MOST_TOGETHER = 5000
FEWEST_EACH = 4


@dataclass(frozen=True)
class Split:
    """Rows of one sequence, in time order: training, then `validation` rows, then `holdout` rows.

    Attributes:
        horizon: Steps ahead that can be measured; shorter than asked where the sequence is short, 0 if none can.
        validation: Rows that choose between candidates and calibrate intervals.
        holdout: Rows that nothing is fitted or chosen on; they only judge.
    """

    horizon: int
    validation: int
    holdout: int


def split(length: int, horizon: int, *, contested: bool = False, n_series: int = 1) -> Split:
    """Give a sequence of `length` rows its validation and holdout parts.

    The holdout is a tenth of the rows, at least two horizons where that leaves three fifths for training, and never
    less than one horizon. Validation is as long. Where models compete it is a fifth, so that no one stretch of time
    chooses, and of a short sequence up to two fifths, so that all `n_series` together give `FEWEST_APART` forecasts
    that do not overlap. A sequence shorter than four horizons is measured over fewer steps than asked: a quarter of
    its length.
    """
    measured = horizon if length >= 4 * horizon else length // 4
    part = max(measured, min(max(round(SHARE * length), 2 * measured), length // 5))
    if not contested:
        return Split(horizon=measured, validation=part, holdout=part)
    wanted = measured * -(-FEWEST_APART // n_series)
    validation = max(part, int(VALIDATION_SHARE * length), min(wanted, int(2 * VALIDATION_SHARE * length)))
    return Split(horizon=measured, validation=validation, holdout=part)


def origins(length: int, part: int, horizon: int, most: int = MOST_ORIGINS) -> list[int]:
    """Cutoff positions (rows seen) of the rolling origins whose targets lie wholly in the last `part` of `length` rows.

    At most about `most`, evenly spaced, the last one included; empty where `part < horizon`.
    """
    first, last = length - part, length - horizon
    if first <= 0 or last < first or horizon < 1:
        return []
    step = max(1, -(-(last - first + 1) // most))
    return sorted(range(last, first - 1, -step))


def most_origins(n_series: int) -> int:
    """From how many origins each of so many series is judged: all together from about `MOST_TOGETHER`."""
    return int(min(MOST_ORIGINS, max(FEWEST_EACH, MOST_TOGETHER // n_series)))


def spaced_origins(length: int, horizon: int, n_windows: int, step_size: int) -> list[int]:
    """The last `n_windows` cutoff positions, `step_size` apart, that leave `horizon` rows to compare with."""
    last = length - horizon
    return [cutoff for cutoff in range(last - (n_windows - 1) * step_size, last + 1, step_size) if cutoff > 0]
