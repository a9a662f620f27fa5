"""Whole files or none: where results go, what is refused before any work, and what a killed run leaves."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading

import pytest

from tsforecast.errors import NotReadableError, UsageError
from tsforecast.io.files import check_destination, replacing, table_format, write_whole


def temporaries(folder) -> list[str]:
    return [name for name in os.listdir(folder) if name.endswith(".tmp")]


def test_the_target_of_a_link_is_what_changes(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "target.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("deep/target.csv")
    write_whole(tmp_path / "link.csv", b"new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "deep" / "target.csv").read_text() == "new"
    (tmp_path / "dangling.csv").symlink_to("made.csv")
    write_whole(tmp_path / "dangling.csv", b"new")
    assert (tmp_path / "made.csv").read_text() == "new"
    assert (tmp_path / "dangling.csv").is_symlink()


def test_a_link_that_goes_round_is_refused(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for act in (check_destination, lambda path: write_whole(path, b"")):
        with pytest.raises(NotReadableError, match="cannot be written"):
            act(str(tmp_path / "a"))
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_pipe_is_written_to_as_it_is(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    got = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write_whole(tmp_path / "pipe", b"through")
    reader.join(timeout=60)
    assert got == [b"through"]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_descriptor_is_written_to_where_it_stands(tmp_path):
    with open(tmp_path / "log", "wb", buffering=0) as log:
        log.write(b"before ")
        write_whole(f"/dev/fd/{log.fileno()}", b"ours ")
        log.write(b"after")
    assert (tmp_path / "log").read_text() == "before ours after"


KILLED = """
import os, sys
from tsforecast.io.files import replacing
with replacing(sys.argv[1]) as stream:
    stream.write(b"half")
    stream.flush()
    os.kill(os.getpid(), 9)
"""


def test_the_next_run_removes_what_a_killed_one_left(tmp_path):
    target = tmp_path / "out.csv"
    done = subprocess.run([sys.executable, "-c", KILLED, str(target)], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(temporaries(tmp_path)) == 1
    write_whole(tmp_path / "another.csv", b"")
    assert len(temporaries(tmp_path)) == 1, "that of another file is not ours to judge"
    write_whole(target, b"new")
    assert temporaries(tmp_path) == []
    assert target.read_bytes() == b"new"


def test_what_another_run_is_writing_is_left_alone(tmp_path):
    target = tmp_path / "out.csv"
    with replacing(target) as slow:
        slow.write(b"slow")
        write_whole(target, b"fast")
        assert target.read_bytes() == b"fast"
        assert len(temporaries(tmp_path)) == 1
    assert target.read_bytes() == b"slow"
    assert temporaries(tmp_path) == []


def test_nothing_is_written_through_a_link_somebody_laid(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name in (f"out.csv.tmp{os.getpid()}", f".out.csv.{os.getpid()}.tmp", ".out.csv.abcdefgh.tmp", ".out.csv.1.tmp"):
        (tmp_path / name).symlink_to(victim)
    write_whole(tmp_path / "out.csv", b"new")
    assert victim.read_text() == "precious"
    assert (tmp_path / "out.csv").read_bytes() == b"new"
    assert not (tmp_path / "out.csv").is_symlink()


def test_the_name_cannot_be_foretold_and_nobody_else_may_read_on(tmp_path):
    names = set()
    for _ in range(5):
        with replacing(tmp_path / "out.csv") as stream:
            names.update(temporaries(tmp_path))
            assert stat.S_IMODE(os.fstat(stream.fileno()).st_mode) == 0o600
    assert len(names) == 5
    assert str(os.getpid()) not in "".join(names)


def test_an_error_inside_leaves_nothing_and_is_raised_as_it_is(tmp_path):
    with pytest.raises(ValueError, match="own"), replacing(tmp_path / "out.csv"):
        raise ValueError("own")
    assert os.listdir(tmp_path) == []


REFUSED = [
    ("", UsageError),
    *((place, NotReadableError) for place in (".", "no/x.csv", "a\0b", "n" * 300, "/dev/fd/987")),
]


@pytest.mark.parametrize(("place", "error"), REFUSED)
def test_a_place_is_refused_before_any_work(tmp_path, monkeypatch, place, error):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error) as refused:
        check_destination(place, "--plot")
    assert "--plot" in f"{refused.value.message} {refused.value.hint}"
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(NotReadableError, match="Permission denied"):
        check_destination(str(tmp_path / "x.csv"))


def test_a_place_that_can_be_written_is_let_be(tmp_path):
    (tmp_path / "old.csv").write_text("old")
    for place in ("new.csv", "old.csv", "/dev/null"):
        check_destination(str(tmp_path / place))
    assert os.listdir(tmp_path) == ["old.csv"]
    assert (tmp_path / "old.csv").read_text() == "old"


def test_the_format_is_that_of_the_suffix_or_refused():
    assert table_format(None) == table_format("-") == table_format("out") == table_format("/dev/fd/3") == "csv"
    assert (table_format("a.XLSX"), table_format("a.ndjson"), table_format("a.foo", "tsv")) == ("xlsx", "jsonl", "tsv")
    for destination, name in (("a.foo", None), ("a.csv.gz", None), ("a.csv", "xml")):
        with pytest.raises(UsageError, match="format"):
            table_format(destination, name)
