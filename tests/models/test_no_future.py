"""Nothing after the last cutoff changes what was fitted, chosen, measured or forecast before it: exact equality."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from every_model import EVERY, TINY
from series_of import FloatArray, panel_of, sine

from tsforecast.config import ModelConfig
from tsforecast.preparation.transforms.named import TRANSFORMS
from tsforecast.workflows.backtest import backtest
from tsforecast.workflows.fit import Fit, FitSettings, fit

N_ROWS, HORIZON, HELD_OUT = 60, 3, 6
LEVELS = (50.0, 60.0)

pytestmark = pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")


def settings(model: str, **others: Any) -> FitSettings:
    return FitSettings(HORIZON, LEVELS, model=ModelConfig(model=model, season_length=6, **TINY), **others)


def rows(seed: int = 1) -> FloatArray:
    return sine(N_ROWS, seed=seed, level=9, period=6)[:, 0]


def changed(values: FloatArray, *, positive: bool) -> FloatArray:
    """Other rows at the end, the length of the holdout: far away, and of the other sign where that is allowed."""
    other = values.copy()
    other[-HELD_OUT:] = (40 if positive else -40) + 3 * values[-HELD_OUT:][::-1]
    return other


def assert_alike(first: Fit, second: Fit, given: FitSettings) -> None:
    """All that was known before the holdout is the same."""
    assert first.validation.cutoff.tolist() == second.validation.cutoff.tolist()
    assert first.holdout.cutoff.min() == N_ROWS - HELD_OUT
    assert first.choice.scores == second.choice.scores
    assert first.choice.left_out == second.choice.left_out
    for name, yhat in first.holdout.predicted.items():
        origin = first.holdout.cutoff == N_ROWS - HELD_OUT
        assert np.isfinite(yhat[origin]).all()
        np.testing.assert_array_equal(second.holdout.predicted[name][origin], yhat[origin])
    # the two saw different rows
    assert not np.array_equal(first.holdout.actual, second.holdout.actual)
    if any("runs away" in note for note in second.notes):
        # on logarithms, after rows of the other sign: another model forecasts and is judged, and that is said; all is
        # as where that model is asked for and the rows are the usual ones
        first = fit(first.panel, replace(given, model=replace(given.model, model=second.chosen)))
    assert first.chosen == second.chosen
    for name, yhat in first.validation.predicted.items():
        np.testing.assert_array_equal(second.validation.predicted[name], yhat)
    np.testing.assert_array_equal(first.trial.widths, second.trial.widths)
    assert np.isfinite(first.trial.widths).all()
    assert first.trial.log == second.trial.log
    assert not np.array_equal(first.calibration.widths, second.calibration.widths)


def fits(given: FitSettings, *, positive: bool = False) -> list[Fit]:
    return [fit(panel_of(y=values), given) for values in (rows(), changed(rows(), positive=positive))]


@EVERY
def test_the_holdout_reaches_no_model_and_no_width(name: str):
    assert_alike(*fits(settings(name)), settings(name))


@pytest.mark.parametrize("model", ["auto", "ridge"])
def test_the_holdout_does_not_reach_the_choice(model: str):
    assert_alike(*fits(settings(model)), settings(model))
    near = rows()
    near[-HELD_OUT:] += 0.2 + 0.3 * np.sin(np.arange(HELD_OUT))
    first, second = (fit(panel_of(y=values), settings(model)) for values in (rows(), near))
    assert_alike(first, second, settings(model))
    assert first.chosen == second.chosen == ("ensemble" if model == "auto" else model)


LOGARITHMIC = ("log", "boxcox")
SUITABLE = [*(name.split("[")[0] for name in TRANSFORMS if ":" not in name.split("[")[0]), "fft:0:0.2"]


@pytest.mark.parametrize("model", ["naive", "ridge"])
@pytest.mark.parametrize("transform", [*SUITABLE, "diff:6"])
def test_the_holdout_reaches_no_transform(transform: str, model: str):
    if transform == "wavelet":
        pytest.importorskip("pywt", reason="needs PyWavelets (pip install 'tsforecast-cli[prepare]')")
    given = settings(model, transforms=(transform,))
    assert_alike(*fits(given, positive=transform in LOGARITHMIC), given)


def test_the_holdout_of_one_column_reaches_no_other():
    steady = rows(2)
    first, second = (
        fit(panel_of(a=values, b=steady), settings("ridge")) for values in (rows(), changed(rows(), positive=False))
    )
    own = first.holdout.sequence == 1
    np.testing.assert_array_equal(second.holdout.predicted["ridge"][own], first.holdout.predicted["ridge"][own])


@EVERY
def test_what_follows_the_first_cutoff_of_a_backtest_reaches_no_model(name: str):
    before, after = (
        backtest(panel_of(y=values), settings(name), n_windows=HELD_OUT // HORIZON)
        for values in (rows(), changed(rows(), positive=False))
    )
    first, second = before.tested, after.tested
    assert first.cutoff.tolist() == [54, 57]
    assert before.choice.scores == after.choice.scores
    for model, yhat in first.predicted.items():
        np.testing.assert_array_equal(second.predicted[model][0], yhat[0])
    np.testing.assert_array_equal(second.scale, first.scale)


def test_a_leak_would_be_found():
    """The comparison itself: a row of the holdout moved before it is seen."""
    leaked = rows()
    leaked[N_ROWS - HELD_OUT - 1] += 1.0
    first = fit(panel_of(y=rows()), settings("ridge"))
    second = fit(panel_of(y=leaked), settings("ridge"))
    second = replace(second, holdout=replace(second.holdout, actual=first.holdout.actual + 1))
    with pytest.raises(AssertionError):
        assert_alike(first, second, settings("ridge"))
