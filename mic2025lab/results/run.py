"""A run, read back from its folder: `run.json` and `results.json`, checked before anybody uses them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from mic2025lab.errors import RunError, shown
from mic2025lab.results import files

#: A valid name of a run's folder. The name becomes part of web addresses.
_FOLDER = re.compile(r"[A-Za-z0-9_-]{1,100}(\.failed)?", re.ASCII)

_Model = TypeVar("_Model", bound=BaseModel)


def _inside(path: str) -> str:
    """Accept a path only if it stays in the folder of its run."""
    if not files.own(path):
        raise ValueError(f"{shown(path)} is not a file of the run's own folder")
    return path


OwnFile = Annotated[str, AfterValidator(_inside)]
#: A moment, in UTC.
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
Scalar = bool | int | float | str | None


class _Entry(BaseModel):
    """Part of a JSON file. Unknown keys are ignored: a later version may write more."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Figure(_Entry):
    """A recorded number (or text) with its unit and interval."""

    value: Scalar
    unit: str | None = None
    low: Scalar = None
    high: Scalar = None
    note: str | None = None


class Image(_Entry):
    """A recorded drawing."""

    svg: OwnFile | None = None
    png: OwnFile
    vega: OwnFile | None = None
    alt: str
    caption: str = ""


class RecordedTable(_Entry):
    """A recorded table."""

    file: OwnFile
    caption: str = ""
    rows: int
    columns: list[str]
    sha256: str | None = None


class Order(_Entry):
    """The order in which the notebook recorded things."""

    figures: list[str]
    tables: list[str]
    images: list[str]


class Results(_Entry):
    """The content of `results.json`."""

    finding: list[str]
    figures: dict[str, Figure]
    images: dict[str, Image]
    tables: dict[str, RecordedTable]
    order: Order

    @property
    def files(self) -> list[str]:
        """The files of the recorded tables and drawings."""
        drawings = [
            file for image in self.images.values() for file in (image.svg, image.png, image.vega) if file
        ]
        return [*(table.file for table in self.tables.values()), *drawings]

    @model_validator(mode="after")
    def _complete(self) -> Results:
        for kind in ("figures", "tables", "images"):
            for name in getattr(self.order, kind):
                if name not in getattr(self, kind):
                    raise ValueError(f"order names {shown(name)}, which is not among the {kind}")
        return self


class Origin(_Entry):
    """Where a table comes from."""

    producer: str
    title: str
    version: str
    url: str | None = None
    license: str = Field(validation_alias=AliasChoices("license", "licence"))
    citation: str


class SourceTable(_Entry):
    """A table of the catalog that a run used."""

    title: str
    sha256: str
    vintages: list[str] = []
    loaded: bool = True
    own: bool = False
    license: list[str] = Field([], validation_alias=AliasChoices("license", "licence"))
    versions: list[str] = []
    origins: list[Origin] = []


def _name(text: str) -> str:
    """Accept the name of a file without a folder."""
    if "/" in text or not files.own(text.lstrip(".")):
        raise ValueError(f"{shown(text)} is not the name of a file")
    return text


class Notebook(_Entry):
    """The notebook of a run."""

    file: Annotated[str, AfterValidator(_name)]
    sha256: str
    own: bool = False  # a notebook of the user's own, not one of the package


class Package(_Entry):
    """The code of a run."""

    version: str
    sha256: str


class Content(_Entry):
    """A file of a run, as the run left it."""

    size: int
    sha256: str


class Manifest(_Entry):
    """The content of `run.json`."""

    analysis: str
    title: str
    question: str
    run_id: str
    status: Literal["done", "failed"]
    error: str | None = None
    parameters: dict[str, Any]
    changed: dict[str, Any]
    tables: dict[str, SourceTable]
    pinned: dict[str, str] = {}  # table -> vintage that `load` served when it was called without one
    files: dict[str, str] = {}
    notebook: Notebook
    package: Package
    python: str
    libraries: dict[str, str] = {}
    environment: dict[str, str] = {}
    platform: str = ""
    contents: dict[OwnFile, Content] = {}  # every file but the manifest itself
    started: Moment
    ended: Moment


