"""How the results of the causal models look in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mic2025lab.models._show import _axes, html, title, years

if TYPE_CHECKING:
    from mic2025lab.models._event_result import EventStudy
    from mic2025lab.models.multiverse import SpecificationCurve
    from mic2025lab.models.synthetic_control import SyntheticControl

__all__ = ["event_summary", "html", "plot_curve", "plot_event", "plot_synthetic"]


def interval_text(low: float, high: float) -> str:
    """An interval in brackets, or that there is none."""
    if np.isnan(low):
        return "empty"
    return (
        f"[{low:.4g}, {high:.4g}]"
        if np.isfinite([low, high]).all()
        else "not available at this level with so few units"
    )


def event_summary(study: EventStudy) -> str:
    """Lines for `EventStudy.summary`."""
    low, high = study.conf_int()
    leads = study.leads
    against = "each unit's own line before" if study.trends else "the mean before"
    return "\n".join(
        [
            f"Event study, {study.year[0]}-{study.year[-1]}, last year before: {study.at}; {study.n_treated} of "
            f"{study.n_units} units treated (n = {study.n_obs}); after against {against}",
            f"estimate {study.estimate:+.4g} (s.e. {study.std_error:.4g}), 95 % interval {interval_text(low, high)}, "
            f"p = {study.p_value:.3g}"
            + (f" (smallest possible {study.smallest_p:.3g})" if study.smallest_p else ""),
            f"{leads.n_leads} leads, joint p = {leads.p_value:.3g}; the gap moved by {leads.slope:+.4g} a year before",
            f"inference {study.inference!r}",
            *study.notes,
        ]
    )


def plot_event(study: EventStudy, ax: Any = None) -> Any:
    """Coefficients by year; intervals that are not finite are left out."""
    ax = _axes(ax)
    table = study.coefficients
    finite = np.isfinite(table[["low", "high"]]).all(axis=1)
    ax.vlines(table["year"][finite], table["low"][finite], table["high"][finite], color="C0", alpha=0.4)
    ax.plot(table["year"], table["estimate"], "o-", color="C0", markersize=4)
    ax.axhline(0, color="0.6", linewidth=0.8)
    ax.axvline(study.at, color="0.7", linewidth=0.8)
    ax.set_ylabel("difference from the line before" if study.trends else f"difference from {study.at}")
    title(ax, f"Effect {study.estimate:+.3g} (p = {study.p_value:.3g}; leads p = {study.leads.p_value:.3g})")
    years(ax)
    return ax


def plot_synthetic(fit: SyntheticControl, ax: Any = None) -> Any:
    """The treated unit and its synthetic double."""
    ax = _axes(ax)
    ax.plot(fit.path["year"], fit.path["actual"], color="C0", label=str(fit.treated))
    ax.plot(fit.path["year"], fit.path["synthetic"], "--", color="0.4", label="synthetic")
    ax.axvline(fit.at, color="0.7", linewidth=0.8)
    title(ax, f"Mean gap after {fit.at}: {fit.estimate:+.3g} (RMSPE before {fit.pre_rmspe:.3g})")
    years(ax)
    ax.legend(frameon=False)
    return ax


def plot_curve(curve: SpecificationCurve, ax: Any = None) -> Any:
    """Estimates in order of size, intervals where there are any, the headline marked."""
    ax = _axes(ax)
    data = curve.plot_data()
    if "low" in data:
        ax.vlines(data["position"], data["low"], data["high"], color="0.8")
    ax.plot(data["position"], data["estimate"], ".", color="0.45")
    own = data[data["headline"]]
    ax.plot(own["position"], own["estimate"], "o", color="C0")
    ax.axhline(0, color="0.6", linewidth=0.8)
    ax.set_xlabel("specification, in order of its estimate")
    ax.set_ylabel("estimate")
    title(ax, f"{curve.n_estimated} specifications, median {curve.median:+.3g}")
    years(ax)
    return ax
