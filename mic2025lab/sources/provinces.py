"""China's provinces and cities: accounts, budgets, and capital stocks of provinces; firms, debt, and budgets of cities."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mic2025lab.sources.columns import firsts, flag, measured, number, text, year
from mic2025lab.sources.reading import RawTable, codebook, entries, flagged, read
from mic2025lab.sources.table import Raw, columns, source, table

DATA, BUDGET = "nbs_provincial_integrated_2005_2024.csv", "panel_with_broad_tax.csv"

PANEL = source("nbs-provincial-panel")

CAPITAL = source("china-provincial-capital")

MONEY, HEADS, PERCENT, GROWTH = "100 million yuan", "10 thousand persons", "%", "previous year = 100"
#: Column of the integrated file -> indicator and unit; what the files call _bn is 100 million as well.
INDICATORS = codebook("nbs_provinces")
#: Columns that stand in both files under two names.
_SAME = {"local_tax_100m_yuan": "tax_rev_bn", "gdp_100m_yuan": "gdp", "employed_10k": "emp_total_10k"}

#: Annual depreciation, and the ratio of the first investment to the first stock, in Zhang, Wu & Zhang (2004).
DEPRECIATION, FIRST_RATE = 0.096, 0.1
#: Chongqing left Sichuan in 1996: its stock in that year at 1952 prices, from the R package.
CHONGQING_1996 = 1090 * 313 / 850
CAPITAL_INDICATORS = {
    "investment": MONEY,
    "investment_price": "1952 = 1",
    "capital": "100 million yuan of 1952",
    "capital_current": MONEY,
}
#: Chinese name of a province -> its slug; slug -> its name in English.
SLUGS = {label: slug for label, (slug, _) in codebook("provinces").items()}
ENGLISH = dict(codebook("provinces").values())
_PINYIN = "Name in pinyin, lower case; shaanxi and shanxi are two provinces"
_PROVINCE = {"province": text(_PINYIN, str_matches=r"^[a-z]+$"), "name": text("Name in English")}


@table(PANEL, key="indicator province year")
@columns(
    **_PROVINCE,
    year=year(2005, 2024),
    indicator=text("What is measured", isin=firsts(INDICATORS)),
    **measured("Value in the row's unit", [MONEY, HEADS, PERCENT, GROWTH], missing="not_in_source", gt=0),
    flag=flag("not_in_source where the value is missing, else empty", "not_in_source"),
)
def provincial_accounts(raw: Raw) -> pd.DataFrame:
    """Provinces of China: output, employment, investment, local tax, and budget expenditure, 2005-2024.

    GDP (revised, and as first published), its growth, the share of the secondary sector, employment, investment in fixed
    assets, tax revenue of local governments, and general public budget expenditure of 31 provinces.

    Warnings
    --------
    - Shaanxi (shaanxi) and Shanxi (shanxi) are two provinces.
    - The table has no general budget revenue: local_tax is its tax part, without transfers from the center and without other
      revenue.
    - employed_urban_units includes new units from 2013 on (Jiangsu and Guangdong rise by half or more), and excludes private
      firms and the self-employed. employed has another basis before 2011 than from 2020 on.
    - fixed_investment ends in 2017: the NBS no longer publishes levels.

    Notes
    -----
    Between the first and last year of an indicator, a value that the file does not have is missing and has the flag
    `not_in_source`. Left out: the sample count that the file calls population, trade (2006 is corrupt and 2015 is absent), and
    what the repository computed from them.
    """
    wanted = [column for column in INDICATORS if column != "gov_exp_bn"]
    data = read(raw, PANEL, file=DATA, has=["province", "year", *wanted])
    budget = read(raw, PANEL, file=BUDGET, has=["province", "year", "gov_exp_bn"])
    both = data.frame.merge(budget.frame, on=["province", "year"], how="outer", validate="1:1")
    complete = len(both) == len(data.frame) == len(budget.frame) == 620
    budget.need(complete, f"{len(both)} provinces and years")
    for own, other in _SAME.items():
        a, b = (budget.numbers(both[column]) for column in (own, other))
        same = ((a - b).abs().fillna(0) < 1e-6).all() and (a.isna() == b.isna()).all()
        budget.need(same, f"{other} differs from {own}")
    long = both.melt(["province", "year"], list(INDICATORS), "column", "text").astype({"year": "int64"})
    value, province = data.numbers(long["text"]), long["province"].map(SLUGS)
    known = long["year"].where(value.notna()).groupby(long["column"])
    inside = long["year"].between(known.transform("min"), known.transform("max"))
    about = entries(long["column"], INDICATORS, "indicator", "unit")
    missing = flagged(value.isna(), "not_in_source")
    return long.assign(**about, value=value, province=province, name=province.map(ENGLISH), flag=missing)[
        inside
    ]


@provincial_accounts.check("31 provinces, each with one name")
def provinces_are_all_there(frame: pd.DataFrame) -> bool:
    """Two provinces whose names differ by a letter would otherwise be one. Chongqing begins in 1996."""
    pairs = frame[["province", "name"]].drop_duplicates()
    named = len(pairs) == pairs["province"].nunique() == pairs["name"].nunique() == 31
    return named and bool((frame.groupby(["indicator", "year"])["province"].nunique() >= 30).all())


@table(CAPITAL, key="indicator province year")
@columns(
    **_PROVINCE,
    year=year(1952, 2022),
    indicator=text("What is measured", isin=CAPITAL_INDICATORS),
    **measured("Value in the row's unit; only investment may be below zero", CAPITAL_INDICATORS.values()),
    flag=flag("extrapolated or retail_prices (not observed), else empty", "extrapolated", "retail_prices"),
)
def provincial_capital(raw: Raw) -> pd.DataFrame:
    """Provinces of China: investment, its prices, and the capital stock, 1952-2022.

    Gross fixed capital formation, its price index, and the stock by perpetual inventory (depreciation 9.6% a year; the first
    stock is ten times the investment of 1952) at the prices of 1952 and at replacement cost.

    Warnings
    --------
    - capital is at each province's own prices of 1952: use capital_current to compare provinces.
    - From 2018 on, investment is the R package's extrapolation of 2017 with the growth of completed investment in fixed assets;
      from 2020 on, its price is the retail price index (for Tibet in all years).
    - One depreciation rate for all provinces and years. The R package has another method, which uses recorded depreciation.
    - Chongqing begins in 1996. Sichuan includes it before, and is not reduced then.

    Notes
    -----
    Build the capital stock of each province from its investment, 1952-2022.

    K(t) = (1 - 0.096) K(t-1) + I(t) / P(t), from K(1952) = I(1952) / 0.1, as in Zhang, Wu & Zhang (2004) and the R package;
    Chongqing from 1996. `capital` is at each province's own prices of 1952 and cannot be compared between provinces;
    `capital_current`, K(t) P(t), is at replacement cost and can. Investment below zero (Fujian 1967 and 1968) adds nothing to
    the stock.

    Flags: `extrapolated` is investment from 2018 on (the package extends 2017 with the growth of completed investment in fixed
    assets, because the NBS no longer publishes capital formation by province). `retail_prices` are prices from 2020 on and all
    of Tibet's (the retail index replaces the price of investment). A stock has the flag of that year's investment.
    """
    file = read(raw, CAPITAL, ["prv", "yr", "invest", "InvestIndex", "InvestPrice", "depr"])
    file.only("prv", *ENGLISH)
    flows = file.frame[["prv", "yr"]].set_axis(["province", "year"], axis=1).astype({"year": "int64"})
    flows = flows.assign(investment=file.numbers("invest"), investment_price=file.numbers("InvestPrice"))
    flows = flows.sort_values(["province", "year"], ignore_index=True)
    file.need(flows.notna().all(axis=None) and (flows["investment_price"] > 0).all(), "gaps")
    steps = flows.groupby("province")["year"].diff().dropna()
    file.need((steps == 1).all(), "years that are not consecutive")
    real = (flows["investment"] / flows["investment_price"]).clip(lower=0)
    flows["capital"] = pd.concat([_stock(part, name) for name, part in real.groupby(flows["province"])])
    flows["capital_current"] = flows["capital"] * flows["investment_price"]
    long = flows.melt(["province", "year"], list(CAPITAL_INDICATORS), var_name="indicator")
    price = long["indicator"] == "investment_price"
    extrapolated = (long["year"] >= 2018) & ~price
    retail = price & ((long["year"] >= 2020) | (long["province"] == "xizang"))
    flag = flagged(extrapolated, "extrapolated").mask(retail, "retail_prices")
    unit = long["indicator"].map(CAPITAL_INDICATORS)
    return long.assign(name=long["province"].map(ENGLISH), unit=unit, flag=flag)


def _stock(investment: pd.Series, province: Any) -> pd.Series:
    """Add up a province's real investment, in the order of the years."""
    first = CHONGQING_1996 if province == "chongqing" else investment.iloc[0] / FIRST_RATE
    stock, stocks = (first - investment.iloc[0]) / (1 - DEPRECIATION), []
    for added in investment:
        stock = (1 - DEPRECIATION) * stock + added
        stocks.append(stock)
    return pd.Series(stocks, index=investment.index)


