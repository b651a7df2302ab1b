"""Numbers of `firm_productivity`: elasticities by estimator, productivity of each firm, and how far firms are apart.

Productivity is what output holds beyond what the inputs explain, ln Y - sum_j b_j ln X_j, by one of several estimators of the b_j
(`mic2025lab.models.production_function`). What its aggregate did is in `mic2025lab.evidence.firm_aggregate`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab import models
from mic2025lab.errors import ParameterError, TableError, unknown_name
from mic2025lab.own_panels import SIMULATED
from mic2025lab.own_panels import Panel as Firms

#: Estimators: as they are called in a sentence and on an axis. The words say what each assumes.
METHODS: Mapping[str, str] = {
    "ols": "least squares",
    "fe": "firm fixed effects",
    "op": "Olley-Pakes",
    "lp": "Levinsohn-Petrin",
    "wooldridge": "Wooldridge",
    "acf": "Ackerberg-Caves-Frazer",
}
#: Estimators that see productivity through materials.
MATERIALS = ("lp", "wooldridge", "acf")
#: Column of output.
OUTPUT = "value_added"


def needs(methods: Sequence[str], free: Sequence[str], industry: str = "all") -> list[str]:
    """List the columns that the analysis cannot do without.

    Examples
    --------
    >>> needs(["ols", "acf"], ["labor"])
    ['firm', 'year', 'value_added', 'labor', 'capital', 'materials']
    """
    return [
        "firm", "year", OUTPUT, *free, "capital",
        *(["materials"] if set(methods) & set(MATERIALS) else []),
        *(["investment"] if "op" in methods else []),
        *(["industry"] if industry != "all" else []),
    ]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Study:
    """A panel with its estimates.

    Attributes
    ----------
    firms : Firms
        Where the panel is from.
    rows : pandas.DataFrame
        Complete rows, sorted by firm and year: ``firm``, ``year``, the logarithms of output and inputs, the truth if it is known.
    left_out : pandas.DataFrame
        ``firm`` and ``year`` of the rows that are not complete: those firms were there all the same.
    inputs : tuple of str
        Free inputs, then capital.
    fits : mapping
        Estimator -> `ProductionFunction`.
    method : str
        The estimator that productivity is by.
    seed : int
        Of the bootstrap.
    """

    firms: Firms
    rows: Any
    left_out: Any
    inputs: tuple[str, ...]
    fits: Mapping[str, models.ProductionFunction]
    method: str
    seed: int

    @property
    def years(self) -> tuple[int, int]:
        """First and last year."""
        return int(self.rows["year"].min()), int(self.rows["year"].max())

    @property
    def notes(self) -> list[str]:
        """What was left out, and what the estimators remark."""
        remarks = [f"{METHODS[name]}: {note}" for name, fit in self.fits.items() for note in fit.notes]
        lost = len(self.left_out)
        some = [f"{lost:,} of {lost + len(self.rows):,} rows are incomplete and left out"] if lost else []
        n = self.rows["industry"].nunique() if "industry" in self.rows else 1
        one = (
            [f"{n} industries are taken to have one technology; industry=… takes one of them"]
            if n > 1
            else []
        )
        return [*self.firms.notes, *some, *one, *remarks]

    @property
    def draws(self) -> int:
        """Bootstrap draws."""
        return self.fits[self.method].draws

    def truth(self, name: str) -> float:
        """Elasticity that the simulation was made with; not a number for a panel whose truth nobody knows."""
        known = {"labor": models.FirmTruth().labor, "capital": models.FirmTruth().capital}
        return known.get(name, np.nan) if self.firms.name == SIMULATED else np.nan


def estimate(
    firms: Firms,
    *,
    methods: Sequence[str],
    method: str,
    free: Sequence[str],
    logs: bool = False,
    industry: str = "all",
    degree: int = 3,
    replications: int = 200,
    seed: int = 2025,
) -> Study:
    """Estimate the production function by each method, on the same complete rows.

    Parameters
    ----------
    firms : Firms
        The panel.
    methods, method : list of str, str
        Estimators, and the one of them that productivity is by (not "op", which leaves out the years without investment).
    free : list of str
        Columns of the inputs that respond within the year.
    logs : bool
        Whether output and inputs are logarithms already.
    industry : str
        "all", or the one industry to take.
    degree : int
        Of the polynomial of the control function.
    replications, seed : int
        Bootstrap draws of firms.

    Raises
    ------
    TableError, ParameterError
        No complete row, an industry that is not there, or what `models.production_function` refuses.
    """
    table = firms.table
    if industry != "all":
        known = sorted(table["industry"].dropna().unique())
        if industry not in known:
            raise unknown_name("industry", industry, ["all", *known], of=firms.name, error=ParameterError)
        table = table[table["industry"] == industry]
    inputs = (*free, "capital")
    proxy = ["materials"] if set(methods) & set(MATERIALS) else []
    values = table[[OUTPUT, *inputs, *proxy]].astype("float64")
    complete = (values.notna() & (logs | (values > 0))).all(axis=1)
    if not complete.any():
        raise TableError(
            f"{firms.name} has no row with all of {', '.join(values.columns)}"
            f"{'' if logs else ' above zero'}, so there is nothing to estimate from."
        )
    rows = pd.concat([table[["firm", "year"]], values if logs else np.log(values.where(values > 0))], axis=1)
    extras = ("investment", "industry", *(["true_tfp"] if firms.simulated else []))
    for extra in [name for name in extras if name in table]:
        rows[extra] = table[extra]
    rows = rows[complete].sort_values(["firm", "year"], ignore_index=True)
    fits = {}
    for name in methods:
        part = rows.assign(investment=_log_investment(rows, logs)) if name == "op" else rows
        fits[name] = models.production_function(
            part, method=name, output=OUTPUT, free=list(free), state="capital", logs=True, degree=degree,
            proxy="investment" if name == "op" else "materials" if name in MATERIALS else None,
            draws=replications, seed=seed,
        )  # fmt: skip
    return Study(firms, rows, table.loc[~complete, ["firm", "year"]], inputs, fits, method, seed)


def _log_investment(rows: Any, logs: bool) -> Any:
    return rows["investment"] if logs else np.log(rows["investment"].where(rows["investment"] > 0))


def elasticities(study: Study) -> Any:
    """Elasticities by estimator with their bootstrap intervals, and the truth where it is known.

    Returns
    -------
    pandas.DataFrame
        ``method``, ``estimator`` (in words), ``input`` ("returns to scale" is the sum of the inputs), ``estimate``, ``low``, ``high`` (95 %
        interval), ``truth``, ``holds`` (whether the interval holds the truth; missing where it is not known), ``n_rows``, ``n_firms``.
    """
    lines = []
    for method, fit in study.fits.items():
        boot = fit.boot[np.isfinite(fit.boot).all(axis=1)]
        drawn = {name: boot[:, at] for at, name in enumerate(study.inputs)}
        drawn["returns to scale"] = boot.sum(axis=1)
        for name, draws in drawn.items():
            whole = name == "returns to scale"
            value = fit.returns_to_scale if whole else float(fit.estimate[name])
            truth = sum(study.truth(i) for i in study.inputs) if whole else study.truth(name)
            low, high = np.quantile(draws, [0.025, 0.975])
            holds = pd.NA if np.isnan(truth) else bool(low <= truth <= high)
            lines.append(
                (method, METHODS[method], name, value, low, high, truth, holds, fit.n_obs, fit.n_firms)
            )
    return pd.DataFrame(
        lines,
        columns=["method", "estimator", "input", "estimate", "low", "high", "truth", "holds", "n_rows", "n_firms"],
    ).astype({"holds": "boolean"})  # fmt: skip


def productivity(study: Study, method: str = "", elasticity: Any = None) -> Any:
    """Give the rows of the study with ``tfp``, the logarithm of total factor productivity, and ``weight``, value added.

    Parameters
    ----------
    study : Study
    method : str
        An estimator of the study; by default the one that productivity is by.
    elasticity : array, optional
        Elasticities to use instead, in the order of `Study.inputs`.
    """
    values = study.fits[method or study.method].estimate.to_numpy() if elasticity is None else elasticity
    explained = study.rows[list(study.inputs)].to_numpy() @ values
    return study.rows.assign(tfp=study.rows[OUTPUT] - explained, weight=np.exp(study.rows[OUTPUT]))


def dispersion(study: Study) -> Any:
    """Spread of productivity among the firms of each year.

    Returns
    -------
    pandas.DataFrame
        ``year``, ``n_firms``, ``p10``, ``p50``, ``p90`` (log points from the median of the first year), ``spread`` (p90 - p10, log points),
        ``ratio`` (times as much from the same inputs at the 90th as at the 10th percentile).
    """
    found = productivity(study).groupby("year")["tfp"]
    table = 100 * found.quantile([0.1, 0.5, 0.9]).unstack().set_axis(["p10", "p50", "p90"], axis=1)
    table -= table["p50"].iloc[0]
    table.insert(0, "n_firms", found.size())
    spread = table["p90"] - table["p10"]
    return table.assign(spread=spread, ratio=np.exp(spread / 100)).reset_index()


def agreement(study: Study) -> Any:
    """Correlation of productivity between the estimators over all rows, and with the truth where it is known.

    Returns
    -------
    pandas.DataFrame
        A row and a column for each estimator, in words; "true productivity" last.
    """
    columns = {METHODS[name]: productivity(study, name)["tfp"] for name in study.fits}
    if "true_tfp" in study.rows:
        columns["true productivity"] = study.rows["true_tfp"]
    return pd.DataFrame(columns).corr().rename_axis("estimator")
