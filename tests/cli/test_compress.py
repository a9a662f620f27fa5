"""`compress`: a smaller model that predicts, how both were measured, and exit 6 where the loss is too large."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest
from process import checked, in_process

pytestmark = pytest.mark.slow
needs_tensorflow = pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs TensorFlow")


@pytest.fixture(scope="module")
def network(sine):
    """A GRU of an epoch, alone, so that it has weight; the file it was fitted on beside it."""
    path = sine.with_name("alone.tsf")
    options = ["--horizon", "6", "--model", "gru", "--no-skip", "--epochs", "1", "--units", "8", "-q"]
    checked(in_process(["fit", str(sine), *options, "-o", str(path)], path.parent, None, {}), 0)
    return path


@needs_tensorflow
@pytest.mark.parametrize("how", ["fp16", "int8"])
def test_a_quantized_model_is_smaller_and_predicts_nearly_the_same(tsf, sine, network, how):
    done = tsf("compress", network, sine, "-o", "s.tsf", "--quantize", how)
    words = " ".join(done.stderr.split())
    for said in ("before after", "x smaller", "skill", "80 % covers", "95 % covers", "forecasts of 6 steps"):
        assert said in words
    for model in (network, "s.tsf"):
        rows = tsf("predict", model, sine, "-q").stdout.splitlines()[1:]
        values = [float(row.split(",")[1]) for row in rows]
        if model is network:
            expected = values
    assert values == pytest.approx(expected, abs=0.1)


@needs_tensorflow
def test_a_loss_beyond_what_is_allowed_writes_nothing(tsf, sine, network, tmp_path):
    options = ("--distil", "gru:1", "--epochs", "1", "--json")
    done = tsf("compress", network, sine, "-o", "s.tsf", *options, "--max-loss", "10")
    facts = json.loads(done.stdout)["compressed"]
    assert facts["after"]["bytes"] < facts["before"]["bytes"]
    assert facts["loss"] == pytest.approx(facts["before"]["skill"] - facts["after"]["skill"])
    assert set(facts["after"]["coverage"]) == {"80", "95"}
    (tmp_path / "s.tsf").unlink()
    assert facts["loss"] > 0
    done = tsf("compress", network, sine, "-o", "s.tsf", *options[:4], "--max-loss", "0", code=6)
    assert "nothing is written" in done.stderr
    assert not (tmp_path / "s.tsf").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "nothing was said to make the model smaller by"),
        (("--distil", "gru"), "must be NAME:UNITS"),
        (("--distil", "gru:0"), "must be NAME:UNITS"),
        (("--distil", "nothing:4"), "there is no model"),
        (("--quantize", "int8"), "only a network"),
        (("--prune", "0.5"), "only a network"),
    ],
)
def test_what_cannot_be_done_is_refused(tsf, sine, ridge_model, tmp_path, options, said):
    assert said in tsf("compress", ridge_model, sine, "-o", "s.tsf", *options, code=2).stderr
    assert not (tmp_path / "s.tsf").exists()
