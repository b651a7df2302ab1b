"""What the trade analyses take from the full bilateral data (BACI), for those who have converted it on their machine."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mic2025lab import catalog, metrics
from mic2025lab.classifications import economies
from mic2025lab.evidence._words import counted, listing, plain

KEYS = ["year", "exporter", "importer", "product", "value"]


def years() -> tuple[int, int]:
    """First and last year of the converted data."""
    labels = catalog.scan("baci").labels
    return int(min(labels)), int(max(labels))


def revision() -> str:
    """Revision of the Harmonized System that the converted data are in."""
    return str(catalog.scan("baci").about["hs"])


def source() -> str:
    """Give the line for the foot of a figure."""
    about = catalog.scan("baci").about
    return f"CEPII, BACI {about['hs']} V{about['version']}"


def imports_of(importer: str, *, last: int | None = None, window: int = 1) -> pd.DataFrame:
    """Imports of one economy in the `window` years to `last` (the last year by default), with the revision in `hs`."""
    end = years()[1] if last is None else last
    frame = catalog.scan("baci", year=slice(end - window + 1, end), importer=importer).collect(KEYS)
    return frame.assign(hs=revision())


def screen(importer: str, *, years_needed: int, years_window: int, hhi_above: float) -> pd.DataFrame:
    """`metrics.chokepoints` of one importer in the last year, from its imports and its exports; most severe first."""
    end = years()[1]
    span = slice(end - years_window + 1, end)
    bought = catalog.scan("baci", year=span, importer=importer).collect(KEYS)
    sold = catalog.scan("baci", year=span, exporter=importer).collect(KEYS)
    table = pd.concat([bought, sold], ignore_index=True)
    found = metrics.chokepoints(
        table, importer=importer, n=years_needed, last=years_window, hhi_above=hhi_above
    )
    return found[found["year"] == end].sort_values("severity", ascending=False, ignore_index=True)


def suppliers_by_sector(economy: str, *, base: int, mapping: pd.DataFrame) -> pd.DataFrame:
    """Whom an economy buys the plan's products from: concentration and the largest supplier, in the base year and the last.

    Returns
    -------
    pandas.DataFrame
        `sector`, and for both years `imports` (billion of the unit), `hhi`, `supplier`, `share` (%) with the year at the end of the name.
    """
    end = years()[1]
    frame = catalog.scan("baci", year=[base, end], importer=economy).collect(KEYS)
    joined = frame.astype({"product": "str", "exporter": "str"}).merge(
        mapping[["product", "sector"]], on="product"
    )
    flows: Any = joined.groupby(["year", "sector", "exporter"], as_index=False)["value"].sum()
    concentration = metrics.hhi(flows, of="exporter", within=("sector", "year"))
    total = (
        flows.groupby(["sector", "year"], as_index=False)["value"].sum().rename(columns={"value": "imports"})
    )
    largest = (
        flows.sort_values("value")
        .groupby(["sector", "year"], as_index=False)
        .last()
        .rename(columns={"exporter": "supplier"})
    )
    table = total.merge(concentration, on=["sector", "year"]).merge(largest, on=["sector", "year"])
    table["share"], table["imports"] = 100 * table["value"] / table["imports"], table["imports"] / 1e6
    wide = table.pivot(index="sector", columns="year", values=["imports", "hhi", "supplier", "share"])
    wide.columns = [f"{name}_{year}" for name, year in wide.columns]
    return wide.reset_index()


# -- words -----------------------------------------------------------------------------------------------------------------------


def say_screen(found: pd.DataFrame, *, importer: str) -> str:
    """Say how many products are chokepoints of the importer in the last year, and who is the neck of most."""
    necks = found[found["chokepoint"]]
    year = int(found["year"].iloc[0])
    text = (
        f"In the bilateral data {counted(len(necks), 'product')} of {len(found):,} that {economies.spoken(importer)} imported in {year} "
        f"{'is a chokepoint' if len(necks) == 1 else 'are chokepoints'}: few suppliers, more imported than exported, year after year"
    )
    if len(necks):
        top: Any = necks["top_supplier"].astype("str").value_counts().head(3)
        text += f"; the largest supplier is most often {listing([f'{economies.spoken(code)} ({n})' for code, n in top.items()])}"
    return text + "."


def say_suppliers(table: pd.DataFrame, *, economy: str, base: int) -> str:
    """Say in how many sectors the suppliers became more or less concentrated."""
    end = int(table.columns[-1].rsplit("_", 1)[1])
    both = table.dropna(subset=[f"hhi_{base}", f"hhi_{end}"])
    change = both[f"hhi_{end}"].astype("float64") - both[f"hhi_{base}"].astype("float64")
    most = both.assign(now=both[f"share_{end}"].astype("float64")).sort_values("now", ascending=False).iloc[0]
    return (
        f"From {base} to {end} the suppliers of {economies.spoken(economy)} became less concentrated in {int((change < -0.01).sum())} of "
        f"{counted(len(both), 'sector')} of the plan and more in {int((change > 0.01).sum())}; the largest share of one is that of "
        f"{economies.spoken(str(most[f'supplier_{end}']))} in {most['sector'].replace('_', ' ')}, {plain(most['now'])}%."
    )
