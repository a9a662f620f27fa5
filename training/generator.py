"""Series that never were: a seeded mixture of the processes that sensors, sales and statistics look like.

Every family draws a whole block at once. Random numbers come from `(seed, chunk)` alone, so that a chunk can be drawn
again by whoever goes on training.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.float32]

LENGTH = 576
"""Steps of a series: 512 of context and 64 that follow."""
COMMON_PERIODS = np.array([4, 5, 6, 7, 7, 8, 10, 12, 12, 12, 13, 24, 24, 24, 30, 48, 48, 52, 60, 96, 144, 168])
_TABLE = 64


def draw(seed: int, chunk: int, count: int) -> Array:
    """`(count, LENGTH)` series of standard deviation 1 or 0, the families interleaved."""
    rng = np.random.default_rng([seed, chunk])
    shares = rng.multinomial(count, [weight for _, weight in FAMILIES])
    blocks = [family(rng, int(n)) for (family, _), n in zip(FAMILIES, shares, strict=True) if n]
    series = standardised(np.concatenate(blocks))
    series = altered(rng, series[rng.permutation(count)])
    return standardised(series)


def standardised(series: Array) -> Array:
    """Mean 0 and standard deviation 1, or all 0."""
    series = series - series.mean(axis=1, keepdims=True)
    sd = series.std(axis=1, keepdims=True)
    return np.divide(series, sd, out=np.zeros_like(series), where=sd > 1e-6).astype(np.float32)


def periods(rng: Generator, n: int) -> Array:
    """`(n, 1)` periods of 3 to 200 steps: those of calendars, jittered in a third of the draws, or any."""
    common = rng.choice(COMMON_PERIODS, n).astype(np.float32)
    common *= np.where(rng.random(n) < 0.3, rng.uniform(0.95, 1.05, n), 1)
    any_period = np.exp(rng.uniform(np.log(3), np.log(200), n))
    return np.where(rng.random(n) < 0.6, common, any_period).astype(np.float32)[:, None]


def filtered(rng: Generator, n: int, most_poles: int = 10, noise: Array | None = None) -> Array:
    """ARMA noise: up to `most_poles` poles of radius up to .9 and 3 zeros, drawn as roots (SarSim0), by Fourier."""
    size = 1024
    noise = rng.standard_normal((n, size), dtype=np.float32) if noise is None else noise

    def response(pairs: int, radius: float) -> NDArray[np.complex64]:
        polynomial = np.ones((n, 1))
        for _ in range(pairs):
            r = rng.uniform(0, radius, n) * (rng.random(n) < 0.6)
            theta = rng.uniform(0, np.pi, n) * (rng.random(n) < 0.7)
            factor = np.stack([np.ones(n), -2 * r * np.cos(theta), r**2], axis=1)
            wider = np.zeros((n, polynomial.shape[1] + 2))
            for lag in range(3):
                wider[:, lag : lag + polynomial.shape[1]] += factor[:, lag : lag + 1] * polynomial
            polynomial = wider
        return np.fft.rfft(polynomial, size).astype(np.complex64)

    gain = response(1, 0.9) / response(most_poles // 2, 0.9)
    return np.fft.irfft(np.fft.rfft(noise) * gain, size)[:, :LENGTH].astype(np.float32)


def smooth(rng: Generator, n: int, scale: Array) -> Array:
    """Gaussian processes with a squared-exponential kernel of length `scale`: white noise through its spectrum."""
    size = 1024
    frequency = np.fft.rfftfreq(size).astype(np.float32)
    gain = np.exp(-((np.pi * frequency * scale) ** 2))
    noise = np.fft.rfft(rng.standard_normal((n, size), dtype=np.float32))
    return standardised(np.fft.irfft(noise * gain, size)[:, :LENGTH].astype(np.float32))


def scales(rng: Generator, n: int, low: float, high: float) -> Array:
    """`(n, 1)` lengths, log-uniform."""
    return np.exp(rng.uniform(np.log(low), np.log(high), (n, 1))).astype(np.float32)


def shapes(rng: Generator, n: int) -> Array:
    """`(n, 64)` one period each: a few harmonics, a saw, a rectangle, a bump, half a sine, free levels."""
    x = np.linspace(0, 1, _TABLE, endpoint=False, dtype=np.float32)
    kinds = rng.choice(6, n, p=[0.45, 0.1, 0.1, 0.15, 0.1, 0.1])
    k = np.arange(1, 9)
    amplitude = rng.standard_normal((n, 8)) * np.exp(-rng.uniform(0.1, 1.5, (n, 1)) * k)
    waves = np.cos(2 * np.pi * (k[None, :, None] * x + rng.random((n, 8, 1))))
    table = np.einsum("nk,nkx->nx", amplitude, waves)
    duty = rng.uniform(0.05, 0.9, (n, 1))
    table = np.where(kinds[:, None] == 1, np.where(x < duty, x / duty, (1 - x) / (1 - duty)), table)
    table = np.where(kinds[:, None] == 2, x < duty, table)
    table = np.where(kinds[:, None] == 3, np.exp(-0.5 * ((x - 0.5) / (0.02 + 0.2 * duty)) ** 2), table)
    table = np.where(kinds[:, None] == 4, np.maximum(0, np.sin(2 * np.pi * x) + duty - 0.5), table)
    levels = rng.standard_normal((n, 12))[:, (x * 12).astype(int)]
    return standardised(np.where(kinds[:, None] == 5, levels, table).astype(np.float32))


def seasonal(rng: Generator, n: int, period: Array) -> Array:
    """`(n, LENGTH)` repeated shapes of the period, read by linear interpolation; in a third the amplitude drifts."""
    phase = np.arange(LENGTH, dtype=np.float32) / period + rng.random((n, 1), dtype=np.float32)
    place = (phase % 1) * _TABLE
    left = np.minimum(place.astype(np.int32), _TABLE - 1)
    table, rows = shapes(rng, n), np.arange(n)[:, None]
    share = place - left
    wave = table[rows, left] * (1 - share) + table[rows, (left + 1) % _TABLE] * share
    drift = np.exp(0.4 * smooth(rng, n, scales(rng, n, 60, 600)))
    return np.where(rng.random((n, 1)) < 0.35, wave * drift, wave).astype(np.float32)


def noise(rng: Generator, n: int) -> Array:
    """Normal, Student's t with 3 degrees of freedom, or correlated; standard deviation about 1."""
    plain = rng.standard_normal((n, LENGTH), dtype=np.float32)
    heavy = plain / np.sqrt(rng.chisquare(3, (n, LENGTH)).astype(np.float32) + 0.05)
    kind = rng.random((n, 1))
    correlated = standardised(filtered(rng, n, 4))
    return np.where(kind < 0.55, plain, np.where(kind < 0.7, heavy, correlated)).astype(np.float32)


