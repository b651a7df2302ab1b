"""Formulas of shares, specialization, concentration, and dependence, written again in pandas, on random tables with zeros and holes.

Each docstring of a metric has an example worked by hand, which `tests/test_docs_pages.py` runs.
"""

import inspect

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mic2025lab import metrics
from mic2025lab.engine.frame import columns_of
from tests.metrics.cases import CASES, CELLS, call
from tests.metrics.strategies import EXPORTS, INDUSTRIES, TRADE, few, tables, whole, with_zeros


def total(values, *levels):
    """Sum by some levels of the index, in every row."""
    return values.groupby(level=list(levels)).transform("sum") if levels else values * 0 + values.sum()


def over(part, whole):
    """Quotient, missing where the whole is not above zero."""
    return part / whole.where(whole > 0)


def shares_of_rows(values):
    """Shares of the last level in each row; missing where the row adds up to zero or has a missing value."""
    wide = values.unstack(fill_value=0)
    return wide.div(wide.sum(axis=1, skipna=False).replace(0, np.nan), axis=0)


def same(made, result, expected):
    """Check a column of a result against numbers by key."""
    found = made.set_index(list(expected.index.names))[result]
    assert set(found.index) == set(expected.index)
    np.testing.assert_allclose(found, expected.loc[found.index], rtol=1e-9, atol=1e-9, err_msg=result)


@few
@given(tables(EXPORTS))
def test_shares_and_specialization(table):
    x = table.set_index(["exporter", "product"])["value"]
    own, market = total(x, "exporter"), total(x, "product")
    whole = own * 0 + x.sum()
    rca = over(over(x, own), over(market, whole))
    same(metrics.market_share(table, of="exporter", within="product"), "share", over(x, market))
    same(metrics.rca(table), "rca", rca)
    same(metrics.rsca(table), "rsca", (rca - 1) / (rca + 1))
    same(metrics.nrca(table), "nrca", over(x, whole) - over(own, whole) * over(market, whole))
    made = metrics.location_quotient(table, of="exporter", item="product")
    same(made, "location_quotient", rca)


@few
@given(tables(EXPORTS))
def test_sophistication(table):
    incomes = {"CHN": 8.0, "USA": 57.0, "JPN": 40.0, "DEU": None}
    table = table.assign(income=table["exporter"].map(incomes))
    x = table.set_index(["exporter", "product"])["value"].fillna(0)
    share, income = over(x, total(x, "exporter")), table.set_index(["exporter", "product"])["income"]
    known = share.where(income.notna(), 0).fillna(0)
    prody = over((known * income).groupby("product").sum(), known.groupby("product").sum())
    same(metrics.prody(table), "prody", prody)
    level = prody.reindex(x.index, level="product")
    expy = (share * level).where(share != 0, share * 0).groupby("exporter").sum(min_count=1)
    lost = (share.isna() | (share.gt(0) & level.isna())).groupby("exporter").any()
    same(metrics.expy(table), "expy", expy.where(~lost))
    fixed = table.assign(level=table["product"].map({"0101": 2.0, "8542": 10.0, "8703": 5.0, "270900": 1.0}))
    expected = (
        (share * fixed.set_index(["exporter", "product"])["level"]).groupby("exporter").sum(min_count=1)
    )
    same(metrics.expy(fixed, prody="level"), "expy", expected)


@few
@given(tables(EXPORTS))
def test_concentration(table):
    x = table.set_index(["exporter", "product"])["value"].fillna(0)
    share = over(x, total(x, "product"))
    by = share.groupby("product")
    n = x.gt(0).groupby("product").sum()
    hhi = (share**2).groupby("product").sum(min_count=1)
    expected = {
        "hhi": hhi,
        "normalized_hhi": ((hhi - 1 / n) / (1 - 1 / n)).where(n > 1, hhi),
        "effective_suppliers": 1 / hhi,
        "theil": (share * np.log(share.where(share > 0, 1))).groupby("product").sum(min_count=1) + np.log(n.where(n > 0)),
    }  # fmt: skip
    for name, numbers in expected.items():
        same(getattr(metrics, name)(table, within="product"), name, numbers)
    for k in (1, 2, 4):
        made = metrics.concentration_ratio(table, k=k, within="product")
        largest = by.apply(lambda one, k=k: one.nlargest(k).sum(min_count=1))
        same(made, "concentration_ratio", largest)


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, 5.0]), min_size=1, max_size=10), st.integers(1, 5))
def test_the_largest_are_found_among_ties(values, k):
    table = pd.DataFrame({"exporter": range(len(values)), "value": values})
    made = metrics.concentration_ratio(table, k=k, within=())["concentration_ratio"].item()
    expected = sum(sorted(values)[-k:]) / sum(values) if sum(values) else np.nan
    assert made == pytest.approx(expected, nan_ok=True)


