"""Where an economy stands in a sector of the plan: value added, goods, exports; part of `sector_profile`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pandas as pd

from mic2025lab import metrics
from mic2025lab.classifications import economies, industries, sectors
from mic2025lab.evidence import leadership_measures, market_share, specialization
from mic2025lab.evidence._words import is_clear, listing, moved, plain, signed
from mic2025lab.evidence.sector_part import Part, without

#: Sector -> industry of `intermediate_exports`, and how well it matches: aircraft, ships and trains are one industry there.
EXPORTS: Mapping[str, tuple[str, str]] = {
    "information_technology": ("C26", "partial"),
    "machine_tools_robotics": ("C28", "partial"),
    "aerospace": ("C30", "poor"),
    "ships_ocean_engineering": ("C30", "poor"),
    "rail": ("C30", "poor"),
    "new_energy_vehicles": ("C29", "partial"),
    "power_equipment": ("C27", "partial"),
    "agricultural_machinery": ("C28", "poor"),
    "new_materials": ("C20", "poor"),
    "biopharma_medical": ("C21", "partial"),
}

#: Sector -> table of a product of its own, measure, what it is, match.
VOLUMES: Mapping[str, tuple[str, str, str, str]] = {
    "new_energy_vehicles": ("ev_sales", "ev_sales_share", "the world’s plug-in cars sold", "good"),
    "power_equipment": (
        "solar_chain",
        "solar_module_share",
        "the world’s capacity to make solar modules",
        "partial",
    ),
}

#: What would count the goods of a sector that has no such table.
GOODS: Mapping[str, str] = {
    "machine_tools_robotics": "robots by economy (International Federation of Robotics: mic2025lab data build robots)",
    "ships_ocean_engineering": "ships completed by economy (MIIT, Clarksons), read at the source: the shares in benchmarks were not",
}


def shares(table: pd.DataFrame, slug: str) -> pd.DataFrame:
    """Shares of world value added, percent, in the sector's industries and their sum; no rows where none stands for it."""
    if not sectors.get(slug).industries:
        return table.head(0).assign(share=0.0)
    of = market_share.scope(slug)
    rows = market_share.with_headline(table, of)
    rows = rows[rows["industry"].isin(of.industries)]
    found = metrics.market_share(rows, of="economy", within=("industry", "year"), world=market_share.WORLD)
    return found.assign(share=100 * found["share"])


def position(table: pd.DataFrame, slug: str, *, economy: str, base: int) -> Part:
    """Share of world value added: from the base year to the last, and whether its pace changed."""
    part = Part(
        "position_change",
        "Share of world value added",
        "",
        "value added of the sector’s own industries by economy (UNIDO INDSTAT at four digits)",
        "value_added",
    )
    own = sectors.get(slug)
    if not own.industries:
        return without(part, "no industry of value_added stands for the sector")
    series = shares(table, slug)
    series = series[series["economy"] == economy]
    row = market_share.pace_table(series, market_share.scope(slug), at=base).iloc[0]
    first, last = int(series["year"].min()), int(series["year"].max())
    change = float(row["value_end"] - row["value_at"])
    says = (
        f"{economies.spoken(economy, first=True, own=True)} share of world value added in {row['label']} {moved(change)} from "
        f"{plain(row['value_at'])}% in {base} to {plain(row['value_end'])}% in {last}. It moved by {signed(row['after'], 2)} points a year after "
        f"{base} and by {signed(row['before'], 2)} before, {_how_clear(row)}."
    )
    of_share = f"share of world value added in {row['label']}"
    return dataclasses.replace(
        part,
        says=says,
        value=change,
        unit="points",
        note=f"{of_share}, {base} to {last}",
        span=f"{base}–{last}",
        years=(first, last),
        stands=listing([industries.name(name) for name in own.industries]),
        match=own.match,
        more=(
            ("share_base", row["value_at"], "%", f"{of_share}, {base}", None, None),
            ("share_end", row["value_end"], "%", f"{of_share}, {last}", None, None),
            ("pace_change", row["change"], "points a year", f"pace after {base} less before; {of_share}", row["low"], row["high"]),
        ),
    )  # fmt: skip


