"""Tables, titles and sentences of `misallocation` between provinces, from the official accounts.

A province's return to capital is its marginal revenue product, MRPK = a Y / K, with nominal GDP, capital at replacement cost and one share a for all,
so that a moves the level of the returns and no difference between their logarithms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab import metrics
from mic2025lab.evidence._words import counted, each, listing, plain, signed
from mic2025lab.sources.provinces import DEPRECIATION

#: Measures of output of `provincial_accounts`, in words.
OUTPUTS: Mapping[str, str] = {"gdp": "revised GDP", "gdp_first_published": "GDP as first published"}
#: Measures of labor of `provincial_accounts`, in words.
LABORS: Mapping[str, str] = {"employed": "all employed", "employed_urban_units": "employed in urban units"}
#: First over revised GDP beyond which, in any year, a province counts as one whose output was overstated.
OVERSTATED = 1.25
#: Elasticity of substitution between provinces, of Brandt, Tombe & Zhu (2013).
SIGMA = 1.5
#: A change of the standard deviation of log returns up to this is called none.
MARGIN = 0.01
#: Last year whose investment was measured and not carried forward.
MEASURED = 2017


def panel(accounts: pd.DataFrame, capital: pd.DataFrame) -> pd.DataFrame:
    """Put output, labor and capital of each province and year side by side; years that both tables have.

    Returns
    -------
    pandas.DataFrame
        `province`, `name`, `year`, and a column for each indicator, in the units of `provincial_accounts` and `provincial_capital`.
    """
    sides = [
        table.pivot(index=["province", "name", "year"], columns="indicator", values="value")
        for table in (accounts, capital)
    ]
    both = sides[0].join(sides[1], how="inner").reset_index()
    both.columns.name = None
    return both[both["gdp"].notna() & both["capital_current"].notna()].reset_index(drop=True)


def returns(
    rows: pd.DataFrame, *, capital_share: float, output: str = "gdp", capital: str = "capital_current"
) -> pd.DataFrame:
    """Add the marginal revenue product of capital, `mrpk`, % a year, gross of depreciation."""
    return rows.assign(mrpk=100 * capital_share * rows[output] / rows[capital])


def dispersion(rows: pd.DataFrame) -> pd.DataFrame:
    """Measure how far the logarithms of the returns (`mrpk`) are apart, by year.

    Returns
    -------
    pandas.DataFrame
        `year`, `provinces`, `sd` (log points, each province counts as one), `sd_weighted` (by capital), `p90_10`.
    """
    logs = rows.assign(log=np.log(rows["mrpk"]))
    lines = []
    for year, part in logs.groupby("year"):
        weight = part["capital_current"] / part["capital_current"].sum()
        mean = (weight * part["log"]).sum()
        lines.append(
            {
                "year": int(str(year)),
                "provinces": len(part),
                "sd": part["log"].std(),
                "sd_weighted": float(np.sqrt((weight * (part["log"] - mean) ** 2).sum())),
                "p90_10": part["log"].quantile(0.9) - part["log"].quantile(0.1),
            }
        )
    return pd.DataFrame(lines)


def steps(table: pd.DataFrame, base_year: int, value: str = "sd") -> tuple[Any, Any, Any]:
    """Rows of the first year, of the base year and of the last year (named tuples)."""
    ordered = table.dropna(subset=[value]).sort_values("year")
    picked = pd.concat([ordered.iloc[[0]], ordered[ordered["year"] == base_year], ordered.iloc[[-1]]])
    first, base, last = each(picked)
    return first, base, last


def capital_gaps(rows: pd.DataFrame, *, capital_share: float, sigma: float = SIGMA) -> pd.DataFrame:
    """Say by how much output would rise if capital alone moved between provinces, %, by year and measure of output.

    `metrics.misallocation_gap` with labor where it is: the gap of capital alone needs no measure of labor.

    Returns
    -------
    pandas.DataFrame
        `year`, `output` (in words), `gain` (%).
    """
    parts = []
    for output, words in OUTPUTS.items():
        # The gap of capital alone hangs on output and capital only, so that output may stand in the place of labor.
        found = metrics.misallocation_gap(
            rows,
            item="province",
            within="year",
            value=output,
            labor=output,
            capital="capital_current",
            capital_share=capital_share,
            sigma=sigma,
        )
        parts.append(found[["year"]].assign(output=words, gain=100 * np.expm1(found["capital_gap"])))
    return pd.concat(parts, ignore_index=True)


def gaps(rows: pd.DataFrame, *, capital_share: float, sigma: float = SIGMA) -> pd.DataFrame:
    """Say by how much output would rise if labor and capital moved between provinces (Brandt, Tombe & Zhu 2013), %.

    Only years in which at least thirty provinces have the measure of labor.

    Returns
    -------
    pandas.DataFrame
        `year`, `labor` (in words), `provinces`, `gain` (both move), `labor_gain` and `capital_gain` (one moves), all in %.
    """
    parts = []
    for labor, words in LABORS.items():
        known = rows.dropna(subset=[labor])
        known = known[known.groupby("year")["province"].transform("size") >= 30]
        if known.empty:
            continue
        found = metrics.misallocation_gap(
            known,
            item="province",
            within="year",
            value="gdp",
            labor=labor,
            capital="capital_current",
            capital_share=capital_share,
            sigma=sigma,
        )
        parts.append(
            pd.DataFrame(
                {
                    "year": found["year"],
                    "labor": words,
                    "provinces": found["items"],
                    "gain": 100 * found["gain"],
                    "labor_gain": 100 * np.expm1(found["labor_gap"]),
                    "capital_gain": 100 * np.expm1(found["capital_gap"]),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def ranking(rows: pd.DataFrame, base_year: int) -> pd.DataFrame:
    """Return to capital of each province in the first, the base and the last year, %; highest in the last year first."""
    years = [int(rows["year"].min()), base_year, int(rows["year"].max())]
    wide = rows[rows["year"].isin(years)].pivot(index=["province", "name"], columns="year", values="mrpk")
    wide.columns = ["first", "base", "last"]
    return wide.reset_index().sort_values("last", ascending=False, ignore_index=True)


def restocked(rows: pd.DataFrame, capital: pd.DataFrame, depreciation: float) -> pd.DataFrame:
    """Give the panel another `capital_current`, built from the same investment at another rate of depreciation."""
    flows = capital[capital["indicator"].isin(["investment", "investment_price"])]
    wide = flows.pivot(index=["province", "year"], columns="indicator", values="value").reset_index()
    wide["real"] = (wide["investment"] / wide["investment_price"]).clip(lower=0)
    # Each province begins with the table's own stock of its first year, less that year's investment.
    stocks = (
        capital[capital["indicator"] == "capital"].sort_values("year").groupby("province")["value"].first()
    )
    begun = wide.sort_values("year").groupby("province")["real"].first()
    initial = ((stocks - begun).clip(lower=0) / (1 - depreciation)).to_dict()
    built = metrics.perpetual_inventory(
        wide, of="province", investment="real", depreciation=depreciation, initial=initial
    )
    built["capital_current"] = built["capital"] * built["investment_price"]
    return rows.drop(columns="capital_current").merge(
        built[["province", "year", "capital_current"]], on=["province", "year"], validate="1:1"
    )


def overstated(rows: pd.DataFrame) -> list[str]:
    """List the provinces whose first GDP was more than `OVERSTATED` times the revised one in some year."""
    high = rows[rows["gdp_first_published"] > OVERSTATED * rows["gdp"]]
    return sorted(high["province"].unique())


def checks(rows: pd.DataFrame, capital: pd.DataFrame, *, base_year: int) -> pd.DataFrame:
    """Measure the dispersion of returns again under other choices.

    Returns
    -------
    pandas.DataFrame
        `choice`, `first`, `base`, `last` (the dispersion), `before` and `after` (its change up to and after the base year), `low` and `high`
        (the change after, over all choices of one province to leave out).
    """
    measured = rows[rows["year"] <= MEASURED]
    tries: dict[str, tuple[pd.DataFrame, str, str]] = {
        "as above": (rows, "gdp", "sd"),
        "GDP as first published": (rows, "gdp_first_published", "sd"),
        "weighted by capital": (rows, "gdp", "sd_weighted"),
        "90th less 10th percentile": (rows, "gdp", "p90_10"),
        f"without {len(overstated(rows))} provinces whose first GDP was cut most": (
            rows[~rows["province"].isin(overstated(rows))],
            "gdp",
            "sd",
        ),
        "depreciation 5%": (restocked(rows, capital, 0.05), "gdp", "sd"),
        "depreciation 15%": (restocked(rows, capital, 0.15), "gdp", "sd"),
    }
    if measured["year"].max() > base_year:
        tries[f"measured investment only, to {MEASURED}"] = (measured, "gdp", "sd")
    lines = []
    for words, (part, output, value) in tries.items():
        part = returns(
            part, capital_share=0.5, output=output
        )  # the share drops out of differences of logarithms
        first, base, last = steps(dispersion(part), base_year, value)
        numbers = [getattr(row, value) for row in (first, base, last)]
        edges = part[part["year"].isin([base_year, last.year])]
        left_out = []
        for province in edges["province"].unique():
            _, at, end = steps(dispersion(edges[edges["province"] != province]), base_year, value)
            left_out.append(getattr(end, value) - getattr(at, value))
        lines.append(
            (
                words,
                last.year,
                *numbers,
                numbers[1] - numbers[0],
                numbers[2] - numbers[1],
                min(left_out),
                max(left_out),
            )
        )
    return pd.DataFrame(
        lines, columns=["choice", "end", "first", "base", "last", "before", "after", "low", "high"]
    )


# -- words -----------------------------------------------------------------------------------------------------------------------


def _way(change: float) -> str:
    return "hardly changed" if abs(change) < MARGIN else "rose" if change > 0 else "fell"


def answer(table: pd.DataFrame, others: pd.DataFrame, *, base_year: int) -> list[str]:
    """Say how far returns to capital are apart between provinces, before and after, and whether the choices agree on it.

    Parameters
    ----------
    table : pandas.DataFrame
        From `dispersion`.
    others : pandas.DataFrame
        From `checks`.
    """
    first, base, last = steps(table, base_year)
    since = (
        f"has hardly changed since ({plain(last.sd, 2)} in {last.year})"
        if _way(last.sd - base.sd) == "hardly changed"
        else f"{_way(last.sd - base.sd)} to {plain(last.sd, 2)} in {last.year}"
    )
    sentences = [
        f"Between the {base.provinces} provinces the standard deviation of the log return to capital {_way(base.sd - first.sd)} from "
        f"{plain(first.sd, 2)} in {first.year} to {plain(base.sd, 2)} in {base_year}, and {since}.",
        _after(others, base_year),
    ]
    before_up = int((others["before"] >= MARGIN).sum())
    before_down = int((others["before"] <= -MARGIN).sum())
    if before_up == len(others) or before_down == len(others):
        sentences.append(
            f"That it {'rose' if before_up else 'fell'} up to {base_year} holds under all of them."
        )
    return sentences


def _after(others: pd.DataFrame, base_year: int) -> str:
    """Say which way it went after the base year, if the choices agree on it."""
    up, down = others[others["after"] >= MARGIN], others[others["after"] <= -MARGIN]
    rest = len(others) - len(up) - len(down)
    if len(up) and len(down):
        few, many, way, back = (
            (up, down, "rose", "fell") if len(up) <= len(down) else (down, up, "fell", "rose")
        )
        return (
            f"What came after {base_year} hangs on the data: it {way} under {listing([_choice(row) for row in each(few)])}, and {back} under "
            f"{counted(len(many), 'other choice')}{f', with {rest} that hardly moved' if rest else ''}; whether the years of the plan brought more "
            "or less of it has no clear answer."
        )
    moved, way = (up, "rose") if len(up) else (down, "fell")
    if moved.empty:
        return f"After {base_year} it hardly moved under any of {len(others)} choices."
    if not rest:
        return f"Under all {len(others)} choices tried it {way} after {base_year}."
    return f"After {base_year} it {way} under {len(moved)} of {len(others)} choices and hardly moved under the others."


def _choice(row: Any) -> str:
    return f"“{row.choice}” ({signed(row.after, 2)})"


def say_capital_gap(table: pd.DataFrame, *, base_year: int) -> str:
    """Say what moving capital between provinces would add, in the first, base and last year, by both measures of output."""
    parts = []
    for words, rows in table.groupby("output", sort=False):
        first, base, last = steps(rows, base_year, "gain")
        parts.append(
            f"{plain(first.gain)}% in {first.year}, {plain(base.gain)}% in {base_year} and {plain(last.gain)}% in {last.year} with {words}"
        )
    return f"Capital moved to where it earns most would have added to output {listing(parts)}."


def say_gap(table: pd.DataFrame, *, base_year: int) -> str:
    """Say what moving labor and capital between provinces would add, by measure of labor."""
    parts = []
    for words, rows in table.groupby("labor", sort=False):
        before, after = rows[rows["year"] <= base_year], rows[rows["year"] > base_year]
        if before.empty or after.empty:
            continue
        at, end = before.iloc[-1], after.iloc[-1]
        parts.append(
            f"{plain(at['gain'])}% in {at['year']:.0f} and {plain(end['gain'])}% in {end['year']:.0f} ({words})"
        )
    if not parts:
        return "No measure of labor has years on both sides of the base year."
    return (
        f"Labor and capital moved together would have added {listing(parts)}. The level hangs on who is counted as labor, and the count of all "
        "employed has a hole between."
    )


def title_dispersion(table: pd.DataFrame, base_year: int) -> str:
    """Title of the figure of dispersion by year."""
    first, base, last = steps(table, base_year)
    return (
        f"Returns to capital in the provinces: spread {plain(first.sd, 2)} in {first.year}, {plain(base.sd, 2)} in {base_year}, "
        f"{plain(last.sd, 2)} in {last.year}"
    )


def title_ranking(table: pd.DataFrame, years: Sequence[int]) -> str:
    """Title of the figure of returns by province."""
    fell = int((table["last"] < table["base"]).sum())
    top, bottom = table.iloc[0], table.iloc[-1]
    return (
        f"A yuan of capital earned {plain(top['last'], 0)}% in {top['name']} and {plain(bottom['last'], 0)}% in {bottom['name']} in {years[-1]}; "
        f"less than in {years[1]} in {fell} of {len(table)} provinces"
    )


def title_gap(table: pd.DataFrame, base_year: int) -> str:
    """Title of the figure of the gap of capital: the two measures of output beside each other."""
    changes = {}
    for words, rows in table.groupby("output", sort=False):
        _, base, last = steps(rows, base_year, "gain")
        changes[words] = last.gain - base.gain
    ways = {"more" if value > 0.05 else "less" if value < -0.05 else "as much" for value in changes.values()}
    if len(ways) > 1:
        return f"Whether capital in the wrong province came to cost more after {base_year} hangs on which GDP is taken"
    way = ways.pop()
    link = "as" if way == "as much" else "than"
    return f"Capital in the wrong province cost {way} in the last year {link} in {base_year}, with either GDP"


def say_measures(rows: pd.DataFrame, *, base_year: int) -> str:
    """Say in which year the two measures of output part, and whether they come together then.

    The distance is the mean over the provinces of how far first figures are from revised ones, in either direction.
    """
    apart = rows.assign(apart=(np.log(rows["gdp_first_published"]) - np.log(rows["gdp"])).abs())
    distance = 100 * apart.groupby("year")["apart"].mean()
    revised, first = (
        dispersion(returns(rows, capital_share=0.5, output=output)).set_index("year")["sd"]
        for output in ("gdp", "gdp_first_published")
    )
    later = (first - revised).diff().loc[base_year + 1 :]
    year = int(later.index[int(later.abs().argmax())])
    text = (
        f"The two measures of output differ most in {year}: with GDP as first published the spread moved by "
        f"{signed(first.diff()[year], 2)} in that year alone, with revised GDP by {signed(revised.diff()[year], 2)}"
    )
    if distance[year] >= distance[year - 1]:
        return f"{text}."
    return (
        f"{text}, and the measures come together (mean distance {plain(distance[year - 1])}% in {year - 1}, {plain(distance[year])}% in {year}): "
        "a step in the record more than in the provinces."
    )


def caveat() -> str:
    """Say what the stock of capital rests on."""
    return (
        f"Capital is built from investment with a depreciation of {100 * DEPRECIATION:g}% a year for all provinces; investment after {MEASURED} is "
        "carried forward by the source and was not measured. One share of capital for all provinces makes heavy industry look like a low return."
    )
