"""Recurrent cells that Keras has none of: leaky units, connections through time, peepholes.

With `x(t)` what a cell is fed, `h` its output, `K` the steps a connection skips and `V` its weights (0 without one):

- `SkipRNNCell`: `h(t) = (1 - 1/tau) h(t-1) + 1/tau f(W x(t) + U h(t-1) + V h(t-K) + b)`; leaky units after Mozer 1992,
  Induction of multiscale temporal structure, and Jaeger et al. 2007 (Neural Networks 20); connections through time
  after Lin et al. 1996, Learning long-term dependencies in NARX recurrent neural networks (IEEE Trans. Neural Netw. 7).
- `SkipLSTMCell`: Hochreiter & Schmidhuber's with a forget gate; `V h(t-K)` is added where `U h(t-1)` is. Its input and
  forget gates see `P c(t-1)`, its output gate `P c(t)`: Gers, Schraudolph & Schmidhuber 2002, Learning precise timing
  with LSTM recurrent networks (JMLR 3). `P` is diagonal there, one weight a gate and cell; "full"
  lets each gate see all cells of the layer.
- `SkipGRUCell`: Cho et al. 2014 (arXiv:1406.1078), with `V h(t-K)` added where `U h(t-1)` is.

The state of a cell holds its last K outputs, the oldest first. Importing this file imports Keras.
"""

from __future__ import annotations

from typing import Any

from tsforecast.models.networks.backend import keras
from tsforecast.models.networks.layers import PACKAGE

ops, initializers = keras().ops, keras().initializers


class SkipCell(keras().layers.Layer):  # type: ignore[misc]
    """What the three share: the weights of what comes in, of the last output and of that K steps ago."""

    gates = 1
    cell_states = 0

    def __init__(
        self,
        units: int,
        *,
        time_skip: int = 1,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        skip_initializer: Any = "orthogonal",
        **rest: Any,
    ) -> None:
        super().__init__(**rest)
        self.units, self.time_skip = units, time_skip
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.skip_initializer = initializers.get(skip_initializer)
        self.state_size = [units * time_skip, *[units] * self.cell_states]
        self.output_size = units

    def build(self, input_shape: Any) -> None:
        width, n = self.units * self.gates, self.units
        self.kernel = self.add_weight(shape=(input_shape[-1], width), initializer=self.kernel_initializer, name="w")
        self.recurrent = self.add_weight(shape=(n, width), initializer=self.recurrent_initializer, name="u")
        if self.time_skip > 1:
            self.through_time = self.add_weight(shape=(n, width), initializer=self.skip_initializer, name="v")
        self.bias = self.add_weight(shape=(width,), initializer=self.first_bias, name="b")
        self.built = True

    def first_bias(self, shape: Any, dtype: Any = None) -> Any:
        return ops.zeros(shape, dtype=dtype)

    def earlier(self, outputs: Any) -> tuple[Any, Any]:
        """`h(t-1)`, and what `h(t-K)` adds to each gate (0 where nothing is connected)."""
        if self.time_skip == 1:
            return outputs, 0.0
        return outputs[:, -self.units :], ops.matmul(outputs[:, : self.units], self.through_time)

    def remembered(self, outputs: Any, h: Any) -> Any:
        """The last K outputs, the newest one among them."""
        return h if self.time_skip == 1 else ops.concatenate([outputs[:, self.units :], h], axis=1)

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in self.state_size]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "time_skip": self.time_skip,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "recurrent_initializer": initializers.serialize(self.recurrent_initializer),
            "skip_initializer": initializers.serialize(self.skip_initializer),
        }


@keras().saving.register_keras_serializable(PACKAGE)
class SkipRNNCell(SkipCell):
    """Without gates: leaky where `leaky` is above 1 step, `activation` tanh or relu."""

    def __init__(self, units: int, *, leaky: float = 1.0, activation: str = "tanh", **rest: Any) -> None:
        super().__init__(units, **rest)
        self.leaky, self.activation = leaky, activation

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:  # noqa: ARG002
        (outputs,) = states
        h, skipped = self.earlier(outputs)
        answer = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent) + skipped + self.bias
        new = ops.relu(answer) if self.activation == "relu" else ops.tanh(answer)
        if self.leaky > 1:
            new = (1 - 1 / self.leaky) * h + new / self.leaky
        return new, [self.remembered(outputs, new)]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "leaky": self.leaky, "activation": self.activation}


@keras().saving.register_keras_serializable(PACKAGE)
class SkipLSTMCell(SkipCell):
    """With memory cells, which its gates see where `peephole` is diagonal or full."""

    gates, cell_states = 4, 1

    def __init__(self, units: int, *, peephole: str = "none", **rest: Any) -> None:
        super().__init__(units, **rest)
        self.peephole = peephole

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        n = self.units
        if self.peephole == "none":
            return
        shape = (n,) if self.peephole == "diagonal" else (n, n)
        self.peeps = [self.add_weight(shape=shape, initializer="zeros", name=f"p_{gate}") for gate in "ifo"]

    def first_bias(self, shape: Any, dtype: Any = None) -> Any:
        # as Keras' own: the forget gates are open at first (Jozefowicz, Zaremba & Sutskever 2015)
        n = self.units
        parts = [ops.zeros((n,), dtype), ops.ones((n,), dtype), ops.zeros((shape[0] - 2 * n,), dtype)]
        return ops.concatenate(parts)

    def seen(self, gate: int, c: Any) -> Any:
        """What a gate sees of the memory cells."""
        if self.peephole == "none":
            return 0.0
        return c * self.peeps[gate] if self.peephole == "diagonal" else ops.matmul(c, self.peeps[gate])

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:  # noqa: ARG002
        outputs, c = states
        h, skipped = self.earlier(outputs)
        answer = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent) + skipped + self.bias
        i, f, g, o = ops.split(answer, 4, axis=1)
        c = ops.sigmoid(f + self.seen(1, c)) * c + ops.sigmoid(i + self.seen(0, c)) * ops.tanh(g)
        new = ops.sigmoid(o + self.seen(2, c)) * ops.tanh(c)
        return new, [self.remembered(outputs, new), c]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "peephole": self.peephole}


@keras().saving.register_keras_serializable(PACKAGE)
class SkipGRUCell(SkipCell):
    """With an update gate and one that resets."""

    gates = 3

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:  # noqa: ARG002
        (outputs,) = states
        h, skipped = self.earlier(outputs)
        n = self.units
        fed = ops.matmul(inputs, self.kernel) + skipped + self.bias
        gates = ops.sigmoid(fed[:, : 2 * n] + ops.matmul(h, self.recurrent[:, : 2 * n]))
        z, r = gates[:, :n], gates[:, n:]
        candidate = ops.tanh(fed[:, 2 * n :] + ops.matmul(r * h, self.recurrent[:, 2 * n :]))
        new = z * h + (1 - z) * candidate
        return new, [self.remembered(outputs, new)]
