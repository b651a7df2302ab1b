"""Production functions: against R's prodest, statsmodels, pyfixest's convention, plain loops, and the truth of simulated firms."""

import itertools

import numpy as np
import pandas as pd
import pytest
from acf_design import acf_design
from scipy.optimize import minimize as scipy_minimize
from scipy.optimize import minimize_scalar

from mic2025lab.errors import ParameterError, UnknownName
from mic2025lab.models import FirmTruth, _control_function, bootstrap, production_function, simulated_firms
from mic2025lab.models._control_function import SecondStage, _normal, evaluate, minimize
from mic2025lab.models._polynomial import powers
from mic2025lab.models._production_data import read_sample
from mic2025lab.models._production_estimators import first_stage, probit

COLUMNS = {"output": "y", "free": "labor", "state": "capital", "logs": True, "proxy": "materials", "draws": 0}


def design(seed=1, **options):
    """A small panel of the ACF (2015) design: simulated."""
    return acf_design(seed=seed, **{"n_firms": 150, "n_years": 6, **options})


def fitted(table, method, **options):
    """One fit without bootstrap draws, unless asked for."""
    return production_function(table, method=method, **COLUMNS | options)


@pytest.fixture(scope="module")
def panel():
    return design()


@pytest.fixture(scope="module")
def chile(mirror):
    return pd.read_csv(mirror / "plants-chile" / "chilean.csv")


CHILE = {
    "output": "Y", "free": ["fX1", "fX2"], "state": "sX", "firm": "idvar", "year": "timevar", "logs": True, "degree": 2,
}  # fmt: skip


# Published figures: R prodest 1.0.1 on the same file, its second-degree polynomial.


@pytest.mark.mirror
def test_chile_least_squares_is_that_of_prodest(chile):
    fit = production_function(chile, method="ols", **CHILE)
    assert fit.estimate.round(4).tolist() == [0.4579, 0.3652, 0.3206]
    assert (fit.n_obs, fit.n_firms, fit.inference) == (2544, 497, "cluster")


@pytest.mark.mirror
@pytest.mark.parametrize(
    ("method", "proxy", "free", "state"),
    [("op", "inv", [0.3143, 0.2556], 0.1675), ("lp", "pX", [0.1985, 0.1694], 0.1165)],
)
def test_chile_op_and_lp_are_those_of_prodest(chile, method, proxy, free, state):
    """All inputs to four digits with prodest's criterion; by default, capital within 0.011 of it."""
    fit = production_function(chile, method=method, proxy=proxy, markov_from="phi", draws=0, **CHILE)
    assert fit.estimate.round(4).tolist() == [*free, state]
    plain = production_function(chile, method=method, proxy=proxy, draws=0, **CHILE)
    assert plain.estimate.iloc[:2].tolist() == fit.estimate.iloc[:2].tolist()
    assert plain.estimate["sX"] != fit.estimate["sX"] == pytest.approx(plain.estimate["sX"], abs=0.011)


@pytest.mark.mirror
def test_chile_acf_moments_are_zero_and_found_by_scipy(chile):
    fit = production_function(chile, method="acf", proxy="pX", draws=0, **CHILE)
    names = [CHILE[name] for name in ("output", "free", "state")]
    sample = read_sample(chile, *names, "pX", "idvar", "timevar", logs=True, nonpositive="error")
    first, _, _ = first_stage(sample, "acf", 2)
    phi = first.fit(np.ones((1, sample.n_firms)))[2][0]
    now, before = sample.neighbors()
    x = np.column_stack([sample.free, sample.state])
    z = np.column_stack([sample.free[before], sample.state[now]])

    def moments(theta):
        omega, terms = phi[now] - x[now] @ theta, np.vander(phi[before] - x[before] @ theta, 4)
        return z.T @ (omega - terms @ np.linalg.lstsq(terms, omega, rcond=None)[0]) / len(now)

    np.testing.assert_allclose(moments(fit.estimate.to_numpy()), 0, atol=1e-8)
    found = scipy_minimize(
        lambda t: moments(t) @ moments(t), fit.estimate.to_numpy() + 0.02, method="BFGS", tol=1e-14
    )
    np.testing.assert_allclose(found.x, fit.estimate, atol=2e-3)


# Against other implementations.


