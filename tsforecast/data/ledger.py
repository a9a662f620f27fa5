"""The ledger: every change made to what the user gave, one entry a change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = ("line", "unique_id", "column", "ds", "old", "new", "rule")


@dataclass
class Ledger:
    """An append-only list of changes, kept in columns so that a million entries cost little.

    An entry says: in source line `line` (1-based, -1 where the row did not exist in the source), series
    `unique_id`, the cell `column` at stamp `ds` was `old` and became `new`, by `rule`. `column` is empty
    where the whole row was concerned. `old` and `new` are kept as given (numbers, text or None).
    """

    _parts: list[pd.DataFrame] = field(default_factory=list)

    def record(
        self,
        rule: str,
        *,
        line: Any = -1,
        unique_id: Any = "",
        column: Any = "",
        ds: Any = None,
        old: Any = None,
        new: Any = None,
    ) -> None:
        """Append entries; arguments are scalars or arrays of one common length `(entry,)`."""
        given = {"line": line, "unique_id": unique_id, "column": column, "ds": ds, "old": old, "new": new}
        lengths = {len(v) for v in given.values() if isinstance(v, (list, np.ndarray, pd.Series, pd.Index))}
        if len(lengths) > 1:
            raise ValueError(f"ledger columns must have one length, received {sorted(lengths)}")
        n = lengths.pop() if lengths else 1
        if n == 0:
            return
        columns = {}
        for name, value in given.items():
            if isinstance(value, (pd.Series, pd.Index)):
                value = value.to_numpy()
            if isinstance(value, (list, np.ndarray)):
                columns[name] = pd.Series(value).astype("int64" if name == "line" else object).to_numpy()
            else:
                filled = np.empty(n, dtype="int64" if name == "line" else object)
                filled[:] = value
                columns[name] = filled
        columns["rule"] = np.full(n, rule, dtype=object)
        self._parts.append(pd.DataFrame(columns, columns=list(COLUMNS)))

    def extend(self, others: Iterable[Ledger]) -> None:
        """Append all entries of other ledgers, in order."""
        for other in others:
            self._parts.extend(other._parts)

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    @property
    def frame(self) -> pd.DataFrame:
        """All entries `(entry, 7)` in the order they were made, with the columns of `COLUMNS`."""
        if not self._parts:
            return pd.DataFrame({name: pd.Series(dtype="int64" if name == "line" else object) for name in COLUMNS})
        if len(self._parts) > 1:
            self._parts = [pd.concat(self._parts, ignore_index=True)]
        return self._parts[0]

    def counts(self) -> dict[str, int]:
        """Number of entries by rule, largest first."""
        totals: dict[str, int] = {}
        for part in self._parts:
            rule = str(part["rule"].iloc[0])
            if part["rule"].nunique() == 1:
                totals[rule] = totals.get(rule, 0) + len(part)
            else:
                for name, count in part["rule"].value_counts().items():
                    totals[str(name)] = totals.get(str(name), 0) + int(count)
        return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0])))
