"""Models of trade: who exports what, to whom, and what is in it."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from mic2025lab.classifications import economies
from mic2025lab.schemas._fields import Model, calendar_year, field, number, text
from mic2025lab.sources import census, cepii, china_io, oecd, wiod

_EXPORTERS = [*economies.ECONOMIES, "ZA1"]
_MATERIALS = sorted({material for material, _ in cepii.MATERIALS.values()})
_WIOD = [*economies.ECONOMIES, *economies.RESTS]
HS6 = r"^\d{6}$"


class CriticalMaterialsExports(Model):
    """Table `critical_materials_exports`."""

    year: Series[int] = calendar_year(1995, 2023)
    exporter: Series[str] = field("ISO3 code; ZA1 is the Southern African Customs Union", isin=_EXPORTERS)
    product: Series[str] = field("HS 6-digit code", str_matches=HS6, isin=list(cepii.MATERIALS))
    hs: Series[str] = field("Revision of the Harmonized System", eq=cepii.HS)
    material: Series[str] = field("Material that the product stands for", isin=_MATERIALS)
    basket: Series[bool] = field("Whether several materials lie in the code and cannot be told apart")
    value: Series[float] = field(
        "Share in the value of the world's exports of the product", "share", gt=0, le=1
    )
    unit: Series[str] = field("Unit of value", eq=cepii.UNIT)

    class Config(Model.Config):
        unique = ("year", "exporter", "product")

    @pa.dataframe_check(error="shares of a product and year add up to 1")
    def adds_up(cls, frame: pd.DataFrame) -> bool:
        """The exporters are all there are."""
        return bool(((frame.groupby(["product", "year"])["value"].sum() - 1).abs() < 1e-9).all())


class CriticalMaterials(Model):
    """Table `critical_materials`."""

    product: Series[str] = field("HS 6-digit code", unique=True, isin=list(cepii.MATERIALS))
    hs: Series[str] = field("Revision of the Harmonized System", eq=cepii.HS)
    material: Series[str] = field("Material that the product stands for", isin=_MATERIALS)
    basket: Series[bool] = field("Whether several materials lie in the code and cannot be told apart")
    description: Series[str] = field("BACI's description")
    note: Series[str] = text("What lies in a basket")

    @pa.dataframe_check(error="a basket, and only a basket, says what lies in it")
    def baskets_are_explained(cls, frame: pd.DataFrame) -> pd.Series:
        """Each basket has its note."""
        return frame["basket"] == frame["note"].notna()


class IntermediateExports(Model):
    """Table `intermediate_exports`."""

    year: Series[int] = calendar_year(1995, 2020)
    economy: Series[str] = field("ISO3 code of the seller", isin=list(economies.ECONOMIES))
    industry: Series[str] = field("ICIO code of the selling industry", isin=list(oecd.INDUSTRIES))
    value: Series[float] = field("Sales of intermediates abroad, current prices", "million USD", ge=0)
    unit: Series[str] = field("Unit of value", eq=oecd.UNIT)

    class Config(Model.Config):
        unique = ("year", "economy", "industry")


class FinalDemandExports(Model):
    """Table `final_demand_exports`."""

    year: Series[int] = calendar_year(1995, 2020)
    economy: Series[str] = field("ISO3 code of the seller", isin=list(economies.ECONOMIES))
    use: Series[str] = field("ICIO code of the category of final use", isin=list(oecd.USES))
    value: Series[float] = field("Sales for final use abroad, current prices", "million USD", ge=0)
    unit: Series[str] = field("Unit of value", eq=oecd.UNIT)

    class Config(Model.Config):
        unique = ("year", "economy", "use")


class UsExportsToChina(Model):
    """Table `us_exports_to_china`."""

    year: Series[int] = calendar_year(census.FIRST_YEAR, census.LAST_YEAR)
    exporter: Series[str] = field("ISO3 code", eq="USA")
    importer: Series[str] = field("ISO3 code", eq="CHN")
    product: Series[str] = field("HS 6-digit code", str_matches=HS6)
    hs: Series[str] = field("Revision of the Harmonized System", isin=["HS12", "HS17"])
    phase_one: Series[str] = field(
        "Category of the phase-one agreement; none outside it", isin=list(census.PHASE_ONE.values())
    )
    value: Series[float] = field("Exports, current prices", "USD", gt=0)
    unit: Series[str] = field("Unit of value", eq=census.UNIT)

    class Config(Model.Config):
        unique = ("year", "product")


class WiodForeignContent(Model):
    """Table `wiod_foreign_content`."""

    year: Series[int] = calendar_year(1995, 2011)
    economy: Series[str] = field("ISO3 code, or ROW for the rest of the world", isin=_WIOD)
    industry: Series[str] = field("WIOD code", isin=list(wiod.INDUSTRIES))
    gross_exports: Series[float] = field("Exports, intermediate and final, current prices", "million USD")
    output: Series[float] = field("Gross output, current prices", "million USD", ge=0)
    value_added: Series[float] = field("Output less intermediate inputs, current prices", "million USD")
    domestic_value_added: Series[float] = field("Domestic value added in the exports", "million USD")
    foreign_share: Series[float] = number("Foreign content over gross exports", "share", ge=0, le=1)
    unit: Series[str] = field("Unit of the money columns", eq=wiod.UNIT)
    flag: Series[str] = field(
        "negative_exports where changes in stocks make them so, else empty", isin=["", "negative_exports"]
    )

    class Config(Model.Config):
        unique = ("year", "economy", "industry")


class InterCountry(Model):
    """Table `inter_country_2011`."""

    year: Series[int] = field("Calendar year", eq=2011)
    exporter: Series[str] = field("ISO3 code of the seller, or ROW", isin=_WIOD)
    from_industry: Series[str] = field("WIOD code of the selling industry", isin=list(wiod.INDUSTRIES))
    importer: Series[str] = field("ISO3 code of the buyer, or ROW", isin=_WIOD)
    to_use: Series[str] = field(
        "WIOD code of the buying industry (c) or final use (f)", isin=[*wiod.INDUSTRIES, *wiod.FINAL_USES]
    )
    value: Series[float] = field("Sales, current prices", "million USD", ne=0)
    unit: Series[str] = field("Unit of value", eq=wiod.UNIT)

    class Config(Model.Config):
        unique = ("exporter", "from_industry", "importer", "to_use")

    @pa.dataframe_check(error="only changes in inventories and capital formation are negative")
    def negative_only_in_stocks(cls, frame: pd.DataFrame) -> pd.Series:
        """A sale is negative only as a change in stocks or a disposal."""
        return (frame["value"] > 0) | frame["to_use"].isin(["f4", "f5"])


class WiodCodes(Model):
    """Table `wiod_codes`."""

    code: Series[str] = field(
        "Code in the WIOD tables", unique=True, isin=[*wiod.INDUSTRIES, *wiod.FINAL_USES]
    )
    kind: Series[str] = field("industry or final_use", isin=["industry", "final_use"])
    nace: Series[str] = text("NACE Rev. 1 code of an industry")
    name: Series[str] = field("Short name")


class IndustrySupply(Model):
    """Table `industry_supply`: money in the row's unit."""

    edition: Series[str] = field("Kind of table", isin=list(china_io.EDITIONS))
    year: Series[int] = calendar_year(1995, 2020)
    industry: Series[str] = field("Code in the edition's table of the year", str_matches=r"^\d{2,3}$")
    name: Series[str] = field("Name of the industry")
    output: Series[float] = field("Output", "by row", gt=0)
    exports: Series[float] = field("Exports of the industry's product", "by row", ge=0)
    imports: Series[float] = field("Imports of the industry's product", "by row", ge=0)
    value_added: Series[float] = field("Value added of the industry", "by row", ge=0)
    imported_inputs: Series[float] = number(
        "Imported products that the industry uses (nbs-42)", "by row", ge=0
    )
    discrepancy: Series[float] = number("The table's column of errors (nbs to 2015)", "by row")
    unit: Series[str] = field("Unit of the money columns", isin=[china_io.YUAN, china_io.DOLLARS])

    class Config(Model.Config):
        unique = ("edition", "year", "industry")

    @pa.dataframe_check(error="value added and imported inputs are parts of output")
    def parts_of_output(cls, frame: pd.DataFrame) -> pd.Series:
        """An industry's output holds its value added and its inputs."""
        return frame["value_added"] + frame["imported_inputs"].fillna(0) <= frame["output"] * 1.001
