"""Embed: the delay vectors of every series of a panel, with one delay and one dimension for all."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tsforecast.data.panel import Panel
from tsforecast.errors import DataError, UsageError
from tsforecast.insight.chaos.takens import TakensEmbedding


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
    embedding = TakensEmbedding(delay, dimension).fit(longest)
    delay, dimension = embedding.delay_, embedding.dimension_
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
    return Embedded(frame, delay, dimension, embedding.delay_reason_, embedding.dimension_reason_, left_out)
