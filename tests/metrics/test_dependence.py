"""Dependence: worked by hand, properties, plain pandas and numpy, published tables, errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab import metrics
from mic2025lab.errors import ParameterError, TableError, UnknownName

pl = pytest.importorskip("polars")

ECONOMIES = ("CHN", "HKG", "JPN", "DEU")
KEYS = ["year", "product", "importer"]


def flows(rows: list[tuple[str, str, float | None]], **columns: object) -> pd.DataFrame:
    """Rows of exporter, importer and value."""
    table = pd.DataFrame(rows, columns=["exporter", "importer", "value"]).astype({"value": float})
    return table.assign(**{"product": "854231", "year": 2018, **columns})


@st.composite
def trade(draw: st.DrawFn, years: tuple[int, ...] = (2016, 2017)) -> pd.DataFrame:
    """Flows between up to four economies, of two products, some of them absent."""
    keys = [
        (e, i, p, y) for e in ECONOMIES for i in ECONOMIES if e != i for p in ("0101", "8542") for y in years
    ]
    kept = draw(st.lists(st.sampled_from(keys), min_size=1, unique=True))
    values = draw(st.lists(st.integers(1, 10**6), min_size=len(kept), max_size=len(kept)))
    table = pd.DataFrame(kept, columns=["exporter", "importer", "product", "year"])
    return table.assign(value=np.array(values, float))


class TestImportShare:
    # USA buys 20 from China, 30 from Hong Kong, 50 from Taiwan; Japan 60 from Taiwan and 40 from Korea.
    FLOWS = flows(
        [("CHN", "USA", 20), ("HKG", "USA", 30), ("TWN", "USA", 50), ("TWN", "JPN", 60), ("KOR", "JPN", 40)]
    )

    def test_one_supplier(self) -> None:
        made = metrics.import_share(self.FLOWS, supplier="CHN")
        assert made.columns.tolist() == ["importer", "product", "year", "exporter", "import_share"]
        assert made.set_index("importer")["import_share"].to_dict() == {"USA": 0.2, "JPN": 0.0}
        assert set(made["exporter"]) == {"CHN"}

    def test_hong_kong_is_a_part_of_china_only_where_it_is_asked_for(self) -> None:
        made = metrics.import_share(self.FLOWS, supplier=["CHN", "HKG", ("CHN", "HKG")])
        usa = made[made["importer"] == "USA"].set_index("exporter")["import_share"]
        assert usa.to_dict() == pytest.approx({"CHN": 0.2, "HKG": 0.3, "CHN+HKG": 0.5})
        assert usa.index.tolist() == ["CHN", "HKG", "CHN+HKG"]  # as asked for

    def test_over_importers(self) -> None:
        made = metrics.import_share(self.FLOWS, supplier="TWN", within=("product", "year"), over="importer")
        assert made["import_share"].tolist() == pytest.approx([110 / 200])
        modes = pd.concat([self.FLOWS.assign(mode="sea"), self.FLOWS.assign(mode="air")])
        by_sea_or_air = metrics.import_share(modes, supplier="CHN", over="mode")
        pd.testing.assert_frame_equal(by_sea_or_air, metrics.import_share(self.FLOWS, supplier="CHN"))

    def test_sales_at_home_are_no_imports(self) -> None:
        home = pd.concat([self.FLOWS, flows([("USA", "USA", 900), ("JPN", "JPN", 1)])], ignore_index=True)
        for options in ({}, {"within": ("product", "year"), "over": "importer"}):
            pd.testing.assert_frame_equal(
                metrics.import_share(home, supplier="TWN", **options),
                metrics.import_share(self.FLOWS, supplier="TWN", **options),
            )
        with pytest.raises(TableError, match="exporter and importer the same; there is no flow"):
            metrics.import_share(flows([("USA", "USA", 900)]), supplier="USA")

    def test_missing_and_nothing(self) -> None:
        table = flows([("CHN", "USA", 20), ("HKG", "USA", None), ("TWN", "USA", 60), ("CHN", "JPN", 0)])
        made = metrics.import_share(table, supplier="CHN").set_index("importer")["import_share"]
        assert made["USA"] == 0.25
        assert np.isnan(made["JPN"])

    @given(trade())
    def test_shares_of_all_suppliers_add_up_and_blocs_to_their_members(self, table: pd.DataFrame) -> None:
        there = sorted(set(table["exporter"]))
        made = metrics.import_share(table, supplier=list(there))
        wide = made.pivot(index=["importer", "product", "year"], columns="exporter", values="import_share")
        assert np.allclose(wide[there].sum(axis=1), 1)
        assert wide.stack().between(0, 1).all()
        assert np.allclose(metrics.import_share(table, supplier=tuple(there))["import_share"], 1)

    def test_whole_numbers_as_codes(self) -> None:
        numbers = self.FLOWS.replace({"CHN": 156, "HKG": 344, "TWN": 490, "KOR": 410, "USA": 842, "JPN": 392})
        numbers = numbers.astype({"exporter": int, "importer": int})
        made = metrics.import_share(numbers, supplier=156)
        assert made["exporter"].tolist() == [156, 156]
        bloc = metrics.import_share(numbers, supplier=(156, 344))
        assert bloc.set_index("importer").loc[842, ["exporter", "import_share"]].tolist() == ["156+344", 0.5]

    def test_errors(self) -> None:
        with pytest.raises(TableError, match=r"Unknown supplier 'CNH'\. Did you mean 'CHN'"):
            metrics.import_share(self.FLOWS, supplier="CNH")
        with pytest.raises(TableError, match="Unknown supplier 'MAC'"):
            metrics.import_share(self.FLOWS, supplier=("CHN", "MAC"))
        with pytest.raises(ParameterError, match=r"supplier is \[\]"):
            metrics.import_share(self.FLOWS, supplier=[])
        with pytest.raises(ParameterError, match="each once"):
            metrics.import_share(self.FLOWS, supplier=["CHN", "CHN"])
        with pytest.raises(TableError, match="names a member twice"):
            metrics.import_share(self.FLOWS, supplier=("CHN", "CHN"))
        with pytest.raises(TableError, match="has no members"):
            metrics.import_share(self.FLOWS, supplier=())
        everyone = pd.concat([self.FLOWS, flows([("CHN", "WLD", 20)])])
        with pytest.raises(TableError, match="'importer' has 'WLD' beside"):
            metrics.import_share(everyone, supplier="CHN", within=("product", "year"), over="importer")


class TestBalance:
    # Q 80, X 30, M 50: D = 80 - 30 + 50 = 100.
    TABLE = pd.DataFrame({"economy": ["CHN"], "output": [80.0], "exports": [30.0], "imports": [50.0]})

    def test_by_hand(self) -> None:
        assert metrics.apparent_consumption(self.TABLE)["apparent_consumption"].tolist() == [100]
        assert metrics.import_penetration(self.TABLE)["import_penetration"].tolist() == [0.5]
        assert metrics.self_sufficiency(self.TABLE)["self_sufficiency"].tolist() == [0.8]

    def test_a_place_that_sells_on_what_it_buys(self) -> None:
        hub = self.TABLE.assign(output=10.0, exports=45.0)  # D = 10 - 45 + 50 = 15
        assert metrics.import_penetration(hub)["import_penetration"].tolist() == [50 / 15]
        drained = self.TABLE.assign(exports=140.0)  # D = -10
        assert metrics.apparent_consumption(drained)["apparent_consumption"].tolist() == [-10]
        assert metrics.import_penetration(drained)["import_penetration"].isna().all()
        assert metrics.self_sufficiency(drained)["self_sufficiency"].isna().all()

    @pytest.mark.parametrize("name", ["apparent_consumption", "import_penetration", "self_sufficiency"])
    def test_missing_stays_missing(self, name: str) -> None:
        metric = getattr(metrics, name)
        for column in ("output", "exports", "imports"):
            assert metric(self.TABLE.assign(**{column: np.nan}))[name].isna().all()
        with pytest.raises(TableError, match=f"has a column '{name}' already"):
            metric(self.TABLE.assign(**{name: 1.0}))
        with pytest.raises(TableError, match="given two roles"):
            metric(self.TABLE, imports="exports")


class TestLocalization:
    # 2005: D = 60 - 10 + 50 = 100, u = 0.5; 2015: D = 190 - 30 + 40 = 200, u = 0.8.
    TABLE = pd.DataFrame(
        {
            "economy": "CHN",
            "industry": "rail",
            "year": [2005, 2015],
            "output": [60.0, 190.0],
            "exports": [10.0, 30.0],
            "imports": [50.0, 40.0],
        }
    )

    def one(self, **options: Any) -> dict[str, float]:
        made = metrics.localization(options.pop("table", self.TABLE), start=2005, end=2015, **options)
        assert len(made) == 1
        return made.drop(columns=["economy", "industry"]).iloc[0].to_dict()

    def test_by_hand(self) -> None:
        assert self.one() == pytest.approx(
            {
                "output_change": 130,
                "imports_change": -10,
                "demand": 0.65 * 100,
                "substitution": 150 * 0.3,
                "exports_change": 20,
                "home_share_start": 0.5,
                "home_share_end": 0.8,
            }
        )

    def test_foreign_firms(self) -> None:
        # Theirs for home use: 20 - 5 = 15, then 100 - 20 = 80: u_F 0.15, then 0.4.
        firms = self.TABLE.assign(theirs=[20.0, 100.0], sold=[5.0, 20.0])
        made = self.one(table=firms, foreign_output="theirs", foreign_exports="sold")
        assert made["substitution_foreign"] == pytest.approx(150 * 0.25)
        assert made["substitution_domestic"] == pytest.approx(150 * 0.05)

    @given(st.lists(st.floats(0.01, 1e6), min_size=6, max_size=6))
    def test_adds_up(self, numbers: list[float]) -> None:
        output, exports, imports = numbers[:2], numbers[2:4], numbers[4:]
        exports = [min(x, q) for x, q in zip(exports, output, strict=True)]
        table = self.TABLE.assign(output=output, exports=exports, imports=imports)
        made = self.one(table=table)
        parts = made["demand"] + made["substitution"] + made["exports_change"]
        assert parts == pytest.approx(made["output_change"], rel=1e-12, abs=1e-12 * max(numbers))
        penetration = metrics.import_penetration(table)["import_penetration"]
        assert [1 - made["home_share_start"], 1 - made["home_share_end"]] == pytest.approx(list(penetration))

    def test_what_is_not_known(self) -> None:
        made = self.one(table=self.TABLE.assign(imports=[np.nan, 40.0]))
        assert made["output_change"] == 130
        assert made["exports_change"] == 20
        assert np.isnan(
            [made[name] for name in ("imports_change", "demand", "substitution", "home_share_start")]
        ).all()
        made = self.one(table=self.TABLE.assign(exports=[10.0, 250.0]))  # D = -20
        assert np.isnan(made["demand"])
        two = pd.concat([self.TABLE, self.TABLE.iloc[:1].assign(industry="aerospace")])
        made = metrics.localization(two, start=2005, end=2015).set_index("industry")
        assert np.isnan(made.loc["aerospace", "output_change"])
        assert made.loc["rail", "demand"] == pytest.approx(65)

    def test_errors(self) -> None:
        with pytest.raises(ParameterError, match="belong together"):
            self.one(foreign_output="output")
        with pytest.raises(TableError, match="'theirs' is a part of 'output' and exceeds it"):
            self.one(
                table=self.TABLE.assign(theirs=[99.0, 1.0], sold=0.0),
                foreign_output="theirs",
                foreign_exports="sold",
            )
        with pytest.raises(TableError, match="must come before"):
            metrics.localization(self.TABLE, start=2015, end=2005)


class TestStrategicDependencies:
    # Germany and France: 80 from China and 20 from Japan, 30 among themselves, 10 sold to the USA.
    FLOWS = flows([("CHN", "DEU", 80), ("JPN", "DEU", 20), ("DEU", "FRA", 30), ("FRA", "USA", 10)])

    def one(self, table: pd.DataFrame = FLOWS, **options: Any) -> dict[str, Any]:
        made = metrics.strategic_dependencies(table, bloc=options.pop("bloc", ("DEU", "FRA")), **options)
        assert len(made) == 1
        return made.drop(columns=["year", "product"]).iloc[0].to_dict()

    def test_by_hand(self) -> None:
        made = self.one()
        numbers = {
            "imports_outside": 100,
            "imports_inside": 30,
            "exports": 40,
            "supplier_hhi": 0.64 + 0.04,
            "outside_share": 100 / 130,
            "import_export_ratio": 100 / 40,
            "top_share": 0.8,
        }
        assert {name: made[name] for name in numbers} == pytest.approx(numbers)
        assert made["top_supplier"] == "CHN"
        assert all(made[name] for name in ("concentrated", "foreign", "irreplaceable", "dependent"))

    def test_every_condition_is_needed(self) -> None:
        spread = [("CHN", "DEU", 25), ("JPN", "DEU", 25), ("KOR", "DEU", 25), ("USA", "FRA", 25)]
        rest = [("DEU", "FRA", 30), ("FRA", "USA", 10)]
        assert not self.one(flows([*spread, *rest]))["concentrated"]  # HHI 0.25
        at_home = self.one(flows([("CHN", "DEU", 80), ("DEU", "FRA", 90), ("FRA", "USA", 10)]))
        assert not at_home["foreign"]  # 80 of 170
        maker = self.one(flows([("CHN", "DEU", 80), ("DEU", "FRA", 30), ("FRA", "USA", 60)]))
        assert not maker["irreplaceable"]  # 80 against 90
        assert not any(found["dependent"] for found in (at_home, maker))

    def test_thresholds_are_to_be_exceeded(self) -> None:
        assert not self.one(hhi_above=0.68 + 1e-12)["dependent"]
        equal = flows([("CHN", "DEU", 40), ("DEU", "FRA", 40)])
        assert self.one(equal)["outside_share"] == 0.5
        assert not self.one(equal)["foreign"]
        assert not self.one(equal)["irreplaceable"]

    def test_a_small_trade_inside_is_not_lost_beside_a_large_one_from_outside(self) -> None:
        made = self.one(
            flows([("CHN", "DEU", 3e17), ("JPN", "FRA", 1e17), ("DEU", "FRA", 7), ("FRA", "DEU", 4)])
        )
        assert made["imports_inside"] == 11
        assert made["imports_outside"] == 4e17

    def test_suppliers_to_two_members_count_once(self) -> None:
        made = self.one(flows([("CHN", "DEU", 30), ("CHN", "FRA", 30), ("JPN", "FRA", 40)]))
        assert made["supplier_hhi"] == pytest.approx(0.6**2 + 0.4**2)
        assert np.isnan(made["import_export_ratio"])  # nothing is exported,
        assert made["irreplaceable"]  # so nothing can replace it

    def test_nothing_from_outside(self) -> None:
        made = self.one(flows([("DEU", "FRA", 30)]))
        assert np.isnan(made["supplier_hhi"])
        assert pd.isna(made["top_supplier"])
        assert made["outside_share"] == 0
        assert not any(made[name] for name in ("concentrated", "foreign", "irreplaceable", "dependent"))

    def test_the_worlds_exporters(self) -> None:
        # China sells 80 of 140; others 20, 30, 10.
        index = (80**2 + 20**2 + 30**2 + 10**2) / 140**2
        assert self.one(world_above=0.3)["world_hhi"] == pytest.approx(index)
        assert self.one(world_above=index - 1e-9)["dependent"]
        assert not self.one(world_above=index + 1e-9)["dependent"]

    @given(trade())
    def test_agrees_with_pandas(self, table: pd.DataFrame) -> None:
        bloc = ("CHN", "JPN")
        known = set(bloc) <= set(table["exporter"]) | set(table["importer"])
        if not known or not table["importer"].isin(bloc).any():
            return
        made = metrics.strategic_dependencies(table, bloc=bloc).set_index(["year", "product"])
        for (year, product), row in made.iterrows():
            cell = table[(table["year"] == year) & (table["product"] == product)]
            bought = (
                cell[cell["importer"].isin(bloc) & ~cell["exporter"].isin(bloc)]
                .groupby("exporter")["value"]
                .sum()
            )
            assert row["imports_outside"] == pytest.approx(bought.sum())
            assert row["exports"] == pytest.approx(cell.loc[cell["exporter"].isin(bloc), "value"].sum())
            if len(bought):
                assert row["supplier_hhi"] == pytest.approx(((bought / bought.sum()) ** 2).sum())
                assert row["top_supplier"] == bought.index[bought.to_numpy().argmax()]
        imported = table[table["importer"].isin(bloc)].groupby(["year", "product"]).size()
        assert sorted(made.index) == sorted(imported.index)

    def test_errors(self) -> None:
        with pytest.raises(TableError, match="Unknown importer 'ITA'"):
            self.one(bloc=("DEU", "ITA"))
        with pytest.raises(TableError, match=r"'value' is missing in 1 row.*needs every value"):
            self.one(flows([("CHN", "DEU", None), ("JPN", "DEU", 1)]))
        with pytest.raises(ParameterError, match=r"hhi_above is 4000; it is a fraction"):
            self.one(hhi_above=4000)
        with pytest.raises(ParameterError, match="ratio_above is -1"):
            self.one(ratio_above=-1)
        with pytest.raises(TableError, match="No flow of column 'value' is above zero"):
            self.one(flows([("CHN", "DEU", 0)]))
        with pytest.raises(TableError, match="Nothing is imported by CHN"):
            self.one(bloc="CHN")
        with pytest.raises(TableError, match="'importer' has 'WLD' beside"):
            self.one(pd.concat([self.FLOWS, flows([("CHN", "WLD", 80)])]))


def yearly(dependent: dict[int, bool]) -> pd.DataFrame:
    """China buys from one supplier (a dependence), or from four (none), year by year."""
    suppliers = {True: [("JPN", 100)], False: [("JPN", 25), ("NLD", 25), ("USA", 25), ("DEU", 25)]}
    tables = [flows([(e, "CHN", v) for e, v in suppliers[yes]], year=year) for year, yes in dependent.items()]
    return pd.concat(tables, ignore_index=True)


class TestChokepoints:
    def found(self, table: pd.DataFrame, **options: Any) -> pd.DataFrame:
        return metrics.chokepoints(table, importer=options.pop("importer", "CHN"), **options).set_index(
            "year"
        )

    def test_two_of_the_last_three_years(self) -> None:
        made = self.found(yearly({2015: True, 2016: False, 2017: True, 2018: False, 2019: False, 2020: True}))
        assert made["dependent"].tolist() == [True, False, True, False, False, True]
        assert made["years_known"].tolist() == [1, 2, 3, 3, 3, 3]
        assert made["years_dependent"].tolist() == [1, 1, 2, 1, 1, 1]
        assert made["chokepoint"].tolist() == [False, False, True, False, False, False]

    def test_a_year_that_is_not_there_never_counts(self) -> None:
        made = self.found(yearly({2015: True, 2017: True, 2020: True, 2021: True}))
        assert made["years_known"].to_dict() == {2015: 1, 2017: 2, 2020: 1, 2021: 2}
        assert made["years_dependent"].to_dict() == {2015: 1, 2017: 2, 2020: 1, 2021: 2}
        strict = self.found(yearly({2015: True, 2017: True, 2020: True, 2021: True}), n=3)
        assert not strict["chokepoint"].any()

    def test_a_year_without_imports_of_the_product_is_known_and_is_none(self) -> None:
        other = flows([("JPN", "CHN", 1)], product="010121", year=2016)
        made = self.found(pd.concat([yearly({2015: True, 2017: True}), other]), n=2)
        made = made[made["product"] == "854231"]
        assert made["years_known"].to_dict() == {2015: 1, 2017: 3}
        assert made["years_dependent"].to_dict() == {2015: 1, 2017: 2}

    def test_severity(self) -> None:
        table = pd.concat(
            [
                flows([("JPN", "CHN", 60), ("NLD", "CHN", 20)]),
                flows([("USA", "CHN", 120)], product="880240"),
                flows([("CHN", "USA", 500)], product="610910"),
            ]
        )
        made = self.found(table, n=1, last=1).set_index("product")
        assert made["severity"].to_dict() == {"854231": 60, "880240": 120}
        assert made["severity_share"].to_dict() == {"854231": 60 / 200, "880240": 120 / 200}
        assert "610910" not in made.index  # it is sold, not bought

    def test_imports_against_own_exports(self) -> None:
        table = flows([("JPN", "CHN", 60), ("CHN", "USA", 59)])
        assert self.found(table, n=1)["chokepoint"].all()
        assert not self.found(table.assign(value=table["value"].replace(59, 61)), n=1)["chokepoint"].any()

    @given(trade(years=(2015, 2016, 2018)))
    def test_all_importers_at_once_as_each_by_itself(self, table: pd.DataFrame) -> None:
        together = metrics.chokepoints(table, n=1, world_above=0.3)
        for importer in sorted(set(table["importer"])):
            alone = metrics.chokepoints(table, importer=importer, n=1, world_above=0.3)
            expected = together[together["importer"] == importer].reset_index(drop=True)
            pd.testing.assert_frame_equal(alone, expected)
        assert (together["years_dependent"] <= together["years_known"]).all()
        assert (together["severity"] <= together["imports_outside"]).all()
        assert together["outside_share"].eq(1).all()
        one = metrics.chokepoints(table, importer=sorted(set(table["importer"])), n=1, world_above=0.3)
        pd.testing.assert_frame_equal(one, together)

    def test_more_parties_than_importers(self) -> None:
        table = yearly({2015: True, 2016: True, 2017: False})
        parties = ["CHN", ("CHN", "JPN"), ("CHN", "NLD"), ("CHN", "USA"), ("CHN", "DEU")]
        both = pd.concat([table, table.assign(product="010121")])
        made = metrics.chokepoints(both, importer=parties)
        for party in parties:
            alone = metrics.chokepoints(both, importer=party)
            name = "+".join(party) if isinstance(party, tuple) else party
            pd.testing.assert_frame_equal(made[made["importer"] == name].reset_index(drop=True), alone)

    def test_errors(self) -> None:
        table = yearly({2015: True})
        for n, last in ((0, 3), (4, 3), (1.5, 3), (True, 3)):
            with pytest.raises(ParameterError, match=r"n (is|and last are)"):
                self.found(table, n=n, last=last)
        with pytest.raises(TableError, match="'year' must hold whole years"):
            self.found(table.assign(year="2015"))
        with pytest.raises(TableError, match="Nothing is imported by JPN"):
            self.found(table, importer="JPN")
        with pytest.raises(TableError, match="Unknown importer 'FRA'"):
            self.found(table, importer=["CHN", "FRA"])
        with pytest.raises(ParameterError, match="each once"):
            self.found(table, importer=["CHN", "CHN"])


class TestReverseDependence:
    # USA 70 of 100 from China, Korea 20, Japan 10; Germany 95 of 100 from China, Poland 5; Japan 30 of 100, Korea 70.
    FLOWS = flows(
        [
            ("CHN", "USA", 70), ("KOR", "USA", 20), ("JPN", "USA", 10), ("CHN", "DEU", 95), ("POL", "DEU", 5),
            ("CHN", "JPN", 30), ("KOR", "JPN", 70), ("JPN", "CHN", 400),
        ]
    )  # fmt: skip

    def test_partners_by_hand(self) -> None:
        made = metrics.reverse_dependence(self.FLOWS).set_index("importer")
        assert made["share"].to_dict() == pytest.approx({"DEU": 0.95, "JPN": 0.3, "USA": 0.7})
        assert made["next_supplier"].to_dict() == {"DEU": "POL", "JPN": "KOR", "USA": "KOR"}
        assert made["next_share"].to_dict() == pytest.approx({"DEU": 0.05, "JPN": 0.7, "USA": 0.2})
        assert made["alternatives"].to_dict() == {
            "DEU": 0,
            "JPN": 1,
            "USA": 1,
        }  # Japan's 0.1 is not above 0.1
        assert made["dependent"].to_dict() == {"DEU": True, "JPN": False, "USA": True}
        assert made["captive"].to_dict() == {"DEU": True, "JPN": False, "USA": False}
        assert "CHN" not in made.index

    def test_items_by_hand(self) -> None:
        made = metrics.reverse_dependence(self.FLOWS, by="item").drop(columns=["year", "product"]).iloc[0]
        assert made.to_dict() == {
            "imports": 300.0,
            "share": pytest.approx(195 / 300),
            "partners": 3,
            "dependent_partners": 2,
            "captive_partners": 1,
            "dependent_imports": 165.0,
        }

    def test_a_bloc_is_one_supplier_and_no_partner(self) -> None:
        table = pd.concat([self.FLOWS, flows([("HKG", "USA", 30), ("CHN", "HKG", 500)])])
        made = metrics.reverse_dependence(table, economy=("CHN", "HKG")).set_index("importer")
        assert made.loc["USA", "share"] == pytest.approx(100 / 130)
        assert "HKG" not in made.index
        alone = metrics.reverse_dependence(table).set_index("importer")
        assert alone.loc["USA", "next_supplier"] == "HKG"
        assert alone.loc["HKG", "captive"]

    def test_no_other_supplier(self) -> None:
        made = metrics.reverse_dependence(flows([("CHN", "USA", 5), ("KOR", "JPN", 1)])).set_index("importer")
        assert pd.isna(made.loc["USA", "next_supplier"])
        assert made.loc["USA", ["share", "next_share"]].tolist() == [1, 0]
        assert made.loc["JPN", "share"] == 0

    @given(trade())
    def test_counts_agree_and_shares_are_import_shares(self, table: pd.DataFrame) -> None:
        if "CHN" not in set(table["exporter"]):
            return
        partners = metrics.reverse_dependence(table, share_above=0.4)
        items = metrics.reverse_dependence(table, share_above=0.4, by="item").set_index(["year", "product"])
        shares = metrics.import_share(table, supplier="CHN").drop(columns="exporter")
        both = partners.merge(shares, on=["importer", "product", "year"])
        assert len(both) == len(partners)
        assert np.allclose(both["share"], both["import_share"])
        by_item = partners.groupby(["year", "product"])
        assert by_item["dependent"].sum().to_dict() == items["dependent_partners"].to_dict()
        assert by_item.size().to_dict() == items["partners"].to_dict()
        assert (partners["captive"] <= partners["dependent"]).all()
        assert (partners["share"] + partners["next_share"] <= 1 + 1e-12).all()

    def test_errors(self) -> None:
        with pytest.raises(TableError, match="Unknown exporter 'TWN'"):
            metrics.reverse_dependence(self.FLOWS, economy="TWN")
        with pytest.raises(ParameterError, match="share_above is 50"):
            metrics.reverse_dependence(self.FLOWS, share_above=50)
        with pytest.raises(UnknownName, match="Unknown by 'economy'"):
            metrics.reverse_dependence(self.FLOWS, by="economy")
        with pytest.raises(TableError, match="No flow to a partner of CHN"):
            metrics.reverse_dependence(flows([("CHN", "USA", 0), ("JPN", "CHN", 5)]))
        with pytest.raises(TableError, match="CHN sells nothing to any partner"):
            metrics.reverse_dependence(flows([("CHN", "USA", 0), ("JPN", "USA", 5)]))


class TestExportDominance:
    EXPORTS = pd.DataFrame(
        {"product": "280530", "year": 2005, "exporter": ["CHN", "HKG", "JPN"], "value": [60.0, 20.0, 20.0]}
    )

    def test_by_hand(self) -> None:
        made = metrics.export_dominance(self.EXPORTS).iloc[0]
        assert made["share"] == 0.6
        assert made["hhi"] == pytest.approx(0.36 + 0.04 + 0.04)
        assert made["next_exporter"] == "HKG"  # of equal ones the first
        assert made["next_share"] == 0.2
        assert made["dominant"]
        bloc = metrics.export_dominance(self.EXPORTS, exporter=("CHN", "HKG")).iloc[0]
        assert bloc["share"] == pytest.approx(0.8)
        assert bloc["hhi"] == pytest.approx(0.64 + 0.04)
        assert bloc["next_exporter"] == "JPN"

    def test_alone_and_nothing(self) -> None:
        made = metrics.export_dominance(self.EXPORTS.iloc[:1]).iloc[0]
        assert made[["share", "hhi", "next_share"]].tolist() == [1, 1, 0]
        assert pd.isna(made["next_exporter"])
        made = metrics.export_dominance(self.EXPORTS.assign(value=0.0)).iloc[0]
        assert made[["share", "hhi", "next_share"]].isna().all()
        assert not made["dominant"]

    def test_a_missing_label_in_every_kind(self) -> None:
        one = self.EXPORTS.iloc[:1]
        numbers = one.assign(exporter=156)
        kinds = [
            metrics.export_dominance(pl.from_pandas(one))["next_exporter"].to_list(),
            metrics.export_dominance(one.astype({"exporter": "category"}))["next_exporter"].tolist(),
            metrics.export_dominance(numbers, exporter=156)["next_exporter"].tolist(),
        ]
        assert all(pd.isna(kind[0]) for kind in kinds)

    def test_on_the_embedded_table(self, root: Path) -> None:
        table = pd.read_parquet(root / "data" / "critical_materials_exports.parquet")
        made = metrics.export_dominance(table)
        rare = made[made["product"] == "280530"].set_index("year")
        # As printed in the notes of the source: shares and indices of rare-earth metals.
        assert rare["share"][[2005, 2015, 2023]].round(3).tolist() == [0.774, 0.273, 0.394]
        assert rare["hhi"][[2005, 2015, 2023]].round(3).tolist() == [0.607, 0.240, 0.263]
        index = metrics.hhi(table, within=("product", "year"))
        assert np.allclose(made["hhi"], index["hhi"])

    def test_errors(self) -> None:
        with pytest.raises(TableError, match=r"Unknown exporter 'CNH'\. Did you mean"):
            metrics.export_dominance(self.EXPORTS, exporter="CNH")
        with pytest.raises(ParameterError, match="share_above is 60"):
            metrics.export_dominance(self.EXPORTS, share_above=60)
        with pytest.raises(TableError, match="is missing in 1 row"):
            metrics.export_dominance(self.EXPORTS.assign(value=[1.0, None, 2.0]))


def sales(rows: list[tuple[str, str, float]], **columns: object) -> pd.DataFrame:
    """Sales written as "CHN cars" to "USA chips" or "USA final"."""
    parts = [(*a.split(), *b.split(), value) for a, b, value in rows]
    names = ["exporter", "from_industry", "importer", "to_use", "value"]
    return pd.DataFrame(parts, columns=names).assign(year=2011, **columns)


class TestMainSupplier:
    FLOWS = pd.DataFrame(
        [
            ("CHN", 2015, "854231", "TWN", 60.0), ("CHN", 2015, "854231", "KOR", 40.0),
            ("CHN", 2020, "854231", "TWN", 30.0), ("CHN", 2020, "854231", "KOR", 30.0), ("CHN", 2020, "854231", "CHN", 500.0),
            ("USA", 2020, "854231", "TWN", 0.0),
        ],
        columns=["importer", "year", "product", "exporter", "value"],
    )  # fmt: skip

    def test_by_hand(self) -> None:
        made = metrics.main_supplier(self.FLOWS).set_index(["importer", "year"])
        assert made.loc[("CHN", 2015), ["imports", "suppliers", "main_supplier"]].tolist() == [
            100.0,
            2,
            "TWN",
        ]
        assert made.loc[("CHN", 2015), ["hhi", "main_share"]].tolist() == pytest.approx([0.52, 0.6])
        # China's imports from itself are left out; of equal suppliers the first by label counts.
        assert made.loc[("CHN", 2020), ["imports", "suppliers", "main_supplier"]].tolist() == [60.0, 2, "KOR"]
        assert made.loc[("USA", 2020), ["hhi", "main_supplier", "main_share"]].isna().all()


class TestForeignInputReliance:
    # A = [[0.2, 0], [0.1, 0]]: China's industry uses 0.2 of itself and 0.1 of Korea's per unit of output.
    # L = [[1.25, 0], [0.125, 1]]; Korea adds 1 per unit of its output.
    TWO = sales(
        [
            ("CHN goods", "CHN goods", 20),
            ("KOR goods", "CHN goods", 10),
            ("CHN goods", "CHN final", 80),
            ("KOR goods", "KOR final", 40),
        ]
    )
    FINAL = tuple(f"f{number}" for number in range(1, 6))

    def found(self, table: pd.DataFrame, **options: Any) -> pd.DataFrame:
        made = metrics.foreign_input_reliance(table, **{"final": ["final"], **options})
        return made.set_index(["importer", "to_use"])

    def test_a_total_beside_its_parts_is_refused(self) -> None:
        for column, label in (("from_industry", "C"), ("exporter", "WLD"), ("importer", "EU27")):
            table = self.TWO.replace({"goods": "C26", "KOR": "DEU"})
            table = pd.concat([table, table.assign(**{column: label})]).drop_duplicates(
                ["exporter", "from_industry", "importer", "to_use"]
            )
            with pytest.raises(TableError, match=f"'{column}' has '{label}' beside"):
                self.found(table)

    def test_two_economies_by_hand(self) -> None:
        china = self.found(self.TWO).loc[("CHN", "goods")]
        assert china.drop("year").to_dict() == pytest.approx(
            {
                "face_value": 0.1,
                "look_through": 0.125,
                "foreign_content": 0.125,
                "face_value_share": 0.1 / 0.3,
                "look_through_share": 0.125 / (0.125 + 0.25),
                "output": 100,
            }
        )
        korea = self.found(self.TWO).loc[("KOR", "goods")]
        assert korea[["face_value", "look_through", "foreign_content", "output"]].tolist() == [0, 0, 0, 50]
        assert korea[["face_value_share", "look_through_share"]].isna().all()  # it has no inputs

    def test_what_is_foreign_behind_a_domestic_supplier(self) -> None:
        # A car takes 0.4 of a domestic motor, which takes 0.5 of a Korean chip, which takes 0.2 of Japanese silicon.
        chain = sales(
            [
                ("CHN motors", "CHN cars", 40), ("CHN cars", "CHN final", 100), ("KOR chips", "CHN motors", 20),
                ("KOR chips", "KOR final", 30), ("JPN silicon", "KOR chips", 10), ("JPN silicon", "JPN final", 7),
            ]
        )  # fmt: skip
        cars = self.found(chain).loc[("CHN", "cars")]
        assert cars["face_value"] == 0
        assert cars["look_through"] == pytest.approx(0.4 * 0.5 + 0.4 * 0.5 * 0.2)
        assert cars["foreign_content"] == pytest.approx(0.4 * 0.5)  # the silicon is in the chip's value
        by_source = self.found(chain, by="source").loc[("CHN", "cars")].set_index("exporter")
        assert by_source["look_through"].to_dict() == pytest.approx({"KOR": 0.2, "JPN": 0.04})
        assert by_source["foreign_content"].to_dict() == pytest.approx({"KOR": 0.2 * 0.8, "JPN": 0.04})
        assert by_source["face_value"].to_dict() == {"KOR": 0, "JPN": 0}

    @given(
        st.lists(st.integers(0, 9), min_size=36, max_size=36),
        st.lists(st.integers(1, 9), min_size=6, max_size=6),
    )
    def test_agrees_with_numpy_and_sources_add_up(self, flows_: list[int], final: list[int]) -> None:
        names = [f"{e} {i}" for e in ("CHN", "KOR", "USA") for i in ("cars", "chips")]
        table = sales(
            [(a, b, float(flows_[6 * r + c])) for r, a in enumerate(names) for c, b in enumerate(names)]
            + [(a, "USA final", 60.0 * final[r]) for r, a in enumerate(names)]
        )
        flow = np.array(flows_, float).reshape(6, 6)
        output = flow.sum(axis=1) + 60.0 * np.array(final)
        if (flow.sum(axis=0) >= output).any():
            return
        direct = flow / output
        inverse = np.linalg.solve(np.eye(6) - direct, np.eye(6))
        foreign = np.repeat(np.arange(3), 2)[:, None] != np.repeat(np.arange(3), 2)[None, :]
        made = self.found(table).loc[[tuple(name.split()) for name in names]]
        assert np.allclose(made["face_value"], (direct * foreign).sum(axis=0))
        assert np.allclose(made["look_through"], ((inverse - np.eye(6)) * foreign).sum(axis=0))
        added = (1 - direct.sum(axis=0))[:, None] * inverse
        assert np.allclose(made["foreign_content"], (added * foreign).sum(axis=0))
        assert np.allclose(added.sum(axis=0), 1)
        assert made["foreign_content"].between(-1e-12, 1 + 1e-12).all()
        assert (made["look_through"] >= made["face_value"] - 1e-12).all()
        columns = ["face_value", "look_through", "foreign_content"]
        sums = self.found(table, by="source").groupby(level=[0, 1])[columns].sum()
        assert np.allclose(sums.loc[made.index], made[columns])
        scaled = self.found(table.assign(value=table["value"] * 1000).iloc[::-1])
        assert np.allclose(scaled.loc[made.index, columns], made[columns])

    def test_stocks_and_an_industry_without_output(self) -> None:
        table = pd.concat([self.TWO, sales([("CHN goods", "CHN final2", -20), ("KOR idle", "KOR final", 0)])])
        made = self.found(table, final=["final", "final2"])
        assert made.loc[("CHN", "goods"), "output"] == 80
        assert made.loc[("KOR", "idle"), ["face_value", "look_through", "foreign_content"]].isna().all()

    def test_errors(self) -> None:
        with pytest.raises(TableError, match="Unknown final use 'consumption'"):
            self.found(self.TWO, final=["consumption"])
        with pytest.raises(TableError, match="final is empty"):
            self.found(self.TWO, final=[])
        more = pd.concat([self.TWO, sales([("CHN goods", "CHN gfcf", 5)])])
        with pytest.raises(TableError, match=r"gfcf in column 'to_use' are neither or both"):
            self.found(more)
        with pytest.raises(TableError, match=r"goods.* neither or both"):
            self.found(self.TWO, final=["final", "goods"])
        with pytest.raises(TableError, match=r"'value' is negative in 1 row.*: -20"):
            self.found(self.TWO.assign(value=self.TWO["value"].replace(20.0, -20.0)))
        with pytest.raises(TableError, match=r"buy inputs and have no output.*: CHN lost"):
            self.found(
                pd.concat([self.TWO, sales([("KOR goods", "CHN lost", 5), ("KOR lost", "KOR final", 5)])])
            )
        with pytest.raises(TableError, match="no Leontief inverse of zero or more"):
            self.found(sales([("CHN a", "CHN b", 50), ("CHN b", "CHN a", 90), ("CHN a", "CHN final", 1), ("CHN b", "CHN final", -30)]))  # fmt: skip
        with pytest.raises(TableError, match="is missing in 1 row"):
            self.found(self.TWO.assign(value=[None, 1.0, 2.0, 3.0]))
        with pytest.raises(UnknownName, match="Unknown by 'industry'"):
            self.found(self.TWO, by="industry")

    def test_published_foreign_content_of_2011(self, root: Path) -> None:
        """The published shares were computed from output; cells of the table are rounded to millions, and miss it by some.

        With what is missing put back as a final use, the content of exports is that of the publication.
        """
        table = pd.read_parquet(root / "data" / "inter_country_2011.parquet")
        published = pd.read_parquet(root / "data" / "wiod_foreign_content.parquet")
        published = published[published["year"] == 2011].set_index(["economy", "industry"])
        made = self.found(table, final=self.FINAL)
        as_is = self.of_exports(made, published)
        assert as_is.loc["CHN", "made"] == pytest.approx(0.2176, abs=5e-5)
        assert as_is.loc["CHN", "published"] == pytest.approx(0.218, abs=5e-4)
        large = as_is["exports"] > 500_000  # million; of small economies more is lost to rounding
        assert large.sum() > 8
        assert (as_is["made"] - as_is["published"])[large].abs().max() < 0.001
        sold = (
            table.groupby(["exporter", "from_industry"])["value"].sum().rename_axis(["economy", "industry"])
        )
        gap = (published["output"] - sold.reindex(published.index).fillna(0)).reset_index(name="value")
        gap = gap.rename(columns={"economy": "exporter", "industry": "from_industry"})
        gap = gap.assign(importer=gap["exporter"], to_use="rounding", year=2011, unit=table["unit"].iloc[0])
        whole = self.found(pd.concat([table, gap]), final=[*self.FINAL, "rounding"])
        together = whole.join(published["foreign_share"].rename_axis(["importer", "to_use"]))
        assert (
            together["foreign_content"] - together["foreign_share"]
        ).abs().max() <= 5.0e-5  # four digits are printed
        economies = self.of_exports(whole, published)
        assert len(economies) == 41
        assert (economies["made"] - economies["published"]).abs().max() < 1e-7

    @staticmethod
    def of_exports(made: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
        both = published.join(made["foreign_content"].rename_axis(["economy", "industry"]))
        both["foreign"] = both["gross_exports"] * both["foreign_content"].fillna(0)
        sums = both.groupby(level="economy")[["gross_exports", "domestic_value_added", "foreign"]].sum()
        exports = sums["gross_exports"]
        return pd.DataFrame(
            {
                "made": sums["foreign"] / exports,
                "published": 1 - sums["domestic_value_added"] / exports,
                "exports": exports,
            }
        )
