"""Fit every candidate on the same windows, score all on the same origins, choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tsforecast.config import FitConfig, ModelConfig
from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.data.windows import Windows, make_windows
from tsforecast.errors import DataError, MissingDependencyError, UsageError
from tsforecast.models.candidate import Candidate
from tsforecast.models.dynamics.combination import forgets
from tsforecast.models.dynamics.dynamical import Dynamical
from tsforecast.models.linear import PENALTIES, Ridge, ridge_path
from tsforecast.models.naive import Drift, Naive, SeasonalNaive
from tsforecast.models.networks.embedded import fit_embedded
from tsforecast.models.registry import DYNAMICAL, MODELS, NETWORKS
from tsforecast.models.scale import SequenceScaler
from tsforecast.models.validation import Validation, first_origins, group_means, validation_of

FEWEST_WINDOWS = 300
GATES = (0.0, 0.25, 0.5, 0.75, 1.0)
DEFAULT_NETWORK = "gru"
DEFAULT_EMBEDDED = "lstm"
# a free run of every member from each origin costs more than all other forecasts
_MOST_FREE_RUNS = 64
_MOST_DYNAMICAL = 8
_FEWEST_DYNAMICAL_ROWS = 100
# one free run of the right model of a chaotic series may err so many times as much as a lucky rival's
_ONE_FORECAST = 5.0

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Fitted:
    """Candidates fitted on the same data, their validation errors, and the choice among them.

    Attributes:
        candidates: By name.
        chosen: Name of the one to use.
        scores: Validation error by name: mean absolute error over horizon and origins, divided for each sequence by
            the mean absolute change from row to row of its training part (MASE of Hyndman & Koehler 2006, m = 1), and
            averaged over sequences.
        notes: One-line facts for the report.
    """

    candidates: dict[str, Candidate]
    chosen: str
    scores: dict[str, float]
    notes: list[str] = field(default_factory=list)

    def predict(
        self,
        histories: Sequence[FloatArray],
        horizon: int,
        sequence: IntArray | None = None,
        candidate: str | None = None,
    ) -> FloatArray:
        """Forecast `(history, horizon, channel)` by the chosen candidate or a named one; see `Candidate.predict`."""
        return self.candidates[candidate or self.chosen].predict(histories, horizon, sequence)

    def refit(self, values: Sequence[FloatArray]) -> Fitted:
        """The same candidates, their closed-form parts fitted on all of `values` (same sequences, same order)."""
        return replace(self, candidates={name: c.refit(values) for name, c in self.candidates.items()})


def fit_candidates(
    values: Sequence[FloatArray],
    *,
    horizon: int,
    n_validation: int | Sequence[int],
    season_length: int,
    model: ModelConfig,
    fit: FitConfig,
    progress: Progress | None = None,
) -> Fitted:
    """Fit the naive forecasts, ridge, where it suits a model of the dynamics, and a network; choose by validation.

    Targets of training windows end before validation begins, so that horizon - 1 origins lie between the two unused.

    Args:
        values: Sequences `(time, channel)`, float64, missing values NaN.
        horizon: Steps ahead to be good at.
        n_validation: Rows at the end of each sequence (one number, or one for each) to validate on, at least `horizon`.
        season_length: Steps of the season, 1 for none.
        model: `model` "auto" takes the best; a name takes that one, the others fitted for comparison.
        fit: How a network is trained.
        progress: Told what is being done, one line at a time.

    Raises:
        DataError: Where no sequence is long enough for one validation origin.
        MissingDependencyError: Where a network is asked for by name and TensorFlow is not installed.
        UsageError: For an unknown model or contradicting settings.
    """
    if model.model not in MODELS:
        raise UsageError(f"unknown model {model.model!r}", f"one of {', '.join(MODELS)}")
    say = progress or (lambda _: None)
    n_last = [n_validation] * len(values) if isinstance(n_validation, int) else list(n_validation)
    trial = validation_of(values, horizon, n_last, season_length, model)
    candidates = _naive_candidates(trial)
    notes: list[str] = []
    dynamical = model.model if model.model in DYNAMICAL else "dynamics"
    judge = trial
    if model.model == dynamical or (model.model == "auto" and _suits_dynamics(values)):
        say(f"fitting {dynamical}")
        candidates[dynamical] = _fit_dynamical(dynamical, trial)
        judge = trial.thinned(_MOST_FREE_RUNS)
    say("fitting ridge")
    scores = {name: judge.score(candidate) for name, candidate in candidates.items()}
    ridge, n_windows = _best_ridge(trial)
    if ridge is None:
        notes.append("naive only: no sequence is long enough for a training window")
        if model.model in ("ridge", *NETWORKS):
            raise DataError(
                f"no sequence is long enough to train {model.model} on contexts of {trial.shape.context_length}"
                f" and segments of {trial.shape.segment_length}",
                "give more rows, a shorter --context-length, or take --model naive",
            )
    else:
        candidates["ridge"] = ridge
        scores["ridge"] = judge.score(ridge)
        if ridge.scaler.log:
            notes.append("logarithms: they did better in validation than plain values")
        network = _network_for(model, n_windows, notes)
        if model.model == "auto" and network and model.embed == "none" and _best(scores, trial) == "dynamics":
            notes.append("no network: dynamics did better than ridge in validation (--model lstm insists)")
            network = None
        if network:
            try:
                candidates[network] = _best_network(network, trial, ridge, model, fit, say, notes)
                scores[network] = judge.score(candidates[network])
            except MissingDependencyError:
                if model.model != "auto":
                    raise
                notes.append("no network: TensorFlow is not installed (pip install 'tsforecast[train]')")
    chosen = model.model if model.model != "auto" else _best(scores, trial)
    if chosen not in candidates:
        raise UsageError(f"{chosen} needs a season, and none was found", "--season-length 24")
    return Fitted(candidates, chosen, scores, notes)


def _naive_candidates(trial: Validation) -> dict[str, Candidate]:
    season = trial.shape.season_length
    identity = SequenceScaler.identity(len(trial.values), trial.values[0].shape[1])
    found = {"naive": Candidate("naive", Naive(), identity, season)}
    if season > 1:
        found["seasonal-naive"] = Candidate("seasonal-naive", SeasonalNaive(season, season), identity, season)
    found["drift"] = Candidate("drift", Drift(trial.shape.context_length), identity, season)
    return found


def _best_ridge(trial: Validation) -> tuple[Candidate | None, int]:
    """The best over penalties, on logarithms too where all values are positive; and how many windows it learnt from."""
    training = trial.training
    positive = all((rows[~np.isnan(rows)] > 0).all() for rows in trial.values)
    best: Candidate | None = None
    lowest, n_windows = np.inf, 0
    for log in (False, True) if positive else (False,):
        scaler = SequenceScaler.fit(training, log=log, exponent=0.0 if log and len(training) > 1 else 1.0)
        windows = trial.windows(scaler)
        n_windows = len(windows)
        if n_windows == 0:
            break
        for ridge in ridge_path(windows, PENALTIES):
            candidate = Candidate("ridge", ridge, scaler, trial.shape.season_length)
            score = trial.score(candidate)
            if score < lowest:
                best, lowest = candidate, score
    return best, n_windows


def _suits_dynamics(values: Sequence[FloatArray]) -> bool:
    """Few scalar series without gaps, none too short, each forgetting itself within a tenth of its length."""
    if len(values) > _MOST_DYNAMICAL:
        return False
    return all(
        rows.shape[1] == 1 and len(rows) >= _FEWEST_DYNAMICAL_ROWS and not np.isnan(rows).any() and forgets(rows)
        for rows in values
    )


def _fit_dynamical(name: str, trial: Validation) -> Candidate:
    if any(np.isnan(rows).any() for rows in trial.values):
        raise DataError(f"{name} needs series without gaps", "fill them (--impute) or take --model ridge")
    scaler = SequenceScaler.fit(trial.training)
    forecaster = Dynamical.fit(name, scaler.transform(trial.training), trial.horizon)
    return Candidate(name, forecaster, scaler, trial.shape.season_length)


def _network_for(model: ModelConfig, n_windows: int, notes: list[str]) -> str | None:
    if model.model in NETWORKS:
        return model.model
    if model.model != "auto":
        return None
    if model.embed != "none":
        return DEFAULT_EMBEDDED
    if n_windows < FEWEST_WINDOWS:
        notes.append(f"no network: {n_windows} training windows are fewer than {FEWEST_WINDOWS} (--model lstm insists)")
        return None
    return DEFAULT_NETWORK


def _best_network(
    cell: str, trial: Validation, ridge: Candidate, model: ModelConfig, fit: FitConfig, say: Progress, notes: list[str]
) -> Candidate:
    """Ridge plus the network's correction, which gets the weight that validates best; or a network on delay vectors."""
    if model.embed != "none":
        return fit_embedded(cell, trial, model, fit, say, notes)
    from tsforecast.models.networks.recurrent import Network

    if not isinstance(ridge.forecaster, Ridge):
        raise TypeError("the network corrects a ridge regression")
    windows = trial.windows(ridge.scaler)
    validation = _validation_windows(trial, ridge.scaler)
    n_channels = trial.values[0].shape[1]
    network = Network.build(cell, ridge.forecaster, n_channels, trial.shape, model, fit.seed)
    network = network.trained(windows, validation, fit, say)
    tried = [Candidate(cell, network.gated(w), ridge.scaler, trial.shape.season_length) for w in GATES]
    errors = np.stack([group_means(trial.errors(candidate), trial.blocks) for candidate in tried])
    # who asks for a network gets it wherever it helps at all; by itself, it has to earn each quarter of its weight
    chosen = _cautious(errors) if model.model == "auto" else int(np.argmin(errors.mean(axis=1)))
    if GATES[chosen] == 0:
        notes.append(f"{cell}: validation gave the network no weight, so its forecast is the ridge regression's")
    else:
        notes.append(f"{cell}: the network's correction of the ridge regression has weight {GATES[chosen]:g}")
    return tried[chosen]


