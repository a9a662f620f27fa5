"""The choice where columns are beside the targets: with the regression on those that help, or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tsforecast.models import registry
from tsforecast.models.choose import Choice, choose
from tsforecast.models.contract import Model, Progress
from tsforecast.models.covariates.regression import Regression
from tsforecast.models.covariates.selection import LEAST_GAIN, Selection, select
from tsforecast.models.task import Task


@dataclass(frozen=True)
class Chosen:
    """A choice, and the regression that its models stand behind, if any.

    Attributes:
        choice: See there.
        regression: Fitted on the training rows; None where no column helps.
        plain: Names of the models that the regression does not stand before.
    """

    choice: Choice
    regression: Regression | None = None
    plain: frozenset[str] = frozenset()


def choose_beside(task: Task, given: Mapping[str, Any], *, seed: int, tell: Progress) -> Chosen:
    """`choose`, on the series without the effect of the columns that help, where there are any.

    What costs nothing is fitted and scored on the series as they are: it stays the yardstick that it is without
    columns. Where that, or what is always fitted, does better without the regression, it is left out.
    """
    asked = registry.find(task.asked) if task.asked else None
    if all(s.beside is None or not s.beside.names for s in task.series):
        return Chosen(choose(task, given, seed=seed, tell=tell))
    if asked is not None and asked.info.reference:
        choice = choose(task, given, seed=seed, tell=tell)
        told = f"{asked.info.name} looks at the target alone: no other column is used"
        return Chosen(replace(choice, notes=[*choice.notes, told]))
    selection = select(task, tell)
    if selection.regression is None:
        choice = choose(task, given, seed=seed, tell=tell)
        return Chosen(replace(choice, notes=[*told_of(selection), *choice.notes]))
    regression = selection.regression
    without = replace(task, series=[regression.forward(s) for s in task.series], unit_of=task.unit)
    rivals = _rivals(task, given)
    beside, alone = (_fitted(each, given, seed, tell, rivals) for each in (without, task))
    with_them = [_score(task, model, without, regression) for model in beside.values()]
    if alone and min(task.score(model) for model in alone.values()) <= min(with_them):
        names = " and ".join(f"'{source}'" for source in selection.used)
        choice = choose(task.with_fitted(alone), given, seed=seed, tell=tell)
        are, them = ("is", "it") if len(selection.used) == 1 else ("are", "them")
        told = f"{names} helped a short context only, and {are} not used: {rivals[0]} does better without {them}"
        return Chosen(replace(choice, notes=[told, *choice.notes]))
    choice = choose(without.with_fitted(beside), given, seed=seed, tell=tell)
    always = _fitted(task, given, seed, tell, choice.references)
    judge = task.thinned(choice.most_origins)
    scores = {**choice.scores, **{name: judge.score(model) for name, model in always.items()}}
    models = {**choice.models, **always}
    chosen = choice.chosen
    if asked is None:
        if chosen not in always and regression.log:
            scores[chosen] = _score(judge, models[chosen], without, regression)
        chosen = min(scores if chosen in always else (chosen, *always), key=scores.__getitem__)
    notes = [*told_of(selection), *choice.notes]
    return Chosen(
        replace(choice, models=models, scores=scores, chosen=chosen, notes=notes), regression, frozenset(always)
    )


def _rivals(task: Task, given: Mapping[str, Any]) -> list[str]:
    """Names of what is always fitted, by which the series with and without the effect are compared."""
    return [
        name
        for name, model in registry.everything().items()
        if model.info.always and not model.info.reference and model.info.cost == "seconds" and not model.info.combines
        if model.unsuitable(task, registry.settings_of(model, given)) is None
    ]


def _score(task: Task, model: Model, without: Task, regression: Regression) -> float:
    """What `task.score` is of a model behind the regression: of its forecasts with the effect, as the data have it.

    Where effects are factors, the errors on the series `without` it are not those.
    """
    seen = [without.series[i].until(n) for i, n in task.origins]
    return task.mean(task.errors_of(regression.back(task.histories, model.predict(seen, task.horizon).point)))


def told_of(selection: Selection) -> list[str]:
    """What the columns did, in words."""
    notes = []
    for source, gain in selection.gains.items():
        if source in selection.used:
            notes.append(f"'{source}' takes {gain:.0%} off the validation error")
        elif gain < LEAST_GAIN:
            notes.append(f"'{source}' is not used: with it the validation error is {_change(gain)}")
        else:
            notes.append(f"'{source}' is not used: what it gains ({gain:.1%}) is of a single stretch of the validation")
    if selection.untried:
        names = ", ".join(f"'{source}'" for source in selection.untried)
        notes.append(f"{names}: not tried and not used, since a third of the time limit was over")
    return notes


def _change(gain: float) -> str:
    if abs(gain) < 0.0005:
        return "the same"
    return f"{abs(gain):.1%} {'lower' if gain > 0 else 'higher'}" + (" only" if gain > 0 else "")


def _fitted(task: Task, given: Mapping[str, Any], seed: int, tell: Progress, names: Sequence[str]) -> dict[str, Model]:
    """These models on the task, by name."""
    found = {}
    for name in names:
        kind = registry.find(name)
        found[name] = kind.fit(task, registry.settings_of(kind, given), seed=seed, tell=tell)
    return found
