"""Numbers, names, and codes as people write them: decimal commas, marks of missing values, rows of units, codes without their zeros."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Number
from typing import TYPE_CHECKING, Any

from mic2025lab.errors import TableError, shown
from mic2025lab.findings import counted, listing
from mic2025lab.own_text import MISSING

if TYPE_CHECKING:
    import pandas as pd

_SPACES = " \u00a0\u202f'’"


def _pattern(group: str, decimal: str) -> str:
    whole = rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:[{group}{_SPACES}][0-9]{{3}})+)"
    plain = rf"(?:{whole}(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    return rf"[+-]?(?:{plain}|inf|Inf|INF|infinity|Infinity)"


#: Numbers by their decimal sign. The other sign, a space, or an apostrophe may stand between thousands.
_STYLES = {".": _pattern(",", "[.]"), ",": _pattern(".", ",")}


def read_numbers(
    table: pd.DataFrame, needs: Sequence[str], names: Iterable[str]
) -> tuple[pd.DataFrame, list[str], dict[str, pd.Series]]:
    """Turn text into numbers.

    Whether points or commas separate decimals is judged by all columns together. Rows of names or units below the header are
    left out.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns of text or numbers.
    needs : sequence of str
        Columns that must hold numbers.
    names : iterable of str
        Columns that stay as they are. Any other column becomes a column of numbers if all its values are numbers.

    Returns
    -------
    pandas.DataFrame, list of str, dict
        The table, with float64 in `needs`; what was unusual; and the values of `needs` that are not numbers or, such as 1,234, may be read
        in two ways, by column. They are missing in the table.

    Examples
    --------
    >>> import pandas as pd
    >>> table, notes, wrong = read_numbers(pd.DataFrame({"x": ["1.234,5", "2", "n/a"]}), ["x"], [])
    >>> table["x"].tolist(), notes, wrong
    ([1234.5, 2.0, nan], ['x: decimal commas'], {})
    """
    below = _rows_of_units(table, needs)
    notes = [f"left out: {counted(below, 'row')} of names or units below the header"] * bool(below)
    table = table.iloc[below:]
    others = [c for c in map(str, table) if c not in {*needs, *names} and _is_text(table[c])]
    texts = {c: _texts(table[c]) for c in [*needs, *others] if _is_text(table[c])}
    misfits = {
        c: {sign: text[~text.str.fullmatch(style)] for sign, style in _STYLES.items()}
        for c, text in texts.items()
    }
    fits = {c: [sign for sign, bad in signs.items() if bad.empty] for c, signs in misfits.items()}
    decided = {signs[0] for signs in fits.values() if len(signs) == 1}
    read = {c: table[c].astype("float64") for c in needs if c not in texts}
    wrong, commas, groups = {}, [], []
    for column, text in texts.items():
        sign = min(_STYLES, key=lambda sign: len(misfits[column][sign]))
        bad = misfits[column][sign]
        has_sign = text.str.contains("[.,]").any()
        if has_sign and len(fits[column]) == 2:  # 1.234 can be read in two ways
            sign = next(iter(decided)) if len(decided) == 1 else "."
            bad = bad if len(decided) == 1 else text[text.str.contains(",")]
        if column in needs or bad.empty:
            numbers = _converted(table[column].drop(bad.index), text.drop(bad.index), sign)
            read[column] = numbers.astype("float64").reindex(table.index) if column in needs else numbers
        if column in needs and len(bad):
            wrong[column] = bad
        elif column in needs and sign == "," and has_sign:
            commas.append(column)
        elif column in needs and sign == "." and text.str.contains(f"[,{_SPACES}]").any():
            groups.append(column)
    notes += [f"{listing(commas)}: decimal commas"] * bool(commas)
    notes += [f"{listing(groups)}: separators of thousands"] * bool(groups)
    return table.assign(**read), notes, wrong


def read_names(column: pd.Series, name: str, file: str) -> tuple[pd.Series, list[str]]:
    """Turn a column into text: identifiers and names. Only an empty cell is missing; "NA" and "None" are names.

    Returns
    -------
    pandas.Series, list of str
        The text without spaces around it, and what was unusual.

    Raises
    ------
    TableError
        If the digits of identifiers were lost: 9.13E+17 from a spreadsheet, or numbers beyond 2^53.
    """
    if column.dtype.kind == "f" and (column.dropna() % 1 == 0).all():
        too_long = column[column.abs() >= 2**53]
        column = column.astype("Int64")  # pandas turns 42 into 42.0 where another value is missing
    else:
        written = column.astype("str")
        too_long = column[written.str.fullmatch(r"[0-9][.,][0-9]+[eE]\+[0-9]+") & column.notna()]
    if len(too_long):
        raise TableError(
            f"Column {name!r} of {file} holds {shown(too_long.iloc[0], 30)}: the last digits of these identifiers are lost. "
            "Export the column as text."
        )
    notes = []
    if column.dtype.kind == "f":
        notes.append(
            f"{name}: stored as decimal numbers, such as {column.dropna().iloc[0]}, which have no zeros at the end"
        )
    text = column.astype("str").str.strip()
    text = text.where(column.notna() & (text != ""))
    like_missing = text[text.str.lower().isin(MISSING)]
    if len(like_missing):
        values = listing(map(repr, sorted(set(like_missing))), most=3)
        notes.append(
            f"{name}: {values} in {counted(len(like_missing), 'row')} is a name, not a missing value"
        )
    return text, notes


def restore_zeros(codes: pd.Series, name: str) -> tuple[pd.Series, list[str]]:
    """Give codes the leading zero that they lost where they were stored as numbers: 610 beside 1311 is 0610.

    Codes of two levels, such as 13 and 131, 132, stay as they are, as do codes whose lengths differ by more than one digit.

    Examples
    --------
    >>> import pandas as pd
    >>> codes, notes = restore_zeros(pd.Series(["610", "1311", "6110"]), "industry")
    >>> codes.tolist(), notes
    (['0610', '1311', '6110'], ['industry: leading zero restored in 1 code, such as 0610'])
    """
    different = codes.dropna().drop_duplicates()
    if not different.str.fullmatch("[0-9]+").all() or different.str.len().nunique() < 2:
        return codes, []
    longest = int(different.str.len().max())
    long, short = (set(different[different.str.len() == longest - less]) for less in (0, 1))
    if len(long) + len(short) < len(different) or 2 * len(short & {code[:-1] for code in long}) >= len(short):
        return codes, [
            f"{name}: codes of different length stay as they are; store them as text if zeros were lost"
        ]
    example = min(short).zfill(longest)
    return codes.str.zfill(longest), [
        f"{name}: leading zero restored in {counted(len(short), 'code')}, such as {example}"
    ]


def _is_text(column: pd.Series) -> bool:
    return column.dtype.kind not in "iuf"


def _is_typed(value: Any) -> bool:
    return isinstance(value, Number) and not isinstance(value, bool) and value == value


def _texts(column: pd.Series) -> pd.Series:
    """Return the text in a column without missing values and their marks; numbers in a spreadsheet are not text."""
    if column.dtype == object:
        column = column.mask(column.map(_is_typed).astype(bool))
    column = column.dropna()
    texts = column.astype("str").str.strip().str.replace("\u2212", "-")
    return texts[~texts.str.lower().isin(MISSING) & (texts != "")]


def _converted(column: pd.Series, texts: pd.Series, sign: str) -> pd.Series:
    import pandas as pd

    group = "," if sign == "." else "."
    plain = texts.str.replace(f"[{group}{_SPACES}]", "", regex=True).str.replace(sign, ".")
    numbers = pd.to_numeric(plain)
    if numbers.dtype == object:  # integers beyond 2^64
        numbers = plain.map(float)
    numbers = numbers.reindex(column.index)
    if column.dtype == object:
        numbers = numbers.fillna(pd.to_numeric(column.where(column.map(_is_typed).astype(bool))))
    return numbers


def _rows_of_units(table: pd.DataFrame, needs: Sequence[str]) -> int:
    """Count the rows at the top, at most three, that have text and no number in the columns that need numbers."""
    rows = 0
    for _, row in table[list(needs)].head(3).astype(object).iterrows():
        texts = _texts(row)
        numbers = [style for style in _STYLES.values() if texts.str.fullmatch(style).any()]
        if texts.empty or numbers or row.map(_is_typed).any():
            break
        rows += 1
    return rows if rows < len(table) else 0
