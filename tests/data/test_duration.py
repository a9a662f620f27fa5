"""A horizon in words is as many steps as stamps lie within it."""

from __future__ import annotations

import pandas as pd
import pytest

from tsforecast.data.duration import steps
from tsforecast.errors import UsageError

KNOWN = [
    ("2d", "h", None, 48),
    ("2d", "30min", None, 96),
    ("1w", "D", None, 7),
    ("1w", "B", None, 5),
    ("90min", "h", None, 1),
    ("1y", "MS", None, 12),
    ("1y", "QE", "2024-03-31", 4),
    ("1y", "W", None, 52),
    ("1mo", "D", "2024-01-31", 29),
    ("1mo", "D", "2024-03-01", 31),
    ("1y", "YS", None, 1),
    (17, "h", None, 17),
    (17, 1, None, 17),
]


@pytest.mark.parametrize(("horizon", "freq", "last", "expected"), KNOWN)
def test_known_answers(horizon, freq, last, expected):
    assert steps(horizon, freq, None if last is None else pd.Timestamp(last)) == expected


@pytest.mark.parametrize(
    ("horizon", "freq"), [("5min", "h"), ("2d", "MS"), ("1w", 1), ("9999y", "h"), ("9000000w", "D")]
)
def test_what_has_no_answer_is_refused(horizon, freq):
    with pytest.raises(UsageError, match="--horizon"):
        steps(horizon, freq)
