"""A batch run again from its manifest, and what came out compared with what came out then."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.batch.batch_run import BatchRun
from tsforecast.batch.inputs import hashed
from tsforecast.batch.job import Job, versions
from tsforecast.batch.outdir import OutputFolder, read_lines
from tsforecast.errors import DataError, NotReadableError

if TYPE_CHECKING:
    import pandas as pd

#: Differences that are shown, of each kind.
MOST_SHOWN = 10
_KEYS = ("source", "unique_id", "channel", "ds")
_TRUTHS = ("state", "model", "scope", "season", "skill")
_ROWS = 1 << 16


@dataclass
class Compared:
    """What differs between two runs of one job.

    Attributes:
        rows: Forecasts that were compared.
        differing: Of them, those that differ.
        series: Series that were compared.
        largest: The largest difference of a number, relative to the larger of the two.
        shown: The first differences, one line each.
        notes: What may be why.
    """

    rows: int = 0
    differing: int = 0
    series: int = 0
    largest: float = 0.0
    shown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def alike(self) -> bool:
        """Whether nothing differs."""
        return not self.shown

    def say(self, line: str) -> None:
        """Show a difference, if there is room."""
        if len(self.shown) < MOST_SHOWN:
            self.shown.append(line)


def document(path: Path) -> dict[str, Any]:
    """What a manifest says.

    Raises:
        NotReadableError: It is not there, or is none.
    """
    try:
        found = json.loads(path.read_bytes())
        if not isinstance(found, dict) or not {"inputs", "settings", "forecasts", "versions"} <= found.keys():
            raise ValueError("it lacks what a manifest has")
        return found
    except OSError as error:
        raise NotReadableError(f"{path} cannot be read: {error.strerror}", "give a manifest.json of a batch") from None
    except ValueError as error:
        raise NotReadableError(f"{path} is no manifest of a batch: {error}", "give a manifest.json as it is") from None


def again(said: Mapping[str, Any], output: Path, workers: int | None) -> BatchRun:
    """The run that a manifest tells of, into another folder.

    Raises:
        DataError: An input is not what it was.
        NotReadableError: The manifest is none.
    """
    settings = dict(said["settings"])
    given, saved = settings.pop("input", ()), settings.pop("saved", None)
    job = Job.from_dict(settings)
    _check_inputs(said)
    batch = replace(job.batch, input=tuple(given), saved=saved, workers=workers, output_dir=str(output))
    return BatchRun(replace(job, batch=batch), OutputFolder(output), said["forecasts"]["kind"])


def _check_inputs(said: Mapping[str, Any]) -> None:
    changed = []
    for known in said["inputs"]:
        now = hashed(known["name"])
        if now.sha256 != known["sha256"]:
            changed.append(now.problem or f"{known['name']} has changed")
    if changed:
        more = f", and {len(changed) - 1:,} more" if len(changed) > 1 else ""
        raise DataError(f"the inputs are not what they were: {changed[0]}{more}", "replay needs the same bytes")


def compare(manifest: Path, then: Mapping[str, Any], output: Path, tolerance: float) -> Compared:
    """What differs between the folder of a manifest and another run of its job.

    Args:
        manifest: Its path; what came out then lies beside it.
        then: What it says.
        output: Where the other run wrote.
        tolerance: Relative difference of numbers that counts as none.

    Raises:
        NotReadableError: What came out then is not there any more.
    """
    found = Compared(notes=list(_versions(then["versions"])))
    try:
        now = document(output / "manifest.json")
        pairs = itertools.zip_longest(_frames(manifest.parent, then), _frames(output, now))
        for old, new in pairs:
            _compare_rows(old, new, tolerance, found)
        _compare_truth(manifest.parent / "status.jsonl", output / "status.jsonl", tolerance, found)
    except FileNotFoundError as error:
        raise NotReadableError(f"{error.filename} is not there any more", "there is nothing to compare with") from None
    return found


def _versions(then: Mapping[str, str]) -> Iterator[str]:
    now = versions()
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            yield f"{name} was {then.get(name, 'absent')}, is {now.get(name, 'absent')}"


def _frames(folder: Path, said: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    """The forecasts in their order, some rows at a time."""
    import pyarrow.parquet as pq

    for name in said["forecasts"]["files"]:
        if said["forecasts"]["kind"] == "csv":
            yield from _texts(folder / name)
        else:
            for batch in pq.ParquetFile(folder / name).iter_batches(batch_size=_ROWS):
                yield batch.to_pandas()


def _texts(path: Path) -> Iterator[pd.DataFrame]:
    """The rows of a CSV, numbers as they were written to the last digit."""
    import pandas as pd

    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        names = next(rows)
        while some := list(itertools.islice(rows, _ROWS)):
            frame = pd.DataFrame(some, columns=names)
            numbers = {name: frame[name].replace("", "nan").astype("float64") for name in names if name not in _KEYS}
            yield frame.assign(**numbers)


def _compare_rows(old: pd.DataFrame | None, new: pd.DataFrame | None, tolerance: float, found: Compared) -> None:
    if old is None or new is None or len(old) != len(new) or list(old.columns) != list(new.columns):
        then, now = (0 if frame is None else len(frame) for frame in (old, new))
        found.differing += max(then, now)
        found.say(f"there were {then:,} rows here, and are {now:,}")
        return
    found.rows += len(old)
    apart = np.zeros(len(old), dtype=bool)
    for name in old.columns:
        if name in _KEYS:
            differs = (old[name].astype(str) != new[name].astype(str)).to_numpy()
        else:
            relative = _relative(old[name].to_numpy(dtype="float64"), new[name].to_numpy(dtype="float64"))
            found.largest = max(found.largest, float(relative.max(initial=0.0)))
            differs = relative > tolerance
        for i in np.flatnonzero(differs)[:MOST_SHOWN]:
            key = " ".join(str(old[k].iloc[i]) for k in _KEYS)
            found.say(f"{key}: {name} was {old[name].iloc[i]}, is {new[name].iloc[i]}")
        apart |= differs
    found.differing += int(apart.sum())


def _relative(old: Any, new: Any) -> Any:
    """Differences relative to the larger of two numbers; infinite where only one of them is missing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.abs(old - new) / np.maximum(np.abs(old), np.abs(new))
    off = np.where(old == new, 0.0, off)
    one_missing = np.isnan(old) != np.isnan(new)
    return np.where(one_missing, np.inf, np.where(np.isnan(old) & np.isnan(new), 0.0, off))


def _compare_truth(old: Path, new: Path, tolerance: float, found: Compared) -> None:
    for then, now in itertools.zip_longest(read_lines(old), read_lines(new)):
        found.series += 1
        if then is None or now is None:
            found.say("one run has more series than the other")
            return
        for name in _TRUTHS:
            if then[name] != now[name] and not _close(then[name], now[name], tolerance):
                place = " ".join(str(then[key]) for key in ("source", "unique_id", "channel"))
                found.say(f"{place}: {name} was {then[name]}, is {now[name]}")


def _close(old: Any, new: Any, tolerance: float) -> bool:
    both = isinstance(old, float | int) and isinstance(new, float | int)
    return both and abs(old - new) <= tolerance * max(abs(old), abs(new))
