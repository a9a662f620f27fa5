"""`tsforecast prepare`: the regular, repaired, filled table, for the next command of a pipeline."""

from __future__ import annotations

from typing import Annotated

import typer

from tsforecast.cli.console import Console
from tsforecast.cli.options import PREPARING, File, Format, LedgerFile, Output, SafeCsv, with_settings
from tsforecast.cli.settings import Settings
from tsforecast.errors import UsageError

Repairs = Annotated[
    str | None,
    typer.Option("--repairs", metavar="FILE", help="Make exactly the repairs of this ledger, instead of finding them."),
]


@with_settings(*PREPARING)
def prepare(
    file: File,
    output: Output = None,
    format: Format = None,  # noqa: A002
    safe_csv: SafeCsv = False,
    ledger: LedgerFile = None,
    repairs: Repairs = None,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Write the regular, repaired, filled table, and say what was changed."""
    from tsforecast import io
    from tsforecast.cli.reports import results
    from tsforecast.cli.reports.record import publish

    filled = None
    if repairs:
        from tsforecast.preparation.replay import read_ledger, replay

        if settings.prepare.mark_filled:
            raise UsageError("--mark-filled needs repairs that are found anew", "leave out --repairs")
        changes = read_ledger(repairs)
        console.record(repairs_from=repairs, n_repairs=len(changes))
        panel = replay(io.read(file, settings.read), changes)
        console.say(f"replayed {len(changes):,} entries of {repairs}")
    else:
        prepared = results.load(file, settings, ledger, console)
        panel, filled = prepared.filled, prepared.changed
    if settings.prepare.transform:
        from tsforecast.preparation.transforms.chain import transformed

        panel = transformed(panel, settings.prepare.transform)
    if settings.prepare.mark_filled and filled is not None:
        from tsforecast.preparation.marks import marked

        panel = marked(panel, filled)
    publish(panel.frame, panel.schema, panel.freq, output, format, console, safe=safe_csv)
