"""Complexity and the product space: worked by hand, closed forms, properties, numpy, published indices, errors."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mic2025lab import metrics
from mic2025lab.errors import ParameterError, TableError, UnknownName

INDICES = ["complexity", "product_complexity", "complexity_outlook"]
FAMILY = [*INDICES, "proximity", "density"]


def exports(matrix: Any, **columns: object) -> pd.DataFrame:
    """Exports of economies E0, E1, … (rows) in products P0, P1, …; a zero has no row."""
    table = np.array(matrix, float)
    row, column = np.nonzero(table)
    made = pd.DataFrame(
        {
            "exporter": [f"E{n}" for n in row],
            "product": [f"P{n}" for n in column],
            "year": 2015,
            "value": table[row, column],
        }
    )
    return made.assign(**columns)


# E0 sells P0 and P1, E1 P1 and P2, E2 P2; shares make each an advantage (by hand in `test_advantages`).
PATH = [[1, 1, 0], [0, 1, 1], [0, 0, 1]]
VALUES = [[9, 9, 6], [0, 9, 9], [0, 0, 9]]


@st.composite
def matrices(draw: st.DrawFn, least: int = 3) -> np.ndarray:
    """Random exports of up to seven economies and eight products, positive or zero."""
    shape = draw(st.integers(least, 7)), draw(st.integers(least, 8))
    values = draw(
        st.lists(st.integers(0, 4), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).filter(any)
    )
    return np.array(values, float).reshape(shape) ** 3


def has_advantage(table: np.ndarray) -> np.ndarray:
    """Advantages by the textbook, exactly: cross-multiplied whole numbers."""
    own, market = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    return ((table * table.sum() >= own * market) & (own > 0) & (market > 0)).astype(float)


def index(table: pd.DataFrame, **options: Any) -> dict[str, float]:
    made = metrics.complexity(table, **options)
    return dict(zip(made["exporter"], made["eci"], strict=True))


def solved(table: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """ECI of economies with an advantage by the plain, non-symmetric problem; None where it is degenerate."""
    m = has_advantage(table)
    m = m[m.sum(axis=1) > 0][:, m.sum(axis=0) > 0]
    if m.shape[0] < 2:
        return None
    d, u = m.sum(axis=1), m.sum(axis=0)
    values, vectors = np.linalg.eig((m / d[:, None]) @ (m / u[None, :]).T)
    order = np.argsort(-values.real)
    spectrum = values.real[order]
    gaps = [spectrum[0] - spectrum[1], spectrum[1] - (spectrum[2] if len(spectrum) > 2 else -1), spectrum[1]]
    k = vectors[:, order[1]].real
    if min(gaps) < 1e-6 or d.std() == 0 or abs(np.corrcoef(k, d)[0, 1]) < 1e-6:
        return None
    k = k * np.sign(np.corrcoef(k, d)[0, 1])
    q = (m / u[None, :]).T @ k
    return (k - k.mean()) / k.std(), (q - q.mean()) / q.std()


class TestComplexity:
    def test_advantages(self) -> None:
        # World 51; E0 24, E1 18, E2 9; P0 9, P1 18, P2 24. E0 in P2: 6 * 51 < 24 * 24; E1 in P2: 9 * 51 > 18 * 24.
        assert has_advantage(np.array(VALUES, float)).tolist() == PATH
        made = metrics.complexity(exports(VALUES))
        assert made.columns.tolist() == ["year", "exporter", "eci", "diversity"]
        assert made["diversity"].tolist() == [2, 2, 1]
        assert metrics.product_complexity(exports(VALUES))["ubiquity"].tolist() == [1, 2, 2]

    def test_by_hand(self) -> None:
        # D^-1 M U^-1 M' = [[3/4, 1/4, 0], [1/4, 1/2, 1/4], [0, 1/2, 1/2]] has, beside 1, the eigenvalues of
        # l^2 - 3/4 l + 1/16 = 0: (3 + sqrt 5)/8. Its vector: k0 = 1/4, k1 = l - 3/4, k2 = k1/2 / (l - 1/2).
        root = (3 + np.sqrt(5)) / 8
        assert root**2 - 0.75 * root + 1 / 16 == pytest.approx(0)
        k = np.array([0.25, root - 0.75, (root - 0.75) / 2 / (root - 0.5)])
        expected = (k - k.mean()) / k.std()
        assert list(index(exports(VALUES)).values()) == pytest.approx(expected)
        q = np.array([k[0], (k[0] + k[1]) / 2, (k[1] + k[2]) / 2])  # mean of the exporters
        made = metrics.product_complexity(exports(VALUES))["pci"]
        assert made.tolist() == pytest.approx((q - q.mean()) / q.std())
        scaled = metrics.product_complexity(exports(VALUES), scale="economies")["pci"]
        assert scaled.tolist() == pytest.approx((q / root - k.mean()) / k.std())

    @given(matrices())
    def test_agrees_with_the_plain_eigenproblem(self, table: np.ndarray) -> None:
        expected = solved(table)
        assume(expected is not None)
        economies = metrics.complexity(exports(table))
        products = metrics.product_complexity(exports(table))
        assert np.allclose(economies["eci"].dropna(), expected[0], atol=1e-7)
        assert np.allclose(products["pci"].dropna(), expected[1], atol=1e-7)
        assert economies["eci"].mean() == pytest.approx(0, abs=1e-9)
        assert economies["eci"].std(ddof=0) == pytest.approx(1)
        assert products["pci"].std(ddof=0) == pytest.approx(1)
        assert np.corrcoef(economies.dropna()["eci"], economies.dropna()["diversity"])[0, 1] > 0

    def test_split_rows_do_not_matter(self) -> None:
        plain = exports(VALUES)
        halves = pd.concat(
            [
                plain.assign(importer=i, value=plain["value"] * part)
                for i, part in (("USA", 0.3), ("DEU", 0.7))
            ]
        )
        for name in FAMILY:
            metric = getattr(metrics, name)
            expected = metric(plain)
            pd.testing.assert_frame_equal(metric(halves, over="importer"), expected, rtol=1e-7, atol=1e-7)

    def test_no_advantage_is_listed_and_changes_nothing_else(self) -> None:
        table = np.array(VALUES, float)
        plain = index(exports(table))
        zero = exports(table)
        zero = pd.concat([zero, zero.iloc[:1].assign(exporter="E9", value=0.0)])
        found = metrics.complexity(zero).set_index("exporter")
        assert found.loc["E9", "diversity"] == 0
        assert np.isnan(found.loc["E9", "eci"])
        assert found["eci"].dropna().to_dict() == pytest.approx(plain)
        nothing = pd.concat([exports(table), exports(table).iloc[:1].assign(product="P9", value=0.0)])
        products = metrics.product_complexity(nothing).set_index("product")
        assert products.loc["P9", "ubiquity"] == 0
        assert np.isnan(products.loc["P9", "pci"])

    def test_missing_is_no_advantage_and_in_no_sum(self) -> None:
        table = exports(VALUES)
        absent = table[~((table["exporter"] == "E0") & (table["product"] == "P2"))]
        null = table.assign(value=table["value"].where(table["value"] != 6))
        assert index(null) == pytest.approx(index(absent))

    def test_an_advantage_of_exactly_one(self) -> None:
        # E0 sells in the world's proportions: every index is 1 whatever the unit, though quotients round.
        table = np.array([[1, 2, 3], [3, 0, 3], [0, 4, 3]], float) / 7
        table[0] = (table[1] + table[2]) * 0.3
        for factor in (1.0, 1 / 3, 1e5):
            assert metrics.complexity(exports(table * factor))["diversity"].iloc[0] == 3

    def test_years_are_apart(self) -> None:
        other = np.array(VALUES)[::-1]
        both = pd.concat([exports(VALUES), exports(other, year=2016)])
        made = metrics.complexity(both)
        for year, table in ((2015, VALUES), (2016, other)):
            alone = metrics.complexity(exports(table, year=year))
            pd.testing.assert_frame_equal(made[made["year"] == year].reset_index(drop=True), alone)
        without = metrics.complexity(exports(VALUES), within=())
        assert without.columns.tolist() == ["exporter", "eci", "diversity"]

    def test_higher_bar(self) -> None:
        assert metrics.complexity(exports(VALUES), rca_above=0.5)["diversity"].tolist() == [3, 2, 1]


class TestDegenerate:
    APART = ([1, 1, 0, 0, 0], [1, 0, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 1])

    @staticmethod
    def error(table: pd.DataFrame, metric: str = "complexity") -> str:
        with pytest.raises(TableError) as caught:
            getattr(metrics, metric)(table)
        return str(caught.value)

    @pytest.mark.parametrize("metric", INDICES)
    def test_groups_that_share_nothing_are_named(self, metric: str) -> None:
        message = self.error(exports(self.APART), metric)
        assert "fall into 2 groups that share no product (year=2015)" in message
        assert "Outside the largest group: E3, E4." in message

    def test_the_same_diversity(self) -> None:
        ring = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
        message = self.error(exports(ring))
        assert "diversity is the same for all economies" in message or "not determined" in message

    def test_mirrored_advantages(self) -> None:
        star = [[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
        message = self.error(exports(np.array(star) * np.array([[3], [9], [9], [9]])))
        assert "two orders of the economies fit equally well" in message
        assert "E0, E1, E2, E3" in message

    def test_the_same_advantages(self) -> None:
        assert "All economies have the same advantages" in self.error(exports([[1, 2], [2, 4], [3, 6]]))

    def test_one_economy(self) -> None:
        assert "only E0 has an advantage" in self.error(exports([[1, 2]]))
        assert "no economy has an advantage" in self.error(exports([[1, 2]]).assign(value=0.0))

    def test_warned_and_missing_and_the_other_years_stay(self) -> None:
        both = pd.concat([exports(VALUES), exports(self.APART, year=2016)])
        with pytest.raises(TableError, match=r"\(year=2016\).*With degenerate='warn'"):
            metrics.complexity(both)
        for name, result in (
            ("complexity", "eci"),
            ("product_complexity", "pci"),
            ("complexity_outlook",) * 2,
        ):
            metric = getattr(metrics, name)
            with pytest.warns(UserWarning, match=r"\(year=2016\).*E3, E4.*left missing"):
                made = metric(both, degenerate="warn")
            assert made.loc[made["year"] == 2016, result].isna().all()
            expected = metric(exports(VALUES))[result].tolist()
            assert made.loc[made["year"] == 2015, result].tolist() == expected

    @given(matrices(least=1))
    def test_never_missing_in_silence(self, table: np.ndarray) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            made = metrics.complexity(exports(table), degenerate="warn")
        there = made["diversity"] > 0
        if not [item for item in caught if item.category is UserWarning]:
            assert made.loc[there, "eci"].notna().all()
            assert not made.loc[~there, "eci"].notna().any()
        else:
            assert made["eci"].isna().all()
            assert all("year=2015" in str(item.message) for item in caught)


class TestProductSpace:
    def test_proximity_by_hand(self) -> None:
        # P0 is sold by E0; P1 by E0, E1; P2 by E1, E2. P0-P1: 1 / 2; P1-P2: 1 / 2; P0-P2: none.
        made = metrics.proximity(exports(VALUES))
        assert made.columns.tolist() == ["year", "product", "product_with", "proximity"]
        pairs = dict(
            zip(zip(made["product"], made["product_with"], strict=True), made["proximity"], strict=True)
        )
        assert pairs == {("P0", "P1"): 0.5, ("P1", "P2"): 0.5}
        assert len(metrics.proximity(exports(VALUES), above=0.5)) == 0

    def test_density_by_hand(self) -> None:
        # phi = [[1, .5, 0], [.5, 1, .5], [0, .5, 1]]; E1 sells P1 and P2: P0 .5/1.5, P1 1.5/2, P2 1.5/1.5.
        made = metrics.density(exports(VALUES)).set_index(["exporter", "product"])
        assert made.loc["E1", "density"].tolist() == pytest.approx([1 / 3, 0.75, 1])
        assert made.loc["E1", "advantage"].tolist() == [False, True, True]

    def test_outlook_by_hand(self) -> None:
        pci = metrics.product_complexity(exports(VALUES))["pci"].tolist()
        made = metrics.complexity_outlook(exports(VALUES)).set_index("exporter")["complexity_outlook"]
        assert made["E1"] == pytest.approx(pci[0] / 3)
        assert made["E0"] == pytest.approx(pci[2] * 0.5 / 1.5)

    def test_outlook_of_the_growth_lab(self) -> None:
        # As in ecomplexity: the eigenvector over products with numpy, times density, standardized over economies.
        draw = np.random.default_rng(7)
        able, hard = draw.uniform(size=(30, 1)), draw.uniform(size=(1, 80))
        table = np.exp(able * hard + draw.normal(size=(30, 80))) * (
            draw.uniform(size=(30, 80)) < 0.2 + 0.7 * able
        )
        m = (table / table.sum(axis=1, keepdims=True) >= table.sum(axis=0) / table.sum()).astype(float)
        values, vectors = np.linalg.eig((m / m.sum(axis=0)).T @ (m / m.sum(axis=1, keepdims=True)))
        raw = np.real(vectors[:, np.real(values).argsort()[-2]])
        raw *= np.sign(np.corrcoef(m.sum(axis=1), m @ raw / m.sum(axis=1))[0, 1])
        both = (m.T @ m) / np.maximum.outer(m.sum(axis=0), m.sum(axis=0))
        outlook = (m @ both / both.sum(axis=0) * (1 - m)) @ raw
        flows = exports(table)
        names = [f"E{n}" for n in range(30)]
        made = metrics.complexity_outlook(flows, pci="raw").set_index("exporter")["complexity_outlook"]
        assert made[names].tolist() == pytest.approx((outlook - outlook.mean()) / outlook.std())
        default = metrics.complexity_outlook(flows).set_index("exporter")["complexity_outlook"]
        assert (default[names].rank() != made[names].rank()).sum() > 5
        with pytest.raises(UnknownName, match="standardized, raw"):
            metrics.complexity_outlook(flows, pci="own")

    @given(matrices())
    def test_agrees_with_numpy(self, table: np.ndarray) -> None:
        m = has_advantage(table)
        u = m.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            one = (m.T @ m) / u[:, None]
            near = np.minimum(one, one.T)
            near[np.isnan(near)] = 0
            dense = (m @ near) / near.sum(axis=0)
        shape = m.shape
        made = metrics.density(exports(table + 0.0))
        found = np.full(shape, np.nan)
        rows = made["exporter"].str[1:].astype(int), made["product"].str[1:].astype(int)
        found[rows] = made["density"]
        sold = np.ix_(table.sum(axis=1) > 0, table.sum(axis=0) > 0)
        assert np.allclose(found[sold], dense[sold], equal_nan=True)
        assert made["density"].dropna().between(0, 1 + 1e-12).all()
        pairs = metrics.proximity(exports(table))
        assert pairs["proximity"].between(0, 1).all()
        for _, pair in pairs.iterrows():
            a, b = int(pair["product"][1:]), int(pair["product_with"][1:])
            assert a < b
            assert pair["proximity"] == pytest.approx(near[a, b])
        assert len(pairs) == np.count_nonzero(np.triu(near, 1))

    def test_errors(self) -> None:
        for name in FAMILY:
            metric = getattr(metrics, name)
            for bar in (0, -1, True):
                with pytest.raises(ParameterError, match="rca_above is"):
                    metric(exports(VALUES), rca_above=bar)
        for name in INDICES:
            with pytest.raises(UnknownName, match="Unknown degenerate 'ignore'"):
                getattr(metrics, name)(exports(VALUES), degenerate="ignore")
        with pytest.raises(UnknownName, match="Unknown scale 'atlas'"):
            metrics.product_complexity(exports(VALUES), scale="atlas")


@pytest.mark.mirror
def test_published_indices_of_2019(mirror: Path) -> None:
    """The Atlas' own exports of 133 economies against indices published for the year; methods and coverage differ a little."""
    goods = pd.read_csv(mirror / "atlas-hs4-2019" / "export.csv.gz", dtype={"product": str})
    goods = goods[goods["product"].str.fullmatch(r"\d{4}") & (goods["product"] != "9999")].assign(year=2019)
    columns = {"of": "country", "value": "export_val"}
    economies = metrics.complexity(goods, **columns)
    products = metrics.product_complexity(goods, **columns)
    folder = mirror / "atlas-world-hs4"
    theirs = pd.read_csv(folder / "country_year_indicators.csv.gz").query("year == 2019")
    both = economies.merge(theirs, left_on="country", right_on="country_code")
    assert len(both) == 133
    assert both[["eci_x", "eci_y"]].corr("spearman").iloc[0, 1] > 0.97
    theirs = pd.read_csv(folder / "product_year_indicators.csv.gz", dtype={"product_code": str}).query(
        "year == 2019"
    )
    both = products.merge(theirs, left_on="product", right_on="product_code")
    assert len(both) > 1200
    assert both[["pci_x", "source_pci"]].corr("spearman").iloc[0, 1] > 0.95
