"""The result of a production function: elasticities, standard errors, and productivity."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.errors import ParameterError
from mic2025lab.models import bootstrap
from mic2025lab.models._polynomial import monomials
from mic2025lab.models._production_data import Sample
from mic2025lab.models._types import Floats
from mic2025lab.models.tables import Content, Drawn, Term, check_level

NAMES = {
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
            slope, values = np.eye(x.shape[1], dtype=int)[number], np.zeros(len(x))
            for term, b in zip(terms, self.estimate, strict=True):
                if term[number]:
                    lower = tuple(np.subtract(term, slope))
                    values += b * term[number] * monomials(x, (lower,))[:, 0]
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
                f"Method {self.method!r} has no control function; use noise=True, or op, lp or acf."
            )
        level = self.sample.y if noise else self.control
        part = self.sample.terms(self.sample.inputs) @ self.estimate.to_numpy()
        return self.sample.panel.attach({"tfp": self._spread(level - part)})

    def _spread(self, values: Floats) -> Floats:
        every = np.full(len(self.sample.panel.order), np.nan)
        every[self.sample.rows] = values
        return every

    def _content(self, level: float) -> Content:
        error = low = high = np.full(len(self.estimate), np.nan)
        if self.inference != "none":
            error = self.std_error.to_numpy()
            low, high = self.conf_int(level).to_numpy().T
        columns = zip(self.estimate.index, self.estimate, error, low, high, strict=True)
        terms = tuple(Term(str(name), *map(float, numbers)) for name, *numbers in columns)
        facts = {"n_obs": self.n_obs, "n_firms": self.n_firms, "returns_to_scale": self.returns_to_scale}
        conventions = {
            "bootstrap": f"standard errors from a bootstrap of firms, {self.draws:,} draws.",
            "cluster": "standard errors clustered by firm.",
            "none": "no standard errors.",
        }
        failed = (f"{self.n_failed} bootstrap draws have no estimate.",) if self.n_failed else ()
        return Content(
            f"{'Translog' if self.form == 'translog' else 'Cobb-Douglas'} production function",
            terms,
            {**facts, "method": NAMES[self.method]},
            conventions[self.inference],
            (*failed, *self.notes),
        )

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
        return f"{NAMES[self.method]}: returns to scale {self.returns_to_scale:.2f}"
