"""The sheet and its file: the kind its name says, the same bytes each time, nothing left behind."""

from __future__ import annotations

import stat

import numpy as np
import pytest
from views import SUFFIXES, kind, page, series, size, svg_texts

from tsforecast.errors import NotReadableError, UsageError
from tsforecast.plots.fan import save_forecast
from tsforecast.plots.figure import NARROW, WIDE, Words, encoded, new_figure, spaced, style


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_view_gives_the_same_bytes(suffix, tmp_path):
    for name in ("a", "b"):
        save_forecast(page(), str(tmp_path / f"{name}.{suffix}"))
    assert kind(tmp_path / f"a.{suffix}") == suffix
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_drawing_leaves_the_settings_of_matplotlib_alone(tmp_path):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    save_forecast(page(series("気温 $x_1$ <b>&\x00", label="摂氏 $")), str(tmp_path / "x.png"))
    assert dict(mpl.rcParams) == before


def test_another_ending_is_refused_before_anything_is_drawn(tmp_path):
    with pytest.raises(UsageError, match=r"\.png, \.svg, \.pdf, \.html"):
        save_forecast(page(), str(tmp_path / "x.jpeg"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(NotReadableError, match="cannot be written"):
        save_forecast(page(), str(tmp_path / "none" / "x.png"))


def test_a_target_that_cannot_be_replaced_leaves_no_rest(tmp_path):
    (tmp_path / "x.png").mkdir()
    with pytest.raises(NotReadableError):
        save_forecast(page(), str(tmp_path / "x.png"))
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.png"]


def test_the_picture_is_readable_by_others_as_the_umask_says(tmp_path):
    plain = tmp_path / "plain"
    plain.touch()
    save_forecast(page(), str(tmp_path / "x.PNG"))
    assert stat.S_IMODE((tmp_path / "x.PNG").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_labels_move_apart_evenly_and_only_where_they_must():
    np.testing.assert_allclose(spaced(np.array([0.0, 5.0, 5.0, 5.0, 20.0]), 2.0), [0, 3, 5, 7, 20])
    np.testing.assert_allclose(spaced(np.array([1.0, 2.0, 8.0]), 1.0), [1, 2, 8])
    assert len(spaced(np.empty(0), 1.0)) == 0


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_words_are_folded_to_the_width_and_not_within_a_word(width, tmp_path):
    words = Words("title " * 20, "well-nigh self-explanatory sub-title " * 10, "caption " * 60)
    with style():
        (tmp_path / "x.svg").write_bytes(encoded(new_figure(width, 2.0, words), "svg"))
    said = svg_texts(tmp_path / "x.svg")
    assert " ".join(said).split() == f"{words.title}{words.subtitle}{words.caption}".split()
    assert len(said) > 3
    assert size(tmp_path / "x.svg")[0] == pytest.approx(72 * width)


NASTY = "<b>&\"'\x00\x01\x07\x1b[2J\x7f\x9b\u202e\ufffe\uffff-->\udcff]]>"


def test_an_svg_is_well_formed_whatever_the_names_are(tmp_path):
    view = page(series(NASTY, label=NASTY), series(f"second {NASTY}"), title=NASTY, subtitle=NASTY, caption=NASTY)
    save_forecast(view, str(tmp_path / "x.svg"))
    shown = r"""<b>&"'\x00\x01\x07\x1b[2J\x7f\x9b\u202e\ufffe\uffff-->\udcff]]>"""
    said = svg_texts(tmp_path / "x.svg")
    assert said.count(shown) >= 4
    assert f"second {shown} (kW)" in said
