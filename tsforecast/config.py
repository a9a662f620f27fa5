"""Settings: small frozen dataclasses, one a concern. The command line, the environment and the TOML file fill them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ReadConfig:
    """How to read a file; None means "find out".

    Attributes:
        encoding: Python codec.
        delimiter: One character, or "tab", "space" (any run of blanks), "comma", "semicolon", "pipe".
        decimal: "." or ","; the other one then stands between thousands.
        time_col: Column of the time; several that make one stamp joined by "+" ("Date+Time", "year+month").
        id_col: Column that names the series of a long file; several joined by "+" ("store+item"); "none" where the
            rows are of one series whatever they look like.
        target_cols: Columns to forecast, by name or glob.
        dayfirst: Whether 1/2/2020 is the first of February.
        zone: Zone of stamps that name none, and in which stamps are written: IANA name, "UTC" or "+09:00".
        ambiguous: The hour that autumn repeats: "infer" (by row order), "earlier", "later" or "error".
        nonexistent: The hour that spring skips: "shift" (on by the width of the skip) or "error".
        na_values: Further words or numbers that say "no value".
        joint: The channels are coordinates of one state.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    time_col: str | None = None
    id_col: str | None = None
    target_cols: tuple[str, ...] = ()
    dayfirst: bool | None = None
    zone: str | None = None
    ambiguous: str = "infer"
    nonexistent: str = "shift"
    na_values: tuple[str, ...] = ()
    joint: bool = False


@dataclass(frozen=True)
class PrepareConfig:
    """How a table becomes a regular, complete panel; None means "find out"."""

    freq: str | None = None
    agg: str = "mean"
    duplicates: str = "mean"
    impute: str = "auto"
    max_gap: int | None = None
    outliers: str = "none"
    transforms: tuple[str, ...] = ()
    max_repaired: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class ModelConfig:
    """Which forecaster and its shape; None means "choose by rule or by validation".

    Attributes:
        embed: "auto" feeds a network sequences of delay vectors, "none" plain values.
        delay, dimension: Of the delay vectors (tau in steps, and m).
    """

    model: str = "auto"
    strategy: str = "auto"
    context_length: int | None = None
    segment_length: int | None = None
    season_length: int | None = None
    layers: int = 1
    units: int | None = None
    dropout: float | None = None
    bidirectional: bool = False
    embed: str = "none"
    delay: int | None = None
    dimension: int | None = None


@dataclass(frozen=True)
class FitConfig:
    """How a network is trained."""

    epochs: int | None = None
    batch_size: int = 256
    learning_rate: float = 2e-3
    seed: int = 0


@dataclass(frozen=True)
class ForecastConfig:
    """How far ahead, and with which intervals (per cent)."""

    horizon: int = 1
    levels: tuple[float, ...] = field(default=(80.0, 95.0))
