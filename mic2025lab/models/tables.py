"""What every result can do: a summary, a figure, and tables for a paper, written by maketables (which pyfixest's `etable` runs on).

`compare` sets results side by side. The notes below a table say where each standard error comes from, because the conventions differ.
Every result also works in `maketables.ETable` beside results of pyfixest, statsmodels, and linearmodels.
"""

from __future__ import annotations

import html
import importlib
import math
import re
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from mic2025lab.engine.checks import one_of
from mic2025lab.errors import ParameterError

__all__ = ["PaperTable", "compare"]

#: What a paper prints for the names of terms and facts (`labels.csv`); any other name is printed as it is.
LABELS: dict[str, str] = dict(
    pd.read_csv(Path(__file__).with_name("labels.csv")).itertuples(index=False, name=None)
)
_NAMED = {"\\": "backslash", "~": "asciitilde", "^": "asciicircum", "<": "less", ">": "greater"}
_ESCAPES = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_{}"}
    | {sign: rf"\text{name}{{}}" for sign, name in _NAMED.items()}
    | {"−": "$-$", "–": "--"}
)
_MINUS = re.compile(r"(?<!\w)-(?=[\d.])")
_minus = partial(_MINUS.sub, "−")  # a true minus sign before a number, also inside brackets
#: What may stand below an estimate, and the note that says so.
_BELOW = {
    "std_error": "Standard errors in parentheses.",
    "interval": "{:g}% intervals in brackets.",
    "p_value": "p-values below the estimates.",
}


def check_level(level: float) -> None:
    """Raise ParameterError unless a confidence level is between 0 and 1."""
    if not 0 < level < 1:
        raise ParameterError(f"level={level!r} is not between 0 and 1; for example 0.95.")


def optional(package: str, instead: str) -> Any:
    """Import a package that only some installations have; `instead` says what works without it."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        remedy = f"{package} is not installed: pip install 'mic2025lab[models]'. {instead}"
        raise ParameterError(remedy) from error


class Term(NamedTuple):
    """One estimate; what an estimator does not give is missing (nan). A whole number is printed as one."""

    term: str
    estimate: float
    std_error: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_value: float = math.nan


@dataclass(frozen=True)
class Content:
    """What a result has to say: terms, facts below them (counts first), where standard errors and p-values come from (without a capital).

    `title` and `remarks` stand above and below them in the summary.
    """

    title: str
    terms: tuple[Term, ...]
    facts: Mapping[str, Any]
    convention: str
    remarks: tuple[str, ...] = ()


class Tabled(ABC):
    """What every result of `mic2025lab.models` can do: give a tidy frame and the table of a paper."""

    @abstractmethod
    def _content(self, level: float) -> Content:
        """Return the terms, the facts, and the convention, with intervals at this confidence level."""

    def summary(self) -> str:
        """Return the result in a few lines of text: the cells of `paper`, a line a term, and what a reader should know."""
        content, table = self._content(self._level), self.paper(number="{:.4g}", level=self._level)
        lines: list[str] = [content.title]
        for name, *cells in table.body:
            lines += [f"{name}:"] if name else []
            lines[-1] = " ".join([lines[-1], *cells])
        facts = "; ".join(f"{name} {value}" for name, value in table.facts)
        how = f"Standard errors in parentheses, {100 * self._level:g}% intervals in brackets."
        return "\n".join([*lines, facts, " ".join([how, *table.notes[len(_BELOW) :]]), *content.remarks])

    @property
    def _level(self) -> float:
        """Confidence level of the summary."""
        return 0.95

    def _repr_html_(self) -> str:
        first, *rest = (html.escape(line) for line in self.summary().splitlines())
        return f"<p><b>{first}</b></p><p>{'<br>'.join(rest)}</p>"

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row for each term: ``term``, ``estimate``, ``std_error``, ``low``, ``high`` (at confidence `level`), ``p_value``.

        Missing where the estimator gives none; an interval is infinite where the design allows none at this level.
        """
        table = pd.DataFrame(list(self._content(level).terms))
        return table.astype(dict.fromkeys(table.columns[1:], "float64"))

    def paper(
        self, *, number: str = "{:.3f}", labels: Mapping[str, str] | None = None, level: float = 0.95
    ) -> PaperTable:
        """Return the result as the table of a paper: estimate, standard error, interval, and p-value of each term.

        Options are those of `compare`.
        """
        return compare({"Estimate": self}, below=tuple(_BELOW), number=number, labels=labels, level=level)

    def to_latex(self, *, caption: str = "", label: str = "", **options: Any) -> str:
        """Return `paper` (whose options these are) in LaTeX; see `PaperTable.to_latex`."""
        return self.paper(**options).to_latex(caption=caption, label=label)

    def to_html(self, *, caption: str = "", **options: Any) -> str:
        """Return `paper` (whose options these are) as an HTML fragment."""
        return self.paper(**options).to_html(caption=caption)

    def to_word(self, path: str | Path, *, caption: str = "", **options: Any) -> Path:
        """Write `paper` (whose options these are) to a .docx file."""
        return self.paper(**options).to_word(path, caption=caption)

    def to_text(self, **options: Any) -> str:
        """Return `paper` (whose options these are) as tab-separated text."""
        return self.paper(**options).to_text()

    # What `maketables.ETable` reads from a result.
    __maketables_var_labels__ = __maketables_stat_labels__ = LABELS

    @property
    def __maketables_coef_table__(self) -> pd.DataFrame:
        names = {"estimate": "b", "std_error": "se", "p_value": "p", "low": "ci95l", "high": "ci95u"}
        table = self.to_frame().set_index("term").rename(columns=names)
        return table.assign(t=table["b"] / table["se"]).rename_axis("Coefficient")

    @property
    def __maketables_depvar__(self) -> str:
        return type(self).__name__

    @property
    def __maketables_default_stat_keys__(self) -> list[str]:
        return list(self._content(0.95).facts)

    def __maketables_stat__(self, key: str) -> Any:
        facts = self._content(0.95).facts
        return facts.get("n_obs" if key == "N" else key)


