"""What the tests of this folder draw, and how they look at what was drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

from tsforecast.plots.view import ForecastView, SeriesView

H = 12
SUFFIXES = ("png", "svg", "pdf", "html")


def days(n: int, start: int = 0) -> np.ndarray:
    return np.datetime64("2024-01-01", "us") + np.timedelta64(1, "D") * np.arange(start, start + n)


def series(name: str = "load", **changes) -> SeriesView:
    rng = np.random.default_rng(4)
    history, forecast = rng.normal(100, 5, 80), np.full(H, 101.0)
    bands = {80.0: (forecast - 6, forecast + 6), 95.0: (forecast - 10, forecast + 10)}
    held = np.full(H, 99.0)
    view = SeriesView(
        name,
        days(80),
        history,
        days(H, 80),
        forecast,
        label="kW",
        bands=bands,
        holdout_ds=days(H, 80 - H),
        holdout_y=history[-H:],
        holdout_yhat=held,
        holdout_bands={80.0: (held - 6, held + 6)},
        repaired_ds=days(2, 40),
        season_length=7,
    )
    return replace(view, **changes)


def page(*views: SeriesView, **changes) -> ForecastView:
    return replace(
        ForecastView("Load, next 12 days", list(views or [series()]), "gru, skill 0.41", "made so"), **changes
    )


def lines(figure) -> dict[str, np.ndarray]:
    """Values of the named lines of all panels."""
    return {line.get_label()[1:]: line.get_ydata() for axes in figure.get_axes() for line in axes.lines}


def texts(figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def kind(path: Path) -> str:
    """What a file is by its first bytes, whatever its name says."""
    head = path.read_bytes()[:200]
    marks = {b"\x89PNG": "png", b"%PDF-": "pdf", b"<?xml": "svg", b"<!DOCTYPE html>": "html"}
    return next(kind for mark, kind in marks.items() if head.startswith(mark))


def svg_texts(path: Path) -> list[str]:
    """All texts of an SVG file in its order; it must be well-formed."""
    root = ET.parse(path).getroot()
    return ["".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]


def size(path: Path) -> tuple[float, float]:
    """Width and height of an SVG file in points."""
    _, _, width, height = ET.parse(path).getroot().attrib["viewBox"].split()
    return float(width), float(height)


class Tags(HTMLParser):
    """Collects elements, identifiers and text."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.said = ""

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href")]

    def handle_data(self, data):
        self.said += data
