"""A table of a paper in LaTeX, HTML, for Word and as text; its cells are text already.

pandas' Styler writes neither the rule above the counts nor the notes, and keeps its looks in a style sheet, which Word drops; so the few lines are
written here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_ESCAPES = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "−": "$-$",
        "–": "--",
    }
)
_MINUS = re.compile(r"(?<!\w)-(?=[\d.])")


@dataclass(frozen=True)
class PaperTable:
    """A table of a paper, its cells text; what `compare` returns.

    Attributes
    ----------
    columns : tuple of str
        Heads, the first of them of the names of the rows.
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
        """The cells as they are printed."""
        import pandas as pd

        return pd.DataFrame([*self.body, *self.facts], columns=list(self.columns))

    def to_latex(self, *, caption: str = "", label: str = "") -> str:
        r"""A ``table`` environment with a caption, ``booktabs`` rules and notes; put ``\usepackage{booktabs}`` in the preamble.

        Parameters
        ----------
        caption : str
            Escaped like the rest.
        label : str
            For ``\ref``; taken as it is.
        """
        head = [r"\begin{table}[htbp]", r"\centering"]
        if caption:
            head.append(rf"\caption{{{_latex(caption)}}}")
        if label:
            head.append(rf"\label{{{label}}}")
        head += [rf"\begin{{tabular}}{{l{'c' * (len(self.columns) - 1)}}}", r"\toprule"]
        rows = [_latex_row(self.columns), r"\midrule", *map(_latex_row, self.body)]
        if self.facts:
            rows += [r"\midrule", *map(_latex_row, self.facts)]
        foot = [r"\bottomrule", r"\end{tabular}"]
        if self.notes:
            foot += [
                r"\par\smallskip",
                rf"\parbox{{\linewidth}}{{\footnotesize\textit{{Notes:}} {_latex(' '.join(self.notes))}}}",
            ]
        return "\n".join([*head, *rows, *foot, r"\end{table}", ""])

    def to_html(self, *, caption: str = "") -> str:
        """A ``<table>`` with its looks inline, and the notes in its last row."""
        base = "font-family:'Times New Roman',serif;font-size:10pt"
        lines = [f'<table style="border-collapse:collapse;{base}">']
        if caption:
            lines.append(f'<caption style="text-align:left;padding:3pt 6pt">{html.escape(caption)}</caption>')
        top = "border-top:1.5pt solid black;border-bottom:0.75pt solid black;"
        lines += ["<thead>", _html_row(self.columns, top, "col"), "</thead>", "<tbody>"]
        lines += [_html_row(row, "", "row") for row in self.body]
        for number, row in enumerate(self.facts):
            lines.append(_html_row(row, "" if number else "border-top:0.75pt solid black;", "row"))
        lines += ["</tbody>", "<tfoot>"]
        notes = f"<i>Notes:</i> {html.escape(' '.join(self.notes))}" if self.notes else ""
        style = "border-top:1.5pt solid black;padding:3pt 6pt;font-size:9pt;text-align:left;max-width:1px"
        lines.append(f'<tr><td colspan="{len(self.columns)}" style="{style}">{notes}</td></tr>')
        return "\n".join([*lines, "</tfoot>", "</table>", ""])

    def to_word(self, *, caption: str = "") -> str:
        """`to_html` as a document of its own, which Word opens and a browser shows to be copied."""
        title = html.escape(caption or "Table")
        head = f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>'
        return f"{head}\n{self.to_html(caption=caption)}</body></html>\n"

    def to_text(self) -> str:
        """Tab-separated lines, the notes last."""
        lines = ["\t".join(row) for row in (self.columns, *self.body, *self.facts)]
        return "\n".join([*lines, *self.notes, ""])

    def _repr_html_(self) -> str:
        return self.to_html()


def _latex(text: str) -> str:
    return _MINUS.sub("−", text).translate(_ESCAPES)


def _latex_row(cells: Sequence[str]) -> str:
    # A bracket or star at the start of a line would be read as an option of the line break before it.
    first = f"{{}}{_latex(cells[0])}" if cells[0].startswith(("[", "*")) else _latex(cells[0])
    return " & ".join([first, *map(_latex, cells[1:])]) + r" \\"


def _html_row(cells: Sequence[str], border: str, scope: str) -> str:
    first, *rest = (html.escape(_MINUS.sub("−", cell)) for cell in cells)
    plain = f"{border}padding:2pt 6pt;font-weight:normal;"
    tag = "th" if scope == "col" else "td"
    mark = ' scope="col"' if scope == "col" else ""
    others = "".join(f'<{tag}{mark} style="{plain}text-align:center">{cell}</{tag}>' for cell in rest)
    return f'<tr><th scope="{scope}" style="{plain}text-align:left">{first}</th>{others}</tr>'
