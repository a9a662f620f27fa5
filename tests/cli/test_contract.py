"""The promises of docs/design.md, "What the command line promises", each through a real process."""

from __future__ import annotations

import gzip
import json
import os
import resource
import signal
import subprocess
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from process import COMMAND, environment

RIDGE = ("--horizon", 24, "--model", "ridge")
TABLE = ["when", "yhat", "yhat_lo_80", "yhat_hi_80", "yhat_lo_95", "yhat_hi_95"]


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("tsforecast: error: ")
    return lines[0]


def test_stdout_holds_the_forecast_and_nothing_else(tsf, sine):
    done = tsf("forecast", sine, *RIDGE)
    table = pd.read_csv(StringIO(done.stdout))
    assert list(table.columns) == TABLE
    assert len(table) == 24
    assert table["when"].iloc[0] == "2024-01-17T16:00:00"
    assert table.notna().all().all()
    assert "ridge" in done.stderr
    assert "seasonal-naive" in done.stderr


def test_quiet_says_nothing(tsf, sine):
    assert tsf("forecast", sine, *RIDGE, "--quiet").stderr == ""


def test_a_pipe_gets_no_colour_and_no_progress(tsf, sine):
    done = tsf("forecast", sine, *RIDGE)
    assert "\x1b" not in done.stderr + done.stdout
    assert "\r" not in done.stderr


def test_the_network_is_silent(tsf, sine):
    done = tsf("forecast", sine, "--horizon", 24, "--model", "lstm", "--epochs", 2, "--units", 4, "--quiet")
    assert done.stderr == ""
    assert list(pd.read_csv(StringIO(done.stdout)).columns) == TABLE


def test_verbose_lets_the_libraries_speak_on_stderr_alone(tsf, sine):
    options = ("--horizon", 3, "--model", "lstm", "--epochs", 1, "--units", 4, "-q")
    quiet, loud = tsf("forecast", sine, *options), tsf("forecast", sine, *options, "-v")
    assert quiet.stderr == ""
    assert loud.stderr != ""
    assert loud.stdout == quiet.stdout


def test_stdin_and_compressed_files_give_the_same_bytes(tsf, sine, tmp_path):
    plain = tsf("forecast", sine, *RIDGE).stdout
    packed = tmp_path / "x.csv.gz"
    packed.write_bytes(gzip.compress(sine.read_bytes()))
    assert tsf("forecast", "-", *RIDGE, stdin=sine.read_bytes()).stdout == plain
    assert tsf("forecast", packed, *RIDGE).stdout == plain


def test_the_same_seed_gives_the_same_bytes(tsf, sine, tmp_path):
    options = ("--horizon", 24, "--model", "gru", "--epochs", 2, "--units", 4, "--seed", 7, "-q")
    assert tsf("forecast", sine, *options).stdout == tsf("forecast", sine, *options).stdout
    for name in ("a.tsf", "b.tsf"):
        tsf("fit", sine, *options, "-o", name)
    assert (tmp_path / "a.tsf").read_bytes() == (tmp_path / "b.tsf").read_bytes()


def test_prepare_then_forecast_is_forecast(tsf, sine, tmp_path):
    messy = tmp_path / "messy.csv"
    lines = sine.read_text().splitlines()
    lines[50], lines[60] = lines[60], lines[50]
    del lines[100:103]
    messy.write_text("\n".join([*lines, lines[-1]]) + "\n")
    prepared = tsf("prepare", messy).stdout
    assert len(prepared.splitlines()) == 401
    assert tsf("forecast", "-", *RIDGE, stdin=prepared).stdout == tsf("forecast", messy, *RIDGE).stdout


@pytest.mark.parametrize("name", ["csv", "tsv", "jsonl", "json", "parquet"])
def test_every_format_holds_the_same_table(tsf, sine, tmp_path, name):
    tsf("forecast", sine, *RIDGE, "--format", name, "-o", f"out.{name}", "-q")
    path = tmp_path / f"out.{name}"
    read = {
        "csv": pd.read_csv,
        "tsv": lambda p: pd.read_csv(p, sep="\t"),
        "jsonl": lambda p: pd.read_json(p, lines=True, convert_dates=False),
        "json": lambda p: pd.read_json(p, convert_dates=False),
        "parquet": pd.read_parquet,
    }
    table = read[name](path)
    assert list(table.columns) == TABLE
    expected = pd.read_csv(StringIO(tsf("forecast", sine, *RIDGE, "-q").stdout))
    assert table["yhat"].to_numpy() == pytest.approx(expected["yhat"].to_numpy(), rel=1e-9)


