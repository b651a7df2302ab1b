"""Cities and prefectures of China: industrial firms by ownership, and debt and budgets.

The files state no license, so the tables are built on the user's machine.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import flag, number, text, year
from mic2025lab.sources.nbs_provinces import MONEY, SLUGS
from mic2025lab.sources.reading import RawTable, codebook, read
from mic2025lab.sources.table import Raw, source, table

FIRMS, DEBT = "city_industry_fiscal_2018_2023.csv", "prefecture_debt_fiscal_2018_2025.csv"

YEARBOOK = source("china-city-yearbook-industry")
PREFECTURES = source("china-prefecture-debt")

_YEARBOOK = codebook("city_yearbook")
_COUNTS = {column: about for column, about in _YEARBOOK.items() if not column.endswith("_yuan")}
_YUAN = {column: about for column, about in _YEARBOOK.items() if column.endswith("_yuan")}


def _provinces(file: RawTable, column: str) -> pd.Series:
    short = file.frame[column].str.replace("(?:壮族|回族|维吾尔)?(?:自治区|省|市)$", "", regex=True)
    return file.known(short, SLUGS)


@table(
    unit="by column",
    inputs=(YEARBOOK, FIRMS),
    columns={
        "year": year(2018, 2023),
        "province": text("Province, as in provincial_accounts"),
        "city": text("City, Chinese name"),
        "name": text("City, English name"),
        **{name: number(about, "firms", missing=True, ge=0) for name, about in _COUNTS.values()},
        **{name: number(about, MONEY, missing=True) for name, about in _YUAN.values()},
    },
    key=("year", "province", "city"),
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
    file = read(raw, YEARBOOK, FIRMS, ["data_year", "province", "city", "city_en", *_YEARBOOK])
    values = {name: file.numbers(column) for column, (name, _) in _COUNTS.items()}
    values |= {name: file.numbers(column) / 1e4 for column, (name, _) in _YUAN.items()}
    frame = file.frame.rename(columns={"data_year": "year", "city_en": "name"})
    return frame.assign(province=_provinces(file, "province"), **values)


@city_firms.warns
def _sums(frame: pd.DataFrame) -> str:
    total = frame.groupby("year")[["firms", "foreign", "hk_macao_taiwan"]].sum()
    outside = total["foreign"] + total["hk_macao_taiwan"]
    told = "; ".join(f"{when} {total['firms'][when]:,.0f} and {outside[when]:,.0f}" for when in (2018, 2022))
    return f"Sums of firms, and of those with capital from outside the mainland: {told}."


_DEBT = codebook("prefecture_debt")
_JUMPS = {"": "", "jump": "jump", "probable_factor_10": "factor_10"}


@table(
    unit="100 million yuan",
    inputs=(PREFECTURES, DEBT),
    columns={
        "year": year(2018, 2025),
        "province": text("Province, as in provincial_accounts", isin=SLUGS.values()),
        "code": text("Administrative code", str_matches=r"^\d{6}$"),
        "prefecture": text("Prefecture, Chinese name"),
        **{name: number(about, MONEY, missing=True, ge=0) for name, about in _DEBT.values()},
        "grade": text("Grade of the source: A official, B secondary, C and D panels", missing=True),
        "flag": flag("jump: change above 60% or below -20%; factor_10: probably wrong by ten; else empty", "jump", "factor_10"),
    },
    key=("year", "code"),
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
    names = {
        "admin_code_6": "code",
        "city_name_cn": "prefecture",
        "metric_year": "year",
        "source_grade": "grade",
    }
    file = read(raw, PREFECTURES, DEBT, has=[*names, "province_name", "check_jump", *_DEBT])
    frame = file.frame
    return frame.rename(columns=names).assign(
        province=_provinces(file, "province_name"),
        flag=file.known("check_jump", _JUMPS),
        **{name: file.numbers(column) for column, (name, _) in _DEBT.items()},
    )
