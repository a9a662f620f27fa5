"""Intervals that adapt online: adaptive conformal inference, and running moments.

Gibbs & Candès (2021), "Adaptive conformal inference under distribution shift": the miscoverage that is asked of the
conformal quantile, α_t, rises by γ·α after a row that was covered and falls by γ·(1 − α) after one that was not, so
that the realised coverage tends to the nominal one whatever the data do.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

GAMMA = 0.005
"""Step of α_t: the paper's."""
MEMORY = 500
"""Scores that the quantiles are taken of: the newest."""
_SEEDS = 100


class Adaptive:
    """The conformal quantiles of one series, level by level.

    Scores are absolute one-step errors in any unit that stays the same. Before any has come, they are drawn from the
    widths that the saved model was given, as if these were their quantiles.

    Args:
        levels: Nominal coverage, per cent, ascending.
        widths: Calibrated half-widths of one step `(level,)`; NaN where none was measured.
    """

    def __init__(self, levels: Sequence[float], widths: Sequence[float]) -> None:
        self.alphas = [1 - level / 100 for level in levels]
        self.now = list(self.alphas)
        self.rows = 0
        self.covered = [0] * len(levels)
        self._newest: deque[float] = deque(_seeds(levels, widths), MEMORY)
        self._sorted = sorted(self._newest)

    def width(self, place: int) -> float:
        """The half-width of a level now; NaN where there are too few scores to say.

        An α_t of 0 or below asks for every number there is: the largest score is doubled for each α that it is below.
        """
        n, alpha = len(self._sorted), self.now[place]
        if n < 1 / self.alphas[place] - 1:
            return math.nan
        if alpha >= 1:
            return 0.0
        rank = math.ceil((n + 1) * (1 - alpha))
        if rank <= n:
            return self._sorted[max(rank, 1) - 1]
        beyond = max(0.0, -alpha) / self.alphas[place]
        return float(self._sorted[-1] * 2.0 ** min(beyond, 60.0))

    def learn(self, score: float, inside: Sequence[bool] | None) -> None:
        """Take in the score of a row, and whether the interval of each level that was given out covered it.

        Args:
            score: Its absolute one-step error.
            inside: By level; None where intervals were not given out, from which nothing is learnt of their coverage.
        """
        if inside is not None:
            self.rows += 1
            for place, fits in enumerate(inside):
                self.covered[place] += fits
                self.now[place] += GAMMA * (self.alphas[place] - (not fits))
        if len(self._newest) == MEMORY:
            del self._sorted[bisect_left(self._sorted, self._newest[0])]
        self._newest.append(score)
        insort(self._sorted, score)

    def coverage(self, place: int) -> float | None:
        """Per cent of all rows that a level has covered; None before any."""
        return 100 * self.covered[place] / self.rows if self.rows else None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON; `restore` reads it."""
        return {"now": self.now, "rows": self.rows, "covered": self.covered, "scores": list(self._newest)}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `to_dict` gave.

        Raises:
            ValueError, TypeError, KeyError: It gave something else.
        """
        now, covered = [float(a) for a in saved["now"]], [int(n) for n in saved["covered"]]
        scores = [float(s) for s in saved["scores"]]
        if not len(now) == len(covered) == len(self.alphas) or not all(s >= 0 and math.isfinite(s) for s in scores):
            raise ValueError("the intervals are of another model")
        self.now, self.covered, self.rows = now, covered, int(saved["rows"])
        self._newest = deque(scores, MEMORY)
        self._sorted = sorted(self._newest)


class Running:
    """Mean and standard deviation that forget: of all rows until there are `memory`, exponential from then on."""

    def __init__(self, memory: int) -> None:
        self.memory, self.rows, self.mean, self.variance = memory, 0, 0.0, 0.0

    def learn(self, value: float) -> None:
        """Take in a value."""
        self.rows += 1
        share = 1 / min(self.rows, self.memory)
        off = value - self.mean
        self.mean += share * off
        self.variance = (1 - share) * (self.variance + share * off * off)

    def to_list(self) -> list[float]:
        """Plain JSON; `restore` reads it."""
        return [self.rows, self.mean, self.variance]

    def restore(self, saved: Sequence[float]) -> None:
        """Go on from what `to_list` gave.

        Raises:
            ValueError, TypeError: It gave something else.
        """
        rows, self.mean, self.variance = saved
        self.rows = int(rows)


def _seeds(levels: Sequence[float], widths: Sequence[float]) -> list[float]:
    """Scores whose quantiles are the widths: straight lines between them, from 0 and beyond the highest."""
    known = [(level / 100, width) for level, width in zip(levels, widths, strict=True) if math.isfinite(width)]
    if not known:
        return []
    (below, low), (top, high) = (known[-2] if len(known) > 1 else (0.0, 0.0)), known[-1]
    # what lies beyond the highest level goes on with twice its slope: tails are not straight
    known = [(0.0, 0.0), *known, (1.0, high + 2 * (1 - top) * (high - low) / (top - below))]
    found = []
    for i in range(_SEEDS):
        share = (i + 0.5) / _SEEDS
        at = next(k for k in range(1, len(known)) if share <= known[k][0])
        (left, start), (right, end) = known[at - 1], known[at]
        found.append(start + (end - start) * (share - left) / (right - left))
    return found
