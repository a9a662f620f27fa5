"""The saved model: put together, written, read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy.typing as npt

from tsforecast.bundle import container, forecaster, keras_archive, members
from tsforecast.bundle import history as histories
from tsforecast.bundle.manifest import MANIFEST, About, Facts, Manifest, sums, verify
from tsforecast.data.panel import Panel
from tsforecast.errors import BundleError, UsageError
from tsforecast.evaluate.intervals import Calibration
from tsforecast.models.candidate import Candidate


@dataclass(frozen=True)
class Bundle:
    """A saved model, ready to predict.

    Attributes:
        manifest: What it says about itself.
        candidate: The forecaster behind its scaler; predicting never needs TensorFlow.
        prepare: How its data was prepared, as given to `pack`. Plain JSON.
        calibration: Widths of its intervals.
        history: The end of the data it was fitted on, to go on from; its sequences are those of the scaler, in order.
        keras: The trained network as a `.keras` file, to go on training; None where there is none.
    """

    manifest: Manifest
    candidate: Candidate
    prepare: Facts
    calibration: Calibration
    history: Panel
    keras: bytes | None = None


def pack(candidate: Candidate, history: Panel, calibration: Calibration, prepare: Facts, about: About) -> Bundle:
    """Put a fitted candidate and what belongs to it together; a network is exported and the export is checked.

    Args:
        candidate: As fitted.
        history: What predicting without a file goes on from, in the original scale after repair; see `tail`.
        calibration: Widths of the intervals.
        prepare: Settings and fitted state of the preparation. Plain JSON.
        about: What else there is to say.

    Raises:
        BundleError: If the exported network does not give the same numbers as the trained one.
        MissingDependencyError: If a network is to be exported and the exporter is not installed.
    """
    manifest = Manifest(
        **vars(about),
        tsforecast=_version(),
        model=candidate.name,
        kind=candidate.kind,
        context_length=candidate.context_length,
        segment_length=candidate.segment_length,
        season_length=candidate.season_length,
        settings=candidate.metadata()["settings"],
        freq=history.freq,
        schema=history.schema,
        channels=tuple(history.channels),
    )
    keras = None
    if candidate.kind == "network":
        candidate, keras = forecaster.export(candidate)
    return Bundle(manifest, candidate, prepare, calibration, history, keras)


def save(path: str | Path, bundle: Bundle) -> int:
    """Write a bundle, whole or not at all, after reading back what will be written; the size in bytes.

    Raises:
        NotReadableError: If the place cannot be written.
        BundleError: If it could not be read again: too large, or numbers that are not finite.
    """
    data = to_bytes(bundle)
    from_bytes(data)
    container.write_file(Path(path), data)
    return len(data)


def load(path: str | Path) -> Bundle:
    """Read a bundle, trusting nothing in it.

    Raises:
        NotReadableError: If there is no such file, or it is a directory or not permitted.
        BundleError: If it is damaged, newer than this program, or anything but what `save` writes.
    """
    return from_bytes(container.read_file(Path(path)))


def quantize_int8(bundle: Bundle) -> Bundle:
    """The same network with 8-bit weights, smaller and a little different: compare the skill of both.

    It cannot be trained further, so it does not hold the Keras model.

    Raises:
        MissingDependencyError: If `onnx` is not installed.
        UsageError: If the model is no network.
    """
    from tsforecast.models.networks.serving import OnnxNetwork, quantize_int8

    network = bundle.candidate.forecaster
    if not isinstance(network, OnnxNetwork):
        raise UsageError(f"a {bundle.manifest.model} model cannot be quantized", "only rnn, lstm and gru can")
    smaller = replace(network, content=quantize_int8(network.content))
    smaller.check()
    return replace(
        bundle,
        manifest=replace(bundle.manifest, quantized="int8"),
        candidate=replace(bundle.candidate, forecaster=smaller),
        keras=None,
    )


def trainable(bundle: Bundle) -> Candidate:
    """The candidate to go on training, as `Candidate.continue_training` does: a network comes back in Keras.

    Raises:
        UsageError: If it was quantized.
        MissingDependencyError: If it is a network and TensorFlow is not installed.
        BundleError: If Keras refuses the network.
    """
    if bundle.candidate.kind != "network":
        return bundle.candidate
    if bundle.keras is None:
        raise UsageError("a quantized model cannot be trained further", "update the model it was made from")
    return forecaster.restored(bundle.candidate, bundle.keras)


def to_bytes(bundle: Bundle) -> bytes:
    """The bundle as it is written: equal bundles give equal bytes."""
    ids, arrays = histories.to_arrays(bundle.history)
    calibration = bundle.calibration
    document = {
        **bundle.manifest.to_dict(),
        "series": ids,
        "calibration": {"levels": list(calibration.levels), "log": calibration.log},
    }
    content = {
        "prepare.json": members.to_json({"prepare": bundle.prepare, "scaler": bundle.candidate.scaler.to_dict()}),
        **members.to_group("calibration", {"widths": calibration.widths, "counts": calibration.counts}),
        **members.to_group("history", arrays),
        **forecaster.to_members(bundle.candidate),
        **({"model.keras": bundle.keras} if bundle.keras is not None else {}),
    }
    return container.zipped({MANIFEST: members.to_json({**document, "members": sums(content)}), **content})


def from_bytes(data: bytes) -> Bundle:
    """See `load`."""
    content = container.unzipped(data)
    if MANIFEST not in content or "prepare.json" not in content:
        raise BundleError("not a tsforecast model (it has no manifest)", "give a file written by tsforecast fit")
    document = members.from_json(MANIFEST, content[MANIFEST])
    recorded, ids, calibrated = (document.pop(name, None) for name in ("members", "series", "calibration"))
    manifest = Manifest.from_dict(document)
    verify(content, recorded)
    prepared = members.from_json("prepare.json", content["prepare.json"])
    if set(prepared) != {"prepare", "scaler"} or not isinstance(prepared["prepare"], dict):
        raise BundleError("prepare.json must hold prepare and scaler")
    keras = content.get("model.keras")
    if keras is not None:
        keras_archive.check(keras)
    history = histories.from_arrays(ids, members.from_group("history", content, missing=True), manifest)
    candidate = forecaster.from_members(manifest, prepared["scaler"], content)
    if len(history.sequences()) != len(candidate.scaler.centre):
        raise BundleError("the history does not hold the sequences of the scaler")
    calibration = _calibration(calibrated, members.from_group("calibration", content, missing=True))
    return Bundle(manifest, candidate, prepared["prepare"], calibration, history, keras)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("tsforecast")
    except PackageNotFoundError:
        return "a checkout"


def _calibration(given: Any, arrays: Mapping[str, npt.NDArray[Any]]) -> Calibration:
    if not (isinstance(given, dict) and isinstance(given.get("levels"), list) and isinstance(given.get("log"), bool)):
        raise BundleError("manifest.json does not describe the calibration")
    levels = given["levels"]
    if not all(isinstance(level, (int, float)) and 0 < level < 100 for level in levels) or levels != sorted(
        set(levels)
    ):
        raise BundleError("the levels of the calibration must be between 0 and 100, ascending")
    if set(arrays) != {"widths", "counts"}:
        raise BundleError("the calibration must have widths and counts")
    widths, counts = arrays["widths"], arrays["counts"]
    if widths.ndim != 2 or widths.shape[0] != len(levels) or counts.shape != widths.shape[1:] or (widths < 0).any():
        raise BundleError("the calibration does not fit its levels")
    return Calibration(tuple(float(level) for level in levels), widths, counts, given["log"])
