"""Fields and measures of `leadership`: what is compared, and how each number is made of a table of the catalogue.

A *measure* is a number of each economy and year. A *field* has one of volume (its share of what the world makes, sells, installs, files or
exports) and, where a table has it, one of value (what is earned with it). No measure stands in for one that is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mic2025lab.classifications import economies, industries

#: Of the economies that ever reported a series, how many a year must have for its world to count.
COMPLETE = 0.8
#: Industries of `value_added` that the sectors of the plan are nearest to.
OUTPUT = (
    *("computers_electronics", "machinery", "electrical_equipment", "aerospace"),
    *("rail_other_transport", "pharmaceuticals", "medical_instruments"),
)
#: Stages of the solar chain in the order of making.
STAGES = ("polysilicon", "wafer", "cell", "module")
WORLD = "% of the world"
KEYS = ["measure", "year", "economy", "value"]


@dataclass(frozen=True)
class Measure:
    """One measure: `name` begins the names of its figures, `says` is what it is, `unit` what it is in."""

    name: str
    says: str
    unit: str


@dataclass(frozen=True)
class Field:
    """One field of technology: its name, its measure of volume, and its measure of value or None."""

    says: str
    volume: Measure
    value: Measure | None = None


def fields(rival: str, *, tables: Iterable[str] = ()) -> tuple[Field, ...]:
    """List the fields that are compared, those of the optional `tables` among them.

    Examples
    --------
    >>> len(fields("USA")), len(fields("USA", tables=["robots", "world_ranking_firms"]))
    (13, 15)
    """
    value_of = {"computers_electronics": Measure("software_output_share", "software (value added)", WORLD)}
    more = {
        "robots": Field(
            "industrial robots", Measure("robots_installed_share", "installed in the year", WORLD)
        ),
        "world_ranking_firms": Field(
            "largest firms",
            Measure("largest_firms_share", "number among the world’s 2,000", "% of the firms"),
            Measure("largest_firms_profit_share", "profits of the largest firms", "% of all their profits"),
        ),
    }
    return (
        Field("electric cars", Measure("ev_sales_share", "sold in the year", WORLD)),
        Field("solar modules", Measure("solar_module_share", "capacity to make them", WORLD)),
        Field("solar and wind power", Measure("solar_wind_power_share", "capacity installed", WORLD)),
        *(
            Field(industries.name(item), Measure(f"{item}_output_share", "value added", WORLD), value_of.get(item))
            for item in OUTPUT
        ),
        Field(
            "invention",
            Measure("patents_share", "patents applied for by residents", WORLD),
            Measure("ip_receipts_share", "receipts for technology", WORLD),
        ),
        Field(
            "high technology",
            Measure("high_tech_exports_share", "exports", WORLD),
            Measure("ip_receipts_to_payments", "receipts over payments for technology", "%"),
        ),
        Field(
            "research",
            Measure(f"rd_ratio_to_{rival.lower()}", "spending at purchasing power", f"% of {economies.spoken(rival, own=True)}"),
            Measure("rd_share_of_gdp", "research spending for GDP", "% of GDP"),
        ),
        *(more[table] for table in tables),
    )  # fmt: skip


# -- measures: each gives measure, year, economy, value -----------------------------------------------------------------------------


def of_world(table: Any, measure: str) -> pd.DataFrame:
    """Divide each economy's value by the printed world of its year, in percent; without a world there is no share."""
    wide = table.pivot(index="year", columns="economy", values="value")
    shares = 100 * wide.drop(columns="WLD").div(wide["WLD"], axis=0)
    long = shares.melt(ignore_index=False, value_name="value").reset_index().dropna(subset=["value"])
    return long.assign(measure=measure)[KEYS]


def output(table: pd.DataFrame, chosen: Sequence[str] = (*OUTPUT, "software")) -> pd.DataFrame:
    """Shares of the world's value added, by industry."""
    return pd.concat(
        [of_world(table[table["industry"] == item], f"{item}_output_share") for item in chosen],
        ignore_index=True,
    )


def electric_cars(table: pd.DataFrame) -> pd.DataFrame:
    """Shares of the plug-in cars (battery and hybrid together, both needed) sold in the world; projections are left out."""
    rows = table[
        (table["indicator"] == "ev_sales")
        & (table["mode"] == "cars")
        & table["powertrain"].isin(["BEV", "PHEV"])
        & (table["flag"] != "projection")
        & table["level"].isin(["economy", "world"])
    ]
    sold = rows.groupby(["year", "economy"], as_index=False)["value"].sum(min_count=2)
    # A count of one means that one of the two is missing, and then so is their sum.
    return of_world(sold.dropna(), "ev_sales_share")


