"""Raw CSV files read as text, and what cleaning functions share: labels to codes, text to numbers, checks that name the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mic2025lab.classifications import economies, lists
from mic2025lab.sources.source import Raw, Source, need


@dataclass(frozen=True)
class RawTable:
    """A raw file and its rows; the checks raise `SourceError`, which names the file."""

    source: Source
    path: str
    frame: pd.DataFrame

    def need(self, condition: object, message: str) -> None:
        """Raise an error unless the condition holds."""
        need(condition, self.source, self.path, message)

    def has(self, columns: Iterable[str]) -> None:
        """Raise an error unless the file has these columns."""
        self.need(set(columns) <= set(self.frame), f"columns {list(self.frame)}")

    def only(self, column: str, *values: str) -> None:
        """Raise an error unless a column has these values and no others."""
        found = set(self.frame[column])
        odd, absent = sorted(found - set(values)), sorted(set(values) - found)
        self.need(not (odd or absent), f"{column}: unexpected {odd[:5]}, absent {absent[:5]}")

    def within(self, column: str | pd.Series, values: Iterable[str]) -> None:
        """Raise an error unless every label is one of the values."""
        labels = self.frame[column] if isinstance(column, str) else column
        odd = sorted(set(labels) - set(values))
        self.need(not odd, f"unknown {labels.name}: {odd[:5]}")

    def numbers(self, column: str | pd.Series) -> pd.Series:
        """Read text as numbers: an empty cell is missing, thousands separators are removed, and anything else raises an error."""
        texts = self.frame[column] if isinstance(column, str) else column
        text = texts.str.strip().str.replace(",", "", regex=False)
        values = pd.to_numeric(text.where(text != ""), errors="coerce").astype("float64")
        odd = sorted(set(texts[values.isna() & (text != "")]))
        self.need(not odd, f"values that are not numbers: {odd[:5]}")
        return values

    def known(self, column: str | pd.Series, names: Mapping[str, str]) -> pd.Series:
        """Replace labels by our names for them; a label without one raises an error."""
        labels = self.frame[column] if isinstance(column, str) else column
        self.within(labels, names)
        return labels.map(names).astype("str")


def read(
    raw: Raw,
    source: Source,
    columns: str | Iterable[str] | None = None,
    *,
    file: str = "",
    has: str | Iterable[str] = (),
    **options: Any,
) -> RawTable:
    """Read a CSV file as text: codes keep their zeros, and "NA" is Namibia.

    Parameters
    ----------
    raw, source
        The file: `raw(source, file)`.
    columns : str, iterable of str, or mapping, optional
        The columns that the file must have, in this order, and no others. A mapping renames them; so does a text such as
        "iso3=economy year amount=value".
    file : str
        Which file of the source; its only one by default.
    has : str, iterable of str, or mapping
        Columns that it must have, among others.
    **options
        Of `pandas.read_csv`.

    Raises
    ------
    SourceError
        If the columns are others.
    """
    settings: dict[str, Any] = {"dtype": "str", "keep_default_na": False} | options
    path = file or source.only
    table = RawTable(source, path, pd.read_csv(raw(source, path), **settings))
    exact, among = renamed(columns or ()), renamed(has)
    table.need(columns is None or list(table.frame) == list(exact), f"columns {list(table.frame)}")
    table.has(among)
    return RawTable(source, path, table.frame.rename(columns=exact | among))


def renamed(columns: str | Iterable[str]) -> dict[str, str]:
    """Return the columns, and what they are called here: "iso3=economy year" is {"iso3": "economy", "year": "year"}."""
    if isinstance(columns, str):
        pairs = [part.partition("=") for part in columns.split()]
        return {old: new or old for old, _, new in pairs}
    return dict(columns) if isinstance(columns, Mapping) else {name: name for name in columns}


def codebook(name: str) -> dict[str, Any]:
    """Return a list of `classifications/codebooks`: its first column -> the second, or a tuple of the others where there are more."""
    rows = [tuple(row.values()) for row in lists.read(f"codebooks/{name}")]
    return {label: about[0] if len(about) == 1 else tuple(about) for label, *about in rows}


def codes(labels: pd.Series) -> pd.Series:
    """Resolve every label to the code of an economy or aggregate; an unknown label raises an error."""
    return labels.map({label: economies.resolve(label) for label in labels.unique()}).astype("str")


def places(labels: pd.Series, coded: pd.Series, names: pd.Series | None = None) -> pd.Series:
    """Return codes of economies where `coded` holds, from `names` if given, and labels in lower case elsewhere."""
    found = labels.map({label: slug(label) for label in labels.unique()}).astype("str")
    found[coded] = codes((labels if names is None else names)[coded])
    return found


def slug(label: str) -> str:
    """Turn a label into lower-case words joined by underscores.

    Examples
    --------
    >>> slug("Central and South America")
    'central_and_south_america'
    """
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")


def months_of(periods: pd.Series) -> pd.Series:
    """Count the months of periods.

    Examples
    --------
    >>> months_of(pd.Series(["2024", "2024-12", "2022-01..08"])).tolist()
    [12, 1, 8]
    """

    def one(period: str) -> int:
        span = re.fullmatch(r"\d{4}-(\d{2})\.\.(\d{2})", period)
        return int(span[2]) - int(span[1]) + 1 if span else 1 if "-" in period else 12

    return periods.map(one).astype("int64")


def flagged(condition: pd.Series, word: str, otherwise: str = "") -> pd.Series:
    """Return the word where the condition holds, and `otherwise`, empty text by default, where it does not."""
    return condition.map({True: word, False: otherwise}).astype("str")


def entries(labels: pd.Series, about: Mapping[str, tuple[Any, ...]], *names: str) -> dict[str, pd.Series]:
    """Look labels up in a table of tuples; a name for each place of the tuples gives a column."""
    return {name: labels.map({label: row[i] for label, row in about.items()}) for i, name in enumerate(names)}


def listed(values: Mapping[Any, Any] | pd.Series, form: str = "") -> str:
    """Say each label and value: "2015 3.1, 2016 4.0" for the format ".1f"."""
    return ", ".join(f"{label} {value:{form}}" for label, value in values.items())


def counted(labels: pd.Series, words: Iterable[str]) -> str:
    """Say how often each word occurs: "3 yes, 0 no"."""
    return ", ".join(f"{(labels == word).sum()} {word}" for word in words)
