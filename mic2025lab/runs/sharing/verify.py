"""Runs a notebook again and compares: do the same notebook and parameters give the same results here?"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from mic2025lab import analyses, catalog, claims
from mic2025lab.errors import RunError, shown
from mic2025lab.results import files, record
from mic2025lab.results.run import Manifest, Run
from mic2025lab.runs import identity, manifest
from mic2025lab.runs import trust as trusted
from mic2025lab.runs.changes import compare, describe
from mic2025lab.runs.changes.compare import Difference, Inputs
from mic2025lab.runs.notebook_files import source_bytes
from mic2025lab.runs.request import Request
from mic2025lab.runs.run import perform
from mic2025lab.runs.sharing.share import left_out


@dataclass(frozen=True)
class Verification:
    """The outcome of running a notebook again.

    Attributes
    ----------
    run_id : str
        The run.
    status : {"same", "rounding", "different", "failed"}
        "same": all figures, tables, and sentences; "rounding": numbers differ by less than one part in a billion; "different":
        they differ by more, or one of the two lacks an image or a table; "failed": the notebook did not run to its end.
    inputs : Inputs
        How data, code, and environment differ from those of the run.
    intact : bool
        Whether the notebook in the folder is the one that the manifest names.
    files : dict
        File -> "same", "changed", "added" or "removed", by its bytes: results, tables, and figures.
    difference : Difference or None
        The two results compared. None if the notebook failed.
    error : str or None
        Why it failed.
    """

    run_id: str
    status: Literal["same", "rounding", "different", "failed"]
    inputs: Inputs
    intact: bool
    files: dict[str, str]
    difference: Difference | None
    error: str | None

    @property
    def agrees(self) -> bool:
        """Whether the results are the same, exactly or up to rounding."""
        return self.status in ("same", "rounding")

    def summary(self) -> str:
        """Return the outcome as lines of text."""
        if self.difference is None:
            return f"{self.run_id} could not be run again: {self.error}{_changed(self.inputs)}"
        if not self.agrees:
            here = _named(self.files, "added", "Missing in the run")
            there = _named(self.files, "removed", "Not made again")
            reason = here + there + (_changed(self.inputs) or ("" if here or there else _NOT_DETERMINISTIC))
            return f"{self.run_id} does NOT agree.{reason}\n{describe.summary(self.difference)}"
        figures, tables = len(self.difference.figures), len(self.difference.tables)
        counts = f"{describe.plural(figures, 'figure')}, {describe.plural(tables, 'table')}"
        if self.status == "rounding":
            return f"{self.run_id} agrees up to rounding (less than one part in a billion): {counts}, and all sentences."
        other = _named(self.files, "changed", "The results are the same, but these files have other bytes")
        return f"{self.run_id} agrees{'' if other else ' exactly'}: {counts}, and all sentences.{other}"


def verify(
    run: str | Path | Run,
    *,
    tell: Callable[[str], None] | None = None,
    trust: bool = False,
) -> Verification:
    """Run a notebook again in a temporary folder, and compare the results. The run itself is not changed.

    The notebook is the one in the run's folder. The data are those of the catalog, or those in the folder if the run was shared
    (`data/`), unless `MIC2025LAB_DATA` names others.

    Parameters
    ----------
    run : path or Run
        A good run: in a folder of reports, or in an unpacked archive.
    tell : callable, optional
        Called before the notebook is executed, with what differs from the manifest.
    trust : bool
        Run the notebook in the folder even if it may be somebody else's.

    Returns
    -------
    Verification
        `agrees` is the verdict, `summary()` its text.

    Raises
    ------
    RunError
        If the folder does not hold a good run, or the parameters in its manifest are not those of its notebook.
    Untrusted
        If the notebook is not the one of the package, this user has not run it on this machine, and `trust` is False.
    LabError
        If a table that it needs is not available. The message says how to get it.
    """
    run = Run.read(run)
    if not run.good:
        raise RunError(f"{run.folder.name} failed ({run.manifest.error}). Only a good run can be verified.")
    run = Run(run.folder.absolute(), run.manifest)
    pins = catalog.vintages.pinned(run.manifest.pinned)
    with _own_data(run.folder), pins, tempfile.TemporaryDirectory(prefix="mic2025lab-") as place:
        notebook = Path(place) / "source.ipynb"
        notebook.write_bytes(source_bytes(run.folder / "notebook.ipynb"))
        if not trust:
            _check_trusted(run, notebook)
        return _verify(run, notebook, tell or (lambda line: None))


def _check_trusted(run: Run, notebook: Path) -> None:
    """Refuse a notebook that may hold somebody else's code."""
    digest, packaged = identity.notebook_digest(notebook), analyses.ANALYSES.get(run.analysis)
    own = packaged is None or identity.notebook_digest(packaged) != digest
    if own and not trusted.known("notebook", digest):
        raise trusted.Untrusted(
            f"The notebook in {run.folder} is not one of this package, and you have not run it on this machine. Its code could do "
            "anything that you can do. Read notebook.ipynb, and verify the run with --trust (in Python: trust=True) if you trust it."
        )


