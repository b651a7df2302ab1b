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

import jinja2

from mic2025lab import __version__, durable
from mic2025lab.catalog import vintages
from mic2025lab.catalog.entries import PACKAGE
from mic2025lab.catalog.overview import way
from mic2025lab.errors import LabError, SourceError, unknown_name
from mic2025lab.sources import TABLES
from mic2025lab.sources.fetch import locate
from mic2025lab.sources.source import Source
from mic2025lab.sources.table import Table


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
    tables = _named(names)
    raw: dict[tuple[str, str], Source] = {}
    for table in tables:
        for source, paths in table.inputs:
            raw |= {(source.id, path): source for path in paths if source.id != "mic2025lab"}
    allowed = {place: source for place, source in raw.items() if source.raw_embedded}
    if not allowed:
        raise LabError(
            f"No raw file of {', '.join(table.name for table in tables)} may be passed on, so there is nothing to archive."
        )
    found = _located(allowed, mirror)
    whole = [table.name for table in tables if _places(table) <= set(allowed)]
    partial = [table.name for table in tables if table.name not in whole]
    kept = {
        f"vintages/{table.name}/{name}": vintages.folder(table.name) / name
        for table in tables
        for vintage in [vintages.pins().get(table.name)]
        if vintage in vintages.kept(table.name) and table.embedded
        for name in (vintages.kept(table.name)[vintage].file, f"{vintage}.json")
    }
    files = {f"raw/{source}/{path}": file for (source, path), file in found.items()} | kept
    sums = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    texts = {
        "README.md": _readme(
            tables, whole, allowed, {p: s for p, s in raw.items() if p not in allowed}, sums
        ),
        "sha256sums.txt": "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())),
        "files.json": json.dumps(
            [_about(place, allowed[place]) for place in sorted(allowed)], indent=1, ensure_ascii=False
        )
        + "\n",
    }
    target = Path(out)
    _write(target, texts, files)
    return Archive(
        target,
        target.stat().st_size,
        tuple(whole),
        tuple(partial),
        tuple(sorted("/".join(place) for place in allowed)),
        tuple(sorted("/".join(place) for place in raw if place not in allowed)),
    )


def _named(names: Iterable[str] | None) -> list[Table]:
    if names is None:
        return [table for table in TABLES.values() if table.embedded]
    wanted = list(names)
    for name in wanted:
        if name not in TABLES:
            raise unknown_name("table", name, TABLES)
    return [table for name, table in TABLES.items() if name in wanted]


def _places(table: Table) -> set[tuple[str, str]]:
    return {
        (source.id, path) for source, paths in table.inputs if source.id != "mic2025lab" for path in paths
    }


def _located(
    allowed: Mapping[tuple[str, str], Source], mirror: Path | str | None
) -> dict[tuple[str, str], Path]:
    found, missing = {}, []
    for (_, path), source in allowed.items():
        try:
            found[source.id, path] = locate(source, path, mirror=mirror)
        except SourceError as error:
            missing.append(error)
    if missing:
        raise SourceError(
            f"{len(missing)} of {len(allowed)} raw files are not here, and nothing was written. The first: {missing[0]}"
        )
    return found


def _about(place: tuple[str, str], source: Source) -> dict[str, Any]:
    identifier, path = place
    how, address, note = way(source, source.file(path))
    return {
        "file": f"raw/{identifier}/{path}",
        "sha256": source.files[path],
        "producer": source.producer,
        "title": source.title,
        "version": source.version,
        "license": source.license,
        "citation": source.citation,
        "retrieved": source.retrieved,
        "page": source.url,
        "how": how,
        "address": address,
        "note": note,
    }


def _readme(
    tables: list[Table],
    whole: list[str],
    allowed: Mapping[tuple[str, str], Source],
    excluded: Mapping[tuple[str, str], Source],
    sums: Mapping[str, str],
) -> str:
    environment = jinja2.Environment(
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string((PACKAGE / "catalog" / "archive.md.j2").read_text(encoding="utf-8"))
    return template.render(
        version=__version__,
        tables=tables,
        whole=whole,
        sources=sorted({(id, source.title): source for (id, _), source in allowed.items()}.items()),
        files=sorted(allowed),
        excluded=[
            _about(place, source) | {"file": "/".join(place)} for place, source in sorted(excluded.items())
        ],
        vintages=[name for name in sums if name.startswith("vintages/") and not name.endswith(".json")],
        citations=sorted({source.citation for source in allowed.values()}),
    )


def _write(target: Path, texts: Mapping[str, str], files: Mapping[str, Path]) -> None:
    part = target.with_name(f".{target.name}.part")
    top = target.stem
    try:
        durable.make_folder(target.absolute().parent)
        with zipfile.ZipFile(part, "w") as made:
            for name in (*texts, *sorted(files)):
                info = zipfile.ZipInfo(
                    f"{top}/{name}"
                )  # with one date for all, so that the same files give the same bytes
                info.external_attr = 0o644 << 16
                info.create_system = 3
                info.compress_type = (
                    zipfile.ZIP_STORED if name.endswith((".gz", ".parquet")) else zipfile.ZIP_DEFLATED
                )
                made.writestr(info, texts[name] if name in texts else files[name].read_bytes())
        durable.replace(part, target)
    except OSError as error:
        raise LabError(
            f"{target} cannot be written: {error.strerror or error}. Choose another file."
        ) from error
    finally:
        part.unlink(missing_ok=True)
