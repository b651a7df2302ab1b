"""Codes of several levels in one column: a section beside its divisions, a chapter beside its lines. The rules are in `totals`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from mic2025lab.classifications import lists, products

__all__ = ["contained", "digits", "isic", "unpadded"]


def _sections(classification: str) -> dict[str, tuple[int, int]]:
    """Return the first and last division or chapter of each section."""
    rows = (row for row in lists.read("sections") if row["classification"] == classification)
    return {row["section"]: (int(row["first"]), int(row["last"])) for row in rows}


_SECTIONS_ISIC, _SECTIONS_HS = _sections("ISIC"), _sections("HS")

_RANGE = re.compile(r"(\d\d)-(\d\d)(?:[_ ].*)?")  # 84-85, 84-85_MachElec
_ISIC = re.compile(r"(?:[A-U]|[A-Z]?\d{2,4})(?:[T_&-](?:[A-U]|[A-Z]?\d{2,4}))*")
_ISIC_PART = re.compile(r"([T_&-]?)([A-U](?!\d)|[A-Z]?\d{2,4})")
_SECTION = re.compile(r"(?:section\s+)?([IVX]+)\b.*", re.IGNORECASE | re.DOTALL)

_DIGITS = 12  # codes are compared as ranges of numbers with so many digits
_ENOUGH = 10  # labels from which their pattern shows that they nest
_NEARLY = 0.9

Span = tuple[int, int]


def contained(sets: Mapping[str, frozenset[str]], loose: Collection[str] = ()) -> dict[Any, list[Any]]:
    """Find the labels whose members are all among those of another, larger one. Loose ones contain single members only."""
    found: dict[Any, list[Any]] = {}
    for total, whole in sets.items():
        if len(whole) < 2:
            continue
        parts = [
            label
            for label, members in sets.items()
            if members and members < whole and (len(members) == 1 or not {total, label} & set(loose))
        ]
        found |= {total: parts} if parts else {}
    return found


def _span(code: str) -> Span:
    """Return the range of the longest codes that begin with a code."""
    step = 10 ** (_DIGITS - len(code))
    return int(code) * step, (int(code) + 1) * step


def _nested(spans: Mapping[str, Span]) -> dict[str, list[str]]:
    """Find the ranges that contain others, and those."""
    found: dict[str, list[str]] = {}
    above: list[str] = []
    for label, (low, high) in sorted(spans.items(), key=lambda item: (item[1][0], -item[1][1])):
        while above and spans[above[-1]][1] < high:
            above.pop()
        for total in above:
            if spans[total] != (low, high):
                found.setdefault(total, []).append(label)
        above.append(label)
    return found


def isic(texts: Sequence[str]) -> dict[Any, list[Any]] | None:
    """Read codes of ISIC and NACE: sections, divisions, groups, and ranges of them (C, C26, C10T12, C10-C12, R_S, B-E)."""
    sets = {text: _isic_divisions(text) for text in texts if _ISIC.fullmatch(text)}
    letters = [text for text in sets if text[0].isalpha()]
    digits = [text for text in sets if text[-1].isdecimal()]
    if not letters or not digits or 2 * len(sets) < len(texts) or set(letters) <= set(_SECTIONS_HS):
        return None
    found = contained(sets)
    for letter in (text for text in letters if len(text) == 1):
        own = [text for text in digits if text[0] == letter]  # whatever the revision: D15 is in D
        if own:
            found[letter] = own + [text for text in found.get(letter, []) if text[0].isdecimal()]
    return found


def _isic_divisions(text: str) -> frozenset[str]:
    """Return classes as numbers of four digits, of a code or a range of codes."""
    found: set[int] = set()
    low = high = 0
    for joint, part in _ISIC_PART.findall(text):
        start = low
        if part in _SECTIONS_ISIC:
            low, high = (100 * end for end in _SECTIONS_ISIC[part])
            high += 99
        else:
            number = part.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            low = int(number) * 10 ** (4 - len(number))
            high = low + 10 ** (4 - len(number)) - 1
        found.update(range(start if joint in ("T", "-") and start else low, high + 1))
    return frozenset(map(str, found))


def _chapters(text: str) -> tuple[int, int] | None:
    """Return the first and last chapter of a range of chapters, or of a section of the HS."""
    given, section = _RANGE.fullmatch(text), _SECTION.fullmatch(text)
    if given and given[1] < given[2]:
        return int(given[1]), int(given[2])
    return _SECTIONS_HS.get(section[1].upper()) if section else None


def digits(texts: Sequence[str]) -> dict[Any, list[Any]] | None:
    """Read codes of digits, ranges of chapters, and sections of the HS."""
    bare = {text: text.replace(".", "") for text in texts}
    codes = {
        t: code for t, code in bare.items() if code.isdecimal() and code.isascii() and len(code) <= _DIGITS
    }
    ranges = {text: chapters for text in texts if text not in codes and (chapters := _chapters(text))}
    spans = {text: _span(code) for text, code in codes.items()}
    for text, (low, high) in ranges.items():
        spans[text] = _span(f"{low:02}")[0], _span(f"{high:02}")[1]
    if 2 * len(spans) < len(texts) or (not ranges and len(set(map(len, codes.values()))) < 2):
        return None
    found = _nested(spans)
    if not found:
        return None
    if _are_hs(codes.values()) or _nest(codes, found):
        return found
    # A range of codes (31-33) and a dot (26.1) are signs of their own.
    plain = {
        total: parts
        if _RANGE.fullmatch(total)
        else [part for part in parts if part.startswith(f"{total}.") and part.strip("0")[-1] != "."]
        for total, parts in found.items()
    }
    return {total: parts for total, parts in plain.items() if parts}


def _are_hs(codes: Iterable[str]) -> bool:
    """Return True if all codes have an even number of digits and nearly all are of the HS, by their first six digits."""
    codes = list(codes)
    if any(len(code) % 2 for code in codes):
        return False
    known = products.every_code()
    return sum(code[:6] in known for code in codes) >= _NEARLY * len(codes) > 0


def _nest(codes: Mapping[str, str], found: Mapping[str, Sequence[str]]) -> bool:
    """Return True if the pattern of codes shows levels, not a plain numbering."""
    if len(codes) < _ENOUGH:
        return False
    shortest = min(map(len, codes.values()))
    longer = {text for text, code in codes.items() if len(code) > shortest}
    inside = {part for parts in found.values() for part in parts}
    if len(inside & longer) < _NEARLY * len(longer):
        return False
    if any(codes[text].startswith("0") for text in longer):
        return True
    numbers = [int(code) for code in codes.values()]
    return shortest > 1 and len(numbers) < (max(numbers) - min(numbers) + 1) / 2


def unpadded(texts: Sequence[str]) -> dict[Any, list[Any]]:
    """Read numbers as codes of the HS without their leading zero; only codes of five digits or more are parts."""
    padded = {text.zfill(len(text) + len(text) % 2): text for text in texts if text.isdecimal()}
    longer = {code for code in padded if len(code) > 4}
    if not 0 < len(longer) < len(padded) == len(texts) or not _are_hs(padded):
        return {}
    nested = _nested({code: _span(code) for code in padded if len(code) <= _DIGITS})
    return {
        padded[total]: [padded[part] for part in parts if part in longer]
        for total, parts in nested.items()
        if total not in longer and longer & set(parts)
    }
