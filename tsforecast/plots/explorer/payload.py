"""What the page of a forecast holds, as one JSON value; `assets/data.js` reads it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from tsforecast.data.panel import BoolArray
from tsforecast.data.plain import plain
from tsforecast.data.printable import printable
from tsforecast.plots.explorer.packed import changes, packed, packed_stamps, spans
from tsforecast.plots.ticks import Stamps, numeric
from tsforecast.plots.view import ForecastView, Origins, SeriesView

# A page of one series of 50,000 rows stays under 1 MB, one of 5,000 series under what a browser opens at once:
# tests/plots/test_explorer.py measures both.
MOST_HISTORY = 600_000
"""Values of the past over all series; beyond it each keeps its newest rows."""
MOST_EXACT = 200_000
"""Values beyond which numbers are kept to seven digits."""
MOST_HELD_OUT = 40_000
"""Held-out forecasts and their bounds, of one series."""
MOST_HELD_OUT_OF_ALL = 800_000
FEWEST_ROWS, MOST_REPAIRS, MOST_REPAIRS_OF_ALL = 60, 1_000, 20_000


def payload(view: ForecastView) -> dict[str, Any]:
    """The page's data as plain JSON values; what could not be held is said in `cut` of its series."""
    n = len(view.series)
    rows = max(MOST_HISTORY // n, FEWEST_ROWS)
    total = sum(min(len(one.history_y), rows) + len(one.forecast_y) * (1 + 2 * len(one.bands)) for one in view.series)
    exact = total <= MOST_EXACT
    held = max(min(MOST_HELD_OUT, MOST_HELD_OUT_OF_ALL // n), 1)
    repairs = max(min(MOST_REPAIRS, MOST_REPAIRS_OF_ALL // n), 4)
    named = (view.chosen, view.reference)
    return {
        "zone": view.zone or "",
        "dated": all(one.history_ds.dtype.kind == "M" for one in view.series),
        "clock": _clock([ds for one in view.series for ds in (one.history_ds, one.forecast_ds)]),
        "chosen": view.chosen,
        "reference": view.reference,
        "levels": sorted({level for one in view.series for level in one.bands}),
        "held": [[level, held, of] for level, (held, of) in sorted(view.held.items())],
        "candidates": [plain(one) for one in view.candidates],
        "by_step": {str(name): plain(values) for name, values in view.by_step.items()},
        "series": [_series(one, rows, held, repairs, named, exact=exact) for one in view.series],
    }


def _clock(stamps: list[Stamps]) -> str:
    """How fine stamps have to be written: day, minute, second or fine."""
    found = "day"
    for ds in stamps:
        if ds.dtype.kind != "M" or not len(ds):
            continue
        counts = ds.astype("datetime64[us]").astype("int64")
        for name, unit in (("fine", 1_000_000), ("second", 60_000_000), ("minute", 86_400_000_000)):
            if (counts % unit).any():
                order = ("day", "minute", "second", "fine")
                found = max(found, name, key=order.index)
                break
    return found


def _series(
    own: SeriesView, rows: int, held: int, repairs: int, named: tuple[str, str], *, exact: bool
) -> dict[str, Any]:
    cut = max(len(own.history_y) - rows, 0)
    said = [f"The newest {rows:,} of {len(own.history_y):,} rows are here."] if cut else []
    if not exact:
        said.append("Numbers are kept to seven digits.")
    ds = np.concatenate([own.history_ds, own.forecast_ds]) if len(own.forecast_ds) else own.history_ds
    utc = ds if own.utc_ds is None else own.utc_ds
    offsets = numeric(ds[cut:]) - numeric(utc[cut:]) if own.utc_ds is not None else np.zeros(0)
    kept = None if own.origins is None else _kept(own.origins, cut, held, named)
    if kept is not None and own.origins is not None and len(kept.at) < len(own.origins.at):
        said.append(f"{len(kept.at):,} of {len(own.origins.at):,} held-out forecasts are here.")
    return {
        "name": printable(own.name),
        "label": printable(own.label),
        "ds": packed_stamps(utc[cut:]),
        "offsets": changes(numeric(utc[cut:]), np.round(offsets).astype("int64")),
        "y": packed(own.history_y[cut:], exact=exact),
        "yhat": packed(own.forecast_y, exact=exact),
        "bands": [
            [level, packed(low, exact=exact), packed(high, exact=exact)]
            for level in own.levels()
            for low, high in [own.bands[level]]
        ],
        "season": own.season_length,
        "beyond": own.beyond_horizon,
        "skill": plain(own.skill),
        "coverage": plain(own.coverage),
        "change": _change(own),
        "cut": " ".join(said),
        "repaired": spans(_repaired(own)[cut:].nonzero()[0]),
        "repairs": [
            [stamp, line, _cell(old), _cell(new), rule] for stamp, line, old, new, rule in own.repairs[:repairs]
        ],
        "more": max(len(own.repairs) - repairs, 0),
        "origins": None if kept is None else _origins(kept),
    }


def _repaired(own: SeriesView) -> BoolArray:
    """Rows of the history whose value was changed; an empty array of dates cannot be compared with an integer."""
    known = len(own.repaired_ds) > 0
    return np.isin(own.history_ds, own.repaired_ds) if known else np.zeros(len(own.history_ds), dtype=bool)


def _cell(value: Any) -> Any:
    """A cell of the ledger: numbers as they are, text made harmless to read."""
    value = plain(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return printable(str(value))[:80]


def _change(own: SeriesView) -> float | None:
    """The mean of the forecast less that of as many values before it, in standard deviations of the history."""
    past = own.history_y[-len(own.forecast_y) :] if len(own.forecast_y) else np.empty(0)
    if not np.isfinite(past).any() or not np.isfinite(own.forecast_y).any():
        return None
    spread = float(np.nanstd(own.history_y))
    by = float(np.nanmean(own.forecast_y) - np.nanmean(past))
    return by / spread if spread > 0 and math.isfinite(by / spread) else None


def _kept(origins: Origins, cut: int, most: int, named: tuple[str, str]) -> Origins | None:
    """As many of the origins as there is room for, spread evenly, the last included; fewer candidates before fewer."""
    steps = next(iter(origins.predicted.values())).shape[1] if origins.predicted else 0
    per = steps * (len(origins.predicted) + 2 * len(origins.bands))
    if per > most:
        predicted = {name: values for name, values in origins.predicted.items() if name in named}
        origins, per = replace(origins, predicted=predicted, bands={}), steps * len(predicted)
    inside = np.flatnonzero(origins.at >= cut)
    if not len(inside) or not per:
        return None
    room = max(most // per, 1)
    chosen = inside
    if len(inside) > room:
        back = np.round(np.linspace(0, len(inside) - 1, room)).astype("int64")
        chosen = np.unique(inside[len(inside) - 1 - back])
    return Origins(
        at=origins.at[chosen] - cut,
        predicted={name: values[chosen] for name, values in origins.predicted.items()},
        bands={level: (low[chosen], high[chosen]) for level, (low, high) in origins.bands.items()},
    )


def _origins(own: Origins) -> dict[str, Any]:
    return {
        "at": own.at.tolist(),
        "steps": next(iter(own.predicted.values())).shape[1],
        "predicted": [[name, packed(values.ravel(), exact=False)] for name, values in own.predicted.items()],
        "bands": [
            [level, packed(low.ravel(), exact=False), packed(high.ravel(), exact=False)]
            for level, (low, high) in sorted(own.bands.items(), reverse=True)
        ],
    }
