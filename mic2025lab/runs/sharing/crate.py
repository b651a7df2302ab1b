"""A run's folder as an RO-Crate: a description of inputs, software, and outputs that other programs can read.

It follows the Process Run Crate profile (https://w3id.org/ro/wfrun/process/0.5): one `CreateAction` whose instrument is the notebook, whose
objects are the tables and the parameters, and whose results are the files. Every time in it is from `run.json`.
"""

from __future__ import annotations

import mimetypes
import tomllib
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab.results.files import MANIFEST, dump
from mic2025lab.results.files import write as write_file
from mic2025lab.results.run import Manifest, Origin, Run, SourceTable

if TYPE_CHECKING:
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

#: The file of the crate.
NAME = "ro-crate-metadata.json"

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"

#: The profile builds on this version of RO-Crate.
_VERSION = "1.1"

#: What files are, by their name or the end of it.
_FILES = tomllib.loads(Path(__file__).with_name("crate.toml").read_text(encoding="utf-8"))


def write(run: Run, *, tables: Mapping[str, str] | None = None) -> None:
    """Write `ro-crate-metadata.json` for the files in the folder.

    Parameters
    ----------
    run : Run
        A run whose folder is complete except for this file and its manifest.
    tables : mapping, optional
        Table of the catalog -> its file, for those that are in the folder too (a shared one).
    """
    write_file(run.folder / NAME, dump(describe(run.folder, run.manifest, tables or {})))


