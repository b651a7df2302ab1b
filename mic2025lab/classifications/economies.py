"""Economies: ISO 3166-1 alpha-3 codes and English names, aggregates, groups, and how a name is resolved to a code.

The lists are `economies.csv` (code, name, kind, ISO 3166-1 alpha-2 and M49 codes, whether a sentence needs an article, other names that
people and sources use) and `groups.csv`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from mic2025lab.classifications import lists
from mic2025lab.errors import TableError, unknown_name

#: The rows of `economies.csv`.
ROWS = lists.read("economies")


def _names(kind: str) -> Mapping[str, str]:
    return MappingProxyType({row["code"]: row["name"] for row in ROWS if row["kind"] == kind})


#: ISO3 code -> English name of every economy in the tables. XKX is Kosovo. Former economies: ANT (to 2010), the Netherlands
#: Antilles; SCG (to 2006), Serbia and Montenegro; BLX (to 1998), Belgium and Luxembourg together.
ECONOMIES: Mapping[str, str] = _names("economy")

#: Code -> name of every aggregate; never add one to its members. EU28 includes the United Kingdom.
AGGREGATES: Mapping[str, str] = _names("aggregate")

#: Code -> name of the economies that a source only reports together: part of its world total, and not listed separately.
RESTS: Mapping[str, str] = _names("rest")

#: Group -> its members, for the groups that analyses use.
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        row["names"].partition("|")[0]: tuple(row["members"].split())
        for row in lists.read("groups")
        if row["kind"] == "group"
    }
)


@lru_cache(maxsize=4096)  # tables have the same names
def fold(text: str) -> str:
    """Reduce a name to what tells it from others: without case, accents, punctuation, "the", and "and".

    Examples
    --------
    >>> fold("Côte d'Ivoire"), fold("Trinidad & Tobago"), fold("the_Middle-East")
    ('cote d ivoire', 'trinidad tobago', 'middle east')
    """
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode()
    words = "".join(c if c.isalnum() else " " for c in plain.casefold()).split()
    return " ".join([word for word in words if word not in ("the", "and")] or words)


@lru_cache(maxsize=1)
def _index() -> dict[str, str]:
    # Accents, case, punctuation, and "the" do not matter.
    index = {fold(other): row["code"] for row in ROWS for other in row["other_names"].split("|") if other}
    for table in (RESTS, AGGREGATES, ECONOMIES):
        for code, name in table.items():
            index[fold(name)] = code
            index[fold(code)] = code
    return index


def find(name: str) -> str | None:
    """Find the code of an economy or aggregate as `resolve` does; None if the name is unknown."""
    return _index().get(fold(name))


def resolve(name: str) -> str:
    """Find the code of an economy or aggregate from its code, its name, or another name in use.

    Raises
    ------
    UnknownName
        If the name is unknown; the message names the nearest.

    Examples
    --------
    >>> resolve("China"), resolve("south korea"), resolve("Czech Republic"), resolve("EU")
    ('CHN', 'KOR', 'CZE', 'EU27')
    """
    code = find(str(name))
    if code is None:
        raise unknown_name("economy", name, [*ECONOMIES.values(), "World", "EU27"], listing="lab.economies()")
    return code


def name(code: str) -> str:
    """Return the English name of a code.

    Examples
    --------
    >>> name("TWN"), name("WLD")
    ('Taiwan', 'World')
    """
    names = {**ECONOMIES, **AGGREGATES, **RESTS}
    if code not in names:
        raise unknown_name("economy code", code, names, listing="lab.economies()")
    return names[code]


_WITH_ARTICLE = {row["code"] for row in ROWS if row["article"]}


def spoken(code: str, *, first: bool = False, own: bool = False) -> str:
    """Return the name for use in a sentence: with its article, at the start (`first`), or as a possessive (`own`).

    Examples
    --------
    >>> spoken("USA"), spoken("JPN"), spoken("EU27", first=True), spoken("USA", own=True), spoken("CHN", first=True, own=True)
    ('the United States', 'Japan', 'The EU-27', 'the United States’', 'China’s')
    """
    text = f"the {name(code)}" if code in _WITH_ARTICLE else name(code)
    if own:
        text += "’" if text.endswith("s") else "’s"
    return text[0].upper() + text[1:] if first else text


def is_aggregate(code: str) -> bool:
    """Return True if a code is a sum of economies (`WLD`, `EU27`, regions), which must not be added to its members."""
    return code in AGGREGATES or code in GROUPS


def members(group: str) -> tuple[str, ...]:
    """List the members of a group.

    Examples
    --------
    >>> len(members("EU27")), "GBR" in members("EU28")
    (27, True)
    """
    if group not in GROUPS:
        raise unknown_name("group of economies", group, GROUPS)
    return GROUPS[group]


def with_group(table: Any, group: str, *, of: str = "economy", value: str = "value") -> Any:
    """Add the sum of a group's members to a pandas table as a separate economy.

    Hong Kong is never added to China silently: request ``"CHN"``, ``"HKG"`` or ``"CHN+HKG"``, and compare. The sum counts trade
    between members twice, if the table does.

    Parameters
    ----------
    table : pandas.DataFrame
        All columns other than `of` and `value` identify the rows that are added up.
    group : str
        A name of `GROUPS`, such as ``"CHN+HKG"`` or ``"G7"``.
    of, value : str
        Columns of economies and of values.

    Returns
    -------
    pandas.DataFrame
        The same rows, followed by one row for each combination of the other columns for which every member has a value.

    Raises
    ------
    UnknownName
        If there is no such group.
    TableError
        If a member is not in the table at all.

    Examples
    --------
    >>> import pandas as pd
    >>> chips = pd.DataFrame({"economy": ["CHN", "HKG"], "year": 2018, "value": [133.0, 155.0]})
    >>> with_group(chips, "CHN+HKG")["value"].tolist()
    [133.0, 155.0, 288.0]
    """
    import pandas as pd

    wanted = members(group)
    absent = [code for code in wanted if code not in set(table[of])]
    if absent:
        raise TableError(
            f"{group} cannot be added up: {', '.join(absent)} is missing from column {of!r}. Add rows for it, or choose another group."
        )
    rows = table[table[of].isin(wanted)]
    keys = [column for column in table.columns if column not in (of, value)]
    groups = rows.groupby(keys, dropna=False, observed=True)[value]
    total = groups.sum().where(groups.count() == len(wanted)).dropna().reset_index().assign(**{of: group})
    return pd.concat([table, total[list(table.columns)]], ignore_index=True)
