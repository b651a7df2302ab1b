"""What a source is: a publication, its terms, and its raw files with their checksums."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from mic2025lab.errors import SourceError, unknown_name

#: Terms of redistribution, most open first. The package carries tables under the first two.
REDISTRIBUTABLE = ("yes", "attribution", "noncommercial", "unclear")
EMBEDDED = REDISTRIBUTABLE[:2]


@dataclass(frozen=True)
class Origin:
    """Where a table is from; `sha256` maps each raw file to its hash."""

    producer: str
    title: str
    version: str
    url: str | None
    license: str
    redistributable: str
    citation: str
    retrieved: str
    sha256: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def renamed(entry: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of an origin of `catalog.json`; catalogs of version 0.1 spell `license` with a c."""
        return {"license" if name == "licence" else name: value for name, value in entry.items()}

    @property
    def licence(self) -> str:
        """The old name of `license`; it goes in version 0.3."""
        warnings.warn(
            "Origin.licence is now Origin.license; the old name goes in version 0.3.", DeprecationWarning, 2
        )
        return self.license


@dataclass(frozen=True)
class Source:
    """A publication: who made it, under which license, and its raw files.

    Attributes
    ----------
    id, producer, title, version, citation, retrieved : str
        `id` names the folder of the raw files.
    url : str, optional
        The producer's own page.
    license : str
    redistributable : str
        One of `REDISTRIBUTABLE`.
    files : mapping of str to str
        The sha256 of each raw file; none for a file that the user gives.
    made_from : str or mapping of str to str
        What the files, or each file, were made from.
    urls : mapping of str to str
        Public address of exactly the bytes of a file, where there is one.
    raw_terms : str
        One of `REDISTRIBUTABLE`, for the raw files themselves, where a table of sums or counts may be passed on and they may not.
    """

    id: str
    producer: str
    title: str
    version: str
    url: str | None
    license: str
    redistributable: str
    citation: str
    retrieved: str
    files: Mapping[str, str] = field(default_factory=dict)
    made_from: str | Mapping[str, str] = ""
    urls: Mapping[str, str] = field(default_factory=dict)
    raw_terms: str = ""

    @property
    def raw_embedded(self) -> bool:
        """Whether the raw files may be passed on."""
        return (self.raw_terms or self.redistributable) in EMBEDDED

    @property
    def only(self) -> str:
        """The path of the source's only file."""
        (path,) = self.files
        return path

    def check(self, path: str) -> None:
        """Raise UnknownName, with the nearest path, unless the source has this file."""
        if path not in self.files:
            raise unknown_name(f"file of source {self.id}", path, self.files)

    def note(self, path: str) -> str:
        """Return what a file was made from or, with an address, what is there."""
        return self.made_from if isinstance(self.made_from, str) else self.made_from.get(path, "")

    def origin(self, paths: Sequence[str]) -> Origin:
        """Return the origin of a table made from these files."""
        own = {each.name: getattr(self, each.name) for each in fields(Origin) if each.name != "sha256"}
        return Origin(**own, sha256={path: self.files[path] for path in paths})


def source(key: str) -> Source:
    """Return a publication by its key in `sources.toml`."""
    return Source(**{"id": key, "url": None, **records()[key]})


@cache
def records() -> dict[str, dict[str, Any]]:
    """Return the fields of all publications by key."""
    import tomllib  # not needed to load a table

    return tomllib.loads(Path(__file__).with_name("sources.toml").read_text(encoding="utf-8"))


#: Returns the path of a raw file: `raw(SOURCE, "tables/10758.csv")`. `fetch.locate` is one; tests pass their own.
Raw = Callable[[Source, str], Path]


def need(condition: object, source: Source, path: str, message: str) -> None:
    """Raise an error when a raw file is not as its cleaning code expects, so that a new layout does not pass as data.

    Raises
    ------
    SourceError
        Names the file and what is not as expected.
    """
    if not condition:
        raise SourceError(
            f"{source.id}/{path} does not have the expected layout: {message}. "
            "If the producer has changed the file, change its module in mic2025lab/sources as well."
        )
