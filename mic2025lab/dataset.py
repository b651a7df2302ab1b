"""What the catalogue says of one table: where it is from, what is in it, what to beware of; and how that is shown."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mic2025lab.errors import unknown_name

#: The terms under which the package may carry a table.
EMBEDDED = ("yes", "attribution")


@dataclass(frozen=True)
class Origin:
    """Where a table is from; `sha256` is file -> hash of the raw files used."""

    producer: str
    title: str
    version: str
    url: str | None
    licence: str
    redistributable: str
    citation: str
    retrieved: str
    sha256: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """One entry of the catalogue; renders in Jupyter."""

    name: str
    title: str
    description: str
    file: str
    format: str
    unit: str
    columns: Mapping[str, Mapping[str, str]]
    key: tuple[str, ...]
    coverage: Mapping[str, Any]
    origins: tuple[Origin, ...]
    built_by: str
    rows: int
    sha256: str
    warnings: tuple[str, ...]
    redistributable: str
    default_vintage: str | None
    vintages: tuple[str, ...]
    vintage_column: str | None
    folder: Path = field(repr=False)  # of this machine, so not in what a notebook shows

    @property
    def where(self) -> str:
        """`embedded`: passed on with the package; `this machine`: built here, for its licence does not allow that."""
        return "embedded" if self.redistributable in EMBEDDED else "this machine"

    def source_line(self, of: str | None = None) -> str:
        """One line for the foot of a figure: producers and titles, of all origins or of those with the producer or version `of`."""
        chosen = [origin for origin in self.origins if of in (None, origin.producer, origin.version)]
        if not chosen:
            known = [name for origin in self.origins for name in (origin.producer, origin.version)]
            raise unknown_name(f"origin of {self.name}", of, dict.fromkeys(known))
        return "; ".join(f"{origin.producer}, {origin.title}" for origin in chosen)

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.title}", "", self.description, ""]
        lines += [f"unit      {self.unit}", f"rows      {self.rows:,}", f"key       {', '.join(self.key)}"]
        lines += [f"coverage  {_coverage_text(self.coverage)}"]
        lines += [f"where     {self.where}"]
        if self.vintages:
            lines += [f"vintages  {', '.join(self.vintages)} (default: {self.default_vintage or 'all'})"]
        lines += ["", "columns"]
        width = max(map(len, self.columns))
        for name, column in self.columns.items():
            unit = f" [{column['unit']}]" if column.get("unit") else ""
            lines.append(f"  {name:<{width}}  {column['dtype']:<8}{column.get('description', '')}{unit}")
        lines += ["", "origin"]
        for origin in self.origins:
            lines.append(f"  {origin.citation} Licence: {origin.licence}. {origin.url or ''}".rstrip())
        lines += ["", "warnings", *(f"  - {warning}" for warning in self.warnings)] if self.warnings else []
        lines += ["", f"built by  {self.built_by}", f"file      {self.file}, sha256 {self.sha256}"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        def row(label: str, text: str) -> str:
            return f"<tr><th style='text-align:left;vertical-align:top'>{html.escape(label)}</th><td style='text-align:left'>{text}</td></tr>"

        columns = "".join(
            row(
                name,
                html.escape(f"{c.get('description', '')}{' [' + c['unit'] + ']' if c.get('unit') else ''}"),
            )
            for name, c in self.columns.items()
        )
        origins = "<br>".join(html.escape(f"{o.citation} Licence: {o.licence}.") for o in self.origins)
        warnings = "".join(f"<li>{html.escape(w)}</li>" for w in self.warnings)
        return (
            f"<h3>{html.escape(self.name)}: {html.escape(self.title)}</h3><p>{html.escape(self.description)}</p><table>"
            + row("unit", html.escape(self.unit))
            + row("rows", f"{self.rows:,}")
            + row("coverage", html.escape(_coverage_text(self.coverage)))
            + row("where", html.escape(self.where))
            + (row("vintages", html.escape(", ".join(self.vintages))) if self.vintages else "")
            + row("origin", origins)
            + row("sha256", f"<code>{self.sha256[:16]}…</code>")
            + f"</table><details open><summary>columns</summary><table>{columns}</table></details>"
            + (
                f"<details><summary>{len(self.warnings)} warnings</summary><ul>{warnings}</ul></details>"
                if warnings
                else ""
            )
        )


def _coverage_text(coverage: Mapping[str, Any]) -> str:
    def one(value: Any) -> str:
        if isinstance(value, list) and len(value) == 2:
            return f"{value[0]} to {value[1]}"
        if isinstance(value, list):
            return f"{len(value)} ({', '.join(map(str, value))})" if len(value) <= 25 else str(len(value))
        return str(value)

    return "; ".join(f"{name}: {one(value)}" for name, value in coverage.items())
