"""What columns beside the target are worth: each file with them and without, from origins that nothing was fitted on.

- `vic`: half-hourly demand, two days ahead from 50 origins, temperature and holidays taken as known.
- `prices`: electricity prices a day ahead with forecasts of load and generation known; relative MAE against the naive
  forecast of the last week (Lago et al. 2021, equation 5), beside a LEAR of our own after their section 4.1: LASSO on
  the prices of days 1, 2, 3 and 7 before, the forecasts of the day and of days 1 and 7 before, and the weekday, a
  model an hour, on asinh of standardised prices.
- `bikes`: hourly rentals a day ahead with weather and holidays known.
- `useless`: `vic` with a column of noise in place of the others.

Everything is fitted once, on the rows before the first origin. The yardstick is gradient boosting (HistGradientBoosting
of scikit-learn) on the same columns, hour, weekday, season of the year, and the values one and two horizons before and
a week before.

python benchmarks/covariates.py {vic,prices,bikes,useless} FILE [--model ridge] [--origins 50]
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import pandas as pd
from provenance import print_provenance

from tsforecast.config import ModelConfig
from tsforecast.data.panel import Panel
from tsforecast.workflows.backtest import Backtested, backtest
from tsforecast.workflows.fit import FitSettings
from tsforecast.workflows.known import Wanted


def main() -> None:
    """Run one of them."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("what", choices=("vic", "prices", "bikes", "useless"))
    given.add_argument("file")
    given.add_argument("--model", default="ridge")
    given.add_argument("--origins", type=int, default=50)
    asked = given.parse_args()
    print_provenance()
    {"vic": vic, "useless": useless, "prices": prices, "bikes": bikes}[asked.what](asked)


def vic(asked: Any) -> None:
    """Demand with temperature and holidays."""
    frame = demand(asked.file)
    names = ["Temperature", "Holiday"]
    without = forecasts(frame[["ds", "y"]], [], 96, asked)
    beside = forecasts(frame, names, 96, asked)
    calendar = forecasts(frame[["ds", "y"]], [], 96, asked, calendar="on")
    table({"without": without, "the calendar alone": calendar, "with them": beside})
    boosted(frame, names, 96, beside)


def useless(asked: Any) -> None:
    """Demand with a column of noise."""
    frame = demand(asked.file)[["ds", "y"]]
    without = forecasts(frame, [], 96, asked)
    noise = frame.assign(noise=np.random.default_rng(0).standard_normal(len(frame)))
    beside = forecasts(noise, ["noise"], 96, asked, calendar="none")
    table({"without": without, "with noise": beside})


def bikes(asked: Any) -> None:
    """Rentals with weather; the hours that the file lacks had no rental."""
    rows = pd.read_csv(asked.file)
    stamps = (
        pd.Timestamp("2011-01-01")
        + pd.to_timedelta(rows["day"] - 1, unit="D")
        + pd.to_timedelta(rows["hr"].astype(int), unit="h")
    )
    frame = rows.assign(ds=stamps, y=rows["bikers"], rain=rows["weathersit"].str.contains("rain|snow").astype(float))
    names = ["temp", "hum", "windspeed", "rain", "holiday", "workingday"]
    frame = frame.set_index("ds")[["y", *names]].asfreq("h")
    frame[names] = frame[names].ffill()
    frame = frame.fillna({"y": 0.0}).reset_index().astype(dict.fromkeys(names, float))
    without = forecasts(frame[["ds", "y"]], [], 24, asked)
    beside = forecasts(frame, names, 24, asked)
    table({"without": without, "with weather": beside})
    boosted(frame, names, 24, beside)


def prices(asked: Any) -> None:
    """Prices with the forecasts of load and generation."""
    rows = pd.read_csv(asked.file, parse_dates=["ds"])
    names = ["gen_forecast", "system_load"]
    for market, frame in rows.groupby("unique_id", sort=False):
        frame = frame[["ds", "y", *names]].reset_index(drop=True)
        print(f"\n{market}: {len(frame):,} hours, the last {asked.origins} days are forecast, each from its midnight")
        without = forecasts(frame[["ds", "y"]], [], 24, asked, step=24)
        beside = forecasts(frame, names, 24, asked, step=24)
        table({"without": without, "with forecasts": beside})
        cutoffs, actual = beside.tested.cutoff, beside.tested.actual[:, :, 0]
        y = frame["y"].to_numpy()
        week = np.stack([y[c - 168 : c - 144] for c in cutoffs])
        found = np.abs(beside.tested.predicted[beside.choice.chosen][:, :, 0] - actual).mean()
        lear = np.abs(lasso(frame, names, cutoffs) - actual).mean()
        unit = np.abs(week - actual).mean()
        print(f"rMAE: {found / unit:.3f}, LEAR of our own {lear / unit:.3f} (MAE {found:.2f} and {lear:.2f})")