@dataclass(frozen=True)
class Run:
    """A run that is kept: its folder, and what it holds.

    Attributes
    ----------
    folder : Path
        Where it is.
    manifest : Manifest
        What it was made of and how it ended.
    """

    folder: Path
    manifest: Manifest

    @classmethod
    def read(cls, folder: str | Path | Run) -> Run:
        """Read the manifest of a run. Its results are read when they are first asked for. A `Run` is returned as it is.

        Raises
        ------
        RunError
            If the folder has no manifest, the manifest is not valid, or a file in the folder is a symbolic link: a run leaves none,
            and one from elsewhere may lead to a private file.
        """
        if isinstance(folder, Run):
            return folder
        folder = Path(folder)
        if not (folder / files.MANIFEST).is_file():
            raise RunError(f"{folder} is not the folder of a run: it has no {files.MANIFEST}.")
        link = files.link(folder)
        if link:
            raise RunError(
                f"{link} is a symbolic link, which may lead to any file. Remove it to use this run."
            )
        return cls(folder, _read(folder / files.MANIFEST, Manifest))

    @cached_property
    def results(self) -> Results:
        """What the notebook recorded. Raises RunError if `results.json` is missing or not valid."""
        return read_results(self.folder)

    @property
    def analysis(self) -> str:
        """The name of the analysis."""
        return self.manifest.analysis

    @property
    def run_id(self) -> str:
        """The id of the run."""
        return self.manifest.run_id

    @property
    def good(self) -> bool:
        """Whether the notebook ran to its end."""
        return self.manifest.status == "done"

    @property
    def parameters(self) -> dict[str, Any]:
        """All parameters."""
        return self.manifest.parameters

    @property
    def changed(self) -> dict[str, Any]:
        """The parameters that differ from the defaults."""
        return self.manifest.changed

    @property
    def started(self) -> str:
        """When it started, in ISO 8601 with milliseconds."""
        return self.manifest.started.isoformat(timespec="milliseconds")

    @property
    def place(self) -> str:
        """The folder relative to the folder of reports, such as `runs/overcapacity/4df987c9b062`."""
        return f"runs/{self.folder.parent.name}/{self.folder.name}"

    @property
    def order(self) -> tuple[Any, str]:
        """The key that sorts runs from oldest to newest."""
        return self.manifest.started, self.folder.name

    def damaged(self) -> list[str]:
        """List the files that are missing or not as the run left them. A run of a version that listed no files has none."""
        there = files.listing(self.folder)
        return [name for name, made in self.manifest.contents.items() if there.get(name) != made.model_dump()]

    def drawings(self) -> dict[str, str]:
        """Return the sha256 of each image file by its name."""
        paths = sorted(path for path in (self.folder / "figures").glob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): str(files.digest(path)) for path in paths}


def read_results(folder: Path) -> Results:
    """Read what the run in a folder recorded. Raises RunError if `results.json` is missing or not valid."""
    return _read(folder / files.RESULTS, Results)


def read_runs(
    reports: str | Path, analyses: Iterable[str] | None = None, *, whole: bool = False
) -> tuple[list[Run], dict[str, str]]:
    """Read all runs in a folder of reports: their manifests, and if `whole` their results.

    Parameters
    ----------
    reports : path
        The folder that holds `runs/`. A folder that does not exist has no runs.
    analyses : iterable of str, optional
        Only the runs of these analyses.
    whole : bool
        Whether a run must have results that can be read.

    Returns
    -------
    list of Run
        Good and failed runs, oldest first.
    dict
        Folder -> reason, for the folders that cannot be read.
    """
    reports = Path(reports)
    found, unreadable = [], {}
    for folder in files.run_folders(reports, analyses):
        try:
            run = _listed(folder)
            if whole:
                _ = run.results  # now, so that one without is refused
            found.append(run)
        except RunError as error:
            place = folder.relative_to(reports).as_posix()
            unreadable[_printable(place)] = _printable(str(error).replace(f"{reports}{'/'}", ""))
    return sorted(found, key=lambda run: run.order), unreadable


def _listed(folder: Path) -> Run:
    """Read a run in a folder of reports, where its place must agree with its manifest."""
    for place in (folder.parent, folder):
        if not _FOLDER.fullmatch(place.name):
            raise RunError(f"{shown(place.name)} cannot be the name of a run's folder.")
        if place.is_symlink():
            raise RunError(f"{shown(place.name)} is a symbolic link, which may lead anywhere.")
    run = Run.read(folder)
    if run.analysis != folder.parent.name:
        raise RunError(
            f"{files.MANIFEST} names the analysis {shown(run.analysis)}, which is not this folder's."
        )
    return run


def _read(path: Path, model: type[_Model]) -> _Model:
    try:
        return model.model_validate(files.load(path))
    except (OSError, ValueError, OverflowError, RecursionError) as error:
        raise RunError(f"{path} cannot be read ({_reason(error)}). Run it again with --force.") from error


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{error.title}: {'.'.join(map(str, first['loc'])) or 'all of it'}: {first['msg']}"
    if isinstance(error, RecursionError):
        return "its JSON is nested too deeply"
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _printable(text: str) -> str:
    """Replace what UTF-8 cannot encode: a file name may hold any byte."""
    return text.encode("utf-8", "replace").decode("utf-8")
