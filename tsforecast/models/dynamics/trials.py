"""The grids: which settings of each family of free-running models are tried on one series.

Windows are measured in memory times te (see `combination.memory`), so that the same grid serves any sampling step.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tsforecast.models.dynamics.analog import analog_trials
from tsforecast.models.dynamics.blocks import Blocks, Trial
from tsforecast.models.dynamics.kernel_ridge import kernel_trials
from tsforecast.models.dynamics.nvar import nvar_trials
from tsforecast.models.dynamics.reservoir import ReservoirRecipe, reservoir_trials

SPANS = (1.5, 3.0, 6.0)
ELEMENTS = 12

LENGTHS = (0.15, 0.3, 0.6, 1.2)
FIRST_PENALTY = 1e-4
OTHER_PENALTIES = (1e-10, 1e-1)
N_REFINED = 3
FEW_ROWS = 300  # all are refined: it costs next to nothing

NEIGHBOURS = (1, 4, 12)

POLYNOMIAL_SPANS = (1.0, 2.0, 4.0)
DEGREES_AND_DIMENSIONS = ((1, 13), (2, 6), (2, 10), (3, 5))
POLYNOMIAL_PENALTIES = (1e-10, 1e-7, 1e-4, 1e-2)

UNITS = 120
N_SEEDS = 2
RADII_AND_LEAKS = ((0.9, 1.0), (0.9, 0.3), (0.5, 0.6))
GAINS = (0.3, 1.0)
READOUT_PENALTIES = (1e-9, 1e-6, 1e-3)


def embedding(span: float, te: int) -> tuple[int, int]:
    """Delay and dimension of about a dozen lags over `span` memory times."""
    steps = max(1, int(span * te))
    delay = max(1, round(steps / ELEMENTS))
    return delay, round(steps / delay) + 1


def kernels(blocks: Blocks, te: int, seed: int) -> list[Trial]:  # noqa: ARG001 - draws nothing
    """Every kernel with a middling penalty, then the best of them, or of few rows all, with the others."""
    shapes = [(*embedding(span, te), length) for span in SPANS for length in LENGTHS]
    first = [(shape, trial) for shape in shapes for trial in kernel_trials(blocks, *shape, [FIRST_PENALTY])]
    if not first:
        return []
    errors = blocks.errors(np.stack([trial.forecasts for _, trial in first])).mean(axis=1)
    n_refined = N_REFINED if len(blocks.values) > FEW_ROWS else len(first)
    refined = [
        kernel_trials(blocks, delay, dimension, length, OTHER_PENALTIES)
        for (delay, dimension, length), _ in (first[i] for i in np.argsort(errors, kind="stable")[:n_refined])
    ]
    return [trial for _, trial in first] + [trial for path in refined for trial in path]


def analogs(blocks: Blocks, te: int, seed: int) -> list[Trial]:  # noqa: ARG001 - draws nothing
    """Few and many neighbours in short and long windows."""
    return [trial for span in SPANS for trial in analog_trials(blocks, *embedding(span, te), NEIGHBOURS)]


def polynomials(blocks: Blocks, te: int, seed: int) -> list[Trial]:  # noqa: ARG001 - draws nothing
    """The higher the degree, the fewer elements."""
    return [
        trial
        for span in POLYNOMIAL_SPANS
        for degree, dimension in DEGREES_AND_DIMENSIONS
        for trial in nvar_trials(
            blocks, max(1, round(span * te / (dimension - 1))), dimension, degree, POLYNOMIAL_PENALTIES
        )
    ]


def reservoirs(blocks: Blocks, te: int, seed: int) -> list[Trial]:
    """Long and short memories, weakly and strongly driven."""
    washout = min(max(50, 4 * te), len(blocks.values) // 4)
    return [
        trial
        for own_seed in range(N_SEEDS * seed, N_SEEDS * (seed + 1))
        for radius, leak in RADII_AND_LEAKS
        for gain in GAINS
        for trial in reservoir_trials(
            blocks, ReservoirRecipe(UNITS, radius, leak, gain, 1.0, washout, own_seed), READOUT_PENALTIES
        )
    ]


FAMILIES: dict[str, Callable[[Blocks, int, int], list[Trial]]] = {
    "kernel": kernels,
    "analog": analogs,
    "nvar": polynomials,
    "reservoir": reservoirs,
}