def _verify(run: Run, notebook: Path, tell: Callable[[str], None]) -> Verification:
    place, pins = notebook.parent, run.manifest.pinned
    own = run.manifest.notebook.own or run.analysis not in analyses.ANALYSES
    asked = Request(
        run.analysis, run.parameters, run.run_id, notebook=str(notebook) if own else None, vintages=pins
    )
    analysis = asked.described()
    unknown = sorted(set(run.parameters) - set(analyses.get(notebook).declared))
    if unknown:
        raise RunError(
            f"{files.MANIFEST} names the parameter {shown(unknown[0])}, which the notebook in the folder does not have."
        )
    reports = run.folder.parents[2] if analysis.after else None
    read = analysis.files(run.parameters) | (claims.reads(reports) if reports else {})
    asked = replace(asked, files=read)
    here = set(catalog.own.names()) | set(catalog.catalog())
    away = [name for name, table in run.manifest.tables.items() if table.own and name not in here]
    if away:
        raise RunError(
            f"The run loaded {', '.join(away)}, a table of its author's own that is not here. Ask for the file, and name it in mic2025lab.yml."
        )
    tables = {name: catalog.describe(name) for name in analysis.loads(run.parameters)}
    absent = sorted(set(left_out(run.manifest, tables)) - set(asked.files)) if own else []
    if absent:
        raise RunError(f"The run read {', '.join(absent)}. Verify it from the folder that holds the file.")
    intact = identity.notebook_digest(notebook) == run.manifest.notebook.sha256
    inputs = compare.inputs(run.manifest, _as_of_now(asked, run.manifest))
    changed = describe.inputs_lines(inputs)
    if not intact:
        changed.append("  code        the notebook in the folder is not the one in the manifest")
    tell("\n".join(["Changed since the run:", *changed] if changed else [_UNCHANGED]))

    error, loaded, clean = perform(asked, notebook, place, reports=reports)
    if error:
        return Verification(run.run_id, "failed", inputs, intact, {}, None, clean(error))
    made = place / "run"
    record.hash_tables(made)
    again = _as_of_now(asked, run.manifest, loaded)
    difference = compare.compare(run, Run(made, again))
    same = files.digest(run.folder / files.RESULTS) == files.digest(made / files.RESULTS)
    compared: dict[str, str] = {files.RESULTS: "same" if same else "changed"}
    compared |= {f"tables/{change.name}.csv": change.status for change in difference.tables}
    compared |= {change.name: change.status for change in difference.drawings}
    status: Literal["same", "rounding", "different"] = "same"
    if {"added", "removed"} & set(compared.values()):  # an image or a table that only one of them has
        status = "different"
    elif difference.changed:
        status = "rounding" if difference.rounding else "different"
    return Verification(run.run_id, status, inputs, intact, compared, difference, None)


def _as_of_now(
    asked: Request, then: Manifest, loaded: Mapping[str, Mapping[str, Any]] | None = None
) -> Manifest:
    """Return the manifest that the run would have here and now."""
    now = manifest.build(asked, loaded or {})
    if loaded is None:  # only the notebook knows which vintage it will load
        for name, table in now["tables"].items():
            table["vintages"] = then.tables[name].vintages if name in then.tables else []
    return Manifest.model_validate(now)


def _named(states: Mapping[str, str], state: str, said: str) -> str:
    names = sorted(name for name, found in states.items() if found == state)
    return f"\n{said}: {', '.join(names)}." if names else ""


def _changed(inputs: Inputs) -> str:
    return f"\nChanged since the run: {', '.join(inputs.differ)}." if inputs.differ else ""


_UNCHANGED = "Data, code, and environment are those of the run."
_NOT_DETERMINISTIC = (
    "\nParameters, data, code, and environment are those of the run. Either the notebook gives other results each time (a clock, "
    "random numbers without a seed), or this machine computes differently."
)


@contextlib.contextmanager
def _own_data(folder: Path) -> Iterator[None]:
    """Use the data of a shared folder as the catalog, unless the user has named another."""
    data = folder / "data"
    use = not os.environ.get("MIC2025LAB_DATA") and (data / "catalog.json").is_file()
    if use:
        os.environ["MIC2025LAB_DATA"] = str(data)
    try:
        yield
    finally:
        if use:
            del os.environ["MIC2025LAB_DATA"]
