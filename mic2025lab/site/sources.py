"""The tables behind the reports with links to their producers, and the economies that the reports name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from mic2025lab import catalog
from mic2025lab.classifications import economies
from mic2025lab.errors import LabError
from mic2025lab.results.run import SourceTable
from mic2025lab.site import text
from mic2025lab.site.reports import Group, Report

#: Sentences of one economy on the page, and the name of a table that can be a place in a page.
SENTENCES, _NAME = 12, re.compile(r"[a-z0-9_]{1,100}(@[A-Za-z0-9._-]{1,64})?")


@dataclass
class Used:
    """A table of the catalog, and the analyses that used it."""

    table: SourceTable
    groups: list[Group] = field(default_factory=list)


def used(groups: Iterable[Group]) -> dict[str, Used]:
    """List the tables of the reports by name."""
    found: dict[str, Used] = {}
    for group in groups:
        for report in group.reports:
            for name, table in report.run.manifest.tables.items():
                if _NAME.fullmatch(name):
                    one = found.setdefault(name, Used(table))
                    if group not in one.groups[-1:]:
                        one.groups.append(group)
    return dict(sorted(found.items()))


def compared(tables: Iterable[str]) -> dict[str, catalog.Diff]:
    """Compare the fetched vintages that reports used, as far as they are still here, with the vintage in the package, by page."""
    found = {}
    for name in tables:
        table, _, vintage = name.partition("@")
        kind = vintage.partition("-")[0]
        with suppress(LabError):
            known = catalog.describe(table, vintage="embedded").vintages if vintage else ()
            near = [one for one in known if one != vintage and one.partition("-")[0] == kind]
            if vintage in known:
                found[f"vintages/{table}.{vintage}.html"] = catalog.diff(
                    table, near[0] if near else "embedded", vintage
                )
    return found


def standing() -> dict[str, dict[str, Any]]:
    """Tell how the tables of the package stand, by name, with the columns of `catalog.status`.

    A page is not written anew every day, so that it has years and days instead of ages.
    """
    table = catalog.status().astype(object)
    rows: list[dict[str, Any]] = table.where(table.notna(), "").to_dict("records")  # type: ignore[assignment]
    return {row["table"]: row for row in rows if row["where"] != "own"}


@lru_cache(maxsize=1)
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    codes = {name: code for code, name in economies.ECONOMIES.items() if code != "CHN"}
    longest_first = sorted(codes, key=len, reverse=True)
    # The capital is looked for first: most words cannot be a name, and there are 250 names to compare with the others.
    return re.compile(rf"\b(?=[A-Z])(?:{'|'.join(map(re.escape, longest_first))})\b"), codes


def economies_named(sentences: Iterable[tuple[Report, str]]) -> dict[str, list[tuple[Report, str]]]:
    """List the sentences of reports that name an economy other than China, by code, in the order of the names."""
    pattern, codes = _names()
    found: dict[str, list[tuple[Report, str]]] = {}
    for report, sentence in sentences:
        for name in dict.fromkeys(pattern.findall(text.clip(sentence))):
            said = found.setdefault(codes[name], [])
            if len(said) < SENTENCES and all(sentence != other for _, other in said):
                said.append((report, sentence))
    return dict(sorted(found.items(), key=lambda item: economies.ECONOMIES[item[0]]))
