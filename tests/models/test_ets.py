from __future__ import annotations

import numpy as np
import pytest
from alone import fitted, forecast, reference, wobble
from series_of import series

from tsforecast.models.ets import ETS, FORMS, _fits, _Smoothing
from tsforecast.models.smoothing.batch import batches

NAMES = [str(form) for form in FORMS]

# statsforecast 2.1.1, AutoETS: form, AICc and six steps
STATSFORECAST = [
    ("trend", "ANN", 275.172, [128.463] * 6),
    ("trend", "AAN", 262.036, [131.051, 131.801, 132.551, 133.301, 134.051, 134.801]),
    ("level", "ANN", 326.824, [46.8597] * 6),
    ("level", "AAN", 330.862, [46.6365, 46.5513, 46.466, 46.3808, 46.2955, 46.2103]),
    ("level", "MNN", 326.599, [46.8584] * 6),
    ("short", "ANN", 52.468, [13.136] * 6),
    ("short", "AAN", 46.247, [12.0078, 11.4422, 10.8766, 10.3111, 9.74551, 9.17994]),
]
CHOSEN_BY_STATSFORECAST = [
    ("trend", "AAN", [131.051, 131.801, 132.551, 133.301, 134.051, 134.801]),
    ("level", "MNN", [46.8584] * 6),
    ("short", "AAN", [12.0078, 11.4422, 10.8766, 10.3111, 9.74551, 9.17994]),
    ("seasonal", "MAM", [170.253, 188.881, 203.167, 207.711, 208.012, 193.572]),
    ("negative", "AAA", [1.29195, 6.68099, 10.7147, 12.1473, 11.7161, 7.85535]),
]


def chosen(model: ETS) -> list[str]:
    return [NAMES[int(number)] for number in model.parameters[:, 0]]


@pytest.mark.parametrize("n", [9, 12, 16, 20, 24])
@pytest.mark.parametrize("slope", [10.0, -0.3])
def test_a_straight_line_goes_on(n: int, slope: float):
    line = 100 + slope * np.arange(n + 5)
    np.testing.assert_allclose(forecast(ETS, series(line[:n]), 5), line[n:], rtol=1e-9)


def test_a_sine_with_a_season_goes_on():
    sine = 10 + np.sin(2 * np.pi * np.arange(120) / 12)
    np.testing.assert_allclose(forecast(ETS, series(sine[:96], 12), 24), sine[96:], rtol=1e-9)


def test_a_growing_cycle_is_multiplicative_and_goes_on():
    t = np.arange(144)
    rows = (50 + t) * (1 + 0.3 * np.sin(2 * np.pi * t / 12))
    given = series(rows[:120], 12)
    assert chosen(fitted(ETS, given))[0][-1] == "M"
    np.testing.assert_allclose(forecast(ETS, given, 24), rows[120:], rtol=0.03)


def test_a_long_season_is_taken_out_first():
    t = np.arange(300)
    rows = 10 + np.sin(2 * np.pi * t / 52) + 0.1 * wobble(300)
    given = series(rows[:248], 52)
    model = fitted(ETS, given)
    assert model.parameters[0, 1] > 0
    assert chosen(model)[0][-1] == "N"
    assert np.abs(model.predict([given], 52).point[0, :, 0] - rows[248:]).mean() < 0.15


def test_simple_exponential_smoothing_by_hand():
    y = np.array([3.0, 5.0, 4.0, 8.0, 7.0])
    (_, batch), *_ = batches([y], [1])
    run = _Smoothing.of(FORMS[NAMES.index("ANN")], batch)
    x = np.array([[0.5], [4.0]])
    # levels 4, 3.5, 4.25, 4.125, 6.0625, 6.53125
    assert run.residuals(x[:, None])[:, 0, 0].tolist() == [-1.0, 1.5, -0.25, 3.875, 0.9375]
    assert run.ahead(x, 3)[:, 0].tolist() == [6.53125] * 3


