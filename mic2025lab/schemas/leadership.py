"""Models of who leads: research, the largest firms, and what China's industrial firms earn."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from mic2025lab.classifications import economies
from mic2025lab.schemas._fields import CODES, Model, calendar_year, field, number, text
from mic2025lab.sources import profits, rankings, reference, research

_ECONOMIES = list(economies.ECONOMIES)
PERIOD = r"^\d{4}(-01\.\.\d{2})?$"


class ResearchSpending(Model):
    """Table `research_spending`."""

    edition: Series[str] = field("Publication", isin=list(research.EDITIONS))
    year: Series[int] = calendar_year(1981, 2023)
    economy: Series[str] = field("ISO3 code, OED (OECD) or EU27", isin=CODES)
    aggregate: Series[bool] = field("Whether the row is a group of economies")
    prices: Series[str] = field("current or constant_2015", isin=list(research.UNITS))
    value: Series[float] = field(
        "Gross domestic expenditure on R&D at purchasing power parity", "by row", gt=0
    )
    unit: Series[str] = field("Unit of value", isin=list(research.UNITS.values()))
    flag: Series[str] = field("What the source says of the figure, '; ' between words, else empty")

    class Config(Model.Config):
        unique = ("edition", "year", "economy", "prices")

    @pa.dataframe_check(error="a basis of prices has its own unit")
    def unit_of_prices(cls, frame: pd.DataFrame) -> pd.Series:
        """Current and constant dollars are told apart by the unit."""
        return frame["unit"] == frame["prices"].map(research.UNITS)

    @pa.dataframe_check(error="both bases are equal in the base year, 2015")
    def equal_in_the_base_year(cls, frame: pd.DataFrame) -> bool:
        """Prices of 2015 are current prices in 2015."""
        base = frame[frame["year"] == 2015].pivot(
            index=["edition", "economy"], columns="prices", values="value"
        )
        return bool(((base["current"] / base["constant_2015"] - 1).abs() < 0.001).all())


class WorldRankingFirms(Model):
    """Table `world_ranking_firms`."""

    edition: Series[str] = field("List and edition", isin=list(rankings.EDITIONS))
    year: Series[int] = calendar_year(2019, 2025, "Year of the edition; the accounts are of the year before")
    economy: Series[str] = field(
        "ISO3 code, or GBR+NLD where the list names both", isin=[*_ECONOMIES, rankings.TWO_ECONOMIES]
    )
    indicator: Series[str] = field("What is counted", isin=[name for name, _ in rankings.INDICATORS.values()])
    value: Series[float] = field("Value in the row's unit", "by row")
    unit: Series[str] = field("Unit of value", isin=["firms", "million USD"])
    flag: Series[str] = field("with_HKG, two_economies, else empty", isin=["", "with_HKG", "two_economies"])

    class Config(Model.Config):
        unique = ("edition", "economy", "indicator")

    @pa.dataframe_check(error="firms and revenue are above zero")
    def counted(cls, frame: pd.DataFrame) -> pd.Series:
        """Only a profit may be negative."""
        return (frame["value"] > 0) | (frame["indicator"] == "profit")

    @pa.dataframe_check(error="Hong Kong has a row of its own only where it is not inside China")
    def hong_kong_once(cls, frame: pd.DataFrame) -> bool:
        """Hong Kong is counted once."""
        inside = set(frame.loc[frame["flag"] == "with_HKG", "edition"])
        return not inside & set(frame.loc[frame["economy"] == "HKG", "edition"])


class IndustrialProfits(Model):
    """Table `industrial_profits`."""

    period: Series[str] = field("Year, or January to a month (2024-01..07)", str_matches=PERIOD)
    year: Series[int] = calendar_year(2015, 2024)
    frequency: Series[str] = field("year, or months added up from January", isin=["year", "months"])
    ownership: Series[str] = field(
        "Owner; all_manufacturing is all owners in manufacturing",
        isin=sorted(set(profits.OWNERSHIP.values())),
    )
    value: Series[float] = field("Total profit", profits.MONEY, gt=0)
    growth: Series[float] = number("Printed growth on the year before", "%")
    unit: Series[str] = field("Unit of value", eq=profits.MONEY)
    use: Series[str] = field("series, or check (to compare with only)", isin=list(profits.USES))
    source: Series[str] = field("Where the release was read")
    note: Series[str] = text("What else to know")

    class Config(Model.Config):
        unique = ("period", "ownership", "use")

    @pa.dataframe_check(error="figures of both compilations agree within 1")
    def compilations_agree(cls, frame: pd.DataFrame) -> bool:
        """What was read twice was read alike."""
        return profits.disagreements(frame).empty


class LeadershipFigures(Model):
    """Table `leadership_figures`."""

    topic: Series[str] = field("What it is about")
    entity: Series[str] = field("Economy, group of economies or firm, as the source names it")
    economy: Series[str] = text("ISO3 code, EU27 or WLD where the entity is one", isin=CODES)
    period: Series[str] = field("Year or month, as the source names it")
    year: Series[int] = calendar_year(1995, 2024, "First year that the period names")
    value: Series[float] = field("Value in the row's unit", "by row", gt=0)
    unit: Series[str] = field("Unit of value")
    url: Series[str] = field("Address of the page that the figure stands on", str_startswith="http")
    verified: Series[str] = field("yes, derived, partial or no", isin=list(reference.VERIFIED))
    note: Series[str] = text("What else to know")

    class Config(Model.Config):
        unique = ("topic", "entity", "period")
