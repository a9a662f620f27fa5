"""`tsforecast replay`: a batch run again, its numbers compared with those of then."""

from __future__ import annotations

from typing import Annotated

import typer

from tsforecast.cli.console import Console, show
from tsforecast.cli.options import with_settings
from tsforecast.cli.settings import Settings
from tsforecast.errors import ReplayError

Manifest = Annotated[str, typer.Argument(metavar="MANIFEST", help="The manifest.json of a batch, in its folder.")]
Tolerance = Annotated[
    float,
    typer.Option("--tolerance", metavar="SHARE", min=0, help="Relative difference of numbers that counts as none."),
]


@with_settings(also=("output_dir", "workers", "log_format"))
def replay(
    manifest: Manifest,
    tolerance: Tolerance = 0.0,
    *,
    settings: Settings,
    console: Console,
) -> None:
    """Run a batch again from its manifest and compare the numbers; what differs is shown, and ends with exit 6."""
    import contextlib
    import tempfile
    from pathlib import Path

    from tsforecast.batch import replaying
    from tsforecast.cli.reports import batched

    path, asked = Path(manifest), settings.batch
    said = replaying.document(path)
    with contextlib.ExitStack() as stack:
        kept = asked.output_dir
        folder = kept or stack.enter_context(tempfile.TemporaryDirectory(prefix="tsforecast-replay-"))
        made = replaying.again(said, Path(folder) if kept else Path(folder) / "run", asked.workers)
        made.tell = batched.Log(console, as_json=asked.log_format == "json").tell
        made.run()
        found = replaying.compare(path, said, made.folder.path, tolerance)
    for note in found.notes:
        console.say(f"note: {note}")
    console.record(replay=vars(found))
    if not console.as_json:
        show(found.shown)
    if not found.alike:
        raise ReplayError(
            f"{found.differing:,} of {found.rows:,} forecasts differ, by up to {found.largest:.2g} of themselves",
            "the notes say what else is different; --tolerance 1e-6 overlooks last digits",
        )
    console.say(f"{found.rows:,} forecasts of {found.series:,} series are the same")
