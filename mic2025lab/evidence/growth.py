"""Tables, titles and sentences of `growth_counterfactual`: China's productivity and output per worker against a synthetic China."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from mic2025lab import models
from mic2025lab.classifications import economies
from mic2025lab.errors import unknown_name
from mic2025lab.evidence._words import each, listing, plain, signed

#: A p-value up to this is called a gap beyond chance.
SIGNIFICANT = 0.10
#: Economies too closely tied to China's to stand for what would have happened without the plan.
TIED = ("HKG", "MAC", "TWN")


@dataclass(frozen=True)
class Measure:
    """An outcome of `national_accounts`.

    Attributes
    ----------
    name : str
        As it stands in a sentence.
    version : str
        Of the Penn World Table.
    column, per : str
        Outcome, and the column it is divided by (empty: none).
    """

    name: str
    version: str
    column: str
    per: str = ""


MEASURES: Mapping[str, Measure] = {
    "tfp": Measure("total factor productivity", "10.01", "rtfpna"),
    "gdp_per_worker": Measure("GDP per worker", "10.01", "rgdpna", "emp"),
    "gdp_per_worker_11": Measure("GDP per worker", "11.0", "q_gdp", "emp"),
}
#: Pools of donors: slug -> words.
POOLS: Mapping[str, str] = {
    "all": "all economies of a million people or more",
    "emerging": "economies with GDP per worker below half that of the United States in the year of the plan",
    "growing": "economies that grew at least half as fast as China before the plan",
}


def measure(name: str) -> Measure:
    """Find an outcome.

    Examples
    --------
    >>> measure("tfp").column
    'rtfpna'
    """
    if name not in MEASURES:
        raise unknown_name("measure", name, MEASURES)
    return MEASURES[name]


def panel(accounts: pd.DataFrame, of: Measure, *, minimum_population: float = 1.0) -> pd.DataFrame:
    """Bring `national_accounts` into the form `fit` needs.

    Parameters
    ----------
    accounts : pandas.DataFrame
        Rows of all versions (``lab.load("national_accounts", vintage="all")``).
    minimum_population : float
        Economies with fewer million people in their last year are left out.

    Returns
    -------
    pandas.DataFrame
        `economy`, `year`, `value`, and the columns that predictors and pools are made of, which are those of version 10.01 where the version
        has none: `csh_i`, `hc`, `pop`, `gdp_per_worker` (million 2017 US dollars at constant prices a million workers; PPP level of 2017), `open`.
    """
    rows = accounts[accounts["version"] == of.version]
    value = rows[of.column] / rows[of.per] if of.per else rows[of.column]
    old = accounts[accounts["version"] == "10.01"].copy()
    old["gdp_per_worker"] = old["rgdpna"] / old["emp"]
    old["open"] = old["csh_x"] - old["csh_m"]
    side = old[["economy", "year", "csh_i", "hc", "pop", "gdp_per_worker", "open"]]
    table = rows[["economy", "year"]].assign(value=value).dropna(subset=["value"])
    table = table[table["value"] > 0].merge(side, on=["economy", "year"], how="left")
    last = table.dropna(subset=["pop"]).sort_values("year").groupby("economy")["pop"].last()
    return table[table["economy"].isin(last.index[last >= minimum_population])].reset_index(drop=True)


def pool(
    rows: pd.DataFrame, name: str, *, economy: str = "CHN", at: int = 2015, start: int = 1995
) -> list[str]:
    """List the donors of a pool, without the economies in `TIED` and without those that lack a year from `start` on.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `panel`.
    name : str
        One of `POOLS`.
    """
    if name not in POOLS:
        raise unknown_name("pool", name, POOLS)
    inside = rows[rows["year"] >= start]
    years = inside.groupby("economy")["year"].nunique()
    names = [code for code in years.index[years == inside["year"].nunique()] if code not in (*TIED, economy)]
    if name == "emerging":
        level = rows[rows["year"] == at].set_index("economy")["gdp_per_worker"]
        names = [code for code in names if level.get(code, math.nan) < 0.5 * level["USA"]]
    if name == "growing":
        wide = inside[inside["year"] <= at].pivot(index="economy", columns="year", values="value")
        growth = (wide[at] / wide[wide.columns[0]]).map(math.log)
        # Where China did not grow itself, so that half of it is no bar, whoever did no worse.
        names = [
            code
            for code in names
            if growth.get(code, math.nan) >= min(0.5 * growth[economy], growth[economy])
        ]
    return names


def fit(
    rows: pd.DataFrame,
    *,
    economy: str = "CHN",
    at: int = 2015,
    start: int = 1995,
    end: int | None = None,
    donors: str | Iterable[str] = "all",
    predictors: Sequence[models.Predictor] = (),
    demean: bool = True,
    executor: Executor | None = None,
) -> models.SyntheticControl:
    """Fit `models.synthetic_control` to the logarithm of the outcome.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `panel`.
    donors : str or iterable of str
        One of `POOLS`, or economies.
    predictors : sequence of str or (str, years)
        Empty: the outcome of every year before. Otherwise columns of `panel`, weighted by pysyncon.
    demean : bool
        Match changes, not levels: needed for indices (TFP, version 11.0), whose levels mean nothing across economies.
    """
    chosen = (
        pool(rows, donors, economy=economy, at=at, start=start) if isinstance(donors, str) else list(donors)
    )
    kept = rows[rows["economy"].isin([*chosen, economy])]
    return models.synthetic_control(
        kept,
        treated=economy,
        at=at,
        log=True,
        start=start,
        end=end,
        predictors=predictors,
        demean=demean,
        executor=executor,
    )


def specifications(
    accounts: pd.DataFrame,
    name: str,
    *,
    economy: str = "CHN",
    at: int = 2015,
    start: int = 1995,
    executor: Executor | None = None,
) -> models.SpecificationCurve:
    """Fit one outcome under every combination of pool, first year, last year and base year; GDP per worker in both versions."""
    own = measure(name)
    versions = [key for key, other in MEASURES.items() if other.name == own.name]
    tables = {key: panel(accounts, MEASURES[key]) for key in versions}
    choices: dict[str, list[Any]] = {
        "measure": versions,
        "donors": list(POOLS),
        "start": sorted({1980, 1990, 1995, start}),
        "end": [2019, None],
        "at": [at - 1, at],
    }
    if all(int(table["year"].max()) <= 2019 for table in tables.values()):
        choices["end"] = [None]
    headline = {"measure": name, "donors": "all", "start": start, "end": None, "at": at}
    return models.specification_curve(
        partial(_one, tables, economy), choices, headline=headline, level=0.90, executor=executor
    )


def _one(tables: Mapping[str, pd.DataFrame], economy: str, **choices: object) -> models.SyntheticControl:
    name = str(choices.pop("measure"))
    return fit(tables[name], economy=economy, **choices)  # type: ignore[arg-type]


def placebo_dates(
    result: models.SyntheticControl, dates: Iterable[int] = (2005, 2010), *, executor: Executor | None = None
) -> pd.DataFrame:
    """In-time placebos at the dates that leave five years before and two after (to the actual one)."""
    first = int(result.path["year"].iloc[0])
    return result.in_time([date for date in dates if first + 4 <= date <= result.at - 2], executor=executor)


def table(
    results: Mapping[str, models.SyntheticControl], *, executor: Executor | None = None
) -> pd.DataFrame:
    """One row an outcome.

    Returns
    -------
    pandas.DataFrame
        `measure`, `label`, `last_year`, `gap` (mean log points after), `gap_last`, `low`, `high` (90% interval of a constant gap), `pre_rmspe`,
        `poor_fit`, `ratio`, `rank`, `units`, `p_value`, `gap_p` (`SyntheticControl.gap_rank`), `gap_units`, `loo_low`, `loo_high`, `donors`.
    """
    lines = []
    for name, result in results.items():
        without = result.leave_one_out(executor=executor)["estimate"]
        low, high = result.conf_int(0.90)
        place, near = result.gap_rank()
        heavy = result.weights[result.weights["weight"] >= 0.05]
        lines.append(
            {
                "measure": name,
                "label": f"{measure(name).name} (PWT {measure(name).version})",
                "last_year": int(result.path["year"].iloc[-1]),
                "gap": result.estimate,
                "gap_last": float(result.path["gap"].iloc[-1]),
                "low": low,
                "high": high,
                "pre_rmspe": result.pre_rmspe,
                "poor_fit": result.poor_fit,
                "ratio": result.ratio,
                "rank": result.rank,
                "units": result.n_donors + 1,
                "p_value": result.p_value,
                "gap_p": place / near,
                "gap_units": near,
                "loo_low": without.min(),
                "loo_high": without.max(),
                "donors": ", ".join(f"{row.unit} {plain(row.weight, 2)}" for row in each(heavy)),
            }
        )
    return pd.DataFrame(lines)


# -- words -----------------------------------------------------------------------------------------------------------------------


def _percent(log_points: float) -> str:
    return f"{signed(100 * math.expm1(log_points), 1)}%"


def answer(rows: pd.DataFrame, *, economy: str = "CHN", at: int = 2015) -> list[str]:
    """Say, outcome by outcome, whether China fell behind its double, and what stands against it (rows of `table`)."""
    return [_one_answer(row, economy, at) for row in each(rows)]


def _one_answer(row: Any, economy: str, at: int) -> str:
    who = economies.name(economy)
    gap, years = _percent(row.gap), f"{at + 1}–{row.last_year}"
    rank = (
        f"rank {row.rank} of {row.units} in the ratio of fit, p = {plain(row.p_value, 2)}; by size of gap among the "
        f"{row.gap_units} that fit as well, p = {plain(row.gap_p, 2)}"
    )
    # Either statistic alone can be large by the luck of the fit; among fewer than ten the largest gap is all that can be asked for.
    large = row.gap_p <= max(SIGNIFICANT, 1 / row.gap_units)
    if row.p_value <= SIGNIFICANT and large and not row.poor_fit:
        side = "below" if row.gap < 0 else "above"
        text = f"{row.label}: {who} was {side} its synthetic double in {years}, by {gap.lstrip('+−')} on average ({rank})"
    else:
        text = f"{row.label}: no gap beyond chance is established in {years} ({gap} on average; {rank})"
    if row.loo_low * row.loo_high < 0:
        text += f"; its sign hangs on single donors ({_percent(row.loo_low)} to {_percent(row.loo_high)} without one of them)"
    if row.poor_fit:
        text += f"; the double misses {who} before {at} by {plain(100 * row.pre_rmspe, 1)} log points, too much to read the gap as an effect"
    return text + "."


def say_placebo_dates(dates: pd.DataFrame) -> str:
    """Say whether a gap opens at a date when there was no plan."""
    own, others = dates[dates["actual"]].iloc[0], dates[~dates["actual"]]
    if others.empty:
        return "There is no earlier date with enough years on both sides."
    parts = [f"{_percent(row.estimate)} after {row.at} (p = {plain(row.p_value, 2)})" for row in each(others)]
    text = f"At earlier dates the same gives {listing(parts)}, against {_percent(own['estimate'])} after {own['at']}"
    if (others["p_value"] <= SIGNIFICANT).any():
        return f"{text}: a gap opens without the plan too, so one after it is not the plan’s alone."
    if (others["estimate"].abs() >= abs(own["estimate"])).any():
        return f"{text}: none beyond chance, but as large a gap opens without the plan."
    return f"{text}: none beyond chance, and none as large."


def say_specifications(curve: models.SpecificationCurve) -> str:
    """Say how many specifications agree."""
    text = (
        f"Of {curve.n_estimated} specifications {curve.same_sign:.0%} have the headline’s sign (median {_percent(curve.median)}, "
        f"from {_percent(curve.lowest)} to {_percent(curve.highest)})"
    )
    if curve.clear == curve.clear:
        text += f"; in {curve.clear:.0%} the {curve.level:.0%} interval is on that side of zero"
    return text + ("; the sign hangs on the choices." if curve.same_sign < 0.75 else ".")


def cannot_say(at: int = 2015) -> str:
    """State the limit of the design, whatever it finds."""
    return (
        f"A gap after {at} is everything that set China apart from then on: the plan, the slowdown of a maturing economy, debt, tariffs and, "
        "from 2020, the pandemic. The design cannot tell them apart."
    )


def title_path(result: models.SyntheticControl, of: Measure, *, economy: str = "CHN") -> str:
    """Title of the figure of the two paths."""
    who, gap = economies.name(economy), _percent(float(result.path["gap"].iloc[-1]))
    last, rank = int(result.path["year"].iloc[-1]), f"rank {result.rank} of {result.n_donors + 1}"
    if result.poor_fit:
        return f"No synthetic double follows {who}’s {of.name} before {result.at}; the gap of {gap} in {last} says little ({rank})"
    if result.p_value <= SIGNIFICANT:
        return f"{who}’s {of.name} stood {gap} from its synthetic double in {last} ({rank})"
    return f"{who}’s {of.name} is not clearly apart from its synthetic double: {gap} in {last} ({rank})"


def title_placebos(result: models.SyntheticControl, *, economy: str = "CHN") -> str:
    """Title of the figure of placebo gaps."""
    return f"{result.rank - 1} of {result.n_donors} placebo economies part from their doubles as much as {economies.name(economy)}"


def path_table(result: models.SyntheticControl, *, economy: str) -> pd.DataFrame:
    """Actual and synthetic path in long form, for a figure: `year`, `value`, `series`."""
    long = result.path.melt("year", ["actual", "synthetic"], "series", "value")
    return long.assign(series=long["series"].map({"actual": economies.name(economy), "synthetic": "double"}))


def weights_table(results: Mapping[str, models.SyntheticControl], *, least: float = 0.01) -> pd.DataFrame:
    """Weights of the donors of each double, from the largest; those under `least` left out."""
    parts = [result.weights.assign(measure=name) for name, result in results.items()]
    table = pd.concat(parts, ignore_index=True)
    table = table[table["weight"] >= least].sort_values(
        ["measure", "weight"], ascending=[True, False], ignore_index=True
    )
    return table.assign(unit=table["unit"].map(economies.name))[["measure", "unit", "weight"]]
