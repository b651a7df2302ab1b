"""One or more calls of each metric on small tables, which other tests convert and change. A name may have more cases after a slash."""

from functools import partial
from itertools import product

import pandas as pd

from mic2025lab import metrics


def rows(columns, values):
    """Make a table of rows, given the names of its columns as one text."""
    return pd.DataFrame(values, columns=columns.split())


# Rows are out of order, codes have leading zeros, and some values are missing on purpose.
FLOWS = pd.DataFrame(
    {
        "exporter": ["USA", "CHN", "JPN", "CHN", "USA", "JPN", "CHN", "USA", "JPN", "CHN", "USA", "JPN"],
        "product": ["854231", "854231", "010121", "010121"] * 3,
        "importer": ["DEU"] * 6 + ["FRA"] * 6,
        "year": 2015,
        "value": [30.0, 50.0, 5.0, 2.0, 7.0, 20.0, 45.0, None, 9.0, 4.0, 0.0, 12.0],
    }
).drop_duplicates(["exporter", "product", "importer"])
# The same economies, industries, and years in full.
PANEL = rows(
    "economy industry year value",
    [
        (economy, industry, year, base * (1 + 0.1 * place) * (1 + (growth - slower * place) * (year - 2015)))
        for place, industry in enumerate(["machinery", "aerospace", "software"])
        for economy, base, growth, slower in [("USA", 50.0, 0.02, 0), ("CHN", 20.0, 0.11, 0.03), ("JPN", 30.0, 0, 0)]
        for year in (2022, 2015)
    ],
)  # fmt: skip
PANEL_2018 = pd.concat([PANEL, PANEL[PANEL["year"] == 2015].assign(year=2018, value=33.0)], ignore_index=True)
_SUMS = PANEL.groupby(["industry", "year"], as_index=False)["value"].sum()
WORLD = pd.concat([PANEL, _SUMS.assign(economy="WLD", value=2 * _SUMS["value"])], ignore_index=True)
_SUMS = WORLD.groupby(["economy", "year"], as_index=False)["value"].sum()
NESTED = pd.concat([WORLD, _SUMS.assign(industry="all_industries")], ignore_index=True)
BILATERAL = rows(
    "exporter product importer year value",
    [
        (*keys, year, 1.0 + (7 * place + 3 * len(keys[1]) * (year - 2014)) % 11)
        for place, keys in enumerate(product(("USA", "CHN"), ("8703", "270900"), ("FRA", "DEU", "BRA")))
        for year in (2015, 2022)
    ],
)
TRADE = pd.DataFrame(
    {
        "economy": ["CHN", "USA", "JPN"] * 3,
        "product": ["854231"] * 3 + ["010121"] * 3 + ["120190"] * 3,
        "year": 2015,
        "exports": [60.0, 40.0, 30.0, 5.0, 6.0, 1.0, 0.0, 70.0, 0.0],
        "imports": [90.0, 30.0, None, 2.0, 8.0, 1.0, 80.0, 2.0, 9.0],
    }
)
INCOMES = pd.DataFrame(
    {
        "exporter": ["CHN", "USA", "JPN"] * 2,
        "product": ["854231"] * 3 + ["010121"] * 3,
        "year": 2015,
        "value": [60.0, 40.0, 30.0, 5.0, None, 1.0],
        "income": [8.0, 57.0, None] * 2,
    }
)
# Every cell has a second supplier, so that none is missing.
_PAIRS = [
    (e, i, p) for p in ("854231", "010121") for e in ("USA", "CHN", "HKG", "DEU") for i in ("FRA", "CHN", "DEU") if e != i
]  # fmt: skip
SUPPLIES = rows(
    "exporter importer product year value",
    [
        (*keys, year, 1.0 + (place * 13 + year * 7 + len(keys[2]) * place * place) % 29)
        for year in (2018, 2016, 2017)
        for place, keys in enumerate(_PAIRS)
    ],
)
WITH_NULL = SUPPLIES.assign(value=SUPPLIES["value"].where(SUPPLIES.index != 5))
BALANCE = rows(
    "economy industry year output exports imports",
    [
        (*keys, year, 90.0 + 40 * late * (place + 1), 20.0 + 9 * late, 60.0 - 11 * late * place)
        for place, keys in enumerate(product(("CHN", "BRA"), ("rail", "aerospace")))
        for late, year in enumerate((2010, 2020))
    ],
)
FIRMS = BALANCE.assign(theirs=BALANCE["output"] * 0.3, sold=BALANCE["exports"] * 0.5)
SALES = rows(
    "year exporter from_industry importer to_use value",
    [
        (2011, "CHN", "cars", "CHN", "chips", 4.0), (2011, "CHN", "cars", "USA", "final", 50.0),
        (2011, "CHN", "cars", "CHN", "final", 46.0), (2011, "CHN", "chips", "CHN", "cars", 20.0),
        (2011, "CHN", "chips", "CHN", "final", 20.0), (2011, "USA", "chips", "CHN", "cars", 10.0),
        (2011, "USA", "chips", "CHN", "chips", 12.0), (2011, "USA", "chips", "USA", "final", 80.0),
        (2012, "USA", "chips", "CHN", "cars", 10.0), (2012, "USA", "chips", "USA", "final", 90.0),
        (2012, "CHN", "cars", "CHN", "final", 60.0),
    ],
).iloc[::-1]  # fmt: skip
# Advantages: JPN in chips, cars and machines; CHN in cars, machines and shirts; VNM in shirts and shoes; BGD in shirts.
_SOLD = [
    ("JPN", "854231", 40.0), ("JPN", "870323", 30.0), ("JPN", "845710", 25.0), ("CHN", "854231", 1.0), ("CHN", "870323", 20.0),
    ("CHN", "845710", 20.0), ("CHN", "010121", 30.0), ("VNM", "010121", 20.0), ("VNM", "640399", 20.0), ("BGD", "010121", 30.0),
]  # fmt: skip
EXPORTS = pd.concat(rows("exporter product value", _SOLD).assign(year=year) for year in (2015, 2022)).iloc[
    ::-1
]
EXPORTS.loc[(EXPORTS["year"] == 2022) & (EXPORTS["value"] == 40), "value"] = 120.0
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
VINTAGES = pd.DataFrame(
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

_YEARS = {"start": 2015, "end": 2022}
_DECADE = {"start": 2010, "end": 2020}
_FIRMS = _DECADE | {"foreign_output": "theirs", "foreign_exports": "sold"}
_ROLES = {"of": "economy", "item": "industry"}
_OVER = {"over": "importer"}
_PRODUCTS = {"within": ("product", "year"), "over": "importer"}
_BLOC = ("CHN", "HKG")
_BUYERS = ("importer", "product", "year")
_LOW = {"hhi_above": 0.3, "world_above": 0.2}
#: Table and options of each case. Those of `SERIES` look at one series over its years, or at the rows of one economy.
CELLS = {
    "market_share": (PANEL, {}),
    "market_share/world": (WORLD, {"world": "WLD"}),
    "market_share/over": (BILATERAL, {"of": "exporter", **_PRODUCTS}),
    "share_change": (PANEL, _YEARS),
    "share_change/over": (BILATERAL, {"of": "exporter", "within": "product", **_YEARS, **_OVER}),
    "pace": (PANEL_2018, {"of": ("industry", "economy"), "at": 2018, "value": "value"}),
    "displacement": (PANEL, {"gainer": "CHN", **_YEARS}),
    "displacement/rest": (WORLD, {"gainer": "CHN", "world": "WLD", **_YEARS}),
    "displacement/total": (PANEL, {"gainer": "CHN", "by": "total", **_YEARS}),
    "displacement/over": (
        BILATERAL,
        {"gainer": "CHN", "of": "exporter", "item": "product", **_YEARS, **_OVER},
    ),
    "shift_share": (PANEL, _YEARS),
    "shift_share/world": (NESTED, {"world": "WLD", "total": "all_industries", **_YEARS}),
    "constant_market_share": (BILATERAL, {"partner": "importer", **_YEARS}),
    "constant_market_share/products": (WORLD, {**_ROLES, "world": "WLD", "weights": "midpoint", **_YEARS}),
    "constant_market_share/over": (BILATERAL, {**_YEARS, **_OVER}),
    "rca": (FLOWS, _OVER),
    "rca/cells": (FLOWS, {"within": ("year", "importer")}),
    "rsca": (FLOWS, _OVER),
    "nrca": (FLOWS, _OVER),
    "location_quotient": (NESTED, {"world": "WLD", "total": "all_industries"}),
    "location_quotient/sums": (PANEL, {}),
    "prody": (INCOMES, {}),
    "expy": (INCOMES, {}),
    "lafay": (TRADE, {}),
    "grubel_lloyd": (TRADE, {}),
    "grubel_lloyd/total": (TRADE, {"by": "total"}),
    "export_similarity": (FLOWS, _OVER),
    "export_similarity/against": (PANEL, {**_ROLES, "against": "CHN"}),
    "trade_complementarity": (TRADE, {}),
    "remainder": (WORLD, {"total": "WLD", "parts": ["CHN", "USA"], "name": "rest"}),
    "hhi": (FLOWS, {}),
    "hhi/world": (FLOWS, _PRODUCTS),
    "normalized_hhi": (FLOWS, {}),
    "concentration_ratio": (FLOWS, {"k": 1}),
    "effective_suppliers": (FLOWS, {}),
    "theil": (FLOWS, {}),
    "import_share": (WITH_NULL, {"supplier": "CHN"}),
    "import_share/blocs": (SUPPLIES, {"supplier": ["CHN", _BLOC], **_PRODUCTS}),
    "apparent_consumption": (BALANCE, {}),
    "import_penetration": (BALANCE, {}),
    "self_sufficiency": (BALANCE, {}),
    "localization": (BALANCE, _DECADE),
    "localization/firms": (FIRMS, _FIRMS),
    "strategic_dependencies": (SUPPLIES, {"bloc": ("DEU", "FRA")}),
    "strategic_dependencies/one": (SUPPLIES, {"bloc": "CHN", **_LOW}),
    "chokepoints": (SUPPLIES, {"hhi_above": 0.35, "ratio_above": 0.5}),
    "chokepoints/blocs": (SUPPLIES, {"importer": ["CHN", ("DEU", "FRA")], "n": 1, "last": 2, **_LOW}),
    "reverse_dependence": (SUPPLIES, {"share_above": 0.3}),
    "reverse_dependence/items": (SUPPLIES, {"economy": _BLOC, "by": "item"}),
    "export_dominance": (SUPPLIES, _OVER),
    "export_dominance/bloc": (SUPPLIES, {"exporter": _BLOC, "within": _BUYERS, "share_above": 0.2}),
    "main_supplier": (WITH_NULL, {}),
    "main_supplier/all": (SUPPLIES, _PRODUCTS),
    "foreign_input_reliance": (SALES, {"final": ["final"]}),
    "foreign_input_reliance/source": (SALES, {"final": ["final"], "by": "source"}),
    "complexity": (EXPORTS, {}),
    "product_complexity": (EXPORTS, {}),
    "product_complexity/economies": (EXPORTS, {"scale": "economies"}),
    "proximity": (EXPORTS, {}),
    "density": (EXPORTS, {}),
    "complexity_outlook": (EXPORTS, {}),
}
SERIES = {
    "growth_accounting": (NATIONAL, {}),
    "growth_by_period": (NATIONAL, {"periods": [(2010, 2012)], "columns": ["change"]}),
    "perpetual_inventory": (NATIONAL, {"depreciation": "delta"}),
    "icor": (NATIONAL, {"windows": 2}),
    "return_on_capital": (NATIONAL, {}),
    "mpk": (NATIONAL, {}),
    "labor_productivity_decomposition": (INDUSTRIES, _DECADE),
    "misallocation_gap": (INDUSTRIES, {}),
    "peak": (VINTAGES, {"of": ["economy", "vintage"]}),
    "peak_sensitivity": (VINTAGES, {}),
    "utilization_gap": (UTILIZATION, {"reference": "trend"}),
    "share_below": (UTILIZATION, {}),
    "surplus_ratio": (GOODS, {}),
    "price_volume": (GOODS, {}),
}


def call(case, change=lambda table: table, **more):
    """Call the metric of a case on its table, after a change or in another kind, with more options."""
    table, options = (CELLS | SERIES)[case]
    return getattr(metrics, case.split("/")[0])(change(table), **options | more)


CASES = {case: partial(call, case) for case in CELLS | SERIES}
