"""Rolling-origin backtest of every candidate, trained on the rows before the first cutoff only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsforecast.data.panel import Panel
from tsforecast.data.split import spaced_origins, split
from tsforecast.errors import DataError
from tsforecast.evaluate.rolling import Backtest, rolling_origin
from tsforecast.workflows.fit import Progress, Settings, common_season_length, fit_all, usable

if TYPE_CHECKING:
    from tsforecast.models.selection import Fitted


def backtest(
    panel: Panel, settings: Settings, n_windows: int, step_size: int | None = None, progress: Progress | None = None
) -> tuple[Backtest, Fitted]:
    """Rolling-origin backtest: every candidate is trained on the rows before the first cutoff only.

    Args:
        panel: Regular and complete.
        settings: As for `fit`.
        n_windows: Number of cutoffs.
        step_size: Rows between cutoffs; one horizon if None.
        progress: Told in words what is being done.

    Raises:
        DataError: No series is long enough.
    """
    tell = progress or (lambda _: None)
    sequences = usable(panel)
    values = [s.values for s in sequences]
    cutoffs = [spaced_origins(len(v), settings.horizon, n_windows, step_size or settings.horizon) for v in values]
    cutoffs = [own if own and own[0] >= 2 * settings.horizon and len(own) == n_windows else [] for own in cutoffs]
    if not any(cutoffs):
        needed = (n_windows - 1) * (step_size or settings.horizon) + 3 * settings.horizon
        raise DataError(
            f"{n_windows} windows of horizon {settings.horizon} need {needed} rows, the longest series has "
            f"{max(len(v) for v in values)}",
            "ask for fewer --windows or a shorter --horizon",
        )
    learned = [v[: own[0]] if own else v for v, own in zip(values, cutoffs, strict=True)]
    season_length = settings.model.season_length or common_season_length(learned, panel.freq)
    splits = [split(len(v), settings.horizon) for v in learned]
    measured = max(s.horizon for s in splits)
    parts = [s.validation if s.horizon == measured else 0 for s in splits]
    tell("training")
    forecaster, fitted = fit_all(panel, sequences, learned, parts, measured, season_length, settings, tell)
    forecaster = forecaster.refit(learned)
    tell("forecasting from every cutoff")
    training = [len(v) for v in learned]
    tested = rolling_origin(forecaster.predict, values, cutoffs, list(fitted.candidates), settings.horizon, training)
    return tested, fitted
