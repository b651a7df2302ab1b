"""What the scorecard shows beside the claims, `board.yml`: the columns of the heat table, and what others have published.

Like the ledger it is read strictly; a column or a comparison is added by editing the file alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from mic2025lab.claims import ledger
from mic2025lab.claims.evidence import Evidence
from mic2025lab.claims.ledger import Test
from mic2025lab.claims.verdict import Direction, outcome
from mic2025lab.errors import LabError

#: The board of the package.
BOARD = Path(__file__).with_name("board.yml")

#: Stands for the slug of a sector in the figure and the parameters of a column.
SECTOR = "{sector}"

Reading = Literal["up", "down", "none"]


@dataclass(frozen=True)
class Column:
    """A column of the heat table.

    Attributes
    ----------
    objective, says, short, wanted : str
        Its head, what the number is, the same in a few words, and the data that would fill it.
    direction : {"above", "below"}
        The side of zero that the plan aimed at, or that costs less.
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
        """Give the figure of a sector."""
        if self.test is None:
            return None
        params = {name: sector if value == SECTOR else value for name, value in self.test.params.items()}
        names = {
            name: text.replace(SECTOR, sector)
            for name in ("figure", "less")
            if (text := getattr(self.test, name))
        }
        return replace(self.test, params=params, **names)


@dataclass(frozen=True)
class Published:
    """A finding of others to compare a figure with.

    Attributes
    ----------
    says, why : str
        What is compared, and why the two may differ.
    test : Test
        The figure; its `direction` has no part in it.
    topic, item, period : str
        The row of the table `benchmarks`.
    over : str, optional
        The item that its number is taken as a percentage of.
    close : float
        How near counts as the same, in the unit of the figure.
    reads : {"up", "down", "none"}, optional
        The direction that the words of the row mean; without it its number is compared.
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
        """Say whether figure and finding agree; None if one of them is missing.

        A number agrees if it is close, or within the interval of the figure; words agree if the figure moved as they say.

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
    """Say which way a change went, by the rule of the ledger."""
    said = outcome(found.value, found.low, found.high, direction="above", margin=close)
    return {"for": "up", "against": "down"}.get(said, "none")  # type: ignore[return-value]


@dataclass(frozen=True)
class Board:
    """The columns and what others have published."""

    columns: tuple[Column, ...] = ()
    published: tuple[Published, ...] = ()


@dataclass(frozen=True)
class _ColumnEntry:
    """The keys of a column in the file."""

    objective: str
    says: str
    short: str
    direction: Direction
    wanted: str
    analysis: str | None = None
    figure: str | None = None
    less: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    free: list[str] = field(default_factory=list)
    margin: float = 0.0


@dataclass(frozen=True)
class _PublishedEntry:
    """The keys of a comparison in the file."""

    says: str
    why: str
    analysis: str
    figure: str
    topic: str
    item: str
    period: str
    less: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    free: list[str] = field(default_factory=list)
    close: float = 0.0
    reads: Reading | None = None
    over: str | None = None


def read(path: str | Path = BOARD) -> Board:
    """Read a board.

    Raises
    ------
    LabError
        With a line for each thing that is wrong.

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
    values = ledger.checked(entry, _ColumnEntry, "column")
    if (values.get("analysis") is None) != (values.get("figure") is None):
        raise LabError("analysis and figure go together; leave both out where there are no data.")
    kept = {name: values[name] for name in ("objective", "says", "short", "direction", "wanted")}
    ledger.choice("direction", values["direction"], Direction)
    return Column(**kept, test=_figure(values) if values.get("analysis") else None)


def _published(entry: Any) -> Published:
    values = ledger.checked(entry, _PublishedEntry, "published")
    if values.get("reads") is not None:
        ledger.choice("reads", values["reads"], Reading)
    kept = {
        name: values[name]
        for name in ("says", "why", "topic", "item", "period", "close", "reads", "over")
        if name in values
    }
    return Published(**kept, test=_figure({**values, "direction": "above"}))


def _figure(values: dict[str, Any]) -> Test:
    names = ("says", "analysis", "figure", "less", "params", "free", "direction", "margin")
    return ledger.test({name: values[name] for name in names if values.get(name)})
