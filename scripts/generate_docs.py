"""Writes what the documentation prints: the command reference, the outputs beneath commands, the pictures.

    python scripts/generate_docs.py            rewrites docs/cli.md and the console blocks of README.md and docs/*.md
    python scripts/generate_docs.py --check    writes nothing, ends with 1 where a document does not say what happens

A block of Markdown fenced as ``console`` holds commands (lines that begin with "$ ", continued by a backslash) and
their output, stdout and stderr together. The commands of a document run in order, in one folder that holds nothing but
`sample_data/`, and must end with exit 0. A comment in the line before a block changes that:

    <!-- not-run: REASON -->       the block is left alone
    <!-- varies: REASON -->        other machines may say otherwise: only how the lines begin is compared
    <!-- exit: 5 -->               the last command ends with this exit code
    <!-- picture: A.png -->        the block makes A.png, which is kept in docs/images/

The comparison wants the same words, and numbers that agree within a tolerance; durations, sizes and braille drawings
are not compared. A network trained on another processor is slightly another network: such blocks are marked `varies`.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
REFERENCE = ROOT / "docs" / "cli.md"
TOLERANCE = 0.1
TIMEOUT_S = 900

BLOCK = re.compile(r"(?P<comment>(?:<!--[^\n]*-->\n)*)```console\n(?P<body>.*?)```", re.DOTALL)
MARK = re.compile(r"<!-- (not-run|varies|exit|picture): (.*?) -->")
MEASURED = re.compile(r"\b\d+(?:\.\d+)?(?= ?(?:ms|s|min|kB|MB|GB)\b)")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
BRAILLE = re.compile(r"[\u2800-\u28ff][\u2800-\u28ff ]*")


@dataclass(frozen=True)
class Block:
    """A console block of a document: what its comments ask for, its commands and the output printed beneath each."""

    marks: dict[str, str]
    commands: list[str]
    text: str


def blocks(document: str) -> Iterator[tuple[re.Match[str], Block]]:
    """The console blocks of a document that hold commands, with where they stand."""
    for match in BLOCK.finditer(document):
        commands: list[str] = []
        continued = False
        for line in match["body"].splitlines():
            if continued:
                commands[-1] += "\n" + line
            elif line.startswith("$ "):
                commands.append(line[2:])
            continued = (continued or line.startswith("$ ")) and line.endswith("\\")
        if commands:
            yield match, Block(dict(MARK.findall(match["comment"])), commands, match["body"])


def environment() -> dict[str, str]:
    """A plain terminal of 80 columns, where `tsforecast` is this environment's and nothing else is set."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TSFORECAST_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    return {**kept, "PATH": path, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb", "LC_ALL": "C.UTF-8"}


def run(command: str, folder: Path) -> tuple[int, str]:
    """Exit code and output (stdout and stderr together) of a shell command."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT_S,
        check=False,
    )
    return done.returncode, done.stdout.decode("utf-8")


def executed(block: Block, folder: Path) -> str:
    """The body of the block with the output its commands really give."""
    body = ""
    for position, command in enumerate(block.commands, start=1):
        code, output = run(command, folder)
        expected = int(block.marks.get("exit", 0)) if position == len(block.commands) else 0
        if code != expected:
            raise SystemExit(f"$ {command}\n{output}ended with exit {code}, not {expected}")
        if output and not output.endswith("\n"):
            output += "\n"
        body += f"$ {command}\n" + "".join(line.rstrip() + "\n" for line in output.splitlines())
    return body


def same(printed: str, real: str) -> bool:
    """Whether two outputs say the same: equal words, numbers within the tolerance, durations and drawings ignored."""
    words, numbers = [], []
    for text in (printed, real):
        plain = BRAILLE.sub(" ", MEASURED.sub("_", text))
        numbers.append(NUMBER.findall(plain))
        words.append([line.split() for line in NUMBER.sub("#", plain).splitlines() if line.strip()])
    return words[0] == words[1] and all(close(a, b) for a, b in zip(*numbers, strict=True))


def close(printed: str, real: str) -> bool:
    """Whether two numbers agree within the tolerance, or in all but the last digit of a decimal fraction."""
    a, b = float(printed), float(real)
    last_digit = 10.0 ** -len(printed.partition(".")[2]) if "." in printed and "e" not in printed else 0.0
    return abs(a - b) <= max(TOLERANCE * max(abs(a), abs(b)), 1.5 * last_digit)


def same_form(printed: str, real: str) -> bool:
    """Whether two outputs have lines that begin with the same words, in whatever order and however often."""
    forms = []
    for text in (printed, real):
        plain = NUMBER.sub("#", BRAILLE.sub(" ", text)).replace("* ", "")
        forms.append({line.split()[0] for line in plain.splitlines() if line.strip()})
    return forms[0] == forms[1]


def rewritten(document: str, check: bool) -> str:
    """The document with every block as it really runs; a block that already says the same is left as it is."""
    found = list(blocks(document))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sample_data").symlink_to(ROOT / "sample_data")
        for match, block in found:
            if "not-run" in block.marks:
                continue
            print(f"  $ {block.commands[0]}", file=sys.stderr, flush=True)
            body = executed(block, folder)
            if "picture" in block.marks:
                made = folder / block.marks["picture"]
                if not made.is_file():
                    raise SystemExit(f"$ {block.commands[-1]}\nmade no {made.name}")
                if not check:
                    IMAGES.mkdir(exist_ok=True)
                    shutil.copy(made, IMAGES / made.name)
            if "varies" in block.marks:
                differs = not check or not same_form(block.text, body)
            else:
                differs = not same(block.text, body)
            if differs:
                document = document.replace(match[0], f"{match['comment']}```console\n{body}```")
    return document


def verbs() -> tuple[str, ...]:
    """The verbs, in the order of `tsforecast --help`."""
    from tsforecast.cli.application import VERBS

    return VERBS


def help_of(*words: str) -> str:
    """What `tsforecast WORDS` prints, as a fenced block."""
    command = shlex.join(["tsforecast", *words])
    code, text = run(command, ROOT)
    if code:
        raise SystemExit(f"{command} ended with exit {code}\n{text}")
    return "```text\n" + "\n".join(line.rstrip() for line in text.splitlines()).strip() + "\n```\n"


def reference() -> str:
    """docs/cli.md: the help of every verb."""
    parts = [
        "# Command reference\n\nWritten by `scripts/generate_docs.py` from `--help`; every option of every verb.\n"
    ]
    parts.append(help_of("--help"))
    parts += [f"## {verb}\n\n{help_of(verb, '--help', '--all')}" for verb in verbs()]
    return "\n".join(parts)


def main() -> int:
    """Write the documents, or compare them with what happens."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on a difference")
    parser.add_argument("documents", nargs="*", type=Path, help="only these documents (default: all)")
    options = parser.parse_args()
    everything = [ROOT / "README.md", *sorted({*(ROOT / "docs").glob("*.md")} - {REFERENCE}), REFERENCE]
    stale = 0
    for path in [given.resolve() for given in options.documents] or everything:
        print(path.relative_to(ROOT), file=sys.stderr, flush=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = reference() if path == REFERENCE else rewritten(before, check=options.check)
        if after == before:
            continue
        stale += 1
        if options.check:
            sys.stderr.writelines(
                line + "\n"
                for line in difflib.unified_diff(
                    before.splitlines(), after.splitlines(), "printed", "real", lineterm=""
                )
            )
        else:
            path.write_text(after, encoding="utf-8")
    if options.check and stale:
        print("The documentation does not print what happens; run scripts/generate_docs.py", file=sys.stderr)
    return int(options.check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