def demand(path: str) -> pd.DataFrame:
    """Half-hourly demand of Victoria, its temperature and holidays."""
    rows = pd.read_csv(path)
    stamps = pd.to_datetime(rows["Time"]).dt.tz_convert("Australia/Melbourne")
    holiday = (rows["Holiday"].astype(str).str.upper() == "TRUE").astype("float64")
    return pd.DataFrame({"ds": stamps, "y": rows["Demand"], "Temperature": rows["Temperature"], "Holiday": holiday})


def forecasts(
    frame: pd.DataFrame, names: list[str], horizon: int, asked: Any, *, step: int | None = None, calendar: str = "auto"
) -> Backtested:
    """Forecasts from all origins."""
    panel = Panel.from_frame(frame, time_col="ds", roles=dict.fromkeys(names, "future"))
    settings = FitSettings(horizon, model=ModelConfig(model=asked.model), beside=Wanted(calendar))
    began = time.process_time()
    made = backtest(panel, settings, asked.origins, step)
    seconds = f"{time.process_time() - began:.0f} s of processor"
    print(f"{', '.join(names) or 'nothing'}, calendar {calendar}: {seconds}; {'; '.join(made.choice.notes)}")
    return made


def table(found: dict[str, Backtested]) -> None:
    """Errors with and without, and of the naive forecasts."""
    first, *_ = found.values()
    base = None
    for name in first.choice.references:
        print(f"{name:<32} MAE {error(first, name):10.2f}")
    for name, made in found.items():
        own = error(made, made.choice.chosen)
        base = own if base is None else base
        print(f"{made.choice.chosen + ', ' + name:<32} MAE {own:10.2f}  {own / base - 1:+.1%}")


def error(made: Backtested, name: str) -> float:
    """Mean absolute error over all origins and steps."""
    return float(np.nanmean(np.abs(made.tested.predicted[name] - made.tested.actual)))


def boosted(frame: pd.DataFrame, names: list[str], horizon: int, made: Backtested) -> None:
    """The yardstick: gradient boosting on the same columns, the clock, and values a horizon, two and a week ago."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    y, clock = frame["y"].to_numpy(), frame["ds"].dt
    day = round(pd.Timedelta("1D") / frame["ds"].diff().iloc[1])
    lags = sorted({horizon, 2 * horizon, -(-horizon // (7 * day)) * 7 * day})
    columns = {name: frame[name].to_numpy() for name in names}
    columns |= {"hour": clock.hour + clock.minute / 60, "weekday": clock.day_of_week, "day": clock.day_of_year}
    columns |= {f"{lag} before": np.concatenate([np.full(lag, np.nan), y[:-lag]]) for lag in lags}
    x = np.column_stack(list(columns.values()))
    first = int(made.tested.cutoff.min())
    fitted = HistGradientBoostingRegressor(max_iter=300, random_state=0).fit(x[max(lags) : first], y[max(lags) : first])
    yhat = np.stack([fitted.predict(x[c : c + horizon]) for c in made.tested.cutoff])
    print(f"{'gradient boosting':<32} MAE {np.abs(yhat - made.tested.actual[:, :, 0]).mean():10.2f}")


def lasso(frame: pd.DataFrame, names: list[str], cutoffs: np.ndarray) -> np.ndarray:
    """LEAR: a LASSO an hour `(origin, hour)`."""
    from sklearn.linear_model import LassoLarsIC

    n_days = len(frame) // 24
    price = frame["y"].to_numpy()[: n_days * 24].reshape(-1, 24)
    known = [frame[name].to_numpy()[: n_days * 24].reshape(-1, 24) for name in names]
    weekday = pd.get_dummies(frame["ds"][::24].dt.day_of_week).to_numpy("float64")[:n_days]
    parts = [price[7 - lag : n_days - lag] for lag in (1, 2, 3, 7)]
    parts += [x[7 - lag : n_days - lag] for x in known for lag in (0, 1, 7)]
    x, y = np.column_stack([*parts, weekday[7:]]), price[7:]
    days = cutoffs // 24 - 7
    learned = slice(0, int(days.min()))
    centre, scale = np.median(x[learned], axis=0), x[learned].std(axis=0) + 1e-9
    x = np.arcsinh((x - centre) / scale)
    middle, spread = np.median(y[learned], axis=0), y[learned].std(axis=0)
    scaled = np.arcsinh((y - middle) / spread)
    made = np.empty((len(days), 24))
    for hour in range(24):
        model = LassoLarsIC("aic", max_iter=2500).fit(x[learned], scaled[learned, hour])
        made[:, hour] = np.sinh(model.predict(x[days])) * spread[hour] + middle[hour]
    return made


if __name__ == "__main__":
    main()
