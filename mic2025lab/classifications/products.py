"""Products of the Harmonized System (HS): revisions, codes and their texts, and the reviewed mapping of sectors to codes.

Codes are text of two, four, or six digits, with leading zeros. The seven revisions are named `HS92` to `HS22`. The list of codes
is next to this module (`hs_products.parquet`, the same bytes as the catalog's table `hs_products`), so that a code can be
checked before a catalog exists. `mic2025lab.metrics.convert_products` converts values from one revision to another.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from mic2025lab.classifications import lists
from mic2025lab.errors import LabError, UnknownName, nearest, shown, unknown_name

#: Revision -> the year in which it came into force.
REVISIONS: Mapping[str, int] = MappingProxyType(
    {"HS92": 1992, "HS96": 1996, "HS02": 2002, "HS07": 2007, "HS12": 2012, "HS17": 2017, "HS22": 2022}
)

#: Lengths of a code: chapter, heading, subheading.
LEVELS = (2, 4, 6)

#: Codes outside the HS that BACI and Comtrade use for unspecified commodities.
UNSPECIFIED = ("999999", "9999AA")

#: Confidence that a code belongs to its sector; `excluded`: it does not, although the code of a neighboring revision does.
CONFIDENCE = ("high", "medium", "low", "excluded")

#: Role of a code in its sector: final goods, capital goods, parts and components, materials.
ROLES = ("final", "equipment", "input", "material")

_MOST_LISTED = 20  # unknown codes in a message


def revision(name: str) -> str:
    """Return the name of a revision for another name of it: `HS2012`, `2012`, `H4` (Comtrade), `hs12`.

    Raises
    ------
    UnknownName
        If there is no such revision.

    Examples
    --------
    >>> revision("HS2012"), revision("H5"), revision("hs92")
    ('HS12', 'HS17', 'HS92')
    """
    text = str(name).strip().upper()
    numbered = {f"H{number}": revised for number, revised in enumerate(REVISIONS)}
    by_year = {str(year): code for code, year in REVISIONS.items()}
    code = numbered.get(text) or by_year.get(text.removeprefix("HS")) or text
    if code not in REVISIONS:
        raise unknown_name("HS revision", name, REVISIONS)
    return code


def revision_of(year: int) -> str:
    """Return the revision in force in a year: the latest that came into force by January 1.

    Economies often adopt a revision a year or two later, and BACI offers a year in every revision that was in force. A year's data
    may therefore be in another revision: use the data's own column `hs` where it exists.

    Raises
    ------
    LabError
        If the year is before 1988, when there was no HS. `HS92` stands for the HS of 1988 in the years 1988 to 1991.

    Examples
    --------
    >>> revision_of(1995), revision_of(2015), revision_of(2022)
    ('HS92', 'HS12', 'HS22')
    """
    if year < 1988:
        raise LabError(
            f"The Harmonized System began in 1988; there is no revision of {year}. Use SITC for earlier trade."
        )
    return max(
        (code for code, start in REVISIONS.items() if start <= max(year, 1992)), key=REVISIONS.__getitem__
    )


def pad(code: object, level: int) -> str:
    """Restore the leading zero of a code of two, four, or six digits, and remove the dots of `8507.60`.

    Raises
    ------
    LabError
        If it is not made of digits, is longer than `level`, or lacks more than one zero (chapters 1 to 9 lose one zero, and no
        code loses two). A number with a fraction (10121.0, from a column with missing codes) is refused, because it cannot be
        distinguished from a dotted code.

    Examples
    --------
    >>> pad("10121", 6), pad(850760, 6), pad("8507.60", 6), pad("1", 2)
    ('010121', '850760', '850760', '01')
    """
    if level not in LEVELS:
        raise LabError(f"A code of the HS has 2, 4 or 6 digits, not {shown(level)}.")
    text = str(code).strip().upper()
    if isinstance(code, str) and re.fullmatch(r"\d{4}\.\d{2}|\d{2}\.\d{2}(\.\d{2})?", text, flags=re.ASCII):
        text = text.replace(".", "")
    if text in UNSPECIFIED and level == 6:
        return text
    if not (text.isascii() and text.isdigit()) or not level - 1 <= len(text) <= level:
        raise LabError(
            f"{shown(code)} is not a code of {level} digits, with or without its leading zero. "
            "Read the column as text (dtype=str), and cut longer national codes to six digits first."
        )
    return text.zfill(level)


@lru_cache(maxsize=1)
def _texts() -> Mapping[tuple[str, str], str | None]:
    import pyarrow.parquet as pq

    table = pq.read_table(
        Path(__file__).with_name("hs_products.parquet"), columns=["hs", "code", "description"]
    )
    keys = zip(table["hs"].to_pylist(), table["code"].to_pylist(), strict=True)
    return dict(zip(keys, table["description"].to_pylist(), strict=True))


@lru_cache(maxsize=32)
def codes(hs: str, level: int = 6) -> tuple[str, ...]:
    """List the codes of a revision, sorted; six-digit codes include `999999` and other codes that BACI adds.

    Examples
    --------
    >>> "854143" in codes("HS22"), "854143" in codes("HS17"), "85" in codes("HS92", level=2)
    (True, False, True)
    """
    hs = revision(hs)
    if level not in LEVELS:
        raise LabError(f"A code of the HS has 2, 4 or 6 digits, not {shown(level)}.")
    return tuple(sorted(code for there, code in _texts() if there == hs and len(code) == level))


@lru_cache(maxsize=1)
def every_code() -> frozenset[str]:
    """Return the codes of all revisions and levels.

    Examples
    --------
    >>> {"85", "8507", "850760"} <= every_code(), "8599" in every_code()
    (True, False)
    """
    return frozenset(code for _, code in _texts())


def check(products: Iterable[str] | str, hs: str) -> None:
    """Raise an error unless every code belongs to the revision; levels may be mixed.

    Raises
    ------
    UnknownName
        Names the unknown codes (the first 20, and how many), the nearest code of each, and the other revisions that have it.

    Examples
    --------
    >>> check(["850760", "8507", "85"], "HS12")
    >>> check(["870380"], "HS12")
    Traceback (most recent call last):
    ...
    mic2025lab.errors.UnknownName: 1 code is not in HS12: '870380' (it is in HS17, HS22; nearest here '870390'). ...
    """
    hs = revision(hs)
    texts = _texts()
    asked = dict.fromkeys([products] if isinstance(products, str) else products)
    unknown = [code for code in asked if not isinstance(code, str) or (hs, code) not in texts]
    if unknown:
        details = "; ".join(_describe_unknown(code, hs) for code in unknown[:_MOST_LISTED])
        more = f"; and {len(unknown) - _MOST_LISTED} more" if len(unknown) > _MOST_LISTED else ""
        many = "1 code is" if len(unknown) == 1 else f"{len(unknown)} codes are"
        raise UnknownName(
            f"{many} not in {hs}: {details}{more}. Codes are text with their zeros (products.pad restores a lost one); "
            "name the revision of the data, or convert them to another with metrics.convert_products."
        )


def _describe_unknown(code: object, hs: str) -> str:
    if not isinstance(code, str):
        return f"{shown(code)} (not text)"
    if (hs, f"0{code}") in _texts():
        return f"{shown(code)} (lost its leading zero: '0{code}')"
    others = [other for other in REVISIONS if (other, code) in _texts()]
    there = f"it is in {', '.join(others)}" if others else "it is in no revision"
    level = len(code) if len(code) in LEVELS else 6
    same_level = codes(hs, level)
    if code.isdecimal():
        number = int(code[:level].ljust(level, "0"))
        near = min(filter(str.isdecimal, same_level), key=lambda other: abs(int(other) - number))
    else:
        near = nearest(code, same_level) or ""
    return f"{shown(code)} ({there}{f'; nearest here {near!r}' if near else ''})"


def describe(code: str, hs: str) -> str | None:
    """Return the text of a code in a revision, or None where no source has it (some headings of older revisions, see `hs_products`).

    Raises
    ------
    UnknownName
        If the revision has no such code.

    Examples
    --------
    >>> describe("870380", "HS17")
    'Vehicles: with only electric motor for propulsion'
    """
    check(code, hs)
    return _texts()[revision(hs), code]


#: A reviewed line: this code, in this revision, belongs to this sector.
SectorProduct = namedtuple("SectorProduct", "sector hs product role confidence keyword reason")


@lru_cache(maxsize=1)
def reviewed() -> tuple[SectorProduct, ...]:
    """List the reviewed lines of `sector_products.csv`: HS12, and codes of other revisions that HS12 does not have.

    The table `sector_products` has them with their texts, and the codes derived for all revisions.

    Returns
    -------
    tuple of SectorProduct
        `sector`, `hs`, `product` : slug, revision, and code of six digits. `role` : one of `ROLES`. `confidence` : one of `CONFIDENCE`,
        high if the code contains the sector's goods and little else; medium if it contains them with similar ones; low if the sector
        is a minor part, or the goods serve everyone; excluded if it is outside the sector. `keyword` : a word (or words, separated by
        `|`) of the HS text that confirms the code; a test looks for it. `reason` : why it is there.

    Examples
    --------
    >>> [line.product for line in reviewed() if line.sector == "machine_tools_robotics" and "robots" in line.keyword]
    ['847950', '842870']
    """
    return tuple(SectorProduct(**row) for row in lists.read("sector_products"))
