"""Input-output tables of China by NBS and OECD: output, exports, and imports of each industry.

The tables are large matrices whose shape changes. Kept are output, exports, imports, and value added of each industry and,
where imported inputs are separate, the imported inputs that each industry uses.
"""

from __future__ import annotations

import re

import pandas as pd

from mic2025lab.sources.columns import number, text, year
from mic2025lab.sources.reading import RawTable, flagged, listed, read
from mic2025lab.sources.table import Raw, columns, source, table

SOURCE = source("china-input-output")
FILES = tuple(SOURCE.files)
OECD_DATA, OECD_NAMES = "oecd21ed_chn_1995_2018_long.csv.gz", "oecd21ed_rows.csv"
#: Tables with imported products in a separate column, and tables with them in separate rows.
ONE_COLUMN, OWN_ROWS = FILES[:9], FILES[9:12]
YUAN, DOLLARS = "10 thousand yuan", "million USD"
ROUNDING = 1e-3  # of output: tolerance between the sides of a table


def _read(raw: Raw, path: str, columns: set[str]) -> tuple[RawTable, list[str]]:
    """Read an NBS table: numbers as numbers, and the codes of its industries."""
    file = read(raw, SOURCE, file=path, has={"Code", "Description", *columns})
    frame = file.frame
    industries = [column for column in map(str, frame) if re.fullmatch(r"\d{2,3}", column)]
    for column in [*industries, *(columns - {"Origin"})]:
        frame[column] = file.numbers(column)
    file.need({"TII", "TVA", "TI"} <= set(frame["Code"]), "no rows of total inputs")
    return file, industries


def _year(path: str) -> int:
    return int(path.split("_")[1])


def _industries(file: RawTable, frame: pd.DataFrame, industries: list[str]) -> pd.DataFrame:
    """Take the rows of the industries, in the order of the columns, with value added from the foot of the table."""
    rows = frame[frame["Code"].isin(industries)].set_index("Code")
    file.need(list(rows.index) == industries, "rows and columns of different industries")
    foot = frame.drop_duplicates("Code", keep="last").set_index("Code")
    inputs, added = (foot.loc[code, industries].astype("float64") for code in ("TI", "TVA"))
    apart = ((inputs - rows["GO"]).abs() / rows["GO"]).max()
    file.need(apart < ROUNDING, f"total inputs differ from output by {apart:.2%}")
    return pd.DataFrame({"name": rows["Description"], "output": rows["GO"], "value_added": added})


def _one_column(raw: Raw, path: str) -> pd.DataFrame:
    """Clean a table whose columns IM and EX contain imports and exports of each product (competitive imports)."""
    file, industries = _read(raw, path, {"EX", "IM", "GO"})
    frame = file.frame
    rows = frame[frame["Code"].isin(industries)].set_index("Code")
    made = _industries(file, frame, industries).assign(exports=rows["EX"], imports=rows["IM"])
    file.need((made["imports"] >= 0).all(), "imports below zero")
    if "ERR" in frame:
        made["discrepancy"] = file.numbers(rows["ERR"])
    return made.assign(edition="nbs", year=_year(path))


def _own_rows(raw: Raw, path: str) -> pd.DataFrame:
    """Clean a table with separate rows of domestic and imported products (non-competitive imports)."""
    file, industries = _read(raw, path, {"Origin", "TIU", "TFU", "EX", "GO"})
    frame = file.frame
    domestic, imported = frame[frame["Origin"] == "Domestic"], frame[frame["Origin"] == "Imports"]
    complete = len(domestic) == len(imported) == len(industries)
    file.need(complete, "rows that are neither domestic nor imported")
    made = _industries(file, pd.concat([domestic, frame[frame["Origin"] == "TOT"]]), industries)
    bought = imported.set_index("Code")
    unused = (bought["TIU"] + bought["TFU"] - bought["GO"]).abs() > ROUNDING * bought["GO"] + 1
    file.need(not unused.any(), "imports that are not used")
    made["imports"] = bought["GO"]
    made["exports"] = domestic.set_index("Code")["EX"] + bought["EX"]
    made["imported_inputs"] = imported[industries].sum()
    return made.assign(edition="nbs-42", year=_year(path))


