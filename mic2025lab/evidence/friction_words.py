"""Titles and sentences of `friction`, made of the tables of `mic2025lab.evidence.friction`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.evidence._words import counted, each, listing, plain, signed
from mic2025lab.evidence.friction import (
    AGREED,
    ALL,
    COUNTED,
    OFF,
    ON,
    OTHERS,
    SUSPENDED,
    UNPLACED,
    Estimate,
    kind,
)


def span(found: Estimate, digits: int = 1) -> str:
    """Write an interval.

    >>> span(Estimate(1.0, -0.5, 2.0))
    'interval −0.5 to +2.0'
    """
    return f"interval {signed(found.low, digits)} to {signed(found.high, digits)}"


def say_lists(sizes: pd.DataFrame) -> str:
    """Say how much of the tariff schedule the lists hold."""
    table: Any = sizes.set_index("list")
    whole = table.loc["all applied"]
    never = table[~table["applied"]]
    text = (
        f"The United States put {counted(int(whole['lines']), 'tariff line')} of goods from China on lists "
        f"that were applied; {plain(whole['of_products'], 0)}% "
        "of the products of the Harmonized System have at least one such line."
    )
    for row in each(never.reset_index()):
        text += f" List {row.list}, {counted(row.lines, 'line')}, was never applied."
    return text


def sums(table: pd.DataFrame) -> Any:
    """Share of the imports from China by kind: `ON`, `OFF`, `UNPLACED`; percent, 0 where there is none."""
    return table.groupby(table["group"].map(kind))["share"].sum().reindex([ON, OFF, UNPLACED], fill_value=0.0)


def say_coverage(table: pd.DataFrame, *, year: int) -> str:
    """Say what part of the imports from China is on the lists."""
    part = sums(table)
    suspended = float(table.loc[table["group"] == SUSPENDED, "share"].sum())
    return (
        f"Of US imports from China in {year}, {plain(table['value'].sum(), 0)} billion USD, "
        f"{plain(part[ON], 0)}% are products with a line on an applied list, "
        f"{plain(suspended, 0)}% are only on the list that was never applied, "
        f"{plain(part[OFF] - suspended, 0)}% on none, and {plain(part[UNPLACED], 0)}% cannot be "
        "placed. That is what is still bought: what the duties kept out is not in it."
    )


def say_duty(found: Estimate, table: pd.DataFrame, *, year: int) -> str:
    """Say whether China's goods pay more than the same products from elsewhere, and where."""
    if not found.clear:
        return (
            f"In {year} there is no clear difference between the duty on China and that on others for the "
            f"same products ({signed(found.value)} points of import "
            f"value, {span(found)})."
        )
    more = f"{plain(abs(found.value))} points of their value {'more' if found.value > 0 else 'less'}"
    text = (
        f"In {year} goods from China were charged {more} than the same products from other partners "
        f"({span(found)})."
    )
    placed: Any = table[table["group"] != UNPLACED].dropna(subset=["extra"]).sort_values("extra")
    if len(placed) > 1:
        least, most = placed.iloc[0], placed.iloc[-1]
        text += (
            f" The difference is largest for {most['group']} ({signed(most['extra'])}) and smallest for "
            f"{least['group']} ({signed(least['extra'])})."
        )
    return text


def say_exports(changes: pd.DataFrame, *, base: int, end: int) -> str:
    """Say how the exports of the United States to China changed, against as many years before."""
    table: Any = changes.set_index("goods")
    row = table.loc[ALL]
    found = Estimate(row["difference"], row["low"], row["high"])
    start = base - (end - base)
    verdict = "no clear turn" if not found.clear else "a turn down" if found.value < 0 else "a turn up"
    text = (
        f"US exports to China changed by {signed(row['after'])}% from {base} to {end} (interval "
        f"{signed(row['after_low'])} to {signed(row['after_high'])}), after "
        f"{signed(row['before'])}% from {start} to {base}: {verdict} ({signed(found.value)} points, "
        f"{span(found)})."
    )
    kinds = [
        f"{name} {signed(table.loc[name, 'after'])}%" for name in (AGREED, OTHERS) if name in table.index
    ]
    return f"{text} Of them {listing(kinds)}." if kinds else text


def say_checks(table: pd.DataFrame) -> str:
    """Say whether the turn of the exports shows for other years as well."""
    down, up = int((table["high"] < 0).sum()), int((table["low"] > 0).sum())
    named = [f"{row.base} to {row.end}" for row in each(table[table["high"] < 0])]
    text = (
        f"Over {counted(len(table), 'pair')} of a base year and an end the change after less that before is clearly "
        f"below zero in {down} and clearly above in {up}"
    )
    return f"{text}: below for {listing(named)}." if named else f"{text}."


def say_counts(
    before: float, found: Estimate, series: pd.DataFrame, *, economy: str, base: int, end: int
) -> str:
    """Say whether members of the G20 took more harmful measures a year after the base year."""
    way = ("more" if found.value > 0 else "fewer") if found.clear else "not clearly more or fewer"
    own = series[series["series"] == economies.name(economy)]
    sides = [own.loc[side, "value"].mean() for side in (own["year"] <= base, own["year"] > base)]
    return (
        f"After {base} the members of the G20 took {way} harmful measures a year than before: "
        f"{plain(before)} before, {signed(found.value)} after, to {end} "
        f"({span(found)}, members drawn again); {economies.spoken(economy)} took {plain(sides[0])} and "
        f"then {plain(sides[1])}. Counts are late, so that a rise "
        "at the end is understated and a fall need not be one; a count is not a weight."
    )


