"""Synthetic control: exact hand-made examples, optimality conditions, pysyncon's own output, and a published example."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic2025lab.errors import ParameterError
from mic2025lab.models import synthetic_control
from mic2025lab.models._synthetic_fit import predictor_weights, simplex_weights

YEARS = np.arange(2000, 2020)


def panel(n=12, *, seed=1, effect=0.0, inside=True):
    """Random walks; u0 is 0.6 u1 + 0.4 u2 with a little noise where `inside`, and gains `effect` after 2015: simulated."""
    rng = np.random.default_rng(seed)
    y = np.cumsum(rng.standard_normal((n, len(YEARS))), axis=1)
    if inside:
        y[0] = 0.6 * y[1] + 0.4 * y[2] + 0.01 * rng.standard_normal(len(YEARS))
    y[0] += effect * (YEARS > 2015)
    table = pd.DataFrame(y, index=[f"u{k}" for k in range(n)], columns=YEARS).rename_axis("unit")
    long = table.reset_index().melt("unit", var_name="year", value_name="value").astype({"year": "int64"})
    return long.assign(trait=long["value"] + 1)


def fit(table, **options):
    return synthetic_control(table, **({"of": "unit", "treated": "u0"} | options))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 80), st.integers(2, 24), st.floats(1e-6, 1e6), st.booleans())
def test_weights_are_optimal(seed, n, periods, scale, inside):
    """Kuhn-Tucker: no donor's gradient is below the weighted mean of the gradients, whatever the units."""
    rng = np.random.default_rng(seed)
    donors = scale * np.cumsum(rng.standard_normal((periods, n)), axis=0)
    target = donors @ rng.dirichlet(np.ones(n)) if inside else scale * np.cumsum(rng.standard_normal(periods))
    target = target + 0.1 * scale * rng.standard_normal(periods)
    w = simplex_weights(donors, target)
    assert w.min() >= 0
    assert w.sum() == pytest.approx(1.0, abs=1e-12)
    gradient = donors.T @ (donors @ w - target)
    assert gradient @ w - gradient.min() <= 1e-9 * scale**2 * (1 + np.abs(gradient).max() / scale**2)


@pytest.mark.filterwarnings("ignore")
def test_agrees_with_pysyncon():
    """Its own SLSQP, for given and for searched weights of predictors."""
    pysyncon = pytest.importorskip("pysyncon")
    wide = panel(5, inside=False, seed=6).pivot(index="year", columns="unit", values="value").loc[:2015]
    z0, z1 = wide.drop(columns="u0"), wide["u0"]
    synth = pysyncon.Synth()
    x0, x1 = z0.loc[2004:2010], z1.loc[2004:2010]
    v = np.array([0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1])
    synth.fit(X0=x0, X1=x1, Z0=z0, Z1=z1, custom_V=v)
    root = np.sqrt(v) / pd.concat([x0, x1], axis=1).std(axis=1).to_numpy()
    donors, target = root[:, None] * x0.to_numpy(), root * x1.to_numpy()
    mine = simplex_weights(donors, target)
    np.testing.assert_allclose(mine, synth.W, atol=2e-4)
    own, theirs = (((donors @ w - target) ** 2).sum() for w in (mine, np.asarray(synth.W)))
    assert own <= theirs + 1e-12
    few = x0.iloc[:3], x1.iloc[:3]
    synth.fit(X0=few[0], X1=few[1], Z0=z0, Z1=z1)
    searched, importance = predictor_weights(*(one.to_numpy() for one in (*few, z0, z1)), {})
    assert importance.sum() == pytest.approx(1.0)
    assert ((z1 - z0 @ searched) ** 2).mean() <= synth.loss_V * 1.01


@pytest.mark.slow
def test_published_example_texas_prisons():
    """Cunningham (2021), "Causal Inference: The Mixtape", chapter 10, as pysyncon documents it: weights 0.408, 0.360, 0.122, 0.111, ATT 20,339."""
    data = pytest.importorskip("causaldata").texas.load_pandas().data
    pytest.importorskip("pysyncon")
    years = {"bmprison": (1988, 1990, 1991, 1992), "alcohol": (1990,), "aidscapita": (1990, 1991)}
    years |= {"black": (1990, 1991, 1992), "perc1519": (1990,)}
    dated = [(name, [year]) for name, several in years.items() for year in several]
    predictors = ["income", "ur", "poverty", *dated]
    own = synthetic_control(
        data, of="state", treated="Texas", at=1993, value="bmprison", predictors=predictors, placebos=False,
        optim_method="BFGS", optim_initial="ols",
    )  # fmt: skip
    heavy = own.weights[own.weights["weight"] > 0.005].set_index("unit")["weight"].to_dict()
    published = {"California": 0.408, "Illinois": 0.360, "Louisiana": 0.122, "Florida": 0.111}
    assert heavy == pytest.approx(published, abs=0.015)
    att = own.path.loc[own.path["year"].between(1993, 2000), "gap"]
    assert att.mean() == pytest.approx(20_339.4, rel=1e-3)
    assert att.std(ddof=1) / math.sqrt(len(att)) == pytest.approx(3190.5, rel=1e-3)
    # The loss that pysyncon minimizes, at the weights that its own solver finds here: 1295.13.
    assert own.pre_rmspe <= 1295.13


