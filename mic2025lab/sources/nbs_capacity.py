"""National Bureau of Statistics of China: industrial capacity utilization, reconciled from two transcriptions."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import measured, text, year
from mic2025lab.sources.reading import RawTable, codebook, flagged, read
from mic2025lab.sources.table import Raw, source, table

_A, _B = "nbs_capacity_utilisation_a.csv", "nbs_capacity_utilisation_b.csv"

SOURCE = source("nbs-capacity-utilisation")

INDUSTRIES = codebook("nbs_capacity")

# Remark of a transcription -> flag of this table; a value from memory is unverified.
_KINDS = {
    "reported": "reported",
    "derived_from_next_year_yoy": "derived",
    "yes": "reported",
    "derived": "derived",
    "no": "unverified",
}
_RANK = {"reported": 0, "derived": 1, "unverified": 2}
_CELL = ["period", "industry"]
SAME = 0.05  # two rates printed with one decimal are equal below this


def _read(raw: Raw, path: str, columns: dict[str, str]) -> pd.DataFrame:
    file = read(raw, SOURCE, path)
    frame = file.frame.rename(columns=columns)
    file = RawTable(SOURCE, path, frame)
    file.has(["period", "series", "value", "kind", "source"])
    frame = frame.assign(
        period=frame["period"].str.removesuffix("A"),
        industry=file.known("series", INDUSTRIES),
        value=file.numbers("value"),
        flag=file.known("kind", _KINDS),
    )
    file = RawTable(SOURCE, path, frame)
    file.matches("period", r"\d{4}(Q[1-4])?", "a year or quarter")
    file.need(not frame.duplicated(_CELL).any(), "a cell that is listed twice")
    return frame[[*_CELL, "value", "flag", "source"]]


@table(
    inputs=(SOURCE, _A, _B),
    columns={
        "period": text("Quarter (2019Q3) or year (2019)", str_matches=r"^\d{4}(Q[1-4])?$"),
        "frequency": text("quarter or year", isin=["quarter", "year"]),
        "year": year(2013, 2030),
        "industry": text("Industry", isin=sorted(set(INDUSTRIES.values()))),
        **measured(
            "Actual output as a percentage of potential output, in value", "%", missing=True, ge=30, le=100
        ),
        "flag": text(
            "reported (as printed), derived (from next year's change), or unverified",
            isin=_RANK,
        ),
        "status": text("Agreement of the two transcriptions", isin=["agree", "only_a", "only_b", "conflict"]),
        "source": text("Where the release was read"),
    },
    key=("period", "industry"),
    order=("frequency", "industry", "period"),
    format="csv",
)
def capacity_utilization(raw: Raw) -> pd.DataFrame:
    """Industrial capacity utilization rate of China, total and industries, 2013-2025.

    NBS quarterly and annual rates: actual divided by potential output in value, of enterprises above designated size.
    Reconciled from two transcriptions: where they differ, the value read as printed is used, else it is missing.

    Warnings
    --------
    - Not seasonally adjusted: compare a quarter with the same quarter of other years.
    - The industries are a selection, and 2018Q4 has only the total.
    - For most common cells, both transcriptions used the same repost site: agreement shows careful typing more than independent
      sources.

    Notes
    -----
    Reconcile the two transcriptions of the NBS capacity utilization rate.

    Where both have the value and agree, it is taken; where only one has it, that one. Where they differ, the value that was
    read as printed (`reported`, or `verified = yes`) is taken if the other was not, and otherwise it is missing. The flag is
    the better one of the value's: `reported` (read as printed), `derived` (next year's rate less the printed change), or
    `unverified` (from memory).
    """
    a = _read(raw, _A, {"industry": "series", "rate_pct": "value"})
    b = _read(raw, _B, {"verified": "kind"})
    both = pd.concat([a.assign(status="only_a"), b.assign(status="only_b")], ignore_index=True)
    both["rank"] = both["flag"].map(_RANK)
    cell = both.groupby(_CELL)
    twice = cell["value"].transform("size") == 2
    apart = cell["value"].transform("max") - cell["value"].transform("min") >= SAME
    printed = (both["rank"] == 0).groupby([both[name] for name in _CELL]).transform("sum")
    both["status"] = both["status"].mask(twice, "agree").mask(twice & apart, "conflict")
    both["value"] = both["value"].mask(twice & apart & (printed != 1))
    best = both.sort_values("rank", kind="stable").drop_duplicates(_CELL)
    return best.assign(frequency=flagged(best["period"].str.contains("Q"), "quarter", "year"))


@capacity_utilization.check("a value is missing only in a conflict")
def missing_is_conflict(frame: pd.DataFrame) -> pd.Series:
    """A value is missing only where the transcriptions conflict."""
    return frame["value"].notna() | (frame["status"] == "conflict")


@capacity_utilization.warns
def _findings(frame: pd.DataFrame) -> tuple[str, ...]:
    status, flag = frame["status"].value_counts(), frame["flag"].value_counts()
    wide = (
        frame[frame["period"].str.contains("Q")].groupby(["industry", "year"])["value"].agg(["mean", "count"])
    )
    annual = frame[~frame["period"].str.contains("Q")].set_index(["industry", "year"])["value"]
    gap = (annual - wide.loc[wide["count"] == 4, "mean"]).dropna()
    most = " ".join(map(str, gap.index[int(gap.abs().argmax())]))
    where = frame.loc[frame["flag"] == "unverified", ["industry", "period"]].agg(" ".join, axis=1)
    return (
        f"Annual rates are weighted, not the mean of the quarters; the difference is up to {gap.abs().max():.1f} points ({most}).",
        f"Two transcriptions: {status.get('agree', 0)} cells agree, {status.get('only_a', 0)} are only in a, "
        f"{status.get('only_b', 0)} only in b, {status.get('conflict', 0)} conflict.",
        f"{flag.get('derived', 0)} of {len(frame)} values were not printed: next year's rate less the printed change in points.",
        f"{len(where)} values are from memory and unverified: {', '.join(where)}."
        if len(where)
        else "No unverified values.",
    )