@provincial_capital.check("only investment may be zero or less")
def stocks_are_positive(frame: pd.DataFrame) -> pd.Series:
    """Stocks and prices are above zero."""
    return (frame["value"] > 0) | (frame["indicator"] == "investment")


provincial_capital.checks.append(provincial_accounts.checks[-1])


@provincial_accounts.warns
def _accounts_findings(frame: pd.DataFrame) -> tuple[str, ...]:
    wide = frame.pivot(index=["province", "year"], columns="indicator", values="value")
    ratio = (wide["gdp_first_published"] / wide["gdp"]).dropna()
    gone = frame[frame["flag"] == "not_in_source"]
    where = [
        f"{indicator} {part['year'].min()}-{part['year'].max()} ({part['name'].nunique()} of 31 provinces)"
        for indicator, part in gone.groupby("indicator")
    ]
    ends = ratio.iloc[[int(ratio.argmin()), int(ratio.argmax())]].reset_index(name="ratio")
    low, high = (f"{row.ratio:.2f} ({row.province} {row.year})" for row in ends.itertuples())
    return (
        f"gdp_first_published is {low} to {high} times the revised gdp: later revisions, after economic censuses, removed misreported output.",
        f"{len(gone)} values are not in the source: {'; '.join(where)}.",
    )


