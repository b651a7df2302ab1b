"""The state of the tables: which are here, how old they are, which vintages there are, and how anybody can get each raw file."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from mic2025lab.catalog.entries import describe, every
from mic2025lab.errors import SourceError, unknown_name
from mic2025lab.sources.folders import cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mic2025lab.catalog.dataset import Dataset
    from mic2025lab.catalog.listing import Listing
    from mic2025lab.sources.live.interface import Interface

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def status(names: Iterable[str] | None = None, *, today: date | None = None, check: bool = False) -> Listing:
    """Return the age, vintages, and licenses of tables, and how to get them: one row for each.

    Parameters
    ----------
    names : iterable of str, optional
        Tables; all by default.
    today : date, optional
        The day that ages are counted to.
    check : bool
        Ask the producers which vintage is their newest, with one small request to each interface. Without a network, and with
        `MIC2025LAB_OFFLINE=1`, nothing fails.

    Returns
    -------
    Listing
        `where`: embedded, this machine, own, or not here. `last`: the last year of the data, forecasts included. `age`: years since
        then. `retrieved`: the newest day on which a raw file was retrieved. `days`: days since then. `in_use`: the vintage that
        `load` serves. `vintages`: all that are here. `newest`: the newest at the producer, or "not asked", "no interface", or why the
        producer did not say. `refresh`: the command that gets it from the producer's interface. `license`, and `get`: how to get a
        table that is not here.

    Examples
    --------
    >>> status(["steel"], today=date(2026, 11, 29))[["table", "where", "last", "age"]].values.tolist()
    [['steel', 'embedded', 2018, 8]]
    """
    from mic2025lab.catalog.listing import Listing
    from mic2025lab.sources import live

    now, rows = today or datetime.now(UTC).date(), []
    for entry in _wanted(names):
        used = describe(entry.name) if entry.sha256 else entry
        last = used.coverage["year"][1] if "year" in used.coverage else None
        interfaces = [interface for interface in live.INTERFACES if interface.table == entry.name]
        days = [origin.retrieved for origin in used.origins if _DAY.fullmatch(origin.retrieved)]
        rows.append(
            {
                "table": entry.name,
                "where": entry.where,
                "last": last,
                "age": None if last is None else max(0, now.year - int(last)),
                "retrieved": max(days, default=""),
                "days": (now - date.fromisoformat(max(days))).days if days else None,
                "in_use": used.name.partition("@")[2] or used.default_vintage or "",
                "vintages": ", ".join(used.vintages),
                "newest": _newest(interfaces, check),
                "refresh": f"mic2025lab data fetch {entry.name}" if interfaces else "",
                "license": "; ".join(dict.fromkeys(origin.license for origin in used.origins)),
                "get": used.get,
            }
        )
    return Listing(rows).astype({"last": "Int64", "age": "Int64", "days": "Int64"})


def _newest(interfaces: list[Interface], check: bool) -> str:
    """Name the newest vintage of each interface as `data fetch` would; where the producer does not answer, say why."""
    from mic2025lab.sources._http import offline

    if not interfaces:
        return "no interface"
    if not check or offline():
        return "not asked"
    told = []
    for interface in interfaces:
        try:
            told.append(interface.newest() or f"{interface.prefix}: the producer does not say")
        except SourceError as error:
            told.append(f"{interface.prefix}: no answer ({error.__cause__ or error})")
    return "; ".join(told)


def sources(names: Iterable[str] | None = None) -> Listing:
    """Return how to get each raw file without the package: one row for each table and file.

    Returns
    -------
    Listing
        `how`: "package" (it comes with the package), "address" (`data build` downloads it), "by hand" (download the original at
        `address`, and make the file as `note` says), or "not" (nobody publishes it; `note` says why). `data build` takes `file` from
        `folder`, or from the same place in the folder that MIC2025LAB_MIRROR names.

    Examples
    --------
    >>> sources(["value_added"])["how"].unique().tolist()
    ['address']
    """
    from mic2025lab.catalog.listing import Listing
    from mic2025lab.sources import TABLES
    from mic2025lab.sources.fetch import way

    try:
        cache = str(cache_dir())
    except SourceError:
        cache = "the folder that MIC2025LAB_CACHE names"
    rows = []
    for entry in _wanted(names):
        for source, paths in TABLES[entry.name].inputs if entry.name in TABLES else ():
            for path in paths:
                how, address, note = way(source, path)
                place, _, file = path.rpartition("/")
                folder = "/".join(filter(None, (cache, source.id, place)))
                rows.append((entry.name, file, how, address, folder, note))
    return Listing(rows, columns=["table", "file", "how", "address", "folder", "note"])


def _wanted(names: Iterable[str] | None) -> list[Dataset]:
    known = every()
    wanted = list(known) if names is None else list(names)
    for name in wanted:
        if name not in known:
            raise unknown_name("table", name, sorted(known), listing="lab.datasets()")
    return [known[name] for name in wanted]
