"""The page of a batch: the worst first, nothing from outside, nothing of the data obeyed, quick with 5,000 series."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tsforecast.batch.gathering import Totals
from tsforecast.batch.pieces import Plan
from tsforecast.batch.webpage import COLUMNS, MOST, Worst, page

EVIL = "</script><script>document.title='obeyed'</script>\x1b[2J"
chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def row(i: int, state: str = "ok", skill: float | None = 0.5, **more) -> dict:
    usual = dict.fromkeys(COLUMNS) | {"coverage": {"80": 75.0}, "drift": {"level": 0.25, "spread": 1.0}}
    own = {"unique_id": f"s{i:05d}", "channel": "y", "source": "a.csv", "state": state, "reason": "", "skill": skill}
    return usual | own | {"model": None if state == "left out" else "theta", "rows": 100, "stale": 0} | more


def made(rows: list[dict]) -> tuple[str, Worst]:
    totals, worst = Totals(), Worst("80")
    for one in rows:
        totals.add(one)
        worst.add(one)
    return page(Plan([], {}, "", [], ""), totals, worst).decode(), worst


def thousands(n: int = 5000) -> list[dict]:
    rows = [row(i, skill=round(1 - i / n, 4)) for i in range(n)]
    rows[7] = row(7, "left out", None, reason="no value")
    rows[9] = row(9, "doubtful", 0.9, reason="constant: every value is 7")
    rows[11] = row(11, reason=EVIL)
    return rows


def test_the_worst_are_first():
    _, worst = made(thousands())
    assert [cells[0] for cells in worst.rows[:4]] == ["s00007", "s00009", "s04999", "s04998"]
    assert len(worst.rows) == 5000


def test_of_very_many_series_the_page_has_the_worst_and_says_so():
    text, worst = made([row(i, skill=i / 10_000) for i in range(MOST + 500)])
    assert [cells[0] for cells in (worst.rows[0], worst.rows[-1])] == ["s00000", f"s{MOST - 1:05d}"]
    assert f"the worst {MOST:,} of them" in text
    assert sum(worst.spread) == MOST + 500


def test_the_page_is_whole_in_itself_and_obeys_nothing():
    text, _ = made(thousands(20))
    assert not re.findall(r"(?:src|href)=|url\(|https?://", text)
    assert "default-src 'none'" in text
    assert "{{" not in text
    assert text.count("<script") == text.count("</script>") == 2
    assert "\x1b" not in text
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    assert len(data) == 20
    assert {len(cells) for cells in data} == {len(COLUMNS)}


ASK = """<script>
const said = [], seen = () => [...document.querySelectorAll("#rows tr")].map(line => line.cells[0].textContent);
const type = text => { const q = document.getElementById("q"); q.value = text; q.dispatchEvent(new Event("input")); };
said.push(seen().slice(0, 3), seen().length);
type("s00011"); said.push(seen(), document.getElementById("n").textContent);
type("CONSTANT theta"); said.push(seen());
type(""); document.querySelectorAll(".series button")[0].click(); said.push(seen().slice(0, 3));
document.querySelectorAll(".series button")[0].click(); said.push(seen().slice(0, 2));
document.getElementById("more").click(); said.push(seen().length);
const s = document.getElementById("s"); s.value = "left out"; s.dispatchEvent(new Event("change")); said.push(seen());
document.body.dataset.said = JSON.stringify([document.title, ...said]);
</script></body>"""


@pytest.mark.skipif(chromium is None, reason="needs Chromium")
def test_in_a_browser_five_thousand_series_are_searched_and_sorted(tmp_path: Path):
    text, _ = made(thousands())
    (tmp_path / "report.html").write_text(text.replace("</body>", ASK))
    options = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync"
    place = [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"file://{tmp_path / 'report.html'}"]
    done = subprocess.run([str(chromium), *options.split(), *place], capture_output=True, text=True, check=False)
    said = re.search(r'data-said="([^"]*)"', done.stdout)
    assert said, done.stderr[-2000:]
    title, first, drawn, one, count, words, ascending, descending, further, lost = json.loads(
        said[1].replace("&quot;", '"')
    )
    assert title == "5,000 series: 1 left out, 1 doubtful, 4,998 ok"
    assert (first, drawn) == (["s00007", "s00009", "s04999"], 200)
    assert (one, count) == (["s00011"], "1 of 5,000")
    assert words == ["s00009"]
    assert ascending == ["s00000", "s00001", "s00002"]
    assert descending == ["s04999", "s04998"]
    assert further == 400
    assert lost == ["s00007"]
