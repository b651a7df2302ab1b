"""Event studies and triple differences: against pyfixest, linearmodels, statsmodels, enumeration by hand, and a published example."""

import itertools
import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rejection_rates import rejection_rates

from mic2025lab.errors import ParameterError
from mic2025lab.models import event_study, triple_difference
from mic2025lab.models._randomization import labelings, permutation, pooled_t, wild_p

RATES = yaml.safe_load(Path(__file__).with_name("rates.yml").read_text(encoding="utf-8"))
KINDS = tuple(f"k{number}" for number in range(5))
TARGETED, OTHER = KINDS[:3], KINDS[3:]


def cells(n=8, *, seed=1, years=range(2008, 2020), effect=0.0):
    """Random walks by economy and industry; economy e0 may gain in the targeted ones after 2015: simulated."""
    shape = (n, len(KINDS), len(years))
    y = np.cumsum(0.1 * np.random.default_rng(seed).standard_normal(shape), axis=2)
    y[0, :3] += effect * (np.array(years) > 2015)
    c, k, t = (index.ravel() for index in np.indices(shape))
    names = {"economy": [f"e{number}" for number in c], "industry": np.array(KINDS)[k]}
    return pd.DataFrame(names | {"year": np.array(years)[t], "value": np.exp(y.ravel())})


def units(n=10, **options):
    """One series a unit: simulated."""
    table = cells(n, **options)
    table = table[table["industry"] == "k0"].drop(columns="industry")
    return table.assign(value=np.log(table["value"]))


def feols(formula, table):
    """Fit by pyfixest, clustered by economy, to rounding."""
    pf = pytest.importorskip("pyfixest")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pyfixest 0.60 on pandas 3.1
        return pf.feols(formula, table, vcov={"CRV1": "economy"}, demeaner=pf.MapDemeaner(fixef_tol=1e-12))


def triple(table, **options):
    return triple_difference(table, treated="e0", targeted=TARGETED, untargeted=OTHER, **options)


def test_two_way_estimate_by_hand():
    table = units()
    wide = table.pivot(index="economy", columns="year", values="value")
    change = wide.loc[:, 2016:].mean(axis=1) - wide.loc[:, :2015].mean(axis=1)
    study = event_study(table, of="economy", treated=["e0", "e3"])
    expected = change[["e0", "e3"]].mean() - change.drop(["e0", "e3"]).mean()
    assert study.estimate == pytest.approx(expected, abs=1e-12)
    base = wide.sub(wide[2015], axis=0)
    row = study.coefficients.set_index("year")["estimate"]
    for year in (2008, 2014, 2015, 2019):
        gap = base.loc[["e0", "e3"], year].mean() - base[year].drop(["e0", "e3"]).mean()
        assert row[year] == pytest.approx(gap, abs=1e-12)
    assert (study.n_obs, study.n_units, study.n_treated, study.leads.n_leads) == (120, 10, 2, 7)


def test_two_way_is_pyfixest():
    table = units().assign(d=lambda t: t["economy"].isin(["e0", "e3", "e5"]).astype(float))
    table["x"] = table["d"] * (table["year"] > 2015)
    fit = feols("value ~ x | economy + year", table)
    dynamic = feols("value ~ i(year, d, ref=2015) | economy + year", table)
    options = {"of": "economy", "treated": ["e0", "e3", "e5"]}
    own = {name: event_study(table, inference=name, **options) for name in ("cluster", "t")}
    assert own["t"].estimate == pytest.approx(fit.coef()["x"], abs=1e-8)
    assert own["cluster"].std_error == pytest.approx(fit.se()["x"], abs=1e-8)
    assert own["cluster"].p_value == pytest.approx(fit.pvalue()["x"], abs=1e-8)
    assert own["cluster"].conf_int() == pytest.approx(fit.confint().loc["x"].to_numpy(), abs=1e-8)
    without_base = own["t"].coefficients.query("year != 2015")["estimate"]
    np.testing.assert_allclose(without_base, dynamic.coef(), atol=1e-8)
    early = [f"year::{year}:d" for year in range(2008, 2015)]
    assert own["cluster"].leads.statistic == pytest.approx(math.sqrt((dynamic.coef()[early] ** 2).mean()))
    assert own["cluster"].leads == own["t"].leads
    at_90 = own["cluster"].by_year(0.9).query("year != 2015")[["low", "high"]]
    np.testing.assert_allclose(at_90, dynamic.confint(alpha=0.1), atol=1e-8)


