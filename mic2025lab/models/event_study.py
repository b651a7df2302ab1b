"""Event studies and triple differences, with inference for few treated clusters.

Each unit has one change: the mean of the years after the date less the mean of the years up to it. The estimate is the mean change of the
treated units less the mean change of the others. In a balanced panel this is the coefficient of "treated x after" with unit and year
effects. The triple difference does the same for the gap between targeted and other industries: it is the coefficient with unit x industry,
unit x year, and industry x year effects. The unit x year effects absorb exchange rates and everything else that moves all industries of an
economy alike; the industry x year effects absorb what moves one industry everywhere.

The table shows how often each test rejects a true effect of zero at the nominal 5 % when one economy of twelve or of sixty-one is treated
(`value_added`: 8 targeted and 2 other industries, 2002-2022; `intermediate_exports`: 6 and 11, 1995-2020; 61 of its 76 economies have every
cell). ``benchmarks/rejection_rates.py`` simulates random walks with yearly shocks of 0.1, in 20,000 and 4,000 samples (a tenth for the
wild bootstrap). "same": the treated economy is as variable as the others. "common": the targeted industries of an economy share a shock of
0.1. "double": the treated economy is twice as variable. "as data": the others are 0.5-2 and 0.6-8 times as variable, with noise of 0.09 and
a common shock of 0.05, as in the two tables. The last columns are at 10 %; twelve economies allow no p-value between 0.083 and 0.167.

======================  ======  ======  ======  =======  ======  ======  ======  =======  ============  ============
True effect of zero     twelve economies, 5 %             sixty-one economies, 5 %         double, 10 %
----------------------  --------------------------------  --------------------------------  --------------------------
test                    same    common  double  as data  same    common  double  as data  twelve        sixty-one
======================  ======  ======  ======  =======  ======  ======  ======  =======  ============  ============
cluster                 0.524   0.518   0.742   0.457    0.802   0.805   0.903   0.400    0.787         0.920
wild                    0.000   0.000   0.003   0.000    0.000   0.000   0.000   0.000    0.027         0.000
randomization           0.000   0.000   0.000   0.000    0.044   0.048   0.046   0.036    0.086         0.099
... not studentized     0.000   0.000   0.000   0.000    0.046   0.044   0.307   0.000    0.334         0.404
t                       0.050   0.051   0.277   0.032    0.044   0.048   0.311   0.000    0.369         0.408
... over industries     0.046   0.174   0.045   0.078    0.048   0.332   0.047   0.140    0.090         0.098
======================  ======  ======  ======  =======  ======  ======  ======  =======  ============  ============

Power of studentized randomization against a true effect of 0.25 (28 %):

======================  ======  ======  ======  =======
panel and level         same    common  double  as data
======================  ======  ======  ======  =======
twelve, 10 %            0.236   0.144   0.127   0.195
sixty-one, 5 %          0.343   0.102   0.120   0.149
sixty-one, 10 %         0.478   0.173   0.209   0.252
======================  ======  ======  ======  =======

With a single treated cluster, clustered errors reject far too often, and the wild bootstrap that imposes the null almost never rejects
(MacKinnon & Webb 2018). Plain randomization and t keep their size only if the treated economy is as variable as the others. Studentized
randomization (each change over the standard error of its economy) keeps its size in every case and is the default. Randomization over
industries treats them as independent and over-rejects when targeted industries share a shock. The default therefore permutes economies, and
the smallest p-value is one over their number: 0.083 with twelve, so that no 95% interval exists. Power is low: an effect of 28 % is
detected in 10 to 34 % of samples at 5 %, so an insignificant estimate is not evidence of no effect.
``tests/models/test_event_study.py`` repeats the simulation.

Randomization also needs equal persistence. Shocks of a random walk accumulate over the years, shocks of a stationary series do not, and
the yearly changes by which the test is studentized do not show the difference. Rejections of a true zero at 10 % (4,000 samples, seed 2025,
AR(1) series of 21 years, date after the 14th):

==================================  ==========  ==========
autocorrelation: treated, others    12 units    61 units
==================================  ==========  ==========
random walk, random walk            0.079       0.093
random walk, 0.5                    0.577       0.659
0.9, 0.5                            0.435       0.526
0.5, random walk                    0.001       0.000
==================================  ==========  ==========

So look at the series, or take a ratio or difference that gives all units the same persistence, before a small p-value is believed.

The leads are tested jointly by randomization, whatever the `inference` of the effect. A Wald test with clustered errors is not offered: its
covariance has a rank of at most the number of clusters less two. Rejections of true parallel trends at the nominal 5 %, all units random
walks (200 samples of the Wald test, 400 of randomization, seed 2025; with 8 leads and 9 units the Wald test has no inverse):

========================  =============  =============  =============================
units (treated), leads    Wald, cluster  randomization  ... treated twice as variable
========================  =============  =============  =============================
9 (3), 7                  0.870          0.050          0.037
12 (4), 10                0.940          0.040          0.043
30 (10), 7                0.260          0.065          0.058
========================  =============  =============  =============================

``tests/models/test_sizes.py`` repeats both.

References
----------
Bertrand, M., E. Duflo & S. Mullainathan (2004). "How Much Should We Trust Differences-in-Differences Estimates?" Quarterly Journal of
Economics 119(1), 249-275. Conley, T. G. & C. R. Taber (2011). "Inference with 'Difference in Differences' with a Small Number of Policy
Changes." Review of Economics and Statistics 93(1), 113-125. Donald, S. G. & K. Lang (2007). "Inference with Difference-in-Differences and
Other Panel Data." Review of Economics and Statistics 89(2), 221-233. MacKinnon, J. G. & M. D. Webb (2018). "The Wild Bootstrap for Few
(Treated) Clusters." Econometrics Journal 21(2), 114-135.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.engine.checks import check_units, one_of
from mic2025lab.errors import ParameterError
from mic2025lab.models._balanced_panel import BalancedPanel, balanced_panel, several, some
from mic2025lab.models._event_study_result import EventStudy, Leads, fit_panel
from mic2025lab.models._types import Bools, Floats
from mic2025lab.models.tables import optional

__all__ = ["EventStudy", "Leads", "event_study", "triple_difference"]


def event_study(
    table: Any,
    *,
    of: str,
    treated: Any,
    at: int = 2015,
    value: str = "value",
    year: str = "year",
    log: bool = False,
    start: int | None = None,
    end: int | None = None,
    trends: bool = False,
    inference: str = "randomization",
    studentized: bool = True,
    draws: int = 9999,
    seed: int = 2025,
) -> EventStudy:
    """Compare the change of treated units after a date with that of the others, with unit and year effects.

    y_it = a_i + c_t + b (treated_i x after_t) + u_it; the event study has one coefficient for each year in place of b.

    Parameters
    ----------
    table : pandas, Polars, or Arrow table
        One row for each unit and year. A unit with a missing value in the window is left out and named in `notes`.
    of : str
        Column of the unit, which is also the cluster.
    treated : label or iterable of labels
        Units treated; at least one must be left untreated.
    at : int
        Last year before. Two years up to it (three with `trends`) and one after it are needed.
    value, year : str
        Columns.
    log : bool
        Take the logarithm of the value, which must then be above zero.
    start, end : int, optional
        Window of years.
    trends : bool
        Measure the years after against each unit's own linear trend through the years up to `at`, not against their mean. Faster growth
        before the date then counts as no effect; the estimate is noisier.
    inference : {"randomization", "t", "wild", "cluster"}
        See the module. "randomization": permutes the treated labels (all permutations, or `draws` random ones). "t": pooled t of the changes.
        "wild": restricted wild cluster bootstrap. "cluster": CRV1 errors and t(G - 1), by pyfixest (``pip install 'mic2025lab[models]'``).
    studentized : bool
        Divide each permuted difference by its standard error, from the variance of the units' yearly changes, so that the test keeps its
        size when units differ in volatility. False compares plain differences.
    draws, seed : int
        Of the randomization or the bootstrap.

    Returns
    -------
    EventStudy

    Raises
    ------
    TableError, ParameterError, UnknownName
        If the table is not a panel, the window or date leaves too few years, units or options are unknown, or a total is a unit beside its parts.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(u, t, u * 1.0 + 0.1 * t * (u % 3) + (2.0 if u == 0 and t > 2015 else 0.0)) for u in range(20) for t in range(2010, 2020)]
    >>> table = pd.DataFrame(rows, columns=["unit", "year", "value"])
    >>> study = event_study(table, of="unit", treated=[0])
    >>> round(study.estimate, 2), study.p_value, study.smallest_p
    (1.5, 0.05, 0.05)

    References
    ----------
    See the module.
    """
    own = balanced_panel(table, (of,), year, value, log=log, window=(start, end))
    check_units(of, own.units)
    mask = own.mask(treated, kind=of)
    return _study(
        own, own.values[:, 0], mask, own.units, mask[:, None], "unit^group + group^year", at=at, trends=trends, inference=inference,
        studentized=studentized, draws=draws, seed=seed,
    )  # fmt: skip


def triple_difference(
    table: Any,
    *,
    of: str = "economy",
    treated: str = "CHN",
    across: str = "industry",
    targeted: Any,
    untargeted: Any,
    at: int = 2015,
    value: str = "value",
    year: str = "year",
    log: bool = True,
    start: int | None = None,
    end: int | None = None,
    trends: bool = False,
    permute: str = "of",
    inference: str = "randomization",
    studentized: bool = True,
    draws: int = 9999,
    seed: int = 2025,
) -> EventStudy:
    """Compare targeted with other industries, one economy with the others, after a date with before (triple difference).

    y_ckt = a_ck + g_ct + d_kt + b (treated_c x targeted_k x after_t) + u_ckt. In logs the result is the same for values, for world shares,
    and in any currency, because the effects absorb totals and exchange rates.

    Parameters
    ----------
    table : pandas, Polars, or Arrow table
        One row for each economy, industry, and year. An economy with a missing value in any cell used is left out and named in `notes`.
    of, across : str
        Columns of the economy (the cluster) and of the industry.
    treated : label
        The economy.
    targeted, untargeted : iterable of labels
        Industries; others are not used.
    permute : {"of", "across"}
        What randomization permutes, and the units of `changes` and `std_error`: economies, or the industries of the treated economy (each
        less the mean of the other economies). The estimate is the same.
    at, value, year, log, start, end, trends, inference, studentized, draws, seed
        As in `event_study`, with totals of `of` and of `across`. "cluster" clusters by economy.

    Returns
    -------
    EventStudy

    Raises
    ------
    TableError, ParameterError, UnknownName
        As in `event_study`, or if an industry is both targeted and untargeted.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(c, k, t, 2.0 ** (c == "CHN" and k == "chips" and t > 2015)) for c in ["CHN", "DEU", "USA"]
    ...     for k in ["chips", "food"] for t in range(2012, 2019)]
    >>> table = pd.DataFrame(rows, columns=["economy", "industry", "year", "value"])
    >>> study = triple_difference(table, targeted=["chips"], untargeted=["food"])
    >>> round(study.estimate, 4), round(study.p_value, 4)
    (0.6931, 0.3333)
    """
    one_of("permute", permute, ("of", "across"))
    targeted, untargeted = several(targeted), several(untargeted)
    if not targeted or not untargeted:
        raise ParameterError("Give at least one targeted and one untargeted industry.")
    both = sorted(set(targeted) & set(untargeted), key=str)
    if both:
        raise ParameterError(f"{both[0]!r} is both targeted and untargeted: leave it out of one of them.")
    own = balanced_panel(
        table, (of, across), year, value, log=log, window=(start, end), keep=[*targeted, *untargeted]
    )
    check_units(of, own.units)
    check_units(across, own.groups)
    economy = own.mask([treated], kind=of)
    target = own.mask(targeted, groups=True, kind=across)
    other = own.mask(untargeted, groups=True, kind=across)
    if permute == "of":
        outcome = own.values[:, target].mean(axis=1) - own.values[:, other].mean(axis=1)
        labels, units = economy, own.units
    else:
        outcome = own.values[economy][0] - own.values[~economy].mean(axis=0)
        labels, units = target, own.groups
    return _study(
        own, outcome, labels, units, np.outer(economy, target), "unit^group + unit^year + group^year", at=at, trends=trends, inference=inference,
        studentized=studentized, draws=draws, seed=seed,
    )  # fmt: skip


def _study(
    own: BalancedPanel,
    outcome: Floats,
    labels: Bools,
    units: Sequence[Any],
    treated: Bools,
    effects: str,
    **options: Any,
) -> EventStudy:
    """Study one series a unit; with clustered errors all cells, those `treated`, with fixed `effects`."""
    notes = (f"Left out for missing values: {some(own.dropped)}.",) if own.dropped else ()
    study = fit_panel(outcome, own.years, labels, units, n_obs=own.values.size, notes=notes, **options)
    return _clustered(study, own, treated, effects) if study.inference == "cluster" else study


def _clustered(study: EventStudy, own: BalancedPanel, treated: Bools, effects: str) -> EventStudy:
    """Put in the estimates of pyfixest, with errors clustered by unit.

    There is no Wald test of the leads: the clustered covariance of the coefficients has a rank of at most the number of clusters less two, so
    that with nearly as many leads the test rejects almost always, or has no inverse. The leads are tested by randomization.
    """
    if study.trends:
        raise ParameterError("inference='cluster' has no trends=True; take 'randomization', 't' or 'wild'.")
    pyfixest = optional("pyfixest", "inference='randomization', 't' and 'wild' do not need it.")
    unit, group, t = (index.ravel() for index in np.indices(own.values.shape))
    frame = pd.DataFrame({"y": own.values.ravel(), "unit": unit, "group": group, "year": own.years[t]})
    frame["treated"] = treated[unit, group].astype("float64")
    frame["x"] = frame["treated"] * (frame["year"] > study.at)
    options = {"vcov": {"CRV1": "unit"}, "demeaner": pyfixest.MapDemeaner(fixef_tol=1e-12)}
    with warnings.catch_warnings():
        # pyfixest 0.60 still uses what pandas 3.1 deprecates; nothing of ours is behind these warnings.
        warnings.simplefilter("ignore", DeprecationWarning)
        static = pyfixest.feols(f"y ~ x | {effects}", frame, **options)
        dynamic = pyfixest.feols(f"y ~ i(year, treated, ref={study.at}) | {effects}", frame, **options)
    names = [f"year::{year}:treated" for year in own.years]
    by_year = pd.DataFrame({"estimate": dynamic.coef(), "error": dynamic.se()}).reindex(names)
    return replace(
        study,
        estimate=float(static.coef()["x"]),
        std_error=float(static.se()["x"]),
        p_value=float(static.pvalue()["x"]),
        freedom=len(own.units) - 1,
        clustered=by_year.fillna(0.0).to_numpy().tolist(),
    )
