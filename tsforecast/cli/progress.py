"""How far a run is: the model at work, the share done, the time left, the candidates still to come."""

from __future__ import annotations

from dataclasses import dataclass, field

from tsforecast.models.doing import Doing

EVERY = 60.0
"""Seconds between two lines elsewhere than on a terminal."""
_BAR = 16
_TOLD = 0.02
# Names to come that are said; of more, how many.
_MOST = 3


@dataclass
class Progress:
    """What was told last, and since when.

    Attributes:
        began: When the run began.
        said: When a line was last given out elsewhere than on a terminal.
    """

    began: float
    said: float = field(init=False)
    _words: str = ""
    _model: str = ""
    _since: float = 0.0
    _share: float | None = None
    _to_come: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.said = self._since = self.began

    def told(self, words: str, now: float) -> None:
        """Take in what is being done."""
        doing = words if isinstance(words, Doing) else Doing(words)
        self._words = str(doing)
        if doing.model:
            self._model, self._since, self._share, self._to_come = doing.model, now, None, doing.to_come
        elif doing.share is not None:
            self._share = doing.share
        else:
            self._model, self._share, self._to_come = "", None, ()

    def line(self, now: float, width: int) -> str:
        """One line for a terminal of this width: the bar first, then as many words as there is room for."""
        parts = [_bar(self._share)] if self._share is not None else []
        parts.append(self._what())
        if self._share is not None:
            parts.append(f"{self._share:.0%}")
        parts += self._left(now)
        return "  ".join([*parts, *self._then()])[: width - 1]

    def minute(self, now: float) -> str | None:
        """One line a minute; None before the next is due."""
        if now - self.said < EVERY or not self._words:
            return None
        self.said = now
        share = [f"{self._share:.0%} done"] if self._share is not None else []
        parts = [self._what(), *share, *self._left(now), f"{_clock(now - self.began)} so far", *self._then()]
        return "... " + ", ".join(parts)

    def _what(self) -> str:
        return f"{self._model}: {self._words}" if self._model and self._model not in self._words else self._words

    def _left(self, now: float) -> list[str]:
        if self._share is None or not _TOLD <= self._share < 1:
            return []
        return [f"about {_clock((now - self._since) * (1 - self._share) / self._share)} left"]

    def _then(self) -> list[str]:
        if not self._to_come:
            return []
        more = len(self._to_come) - _MOST
        return ["to come: " + ", ".join(self._to_come[:_MOST]) + (f" and {more} more" if more > 0 else "")]


def _bar(share: float) -> str:
    done = round(_BAR * min(1.0, max(0.0, share)))
    return "━" * done + "╌" * (_BAR - done)


def _clock(seconds: float) -> str:
    """ "0:07", "12:00", "1:02:03"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
