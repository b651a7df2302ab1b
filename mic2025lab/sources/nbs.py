"""National Bureau of Statistics of China: capacity utilization, industrial enterprises and their profits, and monthly prices."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import MONTH, firsts, flag, measured, number, text, unit, words, year
from mic2025lab.sources.reading import RawTable, codebook, entries, flagged, read
from mic2025lab.sources.reference import resolve_idem
from mic2025lab.sources.table import Raw, columns, source, table

_A, _B = "nbs_capacity_utilisation_a.csv", "nbs_capacity_utilisation_b.csv"

CAPACITY_SOURCE = source("nbs-capacity-utilisation")

INDUSTRIES = codebook("nbs_capacity")

_RANK = {"reported": 0, "derived": 1, "unverified": 2}
_CELL = ["period", "industry"]
SAME_RATE = 0.05  # two rates printed with one decimal are equal below this


def _transcription(raw: Raw, path: str, columns: str) -> pd.DataFrame:
    file = read(raw, CAPACITY_SOURCE, file=path, has=columns)
    frame = file.frame.assign(
        period=file.frame["period"].str.removesuffix("A"),
        industry=file.known("industry", INDUSTRIES),
        value=file.numbers("value"),
        flag=file.known("flag", codebook("nbs_remarks")),
    )
    file.need(not frame.duplicated(_CELL).any(), "a cell that is listed twice")
    return frame[[*_CELL, "value", "flag", "source"]]


@table(CAPACITY_SOURCE, key="period industry", order="frequency industry period", format="csv")
@columns(
    period=text("Quarter (2019Q3) or year (2019)", str_matches=r"^\d{4}(Q[1-4])?$"),
    frequency=text("quarter or year", isin=["quarter", "year"]),
    year=year(2013, 2030),
    industry=text("Industry", isin=sorted(set(INDUSTRIES.values()))),
    **measured(
        "Actual output as a percentage of potential output, in value", "%", missing=True, ge=30, le=100
    ),
    flag=text(
        "reported (as printed), derived (from next year's change), or unverified",
        isin=_RANK,
    ),
    status=text("Agreement of the two transcriptions", isin=["agree", "only_a", "only_b", "conflict"]),
    source=text("Where the release was read"),
)
def capacity_utilization(raw: Raw) -> pd.DataFrame:
    """Industrial capacity utilization rate of China, total and industries, 2013-2025.

    NBS quarterly and annual rates: actual divided by potential output in value, of enterprises above designated size.
    Reconciled from two transcriptions: where they differ, the value read as printed is used, else it is missing.

    Warnings
    --------
    - Not seasonally adjusted: compare a quarter with the same quarter of other years.
    - The industries are a selection, and 2018Q4 has only the total.
    - For most common cells, both transcriptions used the same repost site: agreement shows careful typing more than independent
      sources.

    Notes
    -----
    Reconcile the two transcriptions of the NBS capacity utilization rate.

    Where both have the value and agree, it is taken; where only one has it, that one. Where they differ, the value that was
    read as printed (`reported`, or `verified = yes`) is taken if the other was not, and otherwise it is missing. The flag is
    the better one of the value's: `reported` (read as printed), `derived` (next year's rate less the printed change), or
    `unverified` (from memory).
    """
    a = _transcription(raw, _A, "period industry rate_pct=value kind=flag source")
    b = _transcription(raw, _B, "period series=industry value verified=flag source")
    both = pd.concat([a.assign(status="only_a"), b.assign(status="only_b")], ignore_index=True)
    both["rank"] = both["flag"].map(_RANK)
    cell = both.groupby(_CELL)
    twice = cell["value"].transform("size") == 2
    apart = cell["value"].transform("max") - cell["value"].transform("min") >= SAME_RATE
    printed = (both["rank"] == 0).groupby([both[name] for name in _CELL]).transform("sum")
    both["status"] = both["status"].mask(twice, "agree").mask(twice & apart, "conflict")
    both["value"] = both["value"].mask(twice & apart & (printed != 1))
    best = both.sort_values("rank", kind="stable").drop_duplicates(_CELL)
    return best.assign(frequency=flagged(best["period"].str.contains("Q"), "quarter", "year"))


@capacity_utilization.check("a value is missing only in a conflict")
def missing_is_conflict(frame: pd.DataFrame) -> pd.Series:
    """A value is missing only where the transcriptions conflict."""
    return frame["value"].notna() | (frame["status"] == "conflict")


@capacity_utilization.warns
def _capacity_findings(frame: pd.DataFrame) -> tuple[str, ...]:
    status, flag = frame["status"].value_counts(), frame["flag"].value_counts()
    wide = (
        frame[frame["period"].str.contains("Q")].groupby(["industry", "year"])["value"].agg(["mean", "count"])
    )
    annual = frame[~frame["period"].str.contains("Q")].set_index(["industry", "year"])["value"]
    gap = (annual - wide.loc[wide["count"] == 4, "mean"]).dropna()
    most = " ".join(map(str, gap.index[int(gap.abs().argmax())]))
    where = frame.loc[frame["flag"] == "unverified", ["industry", "period"]].agg(" ".join, axis=1)
    return (
        f"Annual rates are weighted, not the mean of the quarters; the difference is up to {gap.abs().max():.1f} points ({most}).",
        f"Two transcriptions: {status.get('agree', 0)} cells agree, {status.get('only_a', 0)} are only in a, "
        f"{status.get('only_b', 0)} only in b, {status.get('conflict', 0)} conflict.",
        f"{flag.get('derived', 0)} of {len(frame)} values were not printed: next year's rate less the printed change in points.",
        f"{len(where)} values are from memory and unverified: {', '.join(where)}.",
    )


ENTERPRISES, PROFITS = "nbs_above_scale_industry_1998_2014.csv", "nbs_profit_by_ownership.csv"
MONEY = "100 million yuan"
#: Column of the file -> indicator and unit.
INDICATORS = codebook("nbs_enterprises")
#: First year with the threshold of 20 million yuan of revenue (5 million before).
THRESHOLD = 2011

SOURCE = source("nbs-industry")


@table(SOURCE, ENTERPRISES, key="indicator year")
@columns(
    year=year(1998, 2014),
    indicator=text("What is measured", isin=firsts(INDICATORS)),
    **measured("Value in the row's unit", ["enterprises", MONEY], gt=0),
    flag=flag(
        "new_threshold from 2011 on, when small enterprises no longer counted, else empty",
        "new_threshold",
    ),
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
    file = read(raw, SOURCE, file=ENTERPRISES, has=["year", *INDICATORS])
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
def _enterprise_findings(frame: pd.DataFrame) -> str:
    years = frame.loc[frame["indicator"] == "revenue", "year"]
    gone = sorted(set(range(years.min(), years.max() + 1)) - set(years))
    return f"Missing years: {', '.join(map(str, gone))}."


SPOT_SOURCE = source("spot-profits")

_OWNERS = ("state_holding", "share_holding", "foreign_hmt", "private")
OWNERSHIP = {
    **{"all": "all", "total": "all"},
    **{name: name for name in _OWNERS},
    "manufacturing": "all_manufacturing",
}
USES = ("series", "check")


def _series(raw: Raw) -> pd.DataFrame:
    columns = "period ownership profit_100m_yuan=value yoy_pct=growth source"
    frame = read(raw, SOURCE, columns, file=PROFITS).frame
    return frame.assign(use="series", source=resolve_idem(frame["source"]))


def _checks(raw: Raw) -> pd.DataFrame:
    classes = [name for name in OWNERSHIP if name != "all"]
    file = read(raw, SPOT_SOURCE, ["period", *classes, "unit", "url", "note"])
    file.only("unit", "100m yuan")
    long = file.frame.melt(["period", "url", "note"], classes, var_name="ownership", value_name="value")
    long = long[long["value"] != ""].rename(columns={"url": "source"})
    return long.assign(
        use="check",
        note=long["note"].str.removeprefix("validation only").str.removeprefix("; "),
    )


@table(SOURCE, PROFITS, SPOT_SOURCE, key="use ownership period", format="csv")
@columns(
    period=text("Year, or January to a month (2024-01..07)", str_matches=r"^\d{4}(-01\.\.\d{2})?$"),
    year=year(2015, 2024),
    frequency=text("year, or months added up from January", isin=["year", "months"]),
    ownership=words("Owner; all_manufacturing is all owners in manufacturing", OWNERSHIP),
    value=number("Total profit", MONEY, gt=0),
    growth=number("Printed growth over the year before", "%", missing=True),
    unit=unit(MONEY),
    use=text("series, or check (for comparison only)", isin=USES),
    source=text("Where the release was read"),
    note=text("What else to know", missing=True),
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
    stacked = pd.concat([_series(raw), _checks(raw)], ignore_index=True).fillna("")
    months = stacked["period"].str.contains("..", regex=False)
    return stacked.assign(frequency=flagged(months, "months", "year"))


def _apart(table: pd.DataFrame) -> pd.Series:
    """Return by how much figures that are in both compilations differ."""
    wide = table.pivot(index=["period", "ownership"], columns="use", values="value").dropna()
    return (wide["series"] - wide["check"]).abs()


@industrial_profits.check("figures in both compilations agree within 1")
def compilations_agree(frame: pd.DataFrame) -> bool:
    """Figures that were read twice agree."""
    return set(frame["use"]) != set(USES) or bool((_apart(frame) <= 1).all())


@industrial_profits.warns
def _compare_compilations(table: pd.DataFrame) -> str:
    apart = _apart(table)
    return f"{len(apart)} figures are in both compilations and differ by at most {apart.max():.1f} (100 million yuan)."


MONTHLY_SOURCE = source("china-monthly-ppi-profits")

SAME, SO_FAR = "% against the same month of the year before", "% against the same months of the year before"
#: Series of the source -> name, unit, and what is subtracted from its value.
SERIES = codebook("nbs_monthly")
#: A second copy of producer prices, worse in two months.
OTHER_COPY = "ppi_yoy_pct"


@table(MONTHLY_SOURCE, key="indicator month", unit="%")
@columns(
    year=year(2000, 2026),
    month=text("Month, YYYY-MM", str_matches=MONTH),
    indicator=text("What grows", isin=firsts(SERIES)),
    value=number("Growth", "%"),
    unit=unit([SAME, SO_FAR]),
)
def producer_prices_profits(raw: Raw) -> pd.DataFrame:
    """China's prices, industrial profits, losses, and exports: growth by month, 2000-2026.

    Growth against a year before of producer and consumer prices, exports in dollars, and, from January to the month, profits of
    industrial firms and the losses of those that lose.

    Warnings
    --------
    - Profits and losses are cumulative, from January to the month, and have no January. The NBS revises the base: growth is not
      the ratio of two printed levels.
    - losses_year_to_date is the growth of the sum of losses, not of the number of firms (inferred from the title of the chart).
    - producer_prices is Eastmoney's copy, which agrees with the NBS in the two months where the other copy differs (2013-06,
      2019-12); the other copy, which begins in 2002, is left out.
    - Industry as a whole: no branches. Months after 2025 were not checked against a release.

    Notes
    -----
    Clean the monthly growth rates; indices of 100 become percent.
    """
    file = read(raw, MONTHLY_SOURCE, ["series", "month", "value"])
    file.only("series", *SERIES, OTHER_COPY)
    return cleaned(file)


def cleaned(file: RawTable) -> pd.DataFrame:
    """Name series and units, and turn indices of 100 into percent."""
    frame = file.frame.assign(value=file.numbers("value"))[file.frame["series"] != OTHER_COPY]
    frame = frame.assign(**entries(frame["series"], SERIES, "indicator", "unit", "base"))
    return frame.assign(value=(frame["value"] - frame["base"].astype("float64")).round(6))
