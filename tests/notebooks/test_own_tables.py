"""The notebooks that take `table`: a copy of the package's table, as a file of one's own, gives the same numbers under its own name."""

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.analyses import validate
from mic2025lab.catalog import own
from mic2025lab.errors import ParameterError


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    monkeypatch.setattr(own, "_registered", dict(own._registered))


def registered(frame, folder, **columns):
    path = folder / "mine.csv"
    frame.rename(columns=columns).to_csv(path, sep=";", decimal=",", index=False)
    lab.register("mine", path, columns=columns, unit="million USD", title="My own table")


def test_market_shares(run_cells, run_once, tmp_path):
    rows = lab.load("value_added", industry=["machinery", "aerospace", "motor_vehicles"])
    registered(rows.drop(columns="unit"), tmp_path, economy="Country", value="VA")
    own = run_cells("market_share_shifts", table="mine")
    theirs = run_once("market_share_shifts", sector="aerospace")
    shares = lab.metrics.market_share(rows, world="WLD").query("economy == 'CHN' and industry == 'machinery'")
    assert own.numbers["share_end"] == pytest.approx(100 * shares.set_index("year")["share"][2022])
    assert "share of “My own table” in machinery" in own["finding"][0]
    assert "World" not in str(theirs["finding"])
    table = own.table("pace").set_index("industry")
    expected = theirs.table("pace").set_index("industry")
    assert table.loc["aerospace"].tolist() == expected.loc["aerospace"].tolist()


def test_market_shares_without_a_row_of_the_world(run_cells, tmp_path):
    rows = lab.load("value_added", industry=["machinery", "aerospace"], economy=["CHN", "USA", "JPN", "KOR"])
    registered(rows.drop(columns="unit"), tmp_path)
    results = run_cells("market_share_shifts", table="mine", comparators=["USA", "JPN"])
    shares = lab.metrics.market_share(rows).query("economy == 'CHN' and industry == 'machinery'")
    assert results.numbers["share_end"] == pytest.approx(100 * shares.set_index("year")["share"][2022])


def test_specialization_by_products_of_the_hs(run_cells, tmp_path):
    goods = lab.load("critical_materials_exports", year=slice(2008, 2022))
    extra = goods.assign(product="854231", value=goods["value"] * 2).drop_duplicates(
        ["exporter", "year", "product"]
    )
    registered(pd.concat([goods, extra])[["exporter", "product", "year", "value"]], tmp_path)
    spans = {"start": 2010, "base_year": 2014, "end": 2019, "comparators": ["USA", "DEU"]}
    results = run_cells("export_specialization", table="mine", **spans)
    assert "information technology" in str(results["finding"]).lower()


#: Analysis -> the table of the package, the rows that it uses, the columns that it needs, and other names for some of them.
COPIES = {
    "export_specialization": (
        "intermediate_exports", "industry < 'D'", ["economy", "year", "industry", "value"],
        {"exporter": "reporter", "product": "code"},
    ),
    "import_dependence": (
        "industry_supply", "year > 0", ["year", "industry", "name", "output", "exports", "imports"], {"output": "Q"},
    ),
    "chokepoints": (
        "us_imports", "flag != 'in_EU27'", ["year", "importer", "exporter", "product", "value"], {"exporter": "from"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "analysis", [name if name[0] == "e" else pytest.param(name, marks=pytest.mark.heavy) for name in COPIES]
)
def test_a_copy_of_the_table_gives_the_same_numbers(run_cells, run_once, tmp_path, analysis):
    table, chosen, columns, names = COPIES[analysis]
    rows = lab.load(table).query(chosen)[columns]
    if analysis == "export_specialization":
        rows = rows.rename(columns={"economy": "exporter", "industry": "product"})
    registered(rows, tmp_path, **names)
    results = run_cells(analysis, table="mine")
    assert results.numbers == pytest.approx(run_once(analysis).numbers)


@pytest.mark.parametrize(
    ("analysis", "words"),
    [
        ("market_share_shifts", ["'mine'", "industry", "columns={'industry'"]),
        ("export_specialization", ["'mine'", "product or industry"]),
        ("chokepoints", ["'mine'", "exporter, importer, product"]),
        ("import_dependence", ["'mine'", "output, exports, imports"]),
    ],
)
def test_a_table_whose_columns_do_not_fit(analysis, words, tmp_path):
    registered(pd.DataFrame({"economy": ["CHN"], "year": [2015], "value": [1.0]}), tmp_path)
    with pytest.raises(ParameterError) as error:
        validate(analysis, {"table": "mine"})
    assert all(word in str(error.value) for word in words), str(error.value)
    with pytest.raises(ParameterError, match="Did you mean 'mine'"):
        validate(analysis, {"table": "mines"})
