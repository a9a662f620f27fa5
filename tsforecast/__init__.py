"""tsforecast: honest time-series forecasts from the terminal, and from Python.

import tsforecast as ts
made = ts.forecast("taxi.csv", horizon=96)
print(made.frame)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tsforecast.api import backtest, fit, forecast, inspect, load, predict, prepare, read, save, update
    from tsforecast.config import BesideConfig, FitConfig, ForecastConfig, ModelConfig, PrepareConfig, ReadConfig
    from tsforecast.data.panel import Panel
    from tsforecast.errors import TsforecastError
    from tsforecast.io import write

__version__ = "0.1.0"

# The public API, imported on first use (PEP 562), so that `import tsforecast` costs nothing.
_PUBLIC = {
    **dict.fromkeys(
        ("read", "prepare", "fit", "forecast", "predict", "update", "backtest", "inspect", "save", "load"),
        "tsforecast.api",
    ),
    "Panel": "tsforecast.data.panel",
    "TsforecastError": "tsforecast.errors",
    "write": "tsforecast.io",
    **dict.fromkeys(
        ("ReadConfig", "PrepareConfig", "ModelConfig", "FitConfig", "ForecastConfig", "BesideConfig"),
        "tsforecast.config",
    ),
}

__all__ = [
    "BesideConfig",
    "FitConfig",
    "ForecastConfig",
    "ModelConfig",
    "Panel",
    "PrepareConfig",
    "ReadConfig",
    "TsforecastError",
    "__version__",
    "backtest",
    "fit",
    "forecast",
    "inspect",
    "load",
    "predict",
    "prepare",
    "read",
    "save",
    "update",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'tsforecast' has no attribute '{name}'")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
