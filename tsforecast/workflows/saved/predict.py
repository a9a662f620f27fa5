"""Predict: a forecast from a saved model, without what trained it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tsforecast.bundle import Bundle, rebuilt
from tsforecast.data.forecasts import Forecast
from tsforecast.data.panel import FloatArray, Panel
from tsforecast.data.series import Series
from tsforecast.data.status import SeriesStatus
from tsforecast.errors import BundleError, DataError
from tsforecast.evaluate.bounds import Bounds
from tsforecast.evaluate.detectors import out_of_reach
from tsforecast.models import registry
from tsforecast.models.covariates.regression import Regression
from tsforecast.models.transformed import Transformed
from tsforecast.workflows.forecast import assemble
from tsforecast.workflows.judging import doubted
from tsforecast.workflows.known import Wanted, matched, settled
from tsforecast.workflows.usable import series_scale, usable

if TYPE_CHECKING:
    from tsforecast.preparation import Prepared

MODEL = "model"


def predict(bundle: Bundle, data: Prepared | Panel | None = None, horizon: int | None = None) -> Forecast:
    """Forecast from the newest rows of `data`, or from the end of training where there is none.

    Raises:
        DataError: The data have another step or other columns than the model was trained on, or no series of it can be
            forecast.
        BundleError: The bundle contradicts itself.
    """
    panel, series, status = known_series(bundle, end_of_training(bundle) if data is None else data)
    return predict_series(bundle, restored(bundle), panel, series, status, horizon or bundle.manifest.horizon)


def predict_series(
    bundle: Bundle,
    model: Transformed,
    panel: Panel,
    series: Sequence[Series],
    status: Sequence[SeriesStatus],
    horizon: int,
) -> Forecast:
    """The forecast of what `known_series` found, by what `restored` gave.

    Raises:
        DataError: A column that the model looks at is not there, or not known ahead.
        BundleError: The bundle contradicts itself.
    """
    if model.regression is not None:
        series = beside_saved(bundle, model.regression, panel, series, horizon)
    yhat = model.predict(series, horizon, MODEL)
    if not np.isfinite(yhat).all():
        raise BundleError("the model gives forecasts that are not finite", "fit it again")
    scale = np.stack([saved_scale(bundle, s) for s in series])[:, None, :]
    made = assemble(panel, series, yhat, scale, bundle.calibration, Bounds.from_dict(bundle.manifest.bounds))
    wild = {s.name for s, gone in zip(series, out_of_reach(yhat, series), strict=True) if gone}
    return replace(made, status=tuple(doubted(status, wild)))


def end_of_training(bundle: Bundle) -> Panel:
    """The end of what the model was fitted on, its gaps to be filled as they were."""
    sources = (bundle.preparing.get("beside") or {}).get("sources", {})
    kept = replace(bundle.history, sources=sources) if isinstance(sources, dict) else bundle.history
    if not np.isnan(bundle.history.values).any():
        return kept
    from tsforecast.config import PrepareConfig
    from tsforecast.preparation import with_filling
    from tsforecast.workflows.saved.saving import prepare_config

    return with_filling(kept, prepare_config(bundle, PrepareConfig()))


def restored(bundle: Bundle) -> Transformed:
    """The saved model behind its saved transforms, by the name `MODEL`."""
    chain = None
    if bundle.chain is not None:
        from tsforecast.preparation.transforms.chain import Chain

        saved = bundle.chain
        chain = rebuilt("chain of transforms", lambda: Chain.from_dict(saved))
    regression = None
    if bundle.regression is not None:
        state = bundle.regression
        regression = rebuilt("regression on columns", lambda: Regression.restored(state))
    return Transformed(chain, {MODEL: bundle.restored(registry.find)}, regression)


def beside_saved(
    bundle: Bundle, regression: Regression, panel: Panel, series: Sequence[Series], horizon: int, *, ahead: bool = True
) -> list[Series]:
    """The series with the columns that a saved model looks at, known to the end of the horizon.

    Args:
        bundle: Says what the calendar was asked for.
        regression: Looks at the columns.
        panel: The data.
        series: Of the panel.
        horizon: Steps ahead.
        ahead: Whether the future must be known.

    Raises:
        DataError: A column is not there, or not known ahead at stamps that are named.
    """
    saved = bundle.preparing.get("beside")
    wanted = rebuilt("calendar", lambda: replace(Wanted.from_dict(saved), ahead=ahead))
    made = [matched(s, regression.columns) for s in series]
    sources = {column.name: column.source for column in regression.columns}
    ahead_of = {column.name: "past" if column.lag else "future" for column in regression.columns}
    own = replace(panel, roles={**panel.roles, **ahead_of}, sources={**panel.sources, **sources})
    known = settled(own, made, horizon, wanted)
    return known.series


def known_series(bundle: Bundle, data: Prepared | Panel) -> tuple[Panel, list[Series], list[SeriesStatus]]:
    """The panel, those of its series that a saved model can forecast, with their seasons, and the status of all.

    Raises:
        DataError: The panel cannot be what the model was trained on, or no series can be forecast.
    """
    manifest = bundle.manifest
    panel, series, status = usable(data, fewest=1)
    if panel.freq != manifest.freq:
        raise DataError(
            f"the data has a step of {panel.freq}, the model was trained on {manifest.freq}", f"--freq {manifest.freq}"
        )
    if manifest.schema.joint and len(panel.channels) != len(manifest.channels):
        raise DataError(f"the model needs the columns {', '.join(manifest.channels)} together")
    seasons = {name: tuple(lengths) for name, lengths in manifest.season_lengths.items()}
    usual = max(Counter(seasons.values()).items(), key=lambda item: item[1])[0] if seasons else ()
    return panel, [replace(s, season_lengths=seasons.get(s.name, usual)) for s in series], status


def saved_scale(bundle: Bundle, series: Series) -> FloatArray:
    """What the widths of a series' intervals are multiplied by `(channel,)`; its own where it was not fitted on."""
    saved = bundle.manifest.scales.get(series.name)
    return np.array(saved, dtype="float64") if saved is not None else series_scale(series)
