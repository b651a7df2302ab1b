"""Tables, titles and sentences of `overcapacity`."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab import metrics
from mic2025lab.classifications import industries
from mic2025lab.findings import each, listing, plain, signed

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
    """Find the last `n` quarters up to the last one that most of the industries have."""
    per = rows.groupby("period")["industry"].nunique()
    last = per[per > rows["industry"].nunique() / 2].index.max()
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
    """Share of the industries whose utilization is below the threshold, by quarter, in percent; quarters with few industries left out."""
    detailed = rows[~rows["industry"].isin(industries.CAPACITY_AGGREGATES)]
    enough = detailed.groupby("period")["industry"].transform("nunique") > detailed["industry"].nunique() / 2
    share = metrics.share_below(detailed[enough], threshold=threshold, within=("period", "time"))
    return share.assign(share=100 * share["share_below"])


def panels(rows: pd.DataFrame, *, order: Sequence[str]) -> pd.DataFrame:
    """Give every industry every quarter of the span, missing where there is no value, so that a line breaks there."""
    grid = pd.MultiIndex.from_product(
        [list(order), sorted(rows["time"].unique())], names=["industry", "time"]
    )
    values = rows.set_index(["industry", "time"])["value"].reindex(grid)
    return values.reset_index().assign(series="rate")


def checks(rows: pd.DataFrame, *, recent: Sequence[str], start: int) -> pd.DataFrame:
    """Count the industries clearly below and above their history for each yardstick and three ends of the history."""
    lines = []
    for reference in ("mean", "peak", "trend"):
        for end in (2018, 2019, 2023):
            table = gaps(rows, reference=reference, history=(start, end), recent=recent)
            branches = table[table["industry"] != TOTAL].dropna(subset=["gap_sd"])
            total = table.loc[table["industry"] == TOTAL, "gap"]
            lines.append(
                {
                    "yardstick": f"{reference} of {start}–{end}",
                    "gap of all industry": total.iloc[0] if len(total) else float("nan"),
                    "below": int((branches["gap_sd"] < -CLEAR).sum()),
                    "above": int((branches["gap_sd"] > CLEAR).sum()),
                    "industries": len(branches),
                }
            )
    return pd.DataFrame(lines)


# -- words -----------------------------------------------------------------------------------------------------------------------


def _word(gap: float, gap_sd: float) -> str:
    if abs(gap_sd) < CLEAR or gap != gap:
        return "near"
    return "below" if gap < 0 else "above"


def answer(
    table: pd.DataFrame, *, recent: Sequence[str], history: tuple[int, int], reference: str
) -> list[str]:
    """Say how far industry as a whole and each of its branches stand from their own history."""
    span, yard = f"{recent[0]} to {recent[-1]}", f"{reference} of {history[0]}–{history[1]}"
    sentences = []
    total = table[table["industry"] == TOTAL]
    if len(total):
        row = total.iloc[0]
        side = "below" if row["gap"] < 0 else "above"
        sentences.append(
            f"From {span} Chinese industry used {plain(row['recent'])}% of its capacity, {plain(abs(row['gap']))} points {side} its {yard}."
        )
    branches = table[table["industry"] != TOTAL].dropna(subset=["gap_sd"])
    if branches.empty:
        return [*sentences, "No industry has a history long enough to be compared with."]
    words = {
        word: [r for r in each(branches) if _word(r.gap, r.gap_sd) == word]
        for word in ("below", "above", "near")
    }

    def named(rows: list) -> str:
        return listing([f"{industries.name(r.industry)} ({signed(r.gap)})" for r in rows])

    text = f"Of {len(branches)} industries {len(words['below'])} stand more than one standard deviation below their own history"
    text += f": {named(words['below'])}" if words["below"] else ""
    text += f"; {len(words['above'])} above it" + (
        f": {named(words['above'][::-1])}" if words["above"] else ""
    )
    sentences.append(f"{text}; {len(words['near'])} near it.")
    targeted, others = branches[branches["targeted"]], branches[~branches["targeted"]]
    if len(targeted) and len(others):
        sentences.append(
            f"In the {len(targeted)} industries that stand for sectors of the plan the mean gap is {signed(targeted['gap'].mean())} points, "
            f"in the {len(others)} others {signed(others['gap'].mean())}; with so few the difference is a description, not a test."
        )
    return sentences


def caveat(table: pd.DataFrame, *, start: int) -> str:
    """Say how many values are from memory, and so not used, and that the series begin after the plan."""
    dropped = int(
        ((table["flag"] == "unverified") & (table["year"] >= start) & (table["frequency"] == "quarter")).sum()
    )
    derived = int(
        ((table["flag"] == "derived") & (table["year"] >= start) & (table["frequency"] == "quarter")).sum()
    )
    return (
        "The quarterly series begin in 2016, after the plan: nothing here compares before with after. "
        f"{dropped} quarterly values known from memory only are not used; {derived} used ones are next year’s rate less the printed change."
    )


def robustness(table: pd.DataFrame) -> str:
    """Say how the count of industries below their history moves with the yardstick."""
    low, high = table["below"].min(), table["below"].max()
    return (
        f"With the {len(table)} yardsticks tried, {low} to {high} industries stand clearly below their own history; "
        f"the gap of all industry goes from {signed(table['gap of all industry'].min())} to {signed(table['gap of all industry'].max())} points."
    )


def title_gaps(table: pd.DataFrame) -> str:
    """Title of the figure of gaps."""
    branches = table[table["industry"] != TOTAL]
    under = int((branches["gap"] < 0).sum())
    lowest = branches.iloc[0]
    return (
        f"{under} of {len(branches)} industries use less of their capacity than they used to; "
        f"{industries.name(lowest['industry'])} {'lost' if lowest['gap'] < 0 else 'gained'} {plain(abs(lowest['gap']))} points"
    )


def title_below(table: pd.DataFrame, *, threshold: float) -> str:
    """Title of the figure of industries under the threshold: the last quarter against the same quarter of the first year there is."""
    last = table.iloc[-1]
    first = table[table["period"].str[-2:] == last["period"][-2:]].iloc[0]
    return (
        f"{plain(last['share'], 0)}% of industries ran below {threshold:g}% of capacity in {last['period']}, "
        f"{plain(first['share'], 0)}% in {first['period']}"
    )
