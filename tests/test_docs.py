"""What the documentation says exists: verbs, options, files. That outputs are real, scripts/generate_docs.py checks."""

from __future__ import annotations

import doctest
import importlib.util
import re
import shlex
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "sample_data" / "README.md",
]
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "scripts" / "generate_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@cache
def options_of(verb: str) -> set[str]:
    """The options in the verb's section of docs/cli.md."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    sections = dict(zip(*[iter(re.split(r"^## (\S+)$", text, flags=re.MULTILINE)[1:])] * 2, strict=True))
    assert verb in sections, f"docs/cli.md has no verb {verb}"
    return set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", sections[verb]))


def python_blocks(document: Path) -> list[str]:
    """What is within the fences of Python of a document."""
    return re.findall(r"^```python\n(.*?)^```", document.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def invocations(document: Path) -> list[list[str]]:
    """Every `tsforecast ...` of the document's console blocks, as arguments."""
    found = []
    for _, block in generator().blocks(document.read_text(encoding="utf-8")):
        for command in block.commands:
            words = shlex.split(command.replace("\\\n", " "), comments=True)
            pipeline = [[]]
            for word in words:
                if word in {"|", ";", "&&", "||"}:
                    pipeline.append([])
                else:
                    pipeline[-1].append(word)
            found += [part[1:] for part in pipeline if part and part[0] == "tsforecast"]
    return found


def test_the_command_reference_is_what_help_prints():
    assert generator().REFERENCE.read_text(encoding="utf-8") == generator().reference()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_printed_command_exists(document: Path):
    for arguments in invocations(document):
        if arguments[0].startswith("-"):
            assert arguments[0] in {"--help", "--version", "-h"}
            continue
        verb, *rest = arguments
        used = {word.split("=")[0] for word in rest if re.match(r"--?[a-zA-Z]", word)}
        assert used <= options_of(verb), f"tsforecast {verb} has no {used - options_of(verb)}"


def test_every_verb_is_in_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    verbs = generator().verbs()
    assert verbs
    assert not [verb for verb in verbs if f"`{verb}`" not in text]


def test_every_exit_code_is_in_the_readme():
    from tsforecast.errors import ExitCode

    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## Exit codes")[1].split("\n## ")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == set(ExitCode)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path):
    prose = FENCE.sub("", document.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (document.parent / path).resolve() if path else document
        assert linked.exists(), f"{document.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", FENCE.sub("", linked.read_text(encoding="utf-8")), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{document.name} links to {target}"


def test_the_python_page_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_data: Path):
    page = ROOT / "docs" / "python.md"
    blocks = python_blocks(page)
    assert [block for block in blocks if not block.startswith(">>> ")] == []
    assert page.read_text(encoding="utf-8").count("```") == 2 * len(blocks)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sample_data").symlink_to(sample_data)
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.name, str(page), 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test, out=said.append)
    assert not runner.failures, "".join(said)
    assert runner.tries > 40


def test_the_python_page_names_every_public_function():
    import tsforecast

    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    assert [name for name in tsforecast.__all__ if not name.startswith("_") and f"ts.{name}" not in text] == []


def test_the_comparison_of_outputs_sees_what_matters():
    same = generator().same
    assert same("mae 0.250, 12.1 s", "mae 0.252, 40 s")
    assert not same("mae 0.25", "mae 0.35")
    assert not same("chosen: lstm", "chosen: ridge")
    assert not same("a 1", "a 1 2")
    assert same("⡇⡇ ⠿ end", "⣇⠇⠿⠿ end")
    assert same("skill -0.06", "skill -0.07")
    assert not same("season 7 steps", "season 8 steps")


def test_the_comparison_of_forms_sees_missing_lines():
    same_form = generator().same_form
    assert same_form("* gru 1\nridge 2\n", "* ridge 1\n  gru 2\n")
    assert not same_form("gru 1\nchosen gru\n", "gru 1\n")
