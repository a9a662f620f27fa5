"""Every small file of a shape that people report is forecast as its author would have it, or stops with what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tsforecast as ts
from tsforecast.errors import DataError

FIELD = Path(__file__).parents[1] / "io" / "field"
IDS = {
    "ha-history__history.csv": "entity_id",
    "min__ha.csv": "entity_id",
    "influx2__annotated.csv": "host",
    "intermittent__demand.csv": "item",
    "mixed__skus.csv": "sku",
}
#: What stops, and the hint.
STOPS = {
    "ha-history__history.csv": ("the stamps are irregular", "--freq 5min --agg mean"),
    "mid-month__meter-reads.csv": ("follow no calendar", "--time-col none"),
    "min__c445.csv": ("4-4-5 calendar", "--time-col none"),
}
#: Step, and seasons where the shape says which: by series where there are several.
RIGHT: dict[str, tuple[str | int, object]] = {
    "closed-sunday__nb1.csv": ("D", 7),
    "closed-sunday__p1.csv": ("D", 7),
    "decline__long.csv": ("D", 1),
    "decline__v.csv": ("D", None),
    "entsoe__prices.csv": ("h", None),
    "eurostat__wide.tsv": ("QS-JAN", None),
    "grafana-thousands__export.csv": ("h", None),
    "grafana-units__panel.csv": ("h", 24),
    "grafana-units__power.csv": ("h", 24),
    "ha-energy__energy.csv": ("h", 24),
    "hobo__C1.csv": ("30min", 48),
    "influx2__annotated.csv": ("10min", None),
    "intermittent__demand.csv": ("W-MON", None),
    "investing__hist.csv": ("B", None),
    "linky__conso.csv": ("30min", 48),
    "lvm__run.lvm": (1, 50),
    "mid-month__bill.csv": ("MS-15", 12),
    "mid-month__thirty.csv": ("MS-30", 12),
    "min__drift.csv": ("D", None),
    "min__graf.csv": ("h", None),
    "min__graf2.csv": ("h", None),
    "min__graf3.csv": ("h", None),
    "min__graf4.csv": ("h", None),
    "min__ha.csv": ("61s", None),
    "min__hobo.csv": ("D", None),
    "min__jp.csv": ("B", None),
    "min__lin12.csv": ("D", None),
    "min__lin16.csv": ("D", None),
    "min__lin20.csv": ("D", None),
    "min__lin24.csv": ("D", None),
    "min__lin9.csv": ("D", None),
    "min__mid.csv": ("MS-15", None),
    "min__ms.csv": ("min", None),
    "min__mtu.csv": ("h", None),
    "min__neg.csv": ("D", None),
    "min__nikkei.csv": ("B", None),
    "min__pi3.csv": ("10s", None),
    "min__pi4.csv": ("10s", None),
    "min__run.lvm": (1, None),
    "min__run2.lvm": (1, None),
    "min__spring.csv": ("h", 24),
    "min__toa5.dat": ("h", None),
    "min__toa5b.dat": ("h", None),
    "min__wb.csv": ("YS-JAN", None),
    "min__year.csv": ("YS-JAN", None),
    "mixed__alone.csv": ("15min", 96),
    "mixed__mixed.csv": ("15min", {"load": 96}),
    "mixed__skus.csv": ("MS", None),
    "panel-short__sales.csv": ("MS", 12),
    "percent__soc.csv": ("h", 24),
    "sales-zero__sales.csv": ("D", 7),
    "sdge__usage.csv": ("h", 24),
    "toa5__lake.dat": ("10min", 144),
    "worldbank__API_GDP.csv": ("YS-JAN", None),
    "worldbank__thirty.csv": ("YS-JAN", None),
}
UP, SHARE = (0.0, np.inf), (0.0, 100.0)
#: What values can be, where the shape says so.
EDGES = {
    "percent__soc.csv": SHARE,
    "sales-zero__sales.csv": UP,
    "decline__v.csv": UP,
    "decline__long.csv": UP,
    "intermittent__demand.csv": UP,
    "min__neg.csv": UP,
    "closed-sunday__nb1.csv": UP,
    "closed-sunday__p1.csv": UP,
}


def fitted(name: str, **settings: object) -> ts.Fit:
    ids = {"id_col": IDS[name]} if name in IDS else {}
    return ts.fit(str(FIELD / name), model="drift", context_length=8, **ids, **settings)


def test_every_file_is_judged():
    assert {path.name for path in FIELD.iterdir()} == RIGHT.keys() | STOPS.keys()


@pytest.mark.parametrize("name", STOPS)
def test_what_has_no_regular_step_stops_with_what_to_do(name: str):
    what, hint = STOPS[name]
    with pytest.raises(DataError, match=what) as caught:
        fitted(name)
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", RIGHT)
def test_a_file_is_forecast_on_its_own_calendar_within_what_values_can_be(name: str):
    step, season = RIGHT[name]
    found = fitted(name)
    assert found.panel.freq == step
    for own in found.series:
        expected = season.get(own.name) if isinstance(season, dict) else season
        assert expected in (None, own.season_length), own.name
    made = ts.forecast(found)
    numbers = made.frame.filter(regex="^yhat").to_numpy()
    assert np.isfinite(made.frame["yhat"]).all()
    low, high = EDGES.get(name, (-np.inf, np.inf))
    assert np.nanmin(numbers) >= low
    assert np.nanmax(numbers) <= high
    first = made.frame.groupby(["unique_id", "channel"])["ds"].min()
    for own in found.series:
        (after,) = found.panel.frequency.after(own.cutoff, 1)
        assert first[own.unique_id, own.channels[0]] == after


@pytest.mark.parametrize("name", ["closed-sunday__nb1.csv", "closed-sunday__p1.csv"])
def test_sundays_stay_0_with_an_interval_to_match(name: str):
    made = ts.forecast(fitted(name, horizon=21)).frame
    sundays = made["ds"].dt.day_of_week == 6
    assert sundays.sum() == 3
    assert (made.filter(regex="^yhat")[sundays] == 0).all(axis=None)
    assert (made["yhat"][~sundays] > 0).all()


@pytest.mark.parametrize(("name", "day"), [("mid-month__bill.csv", 15), ("mid-month__thirty.csv", 30)])
def test_the_day_of_the_month_is_kept(name: str, day: int):
    ds = ts.forecast(fitted(name, horizon=14)).frame["ds"]
    assert set(np.minimum(day, ds.dt.days_in_month)) == set(ds.dt.day)
    assert (ds.dt.day == np.minimum(day, ds.dt.days_in_month)).all()


def test_a_season_beside_columns_that_have_none_is_that_of_the_column_alone():
    alone, mixed = (fitted(f"mixed__{name}.csv") for name in ("alone", "mixed"))
    own = {s.name: s.season_lengths for s in mixed.series}
    assert own["load"] == alone.series[0].season_lengths
    assert set(own.values()) == {own["load"], ()}
