"""Models of products: the Harmonized System, its concordance, and the sectors' codes."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from mic2025lab.classifications import products, sectors
from mic2025lab.schemas._fields import Model, field, text

_REVISIONS = list(products.REVISIONS)
_SIX = r"^(\d{6}|9999AA)$"
_KNOWN = [level for level in products.CONFIDENCE if level != "excluded"]


class HsProducts(Model):
    """Table `hs_products`."""

    hs: Series[str] = field("Revision of the HS", isin=_REVISIONS)
    code: Series[str] = field("Code, text with its zeros", str_matches=r"^(\d{2}|\d{4}|\d{6}|9999AA)$")
    level: Series[int] = field("Digits of the code", isin=list(products.LEVELS))
    description: Series[str] = text("Text of the code; missing where no source has one that fits")
    listed: Series[str] = field("Who lists the code: both, BACI only, UN only", isin=["both", "baci", "un"])
    source: Series[str] = field("Whose text it is, or, without a text, whose code")

    class Config(Model.Config):
        unique = ("code", "hs")

    @pa.dataframe_check(error="level is the number of digits")
    def level_is_length(cls, frame: pd.DataFrame) -> pd.Series:
        """The level is that of the code."""
        return frame["code"].str.len() == frame["level"]

    @pa.dataframe_check(error="every code has the chapter and heading above it")
    def is_a_tree(cls, frame: pd.DataFrame) -> pd.Series:
        """No subheading without its heading and chapter."""
        there = set(zip(frame["hs"], frame["code"], strict=True))
        rows = zip(frame["hs"], frame["code"], strict=True)
        return pd.Series([{(hs, code[:2]), (hs, code[:4])} <= there for hs, code in rows], index=frame.index)


class HsConcordance(Model):
    """Table `hs_concordance`."""

    from_hs: Series[str] = field("Revision that is left", isin=_REVISIONS)
    from_code: Series[str] = field("Code there", str_matches=_SIX)
    to_hs: Series[str] = field("Neighbouring revision that is reached", isin=_REVISIONS)
    to_code: Series[str] = field("Code there", str_matches=_SIX)
    weight: Series[float] = field("Part of the code's value, equal parts", "share", gt=0, le=1)
    weight_main: Series[float] = field(
        "Part of the code's value, all to the code that goes on", "share", ge=0, le=1
    )
    relation: Series[str] = field(
        "1:1; 1:n the code is split, its target has no other; n:1 merged; n:m both",
        isin=["1:1", "1:n", "n:1", "n:m"],
    )
    basis: Series[str] = field("Where the pair is from", isin=["unsd", "growth_lab", "baci"])

    class Config(Model.Config):
        unique = ("from_hs", "to_hs", "from_code", "to_code")

    @pa.dataframe_check(error="the weights of a code add up to 1")
    def adds_up(cls, frame: pd.DataFrame) -> bool:
        """No value is lost or made."""
        sums = frame.groupby(["from_hs", "to_hs", "from_code"])[["weight", "weight_main"]].sum()
        return bool(((sums - 1).abs() < 1e-12).all(axis=None))


class SectorProducts(Model):
    """Table `sector_products`."""

    sector: Series[str] = field("Slug of the sector", isin=list(sectors.slugs()))
    hs: Series[str] = field("Revision of the HS", isin=_REVISIONS)
    product: Series[str] = field("Code of six digits", str_matches=r"^\d{6}$")
    description: Series[str] = field("Text of the code")
    role: Series[str] = field("What the code is to the sector", isin=list(products.ROLES))
    confidence: Series[str] = field("How sure the code is of its sector", isin=_KNOWN)
    basis: Series[str] = field(
        "reviewed, or by the concordance from reviewed codes", isin=["reviewed", "concordance"]
    )
    coverage: Series[float] = field(
        "Part of the code that goes to reviewed codes of the sector", "share", ge=0.5, le=1
    )
    reason: Series[str] = field("Why it is there; of a derived row, the reason of its largest part")

    class Config(Model.Config):
        unique = ("sector", "hs", "product")
