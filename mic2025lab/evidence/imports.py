"""Tables, titles and sentences of `import_dependence`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from mic2025lab import metrics
from mic2025lab.classifications import economies
from mic2025lab.evidence._words import each, listing, moved, plain, signed

ALL = "all exports"
#: The US Census Bureau exports civilian aircraft, engines and parts under a code of its own, which no revision of the HS has.
CENSUS_AIRCRAFT = (
    "880000",
    "aerospace",
    "Civilian aircraft, engines and parts (the Census Bureau's own code)",
)


def foreign_content(table: pd.DataFrame) -> pd.DataFrame:
    """Foreign value added in an economy's exports, percent of exports, by year and industry and for `ALL` (weighted by exports)."""
    rows = table.dropna(subset=["foreign_share"])
    sums = (
        rows.groupby(["year", "economy"], as_index=False)[["gross_exports", "domestic_value_added"]]
        .sum()
        .assign(industry=ALL)
    )
    both = pd.concat([rows[["year", "economy", "industry", "gross_exports", "domestic_value_added"]], sums])
    return both.assign(content=100 * (1 - both["domestic_value_added"] / both["gross_exports"])).reset_index(
        drop=True
    )


def reliance(
    flows: pd.DataFrame, codes: pd.DataFrame, *, economy: str, by: Literal["total", "source"] = "total"
) -> pd.DataFrame:
    """`metrics.foreign_input_reliance` of one economy's industries, in percent of output, with names; largest output first."""
    final = codes.loc[codes["kind"] == "final_use", "code"]
    rows = metrics.foreign_input_reliance(flows, final=final, by=by)
    rows = rows[rows["importer"] == economy].rename(columns={"to_use": "industry"})
    percent = [name for name in rows if name.startswith(("face_value", "look_through", "foreign_content"))]
    rows[percent] *= 100
    rows["label"] = rows["industry"].map(codes.set_index("code")["name"])
    return rows.sort_values(
        "output" if "output" in rows else "look_through", ascending=False, ignore_index=True
    )


def by_sector(exports: pd.DataFrame, mapping: pd.DataFrame) -> pd.DataFrame:
    """Add a partner's exports up by sector of the plan, a code of each year looked up in the revision of that year.

    Products that two sectors share are in both; `ALL` is every product once. Billion of the unit of `value`.
    """
    joined = exports.merge(mapping[["hs", "product", "sector", "coverage"]], on=["hs", "product"])
    # A code that only partly goes to reviewed ones counts in that part.
    joined["value"] *= joined["coverage"]
    code, sector, _ = CENSUS_AIRCRAFT
    joined = pd.concat([joined, exports[exports["product"] == code].assign(sector=sector)])
    sums = (
        pd.concat([joined, exports.assign(sector=ALL)])
        .groupby(["year", "sector"], as_index=False)["value"]
        .sum()
    )
    return sums.assign(value=sums["value"] / 1e9)


def movers(
    exports: pd.DataFrame, descriptions: Mapping[str, str], *, start: int, end: int, n: int = 6
) -> pd.DataFrame:
    """Give the products that grew and fell most between two years, million of the unit of `value`; only codes that both years know."""
    rows = exports[exports["year"].isin([start, end])]
    wide = rows.pivot(index="product", columns="year", values="value")
    # A code that is in one year only may be a change of the classification and not of trade: it is left out.
    wide = wide.dropna() / 1e6
    wide["change"] = wide[end] - wide[start]
    wide = wide.sort_values("change")
    table = pd.concat([wide.head(n), wide.tail(n)]).sort_values("change", ascending=False).reset_index()
    table.insert(
        1,
        "description",
        table["product"].map({**descriptions, CENSUS_AIRCRAFT[0]: CENSUS_AIRCRAFT[2]}).str.slice(0, 70),
    )
    return table.rename(columns={start: str(start), end: str(end)})


# -- words -----------------------------------------------------------------------------------------------------------------------


