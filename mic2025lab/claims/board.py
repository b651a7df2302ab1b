"""What the scorecard shows beside the claims, `board.yml`: the columns of the heat table, and findings that others published.

Like the ledger it is read strictly. A column or a comparison is added by editing the file alone.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from mic2025lab.claims import ledger
from mic2025lab.claims.evidence import Evidence
from mic2025lab.claims.ledger import Test
from mic2025lab.claims.verdict import Direction, outcome
from mic2025lab.errors import LabError, shown

#: The board of the package.
BOARD = Path(__file__).with_name("board.yml")

#: Placeholder for the slug of a sector in the figure and the parameters of a column.
SECTOR = "{sector}"

Reading = Literal["up", "down", "none"]

#: The keys of an entry that say which figure it is about.
_FIGURE = ("analysis", "figure", "less", "params", "free", "margin")


@dataclass(frozen=True, config=ledger.STRICT)
class Column:
    """A column of the heat table.

    Attributes
    ----------
    objective, says, short, wanted : str
        Its head, what the number is, the same in a few words, and the data that are missing.
    direction : {"above", "below"}
        The side of zero that the plan aims at, or that costs less.
    test : Test or None
        The figure, with `SECTOR` in its names; None if no analysis has one.
    """

    objective: str
    says: str
    short: str
    direction: Direction
    wanted: str
    test: Test | None = None

    def of(self, sector: str) -> Test | None:
        """Return the test for one sector."""
        if self.test is None:
            return None
        params = {name: sector if value == SECTOR else value for name, value in self.test.params.items()}
        names = {
            name: text.replace(SECTOR, sector)
            for name in ("figure", "less")
            if (text := getattr(self.test, name))
        }
        return replace(self.test, params=params, **names)


@dataclass(frozen=True, config=ledger.STRICT)
class Published:
    """A published finding to compare a figure with.

    Attributes
    ----------
    says, why : str
        What is compared, and why the two may differ.
    test : Test
        The figure. Its `direction` is not used.
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
    test: Test
    close: float = 0.0
    reads: Reading | None = None
    over: str | None = None

    def agrees(self, found: Evidence, value: float | None) -> bool | None:
        """Return whether figure and finding agree, or None if one of them is missing.

        A number agrees if it is close, or inside the interval of the figure. Words agree if the figure moved in their direction.

        Examples
        --------
        >>> pair = Published("share", "vintage", "t", "i", "2015", Test("share", "a", "f", "above"), close=1)
        >>> pair.agrees(Evidence(27.2), 26.6), pair.agrees(Evidence(27.2), 25.9), pair.agrees(Evidence(), 25.9)
        (True, False, None)
        """
        if found.value is None or (self.reads is None and value is None):
            return None
        if self.reads is not None:
            return moved(found, self.close) == self.reads
        assert value is not None
        inside = found.low is not None and found.high is not None and found.low <= value <= found.high
        return inside or abs(found.value - value) <= self.close


def moved(found: Evidence, close: float) -> Reading:
    """Return the direction of a change, by the rule of the ledger."""
    said = outcome(found.value, found.low, found.high, direction="above", margin=close)
    return {"for": "up", "against": "down"}.get(said, "none")  # type: ignore[return-value]


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
    pairs, more = ledger.each(content["published"], _published, "published")
    if problems or more:
        raise LabError("\n".join([*problems, *more]))
    return Board(tuple(columns), tuple(pairs))


def _column(entry: Any) -> Column:
    own, figure = _divided(entry)
    if bool(figure.get("analysis")) != bool(figure.get("figure")):
        raise LabError("analysis and figure go together. Leave both out where there are no data.")
    test = {**figure, "says": own.get("says"), "direction": own.get("direction")} if figure else None
    column = ledger.build(Column, {**own, "test": test})
    _real(column.test)
    return column


def _published(entry: Any) -> Published:
    own, figure = _divided(entry)
    pair = ledger.build(Published, {**own, "test": {**figure, "says": own.get("says"), "direction": "above"}})
    _real(pair.test)
    return pair


def _real(test: Test | None) -> None:
    problems = ledger.simulated(test) if test else []
    if problems:
        raise LabError("\n".join(problems))


def _divided(entry: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Divide the keys of an entry into its own and those of its figure."""
    if not isinstance(entry, dict):
        raise LabError(f"{shown(entry)} must be a mapping of names to values.")
    figure = {name: value for name, value in entry.items() if name in _FIGURE}
    return {name: value for name, value in entry.items() if name not in figure}, figure
