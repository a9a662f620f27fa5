"""The evidence for a fit as plain values, for the report as JSON; docs/report.md says what each key is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tsforecast.evaluate.rolling import Backtest
    from tsforecast.workflows.fit import Fit


def evidence(fitted: Fit) -> dict[str, Any]:
    """What was tried, chosen and measured."""
    choice, counts = fitted.choice, fitted.calibration.counts
    edges = fitted.bounds.of(fitted.series)[:, 0]
    return {
        "horizon": fitted.horizon,
        "seasons": {s.name: list(s.season_lengths) for s in fitted.series},
        "validation": {"forecasts": fitted.validation.n_origins, "scores": dict(choice.scores)},
        "holdout": {
            "forecasts": fitted.holdout.n_origins,
            "steps": fitted.holdout.horizon if fitted.holdout.n_origins else 0,
            "models": scored(fitted.holdout, fitted.reference),
        },
        "left_out": dict(choice.left_out),
        "chosen": fitted.chosen,
        "members": dict(fitted.shares),
        "asked": fitted.forced,
        "reference": fitted.reference,
        "skill": fitted.skill,
        "coverage": {f"{level:g}": got for level, got in fitted.coverage.items()},
        "errors_behind_each_step": int(counts.min()) if len(counts) else 0,
        "bounds": {
            s.name: dict(zip(s.channels, own, strict=True)) for s, own in zip(fitted.series, edges, strict=True)
        },
        "closed": {
            name: [[{"period": one.period, "phases": list(one.phases)} for one in own] for own in channels]
            for name, channels in fitted.bounds.closed.items()
        },
        "whole": {name: list(kinds) for name, kinds in fitted.bounds.whole.items()},
        "notes": list(fitted.notes),
    }


def scored(scores: Backtest, reference: str) -> list[dict[str, Any]]:
    """Each candidate with its errors and its skill against the reference, best first; none where nothing was judged."""
    from tsforecast.evaluate.metrics import skill

    if not scores.n_origins:
        return []
    against = scores.error(reference)
    rows: list[Any] = scores.table().to_dict("records")
    return [row | {"skill": skill(scores.error(row["model"]), against)} for row in rows]
