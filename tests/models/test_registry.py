"""Models are there by being in their folder, or by being registered from elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tsforecast.models
from tsforecast.config import ModelConfig
from tsforecast.errors import UsageError
from tsforecast.model_config import GruConfig
from tsforecast.models import registry


def test_models_have_their_turn_by_cost_and_the_references_come_first():
    names = list(registry.everything())
    assert names[:3] == ["naive", "seasonal-naive", "drift"]
    assert [info.combines for info in registry.infos()] == [False] * (len(names) - 1) + [True]
    costs = [info.cost for info in registry.infos() if not info.combines]
    assert costs == sorted(costs, key=("none", "seconds", "training").index)
    assert {info.name for info in registry.infos() if info.reference} == {"naive", "seasonal-naive", "drift"}
    assert registry.names() == ("auto", *sorted(names))


def test_the_references_are_found_without_the_others():
    """`score` needs no other model, and waits for the imports of none."""
    assert list(registry.free_ones().items()) == [
        (name, kind) for name, kind in registry.everything().items() if kind.info.reference
    ]
    code = "from tsforecast.models import registry; registry.free_ones(); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "tsforecast.models.drift" in loaded
    assert not {"tsforecast.models.ridge", "tsforecast.models.networks.lstm", "scipy"} & loaded


def test_each_bears_the_name_of_its_file_and_says_what_it_is_in_one_line():
    files = {path.stem for path in Path(tsforecast.models.__path__[0]).rglob("*.py")}
    for info in registry.infos():
        assert info.name.replace("-", "_") in files
        assert info.words
        assert info.good_for
        assert "\n" not in info.words + info.good_for


@pytest.mark.parametrize(
    ("name", "hint"),
    [("lstn", "did you mean lstm?"), ("prophet", "one of auto"), ("", "one of auto"), ("os.path", "one of auto")],
)
def test_an_unknown_name_is_refused_with_those_there_are(name: str, hint: str):
    with pytest.raises(UsageError, match="there is no model") as caught:
        registry.find(name)
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["contract", "registry", "Naive", "seasonal_naive", "networks", "x" * 500])
def test_the_name_of_a_file_or_class_is_not_that_of_a_model(name: str):
    with pytest.raises(UsageError) as caught:
        registry.find(name)
    assert len(caught.value.message) < 120


def test_settings_are_those_given_that_a_model_knows():
    given = vars(ModelConfig(units=7, context_length=5, season_length=3))
    assert registry.settings_of(registry.find("gru"), given) == GruConfig(units=7, context_length=5)
    assert registry.settings_of(registry.find("ridge"), given).context_length == 5
    assert vars(registry.settings_of(registry.find("naive"), given)) == {}
