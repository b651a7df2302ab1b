"""What a shared run says to whoever opens it: how to make it again, and where the data are from."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from mic2025lab.catalog import Dataset
from mic2025lab.runs.sharing import archive


def command_words(details: Mapping[str, Any]) -> str:
    """Give the analysis and its changed parameters as they are typed after `mic2025lab run`."""
    words = [details["analysis"]]
    for name, value in details["changed"].items():
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        words += ["-p", f"{name}={text}"]
    return shlex.join(words)


def instructions(details: Mapping[str, Any], tables: Mapping[str, Dataset], stale: tuple[str, ...]) -> str:
    """Write HOW_TO_RERUN.md: every command to type, in blocks of their own."""
    parameters = json.dumps(details["parameters"], ensure_ascii=False)
    lines = [
        f"# How to make this run again: {details['title']}",
        "",
        f"{details['question']}",
        "",
        "**To read**, open `notebook.html`, or `notebook-without-code.html`; they need no network. Numbers are in `results.json` and `tables/`.",
        "",
        f"**To make it again** you need Python 3.11 or newer (this run: {details['python']} on {details['platform']}) and a package "
        "index. Type in this folder:",
        "",
        *_block(
            "python3 -m venv .venv",
            f".venv/bin/python -m pip install -r requirements.lock ./{archive.WHEEL}",
        ),
        "",
        "(Windows: `.venv\\Scripts\\python` for `.venv/bin/python`, and so on.) `requirements.lock` pins the libraries of the run; the wheel is the",
        "package itself. If a pinned version does not exist for your Python, leave out `-r requirements.lock`.",
        "",
        "**To check** that the same results come out here, with the data in `data/`:",
        "",
        *_block(".venv/bin/mic2025lab verify ."),
        "",
        "It says first whether data, code or environment are others than then, and ends with status 0 if figures, tables and sentences agree.",
        "",
        "**To run it** with other parameters (`mic2025lab analyses` lists them), as a report or as a bare notebook:",
        "",
        *_block(
            'export MIC2025LAB_DATA="$PWD/data"',
            f".venv/bin/mic2025lab run {command_words(details)} --reports reports",
            f".venv/bin/python -m papermill source/{shlex.quote(details['notebook']['file'])} again.ipynb -y {shlex.quote(parameters)}",
        ),
        "",
        *_warnings(details, tables, stale),
        f"Run `{details['run_id']}`, made {details['ended'][:16].replace('T', ' ')} UTC with mic2025lab {details['package']['version']} "
        f"(`{details['package']['sha256'][:12]}`). `ro-crate-metadata.json` says the same to programs (RO-Crate, Process Run Crate).",
        "The code is BSD-3-Clause (`LICENSE`); the data keep the licences of their producers (`REFERENCES.md`).",
        "",
    ]
    return "\n".join(lines)


def references(details: Mapping[str, Any], tables: Mapping[str, Dataset]) -> str:
    """Write REFERENCES.md: of each table the producers, the licence, how to cite it; and how to get one that is not here."""
    here = [name for name in details["tables"] if name in tables]
    away = [name for name in details["tables"] if name not in tables]
    lines = ["# The data of this run", ""]
    if here:
        lines += ["## In `data/`", "", "They keep the licences of their producers; cite them.", ""]
        lines += [line for name in here for line in _table(name, details["tables"][name], tables[name])]
    if away or details["files"]:
        lines += ["## Not in this archive", ""]
        lines += [
            "Their licence does not allow it, they are too large, or they have changed since. Tables and figures of this run are made from them: "
            "before you publish those, see whether the licence allows it.",
            "",
        ]
        lines += [
            line for name in away for line in [*_table(name, details["tables"][name], None), *_get(name)]
        ]
        lines += [
            line
            for name, digest in details["files"].items()
            for line in (
                f"### {name}",
                "",
                f"A file of the user's own, sha256 `{digest}`; ask who sent you this.",
                "",
            )
        ]
    return "\n".join(lines)


def _block(*commands: str) -> list[str]:
    return ["```sh", *commands, "```"]


def _table(name: str, table: Mapping[str, Any], entry: Dataset | None) -> list[str]:
    vintages = f" Vintage {', '.join(table['vintages'])}." if table["vintages"] else ""
    place = f"`data/{entry.file}`, " if entry else ""
    lines = [f"### {name}: {table['title']}", "", f"{place}sha256 `{table['sha256']}`.{vintages}", ""]
    for origin in table["origins"]:
        address = f" <{origin['url']}>" if origin["url"] else ""
        lines.append(
            f"- {origin['producer']}, {origin['title']} ({origin['version']}). Licence: {origin['licence']}. "
            f"Cite: {origin['citation']}{address}"
        )
    return [*lines, *(f"- Beware: {warning}" for warning in (entry.warnings if entry else ())), ""]


def _get(name: str) -> list[str]:
    from mic2025lab.catalog import SCANNED

    command = f"mic2025lab data {name} ZIP_OR_URL" if name in SCANNED else f"mic2025lab data build {name}"
    return [f"If you may use it, make it on your machine: `.venv/bin/{command}`", ""]


def _warnings(details: Mapping[str, Any], tables: Mapping[str, Dataset], stale: tuple[str, ...]) -> list[str]:
    lines = []
    if stale:
        lines.append(
            f"**Beware**: {' and '.join(stale)} had changed between the run and its packing; made again, it may give other results."
        )
    away = [*(name for name in details["tables"] if name not in tables), *details["files"]]
    if away:
        lines.append(
            f"**Beware**: {', '.join(away)} could not be passed on; get it first, as `REFERENCES.md` says, or the run cannot be made again."
        )
    return [line for text in lines for line in (text, "")]
