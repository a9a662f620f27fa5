"""`tsforecast models`: what there is, with what each is good for."""

from __future__ import annotations

from tsforecast.cli.console import Console, show
from tsforecast.cli.options import with_settings
from tsforecast.cli.settings import Settings


@with_settings()
def models(*, settings: Settings, console: Console) -> None:  # noqa: ARG001
    """List the forecasters and what each is good for."""
    from dataclasses import asdict

    from tsforecast.models.registry import AUTO, infos

    console.record(models=[asdict(info) for info in infos()])
    if console.as_json:
        return
    rows = [(AUTO, "the best of the others, by validation", "a first answer")]
    rows += [(info.name, info.words, info.good_for) for info in infos()]
    width, wide = (max(len(row[i]) for row in rows) for i in range(2))
    show(f"{name:<{width}}  {words:<{wide}}  {good_for}" for name, words, good_for in rows)
