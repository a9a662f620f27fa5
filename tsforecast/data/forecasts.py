"""The `Forecast`: a long table of what comes next, and how it was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from tsforecast.data.panel import Freq, Schema
from tsforecast.data.status import SeriesStatus


def level_name(level: float) -> str:
    """80.0 -> "80", 97.5 -> "97.5": the suffix of the columns `yhat_lo_…` and `yhat_hi_…`."""
    return f"{level:g}"


@dataclass(frozen=True)
class Forecast:
    """Forecasts of a panel.

    Attributes:
        frame: `unique_id, channel, ds, yhat`, then `yhat_lo_L, yhat_hi_L` for every level L, one row a series, channel
            and step, in the order of the panel. A level that could not be supported is NaN. Where the dynamics were
            looked at, `beyond_horizon` is true for steps beyond the predictability horizon.
        freq: Step between the rows of a series.
        schema: The user's names and zone.
        levels: Nominal coverage of the intervals, per cent, ascending.
        made: How it was made: model, skill, coverage, seed. Plain JSON values.
        status: What became of each series, those without a forecast included.
    """

    frame: pd.DataFrame
    freq: Freq
    schema: Schema
    levels: tuple[float, ...]
    made: dict[str, Any] = field(default_factory=dict)
    status: tuple[SeriesStatus, ...] = ()

    def table(self) -> pd.DataFrame:
        """The frame for the way out: a single channel needs no `channel` column."""
        single = self.frame["channel"].nunique() == 1
        return self.frame.drop(columns="channel") if single else self.frame
