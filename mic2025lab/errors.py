"""The errors of the package. Each message says what was wrong, the value, what would be right, and the next step."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LabError(ValueError):
    """An error that the user can fix: a name, a value, a table."""


class UnknownName(LabError):
    """A name that does not exist."""


class TableError(LabError):
    """A table that cannot be used: a missing column, a duplicate key, a value that is not allowed."""


class ChecksumError(LabError):
    """A file that does not match its checksum in the catalog."""


class SourceError(LabError):
    """A raw file that could not be found or read."""


class ParameterError(LabError):
    """A parameter of an analysis that is unknown or out of range."""


class RunError(LabError):
    """A run, plan, or reports folder that cannot be used as requested."""


def unknown_name(
    kind: str, value: object, known: Iterable[object], *, of: str = "", error: type[LabError] = UnknownName
) -> LabError:
    """Build the error for an unknown name, with the nearest known name.

    Examples
    --------
    >>> str(unknown_name("sector", "robotics", ["aerospace", "machine_tools_robotics"]))
    "Unknown sector 'robotics'. Did you mean 'machine_tools_robotics'? One of: aerospace, machine_tools_robotics."
    >>> str(unknown_name("width", 3, [10, 12]))
    'Unknown width 3. One of: 10, 12.'
    """
    names = list(map(str, known))
    near = nearest(str(value), names)
    hint = f" Did you mean '{near}'?" if near else ""
    place = f" of {of}" if of else ""
    return error(f"Unknown {kind} {shown(value)}{place}.{hint} One of: {', '.join(names) or 'none exist'}.")


def nearest(text: str, names: Iterable[str]) -> str | None:
    """Return the name most similar to `text`, compared as a whole and part by part, or None.

    Examples
    --------
    >>> nearest("bsae", ["economy", "base_year", "sector"])
    'base_year'
    """
    wanted = text.strip().lower()[:80]
    best, best_score = None, 0.6
    for name in names if wanted else ():
        low = name.lower()
        parts = [low, *(part for part in low.split("_") if len(part) > 2)]
        score = max(difflib.SequenceMatcher(None, wanted, part).ratio() for part in parts)
        if len(wanted) > 2 and (wanted in low or (len(low) > 2 and low in wanted)):
            score += 1
        if score >= best_score and (best is None or score > best_score):
            best, best_score = name, score
    return best


def shown(value: object, width: int = 80) -> str:
    """Return a value as quoted in a message: its repr, cut if it is long.

    Examples
    --------
    >>> shown("aerospace"), shown("x" * 1000, width=8)
    ("'aerospace'", "'xxxxxxx…")
    """
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number with thousands of digits, a list in a list in a list ...
        text = f"<{type(value).__name__}>"
    return text if len(text) <= width else text[:width] + "…"
