"""Rolling-origin backtest of every model, trained on the rows before the first cutoff only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tsforecast.data.panel import Panel
from tsforecast.data.series import Series
from tsforecast.data.split import spaced_origins, split
from tsforecast.data.status import SeriesStatus
from tsforecast.errors import DataError
from tsforecast.evaluate.bounds import find
from tsforecast.evaluate.rolling import Backtest, rolling_origin
from tsforecast.models.choose import Choice
from tsforecast.models.contract import Progress
from tsforecast.workflows.fit import FitSettings, fit_models, refitted
from tsforecast.workflows.known import settled
from tsforecast.workflows.usable import units_of, usable, with_seasons

if TYPE_CHECKING:
    from tsforecast.preparation import Prepared


@dataclass(frozen=True)
class Backtested:
    """What came of a backtest.

    Attributes:
        tested: Forecasts beside what happened.
        choice: Which model would have been chosen before the first cutoff, among which.
        series: What was forecast, in the order of `tested`.
        status: Of every series of the panel.
    """

    tested: Backtest
    choice: Choice
    series: Sequence[Series]
    status: Sequence[SeriesStatus]


def backtest(
    data: Prepared | Panel,
    settings: FitSettings,
    n_windows: int = 5,
    step_size: int | None = None,
    progress: Progress | None = None,
) -> Backtested:
    """Rolling-origin backtest: every model is trained on the rows before the first cutoff only.

    Args:
        data: On a regular grid.
        settings: As for `fit`.
        n_windows: Number of cutoffs.
        step_size: Rows between cutoffs; one horizon if None.
        progress: Told in words what is being done.

    Raises:
        DataError: No series is long enough.
    """
    tell = progress or (lambda _: None)
    panel, series, status = usable(data)
    panel, series, told = settled(panel, series, settings.horizon, settings.beside)
    cutoffs = [spaced_origins(len(s), settings.horizon, n_windows, step_size or settings.horizon) for s in series]
    cutoffs = [own if own and own[0] >= 2 * settings.horizon and len(own) == n_windows else [] for own in cutoffs]
    if not any(cutoffs):
        needed = (n_windows - 1) * (step_size or settings.horizon) + 3 * settings.horizon
        raise DataError(
            f"{n_windows} windows of horizon {settings.horizon} need {needed} rows, the longest series has "
            f"{max(len(s) for s in series)}",
            "ask for fewer --windows or a shorter --horizon",
        )
    training = [own[0] if own else len(s) for s, own in zip(series, cutoffs, strict=True)]
    series = with_seasons(series, training, panel.frequency, settings.model.season_length)
    learned = [s.until(n) for s, n in zip(series, training, strict=True)]
    splits = [split(len(s), settings.horizon, contested=settings.contested, n_series=len(learned)) for s in learned]
    measured = max(s.horizon for s in splits)
    parts = [s.validation if s.horizon == measured else 0 for s in splits]
    tell("training")
    transformed, choice = fit_models(learned, parts, measured, settings, tell)
    transformed, choice = refitted(transformed, choice, learned, settings.horizon)
    tell("forecasting from every cutoff")
    held = find(learned, settings.bounds, units_of(data), panel.frequency).holding(transformed.predict)
    tested = rolling_origin(held, series, cutoffs, list(choice.models), settings.horizon, training)
    choice = replace(choice, notes=[*choice.notes, *told])
    return Backtested(tested, choice, series, status)
