"""tsforecast: honest time-series forecasts from the terminal."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# The public API, imported on first use (PEP 562), so that `import tsforecast` costs nothing.
_PUBLIC = {
    "read": "tsforecast.io",
    "write": "tsforecast.io",
    "prepare": "tsforecast.preparation",
    "fit": "tsforecast.workflows.fit",
    "forecast": "tsforecast.workflows.forecast",
    "backtest": "tsforecast.workflows.backtest",
    "load_model": "tsforecast.bundle",
    "save_model": "tsforecast.bundle",
}
_RENAMED = {"load_model": "load", "save_model": "save"}

__all__ = ["__version__", "backtest", "fit", "forecast", "load_model", "prepare", "read", "save_model", "write"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'tsforecast' has no attribute '{name}'")
    return getattr(import_module(_PUBLIC[name]), _RENAMED.get(name, name))


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
