"""From a fit to a saved model, and from a saved model back to the settings its data is read and prepared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tsforecast.bundle import Bundle, Manifest, tail
from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.data.panel import Panel
from tsforecast.data.plain import plain
from tsforecast.data.series import Series
from tsforecast.errors import BundleError, TsforecastError
from tsforecast.evaluate.metrics import mae
from tsforecast.models import registry
from tsforecast.workflows.usable import series_scale

if TYPE_CHECKING:
    from tsforecast.workflows.fit import Fit

# beyond these the manifest would grow by a megabyte and more
_MOST_MOMENTS = 10_000
Config = TypeVar("Config", ReadConfig, PrepareConfig)


def to_bundle(fitted: Fit) -> Bundle:
    """Everything that predicting needs, with the end of the history to go on from, and how to read and prepare more.

    Raises:
        BundleError: An exported network does not give the numbers of the trained one.
    """
    model, series, chain = fitted.model, fitted.series, fitted.transformed.chain
    regression = None if fitted.chosen in fitted.transformed.plain else fitted.transformed.regression
    rows = max(model.history_length, 4 * fitted.horizon, 2 * fitted.season_length)
    rows += regression.history_length if regression else 0
    used = {column.name for column in regression.columns} if regression else set()
    panel = fitted.panel.without([name for name in fitted.panel.roles if name not in used])
    manifest = Manifest(
        model=fitted.chosen,
        horizon=fitted.horizon,
        freq=panel.freq,
        schema=panel.schema,
        channels=tuple(panel.channels),
        seed=fitted.seed,
        season_lengths={s.name: list(s.season_lengths) for s in series},
        scales={s.name: series_scale(s).tolist() for s in series},
        bounds=fitted.bounds.to_dict(),
        report=fitted.facts(),
        training={"rows": int(sum(len(s) for s in series)), **_moments(series)},
    )
    preparing = getattr(fitted.panel.fill, "config", None) or PrepareConfig()
    kept = {
        "read": asdict(_looking_at(panel, fitted.reading)),
        "prepare": asdict(replace(preparing, freq=str(fitted.panel.freq))),
    }
    if fitted.panel.roles:
        unused = [fitted.panel.sources.get(name, name) for name in fitted.panel.roles if name not in used]
        sources = {name: source for name, source in panel.sources.items() if name in used}
        kept["beside"] = {**fitted.beside.to_dict(), "sources": sources, "unused": list(dict.fromkeys(unused))}
    elif regression is not None:
        kept["beside"] = {**fitted.beside.to_dict(), "sources": {}, "unused": []}
    return Bundle(
        manifest=manifest,
        state=model.state(),
        preparing=kept,
        chain=chain.to_dict() if chain else None,
        calibration=fitted.calibration,
        history=tail(panel, rows),
        regression=regression.state() if regression else None,
    )


def _moments(series: Sequence[Series]) -> dict[str, Any]:
    """Mean and standard deviation of each channel, by `Series.name`, to see drift by; of very many series none."""
    if len(series) > _MOST_MOMENTS:
        return {}
    return {"moments": {s.name: plain([np.nanmean(s.values, axis=0), np.nanstd(s.values, axis=0)]) for s in series}}


def _looking_at(panel: Panel, reading: ReadConfig) -> ReadConfig:
    """How to read new data: of the columns beside the targets only those that the model looks at."""

    def of(role: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(panel.sources.get(name, name) for name in panel.columns(role)))

    return replace(reading, past_col=of("past"), future_col=of("future"), static_col=())


def read_config(bundle: Bundle, given: ReadConfig) -> ReadConfig:
    """How to read new data for a saved model: the columns and zone it was trained on, unless said otherwise."""
    schema = bundle.manifest.schema
    saved = _saved(bundle, "read", ReadConfig())
    kept = replace(saved, encoding=None, delimiter=None, decimal=None)
    merged = _over(kept, given)
    return replace(merged, id_col=merged.id_col or schema.id, joint=schema.joint, zone=merged.zone or schema.zone)


def prepare_config(bundle: Bundle, given: PrepareConfig) -> PrepareConfig:
    """How to prepare new data for a saved model: as its training data was, unless said otherwise."""
    return replace(_over(_saved(bundle, "prepare", PrepareConfig()), given), freq=given.freq)


def unused_of(bundle: Bundle) -> tuple[str, ...]:
    """Columns beside the targets of the training data that the model does not look at."""
    found = (bundle.preparing.get("beside") or {}).get("unused", [])
    return tuple(map(str, found)) if isinstance(found, list) else ()


def quantized(bundle: Bundle, fitted: Fit) -> tuple[Bundle, float]:
    """The bundle with 8-bit weights, and how much larger its held-out error is, relative (NaN if none was held out).

    Raises:
        UsageError: The model has no network.
        MissingDependencyError: `onnx` is not installed.
    """
    from tsforecast.models.networks.serving import quantized as quantized_state

    smaller = replace(bundle, state=quantized_state(bundle.state))
    holdout = fitted.holdout
    if not holdout.n_origins:
        return smaller, float("nan")
    histories = [fitted.series[i].until(cutoff) for i, cutoff in zip(holdout.sequence, holdout.cutoff, strict=True)]

    def error(of: Bundle) -> float:
        model = of.restored(registry.find)
        before = replace(fitted.transformed, models={"model": model})
        before = replace(before, regression=None) if fitted.chosen in before.plain else before
        yhat = before.predict(histories, holdout.horizon, "model")
        return float(mae(holdout.actual, np.asarray(yhat)))

    return smaller, error(smaller) / error(bundle) - 1


def _saved(bundle: Bundle, name: str, default: Config) -> Config:
    """The settings of this name in a bundle, which may be hostile.

    Raises:
        BundleError: They are not settings.
    """
    found = bundle.preparing.get(name)
    known = {field.name for field in fields(default)}
    if not isinstance(found, dict) or not set(found) <= known:
        raise BundleError(f"preparing.json does not hold the settings of {name}")
    kept: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}
    try:
        return type(default)(**kept)
    except (TsforecastError, TypeError, ValueError) as error:
        raise BundleError(f"preparing.json does not hold the settings of {name}: {error}") from None


def _over(saved: Config, given: Config) -> Config:
    """The saved settings, with those that were given another value than the usual."""
    usual = type(given)()
    changed = {name: value for name, value in vars(given).items() if value != getattr(usual, name)}
    return replace(saved, **changed)
