"""The saved model, `model.tsf`: one zip with everything that predicting needs, and no pickle anywhere.

It knows no model: it stores the `State` that a model gives, and gives it back.

bundle = Bundle(Manifest(...), model.state(), preparing, chain, calibration, tail(panel, rows))
size = save("model.tsf", bundle)

bundle = load("model.tsf")
model = bundle.restored(registry.find)
"""

from __future__ import annotations

from tsforecast.bundle.container import is_model
from tsforecast.bundle.history import tail
from tsforecast.bundle.manifest import Manifest
from tsforecast.bundle.store import Bundle, from_bytes, load, rebuilt, save, to_bytes

__all__ = ["Bundle", "Manifest", "tail", "save", "load", "is_model", "to_bytes", "from_bytes", "rebuilt"]
