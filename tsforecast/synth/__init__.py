"""Synthetic series with known dynamics. `systems` lists them without importing numpy; `generate` makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsforecast.synth.catalogue import System, systems

if TYPE_CHECKING:
    from tsforecast.synth.trajectory import generate

__all__ = ["System", "generate", "systems"]


def __getattr__(name: str) -> Any:
    if name == "generate":
        from tsforecast.synth.trajectory import generate

        return generate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
