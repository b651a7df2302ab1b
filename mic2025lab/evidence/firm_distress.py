"""Tables, titles and sentences of `firm_distress`: firms that live on credit and subsidies, and firms that lose money.

Every sentence and title about firms goes through `before_after.say`, so that one about simulated firms says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab import models
from mic2025lab.evidence._words import counted, each, listing, plain, signed
from mic2025lab.evidence.before_after import Change, change, check_years, interval, moved, say
from mic2025lab.models import bootstrap
from mic2025lab.own_panels import Panel as Firms

#: Tests of `models.zombies` that a panel without market values allows, in words.
TESTS: Mapping[str, str] = {
    "oecd": "interest not earned in three years, ten years old (OECD)",
    "fukuda_nakamura": "cheap or rolled-over debt and little earned (Fukuda & Nakamura)",
    "caballero": "interest below the best rate (Caballero, Hoshi & Kashyap)",
}
#: The same, short enough for the end of a line.
SHORT: Mapping[str, str] = {
    "oecd": "OECD",
    "fukuda_nakamura": "Fukuda–Nakamura",
    "caballero": "Caballero et al.",
}
#: Measures in percent of firms, value added or subsidies: column -> words.
MEASURES: Mapping[str, str] = {
    **{test: f"zombies, {words}" for test, words in SHORT.items()},
    "losses": "firms with a loss",
    "losses_without": "firms with a loss but for subsidies",
    "subsidies": "subsidies in value added",
    "to_unproductive": "subsidies that go to the least productive third",
    "made_by_unproductive": "value added of the least productive third",
}
CORRELATION = "correlation"
#: A share of firms in the lowest part of its industry and year by productivity.
UNPRODUCTIVE = 1 / 3


def marked(
    firms: Firms, *, base_year: int, best_rate: float, labor_share: float | None = None
) -> pd.DataFrame:
    """Mark the zombies by each test, and rank every firm by its productivity within its industry and year.

    Parameters
    ----------
    firms : Firms
        The panel.
    base_year : int
        Last year before; there must be a year on each side.
    best_rate : float
        Rate of interest on the best terms, the same in all years, as a share.
    labor_share : float, optional
        As in `models.hsieh_klenow`, whose TFPQ the rank is of.

    Returns
    -------
    pandas.DataFrame
        The panel with a column for each of `TESTS` (1, 0 or missing), `intensity` (subsidy over value added, missing where value added
        is zero or less) and `rank` (0 to 1, highest productivity 1; missing where it cannot be measured).
    """
    check_years(firms, base_year)
    table = firms.table
    found = {test: zombies(table, method=test, best_rate=best_rate) for test in TESTS}
    made = models.hsieh_klenow(table, labor_share=labor_share, trim=0, nonpositive="drop").firms()["tfpq"]
    cells = [table["year"], table["industry"]]
    made = pd.Series(np.asarray(made, float), index=table.index)
    rank = (made.groupby(cells).rank() - 0.5) / made.groupby(cells).transform("count")
    earned = table["value_added"].where(table["value_added"] > 0)
    return table.assign(**found, intensity=table["subsidy"] / earned, rank=rank)


def zombies(table: pd.DataFrame, *, method: str, best_rate: float, years: int = 3, **options: Any) -> Any:
    """Mark zombies by `models.zombies`; missing as well where a firm is not seen in all the years that the OECD's test asks for.

    That test knows a no from one good year, and a yes only from `years` bad ones: with the noes of firms seen for less the first years of a
    panel would have no zombies, and every share would be too small.
    """
    if method != "oecd":
        span = range(int(table["year"].min()) - 5, int(table["year"].max()) + 1)
        return models.zombies(table, method=method, long_rate=dict.fromkeys(span, best_rate), **options)[
            "zombie"
        ]
    marks = models.zombies(table, method=method, years=years, **options)["zombie"]
    seen = pd.MultiIndex.from_frame(table[["firm", "year"]])
    whole = np.ones(len(table), bool)
    for back in range(1, years):
        whole &= pd.MultiIndex.from_arrays([table["firm"], table["year"] - back]).isin(seen)
    return marks.where(whole)


def _parts(rows: pd.DataFrame) -> dict[str, tuple[Any, Any]]:
    """Numerator and denominator of each measure, row by row; a row without its values adds nothing to either."""
    one = pd.Series(1.0, index=rows.index)
    paid = rows["profit"].notna() & rows["subsidy"].notna()
    parts = {test: (rows[test].fillna(0.0), rows[test].notna().astype(float)) for test in TESTS}
    parts["losses"] = ((rows["profit"] < 0).astype(float), rows["profit"].notna().astype(float))
    parts["losses_without"] = (
        (rows["profit"] - rows["subsidy"] < 0).astype(float) * paid,
        paid.astype(float),
    )
    known = rows["intensity"].notna()
    parts["subsidies"] = (rows["subsidy"].where(known, 0.0), rows["value_added"].where(known, 0.0))
    ranked = rows["rank"].notna() & rows["subsidy"].notna()
    parts["to_unproductive"] = (
        rows["subsidy"].where(ranked & (rows["rank"] <= UNPRODUCTIVE), 0.0),
        rows["subsidy"].where(ranked, 0.0),
    )
    made = rows["rank"].notna() & known
    parts["made_by_unproductive"] = (
        rows["value_added"].where(made & (rows["rank"] <= UNPRODUCTIVE), 0.0),
        rows["value_added"].where(made, 0.0),
    )
    return {name: (np.asarray(top * one), np.asarray(bottom * one)) for name, (top, bottom) in parts.items()}


def measure(rows: pd.DataFrame, *, draws: int, seed: int) -> dict[str, tuple[pd.DataFrame, Any]]:
    """Measure each of `MEASURES` (%), and the correlation of subsidies with productivity, by year and in each draw of whole firms.

    The correlation is between the rank of a firm's subsidy intensity and the rank of its productivity, both within its industry and year.

    Returns
    -------
    dict
        Measure -> its table (`year`, `value`, `low`, `high`) and its values in each draw (a row a draw). A year without a value is missing.
    """
    firm = np.unique(rows["firm"].astype(str), return_inverse=True)[1]
    years, year = np.unique(rows["year"], return_inverse=True)
    parts = _parts(rows)
    moments = _moments(rows)
    counts = np.vstack(
        [np.ones(int(firm.max()) + 1), bootstrap.counts(int(firm.max()) + 1, draws, seed=seed)]
    )
    found: dict[str, list[Any]] = {name: [] for name in (*parts, CORRELATION)}
    for count in counts:
        weight = count[firm]

        def total(values: Any, weight: Any = weight) -> Any:
            return np.bincount(year, weight * values, minlength=len(years))

        with np.errstate(divide="ignore", invalid="ignore"):
            for name, (top, bottom) in parts.items():
                found[name].append(100 * total(top) / total(bottom))
            n, x, y, xx, yy, xy = (total(values) for values in moments)
            found[CORRELATION].append((xy - x * y / n) / np.sqrt((xx - x**2 / n) * (yy - y**2 / n)))
    tables = {}
    for name, values in found.items():
        every = np.where(np.isfinite(values), values, np.nan)
        low, high = interval(every[1:])
        table = pd.DataFrame({"year": years, "value": every[0], "low": low, "high": high})
        tables[name] = (table, every[1:])
    return tables


def _moments(rows: pd.DataFrame) -> tuple[Any, ...]:
    cells = [rows["year"], rows["industry"]]
    known = (rows["intensity"].notna() & rows["rank"].notna()).to_numpy(float)
    place = (rows["intensity"].groupby(cells).rank() - 0.5) / rows["intensity"].groupby(cells).transform(
        "count"
    )
    x = np.where(known, place, 0.0)
    y = np.where(known, rows["rank"], 0.0)
    return known, x, y, x * x, y * y, x * y


def changes(measured: Mapping[str, tuple[pd.DataFrame, Any]], base_year: int) -> dict[str, Change]:
    """Compare the years after the base year with those up to it, measure by measure."""
    return {
        name: change(table["year"], table["value"], draws, base_year)
        for name, (table, draws) in measured.items()
    }


def changes_table(found: Mapping[str, Change]) -> pd.DataFrame:
    """One row a measure: `measure`, `before`, `after`, `change`, `low`, `high`, `clear`."""
    words = {**MEASURES, CORRELATION: "correlation of ranks, subsidies and productivity"}
    lines = [
        (words[name], one.before, one.after, one.value, one.low, one.high, one.clear)
        for name, one in found.items()
    ]
    return pd.DataFrame(lines, columns=["measure", "before", "after", "change", "low", "high", "clear"])


def by_year(measured: Mapping[str, tuple[pd.DataFrame, Any]]) -> pd.DataFrame:
    """Every measure side by side, a row a year."""
    columns = {name: table.set_index("year")["value"] for name, (table, _) in measured.items()}
    return pd.DataFrame(columns).reset_index()


def agreement(rows: pd.DataFrame) -> pd.DataFrame:
    """Say how far the tests find the same firms, and the right ones where the truth is known.

    Returns
    -------
    pandas.DataFrame
        `test`; `share` (% of the firms that can be tested); a column for each test (% of the firms that the row's test marks that the
        column's test marks too, of those that both can test); for simulated firms `true_found` (% of the true zombies that
        it marks) and `true_of_marked` (% of the marked that are true ones).
    """
    lines = []
    for test in TESTS:
        own = rows[rows[test].notna()]
        line: dict[str, Any] = {"test": SHORT[test], "share": 100 * own[test].mean()}
        for other in TESTS:
            both = own[own[other].notna() & (own[test] == 1)]
            line[SHORT[other]] = 100 * both[other].mean() if len(both) else np.nan
        if "true_zombie" in rows:
            true = own["true_zombie"].astype(bool)
            line["true_found"] = 100 * own.loc[true, test].mean()
            line["true_of_marked"] = 100 * true[own[test] == 1].mean()
        lines.append(line)
    return pd.DataFrame(lines)


def checks(firms: Firms, *, base_year: int, best_rate: float) -> pd.DataFrame:
    """Mark the zombies again under other thresholds.

    Returns
    -------
    pandas.DataFrame
        `choice`, `before`, `after`, `change` (points of the share of zombies, without intervals).
    """
    table = firms.table
    tries: dict[str, dict[str, Any]] = {
        "OECD": {"method": "oecd"},
        "OECD, two years in a row": {"method": "oecd", "years": 2},
        "OECD, any age": {"method": "oecd", "min_age": 0},
        "OECD, interest earned one and a half times": {"method": "oecd", "cover": 1.5},
    }
    for test in ("fukuda_nakamura", "caballero"):
        for rate in (best_rate, 0.9 * best_rate, 1.1 * best_rate):
            words = f"{SHORT[test]}, best rate {100 * rate:.3g}%"
            tries[words] = {"method": test, "best_rate": rate}
    lines = []
    for words, options in tries.items():
        by_year = zombies(table, **{"best_rate": best_rate, **options}).groupby(table["year"]).mean().dropna()
        after = by_year.index > base_year
        before_share, after_share = 100 * by_year[~after].mean(), 100 * by_year[after].mean()
        lines.append((words, before_share, after_share, after_share - before_share))
    return pd.DataFrame(lines, columns=["choice", "before", "after", "change"])


def official(table: pd.DataFrame) -> pd.DataFrame:
    """Put the accounts of industrial enterprises side by side, from `industrial_enterprises`.

    Returns
    -------
    pandas.DataFrame
        `year`, `enterprises`, `margin` (profit over revenue, %), `return_on_assets` (profit over assets, %), `debt` (liabilities over assets,
        %), `profit` (trillion yuan), `new_threshold`.
    """
    wide = table.pivot(index="year", columns="indicator", values="value")
    flag = table.groupby("year")["flag"].first() == "new_threshold"
    return pd.DataFrame(
        {
            "enterprises": wide["enterprises"],
            "margin": 100 * wide["profit"] / wide["revenue"],
            "return_on_assets": 100 * wide["profit"] / wide["assets"],
            "debt": 100 * wide["liabilities"] / wide["assets"],
            "profit": wide["profit"] / 1e4,
            "new_threshold": flag,
        }
    ).reset_index()


def threshold_year(table: pd.DataFrame) -> int:
    """Find the first year of `official` in which small enterprises do not count."""
    return int(table.loc[table["new_threshold"].astype(bool), "year"].min())


def every_year(table: pd.DataFrame) -> pd.DataFrame:
    """Give `official` a row for each year from its first to its last margin, missing where there is none, so that a line breaks there."""
    known = table.dropna(subset=["margin"])
    span = range(int(known["year"].min()), int(known["year"].max()) + 1)
    return table.set_index("year").reindex(span).rename_axis("year").reset_index()


def published(benchmarks: pd.DataFrame) -> pd.DataFrame:
    """Take what others published on losses and zombies from `benchmarks`: `topic, item, year, value, unit, source, verified`."""
    rows = benchmarks[benchmarks["topic"].isin(["loss-making firms", "zombie"])]
    return rows[["topic", "item", "period", "year", "value", "unit", "source", "verified"]].reset_index(
        drop=True
    )


# -- words -----------------------------------------------------------------------------------------------------------------------


def answer(
    firms: Firms,
    measured: Mapping[str, tuple[pd.DataFrame, Any]],
    found: Mapping[str, Change],
    *,
    base_year: int,
) -> list[str]:
    """Say how many zombies each test finds, how many firms lose money and who gets subsidies, and what moved after the base year."""
    shares = [f"{plain(_level(measured, test))}% ({SHORT[test]})" for test in TESTS]
    tests = [found[test] for test in TESTS]
    ways = {0 if not one.clear else 1 if one.value > 0 else -1 for one in tests}
    if ways == {0}:
        verdict = f"no test shows a clear change after {base_year}"
    elif len(ways) == 1:
        verdict = f"all of them {'rise' if ways == {1} else 'fall'} clearly after {base_year}"
    else:
        verdict = f"after {base_year} they disagree: " + listing(
            [f"{SHORT[test]} shows {moved(found[test])}" for test in TESTS]
        )
    return [
        say(firms, f"the share of zombie firms is {listing(shares)}, by the test one takes; {verdict}."),
        say(
            firms,
            f"{plain(_level(measured, 'losses'))}% of firms make a loss, {plain(_level(measured, 'losses_without'))}% would without subsidies; after "
            f"{base_year} the share with a loss shows {moved(found['losses'])}.",
        ),
        say(firms, _say_subsidies(measured, found, base_year)),
    ]


def _level(measured: Mapping[str, tuple[pd.DataFrame, Any]], name: str) -> float:
    return float(measured[name][0]["value"].mean())


def _say_subsidies(
    measured: Mapping[str, tuple[pd.DataFrame, Any]], found: Mapping[str, Change], base_year: int
) -> str:
    table, draws = measured[CORRELATION]
    known = table["value"].notna().to_numpy()
    low, high = interval(draws[:, known].mean(axis=1)[:, None])
    value = float(table["value"].mean())
    span = f"correlation of ranks {signed(value, 3)}, interval {signed(float(low[0]), 3)} to {signed(float(high[0]), 3)}"
    if low[0] <= 0 <= high[0]:
        who = f"subsidies do not lean clearly to productive or unproductive firms ({span})"
    else:
        who = f"subsidies lean to the {'less' if value < 0 else 'more'} productive firms ({span})"
    got, made = _level(measured, "to_unproductive"), _level(measured, "made_by_unproductive")
    return (
        f"subsidies are {plain(_level(measured, 'subsidies'))}% of value added; {who}, and the least productive third gets {plain(got)}% of them and "
        f"makes {plain(made)}% of value added; after {base_year} its part of them shows {moved(found['to_unproductive'])}."
    )


def say_agreement(firms: Firms, table: pd.DataFrame) -> str:
    """Say how far the tests agree, and which finds the true zombies where they are known."""
    pairs = [
        (row["test"], SHORT[other], row[SHORT[other]])
        for _, row in table.iterrows()
        for other in TESTS
        if SHORT[other] != row["test"] and row[SHORT[other]] == row[SHORT[other]]
    ]
    if not pairs:
        return say(firms, "no firm is marked by any test.")
    worst = min(pairs, key=lambda pair: pair[2])
    text = f"the tests find different firms: of those that {worst[0]} marks, {plain(worst[2])}% are marked by {worst[1]} too"
    if "true_found" in table and table["true_found"].notna().any():
        parts = [
            f"{row.test} finds {plain(row.true_found)}% of the true zombies, and {plain(row.true_of_marked)}% of what it marks are ones"
            for row in each(table)
        ]
        text += f". The truth is known here: {listing(parts)}"
    return say(firms, f"{text}.")


def robustness(firms: Firms, table: pd.DataFrame) -> str:
    """Say how the share of zombies and its change move with the thresholds."""
    up, down = int((table["change"] > 0.05).sum()), int((table["change"] < -0.05).sum())
    return say(
        firms,
        f"over {counted(len(table), 'set', 'sets')} of thresholds the share of zombies after the base year is {plain(table['after'].min())}% to "
        f"{plain(table['after'].max())}%; it rises in {up}, falls in {down} and stays in {len(table) - up - down}.",
    )


def say_official(table: pd.DataFrame, *, base_year: int) -> str:
    """Say what the official accounts of industry have, and that they stop before the base year if they do."""
    known = table.dropna(subset=["margin"])
    first, last, best = known.iloc[0], known.iloc[-1], known.iloc[int(known["margin"].argmax())]
    text = (
        f"Official accounts of industrial enterprises: profit was {plain(first['margin'])}% of revenue in {first['year']:.0f}, "
        f"{plain(best['margin'])}% at its highest in {best['year']:.0f} and {plain(last['margin'])}% in {last['year']:.0f}; liabilities went "
        f"from {plain(first['debt'])}% to {plain(last['debt'])}% of assets."
    )
    if last["year"] <= base_year:
        text += (
            f" At hand they end in {last['year']:.0f}, so that they say nothing of the years after {base_year}; a count of firms with a loss "
            "is not in them."
        )
    return text


def say_published(table: pd.DataFrame, *, base_year: int) -> str:
    """Quote what others published on firms with a loss, and say whether any of it lets one compare before with after."""
    losses = table[(table["topic"] == "loss-making firms") & table["value"].notna()].sort_values(
        ["year", "item"]
    )
    if losses.empty:
        return "No published share of firms with a loss is at hand."
    parts = [f"{row.item} {plain(row.value, 0)}% ({row.period}; {row.source})" for row in each(losses)]
    before = int((losses["year"] <= base_year).sum())
    tail = (
        f"none is of a year up to {base_year}, so that nothing here compares before with after"
        if not before
        else f"{before} of them {'is' if before == 1 else 'are'} of a year up to {base_year}"
    )
    return f"Published by others, not computed here: {'; '.join(parts)}: {tail}."


def title_zombies(firms: Firms, found: Mapping[str, Change], base_year: int) -> str:
    """Title of the figure of zombie shares."""
    clear = [test for test in TESTS if found[test].clear]
    if not clear:
        return say(firms, f"three tests, three shares of zombies, and no clear change after {base_year}")
    words = [f"{SHORT[test]} {'up' if found[test].value > 0 else 'down'}" for test in clear]
    return say(
        firms,
        f"the share of zombies moved after {base_year} by {counted(len(clear), 'test')} of {len(TESTS)}: {listing(words)}",
    )


def title_losses(firms: Firms, found: Mapping[str, Change], base_year: int) -> str:
    """Title of the figure of firms with a loss."""
    one = found["losses"]
    if not one.clear:
        return say(firms, f"no clear change of the share of firms with a loss after {base_year}")
    return say(
        firms,
        f"firms with a loss: {plain(one.before)}% to {base_year}, {plain(one.after)}% after",
    )


def title_official(table: pd.DataFrame) -> str:
    """Title of the figure of the official accounts."""
    known = table.dropna(subset=["margin"])
    best, last = known.iloc[int(known["margin"].argmax())], known.iloc[-1]
    if best["year"] == last["year"]:
        return f"Industry’s profit margin was highest in its last year, {plain(last['margin'])}% in {last['year']:.0f}"
    return f"Industry’s profit margin peaked at {plain(best['margin'])}% in {best['year']:.0f} and was {plain(last['margin'])}% in {last['year']:.0f}"
