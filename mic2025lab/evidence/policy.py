"""Tables of `policy_effect`: did China's targeted industries gain on its others after the plan, beyond what was so elsewhere?

`policy_words` has the sentences and titles.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab import metrics, models
from mic2025lab.classifications import economies, industries
from mic2025lab.errors import unknown_name
from mic2025lab.evidence._words import each, plain

WORLD = "WLD"
#: What is left of the European Union and of the world where the table has totals but not all members.
REST = {"XEU": "rest of the EU-27", "ROW": "rest of the world"}
OTHER = "other_manufacturing"
#: How an outcome is measured: slug -> words.
OUTCOMES: Mapping[str, str] = {
    "log": "log, mean of the industries",
    "log_total": "log of the industries’ total",
    "share": "share of the world, points, mean of the industries",
}
#: A p-value up to this is called a difference; the same threshold makes the leads' test a warning.
SIGNIFICANT = 0.10


@dataclass(frozen=True)
class Design:
    """Industries compared in one table.

    Attributes
    ----------
    source : str
        Table of the catalogue.
    measured : str
        What the table measures, as it stands in a sentence.
    targeted, untargeted : tuple of str
        Industries of the plan, and the others of manufacturing.
    comparisons : mapping
        Sets of untargeted industries that can stand for the others: slug -> industries; the first is the headline's.
    starts : tuple of int
        First years tried; the first is the headline's.
    """

    source: str
    measured: str
    targeted: tuple[str, ...]
    comparisons: Mapping[str, tuple[str, ...]]
    starts: tuple[int, ...]

    @property
    def untargeted(self) -> tuple[str, ...]:
        """The untargeted industries of the headline."""
        return next(iter(self.comparisons.values()))


_ICIO_UNTARGETED = tuple(
    code for code in industries.ICIO if code[0] == "C" and code not in industries.ICIO_TARGETED
)
DESIGNS: Mapping[str, Design] = {
    "value_added": Design(
        "value_added",
        "value added",
        tuple(name for name in industries.DETAILED_MANUFACTURING if name not in ("chemicals", "weapons")),
        {"all": ("chemicals", OTHER), "without chemicals": (OTHER,), "chemicals only": ("chemicals",)},
        (2002, 2006),
    ),
    "intermediate_exports": Design(
        "intermediate_exports",
        "exports of intermediate goods",
        tuple(industries.ICIO_TARGETED),
        {
            "all": _ICIO_UNTARGETED,
            "without chemicals": tuple(code for code in _ICIO_UNTARGETED if code != "C20"),
            "without petroleum and metals": tuple(
                code for code in _ICIO_UNTARGETED if code not in ("C19", "C24")
            ),
        },
        (1995, 2002),
    ),
}


def design(source: str) -> Design:
    """Find the design of a table.

    Examples
    --------
    >>> design("intermediate_exports").targeted
    ('C21', 'C26', 'C27', 'C28', 'C29', 'C30')
    """
    if source not in DESIGNS:
        raise unknown_name("source", source, DESIGNS)
    return DESIGNS[source]


def panel(table: pd.DataFrame, of: Design) -> pd.DataFrame:
    """Bring a table of the catalogue into the form the designs need.

    `value_added`: the economies apart, what is left of the EU-27 and of the world beside them, so that they add up to the world without
    overlap; `other_manufacturing` is manufacturing less its ten detailed industries. `intermediate_exports`: manufacturing industries;
    a zero is taken as not reported.

    Returns
    -------
    pandas.DataFrame
        `economy`, `industry`, `year`, `value`; no row where there is no value above zero.
    """
    rows = table[["year", "economy", "industry", "value"]]
    if of.source == "value_added":
        rows = _with_rest(rows)
    kept = set(of.targeted).union(*of.comparisons.values())
    return rows[rows["industry"].isin(kept) & (rows["value"] > 0)].reset_index(drop=True)


def _with_rest(rows: pd.DataFrame) -> pd.DataFrame:
    wide = rows.pivot(index=["industry", "year"], columns="economy", values="value")
    union = [name for name in economies.members("EU27") if name in wide]
    apart = [name for name in wide if name not in (WORLD, "EU27", *union)]
    wide["XEU"] = wide["EU27"] - wide[union].sum(axis=1)
    wide["ROW"] = wide[WORLD] - wide["EU27"] - wide[apart].sum(axis=1)
    wide = wide.drop(columns=[WORLD, "EU27"])
    parts = wide[wide.index.get_level_values("industry").isin(industries.DETAILED_MANUFACTURING)]
    rest = wide.loc["manufacturing"] - parts.groupby("year").sum(min_count=1)
    rest = pd.concat({OTHER: rest}, names=["industry"])
    return (
        pd.concat([wide, rest])
        .reset_index()
        .melt(["industry", "year"], var_name="economy", value_name="value")
    )


def names(of: Design) -> dict[str, str]:
    """Industry -> name, for tables and figures."""
    known = {OTHER: "other manufacturing"}
    return {code: known.get(code) or industries.name(code) for code in (*of.targeted, *_every(of)) if code}


def _every(of: Design) -> list[str]:
    return list(dict.fromkeys(code for codes in of.comparisons.values() for code in codes))


def estimate(
    rows: pd.DataFrame,
    of: Design,
    *,
    economy: str = "CHN",
    at: int = 2015,
    start: int | None = None,
    end: int | None = None,
    untargeted: str = "all",
    outcome: str = "log",
    donors: str = "all",
    trends: bool = False,
    permute: str = "of",
    inference: str = "randomization",
) -> models.EventStudy:
    """Estimate `models.triple_difference` under one set of choices; the defaults are the headline's but for `end`.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `panel`.
    untargeted : str
        One of ``of.comparisons``.
    outcome : {"log", "log_total", "share"}
        See `OUTCOMES`.
    donors : {"all", "large"}
        Economies compared with: all, or those with at least 1% of the world total of these industries in the year `at`, without what is left
        of a region.
    """
    if untargeted not in of.comparisons:
        raise unknown_name("comparison", untargeted, of.comparisons)
    if outcome not in OUTCOMES:
        raise unknown_name("outcome", outcome, OUTCOMES)
    other = of.comparisons[untargeted]
    used = rows[rows["industry"].isin([*of.targeted, *other])]
    if outcome == "share":
        used = metrics.market_share(used, of="economy", within=("industry", "year")).assign(
            value=lambda t: 100 * t["share"]
        )
    used = _donors(used, donors, at, economy)
    target: tuple[str, ...] = of.targeted
    if outcome == "log_total":
        used, target, other = (
            _totals(used, of.targeted, len(of.targeted), len(other)),
            ("targeted",),
            ("other",),
        )
    return models.triple_difference(
        used,
        treated=economy,
        targeted=target,
        untargeted=other,
        at=at,
        start=of.starts[0] if start is None else start,
        end=end,
        log=outcome != "share",
        trends=trends,
        permute=permute,
        inference=inference,
    )


def _donors(rows: pd.DataFrame, donors: str, at: int, economy: str) -> pd.DataFrame:
    if donors == "all":
        return rows
    if donors != "large":
        raise unknown_name("donors", donors, ("all", "large"))
    total = rows[rows["year"] == at].groupby("economy")["value"].sum()
    large = [name for name in total.index[total >= 0.01 * total.sum()] if name not in REST]
    return rows[rows["economy"].isin([*large, economy])]


def _totals(rows: pd.DataFrame, targeted: Iterable[str], n_targeted: int, n_other: int) -> pd.DataFrame:
    """Sums over the targeted and over the other industries; missing where one of them is."""
    group = np.where(rows["industry"].isin(list(targeted)), "targeted", "other")
    cells = rows.assign(industry=group).groupby(["economy", "industry", "year"])["value"]
    total = cells.agg(["sum", "size"]).reset_index()
    whole = total["size"] == total["industry"].map({"targeted": n_targeted, "other": n_other})
    return total[whole].rename(columns={"sum": "value"}).drop(columns="size")


def level(n_units: int) -> float:
    """Confidence level that randomization over so many economies allows: 95%, or 90% where there are fewer than twenty."""
    return 0.95 if n_units >= 20 else 0.90


def _choices(
    rows: pd.DataFrame, of: Design, at: int, end: int
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Options of each choice, and the headline's."""
    last = int(rows["year"].max())
    ends = sorted({2017, 2019, last, end} & set(range(at + 1, last + 1)))
    choices: dict[str, list[Any]] = {
        "outcome": ["log", "log_total"],
        "untargeted": list(of.comparisons),
        "donors": ["all", "large"],
        "start": list(of.starts),
        "end": ends,
        "at": [at - 1, at],
        "trends": [False, True],
    }
    first = {name: options[0] for name, options in choices.items()}
    return choices, {**first, "end": end, "at": at}


