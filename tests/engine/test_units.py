"""A loaded table says where it is from and in which units it is; metrics carry this on, and figures use it."""

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.engine.units import carry
from mic2025lab.errors import TableError
from mic2025lab.plots._described import _scale
from tests.metrics.cases import CASES

#: New columns that are numbers without a unit: years, counts, weights, statistics.
WITHOUT = """peak_year first_year last_year earliest_peak latest_peak start end years years_known years_dependent diversity ubiquity
    alternatives partners dependent_partners captive_partners items below rows versions weight autocorrelation autocorrelation_p
    within between cross total investment_sum growth_sum unit_value"""  # the last line: of two columns with units of their own


@pytest.fixture(scope="module")
def shares():
    table = lab.load("value_added", industry="aerospace", year=slice(2010, 2022))
    found = lab.metrics.market_share(table, of="economy", within=("industry", "year"), world="WLD")
    return found[found["economy"] != "WLD"]


def test_a_loaded_table_says_what_it_is():
    table = lab.load("value_added", industry="aerospace")
    assert table.attrs["table"] == "value_added"
    assert table.attrs["units"] == {"value": "million USD"}
    assert "NCSES" in table.attrs["source"]
    assert type(table) is pd.DataFrame


def test_the_unit_is_that_of_the_rows_where_a_table_has_several():
    every = lab.load("world_economy")
    assert every["unit"].nunique() > 1
    assert "value" not in every.attrs["units"]
    indicator = every["indicator"].iloc[0]
    one = lab.load("world_economy", indicator=indicator)
    assert one.attrs["units"]["value"] == one["unit"].unique().item()
    assert (
        lab.load("world_economy", indicator=indicator, columns=["value"]).attrs["units"] == one.attrs["units"]
    )


def test_a_unit_that_is_not_one_is_none():
    for entry in lab.catalog.catalog().values():
        if entry.where == "embedded" and entry.format != "partitioned":
            units = lab.load(entry.name).attrs["units"]
            assert not [unit for unit in units.values() if ";" in unit or "by row" in unit], entry.name
    supply, one = lab.load("industry_supply", vintage="all"), lab.load("industry_supply")
    assert supply["unit"].nunique() == 2
    assert "output" not in supply.attrs["units"]
    assert one.attrs["units"]["output"] == one["unit"].unique().item()


def test_a_share_is_a_fraction_and_the_value_keeps_its_unit(shares):
    assert shares.attrs["units"] == {"value": "million USD", "share": "fraction"}
    assert shares[shares["economy"] == "CHN"].attrs["source"] == shares.attrs["source"]


def test_a_new_table_has_the_units_of_its_own_columns():
    table = lab.load("value_added")
    change = lab.metrics.share_change(table, start=2015, end=2022, world="WLD")
    assert change.attrs["units"] == {
        "share_start": "fraction",
        "share_end": "fraction",
        "share_change": "percentage points",
    }
    aerospace = lab.load("value_added", industry="aerospace")
    pace = lab.metrics.pace(aerospace, of="economy", value="value", at=2015)
    assert pace.attrs["units"]["before"] == "million USD a year"
    # A table without a description gets none.
    assert (
        lab.metrics.pace(pd.DataFrame(aerospace.to_dict("list")), of="economy", value="value", at=2015).attrs
        == {}
    )


@pytest.mark.parametrize(("name", "case"), list(CASES.items()))
def test_every_number_of_every_metric_has_a_unit(name, case):
    given = []

    def describe(table):
        numbers = table.select_dtypes("number")
        given.append(table.copy())
        given[-1].attrs = {"table": "t", "source": "s", "units": dict.fromkeys(numbers, "tonnes")}
        return given[-1]

    result = case(describe)
    assert isinstance(result, pd.DataFrame)
    assert result.attrs["source"] == "s"
    old = {column for table in given for column in table}
    new = set(result.select_dtypes("number")) - old - set(WITHOUT.split())
    assert new <= set(result.attrs["units"]), name
    assert not any("value" in unit for unit in result.attrs["units"].values())


def test_a_column_of_an_unknown_unit_has_none():
    table = pd.DataFrame({"value": [1.0]})
    table.attrs = {"units": {}}
    result = pd.DataFrame({"before": [1.0], "share": [1.0], "other": [1.0]})
    carry(result, table, {"value": "value"})
    assert result.attrs["units"] == {"share": "fraction"}


def test_a_figure_needs_no_subtitle_and_no_source(shares):
    figure = lab.plots.lines(shares, y="share", by="economy", focus="CHN", title="A title")
    texts = " ".join(text.get_text() for text in figure.texts)
    assert "Share, %, aerospace, 2010–2022" in texts
    assert "NCSES" in texts
    last = shares.query("economy == 'CHN' and year == 2022")["share"].item()
    assert f"{100 * last:.1f}% in 2022" in figure.alt_text


def test_a_figure_with_a_subtitle_draws_the_numbers_as_they_are(shares):
    figure = lab.plots.lines(
        shares, y="share", by="economy", focus="CHN", title="A title", subtitle="Fractions"
    )
    assert "Fractions" in figure.alt_text
    assert "CHN 0.0 in 2010 to 0.1 in 2022" in figure.alt_text


def test_large_numbers_are_written_in_words_or_with_commas():
    table = lab.load("value_added", industry="manufacturing", economy=["CHN", "USA"])
    largest = table["value"].max()
    figure = lab.plots.bars(table[table["year"] == 2022], item="economy", value="value", title="A title")
    assert "trillion USD" in figure.alt_text
    assert f"CHN {largest / 1e6:.2f};" in figure.alt_text
    plain = lab.plots.lines(table, y="value", by="economy", focus="CHN", title="T", subtitle="Million USD")
    plain.canvas.draw()
    labels = [label.get_text() for label in plain.axes[0].get_yticklabels()]
    assert "2,000,000" in labels
    assert not any("e" in label for label in labels)
    assert "2015" in [label.get_text() for label in plain.axes[0].get_xticklabels()]
    assert plain.axes[0].yaxis.get_offset_text().get_text() == ""


def test_a_figure_of_an_unknown_table_says_what_it_needs():
    table = pd.DataFrame({"year": [2015], "economy": "CHN", "value": 1.0})
    words = {"y": "value", "by": "economy", "focus": "CHN", "title": "T"}
    with pytest.raises(TableError, match="source="):
        lab.plots.lines(table, **words)
    with pytest.raises(TableError, match="subtitle="):
        lab.plots.lines(table, source="mine", **words)
    assert "Unit: tonnes" in lab.plots.lines(table, source="mine", unit="tonnes", **words).alt_text


@pytest.mark.parametrize(
    ("unit", "largest", "expected"),
    [
        ("million USD", 34e6, (1e6, "trillion USD")),
        ("million USD", 999, (1, "million USD")),
        ("USD", 12_000, (1e3, "thousand USD")),
        ("tonnes", 5e7, (1e6, "million tonnes")),
        ("trillion USD", 1e9, (1, "trillion USD")),
        ("100 million yuan", 1e6, (1, "100 million yuan")),
        ("index", 1e6, (1, "index")),
        ("fraction", 0.3, (0.01, "%")),
    ],
)
def test_the_size_of_a_unit(unit, largest, expected):
    assert _scale(unit, largest) == expected
