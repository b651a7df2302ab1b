"""Makes a run again and compares: does the same notebook, with the same parameters, give the same results here?"""

from __future__ import annotations

import contextlib
import copy
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from mic2025lab import analyses, claims
from mic2025lab.errors import RunError
from mic2025lab.results import record
from mic2025lab.runs import identity, manifest, scrub
from mic2025lab.runs.changes import compare
from mic2025lab.runs.changes.compare import Difference, Inputs
from mic2025lab.runs.kernels import kernel


@dataclass(frozen=True)
class Verification:
    """What came of making a run again.

    Attributes
    ----------
    run_id : str
        Which run.
    status : {"same", "rounding", "different", "failed"}
        "same": every figure, table and sentence; "rounding": numbers differ by less than one part in a billion; "failed": the
        notebook did not run to its end.
    inputs : Inputs
        What was not, before it ran, as the manifest says.
    intact : bool
        Whether the notebook in the folder is the one that the manifest names.
    files : dict
        File -> "same", "changed", "added" or "removed", by its bytes: results, tables and figures.
    difference : Difference or None
        The results against each other; None if it failed.
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
        """Whether the results are the same, or the same but for rounding."""
        return self.status in ("same", "rounding")

    def summary(self) -> str:
        """Write the verdict in lines for a reader."""
        if self.difference is None:
            return f"{self.run_id} could not be made again: {self.error}{_others(self.inputs)}"
        if not self.agrees:
            blame = _others(self.inputs) or _UNSTEADY
            return f"{self.run_id} does NOT agree.{blame}\n{self.difference.summary()}"
        counts = ", ".join(
            f"{len(changes)} {noun}{'' if len(changes) == 1 else 's'}"
            for noun, changes in (("figure", self.difference.figures), ("table", self.difference.tables))
        )
        how = "to rounding (less than one part in a billion)" if self.status == "rounding" else "exactly"
        text = f"{self.run_id} agrees {how}: {counts} and every sentence."
        other = sorted(name for name, state in self.files.items() if state != "same")
        if other and self.status == "same":
            text += f"\nOther bytes, though the results are the same: {', '.join(other)}"
        return text


def verify(
    folder: str | Path, *, tell: Callable[[str], None] | None = None, timeout: float | None = None
) -> Verification:
    """Make a run again in a folder that is thrown away, and compare.

    The notebook is the run's own, taken from its folder; the data are those of the catalogue, or those that lie in the folder if it was
    shared (`data/`), unless `MIC2025LAB_DATA` says otherwise. The run is not changed.

    Parameters
    ----------
    folder : path
        The folder of a good run: of a folder of reports, or of an unpacked archive.
    tell : callable, optional
        Called before the notebook is executed, with what is not as the manifest says.
    timeout : float, optional
        Seconds that the notebook may take.

    Returns
    -------
    Verification
        `agrees` is the verdict, `summary()` its text.

    Raises
    ------
    RunError
        If the folder is not that of a good run.
    LabError
        If a table it needs is not to be had here; says how to get it.
    """
    folder = Path(folder).absolute()
    details = compare.read(folder)
    if details["status"] != "done":
        raise RunError(f"{folder.name} failed ({details.get('error')}); there is nothing to verify.")
    with _own_data(folder), tempfile.TemporaryDirectory(prefix="mic2025lab-") as place:
        return _verify(folder, details, Path(place), tell or (lambda line: None), timeout)


def source(notebook: Any) -> Any:
    """Give the notebook that was executed: without outputs, and without the cell of parameters that papermill added.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The executed notebook; it stays as it is.
    """
    made = copy.deepcopy(notebook)
    made.cells = [
        cell for cell in made.cells if "injected-parameters" not in cell.get("metadata", {}).get("tags", ())
    ]
    for cell in made.cells:
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    made.metadata.pop("papermill", None)
    return made


def _verify(
    folder: Path, details: Mapping[str, Any], place: Path, tell: Callable[[str], None], timeout: float | None
) -> Verification:
    import nbformat

    from mic2025lab.runs.changes.describe import inputs_lines

    notebook = place / "source.ipynb"
    nbformat.write(source(nbformat.read(folder / "notebook.ipynb", as_version=4)), notebook)
    name = details["analysis"]
    own = details["notebook"].get("own") or name not in analyses.ANALYSES
    analysis = replace(analyses.get(notebook), name=name) if own else analyses.get(name)
    reports = folder.parents[2] if analysis.after else None
    files = analysis.files(details["parameters"]) | (claims.reads(reports) if reports else {})
    absent = sorted(set(details["files"]) - set(files)) if own else []
    if absent:
        raise RunError(f"The run read {', '.join(absent)}; verify it from the folder that holds the file.")
    intact = identity.notebook_digest(notebook) == details["notebook"]["sha256"]
    inputs = _inputs(analysis, details, files)
    if inputs.differ or not intact:
        altered = (
            []
            if intact
            else ["  code        the notebook in the folder is not the one that the manifest names"]
        )
        tell("\n".join(["Not as when the run was made:", *inputs_lines(inputs), *altered]))
    else:
        tell("Data, code and environment are those of the run.")

    made, settings = place / "run", place / "ipython"
    made.mkdir()
    settings.mkdir()
    record.write(made / record.RESULTS, record.dump(record.empty(analysis.name, details["parameters"])))
    started = datetime.now(UTC)
    error = kernel.execute(
        notebook,
        place / "notebook.ipynb",
        details["parameters"]
        | ({f["parameter"]: f["path"] for f in files.values() if "parameter" in f} if own else {}),
        run_dir=made,
        settings=settings,
        files=files,
        reports=reports,
        timeout=timeout,
    )
    hidden, rules = (
        scrub.secrets(),
        scrub.machine({str(made): "."}, words=notebook.read_text(encoding="utf-8")),
    )
    loaded = manifest.take_loaded(made)
    again = manifest.build(
        analysis,
        details["run_id"],
        details["parameters"],
        loaded,
        files={name: file["sha256"] for name, file in files.items()},
        started=started,
        ended=datetime.now(UTC),
        error=error,
    )
    record.write(made / manifest.NAME, record.dump(again))
    scrub.scrub_folder(made, hidden, rules)
    if error:
        told = scrub.scrub_text(error, hidden, rules)
        return Verification(details["run_id"], "failed", inputs, intact, {}, None, told)
    difference = compare.compare(folder, made)
    status: Literal["same", "rounding", "different"] = "same"
    if difference.changed:
        status = "rounding" if difference.rounding else "different"
    return Verification(details["run_id"], status, inputs, intact, _files(folder, made), difference, None)


def _inputs(
    analysis: analyses.Analysis, details: Mapping[str, Any], files: Mapping[str, Mapping[str, str]]
) -> Inputs:
    """Compare what the run was made of with what there is here now."""
    moment = datetime.now(UTC)
    now = manifest.build(
        analysis,
        details["run_id"],
        details["parameters"],
        {},
        files={name: file["sha256"] for name, file in files.items()},
        started=moment,
        ended=moment,
        error=None,
    )
    for name, table in now["tables"].items():  # which vintage is loaded, only the notebook knows
        table["vintages"] = details["tables"].get(name, {}).get("vintages", [])
    return compare.inputs(details, now)


def _files(a: Path, b: Path) -> dict[str, str]:
    """Compare results, tables and figures by their bytes."""
    states = {}
    for name in sorted({*_kept(a), *_kept(b)}):
        one, two = a / name, b / name
        if not (one.is_file() and two.is_file()):
            states[name] = "removed" if one.is_file() else "added"
        else:
            states[name] = "same" if one.read_bytes() == two.read_bytes() else "changed"
    return states


def _kept(folder: Path) -> list[str]:
    found = [folder / record.RESULTS, *folder.glob("tables/*"), *folder.glob("figures/*")]
    return [path.relative_to(folder).as_posix() for path in found]


def _others(inputs: Inputs) -> str:
    return f"\nNot as when the run was made: {', '.join(inputs.differ)}." if inputs.differ else ""


_UNSTEADY = (
    "\nParameters, data, code and environment are those of the run: the notebook does not give the same each time (a clock, a draw "
    "without a seed), or this machine computes otherwise."
)


@contextlib.contextmanager
def _own_data(folder: Path) -> Iterator[None]:
    """Let the catalogue be that of a shared folder, unless the user has named another."""
    data = folder / "data"
    if os.environ.get("MIC2025LAB_DATA") or not (data / "catalog.json").is_file():
        yield
        return
    os.environ["MIC2025LAB_DATA"] = str(data)
    try:
        yield
    finally:
        del os.environ["MIC2025LAB_DATA"]
