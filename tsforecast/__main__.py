"""`python -m tsforecast` and the console script; everything is imported inside `main`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    from tsforecast.cli.app import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
