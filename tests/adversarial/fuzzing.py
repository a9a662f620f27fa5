"""Damaged real files through the verbs of the command line, in this process: what has to hold whatever the damage."""

from __future__ import annotations

import importlib.util
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from tsforecast.errors import TsforecastError
from tsforecast.io import read

TESTS = Path(__file__).parents[1]
sys.path += [str(TESTS), str(TESTS / "io")]

from process import in_process  # noqa: E402 - it lies with the tests
from test_reading_fuzz import damaged  # noqa: E402 - it lies with the tests of reading

MODEL = "model.tsf"
# {} is the damaged file, MODEL one that was fitted on the same file before the damage.
VERBS = (
    ("prepare", "{}"),
    ("inspect", "{}", "--json"),
    ("forecast", "{}", "-H", "3", "--model", "naive"),
    ("fit", "{}", "-H", "3", "--model", "seasonal-naive", "-o", "made.tsf"),
    ("predict", MODEL, "{}"),
    ("inspect", "{}"),
    ("update", MODEL, "{}", "-o", "made.tsf"),
    ("backtest", "{}", "-H", "3", "--model", "naive", "--windows", "3"),
    ("forecast", "{}", "-H", "3", "--model", "ridge"),
    ("embed", "{}", "--delay", "2", "--dimension", "2"),
    ("plot", "{}"),
)
EXCERPTS = (1200, 2500, 6000)
NAMES = ("x.csv", "x.data", "-")


@dataclass(frozen=True)
class Outcome:
    """What became of one input.

    Attributes:
        seed: It is made from.
        verb: The command line.
        code: Exit code.
        faults: What should not have happened, in words; empty where all held.
    """

    seed: int
    verb: str
    code: int
    faults: tuple[str, ...]


def originals() -> list[bytes]:
    """Real files, whole."""
    files = [*sorted((TESTS.parent / "sample_data").glob("*.csv")), *sorted((TESTS / "io" / "field").glob("*"))]
    return [path.read_bytes()[: max(EXCERPTS)] for path in files]


def fuzzed(seed: int, files: list[bytes], folder: Path, turn: int | None = None) -> Outcome:
    """Damage a file, read it, give it to a verb: that of this turn, or of the seed's."""
    rng = random.Random(seed)
    chosen = rng.randrange(len(files))
    intact = files[chosen][: rng.choice(EXCERPTS)]
    data = damaged(intact, rng)
    name = rng.choice(NAMES)
    path = folder / ("x.csv" if name == "-" else name)
    path.write_bytes(data)
    pattern = VERBS[(seed if turn is None else turn) % len(VERBS)]
    model = _model(f"{chosen}-{len(intact)}", intact, folder) if MODEL in pattern else ""
    verb = [{"{}": name, MODEL: model}.get(part, part) for part in pattern]
    done = in_process(verb, folder, data, {})
    faults = broken_contract(done.returncode, done.stderr)
    if not faults:
        faults = _account(path, data)
    path.unlink()
    return Outcome(seed, " ".join(verb), done.returncode, tuple(faults))


def _model(name: str, intact: bytes, folder: Path) -> str:
    """The name of a model of a file without damage; of a straight line where nothing can be learnt from the file."""
    path = folder / f"model-{name}.tsf"
    line = b"ds,y\n" + b"".join(b"2024-01-%02d,%d\n" % (day, day) for day in range(1, 31))
    for content in (intact, line):
        if not path.exists():
            (folder / "intact.csv").write_bytes(content)
            in_process(["fit", "intact.csv", "-H", "3", "-m", "ridge", "-q", "-o", path.name], folder, None, {})
    return path.name


def broken_contract(code: int, stderr: str) -> list[str]:
    """What is wrong with an exit code and what was said."""
    faults = []
    if code not in (0, 2, 3, 4, 5, 6, 7):
        faults.append(f"exit {code}: {stderr[-300:]}")
    errors = [line for line in stderr.splitlines() if line.startswith(("tsforecast: error:", '{"code"'))]
    if len(errors) != (code != 0):
        faults.append(f"{len(errors)} error lines with exit {code}: {stderr[-300:]}")
    if any(len(line) > 500 for line in errors):
        faults.append("an error line of more than 500 characters")
    if "Traceback" in stderr or "Warning" in stderr:
        faults.append(f"a library is heard: {stderr[-300:]}")
    return faults


def _account(path: Path, data: bytes) -> list[str]:
    """What is missing from the account of rows and columns of a text."""
    try:
        table = read(path)
    except TsforecastError:
        return []
    if table.facts["format"] not in ("csv", "tsv"):
        return []
    try:
        _reading()._keep_account(table, data)
    except AssertionError as error:
        return [f"unaccounted: {str(error)[:300]}"]
    return []


def _reading() -> ModuleType:
    """What the tests of reading share, which is a conftest and no module of its own name."""
    name = "conftest_of_reading"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, TESTS / "io" / "conftest.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
