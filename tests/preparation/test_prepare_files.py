"""Real files through reading and preparing with no option at all; and what preparing must not import."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from prepare_tables import table

from tsforecast import io
from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.data.panel import Panel
from tsforecast.preparation import prepare
from tsforecast.preparation.replay import replay

# File, frequency, rows, and the entries by rule that do not depend on how gaps are filled.
FILES = [
    ("machine_temperature_system_failure.csv", "5min", 22_683, {"sort": 11, "duplicate": 12, "duplicate mean": 12}),
    ("ambient_temperature_system_failure.csv", "h", 7_888, {"gap": 621}),
    ("nyc_taxi.csv", "30min", 10_320, {}),
    ("speed_7578.csv", "5min", 2_622, {"gap": 1_500, "snap": 840, "duplicate": 5, "duplicate mean": 5}),
    (
        "ec2_request_latency_system_failure.csv",
        "5min",
        4_033,
        {"duplicate": 12, "duplicate mean": 2, "snap": 1, "gap": 13},
    ),
    ("art_flatline.csv", "5min", 4_032, {}),
    ("art_daily_small_noise.csv", "5min", 4_032, {}),
    ("art_daily_perfect_square_wave.csv", "5min", 4_032, {}),
    ("AirQualityUCI.csv", "h", 9_357, {}),
    ("uk_daily_flights.csv", "D", 1_118, {}),
    ("vic_electricity.csv", "30min", 52_608, {}),
    ("turbine_emission.csv", "h", 36_733, {}),
    ("tokyo_2013_cp932.csv", "D", 365, {}),
    ("tokyo_2014_cp932.csv", "D", 365, {}),
    ("monthly-sunspots.csv", "MS", 2_820, {}),
    ("airline-passengers.csv", "MS", 144, {}),
    ("daily-min-temperatures.csv", "D", 3_652, {"gap": 2}),
]


@pytest.mark.parametrize(("file", "freq", "rows", "rules"), FILES, ids=[f[0] for f in FILES])
def test_every_file_goes_through_with_no_option(shared_data, file, freq, rows, rules):
    read = io.read(str(shared_data / "csv" / file), ReadConfig())
    prepared = prepare(read, PrepareConfig())
    Panel.checked(prepared.panel.frame, prepared.panel.freq)
    assert prepared.panel.freq == freq
    assert len(prepared.panel) == rows
    ours = prepared.ledger.frame.iloc[len(read.ledger) :]["rule"].value_counts().to_dict()
    assert {rule: n for rule, n in ours.items() if not rule.startswith("fill") and rule != "frequency"} == rules
    again = replay(read, prepared.ledger)
    pd.testing.assert_frame_equal(again.frame, prepared.filled.frame, check_exact=True)
    # What is still missing lies at the edges of its channel.
    for column in prepared.filled.values.T:
        seen = np.flatnonzero(~np.isnan(column))
        assert len(seen) == 0 or np.isfinite(column[seen[0] : seen[-1] + 1]).all()


def test_thousands_of_series_at_once():
    n = 300
    stamps = np.tile(pd.date_range("2024", periods=20, freq="h").to_numpy(), n)
    values = np.arange(20.0 * n)
    ids = np.repeat([f"s{i:03d}" for i in range(n)], 20)
    keep = np.ones(20 * n, dtype=bool)
    keep[5::40] = False
    order = np.random.default_rng(0).permutation(int(keep.sum()))
    shuffled = table(stamps[keep][order], values[keep][order], ids=ids[keep][order])
    prepared = prepare(shuffled, PrepareConfig(impute="linear"))
    assert prepared.panel.n_series == n
    assert prepared.report.n_gap_rows == n // 2
    np.testing.assert_allclose(prepared.filled.values[:, 0], values)


def test_a_clean_table_needs_no_heavy_import(project):
    program = """
import sys
import numpy as np, pandas as pd
from tsforecast.data.panel import Table
from tsforecast.preparation import prepare
ds = pd.date_range("2024", periods=99, freq="h", unit="us")
frame = pd.DataFrame({"unique_id": "", "ds": ds, "y": np.sin(np.arange(99.0))})
prepare(Table(frame, np.arange(99)))
heavy = {"scipy", "sklearn", "statsmodels", "matplotlib", "pywt"} & set(sys.modules)
print(*sorted(heavy), end="")
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_every_real_file_is_prepared(shared_data):
    assert {path.name for path in (shared_data / "csv").glob("*.csv")} == {name for name, *_ in FILES}
