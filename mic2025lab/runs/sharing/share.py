"""A run as one zip file for somebody who has nothing: report, notebook, data where their licenses allow, libraries, package, instructions."""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mic2025lab import catalog
from mic2025lab.catalog import SCANNED, Dataset
from mic2025lab.errors import LabError, RunError
from mic2025lab.results import files, record
from mic2025lab.results.run import Manifest, Run
from mic2025lab.runs import identity, keys, scrub
from mic2025lab.runs.notebook_files import nbformat, source_bytes
from mic2025lab.runs.pages import cited, html
from mic2025lab.runs.sharing import archive, crate
from mic2025lab.sources.source import EMBEDDED
from mic2025lab.templates import render


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
        The tables in it.
    referenced : tuple of str
        The tables and files that are not in it, because of their license, size, or owner.
    stale : tuple of str
        What has changed since the run, so that running it again may give other results.
    """

    path: Path
    size: int
    included: tuple[str, ...]
    referenced: tuple[str, ...]
    stale: tuple[str, ...]


def share(run: str | Path | Run, out: str | Path, *, as_is: bool = False) -> Shared:
    """Pack a run into one zip file that can be opened, read, and run again anywhere.

    Parameters
    ----------
    run : path or Run
        A good run.
    out : path
        The zip file to write. An existing file is replaced once the new one is complete.
    as_is : bool
        Also pack a run whose code or data have changed since. The zip then holds today's package, names the changed tables
        without packing them, and says so in the instructions.

    Returns
    -------
    Shared
        What is in it. The same run gives the same bytes.

    Raises
    ------
    RunError
        If the run failed, was made by an earlier version, or code or data have changed since; or `out` cannot be written.
    """
    run, out = Run.read(run), Path(out)
    name, manifest = run.folder.name, run.manifest
    if not run.good:
        raise RunError(f"{name} failed ({manifest.error}). Only a good run can be shared.")
    again = f"Run it again: mic2025lab run {command_words(manifest)} --force"
    if not manifest.environment or not manifest.platform or not manifest.contents:
        raise RunError(
            f"{name} was made by an earlier version, which did not record its libraries and files. {again}"
        )
    damaged = run.damaged()
    if damaged:
        raise RunError(
            f"{name} is damaged: {', '.join(damaged)} changed or went missing after the run. {again}"
        )
    stale = _stale(manifest)
    if stale and not as_is:
        raise RunError(
            f"{name}: {' and '.join(stale)} changed since the run, so nobody could reproduce it. "
            f"{again}, or share it as it is with --as-is."
        )
    tables, package = _tables(manifest), archive.package()
    with tempfile.TemporaryDirectory(prefix="mic2025lab-") as place:
        stage = Path(place) / "stage"
        _fill(stage, run, tables, stale, package)
        top = f"{run.analysis}-{run.run_id}"
        paths = sorted(path for path in stage.rglob("*") if path.is_file())
        packed = {f"{top}/{path.relative_to(stage).as_posix()}": path.read_bytes() for path in paths}
    _refuse_keys(packed | package)
    data = archive.pack(packed, manifest.ended)
    files.write_output(out, data)
    referenced = (
        *(table for table in manifest.tables if table not in tables),
        *left_out(manifest, tables),
    )
    return Shared(out, len(data), tuple(tables), referenced, stale)


def _stale(manifest: Manifest) -> tuple[str, ...]:
    """Return which of code and data have changed since the run."""
    known = catalog.catalog()
    code = manifest.package.sha256 != identity.code_digest()
    data = any(
        name in known and known[name].sha256 != table.sha256 for name, table in manifest.tables.items()
    )
    return tuple(name for name, changed in (("code", code), ("data", data)) if changed)


def _tables(manifest: Manifest) -> dict[str, Dataset]:
    """Choose the tables to pack: redistributable, in one file, and unchanged since the run."""
    known = catalog.catalog()
    for name in manifest.tables:
        if "@" in name:
            with suppress(LabError):
                known[name] = catalog.entry(name)
    return {
        name: known[name]
        for name, table in manifest.tables.items()
        if name in known
        and known[name].redistributable in EMBEDDED
        and known[name].format != "partitioned"
        and known[name].sha256 == table.sha256
    }


def _fill(
    stage: Path,
    run: Run,
    tables: Mapping[str, Dataset],
    stale: tuple[str, ...],
    package: Mapping[str, bytes],
) -> None:
    """Write what is packed: the files that the manifest lists, what is made from them, and the data."""
    manifest, staged = run.manifest, Run(stage, run.manifest)
    for name in {*manifest.contents, files.MANIFEST} - {crate.NAME}:
        files.write(stage / name, (run.folder / name).read_bytes())
    hidden = scrub.secrets()
    rules = scrub.machine(words=(stage / "notebook.ipynb").read_text(encoding="utf-8"))
    scrub.scrub_folder(stage, hidden, rules)
    record.hash_tables(stage)
    notebook = nbformat.read(stage / "notebook.ipynb", as_version=4)
    files.write(stage / "notebook.html", html.page(staged, notebook, back=None))
    contents = files.listing(stage)
    del contents[files.MANIFEST]
    details = files.load(stage / files.MANIFEST) | {"contents": contents}
    written: dict[str, str | bytes] = {
        **cited.pages(),
        files.MANIFEST: files.dump(details),
        "notebook-without-code.html": html.page(staged, notebook, code=False, back=None),
        f"source/{manifest.notebook.file}": source_bytes(stage / "notebook.ipynb"),
        "requirements.lock": "".join(
            f"{name}=={version}\n" for name, version in manifest.environment.items()
        ),
        "LICENSE": package[archive.LICENSE],
        **{name: _document(name, manifest, tables, stale) for name in ("REFERENCES.md", "HOW_TO_RERUN.md")},
    }
    for name, content in written.items():
        files.write(stage / name, content)
        scrub.scrub_file(stage / name, hidden, rules)
    files.write(stage / archive.WHEEL, archive.wheel(package, manifest.ended))
    crate.write(staged, tables=_write_data(stage, tables))


def command_words(manifest: Manifest, notebook: str | None = None) -> str:
    """Return the analysis (or the path of its notebook) and its changed parameters as typed after `mic2025lab run`."""
    words = [notebook or manifest.analysis]
    for name, value in manifest.changed.items():
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        words += ["-p", f"{name}={text}"]
    for table, vintage in manifest.pinned.items():
        words += ["--vintage", f"{table}={vintage}"]
    return shlex.join(words)


def left_out(manifest: Manifest, tables: Mapping[str, Dataset]) -> dict[str, str]:
    """Return name and sha256 of the user's files that are in none of the tables."""
    held = {
        digest for entry in tables.values() for origin in entry.origins for digest in origin.sha256.values()
    }
    return {name: digest for name, digest in manifest.files.items() if digest not in held}


