"""The report of a fit on stderr: what was tried, how good each candidate is, what was chosen and why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tsforecast.cli.console import Console
from tsforecast.cli.reports.evidence import evidence
from tsforecast.cli.reports.left_out import status_lines
from tsforecast.cli.reports.lines import GUTTER, entry, number, significant

if TYPE_CHECKING:
    from tsforecast.evaluate.rolling import Backtest
    from tsforecast.workflows.fit import Fit

# Of so many series the names are said, and so many seasons where they differ.
MOST_NAMED, MOST_SEASONS = 3, 4


def fit_report(console: Console, fitted: Fit, more: Iterable[str] = ()) -> None:
    """Say how the forecaster was chosen and how good it is on rows that it was not fitted or chosen on, and `more`."""
    console.record(fit=evidence(fitted))
    console.say()
    for line in [*fit_lines(fitted), *more]:
        console.say(line)
    console.say(entry("time", f"{console.seconds:.1f} s"))


def fit_lines(fitted: Fit) -> list[str]:
    """The report as plain lines."""
    lines = [entry("season", _seasons(fitted))]
    holdout = fitted.holdout
    if holdout.n_origins:
        count = len(set(holdout.sequence.tolist()))
        over = f" over {count:,} series" if count > 1 else ""
        n, steps = holdout.n_origins, holdout.horizon
        told = f"{n:,} forecast{'s' * (n != 1)} of {steps:,} step{'s' * (steps != 1)} on held-out rows{over}"
        lines.append(entry("judged", told))
        lines += [" " * GUTTER + line for line in score_table(holdout, fitted.chosen, fitted.reference, fitted.shares)]
    lines.append(entry("chosen", _choice(fitted)))
    lines += [entry("intervals" if i == 0 else "", text) for i, text in enumerate(_intervals(fitted))]
    lines += [entry("bounds" if i == 0 else "", text) for i, text in enumerate(_bounds(fitted))]
    lines += [entry("note", note) for note in fitted.notes]
    lines += status_lines(fitted.status)
    return lines


def _seasons(fitted: Fit) -> str:
    """The seasons, and whose they are where series differ; the commonest first."""
    whose: dict[tuple[int, ...], list[str]] = {}
    for own in fitted.series:
        whose.setdefault(own.season_lengths, []).append(own.name)
    told = []
    for lengths, names in sorted(whose.items(), key=lambda item: -len(item[1])):
        words = " and ".join(f"{n:,}" for n in lengths) + " steps" if lengths else "none found"
        several = ", ".join(names) if len(names) <= MOST_NAMED else f"{len(names):,} series"
        told.append(words + (f" ({several})" if len(whose) > 1 else ""))
    more = len(told) - MOST_SEASONS
    return "; ".join(told[:MOST_SEASONS]) + (f"; and {more:,} more" if more > 0 else "")


def score_table(
    scores: Backtest, chosen: str | None, reference: str, shares: Mapping[str, float] | None = None
) -> list[str]:
    """Candidates by error, best first; the chosen one is marked, skill is against the reference.

    The weight in the chosen one stands beside each that it is made of.
    """
    from tsforecast.evaluate.metrics import skill

    table = scores.table()
    against = scores.error(reference)
    width = max(len(name) for name in table["model"])
    # Errors in the unit of the data mean nothing once series of several units are pooled.
    alone = len(scores.scale) == 1
    units = f"{'MAE':>9}  {'RMSE':>9}  " if alone else ""
    lines = [f"  {'model':<{width}}  {units}{'sMAPE':>7}  {'MASE':>7}  skill{'  weight' if shares else ''}"]
    errors = table[["mae", "rmse", "smape", "mase"]].to_numpy(dtype="float64")
    for name, (mae, rmse, smape, mase) in zip(table["model"], errors, strict=True):
        mark = "*" if name == chosen else " "
        gained = "" if name == reference else number(skill(scores.error(name), against), 2)
        weight = f"{shares[name]:>8.2f}" if shares and name in shares else ""
        lines.append(
            f"{mark} {name:<{width}}  {f'{significant(mae):>9}  {significant(rmse):>9}  ' if alone else ''}"
            f"{number(smape, 2):>7}  {number(mase, 3):>7}  {gained:<5}{weight}".rstrip()
        )
    return lines


def _choice(fitted: Fit) -> str:
    by = "as asked" if fitted.forced else "by validation"
    if not fitted.holdout.n_origins:
        return f"{fitted.chosen} {by}; its skill could not be measured"
    if fitted.chosen == fitted.reference:
        return f"{fitted.chosen} {by}{'' if fitted.forced else ': nothing beat it'}; it is the naive forecast itself"
    if math.isnan(fitted.skill):
        return f"{fitted.chosen} {by}; {fitted.reference} makes no error on held-out rows, so nothing can beat it"
    verdict = f"skill {fitted.skill:.2f} against {fitted.reference} on held-out rows"
    if fitted.skill <= 0:
        lost = f"but it LOST to {fitted.reference} on held-out rows (skill {fitted.skill:.2f})"
        return f"{fitted.chosen} {by}, {lost}"
    better = fitted.holdout.table()["model"].iloc[0]
    if better != fitted.chosen:
        verdict += f"; {better} would have been better there"
    return f"{fitted.chosen} {by}; {verdict}"


def _intervals(fitted: Fit) -> Iterable[str]:
    measured = [f"{level:g} % covered {got:.1f} %" for level, got in fitted.coverage.items() if math.isfinite(got)]
    errors = int(fitted.calibration.counts.min()) if len(fitted.calibration.counts) else 0
    if measured:
        yield f"{', '.join(measured)} of held-out points; at least {errors:,} errors behind each step"
    for level in fitted.calibration.unsupported(fitted.horizon):
        yield f"{level:g} % is left empty where {errors:,} errors cannot support it"


def _bounds(fitted: Fit) -> Iterable[str]:
    """The edges that forecasts or intervals would have crossed, and whose."""
    from tsforecast.workflows.forecast import held_back

    whose: dict[str, list[str]] = {}
    for own, edges, crossed in zip(fitted.series, fitted.bounds.of(fitted.series), held_back(fitted), strict=True):
        if crossed:
            words = ", ".join(
                dict.fromkeys(_edges(low, high) for low, high in edges[0] if low > -math.inf or high < math.inf)
            )
            whose.setdefault(words, []).append(own.name)
    by = "as asked" if fitted.bounds.asked else "as all of the history is"
    for words, names in whose.items():
        several = ", ".join(names) if len(names) <= MOST_NAMED else f"{len(names):,} series"
        of = f" ({several})" if len(fitted.series) > 1 else ""
        yield f"{words}{of}, {by}: forecasts or intervals are held there"
    yield from _closed(fitted)
    kinds = [kind for own in fitted.series for kind in fitted.bounds.whole.get(own.name, [""])]
    if any(kinds):
        of = "" if all(kinds) else f" ({sum(map(bool, kinds)):,} of {len(kinds):,} series)"
        points = "" if "intervals" not in kinds else "; of small counts the intervals alone, whose mean is a fraction"
        yield f"whole numbers{of}, as all of the history is{points}"
    low, high = fitted.bounds.asked or (-math.inf, math.inf)
    beyond = sum(int(((own.values < low) | (own.values > high)).sum()) for own in fitted.series)
    if beyond:
        yield f"values of the history beyond what was asked for: {beyond:,}"


def _closed(fitted: Fit) -> Iterable[str]:
    """When series are always 0."""
    from tsforecast.cli.reports.calendar_words import phase_words

    whose: dict[str, list[str]] = {}
    for own in fitted.series:
        for channel in fitted.bounds.closed.get(own.name, []):
            words = "; ".join(phase_words(fitted.panel.frequency, one.period, one.phases) for one in channel[:1])
            if words:
                whose.setdefault(words, []).append(own.name)
    for words, names in list(whose.items())[:MOST_NAMED]:
        several = ", ".join(names) if len(names) <= MOST_NAMED else f"{len(names):,} series"
        of = f" ({several})" if len(fitted.series) > 1 else ""
        yield f"always 0 on {words}{of}: forecast and intervals stay there"


def _edges(low: float, high: float) -> str:
    if high == math.inf:
        return f"{low:g} and up"
    return f"up to {high:g}" if low == -math.inf else f"{low:g} to {high:g}"
