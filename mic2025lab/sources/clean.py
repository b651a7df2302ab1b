"""What cleaning functions share: labels to codes, labels to slugs, text to numbers."""

from __future__ import annotations

import re

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.base import Source, need


def codes(column: pd.Series) -> pd.Series:
    """Resolve every label of a column to the code of an economy or aggregate; one that nothing goes by raises."""
    return column.map({label: economies.resolve(label) for label in column.unique()}).astype("str")


def slug(label: str) -> str:
    """Turn a label into lower-case words joined by underscores.

    Examples
    --------
    >>> slug("Central and South America")
    'central_and_south_america'
    """
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")


def numbers(column: pd.Series, source: Source, path: str) -> pd.Series:
    """Read text as numbers: an empty cell is missing, thousands separators are left out, and anything else raises."""
    text = column.str.strip().str.replace(",", "", regex=False)
    values = pd.to_numeric(text.where(text != ""), errors="coerce").astype("float64")
    odd = sorted(set(column[values.isna() & (text != "")]))
    need(not odd, source, path, f"values that are not numbers: {odd[:5]}")
    return values


def known(column: pd.Series, names: dict[str, str], source: Source, path: str) -> pd.Series:
    """Replace the labels of a column by our names for them; a label without one raises."""
    odd = sorted(set(column) - set(names))
    need(not odd, source, path, f"{column.name} that are not known: {odd[:5]}")
    return column.map(names).astype("str")


def read(path: object) -> pd.DataFrame:
    """Read a CSV file as text: codes keep their zeros, and "NA" is Namibia."""
    return pd.read_csv(path, dtype="str", keep_default_na=False)  # type: ignore[call-overload]


def expect(frame: pd.DataFrame, columns: list[str], source: Source, path: str) -> None:
    """Raise unless a raw file has these columns, in this order."""
    need(list(frame) == columns, source, path, f"columns {list(frame)}")
