"""No text of a stranger steers a terminal or ends a document."""

from __future__ import annotations

import unicodedata
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.printable import cut, printable


def test_known_answers():
    assert printable("plain, ünï, 時間, ⣿ \\") == "plain, ünï, 時間, ⣿ \\"
    assert printable("a\x1b[31mb\nc\td\r") == "a\\x1b[31mb\\nc\\td\\r"
    assert printable("\x9b1m\x7f\u202ecod\u2028\ufeff") == "\\x9b1m\\x7f\\u202ecod\\u2028\\ufeff"


@given(st.text(st.characters(codec=None)))
def test_any_text_becomes_one_line_of_a_document(text):
    made = printable(text)
    assert printable(made) == made
    assert not {unicodedata.category(c) for c in made} & {"Cc", "Cs", "Zl", "Zp"}
    assert ET.fromstring(f"<t>{escape(made)}</t>").text in (made, None)
    assert len(f"{made}x".splitlines()) == 1


@given(st.text(), st.integers(5, 60))
def test_a_cut_text_keeps_its_ends(text, most):
    made = cut(text, most)
    assert len(made) <= most
    assert made == text if len(text) <= most else made[0] == text[0] and made[-1] == text[-1]
