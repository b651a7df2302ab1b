"""A panel of firms: the user's own file, or simulated firms that are labeled as such.

The package contains no data on firms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mic2025lab import own_files, own_numbers
from mic2025lab.errors import LabError, ParameterError, TableError, nearest, shown, unknown_name
from mic2025lab.findings import counted

if TYPE_CHECKING:
    import pandas as pd

#: The path that stands for the simulated panel.
SIMULATED = "simulated"
#: Columns that hold text. All others that an analysis needs hold numbers.
TEXT = ("firm", "industry", "ownership", "indicator")
#: The column names of a panel, which the models use by default.
NAMES = (
    *TEXT, "year", "age", "value_added", "labor", "wage_bill", "capital", "materials", "investment", "debt", "assets",
    "interest", "profit", "ebit", "subsidy", "tobins_q", "short_debt", "long_debt", "bonds",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Panel:
    """A panel of firms and its origin.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per firm and year, with the column names of `NAMES`. Identifiers are text, years are whole numbers, the other
        columns that were asked for are numbers, missing where the file has none. Further columns are as in the file.
    simulated : bool
        True if the firms are simulated. Use `named` and `titled` for everything that is recorded.
    label : str
        A short description for the foot of a figure.
    name : str
        File name without its folder, or "simulated".
    sha256 : str or None
        Checksum of the file; None for the simulated panel.
    notes : list of str
        Rows that were dropped and values that were changed while reading.
    """

    table: pd.DataFrame
    simulated: bool
    label: str
    name: str
    sha256: str | None
    notes: list[str]

    def named(self, name: str) -> str:
        """Return the name under which a result is recorded: with the prefix "simulated_" if the firms are simulated.

        Examples
        --------
        >>> read_panel("simulated", [], ["firm"]).named("elasticities")
        'simulated_elasticities'
        """
        return f"simulated_{name}" if self.simulated else name

    def titled(self, text: str) -> str:
        """Return a title, caption, or sentence: with the prefix "Simulated firms: " if the firms are simulated.

        Examples
        --------
        >>> read_panel("simulated", [], ["firm"]).titled("half of them lose money.")
        'Simulated firms: half of them lose money.'
        """
        return f"Simulated firms: {text}" if self.simulated else text


def read_panel(
    path: str,
    columns: Sequence[str] | Mapping[str, str],
    needs: Sequence[str],
    *,
    seed: int = 2025,
) -> Panel:
    """Read a panel of firms, with the column names that the models use by default.

    Parameters
    ----------
    path : str
        "simulated", or a file with a row for each firm and year: text with separators, Parquet, Excel, Stata, or SPSS.
    columns : list of str, or mapping
        Which columns of the file to use, as "ours=theirs" or {ours: theirs}. A column of the file may be used twice. Columns
        that have our names already need not be given.
    needs : list of str
        Columns that must be there, by our names. They need not be in `NAMES`.
    seed : int
        Seed of the simulated panel.

    Returns
    -------
    Panel
        Rows without a firm or year are left out, and infinite numbers become missing. Other missing values stay. `notes` says
        what was done, also where the file is not plain: separators, decimal commas, encoding, several header rows, lost zeros.

    Raises
    ------
    ParameterError
        If the path or a name in `columns` is wrong.
    TableError
        If the file cannot be read, a column is absent or not numeric, a firm and year occurs twice, or there are no rows, only
        one firm, or only one year.

    Examples
    --------
    >>> panel = read_panel("simulated", [], ["firm", "year", "value_added"])
    >>> panel.simulated, panel.label
    (True, 'Simulated panel, seed 2025: not real firms')
    """
    chosen = dict(columns) if isinstance(columns, Mapping) else own_files.parse_columns(columns)
    notes: list[str] = []
    sha256 = None
    if path == SIMULATED:
        name, table = SIMULATED, _simulated(seed)
        _check_simulated(list(table.columns), needs)
    else:
        file = own_files.locate(path)
        name, sha256 = own_files.name_of(file), own_files.checked_digest(path)
        _check_columns(own_files.read_header(file), chosen, needs, name)
        theirs = {column: chosen.get(column, column) for column in [*needs, *TEXT]}
        numbers = [theirs[column] for column in needs if column not in TEXT]
        table, notes = own_files.read_table(file, numbers=numbers, names=[theirs[column] for column in TEXT])
        table = _renamed(table, chosen, notes)
    table = _cleaned(table, needs, name, notes)
    for what in [column for column in ("firm", "year") if column in needs]:
        if (number := table[what].nunique()) < 2:
            raise TableError(
                f"{name} has {counted(number, what)}, but the analysis needs at least 2; "
                f"is {what!r} the right column? Name another with columns={what}=…"
            )
    simulated = "simulated" in table and bool(
        table["simulated"].astype(str).str.lower().isin(["true", "1", "1.0"]).any()
    )
    if path == SIMULATED:
        label = f"Simulated panel, seed {seed}: not real firms"
    else:
        label = f"{name}: {_extent(table, needs)}" + (", simulated: not real firms" if simulated else "")
    return Panel(table, simulated, label, name, sha256, notes)


def panel_problems(
    path: str, columns: Sequence[str], needs: Sequence[str], base_year: int | None = None
) -> Iterator[str]:
    """Yield what is wrong with a path and its columns, one line each, and whether the panel has years on both sides of a base year.

    Only the header of the file is read, and the column of the year if there is a base year.
    """
    try:
        chosen = own_files.parse_columns(columns)
        if path == SIMULATED:
            name = "the simulated panel"
            if chosen:
                yield (
                    f"columns = {shown(list(columns))} needs a file, and path = 'simulated'; give a file, or leave columns out."
                )
                return
            _check_simulated(list(_simulated(2025, n_firms=2).columns), needs)
        else:
            file = own_files.locate(path)
            name = own_files.name_of(file)
            _check_columns(own_files.read_header(file), chosen, needs, name)
        if base_year is None:
            return
        years = _years(path, chosen)
        if not years.min() < base_year < years.max():
            yield (
                f"base_year = {base_year} is not between the first and last year of {name}, {years.min():.0f} and {years.max():.0f}; "
                "choose a year between them."
            )
    except LabError as error:
        yield str(error)


def _years(path: str, columns: Mapping[str, str]) -> pd.Series:
    if path == SIMULATED:
        return _simulated(2025, n_firms=2)["year"]
    file, theirs = own_files.locate(path), columns.get("year", "year")
    name = own_files.name_of(file)
    _check_columns(own_files.read_header(file), columns, ["year"], name)
    table = own_files.read_table(file, numbers=[theirs])[0][[theirs]].set_axis(["year"], axis=1)
    years = own_numbers.read_numbers(table, ["year"], [], name)[0]["year"].dropna()
    if years.empty:
        raise TableError(f"{name} has no row with a year.")
    return years


def _extent(table: pd.DataFrame, needs: Sequence[str]) -> str:
    firms = [f"{table['firm'].nunique():,} firms"] if "firm" in needs else []
    years = [f"{table['year'].min()}–{table['year'].max()}"] if "year" in needs else []
    return ", ".join([*firms, *years]) or f"{len(table):,} rows"


def _simulated(seed: int, n_firms: int = 500) -> pd.DataFrame:
    from mic2025lab import models

    table: pd.DataFrame = models.simulated_firms(n_firms=n_firms, seed=seed)
    return table


def _check_simulated(have: Sequence[str], needs: Sequence[str]) -> None:
    for absent in [name for name in needs if name not in have]:
        raise unknown_name("column", absent, have, of="the simulated panel", error=ParameterError)


def _check_columns(have: Sequence[str], columns: Mapping[str, str], needs: Sequence[str], name: str) -> None:
    known = list(dict.fromkeys([*needs, *NAMES]))
    for ours, theirs in columns.items():
        if ours not in known:
            raise unknown_name("column", ours, known, of="a panel (left of the = sign)", error=ParameterError)
        if theirs not in have:
            raise unknown_name("column", theirs, have, of=name, error=ParameterError)
    lost = [ours for ours in needs if ours not in columns and ours not in have]
    if lost:
        near = {ours: nearest(ours, [column for column in have if len(column) < 60]) for ours in lost}
        example = ",".join(f"{ours}={near[ours] or '…'}" for ours in lost)
        raise TableError(
            f"{name} has no column {', '.join(map(repr, lost))}. Say which of its columns to use with columns={example}. "
            f"It has: {', '.join(shown(column).strip(chr(39)) for column in have) or 'none'}."
        )
    twice = [ours for ours in needs if ours not in columns and f"{ours} (2)" in have]
    if twice:
        raise TableError(
            f"{name} has more than one column named {twice[0]!r}. Say which to use: columns={twice[0]}={twice[0]} is the first, "
            f"columns={twice[0]}={twice[0]} (2) the second."
        )


def _renamed(table: pd.DataFrame, columns: Mapping[str, str], notes: list[str]) -> pd.DataFrame:
    # Not a rename, because a column may be used twice (materials=inv, investment=inv).
    chosen = {ours: table[theirs] for ours, theirs in columns.items()}
    hidden = [ours for ours, theirs in columns.items() if ours in table and ours != theirs]
    if hidden:
        notes.append(
            f"not used: the file's own {', '.join(hidden)}, because other columns were named instead"
        )
    return table.assign(**chosen)


def _cleaned(table: pd.DataFrame, needs: Sequence[str], name: str, notes: list[str]) -> pd.DataFrame:
    import numpy as np

    numbers = [column for column in needs if column not in TEXT]
    table, unusual = own_numbers.read_numbers(table, numbers, TEXT, name)
    notes += unusual
    for column in [c for c in TEXT if c in table]:
        table[column], unusual = own_numbers.read_names(table[column], column, name)
        notes += unusual
    if "industry" in table:
        table["industry"], unusual = own_numbers.restore_zeros(table["industry"], "industry")
        notes += unusual
    keys = [c for c in ("firm", "year") if c in needs]
    for column in numbers:
        infinite = np.isinf(table[column])
        if infinite.any():
            notes.append(
                f"{column} is infinite in {counted(int(infinite.sum()), 'row')} and was set to missing"
            )
            table[column] = table[column].mask(infinite)
    lost = table[keys].isna().any(axis=1)
    if lost.any():
        notes.append(f"dropped: {counted(int(lost.sum()), 'row')} without {' or '.join(keys)}")
        table = table[~lost]
    if table.empty:
        raise TableError(f"{name} has no row{' with a firm and a year' if lost.any() else ''}.")
    if "year" in keys:
        odd = table["year"][table["year"] % 1 != 0]
        if len(odd):
            raise TableError(
                f"Column 'year' of {name} has {own_numbers.first_of(odd)}; years must be whole numbers."
            )
        table["year"] = table["year"].astype("int64")
    if len(keys) == 2:
        twice = table[table.duplicated(keys, keep=False)]
        if len(twice):
            firm, year = twice.iloc[0][keys]
            raise TableError(
                f"{name} has {len(twice)} rows whose firm and year occur more than once, first {firm!r} in {year}; keep one row per "
                "firm and year, or name the column that identifies firms with columns=firm=…"
            )
    return table.reset_index(drop=True)