@few
@given(tables(EXPORTS, numbers=("exports", "imports")))
def test_two_way_trade(table):
    table = table.rename(columns={"exporter": "economy"})
    sold, bought = (table.set_index(["economy", "product"])[name] for name in ("exports", "imports"))
    balance, trade, apart = sold - bought, sold + bought, (sold - bought).abs()
    balances, trades = total(balance, "economy"), total(trade, "economy")
    same(metrics.lafay(table), "lafay", 100 * over(balance - trade * over(balances, trades), trades))
    same(metrics.grubel_lloyd(table), "grubel_lloyd", 1 - over(apart, trade))
    sums = over(apart.groupby("economy").sum(), trade.groupby("economy").sum())
    same(metrics.grubel_lloyd(table, by="total"), "grubel_lloyd", 1 - sums)
    first, second = shares_of_rows(sold), shares_of_rows(bought)
    pairs = pd.MultiIndex.from_product([first.index] * 2, names=["exporter", "importer"])
    fit = [1 - (second.loc[b] - first.loc[a]).abs().sum(skipna=False) / 2 for a, b in pairs]
    expected = pd.Series(fit, pairs)[[a != b for a, b in pairs]]
    same(metrics.trade_complementarity(table), "trade_complementarity", expected)
    alike = [np.minimum(first.loc[a], first.loc[b]).sum(skipna=False) for a, b in pairs]
    expected = pd.Series(alike, pairs.set_names(["economy", "economy_with"]))
    options = {"of": "economy", "value": "exports"}
    made = metrics.export_similarity(table, **options)
    same(made, "export_similarity", expected[[a < b for a, b in pairs]])
    made = metrics.export_similarity(table, against=first.index[0], **options)
    same(made, "export_similarity", expected[[b != a == first.index[0] for a, b in pairs]])


@given(tables(INDUSTRIES), st.sampled_from(["missing", "zero"]))
def test_share_change(table, absent):
    assume(set(table["year"]) == {2015, 2022})
    wide = table.pivot(index=["industry", "economy"], columns="year", values="value")
    if absent == "zero":
        there = table.assign(row=1).pivot(index=["industry", "economy"], columns="year", values="row")
        wide = wide.where(there.notna(), 0)
    share = over(wide, wide.groupby("industry").transform("sum"))
    made = metrics.share_change(table, start=2015, end=2022, absent=absent)
    same(made, "share_start", share[2015])
    same(made, "share_end", share[2022])
    same(made, "share_change", 100 * (share[2022] - share[2015]))


@given(tables(INDUSTRIES, with_zeros, full=True))
def test_displacement(table):
    wide = table.pivot(index=["industry", "economy"], columns="year", values="value")
    sums = wide.groupby("industry").transform("sum")
    change = over(wide, sums).diff(axis=1)[2022]
    gained = change.xs("CHN", level="economy").reindex(change.index, level="industry")
    lost = change.where(np.sign(change) == -np.sign(gained), 0).abs()
    points = (100 * gained * over(lost, total(lost, "industry"))).fillna(0)
    weight = (sums / wide.sum().replace(0, 1)).mean(axis=1)
    others = change.notna() & (change.index.get_level_values("economy") != "CHN")
    made = metrics.displacement(table, gainer="CHN", start=2015, end=2022)
    same(made, "points", points[others])
    same(made, "displacement", (points * weight)[others])
    by_loser = metrics.displacement(table, gainer="CHN", start=2015, end=2022, by="total")
    same(by_loser, "displacement", (points * weight)[others].groupby("economy").sum())


@given(tables(INDUSTRIES, with_zeros, full=True))
def test_shift_share(table):
    wide = table.pivot(index=["industry", "economy"], columns="year", values="value")
    first, last = wide[2015], wide[2022]
    of_industry = over(total(last, "industry"), total(first, "industry")) - 1
    of_all = over(total(last), total(first)) - 1
    made = metrics.shift_share(table, start=2015, end=2022)
    parts = {"growth": last - first, "reference_growth": first * of_all, "industry_mix": first * (of_industry - of_all),
             "competitive": last - first * (1 + of_industry)}  # fmt: skip
    scale = max(1, table["value"].max())
    for name, expected in parts.items():
        same(made.assign(**{name: made[name] / scale}), name, expected / scale)


def bought(table):
    """Imports by importer, product, year, and exporter, without what an economy buys from itself."""
    table = table[table["exporter"] != table["importer"]]
    assume(len(table))
    return table.set_index(["importer", "product", "year", "exporter"])["value"]


