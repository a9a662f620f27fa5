"""A forged `prepare.json` is refused as a bundle error, never met as a bug."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tsforecast.bundle import Bundle
from tsforecast.config import ModelConfig, PrepareConfig
from tsforecast.data.panel import Panel
from tsforecast.errors import BundleError
from tsforecast.workflows import saved
from tsforecast.workflows.fit import Settings, fit
from tsforecast.workflows.forecast import forecast


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    values = np.sin(np.arange(300) / 4)
    frame = pd.DataFrame({"unique_id": "", "ds": np.arange(300), "y": values})
    fitted = fit(Panel.checked(frame, 1), Settings(horizon=5, model=ModelConfig(model="ridge")))
    made = saved.to_bundle(fitted, PrepareConfig(), 0, {})
    assert saved.predict(made, None).frame.equals(forecast(fitted).frame)
    return made


FORGED = [
    {"scales": None},
    {"scales": [["wide"]]},
    {"scales": [[1.0], [1.0]]},
    {"scales": [[-1.0]]},
    {"preparer": 7},
    {"preparer": {"names": ["no such transform"]}},
]


@pytest.mark.parametrize("change", FORGED, ids=str)
def test_forged_scales_and_transforms_are_refused(bundle, change):
    with pytest.raises(BundleError):
        saved.predict(replace(bundle, prepare={**bundle.prepare, **change}), None)


@pytest.mark.parametrize(
    "config", [None, [], {"nonsense": 1}, {"impute": 5}, {"transforms": "log"}, {"seed": "zero"}], ids=str
)
def test_forged_settings_are_refused(bundle, config):
    with pytest.raises(BundleError):
        saved.prepare_config(replace(bundle, prepare={**bundle.prepare, "config": config}), PrepareConfig())


def test_what_is_asked_for_beats_what_was_saved(bundle):
    assert saved.prepare_config(bundle, PrepareConfig(impute="pchip")).impute == "pchip"
    assert saved.prepare_config(bundle, PrepareConfig()).freq is None


def test_a_forecast_that_is_not_finite_is_refused(bundle):
    wild = replace(bundle.candidate.forecaster, coefficients=bundle.candidate.forecaster.coefficients * 1e200)
    with pytest.raises(BundleError, match="not finite"), np.errstate(all="ignore"):
        saved.predict(replace(bundle, candidate=replace(bundle.candidate, forecaster=wild)), None, 50)
