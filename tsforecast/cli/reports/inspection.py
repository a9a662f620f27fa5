"""The report of `tsforecast inspect` as lines for a terminal: what the file is, each channel, what to watch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.cells import cell_len, set_cell_size

from tsforecast.cli.reports.lines import GUTTER, significant
from tsforecast.data.frequency import Frequency
from tsforecast.data.panel import FloatArray, Freq
from tsforecast.data.printable import printable
from tsforecast.insight.profile import ChannelProfile
from tsforecast.workflows.inspect import Inspection

if TYPE_CHECKING:
    from tsforecast.insight.chaos.card import ChaosCard

WIDEST_PICTURE = 100
MOST_NAMED = 6
MOST_COLUMNS = 16
#: Share of the values that are there, from which a character stands for it; anything less than all is seen.
BLOCKS = ((1.0, "█"), (0.9, "▓"), (0.5, "▒"), (1e-9, "░"), (0.0, "·"))
KEY = "█ all there  ▓ 90 %  ▒ 50 %  ░ less  · none"


def report(found: Inspection, width: int) -> list[str]:
    """The whole report, wrapped at `width` columns."""
    lines = [line for label, text in file_rows(found) for line in labelled(label, text, width)]
    if len([p for p in found.proposed if p.role not in ("time", "id")]) > 1:
        lines += [""]
        for i, each in enumerate(found.proposed[:MOST_COLUMNS]):
            lines += labelled("columns" if not i else "", f"{each.column}: {each.role} ({each.reason})", width)
        more = len(found.proposed) - MOST_COLUMNS
        lines += labelled("", f"and {more:,} more", width) if more > 0 else []
    if found.freq:
        lines += ["", *_coverage(found.channels, width)]
    for channel in found.channels:
        lines += ["", printable(channel.name)]
        lines += [line for label, text in _channel(channel, found) for line in labelled(label, text, width)]
        if channel.dynamics is not None:
            lines += _card(channel.dynamics, found.freq, width)
    more = found.n_channels - len(found.channels)
    if more > 0:
        lines += ["", f"and {more:,} more series that were not looked at"]
    if found.watch:
        lines += [
            "",
            *(line for i, text in enumerate(found.watch) for line in labelled("watch" if not i else "", text, width)),
        ]
    if found.problem is not None:
        hint = f"; {found.problem.hint}" if found.problem.hint else ""
        lines += ["", *labelled("will stop", f"with: {found.problem.message}{hint}", width)]
    return lines


def labelled(label: str, text: str, width: int) -> list[str]:
    """A labelled text, folded and indented."""
    folded = _folded(printable(text), max(20, width - GUTTER))
    return [set_cell_size(label if i == 0 else "", GUTTER - 1) + " " + line for i, line in enumerate(folded)]


def _folded(text: str, room: int) -> list[str]:
    """Lines of at most `room` columns, cut at blanks; east Asian characters take two, unknown to `textwrap`."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= room or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def file_rows(found: Inspection) -> Iterator[tuple[str, str]]:
    """Label and text of what was read, and of what preparing does."""
    facts = found.reading
    yield "file", "stdin" if found.source == "-" else found.source
    yield "text", ", ".join(_dialect(facts))
    yield "time", _time(found)
    yield "rows", _rows(found)
    if not found.freq:
        yield "steps", _irregular(found)
    yield "columns", ", ".join(facts["channels"])
    if facts["ignored"]:
        reasons: dict[str, list[str]] = {}
        for name, reason in facts["ignored"].items():
            reasons.setdefault(reason, []).append(name)
        yield "ignored", "; ".join(f"{_listed(names)} ({reason})" for reason, names in reasons.items())
    if found.prepared is not None:
        _, repaired, filled = found.prepared.summary_lines()
        yield "repairs", f"{repaired.removeprefix('repaired: ')}; {filled.removeprefix('filled: ')}"


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def stamp(text: str) -> str:
    """A stamp as people read it, without seconds that are zero."""
    return re.sub(r"T(\d\d:\d\d)(:00(?![.\d]))?", r" \1", text)


