"""Tables of `friction`: tariff lists and the imports on them, duties, exports before and after, counted measures, trade diverted.

The sentences are in `friction_words`. Intervals are of a bootstrap of whole chapters of the Harmonized System, for the products of one chapter share
what happens to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.evidence._words import is_clear
from mic2025lab.evidence.before_after import interval
from mic2025lab.models import bootstrap

#: What becomes of a product whose lines are on several lists, on lists of which one was never applied, on that one only, on none, or that
#: cannot be found in the lists' revision.
SEVERAL, MIXED, SUSPENDED = "several applied lists", "an applied list and 4B", "list 4B only, never applied"
UNLISTED, UNPLACED = "no list", "not placed"
#: Kinds of groups, of which shares are compared before and after.
ON, OFF = "on an applied list", "not on one"
#: The groups that `ON` and `OFF` leave out or hold.
_OFF = (SUSPENDED, UNLISTED)
#: The revision that the codes of the lists are in.
LISTS_HS = "HS17"
#: Goods of the exports: all, those of the agreement of January 2020, the rest.
ALL, AGREED, OTHERS = "all goods", "goods of the 2020 agreement", "other goods"
#: Members of the G20 whose counts hold the same measures of the European Union; they are taken as one, by their mean.
UNION = ("DEU", "FRA", "GBR", "ITA")
#: Tables of counted measures that a run may be asked for; none may be passed on with the package.
COUNTED = ("trade_interventions", "trade_interventions_pairs", "trade_defense_investigations")


@dataclass(frozen=True)
class Estimate:
    """A number with the ends of its 95% interval."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return is_clear(self.value, self.low, self.high)


def _drawn(chapters: int, draws: int, seed: int) -> Any:
    return bootstrap.counts(chapters, draws, seed=seed)


# -- lists and the imports on them -----------------------------------------------------------------------------------------------


def place(codes: Iterable[str], lists: pd.DataFrame, concordance: pd.DataFrame, *, hs: str) -> dict[str, str]:
    """Say for each product of a revision on which lists its tariff lines are.

    A code that the lists' revision does not have is looked up by what it was there, if that is one code. A product counts as on a list if one of its
    lines is: how many lines it has in all is not in the table.

    Parameters
    ----------
    codes : iterable of str
        HS6 codes of the revision `hs`.
    lists : pandas.DataFrame
        `us_tariff_lists`.
    concordance : pandas.DataFrame
        `hs_concordance`, the rows that lead to `LISTS_HS`.
    hs : str
        Revision of the codes: that of the lists, or a neighbor of it.

    Returns
    -------
    dict
        Code -> "list 1" and so on, `SEVERAL`, `MIXED`, `SUSPENDED`, `UNLISTED` or `UNPLACED`.
    """
    on = lists.groupby("product")["list"].agg(frozenset)
    applied = frozenset(lists.loc[lists["applied"], "list"])
    known = set(concordance["to_code"])
    origins = concordance[concordance["from_hs"] == hs].groupby("from_code")["to_code"].agg(list)
    found = {}
    for code in dict.fromkeys(codes):
        was = [code] if code in known else origins.get(code, [])
        found[code] = _group(on.get(was[0], frozenset()), applied) if len(was) == 1 else UNPLACED
    return found


def _group(names: frozenset[str], applied: frozenset[str]) -> str:
    taken = sorted(names & applied)
    if not names:
        return UNLISTED
    if not taken:
        return SUSPENDED
    if names - applied:
        return MIXED
    return f"list {taken[0]}" if len(taken) == 1 else SEVERAL


def kind(group: str) -> str:
    """`ON` or `OFF` an applied list, or `UNPLACED`."""
    return group if group == UNPLACED else OFF if group in _OFF else ON


def list_sizes(lists: pd.DataFrame, concordance: pd.DataFrame) -> pd.DataFrame:
    """Count tariff lines and products of each list and of all applied ones; a line that is on two lists counts once in all.

    Returns
    -------
    pandas.DataFrame
        `list`, `applied`, `lines`, `products`, `of_products` (% of the revision's products with a line on it).
    """
    all_products = concordance["to_code"].nunique()
    parts = [(str(name), part) for name, part in lists.groupby("list")]
    parts.append(("all applied", lists[lists["applied"]]))
    rows = [
        (name, bool(part["applied"].all()), part["hts8"].nunique(), part["product"].nunique())
        for name, part in parts
    ]
    table = pd.DataFrame(rows, columns=["list", "applied", "lines", "products"])
    return table.assign(of_products=100 * table["products"] / all_products)


