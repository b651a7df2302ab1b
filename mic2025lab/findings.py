"""Words from numbers: the sentences of a notebook say what its numbers say, with the sign and the interval.

The functions return text and compute nothing. A verb follows the sign of its number. A change whose interval contains zero is
"no clear change". Tests turn the numbers around and read the words again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence


def listing(items: Iterable[str], *, most: int | None = None) -> str:
    """Join names as a sentence does, with a serial comma; "none" if there are none.

    Parameters
    ----------
    items : iterable of str
        Names, in the order in which they are written.
    most : int, optional
        Write only so many of them, and count the rest.

    Examples
    --------
    >>> listing(["steel", "cement", "glass"]), listing(["steel", "cement"]), listing([])
    ('steel, cement, and glass', 'steel and cement', 'none')
    >>> listing(["steel", "cement", "glass", "paper"], most=2)
    'steel, cement, and 2 more'
    """
    names = list(items)
    if most is not None and len(names) > most:
        names = [*names[:most], f"{len(names) - most} more"]
    if len(names) > 2:
        return ", ".join(names[:-1]) + f", and {names[-1]}"
    return " and ".join(names) or "none"


def counted(n: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> counted(1, "industry", "industries"), counted(2, "industry", "industries"), counted(1200, "firm")
    ('1 industry', '2 industries', '1,200 firms')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def share_of(part: int, whole: int, noun: str = "") -> str:
    """Write how many of how many.

    Examples
    --------
    >>> share_of(7, 10, "industries"), share_of(0, 10, "industries"), share_of(10, 10, "industries"), share_of(3, 8)
    ('7 of 10 industries', 'none of 10 industries', 'all 10 industries', '3 of 8')
    """
    if whole > 1 and part == whole:
        return f"all {whole:,} {noun}".rstrip()
    return f"{part or 'none'} of {whole:,} {noun}".rstrip()


def plain(value: float, digits: int = 1, unit: str = "") -> str:
    """Write a number with a true minus and its unit; "missing" if it is not a number.

    Examples
    --------
    >>> plain(-0.31), plain(12.34, 1, "%"), plain(2.5, 1, "points"), plain(float("nan"))
    ('−0.3', '12.3%', '2.5 points', 'missing')
    """
    return _number(value, digits, "", unit)


def signed(value: float, digits: int = 1, unit: str = "") -> str:
    """Write a change: with its sign, a true minus, and its unit; a change that rounds to zero has no sign.

    Examples
    --------
    >>> signed(1.25), signed(-0.31), signed(-0.01), signed(-3.2, 1, "%")
    ('+1.2', '−0.3', '0.0', '−3.2%')
    """
    return _number(value, digits, "+", unit)


def decimals(before: float, after: float, *, least: int = 1, most: int = 4) -> int:
    """Choose the fewest decimals with which two numbers and their difference, each rounded, add up.

    Parameters
    ----------
    before, after : float
        The two numbers; the difference is `after` less `before`.
    least, most : int
        The fewest and the most decimals. If no number of decimals between them adds up, `most`.

    Examples
    --------
    >>> decimals(-0.004, 0.073, least=2), decimals(0.25, 0.5, least=2), decimals(1.24, 2.38)
    (3, 2, 2)
    """
    for digits in range(least, most):
        first, last, change = (round(each, digits) for each in (before, after, after - before))
        if abs(first + change - last) < 0.5 * 10**-digits:
            return digits
    return most


def percent(log_points: float, digits: int = 0) -> str:
    """Write a difference of logs as a percentage.

    Examples
    --------
    >>> percent(0.0583), percent(-0.1863)
    ('+6%', '−17%')
    """
    return signed(100 * math.expm1(log_points), digits, "%")


def between(low: float, high: float, digits: int = 1, unit: str = "") -> str:
    """Write a range; one number if both ends are written alike.

    Examples
    --------
    >>> between(0.09, 1.88, 2, "points"), between(3, 3, 0), between(-1.7, 0.6)
    ('0.09 to 1.88 points', '3', '−1.7 to 0.6')
    """
    first, last = plain(low, digits), plain(high, digits)
    return plain(high, digits, unit) if first == last else f"{first} to {plain(high, digits, unit)}"


def interval(low: float, high: float, digits: int = 1, *, level: float = 0.95, unit: str = "") -> str:
    """Write a confidence interval; "no interval" if an end is missing.

    Examples
    --------
    >>> interval(-1.71, 0.59), interval(-0.17, 0.28, 2, level=0.9), interval(float("nan"), 1)
    ('95% CI −1.7 to 0.6', '90% CI −0.17 to 0.28', 'no interval')
    """
    if math.isnan(low) or math.isnan(high):
        return "no interval"
    return f"{level:.0%} CI {plain(low, digits)} to {plain(high, digits, unit)}"


def p_value(p: float) -> str:
    """Write a p-value.

    Examples
    --------
    >>> p_value(0.583), p_value(0.0004), p_value(float("nan"))
    ('p = 0.58', 'p < 0.001', 'p missing')
    """
    if math.isnan(p):
        return "p missing"
    return "p < 0.001" if p < 0.001 else f"p = {p:.2f}" if p >= 0.01 else f"p = {p:.3f}"


def moved(change: float, low: float | None = None, high: float | None = None, *, margin: float = 0.05) -> str:
    """Choose the verb for a change: rose, fell, or did not change clearly.

    Parameters
    ----------
    change : float
        The change.
    low, high : float, optional
        The ends of its interval. If the interval contains zero or an end is missing, there was no clear change.
    margin : float
        The largest change that counts as none, in the unit of the change.

    Examples
    --------
    >>> moved(1.0), moved(-1.0), moved(0.01)
    ('rose', 'fell', 'hardly changed')
    >>> moved(1.0, 0.2, 1.8), moved(1.0, -0.2, 2.2), moved(-1.0, -1.8, -0.2)
    ('rose', 'did not change clearly', 'fell')
    """
    if math.isnan(change):
        return "is not known to have changed"
    if low is not None and high is not None and not is_clear(change, low, high):
        return "did not change clearly"
    if abs(change) < margin:
        return "hardly changed"
    return "rose" if change > 0 else "fell"


def verdict_word(
    value: float, low: float | None = None, high: float | None = None, *, margin: float = 0.0
) -> str:
    """Compare a difference with zero, the same way on both sides: higher, lower, or not clearly different.

    Parameters
    ----------
    value : float
        The difference.
    low, high : float, optional
        The ends of its interval.
    margin : float
        A difference counts if it is larger than this.

    Examples
    --------
    >>> verdict_word(0.3), verdict_word(-0.3), verdict_word(0.3, margin=0.5), verdict_word(0.3, -0.1, 0.7)
    ('higher', 'lower', 'not clearly different', 'not clearly different')
    """
    if low is not None and high is not None and not is_clear(value, low, high):
        return "not clearly different"
    if value > margin:
        return "higher"
    return "lower" if value < -margin else "not clearly different"


def pace_word(before: float, after: float, *, margin: float = 0.05) -> str:
    """Compare two paces (changes a year): gains slowed, gains turned into losses, and so on.

    Parameters
    ----------
    before, after : float
        Points a year before and after the base year.
    margin : float
        A pace or a difference of paces within it counts as zero.

    Examples
    --------
    >>> pace_word(1.57, 1.01), pace_word(0.17, 0.63), pace_word(1.36, 1.39), pace_word(0.16, -0.09), pace_word(0.0, 0.07)
    ('gains slowed', 'gains accelerated', 'gains continued at the same pace', 'gains turned into losses', 'gains began')
    """
    first, second = (0 if abs(pace) < margin else 1 if pace > 0 else -1 for pace in (before, after))
    if first == 0 and second == 0:
        return "hardly changed"
    kind = "gains" if (first or second) > 0 else "losses"
    if first == 0:
        return f"{kind} began"
    if second == 0:
        return f"{kind} stopped"
    if first != second:
        return "gains turned into losses" if first > 0 else "losses turned into gains"
    if abs(after - before) < margin:
        return f"{kind} continued at the same pace"
    return f"{kind} slowed" if abs(after) < abs(before) else f"{kind} accelerated"


def is_clear(change: float, low: float, high: float) -> bool:
    """Return True if the interval lies on the same side of zero as the change; False if an end is missing.

    Examples
    --------
    >>> is_clear(-0.5, -0.9, -0.1), is_clear(-0.5, -1.1, 0.1), is_clear(-0.5, float("nan"), float("nan"))
    (True, False, False)
    """
    return (change < 0 and high < 0) or (change > 0 and low > 0)


def ranked(
    names: Sequence[str], values: Sequence[float], digits: int = 1, unit: str = "", *, most: int | None = None
) -> str:
    """List names with their changes in parentheses, in the given order.

    Examples
    --------
    >>> ranked(["steel", "cement"], [-3.21, 1.5]), ranked(["chips"], [2.0], 1, "%")
    ('steel (−3.2) and cement (+1.5)', 'chips (+2.0%)')
    """
    pairs = zip(names, values, strict=True)
    return listing([f"{name} ({signed(value, digits, unit)})" for name, value in pairs], most=most)


def _number(value: float, digits: int, sign: str, unit: str) -> str:
    if math.isnan(value):
        return "missing"
    text = f"{value:{sign},.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = f"{0:.{digits}f}"
    return text.replace("-", "−") + (unit if unit in ("", "%") else f" {unit}")
