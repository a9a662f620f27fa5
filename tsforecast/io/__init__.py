"""Reading any table of series, and writing one; the only room that knows files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tsforecast.io.reading import from_frame, read
    from tsforecast.io.writing import external, publish, records, write

__all__ = ["external", "from_frame", "publish", "read", "records", "write"]


def __getattr__(name: str) -> Any:
    # Imported on first use: reading and writing each cost start-up time that the other need not pay.
    if name in ("read", "from_frame"):
        from tsforecast.io import reading

        return getattr(reading, name)
    if name in ("external", "publish", "records", "write"):
        from tsforecast.io import writing

        return getattr(writing, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
