"""Tasks with columns beside their series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from series_of import FloatArray

from tsforecast.data.beside import Beside
from tsforecast.models.task import Task


def beside(given: Task, **columns: FloatArray) -> Task:
    """The task with these columns known ahead."""
    values = np.column_stack(list(columns.values()))
    known = Beside(tuple(columns), tuple(columns), (True,) * len(columns), values)
    return replace(given, series=[replace(s, beside=known) for s in given.series])
