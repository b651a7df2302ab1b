"""A run's folder as an RO-Crate: what was run, on what, by what, and what came out, in terms other programs read.

It follows the Process Run Crate profile (https://w3id.org/ro/wfrun/process/0.5): one `CreateAction` whose instrument is the notebook, whose
objects are the tables and the parameters, and whose results are the files. Every time in it is from `run.json`.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab.results import record

if TYPE_CHECKING:
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

#: The file of the crate.
NAME = "ro-crate-metadata.json"

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"

#: The profile builds on this version of RO-Crate.
_VERSION = "1.1"

_TYPES = {
    ".ipynb": "application/x-ipynb+json",
    ".md": "text/markdown",
    ".lock": "text/plain",
    ".parquet": "application/vnd.apache.parquet",
    ".whl": "application/zip",
}
_ABOUT = {
    "notebook.ipynb": "The executed notebook, with its outputs",
    "notebook.html": "The report, to read; it needs no network",
    "notebook-without-code.html": "The report without code",
    "results.json": "Every figure, table and sentence that the run recorded",
    "run.json": "Which data, parameters, code and libraries made the run",
    "requirements.lock": "The libraries the run was made with",
    "HOW_TO_RERUN.md": "How to run it again, and check that the results agree",
    "REFERENCES.md": "The data: producers, licences, how to get what is not here",
    "data/catalog.json": "What the tables in data/ are",
}


def write(folder: Path, details: Mapping[str, Any], *, tables: Mapping[str, str] | None = None) -> None:
    """Write `ro-crate-metadata.json` for the files that are in the folder.

    Parameters
    ----------
    folder : Path
        The folder of a run, complete but for this file.
    details : mapping
        Its manifest.
    tables : mapping, optional
        Table of the catalogue -> its file, for those that are in the folder too (a shared one).
    """
    content = describe(folder, details, tables or {})
    record.write(folder / NAME, record.dump(content))


def describe(folder: Path, details: Mapping[str, Any], tables: Mapping[str, str]) -> dict[str, Any]:
    """Give the crate's content; see `write`."""
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version=_VERSION)
    crate.name = f"{details['title']}: {details['question']}"
    crate.description = _description(details)
    crate.datePublished = details["ended"]
    crate.license = _context(crate, "#licences", "CreativeWork", name=_LICENCES)
    profile = _context(
        crate, PROFILE, "CreativeWork", name="Process Run Crate", version=PROFILE.rpartition("/")[2]
    )
    crate.root_dataset["conformsTo"] = profile
    files = {path: _file(crate, folder, path, tables) for path in _paths(folder)}
    notebook = _notebook(crate, details, files)
    data = [_table(crate, name, table, files.get(tables.get(name, ""))) for name, table in _used(details)]
    own = [_own_file(crate, name, digest) for name, digest in details.get("files", {}).items()]
    values = [_parameter(crate, name, value) for name, value in details["parameters"].items()]
    agent = _context(
        crate,
        f"pkg:generic/mic2025lab@{details['package']['version']}",
        "SoftwareApplication",
        name="mic2025lab",
        softwareVersion=details["package"]["version"],
        sha256=details["package"]["sha256"],
        softwareRequirements=[_library(crate, *item) for item in details["libraries"].items()],
    )
    action = crate.add_action(
        notebook,
        identifier=f"#run-{details['run_id']}",
        object=[*data, *own, *values],
        result=[file for path, file in files.items() if path not in _INPUTS and not path.startswith(_AROUND)],
        properties={"@type": "CreateAction", **_ending(details)},
    )
    action["agent"] = agent
    crate.root_dataset["mentions"] = action
    return crate.metadata.generate()


_LICENCES = (
    "The code is BSD-3-Clause. The data keep the licences of their producers, which stand at each table."
)

#: Files that are no result of the run: what it is described by, and what a shared folder has in addition.
_INPUTS = ("run.json", "requirements.lock", "HOW_TO_RERUN.md", "REFERENCES.md", "LICENSE")
_AROUND = ("data/", "source/", "mic2025lab-")


def _description(details: Mapping[str, Any]) -> str:
    values = (
        ", ".join(f"{name}={value}" for name, value in details["changed"].items()) or "default parameters"
    )
    ended = "" if details["status"] == "done" else " It failed."
    return f"A run of the analysis {details['analysis']} of mic2025lab ({values}).{ended}"


def _ending(details: Mapping[str, Any]) -> dict[str, Any]:
    """Say when the run was and how it ended."""
    good = details["status"] == "done"
    state = "CompletedActionStatus" if good else "FailedActionStatus"
    told = {} if good else {"error": details["error"]}
    return {
        "name": f"Run {details['run_id']} of {details['analysis']}",
        "description": _description(details),
        "startTime": details["started"],
        "endTime": details["ended"],
        "actionStatus": f"http://schema.org/{state}",
        **told,
    }


