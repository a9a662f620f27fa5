"""From a table as read to a regular, repaired, complete panel, and the transforms a model is trained under."""

from __future__ import annotations

from tsforecast.preparation.preparing import Prepared, prepare, with_filling
from tsforecast.preparation.report import PrepareReport

__all__ = ["PrepareReport", "Prepared", "prepare", "with_filling"]
