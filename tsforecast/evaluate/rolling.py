"""Rolling-origin evaluation: forecast from many cutoffs, compare with what happened, for every candidate alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.data.series import Series
from tsforecast.evaluate import metrics

# (histories, horizon, candidate) -> (history, step, channel), in the unit of the data
Predict = Callable[[Sequence[Series], int, str], FloatArray]
# an error this small beside the largest value of its series is that of rounding
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Backtest:
    """Forecasts from rolling origins beside what happened.

    Attributes:
        actual: What was observed `(origin, step, channel)`; NaN where nothing was.
        predicted: Candidate to `(origin, step, channel)`; equal to what was observed where only rounding differs.
        sequence: Index of the series of each origin `(origin,)`.
        cutoff: Rows of the series seen at each origin `(origin,)`.
        scale: MASE denominator `(series, channel)`, from the training rows; NaN if constant.
    """

    actual: FloatArray
    predicted: dict[str, FloatArray]
    sequence: IntArray
    cutoff: IntArray
    scale: FloatArray

    @property
    def horizon(self) -> int:
        return int(self.actual.shape[1])

    @property
    def n_origins(self) -> int:
        return len(self.actual)

    def table(self) -> pd.DataFrame:
        """One row a candidate, best first: `model, mae, rmse, smape, mase`.

        MAE and RMSE are in the unit of the data and pooled over everything; MASE is averaged over sequences, so
        that each counts the same whatever its unit.
        """
        rows = [
            {
                "model": name,
                "mae": float(metrics.mae(self.actual, yhat)),
                "rmse": float(metrics.rmse(self.actual, yhat)),
                "smape": float(metrics.smape(self.actual, yhat)),
                "mase": self.mase(name),
            }
            for name, yhat in self.predicted.items()
        ]
        table = pd.DataFrame(rows)
        by = "mase" if np.isfinite(table["mase"]).any() else "mae"
        return table.sort_values(by, kind="stable", ignore_index=True)

    def mase(self, name: str) -> float:
        """Mean absolute scaled error (Hyndman & Koehler 2006), averaged over sequences; NaN if all are constant."""
        error = metrics.mae(self.actual, self.predicted[name], axis=1) / self.scale[self.sequence]
        per_sequence = pd.DataFrame(error).groupby(self.sequence).mean().to_numpy()
        seen = per_sequence[np.isfinite(per_sequence)]
        return float(seen.mean()) if seen.size else float("nan")

    def error(self, name: str) -> float:
        """The error that candidates are compared by: MASE, or MAE where MASE is undefined."""
        mase = self.mase(name)
        return mase if np.isfinite(mase) else float(metrics.mae(self.actual, self.predicted[name]))

    def by_step(self) -> pd.DataFrame:
        """Mean absolute error by step, in the unit of the data: index `step` (1-based), one column a candidate."""
        columns = {name: metrics.mae(self.actual, yhat, axis=(0, 2)) for name, yhat in self.predicted.items()}
        return pd.DataFrame(columns, index=pd.RangeIndex(1, self.horizon + 1, name="step"))


def rolling_origin(
    predict: Predict,
    series: Sequence[Series],
    cutoffs: Sequence[Sequence[int]],
    names: Sequence[str],
    horizon: int,
    training: Sequence[int],
) -> Backtest:
    """Forecast every candidate from every cutoff.

    Args:
        predict: Called once a candidate with all histories; it sees only the rows before each cutoff.
        series: In the unit of the data.
        cutoffs: For each series the numbers of rows seen; every one leaves `horizon` rows to compare with.
        names: Candidates.
        horizon: Steps ahead.
        training: For each series how many of its first rows set the MASE scale.
    """
    pairs = [(i, cutoff) for i, own in enumerate(cutoffs) for cutoff in own]
    of = np.array([i for i, _ in pairs], dtype="int64")
    histories = [series[i].until(cutoff) for i, cutoff in pairs]
    channels = series[0].values.shape[1]
    actual = np.empty((len(pairs), horizon, channels))
    for row, (i, cutoff) in enumerate(pairs):
        actual[row] = series[i].values[cutoff : cutoff + horizon]
    scale = np.array(
        [
            [metrics.naive_scale(s.values[:rows, j]) for j in range(channels)]
            for s, rows in zip(series, training, strict=True)
        ]
    )
    largest = np.array([np.nanmax(np.abs(s.values), initial=0.0) for s in series])
    rounding = _ROUNDING * largest[of][:, None, None]
    predicted = {}
    for name in names if pairs else ():
        yhat = predict(histories, horizon, name)
        predicted[name] = np.where(np.abs(yhat - actual) <= rounding, actual, yhat)
    return Backtest(actual, predicted, of, np.array([c for _, c in pairs], dtype="int64"), scale)
