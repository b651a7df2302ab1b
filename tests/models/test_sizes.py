"""How often tests reject what is true, in small simulations with a seed; the docstrings have the larger ones."""

import math

import numpy as np
import pandas as pd
import pytest

from mic2025lab.models import event_study, sup_f, synthetic_control
from mic2025lab.models._annual_series import draw

SAMPLES = 150


def at_most(nominal, samples=SAMPLES):
    """The rate that a test of this level exceeds by chance once in thirty thousand times."""
    return nominal + 4 * math.sqrt(nominal * (1 - nominal) / samples)


def long(y, first):
    """A row a unit (0, 1, ...) and year."""
    units, years = y.shape
    unit, year = np.repeat(np.arange(units), years), np.tile(np.arange(first, first + years), units)
    return pd.DataFrame({"unit": unit, "year": year, "value": y.ravel()})


@pytest.mark.parametrize(("units", "treated", "leads"), [(9, 4, 8), (14, 5, 6)])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_leads_hold_their_size(units, treated, leads, scale):
    """With as many leads as units, where a Wald test with clustered errors rejects nearly always."""
    rng = np.random.default_rng(11)
    rejected = 0
    for _ in range(SAMPLES):
        y = rng.standard_normal((units, leads + 4)).cumsum(axis=1)
        y[:treated] *= scale
        study = event_study(long(y, 2015 - leads), of="unit", treated=range(treated), draws=399)
        assert study.leads.n_leads == leads
        rejected += study.leads.p_value <= 0.05
    assert rejected / SAMPLES < at_most(0.05)


def test_the_leads_see_trends_that_differ():
    rng = np.random.default_rng(12)
    found = 0
    for _ in range(40):
        y = rng.standard_normal((16, 12)).cumsum(axis=1)
        y[:6] += 2.0 * np.arange(12)
        found += event_study(long(y, 2008), of="unit", treated=range(6), draws=399).leads.p_value <= 0.05
    assert found > 30


@pytest.mark.parametrize(
    ("units", "treated", "draws"), [(8, 4, 9999), (6, 3, 9999), (8, 3, 9999), (20, 10, 99)]
)
def test_the_smallest_p_value_is_that_of_a_huge_effect(units, treated, draws):
    y = np.random.default_rng(14).standard_normal((units, 10))
    y[:treated, 6:] += 1e6
    study = event_study(long(y, 2010), of="unit", treated=range(treated), studentized=False, draws=draws)
    assert study.p_value == study.smallest_p
    if draws == 9999:
        assert study.smallest_p == (2 if 2 * treated == units else 1) / math.comb(units, treated)
    # An interval exists exactly where a p-value can be that small.
    for level in (1 - 1.01 * study.smallest_p, 1 - 0.99 * study.smallest_p):
        assert np.isfinite(study.conf_int(level)).all() == (study.smallest_p <= 1 - level)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("treated", "others", "rate"), [(1.0, 1.0, 0.079), (1.0, 0.5, 0.577), (0.5, 1.0, 0.001)]
)
def test_randomization_needs_equal_persistence(treated, others, rate):
    rng, samples = np.random.default_rng(15), 300
    rejected = 0
    for _ in range(samples):
        y = draw(others, rng.standard_normal((21, 12))).T.copy()
        y[0] = draw(treated, rng.standard_normal((21, 1)))[:, 0]
        rejected += event_study(long(y, 2002), of="unit", treated=0).p_value <= 0.10
    margin = 4 * math.sqrt(max(rate * (1 - rate), 0.002) / samples)
    assert rejected / samples == pytest.approx(rate, abs=margin)


@pytest.mark.parametrize(("growth", "demean"), [(0.0, False), (0.08, False), (0.12, True)])
def test_the_rank_of_the_gap_is_no_evidence_outside_the_hull(growth, demean):
    """No effect at all; the treated unit grows faster than any donor all along."""
    rng, samples = np.random.default_rng(16), 40
    rejected, poor = 0, 0
    for _ in range(samples):
        y = rng.normal(0, 0.4, (15, 1)) + rng.normal(0.02, 0.04, (15, 18)).cumsum(axis=1)
        y[0] += growth * np.arange(18)
        fit = synthetic_control(long(y, 2003), of="unit", treated=0, demean=demean)
        rank, units = fit.gap_rank()
        assert math.isnan(rank) == fit.poor_fit
        assert units >= 1
        poor += fit.poor_fit
        rejected += units >= 10 and rank / units <= 0.10
    assert rejected / samples < at_most(0.10, samples)
    assert (poor > 0.8 * samples) == (growth > 0)


@pytest.mark.parametrize("rho", [0.0, 0.7])
def test_the_conservative_p_value_is_never_the_smaller_one(rho):
    y = draw(rho, np.random.default_rng(17).standard_normal((18, 12)))
    found = [sup_f(y[:, k], range(2001, 2019), draws=199) for k in range(12)]
    assert all(one.p_value_conservative >= one.p_value for one in found)
    assert any(one.p_value_conservative > one.p_value for one in found)
