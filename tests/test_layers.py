"""The plan of the house (docs/design.md, "Where things live") is what the imports really do."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tsforecast"
FILES = sorted(PACKAGE.rglob("*.py"))
MAX_FILE_LINES = 350
MAX_FUNCTION_LINES = 60
TENSOR_LIBRARIES = {"keras", "tensorflow", "tf2onnx"}


@cache
def layers() -> dict[str, int]:
    """Rank of each module or package named in the plan, counted from the top; imports may only go to a higher rank."""
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    block = text.split("## Where things live")[1].split("```")[1]
    names: list[str] = []
    for line in block.splitlines():
        for token in line.split():
            if not re.fullmatch(r"\w+(/|\.py)", token):
                break
            if token != "tsforecast/":
                names.append(token.removesuffix("/").removesuffix(".py"))
    return {name: rank for rank, name in enumerate(names)}


def room(path: Path) -> str:
    """The name in the plan a file belongs to: its package, or its own name at the top."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything a file imports, lazily or not."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "tsforecast":
                yield from ((node.lineno, f"tsforecast.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from ((node.lineno, arg.value) for arg in node.args[:1] if isinstance(arg, ast.Constant))


def importers(*libraries: str) -> set[str]:
    """The files, relative to the package, that import any of these libraries."""
    return {
        str(path.relative_to(PACKAGE))
        for path in FILES
        for _, name in imported(path)
        if name.split(".")[0] in libraries
    }


def test_the_plan_names_every_room():
    unplanned = {room(path) for path in FILES} - layers().keys()
    assert not unplanned, f"docs/design.md does not say where {sorted(unplanned)} live"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_go_down(path: Path):
    ranks = layers()
    for line, name in imported(path):
        parts = name.split(".")
        if parts[0] != "tsforecast" or len(parts) == 1 or parts[1].startswith("__") or room(path) == "__init__":
            continue
        assert parts[1] in ranks, f"{path}:{line} imports {name}, which the plan does not know"
        assert ranks[room(path)] <= ranks[parts[1]], f"{path}:{line} imports {name}, which lives above {room(path)}"


def test_only_plots_knows_matplotlib():
    assert all(name.startswith("plots/") for name in importers("matplotlib")), importers("matplotlib")


def test_only_the_recurrent_models_know_keras():
    allowed = re.compile(r"models/networks/\w+\.py")
    assert all(allowed.fullmatch(name) for name in importers(*TENSOR_LIBRARIES)), importers(*TENSOR_LIBRARIES)


def test_only_serving_knows_onnx_runtime():
    assert all(re.fullmatch(r"models/networks/serving\w*\.py", name) for name in importers("onnxruntime")), importers(
        "onnxruntime"
    )


@pytest.mark.parametrize(
    "path", [p for p in FILES if room(p) != "cli"], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_only_the_command_line_prints_and_exits(path: Path):
    forbidden = {"print", "exit", "quit", "input", "sys.exit", "os._exit", "logging.basicConfig", "sys.stderr.write"}
    if path.name == "__main__.py":
        forbidden -= {"sys.exit"}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in forbidden, f"{path}:{node.lineno} calls {ast.unparse(node.func)}"
        if isinstance(node, ast.Raise) and node.exc is not None:
            assert "SystemExit" not in ast.unparse(node.exc), f"{path}:{node.lineno} raises SystemExit"
    assert not [line for line, name in imported(path) if name.split(".")[0] in {"typer", "click"}]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_and_functions_stay_short(path: Path):
    assert path.stem not in {"utils", "util", "helpers", "common", "misc"}
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= MAX_FUNCTION_LINES, f"{node.name} has {lines} lines"


def test_no_pickle_and_no_eval():
    assert not importers("pickle", "cloudpickle", "joblib", "dill", "marshal", "shelve")
    for path in FILES:
        calls = {ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
        assert not calls & {"eval", "exec", "__import__"}, path


def loaded_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


@pytest.mark.parametrize("statement", ["import tsforecast", "import tsforecast.cli.app"])
def test_starting_up_loads_nothing_heavy(statement: str):
    heavy = {"pandas", "numpy", "scipy", "sklearn", "matplotlib", "pyarrow", "onnxruntime"} | TENSOR_LIBRARIES
    assert not loaded_after(statement) & heavy


def test_the_plan_is_read_as_it_is_written():
    ranks = layers()
    assert ranks["cli"] < ranks["workflows"] < ranks["models"] < ranks["preparation"] < ranks["io"] < ranks["data"]
    assert ranks["data"] < ranks["errors"]
