"""Specification curve: one estimate for each combination of declared choices; and an estimate for one economy against others.

References
----------
Conley, T. G. & C. R. Taber (2011). "Inference with 'Difference in Differences' with a Small Number of Policy Changes." Review of Economics and
Statistics 93(1), 113-125: for `against_others`, the idea that the untreated show what chance does. Simonsohn, U., J. P. Simmons & L. D. Nelson
(2020). "Specification Curve Analysis." Nature Human Behaviour 4, 1208-1214. Steegen, S., F. Tuerlinckx, A. Gelman & W. Vanpaemel (2016).
"Increasing Transparency Through a Multiverse Analysis." Perspectives on Psychological Science 11(5), 702-712.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.engine.frame import read
from mic2025lab.errors import LabError, ParameterError, unknown_name
from mic2025lab.models._types import Floats
from mic2025lab.models.tables import Content, Drawn, Term, check_level

__all__ = ["SpecificationCurve", "against_others", "specification_curve"]

_COLUMNS = ("estimate", "low", "high", "p_value")


@dataclass(frozen=True, eq=False)
class SpecificationCurve(Drawn):
    """What `specification_curve` returns.

    `plot` draws the estimates in order of size with their intervals, the headline marked.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each combination: the choices, ``estimate``, ``low``, ``high``, ``p_value`` (missing where the estimator gives none),
        ``headline``, and ``note``: why there is no estimate, where there is none.
    estimate : float
        Of the headline combination.
    median, lowest, highest : float
        Of all estimates.
    same_sign : float
        Share of the estimates with the sign of the headline's, the headline among them.
    clear : float
        Share of the estimates that have the headline's sign and an interval on that side of zero; nan where there are no intervals.
    n_specifications, n_estimated : int
        Combinations, and those that gave an estimate.
    level : float
        Of the intervals.
    """

    table: Any
    estimate: float
    median: float
    lowest: float
    highest: float
    same_sign: float
    clear: float
    n_specifications: int
    n_estimated: int
    level: float
    choices: Mapping[str, tuple[Any, ...]] = field(repr=False)

    def by_choice(self) -> Any:
        """Summarize the estimates by option of each choice.

        Returns
        -------
        pandas.DataFrame
            ``choice``, ``option``, ``n``, ``median``, ``lowest``, ``highest``, ``same_sign``, ``clear`` (nan where there are no intervals).
        """
        ends = self.table[["estimate", "low", "high"]].to_numpy().T
        # The rows of the table are all combinations, the last choice changing fastest.
        places = np.unravel_index(
            np.arange(ends.shape[1]), [len(options) for options in self.choices.values()]
        )
        rows = []
        for (choice, options), place in zip(self.choices.items(), places, strict=True):
            for number, option in enumerate(options):
                part = ends[:, (place == number) & ~np.isnan(ends[0])]
                sizes = [
                    float(size(part[0])) if part.size else math.nan for size in (np.median, np.min, np.max)
                ]
                rows.append((choice, str(option), part.shape[1], *sizes, *_shares(part, self.estimate)))
        names = ["choice", "option", "n", "median", "lowest", "highest", "same_sign", "clear"]
        return pd.DataFrame(rows, columns=names)

    @property
    def _level(self) -> float:
        return self.level

    def _content(self, level: float) -> Content:
        if level != self.level:
            raise ParameterError(
                f"The curve was made with intervals of {self.level:g}, not {level:g}: ask for level={self.level:g}."
            )
        own = self.table[self.table["headline"]].iloc[0]
        terms = (
            Term("headline", self.estimate, low=own["low"], high=own["high"], p_value=own["p_value"]),
            *(Term(name, getattr(self, name)) for name in ("median", "lowest", "highest")),
        )
        facts = {"n_specifications": self.n_estimated, "same_sign": self.same_sign, "clear": self.clear}
        title = f"Specification curve, {self.n_specifications} combinations of choices"
        return Content(title, terms, facts, "intervals and p-values are the headline specification's own.")

    def _draw(self, ax: Any) -> str:
        """Draw the estimates in order of size with their intervals, the headline marked."""
        known = self.table.dropna(subset=["estimate"])
        data = known.sort_values("estimate", kind="stable", ignore_index=True)
        data["position"] = range(1, len(data) + 1)
        ax.vlines(data["position"], data["low"], data["high"], color="0.8")
        ax.plot(data["position"], data["estimate"], ".", color="0.45")
        own = data[data["headline"]]
        ax.plot(own["position"], own["estimate"], "o", color="C0")
        ax.axhline(0, color="0.6", linewidth=0.8)
        ax.set_xlabel("specification, in order of its estimate")
        ax.set_ylabel("estimate")
        return f"{self.n_estimated} specifications, median {self.median:+.3g}"


def specification_curve(
    estimator: Callable[..., Any],
    choices: Mapping[str, Iterable[Any]],
    *,
    headline: Mapping[str, Any] | None = None,
    level: float = 0.95,
    executor: Executor | None = None,
) -> SpecificationCurve:
    """Call an estimator with every combination of choices.

    Parameters
    ----------
    estimator : callable
        Takes the choices by name; returns a number, a tuple (estimate, low, high), or a result with ``estimate`` and, where it has them,
        ``p_value`` and ``conf_int(level)``.
        If it raises an error of this package, the combination stays in the table with the message and without an estimate; other exceptions
        are raised.
    choices : mapping of str to iterable
        Name of each choice -> its options.
    headline : mapping, optional
        The combination that the headline reports; it must be among them. By default the first option of each choice.
    level : float
        Of the intervals.
    executor : concurrent.futures.Executor, optional
        Where the combinations run; results do not depend on it.

    Returns
    -------
    SpecificationCurve

    Raises
    ------
    ParameterError
        If there are no choices, an option repeats, or the headline has no estimate.
    UnknownName
        If the headline is not among the combinations.

    Examples
    --------
    >>> curve = specification_curve(lambda power, sign: sign * 2.0**power, {"power": [1, 2, 3], "sign": [1, -1]}, headline={"power": 2, "sign": 1})
    >>> curve.n_specifications, curve.median, curve.same_sign
    (6, 0.0, 0.5)
    """
    check_level(level)
    declared = {name: tuple(options) for name, options in choices.items()}
    _check(declared, headline)
    headline = dict(headline or {name: options[0] for name, options in declared.items()})
    combinations = [dict(zip(declared, row, strict=True)) for row in itertools.product(*declared.values())]
    run = partial(_estimate, estimator, level)
    each = map if executor is None else executor.map
    *results, notes = zip(*each(run, combinations), strict=True)
    numbers, headlines = np.array(results, dtype=float), [one == headline for one in combinations]
    place, known = headlines.index(True), numbers[:, ~np.isnan(numbers[0])]
    own = float(numbers[0, place])
    if math.isnan(own):
        raise ParameterError(f"The headline specification has no estimate: {notes[place] or 'it is missing'}")
    columns: dict[str, Any] = {name: [str(one[name]) for one in combinations] for name in declared}
    columns |= dict(zip(_COLUMNS, numbers, strict=True))
    same_sign, clear = _shares(known[:3], own)
    return SpecificationCurve(
        table=pd.DataFrame({**columns, "note": notes, "headline": headlines}),
        estimate=own,
        median=float(np.median(known[0])),
        lowest=float(known[0].min()),
        highest=float(known[0].max()),
        same_sign=same_sign,
        clear=clear,
        n_specifications=len(notes),
        n_estimated=known.shape[1],
        level=level,
        choices=declared,
    )


def _shares(ends: Floats, headline: float) -> tuple[float, float]:
    """Share of the estimates with the sign of the headline's, and with an interval on that side of zero; of estimates, lows, and highs."""
    if not ends.size:
        return math.nan, math.nan
    estimate, low, high = ends
    agree = estimate * headline > 0
    clear = agree & (low > 0 if headline > 0 else high < 0)
    return float(agree.mean()), math.nan if np.isnan(low).all() else float(clear.mean())


