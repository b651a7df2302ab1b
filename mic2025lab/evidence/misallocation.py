"""Tables, titles and sentences of `misallocation` between firms; `spatial` has those between provinces.

Every sentence and title about firms goes through `before_after.say`, so that one about simulated firms says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mic2025lab import models
from mic2025lab.errors import TableError
from mic2025lab.evidence._words import counted, plain, signed
from mic2025lab.evidence.before_after import LEVEL, Change, check_years, interval, moved, say
from mic2025lab.models import bootstrap
from mic2025lab.own_panels import Panel as Firms


def prepared(firms: Firms, *, base_year: int, industry_digits: int = 0) -> pd.DataFrame:
    """Cut industry codes to the level asked for, and see that the panel has years on both sides of the base year.

    Raises
    ------
    ParameterError
        If it has none.
    """
    check_years(firms, base_year)
    table = firms.table
    if industry_digits:
        table = table.assign(industry=table["industry"].str[:industry_digits])
    return table


def estimate(
    table: pd.DataFrame,
    *,
    sigma: float,
    labor_share: float | str = "data",
    trim: float = 0.01,
    draws: int = 0,
    seed: int = 2025,
) -> models.HsiehKlenow:
    """Run `models.hsieh_klenow`; values of zero or less are left out and counted in its notes. "data": labor shares of the panel itself."""
    return models.hsieh_klenow(
        table,
        sigma=sigma,
        labor_share=None if labor_share == "data" else float(labor_share),
        trim=trim,
        nonpositive="drop",
        draws=draws,
        seed=seed,
    )


def spread_draws(result: models.HsiehKlenow, *, draws: int, seed: int) -> Any:
    """Standard deviation of log TFPR of each year in each draw of whole firms: the draws are those of the gain."""
    rows = result.rows
    firm = np.unique(rows["firm"].astype(str), return_inverse=True)[1]
    year = np.unique(rows["year"], return_inverse=True)[1]
    x = rows["log_tfpr"].to_numpy()
    found = []
    for count in bootstrap.counts(int(firm.max()) + 1, draws, seed=seed):
        weight = count[firm]
        n, first, second = (np.bincount(year, weight * x**power) for power in (0, 1, 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            found.append(np.sqrt(np.clip(second / n - (first / n) ** 2, 0, None)))
    return np.array(found)


def by_year(result: models.HsiehKlenow, spread: Any) -> pd.DataFrame:
    """Gain and dispersion by year.

    Returns
    -------
    pandas.DataFrame
        `year`, `n_firms`; `gain`, `gain_low`, `gain_high` (% of output); `sd`, `sd_low`, `sd_high` and `p90_10` of log TFPR less its
        industry's mean. Intervals: quantiles of a bootstrap of firms, 95%.
    """
    tfpr = result.dispersion[result.dispersion["measure"] == "tfpr"].reset_index(drop=True)
    gain_low, gain_high = interval(100 * result.boot)
    sd_low, sd_high = interval(spread)
    return result.gains[["year", "n_firms"]].assign(
        gain=100 * result.gains["gain"],
        gain_low=gain_low,
        gain_high=gain_high,
        sd=tfpr["sd"],
        sd_low=sd_low,
        sd_high=sd_high,
        p90_10=tfpr["p90_10"],
    )


def by_industry(result: models.HsiehKlenow, base_year: int) -> pd.DataFrame:
    """Say how much each industry has of the gain.

    Returns
    -------
    pandas.DataFrame
        `industry`; `firms` (mean a year), `value_added_share` (%), `gain` (of the industry alone, %), `contribution` (% of the logarithm of
        the whole gain, all years; adds up to 100) and `change` of the industry's own gain after the base year (points); largest
        contribution first.
    """
    rows = result.industries.assign(
        part=lambda t: t["value_added_share"] * np.log1p(t["gain"]), after=lambda t: t["year"] > base_year
    )
    n_years, total = rows["year"].nunique(), rows["part"].sum()
    cells = rows.groupby("industry")
    sides = rows.pivot_table(index="industry", columns="after", values="gain", aggfunc="mean")
    sides = sides.reindex(columns=[False, True])
    table = pd.DataFrame(
        {
            "firms": cells["n_firms"].mean(),
            "value_added_share": 100 * cells["value_added_share"].sum() / n_years,
            "gain": 100 * cells["gain"].mean(),
            "contribution": 100 * cells["part"].sum() / total,
            "change": 100 * (sides[True] - sides[False]),
        }
    ).reset_index()
    return table.sort_values("contribution", ascending=False, ignore_index=True)


def truth(
    firms: Firms, table: pd.DataFrame, result: models.HsiehKlenow, *, labor_share: float | str
) -> pd.DataFrame:
    """Measure the simulated firms again with what is not known of real ones; empty for a panel that does not have it.

    Value added without its measurement error is exp(labor ln L + capital ln K + true_tfp), with the elasticities of `models.FirmTruth`.

    Returns
    -------
    pandas.DataFrame
        `measured` (in words), `sigma`, `gain` (%), `sd` (of log TFPR).
    """
    if not (firms.simulated and {"true_tfp", "labor"} <= set(table)):
        return pd.DataFrame(columns=["measured", "sigma", "gain", "sd"])
    true = models.FirmTruth()
    clean = table.assign(
        value_added=np.exp(
            true.labor * np.log(table["labor"]) + true.capital * np.log(table["capital"]) + table["true_tfp"]
        )
    )
    share = true.labor / (true.labor + true.capital)
    runs = {
        "as measured": result,
        "without the error in value added": estimate(
            clean, sigma=result.sigma, labor_share=labor_share, trim=result.trim
        ),
        "true elasticities, every firm, with the error": estimate(
            table, sigma=true.sigma, labor_share=share, trim=0
        ),
        "the truth: true elasticities, every firm, no error": estimate(
            clean, sigma=true.sigma, labor_share=share, trim=0
        ),
    }
    return pd.DataFrame(
        [(words, run.sigma, 100 * run.estimate, mean_spread(run)) for words, run in runs.items()],
        columns=["measured", "sigma", "gain", "sd"],
    )


def mean_spread(result: models.HsiehKlenow, measure: str = "sd") -> float:
    """Mean over the years of a measure of dispersion of log TFPR."""
    rows = result.dispersion[result.dispersion["measure"] == "tfpr"]
    return float(rows[measure].mean())


def checks(
    table: pd.DataFrame, *, sigma: float, labor_share: float | str, trim: float, base_year: int
) -> pd.DataFrame:
    """Measure again under other choices.

    Returns
    -------
    pandas.DataFrame
        `choice`, `gain` (%), `before`, `after`, `change` (points), `sd_change`; the headline is the first row.
    """
    tries: dict[str, dict[str, Any]] = {"as above": {}}
    tries |= {f"elasticity {value:g}": {"sigma": value} for value in (2.0, 3.0, 5.0) if value != sigma}
    tries |= {
        f"tails cut: {value:g} on each side": {"trim": value} for value in (0.0, 0.01, 0.025) if value != trim
    }
    tries |= {
        f"labor share {'of the panel' if value == 'data' else format(value, 'g')}": {"labor_share": value}
        for value in ("data", 0.5, 0.65)
        if value != labor_share
    }
    lines = []
    for words, options in tries.items():
        run = estimate(table, **{"sigma": sigma, "labor_share": labor_share, "trim": trim, **options})
        after = run.gains["year"] > base_year
        before_gain, after_gain = (100 * run.gains.loc[side, "gain"].mean() for side in (~after, after))
        spread = run.dispersion[run.dispersion["measure"] == "tfpr"]["sd"].to_numpy()
        sd_change = spread[after.to_numpy()].mean() - spread[~after.to_numpy()].mean()
        lines.append(
            (words, 100 * run.estimate, before_gain, after_gain, after_gain - before_gain, sd_change)
        )
    return pd.DataFrame(lines, columns=["choice", "gain", "before", "after", "change", "sd_change"])


# -- words -----------------------------------------------------------------------------------------------------------------------


def answer(
    firms: Firms, result: models.HsiehKlenow, gain: Change, spread: Change, *, base_year: int
) -> list[str]:
    """Say how large the gain is, how far firms are apart, and whether either moved after the base year; gains in percent."""
    low, high = result.conf_int(LEVEL)
    first, last = int(result.gains["year"].min()), int(result.gains["year"].max())
    p90_10 = mean_spread(result, "p90_10")
    return [
        say(
            firms,
            f"if a bundle of capital and labor earned the same in every firm of an industry, output would be {plain(100 * result.estimate)}% "
            f"larger (interval {plain(100 * low)} to {plain(100 * high)}), mean of {first}–{last}, at an elasticity of {result.sigma:.3g}; the firm "
            f"at the 90th percentile earns {plain(np.exp(p90_10))} times what the one at the 10th does.",
        ),
        say(
            firms,
            f"after {base_year} the gain shows {moved(gain, 1, ' points')} and the standard deviation of log TFPR "
            f"{moved(spread, 3, '')}.",
        ),
    ]


def correction(result: models.HsiehKlenow) -> tuple[models.MeasurementError | None, str]:
    """Correct for measurement error; a panel in which no firm has two years in a row gives None and the reason."""
    try:
        return models.measurement_error_correction(result), ""
    except TableError as error:
        return None, str(error)


def say_correction(firms: Firms, found: models.MeasurementError | None, why: str = "") -> str:
    """Say what the correction for measurement error leaves of the gain, or why there is none."""
    if found is None:
        return say(firms, f"no correction for measurement error: {why}")
    low, high = found.conf_int(LEVEL)
    if low <= 1 <= high:
        verdict = "no error of the kind it sees is found"
    elif found.estimate < 1:
        verdict = "a part of the dispersion is error"
    else:
        verdict = "revenue follows inputs more than the method allows for, and nothing is taken off"
    return say(
        firms,
        f"the correction for measurement error puts {plain(100 * found.estimate)}% of the variance of log TFPR down to true differences (interval "
        f"{plain(100 * low)} to {plain(100 * high)}): {verdict}, and the gain is {plain(100 * found.corrected_gain)}% in place of "
        f"{plain(100 * found.gain)}%. It does not see error in proportion to revenue or new each year.",
    )


def say_truth(firms: Firms, table: pd.DataFrame) -> str | None:
    """Set what was measured beside what is true of the simulated firms; None where the truth is not known."""
    if table.empty:
        return None
    measured, true, noisy = table.iloc[0], table.iloc[-1], table.iloc[-2]
    gap = measured["gain"] - true["gain"]
    side = "about as much as" if abs(gap) < 0.05 else "less than" if gap < 0 else "more than"
    return say(
        firms,
        f"the truth is known here: {plain(true['gain'])}% with the elasticity {true['sigma']:.3g} that the firms were made with, none left out. The "
        f"{plain(measured['gain'])}% above are {side} that, for the elasticity and the cut tails are choices. With the truth of both, the error in "
        f"value added alone moves the gain by {signed(noisy['gain'] - true['gain'])} points. A real panel has no such line.",
    )


def robustness(firms: Firms, table: pd.DataFrame) -> str:
    """Say how the gain and its change move with the choices."""
    up, down = int((table["change"] > 0).sum()), int((table["change"] < 0).sum())
    most = table.loc[(table["gain"] - table["gain"].iloc[0]).abs().idxmax()]
    return say(
        firms,
        f"over {counted(len(table), 'set', 'sets')} of choices the gain is {plain(table['gain'].min())}% to {plain(table['gain'].max())}%, and its "
        f"change after the base year {signed(table['change'].min())} to {signed(table['change'].max())} points: up in {up}, down in {down}. "
        f"What moves its level most is “{most['choice']}”.",
    )


def say_industries(firms: Firms, table: pd.DataFrame) -> str:
    """Say which industry has most of the gain."""
    top = table.iloc[0]
    more = (
        "more than its share of value added"
        if top["contribution"] > top["value_added_share"]
        else "no more than its share of value added"
    )
    return say(
        firms,
        f"of {counted(len(table), 'industry', 'industries')}, {top['industry']} has the largest part of the gain, "
        f"{plain(top['contribution'])}%, {more} ({plain(top['value_added_share'])}%).",
    )


def title_years(firms: Firms, gain: Change, base_year: int) -> str:
    """Title of the figure of gains by year."""
    if not gain.clear:
        return say(firms, f"no clear change of the gain from equal marginal products after {base_year}")
    way = "rose" if gain.value > 0 else "fell"
    span = f"from {plain(gain.before)}% to {plain(gain.after)}%"
    return say(firms, f"the gain from equal marginal products {way} {span} after {base_year}")


def title_industries(firms: Firms, table: pd.DataFrame) -> str:
    """Title of the figure of contributions by industry."""
    top = table.iloc[0]
    return say(firms, f"{top['industry']} has {plain(top['contribution'], 0)}% of the gain, the largest part")