def by_product(imports: pd.DataFrame, placed: dict[str, str], *, exporter: str) -> pd.DataFrame:
    """Add up a year's imports and duties by product, those from the exporter beside those from all others; EU members beside the EU left out.

    Returns
    -------
    pandas.DataFrame
        `product`, `chapter`, `group`, `value`, `duty` (from the exporter), `other_value`, `other_duty`; USD, none is 0.
    """
    rows = imports[imports["flag"] == ""]
    own = rows["exporter"] == exporter
    sums = [part.groupby("product")[["value", "duty"]].sum() for part in (rows[own], rows[~own])]
    table: Any = sums[0].join(sums[1].add_prefix("other_"), how="outer").fillna(0.0).reset_index()
    return table.assign(chapter=table["product"].str[:2], group=table["product"].map(placed))


def coverage(products: pd.DataFrame) -> pd.DataFrame:
    """Say what each group of products has of the imports, and what duty is on it; largest imports from the exporter first.

    Returns
    -------
    pandas.DataFrame
        `group`; `products`; `value` (billion USD from the exporter), `share` (% of all from it), `exporter_share` (% of the imports from
        all partners of the table); `duty` and `duty_others`: calculated duty, % of value, on the exporter and, product by product with
        the exporter's weights, on all others, over products that others sell too; `extra`, their difference (points).
    """
    lines = []
    for group, part in products[products["value"] > 0].groupby("group"):
        # Others' imports count in all products of the group, whether or not the exporter sells them.
        everything = products[products["group"] == group]
        total = everything["value"].sum() + everything["other_value"].sum()
        duty, others = _duties(part)
        lines.append(
            {
                "group": group,
                "products": len(part),
                "value": part["value"].sum() / 1e9,
                "share": 100 * part["value"].sum() / products["value"].sum(),
                "exporter_share": 100 * part["value"].sum() / total,
                "duty": duty,
                "duty_others": others,
                "extra": duty - others,
            }
        )
    return pd.DataFrame(lines).sort_values("value", ascending=False, ignore_index=True)


def _compared(products: pd.DataFrame) -> Any:
    """Products that both sell, with what the duties of the others would be on the exporter's value."""
    both = products[(products["value"] > 0) & (products["other_value"] > 0)]
    return both.assign(as_others=both["value"] * both["other_duty"] / both["other_value"])


def _duties(products: pd.DataFrame) -> tuple[float, float]:
    both = _compared(products)
    if both.empty:
        return np.nan, np.nan
    sums = both[["value", "duty", "as_others"]].sum()
    return 100 * sums["duty"] / sums["value"], 100 * sums["as_others"] / sums["value"]


def extra_duty(products: pd.DataFrame, *, draws: int, seed: int) -> Estimate:
    """Duty on the exporter less that on others for the same products, points of import value, with the exporter's weights."""
    sums = _compared(products).groupby("chapter")[["value", "duty", "as_others"]].sum()
    value, more = sums["value"].to_numpy(), (sums["duty"] - sums["as_others"]).to_numpy()
    drawn = _drawn(len(sums), draws, seed)
    low, high = interval(100 * (drawn @ more) / (drawn @ value))
    return Estimate(float(100 * more.sum() / value.sum()), float(low), float(high))


# -- exports ---------------------------------------------------------------------------------------------------------------------


def export_changes(exports: pd.DataFrame, *, base: int, end: int, draws: int, seed: int) -> pd.DataFrame:
    """Compare the change of exports from the base year to the end with that over as many years before it.

    By chapter and not by product: the classification was revised in 2017 and chapters went on.

    Returns
    -------
    pandas.DataFrame
        `goods`; `before` and `after` (%), with `after_low` and `after_high`; `difference` (points) with `low` and `high`; `start_value`,
        `base_value`, `end_value` (billion USD).
    """
    years = [base - (end - base), base, end]
    rows = exports[exports["year"].isin(years)]
    rows = rows.assign(chapter=rows["product"].str[:2], covered=rows["phase_one"] != "none")
    chapters = sorted(rows["chapter"].unique())
    drawn = _drawn(len(chapters), draws, seed)
    lines = []
    for name, part in {ALL: rows, AGREED: rows[rows["covered"]], OTHERS: rows[~rows["covered"]]}.items():
        if part.empty:
            continue
        wide = part.pivot_table(index="chapter", columns="year", values="value", aggfunc="sum")
        values = wide.reindex(index=chapters, columns=years).fillna(0.0).to_numpy()
        before, after = _paces(values.sum(axis=0))
        draws_before, draws_after = _paces((drawn @ values).T)
        after_low, after_high = interval(draws_after)
        low, high = interval(draws_after - draws_before)
        lines.append(
            (name, before, after, after_low, after_high, after - before, low, high, *values.sum(axis=0) / 1e9)
        )
    columns = ["goods", "before", "after", "after_low", "after_high", "difference", "low", "high"]
    table = pd.DataFrame(lines, columns=[*columns, "start_value", "base_value", "end_value"])
    return table.astype(dict.fromkeys(columns[1:], "float64"))


