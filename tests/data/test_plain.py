"""What JSON is given is what was there, and nothing that it has no word for."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest

from tsforecast.data.plain import plain


@dataclass(frozen=True)
class Inner:
    share: float


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner | None
    curve: np.ndarray


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.5, 1.5),
        (float("nan"), None),
        (np.float64("-inf"), None),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (None, None),
        ("x", "x"),
        ((1, np.nan), [1, None]),
        ({"a": np.array([1.0, np.inf])}, {"a": [1.0, None]}),
        (np.empty((0, 2)), []),
        (
            Outer("x", Inner(np.nan), np.array([[1, 2]])),
            {"name": "x", "inner": {"share": None}, "curve": [[1, 2]]},
        ),
    ],
)
def test_values(value, expected):
    found = plain(value)
    assert json.loads(json.dumps(found, allow_nan=False)) == expected
    assert type(found) is type(expected)
