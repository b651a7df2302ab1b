"""Flows from suppliers to buyers: read once, suppliers joined to blocs, the largest found."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from mic2025lab.engine.aggregates import Aggregates, check_no_overlap
from mic2025lab.engine.codes import Codes, Decoded, rows_text, some
from mic2025lab.engine.frame import (
    Frame,
    check_nonnegative,
    check_same_unit,
    check_unique,
    columns_of,
    read,
)
from mic2025lab.engine.groups import Groups, cells_of, divide, fill_missing, group
from mic2025lab.errors import ParameterError, TableError

__all__ = [
    "Flows",
    "Party",
    "check_fraction",
    "check_known",
    "concentration",
    "find_members",
    "join",
    "labels_of",
    "largest",
    "named",
    "party_name",
    "read_flows",
    "same_labels",
    "to_itself",
]

Party = Hashable  # one label, or a tuple of labels: a bloc whose flows are added up

_REMEDY = "Drop the aggregate or its parts; `aggregates=()` takes every label as it is."


def party_name(party: Party) -> str:
    """Say who: one label, or the members of a bloc joined by plus signs."""
    return "+".join(map(str, party)) if isinstance(party, tuple) else str(party)


def find_members(column: Codes, party: Party, kind: str | None = None) -> np.ndarray:
    """Codes of a label, or of every member of a bloc, each of which some row must have."""
    labels = party if isinstance(party, tuple) else (party,)
    if not labels:
        raise TableError(f"A bloc of {kind or column.name} has no members: name one or more.")
    if len(set(labels)) != len(labels):
        raise TableError(f"The bloc {party_name(party)} names a member twice.")
    return np.array([column.find(label, kind) for label in labels])


@dataclass(frozen=True, eq=False)
class Flows:
    """What suppliers sold in each cell, an economy's sales to itself left out.

    Attributes
    ----------
    frame
        The caller's table.
    cell
        Columns that make a cell.
    of
        Column of the suppliers.
    keys
        The columns of `cell` and `of`.
    values
        Value of each row, missing as zero: neither adds to a cell.
    """

    frame: Frame
    cell: tuple[str, ...]
    of: str
    keys: dict[str, Codes]
    values: np.ndarray

    @property
    def suppliers(self) -> Codes:
        """Column of the suppliers."""
        return self.keys[self.of]

    def by(self, names: Iterable[str]) -> Groups:
        """Group the rows by some of the keys."""
        return group([self.keys[name] for name in names], len(self.values))

    def keep(self, rows: np.ndarray) -> Flows:
        """Return some of the rows (a mask)."""
        if rows.all():
            return self
        keys = {name: column.keep(rows) for name, column in self.keys.items()}
        return Flows(self.frame, self.cell, self.of, keys, self.values[rows])

    def decoded(self, groups: Groups, there: np.ndarray) -> dict[str, Any]:
        """Labels of some groups, for `Frame.build`."""
        codes = groups.codes(there)
        return {
            column.name: self.keys[column.name].decode(code)
            for column, code in zip(groups.columns, codes, strict=True)
        }


def read_flows(
    table: Any,
    *,
    of: str,
    importer: str | None,
    within: str | Iterable[str],
    value: str,
    over: str | Iterable[str],
    aggregates: Aggregates,
    known: bool = False,
    summed_too: Iterable[str] = (),
) -> Flows:
    """Read flows and check them: `known` refuses missing values, `summed_too` are columns of `within` added up later."""
    cell, summed = columns_of(within), columns_of(over)
    names = columns_of(cell, of, summed)
    frame = read(table, columns=[*names, value])
    values = frame.numbers(value)
    check_nonnegative(values, value, frame=frame, keys=names)
    if known:
        check_known(values, value)
    check_same_unit(frame, cell)
    for name in dict.fromkeys([of, *summed_too, *(name for name in summed if name == importer)]):
        check_no_overlap(frame.codes(name), aggregates, remedy=_REMEDY)
    rows = None if importer not in names else ~_own(frame, of, importer)
    if rows is not None and not rows.any():
        raise TableError(
            f"Every row has {of} and {importer} the same; there is no flow between two economies in the table."
        )
    rows = None if rows is None or rows.all() else rows
    if summed:
        cells = cells_of(frame, [*cell, of], {value: values}, over=summed, rows=rows)
        return Flows(frame, cell, of, cells.keys, fill_missing(cells.numbers[value])[0])
    check_unique(
        frame,
        names,
        hint="add the repeated rows up first, or name in `over` the column that tells them apart, to sum over it",
    )
    keys = {name: frame.codes(name) for name in [*cell, of]}
    flows = Flows(frame, cell, of, keys, fill_missing(values)[0])
    return flows if rows is None else flows.keep(rows)


def check_fraction(**options: float) -> None:
    """Raise ParameterError for a threshold that is not a fraction from 0 to 1."""
    for name, number in options.items():
        if isinstance(number, bool) or not 0 <= number <= 1:
            raise ParameterError(f"{name} is {number!r}; it is a fraction from 0 to 1.")


def check_known(values: np.ndarray, name: str) -> None:
    """Raise TableError for a missing value: a yes or no cannot be given on what is not known."""
    rows = np.flatnonzero(np.isnan(values))
    if len(rows):
        raise TableError(
            f"Column {name!r} is missing in {rows_text(len(rows))} (row {some(rows)}, counted from 0). "
            "A screen cannot say yes or no to what is not known: drop those rows, or the cells they belong to."
        )


def _own(frame: Frame, of: str, importer: str | None) -> np.ndarray:
    """Mask of the rows in which an economy buys from itself: domestic sales, or goods that come back."""
    sellers, buyers = frame.codes(of), frame.codes(str(importer))
    return to_itself(sellers, buyers, same_labels(sellers, buyers))


def to_itself(sellers: Codes, buyers: Codes, same: np.ndarray) -> np.ndarray:
    """Mask of the rows with the same label in both columns, of which `same_labels` says the codes."""
    alike = len(same) <= len(buyers) and np.array_equal(same, np.arange(len(same)))  # one codebook
    return (sellers.raw if alike else same[sellers.raw]) == buyers.raw


def same_labels(column: Codes, other: Codes) -> np.ndarray:
    """Code that each label of a column has in another column; -1 where it has none."""
    place = {label: code for code, label in enumerate(other.labels)}
    return np.array([place.get(label, -1) for label in column.labels])


def join(flows: Flows, party: Party) -> tuple[Flows, int]:
    """Make one supplier of a bloc, and say its code; of a single label, its code."""
    members = find_members(flows.suppliers, party)
    if len(members) == 1:
        return flows, int(members[0])
    column = flows.suppliers
    labels = [str(label) for label in column.labels] + [party_name(party)]
    code = np.arange(len(column))
    code[members] = len(column)
    text = column.values.type if pa.types.is_large_string(column.values.type) else pa.string()
    wide = None if column.coded_type is None else pa.dictionary(pa.int32(), text)
    joined = Codes(flows.of, code[column.raw], pa.array(labels, text), wide, relabelled=True)
    names = [*flows.cell, flows.of]
    groups = group([flows.keys[name] for name in flows.cell] + [joined], len(flows.values))
    there = groups.present
    keys = {
        name: (joined if name == flows.of else flows.keys[name]).at(raw)
        for name, raw in zip(names, groups.codes(there), strict=True)
    }
    return Flows(flows.frame, flows.cell, flows.of, keys, groups.sum(flows.values)[there]), len(column)


def largest(groups: Groups, values: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Code and value of the largest row of each group; of equal ones the first label, of none -1."""
    most = np.zeros(groups.size)
    np.maximum.at(most, groups.ids, values)
    rows = np.flatnonzero((values == most[groups.ids]) & (values > 0))
    nobody = np.iinfo(np.int64).max
    who = np.full(groups.size, nobody)
    np.minimum.at(who, groups.ids[rows], codes[rows].astype(np.int64))
    who[who == nobody] = -1
    return who, most


