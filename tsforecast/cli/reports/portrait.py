"""From an inspected file to pictures: its spectrum, its chaos card, its page."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from tsforecast.cli.console import Console
from tsforecast.cli.reports.inspection import file_rows, report, stamp, steps_in_words
from tsforecast.cli.reports.lines import entry, significant
from tsforecast.errors import DataError, UsageError
from tsforecast.insight.profile import ChannelProfile
from tsforecast.plots.attractor import ChaosView, save_chaos_card
from tsforecast.plots.figure import Words, figure_suffix
from tsforecast.plots.periodogram import SpectrumView, save_spectrum
from tsforecast.workflows.inspect import Inspection

#: Spectra on a page; more would make it heavy.
MOST_SPECTRA = 4
#: Periods named in a sentence, and how far apart (in logarithms) those marked in the picture are.
MOST_SAID, APART = 3, 0.25
PAGE_WIDTH = 80


def check_names(html: str | None, plot: str | None) -> None:
    """Raise UsageError before any work where a picture cannot be of the kind its name says."""
    if html and figure_suffix(html) != "html":
        raise UsageError(f"--html writes a page, received '{html}'", "give a name that ends in .html")
    if plot:
        figure_suffix(plot)


def draw(found: Inspection, path: str, console: Console) -> None:
    """The chaos card of the first channel that has one, else the spectrum of the first that has one."""
    carded = [channel for channel in found.channels if channel.dynamics is not None]
    channel = next((c for c in carded or found.channels if carded or c.spectrum is not None), None)
    if channel is None:
        why = found.problem.message if found.problem else "no column is long enough and varies"
        raise DataError(f"there is no spectrum to draw: {why}", found.problem.hint if found.problem else "")
    if channel.dynamics is not None:
        save_chaos_card(chaos_view(channel), path)
    else:
        save_spectrum(spectrum_view(channel, found), path)
    others = f" of {channel.name}; --target-col chooses another column" if len(found.channels) > 1 else ""
    console.say(entry("plot", path + others))


def write_page(found: Inspection, path: str, console: Console) -> None:
    """The whole report with pictures, as one page."""
    from tsforecast.plots.inspection_page import figures, save_inspection, sentences
    from tsforecast.plots.table import Line

    name = "stdin" if found.source == "-" else Path(found.source).name
    tables = [sentences("File", list(file_rows(found))), figures("Columns", _numbers(found))]
    if found.watch:
        tables.append(sentences("Watch", [("", text) for text in found.watch]))
    save_inspection(
        [Line(c.name, c.ds, c.values) for c in found.channels if np.isfinite(c.values).any()],
        path,
        words=Words(name, _subtitle(found)),
        tables=tables,
        spectra=[spectrum_view(c, found) for c in found.channels if c.spectrum is not None][:MOST_SPECTRA],
        cards=[chaos_view(c) for c in found.channels if c.dynamics is not None],
        report="\n".join(report(found, PAGE_WIDTH)),
    )
    console.say(entry("page", path))


def _subtitle(found: Inspection) -> str:
    if found.problem is not None:
        return f"Will stop with: {found.problem.message}; {found.problem.hint}"
    return f"{found.reading['n_rows']:,} rows, step {found.freq}, {stamp(found.start)} to {stamp(found.end)}"


def _numbers(found: Inspection) -> list[tuple[str, ...]]:
    """A row of figures for each channel."""
    rows: list[tuple[str, ...]] = [
        ("", "values", "missing", "gaps", "outliers", "mean", "sd", "min", "max", "season", "trend", "level")
    ]
    for c in found.channels:
        moments = c.moments()
        figures = ["–"] * 4 if moments is None else [significant(value) for value in asdict(moments).values()]
        season = f"{c.season_length:,}" if c.season_length > 1 else "none"
        level = c.stationarity.verdict if c.stationarity else "not tested"
        counts = [f"{n:,}" for n in (len(c.seen), c.missing, len(c.gaps))]
        odd = "–" if c.outliers is None else f"{c.outliers:,}"
        rows.append((c.name, *counts, odd, *figures, season, c.trend.direction if c.trend else "–", level))
    return rows


def spectrum_view(channel: ChannelProfile, found: Inspection) -> SpectrumView:
    """What the picture of the spectrum shows; the channel has one."""
    from tsforecast.insight.spectrum import FEWEST_CYCLES, scalogram

    spectrum = channel.spectrum
    if spectrum is None:
        raise DataError(f"{channel.name} has no spectrum: it is constant or too short")
    last = int(np.flatnonzero(np.isfinite(channel.values))[-1]) + 1
    shown = slice(last - len(spectrum.values), last)
    # What is slower than a third of the series is trend; drawn, it would flatten everything else.
    kept = spectrum.periods <= len(spectrum.values) / FEWEST_CYCLES
    waves = scalogram(spectrum.values)
    peaks = [
        f"{steps_in_words(p.steps, found.freq)} ({p.share:.0%} of the variance)" for p in spectrum.dominant[:MOST_SAID]
    ]
    told = f"Significant against red noise: {', '.join(peaks)}" if peaks else "No period stands out from red noise"
    marked: list[float] = []
    for period in spectrum.dominant:
        if all(abs(np.log(period.steps / other)) > APART for other in marked):
            marked.append(float(f"{period.steps:.3g}"))
    return SpectrumView(
        name=channel.name,
        summary=f"{told}.",
        ds=channel.ds[shown],
        y=channel.values[shown],
        periods=spectrum.periods[kept],
        power=spectrum.power[kept],
        dominant=tuple(marked),
        wavelet_periods=waves.periods,
        wavelet_power=waves.power,
        trusted=waves.trusted,
    )


def chaos_view(channel: ChannelProfile) -> ChaosView:
    """What the picture of the chaos card shows; the channel has one. Curves that were not reached stay empty."""
    card = channel.dynamics
    if card is None:
        raise DataError(f"{channel.name} has no chaos card")
    delay, dimension, exponent = card.delay, card.dimension, card.exponent
    curves: dict[str, object] = {}
    if delay is not None and len(delay.mutual_information):
        lags = min(len(delay.autocorrelation), len(delay.mutual_information))
        curves |= {
            "lags": np.arange(lags, dtype="float64"),
            "autocorrelation": delay.autocorrelation[:lags],
            "mutual_information": delay.mutual_information[:lags],
        }
    if dimension is not None:
        curves |= {
            "dimension": dimension.dimension,
            "dimensions": np.arange(1, len(dimension.fnn) + 1, dtype="float64"),
            "cao_e1": dimension.e1,
            "cao_e2": dimension.e2,
            "false_neighbours": dimension.fnn,
        }
    if exponent is not None and np.isfinite(exponent.value):
        stretch = (exponent.steps >= exponent.first) & (exponent.steps <= exponent.last)
        steps, curve = exponent.steps[stretch], exponent.curve[stretch]
        intercept = float(np.mean(curve - exponent.value * steps))
        curves |= {
            "divergence_steps": exponent.steps.astype("float64"),
            "divergence": exponent.curve,
            "fit": (float(exponent.first), float(exponent.last), exponent.value, intercept),
        }
    return ChaosView(
        name=channel.name,
        verdict=card.verdict if card.verdict == "quasi-periodic" else card.verdict.replace("-", " "),
        summary=_summary(channel),
        values=channel.values,
        delay=(delay.delay if delay is not None and delay.delay is not None else 1),
        is_map=delay is not None and delay.te <= 1,
        **curves,  # type: ignore[arg-type]
    )


def _summary(channel: ChannelProfile) -> str:
    """One sentence or two under the title of the card."""
    card = channel.dynamics
    if card is None:
        return ""
    told = [card.reason]
    if card.verdict == "chaotic" and card.exponent is not None:
        told.append(
            f"exponent {card.exponent.value:.3g} per step ({card.exponent.low:.2g} to {card.exponent.high:.2g})"
        )
    if card.horizon is not None:
        told.append(f"predictable for about {card.horizon.steps:.0f} steps, cautiously {card.horizon.half:.0f}")
    return "; ".join(told) + "."
