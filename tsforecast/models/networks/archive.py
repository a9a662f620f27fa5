"""The trained Keras model beside the ONNX one, to go on training: a zip, read as if a stranger had written it.

A `.keras` file names the Python classes it is made of and the sizes that they are to have. Keras' safe mode keeps code
out of it; here, before Keras sees the file, no class may be but a layer that our networks are made of, and no layer may
have more weights than the file holds.
"""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from tsforecast.errors import BundleError
from tsforecast.io.strict_json import from_json, to_json
from tsforecast.io.zips import unzipped, zipped
from tsforecast.models.networks.backend import export_onnx, keras, load_keras
from tsforecast.models.networks.canonical import canonical_config, canonical_onnx
from tsforecast.models.networks.layers import CUSTOM, OWN, check_layers, is_own, objects
from tsforecast.models.networks.serving import OnnxNetwork
from tsforecast.models.networks.worker import Worker

TOLERANCE = 1e-5
"""How far the exported network may be from the trained one, relative to the largest answer or 1."""
CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
REHEARSAL_SECONDS, REHEARSAL_MEMORY, REHEARSAL_WINDOWS = 60.0, 4 * 2**30, 16
"""For building a network and one step of its training, TensorFlow's own start included: an honest one needs a tenth."""
NAMES = frozenset({CONFIG, METADATA, WEIGHTS})
MODULES = ("keras", "builtins")


def exported(model: Any) -> tuple[bytes, bytes]:
    """A Keras model of one input and output `(window, time, channel)` as ONNX and as a `.keras` file.

    Equal models give equal bytes.

    Raises:
        BundleError: If ONNX Runtime does not give the same numbers as Keras.
        MissingDependencyError: If the exporter is not installed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export_onnx(model, folder / "model.onnx")
        # the same layers without the optimizer that trained them
        keras().Model(model.input, model.output, name=model.name).save(folder / "model.keras")
        content = canonical_onnx((folder / "model.onnx").read_bytes())
        archive = normalise((folder / "model.keras").read_bytes())
    _, context_length, n_inputs = model.input_shape
    _, segment_length, channels = model.output_shape
    check_archive(archive)
    served = OnnxNetwork.checked(content, context_length, segment_length, channels)
    inputs = np.random.default_rng(0).standard_normal((16, context_length, n_inputs)).astype("float32")
    trained = np.asarray(model.predict_on_batch(inputs), dtype="float64")
    difference = np.abs(served.predict_segment(inputs) - trained).max() / max(1.0, np.abs(trained).max())
    if not difference <= TOLERANCE:
        raise BundleError(
            f"the exported network differs from the trained one by {difference:.1e} (at most {TOLERANCE:.0e})",
            "this is a bug in the exporter: please report it, with the output of tsforecast doctor",
        )
    return content, archive


def normalise(content: bytes) -> bytes:
    """The same `.keras` file without dates and addresses in it, so that equal models are equal bytes."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in sorted(NAMES)}
    metadata = json.loads(parts[METADATA])
    metadata.pop("date_saved", None)
    parts[METADATA] = to_json(metadata)
    parts[CONFIG] = to_json(canonical_config(json.loads(parts[CONFIG])))
    return zipped(parts)


def check_archive(content: bytes, *, to_train: bool = False) -> None:
    """Refuse a `.keras` file that `normalise` would not have written of one of our networks.

    Args:
        content: The file.
        to_train: It is about to be trained; see `check_layers`.

    Raises:
        BundleError: Saying what was found.
    """
    parts = unzipped(content, NAMES.__contains__)
    if set(parts) != NAMES:
        raise BundleError(f"the Keras model must hold {', '.join(sorted(NAMES))}")
    from_json(f"{METADATA} of the Keras model", parts[METADATA])
    config = from_json(f"{CONFIG} of the Keras model", parts[CONFIG])
    for part in objects(config):
        module = part.get("module")
        if module is not None and (not isinstance(module, str) or not (_of_keras(module) or is_own(part))):
            raise BundleError(f"the Keras model asks for a class from {str(module)[:80]!r}")
    check_layers(config, len(parts[WEIGHTS]), to_train=to_train)


def _of_keras(module: str) -> bool:
    return module.split(".")[0] in MODULES


def trainable(content: bytes) -> Any:
    """The Keras model in a `.keras` file that anyone may have written, to go on training.

    What is built and trained here was built, and trained for a step, by a child of bounded time and memory before.

    Raises:
        MissingDependencyError: If TensorFlow is not installed.
        BundleError: If it is none of our networks, or Keras refuses it, or it would take too much memory to train.
    """
    check_archive(content, to_train=True)
    # Where TensorFlow runs already, a fork would inherit its locks, but not the threads that hold them.
    if "tensorflow" not in sys.modules:
        Worker("the Keras model", _rehearsed, REHEARSAL_MEMORY).ask(content, REHEARSAL_SECONDS)
    return _loaded(content)


def _loaded(content: bytes) -> Any:
    for name in sorted(set(OWN.values())):
        import_module(f"{CUSTOM}.{name}")  # known to Keras from here on

    try:
        return load_keras(content)
    # What Keras and its reader of weights say to files they do not like.
    except (ValueError, TypeError, LookupError, AttributeError, OSError, RuntimeError, NotImplementedError) as error:
        raise BundleError(f"the Keras model was refused by Keras: {str(error)[:200]}") from None


def _rehearsed(content: bytes) -> bytes:
    """Build the model and train it for a step, in a child process."""
    model = _loaded(content)
    model.compile(optimizer="sgd", loss="mae", jit_compile=False)
    inputs, outputs = (np.zeros((REHEARSAL_WINDOWS, *shape[1:])) for shape in (model.input_shape, model.output_shape))
    model.train_on_batch(inputs, outputs)
    return b""
