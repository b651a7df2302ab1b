"""Before and after, treated against untreated: event studies and triple differences, with inference that few clusters can bear.

One number a unit carries the estimate: its change from the years up to the date to the years after it. The estimate is the mean change of
the treated units less that of the others, which in a balanced panel is the coefficient of "treated x after" with unit and year effects; the
triple difference is the same thing for the gap between targeted and other industries, and is the coefficient with unit x industry,
unit x year and industry x year effects. Dollars and the exchange rate are in the unit x year effects and drop out of it; so is anything else
that moves all industries of an economy alike, and anything that moves one industry everywhere is in the industry x year effects.

Inference, when one economy of twelve or of sixty-one is treated (`value_added`: 8 targeted and 2 other industries, 2002-2022;
`intermediate_exports`: 6 and 11, 1995-2020; 61 of its 76 economies have every cell). Rejections at the nominal 5 %, simulated by
`mic2025lab.models.rejection_rates` (random walks with yearly shocks of 0.1; 20,000 and 4,000 samples, a tenth for the wild bootstrap; the
treated economy as variable as the others ("same"); targeted industries of an economy with a shock of 0.1 in common ("common"); the treated
economy twice as variable ("double"); and as in the tables, others 0.5-2 and 0.6-8 times as variable, noise of 0.09, a common shock of 0.05
("as data")). The last columns: the same at 10 %, where twelve economies allow no p-value between 0.083 and 0.167.

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

Clustered errors hardly see the variance of a single treated cluster and reject almost anything; the wild bootstrap that imposes no effect then
rejects almost nothing (MacKinnon & Webb 2018). Plain randomization, and t, keep their level only if the treated economy is as variable as the
others; studentized (each change over the standard error of its economy) it does so in every case, and is the default. Randomization over
industries takes them for independent and over-rejects as soon as the targeted ones have a shock in common within an economy. So economies
are what is permuted, and the smallest p-value is one over their number: with twelve, 0.083, and an interval of 95 % does not exist. And
power is low: an effect of 28 % is found once in three to ten times, so "not established" is never "none".
``tests/models/test_event_study.py`` runs the simulation again.

References
----------
Bertrand, M., E. Duflo & S. Mullainathan (2004). "How Much Should We Trust Differences-in-Differences Estimates?" Quarterly Journal of
Economics 119(1), 249-275. Conley, T. G. & C. R. Taber (2011). "Inference with 'Difference in Differences' with a Small Number of Policy
Changes." Review of Economics and Statistics 93(1), 113-125. Donald, S. G. & K. Lang (2007). "Inference with Difference-in-Differences and
Other Panel Data." Review of Economics and Statistics 89(2), 221-233. MacKinnon, J. G. & M. D. Webb (2018). "The Wild Bootstrap for Few
(Treated) Clusters." Econometrics Journal 21(2), 114-135.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mic2025lab.errors import ParameterError, unknown_name
from mic2025lab.models import _clustered_errors
from mic2025lab.models._balanced_panel import BalancedPanel, balanced_panel
from mic2025lab.models._event_study_result import EventStudy, Leads, fit_panel

__all__ = ["EventStudy", "Leads", "event_study", "triple_difference"]

_PERMUTE = ("of", "across")


def event_study(
    table: Any,
    *,
    of: str,
    treated: str | Iterable[Any],
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

    y_it = a_i + c_t + b (treated_i x after_t) + u_it, and one coefficient a year in place of b for the event study.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row a unit and year. A unit with a missing value in the window is left out and named in `notes`.
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
        Measure the years after against each unit's own line through the years up to `at`, not against their mean: a bend, not a difference
        of levels. What was growing faster before is then no effect; the price is noise.
    inference : {"randomization", "t", "wild", "cluster"}
        See the module. "randomization": treated labels dealt out anew (every way, or `draws` random ones). "t": pooled t of the changes.
        "wild": restricted wild cluster bootstrap. "cluster": CRV1 errors and t(G - 1), by pyfixest (``pip install 'mic2025lab[models]'``).
    studentized : bool
        Randomization compares each labeling's difference in its own standard errors, from the variance of the units' yearly changes, so that
        a calm economy is not judged by restless ones, nor the other way round. False compares plain differences.
    draws, seed : int
        Of the randomization or the bootstrap.

    Returns
    -------
    EventStudy

    Raises
    ------
    TableError, ParameterError, UnknownName
        A table that is no panel, a window or date without enough years, unknown units or options.

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
    own = balanced_panel(table, of=of, across=None, year=year, value=value, log=log, start=start, end=end)
    mask = own.mask(treated, kind=of)
    study = fit_panel(
        own.values[:, 0], own.years, mask, own.units, at=at, trends=trends, inference=inference, studentized=studentized,
        draws=draws, seed=seed, n_obs=own.values.size, notes=_notes(own),
    )  # fmt: skip
    return _clustered_errors.two_way(study) if inference == "cluster" else study


def triple_difference(
    table: Any,
    *,
    of: str = "economy",
    treated: str = "CHN",
    across: str = "industry",
    targeted: Iterable[Any],
    untargeted: Iterable[Any],
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
    """Targeted against other industries, one economy against the others, after against before.

    y_ckt = a_ck + g_ct + d_kt + b (treated_c x targeted_k x after_t) + u_ckt. With a logarithm the result is the same for values, for shares
    of the world and in any currency, since both totals and exchange rates are in the effects.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row an economy, industry and year. An economy with a missing value in any cell used is left out and named in `notes`.
    of, across : str
        Columns of the economy (the cluster) and of the industry.
    treated : label
        The economy.
    targeted, untargeted : iterable of labels
        Industries; others are not used.
    permute : {"of", "across"}
        What randomization deals out anew, and what the units of `changes` and `std_error` are: economies, or the industries of the treated
        economy (each less the mean of the other economies). The estimate is the same.
    at, value, year, log, start, end, trends, inference, studentized, draws, seed
        As in `event_study`. "cluster" clusters by economy.

    Returns
    -------
    EventStudy

    Raises
    ------
    TableError, ParameterError, UnknownName
        As `event_study`; also an industry that is both targeted and not.

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
    if permute not in _PERMUTE:
        raise unknown_name("permute", permute, _PERMUTE)
    targeted, untargeted = _industries(targeted, untargeted)
    own = balanced_panel(
        table, of=of, across=across, year=year, value=value, log=log, start=start, end=end, keep=[*targeted, *untargeted]
    )  # fmt: skip
    economy = own.mask([treated], kind=of)
    target = own.mask(targeted, groups=True, kind=across)
    other = own.mask(untargeted, groups=True, kind=across)
    if permute == "of":
        outcome, labels, units = (
            own.values[:, target].mean(axis=1) - own.values[:, other].mean(axis=1),
            economy,
            own.units,
        )
    else:
        outcome, labels, units = (
            own.values[economy][0] - own.values[~economy].mean(axis=0),
            target,
            own.groups,
        )
    study = fit_panel(
        outcome, own.years, labels, units, at=at, trends=trends, inference=inference, studentized=studentized,
        draws=draws, seed=seed, n_obs=own.values.size, notes=_notes(own),
    )  # fmt: skip
    return _clustered_errors.three_way(study, own, economy, target) if inference == "cluster" else study


def _industries(targeted: Iterable[Any], untargeted: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    chosen = [[names] if isinstance(names, str) else list(names) for names in (targeted, untargeted)]
    if not all(chosen):
        raise ParameterError("Give at least one targeted and one untargeted industry.")
    both = sorted(set(chosen[0]) & set(chosen[1]), key=str)
    if both:
        raise ParameterError(f"{both[0]!r} is both targeted and untargeted: leave it out of one of them.")
    return chosen[0], chosen[1]


def _notes(own: BalancedPanel) -> tuple[str, ...]:
    if not own.dropped:
        return ()
    names = ", ".join(map(str, own.dropped[:12])) + (", …" if len(own.dropped) > 12 else "")
    return (f"Left out for missing values: {len(own.dropped)} ({names}).",)
