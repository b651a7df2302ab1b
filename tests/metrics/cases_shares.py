"""One or more calls of each share, specialization and concentration metric on small tables, for the matrix test.

Each case takes a converter (pandas table -> pandas, Polars or Arrow table) and returns what the metric returned. A name may
have more cases after a slash.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from mic2025lab import metrics

Converter = Callable[[pd.DataFrame], Any]

# Rows are out of order, one product has a leading zero and one value is missing on purpose.
FLOWS = pd.DataFrame(
    {
        "exporter": ["USA", "CHN", "JPN", "CHN", "USA", "JPN", "CHN", "USA", "JPN", "CHN", "USA", "JPN"],
        "product": ["854231", "854231", "010121", "010121"] * 3,
        "importer": ["DEU"] * 6 + ["FRA"] * 6,
        "year": [2015] * 12,
        "value": [30.0, 50.0, 5.0, 2.0, 7.0, 20.0, 45.0, None, 9.0, 4.0, 0.0, 12.0],
    }
).drop_duplicates(["exporter", "product", "importer"])
# The same economies, industries and years in full.
PANEL = pd.DataFrame(
    [
        (economy, industry, year, base * (1 + 0.1 * place) * (1 + growth * (year - 2015)))
        for place, industry in enumerate(["machinery", "aerospace", "software"])
        for economy, base, growth in [
            ("USA", 50.0, 0.02),
            ("CHN", 20.0, 0.11 - 0.03 * place),
            ("JPN", 30.0, 0.0),
        ]
        for year in (2022, 2015)
    ],
    columns=["economy", "industry", "year", "value"],
)
PANEL_2018 = pd.concat([PANEL, PANEL[PANEL["year"] == 2015].assign(year=2018, value=33.0)], ignore_index=True)
WORLD = pd.concat(
    [
        PANEL,
        PANEL.groupby(["industry", "year"], as_index=False)["value"]
        .sum()
        .assign(economy="WLD", value=lambda t: 2 * t["value"]),
    ],
    ignore_index=True,
)
NESTED = pd.concat(
    [
        WORLD,
        WORLD.groupby(["economy", "year"], as_index=False)["value"].sum().assign(industry="all_industries"),
    ],
    ignore_index=True,
)
BILATERAL = pd.DataFrame(
    [
        (exporter, product, importer, year, 1.0 + (7 * place + 3 * len(product) * (year - 2014)) % 11)
        for place, (exporter, product, importer) in enumerate(
            (e, p, i) for e in ("USA", "CHN") for p in ("8703", "270900") for i in ("FRA", "DEU", "BRA")
        )
        for year in (2015, 2022)
    ],
    columns=["exporter", "product", "importer", "year", "value"],
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

CASES: dict[str, Callable[[Converter], Any]] = {
    "market_share": lambda to: metrics.market_share(to(PANEL)),
    "market_share/world": lambda to: metrics.market_share(to(WORLD), world="WLD"),
    "share_change": lambda to: metrics.share_change(to(PANEL), start=2015, end=2022),
    "market_share/over": lambda to: metrics.market_share(
        to(BILATERAL), of="exporter", within=("product", "year"), over="importer"
    ),
    "share_change/over": lambda to: metrics.share_change(
        to(BILATERAL), start=2015, end=2022, of="exporter", within="product", over="importer"
    ),
    "pace": lambda to: metrics.pace(to(PANEL_2018), of=("industry", "economy"), at=2018, value="value"),
    "displacement": lambda to: metrics.displacement(to(PANEL), gainer="CHN", start=2015, end=2022),
    "displacement/rest": lambda to: metrics.displacement(
        to(WORLD), gainer="CHN", start=2015, end=2022, world="WLD"
    ),
    "displacement/total": lambda to: metrics.displacement(
        to(PANEL), gainer="CHN", start=2015, end=2022, by="total"
    ),
    "displacement/over": lambda to: metrics.displacement(
        to(BILATERAL), gainer="CHN", start=2015, end=2022, of="exporter", item="product", over="importer"
    ),
    "shift_share": lambda to: metrics.shift_share(to(PANEL), start=2015, end=2022),
    "shift_share/world": lambda to: metrics.shift_share(
        to(NESTED), start=2015, end=2022, world="WLD", total="all_industries"
    ),
    "constant_market_share": lambda to: metrics.constant_market_share(
        to(BILATERAL), start=2015, end=2022, partner="importer"
    ),
    "constant_market_share/products": lambda to: metrics.constant_market_share(
        to(WORLD), start=2015, end=2022, of="economy", item="industry", world="WLD", weights="midpoint"
    ),
    "constant_market_share/over": lambda to: metrics.constant_market_share(
        to(BILATERAL), start=2015, end=2022, over="importer"
    ),
    "rca": lambda to: metrics.rca(to(FLOWS), over="importer"),
    "rca/cells": lambda to: metrics.rca(to(FLOWS), within=("year", "importer")),
    "rsca": lambda to: metrics.rsca(to(FLOWS), over="importer"),
    "nrca": lambda to: metrics.nrca(to(FLOWS), over="importer"),
    "location_quotient": lambda to: metrics.location_quotient(
        to(NESTED), world="WLD", total="all_industries"
    ),
    "location_quotient/sums": lambda to: metrics.location_quotient(to(PANEL)),
    "prody": lambda to: metrics.prody(to(INCOMES)),
    "expy": lambda to: metrics.expy(to(INCOMES)),
    "lafay": lambda to: metrics.lafay(to(TRADE)),
    "grubel_lloyd": lambda to: metrics.grubel_lloyd(to(TRADE)),
    "grubel_lloyd/total": lambda to: metrics.grubel_lloyd(to(TRADE), by="total"),
    "export_similarity": lambda to: metrics.export_similarity(to(FLOWS), over="importer"),
    "export_similarity/against": lambda to: metrics.export_similarity(
        to(PANEL), of="economy", item="industry", against="CHN"
    ),
    "trade_complementarity": lambda to: metrics.trade_complementarity(to(TRADE)),
    "remainder": lambda to: metrics.remainder(to(WORLD), total="WLD", parts=["CHN", "USA"], name="rest"),
    "hhi": lambda to: metrics.hhi(to(FLOWS)),
    "hhi/world": lambda to: metrics.hhi(to(FLOWS), within=("product", "year"), over="importer"),
    "normalized_hhi": lambda to: metrics.normalized_hhi(to(FLOWS)),
    "concentration_ratio": lambda to: metrics.concentration_ratio(to(FLOWS), k=1),
    "effective_suppliers": lambda to: metrics.effective_suppliers(to(FLOWS)),
    "theil": lambda to: metrics.theil(to(FLOWS)),
}
