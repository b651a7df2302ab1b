"""One entry of the catalog: where a table is from, what it contains, what to beware of, and how this is shown."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mic2025lab.errors import unknown_name
from mic2025lab.sources.source import EMBEDDED, Origin

_FILE = re.compile(r"[A-Za-z0-9_-]+\.[a-z.]+")  # a name in the folder of the catalog, and no path


@dataclass(frozen=True)
class Dataset:
    """An entry of the catalog; renders in Jupyter."""

    name: str
    title: str
    description: str
    file: str
    format: Literal["csv", "parquet", "partitioned"]
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

    def __post_init__(self) -> None:
        """Check what the types do not say.

        Raises
        ------
        ValueError
            For what is not an entry of a catalog.
        """
        if not _FILE.fullmatch(self.file):
            raise ValueError(f"file {self.file!r} is not the name of a file in its folder")
        if not self.columns or not all("dtype" in column for column in self.columns.values()):
            raise ValueError("columns have no dtype")
        if self.vintage_column is not None and self.vintage_column not in self.columns:
            raise ValueError(f"vintage_column {self.vintage_column!r} is not a column")
        for name, span in self.coverage.items():
            if not isinstance(span, list | int):
                raise ValueError(f"coverage of {name} is neither a list nor a number")
            if name in ("year", "period") and not (
                isinstance(span, list) and len(span) == 2 and isinstance(span[0], type(span[1]))
            ):
                raise ValueError(f"coverage of {name} is not its first and last value")

    @classmethod
    def from_entry(cls, name: str, entry: Mapping[str, Any], folder: Path) -> Dataset:
        """Read an entry of `catalog.json`.

        Raises
        ------
        ValueError
            With the first field that is missing or of another type.
        """
        fields = _checked(name, entry, _FIELDS)
        origins = tuple(
            Origin(**_checked(name, Origin.renamed(each), _ORIGIN)) for each in fields.pop("origins")
        )
        return cls(name=name, origins=origins, folder=folder, **fields)

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


# The types of `catalog.json` are checked here rather than with pydantic, whose import takes a sixth of the time of a first `load`.
def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value))


def _is_mapping_of_texts(value: Any) -> bool:
    return _is_mapping(value) and all(map(_is_text, value.values()))


#: Field of an entry -> its check, what it must be, and whether it must be there.
_FIELDS: dict[str, tuple[Callable[[Any], bool], str, bool]] = {
    **dict.fromkeys(
        ("title", "description", "file", "unit", "built_by", "sha256", "redistributable"),
        (_is_text, "text", True),
    ),
    "format": (
        lambda value: value in ("csv", "parquet", "partitioned"),
        "csv, parquet, or partitioned",
        True,
    ),
    "columns": (
        lambda value: _is_mapping(value) and all(map(_is_mapping_of_texts, value.values())),
        "a mapping of mappings",
        True,
    ),
    "key": (_is_texts, "a list of texts", True),
    "coverage": (_is_mapping, "a mapping", True),
    "origins": (
        lambda value: isinstance(value, list) and all(map(_is_mapping, value)),
        "a list of mappings",
        True,
    ),
    "rows": (lambda value: type(value) is int, "a whole number", True),
    "warnings": (_is_texts, "a list of texts", True),
    "default_vintage": (_is_text_or_none, "text", False),
    "vintages": (_is_texts, "a list of texts", False),
    "vintage_column": (_is_text_or_none, "text", False),
}
_ORIGIN: dict[str, tuple[Callable[[Any], bool], str, bool]] = {
    **dict.fromkeys(
        ("producer", "title", "version", "license", "redistributable", "citation", "retrieved"),
        (_is_text, "text", True),
    ),
    "url": (_is_text_or_none, "text", True),
    "sha256": (_is_mapping_of_texts, "a mapping of texts", False),
}


def _checked(
    name: str, entry: Mapping[str, Any], fields: Mapping[str, tuple[Callable[[Any], bool], str, bool]]
) -> dict[str, Any]:
    """Return the known fields of an entry, lists as tuples. Raise ValueError for the first that is missing or of another type."""
    for field_name, (check, wanted, required) in fields.items():
        if field_name not in entry:
            if required:
                raise ValueError(f"{name}: {field_name} is missing")
        elif not check(entry[field_name]):
            raise ValueError(f"{name}: {field_name} must be {wanted}")
    known = {field_name: entry[field_name] for field_name in fields if field_name in entry}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in known.items()}
