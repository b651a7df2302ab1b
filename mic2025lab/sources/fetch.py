"""Raw files: found in a mirror or in the cache, or downloaded; always checked against their sha256."""

from __future__ import annotations

import re
from pathlib import Path

from mic2025lab.errors import SourceError
from mic2025lab.sources import originals
from mic2025lab.sources._http import download, sha256_of
from mic2025lab.sources.folders import cache_dir, mirror_dir
from mic2025lab.sources.source import Source

#: "owner/name (commit 0123…)" or "owner/name (path at commit 0123…)", in what a raw file was made from.
_REPOSITORY = re.compile(r"([\w.-]+/[\w.-]+) \((?:[^()]* at )?commit ([0-9a-f]{40})\)")
_BY_HAND = re.compile(r"typed|read on|by hand|looked up|from the pages")


def locate(
    source: Source, path: str, *, mirror: Path | str | None = None, cache: Path | str | None = None
) -> Path:
    """Find a raw file: in the mirror, then in the cache, then at its public address, or made of its originals.

    Parameters
    ----------
    source : Source
        The publication the file belongs to.
    path : str
        The file, relative to the source's folder.
    mirror, cache : path, optional
        Used instead of `MIC2025LAB_MIRROR` and `MIC2025LAB_CACHE`. Both are laid out as `<source id>/<path>`.

    Returns
    -------
    pathlib.Path
        A file whose sha256 is the pinned one.

    Raises
    ------
    SourceError
        If the file cannot be found (says what to get and where to put it), if the server refuses (url and status), or if the
        file does not have the pinned hash (both hashes). Tables that were built before do not change.
    """
    source.check(path)
    mirrored = Path(mirror).expanduser() if mirror else mirror_dir()
    folder = (Path(cache).expanduser() if cache else cache_dir()) / source.id
    target = folder / path
    for candidate in (mirrored / source.id / path if mirrored else None, target):
        if candidate is not None and candidate.is_file():
            return _checked(candidate, source, path)
    if path in source.urls:
        download(source.urls[path], target, sha256=source.files[path], what=f"{source.id}/{path}")
        return target
    if originals.addresses(source, path):
        return originals.make(source, path, folder)
    raise SourceError(_how_to_get(source, path, target))


def can_get(source: Source, path: str) -> bool:
    """Return True if a raw file is in the mirror or the cache, or has a public address, or its originals have."""
    mirrored = mirror_dir()
    try:
        places = [cache_dir()] if mirrored is None else [mirrored, cache_dir()]
    except SourceError:  # no home folder
        places = [] if mirrored is None else [mirrored]
    public = way(source, path)[0] == "address"
    return public or any((place / source.id / path).is_file() for place in places)


def _checked(place: Path, source: Source, path: str) -> Path:
    found = sha256_of(place)
    if found != source.files[path]:
        raise SourceError(
            f"{place} is not the file that {source.id} was built from.\n"
            f"  sha256 of the file:  {found}\n"
            f"  sha256 expected:     {source.files[path]}\n"
            "Either the file is damaged (replace or remove it), or the producer has revised it (enter the new hash and vintage "
            "in mic2025lab/sources). The tables in data/ do not change."
        )
    return place


def _how_to_get(source: Source, path: str, target: Path) -> str:
    _, address, note = way(source, path)
    return (
        f"{source.id}/{path} is needed, and no public address has exactly this file. {note} {address}\n"
        f"Put the file (sha256 {source.files[path]}) at {target}, or set MIC2025LAB_MIRROR to a folder that has it as "
        f"{source.id}/{path}. The tables in data/ can be used without it."
    )


def way(source: Source, path: str) -> tuple[str, str, str]:
    """Return how a stranger gets a raw file, the address, and what to know."""
    made_from, page = source.note(path), source.url or ""
    if source.id == "mic2025lab":
        return "package", "", made_from
    if path in source.urls:
        return "address", source.urls[path], made_from
    made_of = originals.addresses(source, path)
    if made_of:
        several = f" and {len(made_of) - 1} more" if len(made_of) > 1 else ""
        note = f"`data build` makes it of {next(iter(made_of))}{several}, or of yours in {source.id}/{originals.FOLDER}."
        return "address", next(iter(made_of.values())), note
    found = _REPOSITORY.search(made_from)
    if _BY_HAND.search(made_from) and not found:
        note = f"Nobody publishes it ({made_from}). An archive of `mic2025lab data archive` has it."
        return "not", page, note
    tree = f"https://github.com/{found[1]}/tree/{found[2]}" if found else page
    return "by hand", tree, f"Made from {made_from}."
