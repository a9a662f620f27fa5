"""Writes the table of docs/files.md: for each file of a folder what `tsforecast inspect` found, and would repair.

    python scripts/describe_files.py DIR > table.md

The files are inspected with no option at all. One that cannot be inspected is shown with its error.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SUFFIXES = {".csv", ".tsv", ".txt", ".json", ".jsonl", ".parquet"}
HEAD = ("file", "text", "time", "step", "rows → steps", "columns", "ignored", "repaired", "to give")
MARKS = {",": "comma", ";": "semicolon", "|": "bar"}
MOST_NAMED = 3


def inspected(path: Path) -> dict[str, Any]:
    """What `inspect --json` says of a file, or its error."""
    command = [sys.executable, "-m", "tsforecast", "inspect", str(path), "--json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return dict(json.loads(done.stdout if done.returncode == 0 else done.stderr))


def row(path: Path) -> list[str]:
    """The cells of one file."""
    found = inspected(path)
    if "reading" not in found:
        return [f"`{path.name}`", *[""] * (len(HEAD) - 2), stopped(found)]
    reading, done = found["reading"], found["preparing"]
    steps = f"{reading['n_rows']:,}" + (f" → {done['n_steps']:,}" if done else "")
    repairs = ", ".join(f"{rule} {count:,}" for rule, count in found["repairs"].items() if rule != "frequency")
    return [
        f"`{path.name}`",
        text(reading),
        time(reading),
        str(found["freq"] or ""),
        steps,
        named(reading["channels"]),
        ignored(reading["ignored"]),
        repairs or "nothing",
        stopped(found["problem"]) if found["problem"] else sentinels(reading["suspects"]),
    ]


def text(reading: dict[str, Any]) -> str:
    """Encoding, delimiter and header lines."""
    if reading["delimiter"] is None:
        return str(reading["format"])
    lines = reading["header_lines"]
    header = "no header" if not lines else "header " + "–".join(map(str, sorted({lines[0], lines[-1]})))
    return f"{reading['encoding']}, {MARKS.get(reading['delimiter'], reading['delimiter'])}, {header}"


def time(reading: dict[str, Any]) -> str:
    """Time column, its format, its zone."""
    column = reading["time_column"]
    if column is None:
        return "none"
    name = " + ".join(column) if isinstance(column, list) else column
    return ", ".join(filter(None, [name, reading["time_format"], reading["zone"]]))


def named(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def ignored(columns: dict[str, str]) -> str:
    """Columns left out, by reason."""
    reasons: dict[str, list[str]] = {}
    for name, reason in columns.items():
        reasons.setdefault(reason, []).append(name)
    return "; ".join(f"{named(names)}: {reason}" for reason, names in reasons.items())


def sentinels(suspects: list[dict[str, Any]]) -> str:
    """The options that make suspected codes missing."""
    return " ".join(f"`--na-value {value:g}`" for value in sorted({suspect["value"] for suspect in suspects}))


def stopped(problem: dict[str, Any]) -> str:
    """An error with the option to give."""
    return "; ".join(filter(None, [problem["message"], problem["hint"]]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("directory", type=Path, metavar="DIR", help="the folder whose files are described")
    directory = parser.parse_args().directory
    print("| " + " | ".join(HEAD) + " |")
    print("|" + "---|" * len(HEAD))
    for path in sorted(directory.iterdir()):
        if path.suffix in SUFFIXES and "LICENSE" not in path.name:
            print("| " + " | ".join(cell.replace("|", "\\|") for cell in row(path)) + " |", flush=True)


if __name__ == "__main__":
    main()
