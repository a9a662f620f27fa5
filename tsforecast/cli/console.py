"""What a person sees: progress, warnings and the report on stderr; text for reading on stdout. Never results."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tsforecast.cli.progress import Progress
from tsforecast.cli.streams import tell
from tsforecast.data.printable import cut, printable

_STYLES = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "green": "32", "cyan": "36"}
_STYLE = re.compile("(\x1b\\[[0-9;]*m)")
MAX_WARNING = 500


@dataclass
class Console:
    """Writes to stderr. Colour and the progress line appear only on a terminal; NO_COLOR and TERM=dumb are honoured.

    Attributes:
        quiet: Nothing is said but warnings.
        as_json: The report is `facts`, given out at the end, and no text.
        facts: What a run found, by key (docs/report.md).
        warnings: What was warned of.
        page: Where the report is to be written as an HTML page, by a verb that has one.
        one_line: Whether the report that goes to stdout is one line, after other lines of JSON.
        clock: Seconds, as `time.monotonic` has them.
    """

    quiet: bool = False
    as_json: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    page: str | None = None
    one_line: bool = False
    clock: Callable[[], float] = time.monotonic
    started: float = field(init=False)
    _line: bool = False
    _progress: Progress | None = None

    def __post_init__(self) -> None:
        self.started = self.clock()

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
        return self.clock() - self.started

    def style(self, text: str, *names: str) -> str:
        if not self.color:
            return text
        return f"\x1b[{';'.join(_STYLES[n] for n in names)}m{text}\x1b[0m"

    def say(self, text: str = "") -> None:
        """One line of the report; silent with --quiet, and where the report is JSON."""
        if not self.quiet and not self.as_json:
            self._clear()
            tell(_safe(text, self.color))

    def record(self, **facts: Any) -> None:
        """Keep facts for the report as JSON."""
        self.facts |= facts

    def warn(self, text: str) -> None:
        """A warning is said even with --quiet, as an object where the report is one."""
        self._clear()
        self.warnings.append(text)
        if self.as_json:
            tell(json.dumps({"warning": cut(printable(text), MAX_WARNING)}, ensure_ascii=False))
            return
        tell(f"{self.style('warning:', 'yellow')} {cut(printable(text), MAX_WARNING)}")

    def progress(self, text: str) -> None:
        """Replace the progress line; elsewhere than on a terminal, say one a minute."""
        if self.quiet:
            return
        now = self.clock()
        self._progress = self._progress or Progress(self.started)
        self._progress.told(text, now)
        if self.terminal:
            tell(f"\r\x1b[2K{printable(self._progress.line(now, self.width))}", end="")
            self._line = True
        elif (line := self._progress.minute(now)) is not None:
            self.say(line)

    def _clear(self) -> None:
        if self._line:
            tell("\r\x1b[2K", end="")
            self._line = False

    def close(self) -> None:
        """Take the progress line away."""
        self._clear()


def show(lines: Iterable[str]) -> None:
    """Lines for a person to read on stdout."""
    styled = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    sys.stdout.write("".join(_safe(line, styled) + "\n" for line in lines))


def _safe(line: str, styled: bool) -> str:
    """The line with what could steer a terminal escaped; colours stay where we may have put them."""
    if not styled:
        return printable(line)
    return "".join(part if i % 2 else printable(part) for i, part in enumerate(_STYLE.split(line)))