def specifications(
    rows: pd.DataFrame,
    of: Design,
    *,
    economy: str = "CHN",
    at: int = 2015,
    end: int = 2019,
    executor: Executor | None = None,
) -> models.SpecificationCurve:
    """Estimate under every combination of outcome, comparison, donors, window, base year, and difference of levels or of trends."""
    choices, headline = _choices(rows, of, at, end)
    n_units = estimate(rows, of, economy=economy, **headline).n_units
    return models.specification_curve(
        partial(estimate, rows, of, economy=economy),
        choices,
        headline=headline,
        level=level(n_units),
        executor=executor,
    )


def joint_test(
    rows: pd.DataFrame, of: Design, *, economy: str = "CHN", at: int = 2015, end: int = 2019
) -> pd.DataFrame:
    """Test all specifications at once: the median estimate of the economy against that of every other, had it been the one treated.

    Estimates are studentized before the median is taken. Only economies in every specification are ranked.

    Returns
    -------
    pandas.DataFrame
        `unit`, `median` (in the treated economy's units), `treated`, `rank`, `p_value` (rank over number), largest first.

    References
    ----------
    Simonsohn, Simmons & Nelson (2020), the third step of specification curve analysis.
    """
    choices, _ = _choices(rows, of, at, end)
    found = []
    for options in itertools.product(*choices.values()):
        one = dict(zip(choices, options, strict=True))
        found.append(estimate(rows, of, economy=economy, **one).placebo_units().set_index("unit")["relative"])
    every = pd.concat(found, axis=1).dropna().median(axis=1)
    size = every.abs()
    rank = [int((size >= value * (1 - 1e-9)).sum()) for value in size]
    table = pd.DataFrame({"unit": every.index, "median": every.to_numpy(), "treated": every.index == economy})
    table["rank"] = rank
    table["p_value"] = table["rank"] / len(table)
    return table.sort_values("rank", ignore_index=True, kind="stable")


