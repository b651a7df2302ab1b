"""One entry of the catalog: where a table is from, what it contains, what to beware of, and how this is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from mic2025lab.errors import LabError, shown, unknown_name
from mic2025lab.sources.source import EMBEDDED, Origin
from mic2025lab.templates import render

if TYPE_CHECKING:
    import pandas as pd

    from mic2025lab.sources.table import Table

#: Columns of which the coverage is the first and last value.
_SPANS = ("year", "period")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.[a-z]+")  # a name in the folder of the catalog, and no path


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """An entry of the catalog; renders in Jupyter."""

    name: str
    title: str
    description: str
    file: str
    format: Literal["csv", "parquet", "partitioned", "own"]
    unit: str
    columns: Mapping[str, Mapping[str, str]]
    key: tuple[str, ...]
    coverage: Mapping[str, Any]
    observed: int | None = None  # the last year of `coverage` without forecasts and unverified rows
    origins: tuple[Origin, ...]
    built_by: str
    rows: int
    sha256: str
    warnings: tuple[str, ...]
    redistributable: str
    default_vintage: str | None = None
    vintages: tuple[str, ...] = ()
    vintage_column: str | None = None
    get: str = ""
    # A path of this machine, so not in what a notebook shows:
    folder: Path = field(default=Path(), repr=False)

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
            if name in _SPANS and not (
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
        origins = [Origin(**_checked(Origin, name, Origin.renamed(each))) for each in entry["origins"]]
        return cls(**_checked(cls, name, {**entry, "name": name, "origins": origins, "folder": folder}))

    @classmethod
    def from_table(cls, table: Table, **found: Any) -> Dataset:
        """Describe a table of the registry: as it is before it is built, or with what a build has `found`."""
        columns = {
            name: {"dtype": column.dtype, "description": column.description, "unit": column.unit}
            for name, column in table.columns.items()
        }
        names = ("name", "title", "description", "file", "format", "unit", "key", "built_by", "warnings")
        about = {name: getattr(table, name) for name in (*names, "redistributable")}
        about |= {"columns": columns, "origins": table.origins(), "coverage": {}, "rows": 0, "sha256": ""}
        return cls(**(about | found))

    def entry(self) -> dict[str, Any]:
        """Return what `catalog.json` holds of a table."""
        return {key: value for key, value in asdict(self).items() if key not in ("name", "get", "folder")}

    @property
    def where(self) -> str:
        """`embedded`: comes with the package; `this machine`: built here, because its license does not allow redistribution; `own`: the
        user's; `not here`."""
        if self.format == "own":
            return "own"
        if not self.sha256:
            return "not here"
        return "embedded" if self.redistributable in EMBEDDED else "this machine"

    def source_line(self, of: str | None = None) -> str:
        """Return one line for the foot of a figure: producers and titles of all origins, or of those with producer or version `of`."""
        chosen = [origin for origin in self.origins if of in (None, origin.producer, origin.version)]
        if not chosen:
            known = [name for origin in self.origins for name in (origin.producer, origin.version)]
            raise unknown_name(f"origin of {self.name}", of, dict.fromkeys(known))
        return "; ".join(f"{origin.producer}, {origin.title}" for origin in chosen)

    def _rendered(self, template: str) -> str:
        """Fill in a template with the table, what is shown in one line each, and each column's description and unit."""
        vintages = f"{', '.join(self.vintages)} (default: {self.default_vintage or 'all'})"
        facts = {
            "unit": self.unit,
            "rows": f"{self.rows:,}" if self.sha256 else "",
            "key": ", ".join(self.key),
            "coverage": "; ".join(f"{name}: {_shown(name, value)}" for name, value in self.coverage.items()),
            "where": self.where,
            "get": self.get,
            "vintages": vintages if self.vintages else "",
        }
        columns = {
            name: column.get("description", "") + (f" [{column['unit']}]" if column.get("unit") else "")
            for name, column in self.columns.items()
        }
        facts = {label: text for label, text in facts.items() if text}
        return render(Path(__file__).with_name(template), table=self, facts=facts, columns=columns)

    def __str__(self) -> str:
        return self._rendered("dataset.txt.j2").rstrip("\n")

    def _repr_html_(self) -> str:
        return self._rendered("dataset.html.j2")


def extent(column: pd.Series) -> Any:
    """Return the coverage of a column: its first and last year or period, or its values; only their number, if they are more than 30."""
    values = sorted(column.dropna().unique().tolist())
    if column.name in _SPANS:
        return [values[0], values[-1]]
    return values if len(values) <= 30 else len(values)


@lru_cache(maxsize=64)
def read_entries(path: Path, modified: int, vintage_of: str = "") -> dict[str, Dataset]:
    """Read the entries of a `catalog.json`, or the one entry of a vintage of a table.

    `modified` is only part of the cache key, so that a file that has changed is read again.

    Raises
    ------
    LabError
        If it is not such a file; the message says how to write it again.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        entries = {vintage_of: content} if vintage_of else content["tables"]
        return {name: Dataset.from_entry(name, entry, path.parent) for name, entry in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what, remedy = "a readable catalog", "Write it again with: mic2025lab data build"
        if vintage_of:
            what = "the entry of a vintage"
            remedy = f"Remove it, and fetch the vintage again with: mic2025lab data fetch {vintage_of}"
        raise LabError(f"{path} is not {what} ({type(error).__name__}: {error}). {remedy}") from error


def _shown(name: str, value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    if name in _SPANS:
        return f"{value[0]} to {value[1]}"
    return f"{len(value)} ({', '.join(map(str, value))})" if len(value) <= 25 else str(len(value))


@lru_cache(maxsize=2)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@lru_cache(maxsize=64)
def _parts(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    return get_origin(hint) or hint, get_args(hint)


# The types of `catalog.json` are checked here rather than with pydantic, whose import takes a sixth of the time of a first `load`.
def _checked(kind: type[Dataset | Origin], name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an entry, lists as tuples. Raise ValueError for the first that is missing or of another type."""
    known = {}
    for one in fields(kind):
        if one.name in entry:
            value, hint = entry[one.name], _hints(kind)[one.name]  # type: ignore[arg-type]
            if not _fits(value, hint):
                raise ValueError(
                    f"{name}: {one.name} must be {getattr(hint, '__name__', hint)}, not {shown(value)}"
                )
            known[one.name] = tuple(value) if isinstance(value, list) else value
        elif one.default is MISSING and one.default_factory is MISSING:
            raise ValueError(f"{name}: {one.name} is missing")
    return known


def _fits(value: Any, hint: Any) -> bool:
    """Return True if a value of a JSON file has the type of a field."""
    kind, arguments = _parts(hint)
    if kind is Literal:
        return value in arguments
    if kind is UnionType:
        return any(_fits(value, one) for one in arguments)
    if kind is tuple:
        return isinstance(value, list | tuple) and all(_fits(item, arguments[0]) for item in value)
    if kind is Mapping:
        return isinstance(value, dict) and all(
            isinstance(key, str) and _fits(item, arguments[1]) for key, item in value.items()
        )
    return kind is Any or (isinstance(value, kind) and not isinstance(value, bool))
