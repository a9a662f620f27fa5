"""`SeriesStatus`: what became of one series; a series that is left out or doubtful is a row of it, never silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tsforecast.data.series import Series

State = Literal["ok", "doubtful", "left out"]


@dataclass(frozen=True)
class SeriesStatus:
    """What became of one target of one series, or of all of them where they are joint.

    Attributes:
        unique_id: The series, "" where there is one.
        channel: Name of the target, names with commas between where joint.
        state: "doubtful" is forecast all the same, "left out" is not.
        reason: Why, in the user's words; "" where it is ok.
        rows: Values observed.
        repaired: Changes made to its rows, filling apart.
        filled: Missing values inside it that are filled.
    """

    unique_id: str
    channel: str
    state: State = "ok"
    reason: str = ""
    rows: int = 0
    repaired: int = 0
    filled: int = 0

    @property
    def name(self) -> str:
        """That of its `Series`."""
        return f"{self.unique_id}/{self.channel}" if self.unique_id else self.channel

    @classmethod
    def of(cls, series: Series, state: State = "ok", reason: str = "") -> SeriesStatus:
        """The status of a series, by what was observed of it."""
        rows = int(series.observed.any(axis=1).sum())
        return cls(series.unique_id, ",".join(series.channels), state, reason, rows)

    def facts(self) -> dict[str, Any]:
        """Plain JSON values."""
        return dict(vars(self))
