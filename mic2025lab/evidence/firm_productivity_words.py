"""Titles and sentences of `firm_productivity`, from the numbers of `mic2025lab.evidence.firm_productivity` and `firm_aggregate`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from mic2025lab.evidence._words import counted, each, listing, plain, signed
from mic2025lab.evidence.firm_productivity import METHODS, Study

SCALE = "returns to scale"
#: Names of the parts that fit beside a bar.
_SHORT = {
    "total": "total", "within": "survivors' own", "between": "reallocation", "entry": "entrants", "exit": "exiters",
}  # fmt: skip


def answer(study: Study, elasticity: Any, spread: Any, change: Any, parts: Any, ways: Any) -> Iterator[str]:
    """Give the sentences of the answer, in order; of simulated firms each says so.

    Parameters
    ----------
    study : Study
    elasticity, spread, parts, ways : pandas.DataFrame
        `elasticities`, `dispersion`, and the table of `decomposition`, `variants`.
    change : pandas.Series
        Change of the spread, from `decomposition`.
    """
    sentences = [
        say_elasticities(elasticity, study.method),
        say_estimators(elasticity),
        say_truth(elasticity),
        say_dispersion(spread, change, int(parts["end"].min())),
        say_growth(parts),
        *say_drivers(parts),
        say_ways(parts, ways),
    ]
    yield from (study.firms.titled(text) for text in sentences if text)


def two(value: float) -> str:
    """Write an elasticity; what rounds to zero has no sign.

    >>> two(0.386), two(-0.002)
    ('0.39', '0.00')
    """
    return plain(round(value, 2) + 0.0, 2)


def say_elasticities(table: Any, method: str) -> str:
    """Say what the inputs yield by the estimator that productivity is by, and whether returns to scale are constant."""
    own = table[table["method"] == method]
    inputs = [
        f"1 % more {row.input} goes with {two(row.estimate)} % more output ({_span(row)})"
        for row in each(own[own["input"] != SCALE])
    ]
    whole: Any = own[own["input"] == SCALE].iloc[0]
    kind = (
        "below constant returns to scale" if whole["high"] < 1
        else "above constant returns to scale" if whole["low"] > 1
        else "not clearly other than constant returns to scale"
    )  # fmt: skip
    return f"By {METHODS[method]}, {listing(inputs)}; together {two(whole['estimate'])} ({_span(whole)}), {kind}."


def apart(table: Any, name: str) -> list[tuple[str, str]]:
    """List the pairs of estimators whose intervals for an input do not overlap."""
    rows = list(each(table[table["input"] == name]))
    return [(a.estimator, b.estimator) for a, b in combinations(rows, 2) if a.high < b.low or b.high < a.low]


def say_estimators(table: Any) -> str:
    """Say whether the estimators agree: not if the intervals of two of them do not overlap. Empty for one estimator."""
    n = table["method"].nunique()
    if n < 2:
        return ""
    inputs = [name for name in dict.fromkeys(table["input"]) if name != SCALE]
    texts = [f"{name} from {_range(table, name)}" for name in inputs]
    split = [name for name in inputs if apart(table, name)]
    if not split:
        return f"The {n} estimators agree within their intervals: elasticities run for {listing(texts)}."
    return (
        f"The {n} estimators do not agree: elasticities run for {listing(texts)}, and for {listing(split)} "
        "there are intervals that do not overlap."
    )


def _range(table: Any, name: str) -> str:
    rows = table[table["input"] == name]
    low, high = rows.loc[rows["estimate"].idxmin()], rows.loc[rows["estimate"].idxmax()]
    return f"{two(low['estimate'])} ({low['estimator']}) to {two(high['estimate'])} ({high['estimator']})"


def say_truth(table: Any) -> str:
    """Say whose intervals hold the truth that the panel was simulated with; empty where nobody knows it."""
    known = table[table["truth"].notna() & (table["input"] != SCALE)]
    if known.empty:
        return ""
    truth = [f"{row.input} {two(row.truth)}" for row in each(known.drop_duplicates("input"))]
    right = known.groupby("estimator", sort=False)["holds"].all()
    hold, miss = (
        [name for name in right.index if right[name]],
        [name for name in right.index if not right[name]],
    )
    parts = [
        f"held by the intervals of {listing(hold)}" if hold else "",
        f"missed, for one input at least, by those of {listing(miss)}" if miss else "",
    ]
    return (
        f"The truth of the simulation, {listing(truth)}, is {', and '.join(part for part in parts if part)}."
    )


def say_dispersion(table: Any, change: Any, base_year: int) -> str:
    """Say how far productive and unproductive firms are apart, and what became of it since the base year."""
    last = table.iloc[-1]
    span = f"{signed(change['value'])}, 95 % interval {signed(change['low'])} to {signed(change['high'])}"
    moved = (
        "has not clearly changed" if not change["clear"]
        else "has widened" if change["value"] > 0
        else "has narrowed"
    )  # fmt: skip
    return (
        f"In {last['year']:.0f} the firm at the 90th percentile of productivity made {plain(last['ratio'])} times as much from the same inputs "
        f"as the one at the 10th ({plain(last['spread'], 0)} log points); since {base_year} that gap {moved} ({span} log points)."
    )


def say_growth(parts: Any) -> str:
    """Say how aggregate productivity changed before and after the base year."""
    texts = []
    for row in each(parts[parts["part"] == "total"]):
        verb = "did not clearly change" if not row.clear else "rose" if row.value > 0 else "fell"
        texts.append(
            f"{verb} from {row.start} to {row.end} ({signed(row.value)} log points a year, 95 % interval "
            f"{signed(row.low)} to {signed(row.high)})"
        )
    return f"Aggregate productivity {listing(texts)}."


def say_drivers(parts: Any) -> Iterator[str]:
    """Say for each period who raised and who lowered aggregate productivity, and whose part is not clear."""
    for period, rows in parts[parts["part"] != "total"].groupby("period", sort=False):
        row = rows.iloc[0]
        firms = f"{counted(row['n_survivors'], 'survivor')}, {counted(row['n_entrants'], 'entrant')}, {counted(row['n_exits'], 'exiter')}"
        head = f"In {period} ({firms})"
        clear = rows[rows["clear"]]
        if clear.empty:
            yield f"{head} none of the four parts of that change is clear."
            continue
        up, down = (
            [f"{line.label} ({signed(line.value)})" for line in each(side)]
            for side in (clear[clear["value"] > 0], clear[clear["value"] < 0])
        )
        moves = [
            text
            for names, text in ((up, f"{listing(up)} raised it"), (down, f"{listing(down)} lowered it"))
            if names
        ]
        unclear = rows.loc[~rows["clear"].astype(bool), "label"].tolist()
        rest = f"; what {listing(unclear)} did to it is not clear" if unclear else ""
        yield f"{head} {', and '.join(moves)}{rest}."


def say_ways(parts: Any, ways: Any) -> str:
    """Say how far the clear signs hang on the estimator and the weights: in how many other ways each comes out the same."""
    clear = parts[parts["clear"].astype(bool)]
    if clear.empty:
        return "As no part is clear, there is no sign that another estimator or another weight could confirm."
    others = ways[~ways["variant"].str.startswith("true ")]
    texts = []
    for row in each(clear):
        values = others.loc[others["period"] == row.period, row.part].iloc[1:]
        if len(values):
            same = int(((values > 0) == (row.value > 0)).sum())
            texts.append(f"{row.label} in {row.period} {same} of {len(values)}")
    return f"Other estimators and weights that give the same sign: {listing(texts)}." if texts else ""


def title_elasticities(study: Study, table: Any) -> str:
    """Title of the estimates: whether the estimators agree."""
    inputs = [name for name in study.inputs if apart(table, name)]
    if table["method"].nunique() < 2:
        row = table[table["input"] == study.inputs[0]].iloc[0]
        text = (
            f"By {row['estimator']}, 1 % more {row['input']} goes with {two(row['estimate'])} % more output"
        )
    elif not inputs:
        text = "The estimators agree within their intervals"
    else:
        text = f"What {inputs[0]} yields hangs on the estimator: from {_range(table, inputs[0])}"
    return study.firms.titled(text)


def title_spread(study: Study, table: Any) -> str:
    """Title of the spread: how far apart firms are in the last year."""
    last = table.iloc[-1]
    return study.firms.titled(
        f"From the same inputs, the firm at the 90th percentile made {plain(last['ratio'])} times as much as the one at the 10th in "
        f"{last['year']:.0f}"
    )


def title_parts(study: Study, parts: Any) -> str:
    """Title of the decomposition: the parts that are clear, by period."""
    texts = []
    for period, rows in parts[(parts["part"] != "total")].groupby("period", sort=False):
        clear = [f"{row.label} {signed(row.value)}" for row in each(rows[rows["clear"].astype(bool)])]
        texts.append(f"{period}: {listing(clear) or 'no part is clear'}")
    whole = "Which part moved aggregate productivity is clear in neither period"
    none = not parts.loc[parts["part"] != "total", "clear"].any()
    return study.firms.titled(whole if none else "; ".join(texts))


def key(name: str) -> str:
    """Make the name of a recorded number of a column's name.

    >>> key("fX1"), key("returns to scale")
    ('elasticity_fx1', 'elasticity_returns_to_scale')
    """
    return "elasticity_" + "_".join(re.findall(r"[a-z0-9]+", name.lower()))


def part_bars(parts: Any) -> tuple[Any, list[str]]:
    """Lay the decomposition out with a row for each period and part, and name the rows to show in color.

    Returns
    -------
    table : pandas.DataFrame
        `parts` with ``item``, such as "2015–2022, exiters"; a value that rounds to zero is zero, without a sign.
    focus : list of str
        The items whose interval leaves zero out; the totals, if there is none.
    """
    short = parts["part"].map(_SHORT)
    table = parts.assign(item=parts["period"] + ", " + short, value=_unsigned(parts["value"], 1))
    clear = table["clear"].astype(bool) & (table["part"] != "total")
    return table, table.loc[clear if clear.any() else table["part"] == "total", "item"].tolist()


def bars(study: Study, table: Any) -> Any:
    """Lay the estimates out with a row for each input and estimator, the truth after them where it is known.

    Returns
    -------
    pandas.DataFrame
        ``item``, ``estimate``, ``low``, ``high``, ``true`` (the row is the truth), ``headline`` (the estimator that productivity is by).
    """
    import pandas as pd

    lines: list[tuple[str, float, float, float, bool, bool]] = []
    for name in study.inputs:
        rows = table[table["input"] == name]
        lines += [
            (
                f"{name}, {row.estimator}",
                row.estimate,
                row.low,
                row.high,
                False,
                row.method == study.method,
            )
            for row in each(rows)
        ]
        if rows["truth"].notna().any():
            truth = float(rows["truth"].iloc[0])
            lines.append((f"{name}, the truth", truth, truth, truth, True, False))
    table = pd.DataFrame(lines, columns=["item", "estimate", "low", "high", "true", "headline"])
    return table.assign(estimate=_unsigned(table["estimate"], 2))


def _unsigned(values: Any, digits: int) -> Any:
    return values.where(values.round(digits) != 0, 0.0)


def _span(row: Any) -> str:
    low, high = (row["low"], row["high"]) if hasattr(row, "keys") else (row.low, row.high)
    return f"95 % interval {two(low)} to {two(high)}"