@provincial_capital.warns
def _capital_findings(frame: pd.DataFrame) -> tuple[str, ...]:
    wide = frame.pivot(index=["province", "year"], columns="indicator", values="value").reset_index()
    negative = wide[wide["investment"] < 0]
    total = wide.groupby("year")["investment"].sum() / 1e4
    return (
        f"The provinces' investment adds up to {total[2017]:.1f} trillion yuan in 2017, more than in the national accounts.",
        "Investment is below zero in "
        + ", ".join(f"{row.province} {row.year} ({row.investment:g})" for row in negative.itertuples())
        + ": it adds nothing to the stock.",
        f"{(frame['flag'] == 'extrapolated').sum()} values are extrapolated (2018 on).",
    )


YEARBOOK = source("china-city-yearbook-industry")
PREFECTURES = source("china-prefecture-debt")

_YEARBOOK = codebook("city_yearbook")
_COUNTS = {column: about for column, about in _YEARBOOK.items() if not column.endswith("_yuan")}
_YUAN = {column: about for column, about in _YEARBOOK.items() if column.endswith("_yuan")}


def _provinces(file: RawTable) -> pd.Series:
    short = file.frame["province"].str.replace("(?:壮族|回族|维吾尔)?(?:自治区|省|市)$", "", regex=True)
    return file.known(short, SLUGS)


