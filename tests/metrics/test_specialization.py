"""Specialization, sophistication and patterns of trade: worked by hand, properties, plain pandas, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab import metrics
from mic2025lab.errors import TableError, UnknownName

FAMILY = ["rca", "rsca", "nrca", "location_quotient"]
ROLES = {"of": "exporter", "item": "product"}


def flows(values: dict[tuple[str, str], float | None], **columns: object) -> pd.DataFrame:
    rows = [(*key, 2015, value) for key, value in values.items()]
    return (
        pd.DataFrame(rows, columns=["exporter", "product", "year", "value"])
        .astype({"value": float})
        .assign(**columns)
    )


# x_c: CHN 40, USA 60; x_k: 8542 50, 0101 50; x 100.
FLOWS = flows({("CHN", "8542"): 30, ("CHN", "0101"): 10, ("USA", "8542"): 20, ("USA", "0101"): 40})


@st.composite
def matrices(draw: st.DrawFn) -> pd.DataFrame:
    """Flows of up to four exporters and products, some of them absent."""
    keys = [(e, p) for e in ("CHN", "USA", "JPN", "DEU") for p in ("0101", "8542", "8703", "270900")]
    kept = draw(st.lists(st.sampled_from(keys), min_size=1, unique=True))
    values = draw(st.lists(st.floats(1e-3, 1e6) | st.just(0.0), min_size=len(kept), max_size=len(kept)))
    return flows(dict(zip(kept, values, strict=True)))


def results(measure: str, table: pd.DataFrame, **options: Any) -> dict[tuple[str, str], float]:
    made = getattr(metrics, measure)(table, **ROLES, **options)
    assert made.columns.tolist() == ["year", "exporter", "product", measure]
    return dict(zip(zip(made["exporter"], made["product"], strict=True), made[measure], strict=True))


class TestRca:
    def test_by_hand(self) -> None:
        ratio = (30 / 40) / (50 / 100)
        assert results("rca", FLOWS)["CHN", "8542"] == pytest.approx(ratio)
        assert results("location_quotient", FLOWS)["CHN", "8542"] == pytest.approx(ratio)
        assert results("rsca", FLOWS)["CHN", "8542"] == pytest.approx((ratio - 1) / (ratio + 1))
        assert results("nrca", FLOWS)["CHN", "8542"] == pytest.approx(30 / 100 - 40 * 50 / 100**2)
        assert results("rca", FLOWS)["USA", "0101"] == pytest.approx((40 / 60) / 0.5)

    def test_missing_is_left_out_and_stays_missing(self) -> None:
        found = results(
            "rca",
            flows({("CHN", "8542"): 30, ("CHN", "0101"): None, ("USA", "8542"): 20, ("USA", "0101"): 40}),
        )
        assert np.isnan(found["CHN", "0101"])
        assert found["CHN", "8542"] == pytest.approx((30 / 30) / (50 / 90))

    def test_no_total_no_result(self) -> None:
        found = results("rca", flows({("CHN", "8542"): 0, ("USA", "8542"): 2, ("USA", "0101"): 0}))
        assert np.isnan(found["CHN", "8542"])
        assert np.isnan(found["USA", "0101"])
        assert found["USA", "8542"] == 1
        for measure in FAMILY:
            assert np.isnan(list(results(measure, flows({("CHN", "8542"): 0})).values())).all()

    def test_a_pair_without_a_row(self) -> None:
        lacking = flows({("CHN", "8542"): 30, ("USA", "8542"): 20, ("USA", "0101"): 40})
        assert ("CHN", "0101") not in results("rca", lacking)
        zero = pd.concat([lacking, flows({("CHN", "0101"): 0})])
        assert results("rca", zero)["CHN", "0101"] == 0
        assert results("rsca", zero)["CHN", "0101"] == -1
        assert results("nrca", zero)["CHN", "0101"] == pytest.approx(-30 * 40 / 90**2)

    def test_years_are_apart(self) -> None:
        both = pd.concat([FLOWS, FLOWS.assign(year=2016, value=FLOWS["value"] * 3).iloc[:3]])
        made = metrics.rca(both)
        assert made.groupby("year").size().to_dict() == {2015: 4, 2016: 3}
        assert made[made["year"] == 2015]["rca"].tolist() == metrics.rca(FLOWS)["rca"].tolist()

    @given(matrices())
    def test_nrca_adds_up_to_zero_over_economies_and_over_products(self, table: pd.DataFrame) -> None:
        wide = table.pivot(index=["exporter", "year"], columns="product", values="value").fillna(0.0)
        made = metrics.nrca(wide.stack().reset_index(name="value"))
        if table["value"].sum() > 0:
            assert np.allclose(made.groupby("exporter")["nrca"].sum(), 0, atol=1e-12)
            assert np.allclose(made.groupby("product")["nrca"].sum(), 0, atol=1e-12)
            assert made["nrca"].abs().max() <= 0.25 + 1e-12

    @given(matrices())
    def test_agrees_with_pandas(self, table: pd.DataFrame) -> None:
        wide = table.pivot(index="exporter", columns="product", values="value")
        own, market, whole = wide.sum(axis=1), wide.sum(), wide.sum().sum()
        expected = wide.div(own.where(own > 0), axis=0) / (market.where(market > 0) / whole)
        for (exporter, product), value in results("rca", table).items():
            assert value == pytest.approx(expected.loc[exporter, product], nan_ok=True)

    @pytest.mark.parametrize("measure", FAMILY[:3])
    def test_summing_over_is_the_same_as_adding_up_first(self, measure: str) -> None:
        metric = getattr(metrics, measure)
        split = pd.concat(
            [
                FLOWS.assign(importer="BRA", value=FLOWS["value"] / 4),
                FLOWS.assign(importer="FRA", value=FLOWS["value"] * 3 / 4),
            ]
        )
        pd.testing.assert_frame_equal(metric(split, over="importer", **ROLES), metric(FLOWS, **ROLES))

    @pytest.mark.parametrize("measure", FAMILY)
    def test_errors(self, measure: str) -> None:
        def call(table: pd.DataFrame, **options: Any) -> None:
            getattr(metrics, measure)(table, **ROLES, **options)

        with pytest.raises(TableError, match=r"'exporter' has 'WLD' beside CHN, .*world=…"):
            call(FLOWS.replace({"USA": "WLD"}))
        with pytest.raises(TableError, match=r"'product' has 'total' beside 0101, .*total=…"):
            call(FLOWS.replace({"8542": "total"}))
        with pytest.raises(TableError, match="Unknown column 'quarter'"):
            call(FLOWS, within="quarter")


class TestLocationQuotientOfRows:
    VA = pd.DataFrame(
        [(e, i, 2022, v) for e, i, v in [
            ("CHN", "aerospace", 9.0), ("CHN", "manufacturing", 340.0), ("CHN", "machinery", 37.0),
            ("USA", "aerospace", 45.0), ("USA", "manufacturing", 170.0), ("USA", "machinery", 15.0),
            ("WLD", "aerospace", 100.0), ("WLD", "manufacturing", 1000.0), ("WLD", "machinery", 100.0),
        ]],
        columns=["economy", "industry", "year", "value"],
    )  # fmt: skip

    def test_world_and_total_by_hand(self) -> None:
        made = metrics.location_quotient(self.VA, world="WLD", total="manufacturing").set_index(
            ["economy", "industry"]
        )
        assert made["location_quotient"].to_dict() == pytest.approx({
            ("CHN", "aerospace"): (9 / 340) / 0.1, ("CHN", "machinery"): (37 / 340) / 0.1,
            ("USA", "aerospace"): (45 / 170) / 0.1, ("USA", "machinery"): (15 / 170) / 0.1,
        })  # fmt: skip

    def test_world_alone_and_total_alone(self) -> None:
        parts = self.VA[self.VA["industry"] != "manufacturing"]
        made = metrics.location_quotient(parts, world="WLD").set_index(["economy", "industry"])[
            "location_quotient"
        ]
        assert made["CHN", "aerospace"] == pytest.approx((9 / 46) / (100 / 200))
        economies = self.VA[self.VA["economy"] != "WLD"]
        made = metrics.location_quotient(economies, total="manufacturing").set_index(["economy", "industry"])[
            "location_quotient"
        ]
        assert made["CHN", "aerospace"] == pytest.approx((9 / 340) / (54 / 510))

    def test_a_total_that_is_missing_gives_missing(self) -> None:
        lacking = self.VA[(self.VA["economy"] != "CHN") | (self.VA["industry"] != "manufacturing")]
        made = metrics.location_quotient(lacking, world="WLD", total="manufacturing").set_index(
            ["economy", "industry"]
        )
        assert made["location_quotient"].isna().to_dict() == {
            ("CHN", "aerospace"): True, ("CHN", "machinery"): True, ("USA", "aerospace"): False, ("USA", "machinery"): False,
        }  # fmt: skip

    def test_unknown_rows(self) -> None:
        with pytest.raises(TableError, match="Unknown economy 'World'"):
            metrics.location_quotient(self.VA, world="World", total="manufacturing")
        with pytest.raises(TableError, match="Unknown industry 'all_industries'"):
            metrics.location_quotient(self.VA, world="WLD", total="all_industries")


INCOMES = FLOWS.assign(income=[8.0, 8.0, 56.0, 56.0])


class TestSophistication:
    def test_by_hand(self) -> None:
        # Shares in own exports: CHN 3/4, 1/4; USA 1/3, 2/3.
        chips = (3 / 4 * 8 + 1 / 3 * 56) / (3 / 4 + 1 / 3)
        horses = (1 / 4 * 8 + 2 / 3 * 56) / (1 / 4 + 2 / 3)
        assert metrics.prody(INCOMES)["prody"].tolist() == pytest.approx([horses, chips])
        assert metrics.expy(INCOMES)["expy"].tolist() == pytest.approx(
            [3 / 4 * chips + 1 / 4 * horses, 1 / 3 * chips + 2 / 3 * horses]
        )

    def test_an_economy_without_an_income_is_left_out_of_prody_and_has_an_expy(self) -> None:
        lacking = INCOMES.assign(income=[None, None, 56.0, 56.0])
        assert metrics.prody(lacking)["prody"].tolist() == pytest.approx([56, 56])
        assert metrics.expy(lacking)["expy"].tolist() == pytest.approx([56, 56])

    def test_a_product_nobody_with_an_income_exports(self) -> None:
        lacking = flows({("CHN", "8542"): 1, ("USA", "0101"): 1, ("USA", "8542"): 0}).assign(
            income=[None, 5.0, 5.0]
        )
        assert metrics.prody(lacking)["prody"].isna().tolist() == [False, True]
        assert metrics.expy(lacking)["expy"].isna().tolist() == [True, False]

    def test_a_fixed_prody(self) -> None:
        fixed = FLOWS.assign(level=[10.0, 2.0, 10.0, 2.0])
        assert metrics.expy(fixed, prody="level")["expy"].tolist() == pytest.approx(
            [8, 1 / 3 * 10 + 2 / 3 * 2]
        )

    @given(matrices())
    def test_lie_between_the_incomes(self, table: pd.DataFrame) -> None:
        table = table.assign(
            income=table["exporter"].map({"CHN": 8.0, "USA": 57.0, "JPN": 40.0, "DEU": 42.0})
        )
        for measure in ("prody", "expy"):
            made = getattr(metrics, measure)(table)
            assert made[measure].dropna().between(8 - 1e-9, 57 + 1e-9).all()

    def test_errors(self) -> None:
        with pytest.raises(
            TableError,
            match=r"'income' must be one number for each exporter in each year, and differs for CHN\.",
        ):
            metrics.prody(INCOMES.assign(income=[8.0, 9.0, 56.0, 56.0]))
        with pytest.raises(TableError, match="Unknown column 'gdp'"):
            metrics.expy(INCOMES, income="gdp")


def trade(rows: list[tuple[str, str, float | None, float | None]], **columns: object) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["economy", "product", "exports", "imports"])
    return table.astype({"exports": float, "imports": float}).assign(year=2015, **columns)


TRADE = trade(
    [("CHN", "0101", 10, 30), ("CHN", "8542", 50, 10), ("USA", "0101", 60, 20), ("USA", "8542", 40, 80)]
)


@st.composite
def trades(draw: st.DrawFn) -> pd.DataFrame:
    keys = [(e, p) for e in ("CHN", "USA", "JPN") for p in ("0101", "8542", "8703")]
    kept = draw(st.lists(st.sampled_from(keys), min_size=1, unique=True))
    amount = st.floats(1e-3, 1e6) | st.just(0.0)
    return trade([(*key, draw(amount), draw(amount)) for key in kept])


class TestTwoWayTrade:
    def test_lafay_by_hand(self) -> None:
        # CHN trades 100, balance 20: 100 x ((10 - 30) / 40 - 20 / 100) x 40 / 100 = -28.
        made = metrics.lafay(TRADE).set_index(["economy", "product"])["lafay"]
        assert made["CHN", "0101"] == pytest.approx(-28)
        assert made["CHN", "8542"] == pytest.approx(100 * (40 / 60 - 0.2) * 0.6)

    def test_grubel_lloyd_by_hand(self) -> None:
        made = metrics.grubel_lloyd(TRADE).set_index(["economy", "product"])["grubel_lloyd"]
        assert made["CHN", "0101"] == pytest.approx(1 - 20 / 40)
        assert metrics.grubel_lloyd(TRADE, by="total")["grubel_lloyd"].tolist() == pytest.approx(
            [1 - 60 / 100, 1 - 80 / 200]
        )

    @given(trades())
    def test_lafay_adds_up_to_zero(self, table: pd.DataFrame) -> None:
        made = metrics.lafay(table)
        assert np.allclose(made.groupby("economy")["lafay"].sum(), 0, atol=1e-9)
        assert not np.isinf(made["lafay"]).any()

    @given(trades())
    def test_grubel_lloyd_is_between_nothing_and_all_and_the_total_between_the_items(
        self, table: pd.DataFrame
    ) -> None:
        items, total = metrics.grubel_lloyd(table), metrics.grubel_lloyd(table, by="total")
        assert items["grubel_lloyd"].dropna().between(0, 1).all()
        span = items.groupby("economy")["grubel_lloyd"].agg(["min", "max"])
        value = total.set_index("economy")["grubel_lloyd"]
        assert (value.isna() == span["min"].isna()).all()
        assert ((value >= span["min"] - 1e-9) | value.isna()).all()
        assert ((value <= span["max"] + 1e-9) | value.isna()).all()

    def test_missing_is_left_out(self) -> None:
        lacking = trade([("CHN", "0101", 10, 30), ("CHN", "8542", 50, None)])
        for measure in ("lafay", "grubel_lloyd"):
            made = getattr(metrics, measure)(lacking)[measure].tolist()
            assert np.isnan(made[1])
            assert made[0] == pytest.approx({"lafay": 0, "grubel_lloyd": 0.5}[measure])
        assert metrics.grubel_lloyd(lacking, by="total")["grubel_lloyd"].tolist() == pytest.approx([0.5])

    def test_no_trade(self) -> None:
        none = trade([("CHN", "0101", 10, 30), ("CHN", "8542", 0, 0), ("USA", "8542", 0, 0)])
        assert metrics.grubel_lloyd(none)["grubel_lloyd"].isna().tolist() == [False, True, True]
        assert metrics.lafay(none)["lafay"].isna().tolist() == [False, False, True]

    def test_errors(self) -> None:
        with pytest.raises(UnknownName, match="Unknown by 'economy'"):
            metrics.grubel_lloyd(TRADE, by="economy")  # type: ignore[arg-type]


class TestPairs:
    def test_similarity_by_hand(self) -> None:
        # CHN 3/4, 1/4; USA 1/3, 2/3.
        made = metrics.export_similarity(FLOWS)
        assert made.columns.tolist() == ["year", "exporter", "exporter_with", "export_similarity"]
        assert made.to_numpy().tolist() == [[2015, "CHN", "USA", pytest.approx(1 / 3 + 1 / 4)]]
        assert metrics.export_similarity(FLOWS, against="USA")["exporter_with"].tolist() == ["CHN"]

    def test_complementarity_by_hand(self) -> None:
        # CHN sells 1/6, 5/6 and buys 3/4, 1/4; USA sells 0.6, 0.4 and buys 0.2, 0.8.
        made = metrics.trade_complementarity(TRADE).set_index(["exporter", "importer"])[
            "trade_complementarity"
        ]
        assert made["CHN", "USA"] == pytest.approx(1 - 0.5 * (abs(0.2 - 1 / 6) + abs(0.8 - 5 / 6)))
        assert made["USA", "CHN"] == pytest.approx(1 - 0.5 * (0.15 + 0.15))

    def test_missing_and_nothing_are_missing(self) -> None:
        lacking = flows(
            {
                ("CHN", "8542"): 1,
                ("CHN", "0101"): None,
                ("USA", "8542"): 1,
                ("JPN", "8542"): 0,
                ("DEU", "8542"): 2,
            }
        )
        made = metrics.export_similarity(lacking).set_index(["exporter", "exporter_with"])[
            "export_similarity"
        ]
        assert made.dropna().to_dict() == {("DEU", "USA"): 1}
        assert len(made) == 6

    @given(matrices())
    def test_similarity_is_symmetric_and_bounded(self, table: pd.DataFrame) -> None:
        made = metrics.export_similarity(table)
        assert made["export_similarity"].dropna().between(0, 1 + 1e-12).all()
        assert (made["exporter"] < made["exporter_with"]).all()
        for economy in table["exporter"].unique():
            against = metrics.export_similarity(table, against=economy)
            expected = made[(made["exporter"] == economy) | (made["exporter_with"] == economy)]
            assert np.allclose(against["export_similarity"], expected["export_similarity"], equal_nan=True)

    @given(trades())
    def test_complementarity_of_equal_shares_is_similarity(self, table: pd.DataFrame) -> None:
        same = table.assign(imports=table["exports"])
        fit = metrics.trade_complementarity(same).set_index(["exporter", "importer"])["trade_complementarity"]
        alike = metrics.export_similarity(table, of="economy", value="exports").set_index(
            ["economy", "economy_with"]
        )
        for pair, value in alike["export_similarity"].items():
            assert fit[pair] == pytest.approx(value, nan_ok=True)
            assert fit[pair[::-1]] == pytest.approx(value, nan_ok=True)

    def test_errors(self) -> None:
        with pytest.raises(TableError, match="Unknown exporter 'CHINA'"):
            metrics.export_similarity(FLOWS, against="CHINA")
