"""What a result prints in a paper: a tidy frame, and a table for LaTeX, the web, Word or plain text.

Every result of `mic2025lab.models` is `Tabled`; `compare` sets several side by side. The notes below a table say where its standard errors come
from, because the conventions differ and some of them are not what the p-value rests on. Stars are off unless asked for.

LaTeX needs ``booktabs``; special characters are escaped; letters that are not Latin need XeLaTeX or LuaLaTeX. HTML is a fragment whose rules and
fonts are inline. For Word it is a whole document: save it as .html and open it in Word, or open it in a browser (or look at the table in a
notebook), select, copy and paste, and it is a table of Word's. Text is tab-separated, for Word's "convert text to table"; a spreadsheet
reads "(0.02)" as a negative number, so for one take ``to_frame().to_csv()``.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mic2025lab.errors import ParameterError, unknown_name
from mic2025lab.models._paper_table import PaperTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Content", "PaperTable", "Tabled", "Term", "compare"]

#: What a paper prints for the names of terms and facts; any other name is printed as it is.
LABELS = {
    "slope_change": "Change of slope",
    "slope_before": "Slope before",
    "slope_after": "Slope after",
    "level_change": "Change of level",
    "break_date": "Date of the largest F",
    "largest_f": "Largest F",
    "effect": "Effect",
    "headline": "Headline",
    "median": "Median",
    "lowest": "Lowest",
    "highest": "Highest",
    "gain": "Gain of equalizing TFPR",
    "corrected_gain": "Gain, corrected",
    "true_share": "True share of the variance of log TFPR",
    "n_obs": "Observations",
    "n_units": "Units",
    "n_treated": "Treated units",
    "n_donors": "Donors",
    "n_firms": "Firms",
    "n_specifications": "Specifications",
    "at": "Last year before",
    "leads_p": "Leads, joint p",
    "smallest_p": "Smallest possible p",
    "conservative_p": "Conservative p",
    "rank": "Rank in the placebos",
    "pre_rmspe": "RMSPE before",
    "returns_to_scale": "Returns to scale",
    "method": "Method",
    "same_sign": "Share with the headline's sign",
    "clear": "Share clear of zero",
    "rho": "Autocorrelation of residuals",
    "sigma": "Elasticity of substitution",
}
_BELOW = ("std_error", "interval", "p_value")
_NAMES = ("term", "estimate", "std_error", "low", "high", "p_value")


@dataclass(frozen=True)
class Term:
    """One estimate; what an estimator does not give is missing (nan). A whole number is printed as one."""

    term: str
    estimate: float
    std_error: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_value: float = math.nan


@dataclass(frozen=True)
class Content:
    """What a result has to say: its terms, facts below them (counts first), and, without a capital, where standard errors and p-values come from."""

    terms: tuple[Term, ...]
    facts: Mapping[str, Any]
    convention: str


class Tabled(ABC):
    """What every result of `mic2025lab.models` can do: be a tidy frame and a table of a paper."""

    @abstractmethod
    def _content(self, level: float) -> Content:
        """Say what the result has to say, with intervals at this confidence."""

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """One row a term: ``term``, ``estimate``, ``std_error``, ``low``, ``high`` (at confidence `level`), ``p_value``.

        Missing where the estimator gives none; an interval is infinite where the design allows none at this level.
        """
        import pandas as pd

        rows = [[getattr(term, name) for name in _NAMES] for term in self._content(level).terms]
        return pd.DataFrame(rows, columns=list(_NAMES)).astype(dict.fromkeys(_NAMES[1:], "float64"))

    def paper(
        self, *, number: str = "{:.3f}", labels: Mapping[str, str] | None = None, level: float = 0.95
    ) -> PaperTable:
        """The result as a table of a paper, a row a term.

        Parameters
        ----------
        number : str
            Format of the numbers.
        labels : mapping, optional
            What to print for the names of terms and facts.
        level : float
            Of the intervals.
        """
        content = self._content(level)
        names = {**LABELS, **(labels or {})}
        body = [
            (
                names.get(term.term, term.term),
                _number(term.estimate, number),
                _number(term.std_error, number),
                _interval(term, number),
                _p(term.p_value),
            )
            for term in content.terms
        ]
        columns = ("", "Estimate", "Std. error", f"{100 * level:g}% interval", "p")
        facts = [
            (names.get(name, name), _fact(name, value, number), "", "", "")
            for name, value in content.facts.items()
        ]
        kept = [0, 1, *(place for place in (2, 3, 4) if any(row[place] for row in body))]
        rows = [tuple(row[place] for place in kept) for row in (columns, *body, *facts)]
        notes = (_sentence(content.convention), *_unbounded(content.terms, level))
        return PaperTable(rows[0], tuple(rows[1 : 1 + len(body)]), tuple(rows[1 + len(body) :]), notes)

    def to_latex(self, *, caption: str = "", label: str = "", **options: Any) -> str:
        """`paper` (whose options these are) in LaTeX; see `PaperTable.to_latex`."""
        return self.paper(**options).to_latex(caption=caption, label=label)

    def to_html(self, *, caption: str = "", **options: Any) -> str:
        """`paper` (whose options these are) as an HTML fragment."""
        return self.paper(**options).to_html(caption=caption)

    def to_word(self, *, caption: str = "", **options: Any) -> str:
        """`paper` (whose options these are) as an HTML document that Word opens."""
        return self.paper(**options).to_word(caption=caption)

    def to_text(self, **options: Any) -> str:
        """`paper` (whose options these are), tab-separated."""
        return self.paper(**options).to_text()


def compare(
    results: Mapping[str, Tabled],
    *,
    terms: Iterable[str] | None = None,
    facts: Iterable[str] | None = None,
    below: str | Sequence[str] = "std_error",
    stars: Sequence[float] = (),
    number: str = "{:.3f}",
    labels: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> PaperTable:
    """Set results side by side: a column a result, a row a term, its standard error below it in parentheses.

    Parameters
    ----------
    results : mapping of str to result
        Head of the column -> any result of `mic2025lab.models`; they may be of different kinds, and share rows where terms have the same name.
    terms, facts : iterable of str, optional
        Names to show and their order; the default is all, in order of appearance.
    below : {"std_error", "interval", "p_value"} or several of them
        What stands below an estimate: in parentheses, in brackets, or as "p = ".
    stars : sequence of float
        Levels of the p-value for one, two, … stars, e.g. ``(0.10, 0.05, 0.01)``; none by default. Each result's own p-value counts, whatever it
        rests on; a term without one gets none.
    number : str
        Format of the numbers.
    labels : mapping, optional
        What to print for the names of terms and facts.
    level : float
        Of the intervals.

    Returns
    -------
    PaperTable

    Raises
    ------
    ParameterError
        No result, or something that is none; stars that do not fall.
    UnknownName
        A term or fact that no result has, or a wrong `below`.

    Examples
    --------
    >>> from mic2025lab.models import segmented_trend
    >>> line = [1.5 * t - 0.5 * max(t - 13, 0) + 0.01 * (-1) ** t for t in range(21)]
    >>> by = {how: segmented_trend(line, range(2002, 2023), inference=how, draws=99) for how in ("ar1", "t")}
    >>> print(compare(by, terms=["slope_change"], facts=["n_obs"]).to_frame().to_string(index=False))
                        ar1       t
    Change of slope  -0.499  -0.499
                    (0.001) (0.001)
       Observations      21      21
    """
    below = (below,) if isinstance(below, str) else tuple(below)
    _check(results, below, stars)
    contents = {head: result._content(level) for head, result in results.items()}
    names = {**LABELS, **(labels or {})}
    every = dict.fromkeys(term.term for content in contents.values() for term in content.terms)
    shown = _chosen("term", terms, every)
    known = dict.fromkeys(name for content in contents.values() for name in content.facts)
    columns = [{term.term: term for term in content.terms} for content in contents.values()]
    body = []
    for name in shown:
        found = [column.get(name) for column in columns]
        body.append((names.get(name, name), *(_estimate(term, number, stars) for term in found)))
        for kind in below:
            cells = [_below(term, kind, number) for term in found]
            if any(cells):
                body.append(("", *cells))
    rows = [
        (
            names.get(name, name),
            *(_fact(name, content.facts.get(name), number) for content in contents.values()),
        )
        for name in _chosen("fact", facts, known)
    ]
    used = [term for column in columns for name, term in column.items() if name in shown]
    notes = _notes(contents, below, stars, level) + (_unbounded(used, level) if "interval" in below else ())
    return PaperTable(("", *contents), tuple(body), tuple(rows), notes)


def _check(results: Mapping[str, Tabled], below: Sequence[str], stars: Sequence[float]) -> None:
    if not results:
        raise ParameterError("There is nothing to compare: give at least one result, {'name': result}.")
    for head, result in results.items():
        if not isinstance(result, Tabled):
            raise ParameterError(
                f"{head!r} is a {type(result).__name__}, not a result of mic2025lab.models; give what an estimator returns."
            )
    for kind in below:
        if kind not in _BELOW:
            raise unknown_name("below", kind, _BELOW)
    if list(stars) != sorted(stars, reverse=True) or not all(0 < one < 1 for one in stars):
        raise ParameterError(
            f"stars={tuple(stars)!r} must be levels between 0 and 1 that fall, as (0.10, 0.05, 0.01)."
        )


def _chosen(kind: str, wanted: Iterable[str] | None, known: Mapping[str, None]) -> list[str]:
    chosen = list(known if wanted is None else wanted)
    for name in chosen:
        if name not in known:
            raise unknown_name(kind, name, known)
    return chosen


def _notes(
    contents: Mapping[str, Content], below: Sequence[str], stars: Sequence[float], level: float
) -> tuple[str, ...]:
    what = {
        "std_error": "Standard errors in parentheses.",
        "interval": f"{100 * level:g}% intervals in brackets.",
        "p_value": "p-values below the estimates.",
    }
    heads: dict[str, list[str]] = {}
    for head, content in contents.items():
        heads.setdefault(content.convention, []).append(head)
    alone = len(heads) == 1
    conventions = [
        _sentence(text) if alone else f"{', '.join(names)}: {text}" for text, names in heads.items()
    ]
    levels = ", ".join(f"{'*' * (place + 1)} p < {one:g}" for place, one in enumerate(stars))
    return (*(what[kind] for kind in below), *conventions, *((f"{levels}.",) if stars else ()))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _unbounded(terms: Iterable[Term], level: float) -> tuple[str, ...]:
    if any(math.isinf(term.low) or math.isinf(term.high) for term in terms):
        return (f"n/a: the design allows no interval of {100 * level:g}% with so few units.",)
    return ()


def _number(value: float, number: str) -> str:
    if isinstance(value, int):
        return str(value)
    return "" if math.isnan(value) else number.format(value)


def _p(value: float) -> str:
    return "" if math.isnan(value) else "<0.001" if value < 0.001 else f"{value:.3f}"


def _interval(term: Term, number: str) -> str:
    if math.isnan(term.low):
        return ""
    if math.isinf(term.low) or math.isinf(term.high):
        return "n/a"
    return f"[{number.format(term.low)}, {number.format(term.high)}]"


def _fact(name: str, value: Any, number: str) -> str:
    if value is None:
        return ""
    if name.endswith("_p"):
        return _p(value)
    if name.startswith("n_"):
        return f"{value:,}"
    return value if isinstance(value, str) else _number(value, number)


def _estimate(term: Term | None, number: str, stars: Sequence[float]) -> str:
    if term is None:
        return ""
    return _number(term.estimate, number) + "*" * sum(term.p_value < one for one in stars)


def _below(term: Term | None, kind: str, number: str) -> str:
    if term is None:
        return ""
    if kind == "interval":
        return _interval(term, number)
    if kind == "p_value":
        text = _p(term.p_value)
        return text and (f"p {text[0]} {text[1:]}" if text.startswith("<") else f"p = {text}")
    text = _number(term.std_error, number)
    return text and f"({text})"