def test_triple_difference_is_pyfixest():
    table = cells(effect=0.3)
    frame = table.assign(y=np.log(table["value"]))
    frame["x"] = 1.0 * frame.eval("economy == 'e0' and industry in @TARGETED and year > 2015")
    fit = feols("y ~ x | economy^industry + economy^year + industry^year", frame)
    for options in ({}, {"permute": "across"}, {"inference": "cluster"}, {"inference": "wild"}):
        assert triple(table, **options).estimate == pytest.approx(fit.coef()["x"], abs=1e-8), options
    study, across = (triple(table, inference="cluster", permute=permute) for permute in ("of", "across"))
    for one in (study, across):
        assert one.std_error == pytest.approx(fit.se()["x"], abs=1e-8)
        assert one.conf_int() == pytest.approx(fit.confint().loc["x"].to_numpy(), abs=1e-8)
    assert study.leads == triple(table).leads
    with pytest.raises(ParameterError, match="randomization"):
        study.placebo_dates()


def test_published_example_organ_donations():
    """Kessler & Roth (2014) as in Huntington-Klein, "The Effect", chapter 18: -0.022 (0.006), California of 27 states, clustered."""
    data = pytest.importorskip("causaldata").organ_donations.load_pandas().data
    pytest.importorskip("pyfixest")
    options = {"of": "State", "treated": "California", "at": 3, "value": "Rate", "year": "Quarter_Num"}
    study = event_study(data, inference="cluster", **options)
    assert (round(study.estimate, 3), round(study.std_error, 3)) == (-0.022, 0.006)
    # What clustering calls p = 0.001 is an ordinary change: one treated state.
    assert study.p_value < 0.002
    assert event_study(data, **options).p_value > 0.05


def test_dollars_shares_and_currency_change_nothing():
    """Any scale by economy and year, or by industry and year, is in the effects."""
    table = cells(effect=0.2)
    first = triple(table)
    rates = np.random.default_rng(2).uniform(0.1, 10, size=1000)
    key = pd.factorize(table["economy"] + table["year"].astype(str))[0]
    dollars = table.assign(value=table["value"] * rates[key])
    total = dollars.groupby(["industry", "year"])["value"].transform("sum")
    for other in (dollars, dollars.assign(value=dollars["value"] / total)):
        again = triple(other)
        assert again.estimate == pytest.approx(first.estimate, abs=1e-10)
        assert (again.p_value, again.leads.p_value) == (first.p_value, first.leads.p_value)
        assert again.conf_int(0.8) == pytest.approx(first.conf_int(0.8), abs=1e-9)


def test_trends_take_the_old_trend_out():
    table = cells(effect=0.0, seed=4)
    steady = 0.05 * (table["year"] - 2008) * ((table["economy"] == "e0") & table["industry"].isin(TARGETED))
    drifted = table.assign(value=table["value"] * np.exp(steady))
    assert triple(drifted, trends=True).estimate == pytest.approx(
        triple(table, trends=True).estimate, abs=1e-10
    )
    assert triple(drifted).estimate == pytest.approx(triple(table).estimate + 0.05 * 6.0, abs=1e-10)
    assert triple(drifted).leads.slope == pytest.approx(triple(table).leads.slope + 0.05, abs=1e-10)


