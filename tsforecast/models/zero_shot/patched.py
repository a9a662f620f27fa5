"""The pretrained network itself: patches of 16 steps, two gated recurrent layers, quantiles that cannot cross.

The same lines run in numpy where it forecasts and in JAX where it is trained (`training/`): `xp` is either.
"""

from __future__ import annotations

from typing import Any

PATCH, AHEAD, WIDE, HEAD = 16, 64, 128, 256
HARMONICS = 3
LEVELS = (0.025, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.975)
BELOW = LEVELS.index(0.5)
FEATURES = 2 * PATCH + 4 * PATCH + 2
WAVES = 4 * HARMONICS

SHAPES = {
    "patch/kernel": (FEATURES, WIDE),
    "patch/bias": (WIDE,),
    "first/input": (WIDE, 3 * WIDE),
    "first/state": (WIDE, 3 * WIDE),
    "first/bias": (2, 3 * WIDE),
    "second/input": (WIDE, 3 * WIDE),
    "second/state": (WIDE, 3 * WIDE),
    "second/bias": (2, 3 * WIDE),
    "head/kernel": (2 * WIDE, HEAD),
    "head/bias": (HEAD,),
    "out/kernel": (HEAD, AHEAD * len(LEVELS)),
    "out/bias": (AHEAD * len(LEVELS),),
    "waves/kernel": (HEAD, WAVES),
    "skip/kernel": (PATCH, AHEAD),
}
"""Of every array of weights; a gated layer's are those of Keras' GRU (`reset_after`, gates z, r, candidate)."""


def patches(values: Any, seen: Any, periods: Any, xp: Any) -> Any:
    """`(series, patch, FEATURES)` from `(series, step)` values (missing ones carried) and what of them was seen.

    `periods` are `(series, 2)` in steps, 0 where there is none; phases count from the first step.
    """
    series, steps = values.shape
    count = steps // PATCH
    on = (periods > 0).astype(xp.float32)
    angle = 2 * xp.pi * xp.arange(steps)[None, :, None] / xp.where(periods > 0, periods, 1)[:, None, :]
    waves = xp.concatenate([xp.sin(angle), xp.cos(angle)], axis=2) * xp.concatenate([on, on], axis=1)[:, None, :]
    lengths = xp.log(xp.where(periods > 0, periods, 1)) / 5
    parts = [
        values.reshape(series, count, PATCH),
        seen.reshape(series, count, PATCH),
        waves.reshape(series, count, 4 * PATCH),
        xp.broadcast_to(lengths[:, None, :], (series, count, 2)),
    ]
    return xp.concatenate([part.astype(xp.float32) for part in parts], axis=2)


def _sigmoid(x: Any, xp: Any) -> Any:
    return 0.5 * (1 + xp.tanh(0.5 * x))


def _silu(x: Any, xp: Any) -> Any:
    return x * _sigmoid(x, xp)


def _recurrent(w: dict[str, Any], name: str, x: Any, xp: Any) -> Any:
    """A gated recurrent layer (Cho et al. 2014) over `(series, patch, WIDE)`, as Keras computes it."""
    given = x @ w[f"{name}/input"] + w[f"{name}/bias"][0]
    h = xp.zeros((x.shape[0], WIDE), dtype=xp.float32)
    states = []
    for t in range(x.shape[1]):
        own = h @ w[f"{name}/state"] + w[f"{name}/bias"][1]
        z = _sigmoid(given[:, t, :WIDE] + own[:, :WIDE], xp)
        r = _sigmoid(given[:, t, WIDE : 2 * WIDE] + own[:, WIDE : 2 * WIDE], xp)
        h = z * h + (1 - z) * xp.tanh(given[:, t, 2 * WIDE :] + r * own[:, 2 * WIDE :])
        states.append(h)
    return xp.stack(states, axis=1)


def states(w: dict[str, Any], features: Any, xp: Any) -> Any:
    """`(series, patch, 2 * WIDE)`: what both layers remember after each patch."""
    x = _silu(features @ w["patch/kernel"] + w["patch/bias"], xp)
    first = _recurrent(w, "first", x, xp)
    return xp.concatenate([first, _recurrent(w, "second", first + x, xp)], axis=2)


def ahead(w: dict[str, Any], state: Any, last: Any, periods: Any, start: Any, xp: Any) -> Any:
    """`(series, place, AHEAD, quantile)` scores, ascending in the last axis.

    Args:
        w: The weights.
        state: `(series, place, 2 * WIDE)` states from which to look ahead.
        last: `(series, place, PATCH)` the values of the patch just read.
        periods: `(series, 2)`.
        start: `(series, place)` the step that is forecast first.
        xp: numpy or jax.numpy.
    """
    hidden = _silu(state @ w["head/kernel"] + w["head/bias"], xp)
    out = (hidden @ w["out/kernel"] + w["out/bias"]).reshape(*state.shape[:2], AHEAD, len(LEVELS))
    steps = start[:, :, None] + xp.arange(AHEAD)
    turn = 2 * xp.pi * steps[..., None] / xp.where(periods > 0, periods, 1)[:, None, None, :]
    angles = xp.concatenate([turn * (k + 1) for k in range(HARMONICS)], axis=3)
    on = xp.concatenate([(periods > 0).astype(xp.float32)] * (2 * HARMONICS), axis=1)[:, None, None, :]
    waves = xp.concatenate([xp.sin(angles), xp.cos(angles)], axis=3).astype(xp.float32) * on
    median = out[..., BELOW] + last @ w["skip/kernel"]
    median = median + (waves * (hidden @ w["waves/kernel"])[:, :, None, :]).sum(axis=3)
    widths = xp.logaddexp(out, xp.float32(0))
    up = median[..., None] + xp.cumsum(widths[..., BELOW + 1 :], axis=3)
    down = median[..., None] - xp.cumsum(widths[..., :BELOW], axis=3)
    return xp.concatenate([xp.flip(down, axis=3), median[..., None], up], axis=3)
