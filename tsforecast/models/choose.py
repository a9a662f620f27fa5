"""Fit every model that suits, score all from the same origins, choose. It knows none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tsforecast.data.series import Series
from tsforecast.errors import DataError, MissingDependencyError
from tsforecast.models import registry
from tsforecast.models.contract import Model, Progress
from tsforecast.models.task import Task

# one free run of a model that chose itself by several may err so many times as much as a lucky rival's
_ONE_FORECAST = 5.0


@dataclass(frozen=True)
class Choice:
    """Models fitted on the same task, their validation errors, and the choice among them.

    Attributes:
        models: By name.
        chosen: Name of the one to use.
        scores: Validation error by name; see `Task.score`.
        left_out: Why each of the others was not fitted, by name.
        notes: Facts for the report, one line each.
    """

    models: Mapping[str, Model]
    chosen: str
    scores: Mapping[str, float]
    left_out: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def references(self) -> list[str]:
        """Names of the forecasts that cost nothing."""
        return [name for name, model in self.models.items() if type(model).info.reference]

    def refit(self, series: Sequence[Series], horizon: int) -> Choice:
        """The same models, their closed-form parts fitted on all rows of the same series."""
        task = Task.whole(series, horizon)
        return replace(self, models={name: model.refit(task) for name, model in self.models.items()})


def choose(task: Task, given: Mapping[str, Any], *, seed: int, tell: Progress) -> Choice:
    """Fit what is always fitted, what volunteers and what is asked for; take the one asked for, else the best.

    Args:
        task: The data, the name of the model that is asked for, if any, and the deadline, after which no model whose
            cost is training has its turn unless it is asked for.
        given: Values of settings by name; each model takes those it knows.
        seed: Of everything random.
        tell: Told in words what is being done.

    Raises:
        DataError: Where no series is long enough for one validation origin, or what is asked for does not suit.
        MissingDependencyError: Where what is asked for needs what is not installed.
        UsageError: For an unknown model or contradicting settings.
    """
    asked = registry.find(task.asked) if task.asked else None
    wanted = _turns(given, asked)
    settings = {model.info.name: registry.settings_of(model, given) for model in wanted}
    judge = _judge(task, wanted, settings)
    models: dict[str, Model] = {}
    scores: dict[str, float] = {}
    left_out: dict[str, str] = {}
    notes: list[str] = []
    for model in wanted:
        name = model.info.name
        task = task.with_fitted(models, scores)
        try:
            reason = model.unsuitable(task, settings[name]) or _late(task, model)
            if reason is None:
                tell(f"fitting {name}")
                models[name] = model.fit(task, settings[name], seed=seed, tell=tell)
                notes += _cut_short(task, model)
                scores[name] = judge.score(models[name])
                notes += models[name].notes
                continue
        except MissingDependencyError as error:
            if model is asked:
                raise
            reason = f"{error.message} ({error.hint})"
        if model is asked:
            raise DataError(f"{name} cannot be used here: {reason}", "leave out --model to take the best that can")
        left_out[name] = reason
        if model.info.cost == "training" or (model.info.always and not model.info.reference):
            notes.append(f"no {name}: {reason}")
    chosen = task.asked or _best(task, models, scores)
    return Choice(models, chosen, scores, left_out, notes)


def _turns(given: Mapping[str, Any], asked: type[Model] | None) -> list[type[Model]]:
    """The models to fit, in order: those always fitted, and the one asked for or those that volunteer."""

    def has_its_turn(model: type[Model]) -> bool:
        if model.info.always or model is asked:
            return True
        return asked is None and model.volunteers(registry.settings_of(model, given))

    return [model for model in registry.everything().values() if has_its_turn(model)]


def _late(task: Task, model: type[Model]) -> str | None:
    """Why there is no time for it; None where there is, and where it is asked for."""
    return f"the {task.deadline} was over" if _over(task, model) and task.asked != model.info.name else None


def _cut_short(task: Task, model: type[Model]) -> list[str]:
    """What is to be said where the deadline passed while a model was fitted."""
    told = f"{model.info.name} was in training at the {task.deadline}; its best epoch until then competes"
    return [told] if _over(task, model) else []


def _over(task: Task, model: type[Model]) -> bool:
    return model.info.cost == "training" and task.deadline is not None and task.deadline.passed


def _judge(task: Task, wanted: Sequence[type[Model]], settings: Mapping[str, Any]) -> Task:
    """The task with as many origins as the slowest of those that suit can be scored from."""
    most = [
        model.info.most_origins
        for model in wanted
        if model.info.most_origins and model.unsuitable(task, settings[model.info.name]) is None
    ]
    return task.thinned(min(most)) if most else task


def _best(task: Task, models: Mapping[str, Model], scores: Mapping[str, float]) -> str:
    """The lowest score.

    Where validation is shorter than two horizons it is one forecast in effect. A model that chose itself by several
    free runs is then taken unless its score is far from the lowest.
    """
    lowest = min(scores, key=lambda name: scores[name])
    if max(task.n_validation) < 2 * task.horizon:
        for name, model in models.items():
            if type(model).info.self_chosen and scores[name] <= _ONE_FORECAST * scores[lowest]:
                return name
    return lowest
