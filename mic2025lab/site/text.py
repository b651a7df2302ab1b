"""How the site writes numbers, names, and sentences. Everything is escaped and limited in length."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape

from mic2025lab.classifications import sectors
from mic2025lab.runs.pages import html

#: The most characters of one text on a page. The run's own file has all of it.
LONGEST = 2000

_STARS = re.compile(r"\*\*([^*]+)\*\*|(?<!\w)\*([^*\s][^*]*)\*(?!\w)")


_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/mic2025lab/mic2025lab")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clip(text: Any, longest: int = LONGEST) -> str:
    """Shorten a long text, and say so.

    Examples
    --------
    >>> clip("abcdef", 3), clip("abc", 3)
    ('abc… (3 more characters)', 'abc')
    """
    text = str(text)
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest:,} more characters)"


def emphasis(text: str) -> Markup:
    """Escape a sentence and keep its Markdown emphasis.

    Examples
    --------
    >>> emphasis("**34 %** of <all>")
    Markup('<strong>34 %</strong> of &lt;all&gt;')
    """
    return Markup(_STARS.sub(_tagged, str(escape(clip(text)))))


def _tagged(found: re.Match[str]) -> str:
    return f"<strong>{found[1]}</strong>" if found[1] else f"<em>{found[2]}</em>"


def plain(text: str) -> str:
    """Remove the Markdown emphasis from a sentence.

    Examples
    --------
    >>> plain("**Rose** by *half*")
    'Rose by half'
    """
    return _STARS.sub(lambda found: found[1] or found[2], clip(text))


def begin(text: str) -> str:
    """Write the first letter large, and leave the others as they are.

    Examples
    --------
    >>> begin("it leads in US exports")
    'It leads in US exports'
    """
    return text[:1].upper() + text[1:]


def value(given: Any) -> str:
    """Write the value of a parameter.

    Examples
    --------
    >>> value(["USA", "JPN"]), value(True), value(None), value({"a": 1})
    ('USA, JPN', 'yes', 'none', "{'a': 1}")
    """
    if isinstance(given, bool) or given is None:
        return {True: "yes", False: "no", None: "none"}[given]
    return clip(", ".join(map(str, given)) if isinstance(given, list) else given, 200)


def heading(changed: Mapping[str, Any]) -> str:
    """Name a run by the parameters that differ from the defaults.

    Examples
    --------
    >>> heading({"comparators": ["USA"], "sector": "rail"}), heading({})
    ('Sector: Advanced rail transit equipment; Comparators: USA', 'Default parameters')
    """
    texts = []
    for name in sorted(changed, key=lambda name: name == "comparators"):  # the subject comes before them
        told = value(changed[name])
        told = sectors.get(told).name if name == "sector" and told in sectors.slugs() else told
        texts.append(f"{html.words(clip(name, 100))}: {told}")
    return clip("; ".join(texts), 400) or "Default parameters"


def urn(name: str) -> str:
    """Return an id that is always the same for a name."""
    return uuid.uuid5(_IDS, name).urn


def xml(text: str) -> str:
    """Replace the characters that XML does not allow.

    Examples
    --------
    >>> xml("a\\x01b")
    'a\ufffdb'
    """
    return _NOT_XML.sub("\ufffd", text)


def measured(figure: Any, beside: Iterable[Any] = ()) -> tuple[str, str]:
    """Write a number and its interval with the same decimals: three significant digits of the largest.

    Parameters
    ----------
    figure : Figure
        With `value`, `low` and `high`.
    beside : iterable of Figure
        The other figures of its column, which get the same decimals.

    Returns
    -------
    (str, str)
        The number; its interval, or "".
    """
    has_ends = _is_number(figure.low) and _is_number(figure.high)
    if not _is_number(figure.value) or (not has_ends and not beside):
        return clip(html.number(figure.value), 200), ""
    ends = [end for one in (figure, *beside) for end in (one.value, one.low, one.high) if _is_number(end)]
    digits = _digits(ends)
    written = [
        f"{end:z,.{digits}f}".replace("-", "−")
        for end in (figure.value, figure.low, figure.high)
        if _is_number(end)
    ]
    return written[0], " to ".join(written[1:]) if has_ends else ""


def _digits(ends: Iterable[float]) -> int:
    """Return the decimals that leave three significant digits of the largest number. None if all are integers."""
    if all(isinstance(end, int) for end in ends):
        return 0
    size = max(map(abs, ends))
    return 2 - math.floor(math.log10(size)) if 0 < size < 100 else 0


def shared_end(notes: Iterable[str | None]) -> str:
    """Return the end that all notes have in common, after a comma.

    Examples
    --------
    >>> shared_end(["share in rail, 2015", "share in aerospace, 2015"]), shared_end(["a", "b"])
    ('2015', '')
    """
    parts = [[part.strip() for part in (note or "").split(",")] for note in notes]
    common: list[str] = []
    for place in range(1, min(map(len, parts), default=0) + 1):
        found = {part[-place] for part in parts}
        if len(found) > 1:
            break
        common.insert(0, found.pop())
    return ", ".join(common)


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)
