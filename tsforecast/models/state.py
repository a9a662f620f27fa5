"""`State`: a fitted model as plain data, which a saved model stores without knowing what it is of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class State:
    """Everything a fitted model needs to be itself again; what a bundle stores.

    Attributes:
        settings: Plain JSON values.
        arrays: By name (`[a-z][a-z0-9_]*`): float64, float32 or int64, finite unless the model allows otherwise.
        blobs: By file name ("model.onnx"): bytes in a format that the model itself checks on the way in.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)

    def checked(
        self, settings: Collection[str] = (), arrays: Collection[str] = (), blobs: Collection[str] = ()
    ) -> State:
        """This state, where it holds just what is named.

        Raises:
            ValueError: Where it holds less or more.
        """
        for what, found, wanted in (
            ("settings", self.settings, settings),
            ("arrays", self.arrays, arrays),
            ("files", self.blobs, blobs),
        ):
            if set(found) != set(wanted):
                odd = min(set(found) ^ set(wanted))
                raise ValueError(f"its {what} {'lack' if odd in wanted else 'hold an unknown'} {odd[:80]!r}")
        return self

    @staticmethod
    def whole(value: Any, low: int = 1, high: int = 10**6) -> int:
        """A whole number within bounds.

        Raises:
            ValueError: It is anything else.
        """
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high} is needed, received {str(value)[:80]!r}")
        return value

    @staticmethod
    def number(value: Any, low: float = 0.0, high: float = 1e12) -> float:
        """A float within bounds.

        Raises:
            ValueError: It is anything else.
        """
        if type(value) is not float or not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g} is needed, received {str(value)[:80]!r}")
        return value

    @staticmethod
    def text(value: Any, longest: int = 1000) -> str:
        """A text that is not too long.

        Raises:
            ValueError: It is anything else.
        """
        if not isinstance(value, str) or len(value) > longest:
            raise ValueError(f"a text is needed, received {str(value)[:80]!r}")
        return value

    def array(self, name: str, *shape: int | None, dtype: str = "float64") -> npt.NDArray[Any]:
        """The array of this name.

        Args:
            name: In `arrays`.
            shape: Its lengths; None where any will do.
            dtype: Of its numbers.

        Raises:
            ValueError: It is of another shape or type, or holds numbers that are not finite.
        """
        found = self.arrays[name]
        fits = found.ndim == len(shape) and all(n is None or n == m for n, m in zip(shape, found.shape, strict=True))
        if found.dtype != dtype or not fits:
            raise ValueError(f"array {name!r} must be {dtype} {shape}, received {found.dtype} {found.shape}")
        if found.dtype.kind == "f" and not np.isfinite(found).all():
            raise ValueError(f"array {name!r} holds numbers that are not finite")
        return found
