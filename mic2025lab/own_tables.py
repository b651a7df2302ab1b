"""A table of the user's own: read from a file or a frame, and checked row by row like a table of the package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab import own_files, own_numbers, own_text
from mic2025lab.classifications import economies, products, regions
from mic2025lab.errors import TableError, nearest, shown, unknown_name
from mic2025lab.findings import counted

if TYPE_CHECKING:
    import pandas as pd

#: Columns of economies, which become ISO3 codes; further columns of text; columns of whole years; columns of numbers.
ECONOMIES = ("economy", "exporter", "importer")
TEXT = (
    *ECONOMIES,
    "product",
    "hs",
    "industry",
    "sector",
    "indicator",
    "firm",
    "ownership",
    "period",
    "unit",
    "flag",
    "note",
)
NUMBERS = (
    "value", "output", "exports", "imports", "value_added", "labor", "wage_bill", "capital", "materials", "investment", "debt",
    "assets", "interest", "profit", "ebit", "subsidy",
)  # fmt: skip
_NO_KEY = ("unit", "flag", "note", "ownership")

# Column -> its description and the values of the two examples of a template.
_ABOUT: Mapping[str, tuple[str, Any, Any]] = {
    "economy": ("ISO3 code or name of the economy; WLD for the world", "CHN", "WLD"),
    "exporter": ("ISO3 code or name of the exporter", "CHN", "NAM"),
    "importer": ("ISO3 code or name of the importer", "DEU", "CHN"),
    "product": ("HS code as text, with its leading zero", "850760", "010121"),
    "industry": ("name or code of the industry, as text", "motor_vehicles", "aerospace"),
    "firm": ("identifier of the firm, as text", "F1", "F2"),
    "year": ("calendar year", 2015, 2015),
    "value": ("the number, in one unit for the whole file", 100.5, 400),
    "output": ("gross output, in the unit of exports and imports", 1000, 1200.5),
    "exports": ("exports", 300, 350),
    "imports": ("imports", 200, 180),
    "value_added": ("value added, in money", 20.5, 31),
    "labor": ("employees", 120, 200),
    "wage_bill": ("wages and salaries, in money", 9, 14.5),
    "capital": ("capital stock, in money", 40, 75),
    "materials": ("intermediate inputs, in money", 60, 80),
}

#: Form -> its columns.
FORMS: Mapping[str, tuple[str, ...]] = {
    "market_shares": ("economy", "industry", "year", "value"),
    "specialization": ("exporter", "product", "year", "value"),
    "trade": ("exporter", "importer", "product", "year", "value"),
    "penetration": ("industry", "year", "output", "exports", "imports"),
    "firm_panel": ("firm", "year", "industry", "value_added", "labor", "wage_bill", "capital", "materials"),
}
_RIGHT_YEAR = "a whole year, such as 2015"
_RIGHT_NUMBER = "a finite number, with a decimal point and without separators of thousands, or an empty cell"
_EXAMPLE = "example: replace or delete this row"


@dataclass(frozen=True)
class Problem:
    """A value that is wrong: its row (counted below the header, from 1), its column, the value, and what would be right."""

    row: int
    column: str
    value: Any
    right: str


@dataclass(frozen=True, eq=False)
class Checked:
    """A table that was read, the columns that identify a row, what is unusual about the file, and what is wrong."""

    table: pd.DataFrame
    key: tuple[str, ...]
    notes: list[str]
    problems: list[Problem]


def read(source: Path | pd.DataFrame, columns: Mapping[str, str], name: str, form: str = "") -> Checked:
    """Read a table and check it.

    Parameters
    ----------
    source : Path or pandas.DataFrame
        A file as `own_files.locate` returns it, or a frame, which is not changed.
    columns : mapping
        Our name -> the name in the source. Columns that have our names need not be given; if any is given, others are left out.
    name : str
        Name of the source, for messages.
    form : str
        A name of `FORMS`, whose columns it must have.

    Raises
    ------
    TableError
        If it cannot be read, has no rows, or lacks a column.
    """
    if not isinstance(source, Path):
        source = source.reset_index() if any(source.index.names) else source
        source = source.set_axis(list(own_text.unique(map(str, source))), axis=1)
    header = own_files.read_header(source) if isinstance(source, Path) else [str(column) for column in source]
    chosen = _chosen(header, columns, name, form)
    numbers = [column for column in ("year", *NUMBERS) if column in chosen]
    texts = [column for column in TEXT if column in chosen]
    if isinstance(source, Path):
        table, notes = own_files.read_table(
            source, numbers=[chosen[c] for c in numbers], names=[chosen[c] for c in texts]
        )
    else:
        table, notes = source, []
    table = table[list(chosen.values())].set_axis(list(chosen), axis=1).reset_index(drop=True)
    blank = table.isna().all(axis=1)
    notes += [f"left out: {counted(int(blank.sum()), 'row')} without any value"] * bool(blank.any())
    table = table[~blank]
    if table.empty:
        raise TableError(f"{name} has no row. Give a table with a header and at least one row.")
    wrong: dict[str, pd.Series] = {}
    table, unusual = own_numbers.read_numbers(table, numbers, TEXT, name, wrong=wrong)
    notes += unusual
    problems = [
        p
        for column, bad in wrong.items()
        for p in _problems(column, bad, _RIGHT_YEAR if column == "year" else _RIGHT_NUMBER)
    ]
    problems += [
        p for c in numbers for p in _problems(c, table[c][table[c].abs() == float("inf")], _RIGHT_NUMBER)
    ]
    for column in texts:
        text, unusual = own_numbers.read_names(table[column], column, name)
        if column in ECONOMIES:
            text, unusual = _economies(text, problems)
        elif column == "product":
            text = _products(text, notes, problems)
        elif column == "industry":
            text, more = own_numbers.restore_zeros(text, column)
            unusual += more
        table[column] = text
        notes += unusual
    table = table.assign(**{c: _plain(table[c]) for c in map(str, table) if c not in texts})
    return _keyed(table, notes, problems, set(wrong))


def _chosen(header: list[str], columns: Mapping[str, str], name: str, form: str) -> dict[str, str]:
    """Return our names and those of the source, in the order of the source."""
    for theirs in columns.values():
        if theirs not in header:
            raise unknown_name("column", theirs, header, of=name, error=TableError)
    known = {"year", *TEXT, *NUMBERS}
    own = {c: c for c in header if c not in columns and (c in known or not columns)}
    chosen = {**own, **columns}
    lacking = [column for column in FORMS.get(form, ()) if column not in chosen]
    if lacking:
        example = ",".join(f"{column}={nearest(column, header) or '…'}" for column in lacking)
        raise TableError(
            f"{name} has no column {', '.join(map(repr, lacking))}, which {form} needs. Say which columns to use: --columns {example}. "
            f"It has: {', '.join(header) or 'none'}."
        )
    return dict(sorted(chosen.items(), key=lambda pair: header.index(pair[1])))


def _problems(column: str, bad: pd.Series, right: str | Callable[[Any], str]) -> list[Problem]:
    said = right if callable(right) else lambda value: right
    return [
        Problem(row + 1, column, value, said(value))
        for row, value in zip(bad.index.tolist(), bad, strict=True)
    ]


def _economies(text: pd.Series, problems: list[Problem]) -> tuple[pd.Series, list[str]]:
    codes = {label: _code(label) for label in text.dropna().unique()}
    found = text.map(codes)

    def right(label: str) -> str:
        near = nearest(label, economies.ECONOMIES.values()) or nearest(label, economies.ECONOMIES)
        return f"an economy{f', such as {near!r}' if near else ''}; leave out rows of totals, or write WLD for the world"

    unknown = found.isna() & text.notna()
    problems += _problems(str(text.name), text[unknown], right)
    changed = [f"{label} is read as {code}" for label, code in codes.items() if code and code != label]
    notes = (
        [f"{text.name}: {changed[0]}{f', and {len(changed) - 1} more alike' if changed[1:] else ''}"]
        if changed
        else []
    )
    return found.where(~unknown, text).astype("str").where(text.notna()), notes


def _code(label: str) -> str | None:
    """Return the ISO3 code of a code of three or two letters, a number of M49 or Comtrade, or a name."""
    code = economies.find(label)
    if code is None and label.isascii() and label.isdigit():
        one = regions.numbered(int(label)) or ()
    else:
        one = () if code else regions.two_letters(label) or ()
    return code or (next(iter(one)) if len(one) == 1 else None)


def _products(text: pd.Series, notes: list[str], problems: list[Problem]) -> pd.Series:
    """Restore the zeros of codes of the HS, which have 2, 4, 6, or more digits, in pairs. Other codes and names stay as they are."""
    plain = text.str.replace("[. ]", "", regex=True)
    lost = plain.str.fullmatch("[0-9]+").eq(True) & (plain.str.len() % 2 == 1)
    lost &= (plain.str.len() > 1) | bool(
        (plain.str.len() == 2).any()
    )  # the sections of the SITC have one digit
    codes = plain.where(~lost, "0" + plain)
    # Customs add subheadings of their own, and chapters 98 and 99 are for national use.
    there = codes.str[:4].isin(products.every_code()) & codes.str.fullmatch("[0-9]+").eq(True)
    there |= codes.isin(products.UNSPECIFIED) | codes.str.fullmatch("9[89][0-9]{2,}").eq(True)
    if 2 * there.sum() < text.notna().sum():
        notes.append("product: not codes of the Harmonized System; used as they are")
        return text
    if lost.any():
        notes.append(
            f"product: leading zero restored in {counted(int(lost.sum()), 'row')}, such as {codes[lost].iloc[0]}"
        )
    right = "a code of the Harmonized System of 2, 4, 6, or more digits, as text; leave out rows of totals"
    problems += _problems("product", text[~there & text.notna()], right)
    return codes


def _plain(column: pd.Series) -> pd.Series:
    """Return a column as whole numbers, numbers, truth values, or text."""
    import pandas as pd

    types = pd.api.types
    if types.is_bool_dtype(column) and not column.isna().any():
        return column.astype(bool)
    if types.is_integer_dtype(column) and not column.isna().any():
        return column.astype("int64")
    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        return column.astype("float64")
    text = column.astype("str").str.strip()
    return text.where(column.notna() & (text != ""))


def _keyed(table: pd.DataFrame, notes: list[str], problems: list[Problem], wrong: Iterable[str]) -> Checked:
    """Check years, examples of a template, and the columns that identify a row."""
    if "note" in table:
        problems += _problems(
            "note", table["note"][table["note"].str.startswith("example").eq(True)], "a row of yours"
        )
    if "year" in table:
        year = table["year"]
        odd = year.notna() & ((year % 1 != 0) | ~year.between(1500, 2500))
        problems += _problems("year", year[odd], _RIGHT_YEAR)
        if not odd.any() and not year.isna().any():
            table = table.assign(year=year.astype("int64"))
    texts = [c for c in map(str, table) if table[c].dtype.kind not in "iufb" and c not in _NO_KEY]
    dates = [c for c in ("year", "month", "quarter") if c in table and c not in texts]
    key = ["firm", "year"] if {"firm", "year"} <= set(table) else [*texts, *dates]
    for column in key:
        if column in TEXT or (column == "year" and column not in wrong):
            problems += _problems(
                column,
                table[column][table[column].isna()],
                "a value in every row; fill it, or leave out the row",
            )
    if key:
        again = table.duplicated(key)
        if again.any():
            groups = table.groupby(key, dropna=False, sort=False).ngroup()
            first = table.index.to_series().groupby(groups).transform("first")[again] + 1
            values = table.loc[again, key].astype("str").agg(", ".join, axis=1)
            for row, value, same in zip(first.index.tolist(), values, first, strict=True):
                what = f"one row for each {', '.join(key)}; row {same} has the same"
                problems.append(Problem(row + 1, ", ".join(key), value, what))
    return Checked(table.reset_index(drop=True), tuple(key), notes, sorted(problems, key=lambda p: p.row))


def refuse(checked: Checked, name: str) -> None:
    """Raise an error if a table has problems.

    Raises
    ------
    TableError
        Names the first three.
    """
    if checked.problems:
        first = "\n".join(f"  {line(problem)}" for problem in checked.problems[:3])
        raise TableError(
            f"{name} has {counted(len(checked.problems), 'problem')}:\n{first}\n"
            "Correct them. `mic2025lab data check FILE` lists them."
        )


def line(problem: Problem) -> str:
    """Write a problem in one line.

    Examples
    --------
    >>> line(Problem(3, "year", 2015.5, "a whole year, such as 2015"))
    'row 3, year: 2015.5; right would be a whole year, such as 2015'
    """
    value = "empty" if problem.value != problem.value or problem.value is None else shown(problem.value, 60)
    return f"row {problem.row}, {problem.column}: {value}; right would be {problem.right}"


def lines(problems: Iterable[Problem]) -> list[str]:
    """Write the problems of a table: of each kind how many there are, and the first 20."""
    kinds: dict[tuple[str, ...], list[Problem]] = {}
    for problem in problems:
        kinds.setdefault((problem.column, *problem.right.split()[:2]), []).append(problem)
    return [
        text
        for (column, *_), same in kinds.items()
        for text in (
            f"{column}: {counted(len(same), 'problem')}{', the first 20' if len(same) > 20 else ''} (rows are counted below the header)",
            *(f"  {line(problem)}" for problem in same[:20]),
        )
    ]


def template(form: str) -> str:
    """Return a CSV file of a form: a guide to its columns above the header, and two rows that are labeled as examples.

    Examples
    --------
    >>> print(template("market_shares").splitlines()[-2])
    CHN,motor_vehicles,2015,100.5,example: replace or delete this row
    """
    import csv
    import io

    if form not in FORMS:
        raise unknown_name("form", form, FORMS)
    columns = FORMS[form]
    rows = [[f"{column}: {_ABOUT[column][0]}", *[""] * len(columns)] for column in columns]
    rows += [[*columns, "note"], *([*(_ABOUT[c][n] for c in columns), _EXAMPLE] for n in (1, 2))]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