def describe(folder: Path, manifest: Manifest, tables: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of the file; see `write`."""
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version=_VERSION)
    crate.name = f"{manifest.title}: {manifest.question}"
    good = manifest.status == "done"
    values = ", ".join(f"{name}={value}" for name, value in manifest.changed.items()) or "default parameters"
    made = f"A run of the analysis {manifest.analysis} of mic2025lab ({values})."
    crate.description = made if good else f"{made} It failed."
    crate.datePublished = _moment(manifest.ended)
    crate.license = _context(crate, "#licenses", "CreativeWork", name=_LICENSES)
    profile = _context(
        crate, PROFILE, "CreativeWork", name="Process Run Crate", version=PROFILE.rpartition("/")[2]
    )
    crate.root_dataset["conformsTo"] = profile
    files = {path: _file(crate, folder, path, tables) for path in _paths(folder)}
    notebook = _notebook(crate, manifest, files)
    used = [(name, table) for name, table in manifest.tables.items() if table.loaded]
    data = [_table(crate, name, table, files.get(tables.get(name, ""))) for name, table in used]
    own = [
        _context(crate, f"#file-{digest[:12]}", "CreativeWork", name=f"{name}: {_NOT_KEPT}", sha256=digest)
        for name, digest in manifest.files.items()
    ]
    parameters = [_parameter(crate, name, value) for name, value in manifest.parameters.items()]
    libraries = [_software(crate, "pypi", *item) for item in manifest.libraries.items()]
    package = manifest.package
    agent = _software(crate, "generic", "mic2025lab", package.version, sha256=package.sha256)
    agent["softwareRequirements"] = libraries
    crate.root_dataset["mentions"] = _context(
        crate,
        f"#run-{manifest.run_id}",
        "CreateAction",
        name=f"Run {manifest.run_id} of {manifest.analysis}",
        description=crate.description,
        startTime=_moment(manifest.started),
        endTime=_moment(manifest.ended),
        actionStatus=f"http://schema.org/{'Completed' if good else 'Failed'}ActionStatus",
        instrument=notebook,
        agent=agent,
        object=[*data, *own, *parameters],
        result=[file for path, file in files.items() if path not in _INPUTS and not path.startswith(_AROUND)],
        **({} if good else {"error": manifest.error}),
    )
    return crate.metadata.generate()


_NOT_KEPT = "a file of the user's own, not kept"
_LICENSES = "The code is BSD-3-Clause. The data keep the licenses of their producers, which are given with each table."

#: Files that are not results of the run: its descriptions, and what a shared folder has in addition.
_INPUTS = ("run.json", "requirements.lock", "HOW_TO_RERUN.md", "REFERENCES.md", "LICENSE")
_AROUND = ("data/", "docs/", "source/", "mic2025lab-")


def _moment(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds")


def _paths(folder: Path) -> list[str]:
    """List the files of a folder, sorted and without hidden ones."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    names = {path.as_posix() for path in found if path.name != NAME and path.name[0] != "."}
    return sorted(names | {MANIFEST})


def _file(crate: ROCrate, folder: Path, path: str, tables: Mapping[str, str]) -> Any:
    kind = (
        _FILES["types"].get(Path(path).suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    )
    properties = {
        "@type": ["File", "SoftwareSourceCode"] if path.startswith("source/") else "File",
        "name": _FILES["names"].get(path, path),
        "encodingFormat": kind,
    }
    if path != MANIFEST:  # which is written last, because it holds the hash of this description
        data = (folder / path).read_bytes()
        properties |= {"contentSize": str(len(data)), "sha256": sha256(data).hexdigest()}
    return crate.add_file(dest_path=path, properties=properties)


def _notebook(crate: ROCrate, manifest: Manifest, files: Mapping[str, Any]) -> Any:
    """Describe the notebook, which is a file in a shared folder only."""
    digest = manifest.notebook.sha256
    about = {
        "name": f"{manifest.notebook.file}: {manifest.question}",
        "version": digest[:12],
        "sha256": digest,
        "programmingLanguage": _context(
            crate, "#python", "ComputerLanguage", name="Python", version=manifest.python
        ),
    }
    file = files.get(f"source/{manifest.notebook.file}")
    if file is not None:
        del about["sha256"]  # that of its cells; the file has its own
    return _described(crate, file, f"#notebook-{digest[:12]}", "SoftwareSourceCode", about)


def _table(crate: ROCrate, name: str, table: SourceTable, file: Any) -> Any:
    """Describe a table with its license and producers: a file in the folder, or an entity without a file."""
    origins, producers = table.origins, dict.fromkeys(origin.producer for origin in table.origins)
    about = {
        "name": f"{name}: {table.title}",
        "sha256": table.sha256,
        "version": "; ".join(table.vintages or dict.fromkeys(origin.version for origin in origins)),
        "license": _one([_named(crate, "license", text) for text in table.license]),
        "producer": _one([_named(crate, "producer", text) for text in producers]),
        "isBasedOn": _one([_origin(crate, name, number, origin) for number, origin in enumerate(origins, 1)]),
    }
    return _described(crate, file, f"#table-{name}", "CreativeWork", about)


def _origin(crate: ROCrate, table: str, number: int, origin: Origin) -> ContextEntity:
    return _context(
        crate,
        f"#origin-{table}-{number}",
        "CreativeWork",
        name=f"{origin.title} ({origin.version})",
        citation=origin.citation,
        license=_named(crate, "license", origin.license),
        producer=_named(crate, "producer", origin.producer),
        **({"url": origin.url} if origin.url else {}),
    )


def _named(crate: ROCrate, what: str, name: str) -> ContextEntity:
    """Add a license or a producer, which has no address of its own."""
    kind = "Organization" if what == "producer" else "CreativeWork"
    return _context(crate, f"#{what}-{sha256(name.encode()).hexdigest()[:12]}", kind, name=name)


def _software(crate: ROCrate, index: str, name: str, version: str, **more: Any) -> ContextEntity:
    identifier = f"pkg:{index}/{name}@{version}"
    return _context(crate, identifier, "SoftwareApplication", name=name, softwareVersion=version, **more)


def _parameter(crate: ROCrate, name: str, value: Any) -> ContextEntity:
    text = value if isinstance(value, str | bool | int | float) else dump(value).strip()
    return _context(crate, f"#parameter-{name}", "PropertyValue", name=name, value=text)


def _context(crate: ROCrate, identifier: str, kind: str, **properties: Any) -> ContextEntity:
    """Add an entity that has no file. It replaces an earlier entity with the same id."""
    from rocrate.model.contextentity import ContextEntity

    return crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **properties}))


def _described(crate: ROCrate, file: Any, identifier: str, kind: str, about: Mapping[str, Any]) -> Any:
    """Describe a file of the folder, or, if it is not there, an entity without a file."""
    if file is None:
        return _context(crate, identifier, kind, **about)
    for key, value in about.items():
        file[key] = value
    return file


def _one(values: list[Any]) -> Any:
    """Return the only element of a list of one, as RO-Crate writes it."""
    return values[0] if len(values) == 1 else values
