"""Dependence: screens in pandas, windows of years and domestic use by hand, input-output tables in numpy and as published."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mic2025lab import metrics
from tests.metrics.strategies import TRADE, few, tables, whole

pl = pytest.importorskip("polars")


def flows(rows, **columns):
    """Rows of exporter, importer and value."""
    table = pd.DataFrame(rows, columns=["exporter", "importer", "value"]).astype({"value": float})
    return table.assign(**{"product": "854231", "year": 2018, **columns})


def by_importer(made, column):
    return made.set_index("importer")[column].to_dict()


def test_suppliers_as_whole_numbers():
    table = flows([(156, 842, 20), (344, 842, 30), (490, 842, 50)])
    assert metrics.import_share(table, supplier=156)["exporter"].tolist() == [156]
    bloc = metrics.import_share(table, supplier=(156, 344))
    assert bloc[["exporter", "import_share"]].to_numpy().tolist() == [["156+344", 0.5]]


class TestBalance:
    # Q 80, X 30, M 50: D = 80 - 30 + 50 = 100. A hub: D = 10 - 45 + 50 = 15. Drained: D = 80 - 140 + 50 = -10.
    TABLE = pd.DataFrame(
        {"output": [80.0, 10, 80, None], "exports": [30.0, 45, 140, 0], "imports": [50.0] * 4}
    )

    @pytest.mark.parametrize(
        ("metric", "expected"),
        [
            ("apparent_consumption", [100, 15, -10, np.nan]),
            ("import_penetration", [0.5, 50 / 15, np.nan, np.nan]),
            ("self_sufficiency", [0.8, 10 / 15, np.nan, np.nan]),
        ],
    )
    def test_by_hand(self, metric, expected):
        made = getattr(metrics, metric)(self.TABLE)[metric]
        assert made.tolist() == pytest.approx(expected, nan_ok=True)


class TestLocalization:
    # 2005: D = 60 - 10 + 50 = 100, u = 0.5; 2015: D = 190 - 30 + 40 = 200, u = 0.8.
    TABLE = pd.DataFrame(
        {"economy": "CHN", "industry": "rail", "year": [2005, 2015], "output": [60.0, 190.0], "exports": [10.0, 30.0],
         "imports": [50.0, 40.0]}
    )  # fmt: skip

    def one(self, table=TABLE, **options):
        made = metrics.localization(table, start=2005, end=2015, **options)
        return made.drop(columns=["economy", "industry"]).iloc[0]

    def test_by_hand(self):
        # Foreign firms for home use: 20 - 5 = 15, then 100 - 20 = 80: u_F 0.15, then 0.4.
        firms = self.TABLE.assign(theirs=[20.0, 100.0], sold=[5.0, 20.0])
        assert self.one(firms, foreign_output="theirs", foreign_exports="sold").to_dict() == pytest.approx(
            {"output_change": 130, "imports_change": -10, "demand": 0.65 * 100, "substitution": 150 * 0.3,
             "substitution_foreign": 150 * 0.25, "substitution_domestic": 150 * 0.05, "exports_change": 20,
             "home_share_start": 0.5, "home_share_end": 0.8}
        )  # fmt: skip

    @given(st.lists(st.floats(0.01, 1e6), min_size=6, max_size=6))
    def test_adds_up(self, numbers):
        exports = np.minimum(numbers[2:4], numbers[:2])
        table = self.TABLE.assign(output=numbers[:2], exports=exports, imports=numbers[4:])
        made = self.one(table)
        parts = made["demand"] + made["substitution"] + made["exports_change"]
        assert parts == pytest.approx(made["output_change"], rel=1e-12, abs=1e-12 * max(numbers))
        penetration = metrics.import_penetration(table)["import_penetration"]
        assert (1 - made[["home_share_start", "home_share_end"]]).tolist() == pytest.approx(list(penetration))

    def test_what_is_not_known(self):
        made = self.one(self.TABLE.assign(imports=[np.nan, 40.0]))
        assert made.dropna().to_dict() == {"output_change": 130, "exports_change": 20, "home_share_end": 0.8}
        assert np.isnan(self.one(self.TABLE.assign(exports=[10.0, 250.0]))["demand"])  # D = -20
        two = pd.concat([self.TABLE, self.TABLE.iloc[:1].assign(industry="aerospace")])
        made = metrics.localization(two, start=2005, end=2015).set_index("industry")
        assert made["output_change"].isna().to_dict() == {"aerospace": True, "rail": False}


@few
@given(tables(TRADE, whole), st.sampled_from([None, 0.3]))
def test_screen_of_a_bloc(table, world_above):
    table = table[table["exporter"] != table["importer"]]
    bloc = ("CHN", "JPN")
    assume(
        set(bloc) <= set(table["exporter"]) | set(table["importer"]) and table["importer"].isin(bloc).any()
    )
    made = metrics.strategic_dependencies(table, bloc=bloc, world_above=world_above)
    imported = table[table["importer"].isin(bloc)].groupby(["year", "product"])["value"].sum()
    assert made[["year", "product"]].apply(tuple, axis=1).tolist() == imported.index.tolist()
    for _, row in made.iterrows():
        cell = table[(table["year"] == row["year"]) & (table["product"] == row["product"])]
        theirs, inside = cell["importer"].isin(bloc), cell["exporter"].isin(bloc)
        bought = cell[theirs & ~inside].groupby("exporter")["value"].sum()
        outside, exports = bought.sum(), cell.loc[inside, "value"].sum()
        within = cell.loc[theirs & inside, "value"].sum()
        top = bought.idxmax() if len(bought) else None
        hhi = ((bought / outside) ** 2).sum() if len(bought) else np.nan
        expected = {
            "imports_outside": outside, "imports_inside": within, "exports": exports, "supplier_hhi": hhi,
            "outside_share": outside / (outside + within), "import_export_ratio": outside / exports if exports else np.nan,
            "top_share": bought.max() / outside if len(bought) else np.nan,
        }  # fmt: skip
        concentrated = hhi > 0.4
        if world_above is not None:
            sold = cell.groupby("exporter")["value"].sum()
            expected["world_hhi"] = ((sold / sold.sum()) ** 2).sum()
            concentrated &= expected["world_hhi"] > world_above
        assert row[list(expected)].to_dict() == pytest.approx(expected, nan_ok=True)
        assert row["top_supplier"] == top if top else pd.isna(row["top_supplier"])
        conditions = [concentrated, expected["outside_share"] > 0.5, outside > exports]
        assert row[["concentrated", "foreign", "irreplaceable"]].tolist() == conditions
        assert row["dependent"] == all(conditions)


def test_thresholds_are_to_be_exceeded():
    equal = flows([("CHN", "DEU", 40), ("DEU", "FRA", 40)])
    made = metrics.strategic_dependencies(equal, bloc=("DEU", "FRA"), hhi_above=1.0).iloc[0]
    assert made["outside_share"] == 0.5
    assert not any(made[["concentrated", "foreign", "irreplaceable"]])
    half = flows([("CHN", "DEU", 60), ("KOR", "DEU", 60)])
    made = metrics.export_dominance(half, over="importer", share_above=0.4, hhi_above=0.5).iloc[0]
    assert made["hhi"] == 0.5
    assert not made["dominant"]
    made = metrics.export_dominance(half, over="importer", share_above=0.5, hhi_above=0.4).iloc[0]
    assert made["share"] == 0.5
    assert not made["dominant"]
    assert metrics.export_dominance(half, over="importer", share_above=0.4, hhi_above=0.4).iloc[0]["dominant"]
    made = metrics.reverse_dependence(half, share_above=0.5).iloc[0]
    assert made["share"] == 0.5
    assert not made["dependent"]
    made = metrics.reverse_dependence(half, share_above=0.4, alternative_above=0.5).iloc[0]
    assert all(made[["dependent", "captive"]])  # a share of 0.5 is no alternative above 0.5


def test_a_small_trade_inside_is_not_lost_beside_a_large_one_from_outside():
    table = flows([("CHN", "DEU", 3e17), ("JPN", "FRA", 1e17), ("DEU", "FRA", 7), ("FRA", "DEU", 4)])
    made = metrics.strategic_dependencies(table, bloc=("DEU", "FRA")).iloc[0]
    assert made[["imports_inside", "imports_outside"]].tolist() == [11, 4e17]


@few
@given(tables(TRADE | {"year": [2015, 2016, 2018, 2019]}, whole))
def test_chokepoints(table):
    """All importers at once as each by itself, and as the screen of each; years in which the table has the product or not."""
    table = table[table["exporter"] != table["importer"]]
    assume(len(table))
    options = {"n": 2, "last": 3, "world_above": 0.3}
    importers = sorted(set(table["importer"]))
    blocs = [
        pair for pair in combinations(sorted({*table["exporter"], *importers}), 2) if {*pair} & {*importers}
    ]
    together = metrics.chokepoints(table, **options)
    pd.testing.assert_frame_equal(metrics.chokepoints(table, importer=importers, **options), together)
    made = metrics.chokepoints(table, importer=[*importers, *blocs], **options)  # more parties than importers
    for party in [*importers, *blocs]:
        name = party if isinstance(party, str) else "+".join(party)
        alone = metrics.chokepoints(table, importer=party, **options)
        pd.testing.assert_frame_equal(made[made["importer"] == name].reset_index(drop=True), alone)
        screen = metrics.strategic_dependencies(table, bloc=party, world_above=0.3)
        pd.testing.assert_frame_equal(alone[list(screen)], screen)
        for _, row in alone.iterrows():
            window = alone["year"].between(row["year"] - 2, row["year"]) & (
                alone["product"] == row["product"]
            )
            known = {year for year in table["year"] if row["year"] - 2 <= year <= row["year"]}
            assert [row["years_known"], row["years_dependent"]] == [
                len(known),
                alone[window]["dependent"].sum(),
            ]
            assert row["chokepoint"] == (row["years_dependent"] >= 2)
    bought = together["imports_outside"].groupby([together["importer"], together["year"]]).transform("sum")
    assert np.allclose(together["severity"], together["top_share"] * together["imports_outside"])
    assert np.allclose(together["severity_share"], together["severity"] / bought)


class TestOneSupplier:
    def test_a_bloc_is_one_supplier_and_no_partner(self):
        table = flows([("CHN", "USA", 70), ("KOR", "USA", 30), ("HKG", "USA", 30), ("CHN", "HKG", 500)])
        made = metrics.reverse_dependence(table, economy=("CHN", "HKG"))
        assert by_importer(made, "share") == pytest.approx({"USA": 100 / 130})
        alone = metrics.reverse_dependence(table)
        assert by_importer(alone, "next_supplier")["USA"] == "HKG"  # of equal ones the first
        assert by_importer(alone, "captive")["HKG"]
        usa = table.query("importer == 'USA'")
        made = metrics.export_dominance(usa, exporter=("CHN", "HKG"), over="importer").iloc[0]
        assert made["next_exporter"] == "KOR"
        assert made[["share", "hhi"]].tolist() == pytest.approx([100 / 130, (100**2 + 30**2) / 130**2])

    def test_a_missing_label_in_every_kind(self):
        one = pd.DataFrame({"product": ["280530"], "year": 2005, "exporter": "CHN", "value": 60.0})
        for table, exporter in (
            (one, "CHN"), (pl.from_pandas(one), "CHN"), (one.astype({"exporter": "category"}), "CHN"), (one.assign(exporter=156), 156),
        ):  # fmt: skip
            made = metrics.export_dominance(table, exporter=exporter)
            assert pd.isna(made["next_exporter"].to_list()[0])
            assert [made[name].to_list()[0] for name in ("share", "hhi", "next_share")] == [1, 1, 0]

    def test_on_the_embedded_table(self, root):
        table = pd.read_parquet(root / "data" / "critical_materials_exports.parquet")
        made = metrics.export_dominance(table)
        rare = made[made["product"] == "280530"].set_index("year")
        # As printed in the notes of the source: shares and indices of rare-earth metals.
        assert rare["share"][[2005, 2015, 2023]].round(3).tolist() == [0.774, 0.273, 0.394]
        assert rare["hhi"][[2005, 2015, 2023]].round(3).tolist() == [0.607, 0.240, 0.263]


def sales(rows, **columns):
    """Sales written as "CHN cars" to "USA chips" or "USA final"."""
    parts = [(*a.split(), *b.split(), value) for a, b, value in rows]
    names = ["exporter", "from_industry", "importer", "to_use", "value"]
    return pd.DataFrame(parts, columns=names).assign(year=2011, **columns)


class TestForeignInputReliance:
    FINAL = tuple(f"f{number}" for number in range(1, 6))

    def found(self, table, **options):
        made = metrics.foreign_input_reliance(table, **{"final": ["final"], **options})
        return made.set_index(["importer", "to_use"])

    def test_what_is_foreign_behind_a_domestic_supplier(self):
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
        assert cars["look_through_share"] == pytest.approx(0.24 / 0.64)  # of the motor too
        assert cars["foreign_content"] == pytest.approx(0.4 * 0.5)  # the silicon is in the chip's value
        by_source = self.found(chain, by="source").loc[("CHN", "cars")].set_index("exporter")
        assert by_source["look_through"].to_dict() == pytest.approx({"KOR": 0.2, "JPN": 0.04})
        assert by_source["foreign_content"].to_dict() == pytest.approx({"KOR": 0.2 * 0.8, "JPN": 0.04})
        assert by_source["face_value"].to_dict() == {"KOR": 0, "JPN": 0}

    @few
    @given(
        st.lists(st.integers(0, 9), min_size=36, max_size=36),
        st.lists(st.integers(1, 9), min_size=6, max_size=6),
    )
    def test_agrees_with_numpy_and_sources_add_up(self, numbers, final):
        names = [f"{e} {i}" for e in ("CHN", "KOR", "USA") for i in ("cars", "chips")]
        flow = np.array(numbers, float).reshape(6, 6)
        output = flow.sum(axis=1) + 60.0 * np.array(final)
        assume((flow.sum(axis=0) < output).all())
        table = sales(
            [(a, b, flow[r, c]) for r, a in enumerate(names) for c, b in enumerate(names)]
            + [(a, "USA final", 60.0 * final[r]) for r, a in enumerate(names)]
        )
        direct = flow / output
        inverse = np.linalg.solve(np.eye(6) - direct, np.eye(6))
        through, added = inverse - np.eye(6), (1 - direct.sum(axis=0))[:, None] * inverse
        foreign = np.repeat(np.arange(3), 2)[:, None] != np.repeat(np.arange(3), 2)[None, :]
        made = self.found(table).loc[[tuple(name.split()) for name in names]]
        assert np.allclose(made["output"], output)
        sums = (
            self.found(table, by="source")
            .groupby(level=[0, 1])[["face_value", "look_through", "foreign_content"]]
            .sum()
        )
        for column, part in (("face_value", direct), ("look_through", through), ("foreign_content", added)):
            assert np.allclose(made[column], (part * foreign).sum(axis=0))
            assert np.allclose(sums.loc[made.index, column], made[column])
            with np.errstate(invalid="ignore"):
                share = (part * foreign).sum(axis=0) / part.sum(axis=0)
            if column != "foreign_content":
                assert np.allclose(made[f"{column}_share"], share, equal_nan=True)

    def test_stocks_and_an_industry_without_output(self):
        table = sales(
            [
                ("CHN goods", "CHN goods", 20), ("KOR goods", "CHN goods", 10), ("CHN goods", "CHN final", 80),
                ("KOR goods", "KOR final", 40), ("CHN goods", "CHN final2", -20), ("KOR idle", "KOR final", 0),
            ]
        )  # fmt: skip
        made = self.found(table, final=["final", "final2"])
        assert made.loc[("CHN", "goods"), "output"] == 80
        assert made.loc[("KOR", "idle"), ["face_value", "look_through", "foreign_content"]].isna().all()

    def test_published_foreign_content_of_2011(self, root):
        """The published shares were computed from output; cells of the table are rounded to millions, and miss it by some.

        With what is missing put back as a final use, the content of exports is that of the publication.
        """
        table = pd.read_parquet(root / "data" / "inter_country_2011.parquet")
        published = pd.read_parquet(root / "data" / "wiod_foreign_content.parquet")
        published = published[published["year"] == 2011].set_index(["economy", "industry"])
        as_is = self.of_exports(self.found(table, final=self.FINAL), published)
        assert as_is.loc["CHN", "made"] == pytest.approx(0.2176, abs=5e-5)
        assert as_is.loc["CHN", "published"] == pytest.approx(0.218, abs=5e-4)
        large = as_is["exports"] > 500_000  # million; of small economies more is lost to rounding
        assert large.sum() > 8
        assert (as_is["made"] - as_is["published"])[large].abs().max() < 0.001
        sold = table.groupby(["exporter", "from_industry"])["value"].sum().rename_axis(published.index.names)
        gap = (published["output"] - sold.reindex(published.index).fillna(0)).reset_index(name="value")
        gap = gap.rename(columns={"economy": "exporter", "industry": "from_industry"})
        gap = gap.assign(importer=gap["exporter"], to_use="rounding", year=2011, unit=table["unit"].iloc[0])
        whole = self.found(pd.concat([table, gap]), final=[*self.FINAL, "rounding"])
        together = whole.join(published["foreign_share"].rename_axis(["importer", "to_use"]))
        off = together["foreign_content"] - together["foreign_share"]
        assert off.abs().max() <= 5.0e-5  # four digits are printed
        economies = self.of_exports(whole, published)
        assert len(economies) == 41
        assert (economies["made"] - economies["published"]).abs().max() < 1e-7

    @staticmethod
    def of_exports(made, published):
        both = published.join(made["foreign_content"].rename_axis(["economy", "industry"]))
        both["foreign"] = both["gross_exports"] * both["foreign_content"].fillna(0)
        sums = both.groupby(level="economy")[["gross_exports", "domestic_value_added", "foreign"]].sum()
        exports = sums["gross_exports"]
        at_home = sums["domestic_value_added"] / exports
        return pd.DataFrame({"made": sums["foreign"] / exports, "published": 1 - at_home, "exports": exports})
