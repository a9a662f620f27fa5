"""How the training of a model went, for those who want to see it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingCurve:
    """What was measured while a network learnt; errors are absolute ones, of scaled values.

    Attributes:
        training: Mean error over the batches of each epoch, dropout and teacher included.
        validation: Error on held-out windows after each epoch, without them; empty where none were held out.
        rate: Learning rate at the end of each epoch.
        kept: The epoch whose weights were kept, counted from 0.
        gates: Each weight that the network could be given, with its validation error; empty where it has no gate.
        gate: The weight it was given.
    """

    training: tuple[float, ...]
    validation: tuple[float, ...]
    rate: tuple[float, ...]
    kept: int
    gates: tuple[tuple[float, float], ...] = ()
    gate: float | None = None
