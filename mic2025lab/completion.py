"""Completion in IPython and JupyterLab: the names of the package, of its tables and columns, and the values of columns.

jedi, which completes otherwise, imports a module when it is first looked at, gives up after 0.4 seconds, and does not know what a text may be.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from mic2025lab.errors import LabError

_NAME = r"(?P<path>[A-Za-z_][\w.]*)"
_TABLE = re.compile(rf"{_NAME}\(\s*(?:name\s*=\s*)?[\"'](?P<start>\w*)$")
_CALL = re.compile(rf"{_NAME}\(\s*(?:name\s*=\s*)?[\"'](?P<table>\w+)[\"']\s*,(?P<rest>[^()]*)$")
_VALUE = re.compile(r"(?P<column>\w+)\s*=\s*(?:\[[^\]]*)?[\"'](?P<start>[^\"']*)$")
_OPTION = re.compile(r"(?:^|,)\s*(?P<start>\w*)$")
_ATTRIBUTE = re.compile(rf"(?<![\w.\"']){_NAME}\.(?P<start>\w*)$")
_ROOMS = ("claims", "metrics", "models", "plots")
_MOST = 1000  # names that are offered


def register(shell: Any) -> None:
    """Add the matcher to a shell of IPython, once."""
    from IPython.core.completer import SimpleCompletion, completion_matcher

    @completion_matcher(identifier="mic2025lab", priority=1000, api_version=2)
    def matcher(context: Any) -> Any:
        lines = context.full_text.split("\n")[: context.cursor_line]
        start, kind, names = complete("\n".join([*lines, context.text_until_cursor]), shell.user_ns)
        return {
            "completions": [SimpleCompletion(name, type=kind.get(name, "value")) for name in names],
            "matched_fragment": start,
            "suppress": bool(names) and "=" not in names[0],
        }

    matchers = shell.Completer.custom_matchers
    if all(getattr(one, "matcher_identifier", "") != "mic2025lab" for one in matchers):
        matchers.append(matcher)


def complete(text: str, namespace: dict[str, Any]) -> tuple[str, dict[str, str], list[str]]:
    """Return what has been typed of a name, the kinds of the names, and the names that begin so; none if it is not the package's.

    Examples
    --------
    >>> import mic2025lab as lab
    >>> complete('lab.load("value_added", industry="aero', {"lab": lab})
    ('aero', {}, ['aerospace'])
    """
    from mic2025lab import catalog

    kinds: dict[str, str] = {}
    known: Iterable[str] = ()
    found = _TABLE.search(text)
    if found:
        door = _object(found["path"], namespace)
        if door is catalog.load:
            known = (name for name, entry in catalog.catalog().items() if entry.format != "partitioned")
        elif door is catalog.scan:
            known = catalog.SCANNED
        elif door is catalog.describe:
            known = catalog.datasets()["name"]
    elif (call := _CALL.search(text)) and _object(call["path"], namespace) is catalog.load:
        with suppress(LabError, KeyError):  # no such table or column, or it is not here
            if found := _VALUE.search(call["rest"]):
                known = _values(call["table"], found["column"])
            elif found := _OPTION.search(call["rest"]):
                known = [f"{column}=" for column in catalog.describe(call["table"]).columns]
    elif found := _ATTRIBUTE.search(text):
        root, _, rest = found["path"].partition(".")
        place = namespace.get(root)
        name = f"{place.__name__}.{rest}".rstrip(".") if isinstance(place, ModuleType) else ""
        room = name.removeprefix("mic2025lab.")
        if name == "mic2025lab":
            kinds = {one: "module" if one in _ROOMS else "function" for one in dir(place) if one[0] != "_"}
        elif room != name and room in _ROOMS[1:]:
            kinds = {one: _kind(one) for one in _names(room)}
        known = kinds
    start = found["start"] if found else ""
    return start, kinds, sorted(name for name in known if name.startswith(start))[:_MOST]


def _object(path: str, namespace: dict[str, Any]) -> Any:
    """Return what a dotted name is in the user's namespace, looking only into this package; None if it is nothing."""
    root, *rest = path.split(".")
    found = namespace.get(root)
    for name in rest:
        if not (isinstance(found, ModuleType) and found.__name__.startswith("mic2025lab")):
            return None
        found = getattr(found, name, None)
    return found


@cache
def _names(room: str) -> list[str]:
    """Return the public names of metrics, models, or plots, without importing them: JupyterLab waits for a second."""
    folder = Path(__file__).parent / room
    init = (folder / "__init__.py").read_text(encoding="utf-8")
    stars = re.findall(rf"^from mic2025lab\.{room}\.(\w+) import \*", init, re.MULTILINE)
    names = set(re.findall(r" import (\w+) as \1\b", init))
    for text in [init, *((folder / f"{star}.py").read_text(encoding="utf-8") for star in stars)]:
        if listed := re.search(r"^__all__ = (\[.*?\])", text, re.MULTILINE | re.DOTALL):
            names.update(ast.literal_eval(listed[1]))
    return sorted(names)


def _kind(name: str) -> str:
    return "function" if name.islower() else "instance" if name.isupper() else "class"


def _values(table: str, column: str) -> Iterable[str]:
    from mic2025lab import catalog

    if column == "columns":
        return catalog.describe(table).columns
    entry = catalog.entry(table)
    listed = entry.coverage.get(column) if column != "period" else None
    if isinstance(listed, list) and isinstance(listed[0], str):
        return listed  # without pandas, whose import takes most of the second that JupyterLab waits
    return entry.vintages if column == "vintage" else _texts(table, entry.sha256, column)


@lru_cache(maxsize=64)
def _texts(table: str, sha256: str, column: str) -> list[str]:
    from mic2025lab.catalog.loading import present

    found = present(table, column)
    return found if found and isinstance(found[0], str) else []
