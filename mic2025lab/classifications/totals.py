"""Which labels of a column are sums of others: the world beside economies, chapters beside their lines, a section beside its divisions.

A total is known from the labels of its column alone, in this order:

1. *Words.* "World", "TOTAL", "All products", 全国: a sum of all other labels. So is the number 0 (or 1) of a column of economies.
2. *Joined labels.* "CHN+HKG" is the sum of "CHN" and "HKG".
3. *Classifications.* A column belongs to the classification that knows at least half of its labels: economies (codes of ISO 3166-1,
   English names, M49 and Comtrade numbers; unions and regions), industries of the tables of this package, provinces of China, codes of ISIC
   or NACE that begin with the letter of a section, and codes of digits that nest (HS, SITC, CPC, national industries).

Codes of digits nest if one begins with the other ("85" and "850760"). That is not enough to make them a total and its part, because numbers
without leading zeros look the same ("1" and "10", firms 85 and 8507). They count if nearly all are codes of the HS; or if a label is a
range (84-85); or if the column has ten labels or more, nearly every longer code has its shorter one, and the codes are padded with zeros or
too sparse to be a plain numbering. Whole numbers count only if they are codes of the HS of five digits or more beside shorter ones.
Other columns of numbers have no totals.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product as pairs_of
from typing import Any

from mic2025lab.classifications import code_levels, industries, lists, regions

__all__ = ["find_totals"]


_MOST = 20_000  # labels of a column that may still be codes of a classification: the HS has 7,000
_MOST_ECONOMIES = 1_000
_NEARLY = 0.9

_NOUNS = """
commodities goods products merchandise items industries sectors activities branches countries economies areas partners reporters exporters importers
suppliers regions provinces firms companies enterprises trade economy world categories groups industry manufacturing modes
"""
_EVERYTHING = frozenset(
    {
        "all", "total", "totals", "grand total", "overall", "overall total", "sum", "world", "whole world", "world total", "total world", "wld",
        "w00", "w0", "tot", "dtotal", "all total", "total all", "everything", "whole economy", "national", "national total", "nationwide",
        "monde", "mundo", "welt", "insgesamt", "ensemble", "всего", "мир", "全国", "全国总计", "合计", "总计", "总值", "小计", "世界", "全部", "全球",
    }
    | {f"{first} {noun}" for first, noun in pairs_of(("all", "total", "total all"), _NOUNS.split())}
    | {f"{noun} {last}" for noun, last in pairs_of(_NOUNS.split(), ("total", "all"))}
)  # fmt: skip
# Most labels are told at a glance.
_BEGINNINGS = frozenset({word[:2] for word in _EVERYTHING} | {"_t", " t", " a", " w"})
_ENDINGS = frozenset({word[-2:] for word in _EVERYTHING} | {"l)", "l ", "d ", "s)"})
_SEPARATORS = str.maketrans(dict.fromkeys("_-/.,:;()[]", " "))

#: Name of a province -> its slug, by slug and by name in Chinese and English.
_PROVINCES = {
    name.casefold(): row["province"] for row in lists.read("codebooks/provinces") for name in row.values()
}
_CHINA = frozenset({"chn", "china", "cn", "中国"})


def find_totals(labels: Iterable[Any]) -> dict[Any, list[Any]]:
    """Find the labels that are sums of others among them; the rules are at the head of this module.

    Parameters
    ----------
    labels
        The labels of one column, each once.

    Returns
    -------
    dict
        Each total with its parts.

    Examples
    --------
    >>> find_totals(["CHN", "DEU", "EU27", "World"])
    {'World': ['CHN', 'DEU', 'EU27'], 'EU27': ['DEU']}
    >>> find_totals(["85", "850760", "010121"]), find_totals(["C", "C26", "C10T12", "D"])
    ({'85': ['850760']}, {'C': ['C26', 'C10T12']})
    >>> find_totals(["1", "10", "11", "12"]), find_totals([0, 1, 2, 3]), find_totals([0, 156, 392])
    ({}, {}, {0: [156, 392]})
    """
    known = list(labels)
    found = _classified(tuple(known)) if len(known) <= _MOST else _everything(known)
    return {label: list(parts) for label, parts in found.items()}


@lru_cache(maxsize=128)
def _classified(labels: tuple[Hashable, ...]) -> Mapping[Any, Sequence[Any]]:
    if len(labels) < 2:
        return {}
    if all(_is_whole(label) for label in labels):
        return _numbers(labels)
    texts = [label for label in labels if isinstance(label, str)]
    width = len(texts[0]) if texts else 0
    if width > 3 and "".join(texts).isdecimal() and all(len(text) == width for text in texts):
        return {}  # codes of one level: the usual case, and the longest columns
    found = _everything(labels) | _joined(texts)
    rest = [text for text in texts if text not in found]
    for classification in (
        _economies,
        _economies_by_number,
        _industries,
        _provinces,
        code_levels.isic,
        code_levels.digits,
    ):
        more = classification(rest)
        if more is not None:
            return found | more
    return found


def _is_whole(label: object) -> bool:
    return not isinstance(label, bool) and (
        isinstance(label, int) or (isinstance(label, float) and label.is_integer())
    )


def _numbers(labels: Sequence[Any]) -> Mapping[Any, Sequence[Any]]:
    """Find totals among whole numbers: economies, or the HS without its leading zeros."""
    texts = {str(int(label)): label for label in labels}
    found = _economies_by_number(list(texts))
    found = code_levels.unpadded(list(texts)) if found is None else found
    return {texts[total]: [texts[part] for part in parts] for total, parts in found.items()}


def _everything(labels: Sequence[Any]) -> dict[Any, list[Any]]:
    """Find the words for a sum of all others."""
    words = [
        label
        for label in labels
        if isinstance(label, str) and label[:2].casefold() in _BEGINNINGS and _is_everything(label)
    ]
    if not words:
        return {}
    others = [label for label in labels if label not in words]
    found = {word: others or [label for label in words if label != word] for word in words}
    return {word: parts for word, parts in found.items() if parts}


def _is_everything(label: str) -> bool:
    return label == "_T" or (
        len(label) < 32
        and label[-2:].casefold() in _ENDINGS
        and " ".join(label.casefold().translate(_SEPARATORS).split()) in _EVERYTHING
    )


def _joined(texts: Sequence[str]) -> dict[Any, list[Any]]:
    """Find labels that name their parts: CHN+HKG."""
    known = set(texts)
    sums = {
        text: [part for part in map(str.strip, text.split("+")) if part in known]
        for text in texts
        if "+" in text
    }
    return {text: parts for text, parts in sums.items() if parts and parts != [text]}


def _economies(texts: Sequence[str]) -> dict[Any, list[Any]] | None:
    if not 0 < len(texts) <= _MOST_ECONOMIES:
        return None
    short = sum(len(text) == 2 for text in texts) * 2 > len(texts)
    read = regions.two_letters if short else regions.members
    sets = {text: members for text in texts if (members := read(text)) is not None}
    if 2 * len(sets) < len(texts):
        return None
    loose = [text for text in sets if regions.is_loose(text)]
    return code_levels.contained(sets, loose) | _world_numbers(texts)


def _world_numbers(texts: Sequence[str]) -> dict[Any, list[Any]]:
    world = [text for text in texts if text.isdecimal() and int(text) in regions.WORLD_NUMBERS]
    return {text: [label for label in texts if label != text] for text in world}


def _economies_by_number(texts: Sequence[str]) -> dict[Any, list[Any]] | None:
    """Read numbers of economies (M49): nearly all are, and some has three digits, since 4, 8 and 12 may be anything."""
    if not 2 < len(texts) <= _MOST_ECONOMIES or not all(text.isdecimal() and len(text) < 4 for text in texts):
        return None
    sets = {text: regions.numbered(int(text)) for text in texts}
    world = _world_numbers(texts)
    known = {text: members for text, members in sets.items() if members is not None}
    single = [text for text, members in known.items() if len(members) == 1]
    if len(known) < _NEARLY * (len(texts) - len(world)) or len(single) < 2 or max(map(int, single)) < 100:
        return None
    return code_levels.contained(known) | world


def _industries(texts: Sequence[str]) -> dict[Any, list[Any]] | None:
    """Read the slugs of this package's tables, by the table that has most of them."""
    tables = [{text: parts[text] for text in texts if text in parts} for parts in industries.PARTS]
    sets = max(tables, key=len)
    return code_levels.contained(sets) if sets and 2 * len(sets) >= len(texts) else None


def _provinces(texts: Sequence[str]) -> dict[Any, list[Any]] | None:
    if len(texts) > _MOST_ECONOMIES:
        return None
    names = {text: _province(text) for text in texts}
    inside = [text for text, name in names.items() if name in _PROVINCES]
    if len(inside) < 2 or 2 * len(inside) < len(texts):
        return None
    return {text: inside for text, name in names.items() if name in _CHINA}


def _province(text: str) -> str:
    name = re.sub(r"(壮族|回族|维吾尔)?(自治区|省|市)$", "", text.strip().casefold())
    return re.sub(r"( (zhuang|hui|uygur|uyghur))?( (province|municipality|autonomous region))$", "", name)
