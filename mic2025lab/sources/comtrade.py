"""UN Comtrade, collected by open repositories: chip-making equipment, batteries and their materials, graphite, and divisions of the SITC.

Redistribution of Comtrade data needs permission, so the lines are built on the user's machine. Sums of many importers are embedded.
"""

from __future__ import annotations

from itertools import product

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.columns import constant, economy, flag, measured, number, text, whole, words, year
from mic2025lab.sources.reading import RawTable, codebook, codes, flagged, listed, read
from mic2025lab.sources.table import Raw, coded, columns, need, source, table

USD = "USD"

EQUIPMENT_SOURCE = source("comtrade-sme-2016-2020")

BATTERY_SOURCE = source("comtrade-ev-battery")

REVISIONS = {"H2": "HS02", "H3": "HS07", "H4": "HS12", "H5": "HS17", "H6": "HS22"}
FLOWS = {"Import": "import", "Export": "export", "Re-Export": "re_export", "Re-Import": "re_import"}
#: The columns of a download of UN Comtrade that are read, and what they are called here.
RECORD = {
    **{"Classification": "hs", "Year": "year", "Trade Flow": "flow", "Reporter": "reporter"},
    **{"Reporter ISO": "economy", "Commodity Code": "product", "Trade Value (US$)": "value"},
}
#: Codes of importers that are groups of economies.
GROUPS = {"EUR": "EU27", "R4": "ASEAN"}


def record(file: RawTable) -> pd.DataFrame:
    """Name reporters that have no code in a download of UN Comtrade."""
    code = file.frame["economy"]
    return file.frame.assign(economy=code.where(code != "", file.frame["reporter"]))


@table(EQUIPMENT_SOURCE, key="product flow economy year", unit="current USD", format="csv")
@columns(
    year=year(2016, 2020),
    economy=economy("ISO3 code of the reporter"),
    flow=words("export and import; re_export and re_import are parts of them", FLOWS),
    product=text("HS 6-digit code", str_matches=r"^\d{6}$"),
    hs=words("Revision of the Harmonized System", {"H0": "HS92", "H1": "HS96", **REVISIONS}),
    **measured("Trade with the world, current prices", USD, ge=0),
)
def chip_equipment_trade(raw: Raw) -> pd.DataFrame:
    """Trade in chip-making equipment by reporter, HS6, 2016-2020.

    848620 (machines to make chips), 903082 and 903141 (instruments to test them): trade of each reporter with the world.

    Warnings
    --------
    - The partner is the world only. Re-exports and re-imports are separate flows and are also included in exports and imports:
      never add them.
    - 2020 is incomplete: fewer economies report. Revisions differ by row (hs).
    - Taiwan reports as "Other Asia, nes" and is TWN here. China, Hong Kong, and Macao report separately.
    """
    file = read(raw, EQUIPMENT_SOURCE, has=RECORD | {"Partner": "partner"})
    file.only("partner", "World")
    return record(file)


