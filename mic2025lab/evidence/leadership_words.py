"""Sentences, titles and labels of `leadership`, chosen from its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mic2025lab.classifications import economies, industries
from mic2025lab.evidence._words import counted, each, listing, moved, plain, signed
from mic2025lab.evidence.leadership import direction
from mic2025lab.evidence.leadership_measures import OPTIONAL, WORLD

#: What an optional table would add.
ADDS = {
    "robots": "robots installed",
    "world_ranking_firms": "number and profits of the world’s largest firms",
}
#: What each stage of the solar chain makes.
MADE = {"polysilicon": "polysilicon", "wafer": "wafers", "cell": "cells", "module": "modules"}
#: A change of a gap within this many points is none.
GAP_MARGIN = 0.5


def fields(table: pd.DataFrame, *, economy: str, comparators: Sequence[str]) -> list[str]:
    """Say in how many fields the economy leads by volume and by value, and where there is no figure of value."""
    who = listing([economies.spoken(code) for code in comparators])
    text = []
    for kind in ("volume", "value"):
        rows = table[(table["kind"] == kind) & table["leads"].notna()]
        if rows.empty:
            text.append(f"There is no figure of {kind} to compare.")
            continue
        led = rows[rows["leads"] == 1]
        named = f": {listing(list(led['field']))}" if 0 < len(led) < len(rows) else ""
        text.append(
            f"By {kind} {economies.spoken(economy)} is ahead of {who} in {len(led) or 'none'} of the "
            f"{counted(len(rows), 'field')} with a figure{named}."
        )
    for kind in ("volume", "value"):
        lacking = list(table.loc[(table["kind"] == kind) & table["end"].isna(), "field"])
        if lacking:
            where = f"In {counted(len(lacking), 'field')} no table here has a figure of {kind} ({listing(lacking)})"
            text.append(f"{where}: that is no figure, and not a zero.")
    return text


def directions(table: pd.DataFrame, *, base_year: int) -> str:
    """Say how many measures went up and down since the base year, by volume and by value."""
    parts = []
    for kind in ("volume", "value"):
        rows = table[(table["kind"] == kind) & (table["start_year"] == base_year)]
        ways = [direction(row.change, row.start) for row in each(rows)]
        if ways:
            fell = [_named(row) for row, way in zip(each(rows), ways, strict=True) if way == "down"]
            parts.append(
                f"{ways.count('up')} of {counted(len(ways), 'measure')} of {kind} rose and {len(fell)} fell"
                + (f" ({listing(fell)})" if fell and len(fell) <= 3 else "")
            )
    if not parts:
        return f"No measure has a figure for {base_year}, so nothing is said of the way it went."
    return (
        f"From {base_year} to the last year of each, {', and '.join(parts)}. None of these figures has an interval: "
        "one that moved by less than a twentieth of itself is said to have hardly changed."
    )


def _named(row: Any) -> str:
    """Name a measure: one of value says of what it is, one of volume needs its field."""
    return row.says if row.kind == "value" else f"{row.field}: {row.says}"


def payments(table: pd.DataFrame, *, economy: str) -> str:
    """Say what the economy pays for the use of technology for each dollar that it receives, before and now."""
    rows = table[(table["measure"] == "ip_receipts_to_payments") & table["end"].notna()]
    if rows.empty:
        return f"There is no figure for what {economies.spoken(economy)} pays and receives for the use of technology."
    row: Any = rows.iloc[0]
    now = 100 / row["end"]
    text = (
        f"In {row['end_year']:.0f} {economies.spoken(economy)} paid {plain(now, 2)} dollars for the use of technology "
        "for each dollar that it received"
    )
    if row["start"] == row["start"]:
        way = {"up": "improved", "down": "worsened", "none": "hardly changed"}[
            direction(row["change"], row["start"])
        ]
        text += f"; in {row['start_year']:.0f} it was {plain(100 / row['start'], 2)}: the balance {way}"
    return f"{text}."


def research(table: pd.DataFrame, *, economy: str, rival: str) -> str:
    """Say how research spending stands to the rival's and to the economy's own GDP, before and now."""
    rows = table[table["field"] == "research"].set_index("kind")
    parts = []
    for kind, what in (
        ("volume", f"of {economies.spoken(rival, own=True)} at purchasing power"),
        ("value", "of its GDP"),
    ):
        row: Any = rows.loc[kind]
        if row["end"] == row["end"]:
            text = f"{plain(row['end'], 1)}% {what} in {row['end_year']:.0f}"
            if row["start"] == row["start"]:
                text += f" ({plain(row['start'], 1)}% in {row['start_year']:.0f})"
            parts.append(text)
    who = economies.spoken(economy, first=True, own=True)
    return (
        f"{who} research spending was {listing(parts)}."
        if parts
        else f"There is no figure of {economies.spoken(economy, own=True)} research spending."
    )


def _way(row: Any) -> str:
    if row.gap_end >= 0:
        return "ahead"
    if abs(row.change) < GAP_MARGIN:
        return "same"
    return "narrower" if row.change > 0 else "wider"


def momentum(table: pd.DataFrame, *, economy: str, rival: str, base_year: int, end: int) -> str:
    """Say in which industries the economy trails the rival by less than before, by more, and where it is ahead."""
    if table.empty:
        return f"No industry has a figure for {base_year} and {end} for both economies."
    ways: dict[str, list[Any]] = {way: [] for way in ("narrower", "wider", "same", "ahead")}
    for row in each(table):
        ways[_way(row)].append(row)

    def named(rows: list[Any]) -> str:
        return listing(
            [f"{industries.name(r.industry)} ({signed(r.gap_start)} to {signed(r.gap_end)})" for r in rows]
        )

    said = []
    for way, words in (("narrower", "narrowed in"), ("wider", "widened in"), ("same", "hardly changed in")):
        if ways[way]:
            said.append(f"{words} {named(ways[way])}")
    text = (
        f"In {end} {economies.spoken(economy)} had at least as large a share of the world’s value added as {economies.spoken(rival)} in "
        f"{len(ways['ahead']) or 'none'} of {counted(len(table), 'industry', 'industries')}"
    )
    return text + (f"; in the others the gap, in points from {base_year}, {listing(said)}." if said else ".")


def solar(table: pd.DataFrame, *, economy: str, base_year: int) -> str:
    """Say what share of each stage of the solar chain the economy has."""
    if table.empty:
        return f"There is no figure of {economies.spoken(economy, own=True)} part in the solar chain."
    parts = []
    for row in each(table):
        before = ""
        if row.start == row.start:
            before = f"; {_percent(row.start)} in {base_year}: {moved(row.change, margin=0.5)}"
        parts.append(f"{_percent(row.end)} in {MADE[row.stage]} ({row.end_year:.0f}{before})")
    return f"Of the capacity of the solar chain {economies.spoken(economy)} had {listing(parts)}."


def _percent(share: float) -> str:
    """Write a share, with a digit more where it is small."""
    return f"{plain(share, 0 if share >= 10 else 1)}%"


def coverage(taken: Sequence[str]) -> str:
    """Say which optional tables are in the run and how to get the others."""
    parts = []
    for name in OPTIONAL:
        if name in taken:
            parts.append(f"{name} ({ADDS[name]}) is in this run")
        else:
            parts.append(
                f"{name} ({ADDS[name]}) is not in this run: build it with `mic2025lab data build {name}`, as it may not be passed on"
            )
    return f"Tables that do not come with the package: {'; '.join(parts)}."


def robustness(sources: pd.DataFrame, counts: pd.DataFrame) -> str:
    """Say how far the sources differ, and whether another base year turns the count around."""
    text = "No number of this page is in a second source."
    if len(sources):
        worst: Any = sources.sort_values("difference", key=abs).iloc[-1]
        median = plain(sources["difference"].abs().median())
        text = (
            f"Of {counted(len(sources), 'number')} with a second source the difference is {median} points at the median and largest for "
            f"{worst['what']} of {worst['year']:.0f} ({plain(worst['used'])} here, {plain(worst['other'])} by {worst['other_source']})."
        )
    for kind, rows in counts.groupby("kind", sort=False):
        low, high = rows["up"].min(), rows["up"].max()
        text += (
            f" Measures of {kind} that rose: {low if low == high else f'{low} to {high}'}, by the base year."
        )
    return text


def label(row: Any) -> str:
    """Name a measure in a figure: the field, what is measured, its last year."""
    name = _named(row)
    start = f"Value: {name}" if row.kind == "value" else name[0].upper() + name[1:]
    return f"{start}, {row.end_year:.0f}"


def drawn(table: pd.DataFrame) -> pd.DataFrame:
    """Measures that are shares of the world with both years: those of volume, highest first, and then those of value."""
    rows = table[(table["unit"] == WORLD) & table["start"].notna()]
    rows = rows.sort_values(["kind", "end"], ascending=[False, False], ignore_index=True)
    return rows.assign(text=[label(row) for row in each(rows)])


def title_fields(table: pd.DataFrame, *, economy: str) -> str:
    """Title of the figure of shares: the count of fields led by volume and by value."""
    parts = []
    for kind in ("volume", "value"):
        rows = table[(table["kind"] == kind) & table["leads"].notna()]
        parts.append(f"{int(rows['leads'].sum()) or 'none'} of {counted(len(rows), 'field')} by {kind}")
    return f"{economies.spoken(economy, first=True)} leads in {' and '.join(parts)}"


def title_payments(table: pd.DataFrame, *, economy: str) -> str:
    """Title of the figure of receipts over payments."""
    row: Any = table[table["measure"] == "ip_receipts_to_payments"].iloc[0]
    who, cents = economies.spoken(economy, first=True), plain(row["end"], 0)
    return (
        f"{who} received {cents} cents for technology in {row['end_year']:.0f} for each dollar that it paid"
    )


def title_research(table: pd.DataFrame, *, economy: str, rival: str) -> str:
    """Title of the figure of research spending."""
    row: Any = table[(table["field"] == "research") & (table["kind"] == "volume")].iloc[0]
    before = f", {plain(row['start'], 0)}% in {row['start_year']:.0f}" if row["start"] == row["start"] else ""
    return (
        f"{economies.spoken(economy, first=True)} spent {plain(row['end'], 0)}% of what {economies.spoken(rival)} spent on research in "
        f"{row['end_year']:.0f}{before}"
    )


def title_gaps(table: pd.DataFrame, *, economy: str, rival: str) -> str:
    """Title of the figure of gaps."""
    behind = [row for row in each(table) if row.gap_end < 0]
    closer = [row for row in behind if _way(row) == "narrower"]
    who, of = economies.spoken(economy, first=True), counted(len(table), "industry", "industries")
    text = f"{who} trails {economies.spoken(rival)} in {len(behind) or 'none'} of {of}"
    return f"{text}, in {len(closer)} of them by less than before" if behind else text
