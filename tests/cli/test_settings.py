"""One name, one declaration: the command line, the environment, TOML and Python accept and refuse the same."""

from __future__ import annotations

import ast
import re
import tomllib
from typing import get_args

import pytest

from tsforecast import config
from tsforecast.cli.settings import GROUPS, SETTINGS, model_names
from tsforecast.config import FitConfig, ForecastConfig, ModelConfig, PrepareConfig, ReadConfig
from tsforecast.declared import declared_by
from tsforecast.errors import UsageError

# A value for every setting that is not its default, as a person would type it.
TYPED = {
    "encoding": "latin-1", "delimiter": "tab", "decimal": ",", "time_col": "when", "id_col": "site",
    "target_col": "a*,b", "dayfirst": "true", "zone": "Europe/London", "ambiguous": "later", "nonexistent": "error",
    "na_value": "-200,ND", "max_size": "8GB", "joint": "true", "freq": "15min", "agg": "sum,load=first",
    "duplicates": "last",
    "impute": "constant:0", "max_gap": "7", "outliers": "hampel:clip", "transform": "log,diff:24",
    "max_repaired": "5%", "max_stale": "30", "mark_filled": "true", "seed": "3", "model": "naive",
    "strategy": "direct", "context_length": "48", "segment_length": "4", "season_length": "24", "layers": "2",
    "units": "16", "dropout": "0.1", "bidirectional": "yes", "embed": "auto", "delay": "3", "dimension": "4",
    "epochs": "9", "batch_size": "32", "learning_rate": "1e-4", "train": "yes", "clipnorm": "0.5", "initializer": "he",
    "skip": "false", "plain": "true", "time_skip": "3", "leaky": "4.5", "activation": "relu", "peephole": "full",
    "cell": "GRU", "attention": "dot", "teacher_forcing": "scheduled",
    "time_limit": "2m", "horizon": "2d",
    "level": "50,90%", "bounds": "0,100", "past_col": "wind*", "future_col": "heat,rain", "static_col": "region",
    "calendar": "on", "holidays": "US,DE-BY", "events": "events.csv",
    "input": "*.csv", "output_dir": "out", "scope": "global", "saved": "model.tsf", "sample": "100", "workers": "3",
    "log_format": "json",
}  # fmt: skip
REFUSED = [
    (ForecastConfig, "horizon", "-3", "1 to 1,000,000 steps"),
    (ForecastConfig, "horizon", "0", "1 to 1,000,000 steps"),
    (ForecastConfig, "horizon", "soon", "number of steps, or a duration"),
    (ForecastConfig, "horizon", "2M", "mo"),
    (ForecastConfig, "level", "120", "between 1 and 100"),
    (ForecastConfig, "level", "0.5%", "between 1 and 100"),
    (ForecastConfig, "bounds", "3,1", "LOW,HIGH"),
    (ReadConfig, "zone", "Mars/X", "time zone"),
    (ReadConfig, "zone", "../etc/passwd", "time zone"),
    (ReadConfig, "ambiguous", "first", "infer, earlier, later or error"),
    (PrepareConfig, "agg", "men", "first, last, mean"),
    (PrepareConfig, "impute", "linaer", "did you mean linear?"),
    (PrepareConfig, "max_repaired", "5", "0% to 100%"),
    (PrepareConfig, "max_gap", "0", "at least 1"),
    (PrepareConfig, "transform", "log,lag", "yeojohnson"),
    (ModelConfig, "dropout", "1", "at least 0 and below 1"),
    (ModelConfig, "units", "2.5", "whole number"),
    (ModelConfig, "strategy", "sideways", "auto, recursive or direct"),
    (ModelConfig, "learning_rate", "nan", "a number"),
    (ModelConfig, "learning_rate", "0", "above 0"),
    (FitConfig, "time_limit", "1y", "duration"),
    (FitConfig, "time_limit", "0", "above 0"),
]


