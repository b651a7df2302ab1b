"""Takes the values of keys out of what is saved."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)

#: A shorter value ("1", "yes", "none") is a setting, and taking it out would spoil every text it occurs in.
_SHORTEST = 6

_TEXT = {".ipynb", ".html", ".json", ".jsonl", ".csv", ".svg", ".txt", ".md"}


def secrets(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """List the environment variables whose names look like keys: value -> name, longest first.

    Examples
    --------
    >>> secrets({"MY_API_KEY": "abcdef123", "HOME": "a folder", "USE_KEY": "1"})
    {'abcdef123': 'MY_API_KEY'}
    """
    variables = os.environ if environment is None else environment
    found = {v: k for k, v in variables.items() if _SECRET.search(k) and len(v.strip()) >= _SHORTEST}
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


def scrub_text(text: str, hidden: Mapping[str, str]) -> str:
    """Replace each value, also as JSON, Python, HTML, CSV or an address would write it, by the name of its variable.

    Examples
    --------
    >>> scrub_text("https://host/?key=a%26b-12345", {"a&b-12345": "MY_KEY"})
    'https://host/?key=[hidden: MY_KEY]'
    """
    for value, name in hidden.items():
        for form in sorted(_forms(value), key=len, reverse=True):
            text = text.replace(form, f"[hidden: {name}]")
    return text


def _forms(value: str) -> set[str]:
    """List the ways a text may be written, one inside the other (a Python literal in a JSON file) included."""
    ways: tuple[Callable[[str], str], ...] = (
        str.strip,
        lambda text: json.dumps(text)[1:-1],
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        lambda text: repr(text)[1:-1],
        html.escape,
        lambda text: html.escape(text, quote=False),
        lambda text: text.replace('"', '""'),
        lambda text: quote(text, safe=""),
    )
    once = {value, *(way(value) for way in ways)}
    return {form for form in once | {way(form) for form in once for way in ways} if form}


def scrub(value: Any, hidden: Mapping[str, str]) -> Any:
    """Scrub every text inside lists and mappings (a notebook, a result), keys included."""
    if not hidden:
        return value
    if isinstance(value, str):
        return scrub_text(value, hidden)
    if isinstance(value, list):
        return [scrub(item, hidden) for item in value]
    if isinstance(value, dict):
        return type(value)({scrub(key, hidden): scrub(item, hidden) for key, item in value.items()})
    return value


def scrub_folder(folder: Path, hidden: Mapping[str, str]) -> None:
    """Scrub every text file of a folder."""
    for path in sorted(folder.rglob("*")) if hidden else ():
        if path.is_file() and path.suffix in _TEXT:
            text = path.read_bytes().decode("utf-8", errors="surrogateescape")
            clean = scrub_text(text, hidden)
            if clean != text:
                path.write_bytes(clean.encode("utf-8", errors="surrogateescape"))