def test_a_damped_trend_by_hand():
    (_, batch), *_ = batches([np.array([10.0, 12.0])], [1])
    run = _Smoothing.of(FORMS[NAMES.index("AAdN")], batch)
    # alpha .5, beta .5 * .4, phi .9, level 8, growth 2
    x = np.array([[0.5], [0.4], [0.9], [8.0], [2.0]])
    first = 10 - (8 + 1.8)
    level, growth = 9.8 + 0.5 * first, 1.8 + 0.2 * first
    second = 12 - (level + 0.9 * growth)
    assert run.residuals(x[:, None])[:, 0, 0] == pytest.approx([first, second])
    level, growth = level + 0.9 * growth + 0.5 * second, 0.9 * growth + 0.2 * second
    assert run.ahead(x, 2)[:, 0] == pytest.approx([level + 0.9 * growth, level + (0.9 + 0.81) * growth])


def test_a_multiplicative_season_by_hand():
    (_, batch), *_ = batches([np.array([6.0, 3.0, 7.0, 4.0, 6.0])], [2])
    run = _Smoothing.of(FORMS[NAMES.index("MNM")], batch)
    a, b = run.season[:, 0]
    assert a > 1 > b
    # alpha .5, gamma .5 * .4, level 4
    x = np.array([[0.5], [0.4], [4.0]])
    level, season, errors = 4.0, [a, b], []
    for t, y in enumerate([6.0, 3.0, 7.0, 4.0, 6.0]):
        error = y - level * season[t % 2]
        errors.append(error / (level * season[t % 2]))
        level, season[t % 2] = level + 0.5 * error / season[t % 2], season[t % 2] + 0.2 * error / level
    found = run.residuals(x[:, None])[:, 0, 0]
    assert found / found[0] == pytest.approx(np.array(errors) / errors[0])
    assert run.ahead(x, 2)[:, 0] == pytest.approx([level * season[1], level * season[0]])


@pytest.mark.parametrize(("name", "form", "aicc", "expected"), STATSFORECAST)
def test_each_form_has_the_aicc_and_the_forecasts_of_statsforecast(
    name: str, form: str, aicc: float, expected: list[float]
):
    y = reference(name).values[:, 0]
    scale = np.abs(y).max()
    (_, batch), *_ = batches([y / scale], [1])
    fits = {NAMES[number]: (x, float(score[0])) for number, _, x, score in _fits(batch)}
    x, score = fits[form]
    # ours counts in units of the largest value; Nelder-Mead stops a little short of the best
    assert score + len(y) * np.log(scale**2) == pytest.approx(aicc, abs=0.03)
    assert score + len(y) * np.log(scale**2) < aicc + 0.002
    np.testing.assert_allclose(_Smoothing.of(FORMS[NAMES.index(form)], batch).ahead(x, 6)[:, 0] * scale, expected, 1e-3)


@pytest.mark.parametrize(("name", "form", "expected"), CHOSEN_BY_STATSFORECAST)
def test_the_form_and_the_forecasts_that_statsforecast_chooses(name: str, form: str, expected: list[float]):
    given = reference(name)
    model = fitted(ETS, given)
    assert chosen(model) == [form]
    # they search for the initial season, ours is that of the decomposition
    tolerance = 0.01 * np.abs(given.values).max() if given.season_length > 1 else 0.002 * np.abs(given.values).max()
    np.testing.assert_allclose(model.predict([given], 6).point[0, :, 0], expected, rtol=0, atol=tolerance)


def test_forms_with_more_numbers_than_the_rows_can_tell_are_not_tried():
    (_, batch), *_ = batches([10 + wobble(7)], [1])
    assert {NAMES[number] for number, *_ in _fits(batch)} == {"ANN", "MNN", "AAN", "MAN"}


def test_relative_errors_need_positive_values():
    (_, batch), *_ = batches([wobble(40)], [4])
    assert not [NAMES[number] for number, *_ in _fits(batch) if NAMES[number][0] == "M" or NAMES[number][-1] == "M"]


def test_the_forms_are_named_in_the_notes():
    assert fitted(ETS, reference("trend"), series(wobble(30), name="z")).notes == (
        "ets: series by form (error, trend, season): ANN 1, AAN 1",
    )