def test_every_setting_is_tried_here():
    assert TYPED.keys() == SETTINGS.keys()


@pytest.mark.parametrize("name", TYPED)
def test_what_was_read_is_read_again_as_itself(name):
    declared = SETTINGS[name]
    value = declared.read(TYPED[name], "here")
    assert value != declared.default
    assert declared.read(value, "here") == value
    assert declared.read(declared.default, "here") == declared.default


@pytest.mark.parametrize("name", TYPED)
def test_python_takes_the_words_of_the_command_line(name):
    for group in GROUPS:
        if name in declared_by(group):
            made = group(**{name: TYPED[name]})
            assert getattr(made, name) == SETTINGS[name].read(TYPED[name], "here")


@pytest.mark.parametrize(("group", "name", "text", "said"), REFUSED)
def test_python_refuses_what_the_command_line_refuses(tsf, group, name, text, said):
    with pytest.raises(UsageError) as refused:
        group(**{name: text})
    assert said in f"{refused.value.message} {refused.value.hint}"
    option = SETTINGS[name].option
    done = tsf("forecast", "x.csv", f"{option}={text}", code=2)
    assert said in done.stderr
    assert option in done.stderr
    done = tsf("forecast", "x.csv", code=2, env={f"TSFORECAST_{name.upper()}": text})
    assert f"TSFORECAST_{name.upper()} must be" in done.stderr


def test_numbers_are_checked_as_numbers():
    for value in (-3, 0, True, 2.5, [3]):
        with pytest.raises(UsageError, match="--horizon must be"):
            ForecastConfig(horizon=value)
    assert ForecastConfig(level=[0.9, 90, "90%"]).level == (90, 90, 90)
    assert ForecastConfig(level=0.95).level == (95,)
    assert ForecastConfig(bounds=(0, float("inf"))).bounds == (0, float("inf"))
    assert ReadConfig(na_value=[-200]).na_value == ("-200",)
    assert FitConfig(time_limit="2m").time_limit == 120
    assert PrepareConfig(max_repaired="5%").max_repaired == 0.05


def test_what_the_rooms_know_is_what_is_declared():
    from tsforecast.io.time.zones import AMBIGUOUS, NONEXISTENT
    from tsforecast.preparation import outliers
    from tsforecast.preparation.fill.impute import METHODS
    from tsforecast.preparation.grid.place import AGGREGATES
    from tsforecast.preparation.repair import DUPLICATE_RULES
    from tsforecast.preparation.transforms.named import TRANSFORMS

    assert set(AMBIGUOUS) == set(get_args(config.Ambiguous))
    assert set(NONEXISTENT) == set(get_args(config.Nonexistent))
    assert set(DUPLICATE_RULES) == set(get_args(config.Duplicates))
    assert set(AGGREGATES) == set(config.AGGREGATES)
    assert set(METHODS) == set(config.IMPUTE)
    assert set(TRANSFORMS) == set(config.TRANSFORMS)
    assert {"none", *outliers.METHODS} == {re.split(r"\W", usage)[0] for usage in config.OUTLIERS}


def printed(text: str) -> dict[str, tuple[object, str]]:
    """Value and origin of each setting that `--print-config` shows."""
    values = tomllib.loads(text)
    origins = dict(re.findall(r"^(\w+) = .*  # (.*)$", text, re.MULTILINE))
    assert values.keys() == origins.keys()
    return {name: (value, origins[name]) for name, value in values.items()}


@pytest.mark.parametrize("verb", ["forecast", "prepare"])
def test_what_print_config_prints_is_read_back_as_it_is(tsf, tmp_path, verb):
    taken = printed(tsf(verb, "x.csv", "--print-config").stdout).keys() | set(TYPED)
    env = {f"TSFORECAST_{name.upper()}": text for name, text in TYPED.items() if name in taken}
    first = tsf(verb, "x.csv", "--print-config", env=env).stdout
    (tmp_path / "c.toml").write_text(first)
    again = printed(tsf(verb, "x.csv", "--print-config", "--config", "c.toml").stdout)
    shown = printed(first)
    assert {name: value for name, (value, _) in again.items()} == {name: value for name, (value, _) in shown.items()}
    for name in shown.keys() & TYPED.keys():
        assert shown[name][1] == f"TSFORECAST_{name.upper()}"
        assert again[name][1] == "c.toml"


