"""Shares and the decompositions of their change: worked by hand, properties, plain pandas, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab import catalog, metrics
from mic2025lab.errors import TableError, UnknownName

amounts = st.floats(1e-3, 1e6) | st.just(0.0)


def table(values: dict[tuple[str, str, int], float | None]) -> pd.DataFrame:
    rows = [(*key, value) for key, value in values.items()]
    return pd.DataFrame(rows, columns=["economy", "industry", "year", "value"]).astype({"value": float})


@st.composite
def panels(draw: st.DrawFn, positive: bool = False) -> pd.DataFrame:
    """Economies x industries x 2015 and 2022, in any order of rows."""
    economies = ["CHN", "USA", "JPN", "DEU"][: draw(st.integers(2, 4))]
    industries = ["machinery", "aerospace", "software"][: draw(st.integers(1, 3))]
    keys = [(e, i, y) for e in economies for i in industries for y in (2015, 2022)]
    value = st.floats(1e-3, 1e6) if positive else amounts
    values = draw(st.lists(value, min_size=len(keys), max_size=len(keys)))
    return table(dict(zip(draw(st.permutations(keys)), values, strict=True)))


PANEL = table(
    {
        ("CHN", "cars", 2015): 10, ("USA", "cars", 2015): 40, ("CHN", "steel", 2015): 30, ("USA", "steel", 2015): 20,
        ("CHN", "cars", 2022): 30, ("USA", "cars", 2022): 50, ("CHN", "steel", 2022): 40, ("USA", "steel", 2022): 30,
    }
)  # fmt: skip


def shared(values: dict[tuple[str, str, int], float | None], **options: Any) -> list[float]:
    return metrics.market_share(table(values), **options)["share"].tolist()


class TestMarketShare:
    def test_by_hand(self) -> None:
        made = metrics.market_share(PANEL)
        assert made["share"].tolist() == [0.2, 0.8, 0.6, 0.4, 0.375, 0.625, 40 / 70, 30 / 70]
        pd.testing.assert_frame_equal(made.drop(columns="share"), PANEL)

    def test_the_world_row_is_the_total_and_never_added(self) -> None:
        values = {
            ("CHN", "cars", 1): 30.0,
            ("DEU", "cars", 1): 10.0,
            ("EU27", "cars", 1): 25.0,
            ("WLD", "cars", 1): 200.0,
        }
        assert shared(values, world="WLD") == [0.15, 0.05, 0.125, 1.0]

    def test_an_aggregate_beside_its_parts_is_refused(self) -> None:
        with pytest.raises(
            TableError, match=r"'economy' has 'WLD' beside CHN, which are parts of it.*world=…"
        ):
            metrics.market_share(table({("CHN", "cars", 1): 1.0, ("WLD", "cars", 1): 2.0}))
        with pytest.raises(TableError, match="'EU27' beside DEU, FRA, which are parts"):
            metrics.market_share(
                table({("EU27", "cars", 1): 1.0, ("FRA", "cars", 1): 2.0, ("DEU", "cars", 1): 2.0})
            )

    def test_an_aggregate_without_its_parts_is_an_economy(self) -> None:
        assert shared({("CHN", "cars", 1): 1.0, ("EU27", "cars", 1): 3.0}) == [0.25, 0.75]

    def test_missing_stays_missing_and_is_left_out(self) -> None:
        found = shared({("CHN", "cars", 1): None, ("USA", "cars", 1): 3.0, ("JPN", "cars", 1): 1.0})
        assert np.isnan(found[0])
        assert found[1:] == [0.75, 0.25]

    def test_no_total_no_share(self) -> None:
        assert np.isnan(shared({("CHN", "cars", 1): 0.0, ("USA", "cars", 1): 0.0})).all()
        values = {
            ("CHN", "cars", 1): 1.0,
            ("CHN", "steel", 1): 1.0,
            ("WLD", "steel", 1): 4.0,
            ("WLD", "cars", 1): None,
        }
        found = shared(values, world="WLD")
        assert np.isnan([found[0], found[3]]).all()
        assert found[1:3] == [0.25, 1.0]

    @given(panels())
    def test_agrees_with_pandas(self, panel: pd.DataFrame) -> None:
        total = panel.groupby(["industry", "year"])["value"].transform("sum")
        expected = (panel["value"] / total.where(total > 0)).rename("share")
        pd.testing.assert_series_equal(metrics.market_share(panel)["share"], expected)

    def test_errors(self) -> None:
        with pytest.raises(
            TableError, match=r"economy='CHN', industry='cars', year=2015\. Add up the repeated rows first"
        ):
            metrics.market_share(pd.concat([PANEL, PANEL.iloc[:1]]))
        with pytest.raises(
            TableError, match=r"'value' is negative in 1 row.*: -1 \(industry='cars', year=1, economy='CHN'\)"
        ):
            metrics.market_share(table({("CHN", "cars", 1): -1.0, ("USA", "cars", 1): 2.0}))
        with pytest.raises(TableError, match="has a column 'share' already"):
            metrics.market_share(PANEL.assign(share=1))
        with pytest.raises(TableError, match=r"Unknown economy 'WLD'.* One of: CHN, USA"):
            metrics.market_share(PANEL, world="WLD")
        with pytest.raises(TableError, match="Unknown column 'industries'"):
            metrics.market_share(PANEL, within=("industries", "year"))


class TestShareChange:
    def test_by_hand(self) -> None:
        made = metrics.share_change(PANEL, start=2015, end=2022).set_index(["industry", "economy"])
        assert made.loc[("cars", "CHN"), "share_change"] == pytest.approx(100 * (30 / 80 - 10 / 50))
        assert made.loc[("steel", "USA"), ["share_start", "share_end"]].tolist() == [0.4, 30 / 70]

    def test_a_row_at_one_time_only(self) -> None:
        lacking = PANEL.drop(index=0)  # China's cars of 2015
        made = metrics.share_change(lacking, start=2015, end=2022).set_index(["industry", "economy"])
        assert np.isnan(made.loc[("cars", "CHN"), "share_change"])
        assert made.loc[("cars", "CHN"), "share_end"] == 0.375
        made = metrics.share_change(lacking, start=2015, end=2022, absent="zero").set_index(
            ["industry", "economy"]
        )
        assert made.loc[("cars", "CHN"), "share_change"] == pytest.approx(37.5)

    def test_a_missing_value_is_not_a_zero(self) -> None:
        missing = PANEL.assign(value=PANEL["value"].where(PANEL.index != 0))
        made = metrics.share_change(missing, start=2015, end=2022, absent="zero")
        assert np.isnan(made["share_change"].iloc[0])

    @given(panels())
    def test_is_the_difference_of_market_shares(self, panel: pd.DataFrame) -> None:
        share = metrics.market_share(panel).pivot(
            index=["industry", "economy"], columns="year", values="share"
        )
        made = metrics.share_change(panel, start=2015, end=2022).set_index(["industry", "economy"])
        pd.testing.assert_series_equal(
            made["share_change"], 100 * (share[2022] - share[2015]), check_names=False
        )

    def test_errors(self) -> None:
        with pytest.raises(TableError, match=r"start=2022 must come before end=2015 in column 'year'"):
            metrics.share_change(PANEL, start=2022, end=2015)
        with pytest.raises(TableError, match=r"Unknown year 2014\..* One of: 2015, 2022"):
            metrics.share_change(PANEL, start=2014, end=2022)
        with pytest.raises(UnknownName, match="Unknown absent 'none'"):
            metrics.share_change(PANEL, start=2015, end=2022, absent="none")  # type: ignore[arg-type]


class TestDisplacement:
    def test_by_hand(self) -> None:
        # cars: CHN 20 -> 40 % (+20), USA 50 -> 40 (-10), JPN 30 -> 10 (-20), DEU 0 -> 10 (+10).
        # The 30 points lost went to CHN (20) and DEU (10): of CHN's 20, a third came from USA, two thirds from JPN.
        cars = {"CHN": (20, 40), "USA": (50, 40), "JPN": (30, 10), "DEU": (0, 10)}
        steel = {"CHN": (50, 250), "USA": (50, 50), "JPN": (0, 0), "DEU": (0, 0)}  # 50 -> 250/300
        panel = table({
            (who, what, year): pair[place]
            for what, pairs in (("cars", cars), ("steel", steel)) for who, pair in pairs.items()
            for place, year in enumerate((2015, 2022))
        })  # fmt: skip
        made = metrics.displacement(panel, gainer="CHN", start=2015, end=2022).set_index(
            ["industry", "economy"]
        )
        assert made.loc["cars", "points"].to_dict() == pytest.approx({"DEU": 0, "JPN": 40 / 3, "USA": 20 / 3})
        assert made.loc["steel", "points"].to_dict() == pytest.approx({"DEU": 0, "JPN": 0, "USA": 100 / 3})
        cars_weight = 0.5 * (100 / 200 + 100 / 400)
        assert made.loc["cars", "weight"].tolist() == pytest.approx([cars_weight] * 3)
        total = metrics.displacement(panel, gainer="CHN", start=2015, end=2022, by="total").set_index(
            "economy"
        )
        assert total["displacement"].to_dict() == pytest.approx(
            {"DEU": 0, "JPN": cars_weight * 40 / 3, "USA": cars_weight * 20 / 3 + (1 - cars_weight) * 100 / 3}
        )

    def test_the_rest_of_the_world_is_what_the_economies_do_not_add_up_to(self) -> None:
        panel = table({
            ("CHN", "cars", 2015): 10, ("USA", "cars", 2015): 40, ("WLD", "cars", 2015): 100,
            ("CHN", "cars", 2022): 40, ("USA", "cars", 2022): 80, ("WLD", "cars", 2022): 200,
        })  # CHN 10 -> 20 %, USA 40 -> 40 %, the rest 50 -> 40 %  # fmt: skip
        made = metrics.displacement(panel, gainer="CHN", start=2015, end=2022, world="WLD").set_index(
            "economy"
        )
        assert made["points"].to_dict() == pytest.approx({"USA": 0, "ROW": 10})

    @given(panels(positive=True))
    def test_adds_up_to_what_the_gainer_gained(self, panel: pd.DataFrame) -> None:
        change = metrics.share_change(panel, start=2015, end=2022)
        own = change[change["economy"] == "CHN"].set_index("industry")["share_change"]
        made = metrics.displacement(panel, gainer="CHN", start=2015, end=2022)
        assert np.allclose(made.groupby("industry")["points"].sum(), own, atol=1e-9)
        assert (np.sign(made["points"]) * np.sign(made["industry"].map(own)) >= 0).all()
        midpoint = metrics.constant_market_share(
            panel, start=2015, end=2022, of="economy", item="industry", weights="midpoint"
        ).set_index("economy")
        total = metrics.displacement(panel, gainer="CHN", start=2015, end=2022, by="total")
        assert total["displacement"].sum() == pytest.approx(midpoint.loc["CHN", "performance"], abs=1e-9)

    def test_errors(self) -> None:
        years = {"start": 2015, "end": 2022}
        with pytest.raises(
            TableError,
            match=r"without a row for 2015, but with one for the other time: industry='cars', economy='CHN'\..*absent='zero'",
        ):
            metrics.displacement(PANEL.drop(index=0), gainer="CHN", **years)
        with pytest.raises(TableError, match=r"missing in 1 cell \(start\): industry='cars', economy='CHN'"):
            metrics.displacement(
                PANEL.assign(value=PANEL["value"].where(PANEL.index != 0)), gainer="CHN", **years
            )
        with pytest.raises(TableError, match="Unknown economy 'CHINA'"):
            metrics.displacement(PANEL, gainer="CHINA", **years)
        with pytest.raises(TableError, match=r"Column 'industry' has 'manufacturing' beside machinery"):
            metrics.displacement(
                PANEL.replace({"cars": "machinery", "steel": "manufacturing"}), gainer="CHN", **years
            )
        world = pd.concat([PANEL, PANEL[PANEL["economy"] == "USA"].assign(economy="WLD")])
        with pytest.raises(TableError, match=r"add up to 50 .*more than the 40 of 'WLD'"):
            metrics.displacement(world, gainer="CHN", world="WLD", **years)
        big = pd.concat([PANEL, PANEL[PANEL["economy"] == "USA"].assign(economy="WLD", value=1e3)])
        with pytest.raises(TableError, match="has 'ROW'"):
            metrics.displacement(big.replace({"USA": "ROW"}), gainer="CHN", world="WLD", **years)
        with pytest.raises(TableError, match=r"'steel' .*nan of 'WLD'"):
            metrics.displacement(
                big[(big["economy"] != "WLD") | (big["industry"] == "cars")],
                gainer="CHN",
                world="WLD",
                **years,
            )
        with pytest.raises(UnknownName, match="Unknown by 'product'"):
            metrics.displacement(PANEL, gainer="CHN", by="product", **years)  # type: ignore[call-overload]


PARTS = ["reference_growth", "industry_mix", "competitive"]


class TestShiftShare:
    def test_by_hand(self) -> None:
        # All: 100 -> 150, G = 0.5; cars 50 -> 80, 0.6; steel 50 -> 70, 0.4. China's cars 10 -> 30:
        # 10 x 0.5 = 5; 10 x (0.6 - 0.5) = 1; 30 - 10 x 1.6 = 14.
        made = metrics.shift_share(PANEL, start=2015, end=2022).set_index(["industry", "economy"])
        assert made.loc[("cars", "CHN"), ["initial", "growth", *PARTS]].tolist() == pytest.approx(
            [10, 20, 5, 1, 14]
        )

    def test_rows_of_world_and_total_are_the_reference(self) -> None:
        panel = table({
            ("CHN", "cars", 1): 10, ("WLD", "cars", 1): 100, ("CHN", "manufacturing", 1): 50, ("WLD", "manufacturing", 1): 1000,
            ("CHN", "cars", 2): 30, ("WLD", "cars", 2): 150, ("CHN", "manufacturing", 2): 80, ("WLD", "manufacturing", 2): 1200,
        })  # G = 0.2, cars 0.5: 2 + 3 + (30 - 15)  # fmt: skip
        made = metrics.shift_share(panel, start=1, end=2, world="WLD", total="manufacturing")
        assert made[["industry", "economy"]].to_numpy().tolist() == [["cars", "CHN"]]
        assert made[PARTS].iloc[0].tolist() == pytest.approx([2, 3, 15])

    @given(panels(positive=True))
    def test_adds_up(self, panel: pd.DataFrame) -> None:
        made = metrics.shift_share(panel, start=2015, end=2022)
        scale = panel["value"].max()
        assert np.allclose(made[PARTS].sum(axis=1) / scale, made["growth"] / scale, rtol=1e-9, atol=1e-9)
        # Industry by industry, the competitive effects cancel out.
        assert np.allclose(made.groupby("industry")["competitive"].sum() / scale, 0, atol=1e-9)

    def test_an_industry_that_is_new_to_the_world_has_no_growth_rate(self) -> None:
        panel = table({("CHN", "a", 1): 0, ("CHN", "a", 2): 5, ("CHN", "b", 1): 1, ("CHN", "b", 2): 2})
        made = metrics.shift_share(panel, start=1, end=2).set_index("industry")
        assert made.loc["a", "growth"] == 5
        assert np.isnan(made.loc["a", ["industry_mix", "competitive"]].astype(float)).all()

    def test_errors(self) -> None:
        with pytest.raises(TableError, match=r"without a row for 2022"):
            metrics.shift_share(PANEL.drop(index=7), start=2015, end=2022)
        with pytest.raises(TableError, match=r"missing in 1 cell \(end\): industry='steel', economy='USA'"):
            metrics.shift_share(
                PANEL.assign(value=PANEL["value"].where(PANEL.index != 7)), start=2015, end=2022
            )
        with pytest.raises(TableError, match=r"total=…"):
            metrics.shift_share(PANEL.replace({"cars": "all_industries"}), start=2015, end=2022)
        with pytest.raises(TableError, match=r"world=…"):
            metrics.shift_share(PANEL.replace({"USA": "WLD"}), start=2015, end=2022)
        with pytest.raises(TableError, match="Unknown industry 'manufacturing'"):
            metrics.shift_share(PANEL, start=2015, end=2022, total="manufacturing")


def cms(panel: pd.DataFrame, **options: Any) -> pd.DataFrame:
    roles = {"of": "economy", "item": "industry", "start": 2015, "end": 2022, **options}
    return metrics.constant_market_share(panel, **roles).set_index("economy")


@st.composite
def bilateral(draw: st.DrawFn) -> pd.DataFrame:
    """Flows of which any may be absent, so that markets come and go."""
    keys = [
        (e, i, p, y)
        for e in ("CHN", "USA")
        for i in ("cars", "steel")
        for p in ("BRA", "FRA")
        for y in (2015, 2022)
    ]
    kept = draw(st.lists(st.sampled_from(keys), min_size=4, unique=True))
    kept += [key for key in (("USA", "cars", "BRA", 2015), ("USA", "cars", "BRA", 2022)) if key not in kept]
    made = pd.DataFrame(kept, columns=["economy", "industry", "partner", "year"])
    return made.assign(value=draw(st.lists(st.floats(1e-3, 1e6), min_size=len(kept), max_size=len(kept))))


class TestConstantMarketShare:
    def test_by_hand(self) -> None:
        # Weights: cars 50/100 -> 80/150, steel 50/100 -> 70/150. China: cars 0.2 -> 0.375, steel 0.6 -> 40/70.
        first, last = np.array([0.2, 0.6]), np.array([0.375, 40 / 70])
        before, after = np.array([0.5, 0.5]), np.array([80 / 150, 70 / 150])
        china = cms(PANEL).loc["CHN"]
        assert china["share_start"] == pytest.approx(0.4)
        assert china["share_end"] == pytest.approx(70 / 150)
        assert china["structure"] == pytest.approx(100 * (first * (after - before)).sum())
        assert china["performance"] == pytest.approx(100 * ((last - first) * before).sum())
        assert china["interaction"] == pytest.approx(100 * ((last - first) * (after - before)).sum())
        china = cms(PANEL, weights="midpoint").loc["CHN"]
        assert china["structure"] == pytest.approx(100 * ((first + last) / 2 * (after - before)).sum())
        assert china["performance"] == pytest.approx(100 * ((last - first) * (before + after) / 2).sum())
        assert china["interaction"] == 0

    def test_structure_by_product_and_destination_by_hand(self) -> None:
        # China sells all cars of BRA (10 -> 10) and a tenth of those of FRA (10 -> 30), and keeps its shares.
        panel = table(
            {
                ("CHN", "cars", 2015): 10,
                ("USA", "cars", 2015): 0,
                ("CHN", "cars", 2022): 10,
                ("USA", "cars", 2022): 0,
            }
        ).assign(partner="BRA")
        france = table(
            {
                ("CHN", "cars", 2015): 1,
                ("USA", "cars", 2015): 9,
                ("CHN", "cars", 2022): 3,
                ("USA", "cars", 2022): 27,
            }
        ).assign(partner="FRA")
        china = cms(pd.concat([panel, france]), partner="partner").loc["CHN"]
        # World 20 -> 40; BRA 1/2 -> 1/4, FRA 1/2 -> 3/4; share 11/20 -> 13/40.
        assert china["share_change"] == pytest.approx(100 * (13 / 40 - 11 / 20))
        assert china["structure"] == pytest.approx(100 * (1 * (1 / 4 - 1 / 2) + 0.1 * (3 / 4 - 1 / 2)))
        assert china["structure_product"] == 0  # one product
        assert china["structure_destination"] == pytest.approx(china["structure"])
        assert china[["structure_joint", "performance", "interaction"]].tolist() == pytest.approx([0, 0, 0])

    @pytest.mark.parametrize("weights", ["laspeyres", "midpoint"])
    @given(panel=bilateral())
    def test_adds_up(self, weights: str, panel: pd.DataFrame) -> None:
        made = cms(panel, partner="partner", weights=weights, absent="zero")
        parts = made[["structure", "performance", "interaction"]]
        assert np.allclose(parts.sum(axis=1), made["share_change"], rtol=0, atol=1e-12 * 100)
        by = made[["structure_product", "structure_destination", "structure_joint"]]
        assert np.allclose(by.sum(axis=1), made["structure"], rtol=0, atol=1e-12 * 100)
        assert made["share_change"].sum() == pytest.approx(0, abs=1e-9)
        if weights == "midpoint":
            assert (made["interaction"] == 0).all()

    @given(bilateral(), st.sampled_from(["laspeyres", "midpoint"]))
    def test_agrees_with_pandas_market_by_market(self, panel: pd.DataFrame, weights: str) -> None:
        wide = panel.pivot(index=["industry", "partner", "economy"], columns="year", values="value").fillna(
            0.0
        )
        size = wide.groupby(["industry", "partner"]).transform("sum")
        share = (wide / size).where(size > 0)
        share = share.T.bfill().ffill().T  # a market of one year only is compared with itself
        weight = size / wide.sum()
        moved, changed = weight[2022] - weight[2015], share[2022] - share[2015]
        base = weight[2015] if weights == "laspeyres" else weight.mean(axis=1)
        own = share[2015] if weights == "laspeyres" else share.mean(axis=1)
        made = cms(panel, partner="partner", weights=weights, absent="zero")
        for name, expected in {"structure": own * moved, "performance": changed * base}.items():
            expected = 100 * expected.groupby("economy").sum()
            assert np.allclose(made[name], expected[made.index], atol=1e-9)

    @given(panels(positive=True))
    def test_the_world_row_gives_what_the_sum_gives(self, panel: pd.DataFrame) -> None:
        world = panel.groupby(["industry", "year"], as_index=False)["value"].sum().assign(economy="WLD")
        pd.testing.assert_frame_equal(
            cms(pd.concat([panel, world]), world="WLD"), cms(panel), rtol=1e-9, atol=1e-9
        )

    def test_summing_over_partners_is_the_product_version(self) -> None:
        split = pd.concat(
            [
                PANEL.assign(partner="BRA", value=PANEL["value"] / 4),
                PANEL.assign(partner="FRA", value=PANEL["value"] * 3 / 4),
            ]
        )
        pd.testing.assert_frame_equal(cms(split, over="partner"), cms(PANEL))

    def test_errors(self) -> None:
        with pytest.raises(TableError, match=r"economy='CHN', industry='cars'\. If a missing row means zero"):
            cms(PANEL.drop(index=0))
        with pytest.raises(TableError, match="Column 'value' is missing in 1 cell"):
            cms(PANEL.assign(value=PANEL["value"].where(PANEL.index != 0)))
        with pytest.raises(TableError, match="row of the world is zero or missing for industry='cars'"):
            cms(PANEL.replace({"USA": "WLD"}).assign(value=[10, 0, 30, 20, 30, 50, 40, 30]), world="WLD")
        with pytest.raises(TableError, match="total is zero at one of the two times"):
            cms(PANEL.assign(value=PANEL["value"].where(PANEL["year"] == 2022, 0.0)))
        with pytest.raises(UnknownName, match=r"Unknown weights 'paasche'\. One of: laspeyres, midpoint"):
            cms(PANEL, weights="paasche")


class TestRemainder:
    VALUES = table(
        {
            ("WLD", "cars", 2015): 100.0, ("CHN", "cars", 2015): 30.0, ("USA", "cars", 2015): 20.0, ("DEU", "cars", 2015): 10.0,
            ("WLD", "cars", 2022): 200.0, ("CHN", "cars", 2022): None, ("USA", "cars", 2022): 50.0,
            ("CHN", "steel", 2022): 5.0,
        }
    )  # fmt: skip

    def rest(self, **options: Any) -> pd.DataFrame:
        given = {"total": "WLD", "parts": ["CHN", "USA"], "name": "ROW"} | options
        return metrics.remainder(given.pop("table", self.VALUES), **given)

    def test_by_hand(self) -> None:
        made = self.rest()
        # A missing part stays in the remainder; a cell without the total has no remainder.
        assert made.to_dict("list") == {
            "industry": ["cars", "cars"], "year": [2015, 2022], "economy": ["ROW", "ROW"], "value": [50.0, 150.0],
        }  # fmt: skip

    def test_missing_where_the_total_is_or_all_parts_are(self) -> None:
        assert self.rest(parts=["CHN"])["value"].isna().tolist() == [False, True]
        unknown = self.VALUES.assign(value=self.VALUES["value"].where(self.VALUES["economy"] != "WLD"))
        assert self.rest(table=unknown)["value"].isna().all()

    def test_of_industries_and_in_other_cells(self) -> None:
        made = metrics.remainder(
            PANEL, of="industry", total="cars", parts=["steel"], name="other", within=("economy", "year")
        ).set_index(["economy", "year"])["value"]
        assert made["CHN", 2015] == -20.0
        assert made["USA", 2022] == 20.0

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"parts": []}, "at least one"),
            ({"parts": ["WLD"]}, "other than the total"),
            ({"parts": ["CHM"]}, "CHN"),
            ({"total": "EU27"}, "EU27"),
            ({"name": "USA"}, "another name"),
        ],
    )
    def test_errors_name_the_value(self, options: dict[str, Any], message: str) -> None:
        with pytest.raises(TableError, match=message):
            self.rest(**options)


def test_published_shares_of_world_value_added() -> None:
    """China's share of the world, %, as the README of the source prints it (edition SKTI-2), and its pace in manufacturing."""
    shares = metrics.market_share(catalog.load("value_added"), world="WLD")
    shares = shares[shares["economy"] == "CHN"].assign(share=lambda rows: 100 * rows["share"])
    own = shares.set_index(["industry", "year"])["share"]
    assert own["manufacturing"][[2014, 2015, 2022]].round(1).tolist() == [25.9, 27.2, 34.3]
    assert own["aerospace"][[2015, 2022]].round(2).tolist() == [4.93, 9.33]
    assert own["electrical_equipment"][2022] == pytest.approx(54.9, abs=0.05)
    pace = metrics.pace(shares, of="industry", at=2015).set_index("industry").loc["manufacturing"]
    assert pace[["before", "after"]].round(2).tolist() == [1.57, 1.01]
