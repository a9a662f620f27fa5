"""`score`: forecasts as they are written, actuals as they come, exit 6 where a promise is broken."""

from __future__ import annotations

import json
from io import StringIO

import pandas as pd
import pytest

NAIVE = ("-m", "naive", "-q")


@pytest.fixture
def parts(tmp_path, sine):
    """The sine but its last day, and a forecast of that day."""
    frame = pd.read_csv(sine)
    frame.iloc[:-24].to_csv(tmp_path / "past.csv", index=False)
    return frame


def scored(tsf, forecast, actuals, *options, code=0):
    return json.loads(tsf("score", forecast, actuals, "--json", *options, code=code).stdout)["score"]


def test_the_score_is_that_of_the_rows_that_came(tsf, sine, parts, tmp_path):
    tsf("forecast", "past.csv", "-H", 24, *NAIVE, "-o", "f.csv")
    made, came = pd.read_csv(tmp_path / "f.csv"), parts.iloc[-24:]["load"].to_numpy()
    found = scored(tsf, "f.csv", sine)
    assert found["matched"] == found["rows"] == 24
    assert found["mae"] == pytest.approx(abs(came - made["yhat"]).mean())
    inside = (came >= made["yhat_lo_80"]) & (came <= made["yhat_hi_80"])
    assert found["coverage"]["80"]["share"] == pytest.approx(100 * inside.mean())
    # the forecast that was scored is the naive one itself, made from the rows before it
    assert found["references"]["naive"] == pytest.approx(found["mae"])
    assert found["references"]["seasonal-naive"] < found["mae"]
    assert [row["step"] for row in found["by_step"]] == list(range(1, 25))


@pytest.mark.parametrize("suffix", ["tsv", "jsonl", "json", "parquet", "xlsx"])
def test_every_format_that_forecast_writes_is_read(tsf, sine, parts, suffix):
    for name in ("f.csv", f"f.{suffix}"):
        tsf("forecast", "past.csv", "-H", 4, *NAIVE, "-o", name)
    assert scored(tsf, f"f.{suffix}", sine) == scored(tsf, "f.csv", sine)


def test_what_has_not_come_is_said_and_a_report_is_for_people(tsf, sine, parts):
    tsf("forecast", "past.csv", "-H", 24, *NAIVE, "-o", "f.csv")
    rows = sine.read_text().splitlines()
    del rows[-22]
    done = tsf("score", "f.csv", "-", stdin="\n".join(rows[:-6]) + "\n")
    assert "6 of 24 rows have not come yet" in done.stderr
    assert "1 of 24 rows have no actual value" in done.stderr
    assert "17 of 24 rows" in done.stdout
    assert "naive" in done.stdout


def test_without_rows_before_there_is_no_skill_and_that_is_said(tsf, parts, tmp_path):
    tsf("forecast", "past.csv", "-H", 24, *NAIVE, "-o", "f.csv")
    parts.iloc[-24:].to_csv(tmp_path / "new.csv", index=False)
    done = tsf("score", "f.csv", "new.csv", "--json")
    assert json.loads(done.stdout)["score"]["skill"] is None
    assert "no rows from before the forecast" in done.stdout


def test_a_single_row_has_no_step_but_that_of_the_forecast(tsf, parts, tmp_path):
    tsf("forecast", "past.csv", "-H", 24, *NAIVE, "-o", "f.csv")
    parts.iloc[-24:-23].to_csv(tmp_path / "one.csv", index=False)
    assert scored(tsf, "f.csv", "one.csv")["matched"] == 1


def test_finer_actuals_are_brought_onto_the_steps_of_the_forecast(tsf, sine, parts, tmp_path):
    tsf("forecast", "past.csv", "-H", 24, *NAIVE, "-o", "f.csv")
    frame = pd.read_csv(sine, parse_dates=["when"])
    later = frame.assign(when=frame["when"] + pd.Timedelta("30min"), load=frame["load"] + 0.2)
    pd.concat([frame, later]).sort_values("when").to_csv(tmp_path / "fine.csv", index=False)
    found, finer = scored(tsf, "f.csv", sine), scored(tsf, "f.csv", "fine.csv")
    assert finer["matched"] == 24
    assert finer["bias"] == pytest.approx(found["bias"] + 0.1)


def test_series_by_id_and_by_column_are_matched_by_name(tsf, sine, parts, tmp_path):
    frame = pd.read_csv(sine)
    wide = frame.assign(other=frame["load"] * 10)
    wide.iloc[:-24].to_csv(tmp_path / "wide.csv", index=False)
    wide.to_csv(tmp_path / "wide_all.csv", index=False)
    long = wide.melt("when", var_name="sensor", value_name="y")
    long[long["when"] < frame["when"].iloc[-24]].to_csv(tmp_path / "long.csv", index=False)
    long[long["sensor"] == "load"].to_csv(tmp_path / "long_all.csv", index=False)
    tsf("forecast", "wide.csv", "-H", 4, *NAIVE, "-o", "w.csv")
    tsf("forecast", "long.csv", "--id-col", "sensor", "-H", 4, *NAIVE, "-o", "l.csv")
    both = scored(tsf, "w.csv", "wide_all.csv")
    assert (both["series"], both["matched"], both["judged"]) == (2, 8, 2)
    done = tsf("score", "l.csv", "long_all.csv", "--json")
    assert (json.loads(done.stdout)["score"]["series"], json.loads(done.stdout)["score"]["matched"]) == (1, 4)
    assert "1 of 2 series are not in the actuals: other" in done.stdout


