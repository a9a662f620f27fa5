"""Load: from a file to a regular, complete panel with its ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsforecast.config import PrepareConfig, ReadConfig

if TYPE_CHECKING:
    from tsforecast.preparation import Prepared


def load(
    source: str, read: ReadConfig, preparing: PrepareConfig, *, beside: bool = False
) -> tuple[Prepared, dict[str, Any]]:
    """Read a file (or "-", stdin) and make it a regular, complete panel; every change is in the ledger.

    With `beside`, the columns that are no target are read, too, where the targets are named.

    Returns:
        The panel with its ledger, and what reading detected (`Table.facts`).
    """
    from tsforecast import io
    from tsforecast.preparation import prepare

    table = io.read(source, read, beside=beside)
    return prepare(table, preparing), table.facts
