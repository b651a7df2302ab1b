"""Tables of `fiscal_strain`: the gap between provinces' spending and their own taxes, general government, published estimates.

The sentences are in `fiscal_words`. Intervals are of a bootstrap of whole provinces: they show how far the answer hangs on
single provinces, and not what a year does to all of them (a tax reform, a pandemic).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.evidence.before_after import Change, change, interval
from mic2025lab.models import bootstrap

#: Measures of output of `provincial_accounts`, in words.
OUTPUTS = {"gdp": "revised GDP", "gdp_first_published": "GDP as first published"}
#: Indicators of general government in `world_economy`, in words.
GOVERNMENT = {"gov_debt_share": "gross debt", "gov_balance_share": "balance"}
#: Topics of `benchmarks`; a second file of guidance funds there repeats the figures without saying which were read.
TOPICS = ("fiscal", "guidance funds")
#: How the item of a row begins that is an estimate of the debt of local governments' financing vehicles.
VEHICLES = "LGFV debt"
#: The item and the unit of the estimate of public debt with what is off the budget.
AUGMENTED = ("Augmented public debt", "% GDP")
#: What the column verified of `benchmarks` says.
VERIFIED = {
    "yes": "read on the page named",
    "derived": "arithmetic on such a figure",
    "partial": "read in part, or in a poor source",
    "no": "not verified",
}
#: Columns of `by_year` that are drawn, by what they are called there.
SERIES = {"gap": "gap", "spending": "spending", "own taxes": "taxes"}


@dataclass(frozen=True)
class Pace:
    """Change a year up to the base year and after it (slopes of a line through each side), with 95% intervals."""

    before: float
    after: float
    after_low: float
    after_high: float
    low: float
    high: float

    @property
    def value(self) -> float:
        """After less before."""
        return self.after - self.before


def panel(accounts: pd.DataFrame, *, output: str, start: int, end: int) -> pd.DataFrame:
    """Put spending, own taxes and output of each province and year side by side; only where all three are known.

    Returns
    -------
    pandas.DataFrame
        `province`, `name`, `year`; `spending`, `taxes`, `output` (100 million yuan); `gap` (spending less taxes, % of output) and
        `covered` (taxes, % of spending).
    """
    names = {"budget_expenditure": "spending", "local_tax": "taxes", output: "output"}
    rows = accounts[accounts["indicator"].isin(names) & accounts["year"].between(start, end)]
    wide = rows.pivot(index=["province", "name", "year"], columns="indicator", values="value")
    wide = wide.rename(columns=names).dropna().reset_index()
    wide.columns.name = None
    return wide.assign(
        gap=100 * (wide["spending"] - wide["taxes"]) / wide["output"],
        covered=100 * wide["taxes"] / wide["spending"],
    )


def by_year(rows: pd.DataFrame) -> pd.DataFrame:
    """All provinces together, and how they lie.

    Returns
    -------
    pandas.DataFrame
        `year`, `provinces`; `gap`, `spending`, `taxes` (% of the provinces' output), `covered` (%), all of sums; `mean`, `p10`,
        `median`, `p90` of the provinces' own gaps.
    """
    cells = rows.groupby("year")
    sums: Any = cells[["spending", "taxes", "output"]].sum()
    own = cells["gap"]
    table = pd.DataFrame(
        {
            "provinces": cells.size(),
            "gap": 100 * (sums["spending"] - sums["taxes"]) / sums["output"],
            "spending": 100 * sums["spending"] / sums["output"],
            "taxes": 100 * sums["taxes"] / sums["output"],
            "covered": 100 * sums["taxes"] / sums["spending"],
            "mean": own.mean(),
            "p10": own.quantile(0.1),
            "median": own.median(),
            "p90": own.quantile(0.9),
        }
    )
    return table.reset_index()


def gap_draws(rows: pd.DataFrame, *, draws: int, seed: int) -> Any:
    """Gap of all provinces together in each year (columns), in each draw of whole provinces (rows)."""
    net = (
        rows.assign(net=rows["spending"] - rows["taxes"])
        .pivot(index="province", columns="year", values="net")
        .fillna(0.0)
    )
    output = rows.pivot(index="province", columns="year", values="output").fillna(0.0)
    drawn = bootstrap.counts(len(net), draws, seed=seed)
    return 100 * (drawn @ net.to_numpy()) / (drawn @ output.to_numpy())


def bounds(drawn: Any) -> tuple[Any, Any]:
    """Ends of the 95% interval of each year."""
    return interval(drawn)


def gap_change(table: pd.DataFrame, drawn: Any, base_year: int) -> Change:
    """Mean of the gap in the years after the base year less that up to it, points of output; `table` of `by_year`."""
    return change(table["year"], table["gap"], drawn, base_year)


def pace(years: Any, values: Any, drawn: Any, base_year: int) -> Pace:
    """Compare the slope of a line through the years from the base year on with that of one through the years up to it; a unit a year.

    The base year is in both, so that a level that jumps once after it is no lasting pace.

    Examples
    --------
    >>> found = pace([2013, 2014, 2015, 2016, 2017], [1, 2, 3, 3, 3], [[1, 2, 3, 3, 3]] * 2, 2015)
    >>> round(found.before, 6), round(found.after, 6), round(found.value, 6)
    (1.0, 0.0, -1.0)
    """
    years, values, drawn = np.asarray(years), np.asarray(values, float), np.asarray(drawn, float)
    slopes = {}
    for side, chosen in {"before": years <= base_year, "after": years >= base_year}.items():
        time = years[chosen] - years[chosen].mean()
        weight = time / (time @ time)
        slopes[side] = (float(values[chosen] @ weight), drawn[:, chosen] @ weight)
    after_low, after_high = interval(slopes["after"][1])
    low, high = interval(slopes["after"][1] - slopes["before"][1])
    return Pace(
        slopes["before"][0],
        slopes["after"][0],
        float(after_low),
        float(after_high),
        float(low),
        float(high),
    )


def provinces(rows: pd.DataFrame, base_year: int) -> pd.DataFrame:
    """Gap of each province, % of its output; largest in the last year first.

    Returns
    -------
    pandas.DataFrame
        `name`; `first`, `base`, `last` (the gap in those years); `before`, `after` (means up to the base year and after it), `change` (points).
    """
    wide: Any = rows.pivot(index="name", columns="year", values="gap")
    years = np.asarray(wide.columns)
    before, after = wide.loc[:, years <= base_year], wide.loc[:, years > base_year]
    table = pd.DataFrame(
        {
            "first": wide[years.min()],
            "base": wide[base_year],
            "last": wide[years.max()],
            "before": before.mean(axis=1),
            "after": after.mean(axis=1),
        }
    )
    table["change"] = table["after"] - table["before"]
    return table.sort_values("last", ascending=False).reset_index()


def within_change(table: pd.DataFrame, *, draws: int, seed: int) -> Change:
    """Mean over provinces, each as one, of the change within them; `table` of `provinces`."""
    drawn = bootstrap.counts(len(table), draws, seed=seed)
    low, high = interval(drawn @ table["change"].to_numpy() / len(table))
    return Change(float(table["before"].mean()), float(table["after"].mean()), float(low), float(high))


def checks(accounts: pd.DataFrame, *, output: str, start: int, end: int, base_year: int) -> pd.DataFrame:
    """Compare before and after under other choices.

    Returns
    -------
    pandas.DataFrame
        `choice`; `before`, `after`, `change` (means of the gap, % of output and points), `pace_before`, `pace_after` (points a
        year). The first row is the choice made.
    """
    main = panel(accounts, output=output, start=start, end=end)
    other = next(name for name in OUTPUTS if name != output)
    tries: dict[str, tuple[pd.DataFrame, int]] = {"as above": (main, base_year)}
    tries[OUTPUTS[other]] = (panel(accounts, output=other, start=start, end=end), base_year)
    tries |= {f"base year {year}": (main, year) for year in (base_year - 2, base_year - 1, base_year + 1)}
    tries |= {f"to {year}": (main[main["year"] <= year], base_year) for year in (2019,) if year < end}
    largest = main[main["year"] == main["year"].max()].set_index("name")["gap"].idxmax()
    tries[f"without {largest}, the largest gap"] = (main[main["name"] != largest], base_year)
    lines = []
    for words, (rows, base) in tries.items():
        table = by_year(rows)
        after = table["year"] > base
        if after.sum() < 2 or (~after).sum() < 2:
            continue
        values = table["gap"].to_numpy()
        slope = pace(table["year"], values, values[None, :], base)
        sides = [float(values[side].mean()) for side in (~after, after)]
        lines.append((words, *sides, sides[1] - sides[0], slope.before, slope.after))
    columns = ["choice", "before", "after", "change", "pace_before", "pace_after"]
    return pd.DataFrame(lines, columns=columns)


# -- general government and published estimates ----------------------------------------------------------------------------------


def government(world: pd.DataFrame, chosen: Sequence[str], *, start: int, end: int) -> pd.DataFrame:
    """Debt and balance of general government, % of GDP, without forecasts.

    Returns
    -------
    pandas.DataFrame
        `year`, `economy`, `name`, `indicator`, `value`.
    """
    rows = world[world["economy"].isin(chosen) & world["indicator"].isin(list(GOVERNMENT))]
    rows = rows[(rows["flag"] != "forecast") & rows["year"].between(start, end)].dropna(subset=["value"])
    rows = rows.assign(name=rows["economy"].map(economies.name))
    return rows[["year", "economy", "name", "indicator", "value"]].reset_index(drop=True)


def government_paces(table: pd.DataFrame, base_year: int) -> pd.DataFrame:
    """Level of debt and balance in the first, the base and the last year, and their change a year before and after.

    An economy without figures on both sides of the base year and in it is left out.

    Returns
    -------
    pandas.DataFrame
        `economy`, `name`, `indicator`, `first_year`, `last_year`, `first`, `base`, `last` (% of GDP), `before`, `after` (points a year).
    """
    lines = []
    for (code, name, indicator), part in table.groupby(["economy", "name", "indicator"]):
        values: Any = part.set_index("year")["value"].sort_index()
        first, last = int(values.index[0]), int(values.index[-1])
        if base_year not in values.index or not first < base_year < last:
            continue
        low, base, high = values[first], values[base_year], values[last]
        paces = ((base - low) / (base_year - first), (high - base) / (last - base_year))
        lines.append((code, name, indicator, first, last, low, base, high, *paces))
    columns = [
        "economy",
        "name",
        "indicator",
        "first_year",
        "last_year",
        "first",
        "base",
        "last",
        "before",
        "after",
    ]
    return pd.DataFrame(lines, columns=columns)


def published(benchmarks: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Published estimates of what is off the budget, with what was verified; amounts in yuan over the sum of the provinces' revised GDP of the year.

    Returns
    -------
    pandas.DataFrame
        `topic`, `item`, `period`, `year`, `value`, `unit`, `of_gdp` (%, only of amounts in trillion yuan), `source`, `verified`
        (yes, derived, partial, no).
    """
    gdp: Any = accounts[accounts["indicator"] == "gdp"].groupby("year")["value"].sum(min_count=31) / 1e4
    rows = benchmarks[benchmarks["topic"].isin(TOPICS)].dropna(subset=["value"])
    amount = rows["unit"].str.startswith("trn yuan")
    # An amount spread over several years is not one of the last of them.
    single = ~rows["period"].str.contains(r"\d{4}\s*[-–]\s*\d{2}", regex=True)
    rows = rows.assign(of_gdp=(100 * rows["value"] / rows["year"].map(gdp)).where(amount & single))
    columns = ["topic", "item", "period", "year", "value", "unit", "of_gdp", "source", "verified"]
    return rows[columns].reset_index(drop=True)


def vehicles(estimates: pd.DataFrame) -> pd.DataFrame:
    """Rows of `published` that estimate the debt of local financing vehicles over GDP, by year."""
    rows = estimates[estimates["item"].str.startswith(VEHICLES)].dropna(subset=["of_gdp"])
    return rows.sort_values("year", ignore_index=True)


def augmented(estimates: pd.DataFrame, paces: pd.DataFrame, *, economy: str) -> tuple[Any, float] | None:
    """Row of `published` with the public debt that counts what is off the budget, and how far above the debt of general government it is.

    None unless both are of one year.
    """
    item, unit = AUGMENTED
    rows = estimates[(estimates["item"] == item) & (estimates["unit"] == unit)]
    own = paces[(paces["economy"] == economy) & (paces["indicator"] == "gov_debt_share")]
    both = rows.merge(own[["last_year", "last"]], left_on="year", right_on="last_year")
    if both.empty:
        return None
    row: Any = both.iloc[0]
    return row, float(row["value"] - row["last"])
