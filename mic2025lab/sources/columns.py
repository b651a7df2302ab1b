"""The columns of a table: type, description, unit, and what a value may be. A table's schema is made of them.

pandera checks them. It takes a second to import, so a column only names its checks (`isin`, `ge`, `str_matches` and the other
methods of `pandera.Check`), and `Table.schema` makes the pandera schema when a table is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mic2025lab.classifications import economies

#: Codes of economies, and of economies and aggregates.
ECONOMIES = list(economies.ECONOMIES)
CODES = [*ECONOMIES, *economies.AGGREGATES]
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"
#: A code, or the lower-case name of a region that has none.
PLACE = r"^[A-Z]{3}$|^EU27$|^[a-z_]+$"


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    dtype : {"str", "float64", "int64", "bool"}
    description, unit : str
        For the catalog.
    missing : bool or tuple of str
        Whether a value may be missing; words: it is missing exactly in the rows that have one of them in the column's flag.
    constant : object
        The one value of a column that the raw file does not have; the table fills it in.
    checks : mapping
        Methods of `pandera.Check` and their argument; also `unique`.
    labels : mapping or True, optional
        The raw files' labels and our words for them; True for names of economies.
    """

    dtype: str
    description: str
    unit: str = ""
    missing: bool | tuple[str, ...] = False
    constant: Any = None
    checks: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] | bool = False


def text(
    description: str, *, missing: bool = False, isin: Iterable[str] | None = None, **checks: Any
) -> Column:
    """Describe text, one of the words of `isin` where these are given."""
    if isin is not None:
        checks["isin"] = list(isin)
    return Column("str", description, missing=missing, checks=checks)


def words(description: str, labels: Mapping[str, str]) -> Column:
    """Describe words that stand for the labels of the raw files."""
    return replace(text(description, isin=dict.fromkeys(labels.values())), labels=labels)


def firsts(about: Mapping[str, tuple[Any, ...]]) -> list[str]:
    """Return the first places of a table of tuples."""
    return [row[0] for row in about.values()]


def number(
    description: str, unit: str = "by row", *, missing: bool | str | tuple[str, ...] = False, **checks: Any
) -> Column:
    """Describe numbers with a unit, the row's own by default."""
    words = (missing,) if isinstance(missing, str) else missing
    return Column("float64", description, unit, words, checks=checks)


def whole(description: str, **checks: Any) -> Column:
    """Describe whole numbers."""
    return Column("int64", description, checks=checks)


def truth(description: str) -> Column:
    """Describe a column of True and False."""
    return Column("bool", description)


def year(first: int, last: int | None = None, description: str = "Calendar year") -> Column:
    """Describe years from `first` to `last`, or the one year of the table."""
    if last is None:
        return Column("int64", description, constant=first)
    return Column("int64", description, checks={"ge": first, "le": last})


def constant(value: str, description: str) -> Column:
    """Describe a column that has the same text in every row."""
    return Column("str", description, constant=value)


def unit(
    value: str | Mapping[str, str] | Iterable[str] | None = None, description: str = "Unit of value"
) -> Column:
    """Describe the unit of the values: one, one of several (labels of the raw files and our words for them), or any."""
    if isinstance(value, Mapping):
        return words(description, value)
    if value is None or isinstance(value, str):
        return constant(value, description) if value else text(description)
    return text(description, isin=list(dict.fromkeys(value)))


def measured(
    description: str, units: str | Mapping[str, str] | Iterable[str] | None = None, **options: Any
) -> dict[str, Column]:
    """Describe the columns `value` and `unit`: values in one unit, in one of several by row, or in any."""
    own = units if isinstance(units, str) else "by row"
    return {"value": number(description, own, **options), "unit": unit(units)}


def economy(description: str = "ISO3 code", also: Iterable[str] = (), **options: Any) -> Column:
    """Describe codes of economies and of what stands beside them in the table; names are resolved."""
    return replace(text(description, isin=[*ECONOMIES, *also], **options), labels=True)


def hs(*revisions: str) -> Column:
    """Describe the revision of the Harmonized System: one, or one of several."""
    about = "Revision of the Harmonized System"
    return constant(revisions[0], about) if len(revisions) == 1 else text(about, isin=revisions)


def product(digits: int = 6, **checks: Any) -> Column:
    """Describe codes of the Harmonized System."""
    return text(f"HS {digits}-digit code", str_matches=rf"^\d{{{digits}}}$", **checks)


def flag(description: str, *words: str) -> Column:
    """Describe a flag: one of the words, or empty."""
    return text(description, isin=["", *words])
