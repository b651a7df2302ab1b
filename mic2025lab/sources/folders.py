"""The folders of raw files: the mirror and the cache. This module imports little, because every `load` needs it."""

from __future__ import annotations

import os
from pathlib import Path

from mic2025lab.errors import SourceError, shown


def named_folder(variable: str, path: str) -> Path:
    """Return the folder that an environment variable names.

    Raises
    ------
    SourceError
        If it begins with `~` and that user has no home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise SourceError(
            f"{variable} = {shown(path)} is not a folder: {error} Set it to an absolute path."
        ) from None


def mirror_dir() -> Path | None:
    """Return the folder of raw files named by `MIC2025LAB_MIRROR`, if any."""
    named = os.environ.get("MIC2025LAB_MIRROR")
    return named_folder("MIC2025LAB_MIRROR", named) if named else None


def cache_dir() -> Path:
    """Return the folder for downloads: `MIC2025LAB_CACHE`, else `raw` in the user's cache folder of this platform.

    Raises
    ------
    SourceError
        If `MIC2025LAB_CACHE` is not set and the user has no home folder, as in a container with an arbitrary user id.
    """
    named = os.environ.get("MIC2025LAB_CACHE")
    if named:
        return named_folder("MIC2025LAB_CACHE", named)
    from platformdirs import user_cache_path

    try:
        return user_cache_path("mic2025lab", appauthor=False) / "raw"
    except RuntimeError as error:
        raise SourceError(
            f"There is no folder for downloads and for tables built on this machine: {str(error).partition(';')[0]}. "
            "Set MIC2025LAB_CACHE to the absolute path of a folder that you can write to."
        ) from None