def concentration(groups: Groups, values: np.ndarray) -> np.ndarray:
    """Herfindahl-Hirschman index of every group, missing where it adds up to zero."""
    return divide(groups.sum(values, np.square), np.square(groups.sum(values)))


def labels_of(column: Codes, codes: np.ndarray) -> Decoded:
    """Labels of codes as `Codes.decode` gives them, missing where a code is -1."""
    none = codes < 0
    if not none.any():
        return column.decode(codes)
    if column.coded_type is not None:
        narrow = np.where(none, 0, codes).astype(column.coded_type.index_type.to_pandas_dtype())
        index = pa.array(narrow, mask=none)
        source = None if column.relabelled else column.name
        return Decoded(source, pa.DictionaryArray.from_arrays(index, column.values))
    whole = pa.types.is_integer(column.values.type)  # a column of whole numbers has no room for a missing one
    return Decoded(
        None if whole or column.relabelled else column.name, column.values.take(pa.array(codes, mask=none))
    )


def named(column: Codes, parties: Sequence[Party], places: np.ndarray) -> Decoded:
    """Column of the names of parties, by their place among them, as much like the column they are of as can be."""
    if not any(isinstance(party, tuple) and len(party) > 1 for party in parties):
        labels = [party[0] if isinstance(party, tuple) else party for party in parties]
        codes = np.array([column.labels.index(label) for label in labels], column.raw.dtype)
        return column.decode(codes[places])
    names = pa.array([party_name(party) for party in parties])
    if column.coded_type is None:
        whole = not pa.types.is_integer(column.values.type)
        return Decoded(column.name if whole else None, names.take(pa.array(places)))
    return Decoded(None, pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), names))