def test_fixed_effects_are_dummies_and_statsmodels_errors(panel):
    import statsmodels.formula.api as smf

    panel, names = panel[panel["firm"] < 30], ["labor", "capital"]
    fit = fitted(panel, "fe")
    dummies = smf.ols("y ~ labor + capital + C(firm)", panel).fit()
    np.testing.assert_allclose(fit.estimate, dummies.params[names], rtol=1e-8)
    centered = panel[["y", *names]] - panel.groupby("firm")[["y", *names]].transform("mean")
    clusters = {"cov_type": "cluster", "cov_kwds": {"groups": panel["firm"]}}
    within = smf.ols("y ~ labor + capital", centered).fit(**clusters)
    np.testing.assert_allclose(fit.std_error, within.bse[names], rtol=1e-8)


def test_year_effects_are_dummies(panel):
    import statsmodels.formula.api as smf

    fit = fitted(panel, "ols", year_effects=True)
    dummies = smf.ols("y ~ labor + capital + C(year)", panel).fit().params[["labor", "capital"]]
    np.testing.assert_allclose(fit.estimate, dummies, rtol=1e-8)
    shifted = panel.assign(y=panel["y"] + 0.3 * panel["year"])
    for method in ("acf", "lp", "wooldridge"):
        one, two = (fitted(table, method, degree=1, year_effects=True) for table in (panel, shifted))
        np.testing.assert_allclose(one.estimate, two.estimate, atol=1e-6)


@pytest.mark.parametrize("equations", ["second", "both"])
def test_wooldridge_is_gmm_of_linearmodels(panel, equations):
    """Exactly identified in the second equation alone; both, stacked, with the clustered weights of a second step."""
    iv = pytest.importorskip("linearmodels.iv")
    rows = panel.sort_values(["firm", "year"]).assign(one=1.0)
    old = rows.groupby("firm")[["labor", "capital", "materials"]].shift(1).add_prefix("old_")
    rows = rows.join(old).dropna()
    past = rows[["one", "old_capital", "old_materials"]]
    parts = [
        rows[["y", "firm"]],
        past.join(rows[["labor", "capital"]]),
        past.join(rows[["old_labor", "capital"]]),
    ]
    if equations == "both":
        first = rows[["one", "capital", "materials"]].add_prefix("first_").join(rows["labor"])
        others = rows[["y", "firm"]], first, first.add_prefix("first_")
        parts = [pd.concat(pair).fillna(0.0) for pair in zip(parts, others, strict=True)]
    own, x, z = (part.reset_index(drop=True) for part in parts)
    clusters = {"clusters": own["firm"]}
    model = iv.IVGMM(own["y"], None, x, z, weight_type="clustered", **clusters)
    theirs = model.fit(iter_limit=2, cov_type="clustered", debiased=False, **clusters)
    fit = fitted(panel, "wooldridge", degree=1, wooldridge_equations=equations)
    names = ["labor", "capital"]
    np.testing.assert_allclose(fit.estimate, theirs.params[names], rtol=1e-6)
    np.testing.assert_allclose(fit.std_error, theirs.std_errors[names], rtol=1e-6)


def test_probit_is_that_of_statsmodels():
    import statsmodels.api as sm

    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(400), rng.normal(size=(400, 2))])
    stays = (x @ [0.7, 0.5, -0.3] + rng.normal(size=400) > 0).astype(float)
    weights = rng.integers(0, 3, 400).astype(float)
    family = sm.families.Binomial(sm.families.links.Probit())
    theirs = sm.GLM(stays, x, family=family, freq_weights=weights).fit(tol=1e-12).params
    np.testing.assert_allclose(probit(x, stays, weights), theirs, rtol=1e-6)
    # Separated: no estimate, not a wrong one.
    assert np.isnan(probit(x, (x[:, 1] > 0).astype(float), weights)).all()


