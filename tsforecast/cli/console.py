"""What a person sees on stderr: progress, warnings, the report. Results never pass through here."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field

_STYLES = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "green": "32", "cyan": "36"}


@dataclass
class Console:
    """Writes to stderr. Colour and the progress line appear only on a terminal; NO_COLOR and TERM=dumb are honoured."""

    quiet: bool = False
    started: float = field(default_factory=time.monotonic)
    _line: bool = False

    @property
    def terminal(self) -> bool:
        return sys.stderr.isatty() and os.environ.get("TERM", "") != "dumb"

    @property
    def color(self) -> bool:
        return self.terminal and not os.environ.get("NO_COLOR")

    @property
    def width(self) -> int:
        """Columns of the terminal that stderr is, COLUMNS first; 80 where there is none."""
        given = os.environ.get("COLUMNS", "")
        if given.isdigit() and int(given):
            return int(given)
        try:
            return os.get_terminal_size(sys.stderr.fileno()).columns or 80
        except (OSError, ValueError):
            return 80

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def style(self, text: str, *names: str) -> str:
        if not self.color:
            return text
        return f"\x1b[{';'.join(_STYLES[n] for n in names)}m{text}\x1b[0m"

    def say(self, text: str = "") -> None:
        """One line of the report; silent with --quiet."""
        if not self.quiet:
            self._clear()
            print(text, file=sys.stderr)

    def warn(self, text: str) -> None:
        """A warning is said even with --quiet."""
        self._clear()
        print(f"{self.style('warning:', 'yellow')} {text}", file=sys.stderr)

    def progress(self, text: str) -> None:
        """Replace the progress line; nothing where stderr is not a terminal."""
        if self.terminal and not self.quiet:
            print(f"\r\x1b[2K{text[: self.width - 1]}", end="", file=sys.stderr, flush=True)
            self._line = True

    def _clear(self) -> None:
        if self._line:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
            self._line = False

    def close(self) -> None:
        """Take the progress line away."""
        self._clear()


def discard_stdout() -> None:
    """What is still to be written to stdout goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
