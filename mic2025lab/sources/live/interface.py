"""What an interface is: whose it is, which table it refreshes, and how its answers become the raw files of that table."""

from __future__ import annotations

import os
import re
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mic2025lab.errors import LabError, SourceError
from mic2025lab.sources import TABLES, _http
from mic2025lab.sources.fetch import locate
from mic2025lab.sources.folders import cache_dir
from mic2025lab.sources.source import Origin, Raw, Source

if TYPE_CHECKING:
    import pandas as pd

_Parsed = TypeVar("_Parsed")
_STAYS = "The tables in use do not change."


@dataclass(frozen=True)
class Interface:
    """A producer's interface to a table, or to one publication in it.

    Attributes
    ----------
    table : str
        The table that it refreshes.
    source : Source
        The publication whose raw files it stands for; it has the terms and the producer's page.
    url : str
        What every address begins with.
    prefix : str
        What the name of a vintage begins with.
    files : callable
        `files(interface)` asks the producer and returns the version that it names, or "", and the raw files: path -> frame.
    clean : callable, optional
        Makes the rows of the table from the raw files; by default the table's own function.
    key : str
        Environment variable of the producer's key, if there is one.
    keeps : str
        Column of the table by whose values the rows of other publications are kept from the table in use.
    yearly : bool
        Whether the version is the year of all rows, which the raw files do not have.
    latest : callable, optional
        `latest(interface)` names the newest vintage, from one small request.
    options : mapping
        Of `_http.get`, such as `timeout`.
    """

    table: str
    source: Source
    url: str
    prefix: str
    files: Callable[[Interface], tuple[str, dict[str, pd.DataFrame]]]
    clean: Callable[[Raw], pd.DataFrame] | None = None
    key: str = ""
    keeps: str = ""
    yearly: bool = False
    latest: Callable[[Interface], str] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def newest(self) -> str:
        """Name the newest vintage at the producer, or the day of its last change, or "" if the producer does not say.

        Raises
        ------
        SourceError
            If the producer does not answer, or its answer is not what was asked for.
        """
        if self.latest is not None:
            return self.latest(self)
        try:
            self.files(_Headers(**vars(self)))
        except _Modified as answer:
            return f"{self.prefix}: changed on {answer}" if str(answer) else ""
        return ""

    def get(self, path: str, parse: Callable[[bytes], _Parsed], **asked: Any) -> _Parsed:
        """Return what `parse` makes of the body at an address; a body that it does not accept raises `SourceError`."""

        def checked(body: bytes) -> _Parsed:
            try:
                return parse(body)
            except (LookupError, TypeError, AttributeError, RecursionError, zipfile.BadZipFile) as error:
                raise ValueError(f"not the expected layout, {type(error).__name__}: {error}") from None

        return _http.get(self.url + path, checked, cache_dir() / "live" / self.source.id, **self._told(asked))

    def read(self, path: str, parse: Callable[[Path], _Parsed]) -> _Parsed:
        """Return what `parse` makes of a file that is too large for memory; what it does not accept raises ValueError."""
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "body"
            _http.download(self.url + path, place, sha256=None, **self._told({}))
            return parse(place)

    def _told(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of a request: options, what is asked for, and what to do if it fails."""
        page = f" The producer's page is {self.source.url}." if self.source.url else ""
        without = self.key and not self.secret
        key = f" The producer gives out keys; set yours as {self.key}." if without else ""
        told = f"{_STAYS} Try again later; if it stays so, the interface has changed.{key}{page}"
        return {"what": f"{self.table} of {self.source.producer}", "remedy": told, **self.options, **asked}

    @property
    def secret(self) -> str:
        """The key, from the environment only."""
        key = os.environ.get(self.key, "").strip() if self.key else ""
        if not re.fullmatch(r"[!-~]*", key):
            raise SourceError(
                f"{self.key} has a space, a line feed, or a letter that no key has. Copy the key again."
            )
        return key

    def refreshed(self) -> tuple[pd.DataFrame, str, Origin]:
        """Ask the producer, and return the rows of the table, the name of their vintage, and their origin.

        Raises
        ------
        SourceError
            If the producer does not answer, or its answers are not what the table is made of; names source, url, and remedy.
        """
        try:
            version, files = self.files(self)
        except LabError:
            raise
        except (LookupError, TypeError, ValueError) as error:
            raise self._unusable(error) from error
        with tempfile.TemporaryDirectory() as folder:
            for path, frame in files.items():
                frame.to_csv(Path(folder) / path, index=False)

            def raw(source: Source, path: str) -> Path:
                return Path(folder) / path if path in files else locate(source, path)

            table = TABLES[self.table]
            try:
                frame = (self.clean or table.build)(raw)
                frame = table.converted(frame.assign(year=int(version)) if self.yearly else frame)
            except (LookupError, TypeError, ValueError) as error:  # a LabError is a ValueError
                raise self._unusable(error) from error
            hashes = {path: _http.sha256_of(Path(folder) / path) for path in files}
        today = time.strftime("%Y-%m-%d", time.gmtime())
        origin = replace(
            self.source.origin([]), version=version or today, url=self.url, retrieved=today, sha256=hashes
        )
        return frame, f"{self.prefix}-{version or today}", origin

    def _unusable(self, error: Exception) -> SourceError:
        told = str(error) if isinstance(error, LabError) else f"{type(error).__name__}: {error}."
        return SourceError(
            f"What {self.url} of {self.source.producer} sends is not what {self.table} is made of: {told} {_STAYS} "
            f"The producer's page is {self.source.url}."
        )


class _Modified(Exception):
    """The day on which the body at the first address last changed."""


class _Headers(Interface):
    """The same interface, but its first request asks for headers only, and the interface then stops."""

    def get(self, path: str, parse: Callable[[bytes], Any], **asked: Any) -> Any:
        raise _Modified(_http.modified(self.url + path, **self._told({"timeout": 10.0} | asked)))
