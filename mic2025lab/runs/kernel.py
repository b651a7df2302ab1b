"""Executes a notebook through papermill, in a kernel of the Python that is running."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

#: Set for every kernel: the same order of sets and dicts in each run, and no remark of the debugger about itself.
_FIXED = {"PYTHONHASHSEED": "0", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}

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
        The kernel's working folder, where `record` writes.
    settings : Path
        An empty folder for IPython's own files: no startup file or history of the user has a part in a run.
    progress_bar : bool
        Show papermill's count of cells.

    Returns
    -------
    str or None
        None, or why it failed: the last line of the traceback.
    """
    import papermill
    from nbclient.exceptions import CellControlSignal, CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    source = nbformat.read(notebook, as_version=4)
    variables = {**_FIXED, "MIC2025LAB_RUN_DIR": str(run_dir), "IPYTHONDIR": str(settings)}
    variables |= {name: str(Path(os.environ[name]).absolute()) for name in _FOLDERS if os.environ.get(name)}
    error = None
    try:
        papermill.execute_notebook(
            source,
            str(output).replace("{", "{{").replace("}", "}}"),  # papermill takes a path for a format string
            parameters=dict(parameters),
            kernel_name="python3",
            language="python",
            progress_bar=progress_bar,
            kernel_manager_class=_manager_class(variables, run_dir),
            shutdown_kernel="immediate",  # everything recorded is on disk by then
        )
    except PapermillExecutionError as failure:
        error = f"{failure.ename}: {failure.evalue}".rstrip(": \n")
    except (CellControlSignal, CellTimeoutError, DeadKernelError, RuntimeError) as failure:
        error = f"{type(failure).__name__}: {failure}"
    if not output.is_file():  # the kernel never started
        nbformat.write(source, output)
    return error or _unfinished(output)


def _unfinished(output: Path) -> str | None:
    """Find a cell that did not run: papermill takes `sys.exit(0)` in the middle for a good end."""
    for number, cell in enumerate(nbformat.read(output, as_version=4).cells, start=1):
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            return f"RunError: the notebook ended before cell {number} was run (an exit in the middle?)"
    return None


def _manager_class(variables: Mapping[str, str], folder: Path) -> type:
    """Make a kernel manager for one run.

    It starts this interpreter's ipykernel, whatever kernel the user may have installed under the name python3,
    and gives it its folder and variables without changing those of this process, so that runs can go on side by side.
    """
    import zmq
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            spec = get_kernel_dict(extra_arguments=["--HistoryManager.enabled=False"])
            return KernelSpec(**{**spec, "argv": [sys.executable, *spec["argv"][1:]]})

    class RunKernelManager(AsyncKernelManager):
        def _kernel_spec_manager_default(self) -> KernelSpecManager:
            return ThisPython(parent=self)

        def _transport_encryption_default(self) -> str:
            return "auto" if zmq.has("curve") else "disabled"  # so that no other user of the machine listens

        async def _async_start_kernel(self, **options: Any) -> Any:
            options["cwd"] = str(folder)
            options["env"] = {**os.environ, **options.get("env", {}), **variables}
            return await super()._async_start_kernel(**options)

        start_kernel = _async_start_kernel

    return RunKernelManager
