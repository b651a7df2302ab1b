"""Shares of electric cars and of the solar chain, for `sector_position`."""

from __future__ import annotations

from typing import Any

import pandas as pd

STAGES = ("polysilicon", "wafer", "cell", "module")
KEYS = ["measure", "year", "economy", "value"]


def of_world(table: Any, measure: str) -> pd.DataFrame:
    """Divide each economy's value by the printed world of its year, in percent; without a world there is no share."""
    wide = table.pivot(index="year", columns="economy", values="value")
    shares = 100 * wide.drop(columns="WLD").div(wide["WLD"], axis=0)
    long = shares.melt(ignore_index=False, value_name="value").reset_index().dropna(subset=["value"])
    return long.assign(measure=measure)[KEYS]


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
