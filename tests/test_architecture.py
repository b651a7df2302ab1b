"""ARCHITECTURE.md lists the rooms of the package in their order; no import goes against it, and there is no circle."""

import ast
import re
from graphlib import TopologicalSorter

import pytest

#: Rooms that compute and nothing else.
PURE = {"engine", "metrics", "models"}

#: Lines of code that the package and the tests may have, without docstrings, comments, and blank lines.
MOST_LINES = {"mic2025lab": 25_000, "tests": 18_000}


@pytest.fixture(scope="module")
def rooms(root):
    (block,) = re.findall(
        r"```rooms\n(.*?)```", (root / "ARCHITECTURE.md").read_text(encoding="utf-8"), flags=re.S
    )
    return [line.split()[0] for line in block.splitlines()]


def modules(root):
    """Parse every module of the package, by dotted name."""
    found = {}
    for path in sorted((root / "mic2025lab").rglob("*.py")):
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imported(tree, known):
    """Yield the modules of the package that a module imports when it runs, also inside functions."""
    types = {
        id(node)
        for test in ast.walk(tree)
        if isinstance(test, ast.If) and "TYPE_CHECKING" in ast.dump(test.test)
        for node in ast.walk(test)
    }
    for node in ast.walk(tree):
        if id(node) in types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mic2025lab"):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in known else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)


def test_every_room_is_listed(root, rooms):
    there = {path.stem for path in (root / "mic2025lab").iterdir() if path.is_dir() or path.suffix == ".py"}
    assert there - {"__init__", "__pycache__", "py", "_data", "_notebooks"} == set(rooms)


def test_imports_go_one_way(root, rooms):
    """A room imports only itself and rooms above it."""
    parsed = modules(root)
    wrong = []
    for name, tree in parsed.items():
        room = [*name.split("."), ""][1]
        for used in imported(tree, set(parsed)):
            other = [*used.split("."), ""][1]
            if (
                room
                and other
                and (
                    rooms.index(other) > rooms.index(room)
                    or (room in PURE and other not in {*PURE, "errors", "durable", "classifications"})
                )
            ):
                wrong.append(f"{name} imports {used}")
    assert not wrong


def test_no_module_imports_itself_through_others(root):
    parsed = modules(root)
    graph = {name: set(imported(tree, set(parsed))) - {name} for name, tree in parsed.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError with the circle


def test_private_names_of_scipy_have_a_guard(root):
    """A private module of SciPy is imported in one function, which falls back to the public call."""
    private = re.compile(r"scipy(\.\w+)*\._\w+")
    users = [
        path
        for path in (root / "mic2025lab").rglob("*.py")
        if private.search(path.read_text(encoding="utf-8"))
    ]
    assert len(users) <= 1


@pytest.mark.parametrize("folder", MOST_LINES)
def test_the_package_and_its_tests_are_small(root, folder):
    """Whoever adds a feature at the limit first deletes what has no user."""
    lines = 0
    for path in (root / folder).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        documented = [
            node
            for node in ast.walk(ast.parse(text))
            if hasattr(node, "body") and isinstance(node.body, list)
        ]
        docstrings = {
            line
            for node in documented
            if node.body
            and isinstance(node.body[0], ast.Expr)
            and isinstance(node.body[0].value, ast.Constant)
            for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)
        }
        lines += sum(
            bool(line.strip()) and not line.lstrip().startswith("#") and number not in docstrings
            for number, line in enumerate(text.splitlines(), start=1)
        )
    assert MOST_LINES[folder] * 0.8 < lines <= MOST_LINES[folder]
