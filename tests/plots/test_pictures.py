"""Pictures in files: the lines are the data, the bytes are the same each time, the page needs nothing from outside."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from tsforecast.errors import DataError, NotReadableError, UsageError
from tsforecast.plots.error_by_step import draw_backtest, save_backtest
from tsforecast.plots.fan import draw_forecast, save_forecast
from tsforecast.plots.figure import WIDE, Words, spaced, style
from tsforecast.plots.lines import draw_series, gaps, lines_of, save_series
from tsforecast.plots.view import ForecastView, Residuals, SeriesView

H = 12
SUFFIXES = ("png", "svg", "pdf", "html")


def days(n: int, start: int = 0) -> np.ndarray:
    return np.datetime64("2024-01-01", "us") + np.timedelta64(1, "D") * np.arange(start, start + n)


def series(name: str = "load", **changes) -> SeriesView:
    rng = np.random.default_rng(4)
    history, forecast = rng.normal(100, 5, 80), np.full(H, 101.0)
    bands = {80.0: (forecast - 6, forecast + 6), 95.0: (forecast - 10, forecast + 10)}
    held = np.full(H, 99.0)
    view = SeriesView(
        name,
        days(80),
        history,
        days(H, 80),
        forecast,
        label="kW",
        bands=bands,
        holdout_ds=days(H, 80 - H),
        holdout_y=history[-H:],
        holdout_yhat=held,
        holdout_bands={80.0: (held - 6, held + 6)},
        repaired_ds=days(2, 40),
        season_length=7,
    )
    return replace(view, **changes)


def page(*views: SeriesView, **changes) -> ForecastView:
    return replace(
        ForecastView("Load, next 12 days", list(views or [series()]), "gru, skill 0.41", "made so"), **changes
    )


def drawn(view: ForecastView, width: float = WIDE):
    with style():
        return draw_forecast(view, width, Words(view.title, view.subtitle, view.caption))


def lines(figure) -> dict[str, np.ndarray]:
    """Values of the named lines of all panels."""
    return {line.get_label()[1:]: line.get_ydata() for axes in figure.get_axes() for line in axes.lines}


def visible(figure) -> list:
    return [axes for axes in figure.get_axes() if axes.get_visible()]


def texts(figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


class TestForecast:
    def test_the_lines_are_the_data(self):
        view = series()
        found = lines(drawn(page(view)))
        np.testing.assert_array_equal(found["history"], view.history_y[-62:])
        np.testing.assert_array_equal(found["forecast"], view.forecast_y)
        np.testing.assert_array_equal(found["held-out forecast"], view.holdout_yhat)
        np.testing.assert_array_equal(found["repaired"], view.history_y[40:42])
        np.testing.assert_array_equal(found["residuals"], view.holdout_y - view.holdout_yhat)

    def test_bands_are_painted_wide_first(self):
        axes = drawn(page()).get_axes()[0]
        bands = {part.get_label()[1:]: part for part in axes.collections}
        assert [name for name in bands if name.startswith("band")] == ["band 95", "band 80"]
        assert bands["band 95"].get_paths()[0].get_extents().height == pytest.approx(20)
        assert bands["band 80"].get_paths()[0].get_extents().height == pytest.approx(12)

    def test_main_panel_and_two_of_errors(self):
        assert len(drawn(page()).get_axes()) == 3
        nothing = {name: np.empty(0) for name in ("holdout_y", "holdout_yhat")}
        bare = series(holdout_ds=np.empty(0, "datetime64[us]"), holdout_bands={}, **nothing)
        assert len(drawn(page(bare)).get_axes()) == 1

    def test_errors_by_step_where_enough_origins_tell_them(self):
        origins = 6
        errors = np.tile(np.arange(1.0, H + 1), origins)
        steps = np.tile(np.arange(1, H + 1), origins)
        view = series(residuals=Residuals(days(H * origins), steps, errors))
        np.testing.assert_allclose(lines(drawn(page(view)))["error by step"], np.arange(1.0, H + 1))
        assert "error by step" not in lines(drawn(page(series())))

    def test_cutoff_and_words_are_written(self):
        said = texts(drawn(page()))
        for words in ("Load, next 12 days", "gru, skill 0.41", "made so", "2024-03-20", "95 %", "80 %", "kW"):
            assert words in said

    def test_several_series_get_a_panel_each_and_the_rest_is_counted(self, tmp_path):
        many = page(*(series(f"meter {i}") for i in range(11)))
        assert len(visible(drawn(many))) == 9 + 2
        save_forecast(many, str(tmp_path / "many.html"))
        assert "2 more series are not drawn." in (tmp_path / "many.html").read_text(encoding="utf-8")

    def test_errors_of_several_series_are_compared_in_their_own_spread(self):
        view = series()
        large = replace(view, history_y=view.history_y * 1e6, holdout_y=view.holdout_y * 1e6)
        large = replace(large, holdout_yhat=view.holdout_yhat * 1e6)
        both = lines(drawn(page(view, large)))["residuals"]
        np.testing.assert_allclose(both, (view.holdout_y - view.holdout_yhat) / view.history_y.std())

    def test_beyond_the_horizon_the_line_changes(self):
        found = lines(drawn(page(series(beyond_horizon=5))))
        assert len(found["forecast"]) == 6
        assert len(found["lost"]) == H - 5

    def test_long_histories_are_cut_short_ones_are_not(self):
        long = SeriesView("x", np.arange(5000), np.zeros(5000), np.arange(5000, 5048), np.zeros(48), season_length=24)
        assert len(long.shown().history_ds) == 4 * 48 + 2 * 24
        assert len(replace(long, season_length=336).shown().history_ds) == 12 * 48
        assert len(series().shown().history_ds) == 4 * H + 2 * 7
        assert len(series(season_length=90).shown().history_ds) == 80

    def test_a_band_that_explodes_does_not_flatten_the_series(self):
        huge = np.full(H, 1e30)
        low, high = series(bands={80.0: (-huge, huge)}).value_range()
        inner = series(bands={}).value_range()
        assert high - low == pytest.approx(7 * (inner[1] - inner[0]))


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
    "names": series("気温 $x_1$ <b>&\x00", label="摂氏 $"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_series_are_drawn_without_a_warning(name, tmp_path):
    save_forecast(page(ODD[name]), str(tmp_path / "odd.html"))
    assert (tmp_path / "odd.html").stat().st_size > 5000


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_view_gives_the_same_bytes(suffix, tmp_path):
    for name in ("a", "b"):
        save_forecast(page(), str(tmp_path / f"{name}.{suffix}"))
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_drawing_leaves_the_settings_of_matplotlib_alone(tmp_path):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    save_forecast(page(ODD["names"]), str(tmp_path / "x.png"))
    assert dict(mpl.rcParams) == before


class TestFiles:
    def test_another_ending_is_refused_before_anything_is_drawn(self, tmp_path):
        with pytest.raises(UsageError, match=r"\.png, \.svg, \.pdf, \.html"):
            save_forecast(page(), str(tmp_path / "x.jpeg"))
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_is_not_there(self, tmp_path):
        with pytest.raises(NotReadableError, match="cannot be written"):
            save_forecast(page(), str(tmp_path / "none" / "x.png"))

    def test_a_target_that_cannot_be_replaced_leaves_no_rest(self, tmp_path):
        (tmp_path / "x.png").mkdir()
        with pytest.raises(NotReadableError):
            save_forecast(page(), str(tmp_path / "x.png"))
        assert [entry.name for entry in tmp_path.iterdir()] == ["x.png"]

    def test_the_picture_is_readable_by_others_as_the_umask_says(self, tmp_path):
        plain = tmp_path / "plain"
        plain.touch()
        save_forecast(page(), str(tmp_path / "x.PNG"))
        assert stat.S_IMODE((tmp_path / "x.PNG").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


class Tags(HTMLParser):
    """Collects elements, identifiers and text."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.said = ""

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href")]

    def handle_data(self, data):
        self.said += data


