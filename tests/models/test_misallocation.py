"""Hsieh-Klenow on economies made by hand, on plants, and with measurement error of a known size."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic2025lab.errors import TableError
from mic2025lab.models import FirmTruth, hsieh_klenow, measurement_error_correction, simulated_firms
from mic2025lab.models._gain_bootstrap import Gains


def economy(ability, capital_wedge, output_wedge, *, sigma, a, industry="steel", year=2015, demand=1.0):
    """Firms at the optimum that their wedges make: wage 1, rental 0.1, revenue = demand * Y^((sigma-1)/sigma).

    P = sigma/(sigma-1) * marginal cost / (1 - tau_Y), so that R falls with marginal cost to the power sigma - 1.
    """
    cost = (0.1 * capital_wedge / a) ** a * (1 / (1 - a)) ** (1 - a) / ability
    price = sigma / (sigma - 1) * cost / output_wedge
    revenue = demand**sigma * price ** (1 - sigma)
    spent = (sigma - 1) / sigma * output_wedge * revenue
    return pd.DataFrame(
        {
            "firm": [f"{industry} {n}" for n in range(len(ability))], "industry": industry, "year": year,
            "value_added": revenue, "wage_bill": (1 - a) * spent, "capital": a * spent / (0.1 * capital_wedge),
        }
    )  # fmt: skip


def true_gain(table, ability, *, sigma, a):
    """Output with the inputs there are, and with the same inputs shared as the planner would: A^(sigma-1)."""
    k, l = table["capital"].to_numpy(), table["wage_bill"].to_numpy()  # noqa: E741
    power = (sigma - 1) / sigma
    actual = ((ability * k**a * l ** (1 - a)) ** power).sum() ** (1 / power)
    best = ability ** (sigma - 1) / (ability ** (sigma - 1)).sum()
    optimal = ((ability * (k.sum() * best) ** a * (l.sum() * best) ** (1 - a)) ** power).sum() ** (1 / power)
    return float(optimal / actual - 1)


RNG = np.random.default_rng(0)
ABILITY = np.exp(RNG.normal(0, 0.8, 40))
WEDGE_K, WEDGE_Y = np.exp(RNG.normal(0, 0.5, 40)), np.exp(RNG.normal(0, 0.3, 40))
USUAL = {"sigma": 3, "a": 0.3}


@pytest.mark.parametrize(("sigma", "a"), [(2.0, 0.5), (3.0, 0.3), (5.0, 0.7)])
def test_gain_and_wedges_of_an_economy_made_by_hand(sigma, a):
    table = economy(ABILITY, WEDGE_K, WEDGE_Y, sigma=sigma, a=a)
    result = hsieh_klenow(table, sigma=sigma, labor_share=1 - a, trim=0)
    assert result.estimate == pytest.approx(true_gain(table, ABILITY, sigma=sigma, a=a), rel=1e-10)
    firms = result.firms()
    np.testing.assert_allclose(firms["capital_wedge"], WEDGE_K, rtol=1e-10)
    np.testing.assert_allclose(firms["output_wedge"], WEDGE_Y, rtol=1e-10)
    logs = np.log(firms["tfpr"]) - a * np.log(WEDGE_K) + np.log(WEDGE_Y)
    np.testing.assert_allclose(
        logs, logs.iloc[0], atol=1e-10
    )  # TFPR is (1 + tau_K)^a / (1 - tau_Y), up to a constant
    relative = ABILITY / np.mean(ABILITY ** (sigma - 1)) ** (1 / (sigma - 1))
    np.testing.assert_allclose(firms["tfpq"], relative, rtol=1e-9)


def test_nothing_misallocated_gains_nothing_for_certain():
    table = economy(ABILITY, np.full(40, 1.7), np.full(40, 0.8), **USUAL)
    result = hsieh_klenow(table, sigma=3, labor_share=0.7, trim=0, draws=20)
    assert result.estimate == pytest.approx(0, abs=1e-12)
    spread = result.dispersion.set_index("measure")["sd"]
    assert spread.to_dict() == pytest.approx({"tfpr": 0, "tfpq": np.log(ABILITY).std(ddof=1)}, abs=1e-10)
    lone = hsieh_klenow(table.head(1), labor_share=0.7, trim=0, draws=20)
    assert (lone.estimate, lone.std_error) == (pytest.approx(0, abs=1e-12), 0)
    for one in (result, lone):
        assert one.conf_int() == pytest.approx((0, 0), abs=1e-10)


def test_dispersion_by_numpy():
    table = economy(ABILITY, WEDGE_K, WEDGE_Y, **USUAL)
    row = hsieh_klenow(table, sigma=3, labor_share=0.7, trim=0).dispersion.set_index("measure").loc["tfpr"]
    logs = np.log(table["value_added"] / (table["capital"] ** 0.3 * table["wage_bill"] ** 0.7))
    low, below, above, high = np.quantile(logs, [0.1, 0.25, 0.75, 0.9])
    assert row[["sd", "p75_25", "p90_10"]].tolist() == pytest.approx([logs.std(), above - below, high - low])


def test_industries_are_weighted_by_value_added_in_logs():
    """Two industries and two years: the Cobb-Douglas mean of each year, then the plain mean of the years."""
    one = economy(ABILITY, WEDGE_K, WEDGE_Y, **USUAL, industry="steel")
    two = economy(ABILITY[::-1], WEDGE_K, np.ones(40), sigma=3, a=0.6, industry="ships", demand=1.4)
    calm = economy(ABILITY, np.ones(40), np.ones(40), **USUAL, year=2016)
    shares = {"steel": 0.7, "ships": 0.4}
    result = hsieh_klenow(pd.concat([one, two, calm]), sigma=3, labor_share=shares, trim=0)
    gains = [true_gain(one, ABILITY, **USUAL), true_gain(two, ABILITY[::-1], sigma=3, a=0.6)]
    sizes = np.array([one["value_added"].sum(), two["value_added"].sum()])
    expected = np.expm1((np.log1p(gains) * sizes).sum() / sizes.sum())
    assert result.gains["gain"].tolist() == pytest.approx([expected, 0], abs=1e-12)
    assert result.estimate == pytest.approx(expected / 2)
    own = result.industries.set_index(["year", "industry"])["gain"]
    assert own[2015, "steel"] == pytest.approx(gains[0])
    assert own[2015, "ships"] == pytest.approx(gains[1])


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 1000), st.floats(0.01, 1000), st.floats(0.01, 1000))
def test_units_and_rental_do_not_matter_and_gains_are_not_negative(seed, of_r, of_l, of_k):
    rng = np.random.default_rng(seed)
    ability, tk, ty = (np.exp(rng.normal(0, sd, 12)) for sd in (0.8, 0.5, 0.3))
    table = economy(ability, tk, ty, sigma=3, a=0.4)
    first = hsieh_klenow(table, labor_share=0.6, trim=0)
    units = {"value_added": of_r, "wage_bill": of_l, "capital": of_k}
    scaled = table.assign(**{name: unit * table[name] for name, unit in units.items()})
    other = hsieh_klenow(scaled, labor_share=0.6, trim=0, rental=0.5)
    assert other.estimate == pytest.approx(first.estimate, rel=1e-8, abs=1e-12)
    assert first.estimate >= -1e-12
    np.testing.assert_allclose(other.firms()["tfpr"], first.firms()["tfpr"], rtol=1e-9)


def test_trimming_takes_the_tails_of_each_year():
    table = economy(ABILITY, WEDGE_K, WEDGE_Y, **USUAL)
    table.loc[0, "value_added"] *= 1e4
    trimmed = hsieh_klenow(table, labor_share=0.7, trim=0.03)
    kept = trimmed.firms()["tfpr"].notna()
    assert not kept[0]
    assert trimmed.n_trimmed == (~kept).sum() <= 8
    by_hand = hsieh_klenow(table[kept], labor_share=0.7, trim=0)
    assert trimmed.estimate == pytest.approx(by_hand.estimate)
    assert trimmed.estimate < hsieh_klenow(table, labor_share=0.7, trim=0).estimate


def test_default_labor_share_is_that_of_the_industry_without_profit():
    table = economy(ABILITY, np.ones(40), np.ones(40), **USUAL)
    assert hsieh_klenow(table, sigma=3, trim=0).industries["capital_share"].iloc[0] == pytest.approx(0.3)


def two_industries(n, rng):
    """Two years of two industries, each firm in one of them."""
    parts = [
        economy(*np.exp(rng.normal(0, 0.4, (3, n))), sigma=3, a=a, industry=name, year=year)
        for name, a in (("steel", 0.3), ("ships", 0.5))
        for year in (2014, 2015)
    ]
    return pd.concat(parts, ignore_index=True)


def test_the_influence_of_a_firm_is_the_derivative_of_the_gain():
    """With whole weights the weighted formula is that of the table with copies of the firms; its slope is the quotient of differences."""
    table = two_industries(12, np.random.default_rng(4))
    options = {"labor_share": {"steel": 0.7, "ships": 0.5}, "trim": 0}
    sums = Gains.of(hsieh_klenow(table, **options).rows, 3.0)
    times = np.random.default_rng(5).integers(0, 3, 24)
    copies = table.loc[
        table.index.repeat(table["firm"].map(dict(zip(np.unique(table["firm"]), times, strict=True))))
    ]
    number = copies.groupby(["firm", "year"]).cumcount().astype(str)
    again = hsieh_klenow(copies.assign(firm=copies["firm"] + " " + number), **options)
    weights = times[sums.firm].astype(float)[None]
    gain, slope = sums.influence(weights)
    np.testing.assert_allclose(np.expm1(gain[0]), again.gains["gain"], rtol=1e-9)
    for row in (0, 17, 40):
        moved = weights.copy()
        moved[0, row] += 1e-6
        change = (sums.influence(moved)[0] - gain)[0] / 1e-6
        year = int(sums.years[sums.cell[row]].argmax())
        assert change[year] == pytest.approx(slope[0, row], rel=1e-4)
        assert change[1 - year] == 0


def test_standard_errors_are_those_of_new_samples():
    """Tails short enough for the delta method: its error is the spread of the estimate over samples."""
    gains, errors, by_year = [], [], []
    for seed in range(40):
        rng = np.random.default_rng([6, seed])
        table = pd.concat(
            [economy(np.exp(rng.normal(0, 0.2, 150)), *np.exp(rng.normal(0, 0.15, (2, 150))), **USUAL, year=year)
             for year in (2014, 2015)]
        )  # fmt: skip
        result = hsieh_klenow(table, labor_share=0.7, trim=0, draws=2)  # the errors are not drawn
        gains.append(result.estimate)
        errors.append(result.std_error)
        by_year.append(result.gains["std_error"].mean())
    assert np.mean(errors) == pytest.approx(np.std(gains, ddof=1), rel=0.3)
    # Firms of the two years are the same names with new draws, so the years do not depend on each other.
    assert np.mean(errors) == pytest.approx(np.mean(by_year) / np.sqrt(2), rel=0.1)


def measured(industry, revenue, tfpr):
    """One year of firms with these revenues and TFPR, whose inputs are one bundle: simulated."""
    inputs = revenue / tfpr
    table = pd.DataFrame({"industry": industry, "year": 2015, "value_added": revenue, "wage_bill": inputs})
    return table.assign(firm=table.index, capital=inputs)


def lognormal(rng, n, sigma):
    """Log ability and log TFPR (sd 0.8 and 0.4), and the log gain of all firms there could be, sigma / 2 times the variance."""
    return rng.normal(0, 0.8, n), rng.normal(0, 0.4, n), sigma / 2 * 0.4**2


def rising(rng, n, sigma):
    """Wedges that rise with ability."""
    x, y = rng.standard_normal((2, n))
    return 0.2 * x, 0.3 * (0.6 * x + 0.8 * y), sigma / 2 * 0.3**2


def long_tails(rng, n, sigma):
    """Sizes with a Pareto tail of 3 and Laplace wedges of scale b: E[TFPR^-k] = 1 / (1 - b^2 k^2)."""
    first, second = (-np.log1p(-((k * 0.2) ** 2)) for k in (sigma - 1, sigma))
    able = rng.exponential(1 / 3, n) / (sigma - 1)
    return able, rng.laplace(0, 0.2, n), second - first * sigma / (sigma - 1)


@pytest.mark.parametrize(
    ("draw", "sizes", "sigma", "least", "samples"),
    [
        (lognormal, [120], 3.0, 0.80, 50),
        (long_tails, [250], 2.0, 0.80, 30),
        pytest.param(lognormal, [40] * 5, 3.0, 0.70, 60, marks=pytest.mark.heavy),
        pytest.param(lognormal, [100], 3.0, 0.85, 400, marks=pytest.mark.heavy),
        pytest.param(lognormal, [1000], 3.0, 0.85, 300, marks=pytest.mark.heavy),
        pytest.param(rising, [60, 120, 240], 4.0, 0.80, 60, marks=pytest.mark.heavy),
    ],
)
def test_intervals_cover(draw, sizes, sigma, least, samples):
    """Nominal 90 %: how often an interval holds the gain of all firms there could be."""
    covered = 0
    for seed in range(samples):
        able, tfpr, truth = draw(np.random.default_rng([7, seed]), sum(sizes), sigma)
        revenue = np.exp((sigma - 1) * (able - tfpr))
        table = measured(np.repeat(range(len(sizes)), sizes), revenue, np.exp(tfpr))
        result = hsieh_klenow(table, sigma=sigma, labor_share=0.6, trim=0, draws=150, seed=seed)
        low, high = result.conf_int(0.9)
        assert 0 <= low < high
        covered += low <= np.expm1(truth) <= high
    assert least <= covered / samples


def test_the_simulated_wedges_are_seen_through_timing_and_noise():
    truth = FirmTruth(adjustment=1.0, sd_measurement=0.0, sd_wage=0.0, sd_productivity=0.1)
    firms = simulated_firms(truth, n_firms=200, seed=1)
    seen = hsieh_klenow(
        firms, sigma=truth.sigma, labor_share=truth.labor / (truth.labor + truth.capital), trim=0
    ).firms()
    for name in ("capital_wedge", "output_wedge"):
        assert np.corrcoef(np.log(seen[name]), seen[f"true_{name}"])[0, 1] > 0.95, name


@pytest.mark.mirror
def test_chilean_plants(mirror):
    """No published figure for this extract, so against the formula written out again with pandas. Heads stand for the wage bill."""
    plants = pd.read_csv(mirror / "plants-chile" / "chilean.csv")
    plants["labor"] = np.exp(plants["fX1"]) + np.exp(plants["fX2"])
    plants["y"], plants["k"], plants["industry"] = np.exp(plants["Y"]), np.exp(plants["sX"]), "all"
    result = hsieh_klenow(
        plants, value_added="y", wage_bill="labor", capital="k", firm="idvar", year="timevar", labor_share=0.6, trim=0,
        draws=50,
    )  # fmt: skip
    for year, part in plants.groupby("timevar"):
        bundle = part["k"] ** 0.4 * part["labor"] ** 0.6
        able, tfpr = part["y"] ** 1.5 / bundle, part["y"] / bundle
        mean = part["y"].sum() / (part["k"].sum() ** 0.4 * part["labor"].sum() ** 0.6)
        gain = ((able * mean / tfpr) ** 2).sum() ** -0.5 * (able**2).sum() ** 0.5 - 1
        assert result.gains.set_index("year")["gain"][year] == pytest.approx(gain, rel=1e-9)
    assert 0 < result.conf_int()[0] < result.conf_int()[1]


# Measurement error.


def with_error(sd_error, seed=0):
    """Firms with true output wedges and an additive error of revenue that stays: table and the true share of log TFPR's variance."""
    rng = np.random.default_rng(seed)
    n, years = 3000, 3
    wedge = np.exp(rng.normal(0, 0.15, n))
    inputs = np.exp(rng.normal(0, 0.3, n))
    error = sd_error * rng.normal(size=n)
    rows = []
    for year in range(years):
        inputs = inputs * np.exp(rng.normal(0, 0.1, n))
        money = {"value_added": wedge * (inputs + error), "wage_bill": inputs, "capital": inputs}
        rows.append(pd.DataFrame({"firm": np.arange(n), "industry": "all", "year": year, **money}))
    table = pd.concat(rows)
    return table, float(np.log(wedge).var() / np.log(table["value_added"] / table["wage_bill"]).var(ddof=0))


