"""The same table written otherwise is the same panel: columns permuted, line ends, comments, dates, compression."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsforecast.config import ReadConfig
from tsforecast.data.panel import Panel
from tsforecast.io import read
from tsforecast.preparation import prepare

DAYS = pd.date_range("2021-01-25", periods=40, freq="D")
RNG = np.random.default_rng(5)
LOAD, PRICE = np.round(100 + 9 * RNG.standard_normal(40), 2), np.round(3 + RNG.standard_normal(40), 3)
STAMPS = [day.strftime("%Y-%m-%d") for day in DAYS]


def csv(stamps: list[str], *, order: tuple[int, ...] = (0, 1, 2), mark: str = ",", decimal: str = ".") -> str:
    """The table as text; the seventh load is missing."""
    loads = [str(v).replace(".", decimal) for v in LOAD]
    loads[6] = ""
    columns = [stamps, loads, [str(v).replace(".", decimal) for v in PRICE]]
    rows = [["date", "load", "price"], *zip(*columns, strict=True)]
    return "".join(mark.join(row[i] for i in order) + "\n" for row in rows)


PLAIN = csv(STAMPS)


def commented(text: str) -> str:
    """A line of words before, one between, one after."""
    head, first, *rest = text.splitlines(keepends=True)
    return "# made by a machine\n" + head + first + "# and looked at\n" + "".join(rest) + "# the end\n"


REWRITES: dict[str, str] = {
    "columns permuted": csv(STAMPS, order=(2, 0, 1)),
    "CRLF": PLAIN.replace("\n", "\r\n"),
    "CR": PLAIN.replace("\n", "\r"),
    "no last line end": PLAIN.rstrip("\n"),
    "comments": commented(PLAIN),
    "blank lines": PLAIN.replace("\n", "\n\n"),
    "byte order mark": "\ufeff" + PLAIN,
    "semicolons": csv(STAMPS, mark=";"),
    "tabs": csv(STAMPS, mark="\t"),
    "pipes": csv(STAMPS, mark="|"),
    "decimal commas": csv(STAMPS, mark=";", decimal=","),
    "quoted": "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in PLAIN.splitlines()) + "\n",
    "spaces": PLAIN.replace(",", " , "),
    "rows reversed": "\n".join([PLAIN.splitlines()[0], *PLAIN.splitlines()[:0:-1]]) + "\n",
    "day first": csv([day.strftime("%d/%m/%Y") for day in DAYS]),
    "month first": csv([day.strftime("%m/%d/%Y") for day in DAYS]),
    "dots": csv([day.strftime("%d.%m.%Y") for day in DAYS], mark=";"),
    "compact": csv([day.strftime("%Y%m%d") for day in DAYS]),
    "named months": csv([day.strftime("%d %b %Y") for day in DAYS]),
    "with midnight": csv([day.strftime("%Y-%m-%d %H:%M:%S") for day in DAYS]),
    "ISO with T": csv([day.strftime("%Y-%m-%dT%H:%M") for day in DAYS]),
    "epoch seconds": csv([str(int(day.timestamp())) for day in DAYS]),
    "epoch milliseconds": csv([str(int(day.timestamp() * 1000)) for day in DAYS]),
}
FOLDS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


def panel(path: Path, data: bytes) -> Panel:
    path.write_bytes(data)
    return prepare(read(path, ReadConfig())).panel


def assert_alike(first: Panel, second: Panel) -> None:
    assert first.frequency.alias == second.frequency.alias
    assert set(first.channels) == set(second.channels)
    columns = ["unique_id", "ds", *first.channels]
    pd.testing.assert_frame_equal(first.frame[columns], second.frame[columns])


@pytest.mark.parametrize("how", REWRITES)
def test_the_same_table_written_otherwise_is_the_same_panel(tmp_path: Path, how: str):
    plain = panel(tmp_path / "plain.csv", PLAIN.encode())
    assert plain.values.shape == (40, 2)
    assert_alike(plain, panel(tmp_path / "x.csv", REWRITES[how].encode()))


@pytest.mark.parametrize("how", FOLDS)
def test_compressed_or_in_another_encoding(tmp_path: Path, how: str):
    plain = panel(tmp_path / "plain.csv", PLAIN.encode())
    assert_alike(plain, panel(tmp_path / "x.csv", FOLDS[how](PLAIN.encode())))
    assert_alike(plain, panel(tmp_path / "x.csv", FOLDS[how](PLAIN.encode("utf-16"))))
