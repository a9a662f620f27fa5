"""The braille canvas, cell by cell."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.plots.canvas import Canvas, Ink

INK = Ink("38;5;33", "*")


def drawn(canvas: Canvas, *, color: bool = False, ascii_only: bool = False) -> list[str]:
    return canvas.lines(color=color, ascii_only=ascii_only)


def test_a_falling_diagonal_has_these_cells():
    canvas = Canvas(4, 2)
    canvas.line(np.array([0.0, 7.0]), np.array([0.0, 7.0]), INK)
    # One dot in each of eight columns and eight rows: dots 1 and 5 in a cell, then 3 and 8 in the next.
    assert drawn(canvas) == ["⠑⢄  ", "  ⠑⢄"]


def test_each_dot_sets_its_own_bit():
    for x, y, char in [
        (0, 0, "⠁"),
        (0, 1, "⠂"),
        (0, 2, "⠄"),
        (0, 3, "⡀"),
        (1, 0, "⠈"),
        (1, 1, "⠐"),
        (1, 2, "⠠"),
        (1, 3, "⢀"),
    ]:
        canvas = Canvas(1, 1)
        canvas.dots(np.array([x]), np.array([y]), INK)
        assert drawn(canvas) == [char]


def test_a_gap_is_not_bridged_and_a_lone_point_stays_a_dot():
    canvas = Canvas(4, 1)
    canvas.line(np.array([0.0, 1, 3, 4, 7]), np.array([0.0, 0, np.nan, 0, np.nan]), INK)
    assert drawn(canvas) == ["⠉ ⠁ "]


def test_dots_outside_are_left_out():
    canvas = Canvas(2, 1)
    canvas.dots(np.array([-1, 4, 0, 0]), np.array([0, 0, -1, 4]), INK)
    assert drawn(canvas) == ["  "]


def test_the_later_ink_colours_a_cell_and_colour_is_switched_off_at_the_end():
    canvas = Canvas(3, 1)
    canvas.dots(np.array([0]), np.array([0]), Ink("1"))
    canvas.dots(np.array([1]), np.array([0]), Ink("2"))
    assert drawn(canvas, color=True) == ["\x1b[2m⠉\x1b[0m  "]


def test_without_braille_a_cell_with_dots_shows_the_plain_character_of_its_ink():
    canvas = Canvas(3, 1)
    canvas.put(2, 0, ":", INK)
    canvas.dots(np.array([0]), np.array([3]), Ink("", "o"))
    assert drawn(canvas, ascii_only=True) == ["o :"]


@given(
    st.lists(st.tuples(st.integers(0, 19), st.integers(0, 15)), min_size=2, max_size=2),
)
def test_a_line_is_connected_and_reaches_both_ends(ends):
    (x0, y0), (x1, y1) = ends
    canvas = Canvas(10, 4)
    canvas.line(np.array([x0, x1], dtype=float), np.array([y0, y1], dtype=float), INK)
    bits = {0: 0x01, 1: 0x02, 2: 0x04, 3: 0x40}, {0: 0x08, 1: 0x10, 2: 0x20, 3: 0x80}
    dots = {
        (2 * column + side, 4 * row + down)
        for row, line in enumerate(drawn(canvas))
        for column, char in enumerate(line)
        if char != " "
        for side in (0, 1)
        for down, bit in bits[side].items()
        if ord(char) - 0x2800 & bit
    }
    assert {(x0, y0), (x1, y1)} <= dots
    assert len(dots) == max(abs(x1 - x0), abs(y1 - y0)) + 1
    along = 0 if abs(x1 - x0) >= abs(y1 - y0) else 1
    steps = np.diff(np.array(sorted(dots, key=lambda dot: dot[along])), axis=0)
    assert np.abs(steps).max(initial=0) <= 1
