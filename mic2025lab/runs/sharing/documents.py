"""The instructions and references that go with a shared run."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import jinja2

from mic2025lab.catalog import SCANNED, Dataset
from mic2025lab.results.run import Manifest
from mic2025lab.runs.sharing import archive


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


def write(name: str, manifest: Manifest, tables: Mapping[str, Dataset], stale: tuple[str, ...] = ()) -> str:
    """Return a document: "HOW_TO_RERUN.md" has all commands, "REFERENCES.md" the producers, licenses, and citations of the data.

    Parameters
    ----------
    name : {"HOW_TO_RERUN.md", "REFERENCES.md"}
        Which document.
    manifest : Manifest
        The run.
    tables : mapping
        The tables in the archive.
    stale : tuple of str
        What has changed since the run.
    """
    return (
        _templates()
        .get_template(f"{name}.j2")
        .render(
            run=manifest,
            tables=tables,
            here=[table for table in manifest.tables if table in tables],
            away=[table for table in manifest.tables if table not in tables],
            files=left_out(manifest, tables),
            stale=stale,
            scanned=SCANNED,
            own=[name for name, table in manifest.tables.items() if table.own],
            wheel=archive.WHEEL,
            command=command_words(
                manifest, f"source/{manifest.notebook.file}" if manifest.notebook.own else None
            ),
            notebook=shlex.quote(manifest.notebook.file),
            parameters=shlex.quote(json.dumps(manifest.parameters, ensure_ascii=False)),
        )
    )


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
