"""Networks back from the files they were saved in."""

from __future__ import annotations

from tsforecast.models.networks.backend import load_keras
from tsforecast.models.networks.recurrent import Network
from tsforecast.models.networks.recurrent_embedded import EmbeddedNetwork


def load_network(content: bytes) -> Network | EmbeddedNetwork:
    """Restore a network from the bytes of a `.keras` file, to go on training; nothing in it is executed.

    Raises:
        MissingDependencyError: If TensorFlow is not installed.
        ValueError: If it is none of ours.
    """
    whole = load_keras(content)
    embedded = any(layer.name == "states" for layer in whole.layers)
    return EmbeddedNetwork.of_keras(whole) if embedded else Network.of_keras(whole)
