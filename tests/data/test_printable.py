"""What a terminal or a picture would obey is written out, everything else is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.printable import cut, printable, printable_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("load (kW), 50% #1", "load (kW), 50% #1"),
        ("気温　℃ naïve \xa0 👩‍🔬", "気温　℃ naïve \xa0 👩‍🔬"),
        ("a\x1b[2Jb\x07", "a\\x1b[2Jb\\x07"),
        ("two\nlines\r\t", "two\\nlines\\r\\t"),
        ("evil\u202etxt.exe", "evil\\u202etxt.exe"),
        ("not utf-8: \udcff", "not utf-8: \\udcff"),
        ("\x00\ufffe\x9b", "\\x00\\ufffe\\x9b"),
        ("", ""),
    ],
)
def test_text_as_it_is_shown(text: str, shown: str):
    assert printable(text) == shown


def test_lines_that_are_meant_stay_lines():
    assert printable_lines("one\x07\ntwo") == "one\\x07\ntwo"


@given(st.text())
def test_it_can_be_encoded_and_is_one_line(text: str):
    shown = printable(text)
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown
    assert printable(shown) == shown


@given(st.text(), st.integers(5, 60))
def test_a_cut_text_keeps_its_ends(text, most):
    made = cut(text, most)
    assert len(made) <= most
    assert made == text if len(text) <= most else made[0] == text[0] and made[-1] == text[-1]