def test_derivatives_are_those_of_finite_differences():
    """Gradient of both criteria, survival in the polynomial, Markov coefficients of the level and of a variable of their own."""
    rng = np.random.default_rng(3)
    n, draws, params = 80, 3, 2
    parts = {
        "now": rng.normal(size=(n, params)), "before": rng.normal(size=(n, params)), "powers": powers(2, 3),
        "level": rng.normal(size=(draws, n)), "lagged": rng.normal(size=(draws, n)),
        "weights": rng.integers(0, 3, (draws, n)).astype(float), "survival": rng.uniform(size=(draws, n)),
    }  # fmt: skip
    theta, step = rng.normal(size=(draws, params)), 1e-6
    cases = itertools.product((None, rng.normal(size=(n, 3))), (None, rng.normal(size=(draws, n))))
    for instruments, process in cases:
        stage = SecondStage(instruments=instruments, process=process, **parts).prepared()
        gradient = _normal(stage, evaluate(stage, theta))[0][:, :, 0]
        for one in range(params):
            move = step * np.eye(params)[one]
            slope = (evaluate(stage, theta + move).value - evaluate(stage, theta - move).value) / (2 * step)
            np.testing.assert_allclose(slope, 2 * gradient[:, one], rtol=1e-4, atol=1e-8)


# The bootstrap.


def copied(table, counts):
    """As many copies of each firm as its count, each a firm of its own."""
    times = dict(zip(table["firm"].unique(), counts.astype(int), strict=True))
    rows = table.loc[table.index.repeat(table["firm"].map(times))]
    copy = rows.groupby(["firm", "year"]).cumcount()
    return rows.assign(firm=rows["firm"].astype(str) + " " + copy.astype(str))


@pytest.mark.parametrize(
    ("method", "degree"), [("ols", 3), ("lp", 2), ("acf", 1), ("wooldridge", 1), ("op", 2)]
)
def test_a_draw_is_the_estimate_on_the_firms_drawn(panel, method, degree):
    """Weights by count give what a table of the firms drawn gives."""
    noisy = panel.assign(materials=panel["materials"] + np.random.default_rng(0).normal(0, 0.05, len(panel)))
    options = {"degree": degree, "proxy": "investment" if method == "op" else "materials"}
    fit = fitted(noisy, method, draws=3, seed=7, **options)
    for drawn, counts in zip(fit.boot[:2], bootstrap.counts(150, 3, seed=7)[:2], strict=True):
        again = fitted(copied(noisy, counts), method, **options)
        np.testing.assert_allclose(drawn, again.estimate, rtol=1e-5, atol=1e-6)


def test_bootstrap_errors_are_near_the_clustered_ones(panel):
    """Clustered errors are the default where they exist, and 200 draws where they do not."""
    clustered = fitted(panel, "ols", draws=None)
    drawn = fitted(panel, "ols", draws=400)
    assert (clustered.inference, drawn.inference) == ("cluster", "bootstrap")
    np.testing.assert_allclose(drawn.std_error, clustered.std_error, rtol=0.15)
    apart = (drawn.conf_int(0.9) - clustered.conf_int(0.9)).div(clustered.std_error, axis=0)
    assert (apart.abs() < 0.3).all(axis=None)
    usual = fitted(panel, "lp", degree=1, draws=None)
    assert (usual.inference, usual.draws, len(usual.boot)) == ("bootstrap", 200, 200)


@pytest.mark.mirror
def test_far_draws_are_said(chile):
    """On the Chilean plants some resamples send ACF far away: the note says so, and the middle of the draws is calm."""
    fit = production_function(chile, method="acf", proxy="pX", draws=60, **CHILE)
    assert "far out" in fit.summary()
    assert "far out" not in production_function(chile, method="lp", proxy="pX", draws=60, **CHILE).summary()


# Known truth.


@pytest.mark.parametrize("form", ["cobb_douglas", "translog"])
def test_acf_takes_the_true_solution_and_names_the_other(form):
    """Design 1 has a second solution near (1, 0), where wages pose as productivity (Kim, Luo & Su 2019); it has no curvature."""
    fit = fitted(acf_design(seed=2), "acf", form=form, degree=2)
    assert fit.estimate[["labor", "capital"]].to_numpy() == pytest.approx([0.6, 0.4], abs=0.06)
    assert (fit.estimate[2:].abs() < 0.15).all()
    assert "1 other solution (0.9" in " ".join(fit.notes)