class Drawn(Tabled):
    """A result with a figure."""

    _whole = True  # whole numbers (years, positions) on the horizontal axis

    @abstractmethod
    def _draw(self, ax: Any) -> str:
        """Draw on the axes and return the title."""

    def plot(self, ax: Any = None) -> Any:
        """Draw the result, as its class describes, on `ax` or on new axes, which are returned.

        The title takes as many lines as the width of the figure needs, such as the column of a journal.
        """
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.subplots()[1]
        title = self._draw(ax).replace("-", "−")
        room = 72 * ax.figure.get_figwidth() * 0.85 / (0.55 * ax.title.get_fontsize())
        ax.set_title(textwrap.fill(title, int(room)))
        if self._whole:
            from matplotlib.ticker import MaxNLocator

            ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        return ax


@dataclass(frozen=True)
class PaperTable:
    """A table for a paper, with cells as text; what `compare` returns.

    Attributes
    ----------
    columns : tuple of str
        Heads; the first stands above the names of the rows.
    body, facts : tuple of tuple of str
        Rows above and below the inner rule.
    notes : tuple of str
        Sentences below the table.
    """

    columns: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    facts: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return the cells as they are printed."""
        return pd.DataFrame([*self.body, *self.facts], columns=list(self.columns))

    def to_latex(self, *, caption: str = "", label: str = "") -> str:
        r"""Return a ``table`` environment with rules, caption, and notes.

        The preamble needs the packages ``booktabs``, ``makecell``, and ``threeparttable``; letters that are not Latin need XeLaTeX or
        LuaLaTeX.

        Parameters
        ----------
        caption : str
            Special characters are escaped, as in the cells.
        label : str
            For ``\ref``; not escaped.
        """
        style = {"tab_width": None, "data_addlinespace": None, "first_row_addlinespace": None}
        return str(self._made(caption, label, _latex).make("tex", tex_style=style)) + "\n"

    def to_html(self, *, caption: str = "") -> str:
        """Return an HTML fragment with its style."""
        return str(self._made(caption, "", _minus).make("gt").as_raw_html())

    def to_word(self, path: str | Path, *, caption: str = "") -> Path:
        """Write a Word document and return its path.

        Raises
        ------
        ParameterError
            If the file is not a .docx.
        """
        file = Path(path).absolute()
        if file.suffix != ".docx":
            raise ParameterError(f"{file.name!r} is not a Word document: give a name that ends in .docx.")
        self._made(caption, "", _minus).save("docx", str(file), show=False, replace=True)
        return file

    def to_text(self) -> str:
        """Return tab-separated lines, the notes last."""
        lines = ["\t".join(row) for row in (self.columns, *self.body, *self.facts)]
        return "\n".join([*lines, *self.notes, ""])

    def _repr_html_(self) -> str:
        # pandas, whose HTML is the same each time and needs no other package.
        return f"{self.to_frame().to_html(index=False, border=0)}<p>{html.escape(' '.join(self.notes))}</p>"

    def _made(self, caption: str, label: str, write: Callable[[str], str]) -> Any:
        maketables = optional("maketables", "to_frame() and to_text() do not need it.")
        rows = [*(("body", row) for row in self.body), *(("facts", row) for row in self.facts)]
        frame = pd.DataFrame(
            [[write(cell) for cell in row[1:]] for _, row in rows],
            index=pd.MultiIndex.from_tuples([(part, write(row[0])) for part, row in rows]),
            columns=[write(name) for name in self.columns[1:]],
        )
        texts = {"notes": write(" ".join(self.notes)), "caption": write(caption) or None}
        return maketables.MTable(
            frame, **texts, tab_label=label or None, rgroup_display=False, rgroup_sep="t"
        )


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
    """Put results side by side: a column for each result, a row for each term, standard errors in parentheses below.

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
        No result, or a value that is not a result; levels of `stars` that do not decrease.
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
    columns = [{term.term: term for term in content.terms} for content in contents.values()]
    body = []
    for name in _chosen("term", terms, columns):
        found = [column.get(name) for column in columns]
        body.append((names.get(name, name), *(_cell(term, "estimate", number, stars) for term in found)))
        below_it = [("", *(_cell(term, kind, number) for term in found)) for kind in below]
        body += [cells for cells in below_it if any(cells)]
    rows = []
    for name in _chosen("fact", facts, [content.facts for content in contents.values()]):
        cells = (_fact(name, content.facts.get(name), number) for content in contents.values())
        rows.append((names.get(name, name), *cells))
    notes = _notes(contents, below, stars, level)
    if any("n/a" in cells for cells in body):
        notes += (f"n/a: the design allows no interval of {100 * level:g}% with so few units.",)
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
        one_of("below", kind, tuple(_BELOW))
    if list(stars) != sorted(stars, reverse=True) or not all(0 < one < 1 for one in stars):
        raise ParameterError(
            f"stars={tuple(stars)!r} must be decreasing levels between 0 and 1, such as (0.10, 0.05)."
        )


