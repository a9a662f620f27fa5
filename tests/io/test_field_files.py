"""Small files of the shapes that people report: names, ids, first stamps, values and notes as a reader would have them.

Values are invented, the shapes are those of public reports.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tsforecast.config import ReadConfig
from tsforecast.data.panel import Table
from tsforecast.errors import DataError
from tsforecast.io import read

FIELD = Path(__file__).parent / "field"


@dataclass(frozen=True)
class Right:
    """What is right for a file.

    Attributes:
        rows: Rows of the table.
        channels: Columns to forecast.
        time: The time column, several where they make one stamp, None where there is none.
        first: Stamp of the first row: UTC where there is a zone, else wall time; a number where steps are counted.
        values: Values of the first row, None where missing.
        ids: The series.
        zone: Zone in which stamps are written.
        said: What the notes must say, piece by piece.
        ignored: Columns left out.
    """

    rows: int
    channels: tuple[str, ...]
    time: str | list[str] | None
    first: str | int
    values: tuple[float | None, ...]
    ids: tuple[str, ...] = ("",)
    zone: str | None = None
    said: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


LAKE = ("temp_01_01", "temp_01_01_Min", "temp_01_01_Max", "level_02_01")
HOBO = "Temp, °F (LGR S/N: 20000001, SEN S/N: 20000001)"
TURNED = "time runs across"
LEFT_OUT = "columns left out"

RIGHT = {
    "closed-sunday__nb1.csv": Right(500, ("visitors",), "date", "2021-01-04", (34,)),
    "closed-sunday__p1.csv": Right(500, ("visitors",), "date", "2021-01-04", (40,)),
    "decline__long.csv": Right(108, ("y",), "ds", "2017-01-01", (1001,)),
    "decline__v.csv": Right(9, ("y",), "ds", "2017-01-01", (1000,)),
    "entsoe__prices.csv": Right(
        337,
        ("Day-ahead Price (EUR/MWh)",),
        "MTU (CET/CEST)",
        "2024-10-19T22:00",
        (81.54,),
        zone="CET",
        said=("their start is taken", "zone that the header names: CET", "'Area' (constant text)"),
        ignored=("Area", "Sequence", "Intraday Period (CET/CEST)", "Intraday Price (EUR/MWh)"),
    ),
    "eurostat__wide.tsv": Right(
        152, ("value",), "TIME_PERIOD", "2005-01-01", (None,), ("BE", "DE"), said=(TURNED, "'freq', 'unit'", "flags")
    ),
    "grafana-thousands__export.csv": Right(
        300, ("Value",), "Time", "2023-12-11T13:00", (2418905338.179,), zone="+11:00", ignored=("Series",)
    ),
    "grafana-units__panel.csv": Right(
        240, ("Boiler room",), "Time", "2024-02-01", (12.14,), said=("the unit '°C' is left out",)
    ),
    "grafana-units__power.csv": Right(240, ("Power",), "Time", "2024-02-01", (903,), said=("converted to W",)),
    "ha-energy__energy.csv": Right(
        144,
        ("value",),
        "time",
        "2024-02-01",
        (0.437,),
        ("sensor.grid_import", "sensor.solar"),
        "UTC",
        said=(TURNED, "named by 'entity_id'", "'type', 'unit'"),
    ),
    "hobo__C1.csv": Right(
        403,
        (HOBO,),
        "Date Time, GMT-04:00",
        "2023-06-01T16:00",
        (70.627,),
        zone="-04:00",
        said=("zone that the header names: -04:00", "MM/DD", "'#' (row numbers)"),
    ),
    "investing__hist.csv": Right(
        522,
        ("Price", "Open", "High", "Low", "Vol.", "Change %"),
        "Date",
        "2023-11-01",
        (13898.67, 14087.95, 14037.66, 13759.69, 1_090_000, -1.34),
        said=("'Vol.': 'M', 'K' are converted", "'Change %': the unit '%' is left out"),
    ),
    "linky__conso.csv": Right(
        482, ("Valeur (en Kw)",), "Début", "2023-10-24", (0.048,), said=("--zone", "'Fin' (times"), ignored=("Fin",)
    ),
    "lvm__run.lvm": Right(400, ("Voltage_0", "Voltage_1"), "X_Value", 0, (-0.028617, 1.981269), ignored=("Comment",)),
    "mid-month__bill.csv": Right(72, ("kwh",), "date", "2018-01-15", (373,)),
    "mid-month__meter-reads.csv": Right(60, ("units",), "read_date", "2019-01-07", (391,)),
    "mid-month__thirty.csv": Right(72, ("kwh",), "date", "2018-01-30", (361,)),
    "min__c445.csv": Right(8, ("sales",), "date", "2018-12-30", (100,)),
    "min__drift.csv": Right(9, ("y",), "day", "2017-01-01", (1000,)),
    "min__graf.csv": Right(10, ("Value",), "Time", "2024-01-01", (1720992.3,)),
    "min__graf2.csv": Right(10, ("Value",), "Time", "2024-01-01", (1720992.3,), ignored=("Series",)),
    "min__graf3.csv": Right(
        8, ("Value",), "Time", "2023-12-31T13", (1720142992.3,), zone="+11:00", ignored=("Series",)
    ),
    "min__graf4.csv": Right(31, ("Value",), "Time", "2023-12-31T23", (1710142992.3,), zone="+11:00"),
    "min__hobo.csv": Right(
        20,
        ("Temp, degF (LGR S/N: 1, SEN S/N: 1)",),
        "Date Time, GMT-04:00",
        "2023-06-04T12:00",
        (70.1,),
        said=("zone that the header names: -04:00",),
        ignored=("#",),
    ),
    "min__jp.csv": Right(60, ("売上高",), "日付", "2023-05-01", (1239379,), said=("cp932",)),
    "min__lin12.csv": Right(12, ("y",), "day", "2024-01-01", (100,)),
    "min__lin16.csv": Right(16, ("y",), "day", "2024-01-01", (100,)),
    "min__lin20.csv": Right(20, ("y",), "day", "2024-01-01", (100,)),
    "min__lin24.csv": Right(24, ("y",), "day", "2024-01-01", (100,)),
    "min__lin9.csv": Right(9, ("y",), "day", "2024-01-01", (100,)),
    "min__mid.csv": Right(9, ("a",), "time", "2024-01-15", (1,)),
    "min__ms.csv": Right(60, ("v",), "t", "2023-11-14T22:13:20", (0,), zone="UTC"),
    "min__mtu.csv": Right(8, ("Price",), "MTU (CET/CEST)", "2024-10-19T22:00", (50,), zone="CET", said=("start",)),
    "min__neg.csv": Right(100, ("tickets",), "day", "2024-01-01", (301,)),
    "min__nikkei.csv": Right(
        60, ("終値", "始値"), "データ日付", "2023-05-01", (29025.15, 28973.58), said=("footer left out",)
    ),
    "min__pi3.csv": Right(6, ("math none Derived va", "pv DEG F R5101 REAC"), "column_1", "2024-08-18T17:28", (0, 871)),
    "min__pi4.csv": Right(6, ("math psi Derived va", "pv DEG F R5101 REAC"), "column_1", "2024-08-18T17:28", (0, 871)),
    "min__run.lvm": Right(9, ("Voltage",), "X_Value", 0, (1,), ignored=("Comment",)),
    "min__run2.lvm": Right(9, ("V_0", "V_1"), "X_Value", 0, (1, 2), ignored=("Comment",)),
    "min__spring.csv": Right(167, ("MWh",), "Datum", "2024-03-28", (0,), said=("--zone", "2024-03-31 03:00")),
    "min__toa5.dat": Right(10, ("AirT",), "TIMESTAMP", "2024-01-01", (1,), said=("lines 3, 4",)),
    "min__toa5b.dat": Right(10, ("AirT",), "TIMESTAMP", "2024-01-01", (1,), said=("lines 2, 3",)),
    "min__wb.csv": Right(30, ("value",), "year", "1960-01-01", (1,), tuple("ABCDEF"), said=(TURNED,)),
    "min__year.csv": Right(31, ("gdp",), "year", "1990-01-01", (1000,)),
    "mixed__alone.csv": Right(3648, ("load",), "time", "2024-01-01", (62.5,)),
    "mixed__mixed.csv": Right(
        3648, ("load", "pressure", "rain", "level"), "time", "2024-01-01", (62.5, -0.87, 0.68, -0.24)
    ),
    "panel-short__sales.csv": Right(
        190,
        ("y",),
        "ds",
        "2017-08-01",
        (68,),
        ("HK", "HK/Pharma/P1", "HK/Pharma/P2", "HK/CHC/C07", "HK/CHC/R10", "HK/CHC/one"),
    ),
    "percent__soc.csv": Right(960, ("soc_percent",), "time", "2024-01-01", (35.6,)),
    "sales-zero__sales.csv": Right(730, ("units_sold",), "date", "2017-11-01", (16,)),
    "sdge__usage.csv": Right(
        336,
        ("Consumed",),
        ["Date", "Start Time"],
        "2024-09-04",
        (0.576,),
        said=("'Meter Number' (constant (0))",),
        ignored=("Duration", "Meter Number"),
    ),
    "toa5__lake.dat": Right(
        601,
        LAKE,
        "TIMESTAMP",
        "2022-01-11T20:30",
        (None, None, None, None),
        said=("lines 3, 4", "'RECORD' (row numbers)"),
        ignored=("LoggerName", "RECORD"),
    ),
    "worldbank__API_GDP.csv": Right(
        128, ("value",), "year", "1960-01-01", (None,), ("Freedonia", "Sylvania"), said=(TURNED, "64 columns")
    ),
    "worldbank__thirty.csv": Right(
        1920, ("value",), "year", "1960-01-01", (None,), tuple(f"Land {k}" for k in range(30)), said=(TURNED,)
    ),
}

#: Long files: the column that names their series, its values, and the rows.
LONG = {
    "ha-history__history.csv": ("entity_id", ("sensor.outdoor_temperature", "sensor.living_humidity"), 1800),
    "min__ha.csv": ("entity_id", ("sensor.t", "sensor.h"), 12),
    "influx2__annotated.csv": ("host", ("A", "B"), 400),
    "intermittent__demand.csv": ("item", tuple(f"SKU{k}" for k in range(6)), 540),
    "mixed__skus.csv": ("sku", tuple(f"P{k}" for k in range(7)), 630),
}


def test_every_file_is_judged():
    assert {path.name for path in FIELD.iterdir()} == RIGHT.keys() | LONG.keys()


@pytest.mark.parametrize("name", RIGHT)
def test_a_file_is_read_as_its_author_meant_it(name: str, keep_account: Callable[[Table, bytes], None]):
    right = RIGHT[name]
    t = read(FIELD / name)
    assert (len(t.frame), tuple(t.channels), t.facts["time_column"]) == (right.rows, right.channels, right.time)
    first = t.frame["ds"].iloc[0]
    assert first == (right.first if isinstance(right.first, int) else np.datetime64(right.first))
    np.testing.assert_array_equal(
        t.frame.iloc[0, 2:].to_numpy(dtype="float64"), [np.nan if v is None else v for v in right.values]
    )
    assert tuple(t.frame["unique_id"].unique()) == right.ids
    assert t.schema.zone == right.zone
    said = "\n".join(t.facts["notes"])
    assert all(piece in said for piece in right.said), said
    assert set(right.ignored) <= t.facts["ignored"].keys()
    keep_account(t, (FIELD / name).read_bytes())


@pytest.mark.parametrize("name", LONG)
def test_a_long_file_stops_and_names_its_ids(name: str, keep_account: Callable[[Table, bytes], None]):
    column, ids, rows = LONG[name]
    with pytest.raises(DataError, match="these are several series") as caught:
        read(FIELD / name)
    assert caught.value.hint == f"--id-col {column}"
    t = read(FIELD / name, ReadConfig(id_col=column))
    assert (tuple(t.frame["unique_id"].unique()), len(t.frame), t.schema.id) == (ids, rows, column)
    assert len(t.channels) == 1
    keep_account(t, (FIELD / name).read_bytes())


def test_the_units_of_a_logger_are_kept_apart():
    units = read(FIELD / "toa5__lake.dat").facts["units"]
    assert (units["temp_01_01"], units["level_02_01"]) == ("Deg C Smp", "m Smp")


def test_power_comes_in_one_unit():
    assert read(FIELD / "grafana-units__power.csv").frame["Power"].tolist()[:3] == [903, 1080, 1260]


def test_the_hour_that_autumn_repeats_is_told_apart_by_the_zone_of_the_header():
    ds = read(FIELD / "entsoe__prices.csv").frame["ds"].to_numpy()
    assert set(np.diff(ds).astype("timedelta64[m]").astype(int)) == {60}


def test_with_the_zone_that_the_note_asks_for_no_hour_is_lost():
    for name in ("linky__conso.csv", "min__spring.csv"):
        t = read(FIELD / name, ReadConfig(zone="Europe/Paris"))
        steps = np.diff(t.frame["ds"].to_numpy())
        assert len(set(steps.tolist())) == 1, name
        assert not any("--zone" in note for note in t.facts["notes"])
