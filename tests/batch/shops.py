"""Small files of many series, good and bad, for the tests of `batch`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 60


def sold(seed: int, rows: int = ROWS, freq: str = "D") -> pd.DataFrame:
    """A week and noise: `day`, `sold`."""
    rng = np.random.default_rng(seed)
    values = 20 + seed + 5 * np.sin(2 * np.pi * np.arange(rows) / 7) + rng.normal(size=rows)
    return pd.DataFrame({"day": pd.date_range("2024-01-01", periods=rows, freq=freq), "sold": values.round(2)})


def a_folder(path: Path, n: int = 5) -> Path:
    """One file a series: `shop0.csv`, `shop1.csv`, ..."""
    path.mkdir(parents=True, exist_ok=True)
    for i in range(n):
        sold(i).to_csv(path / f"shop{i}.csv", index=False)
    return path


def long_frame(n: int = 5) -> pd.DataFrame:
    """`shop`, `day`, `sold`, one series after the other."""
    return pd.concat([sold(i).assign(shop=f"s{i:02d}") for i in range(n)], ignore_index=True)[["shop", "day", "sold"]]
