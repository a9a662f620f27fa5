"""The ways to have a series forecast: naive ones, and the network on the series plain, unseasoned or slowed down."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series
from tsforecast.models.plausible import LONGEST, plausible_periods
from tsforecast.models.zero_shot.foresee import foresee
from tsforecast.models.zero_shot.patched import BELOW
from tsforecast.models.zero_shot.seasonal_profile import PERIODS, without_profile
from tsforecast.models.zero_shot.seen import CONTEXT, carried

KINDS = ("last", "repeated", "plain", "additive", "multiplicative", "pooled")
_WITH_LENGTH = ("repeated", "additive", "multiplicative", "pooled")
# periods beyond this many steps were rare in training; pooled they have about 48
_LONG, _POOLED_TO, _FEWEST_POOLED = 100, 48, 16
_TOGETHER = 4096

Restoring = Callable[[FloatArray], FloatArray]
"""From quantiles `(step, quantile)` of what the network saw to those of the series `(horizon, quantile)`."""


@dataclass(frozen=True, order=True)
class Variant:
    """One way.

    Attributes:
        kind: "last" repeats the last value and "repeated" the last season, with the widths of "plain", the network on
            the series as it is; "additive" and "multiplicative" take the profile of a season out first, the second by
            division; "pooled" shows it means of several steps.
        length: Steps of the season, or of each mean; 0 where the kind needs none.
    """

    kind: str
    length: int = 0

    def __post_init__(self) -> None:
        lowest, highest = (2, LONGEST) if self.kind in _WITH_LENGTH else (0, 0)
        if self.kind not in KINDS or not lowest <= self.length <= highest:
            raise ValueError(f"no variant: {self.kind!r}, {self.length}")

    def __str__(self) -> str:
        return f"{self.kind} {self.length}" if self.length else self.kind

    @classmethod
    def of(cls, text: str) -> Variant:
        """What `str` made.

        Raises:
            ValueError: It is none.
        """
        found = re.fullmatch(r"([a-z]+)(?: (\d{1,6}))?", text)
        if not found:
            raise ValueError(f"no variant: {text[:40]!r}")
        return cls(found[1], int(found[2] or 0))

    @property
    def rows(self) -> int:
        """Rows it looks back on."""
        if self.kind == "pooled":
            return CONTEXT * self.length
        return max(CONTEXT, (PERIODS + 1) * self.length)

    def fits(self, n_rows: int) -> bool:
        """Whether a series of so many rows has two of its seasons, or enough means."""
        return n_rows >= (_FEWEST_POOLED if self.kind == "pooled" else 2) * self.length

    def prepared(self, values: FloatArray, horizon: int) -> tuple[FloatArray, Restoring]:
        """What the network is shown of the values `(step,)`, and how its forecast is turned back.

        A multiplicative one is additive where a value is not positive.
        """
        values = values[-self.rows :]
        if self.kind == "plain":
            return values, _as_it_is
        if self.kind in ("last", "repeated"):
            season = carried(values[-max(self.length, 1) :][None])[0]
            return values, partial(_around, season[np.arange(horizon) % len(season)])
        if self.kind == "pooled":
            n = len(values) // self.length
            blocks = values[len(values) - n * self.length :].reshape(n, self.length)
            return _means(blocks), partial(_stretched, float(carried(values[None])[0, -1]), self.length, horizon)
        if self.kind == "multiplicative" and np.nanmin(values, initial=np.inf) > 0:
            rest, profile = without_profile(np.log(values), self.length, horizon)
            return np.exp(rest), partial(np.multiply, np.exp(profile)[:, None])
        rest, profile = without_profile(values, self.length, horizon)
        return rest, partial(np.add, profile[:, None])


LAST, PLAIN = Variant("last"), Variant("plain")


def candidates(series: Series) -> list[Variant]:
    """The variants worth trying on a series: by its seasons, and by the day, the week and the year of its calendar."""
    found = [PLAIN, LAST]
    seen = series.values[series.observed]
    positive = bool(len(seen)) and float(seen.min()) > 0
    for period in plausible_periods(series):
        found += [Variant("repeated", period), Variant("additive", period)]
        found += [Variant("multiplicative", period)] * positive
        if period > _LONG and Variant("pooled", round(period / _POOLED_TO)) not in found:
            found.append(Variant("pooled", round(period / _POOLED_TO)))
    return found


def foresee_each(wanted: Sequence[tuple[FloatArray, Variant]], horizon: int) -> FloatArray:
    """Quantiles `(wanted, horizon, quantile)`, ascending, of histories `(step,)` by variants.

    The network runs once on what several of them show it.
    """
    places: dict[tuple[int, Variant], int] = {}
    shown: list[FloatArray] = []
    restoring: list[tuple[int, Restoring]] = []
    for values, variant in wanted:
        rest, restore = variant.prepared(values, horizon)
        key = id(values), PLAIN if variant.kind in ("last", "repeated") else variant
        if key not in places:
            places[key] = len(shown)
            context = np.full(CONTEXT, np.nan)
            context[CONTEXT - min(len(rest), CONTEXT) :] = rest[-CONTEXT:]
            shown.append(context)
        restoring.append((places[key], restore))
    quantiles = np.concatenate([foresee(np.stack(shown[i : i + _TOGETHER]), horizon) for i in _starts(len(shown))])
    restored: FloatArray = np.stack([restore(quantiles[place]) for place, restore in restoring])
    return restored


def _starts(count: int) -> range:
    return range(0, count, _TOGETHER)


def _as_it_is(quantiles: FloatArray) -> FloatArray:
    return quantiles


def _around(point: FloatArray, quantiles: FloatArray) -> FloatArray:
    """The widths of these quantiles around other points `(horizon,)`."""
    return quantiles - quantiles[:, BELOW : BELOW + 1] + point[:, None]


def _stretched(last: float, length: int, horizon: int, quantiles: FloatArray) -> FloatArray:
    """From means of `length` steps to steps: straight lines from the last value through the middles of the means."""
    means = quantiles[: -(-horizon // length)]
    middles = (length - 1) / 2 + length * np.arange(len(means))
    at = np.concatenate([[-1.0], middles])
    steps = np.arange(horizon)
    return np.stack([np.interp(steps, at, np.concatenate([[last], column])) for column in means.T], axis=1)


def _means(blocks: FloatArray) -> FloatArray:
    """Mean of what is known of each block `(block,)`, NaN where nothing is."""
    known = ~np.isnan(blocks)
    count = known.sum(axis=1)
    sums = np.where(known, blocks, 0.0).sum(axis=1)
    means: FloatArray = np.divide(sums, count, out=np.full(len(blocks), np.nan), where=count > 0)
    return means