@pytest.mark.parametrize(("sd_error", "margin"), [(0.0, 1e-6), (0.12, 0.1)])
def test_the_share_of_true_dispersion_is_seen(sd_error, margin):
    table, share = with_error(sd_error)
    result = hsieh_klenow(table, labor_share=0.5, trim=0)
    found = measurement_error_correction(result)
    assert (share < 0.75) == (sd_error > 0)
    assert found.estimate == pytest.approx(share, abs=margin)
    assert found.n_firms == 3000
    if sd_error == 0:
        assert found.corrected_gain == pytest.approx(result.estimate)
    else:
        assert found.corrected_gain < result.estimate
        assert found.conf_int()[0] < found.estimate < found.conf_int()[1] < 1


def test_growth_is_that_of_a_firm_in_its_industry_over_a_year():
    """Firm 0 leaves after the first of three years and firm 1 comes in the second; firm 2 moves to another industry in the third."""
    table, _ = with_error(0.12)
    table = table[(table["firm"] > 1) | (table["year"] == table["firm"])]
    table.loc[(table["firm"] == 2) & (table["year"] == 2), "industry"] = "other"
    found = measurement_error_correction(hsieh_klenow(table, labor_share=0.5, trim=0))
    assert (found.n_obs, found.n_firms) == (2 * 2998 - 1, 2998)


