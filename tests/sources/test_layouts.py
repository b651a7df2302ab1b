"""A raw file with another header is refused by every table that was made from files of one header."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mic2025lab.errors import SourceError
from mic2025lab.sources import TABLES

NAMES = """
manufactures_exports patents_by_field articles top_cited_articles us_imports_by_industry china_imports china_imports_quarterly
china_imports_by_group targets_checked target_actuals_checked target_judgments
motor_vehicles ships steel_recent manufacturing_value_added wdi_supplement
growth_accounts kti_trade currency_shares research_firms car_brand_shares trade_by_firm_type japan_trade
published_figures battery_dependence city_firms prefecture_debt producer_prices_profits section_301_rates tariff_events
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_another_header_is_refused(raw_files: Callable, name: str) -> None:
    files = {path: "a,b\n1,2\n" for _, paths in TABLES[name].inputs for path in paths}
    with pytest.raises(SourceError, match="does not have the expected layout: columns"):
        TABLES[name](raw_files(files))
