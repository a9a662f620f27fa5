"""A package of somebody else, as far as Python can tell: installed by being on the path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

GROUP = "tsforecast.models"


def install(folder: Path, entries: Mapping[str, str], package: str = "foreign") -> Path:
    """Write the metadata of a package that registers models.

    Args:
        folder: To be put on Python's path.
        entries: From names to `module:Class`.
        package: Its name.
    """
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
    lines = [f"[{GROUP}]", *(f"{name} = {value}" for name, value in entries.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
