"""The forecasts that cost nothing, fitted: what every other is measured against."""

from __future__ import annotations

from tsforecast.models.contract import Model
from tsforecast.models.registry import free_ones, settings_of
from tsforecast.models.task import Task


def references(task: Task) -> dict[str, Model]:
    """By name, those that suit a task."""
    found: dict[str, Model] = {}
    for name, kind in free_ones().items():
        if kind.unsuitable(task, settings_of(kind, {})) is None:
            found[name] = kind.fit(task, settings_of(kind, {}), seed=0, tell=lambda _: None)
    return found
