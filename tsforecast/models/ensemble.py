"""The forecasts of several models together: a weighted mean of the best few, each kept within reach of its history.

`weighing.py` says how they are weighed. Series of a panel have weights of their own where those do better on forecasts
that did not make them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from tsforecast.data.arrays import FloatArray
from tsforecast.data.series import Series
from tsforecast.model_config import NetworkConfig
from tsforecast.models import registry
from tsforecast.models.contract import Ahead, Model, ModelInfo, Progress, Space, State
from tsforecast.models.task import Task, group_means
from tsforecast.models.weighing import earlier, own_weights, weights_of

MOST_MEMBERS, FEW_MEMBERS = 6, 4
"""Where many series weigh them, and where few do."""
FARTHEST = 1.5
"""Who errs so many times as much as the best is no help to it, however few forecasts measured that."""
MANY = 100
"""From so many series on, members that err more by themselves are taken, too: they err elsewhere."""
MOST_AWAY = 0.02
"""Share of forecasts that may leave the reach of their histories."""
# a member below this share of the weight is left to the others
_LEAST_WEIGHT = 0.02


@dataclass(frozen=True)
class Ensemble(Model):
    """See the top of the file.

    Attributes:
        members: By name.
        weights: Of each member, for series without their own `(member,)`; they add up to 1.
        names: Of the series with their own.
        own: Their weights `(series, member)`.
        alone: Validation error of each member by itself, and of all together, for the report.
        dropped: Those that ran away, in words.
    """

    members: Mapping[str, Model]
    weights: FloatArray
    names: tuple[str, ...]
    own: FloatArray
    alone: FloatArray
    dropped: tuple[str, ...] = ()

    info: ClassVar = ModelInfo(
        "ensemble",
        "the best few of the others, weighted by what they erred in validation",
        "whatever no single model is clearly best at",
        scope="global",
        combines=True,
    )
    Settings: ClassVar = NetworkConfig

    @property
    def history_length(self) -> int:
        """See `Model.history_length`."""
        return max(member.history_length for member in self.members.values())

    @property
    def space(self) -> Space:
        """See `Model.space`."""
        return "log" if all(member.space == "log" for member in self.members.values()) else "plain"

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Model.notes`."""
        alone = ", ".join(f"{name} {error:.3g}" for name, error in zip(self.members, self.alone, strict=False))
        each = f"; each of {len(self.names):,} series has weights of its own" if self.names else ""
        told = f"{self.info.name}: validation error {self.alone[-1]:.3g}; alone {alone}{each}"
        return (told, *self.dropped, *(note for member in self.members.values() for note in member.notes))

    @property
    def shares(self) -> Mapping[str, float]:
        """See `Model.shares`; the mean where series have weights of their own."""
        weights = self.own.mean(axis=0) if self.names else self.weights
        return dict(zip(self.members, weights.tolist(), strict=True))

    @classmethod
    def unsuitable(cls, task: Task, settings: NetworkConfig) -> str | None:  # noqa: ARG003
        """See `Model.unsuitable`."""
        if task.asked == cls.info.name or len(_candidates(_without_runaways(task)[0])) > 1:
            return None
        return f"no other model comes near to {task.leader}" if task.scores else "there is nothing to combine"

    @classmethod
    def fit(cls, task: Task, settings: NetworkConfig, *, seed: int, tell: Progress) -> Ensemble:  # noqa: ARG003
        """Weigh what was fitted on the task by its validation errors; where nothing was, what is always fitted."""
        task = task if task.ahead else _with_plain_models(task, seed, tell)
        task, dropped = _without_runaways(task)
        names = _candidates(task)
        if len(names) < 2:
            names = _ranked(task)[:2]
        errors = np.stack([task.errors_of(task.ahead[name]) for name in names], axis=1)
        weights = weights_of(np.array([task.scores[name] for name in names]), _independent(task))
        kept = np.flatnonzero(weights >= _LEAST_WEIGHT)
        names, errors, weights = [names[i] for i in kept], errors[:, kept], weights[kept] / weights[kept].sum()
        members = {name: task.fitted[name] for name in names}
        made = cls(members, weights, (), np.empty((0, len(names))), np.empty(0), dropped)
        made = made._with_own(task, errors)
        together = task.mean(task.errors_of(made.blended(task.ahead, task.histories, task.horizon)))
        return replace(made, alone=np.array([*(task.scores[name] for name in names), together]))

    def _with_own(self, task: Task, errors: FloatArray) -> Ensemble:
        """With weights of each series where those of the earlier half of its origins do better on the later half.

        Args:
            task: What it is fitted on.
            errors: Of each member `(origin, member)`.
        """
        of = task.of_origin
        if len(np.unique(of)) < 2:
            return self
        first = earlier(of)
        told = np.isin(of, np.intersect1d(of[first], of[~first]))
        if not (told & first).any():
            return self
        points = np.stack([task.ahead[name] for name in self.members], axis=-1)
        count = _independent(task) / 2 / len(np.unique(of))
        halves = own_weights(errors[first], of[first], self.weights, count)
        place = np.searchsorted(halves[0], of)
        later = np.flatnonzero(told & ~first)
        mine = task.errors_of((points * halves[1][np.minimum(place, len(halves[0]) - 1)][:, None, None]).sum(axis=-1))
        ours = task.errors_of((points * self.weights).sum(axis=-1))
        if not group_means(mine[later], of[later]).mean() < group_means(ours[later], of[later]).mean():
            return self
        which, own = own_weights(errors, of, self.weights, 2 * count)
        return replace(self, names=tuple(task.series[i].name for i in which), own=own)

    def predict(self, series: Sequence[Series], horizon: int, future: Any = None) -> Ahead:
        """See `Model.predict`; a member that leaves the reach of a history has no say there, unless all do."""
        each = {name: own.predict(series, horizon, future).point for name, own in self.members.items()}
        return Ahead(self.blended(each, series, horizon))

    def blended(self, ahead: Mapping[str, FloatArray], series: Sequence[Series], horizon: int) -> FloatArray:
        """See `Model.blended`."""
        points = np.stack([ahead[name] for name in self.members], axis=-1)
        low, high = (edge[..., None] for edge in _reach(series, self.history_length, horizon))
        place = {name: i for i, name in enumerate(self.names)}
        weights = np.stack([self.own[place[s.name]] if s.name in place else self.weights for s in series])
        kept = weights * ((points >= low) & (points <= high)).all(axis=(1, 2))
        some = kept.sum(axis=1, keepdims=True) > 0
        weights = _adding_up(np.where(some, kept, weights))
        points = np.clip(np.nan_to_num(points, nan=np.inf), low, high)
        return np.asarray((points * weights[:, None, None, :]).sum(axis=-1))

    def refit(self, task: Task) -> Ensemble:
        """With its members as they were refitted on the task, or refitted now; one that runs away then is left out."""
        members = {name: task.fitted.get(name) or own.refit(task) for name, own in self.members.items()}
        away = {
            name: _away(own.predict(task.series, task.horizon).point, task.series, self.history_length)
            for name, own in members.items()
        }
        kept = [i for i, name in enumerate(members) if away[name] <= MOST_AWAY]
        if len(kept) in (0, len(members)):
            return replace(self, members=members)
        told = tuple(
            f"{self.info.name}: {name} runs away within {task.horizon:,} steps of the last row and is left out"
            for name, share in away.items()
            if share > MOST_AWAY
        )
        names = [list(members)[i] for i in kept]
        weights, own = (w[..., kept] for w in (self.weights, self.own))
        return replace(
            self,
            members={name: members[name] for name in names},
            weights=_adding_up(weights),
            own=_adding_up(own),
            alone=self.alone[[*kept, -1]],
            dropped=(*self.dropped, *told),
        )

    def update(self, task: Task, settings: NetworkConfig, *, seed: int, tell: Progress) -> Ensemble:
        """Each member trained further, the weights kept."""
        members = {
            name: own.update(task, registry.settings_of(type(own), vars(settings)), seed=seed, tell=tell)
            for name, own in self.members.items()
        }
        return replace(self, members=members)

    def state(self) -> State:
        """The states of the members, what is theirs under their number."""
        states = [own.state() for own in self.members.values()]
        settings = {
            "members": [[name, dict(own.settings)] for name, own in zip(self.members, states, strict=True)],
            "names": list(self.names),
        }
        arrays = {f"m{i}_{key}": array for i, own in enumerate(states) for key, array in own.arrays.items()}
        blobs = {f"m{i}_{key}": blob for i, own in enumerate(states) for key, blob in own.blobs.items()}
        return State(settings, {**arrays, "weights": self.weights, "own": self.own, "alone": self.alone}, blobs)

    @classmethod
    def restored(cls, state: State) -> Ensemble:
        """See `Model.restored`."""
        listed = state.settings["members"]
        if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_MEMBERS:
            raise ValueError(f"there must be 1 to {MOST_MEMBERS} members")
        numbers = [f"m{i}_" for i in range(len(listed))]
        state.checked(
            settings=("members", "names"),
            arrays=("weights", "own", "alone", *(k for k in state.arrays if k.startswith(tuple(numbers)))),
            blobs=[k for k in state.blobs if k.startswith(tuple(numbers))],
        )
        members = {}
        for number, (name, settings) in zip(numbers, listed, strict=True):
            model = registry.find(State.text(name))
            if model.info.combines or name in members:
                raise ValueError("a member must be another model, once")
            arrays = {k.removeprefix(number): own for k, own in state.arrays.items() if k.startswith(number)}
            blobs = {k.removeprefix(number): own for k, own in state.blobs.items() if k.startswith(number)}
            members[name] = model.restored(State(settings, arrays, blobs))
        names = state.settings["names"]
        if not isinstance(names, list) or len({State.text(name, 100_000) for name in names}) < len(names):
            raise ValueError("`names` must be a list of texts that differ")
        weights, own = state.array("weights", len(members)), state.array("own", len(names), len(members))
        for found in (weights[None], own):
            if (found < 0).any() or (np.abs(found.sum(axis=1) - 1) > 1e-6).any():
                raise ValueError("weights must add up to 1")
        return cls(members, weights, tuple(names), own, state.array("alone", len(members) + 1))