def _check(declared: Mapping[str, tuple[Any, ...]], headline: Mapping[str, Any] | None) -> None:
    if not declared or not all(declared.values()):
        raise ParameterError("Give at least one choice, and at least one option for each.")
    for name, options in declared.items():
        shown = [str(option) for option in options]
        if len(set(shown)) < len(shown):
            raise ParameterError(f"Choice {name!r} has an option twice: {', '.join(shown)}.")
        if name in (*_COLUMNS, "headline", "note"):
            raise ParameterError(f"A choice cannot be called {name!r}: the table has a column of that name.")
    if headline is None:
        return
    if set(headline) != set(declared):
        raise ParameterError(
            f"The headline must say {', '.join(declared)}; it says {', '.join(headline) or 'nothing'}."
        )
    for name, option in headline.items():
        if option not in declared[name]:
            raise unknown_name(f"option of {name!r} in the headline", option, list(map(str, declared[name])))


def _estimate(estimator: Callable[..., Any], level: float, one: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return estimate, low, high, p-value, and why there is no estimate."""
    try:
        result = estimator(**one)
        if isinstance(result, tuple):
            estimate, low, high = map(float, result)
            return estimate, low, high, math.nan, ""
        if not hasattr(result, "estimate"):
            return float(result), math.nan, math.nan, math.nan, ""
        low, high = result.conf_int(level) if hasattr(result, "conf_int") else (math.nan, math.nan)
    except LabError as error:
        return math.nan, math.nan, math.nan, math.nan, str(error)
    return result.estimate, low, high, getattr(result, "p_value", math.nan), ""


def against_others(
    changes: Any, focus: str, *, of: str = "economy", value: str = "value", level: float = 0.90
) -> tuple[float, float, float]:
    """Compare one change with those of others by placebo.

    The estimate is d = x - median(y), for the change x of `focus` and the changes y of the others. The interval is x - q(y), with q the
    ``(1 + level) / 2`` and ``(1 - level) / 2`` quantiles: it excludes zero if x is outside the range of that share of the others.

    Parameters
    ----------
    changes : pandas.Series or table
        One change for each entity, by its name: a series, or a pandas, Polars, or Arrow table. Missing values are left out.
    focus : str
        The entity that is compared; the others are the placebos.
    of, value : str
        Columns of a table: the entities and their changes.
    level : float
        Share of the others between the quantiles.

    Returns
    -------
    tuple of float
        Estimate, low, and high, as `specification_curve` reads them, in the unit of the changes.

    Raises
    ------
    ParameterError
        `focus` has no change, an entity has two, or fewer than three others have one.

    Examples
    --------
    >>> import pandas as pd
    >>> changes = pd.Series([3.0, 0.0, 1.0, 2.0], ["CHN", "USA", "JPN", "KOR"])
    >>> estimate, low, high = against_others(changes, "CHN")
    >>> estimate, round(low, 2), round(high, 2)
    (2.0, 1.1, 2.9)
    """
    check_level(level)
    if hasattr(changes, "columns") or hasattr(changes, "column_names"):
        changes = read(changes, columns=[of, value]).to_pandas().set_index(of)[value]
    known = changes.dropna()
    if not known.index.is_unique:
        twice = known.index[known.index.duplicated()][0]
        raise ParameterError(f"{twice} has more than one change; give one row for each.")
    if focus not in known.index:
        raise ParameterError(f"{focus} has no change to compare; choose years or a table that have it.")
    others = known.drop(focus)
    if len(others) < 3:
        raise ParameterError(
            f"{len(others)} others have a change, and a comparison needs three: choose a larger group."
        )
    low, middle, high = np.quantile(others.to_numpy(dtype=float), [(1 - level) / 2, 0.5, (1 + level) / 2])
    own = float(known[focus])
    return own - float(middle), own - float(high), own - float(low)
