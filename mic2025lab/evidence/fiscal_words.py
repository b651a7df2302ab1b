"""Titles and sentences of `fiscal_strain`, made of the tables of `mic2025lab.evidence.fiscal_strain`."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.evidence._words import counted, each, listing, plain, signed
from mic2025lab.evidence._words import moved as moved_verb
from mic2025lab.evidence.before_after import Change, moved
from mic2025lab.evidence.fiscal_strain import VERIFIED, Pace

#: A pace up to this, points a year, is called none: half a point in ten years.
NONE = 0.05


def _at(table: pd.DataFrame, year: int) -> Any:
    return table[table["year"] == year].iloc[0]


def _ends(table: pd.DataFrame) -> tuple[int, int]:
    return int(table["year"].min()), int(table["year"].max())


def since(found: Pace) -> str:
    """Say what the gap did from the base year on, by the interval of its pace, which must be beyond `NONE`.

    >>> since(Pace(0.8, 0.3, 0.1, 0.5, -0.9, -0.1)), since(Pace(0.8, -0.1, -0.2, 0.0, -1.1, -0.5))
    ('it went on widening', 'it has not clearly widened or narrowed')
    >>> since(Pace(-0.1, 0.3, 0.1, 0.5, 0.1, 0.5)), since(Pace(0.8, -0.3, -0.5, -0.1, -1.5, -0.5))
    ('it has widened', 'it has narrowed')
    """
    if found.after_low > NONE:
        return "it went on widening" if found.before > 0 else "it has widened"
    if found.after_high < -NONE:
        return "it went on narrowing" if found.before < 0 else "it has narrowed"
    return "it has not clearly widened or narrowed"


def answer(table: pd.DataFrame, found: Change, speed: Pace, *, base_year: int) -> list[str]:
    """Say how large the gap is, whether it is larger after the base year, and when it opened."""
    first, last = _ends(table)
    rows = [_at(table, year) for year in (first, base_year, last)]
    steps = [
        f"{plain(row['gap'])}%{' of their GDP' if n == 0 else ''} in {int(row['year'])}"
        for n, row in enumerate(rows)
    ]
    covered = [f"{plain(row['covered'], 0)}% in {int(row['year'])}" for row in rows]
    spending, taxes = (rows[2][name] - rows[1][name] for name in ("spending", "taxes"))
    return [
        f"What China’s provinces spent beyond their own taxes was {listing(steps)}. Their taxes covered "
        f"{listing(covered)} of what they spent. From {base_year} to {last} spending moved by "
        f"{signed(spending)} points "
        f"of GDP and own taxes by {signed(taxes)}.",
        f"The mean of the gap after {base_year} against that up to it: {moved(found)}. It moved by "
        f"{signed(speed.before, 2)} points a year up to {base_year} and by "
        f"{signed(speed.after, 2)} from then on (interval {signed(speed.after_low, 2)} to "
        f"{signed(speed.after_high, 2)}): since {base_year} {since(speed)}.",
    ]


def say_provinces(table: pd.DataFrame, found: Change, *, base_year: int) -> str:
    """Say how many provinces the change is of, and how far apart they are."""
    up = int((table["change"] > 0).sum())
    top, low = table.iloc[0], table.iloc[-1]
    return (
        f"The gap was larger after {base_year} in {up} of {counted(len(table), 'province')}; each counted "
        f"as one, {moved(found)}. In the last year it runs from "
        f"{plain(low['last'])}% of GDP ({low['name']}) to {plain(top['last'])}% ({top['name']})."
    )


def caution() -> str:
    """Say what the gap is not."""
    return (
        "The gap is no deficit. It is filled by transfers from the center, by revenue that is no tax, by "
        "land and by borrowing, and the table does not say by which; "
        "a rise may be more strain or more transfers. How taxes are shared with the center changed as "
        "well: in 2016 the value-added tax took the place of the "
        "business tax, which had been the provinces’ own."
    )


def say_government(paces: pd.DataFrame, *, economy: str, base_year: int) -> list[str]:
    """Say how debt and balance of general government moved, and where the economy stands among the others."""
    own: Any = paces[paces["economy"] == economy].set_index("indicator")
    if own.empty:
        return [
            f"There is no figure for general government of {economies.spoken(economy)} on both sides of "
            f"{base_year}."
        ]
    sentences = []
    if "gov_debt_share" in own.index:
        row = own.loc["gov_debt_share"]
        quicker = "quicker" if row["after"] > row["before"] else "slower"
        text = (
            f"Debt of {economies.spoken(economy, own=True)} general government was {plain(row['first'])}% "
            f"of GDP in {row['first_year']}, "
            f"{plain(row['base'])}% in {base_year} and {plain(row['last'])}% in "
            f"{row['last_year']}, the last year that is no forecast: {signed(row['before'])} points a year "
            f"up to {base_year} and {signed(row['after'])} after, {quicker} than before."
        )
        others = paces[(paces["indicator"] == "gov_debt_share") & (paces["economy"] != economy)]
        if len(others):
            faster = int((others["after"] >= row["after"]).sum())
            text += (
                f" After {base_year} it rose as fast or faster in {faster or 'none'} of "
                f"{counted(len(others), 'economy', 'economies')} compared."
            )
        sentences.append(text)
    if "gov_balance_share" in own.index:
        row = own.loc["gov_balance_share"]
        sentences.append(
            f"Its balance was {signed(row['base'])}% of GDP in {base_year} and {signed(row['last'])}% in "
            f"{row['last_year']}."
        )
    return sentences


def say_vehicles(rows: pd.DataFrame) -> str:
    """Say what published estimates put the debt of financing vehicles at."""
    if rows.empty:
        return "No published estimate of the debt of local financing vehicles can be set against GDP."
    steps = [
        f"{plain(row.value)} trillion yuan for {row.year} ({plain(row.of_gdp, 0)}% of GDP)"
        for row in each(rows)
    ]
    states = listing(list(dict.fromkeys(VERIFIED[row.verified] for row in each(rows))))
    text = f"Off the budget: the debt of local financing vehicles is put at {listing(steps)} ({states}: {rows['source'].iloc[-1]})."
    if len(rows) > 1:
        text += " Two estimates are no series, and what they count may differ."
    return text


def say_augmented(found: tuple[Any, float] | None) -> str | None:
    """Say how far public debt with what is off the budget lies above that of general government; None "
    "without such an estimate."""
    if found is None:
        return None
    row, gap = found
    side = "above" if gap > 0 else "below"
    return (
        f"Public debt with what is off the budget is put at {plain(row['value'], 0)}% of GDP for "
        f"{row['year']} ({row['source']}; {VERIFIED[row['verified']]}), "
        f"{plain(abs(gap), 0)} points {side} the figure for general government."
    )