class TestPage:
    @pytest.fixture(scope="class")
    def html(self, tmp_path_factory) -> str:
        path = tmp_path_factory.mktemp("page") / "x.html"
        evil = series("<script>alert(1)</script>", label='"><img src=x onerror=alert(2)>')
        words = {"title": "<i>t</i> & 気温", "report": "skill < 0 & </pre><script>", "caption": "'--plot'"}
        view = page(evil, series("second"), **words)
        save_forecast(view, str(path))
        return path.read_text(encoding="utf-8")

    def test_what_comes_from_a_file_is_escaped(self, html):
        tags = Tags()
        tags.feed(html)
        assert not {"script", "img", "i", "link", "iframe"} & set(tags.names)
        for words in ("<i>t</i> & 気温", "skill < 0 & </pre><script>", "<script>alert(1)</script>"):
            assert words in tags.said

    def test_nothing_is_fetched(self, html):
        assert not re.search(r"https?:|//|@import|url\((?!#)", html)
        tags = Tags()
        tags.feed(html)
        assert all(link.startswith("#") for link in tags.links)

    def test_two_drawings_share_no_identifier_and_refer_to_their_own(self, html):
        tags = Tags()
        tags.feed(html)
        assert tags.names.count("svg") == 2
        assert len(tags.ids) == len(set(tags.ids))
        assert {link[1:] for link in tags.links} <= set(tags.ids)
        assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(tags.ids)

    def test_colours_follow_the_page(self, html):
        assert "prefers-color-scheme: dark" in html
        svg = html[html.index("<svg") :]
        assert "var(--ink)" in svg
        assert set(re.findall(r"#[0-9a-fA-F]{6}\b", svg)) <= {"#000000"}

    def test_the_first_rows_are_there(self, html):
        tags = Tags()
        tags.feed(html)
        assert tags.names.count("tr") == 2 * (H + 1)
        assert "2024-03-21101.00" in tags.said