def _cautious(errors: FloatArray) -> int:
    """The first of several rows of errors `(choice, block)` that is not significantly worse than the best.

    In the spirit of the one-standard-error rule (Breiman et al. 1984, section 3.4.3), with two standard errors of the
    paired differences.
    """
    best = int(np.argmin(errors.mean(axis=1)))
    worse = errors - errors[best]
    n_blocks = errors.shape[1]
    if n_blocks == 1:
        return best
    limit = 2 * worse.std(axis=1, ddof=1) / np.sqrt(n_blocks)
    return int(np.argmax(worse.mean(axis=1) <= limit))


def _validation_windows(trial: Validation, scaler: SequenceScaler) -> Windows:
    """Windows of one segment inside the validation part, to choose the best epoch on."""
    segment = trial.shape.segment_length
    return make_windows(
        scaler.transform(trial.values),
        trial.shape.context_length,
        min(segment, trial.horizon),
        first_cutoff=first_origins(trial.values, trial.n_last),
    )


def _best(scores: dict[str, float], trial: Validation) -> str:
    """The lowest score.

    Where validation is shorter than two horizons it is one forecast in effect. A model of the dynamics was chosen by
    several, so it then is taken unless its score is far from the lowest.
    """
    lowest = min(scores, key=lambda name: scores[name])
    one_forecast = max(trial.n_last) < 2 * trial.horizon
    if one_forecast and scores.get("dynamics", np.inf) <= _ONE_FORECAST * scores[lowest]:
        return "dynamics"
    return lowest
