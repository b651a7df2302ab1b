"""What this user has run on this machine. A notebook or a batch that somebody else left is not executed unless the user agrees.

The file `trusted.txt` in the cache has one line of sha256 for each notebook (its cells) and each batch (what was asked, and where).
"""

from __future__ import annotations

import contextlib
from hashlib import sha256
from pathlib import Path
from typing import Any

from mic2025lab.errors import RunError, SourceError
from mic2025lab.runs.identity import canonical
from mic2025lab.sources.folders import cache_dir


class Untrusted(RunError):
    """Raised before code would be executed that this user has neither installed nor run before."""


def remember(*content: Any) -> None:
    """Remember a notebook or a batch as the user's own. Without a cache that can be written to, nothing is remembered."""
    if not known(*content):
        with contextlib.suppress(OSError, SourceError):
            _path().parent.mkdir(parents=True, exist_ok=True)
            with _path().open("a", encoding="ascii") as file:
                file.write(f"{_line(content)}\n")


def known(*content: Any) -> bool:
    """Return True if this user has run it on this machine."""
    try:
        return _line(content) in _path().read_text(encoding="ascii", errors="replace").split()
    except (OSError, SourceError):  # there is no such file, or no home to look for it
        return False


def _path() -> Path:
    return cache_dir() / "trusted.txt"


def _line(content: tuple[Any, ...]) -> str:
    return sha256(canonical(content).encode("utf-8", "surrogateescape")).hexdigest()