def say_content(table: pd.DataFrame, *, economy: str) -> str:
    """Say how the foreign content of exports moved: first year, peak, last year."""
    own: Any = (
        table[(table["economy"] == economy) & (table["industry"] == ALL)]
        .set_index("year")["content"]
        .sort_index()
    )
    first, top, last = int(own.index[0]), int(own.idxmax()), int(own.index[-1])
    steps = [f"{plain(own[year])}% in {year}" for year in dict.fromkeys((first, top, last))]
    text = f"Foreign value added in the exports of {economies.spoken(economy)} was {listing(steps)}."
    if top not in (first, last):
        text += f" It {moved(own[last] - own[top], margin=0.25)} after {top}, before the plan was written."
    return text


def say_reliance(table: pd.DataFrame, *, economy: str, year: int) -> str:
    """Say which industries relied most on foreign inputs, at face value and looked through."""
    made = table[table["output"] > 0]
    weights = made["output"] / made["output"].sum()
    face, through = (
        float((made[name] * weights).sum()) for name in ("face_value_share", "look_through_share")
    )
    big = made[weights >= 0.01].sort_values("look_through_share", ascending=False).head(3)
    named = [
        f"{row.label} ({plain(row.face_value_share)}% and {plain(row.look_through_share)}%)"
        for row in each(big)
    ]
    return (
        f"In {year} {plain(face)}% of the inputs that the industries of {economies.spoken(economy)} bought were foreign at face value, and "
        f"{plain(through)}% looked through their suppliers (weighted by output); most in {listing(named)}."
    )


def say_partner(table: pd.DataFrame, *, partner: str, economy: str, base: int) -> str:
    """Say how a partner's exports of the plan's products moved against all its exports to the economy."""
    wide = table.pivot(index="sector", columns="year", values="value")
    last = int(wide.columns.max())
    growth = 100 * (wide[last] / wide[base] - 1)
    sectors = growth.drop(ALL)

    def named(rows: Any) -> str:
        return (
            listing([f"{name.replace('_', ' ')} ({signed(value, 0)}%)" for name, value in rows.items()][:4])
            or "none"
        )

    worse, better = (
        sectors[sectors < growth[ALL]].sort_values(),
        sectors[sectors >= growth[ALL]].sort_values(ascending=False),
    )
    return (
        f"Exports of {economies.spoken(partner)} to {economies.spoken(economy)} changed by {signed(growth[ALL], 0)}% from {base} to {last}. "
        f"By sector of the plan they did worse than that in {named(worse)}, and better in {named(better)}. "
        "One partner’s sales do not tell import substitution from a switch to another supplier, and tariffs on both sides began in 2018."
    )


def title_content(table: pd.DataFrame, *, economy: str) -> str:
    """Title of the figure of foreign content."""
    own: Any = (
        table[(table["economy"] == economy) & (table["industry"] == ALL)]
        .set_index("year")["content"]
        .sort_index()
    )
    top = int(own.idxmax())
    return (
        f"{economies.name(economy)}’s exports held most foreign value in {top} ({plain(own[top])}%), "
        f"and {plain(own.iloc[-1])}% in {int(own.index[-1])}"
    )


def title_reliance(table: pd.DataFrame, *, economy: str) -> str:
    """Title of the figure of reliance: in how many industries the foreign part is larger looked through."""
    made = table[table["output"] > 0]
    more = int((made["look_through_share"] > made["face_value_share"]).sum())
    return f"{economies.name(economy)}: {more} of {len(made)} industries rely on foreign inputs more than it seems at face value"


def index_to_base(table: pd.DataFrame, *, base: int) -> pd.DataFrame:
    """Values with the base year at 100 for every sector; a sector without a value in it is left out."""
    level = table[table["year"] == base].set_index("sector")["value"].replace(0, np.nan)
    return table.assign(index=100 * table["value"] / table["sector"].map(level)).dropna(subset=["index"])


def against_all(indexed: pd.DataFrame) -> pd.DataFrame:
    """Give every sector a second line, that of all exports, for panels."""
    own = indexed[indexed["sector"] != ALL].assign(series="sector")
    whole = indexed[indexed["sector"] == ALL][["year", "index"]]
    copies = [whole.assign(sector=name, series="all") for name in own["sector"].unique()]
    return pd.concat([own[["year", "sector", "index", "series"]], *copies], ignore_index=True)


def supplier_name(code: str) -> str:
    """Name of a supplier of the inter-country table, where the rest of the world is one."""
    return "Rest of the world" if code == "ROW" else economies.name(code)