def say_touching(table: pd.DataFrame, *, economy: str, year: int) -> str:
    """Say where the economy stands among those that others' measures touch."""
    place = int(table.index[table["affected"] == economy][0]) + 1
    row = table.iloc[place - 1]
    by = "the European Union" if row["most_by"] == "EU" else economies.spoken(row["most_by"])
    return (
        f"In {year}, to 21 October, {plain(row['measures'], 0)} harmful measures of other members touched "
        f"{economies.spoken(economy)}, which is number {place} of {len(table)} by that count; the taker of most, "
        f"{plain(row['most'], 0)}, was {by}."
    )


def say_investigations(table: pd.DataFrame, *, base: int, end: int) -> str:
    """Say how many trade-defense investigations the world opened a year."""
    rows = table[table["year"] <= end].groupby("year")["value"].sum()
    before, after = rows[rows.index <= base].mean(), rows[rows.index > base].mean()
    return (
        f"The world opened {plain(before, 0)} trade-defense investigations a year up to {base} and "
        f"{plain(after, 0)} in {base + 1}–{end} (January to 21 October of each year); "
        "against whom is not in the table."
    )


def say_diverted(found: Estimate, table: pd.DataFrame, *, base: int, end: int) -> str:
    """Say whether China's share fell more in listed products than in the others, and who gained."""
    if not found.clear:
        text = (
            f"From {base} to {end} China’s share of US imports did not clearly move otherwise in products "
            "on an applied list than in the others "
            f"({signed(found.value)} points, {span(found)})."
        )
    else:
        way = f"{'lost' if found.value < 0 else 'gained'} {plain(abs(found.value))} points"
        text = (
            f"From {base} to {end} China’s share of US imports {way} in products on an applied list against the "
            f"others ({span(found)})."
        )
    gained = table[(table["change"] > 0)].head(4)
    named = [f"{economies.name(row.exporter)} ({signed(row.change)})" for row in each(gained)]
    return f"{text} In the listed products these gained most, points: {listing(named)}." if named else text


def say_missing(measures: Sequence[str], flows: str) -> str | None:
    """Say what the run could have used and was not asked to; None if nothing."""
    missing = [name for name in COUNTED if name not in measures]
    parts = []
    if missing:
        parts.append(
            f"counted measures, which may not be passed on ({listing(missing)}): build each with "
            "`mic2025lab data build NAME` and name it in `measures`"
        )
    if flows == "embedded":
        parts.append(
            "whom China’s share of US imports went to, for the embedded imports are of one year: convert bilateral "
            "data with `mic2025lab data baci` and say `flows=baci`"
        )
    return f"Not in this run: {'; '.join(parts)}." if parts else None


def caution(*, base: int) -> str:
    """Say what the figures do not show."""
    return (
        "The lists were drawn by what the United States bought from China, so that levels by list are no "
        "effects of the duties; China’s own duties are in no table here, "
        f"and other things moved its purchases after {base}: an animal disease, aircraft that were "
        "grounded, and controls on technology."
    )


def title_duty(found: Estimate, *, year: int) -> str:
    """Title of the figure of duties."""
    if not found.clear:
        return f"Duties of {year} do not clearly set China apart from other partners"
    side = "more" if found.value > 0 else "less"
    return f"Goods from China were charged {plain(abs(found.value))} points {side} than the same goods from elsewhere in {year}"


def title_coverage(table: pd.DataFrame, *, year: int) -> str:
    """Title of the figure of imports by list."""
    part = sums(table)
    return (
        f"{plain(part[ON], 0)}% of what the US bought from China in {year} is in products on an applied list"
    )


def title_exports(changes: pd.DataFrame, *, base: int, end: int) -> str:
    """Title of the figure of exports."""
    row: Any = changes.set_index("goods").loc[ALL]
    up, down = row["after_low"] > 0, row["after_high"] < 0
    way = "fell" if down else "rose" if up else "did not clearly rise or fall"
    as_long = "the year" if end - base == 1 else f"the {end - base} years"
    return (
        f"US exports to China {way} from {base} to {end} ({signed(row['after'])}%), "
        f"after {signed(row['before'])}% over {as_long} before"
    )


def title_chapters(table: pd.DataFrame, *, base: int, end: int) -> str:
    """Title of the figure of chapters."""
    worst, best = table.iloc[0], table.iloc[-1]
    moves = [f"{worst['description']} lost most"] if worst["change"] < 0 else []
    moves += [f"{best['description']} gained most"] if best["change"] > 0 else []
    return f"{'; '.join(moves) or 'No chapter moved'}, {base} to {end}"


def title_counts(found: Estimate, *, base: int) -> str:
    """Title of the figure of counted measures."""
    if not found.clear:
        return f"Harmful measures of G20 members: no clear change after {base}"
    return f"Members of the G20 took {'more' if found.value > 0 else 'fewer'} harmful measures a year after {base}"


def title_diverted(found: Estimate, *, base: int, end: int) -> str:
    """Title of the figure of shares in imports."""
    if not found.clear:
        return f"China’s share of US imports moved no differently on the lists and off them, {base} to {end}"
    way = f"{'fell' if found.value < 0 else 'rose'} {plain(abs(found.value))} points"
    return f"China’s share of US imports {way} against unlisted products, {base} to {end}"
