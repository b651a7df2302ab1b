"""What the scorecard shows beside the claims, `board.yml`: the columns of the heat table, and findings that others published.

Like the ledger it is read strictly. A column or a comparison is added by editing the file alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from mic2025lab.claims import ledger
from mic2025lab.claims.evidence import Evidence
from mic2025lab.claims.ledger import Test
from mic2025lab.claims.verdict import Direction, outcome
from mic2025lab.errors import LabError

#: The board of the package.
BOARD = Path(__file__).with_name("board.yml")

#: Placeholder for the slug of a sector in the figure and the parameters of a column.
SECTOR = "{sector}"

Reading = Literal["up", "down", "none"]


@dataclass(frozen=True, config=ledger.STRICT)
class Column:
    """A column of the heat table.

    Attributes
    ----------
    objective, says, short, wanted : str
        Its head, what the number is, the same in a few words, and the data that are missing.
    direction : {"above", "below"}
        The side of zero that the plan aims at, or that costs less.
    analysis, figure, params, margin
        As those of a test, with `SECTOR` in the names; empty if no analysis has the figure.
    """

    objective: str
    says: str
    short: str
    direction: Direction
    wanted: str
    analysis: str = ""
    figure: ledger.Figure = ""
    params: Mapping[str, Any] = Field(default_factory=dict)
    margin: float = 0.0

    def of(self, sector: str) -> Test | None:
        """Return the test for one sector."""
        if not self.analysis:
            return None
        params = {name: sector if value == SECTOR else value for name, value in self.params.items()}
        figure = self.figure.replace(SECTOR, sector)
        return Test(self.says, self.analysis, figure, self.direction, margin=self.margin, params=params)


@dataclass(frozen=True, config=ledger.STRICT)
class Published:
    """A published finding to compare a figure with.

    Attributes
    ----------
    says, why : str
        What is compared, and why the two may differ.
    analysis, figure, params
        The figure, as those of a test.
    topic, item, period : str
        The row of the table `benchmarks`.
    over : str, optional
        The item whose number is 100%.
    close : float
        The difference that counts as agreement, in the unit of the figure.
    reads : {"up", "down", "none"}, optional
        The direction that the words of the row mean. Without it the number is compared.
    """

    says: str
    why: str
    topic: str
    item: str
    period: str
    analysis: str
    figure: ledger.Figure
    params: Mapping[str, Any] = Field(default_factory=dict)
    close: float = 0.0
    reads: Reading | None = None
    over: str | None = None

    @property
    def test(self) -> Test:
        """The figure; the direction is not used."""
        return Test(self.says, self.analysis, self.figure, "above", params=self.params)

    def agrees(self, found: Evidence, value: float | None) -> bool | None:
        """Return whether figure and finding agree, or None if one of them is missing.

        A number agrees if it is close, or inside the interval of the figure. Words agree if the figure moved in their direction.

        Examples
        --------
        >>> pair = Published("share", "vintage", "t", "i", "2015", "a", "f", close=1)
        >>> pair.agrees(Evidence(27.2), 26.6), pair.agrees(Evidence(27.2), 25.9), pair.agrees(Evidence(), 25.9)
        (True, False, None)
        """
        if found.value is None or (self.reads is None and value is None):
            return None
        if self.reads is not None:
            said = outcome(found.value, found.low, found.high, direction="above", margin=self.close)
            return {"for": "up", "against": "down"}.get(said, "none") == self.reads
        assert value is not None
        inside = found.low is not None and found.high is not None and found.low <= value <= found.high
        return inside or abs(found.value - value) <= self.close


@dataclass(frozen=True)
class Board:
    """The columns and the published findings."""

    columns: tuple[Column, ...] = ()
    published: tuple[Published, ...] = ()


def read(path: str | Path = BOARD) -> Board:
    """Read a board.

    Raises
    ------
    LabError
        With a line for each problem.

    Examples
    --------
    >>> [column.objective for column in read().columns][:3]
    ['import dependence', 'foreign-firm dependence', 'world position']
    """
    content = ledger.lists(path, ("columns", "published"))
    columns, problems = ledger.each(content["columns"], _column, "column")
    pairs, more = ledger.each(content["published"], partial(ledger.build, Published), "published")
    if problems or more:
        raise LabError("\n".join([*problems, *more]))
    return Board(tuple(columns), tuple(pairs))


def _column(entry: Any) -> Column:
    column = ledger.build(Column, entry)
    if bool(column.analysis) != bool(column.figure):
        raise LabError("analysis and figure go together. Leave both out where there are no data.")
    return column
