"""How many importers depend on China for batteries and their materials: counts and shares from lines that are not embedded."""

from __future__ import annotations

from itertools import product

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.columns import constant, number, text, whole, year
from mic2025lab.sources.comtrade import BATTERY, ev_battery_imports
from mic2025lab.sources.reading import codebook
from mic2025lab.sources.table import Raw, source, table

#: Code -> name. Codes of one good or material, not baskets such as 253090.
GOODS = codebook("battery_goods")
#: Importers count from these imports on, in million USD.
FLOORS = (1, 10)
#: A supplier with a larger share is an alternative.
ALTERNATIVE = 0.1
THRESHOLDS = {"third": 1 / 3, "half": 1 / 2, "two_thirds": 2 / 3}
#: How the European Union counts -> the labels left out.
UNION = {"members": ("CHN", "EU27", "ASEAN"), "one": ("CHN", "ASEAN", *economies.members("EU27"))}
#: Fewer importers are not embedded.
LEAST_IMPORTERS = 10

SUMS = source("comtrade-ev-battery-shares")


@table(
    inputs=(SUMS, BATTERY),
    columns={
        "year": year(2018, 2024),
        "good": text("Good or material", isin=GOODS.values()),
        "product": text("HS 6-digit code", isin=GOODS),
        "least_imports": whole("Importers count if they import more than this, million USD", isin=FLOORS),
        "union": text("How the European Union counts: its 27 members, or one importer of what comes from outside", isin=UNION),
        "threshold": text("Share of imports that must come from China", isin=THRESHOLDS),
        "importers": whole("Importers, without China", ge=LEAST_IMPORTERS),
        "china_share": number("China's share of the imports of these importers", "%", ge=0, le=100),
        "dependent": whole("Importers over the threshold", ge=0),
        "captive": whole("Importers over the threshold without another supplier above a tenth", ge=0),
        "dependent_imports": number("Share of all these imports that importers over the threshold take, from anywhere", "%", ge=0, le=100),
        "alternatives": number("Other suppliers above a tenth, mean over importers over the threshold", "suppliers", missing=True, ge=0, le=9),
        "unit": constant("importers; %", "Unit of the counts and shares"),
    },
    key=("good", "least_imports", "union", "threshold", "year"),
    format="csv",
)  # fmt: skip
def battery_dependence(raw: Raw) -> pd.DataFrame:
    """Importers that depend on China for batteries and their materials, 2018-2024.

    For eight goods: China's share of the imports of all other importers, how many of them take more than a third, half, or two
    thirds from China, how much of all imports they take, and how many have no other supplier above a tenth.

    Warnings
    --------
    - Cells of {LEAST_IMPORTERS} importers or more; imports by importer are built on the user's machine (ev_battery_imports).
    - Batteries, their parts, and cars start in 2020. Fewer importers report in 2024 than in 2023: compare shares. Taiwan is no
      importer here.
    - Hong Kong is an importer and a supplier apart from China. Goods of Chinese origin that pass through other economies may
      count there. The revision of the codes changes in 2022.
    - union one: imports of the EU27 from outside. union members: each member, with what it buys from other members, some of it
      made in China.
    - The importer's own production is not included: an importer that makes most of its batteries may still be over a threshold.

    Notes
    -----
    Count importers over each threshold; the world's total and groups of economies other than the European Union are left out.
    """
    lines = ev_battery_imports(raw)
    lines = lines[lines["product"].isin(GOODS) & (lines["exporter_level"] != "world") & (lines["value"] > 0)]
    cell = ["year", "product", "importer"]
    share = lines["value"] / lines.groupby(cell)["value"].transform("sum")
    china = lines["exporter"] == "CHN"
    lines = lines.assign(from_china=lines["value"].where(china, 0.0), others=~china & (share > ALTERNATIVE))
    buyers = lines.groupby(cell, as_index=False)[["value", "from_china", "others"]].sum()
    found = []
    for floor, (union, absent), (threshold, least) in product(FLOORS, UNION.items(), THRESHOLDS.items()):
        counted = buyers[(buyers["value"] > floor * 1e6) & ~buyers["importer"].isin(absent)]
        over = counted["from_china"] > least * counted["value"]
        cells = counted.assign(
            over=over,
            captive=over & (counted["others"] == 0),
            taken=counted["value"].where(over, 0.0),
            alternatives=counted["others"].where(over),
        ).groupby(["year", "product"], as_index=False)
        sums = cells.agg(
            importers=("value", "size"),
            value=("value", "sum"),
            from_china=("from_china", "sum"),
            dependent=("over", "sum"),
            captive=("captive", "sum"),
            taken=("taken", "sum"),
            alternatives=("alternatives", "mean"),
        )
        found.append(sums.assign(least_imports=floor, union=union, threshold=threshold))
    sums = pd.concat(found, ignore_index=True)
    sums = sums[sums["importers"] >= LEAST_IMPORTERS]
    return sums.assign(
        good=sums["product"].map(GOODS),
        china_share=100 * sums["from_china"] / sums["value"],
        dependent_imports=100 * sums["taken"] / sums["value"],
    )
