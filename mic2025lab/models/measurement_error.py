"""How much of the dispersion of TFPR is measurement error (Bils, Klenow & Ruane 2021).

References
----------
Bils, M., P. J. Klenow & C. Ruane (2021). "Misallocation or Mismeasurement?" Journal of Monetary Economics 124S, S39-S56.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mic2025lab.errors import TableError
from mic2025lab.models._polynomial import less_means
from mic2025lab.models.misallocation import HsiehKlenow, firm_measures, gains_of
from mic2025lab.models.tables import Content, Tabled, Term, check_level

__all__ = ["MeasurementError", "measurement_error_correction"]


@dataclass(frozen=True, eq=False)
class MeasurementError(Tabled):
    """Share of TFPR's dispersion that is real; what `measurement_error_correction` returns.

    Attributes
    ----------
    estimate, std_error : float
        lambda: variance of true log TFPR over that of measured; its error clustered by firm (delta method).
    corrected_gain, gain : float
        Gain of equalizing TFPR, with TFPR's dispersion shrunk to its true part, and as measured; means of the years.
    phi, psi : float
        The other coefficients of the regression.
    n_obs, n_firms : int
        Rows with the year before them, and firms.
    """

    estimate: float
    std_error: float
    corrected_gain: float
    gain: float
    phi: float
    psi: float
    n_obs: int
    n_firms: int

    def conf_int(self, level: float = 0.95) -> tuple[float, float]:
        """Normal interval of lambda; it may pass 0 or 1."""
        from scipy import stats

        check_level(level)
        width = float(stats.norm.ppf(0.5 + level / 2)) * self.std_error
        return self.estimate - width, self.estimate + width

    def _content(self, level: float) -> Content:
        terms = (
            Term("true_share", self.estimate, self.std_error, *self.conf_int(level)),
            Term("gain", self.gain),
            Term("corrected_gain", self.corrected_gain),
        )
        facts = {"n_obs": self.n_obs, "n_firms": self.n_firms}
        title = "Measurement error in TFPR (Bils, Klenow & Ruane 2021)"
        return Content(title, terms, facts, "standard errors clustered by firm (delta method).")


def measurement_error_correction(result: HsiehKlenow) -> MeasurementError:
    """Estimate which share of the dispersion of TFPR is real, not measurement error (Bils, Klenow & Ruane 2021).

    If a firm's TFPR is high because its revenue is overstated (or its inputs understated) by an amount that does not grow with it, its
    measured revenue grows less than its measured inputs do. So in

        dR_i = phi ln TFPR_i + psi dI_i - psi (1 - lambda) ln TFPR_i dI_i + industry-year effects + e_i

    lambda is the variance of true over that of measured log TFPR: 1 without measurement error, 0 if there is nothing
    else. d are log changes over a year, I = K^a L^(1-a), ln TFPR the mean of both years' deviation from the industry's mean. The
    corrected gain is that of revenues R'_i whose log TFPR deviates sqrt(lambda) times as much, inputs as measured, lambda cut to 0 to 1.
    This is the linear form with one lambda for all; the paper also lets it differ by decile of TFPR.
    The method detects additive error that is constant over the two years, not proportional error or error that is new each year.

    Parameters
    ----------
    result : HsiehKlenow
        From a panel: firms must have adjacent years.

    Returns
    -------
    MeasurementError

    Raises
    ------
    TableError
        If no firm has two years in a row.

    Examples
    --------
    >>> from mic2025lab.models import hsieh_klenow, simulated_firms
    >>> found = measurement_error_correction(hsieh_klenow(simulated_firms(n_firms=100, seed=5), sigma=10 / 3))
    >>> found.n_obs > 500
    True
    """
    from statsmodels.regression.linear_model import OLS

    rows = result.rows.sort_values(["firm", "year"], kind="stable")
    a = rows["a"]
    rows = rows.assign(
        log_revenue=np.log(rows["revenue"]),
        log_inputs=a * np.log(rows["capital"]) + (1 - a) * np.log(rows["labor"]),
    )
    logs = ["log_tfpr", "log_revenue", "log_inputs"]
    before = rows.groupby(["firm", "industry"])[["year", *logs]].shift(1)
    pair = rows["year"] == before["year"] + 1
    if not pair.any():
        raise TableError("No firm has two years in a row in one industry, so growth cannot be compared.")
    own, old = rows[pair], before[pair]
    tfpr = (own["log_tfpr"] + old["log_tfpr"]).to_numpy() / 2
    growth, inputs = (own[logs[1:]] - old[logs[1:]]).to_numpy().T
    x = np.column_stack([tfpr, inputs, tfpr * inputs])
    cell = own.groupby(["year", "industry"]).ngroup().to_numpy()
    y, x = less_means(growth, cell), less_means(x, cell)
    firms = np.unique(own["firm"].astype(str), return_inverse=True)[1]
    if len(np.unique(firms)) < 2 or np.linalg.matrix_rank(x) < 3:
        raise TableError("Growth is not identified: too few firms, or inputs that do not change.")
    fit = OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": firms})
    phi, psi, cross = (float(value) for value in fit.params)
    slope = np.array([0.0, -cross / psi**2, 1 / psi])
    share = 1 + cross / psi
    error = float(np.sqrt(slope @ np.asarray(fit.cov_params()) @ slope))
    return MeasurementError(
        estimate=share,
        std_error=error,
        corrected_gain=_shrunk_gain(result, float(np.clip(share, 0, 1))),
        gain=result.estimate,
        phi=phi,
        psi=psi,
        n_obs=len(y),
        n_firms=len(np.unique(firms)),
    )


def _shrunk_gain(result: HsiehKlenow, share: float) -> float:
    rows = result.rows
    revenue = rows["revenue"] * np.exp((np.sqrt(share) - 1) * rows["log_tfpr"])
    shrunk = firm_measures(rows.assign(revenue=revenue), result.sigma, 1.0)
    return float(gains_of(shrunk, result.sigma)[0]["gain"].mean())
