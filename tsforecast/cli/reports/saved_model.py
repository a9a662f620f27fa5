"""The card of a saved model as lines for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from tsforecast.cli.reports.inspection import labelled, stamp, steps_in_words
from tsforecast.cli.reports.lines import entry, number, significant
from tsforecast.workflows.saved.model_card import ModelCard

_MOST_NAMED = 6


def card_lines(card: ModelCard, width: int) -> list[str]:
    """The whole card, wrapped at `width` columns; the scores stand in a table of their own."""
    lines = [line for label, text in _rows(card) for line in labelled(label, text, width)]
    return [*lines, *_scores(card.bundle.manifest.report)]


def _rows(card: ModelCard) -> Iterator[tuple[str, str]]:
    manifest, calibration = card.bundle.manifest, card.bundle.calibration
    yield "file", f"{card.path}, {card.size:,} bytes, written by tsforecast {manifest.tsforecast}"
    yield "model", manifest.model + (f" ({card.words})" if card.words else " (not known here)")
    yield "horizon", steps_in_words(manifest.horizon, manifest.freq)
    zone = f", zone {manifest.schema.zone}" if manifest.schema.zone else ""
    yield "step", f"{manifest.freq}{zone}"
    yield "columns", _few(list(manifest.channels)) + (" together" if manifest.schema.joint else "")
    if manifest.schema.id:
        ids = card.bundle.history.ids
        yield "series", f"{len(ids):,}, named by {manifest.schema.id}: {_few(ids)}"
    rows = manifest.training.get("rows")
    trained = f"{rows:,} rows; " if isinstance(rows, int) else ""
    yield "trained on", f"{trained}forecasts go on from {stamp(card.last)} where no newer data is given"
    if isinstance(updated := manifest.training.get("updated_on_rows"), int):
        yield "updated", f"on {updated:,} newer rows"
    lengths = sorted({tuple(own) for own in manifest.season_lengths.values()})
    seasons = [" and ".join(f"{n:,}" for n in own) + " steps" if own else "none" for own in lengths]
    yield "season", _few(seasons) or "none"
    if card.bundle.chain:
        yield "transforms", ", ".join(map(str, card.bundle.chain.get("names", [])))
    covered = manifest.report.get("coverage", {})
    yield "intervals", ", ".join(_level(level, covered) for level in calibration.levels) or "none"
    yield from _judged(manifest.report)
    yield from (("note", str(note)) for note in manifest.report.get("notes", []))
    if card.settings:
        told = ", ".join(f"{name} {_shown(value)}" for name, value in card.settings.items())
        yield "new data", f"read and prepared with {told}"


def _level(level: float, covered: Any) -> str:
    got = covered.get(f"{level:g}") if isinstance(covered, dict) else None
    return f"{level:g} %" + (f" (covered {got:.1f} % of held-out points)" if _is_number(got) else "")


def _judged(report: Any) -> Iterator[tuple[str, str]]:
    skill, reference, count = report.get("skill"), report.get("reference"), report.get("n_origins")
    if _is_number(skill):
        yield "judged", f"skill {skill:.2f} against {reference} over {count} held-out forecasts"
    else:
        yield "judged", "its skill could not be measured"


def _scores(report: Any) -> list[str]:
    """Candidates by error on the rows held out of the fit, as the fit reported them."""
    rows = [row for row in report.get("holdout", []) if isinstance(row, dict) and isinstance(row.get("model"), str)]
    if not rows:
        return []
    width = max(len(row["model"]) for row in rows)
    lines = [entry("", f"  {'model':<{width}}  {'MAE':>9}  {'RMSE':>9}  {'MASE':>7}")]
    for row in rows:
        mark = "*" if row["model"] == report.get("chosen") else " "
        mae, rmse, mase = (row[k] if _is_number(row.get(k)) else math.nan for k in ("mae", "rmse", "mase"))
        cells = f"{significant(mae):>9}  {significant(rmse):>9}  {number(mase, 3):>7}"
        lines.append(entry("", f"{mark} {row['model']:<{width}}  {cells}"))
    return lines


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _few(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