def trend(rng: Generator, n: int) -> Array:
    """A line, a saturating curve, growth, a bent line, or a slow wander; over the whole length about 1."""
    t = np.linspace(0, 1, LENGTH, dtype=np.float32)
    kind = rng.integers(0, 5, (n, 1))
    rate, bend = rng.uniform(1, 6, (n, 1)), rng.random((n, 1))
    curve = np.where(kind == 1, 1 - np.exp(-rate * t), t)
    curve = np.where(kind == 2, np.expm1(rate * t) / np.expm1(rate), curve)
    curve = np.where(kind == 3, t + rng.standard_normal((n, 1)) * np.maximum(0, t - bend), curve)
    curve = np.where(kind == 4, smooth(rng, n, scales(rng, n, 150, 800)), curve)
    return (curve * rng.choice([-1, 1], (n, 1))).astype(np.float32)


def sarima(rng: Generator, n: int) -> Array:
    """ARMA noise, fractionally or wholly integrated, half of it with a seasonal pole (SarSim0)."""
    size = 1024
    omega = 2 * np.pi * np.fft.rfftfreq(size)
    omega[0] = omega[1]
    z = np.exp(-1j * omega)[None]
    rho = np.where(rng.random((n, 1)) < 0.5, rng.uniform(0.7, 0.995, (n, 1)), 0)
    order = np.where(rng.random((n, 1)) < 0.5, rng.uniform(0, 0.5, (n, 1)), 0)
    gain = (1 - z) ** -order / (1 - rho * np.exp(-1j * omega * periods(rng, n)))
    shaped = np.fft.irfft(np.fft.rfft(rng.standard_normal((n, size))) * gain, size).astype(np.float32)
    path = standardised(filtered(rng, n, noise=shaped))
    integrated = np.cumsum(path + rng.standard_normal((n, 1)) * 0.1 * (rng.random((n, 1)) < 0.5), axis=1)
    return np.where(rng.random((n, 1)) < 0.45, integrated, path).astype(np.float32)


