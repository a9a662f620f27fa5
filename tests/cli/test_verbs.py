"""What each verb gives its user."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO

import pandas as pd
import pytest
from process import checked, environment, in_process

HEAVY = ("tensorflow", "keras", "matplotlib", "sklearn", "scipy", "statsmodels")


def loaded_by(*arguments: object) -> set[str]:
    """The heavy packages that a command imports, asked in its own process."""
    code = (
        "import sys; from tsforecast.cli.app import main; code = main(sys.argv[1:]); "
        f"print(*[m for m in {(*HEAVY, 'pandas', 'numpy', 'onnxruntime')!r} if m in sys.modules], file=sys.stderr); "
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=300,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split() if done.stderr.strip() else [])


@pytest.fixture(scope="module")
def network_model(sine):
    """A saved GRU, trained for an epoch, and the forecast made beside it."""
    path = sine.with_name("gru.tsf")
    options = ["--horizon", "24", "--model", "gru", "--epochs", "1", "--units", "4", "-q"]
    checked(in_process(["fit", str(sine), *options, "-o", str(path)], path.parent, None, {}), 0)
    drawn = ["--plot-training", "training.svg"]
    made = checked(in_process(["forecast", str(sine), *options, *drawn], path.parent, None, {}), 0)
    assert "The training of gru" in (path.parent / "training.svg").read_text(encoding="utf-8")
    return path, table(made.stdout)


def table(text: str) -> pd.DataFrame:
    return pd.read_csv(StringIO(text))


def test_help_loads_nothing_heavy():
    assert loaded_by("--help") == set()
    assert loaded_by("forecast", "--help") == set()


def test_predict_loads_neither_tensorflow_nor_any_other_heavy_package(sine, network_model):
    assert loaded_by("predict", network_model[0], sine, "-q") == {"pandas", "numpy"}  # ONNX Runtime runs in a child


def test_predict_without_a_file_is_the_forecast_of_the_fit(tsf, network_model):
    model, expected = network_model
    made = table(tsf("predict", model).stdout)
    assert made["when"].tolist() == expected["when"].tolist()
    assert made.iloc[:, 1:].to_numpy() == pytest.approx(expected.iloc[:, 1:].to_numpy(), rel=1e-4, abs=1e-4)


def test_predict_goes_on_from_the_newest_rows(tsf, sine, ridge_model):
    lines = sine.read_text().splitlines()
    shorter = "\n".join(lines[:-10]) + "\n"
    made = table(tsf("predict", ridge_model, "-", stdin=shorter).stdout)
    assert made["when"].iloc[0] == lines[-10].split(",")[0].replace(" ", "T")
    assert len(made) == 24


def test_predict_beyond_what_was_measured_leaves_the_interval_empty_and_says_so(tsf, ridge_model):
    done = tsf("predict", ridge_model, "--horizon", 30, "-q")
    made = table(done.stdout)
    assert made["yhat_lo_80"].notna().sum() == 24
    assert made["yhat"].notna().all()
    assert "warning:" in done.stderr


def test_predict_refuses_another_step(tsf, sine, ridge_model):
    daily = "when,load\n" + "".join(f"2024-02-{d:02d},{d}\n" for d in range(1, 29))
    done = tsf("predict", ridge_model, "-", stdin=daily, code=5)
    assert "--freq h" in done.stderr


def test_predict_takes_a_short_context(tsf, sine, ridge_model):
    lines = sine.read_text().splitlines()
    assert len(table(tsf("predict", ridge_model, "-", stdin="\n".join([lines[0], *lines[-6:]]) + "\n").stdout)) == 24


def test_update_reports_drift_and_keeps_the_model_usable(tsf, tmp_path, sine):
    lines = sine.read_text().splitlines()
    (tmp_path / "old.csv").write_text("\n".join(lines[:301]) + "\n")
    tsf("fit", "old.csv", "--horizon", 12, "--model", "ridge", "-q", "-o", "old.tsf")
    refused = tsf("update", "old.tsf", "old.csv", "-o", "new.tsf", code=5)
    assert "no row after the end of training" in refused.stderr
    done = tsf("update", "old.tsf", sine, "-o", "new.tsf")
    assert "new rows   100" in done.stderr
    assert "drift" in done.stderr
    made = table(tsf("predict", "new.tsf").stdout)
    assert made["when"].iloc[0] == "2024-01-17T16:00:00"
    again = tsf("update", "new.tsf", sine, "-o", "newer.tsf", code=5)
    assert "no row after the end of training" in again.stderr


@pytest.mark.slow
def test_update_goes_on_training_a_network(tsf, tmp_path, sine):
    lines = sine.read_text().splitlines()
    (tmp_path / "old.csv").write_text("\n".join(lines[:301]) + "\n")
    tiny = ("--epochs", 2, "-q")
    tsf("fit", "old.csv", "--horizon", 12, "--model", "lstm", "--units", 4, *tiny, "-o", "old.tsf")
    tsf("update", "old.tsf", sine, *tiny, "-o", "new.tsf")
    assert len(table(tsf("predict", "new.tsf").stdout)) == 12


@pytest.mark.slow
def test_quantize_makes_a_smaller_model_and_reports_the_loss(tsf, tmp_path):
    (tmp_path / "map.csv").write_text(tsf("synth", "logistic", "-n", 500).stdout)
    options = ("--horizon", 12, "--model", "lstm", "--units", 16, "--epochs", 3, "--learning-rate", 0.01)
    options += ("--context-length", 4, "--segment-length", 1)
    tsf("fit", "map.csv", *options, "-q", "-o", "full.tsf")
    done = tsf("fit", "map.csv", *options, "--quantize", "int8", "-o", "small.tsf")
    assert "held-out error" in done.stderr
    assert (tmp_path / "small.tsf").stat().st_size < (tmp_path / "full.tsf").stat().st_size
    assert len(table(tsf("predict", "small.tsf").stdout)) == 12


def test_backtest_as_table_and_as_json(tsf, sine, tmp_path):
    options = ("--horizon", 12, "--model", "ridge", "--windows", 4)
    text = tsf("backtest", sine, *options, "--plot", "steps.svg").stdout
    assert text.splitlines()[1].startswith("* ridge")
    facts = json.loads(tsf("backtest", sine, *options, "--json").stdout)
    assert facts["n_origins"] == 4
    assert facts["chosen"] == "ridge"
    assert len(facts["mae_by_step"]["ridge"]) == 12
    assert (tmp_path / "steps.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize("suffix", ["png", "svg", "html", "pdf"])
def test_forecast_draws_into_every_kind_of_file(tsf, sine, tmp_path, suffix):
    tsf("forecast", sine, "--horizon", 12, "--model", "ridge", "--plot", f"p.{suffix}")
    start = {"png": b"\x89PNG", "svg": b"<?xml", "html": b"<!doctype html>", "pdf": b"%PDF"}[suffix]
    assert (tmp_path / f"p.{suffix}").read_bytes().lower().startswith(start.lower())


def test_forecast_draws_braille_on_stderr_within_the_columns(tsf, sine):
    done = tsf("forecast", sine, "--horizon", 12, "--model", "ridge", "--plot", "-", env={"COLUMNS": "60"})
    chart = [line for line in done.stderr.splitlines() if any("\u2800" < c <= "\u28ff" for c in line)]
    assert len(chart) > 5
    assert max(map(len, chart)) <= 60
    assert "\u28ff" not in done.stdout


def test_plot_draws_a_forecast_from_a_pipe(tsf, sine, tmp_path):
    made = tsf("forecast", sine, "--horizon", 12, "--model", "naive", "-q").stdout
    tsf("plot", "-", "-o", "out.png", stdin=made)
    assert (tmp_path / "out.png").stat().st_size > 5000
    assert any("\u2800" < c <= "\u28ff" for c in tsf("plot", sine).stdout)


def test_a_wide_file_is_one_model_over_its_columns(tsf, sine, tmp_path):
    frame = pd.read_csv(sine)
    frame["other"] = 100 - 2 * frame["load"]
    frame.to_csv(tmp_path / "wide.csv", index=False)
    made = table(tsf("forecast", "wide.csv", "--horizon", 5, "--model", "ridge").stdout)
    assert list(made.columns[:3]) == ["channel", "when", "yhat"]
    assert made.groupby("channel").size().to_dict() == {"load": 5, "other": 5}
    one = table(tsf("forecast", "wide.csv", "--horizon", 5, "--model", "ridge", "--target-col", "oth*").stdout)
    assert "channel" not in one.columns


def test_a_long_file_is_a_panel_by_its_id_column(tsf, sine, tmp_path):
    frame = pd.read_csv(sine)
    both = pd.concat([frame.assign(site="b"), frame.assign(site="a", load=frame["load"] * 2)])
    both.to_csv(tmp_path / "long.csv", index=False)
    refused = tsf("forecast", "long.csv", "--horizon", 5, code=5)
    assert "--id-col" in refused.stderr
    made = table(tsf("forecast", "long.csv", "--horizon", 5, "--model", "ridge", "--id-col", "site").stdout)
    assert made["site"].tolist() == ["a"] * 5 + ["b"] * 5
    tsf("fit", "long.csv", "--horizon", 5, "--model", "ridge", "--id-col", "site", "-q", "-o", "panel.tsf")
    assert table(tsf("predict", "panel.tsf").stdout)["yhat"].tolist() == pytest.approx(made["yhat"].tolist())


def test_the_ledger_is_one_json_object_a_change(tsf, sine, tmp_path):
    lines = sine.read_text().splitlines()
    del lines[100:103]
    (tmp_path / "gap.csv").write_text("\n".join(lines) + "\n")
    tsf("prepare", "gap.csv", "--impute", "linear", "--ledger", "changes.jsonl", "-o", "out.csv")
    entries = [json.loads(line) for line in (tmp_path / "changes.jsonl").read_text().splitlines()]
    filled = [e for e in entries if e["rule"] == "fill linear"]
    assert [e["column"] for e in filled] == ["load"] * 3
    assert all(isinstance(e["new"], float) for e in filled)


def test_transforms_reach_the_saved_model(tsf, sine):
    options = ("--horizon", 6, "--model", "ridge", "--transform", "log", "--transform", "diff:24")
    expected = table(tsf("forecast", sine, *options).stdout)
    tsf("fit", sine, *options, "-q", "-o", "t.tsf")
    assert table(tsf("predict", "t.tsf", sine).stdout)["yhat"].tolist() == pytest.approx(expected["yhat"].tolist())


def test_models_doctor_and_synth_speak_both_languages(tsf):
    assert {m["name"] for m in json.loads(tsf("models", "--json").stdout)["models"]} >= {
        "lstm",
        "gru",
        "ridge",
        "naive",
    }
    assert "lstm" in tsf("models").stdout
    facts = json.loads(tsf("doctor", "--json").stdout)
    assert facts["base"]["numpy"]
    assert "python" in tsf("doctor").stdout
    assert "lorenz" in tsf("synth").stdout


def test_synth_is_the_sine_it_says(tsf):
    made = table(tsf("synth", "sine", "-n", 101).stdout)
    assert len(made) == 101
    assert made["y"].abs().max() <= 1
    assert tsf("synth", "lorenz", "-n", 20, "--seed", 1).stdout == tsf("synth", "lorenz", "-n", 20, "--seed", 1).stdout
    stamped = tsf("synth", "sine", "-n", 3, "--start", "2024-01-01", "--freq", "D").stdout
    assert stamped.splitlines()[1].startswith("2024-01-01")


def test_prepare_replays_the_repairs_of_a_ledger(tsf, sine, tmp_path):
    lines = sine.read_text().splitlines()
    lines[50], lines[60] = lines[60], lines[50]
    del lines[100:103]
    (tmp_path / "messy.csv").write_text("\n".join([*lines, lines[-1]]) + "\n")
    first = tsf("prepare", "messy.csv", "--ledger", "changes.jsonl").stdout
    assert tsf("prepare", "messy.csv", "--repairs", "changes.jsonl").stdout == first
    (tmp_path / "broken.jsonl").write_text("not json\n")
    tsf("prepare", "messy.csv", "--repairs", "broken.jsonl", code=5)


def test_prepare_applies_the_transforms_it_is_given(tsf, sine):
    plain = table(tsf("prepare", sine).stdout)["load"]
    steps = table(tsf("prepare", sine, "--transform", "diff").stdout)["load"]
    assert steps.dropna().to_numpy() == pytest.approx(plain.diff().dropna().to_numpy())


def test_prepare_marks_what_it_filled_and_heeds_the_marks(tsf, sine, tmp_path):
    lines = sine.read_text().splitlines()
    del lines[100:103]
    (tmp_path / "gap.csv").write_text("\n".join(lines) + "\n")
    marked = tsf("prepare", "gap.csv", "--mark-filled")
    assert table(marked.stdout)["filled"].sum() == 3
    again = tsf("prepare", "-", stdin=marked.stdout)
    assert "3 values marked as filled are taken as missing" in again.stderr
    assert again.stdout == tsf("prepare", "gap.csv").stdout
    tsf("prepare", "gap.csv", "--mark-filled", "--repairs", "x.jsonl", code=2)


def test_data_and_future_are_not_both_of_stdin(tsf, ridge_model):
    for verb in (("forecast",), ("predict", ridge_model)):
        said = tsf(*verb, "-", "--future", "-", stdin="", code=2).stderr
        assert "the data and --future cannot both come from stdin" in said
