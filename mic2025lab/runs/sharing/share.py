"""A run as one file for someone who has nothing: report, notebook, data where their licences allow, libraries, package, instructions."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mic2025lab import analyses, catalog
from mic2025lab.catalog import Dataset
from mic2025lab.errors import RunError
from mic2025lab.results import record
from mic2025lab.runs import environment, identity, scrub
from mic2025lab.runs.changes import compare
from mic2025lab.runs.pages import html
from mic2025lab.runs.sharing import archive, crate, documents
from mic2025lab.runs.sharing.verify import source

#: What a run from before this version of the manifest does not say.
_NEEDED = ("environment", "platform", "files", "notebook")

#: Folders and files whose bytes are vouched for by a checksum, and are not scrubbed.
_AS_IS = ("data/", archive.WHEEL)


@dataclass(frozen=True)
class Shared:
    """What was packed.

    Attributes
    ----------
    path : Path
        The zip file.
    size : int
        Its bytes.
    included : tuple of str
        The tables that are in it.
    referenced : tuple of str
        The tables and files that are not: their licence, their size or their owner does not allow it.
    stale : tuple of str
        What is not here any more as the run was made: making it again may give other results.
    """

    path: Path
    size: int
    included: tuple[str, ...]
    referenced: tuple[str, ...]
    stale: tuple[str, ...]


def share(folder: str | Path, out: str | Path, *, as_is: bool = False) -> Shared:
    """Pack a run into one zip file that can be opened, read and run again anywhere.

    Parameters
    ----------
    folder : path
        The folder of a good run.
    out : path
        The zip file to write; one that is there is replaced once the new one is whole.
    as_is : bool
        Also pack a run whose code or data are not those that are here now. The package in the zip is then not the one that made the
        run, tables that have changed are named and not packed, and the instructions say so.

    Returns
    -------
    Shared
        What is in it. The same run gives the same bytes.

    Raises
    ------
    RunError
        If the run failed, was made by an earlier version, or is no longer what would be made here; or `out` cannot be written.
    """
    folder, out = Path(folder), Path(out)
    details = compare.read(folder)
    if details["status"] != "done":
        raise RunError(f"{folder.name} failed ({details.get('error')}); only a good run can be shared.")
    again = f"make it again with: mic2025lab run {documents.command_words(details)} --force"
    missing = [part for part in _NEEDED if part not in details]
    if missing:
        raise RunError(
            f"{folder.name} was made by an earlier version ({', '.join(missing)} not kept); {again}"
        )
    stale = _stale(details)
    if stale and not as_is:
        raise RunError(
            f"{folder.name} was made with other {' and '.join(stale)} than are here now, so whoever gets it could not make it again; "
            f"{again}, or share it as it is with --as-is."
        )
    tables = _tables(details)
    with tempfile.TemporaryDirectory(prefix="mic2025lab-") as place:
        stage = Path(place) / "stage"
        _fill(stage, folder, details, tables, stale)
        top = f"{details['analysis']}-{details['run_id']}"
        files = {f"{top}/{path.relative_to(stage).as_posix()}": path.read_bytes() for path in _all(stage)}
    _refuse_keys(files)
    data = archive.pack(files, details["ended"])
    try:
        record.write(out, data)
    except OSError as error:
        raise RunError(
            f"{out} cannot be written: {error.strerror or error}. Choose another file with -o."
        ) from error
    referenced = (*(name for name in details["tables"] if name not in tables), *details["files"])
    return Shared(out, len(data), tuple(tables), referenced, stale)


def _stale(details: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what is not here any more as the run was made."""
    found = []
    if details["package"]["sha256"] != identity.code_digest():
        found.append("code")
    known = catalog.catalog()
    if any(
        name in known and known[name].sha256 != table["sha256"] for name, table in details["tables"].items()
    ):
        found.append("data")
    return tuple(found)


def _tables(details: Mapping[str, Any]) -> dict[str, Dataset]:
    """Choose the tables that can be packed: passed on by their licence, whole in one file, and still the ones that were used."""
    known = catalog.catalog()
    return {
        name: known[name]
        for name, table in details["tables"].items()
        if name in known
        and known[name].where == "embedded"
        and known[name].format != "partitioned"
        and known[name].sha256 == table["sha256"]
    }


def _fill(
    stage: Path,
    folder: Path,
    details: Mapping[str, Any],
    tables: Mapping[str, Dataset],
    stale: tuple[str, ...],
) -> None:
    import nbformat

    shutil.copytree(folder, stage, ignore=shutil.ignore_patterns(".*", crate.NAME))
    notebook = nbformat.read(stage / "notebook.ipynb", as_version=4)
    for name, code in (("notebook.html", True), ("notebook-without-code.html", False)):
        record.write(stage / name, html.page(notebook, details, stage, code=code, back=None))
    _write_source(stage, notebook, details)
    places = _write_data(stage, tables)
    record.write(stage / "requirements.lock", environment.lock(details["environment"]))
    record.write(stage / "LICENSE", archive.licence())
    record.write(stage / "REFERENCES.md", documents.references(details, tables))
    record.write(stage / "HOW_TO_RERUN.md", documents.instructions(details, tables, stale))
    record.write(stage / archive.WHEEL, archive.wheel(details["ended"]))
    rules = scrub.machine(words=(stage / "notebook.ipynb").read_text(encoding="utf-8"))
    hidden = scrub.secrets()
    for path in _all(stage):
        if not path.relative_to(stage).as_posix().startswith(_AS_IS):
            scrub.scrub_file(path, hidden, rules)
    crate.write(stage, details, tables=places)


def _write_source(stage: Path, notebook: Any, details: Mapping[str, Any]) -> None:
    """Write the notebook without outputs: the file itself if it is still the one that was run, else what is left of it."""
    import nbformat

    path = stage / "source" / details["notebook"]["file"]
    path.parent.mkdir()
    known = analyses.ANALYSES.get(details["analysis"])
    if known and identity.notebook_digest(known) == details["notebook"]["sha256"]:
        path.write_bytes(known.read_bytes())
    else:
        nbformat.write(source(notebook), path)


def _write_data(stage: Path, tables: Mapping[str, Dataset]) -> dict[str, str]:
    """Copy tables and what the catalogue says of them; give where each is."""
    entries = {}
    for name, entry in tables.items():
        content = json.loads((entry.folder / "catalog.json").read_text(encoding="utf-8"))
        entries[name] = content["tables"][name]
        target = stage / "data" / entry.file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(catalog.verified_path(entry).read_bytes())
    # Not sorted: the order of columns is that of the table.
    text = json.dumps({"format": 1, "tables": entries}, indent=1, ensure_ascii=False) + "\n"
    record.write(stage / "data" / "catalog.json", text)
    return {name: f"data/{entry.file}" for name, entry in tables.items()}


def _all(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _refuse_keys(files: Mapping[str, bytes]) -> None:
    """Stop if the value of a key is in what was to be packed all the same: in a table, or in the package."""
    hidden = scrub.secrets()
    for name, data in files.items():
        text = data.decode("utf-8", errors="surrogateescape")
        if hidden and scrub.scrub_text(text, hidden) != text:
            raise RunError(
                f"{name} holds the value of an environment variable that looks like a key ({', '.join(hidden.values())}); "
                "nothing was written. Unset the variable if it is no key."
            )
