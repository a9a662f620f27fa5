"""What every registered model promises, tried on each alike."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, is_dataclass, replace
from typing import Any

import numpy as np
import pytest
from every_model import EVERY, TINY
from series_of import quiet, series, several, sine, task

from tsforecast.bundle import members
from tsforecast.data.series import Series
from tsforecast.errors import BundleError, DataError
from tsforecast.models import registry
from tsforecast.models.contract import Model, State
from tsforecast.models.task import Task

HORIZON = 4
N_ROWS = 60
N_VALIDATION = 9
REFUSED = (ValueError, TypeError, KeyError, DataError, BundleError)

pytestmark = pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")


def rows(n: int = N_ROWS) -> list[Any]:
    return [sine(n, seed=1, level=5), sine(n, seed=2, level=40)]


def learnt(asked: str) -> Task:
    return task(rows(), HORIZON, N_VALIDATION, season_length=12, asked=asked)


def later() -> list[Series]:
    """The series of the task, twenty rows on."""
    return several(rows(N_ROWS + 20), 12)


def settings_of(name: str) -> Any:
    return registry.settings_of(registry.find(name), TINY)


@functools.cache
def fitted(name: str) -> Model:
    return registry.find(name).fit(learnt(name), settings_of(name), seed=0, tell=quiet)


@functools.cache
def state_of(name: str) -> State:
    """A network is exported for it, which takes seconds."""
    return fitted(name).state()


def saved(name: str) -> State:
    """The state after it was JSON and safetensors."""
    return members.from_state("model", members.to_state("model", state_of(name)))


def tolerance(name: str) -> float:
    """A saved network is served in single precision by another library."""
    return 1e-5 if registry.find(name).info.needs else 0.0


def assert_equal(first: State, second: State) -> None:
    assert dict(first.settings) == dict(second.settings)
    assert set(first.arrays) == set(second.arrays)
    for name, array in first.arrays.items():
        assert array.dtype == second.arrays[name].dtype
        np.testing.assert_array_equal(array, second.arrays[name])
    assert dict(first.blobs) == dict(second.blobs)


@EVERY
def test_it_is_found_by_its_name_and_suits_an_ordinary_task(name: str):
    model = registry.find(name)
    assert model is registry.everything()[name]
    assert model.info.name == name
    assert model.__module__.rsplit(".", 1)[1] == name.replace("-", "_")
    assert is_dataclass(model.Settings)
    with pytest.raises((FrozenInstanceError, TypeError)):
        settings_of(name).units = 3
    assert model.unsuitable(learnt(name), settings_of(name)) is None


@EVERY
@pytest.mark.parametrize("horizon", [1, HORIZON, 3 * HORIZON])
def test_a_forecast_is_finite_and_has_a_value_for_each_series_step_and_channel(name: str, horizon: int):
    ahead = fitted(name).predict(several(rows(), 12), horizon)
    assert ahead.point.shape == (2, horizon, 1)
    assert np.isfinite(ahead.point).all()
    assert ahead.point[0].mean() == pytest.approx(5, abs=2.5)
    assert ahead.point[1].mean() == pytest.approx(40, abs=2.5)


@EVERY
def test_many_series_at_once_are_as_one_by_one(name: str):
    model = fitted(name)
    histories = [s.until(n) for s in later() for n in (40, N_ROWS, N_ROWS + 20)]
    together = model.predict(histories, 15).point
    alone = np.concatenate([model.predict([history], 15).point for history in histories])
    np.testing.assert_allclose(together, alone, rtol=1e-5 if tolerance(name) else 1e-9)


@EVERY
def test_as_many_rows_as_it_says_are_all_it_looks_at(name: str):
    model = fitted(name)
    assert model.history_length >= 1
    history = later()[1]
    kept = history.values[-model.history_length :]
    np.testing.assert_array_equal(
        model.predict([history.with_values(kept)], 9).point, model.predict([history], 9).point
    )


@EVERY
def test_what_follows_the_history_changes_nothing(name: str):
    model = fitted(name)
    changed = [s.with_values(np.concatenate([s.values[:N_ROWS], -7 * s.values[N_ROWS:]])) for s in later()]
    expected = model.predict(several(rows(), 12), 9).point
    np.testing.assert_array_equal(model.predict([s.until(N_ROWS) for s in changed], 9).point, expected)


@EVERY
def test_saved_and_restored_it_forecasts_the_same_and_has_the_same_state(name: str):
    model = fitted(name)
    state = saved(name)
    again = type(model).restored(state)
    assert type(again) is type(model)
    assert (again.history_length, again.space) == (model.history_length, model.space)
    np.testing.assert_allclose(
        again.predict(later(), 15).point, model.predict(later(), 15).point, rtol=tolerance(name), atol=0
    )
    assert_equal(again.state(), state)


@EVERY
@pytest.mark.parametrize("how", ["refit", "update"])
def test_refitted_and_updated_it_is_another_with_the_same_choices(name: str, how: str):
    model = fitted(name)
    before = model.predict(later(), HORIZON).point
    whole = Task.whole(later(), HORIZON)
    ways = {
        "refit": lambda: model.refit(whole),
        "update": lambda: model.update(whole, settings_of(name), seed=1, tell=quiet),
    }
    again = ways[how]()
    assert type(again) is type(model)
    assert again.space == model.space
    assert _choices(again.state()) == _choices(state_of(name))
    assert np.isfinite(again.predict(later(), HORIZON).point).all()
    # the one that it came from is what it was
    np.testing.assert_array_equal(model.predict(later(), HORIZON).point, before)


def _choices(state: State) -> dict[str, Any]:
    """Settings that are one number, text or flag each."""
    return {name: value for name, value in state.settings.items() if not isinstance(value, (list, dict))}


@EVERY
def test_the_same_seed_fits_the_same_model(name: str):
    again = registry.find(name).fit(learnt(name), settings_of(name), seed=0, tell=quiet)
    np.testing.assert_array_equal(again.predict(later(), 9).point, fitted(name).predict(later(), 9).point)


def forgeries(state: State) -> Iterator[tuple[str, State]]:
    """States that no model gives: one thing of each kind is amiss."""
    yield "a setting too many", replace(state, settings={**state.settings, "extra": 1})
    yield "an array too many", replace(state, arrays={**state.arrays, "extra": np.zeros(3)})
    yield "a file too many", replace(state, blobs={**state.blobs, "extra.bin": b"x"})
    for name, value in state.settings.items():
        yield f"{name} is missing", replace(state, settings=_without(state.settings, name))
        for wrong in (None, "7", -1, [[]], {}):
            if type(wrong) is not type(value):
                yield f"{name} is {wrong!r}", replace(state, settings={**state.settings, name: wrong})
    for name, array in state.arrays.items():
        yield f"{name} is missing", replace(state, arrays=_without(state.arrays, name))
        yield f"{name} is cut", replace(state, arrays={**state.arrays, name: array[:-1]})
        yield f"{name} has an axis more", replace(state, arrays={**state.arrays, name: array[None]})
        other = "float32" if array.dtype == "float64" else "float64"
        yield f"{name} is {other}", replace(state, arrays={**state.arrays, name: array.astype(other)})
        if array.dtype.kind == "f" and array.size:
            for number in (np.nan, np.inf):
                wild = array.copy()
                wild.flat[0] = number
                yield f"{name} holds {number}", replace(state, arrays={**state.arrays, name: wild})
    for name in state.blobs:
        # what only training needs may be left out: a quantized model does
        if not name.endswith(".keras"):
            yield f"{name} is missing", replace(state, blobs=_without(state.blobs, name))
        yield f"{name} is damaged", replace(state, blobs={**state.blobs, name: state.blobs[name][:-100]})


def _without(given: Any, name: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != name}


@EVERY
def test_a_forged_state_is_refused(name: str):
    model = fitted(name)
    accepted = []
    for what, state in forgeries(saved(name)):
        try:
            type(model).restored(state)
        except REFUSED:
            continue
        accepted.append(what)
    assert accepted == []


@EVERY
def test_several_channels_are_forecast_together_or_declined(name: str):
    t = np.arange(N_ROWS)
    joint = series(np.stack([np.sin(t / 5), np.cos(t / 5)], axis=1))
    given = Task([joint], HORIZON, [N_VALIDATION], name)
    model = registry.find(name)
    if model.unsuitable(replace(given, series=[replace(joint, season_lengths=(12,))]), settings_of(name)):
        return
    given = replace(given, series=[replace(joint, season_lengths=(12,))])
    ahead = model.fit(given, settings_of(name), seed=0, tell=quiet).predict(given.series, 9)
    assert ahead.point.shape == (1, 9, 2)
    assert np.isfinite(ahead.point).all()
