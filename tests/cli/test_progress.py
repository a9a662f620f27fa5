"""How far a run is, on a terminal and elsewhere; the clock is handed in."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest
from process import COMMAND, environment
from series_of import sine, task

from tsforecast.cli.console import Console
from tsforecast.cli.progress import Progress
from tsforecast.models.choose import choose
from tsforecast.models.doing import Doing


def test_a_line_has_the_model_the_share_the_time_left_and_what_is_to_come():
    progress = Progress(began=0)
    progress.told(Doing("fitting gru", model="gru", to_come=("lstm", "tcn")), 10)
    assert progress.line(11, 80) == "fitting gru  to come: lstm, tcn"
    progress.told(Doing("epoch 10/40, training error 0.1", share=0.25), 20)
    line = progress.line(20, 120)
    assert line == "━━━━╌╌╌╌╌╌╌╌╌╌╌╌  gru: epoch 10/40, training error 0.1  25%  about 0:30 left  to come: lstm, tcn"
    assert len(progress.line(20, 40)) == 39
    progress.told("refitting on all rows", 50)
    assert progress.line(51, 80) == "refitting on all rows"


def test_many_to_come_are_counted():
    progress = Progress(began=0)
    progress.told(Doing("fitting a", model="a", to_come=("b", "c", "d", "e", "f")), 0)
    assert progress.line(0, 80).endswith("to come: b, c, d and 2 more")


def test_elsewhere_there_is_one_line_a_minute(capsys):
    now = [100.0]
    console = Console(clock=lambda: now[0])
    for second in range(200):
        now[0] = 100.0 + second
        console.progress(
            Doing(f"epoch {second}/400", share=second / 400) if second else Doing("fitting gru", model="gru")
        )
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "... gru: epoch 60/400, 15% done, about 5:40 left, 1:00 so far",
        "... gru: epoch 120/400, 30% done, about 4:40 left, 2:00 so far",
        "... gru: epoch 180/400, 45% done, about 3:40 left, 3:00 so far",
    ]


@pytest.mark.parametrize("silence", [{"quiet": True}, {"as_json": True}], ids=str)
def test_and_none_where_nothing_is_to_be_said(capsys, silence):
    now = [0.0]
    console = Console(clock=lambda: now[0], **silence)
    now[0] = 61
    console.progress("fitting")
    assert capsys.readouterr().err == ""


def test_choosing_tells_whose_turn_it_is_and_what_is_to_come():
    told: list[str] = []
    made = choose(task([sine(200)]), {}, seed=0, tell=told.append)
    turns = [line for line in told if isinstance(line, Doing) and line.model]
    assert [t.model for t in turns] == list(made.models)
    assert set(turns[0].to_come) >= {t.model for t in turns[1:]}
    assert turns[-1].to_come == () or set(turns[-1].to_come) <= set(made.left_out)


def test_a_terminal_shows_a_line_and_takes_it_away(sine, tmp_path):
    leader, follower = pty.openpty()
    done = subprocess.Popen(
        [*COMMAND, "forecast", str(sine), "-H", "3", "-m", "ridge"],
        stdout=subprocess.DEVNULL,
        stderr=follower,
        cwd=tmp_path,
        env=environment(TERM="xterm", COLUMNS="80"),
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            piece = os.read(leader, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(leader)
    assert done.wait() == 0
    assert b"\r\x1b[2Kfitting ridge" in shown
    assert shown.rindex(b"\r\x1b[2K") < shown.rindex(b"time ")
