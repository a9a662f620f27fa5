"""The manifest: what a saved model says about itself, typed, and checked field by field on the way in."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tsforecast.data.panel import Freq, Schema
from tsforecast.errors import BundleError

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
MAX_STEPS = 10**6
MAX_TEXT = 1000
KINDS = ("naive", "ridge", "dynamics", "network")

Facts = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class About:
    """What whoever saves a model has to say about it.

    Attributes:
        horizon: Steps ahead it was fitted and calibrated for.
        seed: Seed of training.
        report: What the skill gate found: scores of all candidates, errors by step, measured coverage. Plain JSON.
        training: What training was: rows, epochs, time, settings. Plain JSON.
        created: When, as text, or None: the clock is never asked, so that equal models are equal bytes.
    """

    horizon: int
    seed: int
    report: Facts
    training: Facts
    created: str | None = None


@dataclass(frozen=True, kw_only=True)
class Manifest(About):
    """What a saved model says about itself.

    Attributes:
        tsforecast: Version that wrote it.
        model: Name of the forecaster, as in `tsforecast models`.
        kind: "naive", "ridge", "dynamics" or "network".
        context_length: Steps it sees.
        segment_length: Steps it emits per recursion.
        season_length: Steps in a season, 1 where there is none.
        settings: What else shapes the forecaster, see `Candidate.metadata`. Plain JSON.
        freq: Step between rows, a pandas alias or an integer.
        schema: The user's names and zone.
        channels: The user's value columns, in order.
        quantized: "int8", or None.
    """

    tsforecast: str
    model: str
    kind: str
    context_length: int
    segment_length: int
    season_length: int
    settings: Facts
    freq: Freq
    schema: Schema
    channels: tuple[str, ...]
    quantized: str | None = None

    @property
    def width(self) -> int:
        """Channels of one sequence: all of them where the schema says joint, else one."""
        return len(self.channels) if self.schema.joint else 1

    def to_dict(self) -> Facts:
        return {
            "format_version": FORMAT_VERSION,
            **{field.name: getattr(self, field.name) for field in dataclasses.fields(self)},
            "schema": dataclasses.asdict(self.schema),
        }

    @classmethod
    def from_dict(cls, given: Facts) -> Manifest:
        """Build from JSON.

        Raises:
            BundleError: If it was written by a newer version, or a field is missing, unknown or out of its range.
        """
        version = given.get("format_version")
        if type(version) is not int or version < 1:
            raise BundleError("manifest.json has no format_version")
        if version > FORMAT_VERSION:
            writer = f" {given['tsforecast']}" if _text(given.get("tsforecast")) else ""
            raise BundleError(
                f"model was written by a newer tsforecast{writer} (format {version}, this one reads {FORMAT_VERSION})",
                "pip install -U tsforecast",
            )
        fields = {name: value for name, value in given.items() if name != "format_version"}
        _check("manifest.json", fields, _FIELDS)
        _check("manifest.json schema", fields["schema"], _SCHEMA)
        made = cls(**{**fields, "schema": Schema(**fields["schema"]), "channels": tuple(fields["channels"])})
        if made.context_length * made.width > 10 * MAX_STEPS:
            raise BundleError("manifest.json asks for too large a context")
        return made


def sums(members: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each member but the manifest."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in members.items() if name != MANIFEST}


def verify(members: Mapping[str, bytes], recorded: Any) -> None:
    """Compare members with the sums recorded in the manifest.

    Raises:
        BundleError: If one is missing, unlisted or not what was written.
    """
    if not isinstance(recorded, dict):
        raise BundleError("manifest.json does not list its members")
    found = sums(members)
    for name in sorted(found.keys() | recorded.keys()):
        if name not in found:
            raise BundleError(f"member {name[:80]} is missing")
        if name not in recorded:
            raise BundleError(f"member {name} is not in the manifest")
        if found[name] != recorded[name]:
            raise BundleError(f"member {name} is not what was written (its SHA-256 differs)")


def _check(what: str, given: Facts, allowed: Mapping[str, Callable[[Any], bool]]) -> None:
    if odd := sorted(set(given) ^ set(allowed)):
        problem = "lacks" if odd[0] in allowed else "has an unknown field"
        raise BundleError(f"{what} {problem} {odd[0][:80]!r}")
    for name, fits in allowed.items():
        if not fits(given[name]):
            raise BundleError(f"{what} has an impossible {name}: {str(given[name])[:80]!r}")


def _whole(low: int, high: int = MAX_STEPS) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT


def _text_or_none(value: Any) -> bool:
    return value is None or _text(value)


def _freq(value: Any) -> bool:
    return (_text(value) and value != "") or _whole(1, 2**40)(value)


def _names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_text, value)) and len(set(value)) == len(value)


def _facts(value: Any) -> bool:
    return isinstance(value, dict)


_SCHEMA: Mapping[str, Callable[[Any], bool]] = {
    "time": _text,
    "id": _text_or_none,
    "zone": _text_or_none,
    "joint": lambda value: isinstance(value, bool),
}
_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    "tsforecast": _text,
    "created": _text_or_none,
    "model": _text,
    "kind": lambda value: value in KINDS,
    "horizon": _whole(1),
    "context_length": _whole(1),
    "segment_length": _whole(1),
    "season_length": _whole(1),
    "seed": _whole(0, 2**63 - 1),
    "freq": _freq,
    "schema": _facts,
    "channels": _names,
    "settings": _facts,
    "report": _facts,
    "training": _facts,
    "quantized": lambda value: value in (None, "int8"),
}
