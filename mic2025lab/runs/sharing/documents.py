"""The instructions and references that go with a shared run."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from mic2025lab.catalog import Dataset
from mic2025lab.results.run import Manifest, SourceTable
from mic2025lab.runs.sharing import archive


def command_words(manifest: Manifest) -> str:
    """Return the analysis and its changed parameters as typed after `mic2025lab run`."""
    words = [manifest.analysis]
    for name, value in manifest.changed.items():
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        words += ["-p", f"{name}={text}"]
    return shlex.join(words)


def instructions(manifest: Manifest, tables: Mapping[str, Dataset], stale: tuple[str, ...]) -> str:
    """Return HOW_TO_RERUN.md: all commands to type, each block ready to copy."""
    parameters = json.dumps(manifest.parameters, ensure_ascii=False)
    package, notebook = manifest.package, shlex.quote(manifest.notebook.file)
    return f"""# How to run this again: {manifest.title}

{manifest.question}

**To read it**, open `notebook.html` or `notebook-without-code.html`. Neither needs a network. The numbers are in `results.json` and `tables/`.

**To run it again** you need Python 3.11 or newer (this run: {manifest.python} on {manifest.platform}) and a package index. Type in this folder:

```sh
python3 -m venv .venv
.venv/bin/python -m pip install -r requirements.lock ./{archive.WHEEL}
```

(On Windows, write `.venv\\Scripts\\python` in place of `.venv/bin/python`.) `requirements.lock` pins the libraries of the run; the wheel is the
package itself. If a pinned version does not exist for your Python, leave out `-r requirements.lock`.

**To check** that the same results come out, with the data in `data/`:

```sh
.venv/bin/mic2025lab verify .
```

It first lists changes in data, code, and environment, and ends with status 0 if figures, tables, and sentences agree.

**To run it** with other parameters (`mic2025lab analyses` lists them), as a report or as a bare notebook:

```sh
export MIC2025LAB_DATA="$PWD/data"
.venv/bin/mic2025lab run {command_words(manifest)} --reports reports
.venv/bin/python -m papermill source/{notebook} again.ipynb -y {shlex.quote(parameters)}
```

{_warnings(manifest, tables, stale)}
Run `{manifest.run_id}`, {manifest.ended:%Y-%m-%d %H:%M} UTC, mic2025lab {package.version} (`{package.sha256[:12]}`).
`ro-crate-metadata.json` describes the run for other programs (RO-Crate, Process Run Crate).
The code is BSD-3-Clause (`LICENSE`). The data keep the licenses of their producers (`REFERENCES.md`).
"""


def references(manifest: Manifest, tables: Mapping[str, Dataset]) -> str:
    """Return REFERENCES.md: producers, license, and citation of each table, and how to get a table that is not included."""
    here = [name for name in manifest.tables if name in tables]
    away = [name for name in manifest.tables if name not in tables]
    lines = ["# The data of this run", ""]
    if here:
        lines += ["## In `data/`", "", "They keep the licenses of their producers. Cite them.", ""]
        lines += [line for name in here for line in _table(name, manifest.tables[name], tables[name])]
    if away or manifest.files:
        lines += [
            "## Not in this archive",
            "",
            "Their license does not allow it, they are too large, or they have changed since the run. Tables and figures of this run are "
            "made from them: check the license before you publish those.",
            "",
        ]
    for name in away:
        lines += [*_table(name, manifest.tables[name], None), *_how_to_get(name)]
    for name, digest in manifest.files.items():
        lines += [f"### {name}", "", f"The user's own file, sha256 `{digest}`. Ask the sender for it.", ""]
    return "\n".join(lines)


def _table(name: str, table: SourceTable, entry: Dataset | None) -> list[str]:
    vintages = f" Vintage {', '.join(table.vintages)}." if table.vintages else ""
    place = f"`data/{entry.file}`, " if entry else ""
    lines = [f"### {name}: {table.title}", "", f"{place}sha256 `{table.sha256}`.{vintages}", ""]
    for origin in table.origins:
        address = f" <{origin.url}>" if origin.url else ""
        lines.append(
            f"- {origin.producer}, {origin.title} ({origin.version}). License: {origin.license}. "
            f"Cite: {origin.citation}{address}"
        )
    return [*lines, *(f"- Note: {warning}" for warning in (entry.warnings if entry else ())), ""]


def _how_to_get(name: str) -> list[str]:
    from mic2025lab.catalog import SCANNED

    command = f"mic2025lab data {name} ZIP_OR_URL" if name in SCANNED else f"mic2025lab data build {name}"
    return [f"If its license lets you use it, build it on your machine: `.venv/bin/{command}`", ""]


def _warnings(manifest: Manifest, tables: Mapping[str, Dataset], stale: tuple[str, ...]) -> str:
    away = [*(name for name in manifest.tables if name not in tables), *manifest.files]
    text = ""
    if stale:
        text += f"**Note**: {' and '.join(stale)} changed between the run and its packing. Running it again may give other results.\n"
    if away:
        text += (
            f"**Note**: {', '.join(away)} could not be included. Get it first, as `REFERENCES.md` explains.\n"
        )
    return text