def test_a_failed_write_leaves_the_old_file_alone(sine, tmp_path):
    target = tmp_path / "forecast.csv"
    target.write_text("old\n")
    done = subprocess.run(
        [*COMMAND, "synth", "sine", "-n", "200000", "-o", str(target)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=lambda: (
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        ),
    )
    assert done.returncode == 4, done.stderr
    one_line(done.stderr)
    assert target.read_text() == "old\n"
    assert [p.name for p in tmp_path.iterdir()] == ["forecast.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_on_stdout_is_one_line(sine):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "forecast", str(sine), "--horizon", "24", "--model", "naive", "-q"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            timeout=120,
            check=False,
        )
    assert done.returncode == 4, done.stderr
    one_line(done.stderr)


def test_a_reader_that_leaves_is_no_error():
    with subprocess.Popen(
        [*COMMAND, "synth", "sine", "-n", "300000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout.readline() == b"ds,y\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=120) == 0


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_at_once_with_their_code(tmp_path, sent, code):
    with subprocess.Popen(
        [*COMMAND, "prepare", "-", "-o", "out.csv"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        cwd=tmp_path,
    ) as process:
        # More than a pipe holds: the write returns once the process is up and reading.
        process.stdin.write(b"ds,y\n" + b"2024-01-01,1\n" * 40_000)
        process.stdin.flush()
        process.send_signal(sent)
        out, err = process.communicate(timeout=120)
    assert process.returncode == code, err.decode()
    assert out == b""
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_flags_beat_environment_beats_file_beats_default(tsf, sine, tmp_path):
    config = tmp_path / "c.toml"
    config.write_text('horizon = 5\nmodel = "naive"\n\n[forecast]\nhorizon = 6\n')

    def shown(*arguments: object, **env: str) -> dict[str, tuple[str, str]]:
        text = tsf("forecast", sine, "--print-config", *arguments, env=env).stdout
        rows = [line.split(" = ", 1) for line in text.splitlines() if not line.startswith("#")]
        return {name: tuple(rest.split("  # ")) for name, rest in rows}

    assert shown()["model"] == ('"auto"', "default")
    assert shown("--config", config)["horizon"] == ("6", str(config))
    assert shown("--config", config)["model"] == ('"naive"', str(config))
    assert shown("--config", config, TSFORECAST_HORIZON="7")["horizon"] == ("7", "TSFORECAST_HORIZON")
    assert shown("--config", config, "-H", 8, TSFORECAST_HORIZON="7")["horizon"] == ("8", "flag")
    assert len(tsf("forecast", sine, "-q", "--config", config).stdout.splitlines()) == 1 + 6


def test_the_environment_reaches_lists_and_switches(tsf, sine):
    env = {"TSFORECAST_LEVEL": "50,90", "TSFORECAST_HORIZON": "3", "TSFORECAST_MODEL": "naive"}
    header = tsf("forecast", sine, "-q", env=env).stdout.splitlines()[0]
    assert header == "when,yhat,yhat_lo_50,yhat_hi_50,yhat_lo_90,yhat_hi_90"


def test_the_version(tsf):
    from tsforecast import __version__

    assert tsf("--version").stdout == f"tsforecast {__version__}\n"


USAGE = [
    (),
    ("nonsense",),
    ("forecast",),
    ("forecast", "x.csv", "--horizon", "soon"),
    ("forecast", "x.csv", "--horizon", "0"),
    ("forecast", "x.csv", "--model", "prophet"),
    ("forecast", "x.csv", "--level", "120"),
    ("forecast", "x.csv", "--dropout", "1.5"),
    ("forecast", "x.csv", "--strategy", "sideways"),
    ("forecast", "x.csv", "--nonsense"),
    ("fit", "x.csv"),
    ("synth", "lorentz"),
    ("backtest", "x.csv", "--windows", "0"),
]


@pytest.mark.parametrize("arguments", USAGE, ids=lambda a: " ".join(a) or "nothing")
def test_usage_errors_end_with_2(tsf, arguments):
    done = tsf(*arguments, code=2)
    one_line(done.stderr)
    assert done.stdout == ""


BAD_INPUT = [
    ("no such file", None, 4),
    ("empty", b"", 5),
    ("header only", b"ds,y\n", 5),
    ("one row", b"ds,y\n2024-01-01,1\n", 5),
    ("all missing", b"ds,y\n2024-01-01,\n2024-01-02,\n2024-01-03,\n", 5),
    ("text", b"ds,y\n2024-01-01,a\n2024-01-02,b\n2024-01-03,c\n", 5),
    ("binary", bytes(range(256)) * 40, (4, 5)),
    ("image", b"\x89PNG\r\n\x1a\n" + bytes(2000), (4, 5)),
    ("truncated gzip", gzip.compress(b"ds,y\n" + b"2024-01-01,1\n" * 500)[:40], 4),
]


@pytest.mark.parametrize(("what", "content", "code"), BAD_INPUT, ids=[case[0] for case in BAD_INPUT])
def test_bad_input_is_one_clear_line(tsf, tmp_path, what, content, code):
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)
    codes = code if isinstance(code, tuple) else (code,)
    done = subprocess.run(
        [*COMMAND, "forecast", str(path), "--horizon", "3", "-m", "ridge"],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=120,
        check=False,
    )
    assert done.returncode in codes, done.stderr
    one_line(done.stderr)
    assert done.stdout == ""


def test_a_directory_and_a_closed_stdin(tsf, tmp_path):
    one_line(tsf("forecast", tmp_path, "-H", 3, code=4).stderr)
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(COMMAND)} forecast - -H 3 <&-"],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=120,
        check=False,
    )
    assert done.returncode in (4, 5), done.stderr
    one_line(done.stderr)


