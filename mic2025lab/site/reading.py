"""What the site reads of a run: its manifest and its results, checked before a page is made of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, ValidationError, model_validator

from mic2025lab.errors import shown
from mic2025lab.results import record
from mic2025lab.runs import manifest
from mic2025lab.site.found import digest, run_folders
from mic2025lab.site.text import clip

#: What a folder of `runs/` may be called: its name becomes part of addresses.
NAME = re.compile(r"[A-Za-z0-9_-]{1,100}(\.failed)?", re.ASCII)


def _inside(path: str) -> str:
    """Take a path only if it stays in the folder of its run."""
    pieces = PurePosixPath(path).parts
    if not pieces or path.startswith("/") or ".." in pieces or re.search(r"[\\:\x00-\x1f]", path):
        raise ValueError(f"{shown(path)} is not a file of the run's own folder")
    return path


OwnFile = Annotated[str, AfterValidator(_inside)]


#: A text that stands in a heading or a cell: cut, should it be longer than any is.
Short = Annotated[str, AfterValidator(lambda text: clip(text, 400))]


class _Read(BaseModel):
    # A later version may have written more; what is not known here is not shown.
    model_config = ConfigDict(extra="ignore", frozen=True)


class Figure(_Read):
    """A recorded number (or text) with its unit and interval."""

    value: bool | int | float | str | None
    unit: Short | None
    low: bool | int | float | str | None
    high: bool | int | float | str | None
    note: str | None


class Image(_Read):
    """A recorded figure."""

    png: OwnFile
    alt: str
    caption: str


class Recorded(_Read):
    """A recorded table."""

    file: OwnFile
    caption: str
    rows: int
    columns: list[str]


class Order(_Read):
    """The order in which things were recorded."""

    figures: list[str]
    tables: list[str]
    images: list[str]


class Results(_Read):
    """What the site shows of `results.json`."""

    finding: list[str]
    figures: dict[str, Figure]
    images: dict[str, Image]
    tables: dict[str, Recorded]
    order: Order

    @model_validator(mode="after")
    def _complete(self) -> Results:
        for kind in ("figures", "tables", "images"):
            for name in getattr(self.order, kind):
                if name not in getattr(self, kind):
                    raise ValueError(f"order names {shown(name)}, which is not among the {kind}")
        return self


class Table(_Read):
    """A table of the catalogue that a run used."""

    title: Short
    sha256: Short
    vintages: list[Short]
    licence: list[Short]
    versions: list[Short]


class Package(_Read):
    """The code of a run."""

    version: Short
    sha256: Short


class Manifest(_Read):
    """What the site shows of `run.json`."""

    analysis: str
    title: Short
    question: Short
    run_id: Short
    status: Literal["done", "failed"]
    error: str | None = None
    parameters: dict[str, Any]
    changed: dict[str, Any]
    tables: dict[str, Table]
    files: dict[str, str] = {}
    package: Package
    notebook: dict[str, Any] = {}
    libraries: dict[str, Any] = {}
    environment: dict[str, Any] = {}
    started: AwareDatetime
    ended: AwareDatetime


@dataclass
class Run:
    """One run, as the pages show it.

    Attributes
    ----------
    folder : Path
        Where it lies.
    manifest, results
        What it holds.
    digest : str
        The sha256 of the two.
    failure : Run, optional
        A later run of the same parameters that failed.
    behind : list of Run
        The good runs of the same parameters before it, newest first.
    news : str
        What changed since the run before it, in one line; empty if there is none before it.
    changed : bool
        Whether what it found changed.
    """

    folder: Path
    manifest: Manifest
    results: Results
    digest: str
    failure: Run | None = field(default=None, repr=False)
    behind: list[Run] = field(default_factory=list, repr=False)
    news: str = ""
    changed: bool = False

    @property
    def analysis(self) -> str:
        return self.manifest.analysis

    @property
    def good(self) -> bool:
        return self.manifest.status == "done"

    @property
    def base(self) -> str:
        """Its folder, seen from the folder of reports."""
        return f"runs/{self.folder.parent.name}/{self.folder.name}"

    @property
    def changes(self) -> str:
        """Its page of changes, seen from the folder of reports."""
        return f"changes/{self.folder.parent.name}/{self.folder.name}.html"

    @property
    def when(self) -> str:
        return self.manifest.started.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")

    @property
    def day(self) -> str:
        return self.when[:10]

    @property
    def stamp(self) -> str:
        return self.manifest.started.astimezone(UTC).isoformat()

    @cached_property
    def sectors(self) -> list[str]:
        """The slugs that its parameters give as a sector."""
        given = [
            value
            for name, value in self.manifest.parameters.items()
            if name.rstrip("s") == "sector" and value
        ]
        return [
            clip(item, 100) for value in given for item in (value if isinstance(value, list) else [value])
        ]


def read_runs(reports: Path) -> tuple[list[Run], list[tuple[str, str]]]:
    """Read every run of a folder of reports.

    Returns
    -------
    list of Run
        Those that can be read, by folder.
    list of (str, str)
        The folders that cannot, each with the reason: they are shown, not left out in silence.
    """
    runs: list[Run] = []
    unreadable: list[tuple[str, str]] = []
    for folder in run_folders(reports):
        try:
            runs.append(_read(folder))
        except (OSError, ValueError, RecursionError) as error:
            base = f"runs/{folder.parent.name}/{folder.name}"
            reason = _reason(error).replace(str(reports), ".")
            unreadable.append((_printable(base), _printable(reason)))
    return runs, unreadable


def load(path: Path) -> Any:
    """Read a JSON file of a run; what JSON does not allow (NaN, an infinite number, half a character) is refused.

    Raises
    ------
    ValueError
        If it is not JSON, or holds such a value.
    """
    value = json.loads(path.read_text(encoding="utf-8"))
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")
    return value


def _read(folder: Path) -> Run:
    for name in (folder.parent.name, folder.name):
        if not NAME.fullmatch(name):
            raise ValueError(f"{shown(name)} cannot be the name of a run's folder")
    made = Manifest.model_validate(load(folder / manifest.NAME))
    if made.analysis != folder.parent.name:
        raise ValueError(f"{manifest.NAME} is of the analysis {shown(made.analysis)}, not of this folder's")
    results = Results.model_validate(load(folder / record.RESULTS))
    return Run(folder, made, results, digest(folder))


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{error.title}: {'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}"
    if isinstance(error, RecursionError):
        return "its JSON is nested too deeply"
    if isinstance(error, OSError) and error.filename:
        return f"{Path(error.filename).name}: {error.strerror}"
    return str(error)


def _printable(text: str) -> str:
    """Replace what UTF-8 cannot write: a file name may hold any byte."""
    return text.encode("utf-8", "replace").decode("utf-8")