def carrier(rng: Generator, n: int) -> Array:
    """A fast season carried by a slow one, added or as its amplitude, with noise (SARIMA-2)."""
    pairs = np.array([[24, 168], [7, 52], [48, 336], [12, 96], [24, 400], [7, 365], [4, 52], [10, 70]])
    chosen = pairs[rng.integers(0, len(pairs), n)].astype(np.float32)
    fast = seasonal(rng, n, chosen[:, :1]) + 0.3 * noise(rng, n)
    slow = np.where(rng.random((n, 1)) < 0.6, seasonal(rng, n, chosen[:, 1:]), smooth(rng, n, scales(rng, n, 40, 300)))
    omega = rng.uniform(0.2, 1.5, (n, 1))
    mixed = np.where(rng.random((n, 1)) < 0.5, (1 + omega * slow) * fast, fast + omega * slow)
    return (mixed + rng.uniform(0, 0.6, (n, 1)) * noise(rng, n)).astype(np.float32)


def structural(rng: Generator, n: int) -> Array:
    """Trend, one to three seasons and noise, added or multiplied."""
    path = seasonal(rng, n, periods(rng, n)) * rng.uniform(0.2, 2, (n, 1))
    for _ in range(2):
        path += seasonal(rng, n, periods(rng, n)) * rng.uniform(0.2, 1.5, (n, 1)) * (rng.random((n, 1)) < 0.35)
    path *= rng.random((n, 1)) < 0.85
    level = trend(rng, n) * rng.exponential(2, (n, 1)) * (rng.random((n, 1)) < 0.6)
    path = path + level + noise(rng, n) * scales(rng, n, 0.02, 1.5)
    return np.where(rng.random((n, 1)) < 0.3, np.exp(0.5 * standardised(path)), path).astype(np.float32)


def kernels(rng: Generator, n: int) -> Array:
    """Gaussian processes: sums and products of smooth, periodic and linear ones (KernelSynth by spectra)."""
    first, second = smooth(rng, n, scales(rng, n, 3, 300)), smooth(rng, n, scales(rng, n, 10, 600))
    wave, line = seasonal(rng, n, periods(rng, n)), trend(rng, n)
    kind = rng.integers(0, 4, (n, 1))
    path = np.where(kind == 0, first + second, np.where(kind == 1, wave * second, first + wave))
    path = np.where(kind == 3, wave * (1 + line) + second, path)
    return (path + 0.05 * noise(rng, n)).astype(np.float32)


def walks(rng: Generator, n: int) -> Array:
    """Ornstein-Uhlenbeck between two regimes with speeds, levels and noise of their own; a fifth are random walks."""
    speed = np.where(
        rng.random((n, 2)) < 0.5,
        scales(rng, 2 * n, 0.05, 0.9).reshape(n, 2),
        scales(rng, 2 * n, 0.002, 0.05).reshape(n, 2),
    )
    speed *= rng.random((n, 1)) > 0.2
    level, sigma = rng.standard_normal((n, 2)) * 2, scales(rng, 2 * n, 0.05, 1).reshape(n, 2)
    stay = 1 - scales(rng, n, 0.001, 0.15)[:, 0]
    regime, x, rows = np.zeros(n, int), rng.standard_normal(n), np.arange(n)
    path, shocks, luck = np.empty((n, LENGTH), np.float32), rng.standard_normal((LENGTH, n)), rng.random((LENGTH, n))
    for t in range(LENGTH):
        regime = np.where(luck[t] > stay, 1 - regime, regime)
        x = x + speed[rows, regime] * (level[rows, regime] - x) + sigma[rows, regime] * shocks[t]
        path[:, t] = x
    drift = np.linspace(0, 1, LENGTH, dtype=np.float32) * rng.standard_normal((n, 1)) * 5
    return (path + drift * (rng.random((n, 1)) < 0.3)).astype(np.float32)