CELL = ["importer", "product", "year"]


@few
@given(tables(TRADE))
def test_suppliers_of_imports(table):
    x = bought(table)
    there = sorted(set(x.index.get_level_values("exporter")))
    x = x.fillna(0)
    share = shares_of_rows(x)
    made = metrics.import_share(table, supplier=[*there, tuple(there)] if len(there) > 1 else there)
    for name in there:
        same(made[made["exporter"] == name], "import_share", share[name])
    blocs = made[~made["exporter"].isin(there)]["import_share"].dropna()
    assert np.allclose(blocs, 1)
    made = metrics.main_supplier(table)
    same(made, "imports", x.groupby(CELL).sum())
    same(made, "suppliers", x.gt(0).groupby(CELL).sum())
    same(made, "hhi", (share**2).sum(axis=1, skipna=False))
    same(made, "main_share", share.max(axis=1, skipna=False))
    known = share.dropna()
    assert made.dropna().set_index(CELL)["main_supplier"].to_dict() == known.idxmax(axis=1).to_dict()


@few
@given(tables(TRADE, whole))
def test_dominance_of_one_supplier(table):
    x = bought(table)
    assume("CHN" in x.index.get_level_values("exporter"))
    sold = x.groupby(["product", "year", "exporter"]).sum()
    share = over(sold, total(sold, "product", "year")).unstack(fill_value=0)
    made = metrics.export_dominance(table, over="importer")
    same(made, "share", share["CHN"])
    same(made, "hhi", (share**2).sum(axis=1))
    others = share.drop(columns="CHN")
    same(made, "next_share", others.max(axis=1).fillna(0))
    assert (made["dominant"] == (made["share"] > 0.5) & (made["hhi"] > 0.4)).all()
    partners = x[x.index.get_level_values("importer") != "CHN"]
    assume("CHN" in partners.index.get_level_values("exporter"))
    share = over(partners, total(partners, *CELL)).unstack(fill_value=0)
    made = metrics.reverse_dependence(table)
    others = share.drop(columns="CHN")
    same(made, "share", share["CHN"])
    same(made, "next_share", others.max(axis=1).fillna(0))
    same(made, "alternatives", others.gt(0.1).sum(axis=1))
    same(made, "captive", share["CHN"].gt(0.5) & others.le(0.1).all(axis=1))
    made = made.assign(taken=made["share"] * made["imports"], each=1)
    items = metrics.reverse_dependence(table, by="item")
    sums = made.groupby(["product", "year"])[["each", "dependent", "captive", "imports", "taken"]].sum()
    expected = {
        "partners": sums["each"],
        "dependent_partners": sums["dependent"],
        "captive_partners": sums["captive"],
    }
    expected |= {"imports": sums["imports"], "share": sums["taken"] / sums["imports"]}
    dependent = made["taken"].where(made["dependent"], 0)
    expected["dependent_imports"] = dependent.groupby([made["product"], made["year"]]).sum()
    for name, numbers in expected.items():
        same(items, name, numbers)


SUMMED = [
    case for case in CELLS if "over" in inspect.signature(getattr(metrics, case.split("/")[0])).parameters
]


@pytest.mark.parametrize("case", SUMMED)
def test_summing_over_a_column_is_the_same_as_adding_up_first(case):
    def split(table):
        parts = [table.assign(part=n, value=table["value"] * share) for n, share in enumerate((0.25, 0.75))]
        return pd.concat(parts, ignore_index=True)

    expected = CASES[case]()
    made = call(case, split, over=columns_of(CELLS[case][1].get("over"), "part"))
    keys = [name for name in made if not pd.api.types.is_float_dtype(made[name])]
    made, expected = (found[list(made)].sort_values(keys, ignore_index=True) for found in (made, expected))
    pd.testing.assert_frame_equal(made, expected, rtol=1e-9, atol=1e-9, check_dtype=False)


@pytest.mark.parametrize("measure", ["hhi", "normalized_hhi", "effective_suppliers", "theil"])
def test_cells_of_very_different_size(measure):
    sizes = {"a": 1e-310, "b": 1e-200, "c": 1e-162, "d": 1.0, "e": 1e200, "f": 1e305}
    shares = [("CHN", 60.0), ("JPN", 30.0), ("FRA", 10.0)]
    rows = [(e, p, size * value) for p, size in sizes.items() for e, value in shares]
    table = pd.DataFrame(rows, columns=["exporter", "product", "value"])
    numbers = getattr(metrics, measure)(table, within="product")[measure]
    assert numbers.tolist() == pytest.approx([numbers[3]] * 6, rel=1e-9)
