"""Damaged real files: whatever is done to them, a table with its promises kept or one clear error.

No row and no column may vanish: rows in are rows used or rows in the ledger, columns in are used or named.

The number of seeds is TSFORECAST_FUZZ_SEEDS (a few hundred by default).
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest

from tsforecast.config import ReadConfig
from tsforecast.errors import TsforecastError
from tsforecast.io import read

FIELD = Path(__file__).parent / "field"
SEEDS = int(os.environ.get("TSFORECAST_FUZZ_SEEDS", "300"))
BLOCK = 50
EXCERPT = 2500
WEATHER = (
    "ダウンロードした時刻:2023/10/20\r\n\r\n,東京,東京,東京\r\n年月日,気温(℃),気温(℃),天気\r\n,,品質情報,\r\n"
    + "".join(f"2013/10/{d},{d}.5,8,晴\r\n" for d in range(1, 32))
)
AIR = (
    "Date;Time;CO(GT);T;;\n" + "".join(f"{d:02d}/03/2004;18.00.00;2,{d};-200;;\n" for d in range(1, 32)) + ";;;;;\n" * 9
)
SHOPS = '{"day": "2020-01-01", "shop": "a", "v": 1.5}\n' * 9 + '{"day": "2020-01-02", "shop": "a", "v": null}\n' * 9
OPTIONS = (
    ReadConfig(),
    ReadConfig(dayfirst=True, na_value=("-200", "x")),
    ReadConfig(zone="Europe/Berlin"),
    ReadConfig(decimal=","),
    ReadConfig(target_col=("v*",)),
    ReadConfig(id_col="shop"),
)


@pytest.fixture(scope="module")
def originals(sample_data: Path) -> list[bytes]:
    files = [*sorted(sample_data.glob("*.csv")), *sorted(FIELD.glob("*"))]
    excerpts = [path.read_bytes()[:EXCERPT] for path in files]
    return [*excerpts, WEATHER.encode("cp932"), AIR.encode(), SHOPS.encode(), b"[1, 2.5, null, 3]"]


def damaged(data: bytes, rng: random.Random) -> bytes:
    """The bytes after one to six accidents."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        lines = bytes(out).split(b"\n")
        i, j = sorted(rng.randrange(len(out) + 1) for _ in range(2))
        match rng.randrange(11):
            case 0 if out:
                out[rng.randrange(len(out))] = rng.randrange(256)
            case 1:
                del out[i : i + rng.randint(1, 30)]
            case 2:
                out[i:i] = rng.choice(
                    [b",", b";", b'"', b"\n", b"\r", b"\t", b"'", b"#", b"-", b"NaN", b"1e999", b"{", b"\xff"]
                )
            case 3:
                out = out[:j]
            case 4:
                rng.shuffle(lines)
                out = bytearray(b"\n".join(lines))
            case 5:
                line = rng.choice(lines)
                out = bytearray(b"\n".join([*lines, *[line] * rng.randint(1, 40)]))
            case 6:
                old, new = rng.choice(b",;/-: ."), rng.choice(b",;/-: .\t|")
                out = out.replace(bytes([old]), bytes([new]))
            case 7:
                out[i:i] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 20)))
            case 8:
                del lines[rng.randrange(len(lines))]
                out = bytearray(b"\n".join(lines))
            case 9:
                out[i:i] = rng.choice(
                    [b"\x00", b"9" * 400, b"\xe4\xbb\xa4\xe5\x92\x8c", b"2020-02-30", b"(" * 50, b"0x1F"]
                )
            case _:
                out[i:j] = bytes(out[i:j])[::-1]
    return bytes(out)


@pytest.mark.parametrize("block", range(-(-SEEDS // BLOCK)))
def test_no_damage_ends_in_a_traceback(tmp_path, originals, keep_account, block):
    path = tmp_path / "x.csv"
    messages: dict[int, str] = {}
    for seed in range(block * BLOCK, min(SEEDS, (block + 1) * BLOCK)):
        rng = random.Random(seed)
        data = damaged(rng.choice(originals), rng)
        path.write_bytes(data)
        name = rng.choice(["x.csv", "x.data"])
        path = path.rename(tmp_path / name)
        try:
            t = read(path, rng.choice(OPTIONS))
        except TsforecastError as error:
            messages[seed] = error.message
            continue
        assert len(t.frame) == len(t.lines) == t.facts["n_rows"] > 0, seed
        assert not t.frame["ds"].isna().any(), seed
        assert t.frame.dtypes.iloc[2:].eq("float64").all(), seed
        assert t.frame.columns.is_unique, seed
        assert (np.diff(t.lines) >= (0 if "turned" in t.facts else 1)).all(), seed
        if t.facts["format"] in ("csv", "tsv"):
            keep_account(t, data)
    assert all(message and "\n" not in message for message in messages.values()), messages
