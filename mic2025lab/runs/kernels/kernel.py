"""Executes a notebook through papermill, in a kernel of the Python that is running: a fresh one, or one forked from `warm`."""

from __future__ import annotations

import contextlib
import contextvars
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab import own_files, project
from mic2025lab.catalog import vintages
from mic2025lab.results.files import MARK, REPORTS_DIR, RUN_DIR, RUN_MARK
from mic2025lab.runs.kernels.warm import FIXED
from mic2025lab.runs.notebook_files import nbformat

if TYPE_CHECKING:
    from mic2025lab.runs.kernels.warm import Kernels

#: Folders given by environment variables; the kernel works elsewhere, so they are passed on as absolute paths.
_FOLDERS = ("MIC2025LAB_DATA", "MIC2025LAB_MIRROR", "MIC2025LAB_CACHE")


def execute(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, Any],
    *,
    run_dir: Path,
    settings: Path,
    progress_bar: bool = False,
    files: Mapping[str, Mapping[str, str]] | None = None,
    reports: Path | None = None,
    timeout: float | None = None,
    kernels: Kernels | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> str | None:
    """Execute a notebook and keep it with its outputs, whether it ends well or not.

    Parameters
    ----------
    notebook : Path
        The notebook to execute; it is not changed.
    output : Path
        Where the executed notebook goes.
    parameters : mapping
        What papermill injects after the cell tagged `parameters`.
    run_dir : Path
        The kernel's working folder, where `record` writes in a `record.session`.
    settings : Path
        An empty folder for IPython's own files: no startup file or history of the user has a part in a run.
    progress_bar : bool
        Show papermill's count of cells.
    files : mapping, optional
        Where the user's own files are, by the name that the parameters have for them.
    reports : Path, optional
        The folder of the other runs, for an analysis that reads them.
    timeout : float, optional
        Seconds that the whole notebook may take from the start of its kernel, which is killed then.
    kernels : Kernels, optional
        Where the kernel comes from; by default a Python of its own is started.
    meanwhile : callable, optional
        Called in a thread when the kernel is about to start; this process mostly waits from then on.

    Returns
    -------
    str or None
        None, or why it failed: the last line of the traceback.
    """
    from nbclient.exceptions import CellControlSignal, CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    from mic2025lab.runs.kernels import _manager

    source = nbformat.read(notebook, as_version=4)
    variables = {**FIXED, RUN_DIR: str(run_dir), "IPYTHONDIR": str(settings)}
    variables[RUN_MARK] = (run_dir / MARK).read_text(encoding="utf-8")
    variables[own_files.FILES] = json.dumps({name: dict(file) for name, file in (files or {}).items()})
    variables |= {name: str(Path(os.environ[name]).absolute()) for name in _FOLDERS if os.environ.get(name)}
    if (own := project.find()) is not None:
        variables[project.FOLDER] = str(own.root)
    variables[vintages.PINS] = json.dumps(dict(vintages.pins()))
    if reports is not None:
        variables[REPORTS_DIR] = str(reports)
    watch, error, executed = _Watch(timeout), None, None
    sockets = _sockets()
    if meanwhile is not None:
        threading.Thread(target=meanwhile, daemon=True).start()
    try:
        manager = _manager.manager_class(
            variables, run_dir, sockets=sockets, kernels=kernels, started=watch.begin
        )
        # In a context of its own: jupyter_core keeps its event loop in the context, which threads of a Dask worker share.
        executed = contextvars.Context().run(
            _execute_notebook,
            source,
            str(output).replace("{", "{{").replace("}", "}}"),  # papermill takes a path for a format string
            parameters=dict(parameters),
            kernel_name="python3",
            language="python",
            progress_bar=progress_bar,
            engine_name=_manager.ENGINE,
            kernel_manager_class=manager,
            shutdown_kernel="immediate",  # everything recorded is on disk by then
            iopub_timeout=300,  # a busy machine may deliver outputs late; the default of 4 s would fail the run
        )
    except PapermillExecutionError as failure:
        error = f"{failure.ename}: {failure.evalue}".rstrip(": \n")
    except (CellControlSignal, CellTimeoutError, DeadKernelError, RuntimeError) as failure:
        error = watch.why() if isinstance(failure, DeadKernelError) else ""
        error = error or f"{type(failure).__name__}: {failure}"
    finally:
        watch.end()
        if sockets is not None:
            shutil.rmtree(sockets, ignore_errors=True)
    if not output.is_file():  # the kernel never started
        nbformat.write(source, output)
    return error or _unfinished(executed)


def _sockets() -> Path | None:
    """Make a folder of this user alone for the sockets of a kernel; None where they must be ports (Windows, no room, a long path)."""
    if os.name == "nt":
        return None
    with contextlib.suppress(OSError):
        folder = Path(tempfile.mkdtemp(prefix="mic2025lab-"))
        if len(os.fsencode(folder)) < 90:  # the system allows 103 bytes or more, with the name
            return folder
        folder.rmdir()
    return None


def _execute_notebook(*args: Any, **options: Any) -> Any:
    """Execute a notebook with papermill and return it, and close the event loop of this context: an open one keeps three file descriptors."""
    import papermill
    from jupyter_core.utils import ensure_event_loop

    try:
        return papermill.execute_notebook(*args, **options)
    finally:
        loop = ensure_event_loop()
        if not loop.is_running():  # that of a notebook that calls this
            loop.close()


class _Watch:
    """The process of a run's kernel, which is killed when its time is over, whatever it does then."""

    def __init__(self, timeout: float | None) -> None:
        self._timeout = timeout
        self._timer: threading.Timer | None = None
        self._process: Any = None
        self._over = False

    def begin(self, process: Any) -> None:
        """Watch a process that has just started."""
        self._process = process
        if self._timeout is not None:
            self._timer = threading.Timer(self._timeout, self._kill)
            self._timer.daemon = True
            self._timer.start()

    def end(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()

    def why(self) -> str:
        """Say why the kernel died, as far as its process tells."""
        if self._over:
            return f"TimeoutError: the run was ended because it took longer than the {self._timeout:g} s given to it."
        code = None if self._process is None else self._process.returncode
        if code is None:
            return ""
        if code >= 0:
            return f"DeadKernelError: the kernel ended by itself, with exit code {code}."
        told = f"DeadKernelError: the kernel was ended by signal {-code} ({signal.strsignal(-code)})"
        memory = ", as the system does when memory runs out; try fewer at once" if code == -9 else ""
        return f"{told}{memory}."

    def _kill(self) -> None:
        self._over = True
        with contextlib.suppress(ProcessLookupError):
            if isinstance(self._process, subprocess.Popen) and hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)  # it leads the group of what it has started
            else:
                self._process.kill()


def _unfinished(executed: Any) -> str | None:
    """Find a cell that did not run: papermill takes `sys.exit(0)` in the middle for a good end."""
    for number, cell in enumerate(executed.cells, start=1):
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            return f"RunError: the notebook ended before cell {number} was run (an exit in the middle?)"
    return None
