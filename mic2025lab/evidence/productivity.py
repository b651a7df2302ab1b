"""Tables, titles and sentences of `productivity_costs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab import metrics
from mic2025lab.classifications import economies
from mic2025lab.evidence._words import counted, each, listing, moved, plain, signed

WORLD = "WLD"
MARKET, PARITY = "market exchange rates", "purchasing power parity"
PARTS = ("capital_contribution", "labor_contribution", "human_capital_contribution", "tfp_growth")
#: The columns of growth accounting in each version of the Penn World Table.
INPUTS: dict[str, dict[str, Any]] = {
    "10.01": {"output": "rgdpna", "capital": "rkna"},
    "11.0": {"output": "q_gdp", "capital": "rnna_constructed"},
}
#: First letters of a vintage of `world_economy` -> its producer.
PRODUCERS = {"weo": "International Monetary Fund", "wdi": "World Bank"}
#: Growth of TFP that is still called none, percentage points a year.
MARGIN = 0.25


def windows(base: int, length: int, first: int, last: int, *, at_least: int = 3) -> list[tuple[int, int]]:
    """Cut the years into windows of one length such that one ends in the base year; the last may be shorter.

    Examples
    --------
    >>> windows(2015, 5, 2001, 2024)
    [(2001, 2005), (2006, 2010), (2011, 2015), (2016, 2020), (2021, 2024)]
    >>> windows(2015, 5, 2003, 2021)
    [(2006, 2010), (2011, 2015), (2016, 2020)]
    """
    start = base + 1 - length * ((base + 1 - first) // length)
    cut = [(year, min(year + length - 1, last)) for year in range(start, last + 1, length)]
    return [(low, high) for low, high in cut if high - low + 1 >= min(at_least, length)]


def last_actual(world: pd.DataFrame, economy: str) -> int:
    """Find the last year for which an economy has both growth and investment that are not forecasts."""
    rows = world[(world["economy"] == economy) & (world["flag"] != "forecast")]
    years = [set(rows.loc[rows["indicator"] == name, "year"]) for name in ("gdp_growth", "investment_share")]
    return int(max(years[0] & years[1]))


def accounting(accounts: pd.DataFrame, version: str) -> pd.DataFrame:
    """Account for the growth of every economy in one version; hours where the economy has them, persons elsewhere.

    In 10.01 this is PWT's own TFP (capital services, hours). In 11.0 the capital stock is this project's extension of 10.01's.
    """
    rows = accounts[(accounts["version"] == version) & accounts[INPUTS[version]["output"]].notna()]
    with_hours = rows.groupby("economy")["avh"].transform(lambda hours: hours.notna().all())
    done = [
        metrics.growth_accounting(part, **INPUTS[version], hours="avh" if hours else None)
        for hours, part in rows.groupby(with_hours)
    ]
    return pd.concat(done, ignore_index=True)


def by_window(accounted: pd.DataFrame, *, base: int, length: int) -> pd.DataFrame:
    """Average growth and its parts over `windows`, in percent (log points) a year; windows that are not complete are left out."""
    known = accounted.dropna(subset=["tfp_growth"])["year"]
    spans = windows(base, length, int(known.min()), int(known.max()))
    table = metrics.growth_by_period(accounted, periods=[(low - 1, high) for low, high in spans])
    table[["output_growth", *PARTS]] *= 100
    table["window"] = [f"{start + 1}–{end}" for start, end in zip(table["start"], table["end"], strict=True)]
    return table.dropna(subset=["tfp_growth"]).reset_index(drop=True)


#: Columns of growth accounting -> words, for tables.
WORDS = {
    "output_growth": "output",
    "capital_contribution": "capital",
    "labor_contribution": "labor",
    "human_capital_contribution": "human capital",
    "tfp_growth": "TFP",
}


def icor(world: pd.DataFrame, spans: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """`metrics.icor` by window for every economy, without forecasts, from `world_economy`."""
    rows = world[world["indicator"].isin(["gdp_growth", "investment_share"]) & (world["flag"] != "forecast")]
    wide = rows.pivot(index=["economy", "year"], columns="indicator", values="value").reset_index()
    table = metrics.icor(wide, windows=list(spans))
    table["window"] = [f"{start}–{end}" for start, end in zip(table["start"], table["end"], strict=True)]
    return table


def world_shares(world: pd.DataFrame, economy: str) -> pd.DataFrame:
    """Share of the economy in world GDP, percent, at market rates and in PPP, by vintage; `forecast` marks forecasts."""
    rows = world[world["indicator"].isin(["gdp_usd", "gdp_ppp"]) & world["economy"].isin([economy, WORLD])]
    shares = metrics.market_share(rows, within=("vintage", "indicator", "year"), world=WORLD)
    shares = shares[shares["economy"] == economy].assign(share=lambda t: 100 * t["share"])
    measure = shares["indicator"].map({"gdp_usd": MARKET, "gdp_ppp": PARITY})
    return (
        shares.assign(measure=measure, forecast=shares["flag"] == "forecast")
        .dropna(subset=["share"])
        .reset_index(drop=True)
    )


def peaks(shares: pd.DataFrame) -> pd.DataFrame:
    """Find the peak of each measure and vintage among actual years, with the last actual year's value beside it."""
    return metrics.peak(shares[~shares["forecast"]], of=("vintage", "measure"), value="share")


