"""What can go wrong with the streams, the disk and the signals of a process, verb by verb, each in a real process."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from process import COMMAND, environment

ARGUMENTS = {
    "forecast": "forecast sine.csv -H 3 -m naive",
    "fit": "fit sine.csv -H 3 -m naive -o made.tsf",
    "predict": "predict ridge.tsf sine.csv",
    "backtest": "backtest sine.csv -H 3 -m naive",
    "prepare": "prepare sine.csv",
    "inspect": "inspect sine.csv",
    "embed": "embed sine.csv --delay 2 --dimension 2",
    "plot": "plot sine.csv",
    "synth": "synth sine -n 50",
    "models": "models",
}
# What each fault leaves of the streams, in the shell's words, and the exit code where the verb writes to stdout.
FAULTS = {
    "stdout closed": (">&-", 4),
    "stdout full": (">/dev/full", 4),
    "stderr closed": ("2>&-", 0),
    "stderr full": ("2>/dev/full", 0),
    "all closed": ("<&- >&- 2>&-", 4),
}
ALL_FAULTS = ("synth", "predict", "prepare")
CASES = [
    pytest.param(verb, fault, marks=() if verb in ALL_FAULTS or i % len(FAULTS) == j else pytest.mark.exhaustive)
    for i, verb in enumerate(ARGUMENTS)
    for j, fault in enumerate(FAULTS)
]

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


@pytest.fixture(scope="module")
def folder(sine, ridge_model):
    """The folder with `sine.csv` and `ridge.tsf`."""
    assert ridge_model.parent == sine.parent
    return sine.parent


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command line of bash in which tsforecast is this one."""
    words = f'tsforecast() {{ {" ".join(COMMAND)} "$@"; }}; {command}'
    return subprocess.run(
        ["bash", "-c", words], capture_output=True, text=True, cwd=folder, env=environment(), timeout=120, check=False
    )


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("tsforecast: error: ")
    return lines[0]


@needs_full
@pytest.mark.parametrize(("verb", "fault"), CASES)
def test_a_stream_that_takes_nothing(folder, verb, fault):
    redirection, code = FAULTS[fault]
    done = shell(f"tsforecast {ARGUMENTS[verb]} {redirection}", folder)
    assert done.returncode == (0 if verb == "fit" else code), done.stderr
    if "stderr" in fault:
        assert verb == "fit" or done.stdout == shell(f"tsforecast {ARGUMENTS[verb]}", folder).stdout != ""
    elif fault != "all closed" and verb != "fit":
        assert "Traceback" not in done.stderr
        assert done.stderr.splitlines()[-1].startswith("tsforecast: error: stdout")


def test_a_result_in_a_file_needs_no_stdout(folder, tmp_path):
    done = shell(f"tsforecast synth sine -n 5 -o {tmp_path}/s.csv <&- >&- 2>&-", folder)
    assert done.returncode == 0
    assert len((tmp_path / "s.csv").read_text().splitlines()) == 6


def test_an_error_with_nowhere_to_say_it_keeps_its_code(folder):
    assert shell("tsforecast forecast missing.csv 2>&-", folder).returncode == 4
    done = shell("tsforecast forecast - -H 3 <&-", folder)
    assert done.returncode == 4
    assert "stdin is closed" in one_line(done.stderr)
    done = shell("tsforecast stream ridge.tsf <&-", folder)
    assert done.returncode == 4
    assert "stdin is closed" in one_line(done.stderr)


STREAMS = {
    "stdout": "tsforecast synth sine -n 3 -o /dev/stdout",
    "appended": "echo first > out; tsforecast synth sine -n 3 -o /dev/stdout >> out; sed 1d out",
    "a descriptor": "tsforecast synth sine -n 3 -o /dev/fd/3 3>out; cat out",
    "a substitution": "tsforecast synth sine -n 3 -o >(cat > out); wait $!; cat out",
    "a pipe": "mkfifo pipe; cat pipe > out & tsforecast synth sine -n 3 -o pipe; wait; cat out; test -p pipe",
    "nowhere": "tsforecast synth sine -n 3; tsforecast synth sine -n 3 -o /dev/null; test -c /dev/null",
}


