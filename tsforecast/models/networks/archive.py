"""The trained Keras model inside a bundle, with which `update` goes on: a zip inside the zip, read just as strictly.

A `.keras` file names the Python classes it is made of. Keras' safe mode keeps code out of it; here, before Keras sees
the file, no class may come from anywhere but Keras.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from tsforecast.bundle import container, members
from tsforecast.errors import BundleError
from tsforecast.models.networks.canonical import canonical_config

NAMES = frozenset({"config.json", "metadata.json", "model.weights.h5"})
MODULES = ("keras", "builtins")


def normalise(content: bytes) -> bytes:
    """The same `.keras` file without dates and addresses in it, so that equal models are equal bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in sorted(NAMES)}
    metadata = json.loads(parts["metadata.json"])
    metadata.pop("date_saved", None)
    parts["metadata.json"] = members.to_json(metadata)
    parts["config.json"] = members.to_json(canonical_config(json.loads(parts["config.json"])))
    return container.zipped(parts)


def check(content: bytes) -> None:
    """Refuse a `.keras` file that `normalise` would not have written.

    Raises:
        BundleError: Saying what was found.
    """
    parts = container.unzipped(content, NAMES.__contains__)
    if set(parts) != NAMES:
        raise BundleError(f"model.keras must hold {', '.join(sorted(NAMES))}")
    members.from_json("metadata.json of model.keras", parts["metadata.json"])
    _check_modules(members.from_json("config.json of model.keras", parts["config.json"]))


def _check_modules(config: Any) -> None:
    if isinstance(config, dict):
        module = config.get("module")
        if module is not None and (not isinstance(module, str) or module.split(".")[0] not in MODULES):
            raise BundleError(f"model.keras asks for a class from {str(module)[:80]!r}")
        if config.get("class_name") == "Lambda":
            raise BundleError("model.keras holds code (a Lambda layer)")
    for inner in config.values() if isinstance(config, dict) else config if isinstance(config, list) else ():
        _check_modules(inner)
