"""A replication archive: the raw files of tables, as far as their licenses allow, in one zip that can be deposited.

Unzipped, its folder `raw` is what `MIC2025LAB_MIRROR` names, so the tables can be built again from it alone.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mic2025lab import durable
from mic2025lab.catalog import vintages
from mic2025lab.catalog.build import chosen
from mic2025lab.catalog.entries import PACKAGE
from mic2025lab.errors import LabError, SourceError
from mic2025lab.sources.fetch import locate, way
from mic2025lab.sources.source import Source
from mic2025lab.sources.table import Table
from mic2025lab.templates import render
from mic2025lab.version import __version__


@dataclass(frozen=True)
class Archive:
    """What is in an archive.

    Attributes
    ----------
    path : Path
        The zip.
    bytes : int
        Its size.
    tables, partial : tuple of str
        The tables that can be built from it alone, and those of which some raw file may not be in it.
    files, excluded : tuple of str
        The raw files in it, and those that may not be, as `source/file`.
    """

    path: Path
    bytes: int
    tables: tuple[str, ...]
    partial: tuple[str, ...]
    files: tuple[str, ...]
    excluded: tuple[str, ...]


def archive(
    out: Path | str, names: Iterable[str] | None = None, *, mirror: Path | str | None = None
) -> Archive:
    """Write the raw files of tables to a zip, with checksums, citations, and a README for a data editor.

    Parameters
    ----------
    out : path
        The zip; an older one is replaced when the new one is complete.
    names : iterable of str, optional
        The tables; by default all that come with the package.
    mirror : path, optional
        A folder of raw files; `MIC2025LAB_MIRROR` by default. Files are otherwise taken from the cache, or downloaded.

    Returns
    -------
    Archive
        The same files give the same bytes.

    Raises
    ------
    UnknownName
        If there is no such table.
    SourceError
        If a raw file cannot be found or is not the expected one; the message says how many are missing, and how to get the first.
    LabError
        If no raw file of the tables may be passed on.
    """
    tables = chosen(names)
    raw = {place: source for table in tables for place, source in _files(table).items()}
    allowed = {place: source for place, source in sorted(raw.items()) if source.raw_embedded}
    excluded = [_about(place, source) for place, source in sorted(raw.items()) if place not in allowed]
    if not allowed:
        raise LabError(
            f"No raw file of {', '.join(table.name for table in tables)} may be passed on, so there is nothing to archive."
        )
    whole = [table.name for table in tables if set(_files(table)) <= set(allowed)]
    files = {f"raw/{place}": path for place, path in _located(allowed, mirror).items()}
    kept = {name: path for table in tables for name, path in _vintage(table).items()}
    sums = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in (files | kept).items()}
    about = [_about(place, source) | {"file": f"raw/{place}"} for place, source in allowed.items()]
    readme = render(
        PACKAGE / "catalog" / "archive.md.j2",
        version=__version__,
        tables=[table.name for table in tables],
        whole=whole,
        sources=sorted({(source.id, source.title): source for source in allowed.values()}.items()),
        files=list(allowed),
        excluded=excluded,
        vintages=[name for name in kept if not name.endswith(".json")],
        citations=sorted({source.citation for source in allowed.values()}),
    )
    texts = {
        "README.md": readme,
        "sha256sums.txt": "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())),
        "files.json": json.dumps(about, indent=1, ensure_ascii=False) + "\n",
    }
    target = Path(out)
    _write(target, texts, files | kept)
    partial = tuple(table.name for table in tables if table.name not in whole)
    left_out = tuple(one["file"] for one in excluded)
    return Archive(target, target.stat().st_size, tuple(whole), partial, tuple(allowed), left_out)


def _files(table: Table) -> dict[str, Source]:
    """Return the raw files of a table, as `source/file`, except those of the package itself."""
    return {
        f"{source.id}/{path}": source
        for source, paths in table.inputs
        for path in paths
        if source.id != "mic2025lab"
    }


def _vintage(table: Table) -> dict[str, Path]:
    """Return the files of the fetched vintage of a table that is in use and may be passed on, if there is one."""
    vintage = vintages.pins().get(table.name)
    used = vintages.kept(table.name).get(vintage or "")
    if used is None or not table.embedded:
        return {}
    return {f"vintages/{table.name}/{name}": used.folder / name for name in (used.file, f"{vintage}.json")}


def _located(allowed: Mapping[str, Source], mirror: Path | str | None) -> dict[str, Path]:
    found, missing = {}, []
    for place, source in allowed.items():
        try:
            found[place] = locate(source, place.partition("/")[2], mirror=mirror)
        except SourceError as error:
            missing.append(error)
    if missing:
        raise SourceError(
            f"{len(missing)} of {len(allowed)} raw files are not here, and nothing was written. The first: {missing[0]}"
        )
    return found


def _about(place: str, source: Source) -> dict[str, Any]:
    path = place.partition("/")[2]
    how, address, note = way(source, path)
    told = ("producer", "title", "version", "license", "citation", "retrieved")
    return {
        "file": place,
        "sha256": source.files[path],
        **{name: getattr(source, name) for name in told},
        **{"page": source.url, "how": how, "address": address, "note": note},
    }


def _write(target: Path, texts: Mapping[str, str], files: Mapping[str, Path]) -> None:
    part = target.with_name(f".{target.name}.part")
    top = target.stem
    try:
        durable.make_folder(target.absolute().parent)
        with zipfile.ZipFile(part, "w") as made:
            for name in (*texts, *sorted(files)):
                # With one date for all, so that the same files give the same bytes:
                info = zipfile.ZipInfo(f"{top}/{name}")
                info.external_attr = 0o644 << 16
                info.create_system = 3
                packed = name.endswith((".gz", ".parquet"))
                info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
                made.writestr(info, texts[name] if name in texts else files[name].read_bytes())
        durable.replace(part, target)
    except OSError as error:
        raise LabError(
            f"{target} cannot be written: {error.strerror or error}. Choose another file."
        ) from error
    finally:
        part.unlink(missing_ok=True)