@pytest.mark.parametrize("kind", STREAMS)
def test_what_is_no_file_is_written_to_as_it_is(tmp_path, kind):
    done = shell(STREAMS[kind], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "ds,y"
    assert len(done.stdout.splitlines()) == 4


@needs_full
def test_a_full_device_and_a_closed_descriptor_end_with_4(tmp_path):
    for place in ("/dev/full", "/dev/fd/9"):
        done = shell(f"tsforecast synth sine -n 3 -o {place}", tmp_path)
        assert done.returncode == 4
        assert place in one_line(done.stderr)


def test_a_failed_write_leaves_the_old_file_alone(tmp_path):
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


def test_a_reader_that_leaves_is_no_error():
    with subprocess.Popen(
        [*COMMAND, "synth", "sine", "-n", "300000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout.readline() == b"ds,y\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=120) == 0


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
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


def test_a_traceback_only_with_debug(folder):
    assert "Traceback" in shell("tsforecast forecast missing.csv --debug", folder).stderr
    assert "Traceback" not in shell("tsforecast forecast missing.csv", folder).stderr


def test_a_settings_file_in_the_folder_is_found_by_a_real_process(folder, tmp_path):
    (tmp_path / "tsforecast.toml").write_text("[synth]\nlength = 4\n")
    assert len(shell("tsforecast synth sine", tmp_path).stdout.splitlines()) == 5


SPEAKING = """
import logging, sys, warnings
from tsforecast.cli.app import _silent_libraries
with _silent_libraries(heard=sys.argv[1] == "heard"):
    warnings.simplefilter("always")  # as some libraries do on import
    warnings.warn("a warning", FutureWarning)
    logging.getLogger("library").warning("a line of a log")
"""


@pytest.mark.parametrize("heard", [False, True])
def test_warnings_and_logs_of_libraries_are_heard_only_where_asked(heard):
    done = subprocess.run(
        [sys.executable, "-c", SPEAKING, "heard" if heard else "silent"],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
        check=True,
    )
    assert ("a warning" in done.stderr, "a line of a log" in done.stderr) == (heard, heard)
    assert heard or done.stderr == ""


@pytest.mark.slow
def test_the_network_is_silent_unless_the_libraries_shall_be_heard_and_one_seed_gives_one_file(process, sine, tmp_path):
    options = ("--horizon", 24, "--model", "gru", "--epochs", 1, "--units", 4, "--seed", 7, "-q")
    quiet = process("fit", sine, *options, "-o", "quiet.tsf")
    loud = process("fit", sine, *options, "-v", "-o", "loud.tsf")
    assert quiet.stderr == ""
    assert loud.stderr != ""
    assert quiet.stdout == loud.stdout == ""
    assert (tmp_path / "quiet.tsf").read_bytes() == (tmp_path / "loud.tsf").read_bytes()


@pytest.fixture
def without_tensorflow(tmp_path):
    """An environment in which the training packages cannot be imported, as in the base install."""
    folder = tmp_path / "absent"
    folder.mkdir()
    for name in ("tensorflow", "keras", "tf2onnx", "onnx"):
        (folder / f"{name}.py").write_text(f"raise ModuleNotFoundError({name!r}, name={name!r})\n")
    return {"PYTHONPATH": f"{folder}{os.pathsep}{Path(__file__).parents[2]}"}


def test_without_tensorflow_a_forced_network_ends_with_3(process, sine, without_tensorflow):
    done = process("forecast", sine, "-H", 24, "-m", "lstm", "-q", code=3, env=without_tensorflow)
    assert "pip install 'tsforecast-cli[train]'" in one_line(done.stderr)


def test_without_tensorflow_auto_says_what_it_left_out(process, without_tensorflow):
    # So many series that a network's turn would come.
    day = [f"2024-01-{1 + hour // 24:02d} {hour % 24:02d}:00" for hour in range(240)]
    names = [f"s{i}" for i in range(30)]
    rows = [",".join([stamp, *(str(i + (k * (i + 3)) % 7) for i in range(30))]) for k, stamp in enumerate(day)]
    table = "\n".join([",".join(["when", *names]), *rows])
    done = process("forecast", "-", "-H", 6, stdin=table, env=without_tensorflow)
    assert len(done.stdout.splitlines()) == 1 + 30 * 6
    assert "tensorflow, which is not installed" in done.stderr
