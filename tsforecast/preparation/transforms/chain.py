"""A chain of the user's transforms, fitted on the training rows of each series and applied to arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from tsforecast.data.panel import FloatArray, IntArray, Panel
from tsforecast.data.series import Series
from tsforecast.errors import DataError, UsageError
from tsforecast.preparation.rows import Values
from tsforecast.preparation.transforms.invertible import Past, State, Transform
from tsforecast.preparation.transforms.named import transform_of

States = tuple[State, ...]


@dataclass(frozen=True, eq=False)
class Chain:
    """Transforms applied in the order given, with one state for each channel of each series.

    They are causal: what becomes of a row depends on no later one, so that the transformed past is the past of the
    transformed. A series that was not there in `fit` is fitted on itself. Rows are numbered from `Series.start`, so
    that trend and phase go on where they were; the series of a later file must be numbered as those of the fit were.

    Attributes:
        names: Names as in `TRANSFORMS`, with their settings after colons.
        states: By `Series.name`, the states of the links for each of its channels; none for one without a value.
    """

    names: tuple[str, ...]
    states: Mapping[str, tuple[States, ...]]

    @classmethod
    def fit(cls, names: Sequence[str], series: Sequence[Series]) -> Self:
        """Learn from the rows given, their gaps filled.

        Raises:
            UsageError: A name or setting is not one of those there are.
            DataError: A series does not suit a transform (logarithm of a negative value), naming it.
        """
        links = _links(names)
        return cls(tuple(names), {s.name: _fitted(links, s) for s in series})

    def forward(self, series: Series) -> Series:
        """The series in the transformed scale, leading rows without a value trimmed.

        Its values are the transforms of what was observed, so that a difference over a gap is missing. Its `filled`
        is the transform of the filled series, for any number of its first rows, so that nothing later is seen.
        """
        links, states = _links(self.names), self._states(series)
        whole = _applied(links, states, series.filled, series.start)
        missing = np.isnan(whole)
        complete = ~missing.all(axis=1) & ~missing[:, ~missing.all(axis=0)].any(axis=1)
        trimmed = int(np.argmax(complete)) if complete.any() else len(whole)

        def fill(part: Series) -> FloatArray:
            past = series.until(part.start + len(part) - series.start)
            if past.filled is past.values:
                return part.values
            return _applied(links, states, past.filled, past.start)[len(past) - len(part) :]

        values = whole if series.filled is series.values else _applied(links, states, series.values, series.start)
        return replace(series.with_values(values[trimmed:]), fill=fill)

    def inverse(self, series: Series, yhat: FloatArray) -> FloatArray:
        """Forecasts in the original scale `(step, channel)`.

        Args:
            series: What was forecast from, in the ORIGINAL scale.
            yhat: What follows its last row, in the transformed scale `(step, channel)`.
        """
        links, states = _links(self.names), self._states(series)
        cells = series.start + np.arange(len(series))
        ahead = series.start + len(series) + np.arange(len(yhat))
        result = np.array(yhat, dtype="float64")
        for j, (x, mine) in enumerate(zip(series.filled.T, states, strict=True)):
            stages = _stages(links, mine, x, cells)
            for link, state, before in reversed(list(zip(links, mine, stages, strict=False))):
                result[:, j] = link.invert(result[:, j], ahead, Past(before, cells), state)
        return result

    def to_dict(self) -> dict[str, Any]:
        """Names and states, ready for JSON."""
        states = {name: [list(channel) for channel in channels] for name, channels in self.states.items()}
        return {"names": list(self.names), "states": states}

    @classmethod
    def from_dict(cls, saved: Any) -> Self:
        """The chain that `to_dict` described.

        Raises:
            ValueError: Where it is not what `to_dict` returns, down to the range of each number.
        """
        if not isinstance(saved, dict) or saved.keys() != {"names", "states"}:
            raise ValueError("a chain of transforms must have names and states")
        names, states = saved["names"], saved["states"]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("the names of transforms must be a list of texts")
        if not isinstance(states, dict) or not all(isinstance(channels, list) for channels in states.values()):
            raise ValueError("the states of transforms must be lists, by series")
        try:
            links = _links(names)
        except UsageError as error:
            raise ValueError(str(error)) from error
        checked = {str(n): tuple(_checked(links, each) for each in channels) for n, channels in states.items()}
        return cls(tuple(names), checked)

    def _states(self, series: Series) -> tuple[States, ...]:
        known = self.states.get(series.name)
        return _fitted(_links(self.names), series) if known is None or len(known) != len(series.channels) else known


def transformed(panel: Panel, names: Sequence[str]) -> Panel:
    """A filled panel in the transformed scale, each series fitted on itself; the edges may become missing."""
    series = panel.series()
    chain = Chain.fit(names, series)
    first = dict(zip(panel.ids, panel.indptr[:-1], strict=True))
    column = {name: j for j, name in enumerate(panel.channels)}
    values = panel.values.copy()
    for each in series:
        at = [column[name] for name in each.channels]
        low = first[each.unique_id] + each.start
        values[low : low + len(each), at] = np.nan
        moved = chain.forward(each)
        low += len(each) - len(moved)
        values[low : low + len(moved), at] = moved.filled
    return panel.with_values(values)


def _links(names: Sequence[str]) -> list[Transform]:
    return [transform_of(name) for name in names]


def _fitted(links: Sequence[Transform], series: Series) -> tuple[States, ...]:
    cells = series.start + np.arange(len(series))
    try:
        return tuple(_states_of(links, x, cells) for x in series.filled.T)
    except DataError as error:
        raise DataError(f"{series.name}: {error}" if series.name else str(error), error.hint) from error


def _states_of(links: Sequence[Transform], x: Values, cells: IntArray) -> States:
    states: list[State] = []
    if np.isnan(x).all():
        return ()
    for link in links:
        states.append(link.fit(x, cells))
        x = link.apply(x, cells, states[-1])
    return tuple(states)


def _stages(links: Sequence[Transform], states: States, x: Values, cells: IntArray) -> list[Values]:
    """One channel before each link, and after the last; links without a state leave it as it is."""
    stages = [x]
    for link, state in zip(links, states, strict=False):
        stages.append(link.apply(stages[-1], cells, state))
    return stages


def _applied(links: Sequence[Transform], states: Sequence[States], values: FloatArray, start: int) -> FloatArray:
    cells = start + np.arange(len(values))
    columns = [_stages(links, mine, x, cells)[-1] for x, mine in zip(values.T, states, strict=True)]
    return np.column_stack(columns)


def _checked(links: Sequence[Transform], states: Any) -> States:
    """The states of one channel, each found to be one that its link could have made."""
    if not isinstance(states, list) or len(states) not in (0, len(links)):
        raise ValueError("a channel must have one state for each transform, or none")
    for link, state in zip(links, states, strict=False):
        if not isinstance(state, dict):
            raise ValueError(f"the state of a transform must be a dict, received {type(state).__name__}")
        link.check(state)
    return tuple(states)
