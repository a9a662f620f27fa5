"""Settings: small frozen dataclasses, one a concern; each setting is declared here and nowhere else.

The command line, the environment, TOML, `--print-config`, docs/cli.md and Python derive from these fields. A class
checks itself: `ForecastConfig(horizon=-3)` raises UsageError. None means "find out".
"""

from __future__ import annotations

import math
import re
import zoneinfo
from dataclasses import dataclass
from typing import Any, Literal, get_args

from tsforecast.declared import Checked, listed, number, setting, text, whole
from tsforecast.model_config import GruConfig, LstmConfig, RnnConfig, Seq2seqConfig

Ambiguous = Literal["infer", "earlier", "later", "error"]
Nonexistent = Literal["shift", "error"]
Duplicates = Literal["mean", "first", "last", "error"]
Aggregate = Literal["first", "last", "mean", "median", "sum", "min", "max", "count", "ohlc"]
TableFormat = Literal["csv", "tsv", "jsonl", "json", "parquet", "xlsx"]
Scope = Literal["auto", "global", "local"]
Bounds = Literal["auto", "none"] | tuple[float, float]

AGGREGATES: tuple[str, ...] = get_args(Aggregate)
TABLE_FORMATS: tuple[str, ...] = get_args(TableFormat)
IMPUTE = (
    "auto",
    "linear",
    "time",
    "pchip",
    "spline",
    "previous",
    "next",
    "seasonal[:LENGTH]",
    "kalman",
    "knn",
    "iterative",
    "constant:VALUE",
    "none",
)
OUTLIERS = ("none", "hampel[:ACTION[:THRESHOLD]]", "seasonal[:…]", "iforest[:…]")
TRANSFORMS = (
    "standard",
    "minmax",
    "robust",
    "log",
    "boxcox",
    "yeojohnson",
    "diff[:LAG]",
    "detrend",
    "deseason[:LENGTH]",
    "savgol[:WINDOW:ORDER]",
    "ema[:ALPHA]",
    "fft:LOW:HIGH",
    "wavelet[:NAME]",
)

