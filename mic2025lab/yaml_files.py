"""YAML files that a person writes (plans, the ledger of claims): one way to read them, with a limit to what aliases make of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import yaml

from mic2025lab.errors import LabError

#: The most values of a file, those of aliases counted each time, and the most bytes. A few lines of aliases can stand for more values
#: than fit in memory.
MOST_VALUES, MOST_BYTES = 100_000, 4 << 20


def read(path: str | Path, what: str, *, text: bool = False, error: type[LabError] = LabError) -> Any:
    """Read a YAML file. A mapping takes over the pairs of others by `<<: *anchor` or `<<: [*first, *second]`; its own come first.

    Parameters
    ----------
    path : path
        The file.
    what : str
        What it is, for messages: "plan".
    text : bool
        Keep every value as text: `0204` and `NO` stay what they are.
    error : type
        The error to raise.

    Raises
    ------
    LabError
        If it cannot be read, is not YAML in UTF-8, has a key twice in a mapping, or holds too much.
    """
    name = f"The {what} {str(path)!r}"
    try:
        content = Path(path).read_bytes()
        if len(content) > MOST_BYTES:
            raise error(f"{name} has {len(content):,} bytes; at most {MOST_BYTES:,} are read. Divide it.")
        reader = (yaml.BaseLoader if text else yaml.SafeLoader)(content.decode("utf-8"))
        try:
            node = reader.get_single_node()
            if node is None:
                return None
            _merge_all(node, set())
            if _size(node, {}) > MOST_VALUES:
                raise error(f"{name} holds more than {MOST_VALUES:,} values, aliases counted. Divide it.")
            return reader.construct_document(node)
        finally:
            reader.dispose()
    except LabError:
        raise
    except OSError as problem:
        raise error(f"{name} cannot be read: {problem.strerror or problem}.") from problem
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as problem:
        raise error(f"{name} is not YAML that can be read: {problem}") from problem


def _merge_all(node: yaml.Node, done: set[int]) -> None:
    """Resolve the merges in a node, once for each anchor, however often it is used."""
    if id(node) in done:
        return
    done.add(id(node))
    if isinstance(node, yaml.MappingNode):
        node.value = _merged(node)
    for part in _parts(node):
        _merge_all(part, done)


def _merged(node: yaml.MappingNode) -> list[tuple[yaml.Node, yaml.Node]]:
    """List the pairs of a mapping: its own, then those that it merges."""
    own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    merged: list[yaml.Node] = []
    for key, value in node.value:
        if key.value == "<<" and not key.style:
            merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
        elif str(key.value) in own:
            raise _wrong(f"{key.value!r} occurs twice", node)
        else:
            own[str(key.value)] = (key, value)
    for each in merged:
        if not isinstance(each, yaml.MappingNode):
            raise _wrong("<< takes the anchor of a mapping, such as *defaults, or a list of them", each)
        each.value = _merged(each)
        for key, value in each.value:
            own.setdefault(str(key.value), (key, value))
    return list(own.values())


def _wrong(why: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, why, node.start_mark)


def _parts(node: yaml.Node) -> list[yaml.Node]:
    """List the nodes in a node; none for a scalar."""
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _size(node: yaml.Node, known: dict[int, float]) -> float:
    """Count the values of a node as they would be written out; infinitely many if it contains itself."""
    if id(node) not in known:
        known[id(node)] = math.inf  # while it is counted
        known[id(node)] = sum((_size(part, known) for part in _parts(node)), 1.0)
    return known[id(node)]
