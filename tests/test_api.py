"""`import tsforecast as ts`: every function twice, from every kind of data, with the settings of the command line."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from process import checked, in_process

import tsforecast as ts

N, H = 120, 6
RIDGE = {"horizon": H, "model": "ridge", "context_length": 24}
VERBS = ["read", "prepare", "fit", "forecast", "predict", "update", "backtest", "inspect", "save", "load", "write"]


def values(n: int = N, seed: int = 0) -> np.ndarray:
    noise = 0.1 * np.random.default_rng(seed).standard_normal(n)
    return 10 + 3 * np.sin(2 * np.pi * np.arange(n) / 24) + noise


def frame(n: int = N) -> pd.DataFrame:
    return pd.DataFrame({"when": pd.date_range("2024-01-01", periods=n, freq="h"), "load": values(n)})


def long() -> pd.DataFrame:
    return pd.concat([frame().assign(load=values(seed=i), site=f"s{i}") for i in range(3)], ignore_index=True)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("api") / "load.csv"
    frame().to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def newer(file: Path) -> Path:
    path = file.with_name("newer.csv")
    frame(N + 40).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def fitted(file: Path):
    return ts.fit(file, **RIDGE)


@pytest.fixture(scope="module")
def model(file: Path, fitted) -> Path:
    path = file.with_name("load.tsf")
    ts.save(path, fitted)
    return path


def test_all_names_are_there_and_listed():
    assert set(VERBS) < set(ts.__all__)
    assert dir(ts) == sorted(ts.__all__)
    assert [name for name in ts.__all__ if getattr(ts, name) is None] == []
    with pytest.raises(AttributeError, match="no attribute 'forcast'"):
        _ = ts.forcast


def test_no_submodule_bears_a_public_name():
    assert not set(ts.__all__) & {module.name for module in pkgutil.iter_modules(ts.__path__)}


def test_every_function_does_the_same_the_second_time(file, newer, fitted, model, tmp_path):
    def twice(call, facts):
        first, second = facts(call()), facts(call())
        assert first == second
        return first

    table = twice(lambda: ts.read(file), lambda found: found.frame.to_csv())
    assert table.count("\n") == N + 1
    twice(lambda: ts.prepare(file), lambda found: found.filled.frame.to_csv())
    assert twice(lambda: ts.fit(file, **RIDGE), lambda found: (found.chosen, found.skill))[0] == "ridge"
    twice(lambda: ts.forecast(fitted), lambda found: found.frame.to_csv())
    twice(lambda: ts.predict(model), lambda found: found.frame.to_csv())
    assert twice(lambda: ts.update(model, newer), lambda found: (found.drift.rows, found.after))[0] == 40
    tested = twice(lambda: ts.backtest(file, windows=2, **RIDGE), lambda found: found.tested.table().to_csv())
    assert "ridge" in tested
    assert json.loads(twice(lambda: ts.inspect(file), lambda found: json.dumps(found.to_dict())))["freq"] == "h"
    assert twice(lambda: ts.save(tmp_path / "m.tsf", fitted), lambda size: size) > 0
    assert twice(lambda: ts.load(model), lambda found: found.manifest) == ts.load(str(model)).manifest


@pytest.mark.parametrize(
    "given",
    [
        lambda file: file,
        str,
        lambda file: frame(),
        lambda file: frame().set_index("when"),
        ts.read,
        ts.prepare,
        lambda file: ts.Panel.from_frame(frame()),
        lambda file: ts.prepare(file).panel,
    ],
    ids=["path", "text", "frame", "time index", "Table", "Prepared", "from_frame", "Panel"],
)
def test_the_same_series_is_forecast_alike_in_whatever_it_comes(file, fitted, given):
    expected = ts.forecast(fitted)
    made = ts.forecast(given(file), **RIDGE)
    pd.testing.assert_frame_equal(made.frame, expected.frame)
    assert (made.schema.time, made.status) == ("when", expected.status)


def test_a_long_frame_with_ids_is_several_series(tmp_path):
    made = ts.forecast(long(), id_col="site", **RIDGE)
    assert made.frame.groupby("unique_id").size().to_dict() == {"s0": H, "s1": H, "s2": H}
    assert made.schema.id == "site"
    long().to_csv(tmp_path / "long.csv", index=False)
    pd.testing.assert_frame_equal(made.frame, ts.forecast(tmp_path / "long.csv", id_col="site", **RIDGE).frame)
    panel = ts.Panel.from_frame(long(), id_col="site", time_col="when")
    pd.testing.assert_frame_equal(made.frame, ts.forecast(panel, **RIDGE).frame)


def test_a_gap_in_a_panel_is_filled_as_in_a_file(tmp_path):
    holed = frame().drop(index=[50, 51, 80])
    panel = ts.Panel.from_frame(holed)
    assert len(panel) == N
    assert np.isnan(panel.values).sum() == 3
    holed.to_csv(tmp_path / "holed.csv", index=False)
    made = ts.forecast(panel, impute="linear", **RIDGE).frame
    pd.testing.assert_frame_equal(made, ts.forecast(tmp_path / "holed.csv", impute="linear", **RIDGE).frame)
    assert not made.equals(ts.forecast(panel, impute="previous", **RIDGE).frame)
    assert panel.to_frame().columns.tolist() == ["when", "load"]


def test_data_stay_as_they_were(file):
    table, given = ts.read(file), frame()
    before = table.frame.copy()
    prepared = ts.prepare(table, outliers="hampel:missing")
    ts.forecast(given, **RIDGE)
    ts.forecast(prepared, **RIDGE)
    pd.testing.assert_frame_equal(table.frame, before)
    pd.testing.assert_frame_equal(given, frame())


def test_what_was_prepared_is_prepared_anew_from_its_table():
    holed = frame().drop(index=[50])
    linear = ts.prepare(holed, impute="linear")
    again = ts.prepare(linear, impute="constant:0")
    assert linear.filled.values[50, 0] == pytest.approx((values()[49] + values()[51]) / 2)
    assert again.filled.values[50, 0] == 0


def test_a_fit_has_settled_its_settings(fitted):
    for settings in ({"horizon": H + 1}, {"level": 50}):
        with pytest.raises(ts.TsforecastError, match="those of the fit"):
            ts.forecast(fitted, **settings)
    assert len(ts.forecast(fitted, H).frame) == H


def test_what_is_no_data_is_refused():
    for call in (ts.fit, ts.prepare, ts.inspect):
        with pytest.raises(ts.TsforecastError, match="a file, a DataFrame, a Table, a Prepared or a Panel, received"):
            call([1, 2, 3])
    for call in (ts.prepare, ts.inspect):
        with pytest.raises(ts.TsforecastError, match="on its grid already"):
            call(ts.Panel.from_frame(frame()))
    for wrong in ({"windows": 0}, {"step_size": 0}):
        with pytest.raises(ts.TsforecastError, match="must be at least 1"):
            ts.backtest(frame(), **wrong)


def test_a_saved_fit_predicts_what_it_forecast(fitted, model, newer):
    expected = ts.forecast(fitted).frame
    for saved in (model, str(model), ts.load(model)):
        pd.testing.assert_frame_equal(ts.predict(saved).frame, expected)
    assert len(ts.predict(model, horizon="1d").frame) == 24
    from_file, from_frame = ts.predict(model, newer).frame, ts.predict(model, frame(N + 40)).frame
    pd.testing.assert_frame_equal(from_file, from_frame)
    assert from_file["ds"].iloc[0] == pd.Timestamp("2024-01-01") + pd.Timedelta(hours=N + 40)
    with pytest.raises(ts.TsforecastError, match="must be 1 to 1,000,000 steps"):
        ts.predict(model, horizon=-3)


def test_an_updated_model_is_saved_and_goes_on_from_the_newer_end(model, newer, tmp_path):
    made = ts.update(model, newer)
    ts.save(tmp_path / "updated.tsf", made.bundle)
    again = ts.predict(tmp_path / "updated.tsf").frame
    assert again["ds"].iloc[0] == pd.Timestamp("2024-01-01") + pd.Timedelta(hours=N + 40)
    assert again["yhat"].to_numpy() == pytest.approx(values(N + 40 + H)[-H:], abs=0.5)


def test_new_data_are_read_and_prepared_as_those_of_the_fit(tmp_path):
    given = frame(N + 40).assign(other=1.5)
    given.loc[[30, 70, N + 20], "load"] = -200
    given.to_csv(tmp_path / "all.csv", index=False)
    given[:N].to_csv(tmp_path / "old.csv", index=False)
    settings = {"target_col": "load", "na_value": "-200", "impute": "linear"}
    ts.save(tmp_path / "m.tsf", ts.fit(tmp_path / "old.csv", **RIDGE, **settings))
    made = ts.predict(tmp_path / "m.tsf", tmp_path / "all.csv")
    assert made.frame["channel"].unique().tolist() == ["load"]
    assert made.status[0].rows == N + 40 - 3
    assert made.frame["yhat"].to_numpy() == pytest.approx(values(N + 40 + H)[-H:], abs=0.5)
    # and where reading was a step of its own
    ts.save(tmp_path / "n.tsf", ts.fit(ts.read(tmp_path / "old.csv", target_col="load", na_value=-200), **RIDGE))
    assert ts.predict(tmp_path / "n.tsf", tmp_path / "all.csv").status[0].rows == N + 40 - 3


def test_a_frame_is_inspected_as_its_file(file):
    of_file, of_frame = ts.inspect(file).to_dict(), ts.inspect(frame()).to_dict()
    assert of_frame["source"] == "a frame"
    for name in ("freq", "start", "end", "channels", "repairs", "problem"):
        assert of_frame[name] == of_file[name]
    assert ts.inspect(ts.read(file)).to_dict()["channels"] == of_file["channels"]
    assert ts.inspect(ts.prepare(file)).to_dict()["channels"] == of_file["channels"]


def command_line(*arguments: object, folder: Path) -> str:
    """Stdout of a run in this process."""
    return checked(in_process(list(map(str, arguments)), folder, None, {}), 0).stdout


def test_the_command_line_gives_the_same_numbers(sample_data, tmp_path):
    flights = sample_data / "uk_daily_flights.csv"
    printed = command_line("forecast", flights, "-H", "1w", "-m", "ridge", "--level", "90%", "-q", folder=tmp_path)
    shown = pd.read_csv(StringIO(printed), parse_dates=["Date"])
    made = ts.forecast(flights, "1w", model="ridge", level="90%").frame
    assert shown["Date"].tolist() == made["ds"].tolist()
    for column in ("yhat", "yhat_lo_90", "yhat_hi_90"):
        np.testing.assert_array_equal(shown[column], made[column])


def test_a_model_of_either_is_one_of_the_other(file, fitted, model, tmp_path):
    command_line(
        "fit", file, "-H", H, "-m", "ridge", "--context-length", 24, "-q", "-o", tmp_path / "m.tsf", folder=tmp_path
    )
    assert (tmp_path / "m.tsf").read_bytes() == model.read_bytes()
    pd.testing.assert_frame_equal(ts.predict(tmp_path / "m.tsf").frame, ts.forecast(fitted).frame)


def test_importing_costs_nothing_and_prints_nothing(project):
    script = "import sys, tsforecast as ts; print('pandas' in sys.modules, 'numpy' in sys.modules, ts.__version__)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(project)},
    )
    assert done.stdout == f"False False {ts.__version__}\n"
    assert done.stderr == ""


USER_SCRIPT = """
import pandas as pd
import tsforecast as ts

def nightly(path: str) -> pd.DataFrame:
    prepared = ts.prepare(path, impute="linear")
    for status in prepared.status:
        print(status.name, status.reason)
    fitted: "ts.Fit" = ts.fit(prepared, horizon="1d")
    skill: float = fitted.skill
    size: int = ts.save("m.tsf", fitted)
    print(skill, size, ts.load("m.tsf").manifest.freq)
    return ts.predict("m.tsf", pd.read_csv(path)).frame

wrong: int = ts.forecast("x.csv")
"""


@pytest.mark.slow
def test_a_user_s_script_is_typed(project, tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "nightly.py").write_text(USER_SCRIPT)
    # with the settings and the cache of the project's own check, which looked at the libraries already
    shared = ["--config-file", project / "pyproject.toml", "--cache-dir", project / ".mypy_cache"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *shared, "nightly.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(project)},
        check=False,
    )
    # the one mistake is found, and nothing else said
    assert "nightly.py:15: error: Incompatible types in assignment" in done.stdout, done.stdout
    assert "Found 1 error" in done.stdout, done.stdout
