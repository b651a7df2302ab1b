"""Tables of `leadership`: volume against value, field by field.

How the numbers are made is in `leadership_measures`, and what they say in `leadership_words`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from mic2025lab import catalog
from mic2025lab.classifications import industries
from mic2025lab.evidence._words import each, plain
from mic2025lab.evidence.leadership_measures import (
    OUTPUT,
    STAGES,
    WORLD,
    Field,
    Measure,
    electric_cars,
    of_world,
    output,
    research,
    solar,
)

#: Share of the world above which nobody else can have more.
MAJORITY = 50.0
#: A change by less than this part of the figure before is called none: electric cars are rounded to two digits.
MARGIN = 0.05
#: Industries whose distance to the rival is shown.
GAPS = (*OUTPUT, "motor_vehicles", "software", "scientific_rd")


def positions(
    table: pd.DataFrame,
    chosen: Sequence[Field],
    *,
    economy: str,
    comparators: Sequence[str],
    base_year: int,
) -> pd.DataFrame:
    """Say where the economy stands in each field, by volume and by value, before and now.

    Parameters
    ----------
    table : pandas.DataFrame
        As `leadership_measures.series` gives it.
    chosen : sequence of Field
    economy, comparators, base_year
        Of the request.

    Returns
    -------
    pandas.DataFrame
        Two rows a field: `field`, `kind` (volume, value), `measure`, `says`, `unit`, `start_year` and `start` (of the base year, or of the first
        later one that there is), `end_year` and `end` (the last one in which a comparator has a figure too), `change`, `other` and
        `other_value` (the comparator with most), `compared` (comparators with a figure) and `leads` (1: more than each of them; 0: not). What is
        not there is missing, and `leads` with it.
    """
    lines = [
        {
            "field": field.says,
            "kind": kind,
            **_position(table, measure, economy=economy, comparators=comparators, base_year=base_year),
        }
        for field in chosen
        for kind, measure in (("volume", field.volume), ("value", field.value))
    ]
    numbers = ["start_year", "start", "end_year", "end", "change", "other_value", "compared", "leads"]
    return pd.DataFrame(lines).astype(dict.fromkeys(numbers, "float64"))


def _position(
    table: pd.DataFrame,
    measure: Measure | None,
    *,
    economy: str,
    comparators: Sequence[str],
    base_year: int,
) -> dict[str, Any]:
    nothing = dict.fromkeys(
        ("start_year", "start", "end_year", "end", "change", "other", "other_value", "leads")
    )
    if measure is None:
        return {"measure": None, "says": None, "unit": None, **nothing, "compared": 0}
    about = {"measure": measure.name, "says": measure.says, "unit": measure.unit}
    rows = table[table["measure"] == measure.name]
    wide: Any = rows.pivot(index="year", columns="economy", values="value").sort_index()
    wide = wide.reindex(columns=[economy, *comparators])
    own, others = wide[economy], wide[list(comparators)]
    alone = (own > MAJORITY) & (measure.unit == WORLD)
    known = own.index[own.notna() & (others.notna().any(axis=1) | alone)]
    if not len(known):
        return {**about, **nothing, "compared": 0}
    end = known[-1]
    before = own.dropna().loc[base_year : end - 1]
    start = before.index[0] if len(before) else None
    rest = others.loc[end].dropna()
    return {
        **about,
        "start_year": start,
        "start": own[start] if start is not None else None,
        "end_year": end,
        "end": own[end],
        "change": own[end] - own[start] if start is not None else None,
        "other": rest.idxmax() if len(rest) else None,
        "other_value": rest.max() if len(rest) else None,
        "compared": len(rest),
        "leads": float(own[end] > rest.max()) if len(rest) else 1.0,
    }


def direction(change: float, start: float) -> str:
    """Call a change up, down or none; "" where there is none to call.

    Examples
    --------
    >>> direction(5.0, 75.0), direction(-1.0, 3.0), direction(0.1, 30.0), direction(float("nan"), 3.0)
    ('up', 'down', 'none', '')
    """
    if change != change or start != start:
        return ""
    if abs(change) < MARGIN * abs(start):
        return "none"
    return "up" if change > 0 else "down"


def gaps(table: pd.DataFrame, *, economy: str, rival: str, base_year: int) -> pd.DataFrame:
    """Distance to the rival in the world's value added, by industry: own share less the rival's, in points.

    Returns
    -------
    pandas.DataFrame
        `industry, label, own_start, rival_start, gap_start, own_end, rival_end, gap_end, change`, the widest lead first. A gap below zero that rises
        is one that narrows.
    """
    shares: Any = output(table, GAPS).pivot(index=["measure", "year"], columns="economy", values="value")
    end = int(table["year"].max())
    lines = []
    for industry in GAPS:
        rows = shares.loc[f"{industry}_output_share"].reindex(
            index=[base_year, end], columns=[economy, rival]
        )
        (own_start, rival_start), (own_end, rival_end) = rows.to_numpy()
        lines.append(
            {
                "industry": industry,
                "label": industries.names([industry])[industry],
                "own_start": own_start,
                "rival_start": rival_start,
                "gap_start": own_start - rival_start,
                "own_end": own_end,
                "rival_end": rival_end,
                "gap_end": own_end - rival_end,
            }
        )
    found = pd.DataFrame(lines)
    found["change"] = found["gap_end"] - found["gap_start"]
    return found.dropna(subset=["change"]).sort_values("gap_end", ascending=False, ignore_index=True)


def chain(table: pd.DataFrame, *, economy: str, base_year: int) -> pd.DataFrame:
    """The economy's share of each stage of the solar chain in the base year and the last one that was observed, in percent."""
    wide = solar(table)
    wide = wide[wide["economy"] == economy].pivot(index="measure", columns="year", values="value")
    lines = []
    for stage in STAGES:
        known: Any = wide.loc[f"solar_{stage}_share"].dropna() if f"solar_{stage}_share" in wide.index else []
        if len(known):
            start, last = known.get(base_year, float("nan")), known.index[-1]
            lines.append(
                {
                    "stage": stage,
                    "start": start,
                    "end_year": last,
                    "end": known[last],
                    "change": known[last] - start,
                }
            )
    return pd.DataFrame(lines, columns=["stage", "start", "end_year", "end", "change"])


