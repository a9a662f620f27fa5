"""`SeriesStatus`: what became of a series. None vanishes: each is forecast, or its row says why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from tsforecast.data.series import Series

State = Literal["ok", "doubtful", "left out"]


@dataclass(frozen=True)
class SeriesStatus:
    """What became of one series.

    Attributes:
        unique_id: The series.
        channel: Its column, or columns where joint.
        state: "ok"; "doubtful" where it was forecast but for a reason should be looked at; "left out".
        reason: Why, one line; empty where it is ok.
        rows: Observed rows.
    """

    unique_id: str
    channel: str
    state: State
    reason: str = ""
    rows: int = 0

    @property
    def name(self) -> str:
        """A readable key, unique within a panel."""
        return f"{self.unique_id}/{self.channel}" if self.unique_id else self.channel

    @classmethod
    def of(cls, series: Series, state: State, reason: str = "") -> SeriesStatus:
        """The status of a series."""
        rows = int(series.observed.any(axis=1).sum())
        return cls(series.unique_id, ",".join(series.channels), state, reason, rows)

    def facts(self) -> dict[str, Any]:
        """Plain JSON values."""
        return dict(vars(self))


def left_out(status: Iterable[SeriesStatus]) -> list[SeriesStatus]:
    """Those that were not forecast."""
    return [own for own in status if own.state == "left out"]
