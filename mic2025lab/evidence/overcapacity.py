"""Utilization gaps, for `sector_profile`."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab import metrics
from mic2025lab.classifications import industries

TOTAL = "total"
#: Standard deviations of its own history beyond which a gap is called clear.
CLEAR = 1.0


def quarters(table: pd.DataFrame, *, chosen: str | Sequence[str], start: int) -> pd.DataFrame:
    """Quarterly rates that were printed or derived from printed ones, for the industries asked for; those from memory are left out.

    Adds `quarter` (1 to 4), `time` (decimal year, middle of the quarter) and `label`.
    """
    wanted = (
        [i for i in industries.CAPACITY if i not in industries.CAPACITY_AGGREGATES]
        if chosen == "all"
        else list(chosen)
    )
    rows = table[
        (table["frequency"] == "quarter") & (table["flag"] != "unverified") & (table["year"] >= start)
    ]
    rows = rows[rows["industry"].isin([TOTAL, *wanted])].reset_index(drop=True)
    quarter = rows["period"].str[-1].astype("int64")
    time = rows["year"] + (quarter - 0.5) / 4
    return rows.assign(
        quarter=quarter, time=time, label=rows["industry"].map(industries.names(rows["industry"]))
    )


def last_quarters(rows: pd.DataFrame, *, n: int = 4) -> list[str]:
    """Find the `n` quarters up to the last one that at least four fifths of the industries have."""
    per = rows.groupby("period")["industry"].nunique()
    last = per[per >= 0.8 * rows["industry"].nunique()].index.max()
    return sorted(per.index[per.index <= last])[-n:]


def gaps(
    rows: pd.DataFrame, *, reference: str, history: tuple[int, int], recent: Sequence[str]
) -> pd.DataFrame:
    """Compare the mean of the recent quarters with each industry's own history.

    Returns
    -------
    pandas.DataFrame
        `industry`, `label`, `recent` and `reference` (%), `gap` (points), `gap_sd` (standard deviations of the quarters of the history),
        `like_quarters` (points: each recent quarter against the same quarter of the history, so that no season enters), `quarters` (how
        many recent ones there are) and `targeted` (stands for a sector of the plan); lowest gap first.
    """
    measured = metrics.utilization_gap(rows, reference=reference, history=history)
    now = measured[measured["period"].isin(list(recent))]
    table = now.groupby(["industry", "label"], as_index=False).agg(
        recent=("value", "mean"),
        reference=("reference", "mean"),
        gap=("gap", "mean"),
        gap_sd=("gap_sd", "mean"),
        quarters=("value", "count"),
    )
    past = (
        rows[rows["year"].between(*history)]
        .groupby(["industry", "quarter"])["value"]
        .mean()
        .rename("same_quarter")
    )
    like = now.merge(past.reset_index(), on=["industry", "quarter"])
    like = (
        like.assign(like_quarters=like["value"] - like["same_quarter"])
        .groupby("industry")["like_quarters"]
        .mean()
    )
    table = table.merge(like.reset_index(), on="industry", how="left")
    table["targeted"] = table["industry"].isin(industries.CAPACITY_TARGETED)
    return table.sort_values("gap", ignore_index=True)


def yardstick(reference: str, history: tuple[int, int]) -> str:
    """Say in words what a rate is compared with.

    Examples
    --------
    >>> yardstick("trend", (2016, 2019))
    'the trend of 2016–2019 carried forward'
    """
    span = f"{history[0]}–{history[1]}"
    return {
        "mean": f"the mean of {span}",
        "peak": f"the best quarter of {span}",
        "trend": f"the trend of {span} carried forward",
    }[reference]
