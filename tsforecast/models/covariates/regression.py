"""`Regression`: the effect of what is known beside the targets, taken out before a model and put back after it.

Least squares on differences over a season (or over a step where there is none), so that neither a trend nor the season
is taken for an effect (Pankratz 1991, Forecasting with dynamic regression models), or on levels beside a trend and the
season. Coefficients are shrunk; how much, the blocks of the training rows say, each forecast from the others. Those of
many series are drawn towards what all have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.beside import Beside
from tsforecast.data.series import Series
from tsforecast.errors import DataError
from tsforecast.models.covariates.features import (
    ROWS_BENT,
    ROWS_BY_TIME,
    Featured,
    describe,
    features,
    reach,
)
from tsforecast.models.covariates.shrinkage import PENALTIES, best_penalty, solved
from tsforecast.models.least_squares import ridge_coefficients
from tsforecast.models.state import State

Against = Literal["differences", "levels"]
# what many series have in common weighs as much as so many rows of each
_COMMON_ROWS = 100
_LARGEST_LOG = 50.0


class _Scaled(NamedTuple):
    """What a regression learns from.

    Attributes:
        pairs: Features and targets of each series `(row, ...)`, in units of their own.
        centre: Mean of each feature `(feature,)`.
        spread: Of each feature `(feature,)`.
        units: Of the targets of each series.
    """

    pairs: list[tuple[FloatArray, FloatArray]]
    centre: FloatArray
    spread: FloatArray
    units: list[float]


@dataclass(frozen=True, eq=False)
class Regression:
    """See the top of the file.

    Attributes:
        columns: What it looks at.
        detail: See `features`.
        season_length: Steps of the season that differences and means are taken over, 1 for none.
        against: What it is fitted on.
        log: Whether effects are factors.
        penalty: One of `PENALTIES`.
        names: The series that have coefficients of their own.
        centre: Mean of each feature over the training rows `(feature,)`: there the effect is none.
        coefficients: `(1 + series, feature, channel)`; the first are common to all.
    """

    columns: tuple[Featured, ...]
    detail: int
    season_length: int
    against: Against
    log: bool
    penalty: float
    names: tuple[str, ...]
    centre: FloatArray
    coefficients: FloatArray
    _known: WeakKeyDictionary[Beside, FloatArray] = field(default_factory=WeakKeyDictionary, repr=False)

    @property
    def sources(self) -> tuple[str, ...]:
        """The user's columns that it looks at."""
        return tuple(dict.fromkeys(column.source for column in self.columns))

    @property
    def history_length(self) -> int:
        """Rows before a row that its effect depends on."""
        return reach(self.columns, self.season_length)

    @classmethod
    def fit(
        cls,
        series: Sequence[Series],
        sources: Sequence[str],
        horizon: int,
        *,
        against: Against,
        log: bool,
        like: Sequence[Regression] = (),
    ) -> Regression:
        """Learn from all rows of some series.

        Args:
            series: Their training rows.
            sources: The user's columns to look at.
            horizon: Steps that are forecast: of what is known up to now, only rows so long before are looked at.
            against: Differences, or levels.
            log: Whether effects are factors; all values must be positive then.
            like: Regressions on these sources by themselves, whose detail and shrinkage it shares, to save the search.
        """
        tables = [_table(s, sources) for s in series]
        rows = [slice(s.at, s.at + len(s)) for s in series]
        columns = tuple(describe(tables, rows, horizon))
        season = max((s.season_length for s in series), key=lambda m: sum(s.season_length == m for s in series))
        bare = cls(columns, 0, season, against, log, 0.0, (), np.zeros(0), np.zeros((1, 0, 0)))
        details = _details(tables, rows, columns, season)
        if like:
            detail = min(max(each.detail for each in like), max(details))
            penalty = float(
                np.median([each.penalty for each in like if each.penalty < PENALTIES[-1]] or PENALTIES[-1:])
            )
            made = replace(bare, detail=detail)
            return made._fitted(series, made._scaled(series, tables), penalty)

        def tried(detail: int) -> tuple[float, float, Regression, _Scaled]:
            made = replace(bare, detail=detail)
            scaled = made._scaled(series, tables)
            return *best_penalty(scaled.pairs), made, scaled

        _, penalty, made, scaled = min(map(tried, details), key=lambda one: one[0])
        return made._fitted(series, scaled, penalty)

    def refit(self, series: Sequence[Series]) -> Regression:
        """The same features and shrinkage, coefficients from all rows of these series."""
        tables = [_table(s, self.sources) for s in series]
        return self._fitted(series, self._scaled(series, tables), self.penalty)

    def forward(self, series: Series) -> Series:
        """The series without the effect; its `filled` is that of its own rows, so that nothing later is seen."""
        effect = self._rows(series, len(series))
        values = self._without(series.values, effect)

        def fill(part: Series) -> FloatArray:
            past = series.until(part.start + len(part) - series.start)
            if past.filled is past.values:
                return part.values
            return self._without(past.filled, effect[: len(past)])[len(past) - len(part) :]

        return replace(series, values=values, fill=fill)

    def back(self, series: Sequence[Series], yhat: FloatArray) -> FloatArray:
        """Forecasts with the effect `(series, step, channel)`.

        Args:
            series: What was forecast from, with its effect.
            yhat: What follows the last row of each, without `(series, step, channel)`.

        Raises:
            DataError: The columns are not known so far ahead.
        """
        effect = np.stack([self._rows(s, len(s) + yhat.shape[1])[len(s) :] for s in series])
        return np.asarray(yhat * np.exp(effect) if self.log else yhat + effect)

    def state(self) -> State:
        """For a saved model; `restored` reads it."""
        settings = {
            "columns": [column.to_dict() for column in self.columns],
            "detail": self.detail,
            "season_length": self.season_length,
            "against": self.against,
            "log": self.log,
            "penalty": self.penalty,
            "names": list(self.names),
        }
        return State(settings, {"centre": self.centre, "coefficients": self.coefficients})

    @classmethod
    def restored(cls, state: State) -> Regression:
        """The regression in a state, which may be hostile.

        Raises:
            ValueError, KeyError, TypeError: It is none.
        """
        settings = ("columns", "detail", "season_length", "against", "log", "penalty", "names")
        state.checked(settings=settings, arrays=("centre", "coefficients"))
        found = state.settings
        if not isinstance(found["columns"], list) or not 0 < len(found["columns"]) <= 10_000:
            raise ValueError("a regression has columns")
        columns = tuple(Featured.from_dict(each) for each in found["columns"])
        if len({column.name for column in columns}) < len(columns):
            raise ValueError("a column is there twice")
        if found["against"] not in ("differences", "levels") or not isinstance(found["log"], bool):
            raise ValueError("a regression is on differences or levels, and of logarithms or not")
        names = found["names"]
        if not isinstance(names, list) or len(set(map(State.text, names))) < len(names):
            raise ValueError("a regression names each series once")
        detail, season = State.whole(found["detail"], 0, 2), State.whole(found["season_length"])
        n_features = features(_nothing(columns), columns, season, detail).shape[1]
        coefficients = state.array("coefficients", 1 + len(names), None, None)
        if coefficients.shape[1] not in {n_features, features(_nothing(columns, 1), columns, season, detail).shape[1]}:
            raise ValueError("coefficients do not fit the columns")
        centre = state.array("centre", coefficients.shape[1])
        penalty = State.number(found["penalty"])
        return cls(columns, detail, season, found["against"], found["log"], penalty, tuple(names), centre, coefficients)

    def _without(self, values: FloatArray, effect: FloatArray) -> FloatArray:
        return np.asarray(values * np.exp(-effect) if self.log else values - effect)

    def _rows(self, series: Series, n: int) -> FloatArray:
        """The effect at the first `n` rows from the first of the series on `(n, channel)`.

        Each row depends only on what was known `lag` rows before, so one computation serves every cutoff.
        """
        table = series.beside
        if table is None or len(table.values) < series.at + n:
            known = 0 if table is None else max(0, len(table.values) - series.at - len(series))
            told = f"{', '.join(self.sources)} must be known {n - len(series)} steps ahead, received {known}"
            raise DataError(told, "--future FILE gives what is known")
        if table not in self._known:
            own = self.names.index(series.name) + 1 if series.name in self.names else 0
            x = features(table, self.columns, self.season_length, self.detail)
            effect = (x - self.centre) @ self.coefficients[own]
            self._known[table] = np.clip(effect, -_LARGEST_LOG, _LARGEST_LOG) if self.log else effect
        return self._known[table][series.at : series.at + n]

    def _scaled(self, series: Sequence[Series], tables: Sequence[Beside]) -> _Scaled:
        """Features and targets of each series in units of their own, with what brings them back."""
        xs = [
            features(table, self.columns, self.season_length, self.detail)[s.at : s.at + len(s)]
            for s, table in zip(series, tables, strict=True)
        ]
        centre = np.concatenate(xs).mean(axis=0)
        pairs = [self._pair(x - centre, s) for x, s in zip(xs, series, strict=True)]
        spread = np.sqrt(np.concatenate([x for x, _ in pairs]).var(axis=0))
        spread[spread < 1e-12] = np.inf  # what never changes has no effect
        units = [(float(np.sqrt((y**2).mean())) or 1.0) if y.size else 1.0 for _, y in pairs]
        scaled = [(x / spread, y / unit) for (x, y), unit in zip(pairs, units, strict=True)]
        return _Scaled(scaled, centre, spread, units)

    def _fitted(self, series: Sequence[Series], scaled: _Scaled, penalty: float) -> Regression:
        """With coefficients from these rows of the series."""
        pairs, centre, spread, units = scaled
        grams = [(x.T @ x, x.T @ y, len(x)) for x, y in pairs]
        gram, moment = np.sum([g for g, _, _ in grams], axis=0), np.sum([m for _, m, _ in grams], axis=0)
        n_rows = sum(n for _, _, n in grams)
        common = solved(gram, moment, penalty * max(1, n_rows))
        own = []
        for (one, its, n), unit in zip(grams, units, strict=True) if len(series) > 1 else ():
            own.append(unit * ridge_coefficients(one, its, [penalty * n + _COMMON_ROWS], common)[0])
        coefficients = np.stack([float(np.median(units)) * common, *own]) / spread[:, None]
        return replace(
            self,
            penalty=penalty,
            names=tuple(s.name for s in series) if own else (),
            centre=centre,
            coefficients=np.nan_to_num(coefficients),
            _known=WeakKeyDictionary(),
        )

    def _pair(self, x: FloatArray, series: Series) -> tuple[FloatArray, FloatArray]:
        """Features and targets `(row, ...)` of the rows that were observed, without what is no effect."""
        y = np.log(series.values) if self.log else series.values
        if self.against == "differences":
            lag = self.season_length if len(y) > 2 * self.season_length else 1
            x, y = x[lag:] - x[:-lag], y[lag:] - y[:-lag]
        seen = ~np.isnan(y).any(axis=1)
        if self.against == "levels" and seen.any():
            beside = _trend_and_season(series, self.season_length)[seen]
            both = np.column_stack([x[seen], y[seen]])
            both = both - beside @ np.linalg.lstsq(beside, both, rcond=None)[0]
            return both[:, : x.shape[1]], both[:, x.shape[1] :]
        return x[seen], y[seen]


