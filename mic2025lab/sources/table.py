"""What a table is: its columns, where it is from, what to beware of, and the function that makes it from raw files."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mic2025lab.classifications.economies import AGGREGATES, resolve
from mic2025lab.errors import TableError
from mic2025lab.sources.columns import ECONOMIES, Column
from mic2025lab.sources.source import EMBEDDED, REDISTRIBUTABLE, Origin, Raw, Source, need, source

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

__all__ = ["Raw", "Source", "Table", "coded", "columns", "need", "source", "table"]

Build = Callable[[Raw], "pd.DataFrame"]
Check = Callable[["pd.DataFrame"], Any]
Warn = Callable[["pd.DataFrame"], "str | Sequence[str]"]


@dataclass(eq=False)
class Table:
    """A cleaned table. Call it with `raw`, which finds raw files, to get its frame.

    Attributes
    ----------
    name, title, description, unit : str
        For the catalog.
    build : callable
        `build(raw) -> pandas.DataFrame` with at least the columns that are not constant.
    inputs : tuple of (Source, tuple of str)
        The sources and, of each, the files that `build` reads.
    columns : mapping of str to Column
        The columns in their order, with type, description, unit and checks.
    key : tuple of str
        The columns that identify a row, in the order by which rows are sorted.
    order : tuple of str, optional
        The columns that rows are sorted by; the key by default, and not at all if empty.
    format : {"csv", "parquet"}
    warnings : tuple of str
        What a user must know before using a figure.
    vintage : tuple of (str, str), optional
        For a table of several vintages: their column, and the one that `load` serves by default.
    checks, computed
        What `check` and `warns` have added.
    """

    name: str
    title: str
    description: str
    unit: str
    build: Build
    inputs: tuple[tuple[Source, tuple[str, ...]], ...]
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    order: tuple[str, ...] | None = None
    format: str = "parquet"
    warnings: tuple[str, ...] = ()
    vintage: tuple[str, str] | None = None
    checks: list[tuple[str, Check]] = field(default_factory=list)
    computed: list[Warn] = field(default_factory=list)

    def __call__(self, raw: Raw) -> pd.DataFrame:
        """Make the table: columns and rows in order, text and numbers of the columns' types.

        What `build` leaves out is filled in: constants, a `year` that the `period`, `month`, `quarter`, or `date` begins with, and
        whether an economy is an `aggregate`. Text becomes what the columns say: numbers, words for labels, codes for economies;
        and it is missing where it may be and is empty.
        """
        return self.finished(self.converted(self.build(raw)))

    def converted(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Read text as the columns say: as numbers, words for labels, or codes for names of economies.

        Raises
        ------
        SourceError
            Names the files and the labels or values that cannot be read.
        """
        from mic2025lab.sources.reading import RawTable

        made, (source, files) = {}, self.inputs[0]
        file = RawTable(source, " or ".join(files), frame)
        for name, column in self.columns.items():
            if name not in frame or frame[name].dtype != "str":
                continue
            if column.dtype == "float64":
                made[name] = file.numbers(name)
            elif isinstance(column.labels, Mapping):
                made[name] = file.known(
                    name, {word: word for word in column.checks["isin"]} | dict(column.labels)
                )
            elif column.labels:
                known = {"", *column.checks["isin"]}
                names = {
                    label: label if label in known else resolve(label)
                    for label in frame[name].dropna().unique()
                }
                made[name] = frame[name].map(names)
        return frame.assign(**made)

    def finished(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Fill in what a cleaning function leaves out, put columns and rows in order, and cast to the columns' types."""
        frame = frame.assign(
            **{name: each.constant for name, each in self.columns.items() if each.constant is not None}
        )
        if "year" in self.columns and "year" not in frame:
            when = next(name for name in ("period", "month", "quarter", "date") if name in frame)
            frame = frame.assign(year=frame[when].str[:4])
        if "aggregate" in self.columns:
            frame = frame.assign(aggregate=frame["economy"].isin(AGGREGATES))
        # A fraction is not cut off to make a whole number: the schema refuses it.
        types = {
            name: column.dtype
            for name, column in self.columns.items()
            if not (column.dtype == "int64" and name in frame and frame[name].dtype.kind == "f")
        }
        frame = frame.reindex(columns=list(self.columns)).astype(types)
        for name, column in self.columns.items():
            if column.dtype == "str" and column.missing:
                frame[name] = frame[name].mask(frame[name].str.strip() == "")
        order = self.key if self.order is None else self.order
        return frame.sort_values(list(order), ignore_index=True) if order else frame.reset_index(drop=True)

    def refreshed(self, vintage: str) -> Table:
        """Return the table as a newer vintage may be: years beyond the last one, and this vintage only."""
        columns = dict(self.columns)
        if self.vintage is not None:
            columns[self.vintage[0]] = replace(columns[self.vintage[0]], constant=vintage)
        if "year" in columns:
            first = {"ge": columns["year"].constant} if columns["year"].constant else columns["year"].checks
            checks = {rule: bound for rule, bound in first.items() if rule != "le"}
            columns["year"] = replace(columns["year"], constant=None, checks=checks)
        return replace(self, columns=columns, format="parquet", vintage=None, computed=[])

    def check(self, message: str) -> Callable[[Check], Check]:
        """Add a check of the whole table: a function of the frame that returns True, or True for each row that is right."""

        def add(function: Check) -> Check:
            self.checks.append((message, function))
            return function

        return add

    def warns(self, function: Warn) -> Warn:
        """Add warnings with numbers computed from the table: a function of the frame that returns one or several."""
        self.computed.append(function)
        return function

    def all_warnings(self, frame: pd.DataFrame) -> list[str]:
        """Return the warnings, then those computed from the frame."""
        told = [function(frame) for function in self.computed]
        return [*self.warnings, *(text for one in told for text in ([one] if isinstance(one, str) else one))]

    def schema(self) -> pa.DataFrameSchema:
        """Return the pandera schema: these columns in this order and no others, nothing coerced, the key unique."""
        import pandera.pandas as pa

        types = {"str": str, "float64": float, "int64": int, "bool": bool}
        columns = {}
        for name, column in self.columns.items():
            rules = {"eq": column.constant} if column.constant is not None else dict(column.checks)
            columns[name] = pa.Column(
                types[column.dtype],
                unique=rules.pop("unique", False),
                checks=[getattr(pa.Check, rule)(argument) for rule, argument in rules.items()],
                nullable=bool(column.missing),
            )
        missing = {
            name: each.missing for name, each in self.columns.items() if isinstance(each.missing, tuple)
        }
        flags = [_missing_is_flagged(name, words, self.columns) for name, words in missing.items()]
        return pa.DataFrameSchema(
            columns,
            checks=[pa.Check(function, error=message) for message, function in [*self.checks, *flags]],
            unique=list(self.key),
            strict=True,
            ordered=True,
            coerce=False,
        )

    def validated(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the frame if it passes the schema.

        Raises
        ------
        TableError
            Names the table and the first cases.
        """
        import pandera.errors

        try:
            return self.schema().validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            cases = errors.failure_cases.sort_values("schema_context", kind="stable").head(10)
            files = ", ".join(f"{source.id}/{path}" for source, paths in self.inputs for path in paths)
            raise TableError(
                f"The table {self.name!r}, made by {self.built_by} of {files}, does not pass its schema; nothing was replaced. "
                f"If the producer has changed a file, change its module as well. First cases:\n{cases.to_string(index=False)}"
            ) from errors

    @property
    def coverage(self) -> tuple[str, ...]:
        """The columns whose extent the catalog states: the year, texts of the key, and what has known values."""
        known = {name for name, about in self.columns.items() if about.constant or "isin" in about.checks}
        texts = {name for name in self.key if self.columns[name].dtype == "str"}
        return tuple(name for name in self.columns if name in {"year", *known, *texts} - {"unit"})

    @property
    def file(self) -> str:
        """Name of the table's file in the data folder."""
        return f"{self.name}.{self.format}"

    @property
    def vintages(self) -> tuple[str, ...]:
        """The vintages: the values that their column may have."""
        return tuple(self.columns[self.vintage[0]].checks["isin"]) if self.vintage else ()

    @property
    def built_by(self) -> str:
        """Where the cleaning code is: `module:function`."""
        return f"{self.build.__module__}:{self.build.__qualname__}"

    @property
    def redistributable(self) -> str:
        """The least open of the sources' terms."""
        return max((source.redistributable for source, _ in self.inputs), key=REDISTRIBUTABLE.index)

    @property
    def embedded(self) -> bool:
        """Whether the package may carry the table."""
        return self.redistributable in EMBEDDED

    def origins(self) -> tuple[Origin, ...]:
        """Return where the table is from."""
        return tuple(source.origin(paths) for source, paths in self.inputs)


def columns(**about: Column) -> Callable[[Build], Build]:
    """Give a cleaning function the columns of its table, in their order."""

    def give(function: Build) -> Build:
        vars(function)["columns"] = about
        return function

    return give


def table(
    *inputs: Source | str,
    key: str,
    order: str | None = None,
    unit: str = "",
    vintage: str = "",
    format: str = "parquet",
) -> Callable[[Build], Table]:
    """Make a cleaning function with `columns` a `Table` of the function's name; its docstring has title, description, and warnings.

    The first line of the docstring is the title, the text below it the description, and each item of the section `Warnings` a
    warning; constants of the module stand in braces. `inputs` are sources, each followed by the files that are read, or by none if
    all are. `key` and `order` are names separated by spaces. `unit` is that of the column `unit` where it is not given. The first
    column of the key holds the vintages of a table that has several, and `vintage` is the one that `load` serves by default.
    """
    files: list[tuple[Source, list[str]]] = []
    for each in inputs:
        if isinstance(each, str):
            files[-1][1].append(each)
        else:
            files.append((each, []))

    def make(function: Build) -> Table:
        own: dict[str, Column] = vars(function)["columns"]
        made = Table(
            name=function.__name__,
            build=function,
            inputs=tuple((source, tuple(paths or source.files)) for source, paths in files),
            columns=own,
            unit=unit or own["unit"].constant or "by row",
            key=tuple(key.split()),
            order=None if order is None else tuple(order.split()),
            vintage=(key.split()[0], vintage) if vintage else None,
            format=format,
            **_documented(function),
        )
        functools.update_wrapper(made, function)
        return made

    return make


def _documented(function: Build) -> dict[str, Any]:
    """Read title, description, and warnings in the docstring of a cleaning function."""
    about, *sections = re.split(r"\n\n(\w+)\n-+\n", inspect.getdoc(function) or "")
    title, _, description = about.partition("\n\n")
    items = dict(zip(sections[::2], sections[1::2], strict=True)).get("Warnings", "").split("\n- ")

    def told(text: str) -> str:
        return " ".join(text.removeprefix("- ").split()).format_map(inspect.unwrap(function).__globals__)

    warnings = tuple(told(item) for item in items if item)
    return {"title": told(title).removesuffix("."), "description": told(description), "warnings": warnings}


def _missing_is_flagged(
    name: str, words: tuple[str, ...], columns: Mapping[str, Column]
) -> tuple[str, Check]:
    mark = f"{name}_flag" if f"{name}_flag" in columns else "flag"
    return (
        f"{name} is missing exactly where {mark} is {' or '.join(words)}",
        lambda frame: frame[name].isna() == frame[mark].isin(words),
    )


def coded(name: str = "economy", level: str = "level") -> tuple[str, Check]:
    """Check that economies, and nothing else, have ISO3 codes: a message and a function, for `Table.checks`."""
    return (
        f"{name} is an ISO3 code exactly where {level} is economy",
        lambda frame: frame[name].isin(ECONOMIES) == (frame[level] == "economy"),
    )
