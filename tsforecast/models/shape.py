"""The rules that choose context, segment and size of a forecaster from the data, where the user does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tsforecast.errors import UsageError
from tsforecast.model_config import WindowConfig

# a recurrent network over more steps than this is slow and learns little from the oldest
_MOST_RECURRENT_STEPS = 128
_LONGEST_CONTEXT = 672
# two of a longer season would be a context whose equations take minutes; lags and profiles see it instead
_LONGEST_SEASON_SEEN = 512
_CONTEXT_WITHOUT_SEASON = 64
_SEGMENT_WITHOUT_SEASON = 24


MOST_INPUTS = 8192
"""Numbers that a linear part sees at once: its equations are the square of that, half a gigabyte."""
# what the rule takes of several channels: a few seconds
_MOST_JOINT_INPUTS = 4096


@dataclass(frozen=True)
class Shape:
    """What a forecaster sees and emits, and how large a network is where the user does not say.

    Attributes:
        context_length: Steps seen.
        segment_length: Steps emitted at once.
        season_length: Steps of the season, 1 for none.
        units: Width of the network's layers.
        dropout: Share of its units left out in training.
    """

    context_length: int
    segment_length: int
    season_length: int
    units: int = 64
    dropout: float = 0.3

    @property
    def patch_length(self) -> int:
        """Steps the network takes in at once: a segment, at most a season."""
        return min(self.segment_length, self.season_length) if self.season_length > 1 else self.segment_length


def choose_shape(
    n_rows: Sequence[int], horizon: int, season_length: int, model: WindowConfig, n_channels: int = 1
) -> Shape:
    """Context and segment by rule.

    Args:
        n_rows: Rows to learn from, for each sequence.
        horizon: Steps ahead that will be asked for.
        season_length: Steps of the season, 1 for none.
        model: The user's own choices, which win.
        n_channels: Values of each row.

    Raises:
        UsageError: Where strategy and segment contradict each other, or a length is not positive.
    """
    season = max(1, season_length)
    segment = _segment(horizon, season, model)
    if model.context_length is not None:
        context = model.context_length
        if context < 1:
            raise UsageError(f"the context must be at least 1 step, received {context}", "--context-length 48")
    else:
        typical = int(np.median(n_rows))
        n_seasons = 7 if typical < 1000 else 14 if typical < 5000 else 28
        wanted = n_seasons * season if season > 1 else _CONTEXT_WITHOUT_SEASON
        patch = Shape(1, segment, season).patch_length
        seen = season if season <= _LONGEST_SEASON_SEEN else 0
        longest = min(max(2 * seen, _LONGEST_CONTEXT), _MOST_RECURRENT_STEPS * patch, typical // 4)
        fits = max(1, (MOST_INPUTS if n_channels == 1 else _MOST_JOINT_INPUTS) // n_channels)
        longest = min(longest, fits)
        context = max(min(wanted, longest), min(seen, typical // 2, fits), 1)
    n_windows = sum(max(0, n - context - segment + 1) for n in n_rows)
    return Shape(context, segment, season, 64 if n_windows >= 2000 else 32, 0.1 if len(n_rows) > 1 else 0.3)


def _segment(horizon: int, season: int, model: WindowConfig) -> int:
    segment = model.segment_length
    if segment is not None and segment < 1:
        raise UsageError(f"the segment must be at least 1 step, received {segment}", "--segment-length 24")
    if model.strategy == "direct":
        if segment not in (None, horizon):
            raise UsageError(
                f"the direct strategy emits the whole horizon of {horizon} at once, not segments of {segment}",
                "leave out --segment-length or take --strategy recursive",
            )
        return horizon
    if model.strategy not in ("auto", "recursive"):
        raise UsageError(f"unknown strategy {model.strategy!r}", "one of auto, recursive, direct")
    if segment is not None:
        return segment
    if model.strategy == "recursive":
        return 1
    return min(horizon, season if season > 1 else _SEGMENT_WITHOUT_SEASON)
