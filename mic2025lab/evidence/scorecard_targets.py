"""The target tracker of `scorecard`: what the plan set, what came of it, and how far the two can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mic2025lab.classifications import sectors
from mic2025lab.evidence._words import counted, each, listing, plain, signed

MET, MISSED, NO_DATA, UNKNOWN = "met", "missed", "no data", "cannot tell"

#: The year whose value the plan's targets start from.
BASE = 2015

_STATED = re.compile(r"([+-]\d+(?:\.\d+)?)\s*pp on (\d{4})")
_BOUND = re.compile(r"more than|at least|lower bound")


@dataclass(frozen=True)
class Match:
    """A published figure on a target of a sector, which has no official one.

    Attributes
    ----------
    sector, indicator : str
        Of the table `targets`.
    item : str
        Of the table `benchmarks`; empty for electric vehicles, which are counted in `ev_sales`.
    caveat : str
        How the two differ.
    """

    sector: str
    indicator: str
    item: str
    caveat: str


MATCHES = (
    Match(
        "machine_tools_robotics",
        "Own-brand industrial robots",
        "Domestic suppliers share of China robot installations",
        "installations of domestic suppliers, which are not all own brands",
    ),
    Match(
        "information_technology",
        "Integrated circuits (self-sufficiency; often quoted 40/70)",
        "Domestic chipmakers share of China chip needs",
        "the year of the figure is not stated at its source",
    ),
    Match("new_energy_vehicles", "NEV annual sales", "", "electric cars, vans, trucks and buses"),
)


def headline(targets: pd.DataFrame, actuals: pd.DataFrame) -> pd.DataFrame:
    """Set each headline target beside the official figure of its year.

    A figure counts for a target if it is of the target's year, and of a change since the base year if it begins there. A figure that is
    only a bound decides nothing unless it is beyond the target.

    Parameters
    ----------
    targets, actuals : pandas.DataFrame
        The tables `targets` and `target_actuals`.

    Returns
    -------
    pandas.DataFrame
        `indicator`, `year`, `target`, `unit`, `actual` (missing where there is none), `gap` (actual less target), `status`, `latest` (the
        newest figure of another year, in words), `base_year` (the plan's base against the base that officials stated later, in words;
        empty where they agree or none is stated), `on_own_base` (change that was reached of the change that was planned, each on its own
        base), `unverified` (what of it was not read at its source).
    """
    rows = targets[(targets["scope"] == "headline") & (targets["year"] > BASE)]
    planned = targets[(targets["scope"] == "headline") & (targets["year"] == BASE)].set_index("id")["value"]
    lines = []
    for row in each(rows):
        own = actuals[actuals["id"] == row.id]
        base = planned.get(row.id)
        found = _official(own, row)
        stated = stated_bases(own)
        line = _line(_short(row.indicator), row, found)
        line["latest"] = _latest(own, row)
        line["base_year"] = _conflict(base, stated)
        line["on_own_base"] = _own_base(row, found, base, stated)
        lines.append(line)
    return pd.DataFrame(lines)


def by_sector(targets: pd.DataFrame, benchmarks: pd.DataFrame, ev_sales: pd.DataFrame) -> pd.DataFrame:
    """Set each target of a sector beside a published figure of its year, where there is one; the columns of `headline` and `sector`."""
    rows = targets[(targets["scope"] == "sector") & targets["value"].notna()]
    vehicles = electric_vehicles(ev_sales)
    lines = []
    for row in each(rows):
        match = next((m for m in MATCHES if (m.sector, m.indicator) == (row.sector, row.indicator)), None)
        own = _published(match, benchmarks, vehicles)
        found = own[own["year"] == row.year]
        market = f" ({row.market})" if isinstance(row.market, str) else ""
        line = _line(f"{row.indicator}{market}", row, next(each(found), None))
        line["latest"] = _latest(own, row) or (match.caveat if match else "")
        line["sector"] = sectors.get(row.sector).name
        lines.append(line)
    table = pd.DataFrame(lines)
    return table[["sector", *(name for name in table if name != "sector")]]


def stated_bases(own: pd.DataFrame) -> dict[str, float]:
    """Find what officials stated later of the base year: a figure that is so many points above `BASE` implies what that year was.

    Returns
    -------
    dict
        Period of the figure -> the value of the base year that it implies.

    Examples
    --------
    >>> rows = pd.DataFrame({"period": ["2020-06"], "value": [51.1], "unit": ["%"], "note": ["stated +3.8pp on 2015"], "source": ["MIIT"]})
    >>> stated_bases(rows)
    {'2020-06': 47.3}
    """
    found = {}
    for row in each(own):
        text = " ".join(part for part in (row.note, row.unit, row.source) if isinstance(part, str))
        for change, year in _STATED.findall(text):
            if int(year) == BASE:
                found[str(row.period)] = round(row.value - float(change), 6)
    return found


def electric_vehicles(table: pd.DataFrame) -> pd.DataFrame:
    """Add up the electric vehicles sold in China by year, without projections: `year`, `period`, `value` (million), `verified`."""
    rows = table[
        (table["economy"] == "CHN")
        & (table["indicator"] == "ev_sales")
        & (table["flag"] != "projection")
        & table["mode"].isin(["cars", "vans", "trucks", "buses"])
    ]
    sums = rows.groupby("year", as_index=False)["value"].sum(min_count=1)
    return sums.assign(
        value=sums["value"] / 1e6,
        period=sums["year"].astype(str),
        verified="yes",
        unit="m vehicles",
        note=None,
    )


def _official(own: pd.DataFrame, target: Any) -> Any:
    """Choose the official figure of a target's year; of a change, the one that begins in the base year."""
    period = str(target.year) if target.basis == "level" else f"{BASE + 1}-{target.year}"
    found = own[own["period"] == period]
    if not len(found):
        return None
    row = next(each(found.sort_values("verified", ascending=False)))
    return row._replace(value=-row.value) if "fall" in target.unit else row


