"""Simulated panels of firms with known parameters, for tests and for analyses without firm data.

They say nothing about any country. Every row has ``simulated`` True, and the names of columns that no real panel has begin with
``true_``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.errors import ParameterError
from mic2025lab.models._types import Floats

__all__ = ["FirmTruth", "simulated_firms"]

_RATE = 0.05  # interest on ordinary debt
_SUBSIDIZED_RATE = 0.01  # interest on the debt of firms kept alive
_OVERHEAD = 0.08  # share of capital spent whatever is sold


@dataclass(frozen=True)
class FirmTruth:
    """Parameters of the simulated firms.

    Attributes
    ----------
    labor, capital : float
        Elasticities of value added. With demand of elasticity `sigma` and constant returns in quantities they add up to
        (sigma - 1)/sigma: value added is revenue, as in Hsieh & Klenow (2009).
    sigma : float
        Elasticity of substitution between firms: 1 / (1 - labor - capital).
    persistence, sd_productivity : float
        Autoregression and standard deviation of log revenue productivity.
    sd_capital_wedge, sd_output_wedge : float
        Standard deviations of ln(1 + tau_K) and ln(1 - tau_Y), constant for a firm.
    sd_wage : float
        Standard deviation of log wages, which are autocorrelated (0.3).
    sd_measurement : float
        Standard deviation of the measurement error of log value added.
    rental, adjustment, depreciation : float
        Rental rate of capital (without a wedge), share of the gap to its optimum that log capital closes in a year, and
        depreciation.
    entry : float
        Entrants a year, as a share of the firms at the start.
    exit_productivity : float
        Exit threshold of productivity, in standard deviations below the mean, for firms that are not kept alive.
    kept_alive : float
        Share of firms that creditors and subsidies keep alive below the exit threshold: they are zombies while they are
        below it.
    """

    labor: float = 0.40
    capital: float = 0.30
    persistence: float = 0.8
    sd_productivity: float = 0.35
    sd_capital_wedge: float = 0.3
    sd_output_wedge: float = 0.2
    sd_wage: float = 0.1
    sd_measurement: float = 0.1
    rental: float = 0.15
    adjustment: float = 0.4
    depreciation: float = 0.08
    entry: float = 0.06
    exit_productivity: float = 1.4
    kept_alive: float = 0.3

    @property
    def sigma(self) -> float:
        """Elasticity of substitution that goes with the elasticities."""
        return 1 / (1 - self.labor - self.capital)

    def __post_init__(self) -> None:
        if not (self.labor > 0 and self.capital > 0 and self.labor + self.capital < 1):
            raise ParameterError(
                f"labor={self.labor} and capital={self.capital} must be above zero and add up to less than one."
            )
        if not 0 <= self.persistence < 1:
            raise ParameterError(f"persistence={self.persistence} must be from 0 to below 1.")
        if not (0 <= self.entry < 1 and 0 <= self.kept_alive <= 1):
            raise ParameterError(f"entry={self.entry} and kept_alive={self.kept_alive} must be shares.")


def simulated_firms(
    truth: FirmTruth | None = None,
    *,
    n_firms: int = 500,
    start: int = 2008,
    end: int = 2022,
    n_industries: int = 4,
    seed: int = 2025,
) -> pd.DataFrame:
    """Simulate a panel of firms with known elasticities, wedges, zombies, entry and exit. Not data.

    Log value added is labor l + capital k + omega + noise. Capital is decided a year ahead and moves part of the way to its optimum for
    expected productivity and the firm's own wedges; labor half a year ahead, at wages that differ and move; materials are in fixed
    proportion to planned value added, so that they reveal omega given labor and capital, as "acf" assumes. Apart from wages, labor is
    a function of the other variables, which violates the assumptions of "op" and "lp"; wedges affect investment, which violates "op"'s
    assumption of one unobserved variable. Firms below the exit threshold leave, unless they are kept alive:
    then they pay less than the market rate, roll over their debt, and receive subsidies.

    Parameters
    ----------
    truth : FirmTruth, optional
        The true parameters.
    n_firms : int
        Firms in the first year.
    start, end : int
        First and last year.
    n_industries : int
        Industries, named "industry 1", …; the same technology in each.
    seed : int
        The same seed gives the same panel.

    Returns
    -------
    pandas.DataFrame
        One row for each firm and year, in constant prices (labor: heads). Keys ``firm``, ``industry``, ``year``; ``age``;
        ``value_added``, ``labor``, ``wage_bill``, ``capital``, ``materials``, ``investment`` (may be
        negative), ``debt``, ``assets``, ``interest``, ``profit`` (after interest, subsidies in it), ``ebit`` (before interest),
        ``subsidy``; the truth ``true_tfp`` (omega), ``true_capital_wedge`` (ln(1 + tau_K)), ``true_output_wedge`` (ln(1 - tau_Y)),
        ``true_zombie``; ``simulated``, True in every row.

    Examples
    --------
    >>> firms = simulated_firms(n_firms=50, seed=3)
    >>> bool(firms["simulated"].all()), firms["year"].min(), firms["year"].max()
    (True, np.int64(2008), np.int64(2022))
    >>> round(FirmTruth().sigma, 3)
    3.333
    """
    truth = truth or FirmTruth()
    if n_firms < 1 or n_industries < 1 or end < start:
        raise ParameterError(
            f"n_firms={n_firms}, n_industries={n_industries}, years {start} to {end}: at least one of each is needed."
        )
    rng = np.random.default_rng(seed)
    entrants = round(truth.entry * n_firms)
    total = n_firms + entrants * (end - start)
    born = np.concatenate([np.full(n_firms, start), np.repeat(np.arange(start + 1, end + 1), entrants)])
    age_at_start = np.concatenate([rng.integers(1, 30, n_firms), np.zeros(total - n_firms, np.int64)])
    firms: dict[str, Any] = {
        "industry": rng.integers(1, n_industries + 1, total),
        "capital_wedge": rng.normal(0, truth.sd_capital_wedge, total),
        "output_wedge": rng.normal(0, truth.sd_output_wedge, total),
        "kept": rng.random(total) < truth.kept_alive,
        "leverage": rng.uniform(0.3, 0.7, total),
    }
    omega = rng.normal(0, truth.sd_productivity, total)
    wage = rng.normal(0, truth.sd_wage, total)
    firms["capital"] = np.exp(_wanted_capital(truth, omega, firms))
    firms["debt"] = firms["leverage"] * firms["capital"]
    alive = born == start
    half = truth.persistence**0.5
    sd_half = truth.sd_productivity * np.sqrt(1 - half**2)
    rows = []
    for year in range(start, end + 1):
        alive |= born == year
        plan = half * omega + rng.normal(0, sd_half, total)
        omega = half * plan + rng.normal(0, sd_half, total)
        wage = 0.3 * wage + rng.normal(0, truth.sd_wage * np.sqrt(1 - 0.3**2), total)
        under = omega < -truth.exit_productivity * truth.sd_productivity
        if year > start:
            alive &= ~(under & ~firms["kept"] & (born < year))
        zombie = under & firms["kept"]
        firms |= {"omega": omega, "known": half * plan + sd_half**2 / 2, "wage": wage, "zombie": zombie}
        made = _year(truth, rng, firms)
        keys = {"firm": np.arange(total), "industry": firms["industry"], "year": year}
        columns = pd.DataFrame(keys | {"age": year - born + age_at_start} | made)
        wedges = {f"true_{name}": firms[name] for name in ("capital_wedge", "output_wedge")}
        rows.append(columns.assign(true_tfp=omega, **wedges, true_zombie=zombie)[alive])
        firms["debt"] = made["debt"]
        firms["capital"] = made["investment"] + (1 - truth.depreciation) * firms["capital"]
    table = pd.concat(rows)
    table["industry"] = "industry " + table["industry"].astype(str)
    return table.sort_values(["firm", "year"], ignore_index=True).assign(simulated=True)


def _year(truth: FirmTruth, rng: np.random.Generator, firms: dict[str, Any]) -> dict[str, Floats]:
    """What every firm makes, pays, owes and invests in a year; `known` is what it expects of omega when it hires."""
    omega, capital, debt, zombie = (firms[name] for name in ("omega", "capital", "debt", "zombie"))
    total = len(omega)
    k = np.log(capital)
    product = np.log(truth.labor) + firms["output_wedge"] + firms["known"] + truth.capital * k
    labor = (product - firms["wage"]) / (1 - truth.labor)
    planned = truth.labor * labor + truth.capital * k + omega
    value_added = np.exp(planned + rng.normal(0, truth.sd_measurement, total))
    following = np.exp(k + truth.adjustment * (_wanted_capital(truth, omega, firms) - k))
    interest = debt * np.where(zombie, _SUBSIDIZED_RATE, _RATE) * rng.uniform(0.95, 1.05, total)
    wage_bill = np.exp(labor + firms["wage"])
    subsidy = value_added * np.where(zombie, 0.15, 0.01) * rng.uniform(0.5, 1.5, total)
    ebit = value_added - wage_bill - (truth.depreciation + _OVERHEAD) * capital + subsidy
    return {
        "value_added": value_added,
        "labor": np.exp(labor),
        "wage_bill": wage_bill,
        "capital": capital,
        "materials": np.exp(planned),
        "investment": following - (1 - truth.depreciation) * capital,
        # A zombie's debt is rolled over and grows; the others' follows their capital.
        "debt": np.where(zombie, debt * 1.05, firms["leverage"] * capital),
        "assets": 1.2 * capital,
        "interest": interest,
        "ebit": ebit,
        "profit": ebit - interest,
        "subsidy": subsidy,
    }


def _wanted_capital(truth: FirmTruth, omega: Floats, firms: dict[str, Any]) -> Floats:
    """Log capital for the year to come: its expected marginal revenue product is the rental with the firm's wedges.

    With labor at its optimum, value added is exp(v) K^(b_K / (1 - b_L)), so that ln K solves a linear equation.
    """
    b_k, b_l = truth.capital, truth.labor
    half = truth.persistence**0.5
    sd_half2 = truth.sd_productivity**2 * (1 - half**2)
    # Mean and variance, given omega today, of half * plan: the part that labor responds to.
    mean, variance = truth.persistence * omega, half**2 * sd_half2
    power = 1 / (1 - b_l)
    level = b_l * power * (np.log(b_l) + firms["output_wedge"]) + power * (mean + sd_half2 / 2)
    level += power**2 * variance / 2
    rest = np.log(b_k) + firms["output_wedge"] - np.log(truth.rental) - firms["capital_wedge"]
    return (rest + level) / (1 - b_k * power)
