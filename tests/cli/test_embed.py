"""`tsforecast embed`: delay vectors from file or stdin to stdout."""

from __future__ import annotations

import json
from io import StringIO

import numpy as np
import pandas as pd
import pytest

STEPS = "step,x\n" + "".join(f"{i},{i * i}\n" for i in range(10))


def test_the_vectors_are_the_delayed_values(tsf):
    done = tsf("embed", "-", "--delay", 2, "--dimension", 3, stdin=STEPS)
    table = pd.read_csv(StringIO(done.stdout))
    assert list(table.columns) == ["step", "x(t)", "x(t-2)", "x(t-4)"]
    t = np.arange(4, 10)
    assert table.to_numpy() == pytest.approx(np.column_stack([t, t**2, (t - 2) ** 2, (t - 4) ** 2]))
    assert "delay      2 steps: as asked" in done.stderr


def test_vectors_across_a_gap_are_left_out_and_counted(tsf):
    holed = STEPS.replace("5,25\n", "")
    done = tsf("embed", "-", "--delay", 1, "--dimension", 2, stdin=holed)
    assert pd.read_csv(StringIO(done.stdout))["step"].tolist() == [1, 2, 3, 4, 7, 8, 9]
    assert "7; 2 left out because they cross a gap" in done.stderr


def test_gaps_are_filled_where_that_is_asked_for(tsf):
    holed = STEPS.replace("5,25\n", "")
    done = tsf("embed", "-", "--delay", 1, "--dimension", 2, "--impute", "linear", stdin=holed)
    assert len(done.stdout.splitlines()) == 1 + 9
    assert "left out" not in done.stderr


def test_delay_and_dimension_are_chosen_and_explained(tsf, tmp_path):
    lorenz = tsf("synth", "lorenz", "--length", 2000, "--coordinate", "x").stdout
    done = tsf("embed", "-", "-o", "x.jsonl", stdin=lorenz)
    assert done.stdout == ""
    assert "mutual information" in done.stderr
    assert "Cao's E1" in done.stderr
    first = json.loads((tmp_path / "x.jsonl").read_text().splitlines()[0])
    names = list(first)
    assert names[:2] == ["ds", "x(t)"]
    # Three is the least dimension that unfolds the Lorenz attractor; Takens' theorem asks for no more than five.
    assert 3 <= len(names) - 1 <= 5


def test_one_column_or_one_state(tsf):
    lorenz = tsf("synth", "lorenz", "--length", 300).stdout
    done = tsf("embed", "-", code=2, stdin=lorenz)
    assert "--target-col" in done.stderr
    assert "--joint" in done.stderr
    joint = tsf("embed", "-", "--joint", "--delay", 3, "--dimension", 2, stdin=lorenz).stdout
    assert joint.splitlines()[0] == "ds,x(t),y(t),z(t),x(t-3),y(t-3),z(t-3)"


def test_series_of_a_long_file_do_not_touch(tsf):
    text = "id,step,x\n" + "".join(
        f"{name},{i},{i + start}\n" for name, start in (("a", 0), ("b", 100)) for i in range(5)
    )
    done = tsf("embed", "-", "--id-col", "id", "--delay", 1, "--dimension", 2, stdin=text)
    table = pd.read_csv(StringIO(done.stdout))
    assert table["id"].tolist() == ["a"] * 4 + ["b"] * 4
    assert (table["x(t)"] - table["x(t-1)"]).tolist() == [1.0] * 8


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--delay", 0), 2, "at least 1"),
        (("--delay", 5, "--dimension", 9), 5, "smaller --delay"),
        ((), 5, "no delay can be chosen"),
    ],
)
def test_what_cannot_be_embedded_ends_with_a_remedy(tsf, options, code, said):
    line = "step,x\n" + "".join(f"{i},{i}\n" for i in range(40))
    done = tsf("embed", "-", *options, code=code, stdin=line)
    assert said in done.stderr.splitlines()[-1]


def test_a_constant_has_no_delay(tsf):
    done = tsf("embed", "-", code=5, stdin="step,x\n" + "".join(f"{i},3\n" for i in range(40)))
    assert "not all equal" in done.stderr
