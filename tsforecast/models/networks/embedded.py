"""A recurrent network on delay vectors, fitted and chosen: the embedding, the training, the penalty of the head."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.data.panel import FloatArray
from tsforecast.data.windows import make_windows
from tsforecast.errors import DataError
from tsforecast.insight.chaos.takens import TakensEmbedding
from tsforecast.models.candidate import Candidate, training_windows
from tsforecast.models.scale import SequenceScaler
from tsforecast.models.validation import Validation, first_origins

# of the free runs that choose the penalty
_MOST_FREE_RUNS = 64


def fit_embedded(
    cell: str, trial: Validation, model: ModelConfig, fit: FitConfig, say: Callable[[str], None], notes: list[str]
) -> Candidate:
    """Train a network on delay vectors of the training rows; free runs over the validation rows choose its penalty.

    Args:
        cell: "rnn", "lstm" or "gru".
        trial: The data.
        model: Delay and dimension where given, layers, units.
        fit: How it is trained.
        say: Told what is being done.
        notes: Told how it embeds.

    Raises:
        DataError: Where no delay can be chosen, or a sequence is too short.
        MissingDependencyError: Where TensorFlow is not installed.
    """
    from tsforecast.models.networks.recurrent_embedded import N_VECTORS, EmbeddedNetwork, context_length

    delay, dimension = choose_embedding(trial.training, model)
    context = context_length(delay, dimension)
    scaler = SequenceScaler.fit(trial.training)
    scaled = scaler.transform(trial.values)
    shortest = min(len(rows) for rows in trial.training)
    if shortest < context + 2:
        raise DataError(
            f"delay vectors of {dimension} elements {delay} steps apart reach back {context} steps, and the shortest"
            f" series has {shortest} rows to train on",
            "give more rows, a smaller --delay or --dimension, or take --embed none",
        )
    windows = training_windows(scaled, context, 1, trial.n_last)
    held = make_windows(scaled, context, 1, first_cutoff=first_origins(trial.values, trial.n_last))
    network = EmbeddedNetwork.build(cell, delay, dimension, windows, model, fit.seed).trained(windows, held, fit, say)
    tried = [Candidate(cell, path, scaler, trial.shape.season_length) for path in network.path(windows)]
    judge = trial.thinned(_MOST_FREE_RUNS)
    notes.append(f"{cell}: fed {N_VECTORS} delay vectors of {dimension} elements {delay} step{'s' * (delay > 1)} apart")
    return tried[int(np.argmin([judge.score(candidate) for candidate in tried]))]


def choose_embedding(training: Sequence[FloatArray], model: ModelConfig) -> tuple[int, int]:
    """Delay and dimension: what is left open is chosen from the first channel of the longest sequence.

    Raises:
        DataError: Where no delay can be chosen.
    """
    longest = max(training, key=len)
    if model.delay is not None and model.dimension is not None:
        return model.delay, model.dimension
    try:
        chosen = TakensEmbedding(model.delay, model.dimension).fit(longest)
    except DataError as error:
        raise DataError(error.message, "give --delay and --dimension, or take --embed none") from None
    return chosen.delay_, chosen.dimension_
