"""The public API: what the verbs of the command line do, as functions. `import tsforecast as ts`; see docs/python.md.

Every setting of the command line is a keyword of the same name (`--context-length 48` is `context_length=48`), read and
refused in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from tsforecast.config import FitConfig, ForecastConfig, ModelConfig, PrepareConfig, ReadConfig
from tsforecast.declared import declared_by
from tsforecast.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from tsforecast.bundle import Bundle
    from tsforecast.data.forecasts import Forecast
    from tsforecast.data.panel import Panel, Table
    from tsforecast.preparation import Prepared
    from tsforecast.workflows.backtest import Backtested
    from tsforecast.workflows.fit import Fit, FitSettings
    from tsforecast.workflows.inspect import Inspection
    from tsforecast.workflows.update import Update

    Data: TypeAlias = str | Path | pd.DataFrame | Table | Prepared | Panel
    """A file, a frame, or what `read` and `prepare` made of one."""


@dataclass(frozen=True)
class Configs:
    """The settings of a call, by concern."""

    read: ReadConfig
    prepare: PrepareConfig
    model: ModelConfig
    fit: FitConfig
    forecast: ForecastConfig


_GROUPS = (ReadConfig, PrepareConfig, ModelConfig, FitConfig, ForecastConfig)


def read(source: str | Path, **settings: Any) -> Table:
    """Read a file as it is, "-" for stdin: duplicates, gaps and disorder still in it.

    Raises:
        NotReadableError: It is not there, or cannot be opened or decoded.
        DataError: It holds no table.
        UsageError: A setting is not one of those there are.
    """
    from tsforecast import io

    return io.read(source, _configs(settings).read)


def prepare(data: Data, **settings: Any) -> Prepared:
    """A file, frame or table on a regular grid, with the ledger of what was repaired; `.filled` has no gaps.

    Raises:
        DataError: There is nothing to use, the step cannot be told, or the repair budget is exceeded.
    """
    from tsforecast.data.panel import Panel, Table
    from tsforecast.preparation import Prepared
    from tsforecast.preparation import prepare as prepare_table

    configs = _configs(settings)
    if isinstance(data, Prepared):
        data = data.table
    elif isinstance(data, Panel):
        raise UsageError("a panel is on its grid already", "hand it to fit, forecast or backtest as it is")
    elif not isinstance(data, Table):
        data = _table(data, configs)
    return prepare_table(data, configs.prepare)


def fit(data: Data, horizon: int | str = 1, **settings: Any) -> Fit:
    """Fit every model that suits, or the one named by `model`; choose, judge on held-out rows, calibrate.

    Args:
        data: What to learn from.
        horizon: Steps ahead, or a duration like "2d".
        settings: As on the command line: `model`, `season_length`, `level`, `impute`, `seed`, ...

    Raises:
        DataError: No series can be forecast.
        UsageError: A setting is not one of those there are.
        MissingDependencyError: The model named needs what is not installed.
    """
    from tsforecast.workflows.fit import fit as fit_panel

    configs = _configs({**settings, "horizon": horizon})
    given = _regular(data, configs)
    return fit_panel(given, _fit_settings(configs, given))


def forecast(data: Data | Fit, horizon: int | str | None = None, **settings: Any) -> Forecast:
    """What comes next, from data or a fit; `.frame` is the table, `.status` tells what became of each series.

    Raises:
        DataError: No series can be forecast.
        UsageError: A setting is not one of those there are, or is given where the fit has settled it.
    """
    from tsforecast.workflows.fit import Fit
    from tsforecast.workflows.forecast import forecast as forecast_fit

    if isinstance(data, Fit):
        if settings or horizon not in (None, data.horizon):
            raise UsageError("horizon and settings are those of the fit", "give them to fit")
        return forecast_fit(data)
    return forecast_fit(fit(data, 1 if horizon is None else horizon, **settings))


def predict(model: Bundle | str | Path, data: Data | None = None, horizon: int | str | None = None) -> Forecast:
    """A forecast from a saved model, on from the end of training or from newer data; needs nothing to train with.

    Raises:
        DataError: The data have another step or other columns than the model was trained on.
        BundleError: The model is damaged or refused.
    """
    from tsforecast.bundle import Bundle
    from tsforecast.workflows.predict import predict as predict_panel

    bundle = model if isinstance(model, Bundle) else load(model)
    given = None if data is None else _regular_for(bundle, data)
    steps = None if horizon is None else _steps(horizon, bundle.history if given is None else given)
    return predict_panel(bundle, given, steps)


def update(model: Bundle | str | Path, data: Data, **settings: Any) -> Update:
    """A saved model trained further on newer data; `.bundle` is to be saved.

    Raises:
        DataError: No row is new, or the data do not fit the model.
        MissingDependencyError: The model is a network and TensorFlow is not installed.
    """
    from tsforecast.bundle import Bundle
    from tsforecast.workflows.update import update as update_bundle

    configs = _configs(settings)
    bundle = model if isinstance(model, Bundle) else load(model)
    given, fitting = _regular_for(bundle, data), configs.fit
    return update_bundle(bundle, given, vars(configs.model), seed=fitting.seed, time_limit=fitting.time_limit)


def backtest(
    data: Data, horizon: int | str = 1, windows: int = 5, step_size: int | None = None, **settings: Any
) -> Backtested:
    """Forecasts from cutoffs in the past beside what came; everything is fitted on the rows before the first of them.

    Raises:
        DataError: No series is long enough.
    """
    from tsforecast.workflows.backtest import backtest as backtest_panel

    configs = _configs({**settings, "horizon": horizon})
    given = _regular(data, configs)
    return backtest_panel(given, _fit_settings(configs, given), windows, step_size)


def inspect(source: str | Path, *, dynamics: bool = False, **settings: Any) -> Inspection:
    """How a file is understood, and what to watch in it.

    Raises:
        NotReadableError: It is not there, or cannot be opened or decoded.
    """
    from tsforecast.workflows.inspect import inspect as look

    configs = _configs(settings)
    return look(str(source), configs.read, configs.prepare, dynamics=dynamics)


def save(path: str | Path, model: Fit | Bundle) -> int:
    """Write a fit, or a loaded or updated model, as one file without pickle; the size in bytes.

    Raises:
        NotReadableError: The place cannot be written.
        BundleError: An exported network does not give the numbers of the trained one.
    """
    from tsforecast.bundle import Bundle
    from tsforecast.bundle import save as save_bundle

    if not isinstance(model, Bundle):
        from tsforecast.workflows.saving import to_bundle

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


def _configs(given: Mapping[str, Any]) -> Configs:
    """Settings by name, each in its group.

    Raises:
        UsageError: A name is no setting, or a value none that it may have.
    """
    known = {name for group in _GROUPS for name in declared_by(group)}
    for name in given:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            raise UsageError(f"there is no setting '{name}'", f"did you mean {close[0]}?" if close else "")
    parts: list[Any] = [group(**{n: given[n] for n in declared_by(group) if n in given}) for group in _GROUPS]
    return Configs(*parts)


def _fit_settings(configs: Configs, data: Prepared | Panel) -> FitSettings:
    from tsforecast.workflows.fit import FitSettings

    return FitSettings(
        horizon=_steps(configs.forecast.horizon or 1, data),
        levels=tuple(sorted(set(configs.forecast.level))),
        transforms=configs.prepare.transform,
        model=configs.model,
        fit=configs.fit,
        bounds=configs.forecast.bounds,
    )


def _steps(horizon: int | str, data: Prepared | Panel) -> int:
    """A horizon in steps of the data."""
    from tsforecast.data.duration import steps
    from tsforecast.data.panel import Panel

    panel = data if isinstance(data, Panel) else data.panel

    last = None if isinstance(panel.freq, int) else panel.frame["ds"].max()
    return steps(ForecastConfig(horizon=horizon).horizon or 1, panel.freq, last)


def _table(data: str | Path | pd.DataFrame, configs: Configs) -> Table:
    """A file as read, or a frame as it would be read from one."""
    import pandas as pd

    from tsforecast import io

    if isinstance(data, (str, Path)):
        return io.read(data, configs.read)
    if isinstance(data, pd.DataFrame):
        return io.from_frame(data, configs.read)
    raise UsageError(
        f"data must be a file, a DataFrame, a Table, a Prepared or a Panel, received {type(data).__name__}"
    )


def _regular(data: Data, configs: Configs) -> Prepared | Panel:
    """The data on a regular grid."""
    from tsforecast.data.panel import Panel, Table
    from tsforecast.preparation import Prepared, with_filling
    from tsforecast.preparation import prepare as prepare_table

    if isinstance(data, Panel):
        return with_filling(data, configs.prepare)
    if isinstance(data, Prepared):
        return data
    return prepare_table(data if isinstance(data, Table) else _table(data, configs), configs.prepare)


def _regular_for(bundle: Bundle, data: Data) -> Prepared | Panel:
    """New data read and prepared as those of a saved model were."""
    from tsforecast.workflows.saving import prepare_config, read_config

    reading, preparing = read_config(bundle, ReadConfig()), prepare_config(bundle, PrepareConfig())
    return _regular(data, replace(_configs({}), read=reading, prepare=preparing))