def _dialect(facts: dict[str, Any]) -> Iterator[str]:
    if facts.get("compression"):
        yield str(facts["compression"])
    if facts["delimiter"] is None:
        yield str(facts["format"])
        return
    yield str(facts["encoding"])
    marks = {",": "comma", ";": "semicolon", "|": "bar"}
    yield f"cells cut at {marks.get(facts['delimiter'], facts['delimiter'])}"
    if facts["decimal"] != ".":
        yield "decimal comma"
    heads = facts["header_lines"]
    if not heads:
        yield "no header"
    else:
        yield f"header in line {heads[0]}" if len(heads) == 1 else f"header in lines {heads[0]} to {heads[-1]}"
    if facts["preamble_lines"]:
        yield f"{len(facts['preamble_lines'])} line{'s' * (len(facts['preamble_lines']) > 1)} before it"


def _time(found: Inspection) -> str:
    facts = found.reading
    if facts["time_column"] is None:
        return "no time column: rows are steps"
    column = facts["time_column"]
    name = " and ".join(column) if isinstance(column, list) else column
    zone = f"zone {facts['zone']}" if facts["zone"] else "no zone"
    kind = "whole numbers" if facts["integer_index"] else f"{facts['time_format']}, {zone}"
    return f"{name} ({kind})"


def _rows(found: Inspection) -> str:
    told = f"{found.reading['n_rows']:,} from {stamp(found.start)} to {stamp(found.end)}"
    if found.prepared is None:
        return f"{told}, step {found.freq}" if found.freq else told
    done = found.prepared.report
    step = f"step {done.freq}" if not isinstance(done.freq, int) else f"step {done.freq:,}"
    agreeing = "every step agrees" if done.agreement == 1 else f"{done.agreement:.1%} of the steps agree"
    series = f" in {done.n_series:,} series" if done.n_series > 1 else ""
    return f"{told}{series}; {step} ({done.freq_how}, {agreeing}); {done.n_steps:,} steps"


def _irregular(found: Inspection) -> str:
    """How far apart the stamps of the first series are."""
    ds = np.sort(found.channels[0].ds) if found.channels else np.empty(0)
    apart = np.diff(ds[~np.isnat(ds)] if ds.dtype.kind == "M" else ds)
    if len(apart) == 0:
        return "not determinable"
    if ds.dtype.kind != "M":
        return f"irregular: {apart.min():,} to {apart.max():,}, half of them up to {np.median(apart):,g}"
    seconds = apart.astype("timedelta64[us]").astype("float64") / 1e6
    low, half, high = (Frequency.of("s").duration(float(s)) for s in np.quantile(seconds, [0.0, 0.5, 1.0]))
    return f"irregular: {low} to {high} apart, half of them up to {half}"


