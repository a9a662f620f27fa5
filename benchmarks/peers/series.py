"""The series of the comparison: 10 + 3 sin(day) + 1.5 sin(week) + 0.3 noise, 2,000 hours, 48 held out."""

from __future__ import annotations

import csv
import math
import random
from datetime import datetime, timedelta
from pathlib import Path

ROWS = 2000
HORIZON = 48
START = datetime(2024, 1, 1)  # noqa: DTZ001  - naive on purpose, as in most files


def values(seed: int) -> list[float]:
    """The series; made with the standard library, so that every environment sees the same numbers."""
    noise = random.Random(seed)
    day, week = 2 * math.pi / 24, 2 * math.pi / 168
    return [10 + 3 * math.sin(day * t) + 1.5 * math.sin(week * t) + 0.3 * noise.gauss(0, 1) for t in range(ROWS)]


def write(folder: Path, seed: int) -> tuple[Path, list[float]]:
    """Write the history as `history.csv` (columns ds, y) and return its path and the held-out values."""
    series = values(seed)
    path = folder / "history.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["ds", "y"])
        for t, value in enumerate(series[:-HORIZON]):
            rows.writerow([(START + timedelta(hours=t)).isoformat(sep=" "), f"{value:.6f}"])
    return path, series[-HORIZON:]
