"""Conversions of originals: the files of producers, as `originals.toml` lists them, to the rows of the raw files of our tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mic2025lab.sources.reading import renamed


def _text(path: Path, **options: Any) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", keep_default_na=False, **options)


def unchanged(paths: list[Path]) -> bytes:
    return paths[0].read_bytes()


def as_text(paths: list[Path], *, digits: dict[str, int] | None = None, **options: Any) -> pd.DataFrame:
    """Leave out columns that are empty, and give codes back the zeros they begin with."""
    frame = _text(paths[0], **options)
    frame = frame.loc[:, (frame != "").any()]
    return frame.assign(**{name: frame[name].str.zfill(count) for name, count in (digits or {}).items()})


def as_numbers(paths: list[Path], *, sort: Sequence[str] = (), **options: Any) -> pd.DataFrame:
    """Write a table of any format with its numbers as numbers."""
    readers: dict[str, Callable[..., pd.DataFrame]] = {".parquet": pd.read_parquet, ".xlsx": pd.read_excel}
    frame = readers.get(paths[0].suffix, pd.read_csv)(paths[0], **options)
    return frame.sort_values(list(sort)) if sort else frame


def wto(paths: list[Path], *, encoding: str) -> pd.DataFrame:
    """Join extracts, which overlap."""
    frame = pd.concat([_text(path, encoding=encoding) for path in paths]).drop_duplicates()
    frame = frame.loc[:, (frame != "").any()].replace({"Indicator": {"\u2013": "-"}}, regex=True)
    return frame.sort_values(["Reporting Economy Code", "Product/Sector Code", "Year"])


def world_bank(paths: list[Path], *, first: int, numbers: bool) -> pd.DataFrame:
    """Stack series, `<series>/data.csv` each, from a year on."""
    parts = [
        _text(path)
        .set_axis(["name", "iso3", "year", "value"], axis=1)
        .assign(indicator=path.parent.name.upper())
        for path in paths
    ]
    frame = pd.concat(parts)[["indicator", "iso3", "year", "value"]]
    frame = frame[(frame["year"].astype("int64") >= first) & (frame["value"] != "")]
    return frame.astype({"value": "float64"}) if numbers else frame


def world_bank_wide(paths: list[Path], *, value: str) -> pd.DataFrame:
    """Turn the years of a series of the World Bank's site, which are columns, into rows."""
    wide = _text(paths[0])
    years = [name for name in map(str, wide) if name.isdigit()]
    frame = wide.melt(["Country Name", "Country Code"], years, "year", value, ignore_index=False)
    frame = frame[frame[value] != ""].sort_index(kind="stable")
    return frame.rename(columns={"Country Name": "country", "Country Code": "iso3"})


def nrel(paths: list[Path], *, products: dict[str, str], countries: dict[str, str]) -> pd.DataFrame:
    """Stack shares of countries; years are rows in some files and columns in others."""
    parts = []
    for path in paths:
        wide = _text(path, encoding="utf-8-sig")
        given = {"year", "country"} & set(wide)
        (of,) = given or {wide.columns[0]}
        across = "country" if of == "year" else "year"
        kind = "baseline" if path.name.startswith("baseline") else "input"
        parts.append(wide.melt(of, None, across, "share_pct").assign(kind=kind, product=products[path.stem]))
    frame = pd.concat(parts).replace({"country": countries})
    columns = ["kind", "product", "year", "country"]
    return frame.sort_values(columns)[[*columns, "share_pct"]]


def bgs(paths: list[Path], *, columns: dict[str, str]) -> pd.DataFrame:
    """Stack minerals, without the columns of the map."""
    parts = []
    for path in paths:
        frame = _text(path)[list(columns)].rename(columns=columns)
        frame.insert(0, "file", path.name.split("_")[1])
        parts.append(frame)
    frame = pd.concat(parts)
    return frame.assign(year=frame["year"].str[:4], quantity=pd.to_numeric(frame["quantity"]))


_USGS = ["edition", "commodity", "country", "is_world_total", "statistic", "detail", "unit", "year", "value"]