def test_flags_beat_environment_beats_file_beats_default(tsf, sine, tmp_path):
    config = tmp_path / "c.toml"
    config.write_text('horizon = 5\nmodel = "naive"\n\n[forecast]\nhorizon = 6\n')

    def shown(*arguments: object, **env: str) -> dict[str, tuple[object, str]]:
        return printed(tsf("forecast", sine, "--print-config", *arguments, env=env).stdout)

    assert shown()["model"] == ("auto", "default")
    assert shown("--config", config)["horizon"] == (6, str(config))
    assert shown("--config", config)["model"] == ("naive", str(config))
    assert shown("--config", config, TSFORECAST_HORIZON="7")["horizon"] == (7, "TSFORECAST_HORIZON")
    assert shown("--config", config, "-H", 8, TSFORECAST_HORIZON="7")["horizon"] == (8, "flag")
    assert len(tsf("forecast", sine, "-q", "--config", config).stdout.splitlines()) == 1 + 6


def test_lists_and_numbers_of_toml(tsf, sine, tmp_path):
    header = "when,yhat,yhat_lo_50,yhat_hi_50,yhat_lo_90,yhat_hi_90"
    for line in ("level = [50, 90]", 'level = ["90%", 0.5]', "levels = [50, 90]"):
        (tmp_path / "tsforecast.toml").write_text(f'{line}\nna_value = [-200]\nmodel = "naive"\nhorizon = 3\n')
        assert tsf("forecast", sine, "-q").stdout.splitlines()[0] == header
    env = {"TSFORECAST_LEVEL": "0.5,90%", "TSFORECAST_HORIZON": "3", "TSFORECAST_MODEL": "naive"}
    assert tsf("forecast", sine, "-q", env=env).stdout.splitlines()[0] == header


def test_what_is_no_setting_of_a_class_can_be_set_too(tsf, sine, tmp_path):
    (tmp_path / "tsforecast.toml").write_text(
        'quiet = true\nmodel = "naive"\nhorizon = 3\n[forecast]\nplot = "p.svg"\noutput = "f.csv"\n'
    )
    done = tsf("forecast", sine)
    assert (done.stdout, done.stderr) == ("", "")
    assert {p.name for p in tmp_path.iterdir()} == {"tsforecast.toml", "p.svg", "f.csv"}
    assert tsf("prepare", sine, env={"TSFORECAST_OUTPUT": "other.csv"}).stdout == ""
    assert (tmp_path / "other.csv").exists()
    (tmp_path / "tsforecast.toml").write_text("[backtest]\nwindows = 0\n")
    assert "tsforecast.toml: Invalid value for '--windows'" in tsf("backtest", sine, code=2).stderr


def test_the_project_file_is_found_after_our_own(tsf, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.tsforecast]\nlength = 2\n")
    assert len(tsf("synth", "sine").stdout.splitlines()) == 3
    (tmp_path / "tsforecast.toml").write_text("length = 4\n")
    assert len(tsf("synth", "sine").stdout.splitlines()) == 5
    (tmp_path / "other.toml").write_text("length = 6\n")
    assert len(tsf("synth", "sine", env={"TSFORECAST_CONFIG": "other.toml"}).stdout.splitlines()) == 7
    (tmp_path / "tsforecast.toml").unlink()
    (tmp_path / "pyproject.toml").write_text("broken [")
    assert len(tsf("synth", "sine", "-n", 1).stdout.splitlines()) == 2


