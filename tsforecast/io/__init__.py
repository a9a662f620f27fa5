"""Reading any table of series, and writing one; the only room that knows files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tsforecast.io.reading import read
    from tsforecast.io.writing import external, publish, write

__all__ = ["external", "publish", "read", "write"]


def __getattr__(name: str) -> Any:
    # Imported on first use: reading and writing each cost start-up time that the other need not pay.
    if name == "read":
        from tsforecast.io.reading import read

        return read
    if name in ("external", "publish", "write"):
        from tsforecast.io import writing

        return getattr(writing, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
