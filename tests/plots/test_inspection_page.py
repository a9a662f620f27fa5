"""The page of an inspection holds all its pictures, and its tables say what they were given."""

from __future__ import annotations

import numpy as np
from views import Tags, days

from tsforecast.plots.attractor import ChaosView
from tsforecast.plots.figure import Words
from tsforecast.plots.inspection_page import figures, save_inspection, sentences
from tsforecast.plots.periodogram import SpectrumView
from tsforecast.plots.table import Line


def test_the_page(tmp_path):
    y = np.sin(np.arange(60.0))
    save_inspection(
        [Line("load", days(60), y), Line("<b>", days(60), y)],
        str(tmp_path / "x.html"),
        words=Words("file.csv", "60 rows"),
        tables=[sentences("File", [("text", "a & b")]), figures("Columns", [("", "mean"), ("load", "1.5")])],
        spectra=[SpectrumView("load", "a summary", days(60), y, np.array([30.0, 20.0]), np.array([1.0, 2.0]))],
        cards=[ChaosView("load", "periodic", "why", y, delay=2)],
        report="report < 1",
    )
    html = (tmp_path / "x.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(html)
    # Series, spectrum and card, each for a wide and a narrow page.
    assert tags.names.count("svg") == 6
    assert len(tags.ids) == len(set(tags.ids))
    assert {link[1:] for link in tags.links if link.startswith("#")} <= set(tags.ids)
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in tags.links)
    for words in ("file.csv", "60 rows", "a & b", "1.5", "Periods: load", "Dynamics: load, periodic", "report < 1"):
        assert words in tags.said
    assert "b" not in tags.names