def test_correction_needs_years():
    table = economy(ABILITY, WEDGE_K, WEDGE_Y, **USUAL)
    with pytest.raises(TableError, match="two years in a row"):
        measurement_error_correction(hsieh_klenow(table))


# What is refused, and what is shown.


def test_rows_are_dropped_by_rule():
    table = economy(ABILITY, WEDGE_K, WEDGE_Y, **USUAL)
    table.loc[2, "capital"] = 0.0
    table.loc[3, "wage_bill"] = np.nan
    result = hsieh_klenow(table, labor_share=0.7, trim=0, nonpositive="drop")
    assert result.n_obs == 38
    assert "capital is zero or less in 1 rows" in result.notes[0]
    assert result.firms()["tfpr"].isna().sum() == 2


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ((150,), None),
        ((40,), "one industry with a median of 40 firms"),
        ((150,) * 8, "8 industries with a median of 150 firms"),
    ],
)
def test_intervals_that_cover_too_little_are_named(sizes, words):
    """As in the simulations of the module: one industry of a hundred firms is enough, and twenty of fifty are not."""
    rng = np.random.default_rng(9)
    revenue, tfpr = (np.exp(rng.normal(0, sd, sum(sizes))) for sd in (0.8, 0.4))
    table = measured(np.repeat(range(len(sizes)), sizes), revenue, tfpr)
    result = hsieh_klenow(table, labor_share=0.6, trim=0, draws=20)
    assert bool(result.warning) == (words is not None)
    assert (words or "") in result.warning
    assert (result.warning in result.summary()) or not result.warning
    assert hsieh_klenow(table, labor_share=0.6, trim=0).warning == ""
    giant = table.assign(value_added=np.where(table["firm"] > 0, revenue, 1e6))
    warning = hsieh_klenow(giant, labor_share=0.6, trim=0, draws=20).warning
    assert "more than half of the value added in 1 of" in warning
