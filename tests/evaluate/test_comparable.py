"""One odd series does not widen the intervals of the others; widths grow with what is missing before the cutoff."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from series_of import panel_of, several

from tsforecast.config import ModelConfig, PrepareConfig
from tsforecast.data.panel import Panel, Schema
from tsforecast.evaluate.comparable import Scored, calibrated
from tsforecast.evaluate.intervals import Calibration, calibrate
from tsforecast.preparation import with_filling
from tsforecast.workflows.fit import FitSettings, fit
from tsforecast.workflows.forecast import forecast

LEVELS = (80.0, 95.0)


def scored(*errors: np.ndarray, missing: np.ndarray | None = None) -> Scored:
    """Errors `(origin, step, 1)` of one series each, from origins one row apart."""
    of = np.repeat(np.arange(len(errors)), [len(e) for e in errors])
    cutoff = np.concatenate([np.arange(len(e)) for e in errors])
    absent = np.zeros((len(of), 1)) if missing is None else missing
    return Scored(np.concatenate(errors), of, cutoff, absent)


def luck(n: int, seed: int = 0, steps: int = 4) -> np.ndarray:
    return np.abs(np.random.default_rng(seed).standard_normal((n, steps, 1)))


def of(n: int):
    return several([np.zeros(200)] * n)


def test_a_single_complete_series_has_the_widths_of_its_errors_exactly():
    errors = luck(60)
    made = calibrated(scored(errors), of(1), LEVELS, log=False)
    np.testing.assert_array_equal(made.widths, calibrate(errors, LEVELS, log=False).widths)
    assert (made.slope, made.own) == (0.0, {})
    np.testing.assert_array_equal(made.factor(of(1)[0]), [1.0])


@pytest.mark.parametrize("odd", [1e-9, 30.0, 1e9, 1e299, np.nan, 0.0])
def test_an_odd_series_leaves_the_others_as_they_are(odd):
    usual = [luck(60, seed) for seed in range(7)]
    alone = calibrated(scored(*usual), of(7), LEVELS, log=False)
    made = calibrated(scored(*usual, odd * luck(60, 9)), of(8), LEVELS, log=False)
    for s in of(7):
        ratio = made.widths * made.own_of(s) / (alone.widths * alone.own_of(s))
        assert (ratio < 1.35).all()
        assert (ratio > 0.7).all()


def test_even_a_short_odd_series_cannot_triple_the_others():
    usual = [luck(60, seed) for seed in range(3)]
    alone = calibrated(scored(*usual), of(3), LEVELS, log=False)
    made = calibrated(scored(*usual, 1e12 * luck(1, 9)), of(4), LEVELS, log=False)
    ratio = made.widths * made.own_of(of(3)[0]) / (alone.widths * alone.own_of(of(3)[0]))
    assert (ratio < 2).all()


def test_each_series_is_covered_by_its_own_width():
    sizes = np.array([1, 2, 5, 40.0])
    made = calibrated(scored(*(size * luck(200, i) for i, size in enumerate(sizes))), of(4), LEVELS, log=False)
    for i, s in enumerate(of(4)):
        fresh = sizes[i] * luck(2000, 50 + i)
        covered = 100 * (fresh <= made.widths[0][None, :, None] * made.own_of(s)).mean()
        assert covered == pytest.approx(80, abs=7)


def test_one_slope_by_the_share_of_missing_values():
    rng = np.random.default_rng(0)
    missing = rng.integers(0, 5, (400, 1)) / 4
    errors = luck(400) * (1 + 3 * missing)[:, :, None]
    made = calibrated(scored(errors, missing=missing), of(1), LEVELS, log=False)
    assert made.slope == pytest.approx(3, rel=0.3)
    values = np.zeros((50, 1))
    values[-2:] = np.nan  # half of the four steps
    (s,) = of(1)
    assert made.factor(s.with_values(values)) == pytest.approx(1 + made.slope / 2)


def test_where_errors_do_not_grow_the_slope_is_none():
    missing = np.random.default_rng(0).integers(0, 5, (400, 1)) / 4
    made = calibrated(scored(luck(400) * (2 - missing)[:, :, None], missing=missing), of(1), LEVELS, log=False)
    assert made.slope == 0


def test_the_state_of_a_calibration_is_restored():
    made = replace(calibrate(luck(60), LEVELS, log=True), slope=0.5, own={"a": [2.0]})
    again = Calibration.from_state(made.to_state())
    assert (again.slope, again.own, again.log) == (0.5, {"a": [2.0]}, True)


@pytest.mark.parametrize(
    "wrong", [{"slope": -1.0}, {"slope": 1e9}, {"slope": "x"}, {"own": {"a": 1.0}}, {"own": {"a": []}}, {"own": [1.0]},
              {"own": {"a": [0.0]}}, {"own": {"a": [-1.0]}}, {"own": {"a": [1e300]}}, {"own": {"a": ["x"]}}],
)  # fmt: skip
def test_a_state_that_is_none_is_refused(wrong):
    state = calibrate(luck(60), LEVELS, log=False).to_state()
    with pytest.raises(ValueError, match=r"own|number"):
        Calibration.from_state(replace(state, settings={**state.settings, **wrong}))


def panel(*odd: np.ndarray) -> Panel:
    """Five noisy days, and odd series beside them."""
    rng = np.random.default_rng(1)
    days = [50 + 9 * np.sin(2 * np.pi * np.arange(300) / 24) + rng.standard_normal(300) for _ in range(5)]
    frames = []
    for i, values in enumerate([*days, *odd]):
        frame = panel_of(y=values).frame
        frame["unique_id"] = f"s{i}"
        frames.append(frame)
    made = Panel.checked(pd.concat(frames, ignore_index=True), "h", Schema(id="unit"))
    return with_filling(made, PrepareConfig())


def gappy() -> np.ndarray:
    values = 1e3 * np.random.default_rng(2).standard_normal(300)
    values[np.random.default_rng(3).random(300) < 0.7] = np.nan
    return values


ODD = {
    "constant": np.full(300, 1e299),
    "nearly constant": 1e299 * (1 + 1e-15 * np.arange(300) ** 2 % 7),
    "negative": -1e6 * np.exp(np.random.default_rng(2).standard_normal(300)),
    "explodes": np.append(np.arange(250.0) % 7, 1e9 * np.arange(50)),
    "gappy": gappy(),
}


@pytest.mark.parametrize("model", ["naive", "ridge"])
@pytest.mark.parametrize("odd", ODD)
def test_the_intervals_of_good_series_do_not_tell_of_an_odd_one(odd, model):
    settings = FitSettings(6, model=ModelConfig(model=model))

    def widths(*others: np.ndarray) -> np.ndarray:
        frame = forecast(fit(panel(*others), settings)).frame
        good = frame[frame["unique_id"].isin([f"s{i}" for i in range(5)])]
        return (good["yhat_hi_80"] - good["yhat_lo_80"]).to_numpy()

    ratio = widths(ODD[odd]).mean() / widths().mean()
    assert 0.6 < ratio < 1.6
