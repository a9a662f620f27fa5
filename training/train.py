"""Train the pretrained network; interrupted at any time, it goes on where it was, to the byte.

    python -m training.train --state DIR --windows 10000000
    python -m training.train --state DIR --decay 1000000      # a branch whose learning rate falls to 0

The learning rate warms up and stays; the decay starts from a copy of the state, which training goes on from later.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from training.windows import PLACES, chunk
from tsforecast.models.zero_shot.patched import AHEAD, LEVELS, PATCH, SHAPES, ahead, patches, states

BATCH, CHUNK, SEED = 256, 4096, 1
RATE, WARMUP, DECAY, CLIP = 2e-3, 200, 1e-3, 1.0


def fresh(seed: int) -> dict[str, Any]:
    """Weights drawn by Glorot's rule, the skip a copy of the last value; moments 0; step 0."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in SHAPES.items():
        bound = np.sqrt(6 / sum(shape)) if len(shape) == 2 and "bias" not in name else 0
        weights[name] = rng.uniform(-bound, bound, shape).astype(np.float32)
    weights["skip/kernel"] = np.zeros(SHAPES["skip/kernel"], np.float32)
    weights["skip/kernel"][-4:] = 0.2
    weights["out/kernel"] *= np.float32(0.3)
    weights["waves/kernel"] *= np.float32(0.1)
    weights["out/bias"] -= np.float32(1.5)
    weights["out/bias"].reshape(AHEAD, -1)[:, LEVELS.index(0.5)] = 0
    zeros = {name: np.zeros_like(w) for name, w in weights.items()}
    return {"weights": weights, "mean": zeros, "square": {n: z.copy() for n, z in zeros.items()}, "step": 0}


def loss(weights: dict[str, Any], batch: dict[str, Any]) -> Any:
    """Mean pinball loss over observed targets, all places, steps and quantiles."""
    import jax.numpy as jnp

    features = patches(batch["values"], batch["seen"], batch["periods"], jnp)
    memory, places = states(weights, features, jnp), batch["places"]
    state = jnp.take_along_axis(memory, places[:, :, None], axis=1)
    last = jnp.take_along_axis(features[:, :, :PATCH], places[:, :, None], axis=1)
    start = (places + 1) * PATCH
    scores = ahead(weights, state, last, batch["periods"], start, jnp)
    index = (start[:, :, None] + jnp.arange(AHEAD)).reshape(len(places), PLACES * AHEAD)
    shape = (len(places), PLACES, AHEAD)
    target = jnp.take_along_axis(batch["targets"], index, axis=1).reshape(shape)
    counted = jnp.take_along_axis(batch["counted"], index, axis=1).reshape(shape)
    over = target[..., None] - scores
    levels = jnp.asarray(LEVELS, jnp.float32)
    pinball = jnp.maximum(levels * over, (levels - 1) * over).mean(axis=3)
    return 2 * (pinball * counted).sum() / jnp.maximum(counted.sum(), 1)


def stepper() -> Any:
    """AdamW (Loshchilov and Hutter 2019) with clipped gradients, compiled."""
    import jax
    import jax.numpy as jnp

    def step(state: dict[str, Any], batch: dict[str, Any], rate: Any) -> tuple[dict[str, Any], Any]:
        value, gradient = jax.value_and_grad(loss)(state["weights"], batch)
        norm = jnp.sqrt(sum((g**2).sum() for g in gradient.values()))
        gradient = {k: g * jnp.minimum(1.0, CLIP / (norm + 1e-9)) for k, g in gradient.items()}
        n = state["step"] + 1
        mean = {k: 0.9 * m + 0.1 * gradient[k] for k, m in state["mean"].items()}
        square = {k: 0.98 * s + 0.02 * gradient[k] ** 2 for k, s in state["square"].items()}
        weights = {}
        for k, w in state["weights"].items():
            move = mean[k] / (1 - 0.9**n) / (jnp.sqrt(square[k] / (1 - 0.98**n)) + 1e-8)
            weights[k] = w - rate * (move + (DECAY * w if "kernel" in k else 0))
        return {"weights": weights, "mean": mean, "square": square, "step": n}, value

    return jax.jit(step)


def save(path: Path, state: dict[str, Any]) -> None:
    """Written beside and renamed, so that there is always a whole one."""
    arrays = {
        f"{part}|{name}": np.asarray(a) for part in ("weights", "mean", "square") for name, a in state[part].items()
    }
    beside = path.with_suffix(".writing.npz")
    np.savez(beside, step=np.int64(state["step"]), **arrays)
    os.replace(beside, path)


def load(path: Path) -> dict[str, Any]:
    """What `save` wrote."""
    state: dict[str, Any] = {"weights": {}, "mean": {}, "square": {}}
    with np.load(path) as held:
        for key in held.files:
            if key != "step":
                part, name = key.split("|")
                state[part][name] = held[key]
        state["step"] = int(held["step"])
    return state


def run(
    folder: Path, windows: int, decay: int, every: float, *, batch: int = BATCH, size: int = CHUNK
) -> dict[str, Any]:
    """Train until the state in `folder` has seen `windows`, or a branch of it for `decay` more; the state reached."""
    source, target = folder / "state.npz", folder / ("decayed.npz" if decay else "state.npz")
    state = load(source) if source.exists() else fresh(SEED)
    begun, per = state["step"], size // batch
    last = begun + decay // batch if decay else windows // batch
    step, saved, seen, began = stepper(), time.monotonic(), [], time.monotonic()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        coming: Future[dict[str, Any]] = pool.submit(chunk, SEED, begun // per, size)
        for number in range(begun // per, -(-last // per)):
            drawn = coming.result()
            coming = pool.submit(chunk, SEED, number + 1, size)
            for place in range(state["step"] % per, per):
                n = int(state["step"])
                if n >= last:
                    break
                rate = RATE * min(1, (n + 1) / WARMUP) * ((last - n) / (last - begun) if decay else 1)
                rows = slice(place * batch, (place + 1) * batch)
                state, value = step(state, {k: a[rows] for k, a in drawn.items()}, np.float32(rate))
                seen.append(float(value))
            if time.monotonic() - saved > every:
                save(target, state)
                line = {"windows": int(state["step"]) * batch, "loss": round(float(np.mean(seen)), 5),
                        "seconds": round(time.monotonic() - began), "decaying": bool(decay)}  # fmt: skip
                with (folder / "loss.jsonl").open("a") as log:
                    log.write(json.dumps(line) + "\n")
                saved, seen = time.monotonic(), []
    save(target, state)
    return state


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, required=True, help="folder of state.npz, made where there is none")
    parser.add_argument("--windows", type=int, default=10_000_000, help="to have seen in all")
    parser.add_argument("--decay", type=int, default=0, help="windows of a branch whose rate falls to 0")
    parser.add_argument("--every", type=float, default=60, help="seconds between states that are saved")
    asked = parser.parse_args()
    asked.state.mkdir(parents=True, exist_ok=True)
    run(asked.state, asked.windows, asked.decay, asked.every)


if __name__ == "__main__":
    main()