def tfp_choices(accounts: pd.DataFrame, *, economy: str, base: int, length: int) -> pd.DataFrame:
    """TFP growth before and after the base year under other choices: version, stock or services, depreciation, labor share.

    Hours enter where the economy has them in all years; the name of a choice says what was used.

    Returns
    -------
    pandas.DataFrame
        `choice`, `before` (the `length` years to the base year), `after` (from the base year to `last`), `last`, in percent a year.
    """
    own = accounts[accounts["economy"] == economy]
    old, new = (own[(own["version"] == v) & own[INPUTS[v]["output"]].notna()] for v in INPUTS)
    hours = {v: "avh" if rows["avh"].notna().all() else None for v, rows in (("old", old), ("new", new))}
    worked = {v: "hours" if name else "persons" for v, name in hours.items()}
    whose = " (PWT’s own)" if hours["old"] else ""
    extended = "PWT 11.0, extended stock"
    tries = {
        f"PWT 10.01, capital services, {worked['old']}{whose}": (old, "rgdpna", "rkna", hours["old"]),
        "PWT 10.01, capital stock, persons": (old, "rgdpna", "rnna", None),
        f"{extended}, {worked['new']}": (new, "q_gdp", "rnna_constructed", hours["new"]),
        f"{extended}, persons": (new, "q_gdp", "rnna_constructed", None),
        f"{extended}, {worked['new']}, depreciation one point higher": (
            new,
            "q_gdp",
            "rnna_constructed_low",
            hours["new"],
        ),
        f"{extended}, {worked['new']}, depreciation one point lower": (
            new,
            "q_gdp",
            "rnna_constructed_high",
            hours["new"],
        ),
        f"{extended}, {worked['new']}, labor share one half": (
            new.assign(labsh=0.5),
            "q_gdp",
            "rnna_constructed",
            hours["new"],
        ),
    }
    lines = []
    for choice, (rows, output, capital, hour) in tries.items():
        if rows.empty:
            continue
        done = metrics.growth_accounting(rows, output=output, capital=capital, hours=hour)
        known = done.set_index("year")["tfp_growth"].dropna()
        before, after = known.loc[base - length + 1 : base], known.loc[base + 1 :]
        if len(before) == length and len(after):
            lines.append(
                {
                    "choice": choice,
                    "before": 100 * before.mean(),
                    "after": 100 * after.mean(),
                    "last": int(known.index.max()),
                }
            )
    return pd.DataFrame(lines, columns=["choice", "before", "after", "last"])


def tfp_index(accounts: pd.DataFrame, *, base: int) -> pd.DataFrame:
    """PWT 10.01's own `rtfpna` with the base year at 100, for every economy that has that year."""
    rows = accounts[accounts["version"] == "10.01"].dropna(subset=["rtfpna"])[["economy", "year", "rtfpna"]]
    level = rows[rows["year"] == base].set_index("economy")["rtfpna"]
    return rows.assign(tfp=100 * rows["rtfpna"] / rows["economy"].map(level)).dropna(subset=["tfp"])


