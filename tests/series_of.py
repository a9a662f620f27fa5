"""From arrays to what models see: series, tasks and panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsforecast.data.panel import Panel
from tsforecast.data.series import Series
from tsforecast.models.task import Task

FloatArray = npt.NDArray[np.float64]


def quiet(line: str) -> None:
    """Nobody to be told."""


def column(*values: float) -> FloatArray:
    """`(time, 1)`."""
    return np.array(values, dtype="float64")[:, None]


def series(values: Any, season_length: int = 1, name: str = "y", start: int = 0) -> Series:
    """One target `(time,)`, or several `(time, channel)`."""
    rows = np.asarray(values, dtype="float64")
    rows = rows.reshape(len(rows), -1)
    channels = tuple(name if i == 0 else f"{name}{i}" for i in range(rows.shape[1]))
    seasons = (season_length,) if season_length > 1 else ()
    return Series("", channels, rows, start, np.arange(start, start + len(rows)), seasons)


def several(values: Sequence[Any], season_length: int = 1) -> list[Series]:
    """One series of each, named `y0`, `y1`, ..."""
    return [series(rows, season_length, f"y{i}") for i, rows in enumerate(values)]


def task(
    values: Sequence[Any],
    horizon: int = 12,
    n_validation: int | Sequence[int] = 60,
    season_length: int = 1,
    asked: str | None = None,
    contested: bool = False,
) -> Task:
    """What a fit on these series sees, the last rows of each to validate on."""
    kept = [n_validation] * len(values) if isinstance(n_validation, int) else n_validation
    return Task(several(values, season_length), horizon, kept, asked, contested=contested)


def sine(n: int, seed: int = 0, period: int = 12, level: float = 0.0, noise: float = 0.1) -> FloatArray:
    """A noisy season `(time, 1)`."""
    rest = noise * np.random.default_rng(seed).standard_normal(n)
    return (level + np.sin(2 * np.pi * np.arange(n) / period) + rest)[:, None]


def panel_of(freq: str = "h", **channels: FloatArray) -> Panel:
    """One series; a channel that is shorter than the others ends early."""
    length = max(len(v) for v in channels.values())
    frame = pd.DataFrame({"unique_id": "", "ds": pd.date_range("2024-01-01", periods=length, freq=freq, unit="us")})
    for name, values in channels.items():
        frame[name] = np.concatenate([values, np.full(length - len(values), np.nan)])
    return Panel.checked(frame, freq)