def _line(name: str, target: Any, found: Any) -> dict[str, Any]:
    gap = found.value - target.value if found is not None else float("nan")
    marks = [
        words
        for words, row in (("target", target), ("actual", found))
        if row is not None and row.verified != "yes"
    ]
    return {
        "indicator": name,
        "year": int(target.year),
        "target": target.value,
        "unit": target.unit,
        "actual": found.value if found is not None else float("nan"),
        "gap": gap,
        "status": _status(gap, found),
        "unverified": listing(marks),
    }


def _status(gap: float, found: Any) -> str:
    if found is None:
        return NO_DATA
    if gap >= -1e-9:
        return MET
    return UNKNOWN if _BOUND.search(str(found.unit)) else MISSED


def _latest(own: pd.DataFrame, target: Any) -> str:
    """Write the newest figure of another year than the target's."""
    other = own[(own["year"] != target.year) & own["value"].notna()]
    if not len(other):
        return ""
    row: Any = next(each(other.sort_values(["year", "period"]).tail(1)))
    about = f"; {row.note}" if isinstance(row.note, str) and row.note.startswith("definition") else ""
    return f"{plain(row.value)} in {row.period}{about}"


def _conflict(base: float | None, stated: dict[str, float]) -> str:
    if base is None or not any(abs(value - base) > 0.005 for value in stated.values()):
        return ""
    told = listing(
        [
            f"{plain(value, 2).rstrip('0').rstrip('.')} (stated with {period})"
            for period, value in stated.items()
        ]
    )
    return f"{BASE}: {base:g} in the plan, {told}"


def _own_base(target: Any, found: Any, base: float | None, stated: dict[str, float]) -> str:
    """Compare the change with the planned change where officials stated another base year; the stated ones may differ among themselves."""
    if found is None or base is None or not _conflict(base, stated):
        return ""
    changes = sorted({round(found.value - value, 2) for value in stated.values()})
    words = " or ".join(signed(change) for change in changes)
    return f"{words} of the {signed(target.value - base)} planned"


def _published(match: Match | None, benchmarks: pd.DataFrame, vehicles: pd.DataFrame) -> pd.DataFrame:
    if match is None:
        return vehicles.head(0)
    if not match.item:
        return vehicles
    return benchmarks[(benchmarks["item"] == match.item) & benchmarks["value"].notna()]


def _short(text: str) -> str:
    return re.sub(r" \([^)]*\)", "", text).split(",")[0]


# -- words -----------------------------------------------------------------------------------------------------------------------


def say(table: pd.DataFrame, *, what: str) -> str:
    """Count how the targets ended, how many levels are of another series, and what was not read at its source."""
    n = {status: int((table["status"] == status).sum()) for status in (MET, MISSED, UNKNOWN, NO_DATA)}
    unsure = int(table["unverified"].str.contains("target").sum())
    undecided = f", {n[UNKNOWN]} cannot be told" if n[UNKNOWN] else ""
    return (
        f"Of {counted(len(table), f'{what} target')} {n[MET]} were met and {n[MISSED]} missed{undecided}; {n[NO_DATA]} have no figure of "
        f"their year. {unsure} could not be checked at their source."
    )


def say_conflicts(table: pd.DataFrame) -> str:
    """Say which indicators were re-based, and how far a target that was met was met on its own base."""
    rows = table[table["base_year"] != ""]
    if rows.empty:
        return f"No official figure states another {BASE} than the plan has."
    text = (
        f"For {counted(rows['indicator'].nunique(), 'indicator')} officials later stated another {BASE} than the plan has, so that their "
        "levels are of another series"
    )
    met = rows[(rows["status"] == MET) & (rows["on_own_base"] != "")]
    told = [f"{row.indicator[0].lower()}{row.indicator[1:]} {row.on_own_base}" for row in each(met)]
    return (
        f"{text}. Of those that were met, each on its own base, points to {met['year'].max()}: {'; '.join(told)}."
        if told
        else f"{text}."
    )
