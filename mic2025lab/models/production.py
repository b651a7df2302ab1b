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

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.engine.checks import one_of
from mic2025lab.errors import ParameterError, TableError
from mic2025lab.models import bootstrap
from mic2025lab.models._polynomial import monomials
from mic2025lab.models._production_data import Sample, read_sample
from mic2025lab.models._production_estimators import control_function, least_squares, wooldridge
from mic2025lab.models._types import Floats
from mic2025lab.models.tables import Content, Drawn, Term, check_level

__all__ = ["ProductionFunction", "production_function"]

_DRAWS = 200
_PROXIES = ("op", "lp", "wooldridge", "acf")


_NAMES = {
    "ols": "least squares",
    "fe": "firm fixed effects",
    "op": "Olley & Pakes (1996)",
    "lp": "Levinsohn & Petrin (2003)",
    "wooldridge": "Wooldridge (2009)",
    "acf": "Ackerberg, Caves & Frazer (2015)",
}


@dataclass(frozen=True, eq=False)
class ProductionFunction(Drawn):
    """Elasticities of output to inputs; what `production_function` returns.

    `plot` draws the estimates with their 95% intervals.

    Attributes
    ----------
    estimate, std_error : pandas.Series
        By input: log points of output for one log point of the input. For a translog by term, inputs measured from
        their means, so that terms of first order are elasticities at the mean.
    method, form : str
        As requested.
    n_obs, n_firms, n_pairs : int
        Rows and firms in the estimation, and rows that have the year before (what the second stage uses).
    inference : {"bootstrap", "cluster", "none"}
        Where the standard errors come from.
    draws, n_failed : int
        Bootstrap draws, and how many of them found no estimate and are left out.
    notes : tuple of str
        What a reader should know: rows left out, other solutions.
    """

    estimate: pd.Series
    std_error: pd.Series
    method: str
    form: str
    n_obs: int
    n_firms: int
    n_pairs: int
    inference: str
    draws: int
    n_failed: int
    notes: tuple[str, ...]
    sample: Sample = field(repr=False)
    control: Floats | None = field(repr=False)
    boot: Floats = field(repr=False)

    @property
    def returns_to_scale(self) -> float:
        """Sum of the elasticities (at the mean, for a translog)."""
        return float(self.estimate.to_numpy()[: len(self.sample.input_names)].sum())

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Interval of each estimate, columns ``low`` and ``high``.

        With the bootstrap, the quantiles of the draws; with clustered errors, Student's t with firms less one degrees of
        freedom.
        """
        from scipy import stats

        check_level(level)
        if self.inference == "none":
            raise ParameterError("No standard errors were computed (draws=0); ask for bootstrap draws.")
        if self.inference == "bootstrap":
            low, high = bootstrap.interval(self.boot, level=level)
        else:
            width = float(stats.t.ppf(0.5 + level / 2, self.n_firms - 1)) * self.std_error.to_numpy()
            low, high = self.estimate.to_numpy() - width, self.estimate.to_numpy() + width
        return pd.DataFrame({"low": low, "high": high}, index=self.estimate.index)

    def elasticities(self) -> Any:
        """Return the table with a column ``elasticity_<input>`` for each input, missing in rows that were left out.

        In a Cobb-Douglas function they are the same in every row. In a translog they differ by row; markups of firms are
        computed from those of a free input (De Loecker & Warzynski 2012).

        References
        ----------
        De Loecker, J. & F. Warzynski (2012). "Markups and Firm-Level Export Status." American Economic Review 102(6), 2437-2471.
        """
        x, terms, columns = self.sample.centered(self.sample.inputs), self.sample.exponents, {}
        for number, name in enumerate(self.sample.input_names):
            # The derivative of each term: its power in the input, times the term with that power one lower.
            power = np.array([term[number] for term in terms])
            lower = [tuple(np.subtract(term, np.arange(len(term)) == number).clip(0)) for term in terms]
            values = monomials(x, tuple(lower)) @ (power * self.estimate.to_numpy())
            columns[f"elasticity_{name}"] = self._spread(values)
        return self.sample.panel.attach(columns)

    def tfp(self, *, noise: bool = True) -> Any:
        """Return the table with the column ``tfp``: the logarithm of total factor productivity.

        y less what the inputs explain. Comparable only between the rows of this estimation: its level depends on the units.

        Parameters
        ----------
        noise : bool
            True: the residual, with the measurement error of output in it. False: the productivity that the control function
            sees, without it (methods op, lp and acf).
        """
        if not noise and self.control is None:
            raise ParameterError(
                f"Method {self.method!r} has no control function: use noise=True, or fit it by op, lp, or acf."
            )
        level = self.sample.y if noise else self.control
        part = self.sample.terms(self.sample.inputs) @ self.estimate.to_numpy()
        return self.sample.panel.attach({"tfp": self._spread(level - part)})

    def _spread(self, values: Floats) -> Floats:
        every = np.full(len(self.sample.panel.order), np.nan)
        every[self.sample.rows] = values
        return every

    def _content(self, level: float) -> Content:
        table = pd.DataFrame({"estimate": self.estimate, "std_error": self.std_error})
        if self.inference != "none":
            table = table.join(self.conf_int(level))
        terms = tuple(Term(*row) for row in table.itertuples())
        facts: dict[str, Any] = {
            name: getattr(self, name) for name in ("n_obs", "n_firms", "returns_to_scale")
        }
        facts["method"] = _NAMES[self.method]
        conventions = {
            "bootstrap": f"standard errors from a bootstrap of firms, {self.draws:,} draws.",
            "cluster": "standard errors clustered by firm.",
            "none": "no standard errors.",
        }
        failed = (f"{self.n_failed} bootstrap draws have no estimate.",) if self.n_failed else ()
        title = f"{'Translog' if self.form == 'translog' else 'Cobb-Douglas'} production function"
        return Content(title, terms, facts, conventions[self.inference], (*failed, *self.notes))

    _whole = False

    def _draw(self, ax: Any) -> str:
        """Draw the estimates with their 95% intervals."""
        table = self.to_frame().set_index("term")
        place = np.arange(len(table))[::-1]
        ax.plot(table["estimate"], place, "o", color="C0")
        ax.hlines(place, table["low"], table["high"], color="C0")
        ax.axvline(0, color="0.7", linewidth=0.8)
        ax.set_yticks(place, table.index)
        ax.set_ylim(-0.6, len(table) - 0.4)
        ax.set_xlabel("elasticity of output")
        return f"{_NAMES[self.method]}: returns to scale {self.returns_to_scale:.2f}"


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
        Markov polynomial. The last year of the table, in which exit is unknown, is not in the probit.
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

    The moments of "acf" can have more than one solution (Kim, Luo & Su 2019): in design 1 of Ackerberg, Caves & Frazer, where
    labor follows its first-order condition, elasticities (1, 0) also give innovations that are unrelated to the past, because
    wages then take the place of productivity. Among solutions without a negative elasticity the one with the most persistent
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
    _check_options(
        method, proxy, form, degree, markov, exit_correction, wooldridge_equations, markov_from, draws
    )
    # Only what the method uses must be there: least squares does not look at the proxy.
    used = proxy if method in _PROXIES else None
    sample = read_sample(table, output, free, state, used, firm, year, logs, nonpositive, form, year_effects)
    n_pairs = len(sample.neighbors()[0])
    if method in _PROXIES and not n_pairs:
        raise TableError(
            f"No firm has two years in a row in the {len(sample.y)} complete rows, and method {method!r} needs them."
        )
    if method in ("ols", "fe"):
        fit = least_squares(sample, method)
    elif method == "wooldridge":
        fit = wooldridge(sample, degree, both=wooldridge_equations == "both")
    else:
        draws = _DRAWS if draws is None else draws
        fit = control_function(sample, method, degree, markov, exit_correction, markov_from == "phi")
    errors, notes = fit.errors, [*sample.notes, *fit.notes]
    boot: Floats = np.empty((0, len(fit.values)))
    inference, n_failed = "none" if errors is None else "cluster", 0
    if draws:
        counts = bootstrap.counts(sample.n_firms, draws, seed=seed)
        boot = bootstrap.spread(fit.draw, counts, executor, n_rows=len(sample.y))
        errors, n_failed, warnings = _errors_of_draws(boot)
        inference, notes = "bootstrap", [*notes, *warnings]
    labels = sample.term_names
    return ProductionFunction(
        estimate=pd.Series(fit.values, index=labels, name="estimate"),
        std_error=pd.Series(np.nan if errors is None else errors, index=labels, name="std_error"),
        method=method,
        form=form,
        n_obs=len(sample.y),
        n_firms=sample.n_firms,
        n_pairs=n_pairs,
        inference=inference,
        draws=len(boot),
        n_failed=n_failed,
        notes=tuple(notes),
        sample=sample,
        control=fit.fitted,
        boot=boot,
    )


def _check_options(
    method: str,
    proxy: str | None,
    form: str,
    degree: int,
    markov: int,
    exit_correction: bool,
    wooldridge_equations: str,
    markov_from: str,
    draws: int | None,
) -> None:
    one_of("method", method, tuple(_NAMES))
    one_of("form", form, ("cobb_douglas", "translog"))
    one_of("wooldridge_equations", wooldridge_equations, ("both", "second"))
    one_of("markov_from", markov_from, ("output", "phi"))
    if method in _PROXIES and proxy is None:
        what = "investment" if method == "op" else "materials or electricity"
        raise ParameterError(f"Method {method!r} needs a proxy column ({what}): give proxy=.")
    if form == "translog" and method in ("op", "lp", "wooldridge"):
        raise ParameterError(
            f"A translog does not fit method {method!r}, whose first stage takes free inputs as separate from capital; use 'acf', 'ols' or 'fe'."
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


def _errors_of_draws(boot: Floats) -> tuple[Floats, int, list[str]]:
    """Standard errors from the draws that have an estimate, how many have none, and what to know about them."""
    good = boot[np.isfinite(boot).all(axis=1)]
    n_failed = len(boot) - len(good)
    if len(good) < 2:
        raise TableError(
            f"{n_failed} of {len(boot)} bootstrap draws have no estimate: the panel is too small for this model."
        )
    errors = good.std(axis=0, ddof=1)
    middle = np.subtract(*np.quantile(good, [0.75, 0.25], axis=0)) / 1.349
    far = "some bootstrap draws are far out: do not trust the standard errors; the intervals are quantiles, which are not affected"
    return errors, n_failed, [far] if (errors > 2 * middle).any() else []
