"""The page as a person uses it: in a headless Chromium, at the width of a telephone and of a desk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browser import CHROMIUM, Browser
from views import page, series

from tsforecast.plots.fan import save_forecast
from tsforecast.plots.view import Candidate, Origins, SeriesView

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
# Screenshots stay here where it is set, to be looked at.
KEPT = os.environ.get("TSFORECAST_SCREENSHOTS")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.close()


def hours(n: int, zone_hours: int = 1) -> tuple[np.ndarray, np.ndarray]:
    utc = np.datetime64("2024-01-01", "us") + np.timedelta64(1, "h") * np.arange(n)
    return utc + np.timedelta64(zone_hours, "h"), utc


@pytest.fixture(scope="module")
def single(tmp_path_factory) -> Path:
    """240 hours whose value is their row, a forecast of 24 below them, two origins."""
    wall, utc = hours(264)
    ahead = np.arange(240.0, 264.0)
    view = SeriesView(
        "load <b>",
        wall[:240],
        np.arange(240.0),
        wall[240:],
        ahead,
        label="kW",
        bands={80.0: (ahead - 5, ahead + 5), 95.0: (ahead - 9, ahead + 9)},
        origins=Origins(np.array([192, 216]), {"ridge": np.full((2, 24), 200.0), "naive": np.full((2, 24), 100.0)}),
        repaired_ds=wall[100:102],
        repairs=[(float(utc[100].astype("int64") / 1e6), 102, None, 100.0, "filled")],
        beyond_horizon=18,
        utc_ds=utc,
    )
    scores = [Candidate("ridge", 1.0, 2.0, 3.0, 0.5, 0.4, None), Candidate("naive", 2.0, 3.0, 4.0, 0.9, 0.0, None)]
    told = {"zone": "Europe/Berlin", "chosen": "ridge", "reference": "naive", "candidates": scores}
    whole = page(view, held={80.0: (840, 1000), 95.0: (21, 24)}, by_step={"ridge": np.arange(1.0, 25)}, **told)
    path = tmp_path_factory.mktemp("single") / "x.html"
    save_forecast(whole, str(path))
    return path


@pytest.fixture(scope="module")
def panel(tmp_path_factory) -> Path:
    many = [series(f"store_{i:04d}", skill=(i % 50) / 50, coverage=80.0 + i % 7) for i in range(5_000)]
    many[3] = replace(many[3], name="Zürich <img src=x onerror=alert(1)>", skill=0.99)
    path = tmp_path_factory.mktemp("panel") / "x.html"
    save_forecast(page(*many), str(path))
    return path


def look(browser: Browser, path: Path, width: int, name: str, *, dark: bool = False) -> None:
    browser.open(path, width, dark=dark)
    browser.run("1")
    if KEPT:
        browser.screenshot(Path(KEPT) / f"{name}-{width}{'-dark' if dark else ''}.png")
    assert browser.errors == []
    assert browser.fetched() == []
    # nothing sticks out at the side
    assert browser.run("document.documentElement.scrollWidth") <= width


def plot_area(browser: Browser) -> tuple[float, float, float, float]:
    place = "document.querySelector('#chart .u-over').getBoundingClientRect()"
    found = browser.run(f"(b => [b.x, b.y, b.width, b.height])({place})")
    return found[0], found[1], found[2], found[3]


def readout(browser: Browser) -> str:
    return str(browser.run("document.getElementById('readout').textContent"))


@pytest.mark.parametrize("width", [360, 1600])
def test_hover_says_the_value_with_its_stamp_and_zone(browser, single, width):
    look(browser, single, width, "single")
    browser.click("#everything")
    browser.run("scrollTo(0, 0)")
    x, y, w, h = plot_area(browser)
    for row in (0, 131, 263):
        browser.mouse("mouseMoved", x + min(max(w * row / 263, 0.1), w - 0.1), y + h / 2)
        said = readout(browser)
        at = np.datetime64("2024-01-01T01:00") + np.timedelta64(row, "h")
        assert said.startswith(str(at).replace("T", " ") + " Europe/Berlin (+01:00)")
        assert (f"observed {row}" if row < 240 else f"beyond: {row} · 95 %: {row - 9} to {row + 9}") in said
    assert "24 steps ahead" in readout(browser)


def test_dragging_zooms_and_a_double_click_shows_all(browser, single):
    look(browser, single, 1600, "single")
    browser.click("#everything")
    x, y, w, h = plot_area(browser)
    browser.drag((x + w * 0.25, y + h / 2), (x + w * 0.5, y + h / 2))
    browser.mouse("mouseMoved", x + 2, y + h / 2)
    assert abs(int(readout(browser).split("observed ")[1]) - 0.25 * 263) <= 2
    browser.mouse("mouseMoved", x + w - 2, y + h / 2)
    assert abs(int(readout(browser).split("observed ")[1].split(" ")[0]) - 0.5 * 263) <= 2
    for count in (1, 2):
        for kind in ("mousePressed", "mouseReleased"):
            browser.mouse(kind, x + w / 2, y + h / 2, button="left", clickCount=count)
    browser.mouse("mouseMoved", x + 1, y + h / 2)
    assert "observed 0" in readout(browser)


def test_the_keyboard_reads_zooms_and_moves(browser, single):
    look(browser, single, 1600, "single")
    browser.run("document.getElementById('chart').focus()")
    browser.press("End")
    assert "24 steps ahead" in readout(browser)
    browser.press("ArrowLeft")
    assert "23 steps ahead" in readout(browser)
    browser.press("Home")
    assert "2024-01-01 01:00 Europe/Berlin" in readout(browser)
    assert "observed 0" in readout(browser)


def test_levels_and_candidates_are_switched(browser, single):
    look(browser, single, 1600, "single", dark=True)
    buttons = "[...document.querySelectorAll('#switches button')]"
    assert browser.run(f"{buttons}.map(b => b.textContent)") == [
        "80 %: held 84 of 100",
        "95 %: held 21 of 24",
        "ridge, held out",
        "naive, held out",
    ]
    browser.run(f"{buttons}[1].click() || {buttons}[3].click()")
    assert browser.run(f"{buttons}.map(b => b.getAttribute('aria-pressed'))") == ["true", "false", "true", "true"]
    browser.click("#everything")
    x, y, w, h = plot_area(browser)
    browser.mouse("mouseMoved", x + w - 1, y + h / 2)
    assert "95 %" not in readout(browser)
    assert "80 %: 258 to 268" in readout(browser)
    browser.mouse("mouseMoved", x + w * 230 / 263, y + h / 2)
    assert "ridge forecast 200 · naive forecast 100" in readout(browser)


def test_the_held_out_forecast_of_another_origin_is_chosen(browser, single):
    look(browser, single, 1600, "single")
    browser.run("document.getElementById('origin').focus()")
    browser.press("ArrowLeft", code="ArrowLeft", windowsVirtualKeyCode=37)
    # row 191 is the last before it
    said = browser.run("document.getElementById('cutoff').textContent")
    assert said.startswith("forecast made after 2024-01-09 00:00")


def test_tables_and_files_say_what_is_drawn(browser, single):
    look(browser, single, 1600, "single")
    assert browser.run("document.querySelector('#candidates tr.chosen').innerText").split("\t")[:2] == ["ridge", "1"]
    assert browser.run("document.querySelector('#repairs tbody').innerText").split("\t") == [
        "2024-01-05 05:00 Europe/Berlin (+01:00)",
        "102",
        "",
        "100",
        "filled",
    ]
    browser.run("URL.createObjectURL = blob => { window.given = blob; return 'blob:none'; }")
    browser.run("HTMLAnchorElement.prototype.click = () => {}")
    browser.click("#get-forecast")
    browser.run("given.text().then(text => { window.saved = text; })")
    rows = str(browser.run("saved")).splitlines()
    assert rows[0] == "unique_id,ds,yhat,yhat_lo_95,yhat_hi_95,yhat_lo_80,yhat_hi_80,beyond_horizon"
    assert rows[1] == "load <b>,2024-01-11T01:00:00+01:00,240,231,249,235,245,false"
    assert len(rows) == 25
    assert rows[-1].endswith("true")


@pytest.mark.parametrize("width", [360, 1600])
def test_of_five_thousand_series_one_is_found_and_shown(browser, panel, width):
    look(browser, panel, width, "panel")
    assert browser.run("document.querySelectorAll('.row').length") < 60
    browser.click("#list input")
    browser.type("zürich")
    assert browser.run("document.querySelector('.count').textContent") == "1 of 5,000 series"
    browser.click(".row")
    assert browser.run("document.getElementById('name').textContent").startswith("Zürich <img src=x onerror=alert(1)>")
    change = "(e => {{ e.value = '{}'; e.dispatchEvent(new Event('{}')); }})(document.querySelector('#list {}'))"
    browser.run(change.format("", "input", "input"))
    browser.run(change.format("skill", "change", "select"))
    rows = "[...document.querySelectorAll('.row')].sort((a, b) => a.offsetTop - b.offsetTop)"
    assert browser.run(f"{rows}[0].querySelector('.told').textContent").startswith("skill 0.99")
    browser.run("(b => { b.scrollTop = b.scrollHeight; })(document.querySelector('.rows'))")
    assert browser.run(f"{rows}.pop().querySelector('.told').textContent").startswith("skill 0.00")
    assert browser.run("document.querySelectorAll('.row').length") < 60
    assert browser.errors == []


def test_it_prints(browser, single):
    browser.open(single, 1600, dark=True)
    browser.run("1")
    assert browser.pdf().startswith(b"%PDF")
    assert browser.errors == []
