"""The plan of the house (docs/design.md, "Where things live") is what the imports really do."""

from __future__ import annotations

import ast
import importlib
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
        yield from imported_by(node)


def imported_by(node: ast.AST) -> Iterator[tuple[int, str]]:
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


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def graph() -> dict[str, set[str]]:
    """Which modules of the program each of its modules imports, lazily, for types, or at once."""
    modules = {module(path) for path in FILES}
    found: dict[str, set[str]] = {name: set() for name in modules}
    for path in FILES:
        for node in ast.walk(tree(path)):
            names = [name for _, name in imported_by(node)]
            if isinstance(node, ast.ImportFrom) and node.module:
                # What is imported may itself be a module: from tsforecast import io.
                names += [f"{node.module}.{alias.name}" for alias in node.names]
            found[module(path)] |= {name for name in names if name in modules}
    return {name: {other for other in others if other != name} for name, others in found.items()}


def circles(imports: dict[str, set[str]]) -> set[frozenset[str]]:
    """The sets of modules each of which leads to each other (Tarjan's strongly connected components)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: set[frozenset[str]] = set()

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for other in sorted(imports[name]):
            if other not in order:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], order[other])
        if lowest[name] == order[name]:
            members = frozenset(stack[stack.index(name) :])
            del stack[stack.index(name) :]
            if len(members) > 1:
                found.add(members)

    for name in sorted(imports):
        if name not in order:
            visit(name)
    return found


def test_circles_are_found():
    imports = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"f"}, "f": {"e"}}
    assert circles(imports) == {frozenset("abc"), frozenset("ef")}
    assert "tsforecast.data.panel" in graph()["tsforecast.insight.chaos.card"]
    assert "tsforecast.insight.chaos.surrogates" in graph()["tsforecast.insight.chaos.verdict"]


def test_no_module_leads_back_to_itself():
    # The room's own door (`__init__`) may name what is behind it.
    doors = {module(path) for path in FILES if path.name == "__init__.py"}
    rooms = {name: {other for other in others if other not in doors} for name, others in graph().items()}
    assert not {tuple(sorted(circle)) for circle in circles(rooms)}


def test_no_submodule_bears_a_public_name():
    """Importing `tsforecast.prepare` would put a module in the place of the function `tsforecast.prepare`."""
    public = {
        "read",
        "prepare",
        "fit",
        "forecast",
        "predict",
        "update",
        "backtest",
        "inspect",
        "detect",
        "save",
        "load",
    }
    public |= {"Panel"} | set(importlib.import_module("tsforecast").__all__) - {"__version__"}
    assert not public & {room(path) for path in FILES}


def test_no_two_files_bear_one_name():
    """But for a verb, which is a file in the command line and one in the workflows: the same job on two floors."""
    places: dict[str, list[str]] = {}
    for path in FILES:
        place = path.relative_to(PACKAGE)
        if path.stem not in {"__init__", "__main__"} and place.parts[:2] != ("cli", "verbs"):
            places.setdefault(path.stem, []).append(str(place))
    assert not [found for name, found in places.items() if len(found) > 1]


def test_no_two_public_classes_bear_one_name():
    places: dict[str, list[str]] = {}
    for path in FILES:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(PACKAGE)))
    assert not {name: found for name, found in places.items() if len(found) > 1}


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


# what these words mean elsewhere: an option and a part of reports, a convolution's weights, the plain forecasts
ORDINARY_WORDS = {"dynamics", "drift", "kernel", "naive"}


@pytest.mark.parametrize(
    "path", [p for p in FILES if room(p) != "models"], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_outside_its_room_no_file_names_a_model(path: Path):
    from tsforecast.models.registry import AUTO, everything, names

    known = set(names()) - {AUTO} - ORDINARY_WORDS
    modules = {model.__module__ for model in everything().values()}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            said = set(re.findall(r"(?<![\w-])[a-z]+(?:-[a-z]+)?(?![\w-])", node.value))
            code = not re.search(r"\s", node.value.strip())
            assert not (code and node.value in known), f"{path}:{node.lineno} names {node.value}"
            assert not ("--model" in node.value and said & known), f"{path}:{node.lineno} names {said & known}"
    assert not [line for line, name in imported(path) if name in modules]
