"""The models that serve all series of a step: fitted on a sample, kept where they are no worse than the best for each.

They never see the last `horizon` rows of any series, so that each series can be judged there by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tsforecast.batch.job import Job
from tsforecast.batch.outdir import OPTION, OutputFolder
from tsforecast.batch.pieces import Piece
from tsforecast.batch.tables import Reader, single, some
from tsforecast.batch.truth import short
from tsforecast.bundle import Bundle
from tsforecast.bundle.store import to_bytes
from tsforecast.data.panel import Panel, Schema, Table
from tsforecast.data.series import Series
from tsforecast.errors import MissingDependencyError, TsforecastError
from tsforecast.evaluate.metrics import mae, naive_scale
from tsforecast.io.files import write_whole
from tsforecast.io.strict_json import to_json
from tsforecast.preparation import prepare, with_filling
from tsforecast.workflows.asked import fit_settings, settled_horizon
from tsforecast.workflows.fit import fit
from tsforecast.workflows.saved.predict import MODEL, restored
from tsforecast.workflows.saved.saving import to_bundle
from tsforecast.workflows.usable import numbered

#: Fewer series of a step than this have the best for each: a model of all has little to learn from them.
FEWEST = 12
#: Series that say whether the best for each would do better, at most; a few seconds each.
_COMPARED = 24
#: Rows to learn from, in all; longer series give their last ones.
_MOST_ROWS = 2_000_000


def fit_for_all(order: dict[str, Any], job: Job, folder: OutputFolder) -> dict[str, Any]:
    """Fit a model for every step that has series enough, and put them with what is said of them into the folder.

    Args:
        order: `key`, the pieces of the `sample`, and the `quota` of series of each.
        job: What is asked for; with the scope "global" nothing is compared.
        folder: Where to.
    """
    found: dict[str, Any] = {}
    for freq, panels in sorted(_by_step(order, job).items()):
        names = sum(len(panel.ids) for panel in panels)
        if names < FEWEST:
            found[freq] = {"scope": "local", "why": f"{names} series are too few for one model of all"}
            continue
        panel = _joined(panels, job)
        try:
            bundle, said = _fitted(panel, job)
        except MissingDependencyError:
            raise
        except TsforecastError as error:
            found[freq] = {"scope": "local", "why": f"no model of all could be fitted: {error.message}"}
            continue
        if job.batch.scope == "auto":
            said |= _compared(bundle, panel, job)
        if said["scope"] == "global":
            content = to_bytes(bundle)
            name = f"{order['key']}.{len(found)}.tsf"
            write_whole(folder.pieces / name, content, OPTION)
            said |= {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
        found[freq] = said
    write_whole(folder.truth_of(order["key"]), to_json(found), OPTION)
    return {"models": len(found)}


def _by_step(order: dict[str, Any], job: Job) -> dict[str, list[Panel]]:
    """The sampled series by their step, each panel of one channel `y`, ids made distinct by their source."""
    reader = Reader(job.read)
    found: dict[str, list[Panel]] = {}
    for given in order["sample"]:
        piece = Piece.from_dict(given)
        try:
            table = reader.table(piece)
        except MissingDependencyError:
            raise
        except TsforecastError:
            continue  # its own piece says why
        for panel in _panels(some(table, order["quota"]), job):
            for channel in panel.columns("target"):
                ids = [f"{piece.source}:{uid}:{channel}" for uid in panel.frame["unique_id"]]
                frame = pd.DataFrame({"unique_id": ids, "ds": panel.frame["ds"], "y": panel.frame[channel]})
                found.setdefault(str(panel.freq), []).append(Panel(frame, panel.freq, Schema(id="unique_id")))
    return found


def _panels(table: Table, job: Job) -> Iterator[Panel]:
    """The series on their grid: together, or each by itself where they cannot be together."""
    config = replace(job.prepare, max_stale=None)
    try:
        yield prepare(table, config).panel
    except TsforecastError:
        for own in single(table):
            try:
                yield prepare(own, config).panel
            except TsforecastError:
                continue  # its own piece says why


def _joined(panels: Sequence[Panel], job: Job) -> Panel:
    """One panel of all, in the order of their ids, its gaps filled as the job says."""
    frame = pd.concat([panel.frame for panel in panels], ignore_index=True)
    frame = frame.sort_values(["unique_id", "ds"], kind="stable", ignore_index=True)
    joined = Panel(frame, panels[0].freq, panels[0].schema).tail(max(1, _MOST_ROWS // sum(p.n_series for p in panels)))
    return with_filling(joined, replace(job.prepare, freq=str(joined.freq)))


def _fitted(panel: Panel, job: Job) -> tuple[Bundle, dict[str, Any]]:
    horizon, _ = settled_horizon(panel, job.model, job.forecast)
    job = replace(job, forecast=replace(job.forecast, horizon=horizon))
    config = replace(job.prepare, freq=str(panel.freq))
    learned = with_filling(panel.drop_last(horizon), config)
    fitted = fit(learned, fit_settings(learned, job.prepare.transform, job.model, job.fit, job.forecast))
    said = {
        "scope": "global",
        "model": fitted.chosen,
        "series": len(fitted.series),
        "skill": short(fitted.skill),
        "reference": fitted.reference,
        "notes": list(fitted.notes),
    }
    return to_bundle(fitted), said


def _compared(bundle: Bundle, panel: Panel, job: Job) -> dict[str, Any]:
    """Whether the model of all errs less than the best for each, on the last rows of some series."""
    horizon = bundle.manifest.horizon
    able = [s for s in numbered(panel) if len(s) >= 4 * horizon + 4 and not np.isnan(s.values[-horizon:]).all()]
    able = able[:: max(1, len(able) // min(_COMPARED, max(FEWEST // 2, len(able) // 4)))][:_COMPARED]
    if not able:
        return {"why": "the series are too short to tell whether the best for each would do better"}
    usual = next(iter(bundle.manifest.season_lengths.values()), [])
    histories = [replace(s.until(len(s) - horizon), season_lengths=tuple(usual)) for s in able]
    yhat = restored(bundle).predict(histories, horizon, MODEL)
    errors: list[tuple[float, float]] = []
    for own, history, forecast in zip(able, histories, yhat, strict=True):
        unit = naive_scale(history.values)
        alone = _alone(panel, own, horizon, job)
        if np.isfinite(unit) and alone is not None:
            actual = own.values[-horizon:]
            errors.append((float(mae(actual, forecast)) / unit, float(mae(actual, alone)) / unit))
    if not errors:
        return {"why": "no series could be forecast by itself"}
    shared, each = np.mean(errors, axis=0).tolist()
    told = (
        f"held-out MASE of {len(errors)} series: {shared:.3f} with one model of all, {each:.3f} with the best for each"
    )
    return {"scope": "global" if shared <= each else "local", "why": told}


def _alone(panel: Panel, series: Series, horizon: int, job: Job) -> Any:
    """The forecast of the best model for one series, from the rows before its last ones `(step, channel)`."""
    frame = panel.frame[panel.frame["unique_id"] == series.unique_id]
    own = Panel(frame.reset_index(drop=True), panel.freq, panel.schema)
    job = replace(job, forecast=replace(job.forecast, horizon=horizon))
    own = with_filling(
        own.drop_last(len(own) - _last_row(own) + horizon - 1), replace(job.prepare, freq=str(panel.freq))
    )
    try:
        return fit(own, fit_settings(own, job.prepare.transform, job.model, job.fit, job.forecast)).ahead[0]
    except MissingDependencyError:
        raise
    except TsforecastError:
        return None


def _last_row(panel: Panel) -> int:
    """The last row with a value."""
    return int(np.flatnonzero(~np.isnan(panel.values[:, 0]))[-1])
