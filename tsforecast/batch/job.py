"""`Job`: all that decides what a batch forecasts, as plain JSON that a worker, a key and a manifest can hold."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tsforecast.config import BatchConfig, FitConfig, ForecastConfig, ModelConfig, PrepareConfig, ReadConfig
from tsforecast.declared import Checked
from tsforecast.errors import NotReadableError, TsforecastError

#: Changes with what is written into the pieces, so that those of another program are never taken for one's own.
FORMAT = 1
GROUPS: dict[str, type[Checked]] = {
    "read": ReadConfig,
    "prepare": PrepareConfig,
    "model": ModelConfig,
    "fit": FitConfig,
    "forecast": ForecastConfig,
    "batch": BatchConfig,
}
_PACKAGES = ("numpy", "pandas", "scipy", "scikit-learn", "pyarrow", "onnxruntime", "keras", "tensorflow")
#: What decides how a batch is run, and not what comes out of it.
_OF_THE_RUN = ("workers", "log_format", "output_dir", "input", "saved")


@dataclass(frozen=True)
class Job:
    """The settings of a batch.

    Attributes:
        batch: Its own; `saved` and `input` are known by their hashes.
    """

    read: ReadConfig = field(default_factory=ReadConfig)
    prepare: PrepareConfig = field(default_factory=PrepareConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    fit: FitConfig = field(default_factory=FitConfig)
    forecast: ForecastConfig = field(default_factory=ForecastConfig)
    batch: BatchConfig = field(default_factory=BatchConfig)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON; `from_dict` reads it."""
        found = {name: {k: _plain(v) for k, v in vars(getattr(self, name)).items()} for name in GROUPS}
        for name in _OF_THE_RUN:
            del found["batch"][name]
        return found

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Job:
        """The job that `to_dict` described, which may come from a file that anybody wrote.

        Raises:
            NotReadableError: It is none.
        """
        try:
            parts: dict[str, Any] = {}
            for name, group in GROUPS.items():
                known = {f.name for f in fields(group)}  # type: ignore[arg-type]
                if not set(given[name]) <= known:
                    raise ValueError(f"unknown setting {min(set(given[name]) - known)}")
                parts[name] = group(**given[name])
            return cls(**parts)
        except (KeyError, TypeError, ValueError, TsforecastError) as error:
            raise NotReadableError(
                f"these are no settings of a batch: {error}", "give a manifest.json as it is"
            ) from None


def _plain(value: Any) -> Any:
    """As JSON has words for; both edges of bounds become a text, since they may be infinite."""
    if isinstance(value, tuple):
        edges = len(value) == 2 and any(isinstance(v, float) and v in (float("inf"), float("-inf")) for v in value)
        return f"{value[0]},{value[1]}" if edges else list(value)
    return value


def digest(*parts: Any) -> str:
    """SHA-256 of plain JSON values, in hexadecimal digits."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def versions() -> dict[str, str]:
    """Versions of this program and of what computes its numbers."""
    from tsforecast import __version__

    found = {"tsforecast": __version__, "format": str(FORMAT), "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