def sources(tables: Mapping[str, pd.DataFrame], *, economy: str, rival: str, base_year: int) -> pd.DataFrame:
    """Take the same number from two sources or editions, for the years that both have.

    Returns
    -------
    pandas.DataFrame
        `what`, `year`, `used` (the number of this page), `other_source`, `other` and `difference` (other less used), in points of a percentage.
    """
    spent = tables["research_spending"]
    ratio = research(spent, rival=rival)
    older = catalog.load("research_spending", vintage="SEI2024")
    made = output(tables["value_added"], ("manufacturing",))
    official = tables["official_manufacturing"]
    official = official[
        (official["industry"] == "manufacturing") & official["level"].isin(["economy", "world"])
    ]
    cars = electric_cars(tables["ev_sales"])
    constant = research(spent, rival=rival, prices="constant_2015")
    pairs = [
        ("electric cars sold, % of the world", "IEA, edition of 2024", cars, electric_cars(catalog.load("ev_sales", vintage="GEVO2024"))),
        ("research spending, % of the rival’s", "Science and Engineering Indicators 2024", ratio, research(older, rival=rival)),
        ("research spending, % of the rival’s", "constant prices of 2015", ratio, constant),
        ("manufacturing output, % of the world", "United Nations (official)", made, of_world(official, "manufacturing_output_share")),
    ]  # fmt: skip
    lines = []
    for what, name, used, other in pairs:
        ours, theirs = (part[part["economy"] == economy].set_index("year")["value"] for part in (used, other))
        both = ours.index.intersection(theirs.index)
        years = {base_year, both.max()} if len(both) else set()
        # Prices of 2015 are the current ones of 2015, which is no comparison.
        for year in sorted(year for year in years & set(both) if not (other is constant and year == 2015)):
            lines.append(
                {
                    "what": what,
                    "year": int(year),
                    "used": ours[year],
                    "other_source": name,
                    "other": theirs[year],
                }
            )
    found = pd.DataFrame(lines, columns=["what", "year", "used", "other_source", "other"])
    return found.assign(difference=found["other"] - found["used"])


def base_years(
    table: pd.DataFrame,
    chosen: Sequence[Field],
    *,
    economy: str,
    comparators: Sequence[str],
    around: Sequence[int],
) -> pd.DataFrame:
    """Count the measures that went up and down since other base years, by volume and by value."""
    lines = []
    for year in around:
        found = positions(table, chosen, economy=economy, comparators=comparators, base_year=year)
        for kind, rows in found[found["start_year"] == year].groupby("kind", sort=False):
            ways = [direction(*pair) for pair in zip(rows["change"], rows["start"], strict=True)]
            lines.append(
                {
                    "base year": year,
                    "kind": kind,
                    "up": ways.count("up"),
                    "down": ways.count("down"),
                    "hardly changed": ways.count("none"),
                }
            )
    return pd.DataFrame(lines)


def published(table: pd.DataFrame, *, economy: str, comparators: Sequence[str]) -> pd.DataFrame:
    """Published single figures on the topics that name the economy, with the comparators' and the world's of the same topic, and the address."""
    topics = table.loc[table["economy"] == economy, "topic"].unique()
    rows = table[table["topic"].isin(topics) & table["economy"].isin([economy, *comparators, "WLD"])]
    columns = ["topic", "period", "entity", "value", "unit", "url"]
    return rows.sort_values(["topic", "year", "entity"], ignore_index=True)[columns].rename(
        columns={"url": "address"}
    )


