"""Embed: the delay vectors of every series of a panel, with one delay and one dimension for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsforecast.data.panel import FloatArray, Panel
from tsforecast.errors import DataError, UsageError
from tsforecast.insight.chaos.embedding import TakensEmbedding


@dataclass(frozen=True, eq=False)
class Embedded:
    """Delay vectors as a table.

    Attributes:
        frame: `unique_id, ds` (of the newest element), then one column an element: `x(t)`, `x(t-3)`, ...
        delay, dimension: tau in steps, and m.
        delay_reason, dimension_reason: Why, one line each.
        n_left_out: Vectors left out because they would cross a gap.
    """

    frame: pd.DataFrame
    delay: int
    dimension: int
    delay_reason: str
    dimension_reason: str
    n_left_out: int


def embed(panel: Panel, delay: int | None = None, dimension: int | None = None) -> Embedded:
    """The delay vectors of a panel whose gaps are not filled.

    What is left open is chosen from the first channel of the longest series.

    Raises:
        DataError: No delay can be chosen, or no vector is complete.
        UsageError: There are several channels and they are not coordinates of one state; or a setting is below 1.
    """
    if len(panel.channels) > 1 and not panel.schema.joint:
        raise UsageError(
            f"an embedding is of one column, the file has {len(panel.channels)}: {', '.join(panel.channels[:8])}",
            f"choose with --target-col '{panel.channels[0]}', or --joint for coordinates of one state",
        )
    sequences = panel.series()
    longest = max(sequences, key=lambda sequence: len(sequence.values)).values
    delay, why_delay, theiler = _delay(longest[:, 0], delay)
    dimension, why_dimension = _dimension(longest[:, 0], delay, theiler, dimension)
    embedding = TakensEmbedding(delay, dimension).fit(longest)
    names = embedding.get_feature_names_out(panel.channels)
    parts, left_out = [], 0
    for sequence in sequences:
        vectors = embedding.transform(sequence.values)
        left_out += max(0, len(sequence.values) - (dimension - 1) * delay) - len(vectors)
        part = pd.DataFrame({"unique_id": sequence.unique_id, "ds": sequence.stamps[embedding.rows_]})
        parts.append(pd.concat([part, pd.DataFrame(vectors, columns=names)], axis=1))
    frame = pd.concat(parts, ignore_index=True)
    if len(frame) == 0:
        raise DataError(
            f"no vector of {dimension} values {delay} steps apart fits: the longest series has {len(longest)} steps"
            + (f", and {left_out:,} vectors cross a gap" if left_out else ""),
            "ask for a smaller --delay or --dimension, or fill gaps with --impute linear",
        )
    return Embedded(frame, delay, dimension, why_delay, why_dimension, left_out)


def _delay(values: FloatArray, given: int | None) -> tuple[int, str, int]:
    """The delay, why, and the Theiler window that goes with it."""
    from tsforecast.insight.chaos.delay import choose_delay

    if given is not None:
        # Where the series is too short to choose from, a window of one step keeps it usable.
        seen = values[np.isfinite(values)]
        theiler = choose_delay(values).theiler if len(seen) >= 20 and np.ptp(seen) > 0 else 1
        return given, "as asked", theiler
    choice = choose_delay(values)
    if choice.delay is None:
        raise DataError(f"no delay can be chosen: {choice.reason}", "give it with --delay, or take differences first")
    return choice.delay, choice.reason, choice.theiler


def _dimension(values: FloatArray, delay: int, theiler: int, given: int | None) -> tuple[int, str]:
    from tsforecast.insight.chaos.dimension import choose_dimension

    if given is not None:
        return given, "as asked"
    choice = choose_dimension(values, delay, theiler)
    return choice.dimension, choice.reason