def _coverage(channels: list[ChannelProfile], width: int) -> list[str]:
    """One line of block characters a channel: where along the time values are there."""
    names = [printable(channel.name) for channel in channels]
    label = min(max(map(cell_len, names), default=0), max(10, width // 4))
    count = max(10, min(width - label - 11, WIDEST_PICTURE))
    lines = []
    for channel, name in zip(channels, names, strict=True):
        share = channel.missing / max(len(channel.values), 1)
        told = "all there" if share == 0 else f"{max(1 - share, 0):.1%}" if share >= 0.001 else f"-{channel.missing:,}"
        lines.append(f"{set_cell_size(name, label)} {blocks(channel.values, count)} {told}")
    if any(channel.missing for channel in channels):
        lines.append(" " * (label + 1) + KEY)
    return lines


def blocks(values: FloatArray, count: int) -> str:
    """A picture of at most `count` characters of where values `(time,)` are there."""
    there = np.isfinite(values).astype("float64")
    if len(there) == 0:
        return ""
    edges = np.linspace(0, len(there), min(count, len(there)) + 1).astype("int64")
    shares = np.add.reduceat(there, edges[:-1]) / np.diff(edges)
    return "".join(next(char for least, char in BLOCKS if share >= least) for share in shares)


def _channel(channel: ChannelProfile, found: Inspection) -> Iterator[tuple[str, str]]:
    moments, n_seen = channel.moments(), len(channel.seen)
    if moments is None:
        yield "  values", "none"
        return
    numbers = ", ".join(f"{name} {significant(value)}" for name, value in asdict(moments).items())
    yield "  values", f"{n_seen:,}; {numbers}"
    if channel.missing:
        yield "  missing", _missing(channel, found)
    if channel.outliers:
        yield (
            "  outliers",
            f"{channel.outliers:,} ({channel.outliers / n_seen:.2%}) by the Hampel filter, not changed",
        )
    if not found.freq:
        return
    yield (
        "  season",
        f"{steps_in_words(channel.season_length, found.freq)}" if channel.season_length > 1 else "none found",
    )
    yield "  periods", _periods(channel, found)
    if channel.trend is not None:
        yield "  trend", _trend(channel)
    tested = channel.stationarity
    if tested is not None:
        yield "  level", f"{tested.verdict} (ADF p {_p(tested.adf_p)}, KPSS p {_p(tested.kpss_p, 0.01, 0.1)})"
    elif found.untested:
        yield "  level", f"not tested: {found.untested}"


def _card(card: ChaosCard, freq: Freq, width: int) -> list[str]:
    """The chaos card, folded under its own column of labels."""
    from tsforecast.insight.chaos.rendering import as_lines

    lines = as_lines(card)
    indent = 2 + lines[0].index(card.verdict)
    step = Frequency.of(freq).unit_of_time()
    told = [f"  dynamics, in steps{f' and per {step[1]}' if step else ''}"]
    for line in lines:
        label, text = line[: indent - 2], line[indent - 2 :]
        folded = _folded(text, max(width - indent, 20))
        told += [f"  {label if i == 0 else '':<{indent - 2}}{part}" for i, part in enumerate(folded)]
    return told


def _missing(channel: ChannelProfile, found: Inspection) -> str:
    inner = channel.missing - channel.edges
    told = [f"{inner:,} in {len(channel.gaps):,} gap{'s' * (len(channel.gaps) != 1)}"] if inner else []
    if channel.edges:
        told.append(f"{channel.edges:,} before the first or after the last value")
    longest = [
        f"{steps_in_words(gap.steps, found.freq)} from {stamp(gap.start)}" for gap in channel.gaps[:3] if gap.steps > 1
    ]
    return ", ".join(told) + (f"; longest {', '.join(longest)}" if longest else "")


def steps_in_words(count: float, freq: Freq) -> str:
    """A number of steps to three digits, and how long that is."""
    number = f"{count:,.3g}" if count < 1000 else f"{count:,.0f}"
    time = Frequency.of(freq).duration(count)
    return f"{number} step{'' if number == '1' else 's'}" + (f" = {time}" if time else "")


def _periods(channel: ChannelProfile, found: Inspection) -> str:
    if channel.spectrum is None:
        return "not determinable: constant or too short"
    peaks = [
        f"{steps_in_words(p.steps, found.freq)} ({p.share:.0%} of the variance, p {_p(p.false_alarm)})"
        for p in channel.spectrum.dominant
    ]
    return ", ".join(peaks) or "none stands out from red noise"


def _trend(channel: ChannelProfile) -> str:
    trend = channel.trend
    if trend is None or trend.direction == "none":
        return "none"
    return f"{trend.direction}, {abs(trend.rise):.1f} sd from first to last, {trend.share:.0%} of the variance"


def _p(value: float, least: float = 0.001, most: float = 1.0) -> str:
    """A chance, no finer than `least`; at the ends of a table it is known to lie beyond them."""
    if value <= least:
        return f"< {least:g}"
    return f"> {most:g}" if value >= most else f"{value:.3f}"
