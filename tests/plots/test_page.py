"""A page is one file that needs nothing from outside, whatever the names in it are."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from views import Tags, days

from tsforecast.plots.small_multiples import save_series


@pytest.fixture(scope="module")
def html(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("page") / "x.html"
    frame = pd.DataFrame({"ds": days(9), "<script>alert(1)</script>": np.arange(9.0), '"><img src=x>': np.ones(9)})
    save_series(frame, str(path), title="<i>t</i> & 気温", caption="'--plot'")
    return path.read_text(encoding="utf-8")


def test_what_comes_from_a_file_is_escaped(html):
    tags = Tags()
    tags.feed(html)
    assert not {"script", "img", "i", "link", "iframe"} & set(tags.names)
    for words in ("<i>t</i> & 気温", "<script>alert(1)</script>"):
        assert words in tags.said


def test_nothing_is_fetched(html):
    assert not re.search(r"https?:|//|@import|url\((?!#)", html)
    tags = Tags()
    tags.feed(html)
    assert all(link.startswith("#") for link in tags.links)


def test_two_drawings_share_no_identifier_and_refer_to_their_own(html):
    tags = Tags()
    tags.feed(html)
    assert tags.names.count("svg") == 2
    assert len(tags.ids) == len(set(tags.ids))
    assert {link[1:] for link in tags.links} <= set(tags.ids)
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(tags.ids)


def test_colours_follow_the_page(html):
    assert "prefers-color-scheme: dark" in html
    svg = html[html.index("<svg") :]
    assert "var(--ink)" in svg
    assert set(re.findall(r"#[0-9a-fA-F]{6}\b", svg)) <= {"#000000"}


def test_control_characters_are_written_out(tmp_path):
    frame = pd.DataFrame({"ds": days(9), "load\x1b[2J\x00": np.arange(9.0)})
    save_series(frame, str(tmp_path / "x.html"), title="bell \x07")
    html = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", html)
    assert r"load\x1b[2J\x00" in html
    assert "bell \\x07" in html
