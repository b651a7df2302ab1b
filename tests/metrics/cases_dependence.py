"""One or more calls of each dependence and complexity metric on small tables, for the matrix test.

Each case takes a converter (pandas table -> pandas, Polars or Arrow table) and returns what the metric returned. A name may
have more cases after a slash.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from mic2025lab import metrics

Converter = Callable[[pd.DataFrame], Any]

# Rows are out of order, one product has a leading zero; every cell has a second supplier, so that none is missing.
FLOWS = pd.DataFrame(
    [
        (exporter, importer, product, year, 1.0 + (place * 13 + year * 7 + len(product) * place * place) % 29)
        for year in (2018, 2016, 2017)
        for place, (exporter, importer, product) in enumerate(
            (e, i, p)
            for p in ("854231", "010121")
            for e in ("USA", "CHN", "HKG", "DEU")
            for i in ("FRA", "CHN", "DEU")
            if e != i
        )
    ],
    columns=["exporter", "importer", "product", "year", "value"],
)
WITH_NULL = FLOWS.assign(value=FLOWS["value"].where(FLOWS.index != 5))
BALANCE = pd.DataFrame(
    [
        (economy, industry, year, 90.0 + 40 * late * (place + 1), 20.0 + 9 * late, 60.0 - 11 * late * place)
        for place, (economy, industry) in enumerate(
            (e, i) for e in ("CHN", "BRA") for i in ("rail", "aerospace")
        )
        for late, year in enumerate((2010, 2020))
    ],
    columns=["economy", "industry", "year", "output", "exports", "imports"],
)
FIRMS = BALANCE.assign(foreign_output=BALANCE["output"] * 0.3, foreign_exports=BALANCE["exports"] * 0.5)
SALES = pd.DataFrame(
    [
        (2011, "CHN", "cars", "CHN", "chips", 4.0),
        (2011, "CHN", "cars", "USA", "final", 50.0),
        (2011, "CHN", "cars", "CHN", "final", 46.0),
        (2011, "CHN", "chips", "CHN", "cars", 20.0),
        (2011, "CHN", "chips", "CHN", "final", 20.0),
        (2011, "USA", "chips", "CHN", "cars", 10.0),
        (2011, "USA", "chips", "CHN", "chips", 12.0),
        (2011, "USA", "chips", "USA", "final", 80.0),
        (2012, "USA", "chips", "CHN", "cars", 10.0),
        (2012, "USA", "chips", "USA", "final", 90.0),
        (2012, "CHN", "cars", "CHN", "final", 60.0),
    ],
    columns=["year", "exporter", "from_industry", "importer", "to_use", "value"],
).iloc[::-1]
# Advantages: JPN in chips, cars and machines; CHN in cars, machines and shirts; VNM in shirts and shoes; BGD in shirts.
EXPORTS = pd.DataFrame(
    [
        (economy, product, year, value)
        for year, factor in ((2015, 1.0), (2022, 3.0))
        for economy, product, value in [
            ("JPN", "854231", 40.0 * factor),
            ("JPN", "870323", 30.0),
            ("JPN", "845710", 25.0),
            ("CHN", "854231", 1.0),
            ("CHN", "870323", 20.0),
            ("CHN", "845710", 20.0),
            ("CHN", "010121", 30.0),
            ("VNM", "010121", 20.0),
            ("VNM", "640399", 20.0),
            ("BGD", "010121", 30.0),
        ]
    ],
    columns=["exporter", "product", "year", "value"],
).iloc[::-1]

CASES: dict[str, Callable[[Converter], Any]] = {
    "import_share": lambda to: metrics.import_share(to(WITH_NULL), supplier="CHN"),
    "import_share/blocs": lambda to: metrics.import_share(
        to(FLOWS), supplier=["CHN", ("CHN", "HKG")], within=("product", "year"), over="importer"
    ),
    "apparent_consumption": lambda to: metrics.apparent_consumption(to(BALANCE)),
    "import_penetration": lambda to: metrics.import_penetration(to(BALANCE)),
    "self_sufficiency": lambda to: metrics.self_sufficiency(to(BALANCE)),
    "localization": lambda to: metrics.localization(to(BALANCE), start=2010, end=2020),
    "localization/firms": lambda to: metrics.localization(
        to(FIRMS),
        start=2010,
        end=2020,
        foreign_output="foreign_output",
        foreign_exports="foreign_exports",
    ),
    "strategic_dependencies": lambda to: metrics.strategic_dependencies(to(FLOWS), bloc=("DEU", "FRA")),
    "strategic_dependencies/one": lambda to: metrics.strategic_dependencies(
        to(FLOWS), bloc="CHN", hhi_above=0.3, world_above=0.2
    ),
    "chokepoints": lambda to: metrics.chokepoints(to(FLOWS), hhi_above=0.35, ratio_above=0.5),
    "chokepoints/blocs": lambda to: metrics.chokepoints(
        to(FLOWS), importer=["CHN", ("DEU", "FRA")], n=1, last=2, hhi_above=0.3, world_above=0.2
    ),
    "reverse_dependence": lambda to: metrics.reverse_dependence(to(FLOWS), share_above=0.3),
    "reverse_dependence/items": lambda to: metrics.reverse_dependence(
        to(FLOWS), economy=("CHN", "HKG"), by="item"
    ),
    "export_dominance": lambda to: metrics.export_dominance(to(FLOWS), over="importer"),
    "export_dominance/bloc": lambda to: metrics.export_dominance(
        to(FLOWS), exporter=("CHN", "HKG"), within=("importer", "product", "year"), share_above=0.2
    ),
    "main_supplier": lambda to: metrics.main_supplier(to(WITH_NULL)),
    "main_supplier/all": lambda to: metrics.main_supplier(
        to(FLOWS), within=("product", "year"), over="importer"
    ),
    "foreign_input_reliance": lambda to: metrics.foreign_input_reliance(to(SALES), final=["final"]),
    "foreign_input_reliance/source": lambda to: metrics.foreign_input_reliance(
        to(SALES), final=["final"], by="source"
    ),
    "complexity": lambda to: metrics.complexity(to(EXPORTS)),
    "product_complexity": lambda to: metrics.product_complexity(to(EXPORTS)),
    "product_complexity/economies": lambda to: metrics.product_complexity(to(EXPORTS), scale="economies"),
    "proximity": lambda to: metrics.proximity(to(EXPORTS)),
    "density": lambda to: metrics.density(to(EXPORTS)),
    "complexity_outlook": lambda to: metrics.complexity_outlook(to(EXPORTS)),
}
