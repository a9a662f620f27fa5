"""`tsforecast batch`: thousands of series, restartable, and one row of truth for each."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.options import ALONE, with_settings
from tsforecast.cli.settings import Settings
from tsforecast.config import BatchConfig
from tsforecast.errors import UsageError

Inputs = Annotated[
    list[str] | None,
    typer.Argument(metavar="[INPUT]...", help="Files, globs, folders or URLs (s3://, gs://, az://, https://)."),
]
Kind = Annotated[
    Literal["parquet", "csv"], typer.Option("--format", help="Of the forecasts: Parquet parts, or one CSV.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", metavar="", help="Say what there is to do and what it would take, from a sample.")
]
Init = Annotated[
    bool, typer.Option("--init", metavar="", help="Write a commented configuration to stdout, for --config, and end.")
]


@with_settings(*ALONE, BatchConfig)
def batch(
    inputs: Inputs = None,
    kind: Kind = "parquet",
    dry_run: DryRun = False,
    init: Init = False,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Forecast thousands of series: restartable, one bad series never stops the others, one row of truth for each."""
    from dataclasses import replace

    from tsforecast.batch.batch_run import BatchRun
    from tsforecast.batch.outdir import OutputFolder
    from tsforecast.cli.reports import batched, results

    if init:
        batched.write_configuration((BatchConfig, *ALONE))
        return
    if settings.batch.output_dir is None:
        raise UsageError("batch needs a folder to write into", "-o DIR")
    if settings.read.past_col or settings.read.future_col or settings.read.static_col:
        raise UsageError(
            "batch forecasts each series by itself alone", "leave out --past-col, --future-col, --static-col"
        )
    own = replace(settings.batch, input=(*(inputs or ()), *settings.batch.input))
    asked = replace(settings, batch=own, model=results.model_settings(settings))
    log = batched.Log(console, as_json=own.log_format == "json")
    made = BatchRun(batched.job(asked), OutputFolder(str(own.output_dir)), kind, log.tell)
    if dry_run:
        batched.show_estimate(made, console)
        return
    batched.finish(made, made.run(), log)
