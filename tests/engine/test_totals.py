"""A total beside its parts is refused by every metric and model that adds or compares labels, and only in one cell."""

import numpy as np
import pandas as pd
import pytest

from mic2025lab import metrics, models
from mic2025lab.errors import TableError

IMPORTS = pd.DataFrame(
    [("VNM", "280461", 50.0), ("MYS", "280461", 30.0), ("THA", "280461", 20.0)],
    columns=["exporter", "product", "value"],
).assign(importer="DEU", year=2021)


def beside(label, column="exporter", table=IMPORTS):
    """Add the rows of a total, for every cell of the others."""
    numbers = list(table.select_dtypes("float"))
    keys = [name for name in table if name not in (column, *numbers)]
    total = table.groupby(keys, as_index=False)[numbers].sum().assign(**{column: label})
    return pd.concat([table, total], ignore_index=True)


@pytest.mark.parametrize(
    "label", ["WLD", "world", "All countries", "0", "ASEAN", "EAS", "south_eastern_asia"]
)
@pytest.mark.parametrize(
    "measure", [metrics.hhi, metrics.theil, metrics.concentration_ratio, metrics.main_supplier]
)
def test_suppliers(measure, label):
    with pytest.raises(
        TableError, match=f"'exporter' has {label!r} beside MYS, THA, VNM, .*Drop the rows of {label!r}"
    ):
        measure(beside(label))


def test_numbers_of_economies():
    numbers = beside("WLD").replace({"exporter": {"VNM": 704, "MYS": 458, "THA": 764, "WLD": 0}})
    numbers["exporter"] = numbers["exporter"].astype(int)
    with pytest.raises(TableError, match="'exporter' has 0 beside 458, 704, 764"):
        metrics.hhi(numbers)
    assert metrics.hhi(numbers[numbers["exporter"] > 0])["hhi"].tolist() == pytest.approx([0.38])


def test_levels_of_products():
    mixed = beside("2804", "product")
    with pytest.raises(TableError, match="'product' has '2804' beside 280461"):
        metrics.rca(mixed, over="importer")
    with pytest.raises(TableError, match="'product' has '2804' beside 280461"):
        metrics.hhi(mixed, within=("importer", "year"), over="product")
    assert metrics.hhi(mixed)["hhi"].tolist() == pytest.approx([0.38, 0.38])  # not added: each is a cell


def test_a_total_in_other_cells_is_no_error():
    later = pd.concat([IMPORTS, IMPORTS.iloc[:1].assign(exporter="ASEAN", year=2022)], ignore_index=True)
    assert metrics.hhi(later)["hhi"].tolist() == pytest.approx([0.38, 1.0])
    with pytest.raises(TableError, match="ASEAN"):
        metrics.hhi(later, within=("importer", "product"), over="year")


def test_a_row_without_a_value_adds_nothing():
    for nothing in (0.0, np.nan):
        table = pd.concat([IMPORTS, IMPORTS.iloc[:1].assign(exporter="WLD", value=nothing)])
        assert metrics.hhi(table)["hhi"].tolist() == pytest.approx([0.38])


def test_a_total_that_is_meant_is_used():
    for world in ("World", "WLD"):
        table, cell = beside(world), {"of": "exporter", "within": ("importer", "product", "year")}
        table.loc[table["exporter"] == world, "value"] = 400.0
        made = metrics.market_share(table, **cell, world=world)
        assert made["share"].tolist() == [0.125, 0.075, 0.05, 1.0]
        with pytest.raises(TableError, match=r"Take its row as the total with world=…"):
            metrics.market_share(table, **cell)


def test_industries_are_added_in_decompositions():
    rows = [
        (name, year, value, 5.0, 1.0)
        for name, value in (("C20", 10.0), ("C21", 20.0))
        for year in (2010, 2020)
    ]
    columns = ["industry", "year", "value", "employment", "capital"]
    table = pd.DataFrame(rows, columns=columns).assign(economy="CHN")
    both = beside("C", "industry", table)
    for call in (
        lambda t: metrics.labor_productivity_decomposition(t, start=2010, end=2020),
        lambda t: metrics.misallocation_gap(t),
        lambda t: metrics.share_below(t, within=("economy", "year")),
        lambda t: metrics.share_below(t.rename(columns={"industry": "branch"}), of="branch", within="year"),
    ):
        assert len(call(table))
        with pytest.raises(TableError, match="has 'C' beside C20, C21"):
            call(both)


PANEL = pd.DataFrame(
    [
        (economy, industry, year, float(np.exp(0.05 * (year - 2010) + 0.1 * n + 0.01 * ((year + n) % 3))))
        for n, economy in enumerate(["CHN", "DEU", "FRA", "USA", "KOR"])
        for industry in ("C26", "C27")
        for year in range(2008, 2021)
    ],
    columns=["economy", "industry", "year", "value"],
)
ONE = PANEL[PANEL["industry"] == "C26"]


@pytest.mark.parametrize("label", ["World", "OECD", "EU27"])
@pytest.mark.parametrize(
    "fit",
    [
        lambda t: models.synthetic_control(t[t["industry"] == "C26"], treated="CHN", placebos=False),
        lambda t: models.event_study(t[t["industry"] == "C26"], of="economy", treated="CHN"),
        lambda t: models.triple_difference(t, targeted=["C26"], untargeted=["C27"]),
    ],
    ids=["synthetic_control", "event_study", "triple_difference"],
)
def test_a_total_is_no_control(fit, label):
    table = beside(label, "economy", PANEL)
    with pytest.raises(TableError, match=f"'economy' has {label!r} beside .*DEU"):
        fit(table)
    fit(PANEL)


def test_a_total_that_is_left_out_is_no_donor():
    table = beside("WLD", "economy", ONE)
    without = models.synthetic_control(ONE, placebos=False)
    for chosen in ({"exclude": ["WLD"]}, {"donors": ["DEU", "FRA", "USA", "KOR"]}):
        assert models.synthetic_control(table, placebos=False, **chosen).estimate == without.estimate


def test_an_industry_and_its_part_are_no_two_targets():
    with pytest.raises(TableError, match="'industry' has 'C' beside C26, C27"):
        models.triple_difference(beside("C", "industry", PANEL), targeted=["C26"], untargeted=["C27", "C"])


@pytest.mark.parametrize(
    "fit",
    [
        lambda t: models.hsieh_klenow(t, trim=0),
        lambda t: models.olley_pakes_decomposition(t, productivity="tfp", weight="value_added"),
        lambda t: models.melitz_polanec(t, start=2015, end=2016, productivity="tfp", weight="value_added"),
        lambda t: models.production_function(
            t, method="ols", output="value_added", free="wage_bill", state="capital", draws=0
        ),
    ],
    ids=["hsieh_klenow", "olley_pakes", "melitz_polanec", "production_function"],
)
def test_all_firms_together_are_no_firm(fit):
    draw = np.random.default_rng(3)
    names = ["value_added", "wage_bill", "capital", "tfp"]
    firms = pd.DataFrame(draw.uniform(1, 9, (40, 4)), columns=names).assign(
        firm=[f"firm {n}" for n in range(20)] * 2, year=[2015] * 20 + [2016] * 20, industry="C26"
    )
    fit(firms)
    with pytest.raises(TableError, match="'firm' has '合计' beside"):
        fit(beside("合计", "firm", firms))
