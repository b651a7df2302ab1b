"""Words chosen from numbers: the verb follows the sign, and what an interval does not show is not called clear.

`mic2025lab.evidence` makes its sentences of them; tests turn the data around and read the sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


def each(table: Any) -> Iterator[Any]:
    """Rows of a pandas table as records, whose fields the type checker takes as they are."""
    yield from table.itertuples()


def listing(items: Sequence[str]) -> str:
    """Join names as a sentence does.

    >>> listing(["a", "b", "c"]), listing(["a", "b"]), listing(["a"])
    ('a, b and c', 'a and b', 'a')
    """
    items = list(items)
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def counted(n: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun.

    >>> counted(1, "industry", "industries"), counted(2, "industry", "industries"), counted(3, "way")
    ('1 industry', '2 industries', '3 ways')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def signed(value: float, digits: int = 1) -> str:
    """Write a number with its sign and a true minus; what rounds to zero has no sign.

    >>> signed(1.25, 1), signed(-0.31, 1), signed(-0.01, 1)
    ('+1.2', '−0.3', '0.0')
    """
    text = f"{value:+.{digits}f}"
    return f"{0:.{digits}f}" if float(text) == 0 else text.replace("-", "−")


def plain(value: float, digits: int = 1) -> str:
    """Write a number with a true minus."""
    return f"{value:.{digits}f}".replace("-", "−")


def moved(change: float, *, margin: float = 0.05) -> str:
    """Choose the verb for a change in level: `margin` is the change that is still called none.

    >>> moved(1.0), moved(-1.0), moved(0.01)
    ('rose', 'fell', 'hardly changed')
    """
    if abs(change) < margin:
        return "hardly changed"
    return "rose" if change > 0 else "fell"


def pace_word(before: float, after: float, *, margin: float = 0.05) -> str:
    """Say what became of the pace of a share after the base year, from the two paces alone (points a year).

    A pace or a difference within `margin` is none. Whether the difference can be told from the ordinary ups and downs of the
    series is another question, which `is_clear` answers.

    Examples
    --------
    >>> pace_word(1.57, 1.01), pace_word(0.17, 0.63), pace_word(1.36, 1.39), pace_word(0.16, -0.09), pace_word(0.0, 0.07)
    ('gains slowed', 'gains quickened', 'gains kept their pace', 'gains turned into losses', 'gains began')
    """
    first, second = (0 if abs(pace) < margin else 1 if pace > 0 else -1 for pace in (before, after))
    if first == 0 and second == 0:
        return "hardly any movement"
    kind = "gains" if (first or second) > 0 else "losses"
    if first == 0:
        return f"{kind} began"
    if second == 0:
        return f"{kind} stopped"
    if first != second:
        return "gains turned into losses" if first > 0 else "losses turned into gains"
    if abs(after - before) < margin:
        return f"{kind} kept their pace"
    return f"{kind} slowed" if abs(after) < abs(before) else f"{kind} quickened"


def is_clear(change: float, low: float, high: float) -> bool:
    """Whether an interval lies on the side of zero that the change is on; a missing interval is not clear.

    >>> is_clear(-0.5, -0.9, -0.1), is_clear(-0.5, -1.1, 0.1), is_clear(-0.5, float("nan"), float("nan"))
    (True, False, False)
    """
    return (change < 0 and high < 0) or (change > 0 and low > 0)
