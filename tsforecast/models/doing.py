"""What is being done, in words that may carry which model it is, how far it is and what is still to come."""

from __future__ import annotations

from typing import Self


class Doing(str):
    """Words for a `Progress`; whoever looks for no more than words has them.

    Attributes:
        model: Whose turn begins; "" where none does.
        share: Of the turn that is done, 0 to 1; None where that is not known.
        to_come: Names of the models whose turns come after.
    """

    model: str
    share: float | None
    to_come: tuple[str, ...]

    def __new__(cls, words: str, *, model: str = "", share: float | None = None, to_come: tuple[str, ...] = ()) -> Self:
        made = super().__new__(cls, words)
        made.model, made.share, made.to_come = model, share, to_come
        return made
