"""The options: those of the settings derived from their declaration, the others declared here once for all verbs."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperCommand

from tsforecast.cli import streams
from tsforecast.cli.completion import completer
from tsforecast.cli.console import Console, show
from tsforecast.cli.destinations import check_destinations
from tsforecast.cli.outside import Outside, options_of, outside
from tsforecast.cli.reports.record import reported
from tsforecast.cli.settings import DEFAULT, FLAG, SETTINGS, Group, Settings, model_names, resolve, toml_line
from tsforecast.config import (
    TABLE_FORMATS,
    BatchConfig,
    BesideConfig,
    FitConfig,
    ForecastConfig,
    ModelConfig,
    PrepareConfig,
    ReadConfig,
    TableFormat,
)
from tsforecast.declared import Declared, declared_by, listed
from tsforecast.errors import ExitCode, UsageError

READING: tuple[Group, ...] = (ReadConfig,)
PREPARING: tuple[Group, ...] = (ReadConfig, PrepareConfig)
ALONE: tuple[Group, ...] = (ForecastConfig, ModelConfig, FitConfig, ReadConfig, PrepareConfig)
TRAINING: tuple[Group, ...] = (*ALONE[:3], BesideConfig, *ALONE[3:])

COMMON_SETTINGS = frozenset(
    {"horizon", "level", "bounds", "model", "season_length", "time_limit", "time_col", "id_col", "target_col"}
    | {"future_col", "dayfirst", "zone", "na_value", "freq", "agg", "impute", "outliers", "transform"}
)
"""Settings that help shows; those of one verb alone it shows, too."""
RARE = frozenset({"config", "print_config", "verbose", "safe_csv", "exponent"})
"""Options beside the settings that help folds."""

PANELS = {
    ReadConfig: "Reading",
    PrepareConfig: "Repairing and preparing",
    ModelConfig: "Model",
    FitConfig: "Training",
    ForecastConfig: "Forecast",
    BesideConfig: "Calendar",
    BatchConfig: "Batch",
}


def _from_outside(context: typer.Context, path: str | None) -> str | None:
    """Eager: the options that come after it find what the environment and the config file say as their default."""
    context.obj = found = outside(context, path)
    context.default_map = {name: value for name, value in found.values.items() if name not in SETTINGS}
    return path


COMMON: dict[str, tuple[Any, Any]] = {
    "config": (
        Annotated[
            str | None,
            typer.Option(
                "--config",
                metavar="FILE",
                is_eager=True,
                callback=_from_outside,
                help="Read settings from this TOML file (default: ./tsforecast.toml, then ./pyproject.toml).",
            ),
        ],
        None,
    ),
    "print_config": (
        Annotated[bool, typer.Option("--print-config", metavar="", help="Show each setting and where it came from.")],
        False,
    ),
    "json_": (
        Annotated[bool, typer.Option("--json", metavar="", help="The report, and errors, as one JSON object.")],
        False,
    ),
    "report": (
        Annotated[
            str | None,
            typer.Option(
                "--report",
                metavar="FILE",
                help="Write the report here, as JSON, or a forecast as a page that explores it where it ends in .html.",
            ),
        ],
        None,
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

# What the verbs share beside the settings.
File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="The data: CSV, TSV, Excel, JSON or Parquet, compressed or not; - is stdin."),
]
Output = Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Write here instead of stdout.")]
Format = Annotated[
    TableFormat | None,
    typer.Option(
        "--format", metavar="NAME", help=f"{', '.join(TABLE_FORMATS)} (default: by the suffix of -o, else csv)."
    ),
]
SafeCsv = Annotated[
    bool,
    typer.Option("--safe-csv", metavar="", help="Put ' before text that a spreadsheet would take for a formula."),
]
Plot = Annotated[
    str | None,
    typer.Option("--plot", metavar="FILE", help="Draw into a .png, .svg, .pdf or .html file; - draws on stderr."),
]
PlotAttention = Annotated[
    str | None,
    typer.Option(
        "--plot-attention",
        metavar="FILE",
        help="Draw which rows each step of the forecast looked at (.png, .svg, ...).",
    ),
]
PlotTraining = Annotated[
    str | None,
    typer.Option(
        "--plot-training", metavar="FILE", help="Draw errors and learning rate by epoch, and the weights tried."
    ),
]
FutureFile = Annotated[
    str | None,
    typer.Option(
        "--future", metavar="FILE", help="What is known ahead: the columns beside the target, by series and time."
    ),
]
TemplateFile = Annotated[
    str | None,
    typer.Option(
        "--write-future-template", metavar="FILE", help="Write the table that --future needs, to fill in, and end."
    ),
]
LedgerFile = Annotated[
    str | None, typer.Option("--ledger", metavar="FILE", help="Write every repair here, one JSON object a line.")
]
StatusFile = Annotated[
    str | None,
    typer.Option("--status", metavar="FILE", help="Write what became of each series here, one JSON object a line."),
]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="A model written by tsforecast fit.")]
Dynamics = Annotated[
    bool,
    typer.Option("--dynamics", metavar="", help="Look at the dynamics: verdict, exponent, predictability horizon."),
]
RequireSkill = Annotated[
    bool, typer.Option("--require-skill", metavar="", help="End with exit 6 unless the forecast beats the naive one.")
]
RequireCoverage = Annotated[
    float | None,
    typer.Option(
        "--require-coverage",
        metavar="POINTS",
        min=0,
        max=100,
        help="End with exit 6 where measured and nominal coverage differ by more per cent.",
    ),
]
Quantize = Annotated[
    Literal["int8"] | None,
    typer.Option("--quantize", help="Save a smaller model; the loss of skill is reported."),
]


class Verb(TyperCommand):
    """A verb whose help ends with examples, folds its rarer options, and lists the models there are."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help; models are asked for only here, when somebody wants to know."""
        folded = 0
        every_option = ctx.find_root().obj.every_option
        for parameter in self.params:
            option: Any = parameter
            if option.param_type_name != "option":
                continue
            if option.name == "model":
                option.help = f"{SETTINGS['model'].said.words} One of {listed(model_names())} (default: auto)"
            if not every_option and _is_rare(str(option.name)):
                option.hidden = True
                folded += 1
        super().format_help(ctx, formatter)
        show(_below_help(str(ctx.info_name), folded))


