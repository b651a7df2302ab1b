"""What makes a run the same run: notebook, parameters, tables, the user's files and code; not the clock, not the machine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

from mic2025lab import catalog
from mic2025lab.analyses import Analysis
from mic2025lab.analyses.notebook_file import digest as notebook_digest
from mic2025lab.version import __version__


def canonical(value: Any) -> str:
    """Write JSON in one way only.

    Examples
    --------
    >>> canonical({"b": 1, "a": [2015, "0204"]})
    '{"a":[2015,"0204"],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


_CODE = (
    "**/*.py",
    "**/*.toml",
    "classifications/**/*.csv",
    "models/*.csv",
    "plots/*.yml",
    "plots/*.mplstyle",
)


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Hash the package's own code, so that an edit in a checkout counts as another version."""
    digest = sha256()
    for name in code_files():
        content = sha256((catalog.PACKAGE / name).read_bytes()).hexdigest()
        digest.update(f"{name} {content}\n".encode())
    return digest.hexdigest()


def code_files() -> list[str]:
    """List the modules of the package and the data that they read, except tables, as paths in its folder."""
    return files_of_package(_CODE)


def files_of_package(kinds: Iterable[str]) -> list[str]:
    """List the files of the package that fit a pattern, sorted, as paths in its folder.

    A copy in a hidden folder (a checkpoint of an editor) does not count, nor do tables, notebooks, and pages of an installed package.
    """
    found = {path.relative_to(catalog.PACKAGE) for kind in kinds for path in catalog.PACKAGE.glob(kind)}
    others = (".", "_data", "_notebooks", "_docs")
    return [
        name.as_posix() for name in sorted(found) if not any(part.startswith(others) for part in name.parts)
    ]


def table_digests(analysis: Analysis, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Give the sha256 of each table that the analysis declares, and of each vintage that its parameters or its notebook name."""
    words = canonical(dict(parameters)) + analysis.notebook.read_text(encoding="utf-8")
    return {
        label: content
        for table in sorted(analysis.loads(parameters))
        for label, content in catalog.digests(table, words).items()
    }


def run_id(analysis: Analysis, parameters: Mapping[str, Any], files: Mapping[str, str] | None = None) -> str:
    """Name a run by what it is made of: twelve hexadecimal digits.

    Parameters
    ----------
    analysis : Analysis
        Which notebook, and which tables.
    parameters : mapping
        Every parameter, as JSON has it.
    files : mapping, optional
        Name -> sha256 of each file of the user's own.
    """
    content = {
        "analysis": analysis.name,
        "notebook": notebook_digest(analysis.notebook),
        "parameters": dict(parameters),
        "tables": table_digests(analysis, parameters),
        "files": dict(files or {}),
        "labels": {
            entry.name: [entry.title, entry.unit]
            for entry in map(catalog.describe, analysis.loads(parameters))
            if entry.format == "own"
        },
        "package": [__version__, code_digest()],
    }
    return sha256(canonical(content).encode()).hexdigest()[:12]
