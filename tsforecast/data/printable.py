"""Text of strangers (names, cells, file names) made fit for a person's eyes: on a terminal, on a page, in a picture."""

from __future__ import annotations

import re

# Control characters (C0, DEL, C1), what turns the direction of text, what breaks lines, halves of pairs, and what XML
# has no place for.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    r"""The text with every character that steers a terminal or breaks a document escaped, as in "\x1b" or "\u202e"."""
    return _UNFIT.sub(lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def cut(text: str, most: int) -> str:
    """The text in at most so many characters, shortened in its middle: both ends of a path or a message tell most."""
    if len(text) <= most:
        return text
    end = most // 3
    return f"{text[: most - 1 - end]}…{text[len(text) - end :]}"
