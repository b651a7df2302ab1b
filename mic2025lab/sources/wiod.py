"""World Input-Output Database, release of 2013: foreign content of exports, and the inter-country table of 2011."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

CONTENT, INTER, CODES = (
    "wiod_exports_foreign_content_1995_2011.csv.gz",
    "wiod_2011_intercountry_long.csv.gz",
    "codes.csv",
)
UNIT = "million USD"
_COMMIT = "of the R package cran/wiod (commit 1515fb55de5655aca08509b105837f6710260f0f)"

SOURCE = Source(
    id="wiod-1995-2011",
    producer="WIOD consortium",
    title="World Input-Output Database, 2013 release",
    version="2013 release, as packaged in wiod 0.3.0",
    url="http://www.wiod.org/",
    license="WIOD: free with citation (CC-BY-4.0 from knowledge); package GPL-3.0",
    redistributable="attribution",
    citation=(
        "Timmer, M. P., E. Dietzenbacher, B. Los, R. Stehrer and G. J. de Vries (2015), An Illustrated User Guide to the World "
        "Input-Output Database, Review of International Economics 23; packaged by B. Quast, wiod 0.3.0."
    ),
    retrieved="2026-11-24",
    files=(
        RawFile(
            CONTENT,
            "1076ef6f881bb03269ca91d595ffceee83e4f3fc250afbd8014e2806b0da5666",
            url_note=f"computed from data/wiod95.rda to wiod11.rda {_COMMIT} with the global Leontief inverse",
        ),
        RawFile(
            INTER,
            "1b346d4931d631ed7f966e66520e1121efbcc5f8bd9ecad00a43e7947a2e8f59",
            url_note=f"data/wiod11.rda {_COMMIT}, in long form, zeros dropped",
        ),
        RawFile(
            CODES,
            "8e51b9ca8a74443d2cc93dfd632bb625e71f894b1867e76fec6608f595564534",
            url_note="the industries and uses of the release",
        ),
    ),
)

INDUSTRIES = tuple(f"c{number}" for number in range(1, 36))
FINAL_USES = tuple(f"f{number}" for number in range(1, 6))


def _code(column: pd.Series) -> pd.Series:
    names = {code: economies.resolve(code) for code in column.unique()}
    return column.map(names).astype("str")


def _known(frame: pd.DataFrame, column: str, known: tuple[str, ...], path: str) -> None:
    odd = sorted(set(frame[column]) - set(known))
    need(not odd, SOURCE, path, f"codes of {column} that are not known: {odd}")


def wiod_foreign_content(raw: Raw) -> pd.DataFrame:
    """Clean gross exports, output, value added and the domestic value added in exports, by economy and industry, 1995-2011.

    The foreign share is missing where an industry does not export.

    Returns
    -------
    pandas.DataFrame
        `year, economy, industry, gross_exports, output, value_added, domestic_value_added, foreign_share, unit, flag`; money
        in million current USD, foreign_share from 0 to 1, flag `negative_exports` where changes in stocks make them so.
    """
    frame = pd.read_csv(raw(SOURCE, CONTENT), dtype={"country": "str", "industry": "str"})
    names = {
        "gross_exports_musd": "gross_exports",
        "output_musd": "output",
        "value_added_musd": "value_added",
        "domestic_va_in_exports_musd": "domestic_value_added",
        "foreign_content_share": "foreign_share",
    }
    columns = ["year", "country", "industry", *names]
    need(list(frame) == columns, SOURCE, CONTENT, f"columns {list(frame)}")
    _known(frame, "industry", INDUSTRIES, CONTENT)
    frame = frame.rename(columns=names).astype(dict.fromkeys(names.values(), "float64"))
    frame["economy"] = _code(frame["country"])
    frame["unit"] = UNIT
    frame["flag"] = (frame["gross_exports"] < 0).map({True: "negative_exports", False: ""})
    columns = ["year", "economy", "industry", *names.values(), "unit", "flag"]
    table = frame[columns].sort_values(["year", "economy", "industry"], ignore_index=True)
    return table.astype({"unit": "str", "flag": "str"})


def inter_country_2011(raw: Raw) -> pd.DataFrame:
    """Clean the inter-country table of 2011: what each industry of each economy sells to each industry and final use.

    Returns
    -------
    pandas.DataFrame
        `year, exporter, from_industry, importer, to_use, value, unit`; value in million current USD, cells that are zero left
        out. `to_use` is an industry (c1-c35) or a final use (f1-f5); domestic sales (exporter = importer) are in it.
    """
    text = dict.fromkeys(["from_country", "from_industry", "to_country", "to_use"], "str")
    frame = pd.read_csv(raw(SOURCE, INTER), dtype={**text, "value_musd": "float64"})
    need(list(frame) == [*text, "value_musd"], SOURCE, INTER, f"columns {list(frame)}")
    _known(frame, "from_industry", INDUSTRIES, INTER)
    _known(frame, "to_use", (*INDUSTRIES, *FINAL_USES), INTER)
    frame["exporter"], frame["importer"] = _code(frame["from_country"]), _code(frame["to_country"])
    frame = frame.rename(columns={"value_musd": "value"}).assign(year=2011, unit=UNIT)
    keys = ["exporter", "from_industry", "importer", "to_use"]
    table = frame[["year", *keys, "value", "unit"]]
    return table.sort_values(["exporter", "importer", "from_industry", "to_use"], ignore_index=True).astype(
        {"year": "int64", "unit": "str"}
    )


def wiod_codes(raw: Raw) -> pd.DataFrame:
    """List the industries and final uses of the WIOD: `code, kind, nace, name`."""
    frame = pd.read_csv(raw(SOURCE, CODES), dtype="str", keep_default_na=False, na_values=[""])
    need(list(frame) == ["code", "kind", "nace_rev1", "name"], SOURCE, CODES, f"columns {list(frame)}")
    _known(frame, "code", (*INDUSTRIES, *FINAL_USES), CODES)
    frame["kind"] = frame["kind"].map({"industry": "industry", "final use": "final_use"})
    return frame.rename(columns={"nace_rev1": "nace"}).astype("str")


_SHARED = (
    "Economies: 40 and the rest of the world (ROW). Taiwan is one of them; Hong Kong and Macao are in ROW. Romania (ROM in the source) is "
    "ROU.",
    "Industries are of NACE Rev. 1: electronics are c14 together with electrical equipment, and motor vehicles c15 together with all other "
    "transport equipment. Not comparable with the ICIO (intermediate_exports).",
    "It ends in 2011, four years before the plan: it shows where things stood before, not what the plan did.",
)

TABLES = (
    Table(
        name="wiod_foreign_content",
        title="Foreign content of exports by economy and industry, 1995-2011",
        description=(
            "Gross exports (intermediate and final) of 41 economies and 35 industries, and the domestic value added in them: own value added "
            "per unit of output times the own-country block of the global Leontief inverse. foreign_share = 1 - domestic over gross "
            "(vertical specialization)."
        ),
        unit="million current USD; foreign_share from 0 to 1",
        build=wiod_foreign_content,
        inputs=((SOURCE, (CONTENT,)),),
        key=("year", "economy", "industry"),
        coverage=("year", "economy", "industry"),
        format="parquet",
        warnings=(
            "Value added is output less intermediate inputs: it holds taxes less subsidies and transport margins, and is above the WIOD's own "
            "value-added row.",
            "foreign_share is missing where an industry does not export. It is the content by exporting industry, not exports of value added.",
            "Exports that are negative (flag negative_exports) come from changes in stocks.",
            *_SHARED,
        ),
    ),
    Table(
        name="inter_country_2011",
        title="Inter-country input-output table of 2011: 41 economies, 35 industries, 5 final uses",
        description=(
            "Who sells what to whom in 2011, for foreign-input reliance at face value and looking through suppliers. Output of an industry is "
            "the sum of its row. Codes are named in wiod_codes."
        ),
        unit="million current USD",
        build=inter_country_2011,
        inputs=((SOURCE, (INTER,)),),
        key=("exporter", "from_industry", "importer", "to_use"),
        coverage=("year", "exporter", "from_industry", "to_use"),
        format="parquet",
        warnings=(
            "Values are rounded to whole millions: the sum of a row misses the printed output by up to 108 million.",
            "Negative cells (in f4 and f5) are changes in stocks and disposals.",
            "A cell that is missing is zero after rounding.",
            "Domestic sales are in it (exporter = importer): leave them out before computing trade.",
            *_SHARED,
        ),
    ),
    Table(
        name="wiod_codes",
        title="Industries and final uses of the WIOD, release of 2013",
        description="Names for the codes of wiod_foreign_content and inter_country_2011.",
        unit="none",
        build=wiod_codes,
        inputs=((SOURCE, (CODES,)),),
        key=("code",),
        coverage=("kind",),
        warnings=("The NACE codes and the names of final uses are from knowledge, not from the package.",),
    ),
)
