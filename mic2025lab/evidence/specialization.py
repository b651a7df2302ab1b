"""Shares of exports and advantages, for `sector_profile`."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab import metrics
from mic2025lab.classifications import industries, sectors

#: Change of a revealed comparative advantage that is still called none.
MARGIN = 0.1


def goods(table: pd.DataFrame) -> pd.DataFrame:
    """Take the goods out of `intermediate_exports`: farming, mining and manufacturing, with the columns of trade tables."""
    rows = table[table["industry"].str[0].isin(list("ABC"))]
    return rows.rename(columns={"economy": "exporter", "industry": "product"})


def names(products: pd.Series) -> dict[str, str]:
    """Product -> label; a code without a name is its own label."""
    known = {**industries.ICIO, **{sector.slug: sector.name for sector in sectors.SECTORS}}
    return {
        code: (known[code][0].upper() + known[code][1:]) if code in known else code
        for code in products.unique()
    }


def in_the_plan(products: pd.Series) -> pd.Series:
    """Whether an industry of the OECD's tables, or a sector of the plan, is one of the plan's."""
    return products.isin([*industries.ICIO_TARGETED, *sectors.slugs()])


def by_year(flows: pd.DataFrame, *, economy: str, years: Sequence[int]) -> pd.DataFrame:
    """Share of world exports (%), and revealed comparative advantage, of one economy by product in some years.

    Returns
    -------
    pandas.DataFrame
        `product`, `label`, `targeted`, and `share_<year>`, `rca_<year>`; most specialized in the last year first.
    """
    rows = flows[flows["year"].isin(list(years))]
    share = metrics.market_share(rows, of="exporter", within=("product", "year"))
    share = share[share["exporter"] == economy].assign(share=lambda t: 100 * t["share"])
    advantage = metrics.rca(rows)
    advantage = advantage[advantage["exporter"] == economy]
    wide = pd.concat(
        [
            table.pivot(index="product", columns="year", values=value).rename(
                columns=lambda year, name=value: f"{name}_{year}"
            )
            for table, value in ((share, "share"), (advantage, "rca"))
        ],
        axis=1,
    ).reset_index()
    wide.insert(1, "label", wide["product"].map(names(wide["product"])))
    wide.insert(2, "targeted", in_the_plan(wide["product"]))
    return wide.sort_values(f"rca_{years[-1]}", ascending=False, ignore_index=True)
