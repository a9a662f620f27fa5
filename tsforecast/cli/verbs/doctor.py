"""`tsforecast doctor`: versions, threads, devices, and what is missing."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tsforecast import __version__
from tsforecast.cli.console import Console, show
from tsforecast.cli.options import with_settings
from tsforecast.cli.settings import Settings
from tsforecast.errors import DISTRIBUTION

BASE = ("numpy", "pandas", "scipy", "scikit-learn", "pyarrow", "matplotlib", "onnxruntime", "typer", "rich")
EXTRAS = {
    "train": ("tensorflow|tensorflow-cpu", "keras", "tf2onnx", "onnx"),
    "prepare": ("statsmodels", "PyWavelets"),
    "excel": ("openpyxl",),
    "zstd": ("zstandard",),
}


@with_settings()
def doctor(*, settings: Settings, console: Console) -> None:  # noqa: ARG001
    """Show versions, threads and devices, and what is missing for what."""
    facts = _facts()
    console.record(**facts)
    if console.as_json:
        return
    lines = [
        f"tsforecast  {facts['tsforecast']}",
        f"python      {facts['python']} on {facts['platform']}",
        f"processors  {facts['processors']}",
        "base        " + ", ".join(f"{name} {found or 'MISSING'}" for name, found in facts["base"].items()),
    ]
    for extra, state in facts["extras"].items():
        told = ", ".join(f"{name} {found}" for name, found in state["packages"].items() if found)
        absent = [name for name, found in state["packages"].items() if not found]
        remedy = f"missing {', '.join(absent)}: pip install '{DISTRIBUTION}[{extra}]'" if absent else ""
        lines.append(f"{extra:<12}" + "; ".join(part for part in (told, remedy) if part))
    lines.append("devices     " + (", ".join(facts["devices"]) or "none that TensorFlow sees"))
    show(lines)


def _facts() -> dict[str, Any]:
    from tsforecast.batch.crew import processors

    extras = {
        extra: {"packages": {name.split("|")[0]: _version(name) for name in names}} for extra, names in EXTRAS.items()
    }
    return {
        "tsforecast": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": processors(),
        "base": {name: _version(name) for name in BASE},
        "extras": extras,
        "devices": _devices() if all(extras["train"]["packages"].values()) else [],
    }


def _version(names: str) -> str | None:
    for name in names.split("|"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return None


def _devices() -> list[str]:
    from tsforecast.models.networks.backend import devices

    return devices()
