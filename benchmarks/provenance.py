"""What every benchmark prints above its table: the command, the date, the versions."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version

from tsforecast import __version__

PACKAGES = ("keras", "numpy", "onnxruntime")


def print_provenance() -> None:
    """Print the command line, the date and the versions that the figures below depend on."""
    date = datetime.now(UTC).strftime("%Y-%m-%d")
    versions = ", ".join([f"tsforecast {__version__}", *(f"{name} {version(name)}" for name in PACKAGES)])
    print(f"command: python {' '.join(sys.argv)}")
    print(f"date: {date}; Python {platform.python_version()}, {versions}; {os.cpu_count()} cores")
