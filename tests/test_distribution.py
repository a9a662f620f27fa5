"""What the program tells people to install is what pyproject.toml calls it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from tsforecast import __version__
from tsforecast.errors import DISTRIBUTION, MissingDependencyError

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def test_name_and_version_are_those_of_the_project():
    assert (DISTRIBUTION, __version__) == (PROJECT["name"], PROJECT["version"])


def test_the_hint_installs_this_package():
    assert MissingDependencyError("keras", "train", "training").hint == f"pip install '{PROJECT['name']}[train]'"


def test_every_extra_that_is_named_anywhere_is_one_of_this_package():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    named = set()
    for path in tracked:
        if path.endswith((".py", ".md", ".toml", ".sh")):
            text = (ROOT / path).read_text(encoding="utf-8")
            assert not re.search(r"pip install [^\n\"]*\btsforecast(?!-cli)[\s,\"']", text), path
            named |= set(re.findall(r"\b(tsforecast[\w-]*)\[([a-z,-]+)\]", text))
    assert {name for name, _ in named} == {PROJECT["name"]}
    assert {extra for _, extras in named for extra in extras.split(",")} <= set(EXTRAS)


def test_every_machine_gets_one_tensorflow():
    machines = [
        ("linux", "x86_64", "tensorflow-cpu"),
        ("linux", "aarch64", "tensorflow"),
        ("darwin", "arm64", "tensorflow"),
        ("darwin", "x86_64", "tensorflow"),
        ("win32", "AMD64", "tensorflow-cpu"),
    ]
    for system, machine, wanted in machines:
        given = {"sys_platform": system, "platform_machine": machine}
        needed = [Requirement(line) for line in EXTRAS["train-cpu"]]
        found = [r.name for r in needed if r.name.startswith("tensorflow") and r.marker and r.marker.evaluate(given)]
        assert found == [wanted]
