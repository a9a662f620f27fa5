"""How the tests start tsforecast: as a process, in a plain environment."""

from __future__ import annotations

import os
import sys

COMMAND = [sys.executable, "-m", "tsforecast"]


def environment(**changes: str) -> dict[str, str]:
    """The environment of a plain pipe: no terminal, no settings of the person who runs the tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TSFORECAST_") and k not in ("COLUMNS", "NO_COLOR")}
    return {**kept, **changes}
