"""Tables in text files as spreadsheets and statistics programs write them: encoding, separator, header, and fields."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mic2025lab.errors import TableError
from mic2025lab.findings import counted

if TYPE_CHECKING:
    import pandas as pd

#: What stands for a missing number, in lower case. In a column of names these are names.
MISSING = frozenset(
    ["na", "n/a", "n.a.", "nan", "-nan", "null", "none", "#n/a", "#na", "<na>", "-", "--", "–", "—", ".", "..", "...", "…", ":"]
)  # fmt: skip
_MISSING = ["", *(form for mark in MISSING for form in {mark, mark.upper(), mark.capitalize(), "NaN"})]
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
#: Characters and rows at the beginning of a file from which its layout is recognized.
HEAD, ROWS = 1 << 18, 200


def encoding_of(data: bytes) -> str:
    """Recognize the encoding of a text: by its mark, else UTF-8, UTF-16, GB18030 (Chinese), or Windows-1252 (Western European).

    Examples
    --------
    >>> encoding_of("Société,1".encode("latin-1")), encoding_of("汽车,1".encode("gbk")), encoding_of("汽车,1".encode())
    ('cp1252', 'gb18030', 'utf-8')
    """
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = data[0:1000:2].count(0), data[1:1000:2].count(0)
    if max(zeros) > 10 * min(zeros) and 4 * max(zeros) > len(data[:1000]):
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    for encoding in ("utf-8", "gb18030", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "gb18030" or _is_chinese(text):
            return encoding
    return "latin-1"


def _is_chinese(text: str) -> bool:
    """Whether most letters beyond ASCII are common Chinese ones: accents that were read in pairs give rare ones."""
    letters = "".join(letter for letter in text if ord(letter) > 127)
    return len(letters.encode("gb2312", "ignore")) >= 1.8 * len(letters)


def find_header(rows: Sequence[Sequence[str]]) -> tuple[int, tuple[str, ...], list[str]]:
    """Find the header: the first row that fills more than half of the fields, or a row of names below one of repeated headings.

    Levels of names, as pandas writes them, are joined: the rows above one of numbers, or above one that leaves columns unnamed.

    Returns
    -------
    int, tuple of str, list of str
        The rows above the first row of data, the names without spaces around them, and what is unusual.

    Raises
    ------
    TableError
        If there is no such row.

    Examples
    --------
    >>> find_header([["Table 1", "", ""], ["firm", " year ", "profit"], ["a", "2015", "3"]])
    (2, ('firm', 'year', 'profit'), ['left out: 1 row above the header'])
    >>> find_header([["", "", "sum"], ["firm", "year", ""], ["a", "2015", "3"]])
    (2, ('firm', 'year', 'sum'), ['2 rows make the header'])
    """
    names = [tuple(" ".join(name.replace("\ufeff", "").split()) for name in row) for row in rows]
    filled = [list(filter(None, row)) for row in names]
    wide = [2 * len(row) > _usual_width(rows) for row in filled]
    if not any(wide):
        raise TableError("it has no row")
    at = wide.index(True)
    if len(set(filled[at])) < len(filled[at]) and wide[at + 1 : at + 2] == [True]:
        below = filled[at + 1]
        at += len(set(below)) == len(below) and not any(map(_is_number, below))
    first = next(
        n for n, row in enumerate(names) if any(row[1:]) or n == at
    )  # a title is in the first cell alone
    end = at if any(map(_is_number, filled[at])) and first < at else at + 1
    levels = [" ".join(filter(None, parts)) for parts in zip(*names[first:end], strict=False)]
    if end == at or any(level and not name for level, name in zip(levels, names[at], strict=False)):
        return end, tuple(levels), [f"{counted(end - first, 'row')} make the header"]
    above = sum(map(any, names[:at]))
    return at + 1, names[at], [f"left out: {counted(above, 'row')} above the header"] * bool(above)


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Give each column a name of its own.

    Examples
    --------
    >>> unique(["firm", "year", "", "year"])
    ('firm', 'year', 'column 3', 'year (2)')
    """
    seen: Counter[str] = Counter()
    different = []
    for number, name in enumerate(names, start=1):
        name = name or f"column {number}"
        seen[name] += 1
        different.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(different)


