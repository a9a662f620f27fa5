"""The columns that a format hands over, before anybody knows what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tsforecast.data.ledger import Ledger
from tsforecast.data.panel import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]


@dataclass
class Column:
    """One column as a format handed it over: exactly one of `texts`, `numbers` and `stamps` is set.

    Attributes:
        name: The user's name.
        texts: Cells as text, stripped `(row,)`.
        numbers: Cells as float64, NaN missing `(row,)`.
        stamps: Cells as datetime64[us] `(row,)`, NaT missing: UTC where `zone` is set, else wall time.
        zone: Zone of `stamps`, None where they have none.
    """

    name: str
    texts: list[str] | None = None
    numbers: FloatArray | None = None
    stamps: npt.NDArray[np.datetime64] | None = None
    zone: str | None = None

    def keep(self, rows: BoolArray) -> Column:
        """The same column with only the rows where `rows` is true."""
        texts = None if self.texts is None else [t for t, k in zip(self.texts, rows.tolist(), strict=True) if k]
        numbers = None if self.numbers is None else self.numbers[rows]
        stamps = None if self.stamps is None else self.stamps[rows]
        return Column(self.name, texts, numbers, stamps, self.zone)


@dataclass
class Sheet:
    """A table of columns of equal length, with the source line of each row and what was noticed on the way."""

    columns: list[Column]
    lines: IntArray
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)

    def __len__(self) -> int:
        return len(self.lines)
