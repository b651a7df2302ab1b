"""Tables, titles and sentences of `export_specialization`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mic2025lab import catalog, metrics
from mic2025lab.classifications import economies, industries, sectors
from mic2025lab.evidence import bilateral
from mic2025lab.evidence._words import each, listing, plain, signed

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


def flows_of(source: str, *, start: int, end: int) -> pd.DataFrame:
    """Exports by economy and product: intermediate goods by industry (embedded), or all goods by sector of the plan (BACI)."""
    if source == "embedded":
        return goods(catalog.load("intermediate_exports", year=slice(start, end)))
    table = bilateral.by_sector(catalog.load("sector_products", hs=bilateral.revision()))
    return table[table["year"].between(start, end)].reset_index(drop=True)


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


def complexity_by_year(flows: pd.DataFrame) -> pd.DataFrame:
    """Economic complexity of every economy and year, with its rank (1 = most complex) and the number of economies ranked."""
    table = metrics.complexity(flows, degenerate="warn")
    ranked = table.groupby("year")["eci"]
    return table.assign(rank=ranked.rank(ascending=False), economies=ranked.transform("count"))


def groups(flows: pd.DataFrame, *, economy: str, base: int) -> pd.DataFrame:
    """Pace of the economy's world share, in all targeted and in all other manufacturing industries, before and after the base year."""
    # Farming and mining are left out where the table has them: the others are other manufacturing.
    rows = flows[~flows["product"].str.match(r"[AB]\d")]
    group = in_the_plan(rows["product"]).map({True: "targeted", False: "other"})
    total = rows.assign(group=group).groupby(["year", "exporter", "group"], as_index=False)["value"].sum()
    share = metrics.market_share(total, of="exporter", within=("group", "year"))
    own = share[share["exporter"] == economy].assign(share=lambda t: 100 * t["share"])
    return metrics.pace(own, of="group", at=base).sort_values("group", ascending=False, ignore_index=True)


# -- words -----------------------------------------------------------------------------------------------------------------------


def say_advantage(table: pd.DataFrame, *, economy: str, base: int, end: int) -> str:
    """Say in what the economy is specialized, and what it became or ceased to be specialized in since the base year."""
    now, then = table[f"rca_{end}"], table[f"rca_{base}"]
    top = [
        f"{row.label.lower()} ({plain(value)})"
        for row, value in zip(each(table), now, strict=True)
        if value >= 1
    ][:4]
    gained = table.loc[(now >= 1) & (then < 1), "label"].str.lower().tolist()
    lost = table.loc[(now < 1) & (then >= 1), "label"].str.lower().tolist()
    text = f"In {end} {economies.spoken(economy)} exported more than its share of the world would lead one to expect in "
    text += (
        f"{int((now >= 1).sum())} of {len(table)} industries, above all {listing(top)}."
        if top
        else "none of the industries."
    )
    if gained or lost:
        parts = [f"gained {listing(gained)}"] if gained else []
        parts += [f"lost {listing(lost)}"] if lost else []
        text += f" Since {base} it {' and '.join(parts)}."
    else:
        text += f" The list is the same as in {base}."
    rising = table[(now - then > MARGIN) & table["targeted"]]["label"].str.lower().tolist()
    falling = table[(now - then < -MARGIN) & table["targeted"]]["label"].str.lower().tolist()
    text += f" Among the industries of the plan the advantage rose in {listing(rising) or 'none'}, and fell in {listing(falling) or 'none'}"
    return f"{text} (by more than {MARGIN}; smaller changes are not counted)."


def say_groups(table: pd.DataFrame, *, economy: str, base: int) -> str:
    """Say whether the share gained faster in the targeted industries than in the others, and than before."""
    rows: Any = table.set_index("group")
    told = [
        f"{'the industries of the plan' if name == 'targeted' else 'the others'} {signed(row['before'], 2)} points a year before "
        f"{base} and {signed(row['after'], 2)} after"
        for name, row in ((n, rows.loc[n]) for n in ("targeted", "other") if n in rows.index)
    ]
    text = f"{economies.spoken(economy, first=True, own=True)} share of the world’s exports moved, in {'; in '.join(told)}."
    if {"targeted", "other"} <= set(rows.index):
        extra = (rows.loc["targeted", "change"]) - (rows.loc["other", "change"])
        side = "less" if extra < 0 else "more"
        text += (
            f" The change of pace was {plain(abs(extra), 2)} points a year {side} in the plan’s industries than in the others; "
            "without an interval this is a description, not the effect of the plan."
        )
    return text


def say_complexity(table: pd.DataFrame, *, economy: str, start: int, base: int, end: int) -> str:
    """Say how the economy's rank in complexity moved."""
    own: Any = table[table["exporter"] == economy].set_index("year").dropna(subset=["eci"])
    years = [year for year in (start, base, end) if year in own.index]
    if len(years) < 2:
        return "Complexity is not defined in enough years to compare."
    steps = [f"{int(own.loc[year, 'rank'])} of {int(own.loc[year, 'economies'])} in {year}" for year in years]
    return f"By the complexity of what it exports {economies.spoken(economy)} ranks {listing(steps)} (1 is the most complex)."


def title_advantage(table: pd.DataFrame, *, economy: str, base: int, end: int) -> str:
    """Title of the figure of advantages: in how many of the plan's industries the advantage rose by more than the margin."""
    rows = table[table["targeted"]]
    rose = int((rows[f"rca_{end}"] - rows[f"rca_{base}"] > MARGIN).sum())
    return (
        f"{economies.spoken(economy, first=True, own=True)} comparative advantage rose by more than {MARGIN} in {rose} of "
        f"{len(rows)} industries of the plan from {base} to {end}"
    )


def title_complexity(table: pd.DataFrame, *, economy: str) -> str:
    """Title of the figure of complexity: first and last rank."""
    own = table[(table["exporter"] == economy)].dropna(subset=["eci"]).sort_values("year")
    first, last = own.iloc[0], own.iloc[-1]
    return (
        f"{economies.name(economy)} went from rank {int(first['rank'])} to rank {int(last['rank'])} in export complexity, "
        f"{int(first['year'])} to {int(last['year'])}"
    )
