"""The libraries of a run: the installed dependencies of the package, their dependencies, and so on."""

from __future__ import annotations

from functools import lru_cache
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: The distribution whose dependencies count, and the extras that a notebook may import.
PACKAGE = "mic2025lab"
EXTRAS = ("models", "polars", "dask", "files")


@lru_cache(maxsize=1)
def installed() -> dict[str, str]:
    """Return name -> version of everything that the package needs. Extras that are not installed are left out.

    Examples
    --------
    >>> "pandas" in installed()
    True
    """
    found: dict[str, str] = {}
    waiting = [(PACKAGE, frozenset(EXTRAS))]
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
        if name != PACKAGE:
            found[name] = distribution.version
        for requirement in map(Requirement, distribution.requires or ()):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return dict(sorted(found.items()))
