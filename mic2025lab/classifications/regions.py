"""Which economies are in which group: regions of the United Nations (M49) and the World Bank, unions, and codes of two letters or digits.

Groups are needed to recognize a total beside its parts (`totals`). The membership is the one of 2025; groups whose members change
every year (income groups) are not listed. The list is `groups.csv`: an *area* is one of M49, a *union* one of economies or of the World
Bank, a *group* one that analyses use, and a *loose* region one that every source draws in its own way, with the economies that they have
in common; loose regions are not compared with other regions. Numbers and codes of two letters are in `economies.csv`.

Source: United Nations Statistics Division, Standard country or area codes for statistical use (M49); ISO 3166-1; World Bank, Country
and Lending Groups.
"""

from __future__ import annotations

from mic2025lab.classifications import economies, lists
from mic2025lab.classifications.economies import AGGREGATES, ECONOMIES, RESTS

# Economies until 1999 that the source lists under a group's name: never in one year with their members.
_FORMER = frozenset({"ZA1"})

# Numbers of trade data (Comtrade, BACI) that differ from M49, and of former economies; without ISO3: areas that are no economy.
_TRADE_NUMBERS = {
    842: "USA", 841: "USA", 251: "FRA", 381: "ITA", 579: "NOR", 699: "IND", 757: "CHE", 490: "TWN", 280: "DEU", 230: "ETH", 736: "SDN",
    711: "", 849: "", 899: "", 837: "", 838: "", 839: "", 568: "", 577: "", 527: "", 636: "", 637: "", 278: "", 810: "", 890: "", 200: "",
}  # fmt: skip

#: Numbers that stand for the world: Comtrade's 0, and 1 in M49.
WORLD_NUMBERS = frozenset({0, 1})

_NUMBERS = _TRADE_NUMBERS | {int(row["m49"]): row["code"] for row in economies.ROWS if row["m49"]}
_TWO_LETTERS = {row["iso2"]: row["code"] for row in economies.ROWS if row["iso2"]}
_TWO_LETTERS |= {"EL": "GRC", "UK": "GBR"}  # as Eurostat writes them


def _read_groups() -> dict[str, frozenset[str]]:
    """Return the economies of each group by each of its names, its M49 number among them. A member may be an earlier group."""
    groups: dict[str, frozenset[str]] = {}
    for row in lists.read("groups"):
        members = (groups.get(member, frozenset({member})) for member in row["members"].split())
        groups |= dict.fromkeys(row["names"].split("|"), frozenset[str]().union(*members))
    return groups


_GROUPS = _read_groups()
_BY_NAME = {economies.fold(name): members for name, members in _GROUPS.items() if not name.isdecimal()}
_LOOSE = {
    economies.fold(name)
    for row in lists.read("groups")
    if row["kind"] == "loose"
    for name in row["names"].split("|")
}


def is_loose(label: str) -> bool:
    """Return True for a region that every source draws in its own way, such as the Middle East, or whose members are not listed."""
    code = economies.find(label)
    return economies.fold(label) in _LOOSE or (
        code in AGGREGATES and not {economies.fold(label), economies.fold(str(code))} & _BY_NAME.keys()
    )


def members(label: str) -> frozenset[str] | None:
    """Return the economies that a name or code stands for; None if it is no economy and no group of economies.

    An economy stands for itself, a rest of the world for none, and a group whose members are not listed here for every economy.

    Examples
    --------
    >>> sorted(members("China")), sorted(members("USMCA")), members("ROW"), members("Siemens")
    (['CHN'], ['CAN', 'MEX', 'USA'], frozenset(), None)
    """
    name, code = economies.fold(label), label if label in ECONOMIES else economies.find(label)
    if code is not None and code in ECONOMIES:
        return frozenset({code})
    if name in _BY_NAME:
        return _BY_NAME[name]
    if code in RESTS or code in _FORMER:
        return frozenset()
    return None if code is None else _BY_NAME.get(economies.fold(code), frozenset(ECONOMIES))


def two_letters(label: str) -> frozenset[str] | None:
    """Return the economies of a code of two letters (ISO 3166-1 alpha-2); other names as in `members`.

    Examples
    --------
    >>> sorted(two_letters("CN")), len(two_letters("EU"))
    (['CHN'], 27)
    """
    code = _TWO_LETTERS.get(label)
    return frozenset({code}) if code else members(label)


def numbered(number: int) -> frozenset[str] | None:
    """Return the economies of a number of M49 or Comtrade; none for areas that are no economy; None if there is no such number.

    Examples
    --------
    >>> numbered(156), numbered(842), len(numbered(97)), numbered(899), numbered(999)
    (frozenset({'CHN'}), frozenset({'USA'}), 27, frozenset(), None)
    """
    if number in _NUMBERS:
        return frozenset({_NUMBERS[number]}) - {""}
    return _GROUPS.get(str(number))
