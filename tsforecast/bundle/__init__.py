"""The saved model, `model.tsf`: one zip with everything that predicting needs, and no pickle anywhere.

bundle = pack(forecaster, tail(panel, rows), calibration, prepare, About(...))
size = save("model.tsf", bundle)

bundle = load("model.tsf")
scaled = bundle.forecaster.predict(contexts, horizon)
"""

from __future__ import annotations

from tsforecast.bundle.history import tail
from tsforecast.bundle.manifest import About, Manifest
from tsforecast.bundle.store import Bundle, from_bytes, load, pack, quantize_int8, save, to_bytes, trainable

__all__ = [
    "Bundle",
    "Manifest",
    "About",
    "tail",
    "pack",
    "save",
    "load",
    "trainable",
    "quantize_int8",
    "to_bytes",
    "from_bytes",
]
