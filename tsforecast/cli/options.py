"""The options: declared once, so that the same option means the same in every verb."""

from __future__ import annotations

import functools
import inspect
import os
import sys
import typing
from collections.abc import Callable
from dataclasses import fields
from typing import Annotated, Any

import typer

from tsforecast.cli.console import Console, discard_stdout
from tsforecast.cli.settings import Group, Settings, default_of, listing, resolve, setting_types
from tsforecast.config import FitConfig, ForecastConfig, ModelConfig, PrepareConfig, ReadConfig
from tsforecast.errors import ExitCode

READING: tuple[Group, ...] = (ReadConfig,)
PREPARING: tuple[Group, ...] = (ReadConfig, PrepareConfig)
TRAINING: tuple[Group, ...] = (ForecastConfig, ModelConfig, FitConfig, ReadConfig, PrepareConfig)

PANELS = {
    ReadConfig: "Reading",
    PrepareConfig: "Repairing and preparing",
    ModelConfig: "Model",
    FitConfig: "Training",
    ForecastConfig: "Forecast",
}

HELP = {
    "encoding": "Text encoding of the input.",
    "delimiter": "Field delimiter.",
    "decimal": "Decimal mark, '.' or ','.",
    "time_col": "Time column; 'none' if the rows are just in order.",
    "id_col": "Column that names the series of a long file.",
    "target_cols": "Value column to use; globs allowed, repeatable.",
    "dayfirst": "Read 03/04 as 3 April or as March 4.",
    "zone": "Time zone of stamps that have none, e.g. Europe/London.",
    "ambiguous": "Stamps doubled when summer time ends: infer, first, last or error.",
    "nonexistent": "Stamps skipped when summer time begins: shift or error.",
    "na_values": "Another value that means missing, e.g. -200; repeatable.",
    "joint": "Treat the value columns as coordinates of one state.",
    "freq": "Step of the grid, e.g. 15min, h, D, MS.",
    "agg": "How to put several rows into one step: mean, sum, min, max, last, median, count or ohlc.",
    "duplicates": "Conflicting values at one stamp: mean, first, last or error.",
    "impute": "How to fill gaps: auto, linear, time, spline, pchip, previous, next, seasonal, kalman, knn, iterative, "
    "constant:VALUE or none.",
    "max_gap": "Longest gap to fill, in steps.",
    "max_stale": "Leave out series that end more than so many steps before the latest.",
    "outliers": "Outliers to look for: none, hampel, seasonal or iforest, then :flag, :clip or :missing.",
    "transforms": "Transform before training, e.g. log, diff, diff:24, boxcox; repeatable, applied in order.",
    "max_repaired": "Budget of repaired cells, e.g. 5%; more ends with exit 5.",
    "model": "auto, naive, seasonal-naive, drift, ridge, rnn, lstm or gru; see 'tsforecast models'.",
    "strategy": "How a long horizon is reached: recursive, direct or auto.",
    "context_length": "Steps the model sees.",
    "segment_length": "Steps emitted per recursion; 1 is the textbook recursive forecast.",
    "season_length": "Steps in a season; 1 for none.",
    "layers": "Recurrent layers.",
    "units": "Units of a recurrent layer.",
    "dropout": "Dropout between layers, 0 to 1.",
    "bidirectional": "Read the context in both directions.",
    "embed": "Feed the network delay vectors: auto or none.",
    "delay": "Steps between the elements of a delay vector; turns --embed on.",
    "dimension": "Elements of a delay vector; turns --embed on.",
    "epochs": "Passes over the training windows.",
    "batch_size": "Windows in a training step.",
    "learning_rate": "Peak learning rate of Adam.",
    "seed": "Seed of everything random.",
    "horizon": "Steps to forecast.",
    "levels": "Interval level in per cent; repeatable.",
}

FLAGS = {
    "target_cols": ["--target-col"],
    "na_values": ["--na-value"],
    "transforms": ["--transform"],
    "levels": ["--level"],
    "dayfirst": ["--dayfirst/--monthfirst"],
    "horizon": ["--horizon", "-H"],
    "model": ["--model", "-m"],
}


COMMON: dict[str, tuple[Any, Any]] = {
    "config": (
        Annotated[str | None, typer.Option("--config", help="Read settings from this TOML file.", metavar="FILE")],
        None,
    ),
    "print_config": (
        Annotated[bool, typer.Option("--print-config", metavar="", help="Show each setting and where it came from.")],
        False,
    ),
    "quiet": (
        Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="Say nothing but warnings and errors.")],
        False,
    ),
    "verbose": (
        Annotated[bool, typer.Option("--verbose", "-v", metavar="", help="Let the libraries below be heard.")],
        False,
    ),
}

