"""Misallocation between firms: dispersion of marginal products, and the output gain from equalizing them.

Hsieh & Klenow (2009). Firm i of industry s makes Y_i = A_i K_i^a L_i^(1-a), faces demand of elasticity sigma and wedges on capital (1 + tau_K) and
on output (1 - tau_Y). With revenue R_i = P_i Y_i (value added), capital K_i and wage bill L_i:

    TFPR_i = R_i / (K_i^a L_i^(1-a))                  the same for all firms of an industry if nothing is misallocated
    TFPQ_i = A_i = R_i^(sigma/(sigma-1)) / (K_i^a L_i^(1-a))         up to a constant of the industry
    1 + tau_K = a/(1-a) L_i / (rental K_i)            1 - tau_Y = sigma/(sigma-1) L_i / ((1-a) R_i)
    Y*/Y = prod_s [ sum_i (A_i/A_s TFPR_s/TFPR_i)^(sigma-1) ]^(-theta_s/(sigma-1)),   A_s = (sum_i A_i^(sigma-1))^(1/(sigma-1))

with TFPR_s = R_s / (K_s^a L_s^(1-a)), theta_s the industry's share of value added; the gain Y*/Y - 1 comes from moving inputs between
firms of the same industry only. Everything that makes TFPR differ counts as misallocation, including measurement error, adjustment costs, and
differences of technology within industries. `mic2025lab.models.measurement_error_correction` corrects for measurement error.

How often intervals of 90 % contain the gain of an infinite number of firms of the same industries, where ln TFPR (standard deviation 0.4) and
ln TFPQ are normal, sigma is 3, nothing is trimmed, and 200 draws are made (seed 2025; the first column is the bootstrap of firms with quantiles
of the gains drawn, which earlier versions had; the second the studentized bootstrap of few firms that is used here):

===============================  =======  ===============  ===========  ============
firms x industries, sd ln TFPQ   samples  quantiles        studentized  median width
===============================  =======  ===============  ===========  ============
100 x 1, 0.8                     300      0.643            0.933        0.437
300 x 1, 0.8                     300      0.673            0.957        0.292
1,000 x 1, 0.8                   300      0.733            0.950        0.184
3,000 x 1, 0.8                   200      0.790            0.965        0.128
100 x 1, 0.4                     300      0.690            0.893        0.254
1,000 x 1, 0.4                   300      0.797            0.957        0.115
20 x 20, 0.8                     100      0.040            0.500        0.121
50 x 20, 0.8                     100      0.110            0.570        0.090
200 x 20, 0.8                    60       0.233            0.683        0.062
===============================  =======  ===============  ===========  ============

How many firms a draw takes was chosen with these designs in view. Intervals of 90 % cover as follows in others, where size is TFPQ^(sigma-1),
what a firm would sell if nothing were misallocated (200 samples, 50 of more than 10,000 firms, 200 draws, seed 2025; where they cover too
little, the true gain is above the interval):

===================================================  =====  =====  =======  =======
one industry: number of firms                        100    300    1,000    3,000
===================================================  =====  =====  =======  =======
size Pareto 3, ln TFPR Laplace with sd 0.3, sigma 2  0.905  0.970  0.945    0.940
size Pareto 1.5, ... with sd 0.25, sigma 5           0.345  0.430  0.565    0.565
===================================================  =====  =====  =======  =======

===================================================  =======  =========  ==========  ==============
normal, correlation 0.3, sd ln TFPR 0.3, sigma 4     500 x 1  100-500 x  20-200 x    200-2,000 x
(firms x industries)                                          5          20          20
===================================================  =======  =========  ==========  ==============
sd ln TFPQ 0.2                                       0.975    0.925      0.880       0.940
sd ln TFPQ 0.5                                       0.975    0.920      0.790       0.980
===================================================  =======  =========  ==========  ==============

So an interval holds its level in one or a few industries of a hundred firms or more, unless tails are so long that sizes and TFPR^-sigma
have no variance, as in the second row: then a few firms decide the gain, and no sample shows how much is missing. With twenty industries it
covers from 0.50 to its level, less the fewer firms each has and the longer the tails: a sample of twenty firms lacks the tail that the gain
of its industry depends on, the gain is underestimated in each of them, and the mean over industries makes the error small but not the bias.
Pool such industries, or read the gain as that of the firms in the table. A result whose industries are like those says so in ``warning``; long
tails of sizes cannot be seen in a sample. ``benchmarks/bench_sizes.py`` makes the second and third table,
and ``tests/models/test_misallocation.py`` repeats part of the first and others.

References
----------
Hsieh, C.-T. & P. J. Klenow (2009). "Misallocation and Manufacturing TFP in China and India." Quarterly Journal of Economics
124(4), 1403-1448.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.engine.checks import check_units
from mic2025lab.engine.panel import Panel, panel
from mic2025lab.errors import ParameterError, TableError
from mic2025lab.models import bootstrap
from mic2025lab.models._balanced_panel import some
from mic2025lab.models._gain_bootstrap import Gains
from mic2025lab.models._production_data import positive
from mic2025lab.models._types import Floats
from mic2025lab.models.tables import Content, Drawn, Term

__all__ = ["HsiehKlenow", "hsieh_klenow"]

# Firms of an industry from which intervals held their level in the simulations above, in up to so many industries and in more.
_FEW_INDUSTRIES, _FIRMS, _FIRMS_OF_MANY = 5, 100, 500


@dataclass(frozen=True, eq=False)
class HsiehKlenow(Drawn):
    """Misallocation within industries; what `hsieh_klenow` returns.

    `plot` draws the distribution of log TFPR around the mean of its industry, all years.

    Attributes
    ----------
    estimate, std_error : float
        Gain of equalizing TFPR within industries, as a share of output (0.3 is 30 %), mean of the years; its error by the
        delta method, clustered by firm (nan with ``draws=0``).
    gains : pandas.DataFrame
        One row a year: ``gain``, ``std_error``, ``n_firms``.
    industries : pandas.DataFrame
        One row a year and industry: ``capital_share`` (a), ``value_added_share`` (theta), ``gain`` of the industry alone, ``n_firms``.
    dispersion : pandas.DataFrame
        One row a year and measure (``tfpr``, ``tfpq``): ``sd``, ``p75_25``, ``p90_10`` of the logarithm less its industry's mean (TFPQ
        is scaled by the number of firms and A_s, which drops out).
    n_obs, n_firms, n_trimmed : int
        Rows used, firms, and rows trimmed.
    sigma, trim : float
        As requested.
    notes : tuple of str
        What was left out.
    warning : str
        Why `conf_int` may cover less than its level, as far as the table shows; empty if there is no such sign, or without draws.
    """

    estimate: float
    std_error: float
    gains: pd.DataFrame
    industries: pd.DataFrame
    dispersion: pd.DataFrame
    n_obs: int
    n_firms: int
    n_trimmed: int
    sigma: float
    trim: float
    notes: tuple[str, ...]
    boot: Floats = field(repr=False)
    frame: Any = field(repr=False)
    rows: pd.DataFrame = field(repr=False)
    warning: str = ""

    def conf_int(self, level: float = 0.95) -> tuple[float, float]:
        """Interval of the mean gain: quantiles of `boot`, the draws of a studentized bootstrap of firms.

        It covers too little with many small industries, and where a few firms hold most of an industry: see `warning`. The module shows how often.
        """
        if not len(self.boot):
            raise ParameterError(
                "No bootstrap was made (draws=0), so there is no interval; fit with draws=200."
            )
        return bootstrap.interval(self.boot.mean(axis=1), level=level)

    def firms(self) -> Any:
        """Return the table with ``tfpr``, ``tfpq``, ``capital_wedge`` (1 + tau_K) and ``output_wedge`` (1 - tau_Y).

        TFPR and TFPQ are relative to the industry's mean of the year. Missing in rows that were left out or trimmed. Levels of
        the wedges depend on the rental rate, the labor share, and sigma; differences within an industry do not.
        """
        names = ["tfpr", "tfpq", "capital_wedge", "output_wedge"]
        every = self.rows.set_index("row")[names].reindex(range(len(self.frame)))
        return self.frame.attach({name: every[name].to_numpy() for name in names})

    def _content(self, level: float) -> Content:
        own, convention = Term("gain", self.estimate), "no standard errors."
        if len(self.boot):
            own = Term("gain", self.estimate, self.std_error, *self.conf_int(level))
            how = "standard errors by the delta method; intervals from a studentized bootstrap of firms"
            convention = f"{how}, {len(self.boot):,} draws."
        convention += f" {self.warning}" if self.warning else ""
        facts = {name: getattr(self, name) for name in ("n_obs", "n_firms", "n_trimmed", "sigma")}
        years = self.gains["year"]
        means = self.dispersion.groupby("measure", sort=False)[["sd", "p75_25", "p90_10"]].mean()
        spreads = (
            f"log {str(row.Index).upper()}: sd {row.sd:.2f}, 75-25 {row.p75_25:.2f}, 90-10 {row.p90_10:.2f}"
            for row in means.itertuples()
        )
        title = f"Misallocation (Hsieh & Klenow 2009), {years.min()}-{years.max()}"
        return Content(title, (own,), facts, convention, (*spreads, *self.notes))

    _whole = False

    def _draw(self, ax: Any) -> str:
        """Draw the distribution of log TFPR around the mean of its industry, all years."""
        ax.hist(self.rows["log_tfpr"], bins=50, color="C0")
        ax.set_xlabel("log TFPR less its industry's mean")
        ax.set_ylabel("firms")
        return f"Equalizing TFPR would add {100 * self.estimate:.0f} %"


def hsieh_klenow(
    table: Any,
    *,
    value_added: str = "value_added",
    wage_bill: str = "wage_bill",
    capital: str = "capital",
    firm: str = "firm",
    industry: str = "industry",
    year: str = "year",
    sigma: float = 3.0,
    labor_share: float | Mapping[Any, float] | None = None,
    rental: float = 0.10,
    trim: float = 0.01,
    nonpositive: str = "error",
    draws: int = 0,
    seed: int = 2025,
) -> HsiehKlenow:
    """Measure misallocation between the firms of each industry and year; formulas in the module.

    Parameters
    ----------
    table : pandas, Polars, or Arrow table
        One row for each firm and year.
    value_added, wage_bill, capital : str
        Revenue net of materials, labor cost (or employment, if wages are equal) and capital, in money, above zero.
    firm, industry, year : str
        Columns.
    sigma : float
        Elasticity of substitution, above 1; 3 is Hsieh & Klenow's cautious choice. Gains rise with it.
    labor_share : float or mapping of industry to float, optional
        1 - a. Hsieh & Klenow take it from the United States, so that it holds no wedges. Default: wage bill over value added of the
        industry (all years), times sigma/(sigma-1) to leave profit out, at most 0.95: then the mean wedge of an industry is lost,
        and gains within industries change little.
    rental : float
        Rental rate of capital; it scales all wedges on capital alike and leaves TFPR's dispersion and the gains as they are.
    trim : float
        Share of rows trimmed at each tail of log TFPR and of log TFPQ, both less the mean of their industry, in each year. Industry means
        are then computed again. 0: none.
    nonpositive : {"error", "drop"}
        What to do with values of zero or less.
    draws, seed : int
        Bootstrap draws of firms for the interval of the gain (tails stay trimmed as they are, and labor shares as estimated); 0: neither
        interval nor standard error. See the module for what they cover.

    Returns
    -------
    HsiehKlenow
        An industry-year with one firm counts, with a gain of zero.

    Raises
    ------
    TableError
        A missing column, a firm with two rows for a year, values of zero or less, no complete row, a labor share not between 0 and 1,
        an industry without one, a total beside its parts.
    ParameterError
        sigma not above 1, trim not from 0 to below 0.25.

    Examples
    --------
    Two firms, equally able (A = 1), with sigma = 2: revenue is 10 times the root of output. One has 16 of the 17 bundles of
    inputs, so that output, the square of the sum of roots, is (4 + 1)^2 = 25; with half each it is 4 * 8.5 = 34.

    >>> import pandas as pd
    >>> firms = pd.DataFrame({"firm": ["a", "b"], "industry": "steel", "year": 2015, "value_added": [40.0, 10.0],
    ...                       "wage_bill": [16.0, 1.0], "capital": [16.0, 1.0]})
    >>> result = hsieh_klenow(firms, sigma=2, labor_share=0.5, trim=0)
    >>> result.firms()["tfpr"].round(3).tolist(), round(result.estimate, 3)
    ([0.85, 3.4], 0.36)
    """
    if not sigma > 1:
        raise ParameterError(f"sigma={sigma!r} must be above 1.")
    if not 0 <= trim < 0.25:
        raise ParameterError(f"trim={trim!r} must be from 0 to below 0.25.")
    names = {"revenue": value_added, "labor": wage_bill, "capital": capital}
    data = panel(table, of=firm, year=year, columns=[*names.values(), industry])
    rows, notes = _rows(data, names, industry, nonpositive)
    check_units(firm, rows["firm"].unique().tolist())
    rows["a"] = 1 - _labor_shares(rows, labor_share, sigma)
    rows = firm_measures(rows, sigma, rental)
    before = len(rows)
    if trim:
        rows = firm_measures(_trimmed(rows, trim), sigma, rental)
    gains, industries = gains_of(rows, sigma)
    boot: Floats = np.empty((0, len(gains)))
    by_year, error = np.full(len(gains), np.nan), np.nan
    if draws:
        boot, by_year, error = Gains.of(rows, sigma).draws(draws, seed)
    gains.insert(2, "std_error", by_year)
    return HsiehKlenow(
        estimate=float(gains["gain"].mean()),
        std_error=error,
        gains=gains,
        industries=industries,
        dispersion=_dispersion(rows),
        n_obs=len(rows),
        n_firms=int(rows["firm"].nunique()),
        n_trimmed=before - len(rows),
        sigma=sigma,
        trim=trim,
        notes=tuple(notes),
        boot=boot,
        frame=data.frame,
        rows=rows,
        warning=_warning(rows, industries) if draws else "",
    )


def _warning(rows: pd.DataFrame, industries: pd.DataFrame) -> str:
    """Say why intervals cover too little, by the simulations that the module shows."""
    n, firms = industries["industry"].nunique(), industries["n_firms"].median()
    needed = _FIRMS if n <= _FEW_INDUSTRIES else _FIRMS_OF_MANY
    reasons = []
    if firms < needed:
        kind = "one industry" if n == 1 else f"{n} industries"
        reasons.append(f"{kind} with a median of {firms:g} firms, where simulations need {needed}")
    cells = rows.groupby(["year", "industry"])["revenue"]
    held = int(((cells.max() > cells.sum() / 2) & (cells.size() > 1)).sum())
    if held:
        reasons.append(
            f"one firm has more than half of the value added in {held} of {len(industries)} industries and years"
        )
    return f"The interval may cover too little: {'; '.join(reasons)}." if reasons else ""


def _rows(
    data: Panel, names: Mapping[str, str], industry: str, nonpositive: str
) -> tuple[pd.DataFrame, list[str]]:
    """The complete rows, in the order of the table."""
    native, notes = data.frame.to_pandas().iloc[data.order], list[str]()
    labels = {"firm": native[data.keys[0]].to_numpy(), "industry": native[industry].to_numpy()}
    rows = pd.DataFrame(labels | {"year": data.years, "row": data.order})
    for name, column in names.items():
        rows[name] = positive(data, column, nonpositive, notes)
    complete = rows.notna().all(axis=1)
    if not complete.any():
        raise TableError(f"No row has all of {', '.join(names.values())}, firm, industry and year.")
    if not complete.all():
        notes.append(f"{int((~complete).sum())} of {len(rows)} rows are incomplete and left out")
    return rows[complete].sort_values("row", ignore_index=True), notes


def _labor_shares(rows: pd.DataFrame, given: float | Mapping[Any, float] | None, sigma: float) -> Any:
    if given is None:
        sums = rows.groupby("industry")[["labor", "revenue"]].sum()
        shares = (sums["labor"] / sums["revenue"] * sigma / (sigma - 1)).clip(upper=0.95)
        return rows["industry"].map(shares)
    industries = rows["industry"]
    shares = industries.map(given if isinstance(given, Mapping) else lambda _: given).astype(float)
    if shares.isna().any():
        lost = industries[shares.isna()].unique().tolist()
        raise TableError(f"Give a labor share for every industry; missing: {some(lost)}.")
    if not ((shares > 0) & (shares < 1)).all():
        raise TableError(f"Labor shares must be between 0 and 1; got {shares.min():g} to {shares.max():g}.")
    return shares


def firm_measures(rows: pd.DataFrame, sigma: float, rental: float) -> pd.DataFrame:
    """Wedges, TFPR and TFPQ relative to the industry and year, and their logs less the mean."""
    cell = [rows["year"], rows["industry"]]
    a = rows["a"]
    bundle = rows["capital"] ** a * rows["labor"] ** (1 - a)
    sums = rows.groupby(["year", "industry"])[["revenue", "capital", "labor"]].transform("sum")
    mean_tfpr = sums["revenue"] / (sums["capital"] ** a * sums["labor"] ** (1 - a))
    tfpr = rows["revenue"] / bundle
    # In logs and less the mean, so that no unit of money makes the powers overflow.
    log_tfpq = sigma / (sigma - 1) * np.log(rows["revenue"]) - np.log(bundle)
    log_tfpq = log_tfpq - log_tfpq.groupby(cell).transform("mean")
    total = np.exp((sigma - 1) * log_tfpq).groupby(cell).transform("mean")
    log_tfpr = np.log(tfpr)
    return rows.assign(
        tfpr=tfpr / mean_tfpr,
        tfpq=np.exp(log_tfpq) / total ** (1 / (sigma - 1)),
        log_tfpr=log_tfpr - log_tfpr.groupby(cell).transform("mean"),
        log_tfpq=log_tfpq,
        capital_wedge=a / (1 - a) * rows["labor"] / (rental * rows["capital"]),
        output_wedge=sigma / (sigma - 1) * rows["labor"] / ((1 - a) * rows["revenue"]),
    )


def _trimmed(rows: pd.DataFrame, trim: float) -> pd.DataFrame:
    keep = np.ones(len(rows), bool)
    for name in ("log_tfpr", "log_tfpq"):
        by_year = rows.groupby("year")[name]
        low, high = (by_year.transform("quantile", share) for share in (trim, 1 - trim))
        keep &= rows[name].between(low, high)
    return rows[keep].reset_index(drop=True)


def gains_of(rows: pd.DataFrame, sigma: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    # tfpq is A_i over the power mean of A, which is A_s over n^(1/(sigma-1)).
    term = (rows["tfpq"] / rows["tfpr"]) ** (sigma - 1)
    cells = rows.assign(term=term).groupby(["year", "industry"], sort=True)
    industries = cells.agg({"a": "first", "revenue": "sum", "term": "mean", "row": "size"}).reset_index()
    industries = industries.rename(columns={"a": "capital_share", "row": "n_firms"})
    theta = industries["revenue"] / industries.groupby("year")["revenue"].transform("sum")
    log_gain = -np.log(industries["term"]) / (sigma - 1)
    industries = industries.assign(value_added_share=theta, gain=np.expm1(log_gain))
    by_year = (theta * log_gain).groupby(industries["year"]).sum()
    gains = np.expm1(by_year).rename("gain").reset_index()
    gains["n_firms"] = rows.groupby("year").size().to_numpy()
    return gains, industries[["year", "industry", "capital_share", "value_added_share", "gain", "n_firms"]]


def _dispersion(rows: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for measure in ("tfpr", "tfpq"):
        by_year = rows.groupby("year")[f"log_{measure}"]
        q = by_year.quantile(np.array([0.1, 0.25, 0.75, 0.9])).unstack()
        spreads = {"sd": by_year.std(), "p75_25": q[0.75] - q[0.25], "p90_10": q[0.9] - q[0.1]}
        parts.append(pd.DataFrame({"measure": measure, **spreads}).reset_index())
    return pd.concat(parts, ignore_index=True)