@table(YEARBOOK, key="year province city", unit="by column")
@columns(
    year=year(2018, 2023),
    province=text("Province, as in provincial_accounts"),
    city=text("City, Chinese name"),
    name=text("City, English name"),
    **{name: number(about, "firms", missing=True, ge=0) for name, about in _COUNTS.values()},
    **{name: number(about, MONEY, missing=True) for name, about in _YUAN.values()},
)
def city_firms(raw: Raw) -> pd.DataFrame:
    """Industrial firms by ownership, profits, and budgets of 296 Chinese cities, 2018-2023.

    Firms above designated size by registered ownership (to 2022), their profit, and the general public budget, whole cities.

    Warnings
    --------
    - Cities only: autonomous prefectures and leagues are missing, and revenue leaves out the provincial level (8.32 trillion
      yuan in 2018, where the nation has 9.79).
    - Numbers of foreign firms are missing for 14 to 29 cities a year, most of them small: missing is not zero.
    - The three groups do not add up to firms in a few rows (Baoding 2018 by 255). Ownership is registration, not control.
    - Above designated size: revenue from 20 million yuan.
    """
    names = {"data_year": "year", "province": "province", "city": "city", "city_en": "name"}
    file = read(raw, YEARBOOK, names | {column: name for column, (name, _) in _YEARBOOK.items()})
    money = {name: file.numbers(name) / 1e4 for name, _ in _YUAN.values()}
    return file.frame.assign(province=_provinces(file), **money)


@city_firms.warns
def _sums(frame: pd.DataFrame) -> str:
    total = frame.groupby("year")[["firms", "foreign", "hk_macao_taiwan"]].sum()
    outside = total["foreign"] + total["hk_macao_taiwan"]
    told = "; ".join(f"{when} {total['firms'][when]:,.0f} and {outside[when]:,.0f}" for when in (2018, 2022))
    return f"Sums of firms, and of those with capital from outside the mainland: {told}."


_DEBT = codebook("prefecture_debt")
_JUMPS = {"": "", "jump": "jump", "probable_factor_10": "factor_10"}


@table(PREFECTURES, key="year code", unit="100 million yuan")
@columns(
    year=year(2018, 2025),
    province=text("Province, as in provincial_accounts", isin=SLUGS.values()),
    code=text("Administrative code", str_matches=r"^\d{6}$"),
    prefecture=text("Prefecture, Chinese name"),
    **{name: number(about, MONEY, missing=True, ge=0) for name, about in _DEBT.values()},
    grade=text("Grade of the source: A official, B secondary, C and D panels", missing=True),
    flag=flag("jump: change above 60% or below -20%; factor_10: probably wrong by ten; else empty", "jump", "factor_10"),
)  # fmt: skip
def prefecture_debt(raw: Raw) -> pd.DataFrame:
    """Debt and budgets of Chinese prefectures, 2018-2025.

    Statutory debt, general public budget, and fund revenue of 341 prefectures and the four municipalities.

    Warnings
    --------
    - Sums are not provincial debt: the provincial level is missing outside the four municipalities, and the sum of prefectures
      is 86% to 90% of the nation's debt.
    - flag factor_10 marks six values that are probably wrong by ten, as they are in the source: leave them out.
    - Statutory debt only, without hidden debt and debt of financing vehicles. 2025 is provisional.
    - fund_revenue covers 12% of the rows and revenue 76%: missing is not zero. The collection is automatic: check each figure
      used.
    """
    names = "admin_code_6=code city_name_cn=prefecture metric_year=year source_grade=grade province_name=province check_jump "
    file = read(
        raw, PREFECTURES, has=names + " ".join(f"{column}={name}" for column, (name, _) in _DEBT.items())
    )
    return file.frame.assign(province=_provinces(file), flag=file.known("check_jump", _JUMPS))