@pytest.mark.parametrize("method", ["op", "lp"])
def test_exact_data_are_recovered(method):
    """No noise in output, no endogeneity: labor and capital at random, so the estimates are 0.6 and 0.4."""
    rng = np.random.default_rng(5)
    n, t = 200, 5
    omega = rng.normal(0, 0.4, (n, t))
    for year in range(1, t):
        omega[:, year] = 0.7 * omega[:, year - 1] + rng.normal(0, 0.3, n)
    omega, labor, capital = omega.ravel(), *rng.normal(size=(2, n * t))
    table = pd.DataFrame(
        {"firm": np.repeat(np.arange(n), t), "year": np.tile(np.arange(t), n), "labor": labor}
    )
    table = table.assign(
        capital=capital, y=0.6 * labor + 0.4 * capital + omega, materials=omega + 0.2 * capital
    )
    fit = fitted(table, method, degree=2)
    assert fit.estimate["labor"] == pytest.approx(0.6, abs=1e-6)
    assert fit.estimate["capital"] == pytest.approx(0.4, abs=0.03)
    assert np.corrcoef(fit.tfp(noise=False)["tfp"], omega)[0, 1] > 0.99


def test_translog_recovers_curvature_and_elasticities():
    l, k = np.random.default_rng(6).normal(size=(2, 600))  # noqa: E741
    y = 2 + 0.5 * l + 0.3 * k - 0.1 * l**2 + 0.2 * l * k
    table = pd.DataFrame({"labor": l, "capital": k, "y": y})
    table = table.assign(firm=table.index // 6, year=table.index % 6)
    for method in ("ols", "fe"):
        fit = fitted(table, method, form="translog")
        at = fit.elasticities()
        np.testing.assert_allclose(at["elasticity_labor"], 0.5 - 0.2 * l + 0.2 * k, atol=1e-8)
        np.testing.assert_allclose(at["elasticity_capital"], 0.3 + 0.2 * l, atol=1e-8)
        assert fit.estimate["labor:capital"] == pytest.approx(0.2)
        total = at["elasticity_labor"] + at["elasticity_capital"]
        assert fit.returns_to_scale == pytest.approx(total.mean())
        np.testing.assert_allclose(fit.tfp()["tfp"].std(), 0, atol=1e-8)
        with pytest.raises(ParameterError, match="no control function"):
            fit.tfp(noise=False)


def test_exit_correction_is_least_squares_with_the_chance_of_the_year_before():
    """Capital alone changes; it is what SciPy finds with the probability of survival, by statsmodels' probit, the year before."""
    import statsmodels.api as sm

    firms = simulated_firms(FirmTruth(exit_productivity=0.7), n_firms=400, n_industries=1, seed=2)
    names = {"output": "value_added", "free": "labor", "state": "capital", "proxy": "investment"}
    options = {"method": "op", "degree": 2, "markov": 2, "nonpositive": "drop"} | names
    plain = production_function(firms, draws=0, **options)
    corrected = production_function(firms, draws=10, exit_correction=True, **options)
    assert corrected.estimate["labor"] == plain.estimate["labor"]
    assert corrected.estimate["capital"] != plain.estimate["capital"]
    assert corrected.n_failed == 0
    assert "investment is zero or less" in corrected.notes[0]
    sample = read_sample(firms, *names.values(), "firm", "year", logs=False, nonpositive="drop")
    first, polynomial, _ = first_stage(sample, "op", 2)
    _, net, phi = (values[0] for values in first.fit(np.ones((1, sample.n_firms))))
    known = sample.year < 2022
    chance = sm.Probit(sample.stays[known], polynomial[known]).fit(disp=0).predict(polynomial)
    (now, before), capital = sample.neighbors(), sample.state[:, 0]

    def squares(theta):
        lag, p = phi[before] - theta * capital[before], chance[before]
        terms = np.column_stack([np.ones(len(now)), lag, p, lag**2, lag * p, p**2])
        omega = (sample.y - net)[now] - theta * capital[now]
        return np.linalg.lstsq(terms, omega, rcond=None)[1][0]

    found = minimize_scalar(squares, bounds=(0.1, 0.4), options={"xatol": 1e-9})
    assert corrected.estimate["capital"] == pytest.approx(found.x, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("samples", [5, pytest.param(100, marks=pytest.mark.heavy)])
def test_acf_monte_carlo_recovers_the_truth(samples):
    """Design 1 of ACF (2015), panels of 1,000 firms and 10 years, against the true 0.6 and 0.4; and the failure of LP there,
    which the paper is about: labor is a function of what its first stage holds."""
    found = {"acf": [], "lp": []}
    for seed in range(samples):
        table = acf_design(seed=seed)
        for method, values in found.items():
            fit = fitted(table, method, degree=2)
            values.append(fit.estimate.to_numpy())
    acf, lp = np.array(found["acf"]), np.array(found["lp"])
    margin = 4 * acf.std(axis=0, ddof=1) / np.sqrt(samples) + 0.003
    assert (np.abs(acf.mean(axis=0) - [0.6, 0.4]) < margin).all()
    assert (acf.std(axis=0, ddof=1) < [0.02, 0.025]).all()
    assert abs(lp.mean(axis=0)[0]) < 0.01
    assert lp.mean(axis=0)[1] > 1


# Tables: kinds, order, gaps.


def test_units_do_not_matter(panel):
    scaled = panel.assign(y=panel["y"] + 3, capital=panel["capital"] - 2, materials=panel["materials"] + 5)
    one, two = (fitted(table, "acf", degree=2) for table in (panel, scaled))
    np.testing.assert_allclose(two.estimate, one.estimate, atol=1e-5)


def test_no_lag_jumps_a_gap(panel):
    gap = panel[panel["year"] != 3]
    fit = fitted(gap, "lp")
    assert fit.n_pairs == 150 * 3  # 1-2, 4-5, 5-6
    renamed = gap.assign(year=gap["year"].where(gap["year"] < 3, gap["year"] + 50))
    again = fitted(renamed, "lp")
    np.testing.assert_allclose(again.estimate, fit.estimate)


def test_levels_are_the_exponentials_of_logs(panel):
    levels = panel.assign(**np.exp(panel[["y", "labor", "capital", "materials"]]))
    one, two = fitted(levels, "lp", logs=False), fitted(panel, "lp")
    np.testing.assert_allclose(one.estimate, two.estimate, rtol=1e-6)
    levels.loc[3, "labor"] = 0.0
    dropped = fitted(levels, "lp", logs=False, nonpositive="drop")
    assert dropped.n_obs == len(panel) - 1
    assert "labor is zero or less in 1 rows" in dropped.summary()
    assert np.isnan(dropped.tfp()["tfp"][3])


def test_hard_criteria_are_brought_to_a_minimum(monkeypatch):
    """Starts far away: every draw that says it arrived is at a minimum, and none says so that is led uphill."""
    rng = np.random.default_rng(9)
    n, draws = 120, 8
    stage = SecondStage(
        now=rng.normal(size=(n, 1)), before=rng.normal(size=(n, 1)), instruments=None, powers=powers(1, 3),
        level=rng.normal(size=(draws, n)), lagged=rng.normal(size=(draws, n)), weights=np.ones((draws, n)),
    )  # fmt: skip
    start = rng.normal(0, 5, (draws, 1))
    theta, value, arrived = minimize(stage, start)
    assert arrived.any()
    for move in (-1e-3, 1e-3):
        assert (evaluate(stage, theta + move).value[arrived] >= value[arrived] - 1e-12).all()
    gradient_turned = lambda stage, at: (-_normal(stage, at)[0], _normal(stage, at)[1])  # noqa: E731
    monkeypatch.setattr(_control_function, "_normal", gradient_turned)
    theta, _, arrived = minimize(stage, start)
    assert not arrived.any()
    assert (theta == start).all()


def test_simulated_firms_are_labelled_and_repeat():
    one, two = (simulated_firms(n_firms=60, seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    assert one["simulated"].all()
    assert acf_design(n_firms=5)["simulated"].all()
    assert not one.duplicated(["firm", "year"]).any()
    lives = one.groupby("firm")["year"].agg(["min", "max", "size"])
    assert (lives["max"] - lives["min"] + 1 == lives["size"]).all()
    assert (lives["min"] > 2008).any()
    assert (lives["max"] < 2022).any()
    with pytest.raises(ParameterError, match="less than one"):
        simulated_firms(FirmTruth(labor=0.8, capital=0.4))
    with pytest.raises(ParameterError, match="at least one"):
        simulated_firms(n_firms=0)
    with pytest.raises(UnknownName, match="design"):
        acf_design(design=4)
