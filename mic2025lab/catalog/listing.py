"""Lists to look something up in: pandas frames that show their texts in full, in Jupyter and on a terminal."""

from __future__ import annotations

import itertools
import shutil
import textwrap
from typing import Any

import pandas as pd

from mic2025lab.classifications import economies as _economies
from mic2025lab.classifications import lists
from mic2025lab.classifications import sectors as _sectors


class Listing(pd.DataFrame):
    """A frame that shows all its rows and whole texts: wrapped in Jupyter, and on a terminal at its width."""

    @property
    def _constructor(self) -> type[Listing]:
        return Listing

    def _whole(self) -> pd.DataFrame:
        """Return the columns, and an index that has a name, such as that of `set_index`."""
        return self.reset_index() if any(name is not None for name in self.index.names) else self

    def _repr_html_(self) -> str:
        with pd.option_context("display.max_colwidth", None, "display.max_rows", None):
            page = self._whole().to_html(index=False, na_rep="", justify="left", border=0)
        return page.replace("<td>", '<td style="text-align:left;vertical-align:top">')

    def __repr__(self) -> str:
        whole = self._whole()
        rows = whole.astype(object).where(whole.notna(), "").map(str).to_numpy().tolist()
        texts = [list(map(str, whole.columns)), *rows]
        columns = list(zip(*texts, strict=True))
        widths = [max(map(len, column)) for column in columns]
        words = [max(len(word) for text in column for word in text.split() or [""]) for column in columns]
        room = shutil.get_terminal_size().columns
        if sum(words) + 2 * len(words) > room:
            return "\n".join(_record(texts[0], row, room) for row in rows)
        while sum(widths) + 2 * len(widths) > room:
            slack = [width - word for width, word in zip(widths, words, strict=True)]
            widths[slack.index(max(slack))] -= 1
        lines = []
        for row in texts:
            cells = [textwrap.wrap(text, width) for text, width in zip(row, widths, strict=True)]
            for line in itertools.zip_longest(*cells, fillvalue=""):
                lines.append("  ".join(map(str.ljust, line, widths)).rstrip())
        return "\n".join(lines)

    __str__ = __repr__


def _record(names: list[str], row: list[str], width: int) -> str:
    """Write a row that is too wide for a line: its first cell, and the others below it."""
    told = "; ".join(f"{name}: {text}" for name, text in zip(names[1:], row[1:], strict=True) if text)
    indent: dict[str, Any] = {"initial_indent": "    ", "subsequent_indent": "    "}
    return "\n".join([row[0], *textwrap.wrap(told, max(width, 40), break_on_hyphens=False, **indent)])


def sectors() -> Listing:
    """List the ten sectors of the plan: slug, number, names, the industries of `value_added` that represent them, and how well.

    Examples
    --------
    >>> sectors()["sector"].tolist()[:2]
    ['information_technology', 'machine_tools_robotics']
    """
    found = Listing([vars(one) for one in _sectors.SECTORS]).rename(columns={"slug": "sector"})
    return found.assign(industries=found["industries"].str.join(", "))


def industries() -> Listing:
    """List the industries that tables tell apart: code, name, table and its column, and the sector of the plan that a code represents.

    Examples
    --------
    >>> industries().set_index("industry").loc["aerospace", ["name", "sector"]].tolist()
    ['aerospace', 'aerospace']
    """
    found = Listing(lists.read("industries")).rename(columns={"code": "industry"})
    of_value_added = {slug: one.slug for one in _sectors.SECTORS for slug in one.industries}
    sector = found["industry"].map(of_value_added).fillna("")
    found["sector"] = found["sector"].mask(found["table"] == "value_added", sector)
    by_naics = found["table"] == "us_imports_by_industry"
    found["column"] = by_naics.map({True: "naics", False: "industry"})
    return found[["industry", "name", "table", "column", "sector"]]


def economies() -> Listing:
    """List economies and aggregates: code, name, kind, and other common names (which `load` does not accept).

    Examples
    --------
    >>> economies().set_index("economy").loc["TWN", "name"]
    'Taiwan'
    """
    found = Listing(_economies.ROWS).rename(columns={"code": "economy"})
    names = found["other_names"].str.replace("|", ", ")
    return found[["economy", "name", "kind"]].assign(other_names=names)