# `--json` is declared by every verb, because some have a report of their own to print with it.
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="Report, and errors, as JSON.")]
JsonErrors = (Annotated[bool, typer.Option("--json", metavar="", help="Errors as JSON.")], False)

# What the verbs share beside the settings.
File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="The data: CSV, TSV, JSON, JSONL or Parquet, compressed or not; - is stdin."),
]
Output = Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Write here instead of stdout.")]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="NAME", help="csv, tsv, jsonl, json or parquet (default: by suffix, else csv)."),
]
Plot = Annotated[
    str | None,
    typer.Option("--plot", metavar="FILE", help="Draw into a .png, .svg, .pdf or .html file; - draws on stderr."),
]
LedgerFile = Annotated[
    str | None, typer.Option("--ledger", metavar="FILE", help="Write every repair here, one JSON object a line.")
]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="A model written by tsforecast fit.")]
Dynamics = Annotated[
    bool,
    typer.Option("--dynamics", metavar="", help="Look at the dynamics: verdict, exponent, predictability horizon."),
]
RequireSkill = Annotated[
    bool, typer.Option("--require-skill", metavar="", help="End with exit 6 unless the forecast beats the naive one.")
]


def with_settings(*groups: Group) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a verb the options of the groups.

    The decorated function takes `settings: Settings` and `console: Console`; the command line sees one option a setting
    instead, and the options every verb has (`COMMON`).
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        verb = function.__name__.replace("_", "-")
        kinds = setting_types(groups)

        @functools.wraps(function)
        def run(**arguments: Any) -> None:
            given = {name: arguments.pop(name) for name in kinds}
            common = {name: arguments.pop(name) for name in COMMON}
            arguments.pop("json_errors", None)  # `app.main` looks for it
            console = Console(quiet=common["quiet"])
            if common["verbose"]:
                os.environ["TSFORECAST_VERBOSE"] = "1"
            settings = resolve(given, verb, common["config"])
            if common["print_config"]:
                print_config(settings, list(kinds))
            try:
                function(**arguments, settings=settings, console=console)
                sys.stdout.flush()
            except BrokenPipeError:
                # Typer would end with 1; a reader that has had enough (`| head -1`) is no error.
                discard_stdout()
            finally:
                console.close()

        signature = inspect.signature(function, eval_str=True)
        own = [p for p in signature.parameters.values() if p.name not in ("settings", "console")]
        own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        added = [_parameter(name, kind, groups) for name, kind in kinds.items()]
        added += [_keyword(name, annotation, default) for name, (annotation, default) in COMMON.items()]
        if "json_" not in signature.parameters:
            added.append(_keyword("json_errors", *JsonErrors))
        run.__signature__ = inspect.Signature(own + added)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in own + added}
        return run

    return decorate


def print_config(settings: Settings, names: list[str]) -> None:
    """Write every setting as TOML with its origin as a comment, and end."""
    for name, value, origin in listing(settings, names):
        sys.stdout.write(f"{name} = {value}  # {origin}\n")
    raise typer.Exit(ExitCode.OK)


def _parameter(name: str, kind: Any, groups: tuple[Group, ...]) -> inspect.Parameter:
    plain = _plain(kind)
    default = default_of(name)
    if isinstance(default, tuple):
        shown = ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in default)
    else:
        shown = "" if default is None or plain is bool else str(default)
    text = HELP[name] + (f" (default: {shown})" if shown else "")
    panel = next(PANELS[group] for group in groups if name in {f.name for f in fields(group)})
    dashed = name.replace("_", "-")
    names = FLAGS.get(name) or ([f"--{dashed}/--no-{dashed}"] if plain is bool else [f"--{dashed}"])
    option = typer.Option(*names, help=text, rich_help_panel=panel, metavar=_metavar(plain), show_default=False)
    return _keyword(name, Annotated[plain | None, option])


def _plain(kind: Any) -> Any:
    """The type Typer parses: numbers and text as text, so that one place (`settings`) coerces and complains."""
    arguments = [a for a in typing.get_args(kind) if a is not type(None)]
    if typing.get_origin(kind) is tuple:
        return list[str]
    inner = arguments[0] if arguments else kind
    return bool if inner is bool else str


def _metavar(plain: Any) -> str:
    return "" if plain is bool else "VALUE"


def _keyword(name: str, annotation: Any, default: Any = None) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
