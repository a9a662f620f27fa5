"""What inspect says of a file is what is in the file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.errors import DataError, NotReadableError, UsageError
from tsforecast.workflows.embed import embed
from tsforecast.workflows.inspect import Inspection, inspect
from tsforecast.workflows.load import load


def write(path: Path, **columns: object) -> Path:
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def look(path: Path, preparing: PrepareConfig | None = None, **reading: object) -> Inspection:
    return inspect(str(path), ReadConfig(**reading), preparing or PrepareConfig())  # type: ignore[arg-type]


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    """600 hours of a noisy day: hours 100 to 102, 300 and 301 absent, 400 empty, 50 twice, a spike at 200."""
    hours = np.arange(600)
    values = 10 + 3 * np.sin(2 * np.pi * hours / 24) + 0.2 * np.random.default_rng(0).standard_normal(600)
    values[200], values[400] = 80.0, np.nan
    frame = pd.DataFrame({"when": pd.date_range("2024-01-01", periods=600, freq="h"), "load": values, "site": "A"})
    frame = frame.drop(index=[100, 101, 102, 300, 301])
    frame = pd.concat([frame.loc[:50], frame.loc[50:]])
    path = tmp_path / "messy.csv"
    frame.to_csv(path, index=False)
    return path


def test_gaps_are_where_values_are_missing(messy: Path):
    (channel,) = look(messy).channels
    assert channel.missing == 6
    assert [(gap.start, gap.end, gap.steps) for gap in channel.gaps] == [
        ("2024-01-05T04:00:00", "2024-01-05T06:00:00", 3),
        ("2024-01-13T12:00:00", "2024-01-13T13:00:00", 2),
        ("2024-01-17T16:00:00", "2024-01-17T16:00:00", 1),
    ]
    assert channel.edges == 0


def test_facts_of_a_channel(messy: Path):
    found = look(messy)
    (channel,) = found.channels
    facts = channel.to_dict(found.freq)
    seen = pd.read_csv(messy)["load"].dropna()
    assert facts["max"] == 80.0
    assert facts["min"] == pytest.approx(seen.min())
    assert facts["outliers"] == 1
    assert facts["season_length"] == 24
    assert facts["periods"][0]["steps"] == pytest.approx(24, rel=0.01)
    assert facts["periods"][0]["duration"] == "1 day"
    assert facts["trend"]["direction"] == "none"


def test_what_would_be_repaired_is_what_prepare_does(messy: Path):
    found = look(messy)
    prepared, _ = load(str(messy), ReadConfig(), PrepareConfig())
    assert found.prepared is not None
    assert found.prepared.ledger.counts() == prepared.ledger.counts()
    assert found.prepared.report == prepared.report
    assert found.reading["ignored"] == {"site": "constant text"}
    assert (found.start, found.end, found.freq) == ("2024-01-01T00:00:00", "2024-01-25T23:00:00", "h")


def test_looking_for_outliers_does_not_count_as_repairing(messy: Path):
    found = look(messy, PrepareConfig(max_repaired=0.05))
    assert found.problem is None
    assert found.prepared is not None
    assert found.prepared.report.outliers == 0


def test_everything_becomes_json_and_the_keys_are_stable(messy: Path):
    facts = look(messy).to_dict()
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert list(facts) == [
        "source", "reading", "problem", "freq", "start", "end", "repairs", "preparing", "n_channels", "channels",
        "untested", "watch", "columns",
    ]  # fmt: skip
    assert list(facts["channels"][0]) == [
        "series", "channel", "steps", "missing", "missing_at_edges", "n_gaps", "longest_gaps", "mean", "sd", "min",
        "max", "distinct", "outliers", "season_length", "periods", "trend", "stationarity", "dynamics",
    ]  # fmt: skip


def test_every_key_is_in_the_documentation(messy: Path, project: Path):
    text = (project / "docs" / "files.md").read_text(encoding="utf-8")
    facts = look(messy).to_dict()
    for key in [*facts, *facts["channels"][0], *facts["reading"]]:
        assert f"`{key}`" in text, f"docs/files.md does not explain the key {key}"


def test_irregular_stamps_are_shown_with_what_would_stop(tmp_path: Path):
    rng = np.random.default_rng(0)
    stamps = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.cumsum(rng.exponential(600, 200)).round(), unit="s")
    found = look(write(tmp_path / "x.csv", t=stamps, v=rng.standard_normal(200)))
    assert found.prepared is None
    assert found.problem is not None
    assert "irregular" in found.problem.message
    assert "--freq" in found.problem.hint
    assert [c.name for c in found.channels] == ["v"]
    assert found.to_dict()["freq"] is None


def test_a_step_asked_for_makes_irregular_stamps_regular(tmp_path: Path):
    rng = np.random.default_rng(0)
    stamps = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.cumsum(rng.exponential(600, 200)).round(), unit="s")
    path = write(tmp_path / "x.csv", t=stamps, v=rng.standard_normal(200))
    found = look(path, PrepareConfig(freq="30min"))
    assert found.problem is None
    assert found.freq == "30min"


def test_doubtful_dates_are_shown_day_first_with_the_option_to_give(tmp_path: Path):
    path = write(tmp_path / "x.csv", when=["03/04/2020", "04/04/2020", "05/04/2020"], v=[1, 2, 4])
    found = look(path)
    assert found.problem is not None
    assert "--dayfirst or --monthfirst" in found.problem.hint
    assert found.start == "2020-04-03"
    assert look(path, dayfirst=False).problem is None


def test_an_excess_of_the_budget_is_what_would_stop(messy: Path):
    found = look(messy, PrepareConfig(max_repaired=0.0))
    assert found.problem is not None
    assert "budget" in found.problem.message
    assert found.freq == "h"


def test_what_cannot_be_read_is_an_error(tmp_path: Path):
    with pytest.raises(NotReadableError):
        look(tmp_path / "absent.csv")
    with pytest.raises(UsageError):
        look(write(tmp_path / "x.csv", v=range(30)), PrepareConfig(outliers="hampel"), encoding="no-such-code")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(DataError):
        look(tmp_path / "empty.csv")


@pytest.mark.parametrize(
    ("values", "concern"),
    [
        (np.full(100, 3.0), "constant"),
        (np.r_[np.sin(np.arange(60.0)), [-999.0] * 5, np.cos(np.arange(60.0))], "--na-value -999"),
        (np.arange(10.0) ** 2, "fewer than 50 values"),
        (np.cumsum(np.random.default_rng(1).standard_normal(500)), "the level wanders"),
        (np.where(np.arange(300) % 10 == 0, np.nan, np.sin(np.arange(300.0))), "more than 5% missing"),
    ],
)
def test_what_to_watch_is_said(tmp_path: Path, values: np.ndarray, concern: str):
    assert any(concern in text for text in look(write(tmp_path / "x.csv", step=range(len(values)), v=values)).watch)


def test_a_good_file_has_nothing_to_watch(tmp_path: Path):
    rng = np.random.default_rng(0)
    values = np.sin(2 * np.pi * np.arange(500) / 24) + 0.1 * rng.standard_normal(500)
    found = look(write(tmp_path / "x.csv", t=pd.date_range("2024-01-01", periods=500, freq="h"), v=values))
    assert found.watch == []


def test_a_long_file_is_looked_at_series_by_series(tmp_path: Path):
    frame = pd.DataFrame(
        {
            "id": np.repeat([f"s{i:02d}" for i in range(30)], 40),
            "t": np.tile(pd.date_range("2024-01-01", periods=40, freq="D"), 30),
            "v": np.arange(1200.0),
        }
    )
    frame.drop(index=5).to_csv(tmp_path / "x.csv", index=False)
    found = look(tmp_path / "x.csv", id_col="id")
    assert found.n_channels == 30
    assert len(found.channels) == 24
    assert found.channels[0].name == "s00/v"
    assert [gap.steps for gap in found.channels[0].gaps] == [1]
    assert found.channels[1].gaps == []


def test_stamps_are_shown_in_the_zone_of_the_file(tmp_path: Path):
    stamps = [f"2024-01-{day:02d}T{hour:02d}:00:00+09:00" for day in range(1, 11) for hour in range(24)]
    found = look(write(tmp_path / "x.csv", t=stamps, v=np.arange(240.0)))
    assert found.start == "2024-01-01T00:00:00+09:00"
    assert str(found.channels[0].ds[0]).startswith("2024-01-01T00:00")


def test_no_delay_vector_crosses_a_gap(messy: Path):
    prepared, _ = load(str(messy), ReadConfig(), PrepareConfig(impute="none"))
    made = embed(prepared.panel, delay=2, dimension=3)
    assert list(made.frame) == ["unique_id", "ds", "load(t)", "load(t-2)", "load(t-4)"]
    assert made.frame.notna().all().all()
    values = prepared.panel.frame.set_index("ds")["load"]
    for lag in (0, 2, 4):
        name = f"load(t-{lag})" if lag else "load(t)"
        assert made.frame[name].to_numpy() == pytest.approx(
            values.loc[made.frame["ds"] - pd.Timedelta(hours=lag)].to_numpy()
        )
    missing = values.isna().to_numpy()
    crossing = sum(missing[t] or missing[t - 2] or missing[t - 4] for t in range(4, 600))
    assert made.n_left_out == crossing
    assert len(made.frame) == 596 - crossing


@pytest.mark.parametrize("scale", [5e-324, 1e-310, 1e-300, 1e160, 1e297])
def test_numbers_at_the_ends_of_the_range_are_looked_at_without_a_warning(tmp_path: Path, scale: float):
    # Warnings are errors in this suite.
    values = scale * np.round(100 * np.sin(2 * np.pi * np.arange(400) / 24))
    path = write(tmp_path / "x.csv", t=pd.date_range("2024-01-01", periods=400, freq="h"), v=values)
    found = inspect(str(path), ReadConfig(), PrepareConfig(), dynamics=True)
    facts = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    (channel,) = facts["channels"]
    assert channel["max"] == pytest.approx(100 * scale)
    assert channel["season_length"] == 24
    assert channel["dynamics"]["verdict"] in {"periodic", "not-determinable"}
    assert 60 < channel["sd"] / scale < 80


def test_infinite_values_are_none_in_json(tmp_path: Path):
    values = np.sin(np.arange(100.0))
    values[[10, 50]] = np.inf, -np.inf
    facts = look(write(tmp_path / "x.csv", step=range(100), v=values)).to_dict()
    json.dumps(facts, allow_nan=False)
    assert facts["channels"][0]["max"] <= 1.0


def test_the_seed_reaches_the_chaos_card(tmp_path: Path):
    rng = np.random.default_rng(0)
    path = write(tmp_path / "x.csv", step=range(320), v=rng.standard_normal(320))
    errors = []
    for seed in (0, 0, 1):
        (channel,) = inspect(str(path), ReadConfig(), PrepareConfig(seed=seed), dynamics=True).channels
        assert channel.dynamics is not None
        assert channel.dynamics.surrogates is not None
        errors.append(channel.dynamics.surrogates.surrogate_errors)
    np.testing.assert_array_equal(errors[0], errors[1])
    assert (errors[0] != errors[2]).any()


def test_what_is_left_open_of_an_embedding_is_chosen_and_said(tmp_path: Path):
    path = write(tmp_path / "x.csv", step=range(600), v=np.sin(2 * np.pi * np.arange(600) / 24))
    panel = load(str(path), ReadConfig(), PrepareConfig())[0].panel
    made = embed(panel)
    assert made.dimension == 2
    assert 4 <= made.delay <= 7
    assert made.delay_reason
    assert embed(panel, delay=3).delay_reason == "as asked"
    short = load(str(write(tmp_path / "y.csv", step=range(6), v=range(6))), ReadConfig(), PrepareConfig())[0].panel
    assert len(embed(short, delay=2, dimension=2).frame) == 4
    with pytest.raises(DataError, match="a delay needs"):
        embed(short)


def test_each_column_is_proposed_a_role_with_a_reason(tmp_path):
    days = pd.date_range("2024-01-01", periods=60, freq="D")
    frame = pd.DataFrame(
        {
            "no": range(60),
            "day": days.strftime("%Y-%m-%d"),
            "load": np.sin(np.arange(60.0)),
            "open": (np.arange(60) % 3 == 0).astype(int),
            "weekday": days.day_of_week,
            "site": "north",
            "rain": [("snow", "dry", "wet")[i % 3] for i in range(60)],
        }
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    found = inspect(str(tmp_path / "t.csv"), ReadConfig(), PrepareConfig())
    assert {each.column: each.role for each in found.proposed} == {
        "no": "record number", "day": "time", "load": "target", "open": "flag", "weekday": "calendar",
        "site": "constant", "rain": "category",
    }  # fmt: skip
