"""Models of industries seen on the ground: vehicles, solar, wind, steel, official manufacturing."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from mic2025lab.classifications import economies
from mic2025lab.schemas._fields import Model, calendar_year, field, number
from mic2025lab.sources import enterprises, iea, irena, nrel, unsd, worldsteel

#: A code, or the lower-case name of a region that has none.
PLACE = r"^[A-Z]{3}$|^EU27$|^[a-z_]+$"
_ECONOMIES = list(economies.ECONOMIES)


def _codes_are_known(frame: pd.DataFrame) -> pd.Series:
    return (frame["level"] != "economy") | frame["economy"].isin(_ECONOMIES)


class EvSales(Model):
    """Table `ev_sales`."""

    edition: Series[str] = field("Edition of the Global EV Outlook", isin=list(iea.FILES))
    year: Series[int] = calendar_year(2010, 2035)
    economy: Series[str] = field(
        "ISO3 code, WLD, EU27, ROW, or the lower-case name of a region", str_matches=PLACE
    )
    level: Series[str] = field("What the row is", isin=["world", "region", "economy", "rest"])
    indicator: Series[str] = field("What is measured", isin=[name for name, _, _ in iea.INDICATORS.values()])
    mode: Series[str] = field("Kind of vehicle", isin=list(iea.MODES.values()))
    powertrain: Series[str] = field(
        "BEV, PHEV, FCEV, or EV (all of them)", isin=["BEV", "PHEV", "FCEV", "EV"]
    )
    scenario: Series[str] = field("Scenario of a projection, else empty", isin=list(iea.SCENARIOS.values()))
    value: Series[float] = field("Value in the row's unit, two significant figures", "by row", ge=0)
    unit: Series[str] = field("Unit of value", isin=["vehicles", "%", "GWh"])
    flag: Series[str] = field("projection, else empty", isin=["", "projection"])

    class Config(Model.Config):
        unique = ("edition", "year", "economy", "indicator", "mode", "powertrain", "scenario")

    @pa.dataframe_check(error="a projection is flagged, and history is not")
    def projections_are_flagged(cls, frame: pd.DataFrame) -> pd.Series:
        """A scenario is a projection."""
        return (frame["scenario"] != "") == (frame["flag"] == "projection")

    @pa.dataframe_check(error="no projection for a year that the edition has history of")
    def no_projected_past(cls, frame: pd.DataFrame) -> bool:
        """Projections follow history."""
        past = frame[frame["flag"] == ""].groupby("edition")["year"].max()
        return bool(
            (frame.loc[frame["flag"] != "", "year"] > frame["edition"].map(past)[frame["flag"] != ""]).all()
        )

    @pa.dataframe_check(error="economies have ISO3 codes")
    def codes(cls, frame: pd.DataFrame) -> pd.Series:
        """An economy has its code."""
        return _codes_are_known(frame)


class SolarChain(Model):
    """Table `solar_chain`."""

    year: Series[int] = calendar_year(2004, 2022)
    economy: Series[str] = field("ISO3 code", isin=_ECONOMIES)
    stage: Series[str] = field("Stage of production", isin=list(nrel.STAGES.values()))
    value: Series[float] = field("Share in the world's capacity", "%", ge=0, le=100)
    unit: Series[str] = field("Unit of value", eq=nrel.UNIT)
    flag: Series[str] = field(
        "zero (none, or below 1 %); repeated (the shares of the year before); else empty",
        isin=["", "zero", "repeated"],
    )

    class Config(Model.Config):
        unique = ("year", "economy", "stage")

    @pa.dataframe_check(error="shares of a stage and year add up to 97 to 101")
    def adds_up(cls, frame: pd.DataFrame) -> bool:
        """The economies listed are nearly all there are."""
        return bool(frame.groupby(["stage", "year"])["value"].sum().between(97, 101).all())


class SolarWindCapacity(Model):
    """Table `solar_wind_capacity`."""

    year: Series[int] = calendar_year(2000, 2023)
    economy: Series[str] = field(
        "ISO3 code, WLD, EU27, or the lower-case name of a region", str_matches=PLACE
    )
    level: Series[str] = field("What the row is", isin=["world", "region", "economy"])
    technology: Series[str] = field("solar or wind", isin=list(irena.FILES))
    value: Series[float] = field("Capacity at the end of the year", "GW", ge=0)
    unit: Series[str] = field("Unit of value", eq="GW")

    class Config(Model.Config):
        unique = ("year", "economy", "technology")

    @pa.dataframe_check(error="economies have ISO3 codes")
    def codes(cls, frame: pd.DataFrame) -> pd.Series:
        """An economy has its code."""
        return _codes_are_known(frame)


class Steel(Model):
    """Table `steel`."""

    year: Series[int] = calendar_year(2000, 2018)
    economy: Series[str] = field("ISO3 code", isin=_ECONOMIES)
    value: Series[float] = number("Crude steel", "thousand t", ge=0)
    unit: Series[str] = field("Unit of value", eq=worldsteel.UNIT)
    flag: Series[str] = field("not_reported where the cell is empty, else empty", isin=["", "not_reported"])

    class Config(Model.Config):
        unique = ("year", "economy")

    @pa.dataframe_check(error="a value is missing exactly where the flag is not_reported")
    def missing_is_flagged(cls, frame: pd.DataFrame) -> pd.Series:
        """A value is missing only where the flag says so."""
        return frame["value"].isna() == (frame["flag"] == "not_reported")


class OfficialManufacturing(Model):
    """Table `official_manufacturing`."""

    year: Series[int] = calendar_year(2000, 2016)
    economy: Series[str] = field("ISO3 code, WLD, or the lower-case name of a region", str_matches=PLACE)
    level: Series[str] = field(
        "What the row is", isin=["world", "continent", "region", "economy", "former", "part"]
    )
    industry: Series[str] = field(
        "manufacturing (ISIC D), industry (ISIC C-E, which holds it) or total",
        isin=list(unsd.INDUSTRIES.values()),
    )
    value: Series[float] = field("Value added, current prices and exchange rates", "million USD")
    unit: Series[str] = field("Unit of value", eq=unsd.UNIT)

    class Config(Model.Config):
        unique = ("year", "economy", "industry")

    @pa.dataframe_check(error="the continents add up to the world")
    def continents_add_up(cls, frame: pd.DataFrame) -> bool:
        """The world is the sum of its continents."""
        keys = ["industry", "year"]
        world = frame[frame["level"] == "world"].set_index(keys)["value"]
        parts = frame[frame["level"] == "continent"].groupby(keys)["value"].sum()
        return bool(((parts / world - 1).abs() < 1e-6).all())

    @pa.dataframe_check(error="economies have ISO3 codes")
    def codes(cls, frame: pd.DataFrame) -> pd.Series:
        """An economy has its code."""
        return _codes_are_known(frame)


class IndustrialEnterprises(Model):
    """Table `industrial_enterprises`."""

    year: Series[int] = calendar_year(1998, 2014)
    indicator: Series[str] = field(
        "What is measured", isin=[name for name, _ in enterprises.INDICATORS.values()]
    )
    value: Series[float] = field("Value in the row's unit", "by row", gt=0)
    unit: Series[str] = field("Unit of value", isin=["enterprises", enterprises.MONEY])
    flag: Series[str] = field(
        "new_threshold from 2011 on, when small enterprises ceased to count, else empty",
        isin=["", "new_threshold"],
    )

    class Config(Model.Config):
        unique = ("indicator", "year")

    @pa.dataframe_check(error="the threshold rose in 2011")
    def threshold(cls, frame: pd.DataFrame) -> pd.Series:
        """The flag says which threshold held."""
        return (frame["year"] >= enterprises.THRESHOLD) == (frame["flag"] == "new_threshold")

    @pa.dataframe_check(error="enterprises owe less than they own")
    def solvent(cls, frame: pd.DataFrame) -> bool:
        """Liabilities are below assets."""
        wide = frame.pivot(index="year", columns="indicator", values="value")
        return bool((wide["liabilities"].dropna() < wide["assets"].dropna()).all())
