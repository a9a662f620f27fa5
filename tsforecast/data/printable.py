"""`printable`: text from a file, safe to be shown to a person."""

from __future__ import annotations

import unicodedata

#: Controls, formats (which turn the direction of writing round), surrogates, line and paragraph ends, no characters.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"})
#: The joiners, which are part of words in some scripts and of emoji.
_JOINERS = "\u200c\u200d"


def printable(text: str) -> str:
    """The text with what a terminal or a picture would obey or stumble over written out: `\\x1b`, `\\n`, `\\u202e`.

    Where nothing of the kind is in it, it is the same text.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_written(char) for char in text)


def printable_lines(text: str) -> str:
    """The same for text whose lines are meant."""
    return "\n".join(map(printable, text.split("\n")))


def _written(char: str) -> str:
    if char in _JOINERS or unicodedata.category(char) not in _UNSEEN:
        return char
    return char.encode("unicode_escape").decode("ascii")


def cut(text: str, most: int) -> str:
    """The text in at most so many characters, shortened in its middle: both ends of a path or a message tell most."""
    if len(text) <= most:
        return text
    end = most // 3
    return f"{text[: most - 1 - end]}…{text[len(text) - end :]}"