def _paths(folder: Path) -> list[str]:
    """List the files of a folder in one order; hidden ones are not part of it."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if path.name != NAME and path.name[0] != ".")


def _file(crate: ROCrate, folder: Path, path: str, tables: Mapping[str, str]) -> Any:
    data = (folder / path).read_bytes()
    kind = _TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    properties = {
        "@type": ["File", "SoftwareSourceCode"] if path.startswith("source/") else "File",
        "name": _ABOUT.get(path, path),
        "encodingFormat": kind,
        "contentSize": str(len(data)),
        "sha256": sha256(data).hexdigest(),
    }
    return crate.add_file(dest_path=path, properties=properties)


def _notebook(crate: ROCrate, details: Mapping[str, Any], files: Mapping[str, Any]) -> Any:
    """Describe what was executed: the notebook's source, a file of its own in a shared folder."""
    source = f"source/{details['notebook']['file']}"
    about = {
        "name": f"{details['notebook']['file']}: {details['question']}",
        "version": details["notebook"]["sha256"][:12],
        "programmingLanguage": _context(
            crate, "#python", "ComputerLanguage", name="Python", version=details["python"]
        ),
    }
    if source in files:
        for key, value in about.items():
            files[source][key] = value
        return files[source]
    digest = details["notebook"]["sha256"]
    return _context(crate, f"#notebook-{digest[:12]}", "SoftwareSourceCode", sha256=digest, **about)


def _used(details: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return ((name, table) for name, table in details["tables"].items() if table["loaded"])


def _table(crate: ROCrate, name: str, table: Mapping[str, Any], file: Any) -> Any:
    """Describe a table with its licence and producers: the file in the folder, or what stands for one that is not here."""
    origins = table["origins"]
    about = {
        "name": f"{name}: {table['title']}",
        "sha256": table["sha256"],
        "version": "; ".join(table["vintages"] or dict.fromkeys(origin["version"] for origin in origins)),
        "license": _one([_licence(crate, text) for text in table["licence"]]),
        "producer": _one([_producer(crate, text) for text in dict.fromkeys(o["producer"] for o in origins)]),
        "isBasedOn": _one([_origin(crate, name, number, origin) for number, origin in enumerate(origins, 1)]),
    }
    if file is None:
        return _context(crate, f"#table-{name}", "CreativeWork", **about)
    for key, value in about.items():
        file[key] = value
    return file


def _origin(crate: ROCrate, table: str, number: int, origin: Mapping[str, Any]) -> ContextEntity:
    link = {"url": origin["url"]} if origin["url"] else {}
    return _context(
        crate,
        f"#origin-{table}-{number}",
        "CreativeWork",
        name=f"{origin['title']} ({origin['version']})",
        citation=origin["citation"],
        license=_licence(crate, origin["licence"]),
        producer=_producer(crate, origin["producer"]),
        **link,
    )


def _licence(crate: ROCrate, text: str) -> ContextEntity:
    return _context(crate, f"#licence-{_short(text)}", "CreativeWork", name=text)


def _producer(crate: ROCrate, name: str) -> ContextEntity:
    return _context(crate, f"#producer-{_short(name)}", "Organization", name=name)


def _own_file(crate: ROCrate, name: str, digest: str) -> ContextEntity:
    about = {"name": f"{name}: a file of the user's own, not kept", "sha256": digest}
    return _context(crate, f"#file-{digest[:12]}", "CreativeWork", **about)


def _parameter(crate: ROCrate, name: str, value: Any) -> ContextEntity:
    return _context(
        crate,
        f"#parameter-{name}",
        "PropertyValue",
        name=name,
        value=value if isinstance(value, str | bool | int | float) else record.dump(value).strip(),
    )


def _library(crate: ROCrate, name: str, version: str) -> ContextEntity:
    return _context(
        crate, f"pkg:pypi/{name}@{version}", "SoftwareApplication", name=name, softwareVersion=version
    )


def _context(crate: ROCrate, identifier: str, kind: str, **properties: Any) -> ContextEntity:
    """Add something the crate speaks of, once."""
    from rocrate.model.contextentity import ContextEntity

    there = crate.get(identifier)
    if there is not None:
        return there
    entity = ContextEntity(crate, identifier, properties={"@type": kind})
    crate.add(entity)
    for name, value in properties.items():
        entity[name] = value
    return entity


def _one(values: list[Any]) -> Any:
    """RO-Crate writes a list of one as that one."""
    return values[0] if len(values) == 1 else values


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