def rankings(table: pd.DataFrame, *, economy: str, comparators: Sequence[str]) -> pd.DataFrame:
    """Firms of each economy in the Forbes lists: number, share of number and of profits, profit over revenue (%), and those of all."""
    rows = table[table["edition"].str.startswith("forbes")]
    wide = rows.pivot_table(index=["year", "economy"], columns="indicator", values="value", aggfunc="sum")
    total = wide.groupby("year").sum()
    everyone = total.assign(economy="WLD").set_index("economy", append=True)
    wide = pd.concat([wide, everyone])
    found = pd.DataFrame(
        {
            "firms": wide["firms"],
            "share of firms": 100 * wide["firms"] / total["firms"],
            "share of profits": 100 * wide["profit"] / total["profit"],
            "profit over revenue": 100 * wide["profit"] / wide["revenue"],
        }
    ).reset_index()
    order = [economy, *comparators, "WLD"]
    found = found[found["economy"].isin(order)]
    return found.sort_values(
        ["economy", "year"], key=lambda c: c.map(order.index) if c.name == "economy" else c, ignore_index=True
    )


def against(table: pd.DataFrame) -> pd.DataFrame:
    """Set volume against value: a row a field, with what each measure was and is, and whether the economy is ahead; or "no figure"."""
    columns: dict[str, list[str]] = {"field": list(dict.fromkeys(table["field"]))}
    for kind in ("volume", "value"):
        rows = table[table["kind"] == kind]
        columns[kind] = [_measured(row) for row in each(rows)]
        columns[f"by {kind}"] = list(rows["leads"].map({1.0: "ahead", 0.0: "behind"}).fillna("no figure"))
    return pd.DataFrame(columns)


def _measured(row: Any) -> str:
    """Say what was measured, what it was and what it is; a unit that is not the world is named."""
    if row.end != row.end:
        return "no figure"
    before = f"{plain(row.start)}% ({row.start_year:.0f}) to " if row.start == row.start else ""
    unit = "" if row.unit == WORLD else row.unit.lstrip("% ")
    return f"{row.says}: {before}{plain(row.end)}% ({row.end_year:.0f}) {unit}".strip()


def compared(table: pd.DataFrame) -> pd.DataFrame:
    """The measures that have a figure, with the way each went and the one of the others that has most."""
    rows = table[table["end"].notna()]
    ways = [direction(*pair) for pair in zip(rows["change"], rows["start"], strict=True)]
    named = {"up": "rose", "down": "fell", "none": "hardly changed", "": "no figure"}
    columns = [
        *("field", "kind", "unit", "start_year", "start", "end_year", "end"),
        *("change", "direction", "other", "other_value", "compared"),
    ]
    found = rows.assign(direction=[named[way] for way in ways])[columns].reset_index(drop=True)
    return found.astype({"start_year": "Int64", "end_year": "int64", "compared": "int64"})


def figures(table: pd.DataFrame) -> list[tuple[str, float, str, str]]:
    """List the figures to record: name, value, unit, note; what has no figure is not among them."""
    found = []
    for row in each(table[table["end"].notna()]):
        note = f"{row.field}, {row.kind}: {row.says}"
        found.append((f"{row.measure}_end", row.end, row.unit, f"{note}, {row.end_year:.0f}"))
        if row.start == row.start:
            unit = "points" if row.unit.startswith("%") else row.unit
            span = f"{row.end_year:.0f} less {row.start_year:.0f}"
            found.append((f"{row.measure}_start", row.start, row.unit, f"{note}, {row.start_year:.0f}"))
            found.append((f"{row.measure}_change", row.change, unit, f"{note}, {span}"))
        if row.measure == "ip_receipts_to_payments":
            turned = {"end": row.end, "start": row.start}
            found += [
                (f"ip_payments_to_receipts_{name}", 100 / value, "dollars paid for each received", f"{getattr(row, name + '_year'):.0f}")
                for name, value in turned.items()
                if value == value
            ]  # fmt: skip
    for kind, rows in table[table["leads"].notna()].groupby("kind", sort=False):
        note = (
            f"fields in which the economy is ahead of each comparator by {kind}, of {len(rows)} with a figure"
        )
        found.append((f"fields_led_by_{kind}", rows["leads"].sum(), "fields", note))
        found.append((f"fields_led_by_{kind}_share", 100 * rows["leads"].mean(), "%", note))
        lost = table[(table["kind"] == kind) & table["leads"].isna()]
        found.append((f"fields_without_{kind}", len(lost), "fields", f"fields with no figure of {kind}"))
    return found
