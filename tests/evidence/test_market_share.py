"""The industries of a sector, for `sector_profile`."""

from __future__ import annotations

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.errors import LabError
from mic2025lab.evidence import market_share as evidence


def value_added() -> pd.DataFrame:
    """Two industries, three economies, three years; the rest of the world is what is left of WLD."""
    values = {
        ("cars", 2010): {"CHN": 10, "JPN": 30, "EU27": 30, "DEU": 20, "WLD": 100},
        ("cars", 2015): {"CHN": 20, "JPN": 25, "EU27": 30, "DEU": 20, "WLD": 100},
        ("cars", 2020): {"CHN": 45, "JPN": 20, "EU27": 20, "DEU": 10, "WLD": 100},
        ("chips", 2010): {"CHN": 1, "JPN": 2, "EU27": 3, "DEU": 1, "WLD": 10},
        ("chips", 2015): {"CHN": 2, "JPN": 2, "EU27": 3, "DEU": 1, "WLD": 10},
        ("chips", 2020): {"CHN": 3, "JPN": 2, "EU27": 3, "DEU": 1, "WLD": 10},
    }
    rows = [(y, e, i, float(v), "million USD") for (i, y), cell in values.items() for e, v in cell.items()]
    return pd.DataFrame(rows, columns=["year", "economy", "industry", "value", "unit"])


def test_the_headline_of_a_sector_is_the_sum_of_its_industries_and_nothing_else():
    scope = evidence.Scope("both", ("both", "cars", "chips"), ("cars", "chips"), {}, "")
    table = evidence.with_headline(value_added(), scope)
    both = table[(table["industry"] == "both") & (table["year"] == 2020)].set_index("economy")["value"]
    assert both.to_dict() == {"CHN": 48.0, "JPN": 22.0, "EU27": 23.0, "DEU": 11.0, "WLD": 110.0}
    lacking = value_added().query("not (industry == 'chips' and economy == 'JPN' and year == 2020)")
    table = evidence.with_headline(lacking, scope).query("industry == 'both' and year == 2020")
    assert table.set_index("economy")["value"].isna().to_dict()["JPN"]


def test_a_sector_without_an_industry_is_refused_with_the_reason():
    with pytest.raises(LabError, match="C30X"):
        evidence.scope("ships_ocean_engineering")


@pytest.mark.parametrize(
    "sector", [s.slug for s in lab.classifications.sectors.SECTORS if s.industries] + ["all"]
)
def test_every_scope_is_in_the_table(sector):
    scope = evidence.scope(sector)
    present = set(lab.load("value_added")["industry"])
    assert set(scope.industries) - {scope.headline if scope.parts else ""} <= present
    assert set(scope.names) == set(scope.industries)
