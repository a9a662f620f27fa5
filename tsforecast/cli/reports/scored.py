"""The report of a score: errors by step and intervals on stdout, what was not matched on stderr."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tsforecast.cli.console import Console, show
from tsforecast.cli.reports.lines import entry, number, significant
from tsforecast.data.forecasts import level_name
from tsforecast.data.plain import plain

if TYPE_CHECKING:
    import pandas as pd

    from tsforecast.evaluate.promises import Promise
    from tsforecast.evaluate.scoring import Score
    from tsforecast.io.forecast_file import ForecastFile
    from tsforecast.workflows.score import Matched

OPTION = "--history"
_MOST_PARTS = 8


def judged(scored: Score, source: str, made: ForecastFile, history: str | None) -> Promise:
    """Whether it holds what it promised; where there is a history file, appended to it and judged with those before.

    Raises:
        DataError: The history file is none.
    """
    from tsforecast.errors import DataError
    from tsforecast.evaluate.promises import history_row, promise, runs_of
    from tsforecast.io.appending import append_row

    if history is None:
        return promise(scored)
    first, last, through = (_stamp(value, made) for value in (scored.first, scored.last, scored.through))
    rows = append_row(history, plain(history_row(source, scored, first, last, through)), OPTION)
    try:
        return promise(scored, runs_of(rows), first)
    except ValueError as error:
        raise DataError(f"{history} is no history of scores: {error}", f"choose another file with {OPTION}") from None


def show_score(scored: Matched, promise: Promise, made: ForecastFile, console: Console) -> None:
    """Write the score to stdout as tables, unless the report is JSON."""
    found = scored.score
    for note in scored.notes:
        console.say(f"note: {note}")
    console.record(score=_facts(scored, promise, made))
    if console.as_json:
        return
    show([*_lines(found, made), *_promise_lines(found, promise), "", *_steps(found)])


def _lines(found: Score, made: ForecastFile) -> list[str]:
    over = f" of {found.series:,} series" if found.series > 1 else ""
    lines = [
        entry("matched", f"{found.matched:,} of {found.rows:,} rows{over}, through {_stamp(found.through, made)}"),
        entry(
            "errors",
            f"MAE {significant(found.mae)}, RMSE {significant(found.rmse)}, sMAPE {number(found.smape, 2)}",
        ),
    ]
    if found.reference:
        errors = ", ".join(f"{name} {significant(error)}" for name, error in found.references.items())
        lines.append(entry("naive", f"MAE of those made then: {errors}"))
        lost = f"; lost in {found.lost:,} of {found.judged:,} series" if found.judged > 1 else ""
        lines.append(entry("skill", f"{number(found.skill, 2)} against {found.reference}{lost}"))
    side = "above" if found.bias > 0 else "below"
    share = found.above if found.bias > 0 else 1 - found.above
    lines.append(
        entry(
            "drift",
            f"what came lies {significant(abs(found.bias))} {side} the forecast on average, {share:.0%} of rows {side}",
        )
    )
    for i, (level, covered) in enumerate(found.coverage.items()):
        short = ", less than chance allows" if covered.short else ""
        told = f"{level:g} % covered {covered.share:.1f} %{short}" if covered.rows else f"{level:g} % was left empty"
        lines.append(entry("intervals" if i == 0 else "", told))
    return lines


def _promise_lines(found: Score, promise: Promise) -> list[str]:
    lines = []
    if promise.runs > 1:
        covered = [f"{level:g} % covered {got:.1f} %" for level, got in promise.coverage.items() if math.isfinite(got)]
        told = f"{promise.runs} forecasts, {promise.independent:.1f} apart: {', '.join(covered)}"
        skill = f"; skill {number(promise.skill, 2)}" if math.isfinite(promise.skill) else ""
        grown = (
            f"; the error is {promise.error_ratio:.2f} times the usual" if math.isfinite(promise.error_ratio) else ""
        )
        lines.append(entry("history", told + skill + grown))
    held = "broken: " + "; ".join(promise.broken) if promise.broken else "holds, as far as this can tell"
    if not promise.broken and found.forecasts < 1:
        held += f" ({found.forecasts:.0%} of the horizon has come)"
    return [*lines, entry("promise", held)]


def _steps(found: Score) -> list[str]:
    """Errors and coverage by step, over up to eight stretches of steps."""
    import numpy as np

    table = found.by_step
    parts = [table.iloc[at] for at in np.array_split(np.arange(len(table)), min(_MOST_PARTS, len(table)))]

    def over(part: pd.DataFrame, key: str) -> float:
        known = part[part[key].notna()]
        return float(np.average(known[key], weights=known["rows"])) if len(known) else math.nan

    bounds = [(part["step"].iloc[0], part["step"].iloc[-1]) for part in parts]
    rows = [("steps", [f"{low:,}" if low == high else f"{low:,}-{high:,}" for low, high in bounds])]
    rows.append(("rows", [f"{part['rows'].sum():,}" for part in parts]))
    rows += [
        (name, [significant(over(part, key)) for part in parts]) for name, key in (("MAE", "mae"), ("bias", "bias"))
    ]
    for level in found.coverage:
        key = f"coverage_{level_name(level)}"
        rows.append((f"in {level:g} %", [f"{number(over(part, key), 0)} %" for part in parts]))
    return [f"  {name:<7}" + "".join(f"{cell:>8}" for cell in cells) for name, cells in rows]


def _facts(scored: Matched, promise: Promise, made: ForecastFile) -> dict[str, Any]:
    found = scored.score
    facts: dict[str, Any] = plain(
        {
            "rows": found.rows,
            "matched": found.matched,
            "series": found.series,
            "first": _stamp(found.first, made),
            "last": _stamp(found.last, made),
            "through": _stamp(found.through, made),
            "mae": found.mae,
            "rmse": found.rmse,
            "smape": found.smape,
            "bias": found.bias,
            "above": found.above,
            "reference": found.reference,
            "references": dict(found.references),
            "skill": found.skill,
            "judged": found.judged,
            "lost": found.lost,
            "coverage": {level_name(level): covered for level, covered in found.coverage.items()},
            "by_step": found.by_step.to_dict("records"),
            "promise": {
                "held": not promise.broken,
                "broken": promise.broken,
                "runs": promise.runs,
                "independent": promise.independent,
                "coverage": {level_name(level): got for level, got in promise.coverage.items()},
                "skill": promise.skill,
                "error_ratio": promise.error_ratio,
            },
            "notes": list(scored.notes),
        }
    )
    return facts


def _stamp(value: Any, made: ForecastFile) -> str:
    """A stamp as text, as the forecast has it: in its zone, and a date where all of them are dates."""
    import pandas as pd

    from tsforecast.io.writing import stamp_texts

    stamps = made.frame["ds"]
    dates = stamps.dtype.kind == "M" and bool((stamps == stamps.dt.normalize()).all())
    return str(stamp_texts(pd.Series([value]), made.schema.zone, "D" if dates else "h")[0])
