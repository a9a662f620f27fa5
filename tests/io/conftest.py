"""What the tests of reading share: the account of rows and columns that every table has to keep."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tsforecast.data.panel import Table
from tsforecast.io.text.dialect import Dialect, rows_of


def _keep_account(table: Table, data: bytes) -> None:
    """Rows in = rows used + header + rows in the ledger; columns in = columns used + columns named in the facts."""
    facts = table.facts
    assert facts["format"] in ("csv", "tsv")
    delimiter = {"tab": "\t", "blanks": " "}.get(facts["delimiter"], facts["delimiter"])
    records = rows_of(data.decode(facts["encoding"]), Dialect(delimiter, facts["quote"]))
    given = {line for line, row in records if any(map(str.strip, row))}
    lost = given - set(table.lines.tolist()) - set(facts["header_lines"]) - set(table.ledger.frame["line"].tolist())
    assert not lost, f"lines {sorted(lost)[:5]} are unaccounted for"
    time = facts["time_column"]
    named = set(facts["ignored"]) | {name.rstrip("_") for name in table.channels} | set(table.channels)
    named |= {time} if isinstance(time, str) else set(time or ())
    named |= {table.schema.id, *(table.schema.id or "").split("+")}
    named |= {name for part in facts.get("turned", {}).values() for name in part}
    unnamed = set(facts["columns"]) - named
    assert not unnamed, f"columns {sorted(unnamed)[:5]} are unaccounted for"


@pytest.fixture(scope="session")
def keep_account() -> Callable[[Table, bytes], None]:
    """Checks that nothing of a text vanished on the way to its table."""
    return _keep_account
