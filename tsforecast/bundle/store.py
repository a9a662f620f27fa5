"""The saved model: written, and read back as if a stranger had written it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from tsforecast.bundle import container, members, schema
from tsforecast.bundle import history as histories
from tsforecast.bundle.manifest import MANIFEST, Manifest, sums, verify
from tsforecast.bundle.schema import Either, Facts, Record
from tsforecast.data.panel import Panel
from tsforecast.errors import DISTRIBUTION, BundleError, MissingDependencyError, TsforecastError
from tsforecast.evaluate.intervals import Calibration
from tsforecast.io.files import write_whole
from tsforecast.io.strict_json import from_json, to_json
from tsforecast.io.zips import unzipped, zipped
from tsforecast.models.contract import Model, State

PREPARING, HISTORY, COVARIATES = "preparing.json", "history.safetensors", "covariates"
T = TypeVar("T")
_PREPARING = Record({"settings": Facts(), "chain": Either(Facts(), None)})


@dataclass(frozen=True)
class Bundle:
    """A saved model.

    Attributes:
        manifest: What it says about itself.
        state: The model, as `Model.state` gave it.
        preparing: Settings of reading and preparing its data. Plain JSON.
        chain: The user's transforms as they were fitted; None where there are none. Plain JSON.
        calibration: Widths of its intervals.
        history: The end of the data it was fitted on, to go on from; see `tail`.
        regression: The effect of the columns beside the targets; None where there is none.
    """

    manifest: Manifest
    state: State
    preparing: Mapping[str, Any]
    chain: Mapping[str, Any] | None
    calibration: Calibration
    history: Panel
    regression: State | None = None

    def restored(self, find: Callable[[str], type[Model]]) -> Model:
        """The model itself.

        Args:
            find: From a name to the class of the model, as `tsforecast.models.registry.find`.

        Raises:
            BundleError: If there is no such model, or the state is not one of its.
        """
        name = self.manifest.model
        try:
            kind = find(name)
        except TsforecastError as error:
            hint = f"pip install -U {DISTRIBUTION}, or the package that the model came from"
            raise BundleError(f"model is a {name!r}, which is not known here: {error.message[:200]}", hint) from None
        return rebuilt(f"{name} model", lambda: kind.restored(self.state))


def rebuilt(what: str, make: Callable[[], T]) -> T:
    """What `make` makes of the contents of a bundle.

    Raises:
        BundleError: If it cannot.
        MissingDependencyError: If what it needs is not installed.
    """
    try:
        return make()
    except (BundleError, MissingDependencyError):
        raise
    except TsforecastError as error:
        raise BundleError(f"the {what} is not what was saved: {error.message[:300]}") from None
    # What plain Python says to values of another kind, range or shape.
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, MemoryError) as error:
        told = f"no {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__
        raise BundleError(f"the {what} is not what was saved: {told[:300]}") from None


def save(path: str | Path, bundle: Bundle) -> int:
    """Write a bundle, whole or not at all, after reading back what will be written; the size in bytes.

    Raises:
        NotReadableError: If the place cannot be written.
        BundleError: If it could not be read again: too large, or numbers that are not finite.
    """
    data = to_bytes(bundle)
    from_bytes(data)
    write_whole(str(path), data)
    return len(data)


def load(path: str | Path) -> Bundle:
    """Read a bundle, trusting nothing in it.

    Raises:
        NotReadableError: If there is no such file, or it is a directory or not permitted.
        BundleError: If it is damaged, newer than this program, or anything but what `save` writes.
    """
    return from_bytes(container.read_file(Path(path)))


def to_bytes(bundle: Bundle) -> bytes:
    """The bundle as it is written: equal bundles give equal bytes."""
    ids, arrays = histories.to_arrays(bundle.history)
    content = {
        PREPARING: to_json({"settings": dict(bundle.preparing), "chain": bundle.chain}),
        **members.to_state("calibration", bundle.calibration.to_state()),
        HISTORY: members.to_arrays(arrays),
        **members.to_state("model", bundle.state),
    }
    if bundle.regression is not None:
        content |= members.to_state(COVARIATES, bundle.regression)
    own = {"roles": dict(bundle.history.roles), "series": ids, "members": sums(content)}
    document = {**bundle.manifest.to_dict(), **own}
    return zipped({MANIFEST: to_json(document), **content})


def from_bytes(data: bytes) -> Bundle:
    """See `load`."""
    content = unzipped(data, container.is_member)
    for name in (MANIFEST, PREPARING, HISTORY):
        if name not in content:
            raise BundleError(f"not a tsforecast model (it has no {name})", "give a file written by tsforecast fit")
    document = from_json(MANIFEST, content[MANIFEST])
    manifest = Manifest.from_dict(document)
    verify(content, document["members"])
    preparing = from_json(PREPARING, content[PREPARING])
    schema.check(PREPARING, preparing, _PREPARING)
    calibrated = members.from_state("calibration", content)
    calibration = rebuilt("calibration", lambda: Calibration.from_state(calibrated))
    own = {name: len(factors) for name, factors in calibration.own.items()}
    if not own.items() <= {name: len(scales) for name, scales in manifest.scales.items()}.items():
        raise BundleError("the calibration does not fit the series that manifest.json names")
    history = histories.from_arrays(document["series"], members.from_arrays(HISTORY, content.pop(HISTORY)), manifest)
    return Bundle(
        manifest,
        members.from_state("model", content),
        preparing["settings"],
        preparing["chain"],
        calibration,
        replace(history, roles=document["roles"]),
        members.from_state(COVARIATES, content) if any(name.startswith(f"{COVARIATES}/") for name in content) else None,
    )
