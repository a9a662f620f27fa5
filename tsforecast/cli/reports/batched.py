"""What is said of a batch: its log while it runs, its end, and the configuration that it can be given."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tsforecast.cli.console import Console, show
from tsforecast.cli.reports.lines import entry
from tsforecast.cli.settings import Settings, toml_line
from tsforecast.cli.streams import tell as tell_stderr
from tsforecast.declared import Checked, declared_by
from tsforecast.errors import PartialSuccessError

if TYPE_CHECKING:
    from tsforecast.batch.batch_run import BatchRun
    from tsforecast.batch.gathering import Totals
    from tsforecast.batch.job import Job

#: Seconds between two lines of the log where nobody watches.
_EVERY = 60
_MOST_SAID = 8


def job(settings: Settings) -> Job:
    """The settings as a batch has them."""
    from tsforecast.batch.job import Job

    return Job(settings.read, settings.prepare, settings.model, settings.fit, settings.forecast, settings.batch)


@dataclass
class Log:
    """What happens, for a person (a line that changes on a terminal, a line a minute elsewhere) or as JSON.

    Attributes:
        console: Where a person reads.
        as_json: Whether a program reads: one object a line, with `time` and `event`.
    """

    console: Console
    as_json: bool = False
    _said: float = field(default_factory=time.monotonic)

    def tell(self, event: str, facts: Mapping[str, Any]) -> None:
        """Say what happened, where it is time to."""
        moving = event in ("tick", "piece")
        if moving and not self._is_time():
            return
        if self.as_json:
            now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
            tell_stderr(json.dumps({"time": now, "event": event, **facts}, ensure_ascii=False, default=str))
        elif moving:
            line = _progress(facts)
            if self.console.terminal:
                self.console.progress(line)
            elif line:
                self.console.say(line)
        else:
            self._say(event, facts)

    def _is_time(self) -> bool:
        """On a terminal always; elsewhere once a minute."""
        if self.console.terminal and not self.as_json:
            return True
        if time.monotonic() - self._said < _EVERY:
            return False
        self._said = time.monotonic()
        return True

    def _say(self, event: str, facts: Mapping[str, Any]) -> None:
        if event == "failed":
            self.console.warn(f"{facts['what']}: {facts['why']}")
        elif event == "reading":
            self.console.progress("reading")
            if facts["passed_over"]:
                self.console.say(entry("not read", _named(facts["passed_over"])))
        elif event == "planned":
            for line in _planned(facts):
                self.console.say(line)
        elif event == "ended":
            for line in _ended(facts):
                self.console.say(line)
        else:
            self.console.progress({"fitting": "fitting one model of all series"}.get(event, event))


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_SAID:,} more" if len(names) > _MOST_SAID else ""
    return f"{', '.join(names[:_MOST_SAID])}{more}: no table by their names"


def _progress(facts: Mapping[str, Any]) -> str:
    if "pieces" not in facts:
        return "still fitting one model of all series"
    left = facts["pieces"] - facts["done"]
    line = f"{facts['done']:,} of {facts['pieces']:,} pieces, {facts['series']:,} series"
    made = facts["made"]
    return f"{line}, {_words(facts['seconds'] / made * left)} left" if made and left else line


def _words(seconds: float) -> str:
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"


def _planned(facts: Mapping[str, Any]) -> Iterator[str]:
    yield entry("pieces", f"{facts['pieces']:,}, {facts['pieces'] - facts['left']:,} of them finished already")
    for line in _models(facts["models"]):
        yield entry("models", line)


def _models(models: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for step, said in models.items():
        shared = said["scope"] == "global"
        what = f"one {said['model']} for all series" if shared else "the best for each series"
        yield f"step {step}: {what}" + (f"; {said['why']}" if said.get("why") else "")
    if not models:
        yield "the best for each series"


def _ended(facts: Mapping[str, Any]) -> Iterator[str]:
    states = ", ".join(f"{n:,} {state}" for state, n in sorted(facts["states"].items()))
    yield entry("series", f"{facts['series']:,}: {states}")
    if facts["chosen"]:
        yield entry("chosen", ", ".join(f"{name} {n:,}" for name, n in facts["chosen"].items()))
    if facts["changed"]:
        yield entry("changed", ", ".join(f"{name} {n:,}" for name, n in facts["changed"].items()))
    yield entry("written", f"{facts['rows']:,} rows in {facts['output']}")


def show_estimate(made: BatchRun, console: Console) -> None:
    """What there is to do, and about what it takes."""
    from tsforecast.batch.estimate import estimated

    found = estimated(made)
    console.record(estimate=vars(found))
    if console.as_json:
        return
    lost = f", {found.unreadable:,} of them not readable" if found.unreadable else ""
    lines = [
        entry("inputs", f"{found.sources:,}{lost}, {found.size / 1e6:,.1f} MB"),
        entry("pieces", f"{found.pieces:,}, {found.finished:,} of them finished already"),
        entry("series", f"about {found.series:,}, {found.rows:,} rows, {found.windows:,} windows to learn from"),
        *(entry("models", line) for line in _models(found.models)),
        entry("time", f"about {_words(found.seconds)} with {found.workers} at once, on this machine as busy as it is"),
        entry("memory", f"about {found.memory / 2**20:,.0f} MiB"),
    ]
    if found.lost:
        lines.append(entry("left out", f"{found.lost:.0%} of the series that were tried"))
    show(lines)


def finish(made: BatchRun, totals: Totals, log: Log) -> None:
    """Say what came of a batch, and end it.

    Raises:
        PartialSuccessError: A series was left out.
    """
    facts = {
        "series": totals.series,
        "states": dict(totals.states),
        "chosen": dict(totals.models.most_common(_MOST_SAID)),
        "changed": dict(totals.changed.most_common(_MOST_SAID)),
        "rows": totals.rows,
        "output": str(made.folder.path),
    }
    log.console.record(batch=facts)
    log.tell("ended", facts)
    left_out = totals.states["left out"]
    if left_out:
        raise PartialSuccessError(
            f"{left_out:,} of {totals.series:,} series {'was' if left_out == 1 else 'were'} left out",
            f"{made.folder.status} says why of each",
        )


def write_configuration(groups: tuple[type[Checked], ...]) -> None:
    """A file of all settings for `--config`, each with what it is, none of them in force."""
    lines = ["# tsforecast batch --config batch.toml", "# Take away the # before what you want otherwise.", ""]
    said: set[str] = set()
    for group in groups:
        lines += [f"# -- {(group.__doc__ or '').splitlines()[0].rstrip('.')}", ""]
        for name, declared in declared_by(group).items():
            if name in said or (declared.said.verbs and "batch" not in declared.said.verbs):
                continue
            said.add(name)
            allowed = declared.said.usages or declared.choices
            lines.append(f"# {declared.said.words}" + (f" One of {', '.join(allowed)}." if allowed else ""))
            shown = toml_line(name, declared.default, "").rpartition("  # ")[0]
            lines += [shown if shown.startswith("#") else f"# {shown}", ""]
    show(lines)