def _with_plain_models(task: Task, seed: int, tell: Progress) -> Task:
    """The task after those models had their turn that are always fitted."""
    fitted: dict[str, Model] = {}
    for name, model in registry.everything().items():
        settings = registry.settings_of(model, {})
        if model.info.always and model.unsuitable(task, settings) is None:
            fitted[name] = model.fit(task, settings, seed=seed, tell=tell)
    ahead = {name: task.forecasts(model) for name, model in fitted.items()}
    scores = {name: task.mean(task.errors_of(points)) for name, points in ahead.items()}
    return task.with_fitted(fitted, scores, ahead)


def _without_runaways(task: Task) -> tuple[Task, tuple[str, ...]]:
    """The task without those whose validation forecasts run away, and that in words.

    The few forecasts of the others that do are held within reach and scored so: one odd series does not speak for all.
    """
    rows = max((model.history_length for model in task.fitted.values()), default=1)
    away = {name: _away(points, task.histories, rows) for name, points in task.ahead.items()}
    kept = [name for name in away if away[name] <= MOST_AWAY] or list(away)
    low, high = _reach(task.histories, rows, task.horizon)
    ahead, scores = {name: task.ahead[name] for name in kept}, dict(task.scores)
    for name in kept:
        if away[name] > 0:
            ahead[name] = np.clip(np.nan_to_num(ahead[name], nan=np.inf), low, high)
            scores[name] = task.mean(task.errors_of(ahead[name]))
    told = [
        f"{Ensemble.info.name}: {name} runs away in {share:.0%} of its validation forecasts and is left out"
        for name, share in away.items()
        if name not in kept
    ]
    return task.with_fitted(task.fitted, scores, ahead), tuple(told)


