"""A cell magic of the documentation: run commands of a terminal, and show them with their output."""

import subprocess
import sys
from pathlib import Path

from IPython.core.magic import register_cell_magic


@register_cell_magic
def console(line: str, cell: str) -> None:
    """Run each line; the folder of the page is shown as ~/my-project, and the expected exit status stands in `line`."""
    for command in cell.strip().splitlines():
        done = subprocess.run(command, shell=True, capture_output=True, text=True)  # noqa: S602
        said = (done.stdout + done.stderr).replace(str(Path.cwd()), "~/my-project")
        said = said.replace(str(Path(sys.executable).parent), "~/my-project/.venv/bin")
        print(f"$ {command}\n{said}".rstrip())
        if done.returncode != int(line or 0):
            raise RuntimeError(f"`{command}` ended with status {done.returncode}:\n{said}")
