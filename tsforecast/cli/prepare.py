"""`tsforecast prepare`: the regular, repaired, filled table, for the next command of a pipeline."""

from __future__ import annotations

from tsforecast.cli.console import Console
from tsforecast.cli.options import PREPARING, File, Format, LedgerFile, Output, with_settings
from tsforecast.cli.settings import Settings


@with_settings(*PREPARING)
def prepare(
    file: File,
    output: Output = None,
    format: Format = None,  # noqa: A002
    ledger: LedgerFile = None,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Write the regular, repaired, filled table, and say what was changed."""
    from tsforecast import io
    from tsforecast.cli import results

    panel = results.load(file, settings, ledger, console).panel
    io.write(io.external(panel.frame, panel.schema, panel.freq), output, format)
