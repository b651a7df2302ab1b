"""Models of minerals: who digs and refines what."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from mic2025lab.classifications import economies
from mic2025lab.schemas._fields import Model, calendar_year, field, number, text
from mic2025lab.sources import minerals

_FLAGS = ["", "estimated", "nil", "withheld", "not_available", "less_than_half"]
_KEY = ["edition", "mineral", "stage", "form", "economy", "year"]


class MineralProduction(Model):
    """Table `mineral_production`."""

    source: Series[str] = field("Who says so", isin=["USGS", "BGS"])
    edition: Series[str] = field("Edition", isin=list(minerals.EDITIONS))
    mineral: Series[str] = field("Mineral or metal", str_matches=r"^[a-z_]+$")
    stage: Series[str] = field(
        "Stage of production", isin=["mine", "primary", "smelter", "refinery", "plant"]
    )
    form: Series[str] = field("What the tonnes are: content, gross weight, metal, or the mineral")
    main: Series[bool] = field(
        "Whether this is the mineral's main form in the edition: the others are not to be added"
    )
    economy: Series[str] = field(
        "ISO3 code, WLD, or ROW for other countries", isin=[*economies.ECONOMIES, "WLD", "ROW"]
    )
    level: Series[str] = field("What the row is", isin=["world", "economy", "rest"])
    year: Series[int] = calendar_year(1995, 2025)
    value: Series[float] = number("Production", "t", ge=0)
    unit: Series[str] = field("Unit of value", eq="t")
    flag: Series[str] = field(
        "estimated; nil (a zero of the source); withheld, not_available or less_than_half (missing); else empty",
        isin=_FLAGS,
    )
    note: Series[str] = text("The source's note")

    class Config(Model.Config):
        unique = tuple(_KEY)

    @pa.dataframe_check(error="a value is missing exactly where the flag says why")
    def missing_is_flagged(cls, frame: pd.DataFrame) -> pd.Series:
        """No value is missing without a reason."""
        return frame["value"].isna() == frame["flag"].isin(["withheld", "not_available", "less_than_half"])

    @pa.dataframe_check(error="one main form of a mineral in an edition")
    def one_main_form(cls, frame: pd.DataFrame) -> bool:
        """The main form is one."""
        main = frame.loc[frame["main"], ["edition", "mineral", "stage", "form"]].drop_duplicates()
        return not main.duplicated(["edition", "mineral"]).any()

    @pa.dataframe_check(error="no economy is above the world total by more than its rounding")
    def below_the_world(cls, frame: pd.DataFrame) -> bool:
        """An economy's production is part of the world's."""
        keys = ["edition", "mineral", "stage", "form", "year"]
        world = frame[frame["level"] == "world"].set_index(keys)["value"]
        largest = frame[frame["level"] == "economy"].groupby(keys)["value"].max()
        return bool((largest.reindex(world.index) <= world * 1.03).all())