# -- words -----------------------------------------------------------------------------------------------------------------------


def say_icor(table: pd.DataFrame, *, economy: str, base: int) -> str:
    """Say what a point of growth cost in the last two windows to the base year and in all after it."""
    own = table[(table["economy"] == economy) & (table["flag"] == "")].sort_values("start")
    shown = pd.concat([own[own["end"] <= base].tail(2), own[own["end"] > base]])
    if len(shown) < 2 or shown["end"].iloc[-1] <= base:
        return "There are too few windows with growth to compare what a point of it cost."
    steps = [f"{plain(row.icor)} in {row.window}" for row in each(shown)]
    ratios = shown["icor"].to_numpy()[1:] / shown["icor"].to_numpy()[:-1]
    if (np.abs(np.log(ratios)) < np.log(1.05)).all():
        word = "hardly changed"
    elif (ratios > 1 / 1.05).all():
        word = "rose"
    elif (ratios < 1.05).all():
        word = "fell"
    else:
        word = "went up and down"
    text = f"In {economies.spoken(economy)} the investment that went with one point of growth {word}: {listing(steps)} points of GDP."
    others = _changes(
        table[table["economy"] != economy], first=shown["window"].iloc[0], last=shown["window"].iloc[-1]
    )
    if len(others):
        risen = int((others > 1.05).sum())
        text += f" From the first of these windows to the last it rose in {risen} of {counted(len(others), 'comparator')} that grew."
    return text


def _changes(table: pd.DataFrame, *, first: str, last: str) -> pd.Series:
    wide = table[table["flag"] == ""].pivot(index="economy", columns="window", values="icor")
    if first not in wide or last not in wide:
        return pd.Series(dtype="float64")
    return (wide[last] / wide[first]).dropna()


def say_tfp(choices: pd.DataFrame, *, economy: str, base: int, length: int) -> str:
    """Say whether TFP growth was lower after the base year, and whether the choices agree."""
    if choices.empty:
        return "There are no figures of total factor productivity on both sides of the base year."
    change = choices["after"] - choices["before"]
    lower, higher = int((change < -MARGIN).sum()), int((change > MARGIN).sum())
    own, low, high = choices.iloc[0], choices["after"].min(), choices["after"].max()
    return (
        f"Total factor productivity grew by {signed(own['before'])}% a year in {base - length + 1}–{base} and by {signed(own['after'])}% in "
        f"{base + 1}–{int(own['last'])} ({own['choice']}). Measured in {counted(len(choices), 'way')}, its growth after {base} is "
        f"{signed(low)} to {signed(high)}% a year; against the {length} years before, {lower} say lower, {higher} higher and "
        f"{len(choices) - lower - higher} about the same."
    )


def say_return(returns: pd.DataFrame, *, economy: str, base: int) -> str:
    """Say what became of the net return on capital; half a point is called no change."""
    own = returns[returns["economy"] == economy].set_index("year")["net_return"].dropna() * 100
    if base not in own.index or own.index.max() <= base or own.index.min() >= base:
        return "The return on capital is not known on both sides of the base year."
    first, last = int(own.index.min()), int(own.index.max())
    return (
        f"The net return on capital, before changes of its price, {moved(own[last] - own[base], margin=0.5)} after {base}: "
        f"{plain(own[first])}% in {first}, {plain(own[base])}% in {base}, {plain(own[last])}% in {last}."
    )


