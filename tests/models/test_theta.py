from __future__ import annotations

import numpy as np
import pytest
from alone import fitted, forecast, reference, wobble
from series_of import series

from tsforecast.models.smoothing.batch import batches
from tsforecast.models.theta import Theta, _Lines

# statsforecast 2.1.1, AutoTheta(model="DOTM"): alpha, theta and six steps; Nelder-Mead stops a little short of the best
STATSFORECAST = {
    "trend": (0.1523108, 11.18004878, [130.276, 130.943, 131.608, 132.271, 132.932, 133.592]),
    "level": (0.4176061, 1.0, [46.8535] * 6),
    "short": (0.1, 7.87358698, [12.361, 11.9169, 11.4797, 11.0485, 10.6226, 10.2017]),
    "seasonal": (0.1000293, 1258.635614, [170.123, 187.755, 202.894, 207.542, 208.175, 195.428]),
    "negative": (0.1000293, 5695.822463, [1.31664, 6.52223, 10.6931, 12.1006, 11.6785, 8.13609]),
}


@pytest.mark.parametrize("n", [5, 9, 12, 16, 20, 24])
@pytest.mark.parametrize("slope", [10.0, -0.3])
def test_a_straight_line_goes_on(n: int, slope: float):
    line = 100 + slope * np.arange(n + 5)
    np.testing.assert_allclose(forecast(Theta, series(line[:n]), 5), line[n:], rtol=1e-9)


def test_a_sine_with_a_season_goes_on():
    sine = 10 + np.sin(2 * np.pi * np.arange(120) / 12)
    np.testing.assert_allclose(forecast(Theta, series(sine[:96], 12), 24), sine[96:], rtol=1e-9)


def test_a_season_is_not_used_where_there_is_none():
    rows = 10 + wobble(60)
    assert forecast(Theta, series(rows, 12), 12) == pytest.approx(forecast(Theta, series(rows), 12))


def test_one_step_by_hand():
    # alpha .5, all of the line: the equations of the paper, written out
    y = np.array([3.0, 5.0, 4.0, 8.0, 7.0])
    rows, alpha = series(y), 0.5
    (_, batch), *_ = batches([y], [1])
    _, _, initial = _Lines(batch).solved(np.array([alpha]), np.array([1.0]))
    level = initial[0]
    for value in y:
        level = alpha * value + (1 - alpha) * level
    slope, intercept = np.polyfit(np.arange(1, 6), y, 1)
    expected = level + (1 - alpha) ** 5 * intercept + (1 - (1 - alpha) ** 6) / alpha * slope
    model = Theta((rows.name,), np.array([[alpha, 1.0, 0.0]]), np.array([5]))
    assert model.predict([rows], 1).point[0, 0, 0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", STATSFORECAST)
def test_with_the_parameters_of_statsforecast_its_forecasts(name: str):
    alpha, theta, expected = STATSFORECAST[name]
    rows = reference(name)
    kind = fitted(Theta, rows).parameters[0, 2]
    model = Theta((rows.name,), np.array([[alpha, 1 - 1 / theta, kind]]), np.array([len(rows)]))
    # their initial level is not quite the best
    np.testing.assert_allclose(model.predict([rows], 6).point[0, :, 0], expected, rtol=1e-3)


@pytest.mark.parametrize("name", STATSFORECAST)
def test_the_forecasts_of_statsforecast(name: str):
    np.testing.assert_allclose(forecast(Theta, reference(name), 6), STATSFORECAST[name][2], rtol=2e-3)


@pytest.mark.parametrize("name", ["trend", "level", "short"])
def test_no_parameters_fit_better(name: str):
    alpha, theta, _ = STATSFORECAST[name]
    rows = reference(name)
    (_, batch), *_ = batches([rows.values[:, 0]], [1])
    lines = _Lines(batch)
    found = fitted(Theta, rows).parameters[0]
    least = lines.solved(found[:1])[0][0]
    assert least <= lines.solved(np.array([alpha]), np.array([1 - 1 / theta]))[0][0]
    everywhere = [lines.solved(np.array([a]))[0][0] for a in np.linspace(0.1, 0.99, 400)]
    assert least <= min(everywhere) * (1 + 1e-6)


def test_a_season_is_named_in_the_notes():
    assert fitted(Theta, reference("seasonal"), series(wobble(30), name="z")).notes == (
        "theta: 1 of 2 series have a season that was taken out",
    )
    assert fitted(Theta, reference("trend")).notes == ()
