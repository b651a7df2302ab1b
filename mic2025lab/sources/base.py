"""What a table is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mic2025lab.sources.source import EMBEDDED, REDISTRIBUTABLE, Origin, Raw, RawFile, Source, need

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Origin", "Raw", "RawFile", "Source", "Table", "need"]


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
