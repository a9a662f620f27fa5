"""`tsforecast models`: what there is, with what each is good for."""

from __future__ import annotations

import json
import sys

from tsforecast.cli.console import Console, show
from tsforecast.cli.options import AsJson, with_settings
from tsforecast.cli.settings import Settings


@with_settings()
def models(json_: AsJson = False, *, settings: Settings, console: Console) -> None:  # noqa: ARG001
    """List the forecasters and what each is good for."""
    from dataclasses import asdict

    from tsforecast.models.registry import MODELS

    if json_:
        sys.stdout.write(json.dumps([asdict(info) for info in MODELS.values()], ensure_ascii=False, indent=1) + "\n")
        return
    width = max(len(name) for name in MODELS)
    wide = max(len(info.description) for info in MODELS.values())
    show(f"{info.name:<{width}}  {info.description:<{wide}}  {info.good_for}" for info in MODELS.values())