def _chosen(kind: str, wanted: Iterable[str] | None, columns: Iterable[Mapping[str, Any]]) -> list[str]:
    known = list(dict.fromkeys(name for column in columns for name in column))
    chosen = known if wanted is None else list(wanted)
    for name in chosen:
        one_of(kind, name, known)
    return chosen


def _notes(
    contents: Mapping[str, Content], below: Sequence[str], stars: Sequence[float], level: float
) -> tuple[str, ...]:
    heads: dict[str, list[str]] = {}
    for head, content in contents.items():
        heads.setdefault(content.convention, []).append(head)
    conventions = [f"{', '.join(names)}: {text}" for text, names in heads.items()]
    if len(heads) == 1:
        conventions = [text[:1].upper() + text[1:] for text in heads]
    levels = ", ".join(f"{'*' * (place + 1)} p < {one:g}" for place, one in enumerate(stars))
    said = (_BELOW[kind].format(100 * level) for kind in below)
    return (*said, *conventions, *((f"{levels}.",) if stars else ()))


def _fact(name: str, value: Any, number: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if name.endswith("_p"):
        return _p(value)
    return f"{value:,}" if name.startswith("n_") else _number(value, number)


def _cell(term: Term | None, kind: str, number: str, stars: Sequence[float] = ()) -> str:
    """Write one number of a term, or nothing where it has none."""
    if term is None:
        return ""
    if kind == "estimate":
        return _number(term.estimate, number) + "*" * sum(term.p_value < one for one in stars)
    if kind == "interval":
        if math.isinf(term.low) or math.isinf(term.high):
            return "n/a"
        low, high = _number(term.low, number), _number(term.high, number)
        return low and f"[{low}, {high}]"
    if kind == "p_value":
        text = _p(term.p_value)
        return text and (f"p {text[0]} {text[1:]}" if text.startswith("<") else f"p = {text}")
    text = _number(term.std_error, number)
    return text and f"({text})"


def _number(value: float, number: str) -> str:
    if isinstance(value, int):
        return str(value)
    return "" if math.isnan(value) else number.format(value)


def _p(value: float) -> str:
    return "" if math.isnan(value) else "<0.001" if value < 0.001 else f"{value:.3f}"


def _latex(text: str) -> str:
    escaped = _minus(text).translate(_ESCAPES)
    # LaTeX reads a bracket or a star at the start of a row as an option of the line break before it.
    return f"{{}}{escaped}" if escaped.startswith(("[", "*")) else escaped