def export_checks(exports: pd.DataFrame, *, draws: int, seed: int) -> pd.DataFrame:
    """Compare `export_changes` of all goods for every base year and end that leave as many years before, two at least.

    Returns
    -------
    pandas.DataFrame
        `base`, `end`; `before`, `after` (%), `difference`, `low`, `high` (points).
    """
    low, high = int(exports["year"].min()), int(exports["year"].max())
    spans = [(base, base + n) for base in range(low, high) for n in range(2, high - low) if base - n >= low]
    pairs = [(base, end) for base, end in spans if end <= high]
    lines = []
    for base, end in pairs:
        row: Any = export_changes(exports, base=base, end=end, draws=draws, seed=seed).iloc[0]
        lines.append((base, end, *(row[name] for name in ("before", "after", "difference", "low", "high"))))
    return pd.DataFrame(lines, columns=["base", "end", "before", "after", "difference", "low", "high"])


def _paces(totals: Any) -> tuple[Any, Any]:
    """Change from the first total to the second and from that to the third, %; missing where there is nothing to begin with."""
    start, base, end = (np.asarray(total, float) for total in totals)
    start, base = (np.where(total > 0, total, np.nan) for total in (start, base))
    return 100 * (base / start - 1), 100 * (end / base - 1)


def export_index(exports: pd.DataFrame, *, base: int) -> pd.DataFrame:
    """Exports by year and kind of goods, the base year at 100: `year`, `goods`, `value` (billion USD), `index`."""
    goods = (exports["phase_one"] != "none").map({True: AGREED, False: OTHERS})
    rows = pd.concat([exports.assign(goods=goods), exports.assign(goods=ALL)])
    sums = rows.groupby(["goods", "year"], as_index=False)["value"].sum()
    level = sums[sums["year"] == base].set_index("goods")["value"]
    return sums.assign(index=100 * sums["value"] / sums["goods"].map(level), value=sums["value"] / 1e9)


def export_chapters(
    exports: pd.DataFrame, names: pd.DataFrame, *, base: int, end: int, n: int = 6
) -> pd.DataFrame:
    """Give the chapters whose exports fell and rose most from the base year to the end.

    Returns
    -------
    pandas.DataFrame
        `chapter`, `description`, `base_value`, `end_value`, `change` (billion USD); largest fall first.
    """
    rows = exports[exports["year"].isin([base, end])]
    rows = rows.assign(chapter=rows["product"].str[:2])
    wide = (
        rows.pivot_table(index="chapter", columns="year", values="value", aggfunc="sum", fill_value=0.0) / 1e9
    )
    table = pd.DataFrame(
        {"base_value": wide[base], "end_value": wide[end], "change": wide[end] - wide[base]}
    ).sort_values("change")
    picked = pd.concat([table.head(n), table.tail(n)]).reset_index()
    picked = picked.drop_duplicates("chapter", ignore_index=True)
    words = picked["chapter"].map(names.set_index("code")["description"]).str.split("[;,]", regex=True).str[0]
    # Short, so that the names stand beside the bars of a figure; the chapter's number tells the rest.
    picked.insert(1, "description", words.str.removesuffix(" and parts thereof"))
    return picked


# -- counted measures ------------------------------------------------------------------------------------------------------------


def counts_by_year(table: pd.DataFrame, *, economy: str, end: int) -> pd.DataFrame:
    """Harmful measures a year: of the economy, and the mean of the other members, the four of `UNION` taken as one.

    Returns
    -------
    pandas.DataFrame
        `year`, `series` (the economy's name, "mean of the others"), `value`.
    """
    wide = _members(table, end=end)
    own = wide[economy].rename(economies.name(economy))
    others = wide.drop(columns=economy).mean(axis=1).rename("mean of the others")
    return pd.concat([own, others], axis=1).reset_index().melt("year", var_name="series", value_name="value")


def _members(table: pd.DataFrame, *, end: int) -> pd.DataFrame:
    rows = table[(table["evaluation"] == "harmful") & (table["year"] <= end)]
    wide = rows.pivot(index="year", columns="economy", values="value")
    union = [code for code in UNION if code in wide]
    return wide.drop(columns=union).assign(EU=wide[union].mean(axis=1)) if union else wide


