"""Folders that appear whole or not at all: made aside, moved into place by one rename."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mic2025lab.errors import RunError

_PREFIX = ".tmp-"
_REPLACED = ".replaced"  # a text in a set-aside folder's parent: where the folder was


@contextlib.contextmanager
def workspace(reports: Path) -> Iterator[Path]:
    """Give an empty folder inside `reports`, on the same file system as its runs; removed afterwards.

    Raises
    ------
    RunError
        If `reports` cannot be written in.
    """
    try:
        reports.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=reports))
    except OSError as error:
        raise RunError(
            f"Reports cannot be written to {reports}: {error.strerror or error}. Choose another folder with --reports."
        ) from error
    try:
        yield folder
    finally:
        _settle(folder)


def publish(made: Path, final: Path, *, aside: Path) -> None:
    """Move a finished folder to its place. A folder that is there is set aside first, and put back if the move fails.

    Parameters
    ----------
    made : Path
        The finished folder, inside a workspace.
    final : Path
        Where it belongs.
    aside : Path
        The workspace; a process that is killed between the two moves leaves the earlier folder there, and
        `sweep` puts it back.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        kept = aside / "replaced"
        (aside / _REPLACED).write_text(json.dumps(str(final.relative_to(aside.parent))), encoding="utf-8")
        final.rename(kept)
    made.rename(final)


def sweep(reports: Path) -> list[Path]:
    """Remove what processes that no longer live have left half made, and put back what they had set aside.

    Returns
    -------
    list of Path
        What was removed.
    """
    stale = []
    for folder in sorted(reports.glob(f"{_PREFIX}*")):
        number = folder.name.removeprefix(_PREFIX).split("-")[0]
        if number.isdigit() and not _alive(int(number)):
            _settle(folder)
            stale.append(folder)
    return stale


def _settle(folder: Path) -> None:
    """Put back a folder that was set aside for one that never came, then remove the workspace."""
    note, kept = folder / _REPLACED, folder / "replaced"
    if note.is_file() and kept.is_dir():
        final = folder.parent / json.loads(note.read_text(encoding="utf-8"))
        if not final.exists():
            kept.rename(final)
    shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    if os.name == "nt":  # signal 0 ends a process there
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