def _oecd(raw: Raw) -> pd.DataFrame:
    """Clean the OECD's tables: imports have a minus sign, and an industry that is not reported separately has zeros."""
    file = read(raw, SOURCE, ["year", "row", "col", "value"], file=OECD_DATA)
    names = read(raw, SOURCE, file=OECD_NAMES).frame.set_index("Code")["Description"]
    frame = file.frame.astype({"year": "int64"}).assign(value=file.numbers("value"))
    industries = [code for code in names.index if code.isdigit()]
    cell = frame.set_index(["row", "col", "year"])["value"].sort_index()
    parts = {
        "output": cell.loc["OUTPUT"],
        "value_added": cell.loc["VALU"],
        "exports": cell.xs("EXPO", level="col"),
        "imports": -cell.xs("IMPO", level="col"),
    }
    made = pd.DataFrame({name: part.rename_axis(["Code", "year"]) for name, part in parts.items()})
    made = made.loc[made.index.get_level_values("Code").isin(industries)]
    file.need(len(made) == len(industries) * frame["year"].nunique(), "industries without a year")
    file.need(made.notna().all(axis=None), "cells that are missing")
    made = made.reset_index("year")
    return made[made["output"] > 0].assign(edition="oecd-2021", name=names)


@table(
    SOURCE,
    key="edition year industry",
    unit="by row: 10 thousand yuan (NBS), million USD (OECD), current prices",
    vintage="oecd-2021",
)
@columns(
    edition=text("Kind of table", isin=["nbs", "nbs-42", "oecd-2021"]),
    year=year(1995, 2020),
    industry=text("Code in the edition's table of the year", str_matches=r"^\d{2,3}$"),
    name=text("Name of the industry"),
    output=number("Output", gt=0),
    exports=number("Exports of the industry's product", ge=0),
    imports=number("Imports of the industry's product", ge=0),
    value_added=number("Value added of the industry", ge=0),
    imported_inputs=number("Imported products that the industry uses (nbs-42)", missing=True, ge=0),
    discrepancy=number("The table's column of errors (nbs to 2015)", missing=True),
    unit=text("Unit of the money columns", isin=[YUAN, DOLLARS]),
)
def industry_supply(raw: Raw) -> pd.DataFrame:
    """Output, exports and imports of China's industries from input-output tables, 1995-2020.

    nbs: nine tables from 2002 to 2020 with 41 to 153 industries; nbs-42: 2017, 2018, and 2020 with 42 industries and the
    imported inputs of each; oecd-2021: 1995-2018, yearly, 45 industries in one classification.

    Warnings
    --------
    - Only oecd-2021 is a series over years. The NBS tables change their industries each time, and the same code (industry) is
      another industry in the next table. Compare NBS years by name, and only where the name is the same.
    - nbs (imports of a product in a column) and nbs-42 (imports in separate rows) are two kinds of tables: never stack them.
      imported_inputs are the imported products that an industry uses; imports are the imports of its product.
    - exports include processing trade and re-exports: imports divided by output + imports - exports overstate dependence where
      goods pass through (electronics, office machinery).
    - discrepancy is the NBS's column of errors: output less uses, net of imports. The tables from 2017 on do not have one.
    - 2020 is a pandemic year. Industries are wider than the plan's sectors. NBS tables are at producer prices, OECD tables at
      basic prices (according to their rows). China does not include Hong Kong, Macao, and Taiwan.

    Notes
    -----
    Stack output, exports, imports, and value added of China's industries; each edition has its own industries.

    A column is missing where the edition does not have it: imported_inputs outside nbs-42, discrepancy outside the NBS tables
    that have one. Imports of a product divided by output + imports - exports are the import share of China's use of it.
    """
    nbs = [_one_column(raw, path) for path in ONE_COLUMN] + [_own_rows(raw, path) for path in OWN_ROWS]
    parts = [part.rename_axis("industry").reset_index() for part in (*nbs, _oecd(raw))]
    stacked = pd.concat(parts, ignore_index=True)
    return stacked.assign(unit=flagged(stacked["edition"] == "oecd-2021", DOLLARS, YUAN))


@industry_supply.check("value added plus imported inputs do not exceed output")
def parts_of_output(frame: pd.DataFrame) -> pd.Series:
    """Value added and imported inputs are parts of output."""
    return frame["value_added"] + frame["imported_inputs"].fillna(0) <= frame["output"] * 1.001


def import_share(table: pd.DataFrame) -> pd.Series:
    """Return imports as a percentage of output + imports - exports, by row."""
    return table["imports"] / (table["output"] + table["imports"] - table["exports"]) * 100


@industry_supply.warns
def _findings(table: pd.DataFrame) -> tuple[str, ...]:
    chips = table[(table["edition"] == "nbs") & table["name"].str.contains("electronic components")]
    share = listed(import_share(chips.set_index("year")), ".1f")
    sizes = table[table["edition"] == "nbs"].groupby("year").size()
    above = table[import_share(table) > 100].astype({"year": "str"})
    return (
        f"Industries of edition nbs by year: {listed(sizes)}.",
        f"Import share of electronic components (nbs), %: {share}.",
        f"In {len(above)} rows, imports exceed output + imports - exports, because goods pass through: "
        f"{'; '.join(above['name'] + ' (' + above['year'] + ')')}.",
    )
