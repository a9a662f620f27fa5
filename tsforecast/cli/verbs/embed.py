"""`tsforecast embed`: the delay vectors of a series as a table."""

from __future__ import annotations

from dataclasses import replace

from tsforecast.cli.console import Console
from tsforecast.cli.options import PREPARING, File, Format, LedgerFile, Output, SafeCsv, with_settings
from tsforecast.cli.settings import Settings


@with_settings(*PREPARING, also=("delay", "dimension"))
def embed(
    file: File,
    output: Output = None,
    format: Format = None,  # noqa: A002
    safe_csv: SafeCsv = False,
    ledger: LedgerFile = None,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Write the delay vectors x(t), x(t-τ), ... of a series as a table; gaps are left open unless --impute is given."""
    from tsforecast.cli.reports import results
    from tsforecast.cli.reports.lines import entry
    from tsforecast.cli.reports.record import publish
    from tsforecast.workflows.embed import embed as run

    # A filled value is a guess, and a vector through one would be no observation.
    preparing = settings.prepare if settings.given("impute") else replace(settings.prepare, impute="none")
    panel = results.load(file, replace(settings, prepare=preparing), ledger, console).filled
    made = run(panel, settings.model.delay, settings.model.dimension)
    console.say(entry("delay", f"{made.delay} step{'s' * (made.delay > 1)}: {made.delay_reason}"))
    console.say(entry("dimension", f"{made.dimension}: {made.dimension_reason}"))
    crossing = f"; {made.n_left_out:,} left out because they cross a gap" if made.n_left_out else ""
    console.say(entry("vectors", f"{len(made.frame):,}{crossing}"))
    console.record(
        delay=made.delay,
        delay_reason=made.delay_reason,
        dimension=made.dimension,
        dimension_reason=made.dimension_reason,
        vectors=len(made.frame),
        left_out=made.n_left_out,
    )
    publish(made.frame, panel.schema, panel.freq, output, format, console, safe=safe_csv)