def _reach(series: Sequence[Series], rows: int, horizon: int) -> tuple[FloatArray, FloatArray]:
    """Where forecasts are cut off: as far again as the last rows reach, and where their drift leads to.

    Returns:
        Lowest and highest `(series, 1, channel)`.
    """
    seen = [s.filled[-rows:] for s in series]
    low, high = (np.stack([edge(own, axis=0) for own in seen]) for edge in (np.nanmin, np.nanmax))
    moved = np.stack([np.abs(own[-1] - own[0]) * horizon / max(1, len(own) - 1) for own in seen])
    room = np.where(high > low, high - low + moved, np.inf)
    return (low - room)[:, None], (high + room)[:, None]


def _away(points: FloatArray, series: Sequence[Series], rows: int) -> float:
    """Share of forecasts `(series, step, channel)` that leave the reach of their histories."""
    low, high = _reach(series, rows, points.shape[1])
    inside = (points >= low) & (points <= high)
    return float(1 - inside.all(axis=(1, 2)).mean())


def _adding_up(weights: FloatArray) -> FloatArray:
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def _ranked(task: Task) -> list[str]:
    """What was fitted, best first."""
    return sorted((name for name in task.ahead if np.isfinite(task.scores[name])), key=lambda name: task.scores[name])


def _candidates(task: Task) -> list[str]:
    """The best few that may help: those about as good as the best, and of many series others."""
    ranked, many = _ranked(task), _many(task)
    near = FARTHEST if many else min(FARTHEST, 1 + 1 / np.sqrt(max(1.0, _independent(task))))
    return [
        name
        for name in ranked[: MOST_MEMBERS if many else FEW_MEMBERS]
        if task.scores[name] <= near * task.scores[ranked[0]]
    ]


def _many(task: Task) -> bool:
    """Whether so many series are scored that their mean tells members apart, and each weighs little."""
    return len(np.unique(task.of_origin)) >= MANY


def _independent(task: Task) -> float:
    """Validation forecasts that do not overlap, over all series."""
    return float(sum(task.n_validation[i] // task.horizon for i in np.unique(task.of_origin)))
