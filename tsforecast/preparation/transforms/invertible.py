"""Transforms of one series with an exact inverse: scales, powers, differences, trend and season.

All share one shape. `fit` looks at the training part `(time,)` and returns a state of plain JSON values; `apply` is
causal: the value at a stamp depends on no later one, so that a prefix of the transformed is the transformed prefix;
`invert` takes forecasts `(step,)` back, given the history they continue. Stamps are given as numbers of grid cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tsforecast.data.panel import IntArray
from tsforecast.errors import DataError
from tsforecast.insight.season import find_season_length
from tsforecast.preparation.rows import Values

State = dict[str, Any]
ANY, POSITIVE, LONGEST_SEASON = (-1e306, 1e306), (1e-306, 1e306), 10**6


@dataclass(frozen=True)
class Past:
    """What a forecast continues: values `(time,)` before the transform at hand, and their cells `(time,)`."""

    values: Values
    cells: IntArray


class Transform(Protocol):
    """One link of the chain; see the head of this file."""

    def fit(self, x: Values, cells: IntArray) -> State: ...

    def apply(self, x: Values, cells: IntArray, state: State) -> Values: ...

    def invert(self, y: Values, cells: IntArray, past: Past, state: State) -> Values: ...

    def check(self, state: State) -> None:
        """Raise ValueError where the state, read from a file, is not one that `fit` returns."""


@dataclass(frozen=True)
class Affine:
    """`(x - centre) / scale`.

    Attributes:
        kind: ``standard`` (mean, standard deviation), ``minmax`` (minimum, range) or ``robust`` (median, interquartile
            range). A constant has scale 1.
    """

    kind: str

    def fit(self, x: Values, cells: IntArray) -> State:  # noqa: ARG002
        seen = _seen(x)
        if self.kind == "standard":
            centre, scale = seen.mean(), seen.std()
        elif self.kind == "minmax":
            centre, scale = seen.min(), np.ptp(seen)
        else:
            low, centre, high = np.quantile(seen, [0.25, 0.5, 0.75])
            scale = high - low
        flat = not scale > 1e-12 * abs(centre)
        return {"centre": float(centre), "scale": 1.0 if flat else float(scale)}

    def apply(self, x: Values, cells: IntArray, state: State) -> Values:  # noqa: ARG002
        return (x - float(state["centre"])) / float(state["scale"])

    def invert(self, y: Values, cells: IntArray, past: Past, state: State) -> Values:  # noqa: ARG002
        return y * float(state["scale"]) + float(state["centre"])

    def check(self, state: State) -> None:
        check_numbers(state, centre=ANY, scale=POSITIVE)


@dataclass(frozen=True)
class Power:
    """Logarithm, Box-Cox or Yeo-Johnson, of values divided by a typical size.

    The exponent is the one of greatest likelihood (Box and Cox 1964; Yeo and Johnson 2000) in [-1, 2]. A forecast
    that no original value corresponds to is taken at the edge of what does: the smallest positive, or a thousand
    times the largest value seen.

    Attributes:
        kind: ``log``, ``boxcox`` or ``yeojohnson``.
    """

    kind: str

    def fit(self, x: Values, cells: IntArray) -> State:  # noqa: ARG002
        seen = _seen(x)
        self._check(seen)
        typical = float(np.abs(seen).mean()) if self.kind == "yeojohnson" else float(np.exp(np.log(seen).mean()))
        size = typical or 1.0
        exponent = 0.0 if self.kind == "log" else _best_exponent(seen / size, self.kind)
        return {"exponent": exponent, "size": size, "largest": float(np.abs(seen).max()) * 1e3}

    def apply(self, x: Values, cells: IntArray, state: State) -> Values:  # noqa: ARG002
        self._check(x)
        u = x / state["size"]
        return _yeojohnson(u, state["exponent"]) if self.kind == "yeojohnson" else _boxcox(u, state["exponent"])

    def invert(self, y: Values, cells: IntArray, past: Past, state: State) -> Values:  # noqa: ARG002
        exponent, size = float(state["exponent"]), float(state["size"])
        largest = np.array([state["largest"] / size])
        if self.kind == "yeojohnson":
            edges = _yeojohnson(-largest, exponent), _yeojohnson(largest, exponent)
            return _inverse_yeojohnson(np.clip(y, *edges), exponent) * size
        edges = _boxcox(np.array([1e-12]), exponent), _boxcox(largest, exponent)
        return _inverse_boxcox(np.clip(y, *edges), exponent) * size

    def check(self, state: State) -> None:
        check_numbers(state, exponent=(-1.0, 2.0), size=POSITIVE, largest=(0.0, 1e304))

    def _check(self, x: Values) -> None:
        if self.kind != "yeojohnson" and (x <= 0).any():
            raise DataError(
                f"{self.kind} needs positive values, received {np.nanmin(x):g}", "yeojohnson takes values of any sign"
            )


@dataclass(frozen=True)
class Difference:
    """`x[t] - x[t - lag]`; the first `lag` values are missing. The inverse adds up from the end of the history."""

    lag: int = 1

    def fit(self, x: Values, cells: IntArray) -> State:  # noqa: ARG002
        if len(_seen(x)) <= self.lag:
            raise DataError(f"diff:{self.lag} needs more than {self.lag} values, received {len(_seen(x))}")
        return {}

    def apply(self, x: Values, cells: IntArray, state: State) -> Values:  # noqa: ARG002
        y = np.full(len(x), np.nan)
        y[self.lag :] = x[self.lag :] - x[: -self.lag]
        return y

    def invert(self, y: Values, cells: IntArray, past: Past, state: State) -> Values:  # noqa: ARG002
        last = _to_last_seen(past.values)[-self.lag :]
        if len(last) < self.lag or np.isnan(last).any():
            raise DataError(f"the inverse of diff:{self.lag} needs the last {self.lag} values of the history")
        padded = np.append(y, np.zeros(-len(y) % self.lag)).reshape(-1, self.lag)
        return np.asarray((last + padded.cumsum(axis=0)).ravel()[: len(y)])

    def check(self, state: State) -> None:
        check_numbers(state)


@dataclass(frozen=True)
class Detrend:
    """Without the straight line of least squares through the training part, which goes on beyond it."""

    def fit(self, x: Values, cells: IntArray) -> State:
        at = np.flatnonzero(~np.isnan(x))
        origin = int(cells[at[0]])
        t, seen = (cells[at] - origin).astype("float64"), x[at]
        spread = t - t.mean()
        slope = float(spread @ seen / (spread @ spread)) if len(at) > 1 else 0.0
        return {"origin": origin, "slope": slope, "level": float(seen.mean() - slope * t.mean())}

    def apply(self, x: Values, cells: IntArray, state: State) -> Values:
        return x - self._line(cells, state)

    def invert(self, y: Values, cells: IntArray, past: Past, state: State) -> Values:  # noqa: ARG002
        return y + self._line(cells, state)

    def check(self, state: State) -> None:
        check_numbers(state, origin=(-(2.0**62), 2.0**62), slope=ANY, level=ANY)

    @staticmethod
    def _line(cells: IntArray, state: State) -> Values:
        return np.asarray(state["level"] + state["slope"] * (cells - state["origin"]), dtype="float64")


@dataclass(frozen=True)
class Deseason:
    """Without the seasonal profile of the training part: the classical additive decomposition.

    The profile is the mean, by phase, of what a centred moving average of one season leaves; its own mean is zero.

    Attributes:
        season_length: Steps in a season; None to find it in the training part.
    """

    season_length: int | None = None

    def fit(self, x: Values, cells: IntArray) -> State:
        at = np.flatnonzero(~np.isnan(x))
        inner = slice(at[0], at[-1] + 1)
        bridged = np.interp(np.arange(inner.start, inner.stop), at, x[at])
        m = self.season_length or find_season_length(bridged, 1)
        if m < 2 or len(bridged) < 2 * m:
            if self.season_length:
                raise DataError(f"deseason:{m} needs two seasons, {2 * m} values, received {len(bridged)}")
            return {"profile": [0.0]}
        kernel = np.ones(m + 1 - m % 2) / m
        if m % 2 == 0:
            kernel[[0, -1]] /= 2
        rest = bridged[len(kernel) // 2 : len(bridged) - len(kernel) // 2] - np.convolve(bridged, kernel, "valid")
        phase = cells[inner][len(kernel) // 2 :][: len(rest)] % m
        profile = np.bincount(phase, weights=rest, minlength=m) / np.maximum(np.bincount(phase, minlength=m), 1)
        return {"profile": (profile - profile.mean()).tolist()}

    def apply(self, x: Values, cells: IntArray, state: State) -> Values:
        return x - self._season(cells, state)

    def invert(self, y: Values, cells: IntArray, past: Past, state: State) -> Values:  # noqa: ARG002
        return y + self._season(cells, state)

    def check(self, state: State) -> None:
        profile = state.get("profile")
        if state.keys() != {"profile"} or not isinstance(profile, list) or not 1 <= len(profile) <= LONGEST_SEASON:
            raise ValueError("the state of deseason must be a profile")
        if self.season_length and len(profile) != self.season_length:
            raise ValueError(f"the profile must have {self.season_length} numbers, received {len(profile)}")
        for number in profile:
            check_numbers({"profile": number}, profile=ANY)

    @staticmethod
    def _season(cells: IntArray, state: State) -> Values:
        profile = np.asarray(state["profile"])
        return np.asarray(profile[cells % len(profile)])


def check_numbers(state: State, **ranges: tuple[float, float]) -> None:
    """Demand exactly these numbers, finite and each within its range.

    Raises:
        ValueError: Where one is missing, too many, no number or out of range.
    """
    if state.keys() != ranges.keys():
        raise ValueError(f"the state of a transform must have {sorted(ranges)}, received {sorted(map(str, state))[:9]}")
    for name, (low, high) in ranges.items():
        number = state[name]
        if isinstance(number, bool) or not isinstance(number, int | float) or not low <= number <= high:
            raise ValueError(f"{name} must be a number from {low:g} to {high:g}")


def _seen(x: Values) -> Values:
    seen = x[~np.isnan(x)]
    if len(seen) == 0:
        raise DataError("a transform needs values to be fitted on, but all are missing")
    return seen


def _to_last_seen(x: Values) -> Values:
    seen = np.flatnonzero(~np.isnan(x))
    return x[: seen[-1] + 1] if len(seen) else x[:0]


def _boxcox(u: Values, exponent: float) -> Values:
    from scipy.special import boxcox

    return np.asarray(boxcox(u, exponent))


def _inverse_boxcox(y: Values, exponent: float) -> Values:
    from scipy.special import inv_boxcox

    return np.asarray(inv_boxcox(y, exponent))


def _yeojohnson(u: Values, exponent: float) -> Values:
    return np.where(u >= 0, _boxcox(1 + np.maximum(u, 0), exponent), -_boxcox(1 + np.maximum(-u, 0), 2 - exponent))


def _inverse_yeojohnson(y: Values, exponent: float) -> Values:
    above = _inverse_boxcox(np.maximum(y, 0), exponent) - 1
    below = 1 - _inverse_boxcox(np.maximum(-y, 0), 2 - exponent)
    return np.where(y >= 0, above, below)


def _best_exponent(u: Values, kind: str) -> float:
    """The exponent in [-1, 2] of greatest likelihood."""
    from scipy import stats
    from scipy.optimize import minimize_scalar

    if np.ptp(u) <= 1e-12 * np.abs(u).max():
        return 1.0
    likelihood = stats.yeojohnson_llf if kind == "yeojohnson" else stats.boxcox_llf
    found = minimize_scalar(lambda exponent: -float(likelihood(exponent, u)), bounds=(-1.0, 2.0), method="bounded")
    return float(found.x)
