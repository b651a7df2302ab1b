"""One call of each productivity and capacity metric on a small table, for the matrix test over kinds of tables.

Each case takes a converter (pandas table -> pandas, Polars or Arrow table) and returns what the metric returned.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from mic2025lab import metrics

Converter = Callable[[pd.DataFrame], Any]

# Rows are out of order and one value is missing on purpose.
NATIONAL = pd.DataFrame(
    {
        "economy": ["USA", "CHN", "CHN", "CHN", "USA", "USA"],
        "year": [2011, 2012, 2010, 2011, 2010, 2012],
        "rgdpna": [102.0, 118.0, 100.0, 109.0, 100.0, 104.0],
        "rnna": [303.0, 355.0, 300.0, 330.0, 300.0, 306.0],
        "emp": [50.5, 101.0, 100.0, 100.5, 50.0, None],
        "hc": [3.5, 2.5, 2.4, 2.45, 3.5, 3.5],
        "labsh": [0.6, 0.56, 0.55, 0.55, 0.6, 0.6],
        "cgdpo": [102.0, 118.0, 100.0, 109.0, 100.0, 104.0],
        "pl_gdpo": [1.0, 0.55, 0.45, 0.5, 1.0, 1.0],
        "cn": [303.0, 355.0, 300.0, 330.0, 300.0, 306.0],
        "pl_n": [1.0, 0.4, 0.35, 0.37, 1.0, 1.0],
        "delta": [0.04, 0.055, 0.055, 0.055, 0.04, 0.04],
        "investment": [30.0, 50.0, 40.0, 45.0, 30.0, 31.0],
        "investment_share": [20.0, 46.0, 47.0, 47.0, 19.0, 20.0],
        "gdp_growth": [1.6, 7.9, 10.6, 9.6, 2.7, 2.3],
        "change": [0.01, 0.02, 0.03, 0.02, 0.01, 0.01],
    }
)
INDUSTRIES = pd.DataFrame(
    {
        "economy": "CHN",
        "industry": ["farm", "plant", "office"] * 2,
        "year": [2010] * 3 + [2020] * 3,
        "value": [60.0, 160.0, 80.0, 70.0, 300.0, 200.0],
        "employment": [60.0, 40.0, 20.0, 40.0, 50.0, 40.0],
        "capital": [50.0, 200.0, 90.0, 90.0, 400.0, 250.0],
    }
)
SHARES = pd.DataFrame(
    {
        "economy": "CHN",
        "vintage": ["weo"] * 3 + ["wdi"] * 3,
        "year": [2015, 2021, 2024] * 2,
        "value": [14.9, 18.5, 16.9, 15.7, 18.7, 19.3],
    }
)
UTILIZATION = pd.DataFrame(
    {
        "industry": ["coal"] * 5 + ["steel"] * 5,
        "period": ["2017", "2018", "2019", "2020", "2021"] * 2,
        "value": [68.0, 71.0, 71.0, 70.0, 74.0, 76.0, 78.0, 80.0, 79.0, None],
    }
)
GOODS = pd.DataFrame(
    {
        "product": ["854143", "854143", "870380", "870380"],
        "year": [2023, 2022, 2022, 2023],
        "value": [90.0, 100.0, 20.0, 30.0],
        "quantity": [15.0, 10.0, 1.0, 1.4],
        "output": [500.0, 400.0, 60.0, 80.0],
        "exports": [210.0, 150.0, 10.0, 20.0],
        "imports": [10.0, 12.0, 1.0, 0.0],
    }
)

CASES: dict[str, Callable[[Converter], Any]] = {
    "growth_accounting": lambda to: metrics.growth_accounting(to(NATIONAL)),
    "growth_by_period": lambda to: metrics.growth_by_period(
        to(NATIONAL), periods=[(2010, 2012)], columns=["change"]
    ),
    "perpetual_inventory": lambda to: metrics.perpetual_inventory(to(NATIONAL), depreciation="delta"),
    "icor": lambda to: metrics.icor(to(NATIONAL), windows=2),
    "return_on_capital": lambda to: metrics.return_on_capital(to(NATIONAL)),
    "mpk": lambda to: metrics.mpk(to(NATIONAL)),
    "labor_productivity_decomposition": lambda to: metrics.labor_productivity_decomposition(
        to(INDUSTRIES), start=2010, end=2020
    ),
    "misallocation_gap": lambda to: metrics.misallocation_gap(to(INDUSTRIES)),
    "peak": lambda to: metrics.peak(to(SHARES), of=["economy", "vintage"]),
    "peak_sensitivity": lambda to: metrics.peak_sensitivity(to(SHARES)),
    "utilization_gap": lambda to: metrics.utilization_gap(to(UTILIZATION), reference="trend"),
    "share_below": lambda to: metrics.share_below(to(UTILIZATION)),
    "surplus_ratio": lambda to: metrics.surplus_ratio(to(GOODS)),
    "price_volume": lambda to: metrics.price_volume(to(GOODS)),
}