def _how_clear(row: Any) -> str:
    """Say whether two paces differ, from a row of `metrics.pace`."""
    if row["low"] != row["low"]:
        return "with too few years to tell whether the two differ"
    clear = is_clear(row["change"], row["low"], row["high"])
    return f"a difference {'beyond' if clear else 'within'} the ordinary ups and downs of the share"


def volume(tables: Mapping[str, pd.DataFrame], slug: str, *, economy: str, base: int) -> Part:
    """Share of the world in the sector's own goods, where a table counts them."""
    wanted = GOODS.get(slug, "production or sales of its goods in units, by economy")
    part = Part("volume_change", "Share of the world in its goods", "", wanted, "")
    if slug not in VOLUMES:
        return without(part, "no table here counts the sector’s goods by economy")
    name, measure, what, match = VOLUMES[slug]
    made = leadership_measures.electric_cars if name == "ev_sales" else leadership_measures.solar
    rows = made(tables[name])
    rows = rows[(rows["measure"] == measure) & (rows["economy"] == economy)]
    own: Any = rows.set_index("year")["value"].dropna().sort_index()
    part = dataclasses.replace(part, table=name, wanted="the other goods of the sector, in units")
    if base not in own.index or own.index[-1] <= base:
        return without(part, f"{name} has no {base} and a later year of {economies.spoken(economy)}")
    last = int(own.index[-1])
    change = float(own[last] - own[base])
    return dataclasses.replace(
        part,
        says=(
            f"{economies.spoken(economy, first=True, own=True)} share of {what} {moved(change)} from {plain(own[base])}% in {base} to "
            f"{plain(own[last])}% in {last}."
        ),
        value=change,
        unit="points",
        note=f"share of {what}, {base} to {last}",
        span=f"{base}–{last}",
        years=(int(own.index[0]), last),
        stands=what.removeprefix("the world’s "),
        match=match,
    )


def exports(table: pd.DataFrame, slug: str, *, economy: str, base: int) -> Part:
    """Share of the world's exports of intermediate goods, and the comparative advantage."""
    code, match = EXPORTS[slug]
    label = industries.name(code)
    rows = specialization.goods(table)
    first, last = int(rows["year"].min()), int(rows["year"].max())
    found = specialization.by_year(rows[rows["year"].isin([base, last])], economy=economy, years=[base, last])
    row: Any = found.set_index("product").loc[code]
    then, now = row[f"rca_{base}"], row[f"rca_{last}"]
    change = float(row[f"share_{last}"] - row[f"share_{base}"])
    side = (
        "about as much as"
        if abs(now - 1) < specialization.MARGIN
        else "more than"
        if now > 1
        else "less than"
    )
    return Part(
        "export_share_change",
        "Share of world exports",
        (
            f"Of the world’s exports of intermediate goods in {label} {economies.spoken(economy)} had {plain(row[f'share_{base}'])}% in {base} "
            f"and {plain(row[f'share_{last}'])}% in {last}. In {last} that was {plain(now, 2)} times its share in all such goods "
            f"({plain(then, 2)} in {base}): {side} its size would lead one to expect."
        ),
        "exports by product (BACI: mic2025lab data baci, then export_specialization with flows=baci)",
        "intermediate_exports",
        value=change,
        unit="points",
        note=f"share of world exports of intermediate goods in {label}, {base} to {last}",
        span=f"{base}–{last}",
        years=(first, last),
        stands=f"{label}, intermediate goods only",
        match=match,
        more=(("advantage_end", now, "ratio", f"revealed comparative advantage in {label}, {last}; {plain(then, 2)} in {base}", None, None),),
    )  # fmt: skip
