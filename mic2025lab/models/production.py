"""Production functions of firms: elasticities and productivity when firms choose inputs knowing their productivity.

y = f(inputs) + omega + epsilon in logs. The firm observes omega when it chooses its inputs, the researcher does not; epsilon is unexpected.
Least squares therefore overstates the elasticities of the free inputs. The proxy estimators infer omega from an input that responds to it
(investment, materials) and assume a first-order Markov process whose innovation xi is unrelated to earlier decisions:

============  ============================================================================================
op, lp        stage 1: y = b l + phi(k, p) + epsilon; stage 2: least squares of y - b l - c k on a polynomial of
              omega_(t-1) = phi_(t-1) - c k_(t-1) (and of the survival probability with ``exit_correction``)
wooldridge    y = b l + c k + h(k_(t-1), p_(t-1)) + u, l instrumented by l_(t-1), jointly with stage 1 (GMM)
acf           stage 1: y = phi(l, k, p) + epsilon, nothing estimated yet; stage 2: E[xi (l_(t-1), k)] = 0
============  ============================================================================================

Mean (standard deviation) over 100 panels of 1,000 firms and 10 years of the Monte Carlo designs of Ackerberg,
Caves & Frazer (2015; ``benchmarks/acf_design.py``), true labor 0.6 and capital 0.4, polynomials of degree 2, by
``benchmarks/bench_production.py``:

==================  ==============  ==============  ==============  ==============
method              labor, 1        capital, 1      labor, 2        capital, 2
==================  ==============  ==============  ==============  ==============
ols                 0.944 (0.004)   0.064 (0.006)   0.921 (0.002)   0.092 (0.004)
fe                  0.900 (0.005)   -0.113 (0.030)  0.889 (0.002)   0.225 (0.022)
op                  0.824 (0.005)   0.188 (0.008)   0.843 (0.004)   0.043 (0.222)
lp                  -0.000 (0.005)  1.124 (0.028)   0.600 (0.003)   0.399 (0.013)
wooldridge, both    0.218 (0.018)   3.412 (0.156)   0.600 (0.003)   0.390 (0.093)
wooldridge, second  1.145 (0.020)   -0.482 (0.103)  0.919 (0.963)   0.097 (0.970)
acf                 0.600 (0.009)   0.400 (0.016)   0.600 (0.010)   0.399 (0.016)
==================  ==============  ==============  ==============  ==============

In design 1 (labor decided with part of the innovation known, wages that differ) labor is collinear with the first stage of lp, and wages
move materials given capital, so that lp and wooldridge are inconsistent. In design 2 (optimization error in labor) both are consistent, but
the instrument of the second equation alone is irrelevant. Only acf is consistent in both, if it selects the right one of its two solutions
(see the Notes of `production_function`). Measurement error in materials biases it too. With gross output in place of value added, acf and lp are
not identified by their moments alone (Gandhi, Navarro & Rivers 2020).

References
----------
Ackerberg, D. A., K. Caves & G. Frazer (2015). "Identification Properties of Recent Production Function Estimators."
Econometrica 83(6), 2411-2451. Gandhi, A., S. Navarro & D. A. Rivers (2020). "On the Identification of Gross Output
Production Functions." Journal of Political Economy 128(8), 2973-3016. Kim, K., Y. Luo & Y. Su (2019). "A
Robust Approach to Estimating Production Functions: Replication of the ACF Procedure." Journal of Applied Econometrics 34(4),
612-619. Levinsohn, J. & A. Petrin (2003). "Estimating
Production Functions Using Inputs to Control for Unobservables." Review of Economic Studies 70(2), 317-341. Olley, G. S. & A. Pakes
(1996). "The Dynamics of Productivity in the Telecommunications Equipment Industry." Econometrica 64(6), 1263-1297.
Wooldridge, J. M. (2009). "On Estimating Firm-Level Production Functions Using Proxy Variables to Control for
Unobservables." Economics Letters 104(3), 112-114.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.errors import ParameterError, TableError, unknown_name
from mic2025lab.models import bootstrap
from mic2025lab.models._control_function import FirstStage
from mic2025lab.models._polynomial import Powers, independent, less_means, powers
from mic2025lab.models._production_data import Sample, read_sample
from mic2025lab.models._production_estimators import Control, Linear, control_columns, survival_parts, system
from mic2025lab.models._production_result import NAMES, ProductionFunction
from mic2025lab.models._types import Floats

__all__ = ["ProductionFunction", "production_function"]

_DRAWS = 200
_PROXIES = ("op", "lp", "wooldridge", "acf")


def production_function(
    table: Any,
    *,
    method: str = "acf",
    output: str,
    free: str | Iterable[str],
    state: str | Iterable[str],
    proxy: str | None = None,
    firm: str | Iterable[str] = "firm",
    year: str = "year",
    logs: bool = False,
    nonpositive: str = "error",
    form: str = "cobb_douglas",
    degree: int = 3,
    markov: int = 3,
    year_effects: bool = False,
    exit_correction: bool = False,
    wooldridge_equations: str = "both",
    markov_from: str = "output",
    draws: int | None = None,
    seed: int = 2025,
    executor: Executor | None = None,
) -> ProductionFunction:
    """Estimate a production function on a panel of firms.

    Parameters
    ----------
    table : pandas, Polars, or Arrow table
        One row for each firm and year of one industry; estimate each technology separately.
    method : {"acf", "lp", "op", "wooldridge", "fe", "ols"}
        See the table in the module.
    output : str
        Value added in constant prices.
    free, state : str or list of str
        Inputs that respond within the year (labor) and those decided before (capital).
    proxy : str, optional
        Input that reveals productivity: investment for "op", materials or electricity for "lp", "wooldridge" and "acf".
    firm, year : str
        Columns of the firm (or several that name it together) and of the year.
    logs : bool
        Whether columns are in logs already. Otherwise logs are taken and values must be above zero.
    nonpositive : {"error", "drop"}
        What to do with values of zero or less when logs are taken. "drop" leaves the row out and adds a note.
    form : {"cobb_douglas", "translog"}
        Translog for "ols", "fe" and "acf": all squares and products of the inputs, measured from their means.
    degree, markov : int
        Degree of the complete polynomial of the control function, and of that of productivity's Markov process.
    year_effects : bool
        Take year effects out in the first stage ("ols", "fe": of output).
    exit_correction : bool
        "op" only: a probit (polynomial of state and proxy) of being in the table in a later year; its probability enters the
        Markov polynomial. The last year of the table tells nothing of exit and is not in the probit.
    wooldridge_equations : {"both", "second"}
        "both" stacks the equation of the first stage and that of the second, as R's prodestWRDG does (with another weighting matrix).
        "second" is the second alone, by instruments, as R's prodestROB does; it does not need free inputs to vary given state and proxy.
    markov_from : {"output", "phi"}
        "op" and "lp" only: what the Markov coefficients are fitted to. "output": y - b l - c k, so that the innovation is the residual of its
        own regression. "phi": the fitted phi - c k, as in R's prodest; published estimates of prodest need it. The innovation is of output
        in both.
    draws : int, optional
        Bootstrap draws of firms. Default: 200 for "op", "lp" and "acf"; for "ols", "fe" and "wooldridge" none, their errors are
        clustered by firm (statsmodels' small-sample factor; none for GMM). 0: no bootstrap.
    seed : int
        The same seed gives the same result, on any executor.
    executor : concurrent.futures.Executor, optional
        Where the draws run: threads, processes, Dask.

    Returns
    -------
    ProductionFunction

    Notes
    -----
    Rows with a missing value are left out. A lag is the value of the year before; a gap in a firm's years is not bridged.

    The moments of "acf" can have more than one solution (Kim, Luo & Su 2019): in the paper's own design 1 - cost of labor
    as its first-order condition has it, elasticities (1, 0) - gives innovations that are unrelated to the past as well,
    with wages in the place of productivity. Among solutions without a negative elasticity the one with the most persistent
    productivity is taken (largest share of omega explained by its past), and the others are named in the notes.

    Bootstrap standard errors are standard deviations over draws of whole firms, everything estimated anew in each
    (survival probabilities too), the second stage from the estimate on. Draws without an estimate are counted.

    Raises
    ------
    TableError
        A missing column, a firm with two rows for a year, values of zero or less, no complete row, one firm, no firm with two years
        in a row, inputs that do not vary or are collinear, too few rows.
    ParameterError, UnknownName
        Options that do not exist or do not go together.

    Examples
    --------
    >>> from mic2025lab.models import simulated_firms
    >>> firms = simulated_firms(n_firms=300, seed=1)
    >>> acf = production_function(firms, method="acf", output="value_added", free="labor", state="capital",
    ...                           proxy="materials", degree=2, draws=0)
    >>> acf.estimate.index.tolist(), acf.n_firms > 250
    (['labor', 'capital'], True)

    References
    ----------
    See the module.
    """
    for kind, value, known in (
        ("method", method, tuple(NAMES)),
        ("form", form, ("cobb_douglas", "translog")),
        ("wooldridge_equations", wooldridge_equations, ("both", "second")),
        ("markov_from", markov_from, ("output", "phi")),
    ):
        if value not in known:
            raise unknown_name(kind, value, known)
    if method in _PROXIES and proxy is None:
        what = "investment" if method == "op" else "materials or electricity"
        raise ParameterError(f"Method {method!r} needs a proxy column ({what}): give proxy=.")
    if form == "translog" and method in ("op", "lp", "wooldridge"):
        raise ParameterError(
            f"A translog does not fit method {method!r}, whose first stage takes the free inputs as separate from capital; "
            "use 'acf', 'ols' or 'fe'."
        )
    if exit_correction and method != "op":
        raise ParameterError(f"exit_correction is for method 'op', not {method!r}.")
    if markov_from == "phi" and method not in ("op", "lp"):
        raise ParameterError(f"markov_from='phi' is for methods 'op' and 'lp', not {method!r}.")
    for name, number in (("degree", degree), ("markov", markov)):
        if not 1 <= number <= 6:
            raise ParameterError(f"{name}={number!r} must be from 1 to 6.")
    if draws is not None and (draws < 0 or draws == 1):
        raise ParameterError(f"draws={draws!r} must be 0 or at least 2.")
    # Only what the method uses must be there: least squares does not look at the proxy.
    used = proxy if method in _PROXIES else None
    sample = read_sample(table, output, free, state, used, firm, year, logs, nonpositive)
    sample = replace(sample, form=form)
    resample: _Resample = partial(_resampled, sample, draws, seed, executor)
    if method in ("ols", "fe"):
        return _least_squares(sample, resample, method, year_effects)
    if len(sample.neighbors()[0]) == 0:
        raise TableError(
            f"No firm has two years in a row, which method {method!r} needs: the table has "
            f"{len(np.unique(sample.year))} years and {len(sample.y)} complete rows."
        )
    if method == "wooldridge":
        return _wooldridge(sample, resample, degree, year_effects, both=wooldridge_equations == "both")
    return _control(
        sample, resample, method, degree, markov, year_effects, exit_correction, markov_from == "phi"
    )


_Resample = Callable[[Any, int], "Floats | None"]


def _result(
    sample: Sample,
    method: str,
    values: Floats,
    *,
    n_pairs: int,
    control: Floats | None = None,
    errors: Floats | None = None,
    boot: Floats | None = None,
    notes: Iterable[str] = (),
) -> ProductionFunction:
    labels, n_failed = sample.term_names, 0
    inference = "cluster" if errors is not None else "none"
    if boot is not None:
        good = np.isfinite(boot).all(axis=1)
        n_failed = int((~good).sum())
        if good.sum() < 2:
            raise TableError(
                f"{n_failed} of {len(boot)} bootstrap draws have no estimate: the panel is too small for this model."
            )
        errors, inference = boot[good].std(axis=0, ddof=1), "bootstrap"
        middle = np.subtract(*np.quantile(boot[good], [0.75, 0.25], axis=0)) / 1.349
        if (errors > 2 * middle).any():
            far = "some bootstrap draws are far out, so standard errors are not to be trusted; the interval's quantiles are"
            notes = [*notes, far]
    return ProductionFunction(
        estimate=pd.Series(values, index=labels, name="estimate"),
        std_error=pd.Series(np.nan if errors is None else errors, index=labels, name="std_error"),
        method=method,
        form=sample.form,
        n_obs=len(sample.y),
        n_firms=sample.n_firms,
        n_pairs=n_pairs,
        inference=inference,
        draws=0 if boot is None else len(boot),
        n_failed=n_failed,
        notes=(*sample.notes, *notes),
        sample=sample,
        control=control,
        boot=np.empty((0, len(values))) if boot is None else boot,
    )


def _resampled(
    sample: Sample, draws: int | None, seed: int, executor: Executor | None, problem: Any, default: int
) -> Floats | None:
    """Parameters of each bootstrap draw; None where none were asked for."""
    draws = default if draws is None else draws
    if not draws:
        return None
    counts = bootstrap.counts(sample.n_firms, draws, seed=seed)
    return bootstrap.spread(problem.draw, counts, executor, n_rows=len(sample.y))


def _least_squares(
    sample: Sample, resample: _Resample, method: str, year_effects: bool
) -> ProductionFunction:
    import statsmodels.api as sm

    x = sample.terms(sample.inputs)
    years = sample.year_dummies() if year_effects else np.empty((len(x), 0))
    y, notes = sample.y, []
    if method == "fe":
        once = np.bincount(sample.firm)[sample.firm] == 1
        if once.all():
            raise TableError(
                "Every firm has one year, so nothing varies within firms; fixed effects need two."
            )
        if once.any():
            notes.append(f"{int(once.sum())} firms with one year tell nothing within firms")
        size = np.abs(x).max(axis=0)
        y, x, years = (less_means(values, sample.firm) for values in (y, x, years))
        x[:, np.abs(x).max(axis=0) <= 1e-12 * size] = 0.0  # constant within firms, up to rounding
        years = years[:, independent(years)] if years.shape[1] else years
    columns = np.column_stack([np.ones(len(x)), years, x])
    kept = independent(columns)
    lost = [position - 1 - years.shape[1] for position in range(columns.shape[1]) if position not in kept]
    if lost:
        raise TableError(
            f"{sample.term_names[lost[0]] if lost[0] >= 0 else 'A year effect'} does not vary"
            f"{' within firms' if method == 'fe' else ''} apart from the other terms: leave it out."
        )
    if columns.shape[1] >= len(y):
        raise TableError(f"{len(y)} rows are too few for {columns.shape[1]} coefficients.")
    fit = sm.OLS(y, columns).fit(cov_type="cluster", cov_kwds={"groups": sample.firm})
    own = slice(1 + years.shape[1], None)
    problem = Linear(FirstStage.of(columns, y, sample.firm, sample.n_firms, x.shape[1]))
    return _result(
        sample, method, np.asarray(fit.params)[own], n_pairs=len(sample.neighbors()[0]),
        errors=np.asarray(fit.bse)[own], boot=resample(problem, 0), notes=notes,
    )  # fmt: skip


def _wooldridge(
    sample: Sample, resample: _Resample, degree: int, year_effects: bool, *, both: bool
) -> ProductionFunction:
    problem, n_pairs, notes = system(sample, degree, both=both, year_effects=year_effects)
    try:
        delta, covariance = problem.solve(np.ones(sample.n_firms))
    except np.linalg.LinAlgError:
        raise TableError(
            "The moments do not identify the elasticities (a singular system): lagged free inputs may not vary apart from state "
            "and proxy; lower the degree or use fewer inputs."
        ) from None
    n = problem.n_params
    return _result(
        sample, "wooldridge", delta[:n], n_pairs=n_pairs,
        errors=np.sqrt(np.diag(covariance)[:n]), boot=resample(problem, 0), notes=notes,
    )  # fmt: skip


def _control(
    sample: Sample,
    resample: _Resample,
    method: str,
    degree: int,
    markov: int,
    year_effects: bool,
    exit_correction: bool,
    from_phi: bool,
) -> ProductionFunction:
    x = sample.terms(sample.inputs)
    first, polynomial, notes = control_columns(sample, method, degree, year_effects)
    now, before = sample.neighbors()
    n_first, instruments = sample.free.shape[1], None
    if method == "acf":
        n_first, instruments = 0, sample.terms(np.column_stack([sample.free[before], sample.state[now]]))
        instruments = instruments - instruments.mean(axis=0)
        if len(independent(instruments)) < instruments.shape[1]:
            raise TableError(
                "The instruments are collinear in the rows that have the year before: use fewer inputs."
            )
    second = x[:, n_first:]
    if len(now) <= second.shape[1] + markov + 1:
        raise TableError(f"{len(now)} rows with the year before them are too few for the second stage.")
    leaves = survival_parts(sample, polynomial) if exit_correction else None
    terms: Powers = powers(2 if exit_correction else 1, markov)
    columns = np.column_stack([np.ones(len(x)), x])
    start = np.asarray(np.linalg.lstsq(columns, sample.y, rcond=None)[0])[1 + n_first :]
    problem = Control(
        first, n_first, sample.y, method != "acf", now, before, second, instruments, terms, start,
        len(sample.input_names) - n_first, from_phi, leaves,
    )  # fmt: skip
    values, fitted, others = problem.point()
    if others:
        shown = "; ".join(", ".join(f"{value:.3f}" for value in row) for row in others[:3])
        notes.append(
            f"the moments of the second stage have {len(others)} other solution{'s' if len(others) > 1 else ''} ({shown}); "
            "reported is the most persistent one without negative elasticities"
        )
    boot = resample(replace(problem, start=values[n_first:]), _DRAWS)
    return _result(sample, method, values, n_pairs=len(now), control=fitted, boot=boot, notes=notes)
