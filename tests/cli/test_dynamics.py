"""--embed and --dynamics, through real processes."""

from __future__ import annotations

import json
import math
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

TINY = ("--epochs", "1", "--units", "4")


def logistic(n: int) -> np.ndarray:
    found, x = np.empty(n), 0.3
    for i in range(n):
        x = 3.99 * x * (1 - x)
        found[i] = x
    return found


@pytest.fixture(scope="module")
def chaos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """800 values of the logistic map, whose exponent is near ln 2."""
    path = tmp_path_factory.mktemp("chaos") / "logistic.csv"
    pd.DataFrame({"x": logistic(800)}).to_csv(path, index=False)
    return path


def table(text: str) -> pd.DataFrame:
    return pd.read_csv(StringIO(text))


def test_steps_beyond_the_horizon_are_marked(tsf, chaos):
    done = tsf("forecast", chaos, "--horizon", "30", "--model", "kernel", "--dynamics")
    made = table(done.stdout)
    assert made["beyond_horizon"].dtype == bool
    line = next(line for line in done.stderr.splitlines() if line.startswith("horizon"))
    steps = int(line.split()[1])
    assert 3 <= steps <= 25
    assert made["beyond_horizon"].tolist() == [step > steps for step in range(1, 31)]
    assert "chaotic" in done.stderr
    assert f"{made['beyond_horizon'].sum()} of 30 steps" in line
    assert "held-out forecasts of kernel" in done.stderr


def test_the_horizon_is_that_of_the_model_and_not_of_the_series(tsf, chaos):
    done = tsf("forecast", chaos, "--horizon", "30", "--model", "ridge", "--dynamics")
    assert table(done.stdout)["beyond_horizon"].sum() >= 28


def test_without_dynamics_the_table_has_no_such_column(tsf, chaos):
    assert "beyond_horizon" not in tsf("forecast", chaos, "--horizon", "5", "--model", "ridge").stdout


def test_a_series_that_is_not_chaotic_has_no_horizon(tsf, sine):
    done = tsf("forecast", sine, "--horizon", "5", "--model", "ridge", "--dynamics")
    assert not table(done.stdout)["beyond_horizon"].any()
    assert any(line.startswith("dynamics") for line in done.stderr.splitlines())
    assert not any(line.startswith("horizon") for line in done.stderr.splitlines())


def test_the_picture_is_greyed_beyond_the_horizon(tsf, chaos, tmp_path):
    tsf("forecast", chaos, "--horizon", "30", "--model", "ridge", "--dynamics", "--plot", "p.svg", "-q")
    assert "beyond the predictability horizon" in (tmp_path / "p.svg").read_text()


def test_backtest_tells_errors_in_lyapunov_times(tsf, chaos):
    done = tsf("backtest", chaos, "--horizon", "12", "--model", "kernel", "--dynamics", "--exponent", "0.7", "--json")
    facts = json.loads(done.stdout)["dynamics"]
    kernel, naive = facts["models"]["kernel"], facts["models"]["naive"]
    assert kernel["valid_steps"] > 3 + naive["valid_steps"]
    assert kernel["lyapunov_times"] == pytest.approx(0.7 * kernel["valid_steps"])
    assert facts["series"][0]["verdict"] == "chaotic"
    assert facts["series"][0]["exponent"] == 0.7


def test_backtest_measures_the_exponent_and_compares_attractors_of_long_runs(tsf, chaos):
    done = tsf("backtest", chaos, "--horizon", "60", "--windows", "3", "--model", "kernel", "--dynamics", "--json")
    facts = json.loads(done.stdout)["dynamics"]
    assert facts["series"][0]["exponent"] == pytest.approx(math.log(2), rel=0.25)
    assert facts["series"][0]["horizon"]["steps"] < 20
    kernel, naive = (facts["models"][name]["attractor_distance"] for name in ("kernel", "naive"))
    assert kernel["distribution"] < 0.2 < naive["distribution"]
    shown = tsf("backtest", chaos, "--horizon", "60", "--windows", "3", "--model", "kernel", "--dynamics").stdout
    assert "valid for" in shown
    assert "attractor" in shown


def test_an_exponent_needs_dynamics_and_a_sign(tsf, chaos):
    assert "--dynamics" in tsf("backtest", chaos, "--exponent", "0.7", code=2).stderr
    assert "above 0" in tsf("backtest", chaos, "--exponent", "-1", "--dynamics", code=2).stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--embed", "yes"), "auto or none"),
        (("--embed", "none", "--delay", "3"), "contradicts"),
        (("--delay", "0"), "at least 1"),
        (("--embed", "auto", "--model", "ridge"), "no setting of ridge"),
        (("--embed", "auto", "--model", "lstm", "--context-length", "20"), "--context-length"),
        (("--dimension", "3", "--model", "lstm", "--strategy", "direct"), "one step at a time"),
    ],
)
def test_what_an_embedding_cannot_be_is_said(tsf, chaos, options, told):
    assert told in tsf("forecast", chaos, *options, code=2).stderr


@pytest.mark.slow
def test_an_embedded_network_is_saved_served_and_trained_further(tsf, tmp_path):
    pytest.importorskip("tensorflow", reason="needs TensorFlow (pip install 'tsforecast-cli[train]')")
    options = ("--horizon", "4", "--model", "lstm", "--delay", "1", "--dimension", "2", *TINY)
    few = tmp_path / "few.csv"  # so few that no step of training is worth compiling
    pd.DataFrame({"x": logistic(200)}).to_csv(few, index=False)
    done = tsf("fit", few, *options, "-o", "m.tsf")
    assert "fed 12 delay vectors of 2 elements 1 step" in done.stderr
    expected = table(tsf("forecast", few, *options).stdout)
    made = table(tsf("predict", "m.tsf").stdout)
    assert made["yhat"].to_numpy() == pytest.approx(expected["yhat"].to_numpy(), rel=1e-4)
    longer = tmp_path / "longer.csv"
    pd.DataFrame({"x": logistic(240)}).to_csv(longer, index=False)
    tsf("update", "m.tsf", longer, "-o", "n.tsf")
    assert len(table(tsf("predict", "n.tsf").stdout)) == 4
