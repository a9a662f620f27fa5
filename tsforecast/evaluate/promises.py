"""Whether forecasts hold what they promised: this one, and with it those scored before."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tsforecast.data.forecasts import level_name
from tsforecast.evaluate.intervals import falls_short
from tsforecast.evaluate.metrics import skill
from tsforecast.evaluate.scoring import Score, loses_to_naive

MOST_RUNS = 30
"""Forecasts scored before that count, the newest."""


@dataclass(frozen=True)
class Promise:
    """Whether what was promised was held.

    Attributes:
        runs: Forecasts looked at, this one included.
        independent: Those of them that do not overlap, over all series; a part of a horizon counts as that part.
        coverage: By level, per cent of all their rows; NaN where there were no intervals.
        skill: Of all of them together against their naive forecasts.
        error_ratio: Error of this one, relative to its naive forecast's, over the median of those before; NaN where
            there are none. Above 1 it has grown.
        broken: What no longer holds, in words.
    """

    runs: int
    independent: float
    coverage: Mapping[float, float]
    skill: float
    error_ratio: float
    broken: tuple[str, ...]


@dataclass(frozen=True)
class PastScore:
    """A forecast that was scored, as the history file has it.

    Attributes:
        first, last: Its stamps, as text that sorts as they do.
        forecasts: How many independent ones it counts as.
        rows: That came.
        mae, naive: Its error and that of its naive forecast; NaN where there was none.
        judged, lost: Its series that a naive forecast was made of, and those that lost to it.
        coverage: By level.
    """

    first: str
    last: str
    forecasts: float
    rows: int
    mae: float
    naive: float
    judged: int
    lost: int
    coverage: Mapping[float, float]


def history_row(source: str, scored: Score, first: str, last: str, through: str) -> dict[str, Any]:
    """The row of a score in the history file.

    Args:
        source: What was scored.
        scored: Its score.
        first, last, through: Stamps of the forecast's first and last row, and of the last that came, as text.
    """
    best = scored.reference
    row: dict[str, Any] = {
        "forecast": source,
        "first": first,
        "last": last,
        "through": through,
        "rows": scored.rows,
        "matched": scored.matched,
        "forecasts": scored.forecasts,
        "mae": scored.mae,
        "rmse": scored.rmse,
        "bias": scored.bias,
        "naive_mae": scored.references[best] if best else math.nan,
        "skill": scored.skill,
        "judged": scored.judged,
        "lost": scored.lost,
    }
    return row | {f"coverage_{level_name(level)}": covered.share for level, covered in scored.coverage.items()}


def runs_of(rows: Sequence[Mapping[str, str]]) -> list[PastScore]:
    """The runs of a history file, each forecast as it was scored last, in the order of their stamps.

    Raises:
        ValueError: A cell is no number.
    """

    def number(text: str) -> float:
        return float(text) if text else math.nan

    latest: dict[tuple[str, str], PastScore] = {}
    for row in rows:
        levels = {float(n.removeprefix("coverage_")): number(v) for n, v in row.items() if n.startswith("coverage_")}
        made = PastScore(
            row["first"],
            row["last"],
            number(row["forecasts"]),
            int(row["matched"]),
            number(row["mae"]),
            number(row["naive_mae"]),
            int(row["judged"]),
            int(row["lost"]),
            levels,
        )
        latest[made.first, made.last] = made
    return sorted(latest.values(), key=lambda run: _order(run.first))[-MOST_RUNS:]


def promise(scored: Score, runs: Sequence[PastScore] = (), first: str = "") -> Promise:
    """Whether this forecast, and with it those scored before, hold what they promised.

    A level is broken where all runs together cover less than chance allows of as many as do not overlap; the point
    forecast where it lost to the naive one more often than chance allows, as long as it did worse on the whole. A bad
    night among good ones is chance (benchmarks/score_alarms.py).

    Args:
        scored: The newest.
        runs: Of the history file, it included; empty for it alone.
        first: Stamp of its first row, as the history file has it.
    """
    apart = _apart(runs)
    independent = sum(run.forecasts for run in apart) if runs else scored.forecasts
    coverage = {}
    broken = []
    over = f" over {len(runs)} forecasts" if len(runs) > 1 else ""
    for level, covered in scored.coverage.items():
        coverage[level] = got = _pooled(runs, level) if runs else covered.share
        if falls_short(got, level, independent):
            broken.append(f"{level:g} % covered {got:.1f} %{over}, less than chance allows")
    lost, judged = (sum(r.lost for r in apart), sum(r.judged for r in apart)) if runs else (scored.lost, scored.judged)
    gained = _skill(runs) if runs else scored.skill
    if gained < 0 and loses_to_naive(lost, judged):
        broken.append(f"lost to the naive forecast {lost} times of {judged}, more than chance allows")
    return Promise(max(len(runs), 1), independent, coverage, gained, _ratio(scored, runs, first), tuple(broken))


def _order(first: str) -> tuple[int, float, str]:
    """Row numbers as numbers, stamps as text."""
    return (0, float(first), "") if first.lstrip("-").isdigit() else (1, 0.0, first)


def _apart(runs: Sequence[PastScore]) -> list[PastScore]:
    """Runs that do not overlap, newest first."""
    kept: list[PastScore] = []
    for run in reversed(runs):
        if not kept or _order(run.last) < _order(kept[-1].first):
            kept.append(run)
    return kept


def _pooled(runs: Sequence[PastScore], level: float) -> float:
    known = [(run.coverage[level], run.rows) for run in runs if not math.isnan(run.coverage.get(level, math.nan))]
    total = sum(rows for _, rows in known)
    return sum(share * rows for share, rows in known) / total if total else math.nan


def _skill(runs: Sequence[PastScore]) -> float:
    known = [run for run in runs if not math.isnan(run.naive)]
    rows = sum(run.rows for run in known)
    if not rows:
        return math.nan
    return skill(sum(run.mae * run.rows for run in known) / rows, sum(run.naive * run.rows for run in known) / rows)


def _ratio(scored: Score, runs: Sequence[PastScore], first: str) -> float:
    """How the error, relative to the naive forecast's where there is one, compares with the median of those before."""
    earlier = [run for run in runs if run.rows and _order(run.first) < _order(first)]
    naive = scored.references.get(scored.reference or "", math.nan)
    if naive > 0 and all(run.naive > 0 for run in earlier):
        now, before = scored.mae / naive, [run.mae / run.naive for run in earlier]
    else:
        now, before = scored.mae, [run.mae for run in earlier]
    middle = statistics.median(before) if before else 0.0
    return now / middle if middle else math.nan
