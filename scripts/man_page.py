"""Writes the man page from what the command line says of itself.

python scripts/man_page.py            writes docs/tsforecast.1
python scripts/man_page.py --check    ends with 1 where it is another
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[1] / "docs" / "tsforecast.1"
EXITS = {
    0: "success",
    1: "internal error: a bug",
    2: "usage",
    3: "a missing optional dependency; the message has the install line",
    4: "input or model not found or not readable",
    5: "data invalid, or the repair budget exceeded",
    6: "a gate failed, an update is no better, or a forecast holds its promise no longer",
    7: "partial success: some series were left out, by name",
    8: "saved model incompatible, damaged or refused",
    129: "hung up",
    130: "interrupted",
    143: "terminated",
}


def escaped(text: str) -> str:
    """Text as roff takes it."""
    text = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    text = "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in text)
    return "\\&" + text if text.startswith((".", "'")) else text


def page() -> str:
    """The whole page, in the macros of man(7)."""
    import typer.main

    from tsforecast.cli.application import VERBS, application
    from tsforecast.cli.examples import EXAMPLES

    group: Any = typer.main.get_command(application(every_option=True))
    lines = [
        '.\\" Written by scripts/man_page.py from what the command line says of itself.',
        '.TH TSFORECAST 1 "" "tsforecast" "User Commands"',
        ".SH NAME",
        "tsforecast \\- forecast any time series from the terminal",
        ".SH SYNOPSIS",
        ".B tsforecast",
        ".I VERB FILE",
        "[options]",
        ".SH DESCRIPTION",
        escaped(
            "Repairs a file, tries models against the naive forecast, and measures how far its intervals hold. Results "
            "go to stdout, everything else to stderr; - is stdin wherever a file is expected. Options may be set in "
            "tsforecast.toml and by variables named TSFORECAST_ and the option; flags beat these."
        ),
    ]
    for verb in VERBS:
        command = group.commands[verb]
        lines += [f".SH {verb.upper()}", ".B tsforecast " + " ".join([verb, *_arguments(command)]), ".PP"]
        lines.append(escaped(str(command.help)))
        for option in command.params:
            if option.param_type_name == "option":
                lines += _option(option)
        if verb in EXAMPLES:
            lines += [".PP", "Examples:"]
            for example, words in EXAMPLES[verb]:
                lines += [".PP", ".nf", f".B {escaped(example)}", ".fi", escaped(words)]
    lines.append(".SH EXIT STATUS")
    for code, words in EXITS.items():
        lines += [".TP", f".B {code}", escaped(words)]
    lines += [".SH FILES", ".TP", ".I ./tsforecast.toml", "settings of this folder"]
    lines += [".TP", ".I ./pyproject.toml", "its table [tool.tsforecast], where there is no tsforecast.toml"]
    return "\n".join(lines) + "\n"


def _arguments(command: Any) -> Iterator[str]:
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            yield str(parameter.metavar or parameter.name).upper()


def _option(option: Any) -> list[str]:
    names = ", ".join(f"\\fB{escaped(name)}\\fR" for name in [*option.opts, *option.secondary_opts])
    value = option.metavar or ("" if option.is_flag else "VALUE")
    words = re.sub(r"\[/?\w*\]", "", option.help or "Show the help of the verb.")
    return [".TP", names + (f" \\fI{escaped(value)}\\fR" if value else ""), escaped(words)]


def main() -> int:
    """Write the page, or compare it."""
    made = page()
    if sys.argv[1:] == ["--check"]:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
