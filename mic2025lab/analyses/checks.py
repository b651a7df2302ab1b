"""Checks of parameters against the tables of the catalog. Each check yields its problems, one line per problem."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mic2025lab import catalog
from mic2025lab.classifications import sectors
from mic2025lab.errors import LabError, shown, unknown_name

#: Fewest years that a comparison needs before the base year, and after it.
SIDE = 3


def years(table: str, **rows: str) -> tuple[int, int]:
    """Return the first and last year of a table, or of some of its rows, such as `vintage="10.01"` or `indicator="gdp"`."""
    if rows:
        years = catalog.load(table, **rows)["year"]
        return int(years.min()), int(years.max())
    low, high = catalog.entry(table).coverage["year"]
    return low, high


def values(table: str, column: str) -> list[str]:
    """List the values of a text column."""
    listed = catalog.entry(table).coverage.get(column)
    if isinstance(listed, list):
        return sorted(listed)
    return sorted(catalog.load(table, columns=[column])[column].dropna().unique())


def economies(table: str, vintage: str | None) -> list[str]:
    """List the economies of a table, or of one of its vintages."""
    entry = catalog.entry(table)
    if vintage in entry.vintages:
        return sorted(catalog.load(table, vintage=vintage, columns=["economy"])["economy"].unique())
    return values(table, "economy" if "economy" in entry.columns else "exporter")


def table_problems(table: str, *columns: str) -> Iterator[str]:
    """Check that a table that the user names is here and has some columns; "a|b" is either of two."""
    try:
        there = catalog.entry(table).columns
    except LabError as error:
        yield str(error)
        return
    lacking = [names.split("|") for names in columns if not {*names.split("|")} & {*there}]
    if lacking:
        yield (
            f"table = {shown(table)} has no column {', '.join(' or '.join(names) for names in lacking)}; it has {', '.join(there)}. "
            f"Name its columns when you register it: columns={{{lacking[0][0]!r}: '…'}}."
        )


def year_problems(name: str, year: int, first: int, last: int, why: str) -> Iterator[str]:
    """Check that a year is one of those that can be used, and say why others cannot."""
    if not first <= year <= last:
        yield f"{name} = {year} is out of range: {why}; choose a year from {first} to {last}."


def name_problems(kind: str, name: str, known: Collection[str], of: str = "") -> Iterator[str]:
    """Check that a name is one of those that exist."""
    if name not in known:
        yield str(unknown_name(kind, name, known, of=of))


def side_problems(
    table: str, start: int, base_year: int, end: int | None = None, **rows: str
) -> Iterator[str]:
    """Check that the years of a table, or of some of its rows, leave `SIDE` years from `start` to the base year, and from that to `end`."""
    low, high = years(table, **rows)
    covers = f"{' '.join([table, *rows.values()])} covers {low} to {high}, and {SIDE} years are needed"
    first, last = low + SIDE, high - SIDE
    yield from year_problems("base_year", base_year, first, last, f"{covers} on each side")
    base_year = min(max(base_year, first), last)
    yield from year_problems("start", start, low, base_year - SIDE, f"{covers} before base_year {base_year}")
    if end is not None:
        yield from year_problems("end", end, base_year + SIDE, high, f"{covers} after base_year {base_year}")


def vintage_problems(table: str, vintage: str, indicators: list[str]) -> Iterator[str]:
    """Check that a vintage exists and has the indicators that the analysis needs."""
    vintages = catalog.entry(table).vintages
    if vintage not in vintages:
        yield str(unknown_name("vintage", vintage, vintages, of=table))
        return

    def lacking(name: str) -> list[str]:
        known = catalog.load(table, vintage=name, columns=["indicator"])["indicator"].unique()
        return sorted(set(indicators) - set(known))

    if missing := lacking(vintage):
        complete = [name for name in vintages if not lacking(name)]
        yield f"vintage = {shown(vintage)} of {table} has no {', '.join(missing)}; choose one of: {', '.join(complete)}."


def baci_problems(**wanted: int) -> Iterator[str]:
    """Check that BACI is converted on this machine and has the years of these parameters."""
    try:
        known = [int(label) for label in catalog.scan("baci").labels]
    except LabError as error:
        yield str(error)
        return
    for parameter, year in wanted.items():
        if year not in known:
            yield f"{parameter} = {year} is not in the converted baci, which covers {min(known)} to {max(known)}; choose one of its years."


def built_problems(*tables: str) -> Iterator[str]:
    """Check that tables are on this machine, unless those of the package are used; the message says how to build one."""
    for table in tables:
        try:
            if table != "embedded":
                catalog.digest(table)
        except LabError as error:
            yield str(error)


def list_problems(
    name: str, values: list[str], kind: str = "", known: Collection[str] = (), of: str = ""
) -> Iterator[str]:
    """Check that a list has at least one item and no item twice, and that each is one of the known names of a kind."""
    if not values:
        yield f"{name} = [] is empty; name at least one."
    for twice in sorted({value for value in values if values.count(value) > 1}):
        yield f"{name} includes {shown(twice)} more than once; name it once."
    for value in dict.fromkeys(values) if kind else ():
        yield from name_problems(kind, value, known, of)


def economy_problems(
    economy: str, comparators: list[str], tables: list[str], vintage: str | None = None
) -> Iterator[str]:
    """Check that the economy and its comparators are in all tables, and that none is the world or occurs twice."""
    sets = [economies(table, vintage) for table in tables]
    known = [code for code in sets[0] if code != "WLD" and all(code in other for other in sets[1:])]
    yield from list_problems("comparators", comparators)
    if economy in comparators:
        yield f"comparators includes {shown(economy)}, the economy itself; leave it out."
    for code in dict.fromkeys([economy, *comparators]):
        if code == "WLD":
            yield "'WLD' is the world, not an economy; choose an economy."
        elif code not in known:
            yield str(unknown_name("economy", code, known, of=" and ".join(tables)))


def sector_problems(sector: str) -> Iterator[str]:
    """Check that a sector has industries in `value_added`, or is "all"."""
    known = ["all", *(item.slug for item in sectors.SECTORS if item.industries)]
    if sector in sectors.slugs() and sector not in known:
        reason = sectors.get(sector).match_note.rstrip(".")
        yield f"sector = {shown(sector)} matches no industry of value_added ({reason}). One of: {', '.join(known)}."
    else:
        yield from name_problems("sector", sector, known)
