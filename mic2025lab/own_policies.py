"""The industrial-policy measures of Juhász, Lane, Oehlsen, and Pérez, from a file of the user's own.

Their file is `data/JLOP_2025.csv` of https://github.com/industrialpolicygroup/IndustrialPolicyData (Measuring Industrial Policy: A Text-Based
Approach, 2025; from the Global Trade Alert; noncommercial, share alike). It is not in the package. It would test whether China's priorities
narrowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mic2025lab import own_files
from mic2025lab.errors import TableError, shown

if TYPE_CHECKING:
    import pandas as pd

#: Column of the file -> column here. Others are not read.
COLUMNS = {
    "MeasureID": "measure",
    "AnnouncedYear": "year",
    "CountryImposing_cleaned": "country",
    "D_IP_bert_3": "industrial_policy",
    "MeasureAffectedProducts": "product",
    "same_year_published": "comparable",
}


def read_measures(path: str) -> pd.DataFrame:
    """Read the measures, one row for each measure and product.

    Parameters
    ----------
    path : str
        The authors' file, or any CSV, Excel, Stata, or Parquet file with the columns of `COLUMNS`.

    Returns
    -------
    pandas.DataFrame
        `measure`, `year` (announced), `country` (names joined by " & " if several), `industrial_policy`, `product` (HS 2012, six digits;
        missing if the measure names none), and `comparable`: recorded in the year in which it was announced. Only these rows may be
        compared over years, because older measures are still being added.

    Raises
    ------
    TableError
        If the file cannot be read, lacks a column, or has a year or a product code that is none.
    """
    file = own_files.locate(path)
    table, _ = own_files.read_table(file, [], COLUMNS)
    lacking = [name for name in COLUMNS if name not in table]
    if lacking:
        raise TableError(
            f"{shown(file.name)} has no column {lacking[0]!r}; the file of measures has {', '.join(COLUMNS)}."
        )
    table = table[list(COLUMNS)].rename(columns=COLUMNS).astype("str")
    table = table.apply(lambda column: column.str.strip().str.removesuffix(".0"))
    odd = table.loc[~table["year"].str.fullmatch(r"(19|20)\d\d"), "year"]
    if len(odd):
        raise TableError(
            f"AnnouncedYear of {shown(file.name)} has {shown(odd.iloc[0])}; years have four digits."
        )
    products = table["product"].str.findall(r"[^,\s]+")
    named = table.assign(product=products).explode("product", ignore_index=True)
    named["product"] = named["product"].where(~named["product"].isin(["NA", "nan", "None", "<NA>"]))
    # Spreadsheets drop a leading zero.
    named["product"] = named["product"].str.replace(r"^(\d{5})$", r"0\1", regex=True)
    odd = named.loc[named["product"].notna() & ~named["product"].str.fullmatch(r"\d{6}").eq(True), "product"]
    if len(odd):
        raise TableError(
            f"MeasureAffectedProducts of {shown(file.name)} has {shown(odd.iloc[0])}; codes have six digits."
        )
    flags = {name: named[name].eq("1") for name in ("industrial_policy", "comparable")}
    return named.assign(year=named["year"].astype("int64"), **flags).drop_duplicates(ignore_index=True)


def sector_shares(measures: pd.DataFrame, products: pd.DataFrame, country: str = "China") -> pd.DataFrame:
    """Return the share of each sector in the industrial-policy measures of a country.

    Parameters
    ----------
    measures : pandas.DataFrame
        From `read_measures`.
    products : pandas.DataFrame
        `sector` and `product` in HS 2012, such as ``lab.load("sector_products", hs="HS12")``.
    country : str
        As the file names it. Measures of several countries count for each.

    Returns
    -------
    pandas.DataFrame
        `year`, `sector`, `measures` (that touch a product of the sector), `of` (all with products), and `share` (%). A measure can touch several
        sectors, so that shares do not add up to 100. Only comparable measures count.
    """
    own = measures["country"].str.split(" & ").map(lambda names: country in names)
    used = measures[
        own & measures["industrial_policy"] & measures["comparable"] & measures["product"].notna()
    ]
    total = used.groupby("year")["measure"].nunique().rename("of")
    touched = used.merge(products[["sector", "product"]].drop_duplicates(), on="product")
    counts = touched.groupby(["year", "sector"])["measure"].nunique().rename("measures").reset_index()
    counts = counts.merge(total.reset_index(), on="year")
    return counts.assign(share=100 * counts["measures"] / counts["of"])