def _table(series: Series, sources: Sequence[str]) -> Beside:
    if series.beside is None:
        raise DataError(f"nothing is known beside the series {series.name}")
    return series.beside.only(sources)


def _nothing(columns: Sequence[Featured], rows: int | None = None) -> Beside:
    """A table of these columns without rows; with `rows`, one of a day."""
    names = tuple(column.name for column in columns)
    phase = None if rows is None else np.zeros(rows)
    return Beside(names, names, (True,) * len(names), np.zeros((rows or 0, len(names))), phase)


def _details(tables: Sequence[Beside], rows: Sequence[slice], columns: Sequence[Featured], season: int) -> list[int]:
    """How much the features may say, by the rows there are to learn from."""
    n_rows = sum(part.stop - part.start for part in rows)
    head = Beside(tables[0].names, tables[0].sources, tables[0].ahead, tables[0].values[:2], _head(tables[0].phase))
    wanted = ((0, 0), (1, ROWS_BENT), (2, ROWS_BY_TIME))
    return [k for k, each in wanted if n_rows >= each * features(head, columns, season, k).shape[1]]


def _head(phase: FloatArray | None) -> FloatArray | None:
    return None if phase is None else phase[:2]


def _trend_and_season(series: Series, season: int) -> FloatArray:
    """A constant, a line and waves over the season `(row, column)`."""
    t = np.arange(len(series))
    columns: list[Any] = [np.ones(len(t)), t / max(1, len(t))]
    for wave in range(1, min(6, season // 2) + 1):
        angle = 2 * np.pi * wave * (series.start + t) / season
        columns += [np.cos(angle), np.sin(angle)]
    return np.column_stack(columns)
