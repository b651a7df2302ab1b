"""Flows from suppliers to buyers: reading them, and joining suppliers to blocs."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mic2025lab.engine.cells import Cells, cells_of, read_cells, stream_sums
from mic2025lab.engine.codes import Codes, Decoded, has_same_label
from mic2025lab.engine.frame import Frame, columns_of
from mic2025lab.engine.groups import INDEX, Reduction, concentration, fill_missing
from mic2025lab.errors import TableError

Party = Hashable  # one label, or a tuple of labels: a bloc whose flows are added up


def party_name(party: Party) -> str:
    """Name a party: one label, or the members of a bloc joined by plus signs."""
    return "+".join(map(str, members_of(party)))


def members_of(party: Party) -> tuple[Any, ...]:
    """Labels of a party."""
    return party if isinstance(party, tuple) else (party,)


def find_members(column: Codes, party: Party, kind: str | None = None) -> np.ndarray:
    """Codes of a label, or of every member of a bloc. Each must have a row."""
    labels = members_of(party)
    if not labels:
        raise TableError(f"A bloc of {kind or column.name} has no members: name one or more.")
    if len(set(labels)) != len(labels):
        raise TableError(f"The bloc {party_name(party)} names a member twice.")
    return np.array([column.find(label, kind) for label in labels])


def read_flows(
    table: Any,
    of: str,
    importer: str | None,
    within: str | Iterable[str],
    value: str,
    over: str | Iterable[str] = (),
    *,
    known: bool = False,
    added: Iterable[str] = (),
) -> Cells:
    """Read flows by cell and supplier, without rows in which an economy buys from itself; missing values are zero.

    Parameters
    ----------
    of, importer
        Columns of suppliers and buyers (None if rows of one label in both are to stay).
    within, value, over
        As for the metrics.
    known
        Whether missing values are an error.
    added
        Further columns whose labels are added up later.
    """
    cell, summed = columns_of(within), columns_of(over)
    names = columns_of(cell, of, summed)

    def between_economies(frame: Frame) -> np.ndarray:
        sellers, buyers = frame.codes(of), frame.codes(str(importer))
        traded = ~has_same_label(sellers, buyers)
        if not traded.any():
            raise TableError(
                f"Every row has {of} and {importer} the same; there is no flow between two economies in the table."
            )
        return traded

    cells = read_cells(
        table,
        [*cell, of],
        value,
        within=cell,
        over=summed,
        added=dict.fromkeys([of, *added]),
        known=known,
        rows=between_economies if importer in names else None,
        sort=False,
    )
    return replace(cells, numbers={value: fill_missing(cells.values)[0]})


def read_sums(
    table: Any,
    wanted: Mapping[str, Reduction],
    of: str,
    importer: str | None,
    within: str | Iterable[str],
    value: str,
    over: str | Iterable[str],
    *,
    index: bool = False,
) -> Cells:
    """Reduce the flows of each cell to the wanted numbers, streamed if possible; otherwise as `read_flows`.

    With `index`, there is the Herfindahl-Hirschman index of each cell, too.
    """
    cell = columns_of(within)
    both = INDEX | dict(wanted) if index else wanted
    found = None
    if not columns_of(over):
        unique = columns_of(cell, of)
        found = stream_sums(table, cell, value, both, unique=unique, added=(of,), of=of, importer=importer)
    if found is not None:
        (frame, groups, numbers), values = found, np.zeros(0)
    else:
        flows = read_flows(table, of, importer, cell, value, over)
        frame, groups, values, suppliers = flows.frame, flows.by(cell), flows.values, flows.keys[of]
        masks = {
            name: np.isin(suppliers.raw, find_members(suppliers, one.only, "supplier"))
            for name, one in wanted.items()
            if one.only is not None
        }
        numbers = groups.reduce(values, both, masks)
    if index:
        numbers["index"] = concentration(groups, values, numbers)
    names = [*wanted, "index"] if index else wanted
    return cells_of(frame, groups, {name: numbers[name] for name in names})


def join_bloc(flows: Cells, of: str, party: Party) -> tuple[Cells, int]:
    """Make one supplier of a bloc, and return the flows and its code; for a single label, its code."""
    column = flows.keys[of]
    members = find_members(column, party)
    if len(members) == 1:
        return flows, int(members[0])
    labels = [str(label) for label in column.labels] + [party_name(party)]
    code = np.arange(len(column))
    code[members] = len(column)
    keys = {**flows.keys, of: column.relabel(code[column.raw], labels)}
    return replace(flows, keys=keys).total(keys), len(column)


def party_labels(column: Codes, parties: Sequence[Party], places: np.ndarray) -> Decoded:
    """Names of parties, given by their place in the list, in the type of the column where it can hold them."""
    if not any(len(members_of(party)) > 1 for party in parties):
        codes = np.array([column.labels.index(members_of(party)[0]) for party in parties], column.raw.dtype)
        return column.decode(codes[places])
    return column.relabel(places, [party_name(party) for party in parties]).decode(places)
