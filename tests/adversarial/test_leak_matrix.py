"""Nothing after the last cutoff reaches what came before it, whatever repairs the gaps: exact equality, through `fit`.

Every impute and outlier method × a gap before, across and after the cutoff × every registered model × the widths of the
intervals. By default each method meets each gap, and models and outlier rules take turns; `--exhaustive` takes all
combinations.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsforecast.config import ModelConfig, PrepareConfig
from tsforecast.data.panel import Table
from tsforecast.models import registry
from tsforecast.preparation import prepare
from tsforecast.preparation.fill.impute import METHODS
from tsforecast.workflows.fit import Fit, FitSettings, fit

N_ROWS, HORIZON, SEASON = 72, 3, 6
CUTOFF = N_ROWS - 7  # a tenth of the rows is held out
LEVELS = (50.0, 60.0)
TINY: dict[str, Any] = {"units": 2, "epochs": 1, "batch_size": 64}

NAMED = {"constant:VALUE": "constant:9", "seasonal[:LENGTH]": "seasonal:6"}
IMPUTE = [NAMED.get(method, method) for method in METHODS if method != "none"]
OUTLIERS = ["none", "hampel:missing", "hampel:clip", "seasonal:missing", "iforest:missing", "iforest:clip"]
GAPS = {"before": (40, 44), "across": (CUTOFF - 2, CUTOFF + 2), "after": (CUTOFF + 2, CUTOFF + 5)}

MODELS = registry.everything()
CHEAP = [name for name, model in MODELS.items() if model.info.cost != "training" and not model.info.needs]
NETWORKS = [name for name in MODELS if name not in CHEAP]


def table(gap: str, *, later: bool) -> Table:
    """Two channels of positive seasons with spikes and a gap; from the cutoff on they are others where `later`."""
    rng = np.random.default_rng(3)
    hours = np.arange(N_ROWS)
    y = 20 + 4 * np.sin(2 * np.pi * hours / SEASON) + rng.standard_normal(N_ROWS) / 2
    z = 30 + 3 * np.cos(2 * np.pi * hours / SEASON) + rng.standard_normal(N_ROWS) / 2
    y[[15, 31]] += 30
    if later:
        y[CUTOFF:] = 45 + 9 * rng.standard_normal(N_ROWS - CUTOFF)
        z[CUTOFF:] = 10 + 9 * rng.standard_normal(N_ROWS - CUTOFF)
    y[[11, 12, 58]] = np.nan
    z[[20, 61]] = np.nan
    low, high = GAPS[gap]
    y[low:high] = np.nan
    stamps = pd.date_range("2024-01-01", periods=N_ROWS, freq="h", unit="us")
    return Table(pd.DataFrame({"unique_id": "", "ds": stamps, "y": y, "z": z}), np.arange(2, N_ROWS + 2))


def fitted(model: str, impute: str, outliers: str, gap: str, *, later: bool) -> Fit:
    config = PrepareConfig(freq="h", impute=impute, outliers=outliers)
    chosen = ModelConfig(model=model, season_length=SEASON, **TINY)
    return fit(prepare(table(gap, later=later), config), FitSettings(HORIZON, LEVELS, model=chosen))


def assert_no_leak(model: str, impute: str, outliers: str, gap: str) -> None:
    first, second = (fitted(model, impute, outliers, gap, later=later) for later in (False, True))
    assert first.holdout.cutoff.min() == CUTOFF
    assert first.choice.scores == second.choice.scores
    origin = first.holdout.cutoff == CUTOFF
    for name, yhat in first.holdout.predicted.items():
        np.testing.assert_array_equal(second.holdout.predicted[name][origin], yhat[origin])
    # and yet the two saw different rows
    assert not np.array_equal(first.holdout.actual, second.holdout.actual, equal_nan=True)
    if any("runs away" in note for note in second.notes):
        # fitted on the strange rows another model forecasts from their end, and is the one judged, which is said: its
        # widths are those it has where it is asked for and the later rows are the usual ones
        first = fitted(second.chosen, impute, outliers, gap, later=False)
    np.testing.assert_array_equal(first.trial.widths, second.trial.widths)
    assert (first.trial.log, first.trial.slope, first.trial.own) == (
        second.trial.log,
        second.trial.slope,
        second.trial.own,
    )
    np.testing.assert_array_equal(first.validation.actual, second.validation.actual)
    for name, yhat in first.validation.predicted.items():
        np.testing.assert_array_equal(second.validation.predicted[name], yhat)


# a structural model or a forest is fitted anew at every origin, and takes as long as all the others together
SLOW = ("kalman", "iterative", "iforest:missing", "iforest:clip")


def turns(impute: list[str], outliers: list[str], marks: Any = ()) -> list[Any]:
    """Each way to fill at each gap, the models and the rules for outliers in turn."""
    return [
        pytest.param(CHEAP[i % len(CHEAP)], how, outliers[(i + i // len(outliers)) % len(outliers)], gap, marks=marks)
        for i, (gap, how) in enumerate(product(GAPS, impute))
    ]


QUICK_FILLS, QUICK_RULES = ([how for how in all_ if how not in SLOW] for all_ in (IMPUTE, OUTLIERS))
SLOW_FILLS, SLOW_RULES = ([how for how in all_ if how in SLOW] for all_ in (IMPUTE, OUTLIERS))
CELLS = turns(QUICK_FILLS, QUICK_RULES)
# each of the slow ones has one turn by default, at a gap across the cutoff
CELLS += [pytest.param("naive", how, "none", "across") for how in SLOW_FILLS]
# the two rules of the forest find the same rows, and differ in what becomes of them as the quick ones do
CELLS += [pytest.param("naive", "linear", rule, "across") for rule in SLOW_RULES[:1]]
CELLS += turns(SLOW_FILLS, QUICK_RULES, pytest.mark.exhaustive) + turns(IMPUTE, SLOW_RULES, pytest.mark.exhaustive)


@pytest.mark.parametrize(("model", "impute", "outliers", "gap"), CELLS)
def test_no_row_after_the_cutoff_reaches_a_model(model: str, impute: str, outliers: str, gap: str):
    assert_no_leak(model, impute, outliers, gap)


@pytest.mark.exhaustive
@pytest.mark.parametrize("model", CHEAP)
def test_no_row_after_the_cutoff_reaches_a_model_whatever_the_repair(model: str):
    for impute, outliers, gap in product(IMPUTE, OUTLIERS, GAPS):
        if not {impute, outliers} & set(SLOW):
            assert_no_leak(model, impute, outliers, gap)


def test_every_model_method_rule_and_gap_has_its_turn():
    default = [cell for cell in CELLS if not cell.marks]
    for values, place in ((CHEAP, 0), (IMPUTE, 1), ([*QUICK_RULES, SLOW_RULES[0]], 2), (GAPS, 3)):
        assert {cell.values[place] for cell in default} == set(values)


# by default one of them: repair comes before any network, and `tests/models/test_no_future.py` has all of them
@pytest.mark.slow
@pytest.mark.parametrize(
    "model", [*NETWORKS[:1], *(pytest.param(m, marks=pytest.mark.exhaustive) for m in NETWORKS[1:])]
)
def test_no_row_after_the_cutoff_reaches_a_network(model: str):
    pytest.importorskip("tensorflow", reason="needs TensorFlow")
    assert_no_leak(model, "auto", "hampel:missing", "across")


def test_a_leak_would_be_found(monkeypatch: pytest.MonkeyPatch):
    """The comparison itself: a row before the cutoff that changes with the later ones."""
    original = table

    def leaking(gap: str, *, later: bool) -> Table:
        made = original(gap, later=later)
        made.frame.loc[CUTOFF - 3, "z"] += later
        return made

    monkeypatch.setitem(globals(), "table", leaking)
    with pytest.raises(AssertionError):
        assert_no_leak("naive", "linear", "none", "before")
