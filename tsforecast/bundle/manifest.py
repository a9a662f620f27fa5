"""The manifest: what a saved model says about itself, one schema for all of it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tsforecast import __version__
from tsforecast.bundle import schema
from tsforecast.bundle.schema import Either, Facts, Flag, ListOf, MapOf, Number, OneOf, PairOf, Record, Text, Whole
from tsforecast.data.panel import Freq, Schema
from tsforecast.errors import DISTRIBUTION, BundleError
from tsforecast.evaluate.bounds import Bounds

FORMAT_VERSION = 2
"""Every version from 2 on stays readable."""
MANIFEST = "manifest.json"
MAX_STEPS = 10**6
MAX_SERIES = 10**6

_STEPS = Whole(1, MAX_STEPS)
_EDGES = ListOf(Either(Number(-1e300, 1e300), None), 2, 2)
_NAME = Text()
_CLOSED = PairOf(_STEPS, ListOf(Whole(0, MAX_STEPS), 1, MAX_STEPS))
RULE = Record({
    "format_version": Whole(2, FORMAT_VERSION),
    "tsforecast": _NAME,
    "model": Text(100, 1),
    "horizon": _STEPS,
    "freq": Either(Text(20, 1), Whole(1, 2**40)),
    "schema": Record({"time": _NAME, "id": Either(_NAME, None), "zone": Either(Text(100), None), "joint": Flag()}),
    "channels": ListOf(_NAME, 1, 10**4, distinct=True),
    "seed": Whole(0, 2**63 - 1),
    "season_lengths": MapOf(ListOf(_STEPS, 0, 20), MAX_SERIES),
    "scales": MapOf(ListOf(Number(0.0, 1e300), 1, 10**4), MAX_SERIES),
    "bounds": Record(
        {"asked": Either(_EDGES, None), "found": MapOf(ListOf(_EDGES, 1, 10**4), MAX_SERIES)},
        {
            "closed": MapOf(ListOf(ListOf(_CLOSED, 0, 20), 1, 10**4), MAX_SERIES),
            "whole": MapOf(ListOf(OneOf(("", "intervals", "all")), 1, 10**4), MAX_SERIES),
        },
    ),
    "report": Facts(),
    "training": Facts(),
    "roles": MapOf(OneOf(("target", "past", "future", "static")), 10**4),
    "series": ListOf(_NAME, 1, MAX_SERIES, distinct=True),
    "members": MapOf(Text(64, 64), 64),
})  # fmt: skip
"""What `manifest.json` is.

`roles` are those of the channels of the history, `series` its ids, `members` the SHA-256 of all other members.
"""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a saved model says about itself.

    Attributes:
        model: Its name in the registry of models.
        horizon: Steps ahead it was fitted and calibrated for.
        freq: Step between rows, a pandas alias or an integer.
        schema: The user's names and zone.
        channels: The user's value columns, in order.
        seed: Seed of training.
        season_lengths: Of each series, by `Series.name`, shortest first.
        scales: What the interval widths of each series are multiplied by, by `Series.name`, one number a channel.
        bounds: What forecasts stay within, as `Bounds.to_dict` has it; null for no edge.
        report: What was found on held-out rows: scores, errors by step, measured coverage. Plain JSON.
        training: What training was. Plain JSON.
        tsforecast: Version that wrote it.
    """

    model: str
    horizon: int
    freq: Freq
    schema: Schema
    channels: tuple[str, ...]
    seed: int
    season_lengths: Mapping[str, list[int]] = dataclasses.field(default_factory=dict)
    scales: Mapping[str, list[float]] = dataclasses.field(default_factory=dict)
    bounds: Mapping[str, Any] = dataclasses.field(default_factory=lambda: Bounds().to_dict())
    report: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    training: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    tsforecast: str = __version__

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON; what `from_dict` reads, but for `roles`, `series` and `members`."""
        own = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {"format_version": FORMAT_VERSION, **own, "schema": dataclasses.asdict(self.schema)}

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> Manifest:
        """What `manifest.json` says, after a check of all of it.

        Raises:
            BundleError: If it was written by a newer version, or a field is missing, unknown or out of its range.
        """
        version = given.get("format_version")
        if type(version) is int and version > FORMAT_VERSION:
            writer = given.get("tsforecast")
            told = f" {writer[:40]}" if isinstance(writer, str) else ""
            raise BundleError(
                f"model was written by a newer tsforecast{told} (format {version}, this one reads {FORMAT_VERSION})",
                f"pip install -U {DISTRIBUTION}",
            )
        schema.check(MANIFEST, given, RULE)
        own = {name: given[name] for name in (field.name for field in dataclasses.fields(cls))}
        made = cls(**{**own, "schema": Schema(**given["schema"]), "channels": tuple(given["channels"])})
        width = len(made.channels) if made.schema.joint else 1
        known: tuple[tuple[str, Mapping[str, Any]], ...]
        extra = [(f"bounds.{kind}", made.bounds.get(kind, {})) for kind in ("closed", "whole")]
        known = ("scales", made.scales), ("bounds.found", made.bounds["found"]), *extra
        for kind, each in known:
            for name, per_channel in each.items():
                if len(per_channel) != width:
                    told = f"must be {width} numbers, received {len(per_channel)}"
                    raise BundleError(f"{MANIFEST}.{kind}[{name[:40]!r}] {told}")
        try:
            Bounds.from_dict(made.bounds)
        except ValueError as error:
            raise BundleError(f"{MANIFEST}.bounds: {error}") from None
        if not given["roles"].keys() <= set(made.channels):
            raise BundleError(f"{MANIFEST}.roles names a column that is no channel")
        return made


def sums(members: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each member but the manifest."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in members.items() if name != MANIFEST}


def verify(members: Mapping[str, bytes], recorded: Mapping[str, str]) -> None:
    """Compare members with the sums recorded in the manifest.

    Raises:
        BundleError: If one is missing, unlisted or not what was written.
    """
    found = sums(members)
    for name in sorted(found.keys() | recorded.keys()):
        if name not in found:
            raise BundleError(f"member {name[:80]} is missing")
        if name not in recorded:
            raise BundleError(f"member {name} is not in the manifest")
        if found[name] != recorded[name]:
            raise BundleError(f"member {name} is not what was written (its SHA-256 differs)")