def read(data: bytes, numbers: Iterable[str], names: Iterable[str]) -> tuple[pd.DataFrame, list[str]]:
    """Read a table with every field as text, or faster if it is plain. An empty field is missing.

    Parameters
    ----------
    data : bytes
        The file.
    numbers : iterable of str
        Columns that are to hold numbers. If fields are separated by commas and each of these columns is plain numbers, columns
        have the types that pandas gives them.
    names : iterable of str
        Columns that are text in any case: "NA" is text in them, and 0610 keeps its zero.

    Returns
    -------
    pandas.DataFrame, list of str
        The table, with a name for each column as `unique` gives it, and what was unusual about the file.

    Raises
    ------
    TableError
        If there is no row, rows have more fields than the header has names, or the file is not text.
    """
    encoding = encoding_of(data)
    whole = len(data) <= HEAD
    head = data[:HEAD].decode(encoding, "strict" if whole else "ignore").removeprefix("\ufeff")
    if "\0" in head:
        raise TableError("it is not text")
    candidates = {sign: _rows(head, sign, whole=whole) for sign in _SEPARATORS}
    separator = max(candidates, key=lambda sign: _regularity(candidates[sign]))
    rows = candidates[separator]
    above, titles, unusual = find_header(rows)
    below = [row for row in rows[above:] if row]
    header, longest = unique(titles), max(map(len, below), default=0)
    further = [f"\0{number}" for number in range(longest - len(header))]
    # The first column has no name and numbers the rows, as R and pandas write row names.
    numbered = {len(row) for row in below} == {len(header) + 1} and any(
        [row[0] for row in below] == [str(n + start) for n in range(len(below))] for start in (0, 1)
    )
    notes = [f"read as {encoding.upper()}, not UTF-8"] * (encoding != "utf-8")
    notes += [f"columns are separated by {_SEPARATORS[separator]}"] * (separator != ",")
    notes += unusual

    columns = [*further, *header] if numbered else [*header, *further]
    layout = {"encoding": encoding, "sep": separator, "skiprows": above, "names": columns}
    plain = [name for name in numbers if name in header] if separator == "," else []
    table = _parsed(data, layout, dict.fromkeys(names, "str")) if plain else None
    if table is None or not all(table[column].dtype.kind in "iuf" for column in plain):
        table = _parsed(data, layout, dict.fromkeys(columns, "str"))
    if numbered:
        notes.append("left out: the first column, which has no name and numbers the rows")
    elif table[further].notna().any(axis=None):
        raise TableError(
            f"the header has {counted(len(header), 'name')} and some rows have {longest} fields. Name every column in the "
            "header, and put quotation marks around values that hold the separator"
        )
    elif further:
        notes.append("rows end in a separator, and the header does not")
    return table.drop(columns=further), notes


def _parsed(data: bytes, layout: dict[str, Any], texts: Mapping[str, Any]) -> pd.DataFrame:
    """Read a table with these columns as text, and the others as pandas finds them."""
    import pandas as pd

    return pd.read_csv(
        io.BytesIO(data),
        **layout,
        header=None,
        index_col=False,
        dtype=texts,
        keep_default_na=False,
        na_values={name: [""] if name in texts else _MISSING for name in layout["names"]},
        skipinitialspace=True,
        low_memory=False,
    )


def _rows(text: str, separator: str, *, whole: bool) -> list[list[str]]:
    rows = list(itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), ROWS))
    return rows if whole or len(rows) == ROWS else rows[:-1]


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    widths = [len(row) for row in rows if row]
    return max(widths, key=lambda width: (widths.count(width), width), default=0)


def _regularity(rows: Sequence[Sequence[str]]) -> float:
    """Share of the rows that have the usual number of fields; 0 if that is one field."""
    width = _usual_width(rows)
    return 0.0 if width < 2 else sum(len(row) == width for row in rows) / sum(map(bool, rows))


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[-+0-9.,eE]+", text))