@table(BATTERY_SOURCE, key="product importer year exporter", unit="current USD; weight in kg")
@columns(
    year=year(2018, 2024),
    importer=economy("ISO3 code, EU27 or ASEAN", [*GROUPS.values()]),
    importer_level=text("What the importer is", isin=["economy", "group"]),
    exporter=text("ISO3 code, WLD, or the source's code of an unspecified area"),
    exporter_level=text("What the exporter is", isin=["world", "economy", "unspecified"]),
    product=text("HS 6-digit code, or 2510", str_matches=r"^\d{6}$|^2510$"),
    hs=words("Revision of the Harmonized System", REVISIONS),
    **measured("Imports, current prices", USD, missing=True, ge=0),
    weight=number("Net weight", "kg", missing="missing", ge=0),
    weight_flag=flag("estimated, missing, else empty", "estimated", "missing"),
)
def ev_battery_imports(raw: Raw) -> pd.DataFrame:
    """Imports of batteries, electric vehicles and their materials by importer and partner, 2018-2024.

    36 product codes, 182 importers and two groups of importers, and 242 partners.

    Warnings
    --------
    - exporter WLD (level world) is the total of the others: leave it out before adding up. The importers EU27 and ASEAN (level
      group) are listed as well as their members.
    - Taiwan is an exporter (TWN, the source's S19) and not an importer. Hong Kong and Macao are separate economies.
    - Only 21 codes go back to 2018; batteries (850760, 850790) and cars start in 2020. 2510 has four digits.
    - Revisions differ by row (hs): 2022 is a break, and the contents of 253090 and 285390 change.
    - Weights are missing in 2018 and for half of the rows of 2019, and many are estimated (weight_flag). Lithium-ion batteries
      of the USA weigh 1,060 kt in 2023 and 472 kt in 2024 at a higher value.
    - Imports only, mostly CIF. Fewer importers report in 2024 than in 2023.

    Notes
    -----
    The partner W00 is the total (WLD). Unspecified areas keep the source's code. A weight of 0 kg at a value above zero is
    missing.
    """
    columns = "year importer partner hs_rev=hs cmd_code=product value_usd=value net_kg=weight net_kg_estimated is_reported"
    file = read(raw, BATTERY_SOURCE, columns)
    frame = file.frame
    group = frame["importer"].isin(GROUPS)
    level = frame["partner"].map(_partner_level)
    frame["exporter"] = frame["partner"].mask(level == "world", "WLD")
    for column, named in (("importer", ~group), ("exporter", level == "economy")):
        frame.loc[named, column] = codes(frame.loc[named, column])
    weight = weight_or_missing(file)
    estimated = frame["net_kg_estimated"].map({"1": "estimated", "0": ""})
    return frame.assign(
        importer=frame["importer"].replace(GROUPS),
        importer_level=flagged(group, "group", "economy"),
        exporter_level=level,
        weight=weight,
        weight_flag=estimated.mask(weight.isna(), "missing"),
    )


def weight_or_missing(file: RawTable) -> pd.Series:
    """Read weights; a weight of zero at a value above zero is missing."""
    weight = file.numbers("weight")
    return weight.mask((weight == 0) & (file.numbers("value") > 0))


ev_battery_imports.checks.append(coded("exporter", "exporter_level"))


def _partner_level(code: str) -> str:
    if code == "W00":
        return "world"
    return "economy" if code in economies.ECONOMIES or code == "S19" else "unspecified"


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


