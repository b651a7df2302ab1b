"""What a source, a raw file and a table are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mic2025lab.dataset import EMBEDDED, Origin
from mic2025lab.errors import SourceError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

#: How a table may be passed on, most open first.
REDISTRIBUTABLE = ("yes", "attribution", "noncommercial", "unclear")


@dataclass(frozen=True)
class RawFile:
    """A raw file as it is kept in a mirror.

    Attributes
    ----------
    path : str
        Relative to the source's folder.
    sha256 : str
        Of the file's bytes; another file is refused.
    url : str, optional
        Public address of exactly these bytes; None when there is none.
    url_note : str
        What stands at that address, or, without one, what the file was made from.
    """

    path: str
    sha256: str
    url: str | None = None
    url_note: str = ""


@dataclass(frozen=True)
class Source:
    """A publication: who made it, under which licence, and its raw files.

    `url` is the producer's own page. `redistributable` is one of `REDISTRIBUTABLE`.
    """

    id: str
    producer: str
    title: str
    version: str
    url: str | None
    licence: str
    redistributable: str
    citation: str
    retrieved: str
    files: tuple[RawFile, ...]

    def file(self, path: str) -> RawFile:
        """Find one of the source's files by its path."""
        for file in self.files:
            if file.path == path:
                return file
        raise unknown_name(f"file of source {self.id}", path, [f.path for f in self.files])

    def origin(self, paths: Sequence[str]) -> Origin:
        """Say where a table made from these files is from."""
        return Origin(
            producer=self.producer,
            title=self.title,
            version=self.version,
            url=self.url,
            licence=self.licence,
            redistributable=self.redistributable,
            citation=self.citation,
            retrieved=self.retrieved,
            sha256={path: self.file(path).sha256 for path in paths},
        )


#: Gives the path of a raw file: `raw(SOURCE, "tables/10758.csv")`. `fetch.locate` is one; a test brings its own.
Raw = Callable[[Source, str], Path]


@dataclass(frozen=True)
class Table:
    """A cleaned table: what it is, and the function that makes it from raw files.

    Attributes
    ----------
    name, title, description, unit : str
        For the catalogue; the columns' descriptions and units are in the table's schema (`mic2025lab.schemas`).
    build : callable
        `build(raw) -> pandas.DataFrame`, sorted by `key`.
    inputs : tuple of (Source, tuple of str)
        The sources and the files of each that `build` reads.
    key : tuple of str
        The columns that no two rows share.
    coverage : tuple of str
        The columns whose extent the catalogue states.
    format : {"csv", "parquet"}
    warnings : tuple of str
        What a user must know before using a figure.
    findings : callable
        `findings(frame) -> sequence of str`: further warnings, with numbers computed from the table itself.
    vintage_column, vintages, default_vintage
        For a table of several vintages: the column, its values, and the one `load` serves unless asked (None: all).
    """

    name: str
    title: str
    description: str
    unit: str
    build: Callable[[Raw], pd.DataFrame]
    inputs: tuple[tuple[Source, tuple[str, ...]], ...]
    key: tuple[str, ...]
    coverage: tuple[str, ...]
    format: str = "csv"
    warnings: tuple[str, ...] = ()
    findings: Callable[[pd.DataFrame], Sequence[str]] = field(default=lambda frame: ())
    vintage_column: str | None = None
    vintages: tuple[str, ...] = ()
    default_vintage: str | None = None

    @property
    def file(self) -> str:
        """Name of the table's file in the data folder."""
        return f"{self.name}.{self.format}"

    @property
    def built_by(self) -> str:
        """Where the cleaning code is: `module:function`."""
        return f"{self.build.__module__}:{self.build.__qualname__}"

    @property
    def redistributable(self) -> str:
        """Give the least open of the sources' terms."""
        return max((source.redistributable for source, _ in self.inputs), key=REDISTRIBUTABLE.index)

    @property
    def embedded(self) -> bool:
        """Say whether the package may carry the table."""
        return self.redistributable in EMBEDDED

    def origins(self) -> tuple[Origin, ...]:
        """Say where the table is from."""
        return tuple(source.origin(paths) for source, paths in self.inputs)


def need(condition: object, source: Source, path: str, message: str) -> None:
    """Raise when a raw file is not as its cleaning expects: a new layout must not pass as data.

    Raises
    ------
    SourceError
        Names the file and what is not as expected.
    """
    if not condition:
        raise SourceError(
            f"{source.id}/{path} is not laid out as its cleaning expects: {message}. "
            f"If the producer has changed the file, mic2025lab/sources must be changed with it."
        )
