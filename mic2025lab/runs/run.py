"""One run: a notebook with its parameters becomes a folder that a reader can check."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mic2025lab import analyses, catalog, claims
from mic2025lab.errors import LabError, RunError
from mic2025lab.results import record
from mic2025lab.results.files import (
    MANIFEST,
    REPORTS,
    RESULTS,
    dump,
    inside,
    listing,
    remove_parts,
    size,
    write,
)
from mic2025lab.results.run import Manifest, Run, read_results
from mic2025lab.runs import folders, identity, manifest, scrub, trust
from mic2025lab.runs.request import Request, digests, prepare

if TYPE_CHECKING:
    from mic2025lab.runs.kernels.warm import Kernels


@dataclass(frozen=True)
class RunResult:
    """How a run ended.

    Attributes
    ----------
    status : {"done", "unchanged", "failed"}
        "unchanged": the same run was there already, and nothing was executed.
    request : Request
        What was run.
    folder : Path or None
        Where it is kept; None if not even a failed run could be written.
    seconds : float
        Wall time.
    error : str or None
        The last line of what went wrong.
    """

    status: Literal["done", "unchanged", "failed"]
    request: Request
    folder: Path | None
    seconds: float
    error: str | None = None


def run(
    analysis: str,
    params: Mapping[str, Any] | None = None,
    *,
    reports: str | Path = REPORTS,
    force: bool = False,
    progress_bar: bool = False,
) -> RunResult:
    """Run an analysis, unless the same run is there already.

    Parameters
    ----------
    analysis : str
        A name of `analyses.ANALYSES`, or the path of a notebook.
    params : mapping, optional
        The parameters that are not to have their defaults.
    reports : path
        The folder of reports; the run goes to `runs/<analysis>/<run id>/` in it.
    force : bool
        Run it even if it is there.
    progress_bar : bool
        Show the count of cells.

    Returns
    -------
    RunResult
        A notebook that fails is a result with status "failed", kept as `<run id>.failed` beside the last good run.

    Raises
    ------
    LabError
        If the request is wrong; no kernel has been started then.
    """
    return execute(prepare(analysis, params or {}), reports=reports, force=force, progress_bar=progress_bar)


def execute(
    request: Request,
    *,
    reports: str | Path = REPORTS,
    force: bool = False,
    kernels: Kernels | None = None,
    **how: Any,
) -> RunResult:
    """Do what was asked for; see `run`.

    Parameters
    ----------
    request : Request
        From `prepare`.
    reports, force
        As in `run`.
    kernels : Kernels, optional
        Where its kernel comes from; by default a Python of its own is started.
    **how
        `progress_bar` and `timeout`, as in `kernels.kernel.execute`.

    Raises
    ------
    RunError
        If the run cannot be written, or a part of its path below `runs` is a symbolic link.
    """
    started, reports = time.perf_counter(), Path(reports).absolute()
    with catalog.vintages.pinned(request.vintages):
        catalog.own.adopt(request.files)
        request = _settled(request, reports)
        final = request.folder(reports)
        inside(reports / "runs", f"{request.analysis}/{request.run_id}")
        if not force and is_good(final):
            return RunResult("unchanged", request, final, time.perf_counter() - started)
        if kernels is not None:
            kernels.begin()  # its imports go on beside those of this process
        folders.sweep(reports)
        failed = final.with_name(f"{request.run_id}.failed")
        with folders.workspace(reports) as work:
            error = _make(request, work, reports, kernels=kernels, **how)
            folders.publish(work / "run", failed if error else final, work=work)
    if error is None and failed.exists():
        shutil.rmtree(failed)  # what failed then is right now
    seconds = time.perf_counter() - started
    return RunResult("failed" if error else "done", request, failed if error else final, seconds, error)


def is_good(folder: Path) -> bool:
    """Return True if a folder holds a run that ended well, and every file is as the run left it (size and sha256)."""
    try:
        run = Run.read(folder)
    except LabError:
        return False
    return run.good and bool(run.manifest.contents) and not run.damaged()


def _settled(request: Request, reports: Path) -> Request:
    """Name a run that is made of other runs by what these have found, which can only be told when they are there."""
    analysis = request.described()
    if not analysis.after:
        return request
    files = {**request.files, **claims.reads(reports)}
    return replace(request, run_id=identity.run_id(analysis, request.parameters, digests(files)), files=files)


def perform(
    request: Request, notebook: Path, work: Path, *, reports: Path | None, **how: Any
) -> tuple[str | None, dict[str, dict[str, Any]], Callable[[Any], Any]]:
    """Execute a notebook in the new folder `run` of a workspace, from which keys, places, and names are then taken out.

    Parameters
    ----------
    request : Request
        What it is a run of.
    notebook : Path
        What is executed: the notebook of the analysis, or a copy.
    work : Path
        The workspace.
    reports : Path or None
        The folder of reports, for an analysis that reads other runs.
    **how
        As in `kernels.kernel.execute`.

    Returns
    -------
    str or None
        Why it failed, as the kernel said it.
    dict
        What it loaded; see `manifest.take_loaded`.
    callable
        Takes the same keys, places, and names out of a text, or out of all texts in lists and mappings.
    """
    from mic2025lab.runs.kernels import kernel

    folder, settings, files = work / "run", work / "ipython", request.files
    hidden = scrub.secrets()
    places = {str(folder): ".", str(work): ".."}
    places |= {file["path"]: f"[{name}]" for name, file in files.items()}
    rules = scrub.machine(places, words=notebook.read_text(encoding="utf-8"))
    folder.mkdir()
    settings.mkdir()
    parameters = dict(request.parameters)
    if not request.described().packaged:  # a notebook of the user's own opens its files where they are
        parameters |= {file["parameter"]: file["path"] for file in files.values() if "parameter" in file}
    with record.session(folder, request.analysis, request.parameters):
        error = kernel.execute(
            notebook,
            folder / "notebook.ipynb",
            parameters,
            run_dir=folder,
            settings=settings,
            files=files,
            reports=reports,
            **how,
        )
    loaded = manifest.take_loaded(folder)
    remove_parts(folder, "**/*")  # of a kernel that was killed
    scrub.scrub_folder(folder, hidden, rules)
    return error, loaded, partial(scrub.scrub, hidden=hidden, rules=rules)


def _make(request: Request, work: Path, reports: Path, **how: Any) -> str | None:
    """Fill the folder of a run; return why it failed, or None."""
    from mic2025lab.runs.notebook_files import nbformat
    from mic2025lab.runs.pages import html
    from mic2025lab.runs.sharing import crate

    analysis, folder, started = request.described(), work / "run", datetime.now(UTC)
    trust.remember("notebook", identity.notebook_digest(analysis.notebook))
    error, loaded, clean = perform(
        request,
        analysis.notebook,
        work,
        reports=reports if analysis.after else None,
        meanwhile=html.get_ready,
        **how,
    )
    error = _hinted(error, analysis) or manifest.undeclared(analysis, request.parameters, loaded)
    error = error or _invalid(folder) or _missing(folder)
    details = clean(manifest.build(request, loaded, started=started, error=error))
    kept = Run(folder, Manifest.model_validate(details))
    write(folder / "notebook.html", html.page(kept, nbformat.read(folder / "notebook.ipynb", as_version=4)))
    crate.write(kept)
    if error is None and (lost := _missing(folder)):
        raise RunError(lost)
    write(folder / MANIFEST, dump({**details, "contents": listing(folder)}))
    return clean(error)


def _invalid(folder: Path) -> str | None:
    """Hash the recorded tables as they are now, and say what is wrong with the results."""
    try:
        record.hash_tables(folder)
        read_results(folder)
    except LabError as error:
        return f"{type(error).__name__}: {error}"
    return None


def _missing(folder: Path) -> str | None:
    """Say which files that the run recorded are not there: something else has removed them."""
    names = [RESULTS, "notebook.ipynb", *read_results(folder).files]
    lost = [name for name in names if not size(folder / name) and not size(folder / f"{name}.not-kept.txt")]
    if not lost:
        return None
    return (
        f"RunError: {', '.join(lost)} of this run {'is' if len(lost) == 1 else 'are'} empty or missing, though the notebook recorded "
        "it. Run it again, and keep other programs (a cleaner of temporary files) away from the folder of reports."
    )


def _hinted(error: str | None, analysis: analyses.Analysis) -> str | None:
    """Add the next step to the error of a notebook that looked for something beside itself."""
    if (
        error is None
        or analysis.packaged
        or not error.startswith(("FileNotFoundError", "ModuleNotFoundError"))
    ):
        return error
    return (
        f"{error}. A run works in a folder of its own, so that what it reads is known: give each file that the notebook "
        "reads as a parameter, such as path: str = 'data.csv' (relative to the notebook), and install modules as packages."
    )