def test_json_errors_are_an_object(tsf):
    done = tsf("forecast", "missing.csv", "--json", code=4)
    error = json.loads(done.stderr)
    assert set(error) == {"code", "message", "hint"}
    assert error["code"] == 4
    assert "missing.csv" in error["message"]


def test_a_traceback_only_with_debug(sine):
    done = subprocess.run(
        [*COMMAND, "forecast", "missing.csv", "--debug"], capture_output=True, text=True, env=environment(), check=False
    )
    assert "Traceback" in done.stderr


def test_the_skill_gate(tsf, tmp_path):
    assert tsf("synth", "random-walk", "-n", 600, "--seed", 3, "-o", "walk.csv").stderr == ""
    done = tsf("forecast", "walk.csv", "-H", 10, "-m", "naive", "--require-skill", code=6)
    assert done.stdout == ""
    assert "does not beat" in done.stderr


@pytest.fixture
def without_tensorflow(tmp_path):
    """An environment in which the training packages cannot be imported, as in the base install."""
    folder = tmp_path / "absent"
    folder.mkdir()
    for name in ("tensorflow", "keras", "tf2onnx", "onnx"):
        (folder / f"{name}.py").write_text(f"raise ModuleNotFoundError({name!r}, name={name!r})\n")
    return {"PYTHONPATH": f"{folder}{os.pathsep}{Path(__file__).parents[2]}"}


def test_without_tensorflow_a_forced_network_ends_with_3(tsf, sine, without_tensorflow):
    done = tsf("forecast", sine, "-H", 24, "-m", "lstm", "-q", code=3, env=without_tensorflow)
    assert "pip install 'tsforecast[train]'" in one_line(done.stderr)


def test_without_tensorflow_auto_says_what_it_left_out(tsf, without_tensorflow):
    # Too many series for a model of each by itself, so that a network's turn would come.
    day = [f"2024-01-{1 + hour // 24:02d} {hour % 24:02d}:00" for hour in range(240)]
    names = [f"s{i}" for i in range(12)]
    rows = [",".join([stamp, *(str(i + (k * (i + 3)) % 7) for i in range(12))]) for k, stamp in enumerate(day)]
    done = tsf("forecast", "-", "-H", 6, stdin="\n".join([",".join(["when", *names]), *rows]), env=without_tensorflow)
    assert len(done.stdout.splitlines()) == 1 + 12 * 6
    assert "TensorFlow is not installed" in done.stderr


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04" + bytes(100)], ids=["empty", "text", "stub"])
def test_a_damaged_model_ends_with_8(tsf, tmp_path, content):
    (tmp_path / "m.tsf").write_bytes(content)
    one_line(tsf("predict", "m.tsf", code=8).stderr)


def test_a_missing_model_ends_with_4(tsf):
    one_line(tsf("predict", "m.tsf", code=4).stderr)
