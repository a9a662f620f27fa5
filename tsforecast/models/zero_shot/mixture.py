"""Which ways to forecast a series are combined, and how much each weighs: by errors at its earlier origins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.models.zero_shot.patched import BELOW
from tsforecast.models.zero_shot.variants import PLAIN, Variant, candidates, foresee_each

if TYPE_CHECKING:
    from tsforecast.models.task import Task

Members = Mapping[Variant, float]
"""Weights that sum to 1, the heaviest first."""

_BEST, _POWER = 4, 3
# origins that judge: of each series, and of all together
_ORIGINS, _MOST_ORIGINS = 10, 1000
# origins of its own that outweigh what the other series of a panel say
_SHARED = 2.0


def found_members(task: Task) -> dict[str, Members]:
    """By name, the best four ways of each series, weighted by 1 / error ** 3.

    The errors are those of ten origins spread over the validation rows, and over earlier ones where those are fewer
    than ten horizons: nothing is learnt of any row. Where several series have a way in common, and few origins each,
    how it does on the others counts as well.
    """
    judged = [
        min(max(n, _ORIGINS * task.horizon), max(n, len(s) // 3))
        for s, n in zip(task.series, task.n_validation, strict=True)
    ]
    trial = replace(task, n_validation=judged, most_origins=min(_ORIGINS * len(task.series), _MOST_ORIGINS))
    if not any(len(s) > task.horizon for s in task.series):
        return {s.name: {PLAIN: 1.0} for s in task.series}
    errors = _errors(trial)
    shared = _usual_errors([relative for relative, _ in errors.values()])
    return {s.name: _weights(*errors.get(i, ({PLAIN: 1.0}, 0)), shared) for i, s in enumerate(task.series)}


def mean_members(several: Sequence[Members]) -> Members:
    """The four that weigh most on average, with their mean weights; the network as it is where there are none."""
    sums: dict[Variant, float] = {}
    for own in several:
        for variant, weight in own.items():
            sums[variant] = sums.get(variant, 0.0) + weight
    best = list(heaviest_first(sums).items())[:_BEST]
    total = sum(weight for _, weight in best)
    return {variant: weight / total for variant, weight in best} or {PLAIN: 1.0}


def heaviest_first(weights: Mapping[Variant, float]) -> Members:
    """In the one order in which they are summed."""
    return dict(sorted(weights.items(), key=lambda item: (-item[1], item[0])))


def _errors(trial: Task) -> dict[int, tuple[dict[Variant, float], int]]:
    """By series, the error of each variant, that of the network as it is being 1, and how many origins judged."""
    by_series: dict[int, list[int]] = {}
    for row, i in enumerate(trial.of_origin.tolist()):
        by_series.setdefault(i, []).append(row)
    found = {}
    for i, rows in by_series.items():
        variants = [v for v in candidates(trial.series[i]) if v.fits(trial.origins[rows[0]][1])]
        errors = _typical_errors(trial, rows, variants)
        # to the error of the network as it is, channel by channel; the floor keeps no error from weighing all
        units = np.where(errors[:, :1] > 0, errors[:, :1], np.maximum(errors.max(axis=1, keepdims=True), 1e-300))
        relative = np.maximum((errors / units).mean(axis=0), 1e-6)
        found[i] = dict(zip(variants, relative.tolist(), strict=True)), len(rows)
    return found


def _typical_errors(trial: Task, rows: Sequence[int], variants: Sequence[Variant]) -> FloatArray:
    """Mean absolute errors, the median over some origins of one series `(channel, variant)`.

    Not the mean: a code for a missing value in what followed one origin would make all variants alike.
    """
    wanted = [(values, variant) for row in rows for values in trial.histories[row].filled.T for variant in variants]
    medians = foresee_each(wanted, trial.horizon)[..., BELOW]
    targets = np.moveaxis(trial.targets[rows], 2, 1)
    apart = np.abs(medians.reshape(len(rows), targets.shape[1], len(variants), -1) - targets[:, :, None])
    seen = ~np.isnan(apart)
    mean = np.where(seen, apart, 0).sum(axis=3) / np.maximum(seen.sum(axis=3), 1)
    return np.asarray(np.median(mean, axis=0))


def _usual_errors(several: Sequence[Mapping[Variant, float]]) -> dict[Variant, float]:
    """Geometric mean of the errors of each variant over the series that have it."""
    logs: dict[Variant, list[float]] = {}
    for own in several:
        for variant, error in own.items():
            logs.setdefault(variant, []).append(float(np.log(error)))
    return {variant: float(np.exp(np.mean(found))) for variant, found in logs.items()}


def _weights(own: Mapping[Variant, float], origins: int, shared: Mapping[Variant, float]) -> Members:
    """The best four and their weights, by the errors of the series shrunk towards what is usual."""
    part = origins / (origins + _SHARED)
    errors = {v: np.exp(part * np.log(e) + (1 - part) * np.log(shared.get(v, e))) for v, e in own.items()}
    best = sorted(errors, key=lambda variant: (errors[variant], variant))[:_BEST]
    weights: FloatArray = np.array([errors[variant] for variant in best]) ** -float(_POWER)
    return heaviest_first(dict(zip(best, (weights / weights.sum()).tolist(), strict=True)))
