"""The decoder of a sequence-to-sequence network, with or without attention. Importing this imports Keras."""

from __future__ import annotations

from typing import Any

from tsforecast.models.networks.backend import keras
from tsforecast.models.networks.custom.cells import SkipGRUCell, SkipLSTMCell
from tsforecast.models.networks.layers import PACKAGE

ops = keras().ops


class DecoderCell(keras().layers.Layer):  # type: ignore[misc]
    """One step: from what was said the step before to what is said now.

    It is fed `(value, flag)`: where the flag is 1 the value takes the place of what it said itself (a teacher), where
    it is 0 it goes on from its own. What the encoder left is carried along in its state.
    """

    def __init__(self, units: int, features: int, kind: str, attention: str, seeds: list[int], **rest: Any) -> None:
        super().__init__(**rest)
        initializers = keras().initializers
        self.units, self.features, self.attention = units, features, attention
        own = SkipLSTMCell if kind == "LSTM" else SkipGRUCell
        self.cell = own(
            units,
            kernel_initializer=initializers.GlorotUniform(seeds[0]),
            recurrent_initializer=initializers.Orthogonal(seed=seeds[1]),
            name="cell",
        )
        self.glorot = [initializers.GlorotUniform(seed) for seed in seeds[2:]]
        self.head: Any = "zeros"
        self.output_size = features

    def build_for(self, n_steps: int, width: int) -> None:
        """Make the weights for an encoder that left `n_steps` states `(width,)`."""
        self.n_steps, self.width, n = n_steps, width, self.units
        self.state_size = [n] * (1 + self.cell.cell_states) + [self.features]
        self.output_size = self.features
        if self.attention != "none":
            self.state_size += [n_steps * width, n_steps * n]
            self.output_size += n_steps
        self.cell.build((None, self.features + (width if self.attention == "additive" else 0)))
        if self.attention == "additive":
            self.query = self.add_weight(shape=(n, n), initializer=self.glorot[0], name="query")
            self.score = self.add_weight(shape=(n, 1), initializer=self.glorot[1], name="score")
        if self.attention == "dot":
            self.joined = self.add_weight(shape=(n + width, n), initializer=self.glorot[0], name="joined")
        self.kernel = self.add_weight(shape=(n, self.features), initializer=self.head, name="kernel")
        self.bias = self.add_weight(shape=(self.features,), initializer="zeros", name="bias")
        self.built = True

    def build(self, input_shape: Any) -> None:
        """Nothing is left to do: the decoder has called `build_for`."""

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:
        n_own = 1 + self.cell.cell_states
        own, said, left = list(states[:n_own]), states[n_own], list(states[n_own + 1 :])
        flag = inputs[:, self.features :]
        fed, weights = flag * inputs[:, : self.features] + (1 - flag) * said, []
        if self.attention == "additive":
            found, context = self.attended(own[0], *left)
            fed, weights = ops.concatenate([fed, context], axis=1), [found]
        h, own = self.cell(fed, own, training=training)
        if self.attention == "dot":
            found, context = self.attended(h, *left)
            h, weights = ops.tanh(ops.matmul(ops.concatenate([h, context], axis=1), self.joined)), [found]
        said = ops.matmul(h, self.kernel) + self.bias
        return ops.concatenate([said, *weights], axis=1), [*own, said, *left]

    def attended(self, query: Any, memory: Any, keys: Any) -> tuple[Any, Any]:
        """Weights of the encoder's states `(window, step)`, and their weighted mean `(window, width)`."""
        n = self.n_steps
        keys = ops.reshape(keys, (-1, n, self.units))
        if self.attention == "additive":
            # Bahdanau, Cho & Bengio 2015: v' tanh(W s + U h)
            joined = ops.tanh(keys + ops.expand_dims(ops.matmul(query, self.query), 1))
            scores = ops.matmul(joined, self.score)
        else:
            # Luong, Pham & Manning 2015: s' h
            scores = ops.matmul(keys, ops.expand_dims(query, 2))
        weights = ops.softmax(scores, axis=1)
        context = ops.sum(weights * ops.reshape(memory, (-1, n, self.width)), axis=1)
        return ops.reshape(weights, (-1, n)), context


@keras().saving.register_keras_serializable(PACKAGE)
class Decoder(keras().layers.Layer):  # type: ignore[misc]
    """So many steps, one after the other, each fed what the one before said.

    It is called on a list: the encoder's states `(window, step, width)`; what is first fed back `(window, feature)`;
    the states to begin from, one for a GRU, two for an LSTM, `(window, unit)`; and, in training, a teacher `(window,
    step, feature + 1)`, see `DecoderCell`.
    """

    def __init__(
        self,
        units: int,
        steps: int,
        features: int,
        *,
        kind: str,
        attention: str,
        from_zero: bool,
        seed: int,
        **rest: Any,
    ) -> None:
        super().__init__(**rest)
        self.units, self.steps, self.features = units, steps, features
        self.kind, self.attention, self.seed = kind, attention, seed
        self.from_zero = from_zero
        seeds = list(range(seed, seed + 6))
        self.cell = DecoderCell(units, features, kind, attention, seeds[:4], name="step")
        self.first = seeds[4]
        if not from_zero:
            self.cell.head = keras().initializers.GlorotUniform(seeds[5])

    def build(self, input_shape: Any) -> None:
        _, n_steps, width = input_shape[0]
        self.projected = self.attention == "additive" or (self.attention == "dot" and width != self.units)
        if self.projected:
            glorot = keras().initializers.GlorotUniform(self.first)
            self.keys = self.add_weight(shape=(width, self.units), initializer=glorot, name="keys")
        self.cell.build_for(n_steps, width)
        self.loop = keras().layers.RNN(self.cell, return_sequences=True, name="loop")
        self.loop.build((None, self.steps, self.features + 1))
        self.built = True

    def call(self, inputs: Any) -> Any:
        """What is said `(window, step, feature)`."""
        return self.run(inputs)[:, :, : self.features]

    def run(self, inputs: Any) -> Any:
        """What is said, and beside it how the encoder's states were weighed `(window, step, feature + its step)`."""
        memory, start, *states = inputs
        n_states = 1 + self.cell.cell.cell_states
        n_windows = ops.shape(memory)[0]
        teacher = states[n_states] if len(states) > n_states else ops.zeros((n_windows, self.steps, self.features + 1))
        left = []
        if self.attention != "none":
            keys = ops.matmul(memory, self.keys) if self.projected else memory
            n_steps = self.cell.n_steps
            left = [ops.reshape(part, (-1, n_steps * part.shape[2])) for part in (memory, keys)]
        return self.loop(teacher, initial_state=[*states[:n_states], start, *left])

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        return input_shape[0][0], self.steps, self.features

    def get_config(self) -> dict[str, Any]:
        names = ("units", "steps", "features", "kind", "attention", "from_zero", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
