"""A fitted forecaster with everything needed to forecast in the user's unit, and to be saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tsforecast.config import FitConfig
from tsforecast.data.panel import FloatArray, IntArray
from tsforecast.data.windows import Windows, last_contexts, make_windows
from tsforecast.models.base import Forecaster
from tsforecast.models.linear import Ridge, ridge_path
from tsforecast.models.naive import Drift, Naive, SeasonalNaive
from tsforecast.models.registry import DYNAMICAL
from tsforecast.models.scale import SequenceScaler

if TYPE_CHECKING:
    from tsforecast.models.dynamics.dynamical import Dynamical
    from tsforecast.models.networks.recurrent import Network
    from tsforecast.models.networks.recurrent_embedded import EmbeddedNetwork

# windows forecast at once: bounds memory, and is large enough for matrix products to pay
_BATCH = 4096


@dataclass(frozen=True)
class Candidate:
    """A forecaster, the scaler it works behind, and its name.

    Saved by `metadata` (plain JSON) and `to_arrays`; `from_saved` restores it. A network's forecaster is not in the
    arrays: whoever loads gives one, from ONNX to predict or from Keras to go on training.

    Attributes:
        name: Key among the candidates, as in the registry ("naive", "ridge", "lstm", ...).
        forecaster: Works on scaled values.
        scaler: One entry for each sequence it was fitted on.
        season_length: Steps of the season it was fitted with, 1 for none.
    """

    name: str
    forecaster: Forecaster
    scaler: SequenceScaler
    season_length: int = 1

    @property
    def kind(self) -> str:
        """ "naive", "ridge", "dynamics" or "network"."""
        if isinstance(self.forecaster, Naive | SeasonalNaive | Drift):
            return "naive"
        if self._dynamical():
            return "dynamics"
        return "ridge" if isinstance(self.forecaster, Ridge) else "network"

    @property
    def context_length(self) -> int:
        """Steps it sees."""
        return self.forecaster.context_length

    @property
    def log(self) -> bool:
        """True where it works on logarithms."""
        return self.scaler.log

    @property
    def segment_length(self) -> int:
        """Steps it emits at once."""
        return self.forecaster.segment_length

    def predict(self, histories: Sequence[FloatArray], horizon: int, sequence: IntArray | None = None) -> FloatArray:
        """Forecast `(history, horizon, channel)` what follows each history `(time, channel)`, in the data's unit.

        Args:
            histories: Oldest row first; shorter ones than the context have their first row repeated.
            horizon: Steps ahead.
            sequence: Which of the fitted sequences each history belongs to `(history,)`; None where they are new:
                then each is scaled by itself.

        Raises:
            DataError: Where the newest context misses a value, or is not positive and the model works on logarithms.
        """
        scaler = self.scaler.refitted(histories) if sequence is None else self.scaler.take(sequence)
        return self.predict_contexts(last_contexts(histories, self.context_length), horizon, scaler, sequence)

    def predict_contexts(
        self, contexts: FloatArray, horizon: int, scaler: SequenceScaler, sequence: IntArray | None = None
    ) -> FloatArray:
        """As `predict`, from contexts `(window, time, channel)` at least `context_length` long and their scaler."""
        forecast = np.empty((len(contexts), horizon, contexts.shape[2]))
        dynamical = self._dynamical()
        for low in range(0, len(contexts), _BATCH):
            rows = slice(low, low + _BATCH)
            scaling = scaler.take(np.arange(len(contexts))[rows])
            inputs = scaling.transform_windows(contexts[rows, contexts.shape[1] - self.context_length :])
            if dynamical and sequence is not None:
                ahead = dynamical.predict_known(inputs, horizon, sequence[rows])
            else:
                ahead = self.forecaster.predict(inputs, horizon)
            forecast[rows] = scaling.inverse_windows(ahead)
        return forecast

    def refit(self, values: Sequence[FloatArray]) -> Candidate:
        """The same candidate with its closed-form part fitted anew on sequences `(time, channel)`; scaler kept.

        A network keeps its recurrent part.
        """
        if self.kind == "naive":
            return self
        if dynamical := self._dynamical():
            return replace(self, forecaster=dynamical.refit(self.scaler.transform(values)))
        windows = training_windows(self.scaler.transform(values), self.context_length, self.segment_length)
        if len(windows) == 0:
            return self
        if isinstance(self.forecaster, Ridge):
            return replace(self, forecaster=ridge_path(windows, [self.forecaster.penalty])[0])
        return replace(self, forecaster=self._network().refit(windows))

    def continue_training(self, values: Sequence[FloatArray], fit: FitConfig) -> Candidate:
        """The same candidate trained further on sequences `(time, channel)`, the scaler frozen.

        A ridge regression is shrunk towards what it was, not towards zero: a few new rows correct it, they do not
        replace what it learnt from many. That of a network stays as it is while the network goes on.

        Raises:
            MissingDependencyError: For a network, where TensorFlow is not installed.
        """
        if self.kind in ("naive", "dynamics"):
            return self.refit(values)
        windows = training_windows(self.scaler.transform(values), self.context_length, self.segment_length)
        if len(windows) == 0:
            return self
        if isinstance(self.forecaster, Ridge):
            old = self.forecaster
            return replace(self, forecaster=ridge_path(windows, [old.penalty], old.coefficients)[0])
        return replace(self, forecaster=self._network().trained(windows, None, fit, lambda _: None))

    def metadata(self) -> dict[str, Any]:
        """Plain JSON values.

        Keys: `name`, `kind`, `context_length`, `segment_length`, `season_length`, `n_channels`, `scaler` (see
        `SequenceScaler.to_dict`), `settings` (ridge: `penalty`; network: `penalty`, `gate`; dynamics: see `Dynamical`).
        """
        return {
            "name": self.name,
            "kind": self.kind,
            "context_length": self.context_length,
            "segment_length": self.segment_length,
            "season_length": self.season_length,
            "n_channels": int(self.scaler.centre.shape[1]),
            "scaler": self.scaler.to_dict(),
            "settings": self._settings(),
        }

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Arrays beside the metadata: for ridge, `coefficients` (see `Ridge`); for dynamics, see `Dynamical`."""
        if dynamical := self._dynamical():
            return dynamical.to_arrays()
        return {"coefficients": self.forecaster.coefficients} if isinstance(self.forecaster, Ridge) else {}

    @classmethod
    def from_saved(
        cls, metadata: dict[str, Any], arrays: dict[str, npt.NDArray[Any]], network: Forecaster | None = None
    ) -> Candidate:
        """Restore from `metadata` and `to_arrays`; for kind "network" give the forecaster."""
        name, context, segment = metadata["name"], metadata["context_length"], metadata["segment_length"]
        forecaster: Forecaster
        if metadata["kind"] == "network":
            if network is None:
                raise ValueError("a saved network must be given as a forecaster")
            forecaster = network
        elif metadata["kind"] == "dynamics":
            from tsforecast.models.dynamics.dynamical import Dynamical

            forecaster = Dynamical.from_saved(name, metadata["settings"], arrays)
        elif metadata["kind"] == "ridge":
            forecaster = Ridge(context, segment, metadata["settings"]["penalty"], arrays["coefficients"])
        else:
            forecaster = {"naive": Naive, "seasonal-naive": SeasonalNaive, "drift": Drift}[name](context, segment)
        return cls(name, forecaster, SequenceScaler.from_dict(metadata["scaler"]), metadata["season_length"])

    def export_onnx(self, path: str) -> None:
        """Write the network as ONNX: input "context" `(window, time, channel)` scaled, float32; output the segment."""
        self._network().export_onnx(path)

    def save_keras(self, path: str) -> None:
        """Write the network as a `.keras` file, to go on training; `load_network` reads it."""
        self._network().save_keras(path)

    def _settings(self) -> dict[str, Any]:
        if isinstance(self.forecaster, Ridge):
            return {"penalty": self.forecaster.penalty}
        if dynamical := self._dynamical():
            return dynamical.settings()
        return self._network().settings() if self.kind == "network" else {}

    def _dynamical(self) -> Dynamical | None:
        """The forecaster where it is one of these; imported only then, so that the others start sooner."""
        if self.name not in DYNAMICAL:
            return None
        from tsforecast.models.dynamics.dynamical import Dynamical

        return self.forecaster if isinstance(self.forecaster, Dynamical) else None

    def _network(self) -> Network | EmbeddedNetwork:
        from tsforecast.models.networks.recurrent import Network
        from tsforecast.models.networks.recurrent_embedded import EmbeddedNetwork

        if not isinstance(self.forecaster, Network | EmbeddedNetwork):
            raise TypeError(f"only a Keras network can do this, and {self.name} holds {type(self.forecaster).__name__}")
        return self.forecaster


def training_windows(
    scaled: Sequence[FloatArray], context_length: int, segment_length: int, n_last: Sequence[int] | None = None
) -> Windows:
    """Windows to learn from: full contexts where a sequence has any, else those with at least half of it seen.

    Args:
        scaled: Sequences `(time, channel)`.
        context_length: Steps seen.
        segment_length: Steps to learn.
        n_last: Rows at the end of each sequence that no target may touch; default none.
    """
    ends = [len(rows) - (n_last[i] if n_last is not None else 0) for i, rows in enumerate(scaled)]
    return make_windows(
        scaled,
        context_length,
        segment_length,
        first_cutoff=[context_length - 1 if n >= context_length + segment_length else n // 2 for n in ends],
        last_cutoff=[n - segment_length - 1 for n in ends],
    )