def test_plain_randomization_by_hand():
    values = np.array([3.0, 1.0, 0.0, -1.0, 0.5])
    treated = np.array([True, False, False, False, False])
    own = permutation(values, treated, labelings(treated, 99, 1))
    gap = [values[k] - np.delete(values, k).mean() for k in range(5)]
    assert sorted(own.gap) == pytest.approx(sorted(gap))
    assert own.p_value == 1 / 5
    assert own.interval(0.95) == (-math.inf, math.inf)
    pairs = np.array([True, True, False, False, False])
    two = permutation(values, pairs, labelings(pairs, 99, 1))
    assert len(two.gap) == math.comb(5, 2)
    assert two.p_value == np.mean([abs(g) >= abs(two.gap[0]) - 1e-12 for g in two.gap])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 9), st.integers(1, 3), st.booleans())
def test_interval_is_the_inverted_test(seed, n, m, studentized):
    """An effect is inside exactly if the test of it does not reject."""
    rng = np.random.default_rng(seed)
    values, treated = rng.standard_normal(n), np.arange(n) < m
    labels = labelings(treated, 9999, 1)
    variance = rng.uniform(0.5, 2, n) if studentized else None
    own = permutation(values, treated, labels, variance)
    if (np.abs(own.overlap[1:]) >= 1).any():
        return  # counted as always extreme: conservative, not the inversion
    for level in (0.6, 0.8):
        low, high = own.interval(level)
        for effect in (low - 1e-6, low + 1e-6, high - 1e-6, high + 1e-6):
            if np.isfinite(effect):
                p = permutation(values - effect * treated, treated, labels, variance).p_value
                assert (p > 1 - level + 1e-9) == (low < effect < high)


def test_pooled_t_is_least_squares():
    import statsmodels.api as sm

    rng = np.random.default_rng(3)
    values, treated = rng.standard_normal(12), np.arange(12) < 4
    fit = sm.OLS(values, sm.add_constant(treated.astype(float))).fit()
    estimate, error, freedom = pooled_t(values, treated)
    assert (estimate, error, freedom) == pytest.approx((fit.params[1], fit.bse[1], fit.df_resid))


def test_wild_bootstrap_by_enumeration():
    """All 2^7 sign patterns, each fitted by least squares with robust errors."""
    import statsmodels.api as sm

    rng = np.random.default_rng(5)
    values, treated = rng.standard_normal(7), np.arange(7) < 3
    x = sm.add_constant(treated.astype(float))
    own = abs(sm.OLS(values, x).fit(cov_type="HC0").tvalues[1])
    residual = values - values.mean()
    larger = [
        abs(sm.OLS(residual * np.array(signs), x).fit(cov_type="HC0").tvalues[1]) >= own * (1 - 1e-9)
        for signs in itertools.product([1.0, -1.0], repeat=7)
    ]
    assert wild_p(values, treated, draws=999, seed=1) == pytest.approx(np.mean(larger))


def test_intervals_by_year_at_another_level():
    """Nine units allow no p-value below 1/9, so no interval of 95 % but one of 88 %; a wider level contains a narrower one."""
    study = event_study(units(9), of="economy", treated=["e0"])
    usual, narrow = study.coefficients, study.by_year(0.88)
    assert usual["estimate"].tolist() == narrow["estimate"].tolist()
    other = usual["year"] != study.at
    assert np.isinf(usual.loc[other, ["low", "high"]]).all(axis=None)
    assert np.isfinite(narrow[["low", "high"]]).all(axis=None)


def test_placebo_dates_stop_at_the_date():
    study = triple(cells(effect=5.0, seed=7))
    dates = study.placebo_dates([2010, 2012]).set_index("at")
    assert dates["actual"].tolist() == [False, False, True]
    clean = triple(cells(effect=0.0, seed=7), at=2010, end=2015)
    assert dates.loc[2010, "estimate"] == pytest.approx(clean.estimate)
    assert dates.loc[2015, "estimate"] == study.estimate
    assert study.placebo_dates()["at"].tolist() == [2010, 2011, 2012, 2015]


