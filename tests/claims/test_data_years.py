"""The last years of the data behind each claim: observed rows of the tables that the ledger names, without forecasts."""

from dataclasses import replace

import pytest

from mic2025lab import catalog
from mic2025lab.catalog.build import _last_observed
from mic2025lab.claims import data_years, ledger


def test_forecasts_do_not_count_and_tables_without_years_are_left_out(small_ledger):
    assert catalog.describe("world_economy").coverage["year"][1] == 2030  # with forecasts
    tables = ("world_economy", "value_added", "benchmarks", "us_tariff_lists", "no_such_table")
    years = data_years.last_years(replace(ledger.read(small_ledger)[0], tables=tables))
    world = catalog.load("world_economy", vintage="all")
    observed = world.loc[world["flag"] != "forecast", "year"].max()
    assert list(years.items()) == [("world_economy", observed), ("benchmarks", 2025), ("value_added", 2022)]
    table = data_years.table(small_ledger)
    assert table["tables"].tolist() == [1, 0]
    assert table.loc[0, "last_years"] == f"capacity_utilization {table.loc[0, 'newest']}"


def test_every_claim_with_a_test_on_embedded_data_names_its_tables():
    table = data_years.table().set_index("id")
    for claim in ledger.read():
        if any(not test.params for test in claim.tests):  # others need what is on the user's machine
            assert table.loc[claim.id, "tables"] > 0, claim.id
    assert table.loc["priorities_narrowed", "tables"] == 0
    assert table["newest"].max() <= 2026


@pytest.mark.parametrize("name", ["ev_sales", "benchmarks", "world_economy", "currency_shares"])
def test_the_stored_year_is_that_of_the_table_and_not_after_the_retrieval(name):
    entry = catalog.describe(name)
    rows = catalog.load(name, **({"vintage": "all"} if entry.vintage_column else {}))
    assert entry.observed == _last_observed(rows, entry.origins)
    assert entry.observed < entry.coverage["year"][1]
