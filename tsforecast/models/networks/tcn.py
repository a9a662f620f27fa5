"""A temporal convolutional network: WaveNet's gated residual blocks of dilated causal convolutions.

van den Oord et al. 2016, WaveNet: a generative model for raw audio (arXiv:1609.03499), section 2: the output of a block
is `tanh(W_f * x) . sigmoid(W_g * x)`, added to its input through a 1 x 1 convolution and, through another, to the sum
that is the answer. Dilations double from block to block until the oldest step is seen.
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

_KERNEL = 2


@dataclass(frozen=True)
class Tcn(NetworkModel):
    """See the top of the file."""

    info: ClassVar = ModelInfo(
        "tcn",
        "ridge plus gated dilated causal convolutions",
        "as lstm, trains faster on long contexts",
        scope="global",
        cost="training",
        needs="train",
        auto=False,
        turn=40,
    )

    @classmethod
    def body(
        cls, x: Any, settings: NetworkConfig, *, units: int, dropout: float, seeds: Seeds, sequences: bool = False
    ) -> Any:
        """See `NetworkModel.body`; `settings.layers` is the number of times that the dilations are gone through."""
        layers = keras().layers
        n_steps = x.shape[1]
        total = None
        draw = many(seeds)
        x = widened(x, units, settings, draw)
        for stack in range(settings.layers):
            dilation = 1
            while dilation == 1 or dilation < n_steps:
                tag = f"{stack + 1}_{dilation}"
                gated = [
                    layers.Conv1D(
                        units,
                        _KERNEL,
                        dilation_rate=dilation,
                        padding="causal",
                        activation=activation,
                        kernel_initializer=initializer(settings, draw),
                        name=f"{what}_{tag}",
                    )(x)
                    for what, activation in (("filter", "tanh"), ("gate", "sigmoid"))
                ]
                z = layers.Multiply(name=f"gated_{tag}")(gated)
                if dropout:
                    z = layers.Dropout(dropout, seed=next(draw), name=f"dropout_{tag}")(z)
                kernel = initializer(settings, draw)
                skip = layers.Conv1D(units, 1, kernel_initializer=kernel, name=f"skip_{tag}")(z)
                kernel = initializer(settings, draw)
                residual = layers.Conv1D(units, 1, kernel_initializer=kernel, name=f"residual_{tag}")(z)
                x = layers.Add(name=f"block_{tag}")([x, residual])
                total = skip if total is None else layers.Add(name=f"sum_{tag}")([total, skip])
                dilation *= _KERNEL
        answer = layers.Activation("relu", name="answer")(total)
        return answer if sequences else last_state(answer)