def _is_rare(name: str) -> bool:
    """Whether help folds an option: a setting that is not a common one, or a rarer one of the command line."""
    if name in SETTINGS:
        return name not in COMMON_SETTINGS and not SETTINGS[name].said.verbs
    return name in RARE


def _below_help(verb: str, folded: int) -> Iterator[str]:
    """Examples, and where the rarer options are."""
    from tsforecast.cli.examples import EXAMPLES

    yield " Examples"
    for command, words in EXAMPLES.get(verb, ()):
        yield f"   $ {command}"
        yield f"     {words}"
    yield ""
    if folded:
        yield f" {folded} more options: tsforecast {verb} --help --all"
        yield ""


def with_settings(*groups: Group, also: tuple[str, ...] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a verb the options of the groups, and the settings named in `also`.

    The decorated function takes `settings: Settings` and `console: Console`; the command line sees one option a setting
    instead, and the options every verb has (`COMMON`).
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        verb = function.__name__.replace("_", "-")
        taken: dict[str, Group] = {}
        for group in groups:
            for name in declared_by(group):
                if _is_for(verb, SETTINGS[name]):
                    taken.setdefault(name, group)
        taken |= {name: next(group for group in PANELS if name in declared_by(group)) for name in also}

        @functools.wraps(function)
        def run(context: typer.Context, **arguments: Any) -> None:
            found: Outside = context.obj
            given = {name: arguments.pop(name) for name in taken}
            settings = resolve(given, found.values, found.origins)
            if arguments.pop("print_config"):
                _print_config(context, settings, arguments)
            arguments.pop("config")
            console = Console(quiet=arguments.pop("quiet"), as_json=arguments.pop("json_"))
            if arguments.pop("verbose"):
                os.environ["TSFORECAST_VERBOSE"] = "1"
            for warning in found.warnings:
                console.warn(warning)
            check_destinations(context, arguments, as_json=console.as_json)
            report = arguments.pop("report")
            if report and report.lower().endswith(".html"):
                console.page, report = _page(report, verb, function), None
            try:
                with reported(verb, console, report):
                    function(**arguments, settings=settings, console=console)
                sys.stdout.flush()
            except BrokenPipeError:
                # Typer would end with 1; a reader that has had enough (`| head -1`) is no error.
                streams.discard_stdout()
            finally:
                console.close()

        signature = inspect.signature(function, eval_str=True)
        own = [p for p in signature.parameters.values() if p.name not in ("settings", "console")]
        own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        added = [_parameter(SETTINGS[name], PANELS[group]) for name, group in taken.items()]
        added += [_keyword(name, annotation, default) for name, (annotation, default) in COMMON.items()]
        context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        run.__signature__ = inspect.Signature([context, *own, *added])  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in [context, *own, *added]}
        return run

    return decorate


def _page(path: str, verb: str, function: Callable[..., None]) -> str:
    """Where the page of a verb goes.

    Raises:
        UsageError: It has none, since it draws no forecast.
    """
    if all(p.annotation != Plot for p in inspect.signature(function, eval_str=True).parameters.values()):
        raise UsageError(f"the report of {verb} is no page", f"--report {path[:-5]}.json")
    return path


def _is_for(verb: str, declared: Declared) -> bool:
    return not declared.said.verbs or verb in declared.said.verbs


def _print_config(context: typer.Context, settings: Settings, arguments: dict[str, Any]) -> None:
    """Write every option that a config file may set as TOML, with its origin as a comment, and end."""
    for name in options_of(context):
        if name in SETTINGS:
            value, origin = settings.value(name), settings.origins[name]
        else:
            source = context.get_parameter_source(name)
            said = {"COMMANDLINE": FLAG, "DEFAULT_MAP": context.obj.origins.get(name, DEFAULT)}
            value, origin = arguments.get(name), said.get(source.name if source else "", DEFAULT)
        sys.stdout.write(toml_line(name, value, origin) + "\n")
    raise typer.Exit(ExitCode.OK)


def _parameter(declared: Declared, panel: str) -> inspect.Parameter:
    plain: Any = list[str] if declared.many else bool if declared.kind is bool else str
    option = typer.Option(
        *declared.options,
        help=_help(declared),
        rich_help_panel=panel,
        metavar="" if plain is bool else declared.said.metavar,
        show_default=False,
        autocompletion=completer(declared),
    )
    return _keyword(declared.name, Annotated[plain | None, option])


def _help(declared: Declared) -> str:
    allowed = declared.said.usages or declared.choices
    choices = f" One of {listed(allowed)}." if allowed else ""
    default = declared.default if isinstance(declared.default, tuple) else (declared.default,)
    shown = ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in default)
    known = declared.default not in (None, ()) and declared.kind is not bool
    return declared.said.words + choices + (f" (default: {shown})" if known else "")


def _keyword(name: str, annotation: Any, default: Any = None) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