def methods(
    rows: pd.DataFrame, of: Design, *, economy: str = "CHN", at: int = 2015, end: int = 2019
) -> pd.DataFrame:
    """P-values of the headline by each convention, and of the outcome in points of the world.

    Returns
    -------
    pandas.DataFrame
        `inference`, `estimate`, `std_error`, `p_value`, `smallest_p`, `leads_p`.
    """
    common: dict[str, Any] = {"economy": economy, "at": at, "end": end}
    tries: dict[str, dict[str, Any]] = {
        "randomization over economies": {},
        "t of the changes": {"inference": "t"},
        "wild bootstrap by economy": {"inference": "wild"},
        "randomization over industries": {"permute": "across"},
        "points of the world, over economies": {"outcome": "share"},
    }
    lines = []
    for words, options in tries.items():
        study = estimate(rows, of, **common, **options)
        lines.append(
            (words, study.estimate, study.std_error, study.p_value, study.smallest_p, study.leads.p_value)
        )
    return pd.DataFrame(
        lines, columns=["inference", "estimate", "std_error", "p_value", "smallest_p", "leads_p"]
    )


def relative(
    rows: pd.DataFrame, of: Design, *, start: int | None = None, end: int | None = None
) -> pd.DataFrame:
    """Log of each industry of an economy less the mean log of its untargeted industries, and their mean over the targeted (`targeted`).

    The scale of the economy, its currency and whatever moves all of its industries alike are gone from it, so that a mean of other economies
    can follow China's: no mean of them ever grew as China's share of the world did.

    Returns
    -------
    pandas.DataFrame
        `economy`, `industry`, `year`, `value` (log points); economies with all cells only.
    """
    low = of.starts[0] if start is None else start
    kept = rows[(rows["year"] >= low) & (rows["year"] <= (rows["year"].max() if end is None else end))]
    kept = kept[kept["industry"].isin([*of.targeted, *of.untargeted])]
    logs = kept.assign(value=np.log(kept["value"]))
    wide = logs.pivot(index=["economy", "year"], columns="industry", values="value")
    whole = wide.notna().all(axis=1).groupby("economy").sum() == kept["year"].nunique()
    wide = wide[wide.index.get_level_values("economy").isin(whole.index[whole])]
    wide = wide.sub(wide[list(of.untargeted)].mean(axis=1), axis=0)
    wide["targeted"] = wide[list(of.targeted)].mean(axis=1)
    return wide.reset_index().melt(["economy", "year"], var_name="industry", value_name="value")