WRONG_FILES = [
    ("lvel = 3", 2, "did you mean level?"),
    ("[forcast]\nhorizon = 3", 2, "did you mean forecast?"),
    ("[forecast]\nwindows = 3", 2, "unknown setting 'windows' of forecast"),
    ("horizon = 2024-01-01", 2, "tsforecast.toml: horizon must be"),
    ("horizon = -3", 2, "tsforecast.toml: horizon must be 1 to 1,000,000 steps, received '-3'"),
    ("agg = 3", 2, "tsforecast.toml: agg must be one of first"),
    ("joint = 'perhaps'", 2, "tsforecast.toml: joint must be true or false"),
    ("level = [[50]]", 2, "tsforecast.toml: level must be"),
    ("level = ", 4, "must be TOML"),
]


@pytest.mark.parametrize(("text", "code", "said"), WRONG_FILES)
def test_a_wrong_file_is_refused_by_name(tsf, tmp_path, text, code, said):
    (tmp_path / "tsforecast.toml").write_text(text)
    assert said in tsf("forecast", "x.csv", code=code).stderr


def test_a_setting_of_another_verb_may_stand_in_the_file(tsf, tmp_path):
    (tmp_path / "tsforecast.toml").write_text("windows = 3\nhorizon = 2\n[forecast]\nlevel = 50\n")
    assert len(tsf("synth", "sine", "-n", 2).stdout.splitlines()) == 3


def test_a_misspelt_variable_is_named(tsf):
    done = tsf("synth", "sine", "-n", 2, env={"TSFORECAST_LENGHT": "9", "TSFORECAST_SOMETHING_ELSE": "1"})
    assert done.stderr == "warning: TSFORECAST_LENGHT is no setting; did you mean TSFORECAST_LENGTH?\n"
    assert len(done.stdout.splitlines()) == 3


def test_a_model_there_is_not_is_refused_with_those_there_are(tsf, tmp_path):
    done = tsf("forecast", "x.csv", "-m", "lsmt", code=2)
    assert all(name in done.stderr for name in model_names())
    assert "did you mean lstm?" in done.stderr


def test_every_help_lists_what_there_is(tsf):
    text = " ".join(tsf("forecast", "--help", "--all", env={"COLUMNS": "300"}).stdout.split())
    for name in (*model_names(), *config.AGGREGATES, *config.IMPUTE, *get_args(config.Ambiguous)):
        assert name in text
    for declared in SETTINGS.values():
        assert declared.said.verbs or declared.option in text


def test_the_horizon_in_words_is_that_in_steps(tsf, sine, ridge_model):
    steps = tsf("forecast", sine, "-H", 48, "-m", "naive", "-q").stdout
    assert len(steps.splitlines()) == 49
    assert tsf("forecast", sine, "-H", "2d", "-m", "naive", "-q").stdout == steps
    assert tsf("predict", ridge_model, "-H", "3h", "-q").stdout == tsf("predict", ridge_model, "-H", 3, "-q").stdout
    assert "shorter than a step of h" in tsf("forecast", sine, "-H", "5min", "-m", "naive", code=2).stderr


def test_the_settings_file_of_the_readme_is_one(tsf, tmp_path, project):
    block = (project / "README.md").read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    (tmp_path / "tsforecast.toml").write_text(block)
    shown = printed(tsf("forecast", "x.csv", "--print-config").stdout)
    assert shown["level"] == ([50, 90], "tsforecast.toml")
    assert shown["horizon"] == ("2d", "tsforecast.toml")
    assert shown["quiet"] == (True, "tsforecast.toml")


def words_of(path) -> str:
    """Every text in a file of Python."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return " ".join(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_the_command_line_names_no_model(project):
    # What is also a word of its own is left out: the naive forecast, the drift of the data, --dynamics.
    names = set(model_names()) - {"auto", "naive", "drift", "dynamics"}
    package = project / "tsforecast"
    for path in (*package.glob("*.py"), *(package / "cli").rglob("*.py")):
        assert not names & set(re.findall(r"[\w-]+", words_of(path))), path
