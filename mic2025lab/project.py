"""The user's project: a folder with `mic2025lab.yml`, which `mic2025lab init` makes, and its settings.

Every command and every `load` finds the project from any folder inside it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from mic2025lab.errors import LabError, shown, unknown_name

#: The file that makes a folder a project.
FILE = "mic2025lab.yml"
#: Environment variable with the folder of the project, set for the kernels of a run, which work elsewhere.
FOLDER = "MIC2025LAB_PROJECT"


@dataclass(frozen=True)
class Project:
    """A project and its settings.

    Attributes
    ----------
    root : Path
        The folder with `mic2025lab.yml`.
    plan, reports : Path
        The plan that `mic2025lab batch` runs by default, and the folder of reports.
    vintages : dict
        Table -> the vintage that `load` uses when it is called without one.
    tables : dict
        Name -> how one of the user's own tables is registered: `file` (relative to the project), `columns`, `unit`, `license`, ...
    """

    root: Path
    plan: Path
    reports: Path
    vintages: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def find(folder: Path | None = None) -> Project | None:
    """Return the project that a folder (the working folder by default) is in, or None.

    Raises
    ------
    LabError
        If `mic2025lab.yml` cannot be read or has an unknown setting.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> folder = Path(mkdtemp())
    >>> _ = (folder / FILE).write_text("vintages: {world_economy: weo-2025-10}")
    >>> find(folder).vintages, find(folder).plan.name
    ({'world_economy': 'weo-2025-10'}, 'plan.yml')
    """
    named = os.environ.get(FOLDER)
    start = folder or (Path(named) if named else Path.cwd())
    for place in (start, *start.parents):
        if (place / FILE).is_file():
            about = (place / FILE).stat()
            return _read(place / FILE, about.st_mtime_ns, about.st_size)
    return None


@lru_cache(maxsize=8)  # every `load` asks for it
def _read(path: Path, changed: int, size: int) -> Project:
    from mic2025lab import yaml_files

    content = yaml_files.read(path, "project file")
    settings = {} if content is None else content
    if not isinstance(settings, dict):
        raise LabError(f"{path} holds {shown(settings)}; write `setting: value`, such as plan: plan.yml.")
    check_settings(settings, {"plan": str, "reports": str, "vintages": dict, "tables": dict}, str(path))
    for name, entry in settings.get("tables", {}).items():
        if not isinstance(entry, dict) or not isinstance(entry.get("file"), str):
            raise LabError(
                f"{path}: table {shown(name)} is {shown(entry)}; it needs at least `file: data/name.csv`."
            )
    root = path.parent.absolute()
    return Project(
        root=root,
        plan=root / settings.get("plan", "plan.yml"),
        reports=root / settings.get("reports", "reports"),
        vintages={str(name): str(value) for name, value in settings.get("vintages", {}).items()},
        tables={str(name): entry for name, entry in settings.get("tables", {}).items()},
    )


def check_settings(settings: Mapping[Any, Any], kinds: Mapping[str, type], of: str) -> None:
    """Raise an error for a setting that is unknown or of another type."""
    words = {str: "text", bool: "true or false", dict: "a list of `name: value`"}
    for name, value in settings.items():
        if name not in kinds:
            raise unknown_name("setting", name, kinds, of=of, error=LabError)
        if not isinstance(value, kinds[name]):
            raise LabError(f"{name} of {of} is {shown(value)}; it must be {words[kinds[name]]}.")
