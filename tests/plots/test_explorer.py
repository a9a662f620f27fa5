"""The page that explores is a file that needs nothing from outside, whatever is in it, and holds what it is given."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from views import H, Tags, days, page, series

from tsforecast.plots.explorer.document import document
from tsforecast.plots.explorer.packed import packed, packed_stamps, spans
from tsforecast.plots.explorer.payload import payload
from tsforecast.plots.fan import save_forecast
from tsforecast.plots.view import ForecastView, Origins, SeriesView

# As in the package uplot 1.6.32 of the npm registry, whose integrity is
# sha512-KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw==
UPLOT = {
    "uPlot.iife.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "uPlot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
    "uPlot-LICENSE": "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd",
}
EVIL = "</script><script>alert(1)</script><!--"


def held(text: str):
    """The data of a page."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def unpacked(value) -> np.ndarray:
    if isinstance(value, list):
        return np.array([np.nan if v is None else v for v in value])
    kind = "<f8" if "d" in value else "<f4"
    return np.frombuffer(base64.b64decode(value["d" if "d" in value else "f"]), kind)


def stamps(value) -> list[float]:
    return [(first + i * step) * value["unit"] for first, step, count in value["runs"] for i in range(count)]


@pytest.mark.parametrize("name", UPLOT)
def test_the_library_is_the_one_that_was_published(name):
    content = (files("tsforecast.plots.explorer") / "assets" / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == UPLOT[name]


def test_names_end_no_element_and_become_no_markup(tmp_path):
    evil = series(EVIL, label=EVIL, repairs=[(None, 3, EVIL, EVIL, "text")])
    view = page(evil, series("second"), title=f"<i>{EVIL}", report=EVIL, caption="'--plot'")
    save_forecast(view, str(tmp_path / "x.html"))
    text = (tmp_path / "x.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(text)
    assert tags.names.count("script") == 3
    assert not {"img", "i", "link", "iframe"} & set(tags.names)
    assert len(tags.ids) == len(set(tags.ids))
    assert held(text)["series"][0]["name"] == EVIL
    assert f"<i>{EVIL}" in tags.said


def test_nothing_is_fetched():
    text = document(page())
    assert "default-src 'none'" in text
    tags = Tags()
    tags.feed(text)
    assert not tags.links
    own = text.replace("https://github.com/leeoniya/uPlot", "")
    assert not re.search(r"https?:|@import|url\(|fetch\(|XMLHttpRequest|WebSocket|innerHTML|insertAdjacent|eval\(", own)


def test_control_characters_are_written_out():
    text = document(page(series("load\x1b[2J\x00"), report="bell \x07\nnext line"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028]", text)
    assert held(text)["series"][0]["name"] == r"load\x1b[2J\x00"
    assert "bell \\x07\nnext line" in text


def test_the_page_holds_every_value():
    view = series(origins=Origins(np.array([50, 60]), {"ridge": np.arange(24.0).reshape(2, 12)}))
    own = payload(page(view, chosen="ridge"))["series"][0]
    np.testing.assert_array_equal(unpacked(own["y"]), view.history_y)
    np.testing.assert_array_equal(unpacked(own["yhat"]), view.forecast_y)
    found = {level: (unpacked(low), unpacked(high)) for level, low, high in own["bands"]}
    for level, (low, high) in view.bands.items():
        np.testing.assert_array_equal(found[level], (low, high))
    wanted = np.concatenate([view.history_ds, view.forecast_ds]).astype("datetime64[s]").astype("int64")
    assert stamps(own["ds"]) == wanted.tolist()
    assert own["repaired"] == [[40, 2]]
    assert own["origins"]["at"] == [50, 60]
    np.testing.assert_array_equal(unpacked(own["origins"]["predicted"][0][1]), np.arange(24.0))


def test_stamps_are_utc_with_what_the_clock_adds():
    """Berlin, the night of 2024-03-31: 01:00 UTC is 03:00."""
    utc = np.array(["2024-03-30T23:00", "2024-03-31T00:00", "2024-03-31T01:00"], dtype="datetime64[us]")
    wall = utc + np.array([1, 1, 2], dtype="timedelta64[h]")
    view = SeriesView("x", wall[:2], np.ones(2), wall[2:], np.ones(1), utc_ds=utc)
    whole = payload(ForecastView("t", [view], zone="Europe/Berlin"))
    seconds = utc.astype("datetime64[s]").astype("int64").tolist()
    assert stamps(whole["series"][0]["ds"]) == seconds
    assert whole["series"][0]["offsets"] == [[seconds[0], 3600], [seconds[2], 7200]]
    assert whole["clock"] == "minute"


def test_a_long_series_is_whole_and_under_a_megabyte():
    n, origins = 50_000, 300
    rng = np.random.default_rng(0)
    ds = np.datetime64("2019-01-01", "us") + np.timedelta64(1, "h") * np.arange(n + 48)
    at = n - 48 - np.arange(origins)[::-1]
    predicted = {name: rng.normal(size=(origins, 48)) for name in "abcdefgh"}
    bands = {level: (rng.normal(size=(origins, 48)), rng.normal(size=(origins, 48))) for level in (80.0, 95.0)}
    past, ahead = rng.normal(size=n), rng.normal(size=48)
    view = SeriesView("x", ds[:n], past, ds[n:], ahead, origins=Origins(at, predicted, bands))
    text = document(ForecastView("t", [view], chosen="a", report="report\n" * 40))
    assert len(text.encode()) < 1_000_000
    own = held(text)["series"][0]
    np.testing.assert_array_equal(unpacked(own["y"]), view.history_y)
    kept = own["origins"]["at"]
    assert kept[-1] == at[-1]
    assert len(kept) > 50
    assert f"{len(kept)} of 300 held-out forecasts" in own["cut"]


def test_of_many_series_each_keeps_its_newest_rows_and_says_so():
    rows = {"history_ds": days(1_000), "history_y": np.arange(1_000.0), "forecast_ds": days(H, 1_000)}
    many = [series(f"s{i}", **rows) for i in range(800)]
    whole = payload(page(*many))
    own = whole["series"][7]
    assert len(whole["series"]) == 800
    assert unpacked(own["y"]).tolist() == list(range(250, 1_000))
    assert own["cut"].startswith("The newest 750 of 1,000 rows are here.")


def test_rows_may_be_numbers_and_series_empty():
    numbered = SeriesView("x", np.arange(50), np.arange(50.0), np.arange(50, 60), np.arange(50.0, 60))
    whole = payload(page(numbered))
    assert not whole["dated"]
    assert stamps(whole["series"][0]["ds"]) == list(range(60))
    nothing = SeriesView("x", days(9), np.full(9, np.nan), days(3, 9), np.full(3, np.nan))
    assert payload(page(nothing))["series"][0]["y"] == [None] * 9


@given(st.lists(st.floats(allow_infinity=False, width=64), max_size=60), st.booleans())
def test_packed_numbers_come_back(values, exact):
    values = np.array(values, dtype="float64")
    found = unpacked(json.loads(json.dumps(packed(values, exact=exact), allow_nan=False)))
    if exact:
        np.testing.assert_array_equal(found, values)
    else:
        np.testing.assert_allclose(found, values, rtol=1e-7, atol=1e-37)


@given(st.lists(st.integers(-(10**12), 10**12), max_size=40, unique=True))
def test_packed_stamps_come_back(numbers):
    ds = np.array(sorted(numbers), dtype="int64")
    assert stamps(packed_stamps(ds)) == ds.tolist()


def test_spans_are_runs_of_rows():
    assert spans(np.array([2, 3, 4, 9])) == [[2, 3], [9, 1]]