def _document(name: str, manifest: Manifest, tables: Mapping[str, Dataset], stale: tuple[str, ...]) -> str:
    """Write the instructions, or the producers, licenses, and citations of the data."""
    notebook = f"source/{manifest.notebook.file}"
    return render(
        Path(__file__).with_name(f"{name}.j2"),
        run=manifest,
        tables=tables,
        files=left_out(manifest, tables),
        stale=stale,
        scanned=SCANNED,
        wheel=archive.WHEEL,
        command=command_words(manifest, notebook if manifest.notebook.own else None),
        notebook=shlex.quote(notebook),
        parameters=shlex.quote(json.dumps(manifest.parameters, ensure_ascii=False)),
    )


def _write_data(stage: Path, tables: Mapping[str, Dataset]) -> dict[str, str]:
    """Copy tables and their catalog entries. Return where each table is."""
    entries = {}
    for name, entry in tables.items():
        if entry.format == "own":
            entries[name] = {**entry.entry(), "format": "csv"}
            files.write(stage / "data" / entry.file, catalog.own.as_csv(name))
            continue
        if "@" in name:  # a fetched vintage, with its own entry beside it
            for each in (entry.file, f"{name.partition('@')[2]}.json"):
                files.write(stage / _place(name, each), (entry.folder / each).read_bytes())
            continue
        content = json.loads((entry.folder / "catalog.json").read_text(encoding="utf-8"))
        entries[name] = content["tables"][name]
        files.write(stage / "data" / entry.file, catalog.verified_path(entry).read_bytes())
    # Not sorted: the order of columns is that of the table.
    text = json.dumps({"format": 1, "tables": entries}, indent=1, ensure_ascii=False) + "\n"
    files.write(stage / "data" / "catalog.json", text)
    return {name: _place(name, entry.file) for name, entry in tables.items()}


def _place(name: str, file: str) -> str:
    table, vintage, _ = name.partition("@")
    return f"data/{table}/{file}" if vintage else f"data/{file}"


def _refuse_keys(packed: Mapping[str, bytes]) -> None:
    """Refuse to pack a file that holds the value of a key: a table, or a file of the package."""
    hidden = scrub.secrets()
    for name, data in packed.items() if hidden else ():
        found = keys.held(data, hidden)
        if found:
            raise RunError(
                f"{name} holds the value of an environment variable that looks like a key ({', '.join(found)}). "
                "Nothing was written. Unset the variable if it is not a key."
            )
