"""The Monte Carlo design of Ackerberg, Caves & Frazer (2015): firms whose true elasticities are known. Simulated, not data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mic2025lab.errors import ParameterError, unknown_name
from mic2025lab.models._types import Floats

if TYPE_CHECKING:
    import pandas as pd

_HORIZON = 100
_BURN = 90
_DISCOUNT, _DEPRECIATION = 0.95, 0.2
_RHO, _SD_OMEGA = 0.7, 0.3
_RHO_WAGE = 0.3
_SD_EPSILON = 0.1
_SD_ADJUSTMENT = 0.6

# Standard deviation of log wages, share of a year before the end of which labor is decided, and error in labor's choice.
DESIGNS = {1: (0.1, 0.5, 0.0), 2: (0.0, 0.0, 0.37), 3: (0.1, 0.5, 0.37)}
LABOR, CAPITAL = 0.6, 0.4


def acf_design(
    *, design: int = 1, n_firms: int = 1000, n_years: int = 10, proxy_error: float = 0.0, seed: int = 2025
) -> pd.DataFrame:
    """Simulate one panel of the Monte Carlo design of Ackerberg, Caves & Frazer (2015, appendix).

    ln Y = 0.6 l + 0.4 k + omega + epsilon; omega is AR(1) with rho 0.7 and standard deviation 0.3; capital follows the
    optimal investment under firm-specific convex adjustment costs, depreciates by 0.2, and is predetermined; materials are in
    fixed proportion to planned output, ln m = 0.6 l + 0.4 k + omega. Written from the model: the sum that is
    optimal investment is in `_investment`.

    Parameters
    ----------
    design : {1, 2, 3}
        1: wages differ and are autocorrelated, labor is decided half a year ahead. 2: one wage, labor decided knowing omega
        but with an optimization error (materials planned without it). 3: both.
    n_firms, n_years : int
        The paper has 1,000 firms and 10 years, after 90 that are thrown away.
    proxy_error : float
        Variance of the measurement error of log materials, as a share of the variance of log materials.
    seed : int
        The same seed gives the same panel.

    Returns
    -------
    pandas.DataFrame
        ``firm``, ``year``, logs ``y``, ``labor``, ``capital``, ``materials``, ``investment``, ``true_omega``, and ``simulated``,
        True in every row.

    Examples
    --------
    >>> panel = acf_design(n_firms=20, n_years=3)
    >>> len(panel), bool(panel["simulated"].all())
    (60, True)
    """
    import pandas as pd

    if design not in DESIGNS:
        raise unknown_name("design", design, map(str, DESIGNS))
    if n_firms < 1 or not n_years >= 1 or proxy_error < 0:
        raise ParameterError(
            f"n_firms={n_firms}, n_years={n_years}, proxy_error={proxy_error}: all must be positive."
        )
    sd_wage, ahead, sd_labor = DESIGNS[design]
    rng = np.random.default_rng(seed)
    periods = _BURN + n_years
    to_plan, to_now = _RHO ** (1 - ahead), _RHO**ahead
    sd_plan, sd_now = (_SD_OMEGA * np.sqrt(1 - rho**2) for rho in (to_plan, to_now))
    sd_wage_news = sd_wage * np.sqrt(1 - _RHO_WAGE**2)
    omega, wage = rng.normal(0, _SD_OMEGA, n_firms), rng.normal(0, sd_wage, n_firms)
    cost = np.exp(rng.normal(0, _SD_ADJUSTMENT, n_firms))
    capital = np.zeros(n_firms)
    kept = []
    for period in range(periods):
        plan = to_plan * omega + rng.normal(0, sd_plan, n_firms)
        omega = to_now * plan + rng.normal(0, sd_now, n_firms)
        wage = _RHO_WAGE * wage + rng.normal(0, sd_wage_news, n_firms)
        investment = _investment(omega, wage, ahead, sd_wage, sd_labor) * cost
        if period >= _BURN:
            k = np.log(capital)
            planned = (np.log(LABOR) + to_now * plan + sd_now**2 / 2 - wage + CAPITAL * k) / (1 - LABOR)
            labor = planned + rng.normal(0, sd_labor, n_firms)
            y = LABOR * labor + CAPITAL * k + omega + rng.normal(0, _SD_EPSILON, n_firms)
            materials = LABOR * planned + CAPITAL * k + omega
            kept.append((y, labor, k, materials, np.log(investment), omega))
        capital = (1 - _DEPRECIATION) * capital + investment
    names = ("y", "labor", "capital", "materials", "investment", "true_omega")
    columns = {
        name: np.column_stack([year[number] for year in kept]).ravel() for number, name in enumerate(names)
    }
    if proxy_error:
        noise = rng.normal(0, np.sqrt(proxy_error * columns["materials"].var()), n_firms * n_years)
        columns["materials"] = columns["materials"] + noise
    return pd.DataFrame(
        {
            "firm": np.repeat(np.arange(n_firms), n_years),
            "year": np.tile(np.arange(1, n_years + 1), n_firms),
            **columns,
            "simulated": True,
        }
    )


def _investment(omega: Floats, wage: Floats, ahead: float, sd_wage: float, sd_labor: float) -> Floats:
    """Optimal investment for an adjustment cost of one: the discounted marginal products of capital to come.

    With constant returns, and labor at its (planned) optimum, a unit of capital earns, s years ahead,
    c E exp(p_(t+s) / (1 - 0.6)) E exp(-0.6 w_(t+s) / (1 - 0.6)), p the part of omega known when labor is decided; both are
    log-normal given today.
    """
    earns = LABOR ** (LABOR / (1 - LABOR)) * np.exp(LABOR**2 * sd_labor**2 / 2)
    costs = LABOR ** (1 / (1 - LABOR)) * np.exp(sd_labor**2 / 2)
    to_now = _RHO**ahead
    news = _SD_OMEGA**2 * (1 - to_now**2)
    constant = CAPITAL / (1 - LABOR) * (earns - costs) * np.exp(news / 2 / (1 - LABOR))
    total = np.zeros_like(omega)
    for s in range(1, _HORIZON + 1):
        spread = (to_now / (1 - LABOR)) ** 2 * _SD_OMEGA**2 * (1 - _RHO ** (2 * (s - ahead)))
        power = LABOR / (1 - LABOR)
        wages = power**2 * sd_wage**2 * (1 - _RHO_WAGE ** (2 * s))
        level = omega * _RHO**s / (1 - LABOR) - power * wage * _RHO_WAGE**s + (spread + wages) / 2
        total += _DISCOUNT**s * (1 - _DEPRECIATION) ** (s - 1) * np.exp(level)
    return constant * total
