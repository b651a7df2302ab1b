"""What was asked for: an analysis or a notebook, its parameters, the user's files, and the vintages of tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mic2025lab import analyses, catalog
from mic2025lab.runs import identity


@dataclass(frozen=True)
class Request:
    """A run that was asked for and found to be possible; plain data, so that it can be sent to another process.

    Attributes
    ----------
    analysis, run_id : str
        Its name, and what it is known by.
    notebook : str or None
        The path of a notebook of the user's own; None for one of the package's.
    parameters : dict
        Every parameter; of the path of a file of the user's own, the file's name.
    files : dict
        Name -> {"path", "sha256"} of that file: where it lies is for the kernel alone, and is not kept.
    vintages : dict
        Table -> the vintage that `load` serves when it is called without one.
    """

    analysis: str
    parameters: dict[str, Any]
    run_id: str
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    notebook: str | None = None
    vintages: dict[str, str] = field(default_factory=dict)

    def described(self) -> analyses.Analysis:
        """Return the analysis that was asked for."""
        return replace(analyses.get(self.notebook or self.analysis), name=self.analysis)

    @property
    def digests(self) -> dict[str, str]:
        """The sha256 of each file by its name."""
        return digests(self.files)

    @property
    def label(self) -> str:
        """The analysis and the parameters that differ from the defaults."""
        chosen = changed(self.described(), self.parameters)
        pins = (f"{table}@{vintage}" for table, vintage in self.vintages.items())
        return " ".join(
            [self.analysis, *(f"{name}={_short(value)}" for name, value in chosen.items()), *pins]
        )

    def folder(self, reports: Path) -> Path:
        """Where the run is kept."""
        return reports / "runs" / self.analysis / self.run_id


def prepare(
    analysis: str,
    params: Mapping[str, Any],
    *,
    text: bool = False,
    vintages: Mapping[str, str] | None = None,
) -> Request:
    """Check a request; no kernel is started and nothing is written.

    Parameters
    ----------
    analysis : str
        A name of `analyses.ANALYSES`, or the path of a notebook.
    params : mapping
        The parameters that are not to have their defaults.
    text : bool
        The values are text, from a command line or a plan, to be read as the parameters' types say.
    vintages : mapping, optional
        Table -> the vintage that `load` serves in this run when it is called without one; by default that of the project, else the
        embedded one.

    Raises
    ------
    LabError
        If the analysis, a parameter or a value is not one that exists, or a table is not the one the catalog vouches for.
    """
    check = analyses.validate_text if text else analyses.validate
    pins = dict(vintages or {})
    with catalog.vintages.pinned(pins):
        for table in pins:
            catalog.entry(table)
        found = analyses.get(analysis)
        parameters = check(analysis, params).model_dump(mode="json")
        files = found.files(parameters)
        parameters |= {file["parameter"]: name for name, file in files.items() if "parameter" in file}
        own = None if found.packaged else str(found.notebook)
        run_id = identity.run_id(found, parameters, digests(files))
    return Request(found.name, parameters, run_id, files, own, pins)


def changed(analysis: analyses.Analysis, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Give the parameters that differ from the defaults."""
    defaults = analysis.defaults()
    return {name: value for name, value in parameters.items() if value != defaults.get(name)}


def digests(files: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {name: file["sha256"] for name, file in files.items()}


def _short(value: Any) -> str:
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"