MOST_STEPS = 1_000_000
"""Steps ahead, at most: what a saved model may say of itself."""
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")
SECONDS = {"s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_BYTES = re.compile(r"(\d+(?:\.\d+)?)\s*((?:[KMG]i?)?B?)", re.IGNORECASE)
UNITS = {
    prefix + byte: power
    for prefix, power in (
        ("", 1),
        ("k", 10**3),
        ("m", 10**6),
        ("g", 10**9),
        ("ki", 2**10),
        ("mi", 2**20),
        ("gi", 2**30),
    )
    for byte in ("", "b")
}
MONTHS = {"mo": 1, "y": 12}


def duration_parts(value: str) -> tuple[float, str]:
    """Number and unit of a duration ("2d" is `(2.0, "d")`); the units are those of `SECONDS` and `MONTHS`.

    Raises:
        ValueError: It is none.
    """
    found = _DURATION.fullmatch(value.strip())
    # A capital M would be a month to some and a minute to others.
    unit = found[2].lower() if found and found[2] != "M" else ""
    if not found or unit not in {**SECONDS, **MONTHS} or not 0 < float(found[1]) < 1e12:
        raise ValueError(f"must be a duration: a number with {', '.join([*SECONDS, *MONTHS])}")
    if unit in MONTHS and not float(found[1]).is_integer():
        raise ValueError("must be whole months or years")
    return float(found[1]), unit


def _horizon(value: Any) -> int | str:
    try:
        steps = whole(value)
    except ValueError:
        must = f"must be a number of steps, or a duration: a number with {', '.join([*SECONDS, *MONTHS])}"
        if not isinstance(value, str):
            raise ValueError(must) from None
        try:
            count, unit = duration_parts(value)
        except ValueError:
            raise ValueError(must) from None
        return f"{count:.15g}{unit}"
    if not 1 <= steps <= MOST_STEPS:
        raise ValueError(f"must be 1 to {MOST_STEPS:,} steps")
    return steps


def _seconds(value: Any) -> float:
    if isinstance(value, str) and not re.fullmatch(r"[\d.]+", value.strip()):
        count, unit = duration_parts(value)
        if unit in MONTHS:
            raise ValueError(f"must be a duration: a number with {', '.join(SECONDS)}")
        return count * SECONDS[unit]
    seconds = number(value)
    if not seconds > 0:
        raise ValueError("must be above 0")
    return seconds


def _size(value: Any) -> int:
    """Bytes, from a number of them or with a unit: 500MB, 2 GB, 1GiB."""
    found = _BYTES.fullmatch(str(value).strip())
    if not found or not 1 <= float(found[1]) * UNITS[found[2].lower()] < 2**60:
        raise ValueError("must be a size: bytes, or a number with KB, MB, GB, KiB, MiB or GiB")
    return int(float(found[1]) * UNITS[found[2].lower()])


def _level(value: Any) -> float:
    """Per cent: 90, "90%" and 0.9 are the same; below 1 it is a share, so no level is below 1 %."""
    percent = isinstance(value, str) and value.rstrip().endswith("%")
    level = number(value.rstrip()[:-1] if percent else value)
    if not percent and 0 < level < 1:
        level = round(100 * level, 10)
    if not 1 <= level < 100:
        raise ValueError("must be between 1 and 100 per cent")
    return level


def _share(value: Any) -> float:
    percent = isinstance(value, str) and value.rstrip().endswith("%")
    share = number(value.rstrip()[:-1]) / 100 if percent else number(value)
    if not 0 <= share <= 1:
        raise ValueError("must be a share from 0 to 1, or from 0% to 100%")
    return share


def _bounds(value: Any) -> Bounds:
    """ "auto", "none", or both edges; an edge left out ("0,") is no bound."""
    if value in ("auto", "none"):
        return value  # type: ignore[no-any-return]
    parts = value.split(",") if isinstance(value, str) else list(value) if isinstance(value, (tuple, list)) else []
    try:
        low, high = (float(p) if str(p).strip() else e for p, e in zip(parts, (-math.inf, math.inf), strict=True))
    except ValueError:
        low = high = math.nan
    if not low < high:
        raise ValueError("must be auto, none or LOW,HIGH")
    return low, high


def _aggregate(value: Any) -> str:
    for part in text(value).split(","):
        if part.strip().rpartition("=")[2] not in AGGREGATES:
            raise ValueError(f"must be one of {listed(AGGREGATES)}, each perhaps as COLUMN=NAME")
    return text(value)


def _zone(value: Any) -> str:
    name = text(value)
    if re.fullmatch(r"[+-](\d|[01]\d|2[0-3]):?([0-5]\d)?", name) or name.upper() in ("UTC", "Z", "GMT"):
        return name
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone there is") from None
    return name


@dataclass(frozen=True)
class ReadConfig(Checked):
    """How to read a file.

    Attributes:
        delimiter: One character, or "tab", "space" (any run of blanks), "comma", "semicolon", "pipe".
        time_col: Several columns that make one stamp are joined by "+" ("Date+Time", "year+month").
    """

    encoding: str | None = setting(None, "Text encoding of the input.")
    delimiter: str | None = setting(None, "Field delimiter: a character, tab, space, comma, semicolon or pipe.")
    decimal: Literal[".", ","] | None = setting(None, "Decimal mark; the other one then stands between thousands.")
    time_col: str | None = setting(None, "Time column, several joined by +; 'none' if the rows are just in order.")
    id_col: str | None = setting(
        None, "Column that names the series of a long file, several joined by +; 'none' if all rows are of one series."
    )
    target_col: tuple[str, ...] = setting((), "Value column to use; globs allowed, repeatable.")
    dayfirst: bool | None = setting(None, "Read 03/04 as 3 April or as March 4.", options=("--dayfirst/--monthfirst",))
    past_col: tuple[str, ...] = setting((), "Column known until now, beside the target; globs allowed, repeatable.")
    future_col: tuple[str, ...] = setting((), "Column known ahead, beside the target; globs allowed, repeatable.")
    static_col: tuple[str, ...] = setting((), "Column with one value a series; globs allowed, repeatable.")
    zone: str | None = setting(
        None,
        "Time zone of stamps that have none, and of those written, e.g. Europe/London or +09:00.",
        reader=_zone,
        hint="for example Europe/Berlin, Asia/Tokyo, UTC, +09:00",
    )
    ambiguous: Ambiguous = setting("infer", "The hour that autumn repeats; infer goes by the order of rows.")
    nonexistent: Nonexistent = setting("shift", "The hour that spring skips; shift moves it on by the skip.")
    na_value: tuple[str, ...] = setting((), "Another word or number that means missing, e.g. -200; repeatable.")
    max_size: int = setting(
        2 * 10**9,
        "Largest input to read, unfolded, e.g. 500MB or 8GB.",
        reader=_size,
        hint="for example --max-size 8GB",
    )
    joint: bool = setting(False, "Treat the value columns as coordinates of one state.")


@dataclass(frozen=True)
class PrepareConfig(Checked):
    """How a table becomes a regular, complete panel."""

    freq: str | None = setting(None, "Step of the grid, e.g. 15min, h, D, MS.")
    agg: str = setting(
        "mean",
        f"How to put several rows into one step: {', '.join(AGGREGATES)}; COLUMN=NAME for one column.",
        reader=_aggregate,
    )
    duplicates: Duplicates = setting("mean", "Which of several values at one stamp to take.")
    impute: str = setting("auto", "How to fill gaps.", usages=IMPUTE)
    max_gap: int | None = setting(None, "Longest gap to fill, in steps.", least=1)
    outliers: str = setting("none", "Outliers to look for; ACTION is flag, clip or missing.", usages=OUTLIERS)
    transform: tuple[str, ...] = setting(
        (), "Transform before training; repeatable, applied in order.", usages=TRANSFORMS
    )
    max_repaired: float | None = setting(
        None, "Budget of repaired cells, e.g. 5%; more ends with exit 5.", reader=_share
    )
    max_stale: int | None = setting(
        None, "Leave out series that end more than so many steps before the latest.", least=1
    )
    mark_filled: bool = setting(
        False, "Add a column that says which values were filled.", options=("--mark-filled",), verbs=("prepare",)
    )
    seed: int = setting(0, "Seed of everything random.", least=0)


@dataclass(frozen=True)
class BesideConfig(Checked):
    """What is known beside the targets, other than their file says."""

    calendar: Literal["auto", "on", "none"] = setting(
        "auto", "Weekdays, seasons of the year, ends of months, where they help; auto tries them beside other columns."
    )
    holidays: tuple[str, ...] = setting(
        (), "Holidays of a country or a part of it, e.g. US or DE-BY; repeatable, or with commas."
    )
    events: str | None = setting(
        None, "Events of your own: a CSV file with the columns name, from and to.", metavar="FILE"
    )


@dataclass(frozen=True)
class ModelConfig(RnnConfig, LstmConfig, GruConfig, Seq2seqConfig):
    """Which model, its season and its settings; those that a model does not have, it leaves aside."""

    # What names there are, the models know; the command line checks them and lists them in the help.
    model: str = setting("auto", "Which forecaster; 'tsforecast models' tells about them.", options=("--model", "-m"))
    season_length: int | None = setting(None, "Steps in a season; 1 for none.", least=1)


@dataclass(frozen=True)
class FitConfig(Checked):
    """How a fit is run."""

    time_limit: float | None = setting(
        None, "Time for choosing and training, e.g. 10s or 2m; what is tried by then competes.", reader=_seconds
    )
    seed: int = setting(0, "Seed of everything random.", least=0)


@dataclass(frozen=True)
class ForecastConfig(Checked):
    """How far ahead, with which intervals (per cent), and within which bounds.

    Attributes:
        horizon: Steps, or a duration like "2d", which `tsforecast.data.duration.steps` resolves; None: a
            season, or what a saved model was fitted for.
    """

    horizon: int | str | None = setting(
        None,
        "Steps to forecast, or a duration like 2d or 1w; without it, a season.",
        reader=_horizon,
        options=("--horizon", "-H"),
    )
    level: tuple[float, ...] = setting((80.0, 95.0), "Interval level, as 90, 90% or 0.9; repeatable.", reader=_level)
    bounds: Bounds = setting("auto", "What forecasts stay within: auto, none or LOW,HIGH.", reader=_bounds)


_BATCH = ("batch",)


@dataclass(frozen=True)
class BatchConfig(Checked):
    """How thousands of series are forecast.

    Attributes:
        scope: "global" is one model for all series of a step, "local" the best for each.
        workers: Processes; None: the processors that this container may use.
    """

    input: tuple[str, ...] = setting((), "Another file, glob, folder or URL to read; repeatable.", verbs=_BATCH)
    output_dir: str | None = setting(
        None, "Folder that everything is written into.", options=("--output-dir", "-o"), metavar="DIR", verbs=_BATCH
    )
    scope: Scope = setting(
        "auto", "One model for all series, the best for each, or what does better on a sample.", verbs=_BATCH
    )
    saved: str | None = setting(
        None, "Predict from this model of tsforecast fit; nothing is trained.", metavar="MODEL", verbs=_BATCH
    )
    sample: int = setting(1000, "Series that the model of all is trained on, evenly spread.", least=12, verbs=_BATCH)
    workers: int | None = setting(
        None, "Processes at once; by itself, as many as processors may be used.", least=1, verbs=_BATCH
    )
    log_format: Literal["text", "json"] = setting("text", "How the log is written.", verbs=_BATCH)
