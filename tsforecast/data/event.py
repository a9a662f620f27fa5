"""`Event`: something of one's own that goes on for a while, known ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Event:
    """Something of one's own that goes on from one stamp to another, both included.

    Attributes:
        name: Several of one name are alike.
        start, end: Wall times.
    """

    name: str
    start: np.datetime64
    end: np.datetime64
