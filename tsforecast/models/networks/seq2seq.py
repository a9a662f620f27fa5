"""An encoder that reads the context and a decoder that says what follows, row by row, going on from its own words.

Sutskever, Vinyals & Le 2014, Sequence to sequence learning with neural networks (arXiv:1409.3215); Cho et al. 2014
(arXiv:1406.1078). The decoder may look back at all states of the encoder: additive attention after Bahdanau, Cho &
Bengio 2015 (arXiv:1409.0473), `v' tanh(W s + U h)`, before it takes a step; dot after Luong, Pham & Manning 2015
(arXiv:1508.04025), `s' h`, when it has taken one. In training it may be fed what was observed (`teacher.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series
from tsforecast.data.windows import last_contexts
from tsforecast.model_config import Seq2seqConfig, Strategy
from tsforecast.models.contract import ModelInfo
from tsforecast.models.networks.backend import keras
from tsforecast.models.networks.correction import Correction
from tsforecast.models.networks.initializers import Seeds, initializer, many
from tsforecast.models.networks.network import NetworkModel
from tsforecast.models.networks.patches import Frame, last_state
from tsforecast.models.networks.readout import Readout

DECODER = "decoder"


@dataclass(frozen=True)
class Seq2seq(NetworkModel):
    """See the top of the file."""

    info: ClassVar = ModelInfo(
        "seq2seq",
        "ridge plus an encoder and a decoder with attention",
        "seeing which rows a forecast leans on",
        scope="global",
        cost="training",
        needs="train",
        auto=False,
        turn=60,
    )
    Settings: ClassVar = Seq2seqConfig
    textbook_strategy: ClassVar[Strategy] = "auto"

    @classmethod
    def emitted(cls, x: Any, context: Any, frame: Frame) -> Any:
        """See `NetworkModel.emitted`: the decoder's own head emits a row a step."""
        from tsforecast.models.networks.custom.decoder import Decoder

        own = frame.settings if isinstance(frame.settings, Seq2seqConfig) else Seq2seqConfig()
        draw = many(frame.seeds)
        memory, states = _encoded(x, own, frame, draw)
        decoder = Decoder(
            frame.units,
            frame.steps,
            frame.channels,
            kind=own.cell,
            attention=own.attention,
            from_zero=frame.from_zero,
            seed=next(draw),
            name=DECODER,
        )
        return decoder([memory, last_state(context), *states])

    def attention(self, series: Series) -> FloatArray | None:
        """See `Model.attention`; the rows of a patch share its weight, and those before the first patch have none.

        Raises:
            MissingDependencyError: If TensorFlow is not installed.
        """
        core = self.core
        if isinstance(core, Readout) or core.net is None or (isinstance(core, Correction) and core.gate == 0):
            return None
        model = core.net.trainable().model
        decoder = model.get_layer(DECODER)
        if decoder.attention == "none":
            return None
        scaled = self.scaler.matching([series]).transform_windows(
            last_contexts([series.filled], self.context_length), slice(0, 1)
        )
        before = keras().Model(model.input, decoder.input)(core.fed(scaled).astype("float32"))
        weights = np.asarray(decoder.run(before), dtype="float64")[0, :, decoder.features :]
        patches = [layer.output.shape[2] for layer in model.layers if layer.name == "patches"]
        n_rows = patches[0] // decoder.features if patches else 1
        rows = np.repeat(weights / n_rows, n_rows, axis=1)
        return np.pad(rows, ((0, 0), (self.context_length - rows.shape[1], 0)))


def _encoded(x: Any, settings: Seq2seqConfig, frame: Frame, draw: Seeds) -> tuple[Any, list[Any]]:
    """All states of the encoder `(window, step, width)`, and what the decoder begins from `(window, unit)`."""
    layers = keras().layers
    made = layers.LSTM if settings.cell == "LSTM" else layers.GRU
    states: list[Any] = []
    for i in range(settings.layers):
        layer = made(
            frame.units,
            return_sequences=True,
            return_state=True,
            kernel_initializer=initializer(settings, draw),
            recurrent_initializer=keras().initializers.Orthogonal(seed=next(draw)),
            name=f"encoder_{i + 1}",
        )
        x, *states = (layers.Bidirectional(layer, name=f"both_ways_{i + 1}") if settings.bidirectional else layer)(x)
        x = layers.Dropout(frame.dropout, seed=next(draw), name=f"dropout_{i + 1}")(x)
    if settings.bidirectional:
        # what was read in both directions is brought to the width of the decoder, as Bahdanau et al. do
        half = len(states) // 2
        pairs = [layers.Concatenate(name=f"ends_{k + 1}")([states[k], states[half + k]]) for k in range(half)]
        states = [
            layers.Dense(frame.units, "tanh", kernel_initializer=initializer(settings, draw), name=f"bridge_{k + 1}")(
                pair
            )
            for k, pair in enumerate(pairs)
        ]
    return x, states
