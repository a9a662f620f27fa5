"""The chaos card: what is drawn is what was given, and what is not known is said to be so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from views import SUFFIXES, kind, svg_texts

from tsforecast.plots.attractor import ChaosView, delay_vectors, draw_chaos_card, save_chaos_card
from tsforecast.plots.figure import NARROW, WIDE, Words, style


def card(**changes) -> ChaosView:
    t = np.arange(800) * 0.1
    lags = np.arange(30.0)
    view = ChaosView(
        "torus",
        "quasi-periodic",
        "no positive exponent",
        np.sin(t) + np.sin(np.sqrt(2) * t),
        delay=12,
        dimension=3,
        lags=lags,
        mutual_information=2 * np.exp(-lags / 5),
        autocorrelation=np.cos(lags / 10),
        dimensions=np.arange(1.0, 6),
        cao_e1=np.linspace(0.2, 1, 5),
        cao_e2=np.ones(5),
        false_neighbours=np.linspace(1, 0, 5),
        divergence_steps=np.arange(40.0),
        divergence=np.linspace(-3, -1, 40),
        fit=(5.0, 20.0, 0.05, -3.0),
    )
    return replace(view, **changes)


def panels(view: ChaosView, width: float = WIDE) -> list:
    with style():
        return draw_chaos_card(view, width, Words(view.name)).get_axes()


def says_nothing(axes) -> bool:
    return any(text.get_text() == "not determinable" for text in axes.texts)


def test_delay_vectors_look_back():
    vectors = delay_vectors(np.arange(10.0), 2, 3)
    assert vectors.shape == (6, 3)
    np.testing.assert_array_equal(vectors[0], [4, 2, 0])
    np.testing.assert_array_equal(vectors[-1], [9, 7, 5])


def test_no_vector_crosses_a_gap():
    values = np.arange(10.0)
    values[5] = np.nan
    assert np.isnan(delay_vectors(values, 2, 2)).all(axis=1).tolist() == [False] * 3 + [True, False, True] + [False] * 2
    assert delay_vectors(values, 9, 3).shape == (0, 3)


def test_the_plane_has_equal_scales_and_its_axes_are_named():
    plane, space, *_ = panels(card())
    assert plane.get_aspect() == 1
    assert plane.get_xlim() == plane.get_ylim()
    assert (plane.get_xlabel(), plane.get_ylabel()) == ("x(t)", "x(t−τ)")
    assert (space.get_xlabel(), space.get_ylabel(), space.get_zlabel()) == ("x(t)", "x(t−τ)", "x(t−2τ)")


def test_the_path_is_whole_and_its_colour_runs_with_time():
    view = card()
    (lines,) = panels(view)[0].collections
    pieces = lines.get_segments()
    vectors = delay_vectors(view.values, 12, 2)
    np.testing.assert_array_equal(np.concatenate([pieces[0][:1], *(piece[1:] for piece in pieces)]), vectors)
    assert (np.diff(lines.get_array()) > 0).all()


def test_a_gap_breaks_the_path():
    values = card().values.copy()
    values[300:310] = np.nan
    (lines,) = panels(card(values=values))[0].collections
    assert all(np.isfinite(piece).all() for piece in lines.get_segments())
    whole = delay_vectors(card().values, 12, 2)
    longest = np.abs(np.diff(whole, axis=0)).max()
    assert max(np.abs(np.diff(piece, axis=0)).max() for piece in lines.get_segments()) <= longest + 1e-12


def test_the_forecast_goes_on_from_the_last_point():
    view = card()
    split = replace(view, values=view.values[:700], forecast=view.values[700:])
    ahead = next(line for line in panels(split)[0].lines if line.get_label() == "_forecast")
    everything = delay_vectors(view.values, 12, 2)
    np.testing.assert_array_equal(ahead.get_xydata(), everything[-101:])


def test_the_fitted_stretch_is_drawn_where_it_was_fitted():
    fitted = panels(card())[4].lines[1]
    np.testing.assert_allclose(fitted.get_xydata(), [[5, -2.75], [20, -2.0]])


def test_a_map_is_drawn_as_dots():
    plane = panels(card(is_map=True, delay=1))[0]
    assert len(plane.collections[0].get_offsets()) == 799
    assert plane.get_ylabel() == "x(t−1)"


def test_a_periodic_series_comes_back():
    recurrences = panels(card(values=np.sin(np.arange(301) * 2 * np.pi / 50), delay=12, dimension=2))[5]
    near = np.asarray(recurrences.images[0].get_array())
    assert np.diag(near).all()
    assert np.diag(near, 50).all()
    assert not np.diag(near, 25).any()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_what_is_not_known_is_said_to_be_so(width):
    plane, _, *curves = panels(ChaosView("x", "not determinable", "constant", np.full(50, 3.0), delay=1), width)
    assert says_nothing(plane)
    assert all(says_nothing(axes) for axes in curves)
    assert not any(says_nothing(axes) for axes in panels(card(), width))


@pytest.mark.parametrize("values", [np.empty(0), np.ones(1), np.full(30, np.nan), np.array([1.0, 2.0])])
def test_hardly_any_values(values):
    assert len(panels(ChaosView("x", "too short", "", values, delay=3, dimension=4))) == 6


def test_card_files_are_the_same_each_time(tmp_path):
    for name in ("a.svg", "b.svg"):
        save_chaos_card(card(name="<x>"), str(tmp_path / name))
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    said = svg_texts(tmp_path / "a.svg")
    for words in (
        "<x>: quasi-periodic",
        "no positive exponent",
        "τ = 12",
        "m = 3",
        "slope 0.05 per step",
        "Recurrences",
    ):
        assert words in said


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files(suffix, tmp_path):
    save_chaos_card(card(values=card().values[:100]), str(tmp_path / f"c.{suffix}"))
    assert kind(tmp_path / f"c.{suffix}") == suffix


def test_values_as_large_as_numbers_can_be_are_drawn_without_a_warning(tmp_path):
    plain, large = (np.asarray(panels(card(values=k * card().values))[5].images[0].get_array()) for k in (1.0, 1e300))
    np.testing.assert_array_equal(plain, large)