def robustness(table: pd.DataFrame) -> str:
    """Say whether the answer holds under other choices."""
    up, faster = int((table["change"] > 0).sum()), int((table["pace_after"] > table["pace_before"]).sum())
    paces = f"{signed(table['pace_after'].min(), 2)} to {signed(table['pace_after'].max(), 2)}"
    return (
        f"Over {counted(len(table), 'choice')} the mean after the base year is above that before in {up}, "
        f"by {signed(table['change'].min())} to "
        f"{signed(table['change'].max())} points; the gap widened faster after it than before in {faster}, "
        f"at {paces} points a year."
    )


def title_gap(table: pd.DataFrame, speed: Pace, *, base_year: int) -> str:
    """Title of the figure of the gap."""
    first, last = _ends(table)
    a, b, c = (float(_at(table, year)["gap"]) for year in (first, base_year, last))
    return (
        f"The provinces’ gap {moved_verb(b - a)} from {plain(a)}% of GDP in {first} to {plain(b)}% in "
        f"{base_year}; "
        f"since then {since(speed)} ({plain(c)}%)"
    )


def title_provinces(table: pd.DataFrame, *, base_year: int) -> str:
    """Title of the figure of provinces."""
    up = int((table["last"] > table["base"]).sum())
    return f"{up} of {len(table)} provinces have a larger gap now than in {base_year}"


def title_debt(paces: pd.DataFrame, *, economy: str, base_year: int) -> str:
    """Title of the figure of debt."""
    rows = paces[(paces["economy"] == economy) & (paces["indicator"] == "gov_debt_share")]
    if rows.empty:
        return "Debt of general government"
    row: Any = rows.iloc[0]
    way = "rose" if row["last"] > row["base"] else "fell"
    return (
        f"{economies.spoken(economy, first=True, own=True)} government debt {way} from "
        f"{plain(row['base'], 0)}% of GDP in {base_year} to "
        f"{plain(row['last'], 0)}% in {row['last_year']}"
    )
