"""A decoder-only Transformer over patches: learnt positions, causal self-attention and a feed-forward layer, residual.

Vaswani et al. 2017, Attention is all you need (arXiv:1706.03762), section 3: `softmax(Q K' / sqrt(d)) V` of several
heads, each step seeing itself and what came before. Over patches with learnt positions, as Nie et al. 2023, A time
series is worth 64 words (PatchTST, arXiv:2211.14730). What comes in is normalised before each part, not after it, which
trains without a warm-up (Xiong et al. 2020, arXiv:2002.04745).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from tsforecast.model_config import NetworkConfig
from tsforecast.models.contract import ModelInfo
from tsforecast.models.networks.backend import keras
from tsforecast.models.networks.initializers import Seeds, initializer, many
from tsforecast.models.networks.network import NetworkModel
from tsforecast.models.networks.patches import last_state, widened

_HEAD = 16
"""Width of a head, as of PatchTST's (128 by 16 heads there; a narrow network has one head)."""
_EXPANSION = 2


@dataclass(frozen=True)
class Transformer(NetworkModel):
    """See the top of the file."""

    info: ClassVar = ModelInfo(
        "transformer",
        "ridge plus causal self-attention over patches",
        "many long series; as lstm on few",
        scope="global",
        cost="training",
        needs="train",
        auto=False,
        turn=50,
    )

    @classmethod
    def body(
        cls, x: Any, settings: NetworkConfig, *, units: int, dropout: float, seeds: Seeds, sequences: bool = False
    ) -> Any:
        """See `NetworkModel.body`."""
        from tsforecast.models.networks.custom.positions import Positions

        layers, draw = keras().layers, many(seeds)
        x = Positions(seed=next(draw), name="positions")(widened(x, units, settings, draw))
        for i in range(settings.layers):
            z = layers.LayerNormalization(name=f"norm_attention_{i + 1}")(x)
            x = layers.Add(name=f"attended_{i + 1}")([x, _attention(z, units, dropout, settings, draw, i + 1)])
            z = layers.LayerNormalization(name=f"norm_feed_{i + 1}")(x)
            for name, width, activation in (("wide", _EXPANSION * units, "relu"), ("narrow", units, None)):
                kernel = initializer(settings, draw)
                z = layers.Dense(width, activation, kernel_initializer=kernel, name=f"{name}_{i + 1}")(z)
            z = layers.Dropout(dropout, seed=next(draw), name=f"dropout_{i + 1}")(z)
            x = layers.Add(name=f"fed_{i + 1}")([x, z])
        x = layers.LayerNormalization(name="norm")(x)
        return x if sequences else last_state(x)


def _attention(x: Any, units: int, dropout: float, settings: NetworkConfig, draw: Seeds, number: int) -> Any:
    """Causal self-attention `(window, step, unit)`."""
    n_heads = max(1, units // _HEAD)
    width = max(1, units // n_heads)
    layer = keras().layers.MultiHeadAttention(
        n_heads, width, dropout=dropout, seed=next(draw), name=f"attention_{number}"
    )
    answer = layer(x, x, use_causal_mask=True)
    # Keras would begin queries, keys and values alike where a seed is given
    weights = []
    for value in layer.get_weights():
        if value.ndim < 3:
            weights.append(value)
            continue
        shape = (value.shape[0], -1) if value.shape[0] == x.shape[2] else (-1, value.shape[2])
        flat = value.reshape(shape)
        weights.append(keras().ops.convert_to_numpy(initializer(settings, draw)(flat.shape)).reshape(value.shape))
    layer.set_weights(weights)
    return answer
