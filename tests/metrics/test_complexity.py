"""Complexity and the product space: plain eigenproblems in numpy, cases without an index, published indices."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mic2025lab import metrics
from mic2025lab.errors import TableError

INDICES = {"complexity": "eci", "product_complexity": "pci", "complexity_outlook": "complexity_outlook"}


def exports(matrix, **columns):
    """Exports of economies E0, E1, … (rows) in products P0, P1, …"""
    table = np.array(matrix, float)
    row, column = (place.ravel() for place in np.indices(table.shape))
    names = {"exporter": [f"E{n}" for n in row], "product": [f"P{n}" for n in column], "year": 2015}
    return pd.DataFrame({**names, "value": table.ravel()}).assign(**columns)


# E0 sells P0 and P1, E1 P1 and P2, E2 P2: world 51; E0 in P2 6 * 51 < 24 * 24, E1 in P2 9 * 51 > 18 * 24.
VALUES = [[9, 9, 6], [0, 9, 9], [0, 0, 9]]
APART = [[1, 1, 0, 0, 0], [1, 0, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 1]]


@st.composite
def matrices(draw, least=3):
    """Random exports of up to seven economies and eight products, positive or zero."""
    shape = draw(st.integers(least, 7)), draw(st.integers(least, 8))
    size = shape[0] * shape[1]
    values = draw(st.lists(st.integers(0, 4), min_size=size, max_size=size).filter(any))
    return np.array(values, float).reshape(shape) ** 3


def has_advantage(table):
    """Advantages by the textbook, exactly: cross-multiplied whole numbers."""
    own, market = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    return ((table * table.sum() >= own * market) & (own > 0) & (market > 0)).astype(float)


def solved(table):
    """ECI and PCI on its scale by the plain, non-symmetric problem, of what has an advantage; None where it is degenerate."""
    m = has_advantage(table)
    m = m[m.sum(axis=1) > 0][:, m.sum(axis=0) > 0]
    if m.shape[0] < 2:
        return None
    d, u = m.sum(axis=1), m.sum(axis=0)
    values, vectors = np.linalg.eig((m / d[:, None]) @ (m / u[None, :]).T)
    order = np.argsort(-values.real)
    first, second, third, *_ = [*values.real[order], -1, -1]
    k = vectors[:, order[1]].real
    if (
        min(first - second, second - third, second) < 1e-6
        or d.std() == 0
        or abs(np.corrcoef(k, d)[0, 1]) < 1e-6
    ):
        return None
    k = k * np.sign(np.corrcoef(k, d)[0, 1])
    q = (m / u[None, :]).T @ k / second
    return (k - k.mean()) / k.std(), (q - k.mean()) / k.std()


@given(matrices())
def test_indices_agree_with_the_plain_eigenproblem(table):
    expected = solved(table)
    assume(expected is not None)
    economies, products = metrics.complexity(exports(table)), metrics.product_complexity(exports(table))
    m = has_advantage(table)
    assert economies["diversity"].tolist() == m.sum(axis=1).tolist()
    assert products["ubiquity"].tolist() == m.sum(axis=0).tolist()
    assert np.allclose(economies["eci"].dropna(), expected[0], atol=1e-7)
    assert (economies["eci"].isna() == (economies["diversity"] == 0)).all()
    assert (products["pci"].isna() == (products["ubiquity"] == 0)).all()
    scaled = metrics.product_complexity(exports(table), scale="economies")["pci"].dropna()
    assert np.allclose(scaled, expected[1], atol=1e-6)
    own = (expected[1] - expected[1].mean()) / expected[1].std()
    assert np.allclose(products["pci"].dropna(), own, atol=1e-6)


def test_missing_is_no_advantage_and_in_no_sum():
    table = exports(VALUES)
    null = table.assign(value=table["value"].where(table["value"] != 6))
    absent = metrics.complexity(table[table["value"] != 6])
    pd.testing.assert_frame_equal(metrics.complexity(null), absent)


def test_an_advantage_of_exactly_one_and_a_higher_bar():
    # E0 sells in the world's proportions: every index is 1 whatever the unit, though quotients round.
    table = np.array([[1, 2, 3], [3, 0, 3], [0, 4, 3]], float) / 7
    table[0] = (table[1] + table[2]) * 0.3
    for factor in (1.0, 1 / 3, 1e5):
        assert metrics.complexity(exports(table * factor))["diversity"].iloc[0] == 3
    assert metrics.complexity(exports(VALUES), rca_above=0.5)["diversity"].tolist() == [3, 2, 1]


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (
            APART,
            r"fall into 2 groups that share no product \(year=2015\).*Outside the largest group: E3, E4\.",
        ),
        (
            [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]],
            "diversity is the same for all economies|not determined",
        ),
        (
            [[3, 3, 3], [9, 0, 0], [0, 9, 0], [0, 0, 9]],
            "two orders of the economies fit equally well.*E0, E1, E2, E3",
        ),
        ([[1, 2], [2, 4], [3, 6]], "all economies have the same advantages"),
        ([[1, 2]], "only E0 has an advantage"),
        ([[0, 0]], "no economy has an advantage"),
    ],
)
def test_cells_without_an_index_are_refused(matrix, message):
    for name in INDICES:
        with pytest.raises(TableError, match=f"{message}.*With degenerate='warn'"):
            getattr(metrics, name)(exports(matrix))


@pytest.mark.parametrize(("name", "result"), INDICES.items())
def test_warned_and_missing_and_the_other_years_stay(name, result):
    metric, both = getattr(metrics, name), pd.concat([exports(VALUES), exports(APART, year=2016)])
    with pytest.warns(UserWarning, match=r"\(year=2016\).*E3, E4.*left missing"):
        made = metric(both, degenerate="warn")
    assert made.loc[made["year"] == 2016, result].isna().all()
    assert made.loc[made["year"] == 2015, result].tolist() == metric(exports(VALUES))[result].tolist()


@given(matrices(least=1))
def test_never_missing_in_silence(table):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = metrics.complexity(exports(table), degenerate="warn")
    warned = any(item.category is UserWarning for item in caught)
    assert (made["eci"].isna() == (warned | (made["diversity"] == 0))).all()


def test_outlook_of_the_growth_lab():
    # As in ecomplexity: the eigenvector over products with numpy, times density, standardized over economies.
    draw = np.random.default_rng(7)
    able, hard = draw.uniform(size=(30, 1)), draw.uniform(size=(1, 80))
    table = np.exp(able * hard + draw.normal(size=(30, 80)))
    table *= draw.uniform(size=(30, 80)) < 0.2 + 0.7 * able
    m = has_advantage(table)
    values, vectors = np.linalg.eig((m / m.sum(axis=0)).T @ (m / m.sum(axis=1, keepdims=True)))
    raw = np.real(vectors[:, np.real(values).argsort()[-2]])
    raw *= np.sign(np.corrcoef(m.sum(axis=1), m @ raw / m.sum(axis=1))[0, 1])
    both = (m.T @ m) / np.maximum.outer(m.sum(axis=0), m.sum(axis=0))
    near = m @ both / both.sum(axis=0) * (1 - m)
    names = [f"E{n}" for n in range(30)]
    made = metrics.complexity_outlook(exports(table), pci="raw").set_index("exporter")["complexity_outlook"]
    outlook = near @ raw
    assert made[names].tolist() == pytest.approx((outlook - outlook.mean()) / outlook.std())
    default = metrics.complexity_outlook(exports(table)).set_index("exporter")["complexity_outlook"]
    assert default[names].tolist() == pytest.approx(near @ ((raw - raw.mean()) / raw.std()))


@given(matrices())
def test_product_space_agrees_with_numpy(table):
    m = has_advantage(table)
    with np.errstate(divide="ignore", invalid="ignore"):
        one = (m.T @ m) / m.sum(axis=0)[:, None]
        near = np.nan_to_num(np.minimum(one, one.T))
        dense = (m @ near) / near.sum(axis=0)
    made = metrics.density(exports(table)).set_index(["exporter", "product"])
    assert np.allclose(made["density"].unstack(), dense, equal_nan=True)
    assert (made["advantage"].unstack() == m).all(axis=None)
    pairs = {(f"P{a}", f"P{b}"): near[a, b] for a, b in zip(*np.nonzero(np.triu(near, 1)), strict=True)}
    found = metrics.proximity(exports(table)).set_index(["product", "product_with"])["proximity"]
    assert found.to_dict() == pytest.approx(pairs)
    assert len(metrics.proximity(exports(table), above=0.5)) == sum(value > 0.5 for value in pairs.values())


@pytest.mark.mirror
def test_published_indices_of_2019(mirror):
    """The Atlas' own exports of 133 economies against indices published for the year; methods and coverage differ a little."""
    goods = pd.read_csv(mirror / "atlas-hs4-2019" / "export.csv.gz", dtype={"product": str})
    goods = goods[goods["product"].str.fullmatch(r"\d{4}") & (goods["product"] != "9999")].assign(year=2019)
    columns = {"of": "country", "value": "export_val"}
    folder = mirror / "atlas-world-hs4"
    theirs = pd.read_csv(folder / "country_year_indicators.csv.gz").query("year == 2019")
    both = metrics.complexity(goods, **columns).merge(theirs, left_on="country", right_on="country_code")
    assert len(both) == 133
    assert both[["eci_x", "eci_y"]].corr("spearman").iloc[0, 1] > 0.97
    theirs = pd.read_csv(folder / "product_year_indicators.csv.gz", dtype={"product_code": str})
    theirs = theirs.query("year == 2019")
    both = metrics.product_complexity(goods, **columns).merge(
        theirs, left_on="product", right_on="product_code"
    )
    assert len(both) > 1200
    assert both[["pci_x", "source_pci"]].corr("spearman").iloc[0, 1] > 0.95
