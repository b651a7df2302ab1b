"""Synthetic control: a weighted mean of other units that follows the treated unit before the date.

Inference uses placebos: each donor is treated in turn, and the treated unit is ranked by the ratio of its root mean squared gap after the
date to that before. The treated unit is never a donor for a placebo, so that its effect does not enter the placebos (Abadie, Diamond &
Hainmueller 2010 allow it). The smallest p-value is one over the number of units.

Without predictors, the outcomes of all years before the date are matched with equal weights, by least squares on the simplex. With
predictors, pysyncon searches for their weights. If the treated unit lies outside the convex hull of the donors, the fit before the date is
poor and the gap after it is not informative: it was there before. `SyntheticControl.gap_rank` is therefore missing where
`SyntheticControl.poor_fit` is true. False rejections at 10 % by the rank of the gap, with and without that rule, and by the ratio (200
samples, seed 2025; a common factor, random walks with shocks of 0.05, 13 years before and 7 after, 20 units, one of them moved out of the
hull by a level or by growth a year):

==========================  ========  ===============  ===============  =======
treated unit moved by       poor fit  gap, every fit   gap, good fit    ratio
==========================  ========  ===============  ===============  =======
level 0                     0.130     0.075            0.045            0.105
level 0.5                   0.505     0.185            0.020            0.040
level 1                     0.930     0.645            0.000            0.000
level 2                     1.000     1.000            0.000            0.000
growth 0, demeaned          0.035     0.065            0.050            0.110
growth 0.03, demeaned       0.305     0.405            0.205            0.145
growth 0.06, demeaned       0.835     0.915            0.140            0.065
growth 0.1, demeaned        1.000     1.000            0.000            0.015
==========================  ========  ===============  ===============  =======

A unit that grows a little faster than the donors can still pass as a good fit. ``demean=True`` matches deviations from each unit's own
mean before the date (Ferman & Pinto 2021), which removes differences of level but not of growth.

For California's Proposition 99, with all outcomes before 1989 matched, the estimate is -19.51 packs per capita, and -11.11 demeaned.
Arkhangelsky et al. (2021, table 1) report -19.6 and -11.1; their solver stops before the least-squares optimum in the first case
(``test_synthetic_published.py``).

References
----------
Abadie, A., A. Diamond & J. Hainmueller (2010). "Synthetic Control Methods for Comparative Case Studies." Journal of the American Statistical
Association 105(490), 493-505. Abadie, A. & J. Gardeazabal (2003). "The Economic Costs of Conflict." American Economic Review 93(1),
113-132. Arkhangelsky, D., S. Athey, D. A. Hirshberg, G. W. Imbens & S. Wager (2021). "Synthetic Difference-in-Differences." American
Economic Review 111(12), 4088-4118. Ferman, B. & C. Pinto (2021). "Synthetic Controls with Imperfect Pretreatment Fit." Quantitative
Economics 12(4), 1197-1221. Firpo, S. & V. Possebom (2018). "Synthetic Control Method: Inference, Sensitivity Analysis and Confidence
Sets." Journal of Causal Inference 6(2).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.engine.checks import check_units
from mic2025lab.errors import ParameterError, TableError
from mic2025lab.models._balanced_panel import balanced_panel, check_date, several, some
from mic2025lab.models._synthetic_fit import Predictor, Problem, fit_of, read_predictors, solve, varies
from mic2025lab.models.tables import Content, Drawn, Term, check_level

__all__ = ["Predictor", "SyntheticControl", "synthetic_control"]


@dataclass(frozen=True, eq=False)
class SyntheticControl(Drawn):
    """What `synthetic_control` returns.

    `plot` draws the treated unit and its synthetic control.

    Attributes
    ----------
    treated, at
        The unit and the last year before.
    estimate : float
        Mean gap (actual less synthetic) after `at`, in units of the outcome.
    std_error : float
        Root mean square of the placebos' mean gaps (nan without placebos). It ignores how well each placebo fits; the p-value does not.
    p_value : float
        Share of the units, the treated one among them, whose ratio `post_rmspe` / `pre_rmspe` is as large.
    rank : int
        1 where no placebo has a ratio as large (0 without placebos).
    pre_rmspe, post_rmspe, ratio : float
        Root mean squared gap up to `at` and after it.
    yearly_sd : float
        Standard deviation of the yearly changes of the actual outcome up to `at` (nan with fewer than two).
    weights : pandas.DataFrame
        ``unit``, ``weight``, largest first.
    path : pandas.DataFrame
        ``year``, ``actual``, ``synthetic``, ``gap``.
    balance : pandas.DataFrame
        ``predictor``, ``actual``, ``synthetic``, ``donors`` (their plain mean), ``importance``; without predictors, one row per year before.
    placebos : pandas.DataFrame
        ``unit``, ``pre_rmspe``, ``post_rmspe``, ``ratio``, ``mean_gap``, ``treated``; largest ratio first.
    placebo_gaps : pandas.DataFrame
        ``unit``, ``year``, ``gap`` of the placebos.
    n_obs, n_donors, notes
        Size, and what a reader should know.
    """

    treated: Any
    at: int
    estimate: float
    std_error: float
    p_value: float
    rank: int
    pre_rmspe: float
    post_rmspe: float
    ratio: float
    yearly_sd: float
    weights: Any
    path: Any
    balance: Any
    placebos: Any
    placebo_gaps: Any
    n_obs: int
    n_donors: int
    notes: tuple[str, ...]
    problem: Problem = field(repr=False)

    @property
    def smallest_p(self) -> float:
        """The smallest p-value that this many units allow."""
        return 1 / (self.n_donors + 1)

    @property
    def poor_fit(self) -> bool:
        """True if the gap before the date is larger than the usual yearly change of the outcome (`yearly_sd`)."""
        rounding = 1e-10 * float(self.path["actual"].abs().max())
        return self.pre_rmspe > self.yearly_sd + rounding

    def gap_rank(self, within: float = 5.0) -> tuple[float, int]:
        """Rank the absolute mean gap among the units that fit about as well; return the rank and the number of units, the treated one included.

        A placebo with a perfect fit has an infinite ratio, which can dominate `p_value` with many donors and few years. This rank uses only
        placebos with a mean squared gap before of at most `within` times that of the treated unit (Abadie, Diamond & Hainmueller 2010 show
        20, 5, and 2) and compares the mean gap after. Rank over number is its p-value.

        The rank is missing (nan) if the fit is poor (`poor_fit`), and with fewer than three years before, where the fit cannot be judged: a
        treated unit that the donors cannot reach keeps its gap after the date and ranks first without any effect. The module shows how often.
        """
        near = self.placebos["pre_rmspe"] ** 2 <= within * self.pre_rmspe**2
        kept = self.placebos[near | self.placebos["treated"]]
        size = kept["mean_gap"].abs()
        if self.poor_fit or math.isnan(self.yearly_sd):
            return math.nan, len(kept)
        return int((size >= abs(self.estimate) * (1 - 1e-9)).sum()), len(kept)

    def conf_int(self, level: float = 0.95) -> tuple[float, float]:
        """Effects, the same in every year after, that the placebo test does not reject (Firpo & Possebom 2018).

        Infinite if no p-value can be as small as 1 - level; (nan, nan) where every constant effect is rejected.
        """
        check_level(level)
        if not len(self.placebos):
            raise ParameterError("There are no placebos to compare with: fit with placebos=True.")
        others = np.sort(self.placebos.loc[~self.placebos["treated"], "ratio"].to_numpy())[::-1]
        # Not rejected while more than (1 - level) n of the n ratios, its own among them, are as large as its own.
        allowed = math.floor((1 - level) * (len(others) + 1) + 1e-9)
        if allowed == 0:
            return -math.inf, math.inf
        gap = self.path.loc[self.path["year"] > self.at, "gap"].to_numpy()
        bound = (others[allowed - 1] * self.pre_rmspe) ** 2 - gap.var()
        if bound < 0:
            return math.nan, math.nan
        return self.estimate - math.sqrt(bound), self.estimate + math.sqrt(bound)

    def in_time(self, dates: Iterable[int]) -> Any:
        """Fit again with earlier dates (placebo dates), using only the years up to `at`.

        Returns
        -------
        pandas.DataFrame
            ``at``, ``estimate``, ``pre_rmspe``, ``ratio``, ``p_value``, ``rank``, ``actual``; the last row is
            the actual date with all years.
        """
        earlier = [self.problem.until(self.at, date) for date in sorted({int(date) for date in dates})]
        fits = [_fit(problem, None, placebos=True) for problem in earlier]
        names = ["at", "estimate", "pre_rmspe", "ratio", "p_value", "rank"]
        rows = [[getattr(fit, name) for name in names] for fit in (*fits, self)]
        return pd.DataFrame(rows, columns=names).assign(actual=lambda table: table["at"] == self.at)

    def leave_one_out(self) -> Any:
        """Fit again without each donor that has weight.

        Returns
        -------
        pandas.DataFrame
            ``without``, ``estimate``, ``pre_rmspe``, ``ratio``; one row for each donor with a weight above 0.001.
        """
        heavy = self.weights.loc[self.weights["weight"] > 1e-3, "unit"].tolist()
        if len(self.weights) < 3:
            raise ParameterError("With fewer than three donors none can be left out.")
        gaps = np.array([solve((self.problem.without([unit]), self.treated))[1] for unit in heavy])
        table = fit_of(gaps, self.problem.early).rename(columns={"mean_gap": "estimate"})
        return table.assign(without=heavy)[["without", "estimate", "pre_rmspe", "ratio"]]

    def _content(self, level: float) -> Content:
        facts: dict[str, Any] = {"n_obs": self.n_obs, "n_donors": self.n_donors, "at": str(self.at)}
        facts |= {"pre_rmspe": self.pre_rmspe, "ratio": self.ratio}
        interval, convention = (math.nan, math.nan), "no placebos, so no standard error."
        if len(self.placebos):
            interval = self.conf_int(level)
            facts |= {"rank": f"{self.rank} of {self.n_donors + 1}", "smallest_p": self.smallest_p}
            convention = (
                "standard error: root mean square of the placebos' mean gaps; p-values and intervals by the rank of the RMSPE ratio "
                "among placebos in space."
            )
        own = Term("effect", self.estimate, self.std_error, *interval, self.p_value)
        heavy = self.weights[self.weights["weight"] >= 0.005]
        weights = ", ".join(f"{row.unit} {row.weight:.2f}" for row in heavy.itertuples())
        remarks = [f"Weights: {weights}.", *self.notes]
        if self.poor_fit:
            remarks.append(
                f"Poor fit: the gap before is above the usual yearly change, {self.yearly_sd:.4g}."
            )
        if len(self.placebos) and math.isnan(interval[0]):
            remarks.append("The placebo test rejects every constant effect, so there is no interval.")
        years = self.path["year"]
        title = f"Synthetic control for {self.treated}, {years.min()}-{years.max()}"
        return Content(title, (own,), facts, convention, tuple(remarks))

    def _draw(self, ax: Any) -> str:
        """Draw the treated unit and its synthetic control."""
        ax.plot(self.path["year"], self.path["actual"], color="C0", label=str(self.treated))
        ax.plot(self.path["year"], self.path["synthetic"], "--", color="0.4", label="synthetic")
        ax.axvline(self.at, color="0.7", linewidth=0.8)
        ax.legend(frameon=False)
        return f"Mean gap after {self.at}: {self.estimate:+.3g} (RMSPE before {self.pre_rmspe:.3g})"


def synthetic_control(
    table: Any,
    *,
    of: str = "economy",
    treated: Any = "CHN",
    at: int = 2015,
    value: str = "value",
    year: str = "year",
    log: bool = False,
    predictors: Predictor | Iterable[Predictor] = (),
    donors: Any = None,
    exclude: Any = (),
    start: int | None = None,
    end: int | None = None,
    demean: bool = False,
    placebos: bool = True,
    optim_method: str = "Nelder-Mead",
    optim_initial: str = "equal",
    executor: Executor | None = None,
) -> SyntheticControl:
    """Estimate the effect on one unit after a date, against a weighted mean of other units.

    Weights w >= 0 that sum to one minimize sum_m v_m (x_1m - sum_j w_j x_jm)^2 over the predictors m. Without predictors, the x are the outcomes
    of all years up to `at` and the v are equal.

    Parameters
    ----------
    table : pandas, Polars, or Arrow table
        One row for each unit and year. A donor with a missing outcome in the window is left out and named in `notes`.
    of : str
        Column of the unit.
    treated : label
        The treated unit.
    at : int
        Last year before; two years up to it and one after are needed.
    value, year : str
        Columns of the outcome and the year.
    log : bool
        Take the logarithm of the outcome, which must then be above zero.
    predictors : str, or iterable of str or (str, years)
        Columns to match, each averaged over the years up to `at` or over the years given. Missing years are skipped; a donor without any
        value is dropped. Empty: match the outcomes of all years before. A predictor that is the same in every unit is refused; one that is
        the same in all units of a placebo has no importance there.
    donors : label or iterable of labels, optional
        Units allowed; the default is every other.
    exclude : label or iterable of labels
        Units that must not be donors: affected by the treatment, or aggregates.
    start, end : int, optional
        Window of years.
    demean : bool
        Match and follow changes from each unit's own mean up to `at`.
    placebos : bool
        Also fit every donor as if it were treated.
    optim_method, optim_initial : str
        Of pysyncon's search for the weights of predictors.
    executor : concurrent.futures.Executor, optional
        Where the placebos run; results do not depend on it.

    Returns
    -------
    SyntheticControl

    Raises
    ------
    TableError, ParameterError, UnknownName
        If the table is not a panel, the date or window leaves too few years, units or columns are unknown, there are fewer than two donors,
        a predictor does not vary, or a total is a unit beside its parts.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(u, t, {"a": t, "b": 10.0, "c": 3.0 * (t % 3), "x": 0.5 * t + 5}[u] + (4.0 if u == "x" and t > 15 else 0.0))
    ...     for u in "abcx" for t in range(10, 20)]
    >>> table = pd.DataFrame(rows, columns=["unit", "year", "value"])
    >>> fit = synthetic_control(table, of="unit", treated="x", at=15)
    >>> fit.weights["weight"].round(3).tolist(), round(fit.estimate, 3), fit.rank
    ([0.5, 0.5, 0.0], 4.0, 1)

    References
    ----------
    See the module.
    """
    predictors = tuple(several(predictors))
    own = balanced_panel(table, (of,), year, value, log=log, window=(start, end))
    own.mask([treated], kind=of)
    check_date(at, own.years, before=2)
    barred, allowed = several(exclude), own.units + own.dropped if donors is None else several(donors)
    for names in (barred, allowed):
        own.mask([name for name in names if name not in own.dropped], kind=of)
    wanted = [name for name in allowed if name not in barred and name != treated]
    lost: list[Any] = [name for name in own.dropped if name in wanted]
    outcome = pd.DataFrame(own.values[:, 0], pd.Index(own.units, dtype=object), own.years)
    values = read_predictors(table, predictors, of=of, year=year, at=at) if predictors else {}
    search = {"optim_method": optim_method, "optim_initial": optim_initial}
    problem = Problem(outcome, treated, at, demean, values, search)
    problem = problem.without([name for name in own.units if name not in wanted and name != treated])
    if predictors:
        missing = problem.matched.isna().any(axis=1)
        if missing.loc[treated]:
            raise TableError(f"{treated!r} lacks a predictor up to {at}: leave it out, or give other years.")
        lost += missing.index[missing].tolist()
        problem = problem.without(missing.index[missing])
        for name, column in problem.matched.items():
            if not varies(column.to_numpy()):
                raise TableError(
                    f"Predictor {name!r} is the same in every unit ({column.iloc[0]:g}): leave it out."
                )
    if len(problem.outcome) < 3:
        raise TableError(f"{len(problem.outcome) - 1} donors are left; two are needed.")
    check_units(of, problem.outcome.index, remedy="leave out with exclude=[…], or drop,")
    notes = (f"No donor for missing values: {some(lost)}.",) if lost else ()
    return _fit(replace(problem, notes=notes), executor, placebos=placebos)


def _fit(problem: Problem, executor: Executor | None, *, placebos: bool) -> SyntheticControl:
    years, matched = problem.outcome.columns.to_numpy(), problem.matched
    donors = problem.outcome.index != problem.treated
    names = problem.outcome.index[donors].tolist()
    fitted = [problem.treated, *(names if placebos else [])]
    jobs = [(problem, unit) for unit in fitted]
    fits = list(map(solve, jobs) if executor is None else executor.map(solve, jobs))
    weights, gap, importance = fits[0]
    gaps = np.array([own for _, own, _ in fits])
    table = fit_of(gaps, problem.early)
    table.insert(0, "unit", fitted)
    table["treated"] = table["unit"] == problem.treated
    own = table.iloc[0]
    others = table[1:]
    as_large = int((table["ratio"] >= own["ratio"] * (1 - 1e-9)).sum()) if placebos else 0
    unit, year = np.repeat(others["unit"], len(years)), np.tile(years, len(others))
    shares = pd.DataFrame({"unit": names, "weight": weights[donors]})
    x, actual = matched.to_numpy(), problem.outcome.loc[problem.treated].to_numpy()
    balance = {"actual": matched.loc[problem.treated].to_numpy(), "synthetic": weights @ x}
    balance |= {"donors": x[donors].mean(axis=0), "importance": importance}
    steps = np.diff(actual[problem.early])
    return SyntheticControl(
        treated=problem.treated,
        at=problem.at,
        estimate=float(own["mean_gap"]),
        std_error=float(np.sqrt((others["mean_gap"] ** 2).mean())),
        p_value=as_large / len(table) if placebos else math.nan,
        rank=as_large,
        pre_rmspe=float(own["pre_rmspe"]),
        post_rmspe=float(own["post_rmspe"]),
        ratio=float(own["ratio"]),
        yearly_sd=float(steps.std(ddof=1)) if len(steps) > 1 else math.nan,
        weights=shares.sort_values("weight", ascending=False, ignore_index=True, kind="stable"),
        path=pd.DataFrame({"year": years, "actual": actual, "synthetic": actual - gap, "gap": gap}),
        balance=pd.DataFrame({"predictor": matched.columns.tolist(), **balance}),
        placebos=(table if placebos else table[:0]).sort_values("ratio", ascending=False, ignore_index=True),
        placebo_gaps=pd.DataFrame({"unit": unit, "year": year, "gap": gaps[1:].ravel()}),
        n_obs=problem.outcome.size,
        n_donors=len(names),
        notes=problem.notes,
        problem=problem,
    )