def synthetic(
    rows: pd.DataFrame,
    of: Design,
    *,
    economy: str = "CHN",
    at: int = 2015,
    start: int | None = None,
    end: int | None = 2019,
    executor: Executor | None = None,
) -> dict[str, models.SyntheticControl]:
    """Fit a synthetic China for the mean of the targeted industries (first, `targeted`) and for each industry, on `relative`."""
    table = relative(rows, of, start=start, end=end)
    wanted = ["targeted", *of.targeted, *(of.untargeted if len(of.untargeted) > 1 else ())]
    return {
        industry: models.synthetic_control(
            table[table["industry"] == industry], treated=economy, at=at, demean=True, executor=executor
        )
        for industry in wanted
    }


def synthetic_table(
    fits: Mapping[str, models.SyntheticControl],
    of: Design,
    *,
    placebo_dates: Iterable[int] = (2010,),
    executor: Executor | None = None,
) -> pd.DataFrame:
    """One row an industry.

    Returns
    -------
    pandas.DataFrame
        `industry`, `label`, `targeted`, `gap` (mean log points after), `pre_rmspe`, `poor_fit`, `ratio`, `rank`, `units`, `p_value`,
        `loo_low`, `loo_high` (the gap without one of the donors), `placebo_date`, `placebo_p` (the smallest p of the placebo dates, and its
        date), `donors`.
    """
    labels = {**names(of), "targeted": "all targeted industries"}
    lines = []
    for industry, fit in fits.items():
        left_out = fit.leave_one_out(executor=executor)["estimate"]
        early = [date for date in placebo_dates if fit.path["year"].iloc[0] + 2 <= date < fit.at]
        dates = fit.in_time(early, executor=executor)
        dates = dates[~dates["actual"]].sort_values("p_value")
        heavy = fit.weights[fit.weights["weight"] >= 0.05]
        lines.append(
            {
                "industry": industry,
                "label": labels[industry],
                "targeted": industry == "targeted" or industry in of.targeted,
                "gap": fit.estimate,
                "pre_rmspe": fit.pre_rmspe,
                "poor_fit": fit.poor_fit,
                "ratio": fit.ratio,
                "rank": fit.rank,
                "units": fit.n_donors + 1,
                "p_value": fit.p_value,
                "loo_low": left_out.min(),
                "loo_high": left_out.max(),
                "placebo_date": int(dates["at"].iloc[0]) if len(dates) else None,
                "placebo_p": float(dates["p_value"].iloc[0]) if len(dates) else math.nan,
                "donors": ", ".join(f"{row.unit} {plain(row.weight, 2)}" for row in each(heavy)),
            }
        )
    return pd.DataFrame(lines)


def changes_table(study: models.EventStudy, *, economy: str, most: int = 14) -> pd.DataFrame:
    """Change of the gap by economy with names, the economy asked about and the `most` that moved furthest; largest first."""
    table = study.changes.assign(
        label=[REST.get(code) or economies.name(code) for code in study.changes["unit"]]
    )
    size = table["change"].abs().rank(ascending=False)
    kept = table[(size <= most) | (table["unit"] == economy)]
    return kept.sort_values("change", ascending=False, ignore_index=True)