def solar(table: pd.DataFrame) -> pd.DataFrame:
    """Shares of the world's capacity at each stage of the solar chain; what is carried on from the year before, or 0 for "small", is left out."""
    rows = table[table["stage"].isin(STAGES) & (table["flag"] == "")]
    return rows.assign(measure="solar_" + rows["stage"] + "_share")[KEYS].reset_index(drop=True)


def power(table: pd.DataFrame) -> pd.DataFrame:
    """Shares of the world's installed solar and wind capacity, the two added up where both are known."""
    rows = table[table["level"].isin(["economy", "world"])]
    both = rows.groupby(["year", "economy"], as_index=False)["value"].sum(min_count=2)
    return of_world(both.dropna(), "solar_wind_power_share")


def technology(table: pd.DataFrame) -> pd.DataFrame:
    """Shares of receipts, patents and high-technology exports, receipts over payments, and research over GDP, from the development indicators.

    The source's world is the sum of who has reported: years with fewer than four fifths of the economies have no share.
    """
    parts = []
    for indicator, measure in (
        ("ip_receipts", "ip_receipts_share"),
        ("patents_residents", "patents_share"),
        ("high_tech_exports", "high_tech_exports_share"),
    ):
        rows = table[table["indicator"] == indicator]
        counts = rows[~rows["aggregate"]].groupby("year")["economy"].nunique()
        full = counts.index[counts >= COMPLETE * counts.max()]
        parts.append(of_world(rows[rows["year"].isin(full)], measure))
    wide = table.pivot(index=["year", "economy"], columns="indicator", values="value")
    for measure, values in (
        ("ip_receipts_to_payments", 100 * wide["ip_receipts"] / wide["ip_payments"]),
        ("rd_share_of_gdp", wide["rd_share"]),
    ):
        parts.append(values.dropna().rename("value").reset_index().assign(measure=measure)[KEYS])
    return pd.concat(parts, ignore_index=True)


def research(table: pd.DataFrame, *, rival: str, prices: str = "current") -> pd.DataFrame:
    """Research spending at purchasing power in percent of the rival's in the same year."""
    rows = table[(table["prices"] == prices) & ~table["aggregate"]]
    wide = rows.pivot(index="year", columns="economy", values="value")
    ratios = 100 * wide.div(wide.get(rival, float("nan")), axis=0)
    long = ratios.melt(ignore_index=False, value_name="value").reset_index().dropna(subset=["value"])
    return long.assign(measure=f"rd_ratio_to_{rival.lower()}")[KEYS]


def robots(table: pd.DataFrame) -> pd.DataFrame:
    """Shares of the robots installed in the world."""
    return of_world(table, "robots_installed_share")


def largest_firms(table: pd.DataFrame) -> pd.DataFrame:
    """Shares of the number and of the profits of the Forbes Global 2000; the Fortune list is another concept and left out."""
    rows = table[table["edition"].str.startswith("forbes")]
    world = rows.groupby(["year", "indicator"])["value"].transform("sum")
    shares = rows.assign(value=100 * rows["value"] / world)
    names = {"firms": "largest_firms_share", "profit": "largest_firms_profit_share"}
    shares = shares.assign(measure=shares["indicator"].map(names))
    return shares.dropna(subset=["measure"])[KEYS].reset_index(drop=True)


#: Optional table -> its measures.
OPTIONAL = {"robots": robots, "world_ranking_firms": largest_firms}


def series(tables: Mapping[str, pd.DataFrame], *, rival: str) -> pd.DataFrame:
    """Put all measures in one table: `measure, year, economy, value`; `tables` has the embedded ones and those that were asked for."""
    parts = [
        electric_cars(tables["ev_sales"]),
        solar(tables["solar_chain"]),
        power(tables["solar_wind_capacity"]),
        output(tables["value_added"]),
        technology(tables["world_economy"]),
        research(tables["research_spending"], rival=rival),
        *(make(tables[name]) for name, make in OPTIONAL.items() if name in tables),
    ]
    return pd.concat(parts, ignore_index=True)
