"""The errors of the package. Each message says what was wrong, the value, what would be right, and the next step."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from numbers import Integral

LISTED = 10  # how many known names a message lists


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
    kind: str,
    value: object,
    known: Iterable[object],
    *,
    of: str = "",
    error: type[LabError] = UnknownName,
    listing: str = "",
) -> LabError:
    """Build the error for an unknown name: with the nearest known name, or the same one of another type, and the first known names.

    `listing` is the code that lists all of them, for the reader of a message that names only the first.

    Examples
    --------
    >>> str(unknown_name("sector", "robotics", ["aerospace", "machine_tools_robotics"]))
    "Unknown sector 'robotics'. Did you mean 'machine_tools_robotics'? One of: aerospace, machine_tools_robotics."
    >>> str(unknown_name("width", 3, [10, 12]))
    'Unknown width 3. One of: 10, 12.'
    >>> str(unknown_name("year", "2015", range(2002, 2023)))
    "Unknown year '2015'. It is text and the known values are numbers; write 2015. One of: 2002 to 2022."
    >>> str(unknown_name("product", 10121, ["010121", "854231"]))
    "Unknown product 10121. It is a number and the known values are text; write '010121'. One of: 010121, 854231."
    """
    there = list(known)
    same = next((name for name in there if _same_but_for_type(value, name)), None)
    near = nearest(str(value), [name for name in there if isinstance(name, str)])
    if same is not None:
        text = isinstance(same, str)
        kinds = ("a number", "text") if text else ("text", "numbers")
        write = repr(same) if text else str(same)
        hint = f" It is {kinds[0]} and the known values are {kinds[1]}; write {write}."
    else:
        hint = f" Did you mean '{near}'?" if near else ""
    place = f" of {of}" if of else ""
    return error(f"Unknown {kind} {shown(value)}{place}.{hint} One of: {_first(there, listing)}.")


def _same_but_for_type(value: object, name: object) -> bool:
    """Return True for 2015 and "2015", and for 10121 and "010121"."""
    other_type = isinstance(value, str) != isinstance(name, str)
    return other_type and str(value).lstrip("0") == str(name).lstrip("0")


def _first(known: list[object], listing: str) -> str:
    """Write all names if they are few, the ends of a range of whole numbers, or the first names and how many more there are."""
    numbers = {int(name) for name in known if isinstance(name, Integral)}
    if len(numbers) == len(known) > 3 and max(numbers) - min(numbers) == len(numbers) - 1:
        return f"{min(numbers)} to {max(numbers)}"
    most = LISTED if len(known) > LISTED + 2 else len(known)
    more = f", and {len(known) - most:,} more" if len(known) > most else ""
    return (
        ", ".join(map(str, known[:most])) + more + (f" ({listing} lists all)" if more and listing else "")
        or "none exist"
    )


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
