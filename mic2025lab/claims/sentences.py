"""A figure as a sentence, from a template of the ledger: words chosen by its sign, its size, and the choices of its headline.

`{rose|fell}` is the first word if the figure is not negative and else the second. `{size}` is the figure without its sign, with its unit;
`{number}` is the same without the unit. Any other name is a choice of the headline specification, such as `{base_year}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{([^{}]*)\}")
#: What a figure of zero has done, whatever the words.
_MOVED = re.compile(r"\{[^{}|]+\|[^{}|]+\} by \{(?:size|number)\}")
_NAME = re.compile(r"[a-z][a-z_]*")


def checked(template: str) -> str:
    """Return a template if all its places can be filled.

    Raises
    ------
    ValueError
        With the first place that cannot.

    Examples
    --------
    >>> checked("The share {rose|fell} by {size}")
    'The share {rose|fell} by {size}'
    """
    for place in _PLACE.findall(template):
        words = place.split("|")
        if not (len(words) == 2 and all(words)) and not _NAME.fullmatch(place):
            raise ValueError(
                f"{{{place}}} must be {{word|word}}, {{size}}, {{number}}, or the name of a choice"
            )
    if re.search(r"[{}]", _PLACE.sub("", template)):
        raise ValueError("a brace is not closed")
    return template


def fill(template: str, value: float, number: str, unit: str, choices: Mapping[str, str]) -> str:
    """Write the sentence of a figure, without a full stop. Empty if a choice is not known.

    Parameters
    ----------
    template : str
        From the ledger.
    value : float
        The figure, whose sign chooses the words.
    number, unit : str
        The figure without its sign, as text, and its unit.
    choices : mapping
        The option of each choice of the headline.

    Examples
    --------
    >>> told = "The share {rose|fell} by {size} from {base_year} to 2018"
    >>> fill(told, -1.88, "1.88", "points", {"base_year": "2015"})
    'The share fell by 1.88 points from 2015 to 2018'
    >>> fill(told, 0.0, "0", "points", {"base_year": "2015"})
    'The share did not change from 2015 to 2018'
    >>> fill(told, 1.0, "1", "points", {})
    ''
    """
    if number == "0":
        template = _MOVED.sub("did not change", template)
    known = {
        **choices,
        "number": number,
        "size": f"{number}{unit}" if unit.startswith("%") else f"{number} {unit}".rstrip(),
    }
    places = _PLACE.findall(template)
    if not template or any("|" not in place and place not in known for place in places):
        return ""

    def filled(found: re.Match[str]) -> str:
        first, bar, second = found[1].partition("|")
        return (second if value < 0 else first) if bar else known[first]

    return _PLACE.sub(filled, template)
