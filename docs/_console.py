"""A cell magic of the documentation: run commands of a terminal, and show them with their output."""

import os
import subprocess
import sys
from pathlib import Path

from IPython.core.magic import register_cell_magic

PLACES = {
    str(Path.cwd()): "~/my-project",
    str(Path(sys.executable).parent): "~/my-project/.venv/bin",
    os.environ["MIC2025LAB_CACHE"]: "~/.cache/mic2025lab",
}


@register_cell_magic
def console(line: str, cell: str) -> None:
    """Run each line; the folder of the page is shown as ~/my-project, and the expected exit status stands in `line`."""
    for command in cell.strip().splitlines():
        done = subprocess.run(command, shell=True, capture_output=True, text=True)
        said = done.stdout + done.stderr
        for path, shown in PLACES.items():
            said = said.replace(path, shown)
        print(f"$ {command}\n{said}".rstrip())
        if done.returncode != int(line or 0):
            raise RuntimeError(f"`{command}` ended with status {done.returncode}:\n{said}")
