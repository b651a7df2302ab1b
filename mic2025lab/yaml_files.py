"""YAML files that a person writes (plans, the ledger of claims): one way to read them, with a limit to what aliases make of them."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import yaml

from mic2025lab.errors import LabError

#: The most values of a file, those of aliases counted each time, and the most bytes. A few lines of aliases can stand for more values
#: than fit in memory.
MOST_VALUES, MOST_BYTES = 100_000, 4 << 20

#: How deep lists and mappings may stand in each other. libyaml, which reads ten times as fast as Python, calls itself for each level.
MOST_LEVELS = 100
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
        _check_levels(content)
        reader = (_Text if text else _Loader)(content.decode("utf-8"))
        try:
            node = reader.get_single_node()
            if node is None:
                return None
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


def _check_levels(content: bytes) -> None:
    level = 0
    for event in yaml.parse(content.decode("utf-8"), Loader=_Loader):
        level += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if level > MOST_LEVELS:
            raise yaml.YAMLError(
                f"lists and mappings stand in each other more than {MOST_LEVELS} deep; write it flatter"
            )


class _Text(_Loader):
    """A reader that keeps every value as text, whatever its tag, and knows `<<`."""

    yaml_constructors: ClassVar[dict[str | None, Any]] = {}
    yaml_implicit_resolvers: ClassVar[Any] = {"<": [("tag:yaml.org,2002:merge", re.compile("<<"))]}


def _size(node: yaml.Node, known: dict[int, float]) -> float:
    """Count the values of a node as they would be written out; infinitely many if it contains itself.

    Raises
    ------
    yaml.YAMLError
        If a mapping has a key twice.
    """
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = math.inf  # while it is counted
    parts = list(node.value) if isinstance(node, yaml.SequenceNode) else []
    if isinstance(node, yaml.MappingNode):
        keys = Counter(str(key.value) for key, _ in node.value if not key.tag.endswith(":merge"))
        if twice := [key for key, count in keys.items() if count > 1]:
            raise yaml.constructor.ConstructorError(None, None, f"{twice[0]!r} occurs twice", node.start_mark)
        parts = [part for pair in node.value for part in pair]
    known[id(node)] = sum((_size(part, known) for part in parts), 1.0)
    return known[id(node)]
