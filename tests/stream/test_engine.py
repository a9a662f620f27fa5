"""Rows in, lines out: what is forecast, and the rules for rows that are late, twice there, missing or unreadable."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from stream.conftest import engine_of, hour, lines, streamed, training

import tsforecast as ts
from tsforecast.config import ReadConfig
from tsforecast.errors import DataError, UsageError
from tsforecast.stream import running


def test_each_row_is_compared_with_what_was_given_out_before_it(naive):
    last = float(training()["load"].iloc[-1])
    first, second = streamed(naive, lines((0, 12.5), (1, 99.0)))
    assert first["expected"]["yhat"] == pytest.approx(last)
    assert first["forecast"]["yhat"] == [12.5] * 4
    assert second["expected"]["yhat"] == 12.5
    assert second["expected"]["yhat_hi_95"] == pytest.approx(first["forecast"]["yhat_hi_95"][0])
    assert second["outside"] == [80, 95]
    assert second["alarm_rate"] == 0.5
    assert (second["line"], second["when"], second["load"], second["status"]) == (3, hour(1), 99.0, "ok")


def test_what_is_given_out_is_what_predict_says(naive, tmp_path):
    (said,) = streamed(naive, lines((0, 12.5)))
    frame = training()
    frame.loc[300] = [hour(0), 12.5]
    frame.to_csv(tmp_path / "more.csv", index=False)
    made = ts.predict(naive, str(tmp_path / "more.csv")).frame
    assert said["forecast"]["yhat"] == pytest.approx(made["yhat"].tolist())
    # the widths have learnt from a hundred seeds and one row
    assert said["forecast"]["yhat_hi_80"] == pytest.approx(made["yhat_hi_80"].tolist(), rel=0.05)


def test_whole_numbers_and_closed_days_are_as_predict_has_them(tmp_path):
    """Counts of a shop that is closed on Sundays: a forecast of a mean is whole, and 0 on a Sunday."""
    days = pd.date_range("2024-01-01", periods=140)
    sold = np.where(days.dayofweek == 6, 0, 40 + np.random.default_rng(0).integers(0, 9, 140))
    frame = pd.DataFrame({"day": days, "sold": sold})
    frame.iloc[:130].to_csv(tmp_path / "known.csv", index=False)
    ts.save(tmp_path / "m.tsf", ts.fit(str(tmp_path / "known.csv"), 7, model="drift"))
    rows = "".join(f"{day:%F},{n}\n" for day, n in frame.iloc[130:].to_numpy())
    said = streamed(tmp_path / "m.tsf", "day,sold\n" + rows)
    frame.to_csv(tmp_path / "all.csv", index=False)
    made = ts.predict(tmp_path / "m.tsf", str(tmp_path / "all.csv")).frame
    assert said[-1]["forecast"]["yhat"] == made["yhat"].tolist()
    for name in ("yhat", "yhat_lo_95", "yhat_hi_95"):
        shown = said[-1]["forecast"][name]
        assert shown[days[-7:].dayofweek.tolist().index(6)] == 0
        assert shown == [round(value) for value in shown]


def test_rows_together_are_said_as_one_by_one(naive, monkeypatch):
    rng = np.random.default_rng(3)
    rows = [(i, round(10 + rng.standard_normal(), 3)) for i in range(120) if i % 17]
    rows[40:42] = rows[41], rows[40]
    together = streamed(naive, lines(*rows))
    monkeypatch.setattr(running, "MOST_TOGETHER", 1)
    for one, other in zip(streamed(naive, lines(*rows)), together, strict=True):
        assert one["forecast"]["yhat_lo_95"] == pytest.approx(other["forecast"]["yhat_lo_95"])
        assert {k: v for k, v in one.items() if k not in ("forecast", "expected")} == {
            k: v for k, v in other.items() if k not in ("forecast", "expected")
        }


def test_steps_that_did_not_come_are_what_was_expected_and_never_judged(naive):
    first, after = streamed(naive, lines((0, 12.0), (4, 11.0)))
    assert after["missing_before"] == 3
    assert after["expected"]["yhat"] == first["forecast"]["yhat"][3]
    assert after["coverage"] == first["coverage"]  # only one step ahead teaches


def test_a_row_without_a_value_is_missing_and_the_series_goes_on(naive):
    _, missing, after = streamed(naive, lines((0, 12.0), (1, ""), (2, 13.0)))
    assert (missing["status"], missing["load"]) == ("missing", None)
    assert missing["forecast"]["yhat"] == [12.0] * 4
    assert "expected" not in missing
    assert after["expected"]["yhat"] == 12.0


def test_a_late_row_takes_its_place_and_changes_the_forecast(naive):
    *_, before, late, again, old = streamed(naive, lines((0, 12.0), (2, 13.0), (1, 99.0), (1, 98.0), (-900, 1.0)))
    assert before["missing_before"] == 1
    assert (late["status"], again["status"], old["status"]) == ("late", "duplicate", "too late")
    assert late["forecast"]["yhat"] == [13.0] * 4
    assert "forecast" not in again
    # the model that looks at the row before the last sees it
    drift = engine_of(naive)
    streamed(naive, lines((0, 12.0), (2, 13.0), (1, 99.0)), drift)
    (track,) = drift[0].tracks.values()
    assert track.now().values[-3:, 0].tolist() == [12.0, 99.0, 13.0]


def test_the_first_of_two_rows_stays(naive):
    _, twice, after = streamed(naive, lines((0, 12.0), (0, 50.0), (1, 12.0)))
    assert twice["status"] == "duplicate"
    assert after["expected"]["yhat"] == 12.0


def test_a_stamp_beside_the_grid_is_moved_and_that_is_said(naive):
    (moved,) = streamed(naive, f"when,load\n{hour(0)[:-5]}08:00,12.0\n")
    assert moved["moved_to"] == hour(0)
    assert moved["status"] == "ok"


def test_after_more_than_a_window_the_series_begins_anew(naive):
    _, anew, after = streamed(naive, lines((0, 12.0), (5000, 20.0), (5001, 21.0)))
    assert anew["restarted"]
    assert "expected" not in anew
    assert after["expected"]["yhat"] == 20.0


def test_what_cannot_be_read_is_said_and_changes_nothing(naive):
    text = "when,load\n" + f"{hour(0)},12\nnever,3\n{hour(1)}\n{hour(1)},?!\n{hour(2)},1,300\n{hour(2)},13,\n"
    first, stamp, short, word, long, after = streamed(naive, text)
    assert "no stamp" in stamp["reason"]
    assert short["reason"] == "1 cells are too few"
    assert (long["status"], long["reason"]) == ("unreadable", "3 cells where there are 2 columns")
    assert (word["status"], word["reason"]) == ("missing", "'?!' is no number")
    assert [row["status"] for row in (first, stamp, short, after)] == ["ok", "unreadable", "unreadable", "ok"]


def test_a_line_too_long_to_keep_is_one_unreadable_row(naive, monkeypatch):
    monkeypatch.setattr(running, "LONGEST_LINE", 2000)
    monkeypatch.setattr(running, "_CHUNK", 1000)
    first, long, after = streamed(naive, f"when,load\n{hour(0)},12\n{'x' * 9999}\n{hour(1)},13\n")
    assert (first["status"], long["status"], after["status"]) == ("ok", "unreadable", "ok")
    assert (long["line"], after["line"]) == (3, 4)


def test_without_a_header_columns_are_those_of_the_model(naive, by_id):
    (said,) = streamed(naive, f"{hour(0)},12.0\n")
    assert said["load"] == 12.0
    assert streamed(by_id, f"{hour(0)},a,12.0\n")[0]["sensor"] == "a"
    (of_object,) = streamed(naive, f'{{"load": 12.0, "when": "{hour(0)}"}}\n')
    assert of_object["forecast"] == said["forecast"]
    with pytest.raises(DataError, match="3 cells") as refused:
        streamed(naive, f"{hour(0)},12.0,13.0\n")
    assert "--columns when,load" in refused.value.hint
    with pytest.raises(DataError, match="names the column 'load' twice"):
        streamed(naive, f"when,load,load\n{hour(0)},12.0,13.0\n")


@pytest.mark.parametrize(
    ("delimiter", "decimal", "line", "value"),
    [
        ("semicolon", ",", "{};1.234,5", 1234.5),
        (";", ",", "{};1.234", 1234.0),
        ("blank", None, "{}   12.5", 12.5),
        ("space", None, '"{}"  12.5', 12.5),
        ("tab", ".", "{}\t1,234.5", 1234.5),
        (None, ",", '{{"when": "{}", "load": 1.234}}', 1.234),
        (None, None, "{},1_000", None),
    ],
)
def test_cells_and_numbers_are_read_as_those_of_files(naive, delimiter, decimal, line, value):
    engine = engine_of(naive, read=ReadConfig(delimiter=delimiter, decimal=decimal))
    (said,) = streamed(naive, line.format(hour(0)) + "\n", engine)
    assert said["load"] == value


def test_a_delimiter_of_two_characters_is_refused(naive):
    with pytest.raises(UsageError, match="one character"):
        engine_of(naive, read=ReadConfig(delimiter=";;"))


def test_an_edge_that_was_crossed_stays_crossed_after_a_restart(naive):
    first, second = engine_of(naive), engine_of(naive)
    below = streamed(naive, lines((0, -5.0)), first)
    assert below[0]["forecast"]["yhat"] == [-5.0] * 4
    second[0].restore(json.loads(json.dumps(first[0].to_list())))
    one, other = (streamed(naive, lines((1, -4.0)), engine)[-1] for engine in (first, second))
    assert one["expected"]["yhat"] == -5.0
    assert {**other, "line": one["line"]} == one


def test_series_are_told_apart_and_new_ones_learn_from_nothing(by_id):
    rows = [f"{hour(i)},{name},{value}" for i in range(30) for name, value in (("a", 10), ("b", 100), ("new", i % 7))]
    said = streamed(by_id, "when,sensor,load\n" + "\n".join(rows) + "\n")
    a, b, new = ([row for row in said if row["sensor"] == name] for name in ("a", "b", "new"))
    assert (a[1]["expected"]["yhat"], b[1]["expected"]["yhat"]) == (10, 100)
    width = [row["forecast"]["yhat_hi_80"][0] - row["forecast"]["yhat"][0] for row in (a[1], b[1])]
    assert width[1] == pytest.approx(10 * width[0], rel=0.5)
    assert new[1]["forecast"]["yhat_lo_80"] is None
    assert new[-1]["forecast"]["yhat_lo_95"][0] < new[-1]["forecast"]["yhat"][0]


def test_the_series_silent_for_longest_is_forgotten(by_id):
    engine = engine_of(by_id, most_series=2)
    rows = [f"{hour(0)},{name},1" for name in ("a", "b", "a", "c")]
    streamed(by_id, "when,sensor,load\n" + "\n".join(rows) + "\n", engine)
    assert [uid for uid, _ in engine[0].tracks] == ["a", "c"]
    assert engine[0].counts["forgotten"] == 1


def test_drift_of_level_and_spread_is_against_training(naive):
    noise = np.random.default_rng(5).standard_normal(3000)
    said = streamed(naive, lines(*((i, 15 + 3 * noise[i]) for i in range(3000))))[-1]
    assert said["drift"]["level"] == pytest.approx(5, abs=0.8)
    assert said["drift"]["spread"] == pytest.approx(3, rel=0.2)
    assert said["coverage"]["80"] == pytest.approx(80, abs=6.5)
    assert said["alarm_rate"] == pytest.approx(0.05, abs=0.03)
