"""Specification curve: one estimate for each combination of declared choices.

References
----------
Simonsohn, U., J. P. Simmons & L. D. Nelson (2020). "Specification Curve Analysis." Nature Human Behaviour 4, 1208-1214. Steegen, S., F. Tuerlinckx,
A. Gelman & W. Vanpaemel (2016). "Increasing Transparency Through a Multiverse Analysis." Perspectives on Psychological Science 11(5), 702-712.
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

from mic2025lab.errors import LabError, ParameterError, unknown_name
from mic2025lab.models._display import axes_or_new, set_title, set_whole_years
from mic2025lab.models.tables import Content, Tabled, Term, check_level

__all__ = ["SpecificationCurve", "specification_curve"]

_COLUMNS = ("estimate", "low", "high", "p_value")


@dataclass(frozen=True, eq=False)
class SpecificationCurve(Tabled):
    """What `specification_curve` returns.

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
        known = self.table.dropna(subset=["estimate"])
        estimates, low, high = (known[name].to_numpy() for name in ("estimate", "low", "high"))
        agree = estimates * self.estimate > 0
        clear = agree & (low > 0 if self.estimate > 0 else high < 0)
        rows = []
        for choice, options in self.choices.items():
            chosen = known[choice].to_numpy(dtype=object)
            for option in options:
                part = chosen == str(option)
                own = estimates[part]
                if not len(own):
                    rows.append((choice, str(option), 0, *[math.nan] * 5))
                    continue
                share_clear = clear[part].mean() if not np.isnan(low[part]).all() else math.nan
                sizes = (np.median(own), own.min(), own.max(), agree[part].mean(), share_clear)
                rows.append((choice, str(option), len(own), *map(float, sizes)))
        names = ["choice", "option", "n", "median", "lowest", "highest", "same_sign", "clear"]
        return pd.DataFrame(rows, columns=names)

    def plot_data(self) -> Any:
        """Return the estimates in order of size with ``position``, choices, and interval: the data of the figure."""
        known = self.table.dropna(subset=["estimate"]).sort_values(
            "estimate", kind="stable", ignore_index=True
        )
        known.insert(0, "position", range(1, len(known) + 1))
        return known

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

    def plot(self, ax: Any = None) -> Any:
        """Draw the estimates in order of size with their intervals, the headline marked, on `ax` or on new axes, which are returned."""
        ax = axes_or_new(ax)
        data = self.plot_data()
        ax.vlines(data["position"], data["low"], data["high"], color="0.8")
        ax.plot(data["position"], data["estimate"], ".", color="0.45")
        own = data[data["headline"]]
        ax.plot(own["position"], own["estimate"], "o", color="C0")
        ax.axhline(0, color="0.6", linewidth=0.8)
        ax.set_xlabel("specification, in order of its estimate")
        ax.set_ylabel("estimate")
        set_title(ax, f"{self.n_estimated} specifications, median {self.median:+.3g}")
        set_whole_years(ax)
        return ax


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
    if headline is None:
        headline = {name: options[0] for name, options in declared.items()}
    combinations = [
        dict(zip(declared, options, strict=True)) for options in itertools.product(*declared.values())
    ]
    run = partial(_estimate, estimator, level)
    results = list(map(run, combinations) if executor is None else executor.map(run, combinations))
    rows = [
        {**{name: str(option) for name, option in one.items()}, **result, "headline": one == dict(headline)}
        for one, result in zip(combinations, results, strict=True)
    ]
    table = pd.DataFrame(rows).astype(dict.fromkeys(_COLUMNS, "float64"))
    own = table[table["headline"]].iloc[0]
    if own["estimate"] != own["estimate"]:
        raise ParameterError(
            f"The headline specification gives no estimate: {own['note'] or 'it is missing'}"
        )
    known = table.dropna(subset=["estimate"])
    agree = known["estimate"] * own["estimate"] > 0
    beyond = (known["low"] > 0) if own["estimate"] > 0 else (known["high"] < 0)
    return SpecificationCurve(
        table=table,
        estimate=float(own["estimate"]),
        median=float(known["estimate"].median()),
        lowest=float(known["estimate"].min()),
        highest=float(known["estimate"].max()),
        same_sign=float(agree.mean()),
        clear=float((agree & beyond).mean()) if known["low"].notna().any() else math.nan,
        n_specifications=len(table),
        n_estimated=len(known),
        level=level,
        choices=declared,
    )


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
            raise unknown_name(
                f"option of {name!r} in the headline", option, [str(known) for known in declared[name]]
            )


def _estimate(estimator: Callable[..., Any], level: float, one: Mapping[str, Any]) -> dict[str, Any]:
    empty = dict.fromkeys(_COLUMNS, math.nan)
    try:
        result = estimator(**one)
        if isinstance(result, tuple):
            estimate, low, high = map(float, result)
            return {**empty, "estimate": estimate, "low": low, "high": high, "note": ""}
        if not hasattr(result, "estimate"):
            return {**empty, "estimate": float(result), "note": ""}
        low, high = result.conf_int(level) if hasattr(result, "conf_int") else (math.nan, math.nan)
    except LabError as error:
        return {**empty, "note": str(error)}
    p_value = getattr(result, "p_value", math.nan)
    return {"estimate": result.estimate, "low": low, "high": high, "p_value": p_value, "note": ""}
