"""`report.html`: what a batch came to, worst series first, searched and sorted in the page; nothing is fetched."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.data.printable import printable
from tsforecast.plots.explorer.document import in_script
from tsforecast.plots.figure import DARK, LIGHT

if TYPE_CHECKING:
    from tsforecast.batch.gathering import Totals
    from tsforecast.batch.pieces import Plan

#: Series on the page, the worst; a browser searches so many at once without a pause.
MOST = 5000
#: Rows that stand in the page itself, for those who run no scripts.
_PLAIN = 100
_STATES = ("left out", "doubtful", "ok")
#: Keys of the status and heads of the columns, in their order.
COLUMNS = {
    "unique_id": "series",
    "channel": "column",
    "source": "file",
    "state": "state",
    "reason": "why",
    "model": "model",
    "skill": "skill",
    "coverage": "covered",
    "rows": "rows",
    "filled": "filled",
    "repaired": "repaired",
    "stale": "late",
    "drift": "drift",
    "changed": "changed",
}
_BINS = np.array([-np.inf, -0.5, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8, np.inf])


@dataclass
class Worst:
    """The worst series of a batch and the spread of all, taken in a row at a time.

    Attributes:
        level: Nominal coverage whose measure is shown, per cent.
    """

    level: str
    _heap: list[tuple[Any, ...]] = field(default_factory=list)
    _skill: list[float] = field(default_factory=list)
    _seen: int = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Take in a row of `status.jsonl`."""
        badness = (-_STATES.index(row["state"]), -(0.0 if row["skill"] is None else row["skill"]), -self._seen)
        self._seen += 1
        if row["skill"] is not None:
            self._skill.append(row["skill"])
        entry = (*badness, _shown(row, self.level))
        if len(self._heap) < MOST:
            heapq.heappush(self._heap, entry)
        elif badness > self._heap[0][:3]:
            heapq.heapreplace(self._heap, entry)

    @property
    def rows(self) -> list[list[Any]]:
        """The worst, worst first, in the order of `COLUMNS`."""
        return [entry[-1] for entry in sorted(self._heap, key=lambda entry: entry[:3], reverse=True)]

    @property
    def spread(self) -> list[int]:
        """Series by skill, between the edges of `_BINS`."""
        return [int(n) for n in np.histogram(self._skill, _BINS)[0]]

    @property
    def median(self) -> float | None:
        """Of the skill of all series that it was measured of."""
        return float(np.median(self._skill)) if self._skill else None


def _shown(row: Mapping[str, Any], level: str) -> list[Any]:
    values = dict(row) | {
        "coverage": row["coverage"].get(level),
        "drift": (row["drift"] or {}).get("level"),
        "changed": ", ".join(row["changed"] or []),
    }
    return [printable(value) if isinstance(value := values[name], str) else value for name in COLUMNS]


def page(plan: Plan, totals: Totals, worst: Worst) -> bytes:
    """The page as it is written."""
    shown = worst.rows
    title = f"{totals.series:,} series: " + ", ".join(f"{totals.states[s]:,} {s}" for s in _STATES if totals.states[s])
    least = f"the worst {len(shown):,} of them" if totals.series > len(shown) else "all of them, worst first"
    colours = {
        name: " ".join(f"--{role}: {colour};" for role, colour in palette.items())
        for name, palette in (("LIGHT", LIGHT), ("DARK", DARK))
    }
    content = {
        "TITLE": escape(title),
        "LEAST": f"{least}; status.jsonl has every series",
        "FACTS": _facts(plan, totals, worst),
        "BARS": _bars(worst.spread),
        "HEADS": "".join(f"<th>{escape(head)}</th>" for head in _heads(worst.level)),
        "PLAIN": "\n".join(_plain(row) for row in shown[:_PLAIN]),
        "DATA": in_script(shown),
        **colours,
    }
    text = files("tsforecast.batch").joinpath("report.html").read_text(encoding="utf-8")
    for name, value in content.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    return text.encode()


def _heads(level: str) -> Iterable[str]:
    return (f"{head} of {level} %" if name == "coverage" else head for name, head in COLUMNS.items())


def _facts(plan: Plan, totals: Totals, worst: Worst) -> str:
    models = ", ".join(f"{name} {n:,}" for name, n in totals.models.most_common(8))
    said = [
        ("inputs", f"{len(plan.sources):,}"),
        ("models", models or "none"),
        ("skill", "not measured" if worst.median is None else f"median {worst.median:.3f}"),
        *((f"step {step}", _words(model)) for step, model in plan.models.items()),
    ]
    if totals.changed:
        said.append(("changed", ", ".join(f"{name} {n:,}" for name, n in totals.changed.most_common())))
    return "\n".join(f"<tr><td>{escape(name)}</td><td>{escape(printable(text))}</td></tr>" for name, text in said)


def _words(model: Mapping[str, Any]) -> str:
    what = f"one {model['model']} for all series" if model["scope"] == "global" else "the best for each series"
    return what + (f"; {model['why']}" if model.get("why") else "")


def _bars(spread: list[int]) -> str:
    """Series by skill, one bar a range."""
    most = max([*spread, 1])
    names = [
        f"{'below ' + str(high) if low == -np.inf else str(low) + ' or more' if high == np.inf else f'{low} to {high}'}"
        for low, high in zip(_BINS[:-1].tolist(), _BINS[1:].tolist(), strict=True)
    ]
    return "\n".join(
        f'<tr><td>{name}</td><td>{n:,}</td><td><div style="width:{100 * n / most:.1f}%"></div></td></tr>'
        for name, n in zip(names, spread, strict=True)
    )


def _plain(row: list[Any]) -> str:
    cells = ["" if value is None else f"{value:g}" if isinstance(value, float) else str(value) for value in row]
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