def test_labels_move_apart_evenly_and_only_where_they_must():
    np.testing.assert_allclose(spaced(np.array([0.0, 5.0, 5.0, 5.0, 20.0]), 2.0), [0, 3, 5, 7, 20])
    np.testing.assert_allclose(spaced(np.array([1.0, 2.0, 8.0]), 1.0), [1, 2, 8])
    assert len(spaced(np.empty(0), 1.0)) == 0


class TestSeries:
    def frame(self) -> pd.DataFrame:
        frame = pd.DataFrame({"unique_id": "", "ds": days(50), "a": np.arange(50.0), "b": 1.0, "empty": np.nan})
        frame.loc[20:24, "a"] = np.nan
        return frame.drop(index=[40])

    def test_one_panel_a_channel_and_the_gap_is_a_break(self):
        found = lines_of(self.frame())
        assert [line.name for line in found] == ["a", "b"]
        with style():
            figure = draw_series(found, WIDE, Words("t"))
        assert len(figure.get_axes()) == 2
        drawn_line = figure.get_axes()[1].lines[0]
        assert np.isnan(drawn_line.get_ydata()).sum() == 1

    def test_gaps_are_missing_values_and_missing_rows(self):
        line = lines_of(self.frame())[0]
        assert gaps(line.ds, line.y) == [(19, 25), (39, 40)]
        assert gaps(np.arange(5), np.array([np.nan, 1, 2, 3, np.nan])) == []

    def test_irregular_steps_are_no_gaps_unless_long(self):
        ds = np.cumsum(np.tile([1, 2, 3], 20))
        assert gaps(ds, np.ones(60)) == []
        assert gaps(np.append(ds, ds[-1] + 500), np.ones(61)) == [(59, 60)]

    def test_bounds_become_bands_of_their_line_and_ids_tell_series_apart(self):
        frame = pd.DataFrame(
            {"unique_id": ["p", "q"], "ds": [1, 1], "yhat": 1.0, "yhat_lo_97.5": 0.0, "yhat_hi_97.5": 2.0}
        )
        found = lines_of(frame)
        assert [line.name for line in found] == ["p / yhat", "q / yhat"]
        assert list(found[0].bands) == [97.5]

    def test_rows_in_any_order(self):
        frame = self.frame()
        mixed = lines_of(frame.sample(frac=1.0, random_state=1))[0]
        np.testing.assert_array_equal(mixed.y, lines_of(frame)[0].y)

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_files(self, suffix, tmp_path):
        save_series(self.frame(), str(tmp_path / f"x.{suffix}"), title="t")
        assert (tmp_path / f"x.{suffix}").stat().st_size > 2000

    def test_nothing_to_draw(self, tmp_path):
        with pytest.raises(DataError, match="no values to draw"):
            save_series(self.frame()[["unique_id", "ds", "empty"]], str(tmp_path / "x.png"), title="t")


class TestBacktest:
    by_step = pd.DataFrame(
        {"naive": [2.0, 4.0, 6.0], "gru": [1.0, 1.5, 2.0], "ridge": [1.0, 2.0, 3.0]},
        index=pd.RangeIndex(1, 4, name="step"),
    )

    def test_the_lines_are_the_errors_and_the_best_is_on_top(self):
        with style():
            figure = draw_backtest(self.by_step, "gru", "kW", WIDE, Words("t"))
        left, right = figure.get_axes()
        for line in left.lines:
            np.testing.assert_array_equal(line.get_ydata(), self.by_step[line.get_label()[1:]])
        assert [text.get_text() for text in right.get_yticklabels()] == ["gru", "ridge", "naive"]
        assert [bar.get_width() for bar in right.patches] == [1.5, 2.0, 4.0]
        assert right.yaxis_inverted()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_files(self, rows, tmp_path):
        save_backtest(self.by_step.head(rows), str(tmp_path / "b.html"), chosen="gru", title="t")
        save_backtest(self.by_step.head(rows), str(tmp_path / "b.png"), chosen="gru", title="t")
        assert (tmp_path / "b.png").stat().st_size > 5000
