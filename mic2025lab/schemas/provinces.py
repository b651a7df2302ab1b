"""Models of the tables of China's provinces."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from mic2025lab.schemas._fields import Model, calendar_year, field, number
from mic2025lab.sources import provinces


def _all_there(frame: pd.DataFrame) -> bool:
    """Two provinces whose names differ by a letter would else be one."""
    return bool((frame.groupby(["indicator", "year"])["province"].nunique() >= 30).all())


class ProvincialAccounts(Model):
    """Table `provincial_accounts`."""

    province: Series[str] = field(
        "Name in pinyin, lower case; shaanxi and shanxi are two", str_matches=r"^[a-z]+$"
    )
    name: Series[str] = field("Name in English")
    year: Series[int] = calendar_year(2005, 2024)
    indicator: Series[str] = field(
        "What is measured", isin=[name for name, _ in provinces.INDICATORS.values()]
    )
    value: Series[float] = number("Value in the row's unit", "by row", gt=0)
    unit: Series[str] = field(
        "Unit of value", isin=sorted({unit for _, unit in provinces.INDICATORS.values()})
    )
    flag: Series[str] = field(
        "not_in_source where the value is missing, else empty", isin=["", "not_in_source"]
    )

    class Config(Model.Config):
        unique = ("indicator", "province", "year")

    @pa.dataframe_check(error="a value is missing exactly where the flag is not_in_source")
    def missing_is_flagged(cls, frame: pd.DataFrame) -> pd.Series:
        """A value is missing only where the flag says so."""
        return frame["value"].isna() == (frame["flag"] == "not_in_source")

    @pa.dataframe_check(error="31 provinces, each by one name")
    def provinces_are_all_there(cls, frame: pd.DataFrame) -> bool:
        """Every province has every row of an indicator's years, and one name."""
        pairs = frame[["province", "name"]].drop_duplicates()
        return len(pairs) == pairs["province"].nunique() == pairs["name"].nunique() == 31 and _all_there(
            frame
        )


class ProvincialCapital(Model):
    """Table `provincial_capital`."""

    province: Series[str] = field(
        "Name in pinyin, lower case; shaanxi and shanxi are two", str_matches=r"^[a-z]+$"
    )
    name: Series[str] = field("Name in English")
    year: Series[int] = calendar_year(1952, 2022)
    indicator: Series[str] = field("What is measured", isin=list(provinces.CAPITAL_INDICATORS))
    value: Series[float] = field("Value in the row's unit; only investment may be below zero", "by row")
    unit: Series[str] = field("Unit of value", isin=sorted(set(provinces.CAPITAL_INDICATORS.values())))
    flag: Series[str] = field(
        "extrapolated or retail_prices: not observed; else empty", isin=["", "extrapolated", "retail_prices"]
    )

    class Config(Model.Config):
        unique = ("indicator", "province", "year")

    @pa.dataframe_check(error="only investment may be zero or less")
    def stocks_are_positive(cls, frame: pd.DataFrame) -> pd.Series:
        """A stock and a price are above zero."""
        return (frame["value"] > 0) | (frame["indicator"] == "investment")

    @pa.dataframe_check(error="31 provinces, each by one name")
    def provinces_are_all_there(cls, frame: pd.DataFrame) -> bool:
        """Every province has every row, Chongqing from 1996."""
        pairs = frame[["province", "name"]].drop_duplicates()
        return len(pairs) == pairs["province"].nunique() == pairs["name"].nunique() == 31 and _all_there(
            frame
        )
