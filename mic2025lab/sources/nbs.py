"""National Bureau of Statistics of China: industrial capacity utilization, reconciled from two transcriptions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

_A, _B = "nbs_capacity_utilisation_a.csv", "nbs_capacity_utilisation_b.csv"
_BY_HAND = "typed by hand from reposts of the NBS releases; the addresses are in the column source"

SOURCE = Source(
    id="nbs-capacity-utilisation",
    producer="National Bureau of Statistics of China (NBS)",
    title="Industrial capacity utilization rate, two transcriptions",
    version="releases to 2025Q4",
    url="https://www.stats.gov.cn/english/PressRelease/",
    license="Facts quoted from NBS releases (source to be named)",
    redistributable="attribution",
    citation=(
        'National Bureau of Statistics of China, quarterly release "National industrial capacity utilization rate", as reposted by '
        "the sites named in the column source."
    ),
    retrieved="2026-11-24",
    files=(
        RawFile(_A, "6e5efa784afe9dd6fdc8b11f7616abb28cc74c12e9b00a1d5b48d6ad3247e6d8", url_note=_BY_HAND),
        RawFile(_B, "3aec41420974917767ef68730064ab11f39dd852fa25c16d9a47577e4eac18b0", url_note=_BY_HAND),
    ),
)

#: Name in either transcription -> slug.
INDUSTRIES = {
    "total": "total",
    "mining": "mining",
    "manufacturing": "manufacturing",
    "utilities": "utilities",
    "coal": "coal",
    "oil_gas": "oil_gas",
    "food": "food",
    "textile": "textile",
    "chemicals": "chemicals",
    "pharma": "pharmaceuticals",
    "chem_fibre": "chemical_fibers",
    "nonmetal_minerals": "nonmetallic_minerals",
    "ferrous": "ferrous_metals",
    "nonferrous": "nonferrous_metals",
    "general_equipment": "general_equipment",
    "special_equipment": "special_equipment",
    "automobiles": "motor_vehicles",
    "autos": "motor_vehicles",
    "electrical_machinery": "electrical_equipment",
    "electronics": "computers_electronics",
    "computers_electronics": "computers_electronics",
}

# What each transcription says of a value -> the flag of this table; a value from memory is unverified.
_KINDS = {
    "reported": "reported",
    "derived_from_next_year_yoy": "derived",
    "yes": "reported",
    "derived": "derived",
    "no": "unverified",
}
_RANK = {"reported": 0, "derived": 1, "unverified": 2}
SAME = 0.05  # two rates printed with one decimal are the same below this


def _read(raw: Raw, path: str, columns: dict[str, str], suffix: str) -> pd.DataFrame:
    frame = pd.read_csv(raw(SOURCE, path), dtype="str", keep_default_na=False).rename(columns=columns)
    need(
        {"period", "series", "value", "kind", "source"} <= set(frame),
        SOURCE,
        path,
        f"columns {list(frame.columns)}",
    )
    for column, known in (("series", INDUSTRIES), ("kind", _KINDS)):
        odd = sorted(set(frame[column]) - set(known))
        need(not odd, SOURCE, path, f"unknown {column}: {odd}")
    frame["industry"] = frame["series"].map(INDUSTRIES)
    frame["period"] = frame["period"].str.removesuffix("A")
    bad = frame.loc[~frame["period"].str.fullmatch(r"\d{4}(Q[1-4])?"), "period"]
    need(bad.empty, SOURCE, path, f"periods that are no year or quarter: {sorted(set(bad))}")
    frame["value"] = pd.to_numeric(frame["value"]).astype("float64")
    frame["flag"] = frame["kind"].map(_KINDS)
    need(not frame.duplicated(["period", "industry"]).any(), SOURCE, path, "a cell that stands twice")
    frame = frame[["period", "industry", "value", "flag", "source"]]
    return frame.set_index(["period", "industry"]).add_suffix(suffix)


def _side_by_side(raw: Raw) -> pd.DataFrame:
    a = _read(raw, _A, {"industry": "series", "rate_pct": "value"}, "_a")
    b = _read(raw, _B, {"verified": "kind"}, "_b")
    both = a.join(b, how="outer").reset_index()
    has_a, has_b = both["value_a"].notna(), both["value_b"].notna()
    agree = (both["value_a"] - both["value_b"]).abs() < SAME
    both["status"] = np.select(
        [has_a & ~has_b, has_b & ~has_a, agree], ["only_a", "only_b", "agree"], "conflict"
    )
    return both


def capacity_utilization(raw: Raw) -> pd.DataFrame:
    """Reconcile the two transcriptions of the NBS capacity utilization rate.

    The rule: both have the value and agree, take it; only one has it, take that; they differ, take the one that was
    read as printed (`reported`, or `verified = yes`) if the other was not, else leave the value missing. The flag is
    the better of the two that the value rests on: `reported` (read as printed), `derived` (next year's rate less the
    printed change) or `unverified` (from memory).

    Returns
    -------
    pandas.DataFrame
        `period, frequency, year, industry, value, unit, flag, status, source`; value in percent.
    """
    both = _side_by_side(raw)
    rank_a = both["flag_a"].map(_RANK).fillna(9)
    rank_b = both["flag_b"].map(_RANK).fillna(9)
    use_a = rank_a <= rank_b
    conflict = both["status"] == "conflict"
    undecided = conflict & ((rank_a == 0) == (rank_b == 0))
    both["value"] = both["value_a"].where(use_a, both["value_b"]).mask(undecided)
    both["flag"] = both["flag_a"].where(use_a, both["flag_b"])
    both["source"] = both["source_a"].where(use_a, both["source_b"])
    both["frequency"] = both["period"].str.contains("Q").map({True: "quarter", False: "year"}).astype("str")
    both["year"] = both["period"].str[:4].astype("int64")
    both["unit"] = "%"
    columns = ["period", "frequency", "year", "industry", "value", "unit", "flag", "status", "source"]
    table = both[columns].sort_values(["frequency", "industry", "period"], ignore_index=True)
    return table.astype(dict.fromkeys(["industry", "flag", "status", "source"], "str"))


def capacity_conflicts(raw: Raw) -> pd.DataFrame:
    """List the cells in which the two transcriptions differ: both values, what each says of them, and the sources."""
    both = _side_by_side(raw)
    columns = ["period", "industry", "value_a", "value_b", "flag_a", "flag_b", "source_a", "source_b"]
    return both.loc[both["status"] == "conflict", columns].reset_index(drop=True)


def _findings(frame: pd.DataFrame) -> Sequence[str]:
    status, flag = frame["status"].value_counts(), frame["flag"].value_counts()
    wide = (
        frame[frame["period"].str.contains("Q")].groupby(["industry", "year"])["value"].agg(["mean", "count"])
    )
    annual = frame[~frame["period"].str.contains("Q")].set_index(["industry", "year"])["value"]
    gap = (annual - wide.loc[wide["count"] == 4, "mean"]).dropna()
    most = " ".join(map(str, gap.index[int(gap.abs().argmax())]))
    where = frame.loc[frame["flag"] == "unverified", ["industry", "period"]].agg(" ".join, axis=1)
    return (
        f"Annual rates are weighted, not the mean of the quarters: they differ by up to {gap.abs().max():.1f} points ({most}).",
        f"Two transcriptions: {status.get('agree', 0)} cells agree, {status.get('only_a', 0)} are only in a, "
        f"{status.get('only_b', 0)} only in b, {status.get('conflict', 0)} conflict.",
        f"{flag.get('derived', 0)} of {len(frame)} values were not printed: next year's rate less the printed change in points.",
        f"{len(where)} values are from memory and unverified: {', '.join(where)}."
        if len(where)
        else "No unverified values.",
    )


TABLES = (
    Table(
        name="capacity_utilization",
        title="Industrial capacity utilization rate of China, total and industries, 2013-2025",
        description=(
            "NBS quarterly and annual rates: actual over potential output in value, of enterprises above designated size. Two "
            "transcriptions reconciled: equal, taken; one only, taken; different, the one read as printed, else missing."
        ),
        unit="%",
        build=capacity_utilization,
        inputs=((SOURCE, (_A, _B)),),
        key=("period", "industry"),
        coverage=("year", "period", "industry", "flag"),
        findings=_findings,
        warnings=(
            "Not seasonally adjusted: compare a quarter with the same quarter of other years.",
            "The industries are a selection, and 2018Q4 has the total only.",
            "Most common cells were read by both on the same repost site: agreement shows clean typing more than two sources.",
        ),
    ),
)
