"""Tables, titles and sentences of `overcapacity`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mic2025lab import metrics
from mic2025lab.classifications import industries
from mic2025lab.evidence._words import counted, each, listing, plain, signed

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


def below(rows: pd.DataFrame, *, threshold: float) -> pd.DataFrame:
    """Count the industries whose utilization is below the threshold, by quarter, and their share in percent.

    All industry is left out. A quarter that fewer than four fifths of the industries have is missing, and a line breaks there.
    """
    detailed = rows[rows["industry"] != TOTAL]
    share = metrics.share_below(detailed, threshold=threshold, within=("period", "time"))
    enough = share["rows"] >= 0.8 * detailed["industry"].nunique()
    return share.assign(share=(100 * share["share_below"]).where(enough))


def panels(rows: pd.DataFrame, *, order: Sequence[str]) -> pd.DataFrame:
    """Give every industry every quarter of the span, missing where there is no value, so that a line breaks there."""
    grid = pd.MultiIndex.from_product(
        [list(order), sorted(rows["time"].unique())], names=["industry", "time"]
    )
    values = rows.set_index(["industry", "time"])["value"].reindex(grid)
    return values.reset_index().assign(series="rate")


def checks(rows: pd.DataFrame, *, recent: Sequence[str], start: int) -> pd.DataFrame:
    """Count the industries clearly below and above their history for each yardstick and several ends of the history."""
    lines = []
    last = int(recent[0][:4])
    for reference in ("mean", "peak", "trend"):
        for end in sorted({end for end in (2018, 2019, 2021, 2023) if start + 1 <= end < last}):
            table = gaps(rows, reference=reference, history=(start, end), recent=recent)
            branches = table[table["industry"] != TOTAL].dropna(subset=["gap_sd"])
            total = table.loc[table["industry"] == TOTAL, "gap"]
            lines.append(
                {
                    "reference": reference,
                    "yardstick": yardstick(reference, (start, end)),
                    "gap of all industry": total.iloc[0] if len(total) else float("nan"),
                    "below": int((branches["gap_sd"] < -CLEAR).sum()),
                    "above": int((branches["gap_sd"] > CLEAR).sum()),
                    "industries": len(branches),
                }
            )
    return pd.DataFrame(lines)


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


# -- words -----------------------------------------------------------------------------------------------------------------------


def _word(gap: float, gap_sd: float) -> str:
    if abs(gap_sd) < CLEAR or gap != gap:
        return "near"
    return "below" if gap < 0 else "above"


def answer(
    table: pd.DataFrame, *, recent: Sequence[str], history: tuple[int, int], reference: str
) -> list[str]:
    """Say how far industry as a whole and each of its branches stand from the yardstick of their own history."""
    span, yard = f"{recent[0]} to {recent[-1]}", yardstick(reference, history)
    sentences = []
    total = table[table["industry"] == TOTAL].dropna(subset=["gap"])
    if len(total):
        row = total.iloc[0]
        side = "below" if row["gap"] < 0 else "above"
        sentences.append(
            f"From {span}, the last quarters that most industries have, Chinese industry used {plain(row['recent'])}% of its capacity, "
            f"{plain(abs(row['gap']))} points {side} {yard}."
        )
    branches = table[table["industry"] != TOTAL].dropna(subset=["gap_sd"])
    if branches.empty:
        return [*sentences, "No industry has a history long enough to be compared with."]
    words = {
        word: [r for r in each(branches) if _word(r.gap, r.gap_sd) == word]
        for word in ("below", "above", "near")
    }

    def named(rows: list[Any]) -> str:
        return (
            f": {listing([f'{industries.name(r.industry)} ({signed(r.gap)})' for r in rows])}" if rows else ""
        )

    sentences.append(
        f"Of {counted(len(branches), 'industry', 'industries')}, {len(words['below'])} are more than a standard deviation below {yard}"
        f"{named(words['below'])}; {len(words['above'])} above it{named(words['above'][::-1])}; {len(words['near'])} near it."
    )
    targeted, others = branches[branches["targeted"]], branches[~branches["targeted"]]
    if len(targeted) and len(others):
        sentences.append(
            f"The mean gap is {signed(targeted['gap'].mean())} points in the {counted(len(targeted), 'industry', 'industries')} nearest to sectors "
            f"of the plan, and {signed(others['gap'].mean())} in the {len(others)} others; with so few the difference is a description, not a test."
        )
    return sentences


def caveat(table: pd.DataFrame, rows: pd.DataFrame) -> str:
    """Say how many of the values are from memory (and so not used) or derived, and that the series begin after the plan."""
    same = table[
        table["industry"].isin(set(rows["industry"]))
        & (table["frequency"] == "quarter")
        & (table["year"] >= rows["year"].min())
    ]
    dropped = int((same["flag"] == "unverified").sum())
    derived = int((rows["flag"] == "derived").sum())
    return (
        "The quarterly series begin in 2016, after the plan: nothing here compares before with after. "
        f"{counted(dropped, 'quarterly value')} known from memory only {'is' if dropped == 1 else 'are'} not used; {derived} of the "
        f"{len(rows):,} used are not printed but next year’s rate less the printed change."
    )


def robustness(table: pd.DataFrame) -> str:
    """Say how the count of industries below their history moves with the yardstick, the mean apart from the others."""
    parts = []
    for reference, rows in table.groupby("reference", sort=False):
        low, high = rows["below"].min(), rows["below"].max()
        count = f"{low} to {high}" if low < high else f"{low}"
        parts.append(f"{count} industries stand clearly below the {reference}")
    means = table.loc[table["reference"] == "mean", "gap of all industry"].dropna()
    text = f"Over {len(table)} yardsticks, {listing(parts)} of their own history."
    if len(means):
        text += (
            f" Against means the gap of all industry is {signed(means.min())} to {signed(means.max())} points"
        )
        text += "; a trend of few years carried six years forward is a poor yardstick, and a best quarter is one that a mean is nearly always below."
    return text


def title_gaps(table: pd.DataFrame, *, reference: str, history: tuple[int, int]) -> str:
    """Title of the figure of gaps."""
    branches = table[table["industry"] != TOTAL].dropna(subset=["gap"])
    if branches.empty:
        return "No industry has a history long enough to be compared with"
    under, lowest = int((branches["gap"] < 0).sum()), branches.iloc[0]
    return (
        f"{under} of {counted(len(branches), 'industry', 'industries')} stand below {yardstick(reference, history)}; "
        f"{industries.name(lowest['industry'])} by {plain(-lowest['gap'])} points"
        if under
        else f"No industry stands below {yardstick(reference, history)}"
    )


def title_below(table: pd.DataFrame, *, threshold: float) -> str:
    """Title of the figure of industries under the threshold: the last quarter against the same quarter of the first year there is."""
    known = table.dropna(subset=["share"])
    last = known.iloc[-1]
    first = known[known["period"].str[-2:] == last["period"][-2:]].iloc[0]
    return (
        f"{last['below']} of {last['rows']} industries ran below {threshold:g}% of capacity in {last['period']}, "
        f"{first['below']} of {first['rows']} in {first['period']}"
    )