def count_change(
    table: pd.DataFrame, *, base: int, end: int, draws: int, seed: int
) -> tuple[float, Estimate]:
    """Harmful measures a member and year up to the base year, and how many more there were after it; members are drawn again."""
    wide = _members(table, end=end)
    before, after = wide[wide.index <= base].mean(), wide[wide.index > base].mean()
    step = (after - before).to_numpy()
    drawn = _drawn(len(step), draws, seed)
    low, high = interval(drawn @ step / len(step))
    return float(before.mean()), Estimate(float(step.mean()), float(low), float(high))


def touching(pairs: pd.DataFrame) -> pd.DataFrame:
    """Count the harmful measures that touch each member, all takers together, the four of `UNION` taken as one taker.

    Returns
    -------
    pandas.DataFrame
        `affected`, `measures`, `most_by` (ISO3 code, EU for the four) and `most` (how many by it); most measures first.
    """
    rows = pairs[pairs["evaluation"] == "harmful"]
    taker = rows["economy"].where(~rows["economy"].isin(UNION), "EU")
    means: Any = rows.assign(taker=taker).groupby(["affected", "taker"])["value"].mean().unstack().fillna(0.0)
    table = pd.DataFrame(
        {"measures": means.sum(axis=1), "most_by": means.idxmax(axis=1), "most": means.max(axis=1)}
    )
    return table.sort_values("measures", ascending=False).reset_index()


# -- trade diverted, from bilateral flows ----------------------------------------------------------------------------------------


def shares(flows: pd.DataFrame, placed: dict[str, str], *, exporter: str) -> pd.DataFrame:
    """Share of an exporter in imports, by year, of the products on an applied list and of the others; those not placed are left out.

    Returns
    -------
    pandas.DataFrame
        `year`, `series` (`ON`, `OFF`), `share` (%).
    """
    rows = _kinds(flows, placed, exporter)
    sums: Any = rows.groupby(["year", "series"], as_index=False)[["value", "own"]].sum()
    return sums.assign(share=100 * sums["own"] / sums["value"])[["year", "series", "share"]]


def _kinds(flows: pd.DataFrame, placed: dict[str, str], exporter: str) -> Any:
    rows = flows.astype({"product": "str", "exporter": "str"})
    rows = rows.assign(
        series=rows["product"].map(placed).map(kind),
        chapter=rows["product"].str[:2],
        own=rows["value"].where(rows["exporter"] == exporter, 0.0),
    )
    return rows[rows["series"].isin([ON, OFF])]


def diverted(
    flows: pd.DataFrame, placed: dict[str, str], *, exporter: str, base: int, end: int, draws: int, seed: int
) -> Estimate:
    """Change of the exporter's share from the base year to the end in products on an applied list, less that in the others; points."""
    rows = _kinds(flows[flows["year"].isin([base, end])], placed, exporter)
    index = pd.Index(sorted(rows["chapter"].unique()), name="chapter")
    drawn = np.vstack([np.ones(len(index)), _drawn(len(index), draws, seed)])
    change = {}
    for name in (ON, OFF):
        level = {}
        for year in (base, end):
            part = rows[(rows["series"] == name) & (rows["year"] == year)]
            sums = part.groupby("chapter")[["own", "value"]].sum().reindex(index, fill_value=0.0).to_numpy()
            with np.errstate(divide="ignore", invalid="ignore"):
                own, whole = (drawn @ sums).T
                level[year] = 100 * own / whole
        change[name] = level[end] - level[base]
    found = change[ON] - change[OFF]
    low, high = interval(found[1:])
    return Estimate(float(found[0]), float(low), float(high))


def takers(
    flows: pd.DataFrame, placed: dict[str, str], *, exporter: str, base: int, end: int
) -> pd.DataFrame:
    """Change of each exporter's share in the imports of products on an applied list, points, from the base year to the end; most gained first.

    Returns
    -------
    pandas.DataFrame
        `exporter`, `base_share`, `end_share` (%), `change` (points).
    """
    rows = _kinds(flows[flows["year"].isin([base, end])], placed, exporter)
    wide: Any = (
        rows[rows["series"] == ON]
        .pivot_table(index="exporter", columns="year", values="value", aggfunc="sum", fill_value=0.0)
        .reindex(columns=[base, end], fill_value=0.0)
    )
    percent = 100 * wide / wide.sum()
    table = pd.DataFrame({"base_share": percent[base], "end_share": percent[end]}).reset_index()
    table["change"] = table["end_share"] - table["base_share"]
    return table.sort_values("change", ascending=False, ignore_index=True)