@table(SUMS, key="good least_imports union threshold year", format="csv")
@columns(
    year=year(2018, 2024),
    good=text("Good or material", isin=GOODS.values()),
    product=text("HS 6-digit code", isin=GOODS),
    least_imports=whole("Importers count if they import more than this, million USD", isin=FLOORS),
    union=text("How the European Union counts: its 27 members, or one importer of what comes from outside", isin=UNION),
    threshold=text("Share of imports that must come from China", isin=THRESHOLDS),
    importers=whole("Importers, without China", ge=LEAST_IMPORTERS),
    china_share=number("China's share of the imports of these importers", "%", ge=0, le=100),
    dependent=whole("Importers over the threshold", ge=0),
    captive=whole("Importers over the threshold without another supplier above a tenth", ge=0),
    dependent_imports=number("Share of all these imports that importers over the threshold take, from anywhere", "%", ge=0, le=100),
    alternatives=number("Other suppliers above a tenth, mean over importers over the threshold", "suppliers", missing=True, ge=0, le=9),
    unit=constant("importers; %", "Unit of the counts and shares"),
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
        added = counted.assign(
            importers=1,
            dependent=over,
            captive=over & (counted["others"] == 0),
            taken=counted["value"].where(over, 0.0),
            alternatives=counted["others"].where(over, 0),
        )
        sums = added.drop(columns="importer").groupby(["year", "product"], as_index=False).sum()
        found.append(sums.assign(least_imports=floor, union=union, threshold=threshold))
    sums = pd.concat(found, ignore_index=True)
    sums = sums[sums["importers"] >= LEAST_IMPORTERS]
    return sums.assign(
        good=sums["product"].map(GOODS),
        china_share=100 * sums["from_china"] / sums["value"],
        dependent_imports=100 * sums["taken"] / sums["value"],
        alternatives=sums["alternatives"] / sums["dependent"],
    )


#: HS6 code -> its contents.
PRODUCTS = {
    "250410": "natural graphite, powder or flakes",
    "380110": "artificial graphite",
    "811292": "gallium, germanium, indium, niobium, vanadium, hafnium and others, unwrought",
}
_PRODUCTS = "; ".join(f"{code}: {what}" for code, what in PRODUCTS.items())

MINERALS_SOURCE = source("china-critical-minerals-monthly")


@table(MINERALS_SOURCE, key="product importer period", unit="current USD; weight in kg")
@columns(
    period=text("Month", str_matches=r"^\d{4}-(0[1-9]|1[0-2])$"),
    year=year(2017, 2024),
    exporter=constant("CHN", "ISO3 code"),
    importer=economy(),
    product=text("HS 6-digit code", isin=PRODUCTS),
    **measured("Exports, current prices", USD, gt=0),
    weight=number("Net weight", "kg", missing="missing", gt=0),
    weight_flag=flag("missing where the source has no weight, else empty", "missing"),
)
def critical_minerals_monthly(raw: Raw) -> pd.DataFrame:
    """China's exports of graphite and of the gallium and germanium code by month and partner, 2017-2024.

    {_PRODUCTS}. 39 named partners.

    Warnings
    --------
    - 811292 is a basket of gallium, germanium, indium, niobium, vanadium, hafnium, and others, and measures none of them. The
      repository's wider group Gallium/Germanium (whole headings, 7 to 50 times too large) is left out.
    - 39 named partners and no row for the world: a sum covers those partners only. Hong Kong and Taiwan are separate partners,
      and much trade may pass through them.
    - A month without a row means no exports or no report. There is only one exporter, so the table has no world shares.

    Notes
    -----
    A weight of 0 kg at a value above zero is missing, with the flag `missing`.
    """
    file = read(raw, MINERALS_SOURCE, "period_dt partner_name=importer hs6=product val=value qty=weight uv")
    file.only("product", *PRODUCTS)
    weight, period = weight_or_missing(file), file.frame["period_dt"].str[:7]
    return file.frame.assign(period=period, weight=weight, weight_flag=flagged(weight.isna(), "missing"))


@critical_minerals_monthly.warns
def _mineral_findings(table: pd.DataFrame) -> tuple[str, ...]:
    total = table.groupby("product")["value"].sum()
    parts = []
    for code, part in table[table["weight"].isna()].groupby("product"):
        share = part["value"].sum() / total[str(code)] * 100
        parts.append(f"{code!s} {share:.1f}% of the value ({part['year'].min()} to {part['year'].max()})")
    graphite = table[table["product"] == "380110"].groupby("year")[["value", "weight"]].sum()
    price = listed(graphite["value"] / graphite["weight"], ".2f")
    return (
        f"USD per kilogram of 380110: {price}. The weights of 2017 look incomplete.",
        f"Weights are missing for: {'; '.join(parts)}. Sums of weights over those years are too low.",
    )


FIRST_YEAR, LAST_YEAR = 2010, 2018
CHANGING = "not_every_year"

SITC_SOURCE = source("comtrade-sitc2-2010-2018")


def _divisions(raw: Raw, path: str) -> pd.DataFrame:
    file = read(raw, SITC_SOURCE, file=path, has=RECORD | {"Partner ISO": "partner"})
    file.only("hs", "S4")
    return record(file).astype({"year": "int64"})


@table(SITC_SOURCE, key="partner product flow economy year", unit="current USD")
@columns(
    year=year(FIRST_YEAR, LAST_YEAR),
    economy=economy("ISO3 code of the reporter"),
    partner=economy("ISO3 code, or WLD", ["WLD"]),
    flow=words("export or import", {"Import": "import", "Export": "export"}),
    product=text("Division of the SITC, two digits", str_matches=r"^\d{2}$"),
    sitc=constant("SITC4", "Revision of the SITC"),
    **measured("Trade, current prices", USD, gt=0),
    flag=flag("not_every_year where the reporter has the flow in only some years, else empty", CHANGING),
)
def sitc_divisions_trade(raw: Raw) -> pd.DataFrame:
    """China's trade with ten partners by SITC division, and the world's exports of nine divisions, 2010-2018.

    Rows with a partner other than WLD: exports and imports reported by China in 66 divisions of SITC Rev. 4, with Australia,
    France, Germany, Hong Kong, India, Japan, Korea, Russia, the United States, and Vietnam. Rows with partner WLD: exports of
    every reporter in the divisions 28 (ores, scrap), 33 (petroleum), 75 (office machines), 76 (telecommunications), 77
    (electrical machinery), 78 (road vehicles), 84 (apparel), 87 (instruments), and 89 (miscellaneous).

    Warnings
    --------
    - There is no world total. A sum over reporters changes with the reporters of each year, and 2018 has the fewest of the late
      years. Sum over flag == '' for a series from 2010 to 2018 with constant reporters; it leaves out the Emirates, Kuwait,
      Iraq, Iran, Oman, Qatar, Nigeria, Bangladesh, and others.
    - Imports are CIF, exports FOB. Re-exports are not separate: trade through Hong Kong is counted twice in world exports, and
      not all of China's exports to Hong Kong stay there.
    - Taiwan is an exporter, "Other Asia, nes" (TWN), although the compilation's note says otherwise. It is not a partner of
      China here. Hong Kong is both a partner and a reporter.
    - The ten partners do not add up to China's trade. A division without a row means no trade or no report.

    Notes
    -----
    Clean China's trade with ten partners in 66 divisions of the SITC, and all reporters' exports of nine, 2010-2018.

    A division that a reporter does not report for a partner and flow has no row. The flag `not_every_year` marks flows that
    exist in only some of the nine years; sums over rows without it have the same reporters in every year. `economy` is the
    reporter.
    """
    stacked = pd.concat([_divisions(raw, path) for path in SITC_SOURCE.files], ignore_index=True)
    complete = set(stacked["year"]) == set(range(FIRST_YEAR, LAST_YEAR + 1))
    need(complete, SITC_SOURCE, "*", f"years {sorted(set(stacked['year']))}")
    years = stacked.groupby(["economy", "partner", "flow", "product"])["year"].transform("nunique")
    return stacked.assign(flag=flagged(years <= LAST_YEAR - FIRST_YEAR, CHANGING))


@sitc_divisions_trade.check("only China has partners, and the world has exports only")
def two_parts(frame: pd.DataFrame) -> pd.Series:
    """China has partners; every other reporter has the world."""
    world = frame["partner"] == "WLD"
    return (world & (frame["flow"] == "export")) | (~world & (frame["economy"] == "CHN"))


@sitc_divisions_trade.warns
def _sitc_findings(table: pd.DataFrame) -> tuple[str, ...]:
    world = table[table["partner"] == "WLD"]
    constant, total = (
        part.groupby(["product", "year"])["value"].sum() for part in (world[world["flag"] == ""], world)
    )
    share = (constant / total * 100).groupby("product").agg(["min", "max"])
    told = ", ".join(f"{product} {low:.1f} to {high:.1f}" for product, low, high in share.itertuples())
    return (
        f"Reporters of exports to the world by year: {listed(world.groupby('year')['economy'].nunique())}. "
        "No two years have the same reporters in their totals over all rows.",
        f"Share of reporters of every year in the totals of 2010 to 2018, %, lowest and highest by division: {told}. Totals of two years "
        "compare only where it hardly moves; sum over flag == '' elsewhere.",
    )
