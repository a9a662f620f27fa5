"""Whether a series has more of a dynamics than a straight rule or a calendar: a quick look before the long search.

Free runs over blocks left out, of polynomials and neighbours on delay vectors, against those of linear autoregression
and of the last season repeated (in the spirit of Sugihara & May 1990, Nonlinear forecasting as a way of distinguishing
chaos from measurement error).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.models.dynamics.analog import analog_trials
from tsforecast.models.dynamics.blocks import Blocks, Trial, choose_blocks
from tsforecast.models.dynamics.nvar import nvar_trials
from tsforecast.models.dynamics.trials import embedding

ENOUGH = 0.75
"""Nonlinear over linear error. On `synth`, 2,000 rows, it is at most .41 on lorenz, rossler, mackey-glass, logistic,
henon and van-der-pol, clean and with 5 % of noise, and at least .95 on ar1, torus, sine and random-walk."""
_BLOCKS = 16
_AHEAD = 4
_PENALTIES = (1e-7, 1e-4, 1e-2)
_LINEAR = 13
_QUADRATIC = 6


def nonlinear_gain(
    values: FloatArray, bounds: tuple[FloatArray, FloatArray], horizon: int, te: int, seasons: Sequence[int]
) -> float:
    """Error of the best nonlinear free runs over that of the best linear or seasonal ones; 1 where none can be made.

    Args:
        values: A scaled series `(time, channel)`.
        bounds: Where forecasts are cut off `(channel,)`.
        horizon: Steps that will be asked for; what is looked at are four memory times at most.
        te: Memory time in steps.
        seasons: Its season lengths.
    """
    blocks = choose_blocks(values, bounds, max(1, min(horizon, _AHEAD * te)), te, _BLOCKS)
    if blocks is None:
        return 1.0
    linear = [
        trial
        for span in (1, 2, 4)
        for trial in nvar_trials(blocks, max(1, round(span * te / (_LINEAR - 1))), _LINEAR, 1, _PENALTIES)
    ]
    nonlinear = [
        trial
        for span in (1, 2)
        for trial in nvar_trials(blocks, max(1, round(span * te / (_QUADRATIC - 1))), _QUADRATIC, 2, _PENALTIES)
    ]
    nonlinear += [trial for span in (1.5, 3.0) for trial in analog_trials(blocks, *embedding(span, te), (4, 12))]
    plain = [_least(blocks, linear)] + [
        float(blocks.errors(blocks.contexts(m)[:, np.arange(blocks.horizon) % m][None]).mean()) for m in seasons
    ]
    return float(np.exp(_least(blocks, nonlinear) - min(plain))) if nonlinear and linear else 1.0


def _least(blocks: Blocks, trials: Sequence[Trial]) -> float:
    """Mean logarithm of the error of the best."""
    if not trials:
        return np.inf
    return float(blocks.errors(np.stack([trial.forecasts for trial in trials])).mean(axis=1).min())
