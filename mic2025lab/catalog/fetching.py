"""Refresh a table from its producer: a new vintage beside the older ones, or the way to get its files by hand."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from mic2025lab.catalog import entries, loading
from mic2025lab.catalog.build import Result, chosen, keep_vintage
from mic2025lab.catalog.overview import sources
from mic2025lab.errors import LabError, SourceError, TableError
from mic2025lab.sources import live
from mic2025lab.sources.baci_archive import PAGE


def fetch(
    name: str,
    *,
    vintage: str | None = None,
    accept: bool = False,
    progress: Callable[[str], None] | None = None,
) -> list[Result]:
    """Get a table from the interfaces of its producers, and keep what each sends as a new vintage.

    Parameters
    ----------
    name : str
        The table.
    vintage : str, optional
        The name of the new vintage, for a table with one interface; by default the producer's, such as `wdi-2026-07-01`.
    accept : bool
        Keep a vintage that looks implausible next to the table in use.
    progress : callable, optional
        Called with a line of text for each step.

    Returns
    -------
    list of Result
        One for each interface.

    Raises
    ------
    UnknownName
        If there is no such table.
    SourceError
        If a producer does not answer or sends something else, or, for a table that no interface refreshes, how to get each of its
        files by hand. The existing tables and vintages never change.
    """
    if name == "baci":
        raise SourceError(
            f"BACI is one zip for each revision of the HS, listed on {PAGE}: mic2025lab data baci ZIP_OR_URL"
        )
    chosen([name])
    interfaces = [interface for interface in live.INTERFACES if interface.table == name]
    if not interfaces:
        raise SourceError(by_hand(name))
    if vintage and len(interfaces) > 1:
        raise LabError(
            f"{name} has {len(interfaces)} interfaces, so its vintages are named by them: leave out vintage={vintage!r}."
        )
    tell = progress or (lambda line: None)
    results = []
    for interface in interfaces:
        tell(f"{name}: asking {interface.source.producer}, {interface.url} ({interface.source.license})")
        frame, own, origin = interface.refreshed()
        origins = [origin]
        known = entries.catalog().get(name) if interface.keeps else None
        if known is not None:
            old = loading.read(known)
            origins += known.origins
            frame = pd.concat(
                [frame, old[~old[interface.keeps].isin(frame[interface.keeps])]], ignore_index=True
            )
        try:
            kept = keep_vintage(name, frame, vintage or own, origins, accept=accept)
        except TableError as error:
            raise SourceError(f"{interface.url} of {interface.source.producer}: {error}") from error
        tell(f"{kept.file}: {kept.rows:,} rows, {'new' if kept.changed else 'unchanged'}")
        results.append(kept)
    return results


def by_hand(name: str) -> str:
    """Say for each file of a table what is to be downloaded, and the folder to put it in."""
    ways = [
        f"{row['folder']}/{row['file']} ({row['how']}): {' '.join(filter(None, (row['address'], row['note'])))}"
        for row in sources([name]).to_dict("records")
    ]
    steps = "\n".join(f"- {way}" for way in ways)
    return f"No producer's interface refreshes {name}. `mic2025lab data build {name}` makes it from these files:\n{steps}"
