"""The public API: what the verbs of the command line do, as functions. `import tsforecast as ts`; see docs/python.md.

Every setting of the command line is a keyword of the same name (`--context-length 48` is `context_length=48`), read and
refused in the same way; docs/cli.md has them all. What is refused is a `TsforecastError` with `message` and `hint`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsforecast.config import ForecastConfig, PrepareConfig, ReadConfig
from tsforecast.errors import UsageError
from tsforecast.keywords import PREPARING, READING, TRAINING, Configs, configs, names

if TYPE_CHECKING:
    import pandas as pd

    from tsforecast.bundle import Bundle
    from tsforecast.data.forecasts import Forecast
    from tsforecast.data.panel import Panel, Table
    from tsforecast.preparation import Prepared
    from tsforecast.workflows.backtest import Backtested
    from tsforecast.workflows.fit import Fit, FitSettings
    from tsforecast.workflows.given import Data
    from tsforecast.workflows.inspect import Inspection
    from tsforecast.workflows.saved.update import Update


def read(source: str | Path, **settings: Any) -> Table:
    """Read a file as it is, "-" for stdin: duplicates, gaps and disorder still in it.

    Args:
        source: Any table that docs/files.md tells of, compressed or not.
        settings: How to read it: `time_col`, `id_col`, `target_col`, `decimal`, `zone`, `na_value`, ...

    Returns:
        `.frame` with `unique_id`, `ds` (UTC) and a column a channel, `.lines`, and what was detected in `.facts`.

    Raises:
        NotReadableError: It is not there, or cannot be opened or decoded.
        DataError: It holds no table.
        UsageError: A setting is not one of those there are.
    """
    from tsforecast import io

    return io.read(source, configs(settings, READING).read)


def prepare(data: str | Path | pd.DataFrame | Table | Prepared, **settings: Any) -> Prepared:
    """A file, frame or table on a regular grid, with the ledger of what was repaired; the data stay as they are.

    Args:
        data: What to repair; something prepared is prepared anew, from the table that it was made of.
        settings: As of `read`, and how to repair: `freq`, `agg`, `duplicates`, `impute`, `max_gap`, `outliers`, ...

    Returns:
        `.panel` with gaps of NaN, `.filled` without, `.ledger` (its `.frame` has a row a change), `.status` of each
        series, `.report`.

    Raises:
        DataError: There is nothing to use, the step cannot be told, or the repair budget is exceeded.
    """
    from tsforecast.preparation import Prepared
    from tsforecast.preparation import prepare as prepare_table
    from tsforecast.workflows.given import as_table

    data = data.table if isinstance(data, Prepared) else data
    _refuse_settled(data, settings)
    read_and_prepare = configs(settings, PREPARING)
    return prepare_table(as_table(data, read_and_prepare.read), read_and_prepare.prepare)


def fit(
    data: Data,
    horizon: int | str | None = None,
    *,
    future: str | Path | pd.DataFrame | None = None,
    ahead: bool = False,
    **settings: Any,
) -> Fit:
    """Fit every model that suits, or the one named by `model`; choose, judge on held-out rows, calibrate.

    Args:
        data: What to learn from.
        horizon: Steps ahead, or a duration like "2d"; a season where nothing is said.
        future: What is known ahead: the columns beside the target, by series and time.
        ahead: Whether what is known ahead must be known for the horizon, since a forecast is made of it.
        settings: As on the command line: `model`, `season_length`, `level`, `impute`, `seed`, ...

    Returns:
        The forecaster with its evidence: `.chosen`, `.reference`, `.skill` (1 - error / error of the reference),
        `.coverage` (per cent by level), `.holdout` (its `.table()` in the unit of the data), `.status`, `.notes`.

    Raises:
        DataError: No series can be forecast.
        UsageError: A setting is not one of those there are, or the model named has it not.
        MissingDependencyError: The model named needs what is not installed.
    """
    from tsforecast.workflows.fit import fit as fit_panel
    from tsforecast.workflows.given import joined, regular_of

    given = {**settings, "horizon": horizon}
    wanted = _wanted(data, given)
    regular = joined(regular_of(data, wanted.read, wanted.prepare), future, wanted.read)
    return fit_panel(regular, _fit_settings(wanted, regular, ahead=ahead))


def forecast(
    data: Data | Fit,
    horizon: int | str | None = None,
    *,
    future: str | Path | pd.DataFrame | None = None,
    **settings: Any,
) -> Forecast:
    """What comes next, from data or a fit.

    Args:
        data: What to learn from, or what learnt.
        horizon: Steps ahead, or a duration like "2d"; a season where nothing is said. Of a fit, its own.
        future: What is known ahead: the columns beside the target, by series and time.
        settings: As of `fit`, which has settled them where `data` is a fit.

    Returns:
        `.frame` with `unique_id`, `channel`, `ds`, `yhat` and the edges of each interval in the unit of the data,
        and in `.status` what became of each series.

    Raises:
        DataError: No series can be forecast.
        UsageError: A setting is not one of those there are, or is given where the fit has settled it.
    """
    from tsforecast.workflows.fit import Fit
    from tsforecast.workflows.forecast import forecast as forecast_fit

    if isinstance(data, Fit):
        if settings or future is not None or horizon not in (None, data.horizon):
            raise UsageError("horizon, future and settings are those of the fit", "give them to fit")
        return forecast_fit(data)
    return forecast_fit(fit(data, horizon, future=future, ahead=True, **settings))


def predict(
    model: Bundle | str | Path,
    data: Data | None = None,
    horizon: int | str | None = None,
    *,
    future: str | Path | pd.DataFrame | None = None,
) -> Forecast:
    """A forecast from a saved model; needs nothing to train with.

    Args:
        model: As saved or loaded.
        data: Newer data with the step and columns of the training, read and prepared as those were; None to go on
            from the end of training.
        horizon: Steps ahead, or a duration like "2d"; None for that of the fit.
        future: What is known ahead: the columns beside the target, by series and time.

    Raises:
        DataError: The data have another step or other columns than the model was trained on.
        BundleError: The model is damaged or refused.
    """
    from tsforecast.workflows.asked import horizon_of
    from tsforecast.workflows.given import joined
    from tsforecast.workflows.saved.predict import end_of_training
    from tsforecast.workflows.saved.predict import predict as predict_panel
    from tsforecast.workflows.saved.saving import read_config, unused_of

    bundle = _loaded(model)
    steps = ForecastConfig(horizon=horizon).horizon
    given = end_of_training(bundle) if data is None else _regular_for(bundle, data)
    given = joined(given, future, read_config(bundle, ReadConfig()), unused_of(bundle))
    return predict_panel(bundle, given, horizon_of(steps, _panel(given)))


def update(model: Bundle | str | Path, data: Data, **settings: Any) -> Update:
    """A saved model trained further on newer data.

    Args:
        model: As saved or loaded; it stays as it is.
        data: With rows after the end of training.
        settings: How to train: `epochs`, `learning_rate`, `seed`, ...

    Returns:
        `.bundle` to be saved, `.drift` of the new rows, and the held-out error `.before` and `.after`.

    Raises:
        DataError: No row is new, or the data do not fit the model.
        MissingDependencyError: The model is a network and TensorFlow is not installed.
    """
    from tsforecast.workflows.saved.update import update as update_bundle

    training = configs(settings, TRAINING)
    bundle, fitting = _loaded(model), training.fit
    given = _regular_for(bundle, data)
    return update_bundle(bundle, given, vars(training.model), seed=fitting.seed, time_limit=fitting.time_limit)


def backtest(
    data: Data, horizon: int | str | None = None, windows: int = 5, step_size: int | None = None, **settings: Any
) -> Backtested:
    """Forecasts from cutoffs in the past beside what came; everything is fitted on the rows before the first of them.

    Args:
        data: What to learn from and to compare with.
        horizon: Steps ahead, or a duration like "2d"; a season where nothing is said.
        windows: Number of cutoffs, at least 1.
        step_size: Rows between them, at least 1; None for one horizon.
        settings: As of `fit`.

    Returns:
        `.tested` with `.table()` and `.by_step()`, errors in the unit of the data.

    Raises:
        DataError: No series is long enough.
        UsageError: A setting is not one of those there are.
    """
    from tsforecast.workflows.backtest import backtest as backtest_panel
    from tsforecast.workflows.given import regular_of

    for name, value in (("windows", windows), ("step_size", step_size)):
        if value is not None and value < 1:
            raise UsageError(f"{name} must be at least 1, received '{value}'")
    given = {**settings, "horizon": horizon}
    wanted = _wanted(data, given)
    regular = regular_of(data, wanted.read, wanted.prepare)
    return backtest_panel(regular, _fit_settings(wanted, regular), windows, step_size)


def inspect(
    data: str | Path | pd.DataFrame | Table | Prepared, *, dynamics: bool = False, **settings: Any
) -> Inspection:
    """How data are understood, and what to watch in them; `.to_dict()` gives plain JSON values.

    Args:
        data: What to look at.
        dynamics: Whether to draw up chaos cards, which takes seconds a channel.
        settings: As of `prepare`.

    Raises:
        NotReadableError: It is not there, or cannot be opened or decoded.
    """
    from tsforecast.preparation import Prepared
    from tsforecast.workflows.given import as_table
    from tsforecast.workflows.inspect import inspect as look

    data = data.table if isinstance(data, Prepared) else data
    _refuse_settled(data, settings)
    wanted = configs(settings, PREPARING)
    source = str(data) if isinstance(data, (str, Path)) else as_table(data, wanted.read)
    return look(source, wanted.read, wanted.prepare, dynamics=dynamics)


def save(path: str | Path, model: Fit | Bundle) -> int:
    """Write a fit, or a loaded or updated model, as one file without pickle; the size in bytes.

    Raises:
        NotReadableError: The place cannot be written.
        BundleError: An exported network does not give the numbers of the trained one.
    """
    from tsforecast.bundle import Bundle
    from tsforecast.bundle import save as save_bundle

    if not isinstance(model, Bundle):
        from tsforecast.workflows.saved.saving import to_bundle

        model = to_bundle(model)
    return save_bundle(path, model)


def load(path: str | Path) -> Bundle:
    """Read a saved model, trusting nothing in it.

    Raises:
        NotReadableError: There is no such file.
        BundleError: It is damaged, newer than this program, or no model.
    """
    from tsforecast.bundle import load as load_bundle

    return load_bundle(path)


def _refuse_settled(data: Data, given: Mapping[str, Any]) -> None:
    """Raise UsageError where a setting is given of a step that the data have behind them."""
    from tsforecast.data.panel import Panel, Table
    from tsforecast.preparation import Prepared

    if isinstance(data, Table):
        settled, verb = names(*READING), "read"
    elif isinstance(data, Prepared):
        settled, verb = names(*PREPARING) - {"transform", "seed"}, "prepare"
    elif isinstance(data, Panel):
        settled, verb = names(*PREPARING) - {"transform", "seed", "impute", "max_gap", "outliers"}, "Panel.from_frame"
    else:
        return
    for name in given:
        if name in settled:
            raise UsageError(f"'{name}' says nothing of a {type(data).__name__}", f"{verb} has settled it")


def _wanted(data: Data, given: Mapping[str, Any]) -> Configs:
    """The settings of a fit, that contradict neither each other nor the data, before any work."""
    from tsforecast.workflows.asked import model_config

    _refuse_settled(data, given)
    found = configs(given)
    return replace(found, model=model_config(found.model, given.keys(), given.keys()))


def _fit_settings(wanted: Configs, data: Prepared | Panel, *, ahead: bool = False) -> FitSettings:
    from tsforecast.workflows.asked import fit_settings, wanted_beside

    made = fit_settings(_panel(data), wanted.prepare.transform, wanted.model, wanted.fit, wanted.forecast)
    return replace(made, beside=wanted_beside(wanted.beside, ahead=ahead))


def _panel(data: Prepared | Panel) -> Panel:
    from tsforecast.data.panel import Panel

    return data if isinstance(data, Panel) else data.panel


def _loaded(model: Bundle | str | Path) -> Bundle:
    return load(model) if isinstance(model, (str, Path)) else model


def _regular_for(bundle: Bundle, data: Data) -> Prepared | Panel:
    """New data read and prepared as those of a saved model were."""
    from tsforecast.workflows.given import regular_of
    from tsforecast.workflows.saved.saving import prepare_config, read_config

    reading, preparing = read_config(bundle, ReadConfig()), prepare_config(bundle, PrepareConfig())
    return regular_of(data, reading, preparing)