def counts(rng: Generator, n: int) -> Array:
    """Poisson and gamma-mixed counts with a seasonal rate, from one in fifty steps to many."""
    rate = np.exp(rng.uniform(0, 1.2, (n, 1)) * seasonal(rng, n, periods(rng, n)) * (rng.random((n, 1)) < 0.8))
    rate = rate * np.exp(0.5 * trend(rng, n)) * scales(rng, n, 0.02, 60)
    shape = scales(rng, n, 0.5, 5)
    mixed = rng.gamma(np.broadcast_to(shape, rate.shape)) / shape
    return rng.poisson(np.minimum(np.where(rng.random((n, 1)) < 0.5, rate, rate * mixed), 1e5)).astype(np.float32)


def pulses(rng: Generator, n: int) -> Array:
    """Switched loads and bursts: rectangles at regular or random times, with a decaying tail in half of the draws."""
    regular = seasonal(rng, n, periods(rng, n)) > rng.uniform(-0.5, 1.5, (n, 1))
    random = smooth(rng, n, scales(rng, n, 3, 80)) > rng.uniform(-0.5, 1.8, (n, 1))
    path = np.where(rng.random((n, 1)) < 0.6, regular, random).astype(np.float32)
    height = np.where(rng.random((n, 1)) < 0.5, 1, np.exp(0.4 * rng.standard_normal((n, LENGTH))))
    path = path * height
    decay, tail = rng.uniform(0.3, 0.98, n), np.zeros(n)
    lingering = np.empty_like(path)
    for t in range(LENGTH):
        tail = np.maximum(path[:, t], decay * tail)
        lingering[:, t] = tail
    path = np.where(rng.random((n, 1)) < 0.5, lingering, path)
    return (path + scales(rng, n, 0.005, 0.2) * noise(rng, n)).astype(np.float32)


FAMILIES: tuple[tuple[Callable[[Generator, int], Array], float], ...] = (
    (sarima, 0.22), (carrier, 0.22), (structural, 0.24), (kernels, 0.1), (walks, 0.1), (counts, 0.06), (pulses, 0.06),
)  # fmt: skip


def altered(rng: Generator, x: Array) -> Array:
    """What happens to series between the world and the file: mixed, bent, clipped, stepped, spiked, turned round."""
    n = len(x)

    def some(share: float) -> NDArray[np.bool_]:
        return rng.random((n, 1)) < share

    x = np.where(some(0.08), x + rng.uniform(0.2, 0.8, (n, 1)) * x[rng.permutation(n)], x)
    x = np.where(some(0.15), x * np.exp(0.5 * smooth(rng, n, scales(rng, n, 40, 300))), x)
    low, high = np.quantile(x[:, ::9], [0.05, 0.95], axis=1)[:, :, None]
    width = rng.uniform(0.3, 1, (n, 1)) * (high - low)
    x = np.where(some(0.08), np.maximum(x, high - width), np.where(some(0.04), np.minimum(x, low + width), x))
    x = np.where(
        some(0.08), x + rng.standard_normal((n, 1)) * 2 * (np.arange(LENGTH) > rng.integers(0, LENGTH, (n, 1))), x
    )
    step = scales(rng, n, 0.03, 0.6)
    x = np.where(some(0.12), np.round(x / step) * step, x)
    spikes = (rng.random(x.shape) < 0.008) * rng.exponential(4, x.shape) * rng.choice([-1, 1], x.shape)
    x = np.where(some(0.08), x + spikes, x)
    x = np.where(some(0.1), x[:, ::-1], x)
    return np.where(some(0.3), -x, x).astype(np.float32)