def say_peak(table: pd.DataFrame, shares: pd.DataFrame, *, economy: str, vintage: str) -> str:
    """Say whether the share of world GDP has peaked, at market rates and in PPP, and whether the vintages agree on the year."""
    market = table[table["measure"] == MARKET].set_index("vintage")
    own: Any = market.loc[vintage]
    text = f"{economies.spoken(economy, first=True, own=True)} share of world GDP at market exchange rates {_peak_words(own)}"
    if len(market) > 1:
        actual = shares[(shares["measure"] == MARKET) & ~shares["forecast"]]
        common = metrics.peak_sensitivity(actual, by="vintage", value="share", common_years=True).iloc[0]
        early, late = int(common["earliest_peak"]), int(common["latest_peak"])
        text += (
            f"; over the years they share the {len(market)} vintages "
            f"{'agree on the year of the maximum' if early == late else f'put the maximum between {early} and {late}'}."
        )
    else:
        text += "."
    ahead = shares[(shares["vintage"] == vintage) & (shares["measure"] == MARKET) & shares["forecast"]]
    if len(ahead) and own["interior"]:
        best: Any = ahead.sort_values("share").iloc[-1]
        text += (
            f" The forecasts to {ahead['year'].max()} stay below it."
            if best["share"] <= own["peak"]
            else f" The forecasts exceed it ({plain(best['share'], 2)}% in {best['year']})."
        )
    for row in each(table[(table["measure"] == PARITY) & (table["vintage"] == vintage)]):
        text += f" In purchasing power parity it {_peak_words(row._asdict())}."
    return text


def _peak_words(row: Mapping[str, Any] | pd.Series) -> str:
    if row["interior"]:
        return (
            f"was highest in {row['peak_year']} at {plain(row['peak'], 2)}% and stood {plain(row['over_last'], 2)} points lower in "
            f"{row['last_year']}"
        )
    if row["peak_year"] == row["last_year"]:
        return f"has not peaked: {plain(row['peak'], 2)}% in {row['peak_year']} is the highest so far"
    return (
        f"was highest in the first year there is, {plain(row['peak'], 2)}% in {row['peak_year']}, and stood {plain(row['over_last'], 2)} "
        f"points lower in {row['last_year']}"
    )


def title_icor(table: pd.DataFrame, *, economy: str) -> str:
    """Title of the figure of investment for growth."""
    own = table[(table["economy"] == economy) & (table["flag"] == "")].sort_values("start")
    if own.empty:
        return f"{economies.spoken(economy, first=True)}: no window with growth to set investment against"
    first, last = own.iloc[0], own.iloc[-1]
    return (
        f"{economies.spoken(economy, first=True)}: a point of growth took {plain(first['icor'])} points of investment in {first['window']} "
        f"and {plain(last['icor'])} in {last['window']}"
    )


def title_parts(table: pd.DataFrame, *, economy: str, version: str) -> str:
    """Title of a figure of growth and its parts: the change of TFP growth between the last two windows."""
    own = table[table["economy"] == economy].sort_values("start")
    last = own.iloc[-1]
    share = last["capital_contribution"] / last["output_growth"] if last["output_growth"] > 0 else np.nan
    text = f"{economies.name(economy)}, PWT {version}: TFP added {signed(last['tfp_growth'])} points a year in {last['window']}"
    return text + (f", capital {plain(100 * share, 0)}% of growth" if np.isfinite(share) else "")


def title_tfp(index: pd.DataFrame, *, economy: str, base: int) -> str:
    """Title of the figure of TFP: what it did after the base year."""
    own = index[index["economy"] == economy].set_index("year")["tfp"]
    last = int(own.index.max())
    word = "higher" if own[last] > 100 else "lower"
    return (
        f"{economies.spoken(economy, first=True, own=True)} TFP was {plain(abs(own[last] - 100))}% {word} in {last} than in {base}, "
        "by PWT’s own measure"
    )


def title_return(table: pd.DataFrame, *, economy: str) -> str:
    """Title of the figure of returns: first and last value."""
    own = table[table["economy"] == economy].set_index("year")["net"]
    first, last = int(own.index.min()), int(own.index.max())
    return f"The net return on capital in {economies.spoken(economy)}: {plain(own[first])}% in {first}, {plain(own[last])}% in {last}"


def title_peak(table: pd.DataFrame, *, economy: str, vintage: str) -> str:
    """Title of the figure of the world share: whether it has peaked by either measure."""
    rows = table[table["vintage"] == vintage].set_index("measure")
    words = []
    for measure, label in ((MARKET, "at market rates"), (PARITY, "in PPP")):
        if measure in rows.index:
            row: Any = rows.loc[measure]
            rising = row["peak_year"] == row["last_year"] and not row["interior"]
            words.append(f"{'has not peaked' if rising else 'peaked in ' + str(row['peak_year'])} {label}")
    return f"{economies.spoken(economy, first=True, own=True)} share of world GDP {listing(words)}"
