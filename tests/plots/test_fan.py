"""The picture of a forecast: its lines are the data, its bands the bounds, its words what they are called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from views import H, days, lines, page, series, svg_texts, texts

from tsforecast.plots.fan import draw_forecast, save_forecast
from tsforecast.plots.figure import WIDE, Words, style
from tsforecast.plots.view import ForecastView, Residuals, SeriesView


def drawn(view: ForecastView, width: float = WIDE):
    with style():
        return draw_forecast(view, width, Words(view.title, view.subtitle, view.caption))


def test_the_lines_are_the_data():
    view = series()
    found = lines(drawn(page(view)))
    np.testing.assert_array_equal(found["history"], view.history_y[-62:])
    np.testing.assert_array_equal(found["forecast"], view.forecast_y)
    np.testing.assert_array_equal(found["held-out forecast"], view.holdout_yhat)
    np.testing.assert_array_equal(found["repaired"], view.history_y[40:42])
    np.testing.assert_array_equal(found["residuals"], view.holdout_y - view.holdout_yhat)


def test_bands_are_painted_wide_first():
    axes = drawn(page()).get_axes()[0]
    bands = {part.get_label()[1:]: part for part in axes.collections}
    assert [name for name in bands if name.startswith("band")] == ["band 95", "band 80"]
    assert bands["band 95"].get_paths()[0].get_extents().height == pytest.approx(20)
    assert bands["band 80"].get_paths()[0].get_extents().height == pytest.approx(12)


def test_main_panel_and_two_of_errors():
    assert len(drawn(page()).get_axes()) == 3
    nothing = {name: np.empty(0) for name in ("holdout_y", "holdout_yhat")}
    bare = series(holdout_ds=np.empty(0, "datetime64[us]"), holdout_bands={}, **nothing)
    assert len(drawn(page(bare)).get_axes()) == 1


def test_errors_by_step_where_enough_origins_tell_them():
    origins = 6
    errors = np.tile(np.arange(1.0, H + 1), origins)
    steps = np.tile(np.arange(1, H + 1), origins)
    view = series(residuals=Residuals(days(H * origins), steps, errors))
    np.testing.assert_allclose(lines(drawn(page(view)))["error by step"], np.arange(1.0, H + 1))
    assert "error by step" not in lines(drawn(page(series())))


def test_cutoff_and_words_are_written():
    said = texts(drawn(page()))
    for words in ("Load, next 12 days", "gru, skill 0.41", "made so", "2024-03-20", "95 %", "80 %", "kW"):
        assert words in said


def test_several_series_get_a_panel_each_and_the_rest_is_counted(tmp_path):
    many = page(*(series(f"meter {i}") for i in range(11)))
    save_forecast(many, str(tmp_path / "many.svg"))
    said = svg_texts(tmp_path / "many.svg")
    assert [text for text in said if text.startswith("meter")] == [f"meter {i} (kW)" for i in range(9)]
    assert sum(text.startswith("2 more series are not drawn.") for text in said) == 1
    assert sum(text.startswith(("Held out", "Size of error by step")) for text in said) == 2


def test_errors_of_several_series_are_compared_in_their_own_spread():
    view = series()
    large = replace(view, history_y=view.history_y * 1e6, holdout_y=view.holdout_y * 1e6)
    large = replace(large, holdout_yhat=view.holdout_yhat * 1e6)
    both = lines(drawn(page(view, large)))["residuals"]
    np.testing.assert_allclose(both, (view.holdout_y - view.holdout_yhat) / view.history_y.std())


def test_beyond_the_horizon_the_line_changes():
    found = lines(drawn(page(series(beyond_horizon=5))))
    assert len(found["forecast"]) == 6
    assert len(found["lost"]) == H - 5


def test_a_band_that_ends_early_is_named_where_it_ends():
    view = series()
    short = (np.where(np.arange(H) < 5, 95.0, np.nan), np.where(np.arange(H) < 5, 107.0, np.nan))
    axes = drawn(page(replace(view, bands={80.0: short, 95.0: view.bands[95.0]}))).get_axes()[0]
    named = {text.get_text(): text for text in axes.texts}
    assert named["80 %"].xy == (view.forecast_ds[4], 107.0)
    assert named["95 %"].xy[0] == 1.0


def test_no_line_crosses_a_gap():
    """Ten days of the history and one held-out origin are absent: as rows, not as NaN."""
    view = series()
    kept = np.r_[0:50, 60:80]
    errors = Residuals(np.r_[days(20, 20), days(20, 60)], np.tile(np.arange(1, 21), 2), np.ones(40))
    gappy = replace(view, history_ds=view.history_ds[kept], history_y=view.history_y[kept], residuals=errors)
    found = lines(drawn(page(gappy)))
    assert np.flatnonzero(np.isnan(found["history"])).tolist() == [50 - (80 - 10 - 62)]
    assert np.flatnonzero(np.isnan(found["residuals"])).tolist() == [20]
    assert not np.isnan(lines(drawn(page(view)))["residuals"]).any()


def test_the_held_out_forecasts_of_two_origins_are_two_lines():
    ahead = np.arange(24.0)
    view = series(holdout_ds=np.r_[days(12, 40), days(12, 60)], holdout_yhat=ahead, holdout_y=np.zeros(24))
    view = replace(view, holdout_bands={80.0: (ahead - 1, ahead + 1)})
    figure = drawn(page(view))
    np.testing.assert_array_equal(lines(figure)["held-out forecast"], np.insert(ahead, 12, np.nan))
    band = next(part for part in figure.get_axes()[0].collections if part.get_label() == "_held band")
    assert len(band.get_paths()) == 2


ODD = {
    "constant": series(history_y=np.full(80, 3.0), forecast_y=np.full(H, 3.0), bands={}),
    "gaps": series(history_y=np.where(np.arange(80) % 7 < 2, np.nan, 1.0)),
    "all missing": SeriesView("x", days(9), np.full(9, np.nan), days(3, 9), np.full(3, np.nan)),
    "one point": SeriesView("x", days(1), np.ones(1), days(1, 1), np.ones(1), bands={80.0: (np.zeros(1), np.ones(1))}),
    "integers": SeriesView("x", np.arange(50), np.arange(50.0), np.arange(50, 60), np.arange(50.0, 60)),
    "tiny": series(history_y=np.arange(80) * 1e-9, forecast_y=np.full(H, 8e-8), bands={}),
    "huge": series(history_y=np.arange(80) * 1e12, forecast_y=np.full(H, 8e13), bands={}),
    "no forecast": SeriesView("x", days(20), np.arange(20.0)),
    "unsupported level": series(bands={99.0: (np.full(H, np.nan), np.full(H, np.nan))}),
    "subnormal": series(history_y=np.arange(80) * 5e-324, forecast_y=np.zeros(H), bands={}),
    "the largest": series(history_y=1e307 * np.linspace(-1, 1, 80), forecast_y=np.zeros(H), bands={}),
    "names": series("気温 $x_1$ <b>&\x00", label="摂氏 $"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_series_are_drawn_without_a_warning(name, tmp_path):
    save_forecast(page(ODD[name]), str(tmp_path / "odd.svg"))
    said = svg_texts(tmp_path / "odd.svg")
    assert {"Load, next 12 days", "gru, skill 0.41", "observed"} <= set(said)
    view = ODD[name].shown()
    drawn_lines = lines(drawn(page(ODD[name])))
    np.testing.assert_array_equal(drawn_lines["history"], view.history_y)
    if len(view.forecast_y):
        np.testing.assert_array_equal(drawn_lines["forecast"], view.forecast_y)
