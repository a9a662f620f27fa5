"""A model whose forecasts anybody can work out, saved as any other."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsforecast as ts
from tsforecast.bundle import load
from tsforecast.config import ReadConfig
from tsforecast.data.frequency import Frequency
from tsforecast.stream.clock import Clock
from tsforecast.stream.engine import Engine
from tsforecast.stream.incoming import LineReader
from tsforecast.stream.running import run

START = pd.Timestamp("2024-01-01")


def training(rows: int = 300, *, seed: int = 0) -> pd.DataFrame:
    """Hours of noise around 10."""
    noise = np.random.default_rng(seed).standard_normal(rows)
    return pd.DataFrame({"when": pd.date_range(START, periods=rows, freq="h"), "load": 10 + noise})


@pytest.fixture(scope="session")
def naive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Saved naive model of `training`, 4 steps ahead: the forecast of every step is the last value."""
    path = tmp_path_factory.mktemp("stream") / "naive.tsf"
    ts.save(path, ts.fit(training(), 4, model="naive"))
    return path


@pytest.fixture(scope="session")
def by_id(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of two sensors."""
    path = tmp_path_factory.mktemp("stream") / "by_id.tsf"
    parts = [training(seed=i).assign(sensor=name, load=training(seed=i)["load"] * 10**i) for i, name in enumerate("ab")]
    ts.save(path, ts.fit(pd.concat(parts)[["sensor", "when", "load"]], 4, model="naive", id_col="sensor"))
    return path


def engine_of(
    model: Path, steps: int | None = None, most_series: int = 100, read: ReadConfig | None = None
) -> tuple[Engine, LineReader]:
    bundle = load(model)
    manifest = bundle.manifest
    clock = Clock(Frequency.of(manifest.freq), manifest.schema.zone)
    names = (manifest.schema.time, manifest.schema.id, manifest.channels)
    reader = LineReader(names, clock, read or ReadConfig())
    return Engine(bundle, clock, steps or manifest.horizon, most_series), reader


def streamed(model: Path, text: str, engine: tuple[Engine, LineReader] | None = None) -> list[dict]:
    """What the stream says of some lines."""
    made, reader = engine or engine_of(model)
    out: list[str] = []
    run(io.BytesIO(text.encode()), out.append, made, reader, None, 1e9)
    return [json.loads(line) for line in "".join(out).splitlines()]


def hour(i: int) -> str:
    """Stamp of the i-th hour after training."""
    return (START + pd.Timedelta(hours=300 + i)).isoformat()


def lines(*rows: tuple[int, float | str]) -> str:
    """A header, and rows of hours after training."""
    return "when,load\n" + "".join(f"{hour(i)},{value}\n" for i, value in rows)
