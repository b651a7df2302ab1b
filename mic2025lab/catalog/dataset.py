"""One entry of the catalog: where a table is from, what it contains, what to beware of, and how this is shown."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mic2025lab.errors import unknown_name
from mic2025lab.sources.source import EMBEDDED, Origin

_TUPLES = ("key", "warnings", "vintages")


@dataclass(frozen=True)
class Dataset:
    """An entry of the catalog; renders in Jupyter."""

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
    default_vintage: str | None = None
    vintages: tuple[str, ...] = ()
    vintage_column: str | None = None
    folder: Path = field(
        default=Path(), repr=False
    )  # a path of this machine, so not in what a notebook shows

    @classmethod
    def from_entry(cls, name: str, entry: Mapping[str, Any], folder: Path) -> Dataset:
        """Read an entry of `catalog.json`."""
        if (
            Path(entry["file"]).name != entry["file"]
        ):  # a catalog from elsewhere names no file outside its folder
            raise TypeError(f"file {entry['file']!r} of {name!r} is not the name of a file")
        fields: dict[str, Any] = {
            key: tuple(value) if key in _TUPLES else value for key, value in entry.items()
        }
        fields["origins"] = tuple(Origin.from_entry(origin) for origin in entry["origins"])
        return cls(name=name, folder=folder, **fields)

    @property
    def where(self) -> str:
        """`embedded`: comes with the package; `this machine`: built here, because its license does not allow redistribution."""
        return "embedded" if self.redistributable in EMBEDDED else "this machine"

    def source_line(self, of: str | None = None) -> str:
        """Return one line for the foot of a figure: producers and titles of all origins, or of those with producer or version `of`."""
        chosen = [origin for origin in self.origins if of in (None, origin.producer, origin.version)]
        if not chosen:
            known = [name for origin in self.origins for name in (origin.producer, origin.version)]
            raise unknown_name(f"origin of {self.name}", of, dict.fromkeys(known))
        return "; ".join(f"{origin.producer}, {origin.title}" for origin in chosen)

    def _facts(self) -> dict[str, str]:
        """What both renderings show in one line each."""
        vintages = f"{', '.join(self.vintages)} (default: {self.default_vintage or 'all'})"
        return {
            "unit": self.unit,
            "rows": f"{self.rows:,}",
            "key": ", ".join(self.key),
            "coverage": "; ".join(f"{name}: {_extent(value)}" for name, value in self.coverage.items()),
            "where": self.where,
            **({"vintages": vintages} if self.vintages else {}),
        }

    def _described(self) -> dict[str, str]:
        """Each column's description and unit."""
        return {
            name: column.get("description", "") + (f" [{column['unit']}]" if column.get("unit") else "")
            for name, column in self.columns.items()
        }

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.title}", "", self.description, ""]
        lines += [f"{label:<10}{text}" for label, text in self._facts().items()]
        lines += ["", "columns"]
        width = max(map(len, self.columns))
        for name, text in self._described().items():
            lines.append(f"  {name:<{width}}  {self.columns[name]['dtype']:<8}{text}")
        lines += ["", "origin"]
        for origin in self.origins:
            lines.append(f"  {origin.citation} License: {origin.license}. {origin.url or ''}".rstrip())
        lines += ["", "warnings", *(f"  - {warning}" for warning in self.warnings)] if self.warnings else []
        lines += ["", f"built by  {self.built_by}", f"file      {self.file}, sha256 {self.sha256}"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        def row(label: str, text: str) -> str:
            return (
                f"<tr><th style='text-align:left;vertical-align:top'>{html.escape(label)}</th>"
                f"<td style='text-align:left'>{text}</td></tr>"
            )

        facts = "".join(row(label, html.escape(text)) for label, text in self._facts().items())
        origins = "<br>".join(html.escape(f"{o.citation} License: {o.license}.") for o in self.origins)
        columns = "".join(row(name, html.escape(text)) for name, text in self._described().items())
        warnings = "".join(f"<li>{html.escape(warning)}</li>" for warning in self.warnings)
        page = (
            f"<h3>{html.escape(self.name)}: {html.escape(self.title)}</h3><p>{html.escape(self.description)}</p>"
            f"<table>{facts}{row('origin', origins)}{row('sha256', f'<code>{self.sha256[:16]}…</code>')}</table>"
            f"<details open><summary>columns</summary><table>{columns}</table></details>"
        )
        if warnings:
            page += f"<details><summary>{len(self.warnings)} warnings</summary><ul>{warnings}</ul></details>"
        return page


def _extent(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        return f"{value[0]} to {value[1]}"
    if isinstance(value, list):
        return f"{len(value)} ({', '.join(map(str, value))})" if len(value) <= 25 else str(len(value))
    return str(value)
