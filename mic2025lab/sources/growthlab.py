"""Harvard Growth Lab, Atlas of Economic Complexity: HS4 exports of 2016 and 2019, the world by HS4, and trade in chips.

The files state no license, and what is known of the Atlas' terms differs by place: these tables are built on the user's machine.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

CHIPS = "semiconductor_trade_2012_2024.csv"
HS4_2016, HS4_2019 = "atlas_hs4_exports_2016.csv.gz", "export.csv.gz"
WORLD = "product_year_indicators.csv.gz"
USD = "USD"

_PRODUCER = "Harvard Growth Lab"
_LICENSE = "Growth Lab license not stated in the files; the Atlas site says CC-BY-NC-SA-4.0, Dataverse deposits differ (from knowledge)"

CHIPS_SOURCE = Source(
    id="chips-trade-2012-2024",
    producer=_PRODUCER,
    title="Trade in semiconductors and semiconductor equipment (Atlas, HS2012; baskets of the OECD, 2025)",
    version="2012-2024",
    url="https://dataverse.harvard.edu/dataset.xhtml?persistentId=doi:10.7910/DVN/YAVJDF",
    license=f"Repository states no license; {_LICENSE}",
    redistributable="unclear",
    citation="jasonzhixinglu/global-export-complexity, from the Growth Lab Atlas; OECD (2025), doi:10.1787/4154cdbf-en.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            CHIPS,
            "fbb9df243f13c6012ebea3aa888814c1e1fff64b377e9ba9c0feec1b40a4f7e7",
            url_note="dashboard/public/data/techai.json of jasonzhixinglu/global-export-complexity (commit "
            "1ebb13ba5f0f76eb23a9fcb9423f0251e36b326a), two of eight baskets, transcribed",
        ),
    ),
)

SOURCE_2016 = Source(
    id="atlas-hs4-2016",
    producer=_PRODUCER,
    title="Atlas of Economic Complexity: exports by country and HS4 product, 2016",
    version="2019 release, packaged in SCCA",
    url="https://doi.org/10.7910/DVN/T4CHWJ",
    license=f"{_LICENSE}; package MIT",
    redistributable="unclear",
    citation=(
        "The Growth Lab at Harvard University (2019), International Trade Data (HS, 92), doi:10.7910/DVN/T4CHWJ; packaged in SCCA (Utrecht "
        "University)."
    ),
    retrieved="2026-11-24",
    files=(
        RawFile(
            HS4_2016,
            "681ff21d73dabd2a073a8aaea467a2a8555e78fa523d8610480168f9ba5d23d7",
            url_note="data/exports.rda of UtrechtUniversity/SCCA (commit 9f6d88fb9930bb7bbbe7b436f56b0d3f9e7d3878), matrix to long form",
        ),
    ),
)

SOURCE_2019 = Source(
    id="atlas-hs4-2019",
    producer=_PRODUCER,
    title="Atlas of Economic Complexity: exports by country and HS4 product, 2019",
    version="packaged in ecxplor",
    url="https://doi.org/10.7910/DVN/T4CHWJ",
    license=f"{_LICENSE}; package MIT with GPL text",
    redistributable="unclear",
    citation="The Growth Lab at Harvard University, International Trade Data (HS, 92); packaged in ecxplor.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            HS4_2019,
            "1063e4b6a3012c0c9e4432bb39c57f94bdc40740f5488f05eaf54415c39bea8a",
            url_note="data/export.csv of cesar2591/ecxplor (commit b3a01e905de2adc5f68d3b35b8f8bcb09fe7850b), gzipped",
        ),
    ),
)

WORLD_SOURCE = Source(
    id="atlas-world-hs4",
    producer=_PRODUCER,
    title="Atlas of Economic Complexity: world exports by HS4, with complexity indices",
    version="1995-2023, aggregated by an open repository",
    url="https://doi.org/10.7910/DVN/T4CHWJ",
    license=f"{_LICENSE}; repository MIT",
    redistributable="unclear",
    citation=(
        "The Growth Lab at Harvard University, International Trade Data (HS, 92); aggregation: "
        "MonicaCT/economic-complexity-structural-transformation-lac."
    ),
    retrieved="2026-11-24",
    files=(
        RawFile(
            WORLD,
            "48b17ba3673707adde6fe1c4b2532715b273d472c584d3048ed45a86f907d0c2",
            url_note="outputs/tables/csv/product_year_indicators.csv of MonicaCT/economic-complexity-structural-transformation-lac (commit "
            "c346edb88dd9b8accb759f20dd6939ba82dede8b), gzipped",
        ),
    ),
)

BASKETS = {"semi_chips": "chips", "semi_manufacturing": "chip_equipment"}
#: Not a product of goods: services and what nobody specified.
NOT_GOODS = ("9999", "XXXX", "financial", "ict", "transport", "travel", "unspecified")


def chip_trade(raw: Raw) -> pd.DataFrame:
    """Clean the exports and imports of chips and of the equipment and inputs to make them, by economy, 2012-2024.

    Returns
    -------
    pandas.DataFrame
        `year, economy, flow, basket, value, unit`; value in billion current USD.
    """
    frame = clean.read(raw(CHIPS_SOURCE, CHIPS))
    clean.expect(frame, ["basket", "flow", "iso3", "year", "value_bn_usd"], CHIPS_SOURCE, CHIPS)
    frame["basket"] = clean.known(frame["basket"], BASKETS, CHIPS_SOURCE, CHIPS)
    frame["economy"] = clean.codes(frame["iso3"])
    frame["year"] = frame["year"].astype("int64")
    frame["value"] = clean.numbers(frame["value_bn_usd"], CHIPS_SOURCE, CHIPS)
    columns = ["year", "economy", "flow", "basket", "value", "unit"]
    table = frame.assign(unit="billion USD")[columns]
    return table.sort_values(["basket", "flow", "economy", "year"], ignore_index=True).astype({"unit": "str"})


def hs4(raw: Raw, year: int) -> pd.DataFrame:
    """Clean the exports by country and HS4 product of 2016 or 2019: `exporter, product, value`, services and zeros left out."""
    if year == 2016:
        source, path, names = SOURCE_2016, HS4_2016, ["country", "hs92_4", "export_usd"]
    else:
        source, path, names = SOURCE_2019, HS4_2019, ["country", "product", "export_val"]
    frame = clean.read(raw(source, path))
    clean.expect(frame, names, source, path)
    frame = frame.set_axis(["country", "product", "text"], axis=1)
    frame = frame[~frame["product"].isin(NOT_GOODS)].reset_index(drop=True)
    odd = sorted(set(frame.loc[~frame["product"].str.fullmatch(r"\d{4}"), "product"]))
    need(not odd, source, path, f"products that are not four digits: {odd[:5]}")
    frame["exporter"] = clean.codes(frame["country"].replace("St-Martin / St Maarten", "Sint Maarten"))
    frame["value"] = clean.numbers(frame["text"], source, path)
    return frame.loc[frame["value"] > 0, ["exporter", "product", "value"]]


def world_exports_hs4(raw: Raw) -> pd.DataFrame:
    """Clean the world's exports of each HS4 product, 1995-2023, with the Growth Lab's product complexity index.

    Returns
    -------
    pandas.DataFrame
        `year, product, hs, value, unit, pci, pci_repository`; value in current USD.
    """
    frame = clean.read(raw(WORLD_SOURCE, WORLD))
    need(
        {"product_code", "year", "world_export_value", "source_pci", "pci"} <= set(frame),
        WORLD_SOURCE,
        WORLD,
        f"columns {list(frame)}",
    )
    frame = frame[~frame["product_code"].isin(NOT_GOODS)].reset_index(drop=True)
    odd = sorted(set(frame.loc[~frame["product_code"].str.fullmatch(r"\d{4}"), "product_code"]))
    need(not odd, WORLD_SOURCE, WORLD, f"products that are not four digits: {odd[:5]}")
    frame["year"] = frame["year"].astype("int64")
    names = {"world_export_value": "value", "source_pci": "pci", "pci": "pci_repository"}
    frame[list(names)] = frame[list(names)].apply(clean.numbers, source=WORLD_SOURCE, path=WORLD)
    frame = frame.rename(columns=names)
    frame = frame.rename(columns={"product_code": "product"}).assign(hs="HS92", unit=USD)
    table = frame[["year", "product", "hs", "value", "unit", "pci", "pci_repository"]]
    return table.sort_values(["product", "year"], ignore_index=True).astype({"hs": "str", "unit": "str"})


TABLES = (
    Table(
        name="chip_trade",
        title="Trade in chips and chip-making equipment, 27 economies, 2012-2024",
        description=(
            "Exports and imports of two baskets of the OECD (16 HS6 codes of chips, 14 of equipment and inputs), values reconciled between "
            "exporter and importer."
        ),
        unit="billion current USD",
        build=chip_trade,
        inputs=((CHIPS_SOURCE, (CHIPS,)),),
        key=("year", "economy", "flow", "basket"),
        coverage=("year", "flow", "basket", "economy"),
        warnings=(
            "China and Hong Kong: reconciled values put 133 billion USD of chip imports of 2018 at China and 155 at Hong Kong, about 290 together, "
            "against 312 in Chinese customs. The split is an artefact of the method: show CHN, HKG and CHN+HKG, never CHN alone.",
            "No total of the world and only the main economies: shares of the world cannot be computed from it.",
            "Transcribed by hand from the source's JSON and not checked by machine.",
        ),
    ),
    Table(
        name="world_exports_hs4",
        title="World exports by HS4 product with complexity indices, 1995-2023",
        description="Denominators: the world's exports of each HS92 4-digit product, and two product complexity indices.",
        unit="current USD",
        build=world_exports_hs4,
        inputs=((WORLD_SOURCE, (WORLD,)),),
        key=("year", "product"),
        coverage=("year", "hs"),
        format="parquet",
        warnings=(
            "No exporters: it is the world only.",
            "pci is the Growth Lab's own, pci_repository one that the repository computed: they differ.",
            "Codes 9999 and XXXX (unspecified) are left out.",
        ),
    ),
)
