"""The forecaster inside a bundle: arrays where it is closed-form, ONNX (and Keras, to go on training) for a network."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tsforecast.bundle import graph, keras_archive, members
from tsforecast.bundle.canonical import canonical_onnx
from tsforecast.bundle.manifest import Facts, Manifest
from tsforecast.errors import BundleError, DataError
from tsforecast.models.candidate import Candidate
from tsforecast.models.registry import DYNAMICAL, MODELS, NETWORKS

TOLERANCE = 1e-5
"""How far the exported network may be from the trained one, relative to the largest output or 1."""
_WEIGHTS = {
    "naive": set[str](),
    "ridge": {"coefficients"},
    "dynamics": {"series", "rows", "numbers"},
    "network": set[str](),
}


def export(candidate: Candidate) -> tuple[Candidate, bytes]:
    """The same candidate with its network in ONNX, and the network as a `.keras` file.

    Raises:
        BundleError: If ONNX Runtime does not give the same numbers as Keras.
    """
    from tsforecast.models.networks.serving import OnnxNetwork

    with tempfile.TemporaryDirectory() as folder:
        onnx, keras = Path(folder, "model.onnx"), Path(folder, "model.keras")
        candidate.export_onnx(str(onnx))
        candidate.save_keras(str(keras))
        content, archive = canonical_onnx(onnx.read_bytes()), keras_archive.normalise(keras.read_bytes())
    context, segment = candidate.context_length, candidate.segment_length
    width = candidate.scaler.centre.shape[1]
    served = OnnxNetwork(content, context, segment, width)
    served.check()
    inputs = np.random.default_rng(0).standard_normal((16, context, width))
    trained = candidate.forecaster.predict(inputs, segment)
    difference = np.abs(served.predict(inputs, segment) - trained).max() / max(1.0, np.abs(trained).max())
    if not difference <= TOLERANCE:
        raise BundleError(
            f"the exported network differs from the trained one by {difference:.1e} (at most {TOLERANCE:.0e})",
            "this is a bug in the exporter: please report it, with the output of tsforecast doctor",
        )
    return replace(candidate, forecaster=served), archive


def restored(candidate: Candidate, archive: bytes) -> Candidate:
    """The same candidate with its Keras network, to go on training.

    Raises:
        MissingDependencyError: If TensorFlow is not installed.
        BundleError: If Keras refuses the file, or it holds another network than the manifest says.
    """
    from tsforecast.models.networks.recurrent_saved import load_network

    try:
        network = load_network(archive)
    except (ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        raise BundleError(f"model.keras was refused by Keras: {error}") from error
    if (network.context_length, network.segment_length) != (candidate.context_length, candidate.segment_length):
        raise BundleError("model.keras holds another network than the manifest says")
    return replace(candidate, forecaster=network)


def to_members(candidate: Candidate) -> dict[str, bytes]:
    """`weights/NAME.npy` or `model.onnx`, of a candidate that is closed-form or exported."""
    network = {} if candidate.kind != "network" else {"model.onnx": candidate.forecaster.content}  # type: ignore[attr-defined]
    return {**members.to_group("weights", candidate.to_arrays()), **network}


def from_members(manifest: Manifest, scaler: Any, content: Mapping[str, bytes]) -> Candidate:
    """The candidate that the manifest describes.

    Raises:
        BundleError: If the members are not those of such a candidate, or do not fit it.
    """
    weights = members.from_group("weights", content)
    if set(weights) != _WEIGHTS[manifest.kind] or ("model.onnx" in content) != (manifest.kind == "network"):
        raise BundleError(f"the members are not those of a {manifest.kind} model")
    _check_settings(manifest, weights)
    metadata = {
        "name": manifest.model,
        "kind": manifest.kind,
        "context_length": manifest.context_length,
        "segment_length": manifest.segment_length,
        "season_length": manifest.season_length,
        "scaler": _checked_scaler(scaler, manifest.width),
        "settings": manifest.settings,
    }
    network = _network(manifest, content) if manifest.kind == "network" else None
    try:
        candidate = Candidate.from_saved(metadata, weights, network)
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, DataError) as error:
        raise BundleError(f"the arrays and settings are not those of a {manifest.kind} model: {error}") from None
    learnt = getattr(candidate.forecaster, "combinations", None)
    if learnt is not None and len(learnt) != len(candidate.scaler.centre):
        raise BundleError(f"the {manifest.kind} model does not hold the sequences of the scaler")
    if candidate.context_length != manifest.context_length:
        raise BundleError(f"the {manifest.kind} model sees {candidate.context_length} steps, not as the manifest says")
    return candidate


def _network(manifest: Manifest, content: Mapping[str, bytes]) -> Any:
    from tsforecast.models.networks.serving import OnnxNetwork

    graph.check(content["model.onnx"])
    network = OnnxNetwork(content["model.onnx"], manifest.context_length, manifest.segment_length, manifest.width)
    network.check()
    return network


def _check_settings(manifest: Manifest, weights: Mapping[str, npt.NDArray[Any]]) -> None:
    networks = set(NETWORKS)
    dynamical = set(DYNAMICAL)
    naive = set(MODELS) - networks - dynamical - {"auto", "ridge"}
    names = {"naive": naive, "ridge": {"ridge"}, "dynamics": dynamical, "network": networks}
    if manifest.model not in names[manifest.kind]:
        raise BundleError(f"there is no {manifest.kind} model {manifest.model[:40]!r}", "pip install -U tsforecast")
    if manifest.kind == "ridge":
        shape = (manifest.context_length * manifest.width, manifest.segment_length * manifest.width)
        if weights["coefficients"].shape != shape or not isinstance(manifest.settings.get("penalty"), float):
            raise BundleError(f"the weights of the ridge regression must be {shape}")
    if manifest.kind == "dynamics":
        series, rows, numbers = (weights[name] for name in ("series", "rows", "numbers"))
        kinds = (series.dtype.str, rows.dtype.str, numbers.dtype.str)
        if kinds != ("<f8", "<i8", "<f8") or (series.shape[1:], rows.ndim, numbers.ndim) != ((manifest.width,), 1, 1):
            raise BundleError("the arrays are not those of a model of the dynamics")


def _checked_scaler(given: Any, width: int) -> Facts:
    fields = {"centre", "scale", "log", "exponent"}
    if not isinstance(given, dict) or set(given) != fields or not isinstance(given["log"], bool):
        raise BundleError("prepare.json does not describe a scaler")
    try:
        centre, scale = (np.asarray(given[name], dtype="float64") for name in ("centre", "scale"))
        exponent = float(given["exponent"])
    except (ValueError, TypeError):
        raise BundleError("prepare.json does not hold the numbers of a scaler") from None
    if centre.ndim != 2 or centre.shape != scale.shape or centre.shape[1] != width or not (scale > 0).all():
        raise BundleError("the scaler does not fit the channels, or a scale is not positive")
    return {**given, "exponent": exponent}
