"""National Bureau of Statistics of China: what industrial enterprises own, owe, sell, and earn, and profits by ownership.

Two compilations of the releases on profits are in one table: the series, and figures kept to check it.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import firsts, flag, measured, number, text, unit, year
from mic2025lab.sources.reading import entries, flagged, read
from mic2025lab.sources.reference import resolve_idem
from mic2025lab.sources.table import Raw, source, table

DATA, PROFITS = "nbs_above_scale_industry_1998_2014.csv", "nbs_profit_by_ownership.csv"
MONEY = "100 million yuan"
#: Column of the file -> indicator and unit.
INDICATORS = {
    "n_firms": ("enterprises", "enterprises"),
    "total_assets_100m_yuan": ("assets", MONEY),
    "total_liabilities": ("liabilities", MONEY),
    "main_revenue": ("revenue", MONEY),
    "total_profit": ("profit", MONEY),
}
#: First year with the threshold of 20 million yuan of revenue (5 million before).
THRESHOLD = 2011

SOURCE = source("nbs-industry")


@table(
    unit="by row",
    inputs=(SOURCE, DATA),
    columns={
        "year": year(1998, 2014),
        "indicator": text("What is measured", isin=firsts(INDICATORS)),
        **measured("Value in the row's unit", ["enterprises", MONEY], gt=0),
        "flag": flag(
            "new_threshold from 2011 on, when small enterprises no longer counted, else empty",
            "new_threshold",
        ),
    },
    key=("indicator", "year"),
)
def industrial_enterprises(raw: Raw) -> pd.DataFrame:
    """Industrial enterprises of China above designated size: number, assets, debt, revenue, and profit, 1998-2014.

    Main indicators of industrial enterprises above designated size, as published by the NBS, all enterprises together.

    Warnings
    --------
    - The revenue from which an enterprise counts rose from 5 to 20 million yuan in 2011: numbers before and after are not
      comparable.
    - Current yuan. The NBS restates earlier years when it publishes growth, so the growth of these levels is not the published
      growth.
    - The source has no count of loss-making enterprises.

    Notes
    -----
    Rows from 2011 on have the flag `new_threshold`: the revenue from which an enterprise counts rose from 5 to 20 million yuan.
    Profits of later years are in `industrial_profits`.
    """
    file = read(raw, SOURCE, DATA, has=["year", *INDICATORS])
    long = file.frame.melt("year", list(INDICATORS), "column", "text")
    long = long.astype({"year": "int64"}).assign(value=file.numbers(long["text"]))
    file.need(long["value"].notna().all(), "an empty cell")
    return long.assign(
        **entries(long["column"], INDICATORS, "indicator", "unit"),
        flag=flagged(long["year"] >= THRESHOLD, "new_threshold"),
    )


@industrial_enterprises.check("enterprises owe less than they own")
def solvent(frame: pd.DataFrame) -> bool:
    """Liabilities are below assets."""
    wide = frame.pivot(index="year", columns="indicator", values="value")
    return bool((wide["liabilities"].dropna() < wide["assets"].dropna()).all())


@industrial_enterprises.warns
def _findings(frame: pd.DataFrame) -> str:
    years = frame.loc[frame["indicator"] == "revenue", "year"]
    gone = sorted(set(range(years.min(), years.max() + 1)) - set(years))
    return f"Missing years: {', '.join(map(str, gone))}."


SPOT = "nbs_profit_by_ownership.csv"

SPOT_SOURCE = source("spot-profits")

_OWNERS = ("state_holding", "share_holding", "foreign_hmt", "private")
OWNERSHIP = {
    **{"all": "all", "total": "all"},
    **{name: name for name in _OWNERS},
    "manufacturing": "all_manufacturing",
}
USES = ("series", "check")


def _series(raw: Raw) -> pd.DataFrame:
    columns = ["period", "ownership", "profit_100m_yuan", "yoy_pct", "source"]
    file = read(raw, SOURCE, PROFITS, columns)
    return file.frame.assign(
        ownership=file.known("ownership", OWNERSHIP),
        value=file.numbers("profit_100m_yuan"),
        growth=file.numbers("yoy_pct"),
        use="series",
        source=resolve_idem(file.frame["source"]),
    )


def _checks(raw: Raw) -> pd.DataFrame:
    classes = [name for name in OWNERSHIP if name != "all"]
    file = read(raw, SPOT_SOURCE, SPOT, ["period", *classes, "unit", "url", "note"])
    file.only("unit", "100m yuan")
    long = file.frame.melt(["period", "url", "note"], classes, var_name="ownership", value_name="text")
    long = long[long["text"] != ""].reset_index(drop=True)
    return long.assign(
        ownership=file.known(long["ownership"], OWNERSHIP),
        value=file.numbers(long["text"]),
        use="check",
        source=long["url"],
        note=long["note"].str.removeprefix("validation only").str.removeprefix("; "),
    )


@table(
    inputs=((SOURCE, PROFITS), (SPOT_SOURCE, SPOT)),
    columns={
        "period": text("Year, or January to a month (2024-01..07)", str_matches=r"^\d{4}(-01\.\.\d{2})?$"),
        "year": year(2015, 2024),
        "frequency": text("year, or months added up from January", isin=["year", "months"]),
        "ownership": text("Owner; all_manufacturing is all owners in manufacturing", isin=OWNERSHIP.values()),
        "value": number("Total profit", MONEY, gt=0),
        "growth": number("Printed growth over the year before", "%", missing=True),
        "unit": unit(MONEY),
        "use": text("series, or check (for comparison only)", isin=USES),
        "source": text("Where the release was read"),
        "note": text("What else to know", missing=True),
    },
    key=("use", "ownership", "period"),
    format="csv",
)
def industrial_profits(raw: Raw) -> pd.DataFrame:
    """Profits of China's industrial enterprises by ownership, 2015-2024, single periods.

    From NBS releases: all, state_holding, share_holding, foreign_hmt (foreign investors and investors of Hong Kong, Macao, and
    Taiwan), private, and all_manufacturing (all owners, manufacturing only).

    Warnings
    --------
    - use = check marks figures from press pages, for comparison only, never as an input of a result. Three of their twelve
      periods were read a second time, nine were not.
    - Use growth, and never compute it: the NBS restates the base of each year. frequency months is January to the named month,
      added up.
    - Classes overlap (share_holding includes state firms, and a private firm may be foreign-held): they do not add up to all,
      and the share of foreign_hmt in all is an approximation.
    - Profits move with prices, and the number of firms counted changes every year. Periods are scattered: there is no series of
      full years.

    Notes
    -----
    Stack the profits of industrial enterprises by ownership: the series, and single releases kept as a check.

    `frequency` is year or months (January to the month that the period names, added up); `growth` is the printed growth.
    """
    stacked = pd.concat([_series(raw), _checks(raw)], ignore_index=True)
    months = stacked["period"].str.contains("..", regex=False)
    return stacked.assign(
        frequency=flagged(months, "months", "year"),
    )


@industrial_profits.check("figures in both compilations agree within 1")
def compilations_agree(frame: pd.DataFrame) -> bool:
    """Figures that were read twice agree."""
    return disagreements(frame).empty


def disagreements(table: pd.DataFrame, within: float = 1.0) -> pd.DataFrame:
    """List the periods and ownerships whose two figures differ by more than `within` (100 million yuan)."""
    wide = table.pivot(index=["period", "ownership"], columns="use", values="value").dropna()
    return wide[(wide["series"] - wide["check"]).abs() > within]


@industrial_profits.warns
def _compare_compilations(table: pd.DataFrame) -> str:
    wide = table.pivot(index=["period", "ownership"], columns="use", values="value").dropna()
    apart = (wide["series"] - wide["check"]).abs()
    return f"{len(wide)} figures are in both compilations and differ by at most {apart.max():.1f} (100 million yuan)."
