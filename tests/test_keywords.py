"""Settings by keyword: read and refused as on the command line, and never without effect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsforecast as ts
from tsforecast import config
from tsforecast.declared import declared_by
from tsforecast.keywords import EVERYTHING, configs, names


def frame(n: int = 60) -> pd.DataFrame:
    return pd.DataFrame({"when": pd.date_range("2024-01-01", periods=n, freq="h"), "load": np.arange(n) % 24 + 0.5})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keywords") / "load.csv"
    frame().to_csv(path, index=False)
    return path


REFUSED = [
    ({"horizon": -3}, "--horizon must be 1 to 1,000,000 steps, received '-3'"),
    ({"horizon": "2x"}, "--horizon must be a number of steps, or a duration"),
    ({"modle": "ridge"}, "there is no setting 'modle'"),
    ({"model": "rigde"}, "there is no model 'rigde'"),
    ({"level": 200}, "--level must be between 1 and 100 per cent"),
    ({"impute": "nonsense"}, "--impute must be one of"),
    ({"seed": "one"}, "--seed must be a whole number"),
    ({"ambiguous": "first"}, "--ambiguous must be one of"),
    ({"model": "naive", "units": 8}, "--units is no setting of naive"),
    ({"model": "gru", "peephole": "full"}, "--peephole is no setting of gru"),
    ({"peephole": "full"}, "--peephole is a setting of models that must be named"),
    ({"model": "ridge", "delay": 2, "embed": "none"}, "--delay contradicts --embed none"),
    ({"target_col": "absent"}, "absent"),
]


@pytest.mark.parametrize(("settings", "message"), REFUSED, ids=lambda part: str(part)[:30])
def test_settings_are_refused_with_what_to_do(file, settings, message):
    with pytest.raises(ts.TsforecastError) as refusal:
        ts.forecast(file, **settings)
    assert message in refusal.value.message


def test_a_name_mistyped_is_answered_with_the_near_one(file):
    with pytest.raises(ts.TsforecastError) as refusal:
        ts.forecast(file, modle="ridge")
    assert refusal.value.hint == "did you mean model?"


@pytest.mark.parametrize("config", [lambda: ts.ForecastConfig(horizon=-3), lambda: ts.PrepareConfig(impute="nonsense")])
def test_settings_classes_refuse_alike(config):
    with pytest.raises(ts.TsforecastError, match="must be"):
        config()


@pytest.mark.parametrize("group", EVERYTHING, ids=lambda group: group.__name__)
def test_settings_classes_are_public_frozen_and_equal_where_their_values_are(group):
    made = getattr(ts, group.__name__)
    assert made is getattr(config, group.__name__) is group
    assert made() == made()
    with pytest.raises(AttributeError):
        made().seed = 1


def test_each_setting_reaches_its_group_and_only_that():
    usual = configs({})
    for group, part in zip(EVERYTHING, ("read", "prepare", "model", "fit", "forecast", "beside"), strict=True):
        for name, declared in declared_by(group).items():
            if not declared.said.verbs:
                assert getattr(getattr(configs({name: declared.default}), part), name) == declared.default
    changed = configs({"seed": 3, "max_gap": 2})
    assert (changed.fit.seed, changed.prepare.seed, changed.prepare.max_gap) == (3, 3, 2)
    assert (changed.read, changed.model, changed.forecast) == (usual.read, usual.model, usual.forecast)


def test_what_only_the_output_of_a_verb_heeds_is_no_keyword(file):
    assert "mark_filled" not in names(*EVERYTHING)
    with pytest.raises(ts.TsforecastError, match="there is no setting 'mark_filled'"):
        ts.prepare(file, mark_filled=True)


@pytest.mark.parametrize("level", ["90%", 90, 0.9, "0.9", [90], (90.0,)], ids=repr)
def test_a_level_is_read_as_on_the_command_line(file, level):
    assert ts.forecast(file, horizon=2, model="naive", level=level).levels == (90.0,)


def test_a_horizon_may_be_a_duration(file):
    assert len(ts.forecast(file, horizon="1d", model="naive").frame) == 24
    with pytest.raises(ts.TsforecastError, match="shorter than a step"):
        ts.forecast(file, horizon="1min", model="naive")


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        (ts.read, {"na_value": "-200"}),
        (ts.prepare, {"impute": "linear"}),
        (ts.prepare, {"zone": "UTC"}),
        (lambda file: ts.Panel.from_frame(frame()), {"freq": "D"}),
    ],
    ids=["Table", "Prepared", "Prepared, read", "Panel"],
)
def test_a_setting_that_the_data_have_behind_them_is_refused_rather_than_ignored(file, given, settings):
    (name,) = settings
    with pytest.raises(ts.TsforecastError, match=f"'{name}' says nothing of a"):
        ts.fit(given(file), **settings)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda file: ts.read(file, impute="linear"), "impute"),
        (lambda file: ts.prepare(file, model="ridge"), "model"),
        (lambda file: ts.inspect(file, horizon=3), "horizon"),
    ],
)
def test_a_setting_is_refused_where_it_is_not_heeded(file, call, name):
    with pytest.raises(ts.TsforecastError, match=f"'{name}' is no setting of this function"):
        call(file)