def test_placebos_and_rank():
    own = fit(panel(effect=8.0))
    assert (own.rank, own.p_value) == (1, 1 / 12)
    assert own.estimate == pytest.approx(8.0, abs=0.1)
    assert own.placebos["treated"].tolist().count(True) == 1
    assert own.placebos["ratio"].is_monotonic_decreasing
    row = own.placebos.set_index("unit").loc["u5"]
    alone = fit(panel(effect=8.0), treated="u5", exclude=["u0"], placebos=False)
    assert (row["pre_rmspe"], row["mean_gap"]) == pytest.approx((alone.pre_rmspe, alone.estimate))
    gap = own.placebo_gaps[own.placebo_gaps["unit"] == "u5"]["gap"]
    np.testing.assert_allclose(gap, alone.path["gap"])
    rms = math.sqrt((own.placebos.loc[~own.placebos["treated"], "mean_gap"] ** 2).mean())
    assert own.std_error == pytest.approx(rms)


def test_gap_rank_keeps_those_that_fit_as_well():
    own = fit(panel(effect=8.0, inside=False, seed=3))
    assert not own.poor_fit
    place, n = own.gap_rank()
    near = own.placebos[(own.placebos["pre_rmspe"] <= math.sqrt(5) * own.pre_rmspe)]
    assert n == len(near)
    assert place == int((near["mean_gap"].abs() >= abs(own.estimate) - 1e-12).sum())
    assert own.gap_rank(1e9)[1] == 12


def test_interval_is_the_inverted_placebo_test():
    table = panel(20, effect=2.0, inside=False, seed=4)
    own = fit(table)
    low, high = own.conf_int(0.8)
    for shift, inside in ((low + 1e-6, True), (high - 1e-6, True), (low - 1e-6, False), (high + 1e-6, False)):
        moved = table.assign(value=table["value"] - shift * table.eval("unit == 'u0' and year > 2015"))
        assert (fit(moved).p_value > 0.2) == inside
    assert own.conf_int(0.99) == (-math.inf, math.inf)


def test_demeaned_is_blind_to_levels():
    table = panel(inside=False, seed=5)
    lifted = table.assign(value=table["value"] + 100.0 * (table["unit"] == "u0"))
    one, two = fit(table, demean=True), fit(lifted, demean=True)
    np.testing.assert_allclose(one.path["gap"], two.path["gap"], atol=1e-9)
    assert fit(lifted).poor_fit
    assert fit(lifted).pre_rmspe > 50
    early = one.path[one.path["year"] <= 2015]
    assert early["gap"].mean() == pytest.approx(0.0, abs=1e-12)


def test_placebo_dates_and_leave_one_out():
    table = panel(effect=8.0)
    own = fit(table)
    dates = own.in_time([2006, 2010])
    assert dates["at"].tolist() == [2006, 2010, 2015]
    assert dates["actual"].tolist() == [False, False, True]
    alone = fit(table, at=2010, end=2015)
    assert dates.loc[1, ["estimate", "p_value"]].tolist() == pytest.approx([alone.estimate, alone.p_value])
    without = own.leave_one_out().set_index("without")
    for unit in ("u1", "u2"):
        again = fit(table, exclude=[unit], placebos=False)
        row = without.loc[unit, ["estimate", "pre_rmspe"]]
        assert row.tolist() == pytest.approx([again.estimate, again.pre_rmspe])
    # Rows move up when a donor before the treated one is left out.
    renamed = fit(table.assign(unit=table["unit"].replace({"u0": "zz"})), treated="zz").leave_one_out()
    np.testing.assert_allclose(renamed["estimate"], without["estimate"])
    for date, words in ((2016, "from 2001 to 2014"), (2000, "leaves 1 years")):
        with pytest.raises(ParameterError, match=words):
            own.in_time([date])


def test_predictors():
    pytest.importorskip("pysyncon")
    predictors = ["trait", ("value", [2005, 2010]), ("value", [2015])]
    own = fit(panel(6, effect=3.0), predictors=predictors, placebos=False)
    assert own.balance["predictor"].tolist() == ["trait", "value 2005, 2010", "value 2015"]
    assert own.balance["importance"].sum() == pytest.approx(1.0)
    table = panel(6, effect=3.0)
    early = table[(table["unit"] == "u0") & (table["year"] <= 2015)]["trait"].mean()
    assert own.balance.loc[0, "actual"] == pytest.approx(early)
    with pytest.raises(ParameterError, match="up to 2015"):
        fit(table, predictors=[("value", [2017])])
    late = fit(
        table.assign(trait=table["trait"].where(table["year"] > 2008)), predictors=["trait"], placebos=False
    )
    for one, words in (
        (own, "'value 2005, 2010' is of years after 2008"),
        (late, "no value of a predictor up to 2008"),
    ):
        with pytest.raises(ParameterError, match=words):
            one.in_time([2008])
    holes = table.assign(trait=table["trait"].where(table["unit"] != "u4"))
    assert "u4" in fit(holes, predictors=["trait"], placebos=False).notes[0]


def test_predictors_that_do_not_vary():
    """Without importance among the units of a placebo that do not differ; refused.yml has those that differ nowhere."""
    pytest.importorskip("pysyncon")
    table = panel(6, effect=3.0).assign(coast=lambda t: (t["unit"] == "u0") * 1.0)
    own = fit(table, predictors=["trait", "coast"])
    assert np.isfinite(own.placebos["ratio"]).all()


def test_missing_values_leave_a_donor_out():
    table = panel()
    holes = table.assign(value=table["value"].where((table["unit"] != "u7") | (table["year"] != 2003)))
    own = fit(holes)
    assert own.n_donors == 10
    assert "1 (u7)" in own.notes[0]
    assert fit(holes, exclude=["u7"]).notes == ()
