"""Load: from a file to a regular, complete panel with its ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsforecast.config import PrepareConfig, ReadConfig

if TYPE_CHECKING:
    from tsforecast.prepare import Prepared


def load(source: str, read: ReadConfig, preparing: PrepareConfig) -> Prepared:
    """Read a file (or "-", stdin) and make it a regular, complete panel; every change is in the ledger."""
    from tsforecast import io
    from tsforecast.prepare import prepare

    return prepare(io.read(source, read), preparing)
