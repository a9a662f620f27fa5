"""From a fit to a saved model and back: the same forecast, and nothing forged gets through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from series_of import panel_of

from tsforecast.bundle import Bundle, from_bytes, to_bytes
from tsforecast.config import ModelConfig, PrepareConfig
from tsforecast.errors import BundleError, DataError
from tsforecast.workflows.fit import Fit, FitSettings, fit
from tsforecast.workflows.forecast import forecast
from tsforecast.workflows.saved import saving
from tsforecast.workflows.saved.predict import predict
from tsforecast.workflows.saved.update import update


def wave(n: int = 200) -> np.ndarray:
    return 5 + np.sin(np.arange(n) / 4)


def fitted_with(*transforms: str) -> Fit:
    settings = FitSettings(horizon=5, model=ModelConfig(model="ridge", context_length=20), transforms=transforms)
    return fit(panel_of(y=wave()), settings)


def saved(fitted: Fit) -> Bundle:
    made = saving.to_bundle(fitted)
    return from_bytes(to_bytes(made))


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return saved(fitted_with())


@pytest.mark.parametrize("transforms", [(), ("standard",), ("log", "diff")], ids=str)
def test_a_saved_model_forecasts_to_the_digit_what_the_fit_did(transforms: tuple[str, ...]):
    fitted = fitted_with(*transforms)
    made, again = forecast(fitted).frame, predict(saved(fitted)).frame
    assert again.equals(made)
    assert np.isfinite(made["yhat_hi_95"]).all()


def test_newer_rows_are_forecast_from_their_own_end(bundle: Bundle):
    longer = panel_of(y=wave(230))
    made = predict(bundle, longer, horizon=8).frame
    np.testing.assert_allclose(made["yhat"], wave(238)[230:], atol=0.1)
    assert made["ds"].iloc[0] == longer.frame["ds"].iloc[-1] + (longer.frame["ds"].iloc[1] - longer.frame["ds"].iloc[0])


def test_an_update_goes_on_from_the_end_of_training(bundle: Bundle):
    found = update(bundle, panel_of(y=wave(260)))
    assert found.drift.rows == 60
    assert found.after < 0.1
    made = predict(found.bundle).frame
    np.testing.assert_allclose(made["yhat"], wave(265)[260:], atol=0.1)
    with pytest.raises(DataError, match="no row after"):
        update(bundle, panel_of(y=wave()))


@pytest.mark.parametrize(
    "chain", [7, {}, {"names": ["no such transform"]}, {"names": ["log"], "states": None}, {"names": None}], ids=str
)
def test_forged_transforms_are_refused(bundle: Bundle, chain: Any):
    with pytest.raises(BundleError):
        predict(replace(bundle, chain=chain))


@pytest.mark.parametrize(
    "config", [None, [], {"nonsense": 1}, {"impute": 5}, {"transforms": "log"}, {"seed": "zero"}], ids=str
)
def test_forged_settings_are_refused(bundle: Bundle, config: Any):
    with pytest.raises(BundleError):
        saving.prepare_config(replace(bundle, preparing={**bundle.preparing, "prepare": config}), PrepareConfig())


def test_what_is_asked_for_beats_what_was_saved(bundle: Bundle):
    assert saving.prepare_config(bundle, PrepareConfig(impute="pchip")).impute == "pchip"
    assert saving.prepare_config(bundle, PrepareConfig()).freq is None


def test_a_forecast_that_is_not_finite_is_refused(bundle: Bundle):
    state = bundle.state
    wild = replace(state, arrays={**state.arrays, "coefficients": state.arrays["coefficients"] * 1e200})
    with pytest.raises(BundleError, match="not finite"), np.errstate(all="ignore"):
        predict(replace(bundle, state=wild), None, 50)