def test_a_refit_is_the_study_with_another_date_or_trends():
    table = units(9).query("economy != 'e4' or year != 2012")  # a unit with a gap is named in the notes
    study = event_study(table, of="economy", treated=["e0"], inference="t")
    for options in ({"at": 2013}, {"trends": True}, {"at": 2012, "trends": True}, {}):
        again = study.refit(**options)
        fresh = event_study(table, of="economy", treated=["e0"], inference="t", **options)
        assert again.summary() == fresh.summary()
        assert again.conf_int() == fresh.conf_int()
        pd.testing.assert_frame_equal(again.changes, fresh.changes)
        pd.testing.assert_frame_equal(again.coefficients, fresh.coefficients)
    assert study.refit(at=2013).estimate != study.estimate != study.refit(trends=True).estimate
    assert (study.n_units, event_study(table, of="economy", treated="e0", start=2013).n_units) == (8, 9)
    assert "1 (e4)" in study.refit(at=2013).notes[0]
    with pytest.raises(ParameterError, match="at=1990 leaves"):
        study.refit(at=1990)
    with pytest.raises(ParameterError, match="cluster"):
        triple(cells(), inference="cluster").refit(at=2013)


def test_placebo_units_are_the_estimates_of_the_others():
    table = cells(effect=0.5)
    for studentized in (True, False):
        placebos = triple(table, studentized=studentized).placebo_units().set_index("unit")
        assert placebos["treated"].sum() == 1
        for unit in ("e0", "e4", "e7"):
            other = triple_difference(table, treated=unit, targeted=TARGETED, untargeted=OTHER)
            assert placebos.loc[unit, "estimate"] == pytest.approx(other.estimate)
        if not studentized:
            np.testing.assert_allclose(placebos["relative"], placebos["estimate"])
    rank = int((placebos["relative"].abs() >= abs(placebos.loc["e0", "relative"]) - 1e-12).sum())
    assert triple(table, studentized=False).p_value == rank / 8
    with pytest.raises(ParameterError, match="2 units are treated"):
        event_study(units(), of="economy", treated=["e0", "e1"]).placebo_units()


def test_studies_without_a_contrast():
    table = cells()
    constant = triple(table.assign(value=1.0))
    assert (constant.estimate, constant.p_value) == (0.0, 1.0)
    assert "standard error is zero" in constant.notes[-1]


@pytest.mark.slow
@pytest.mark.parametrize("case", RATES["cases"], ids=str)
def test_rejection_rates_are_those_of_the_docstring(case):
    """Size at the panels' own sizes; 4,000 samples (1,000 of the larger panel)."""
    samples = {"value added": 4000, "exports": 1000}[case["panel"]]
    table = rejection_rates(**RATES["panels"][case["panel"]], **case["options"], samples=samples)
    rates = table.set_index(["test", "level"])["rejected"]
    for key, expected in case["rates"].items():
        test, level = key.rsplit(" ", 1)
        n = samples // 10 if test == "wild" else samples
        margin = 4 * math.sqrt(max(expected * (1 - expected), 0.002) / n)
        assert rates[(test, float(level))] == pytest.approx(expected, abs=margin), key


@pytest.mark.slow
def test_the_fast_simulation_is_the_estimator():
    """Rejections counted with `triple_difference` itself, on simulated panels: 10 % level, 12 economies, China twice as variable."""
    rng = np.random.default_rng(8)
    samples, counts = 120, {"randomization": 0, "plain": 0}
    base = cells(12, years=range(2002, 2023))
    for _ in range(samples):
        y = np.cumsum(0.1 * rng.standard_normal((12, 5, 21)), axis=2)
        y[0] *= 2
        table = base.assign(value=np.exp(y.ravel()))
        counts["randomization"] += triple(table).p_value <= 0.10
        counts["plain"] += triple(table, studentized=False).p_value <= 0.10
    assert counts["randomization"] / samples < 0.083 + 4 * math.sqrt(0.083 * 0.917 / samples)
    assert counts["plain"] / samples > 0.2
