"""A panel of firms: the user's own file, or simulated firms that are labeled as such.

The package contains no data on firms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mic2025lab import own_files, own_tables
from mic2025lab.errors import LabError, ParameterError, TableError, shown, unknown_name
from mic2025lab.findings import counted

if TYPE_CHECKING:
    import pandas as pd

#: The path that stands for the simulated panel.
SIMULATED = "simulated"


@dataclass(frozen=True, eq=False)
class Panel:
    """A panel of firms and its origin.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per firm and year: the columns that were asked for, and others of `own_tables.COLUMNS` that the file has. Identifiers are
        text, years are whole numbers, the other columns are numbers, missing where the file has none.
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
        Columns that must be there, by our names.
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
        If the file cannot be read, a column is absent, values are wrong (text among numbers, a firm and year twice), or there are no
        rows, only one firm, or only one year.

    Examples
    --------
    >>> panel = read_panel("simulated", [], ["firm", "year", "value_added"])
    >>> panel.simulated, panel.label
    (True, 'Simulated panel, seed 2025: not real firms')
    """
    chosen = dict(columns) if isinstance(columns, Mapping) else own_files.parse_columns(columns)
    if path == SIMULATED:
        if chosen:
            raise ParameterError(
                f"columns = {shown(chosen)} needs a file, and path = 'simulated'; give a file, or leave columns out."
            )
        return _simulated(needs, seed)
    file, known = own_files.locate(path), [*own_tables.COLUMNS, *needs]
    for absent in [ours for ours in chosen if ours not in known]:
        raise unknown_name("column", absent, known, of="a panel (left of the = sign)", error=ParameterError)
    name, sha256 = own_files.name_of(file), own_files.checked_digest(path)
    checked = own_tables.read(file, chosen, name, needs, panel=True)
    own_tables.refuse(checked, name)
    table, extent = checked.table, []
    for what in [column for column in ("firm", "year") if column in needs]:
        if (number := table[what].nunique()) < 2:
            raise TableError(
                f"{name} has {counted(number, what)}, but the analysis needs at least 2; "
                f"is {what!r} the right column? Name another with columns={what}=…"
            )
        ends = f"{table[what].min()}–{table[what].max()}"
        extent.append(counted(number, what) if what == "firm" else ends)
    simulated = "simulated" in table and bool(table["simulated"].str.lower().isin(["true", "1", "1.0"]).any())
    label = f"{name}: {', '.join(extent) or counted(len(table), 'row')}{', simulated: not real firms' * simulated}"
    return Panel(table, simulated, label, name, sha256, checked.notes)


def _simulated(needs: Sequence[str], seed: int) -> Panel:
    from mic2025lab import models

    table = models.simulated_firms(n_firms=500, seed=seed)
    for absent in [name for name in needs if name not in table]:
        raise unknown_name("column", absent, table, of="the simulated panel", error=ParameterError)
    table["firm"] = table["firm"].astype("str")
    return Panel(table, True, f"Simulated panel, seed {seed}: not real firms", SIMULATED, None, [])


def panel_problems(
    path: str, columns: Sequence[str], needs: Sequence[str], base_year: int | None = None
) -> Iterator[str]:
    """Yield what is wrong with a path and its columns, and whether the panel has years on both sides of a base year."""
    try:
        panel = read_panel(path, columns, needs)
    except LabError as error:
        yield str(error)
        return
    years = panel.table["year"]
    if base_year is not None and not years.min() < base_year < years.max():
        yield (
            f"base_year = {base_year} is not between the first and last year of {panel.name}, {years.min()} and {years.max()}; "
            "choose a year between them."
        )