def test_zones_and_clock_changes(tsf, tmp_path):
    stamps = pd.date_range("2024-03-29", periods=80, freq="h", tz="Europe/Berlin")
    frame = pd.DataFrame({"t": stamps.tz_localize(None), "y": range(80)})
    frame.iloc[:48].to_csv(tmp_path / "past.csv", index=False)
    frame.to_csv(tmp_path / "all.csv", index=False)
    tsf("forecast", "past.csv", "--zone", "Europe/Berlin", "-H", 30, *NAIVE, "-o", "f.csv")
    assert "+02:00" in (tmp_path / "f.csv").read_text()
    found = scored(tsf, "f.csv", "all.csv", "--zone", "Europe/Berlin")
    assert (found["matched"], found["bias"]) == (30, pytest.approx(15.5))


def test_row_numbers_are_matched_with_row_numbers(tsf, tmp_path):
    pd.DataFrame({"step": range(60), "y": [i % 6 for i in range(60)]}).to_csv(tmp_path / "all.csv", index=False)
    pd.read_csv(tmp_path / "all.csv").iloc[:54].to_csv(tmp_path / "past.csv", index=False)
    tsf("forecast", "past.csv", "-H", 6, "-m", "seasonal-naive", "--season-length", 6, "-q", "-o", "f.csv")
    assert scored(tsf, "f.csv", "all.csv")["mae"] == 0


def test_a_broken_promise_is_exit_6_and_still_in_the_history(tsf, sine, parts, tmp_path):
    tsf("forecast", "past.csv", "-H", 24, *NAIVE, "-o", "f.csv")
    parts.assign(load=parts["load"] + 1000 * (parts.index >= len(parts) - 24)).to_csv(tmp_path / "off.csv", index=False)
    tsf("score", "f.csv", sine, "--history", "h.csv")
    done = tsf("score", "f.csv", "off.csv", "--history", "h.csv", "--json", code=6)
    assert "80 % covered 0.0 %" in json.loads(done.stderr.splitlines()[-1])["message"]
    assert json.loads(done.stdout)["score"]["promise"]["held"] is False
    history = pd.read_csv(tmp_path / "h.csv")
    assert history["coverage_80"].tolist()[1] == 0
    assert len(history) == 2


def test_what_is_no_forecast_or_has_not_come_at_all_is_refused(tsf, sine, parts, tmp_path):
    tsf("forecast", "past.csv", "-H", 24, *NAIVE, "-o", "f.csv")
    assert "no table of forecasts" in tsf("score", sine, sine, code=5).stderr
    assert "none of the 24 rows" in tsf("score", "f.csv", "past.csv", code=5).stderr
    assert "both come from stdin" in tsf("score", "-", "-", code=2, stdin="").stderr
    twice = (tmp_path / "f.csv").read_text()
    again = twice + twice.split("\n", 1)[1]
    assert "two forecasts of" in tsf("score", "-", sine, code=5, stdin=again).stderr
    (tmp_path / "h.csv").write_text("a,b\n")
    assert "other columns" in tsf("score", "f.csv", sine, "--history", "h.csv", code=5).stderr


def test_the_forecast_may_come_from_a_pipe(tsf, sine, parts):
    made = tsf("forecast", "past.csv", "-H", 24, *NAIVE).stdout
    assert len(pd.read_csv(StringIO(made))) == 24
    assert "24 of 24 rows" in tsf("score", "-", sine, stdin=made).stdout


def test_what_is_merged_left_out_or_empty_is_said(tsf, sine, parts, tmp_path):
    tsf("forecast", "past.csv", "-H", 24, *NAIVE, "-o", "f.csv")
    head, first, second, *rest = (tmp_path / "f.csv").read_text().splitlines()
    stamp = second.split(",")[0]
    holed = "\n".join([head, first, f"{stamp},,,,,", *rest, "mean,1,2,3,4,5"]) + "\n"
    last = sine.read_text().splitlines()[-1].split(",")[0]
    (tmp_path / "twice.csv").write_text(sine.read_text() + f"{last},99\n")
    said = tsf("score", "-", "twice.csv", stdin=holed).stderr
    assert "note: repaired: 1 duplicate stamp merged" in said
    assert "note: forecast: 1 rows: footer left out" in said
    assert "1 of 24 rows of the forecast have no number" in said
    assert "repaired" not in tsf("score", "f.csv", sine).stderr
    nothing = "\n".join([head, *(row.split(",")[0] + ",,1,2,1,2" for row in (first, second, *rest))]) + "\n"
    assert "no row of the forecast that has come has a number" in tsf("score", "-", sine, code=5, stdin=nothing).stderr
