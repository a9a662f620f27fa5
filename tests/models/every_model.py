"""Every registered model as a parameter of a test, and the settings that make a network tiny."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

from tsforecast.models import registry
from tsforecast.models.contract import Model

TINY: dict[str, Any] = {"units": 2, "epochs": 1, "batch_size": 64}
"""Settings by name, as the command line gives them: a model takes those it knows."""

NEEDS_TENSORFLOW = pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs TensorFlow")


def _parameter(name: str, model: type[Model]) -> Any:
    marks = (pytest.mark.slow, NEEDS_TENSORFLOW) if model.info.needs else ()
    return pytest.param(name, marks=marks)


EVERY = pytest.mark.parametrize("name", [_parameter(name, model) for name, model in registry.everything().items()])
"""Those that train a network are slow, and skipped where they cannot."""
