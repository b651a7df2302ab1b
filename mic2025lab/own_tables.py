"""A table of the user's own: read from a file or a frame, and checked row by row like a table of the package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab import own_files, own_numbers, own_text
from mic2025lab.classifications import economies, lists, products, regions
from mic2025lab.errors import TableError, nearest, shown, unknown_name
from mic2025lab.findings import counted

if TYPE_CHECKING:
    import pandas as pd

#: The columns that a table of the user's own may have by our names: kind (`economy`: text that becomes an ISO3 code; `text`; `label`: text that
#: is no part of a key; `number`), description, and the values of the two examples of a template.
COLUMNS = {row["name"]: row for row in lists.read("own_columns")}
TEXT = tuple(name for name, about in COLUMNS.items() if about["kind"] != "number")

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


def read(
    source: Path | pd.DataFrame,
    columns: Mapping[str, str],
    name: str,
    needs: Sequence[str] = (),
    *,
    panel: bool = False,
) -> Checked:
    """Read a table and check it.

    Parameters
    ----------
    source : Path or pandas.DataFrame
        A file as `own_files.locate` returns it, or a frame, which is not changed.
    columns : mapping
        Our name -> the name in the source. Columns that have our names need not be given; if any is given, others are left out.
    name : str
        Name of the source, for messages.
    needs : sequence of str
        Columns that it must have. Those that `COLUMNS` does not list hold numbers.
    panel : bool
        A panel of firms: other columns are left out, infinite numbers become missing, and rows without a firm or a year are left out. In
        other tables these are problems.

    Raises
    ------
    TableError
        If it cannot be read, has no rows, or lacks a column.
    """
    theirs = {ours: columns.get(ours, ours) for ours in (*COLUMNS, *needs)}
    if isinstance(source, Path):
        numbers = [theirs[ours] for ours in theirs if ours not in TEXT]
        table, notes = own_files.read_table(source, numbers, [theirs[ours] for ours in TEXT])
    else:
        frame = source.reset_index() if any(source.index.names) else source
        table, notes = frame.set_axis(own_text.unique(map(str, frame)), axis=1), []
    chosen = _chosen([*map(str, table)], columns, name, needs, panel=panel)
    numbers = [column for column in chosen if column in theirs and column not in TEXT]
    texts = [column for column in TEXT if column in chosen]
    table = table[list(chosen.values())].set_axis(list(chosen), axis=1).reset_index(drop=True)
    blank = table.isna().all(axis=1)
    notes += [f"left out: {counted(int(blank.sum()), 'row')} without any value"] * bool(blank.any())
    table, unusual, wrong = own_numbers.read_numbers(table[~blank], numbers, TEXT)
    notes += unusual
    problems: list[Problem] = []
    for column in numbers:
        if column in wrong:
            problems += _problems(wrong[column], _RIGHT_YEAR if column == "year" else _RIGHT_NUMBER)
        infinite = table[column].abs() == float("inf")
        if panel and infinite.any():
            rows = counted(int(infinite.sum()), "row")
            notes.append(f"{column} is infinite in {rows} and was set to missing")
            table[column] = table[column].mask(infinite)
        else:
            problems += _problems(table[column][infinite], _RIGHT_NUMBER)
    for column in texts:
        text, unusual = own_numbers.read_names(table[column], column, name)
        if COLUMNS[column]["kind"] == "economy":
            text, unusual = _economies(text, notes, problems), []  # NA is Namibia
        elif column == "product":
            text = _products(text, notes, problems)
        elif column == "industry":
            text, more = own_numbers.restore_zeros(text, column)
            unusual += more
        table[column] = text
        notes += unusual
    table = table.assign(**{c: _plain(table[c]) for c in map(str, table) if c not in texts})
    keys = [column for column in ("firm", "year") if panel and column in needs]
    lost = table[keys].isna().any(axis=1)
    if lost.any():
        notes.append(f"left out: {counted(int(lost.sum()), 'row')} without {' or '.join(keys)}")
        table = table[~lost]
    if table.empty and not problems:
        raise TableError(
            f"{name} has no row. Give a table with a header and at least one row{' with ' * bool(keys)}{' and '.join(keys)}."
        )
    return _keyed(table, notes, problems, set(wrong))


def _chosen(
    header: list[str], columns: Mapping[str, str], name: str, needs: Sequence[str], *, panel: bool
) -> dict[str, str]:
    """Return our names and those of the source, in the order of the source."""
    for theirs in columns.values():
        if theirs not in header:
            raise unknown_name("column", theirs, header, of=name, error=TableError)
    known = {*COLUMNS, *needs}
    own = {c: c for c in header if c not in columns and (c in known or not (columns or panel))}
    chosen = {**own, **columns}
    if lacking := [column for column in needs if column not in chosen]:
        near = {column: nearest(column, [c for c in header if len(c) < 60]) or "…" for column in lacking}
        example = ",".join(f"{ours}={theirs}" for ours, theirs in near.items())
        raise TableError(
            f"{name} has no column {', '.join(map(repr, lacking))}. Say which of its columns to use: columns {example}. "
            f"It has: {', '.join(shown(column).strip(chr(39)) for column in header) or 'none'}."
        )
    for twice in (column for column in needs if column not in columns and f"{column} (2)" in header):
        raise TableError(
            f"{name} has more than one column named {twice!r}. Say which to use: {twice}={twice} is the first, {twice}={twice} (2) the second."
        )
    return dict(sorted(chosen.items(), key=lambda pair: header.index(pair[1])))


def _problems(bad: pd.Series, right: str | Callable[[Any], str]) -> list[Problem]:
    said = right if callable(right) else lambda value: right
    rows = zip(bad.index.tolist(), bad, strict=True)
    return [Problem(row + 1, str(bad.name), value, said(value)) for row, value in rows]


def _economies(text: pd.Series, notes: list[str], problems: list[Problem]) -> pd.Series:
    """Return the ISO3 codes of names and codes of economies; a label that is none is a problem, and stays."""

    def right(label: str) -> str:
        near = nearest(label, economies.ECONOMIES.values()) or nearest(label, economies.ECONOMIES)
        return f"an economy{f', such as {near!r}' if near else ''}; leave out rows of totals, or write WLD for the world"

    codes = {label: _code(label) for label in text.dropna().unique()}
    renamed = [f"{label} is read as {code}" for label, code in codes.items() if code not in (None, label)]
    if renamed:
        more = f", and {len(renamed) - 1} more alike" if renamed[1:] else ""
        notes.append(f"{text.name}: {renamed[0]}{more}")
    problems += _problems(text[text.map(codes).isna() & text.notna()], right)
    return text.map({label: code or label for label, code in codes.items()}).astype("str")


@lru_cache(maxsize=1024)
def _code(label: str) -> str | None:
    """Return the ISO3 code of a code of three or two letters, a number of M49 or Comtrade, or a name."""
    code = economies.find(label)
    if code is not None:
        return code
    whole = label.isascii() and label.isdigit()
    one = (regions.numbered(int(label)) if whole else regions.two_letters(label)) or ()
    return next(iter(one)) if len(one) == 1 else None


def _products(text: pd.Series, notes: list[str], problems: list[Problem]) -> pd.Series:
    """Restore the zeros of codes of the HS, which have 2, 4, 6, or more digits, in pairs. Other codes and names stay as they are."""
    plain = text.str.replace("[. ]", "", regex=True)
    lost = plain.str.fullmatch("[0-9]+").eq(True) & (plain.str.len() % 2 == 1)
    # The sections of the SITC have one digit.
    lost &= (plain.str.len() > 1) | bool((plain.str.len() == 2).any())
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
    problems += _problems(text[~there & text.notna()], right)
    return codes


def _plain(column: pd.Series) -> pd.Series:
    """Return a column as whole numbers, numbers, truth values, or text."""
    kind = column.dtype.kind
    if kind in "biu" and not column.isna().any():
        return column.astype("bool" if kind == "b" else "int64")
    if kind in "iuf":
        return column.astype("float64")
    text = column.astype("str").str.strip()
    return text.where(column.notna() & (text != ""))


def _keyed(table: pd.DataFrame, notes: list[str], problems: list[Problem], wrong: Iterable[str]) -> Checked:
    """Check years, examples of a template, and the columns that identify a row."""
    if "note" in table:
        examples = table["note"].str.startswith("example").eq(True)
        problems += _problems(table["note"][examples], "a row of yours")
    if "year" in table:
        year = table["year"]
        odd = year.notna() & (year % 1 != 0)
        if "firm" not in table:  # the waves of a panel may be numbered
            odd |= year.notna() & ~year.between(1500, 2500)
        problems += _problems(year[odd], _RIGHT_YEAR)
        if not odd.any() and not year.isna().any():
            table = table.assign(year=year.astype("int64"))
    labels = {name for name, about in COLUMNS.items() if about["kind"] == "label"}
    texts = [c for c in map(str, table) if table[c].dtype.kind not in "iufb" and c not in labels]
    dates = [c for c in ("year", "month", "quarter") if c in table and c not in texts]
    key = ["firm", "year"] if {"firm", "year"} <= set(table) else [*texts, *dates]
    for column in key:
        if column in TEXT or (column == "year" and column not in wrong):
            empty = table[column][table[column].isna()]
            problems += _problems(empty, "a value in every row; fill it, or leave out the row")
    if key and (again := table.duplicated(key)).any():
        rows = table.index.to_series() + 1
        first = rows.groupby([table[column] for column in key], dropna=False).transform("first")
        values = table.loc[again, key].astype("str").fillna("empty").to_numpy().tolist()
        for row, same, value in zip(rows[again], first[again], values, strict=True):
            right = f"one row for each {', '.join(key)}; row {same} has the same"
            problems.append(Problem(row, ", ".join(key), ", ".join(value), right))
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
    written = []
    for (column, *_), same in kinds.items():
        most = ", the first 20" if len(same) > 20 else ""
        written.append(f"{column}: {counted(len(same), 'problem')}{most} (rows are counted below the header)")
        written += [f"  {line(problem)}" for problem in same[:20]]
    return written


def template(form: str) -> str:
    """Return a CSV file of a form: a guide to its columns above the header, and two rows that are labeled as examples.

    Examples
    --------
    >>> print(template("market_shares").splitlines()[-2])
    CHN,motor_vehicles,2015,100.5,example: replace or delete this row
    """
    import pandas as pd

    if form not in FORMS:
        raise unknown_name("form", form, FORMS)
    columns = FORMS[form]
    guide = [[f"{column}: {COLUMNS[column]['description']}", *[""] * len(columns)] for column in columns]
    examples = [[*(COLUMNS[column][n] for column in columns), _EXAMPLE] for n in ("first", "second")]
    rows = pd.DataFrame([*guide, [*columns, "note"], *examples])
    return rows.to_csv(index=False, header=False, lineterminator="\n")
