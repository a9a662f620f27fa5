"""One piece: every series has its forecast or its reason, and the same forecast as by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shops import ROWS, long_frame, sold

import tsforecast as ts
from tsforecast.batch.inputs import hashed
from tsforecast.batch.job import Job
from tsforecast.batch.pieces import Piece
from tsforecast.batch.piecework import Pieceworker
from tsforecast.config import ForecastConfig, ModelConfig, ReadConfig
from tsforecast.data.panel import Panel
from tsforecast.workflows.saved.saving import to_bundle

H = 4


def job(model: str = "drift", **more) -> Job:
    return Job(
        read=ReadConfig(id_col="shop"), model=ModelConfig(model=model), forecast=ForecastConfig(horizon=H), **more
    )


def done(path: Path, asked: Job, models=None):
    return Pieceworker(asked, models or {}).done(Piece(str(path), hashed(str(path)).sha256))


@pytest.fixture
def mixed(tmp_path) -> Path:
    """Good days, good hours, one empty, one text, one short; rows shuffled."""
    hours = [sold(i, freq="h").assign(shop=f"h{i}") for i in range(2)]
    bad = [
        sold(5).assign(shop="empty", sold=np.nan),
        sold(6).assign(shop="text", sold="closed"),
        sold(7, 2).assign(shop="short"),
    ]
    frame = pd.concat([long_frame(4), *hours, *bad]).sample(frac=1, random_state=1)
    path = tmp_path / "mixed.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("model", ["drift", "ridge"])
def test_one_bad_series_never_stops_the_others(mixed, model):
    """`drift` does the piece at once, `ridge` each series by itself; the series of another step are forecast, too."""
    forecasts, rows = done(mixed, job(model))
    state = {row["unique_id"]: row["state"] for row in rows}
    good = {"s00", "s01", "s02", "s03", "h0", "h1"}
    assert {uid for uid, found in state.items() if found != "left out"} == good
    assert {uid: row["reason"] for uid, row in zip(state, rows, strict=True) if state[uid] == "left out"}.keys() == {
        "empty",
        "text",
        "short",
    }
    assert all(row["reason"] for row in rows if row["state"] == "left out")
    assert set(forecasts["unique_id"]) == good
    assert (forecasts.groupby("unique_id").size() == H).all()
    assert {row["unique_id"]: row["freq"] for row in rows if row["unique_id"] in good} == {
        uid: "h" if uid.startswith("h") else "D" for uid in good
    }


def test_the_order_is_that_of_the_file(mixed):
    forecasts, rows = done(mixed, job())
    order = pd.unique(pd.read_csv(mixed)["shop"]).tolist()
    assert [row["unique_id"] for row in rows] == order
    assert pd.unique(forecasts["unique_id"]).tolist() == [uid for uid in order if uid in set(forecasts["unique_id"])]


def test_a_series_is_forecast_as_it_would_be_by_itself(tmp_path):
    path = tmp_path / "shops.csv"
    long_frame(2).to_csv(path, index=False)
    forecasts, rows = done(path, job("ridge"))
    for i, uid in enumerate(("s00", "s01")):
        alone = ts.fit(sold(i), horizon=H, model="ridge")
        own = forecasts[forecasts["unique_id"] == uid]
        assert own["yhat"].tolist() == ts.forecast(alone).frame["yhat"].tolist()
        assert rows[i]["skill"] == pytest.approx(alone.skill, rel=1e-5)
        assert rows[i]["coverage"]["80"] == pytest.approx(alone.coverage[80.0], rel=1e-5)
        assert (rows[i]["model"], rows[i]["scope"], rows[i]["rows"]) == ("ridge", "local", ROWS)


def test_a_model_of_all_is_judged_on_rows_that_it_has_not_seen(tmp_path):
    """Skill and coverage by hand, from the forecast of the rows before the last ones."""
    path = tmp_path / "shops.csv"
    frame = long_frame(6)
    frame.to_csv(path, index=False)
    known = frame.groupby("shop").head(ROWS - H)
    bundle = to_bundle(ts.fit(known, horizon=H, model="ridge", id_col="shop"))
    forecasts, rows = done(path, job("auto"), {"D": bundle})
    ahead = ts.predict(bundle, Panel.from_frame(known, id_col="shop")).frame
    assert len(forecasts) == 6 * H
    plain = [ts.forecast(known, H, model=name, id_col="shop").frame for name in ("naive", "drift", "seasonal-naive")]
    for row in rows:
        after = frame[frame["shop"] == row["unique_id"]]["sold"].to_numpy()[-H:]
        own, *others = (f[f["unique_id"] == row["unique_id"]] for f in (ahead, *plain))
        error, *errors = (np.abs(after - f["yhat"]).mean() for f in (own, *others))
        assert row["season"] == 7
        assert row["skill"] == pytest.approx(1 - error / min(errors), rel=1e-5)
        inside = (own["yhat_lo_80"] <= after) & (after <= own["yhat_hi_80"])
        assert row["coverage"]["80"] == pytest.approx(100 * inside.mean())
        assert row["scope"] == "global"


def test_a_file_that_is_no_table_is_one_row_with_the_reason(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text("")
    forecasts, rows = done(path, job())
    assert forecasts.empty
    assert [(row["unique_id"], row["state"]) for row in rows] == [("shop", "left out")]
    assert "is empty" in rows[0]["reason"]


def test_the_series_of_a_file_bears_the_name_of_the_file(tmp_path):
    path = tmp_path / "shop 7.csv"
    sold(0).to_csv(path, index=False)
    forecasts, rows = done(path, Job(model=ModelConfig(model="drift")))
    assert [row["unique_id"] for row in rows] == ["shop 7"]
    assert set(forecasts["unique_id"]) == {"shop 7"}


def test_drift_is_the_move_of_the_last_rows(tmp_path):
    frame = sold(0)
    frame.loc[ROWS - H :, "sold"] += 100
    path = tmp_path / "moved.csv"
    frame.to_csv(path, index=False)
    _, (row,) = done(path, Job(model=ModelConfig(model="drift"), forecast=ForecastConfig(horizon=H)))
    before, last = frame["sold"][: ROWS - H], frame["sold"][ROWS - H :]
    assert row["drift"]["level"] == pytest.approx((last.mean() - before.mean()) / before.std(ddof=0), rel=1e-5)
    assert row["drift"]["spread"] == pytest.approx(last.std(ddof=0) / before.std(ddof=0), rel=1e-5)


def test_stamps_of_a_zone_say_so(tmp_path):
    path = tmp_path / "zoned.csv"
    sold(0, freq="h").to_csv(path, index=False)
    asked = Job(read=ReadConfig(zone="Asia/Tokyo"), model=ModelConfig(model="drift"))
    forecasts, _ = done(path, asked)
    assert str(forecasts["ds"].dtype) == "datetime64[us, UTC]"


def test_a_file_of_one_series_has_one_row_however_many_shares_it_is_cut_into(tmp_path):
    path = tmp_path / "shop.csv"
    sold(0).to_csv(path, index=False)
    worker = Pieceworker(Job(model=ModelConfig(model="drift")))
    pieces = [Piece(str(path), hashed(str(path)).sha256, part, 3) for part in range(3)]
    assert [len(worker.done(piece)[1]) for piece in pieces] == [0, 0, 1]