def usgs(paths: list[Path], *, measures: list[list[str]]) -> pd.DataFrame:
    """Stack the world tables of the editions 2025 and 2026; a dash is a zero."""
    old, new = _text(paths[0]), _text(paths[1], encoding="cp1252")
    common = {"COMMODITY": "commodity", "COUNTRY": "country", "TYPE": "detail", "UNIT_MEAS": "unit"}
    parts = [
        old.rename(columns=common).assign(
            edition="MCS2025", statistic=statistic, year=year, value_as_printed=old[name], note=old[note]
        )
        for statistic, year, name, note in measures
    ]
    return usgs_tidy(pd.concat([pd.concat(parts).sort_index(kind="stable"), usgs_2026(new)]))


def usgs_2026(frame: pd.DataFrame) -> pd.DataFrame:
    """Name the columns of the world tables in the layout of the edition 2026."""
    names = renamed("Statistics=statistic Statistics_detail=detail Value=value_as_printed Notes=note")
    named = frame.rename(columns=names).rename(columns=str.lower).assign(edition="MCS2026")
    return named[named["section"].str.startswith("World")]


def usgs_tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Read names, marks, and numbers as printed."""
    frame = frame[~frame["value_as_printed"].isin(["", "NA"])].astype({"year": "str"})
    for column in ("commodity", "country", "statistic", "detail", "unit", "note"):
        frame[column] = frame[column].str.replace("\xa0", " ").str.strip()
    printed = frame["value_as_printed"].str.replace("[,<>]", "", regex=True).str.strip()
    frame["commodity"] = frame["commodity"].replace("Gemanium", "Germanium")
    frame["country"] = frame["country"].str.replace(r"(?<=\D)\s*\d+$", "", regex=True)
    frame["value"] = pd.to_numeric(printed.replace("\u2014", "0"), errors="coerce")
    frame["is_world_total"] = frame["country"].str.startswith("World total")
    return frame[[*_USGS, "value_as_printed", "note"]]


def pwt_levels(paths: list[Path], *, columns: list[str]) -> pd.DataFrame:
    """Choose the columns that the rounding of the file left usable, and the rows that have a level."""
    frame = _text(paths[0], encoding="utf-8-sig")[columns]
    levels = [name for name in columns if re.fullmatch("r.*|c[cdg].*|cn", name)]
    return frame[(frame[levels] != "").any(axis=1)]


def baci_products(paths: list[Path]) -> pd.DataFrame:
    """Name the products of the shares as BACI does."""
    names = _text(paths[1])
    return names[names["code"].isin(pd.read_parquet(paths[0]).columns)].rename(columns={"code": "hs92_6"})


def baci_shares(paths: list[Path]) -> pd.DataFrame:
    """Turn exports as percentages of the largest exporter's, one column per product, into shares."""
    wide = pd.read_parquet(paths[0]).drop(columns="pivotal1")
    frame = wide.melt(["year", "country"], var_name="hs92_6", value_name="pct_of_max")
    frame = frame[frame["pct_of_max"] > 0].sort_values(["hs92_6", "year", "country"])
    total = frame.groupby(["year", "hs92_6"])["pct_of_max"].transform("sum")
    return frame.assign(share=frame["pct_of_max"] / total)


_INSERT = re.compile(
    r'db\.insert\(db\.countries\.(\w+), "([^"]*)", db\.dsTypes\.(\w+), "([^"]*)",\s*\{(.*?)\}\)', re.DOTALL
)


def open_ev(paths: list[Path]) -> pd.DataFrame:
    """Read the sales that scripts insert into their table."""
    rows = [
        (country, period, kind, name, units, address)
        for path in paths
        for country, period, kind, address, sales in _INSERT.findall(path.read_text(encoding="utf-8"))
        for name, units in re.findall(r'"([^"]*)": *(\d+)', sales)
    ]
    columns = ["country", "period", "dataset", "model_or_brand", "units", "source_url"]
    return pd.DataFrame(rows, columns=columns)
