"""`run.json`: which data, parameters and code made a run, and how it ended."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mic2025lab import catalog, own_files
from mic2025lab.analyses import Analysis
from mic2025lab.runs import identity
from mic2025lab.runs.request import Request, changed
from mic2025lab.version import __version__

_LIBRARIES = (
    "ipykernel",
    "matplotlib",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "pyarrow",
    "seaborn",
    "statsmodels",
)

#: The distribution whose dependencies count, and the extras that a notebook may import.
_PACKAGE = "mic2025lab"
_EXTRAS = ("models", "polars", "dask", "files")

#: What of an origin a reader needs who is not given the table itself.
_ORIGIN = ("producer", "title", "version", "url", "license", "citation")


def build(
    request: Request,
    loaded: Mapping[str, Mapping[str, Any]],
    *,
    started: datetime | None = None,
    error: str | None = None,
) -> dict[str, Any]:
    """Describe a run that has just ended. The clock is in this file only, so that the results of the same run are the same bytes."""
    pins, libraries, ended = catalog.vintages.pins(), installed(), datetime.now(UTC)
    started, analysis, parameters = started or ended, request.described(), request.parameters
    return {
        "format": 1,
        "analysis": analysis.name,
        "title": analysis.title,
        "question": analysis.question,
        "run_id": request.run_id,
        "status": "failed" if error else "done",
        "error": error,
        "parameters": parameters,
        "changed": changed(analysis, parameters),
        "tables": _tables(analysis, parameters, loaded),
        "pinned": {name: vintage for name, vintage in pins.items() if name in analysis.loads(parameters)},
        "files": request.digests,
        "notebook": {
            "file": own_files.name_of(analysis.notebook),
            "sha256": identity.notebook_digest(analysis.notebook),
            "own": not analysis.packaged,  # a notebook of the user's own, which is no evidence for the claims
        },
        "package": {"version": __version__, "sha256": identity.code_digest()},
        "python": platform.python_version(),
        "libraries": {name: libraries[name] for name in _LIBRARIES if name in libraries},
        "environment": libraries,
        "platform": f"{platform.system()} {platform.machine()}",
        "started": started.isoformat(timespec="milliseconds"),  # runs are put in order by it
        "ended": ended.isoformat(timespec="milliseconds"),
        "seconds": round((ended - started).total_seconds(), 1),
    }


@lru_cache(maxsize=1)
def installed() -> dict[str, str]:
    """Return name -> version of everything that the package needs. Extras that are not installed are left out.

    Examples
    --------
    >>> "pandas" in installed()
    True
    """
    found: dict[str, str] = {}
    waiting = [(_PACKAGE, frozenset(_EXTRAS))]
    seen = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        if name != _PACKAGE:
            found[name] = distribution.version
        for requirement in map(Requirement, distribution.requires or ()):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return dict(sorted(found.items()))


def take_loaded(folder: Path) -> dict[str, dict[str, Any]]:
    """Read what the kernel loaded (the catalog writes a line for each load), and remove the file.

    Returns
    -------
    dict
        Table name -> {"sha256", "vintages"}.
    """
    path = folder / "loaded.jsonl"
    loaded: dict[str, dict[str, Any]] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        entry = json.loads(line)
        table = loaded.setdefault(entry["table"], {"sha256": entry["sha256"], "vintages": []})
        if entry.get("about"):
            table["about"] = entry["about"]
        if entry["vintage"] is not None and entry["vintage"] not in table["vintages"]:
            table["vintages"] = sorted([*table["vintages"], entry["vintage"]])
    path.unlink(missing_ok=True)
    return loaded


def undeclared(analysis: Analysis, parameters: Mapping[str, Any], loaded: Mapping[str, Any]) -> str | None:
    """Say that a table was loaded which the analysis does not declare: its changes would go unseen."""
    # What the notebook itself registers is known to the run.
    foreign = {name.partition("@")[0] for name, table in loaded.items() if "about" not in table}
    extra = ", ".join(map(repr, sorted(foreign - set(analysis.loads(parameters)))))
    if not extra:
        return None
    return (
        f"RunError: {analysis.name} loaded {extra}, which it does not declare, so a change of that table would not make this a new "
        "run. Add the name to the list `tables` under `mic2025lab` in the notebook's metadata."
    )


def _tables(
    analysis: Analysis, parameters: Mapping[str, Any], loaded: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    tables = {}
    declared = (catalog.entry(name).name for name in analysis.loads(parameters))
    for name in sorted({*declared, *loaded}):
        about = loaded.get(name, {}).get("about")
        entry = catalog.Dataset.from_entry(name, about, Path()) if about else catalog.entry(name)
        tables[name] = {
            "title": entry.title,
            "sha256": loaded.get(name, {}).get("sha256", entry.sha256),
            "vintages": loaded.get(name, {}).get("vintages", []),
            "loaded": name in loaded,
            "own": entry.format == "own",
            "license": sorted({origin.license for origin in entry.origins}),
            "versions": [f"{origin.producer}, {origin.title} ({origin.version})" for origin in entry.origins],
            "redistributable": entry.redistributable,
            "origins": [{part: getattr(origin, part) for part in _ORIGIN} for origin in entry.origins],
        }
    return tables
