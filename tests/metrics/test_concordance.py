"""Products split and merged: by hand, by properties, and on the real concordance."""

import math

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mic2025lab as lab
from mic2025lab.classifications import products
from mic2025lab.errors import LabError, TableError, UnknownName
from mic2025lab.metrics.concordance import conversion_weights, convert_products

# a stays, b and c merge into m, d is split into d and e, f is split into m and g and does not go on.
PAIRS = pd.DataFrame(
    [("a", "a", 1, 1), ("b", "m", 1, 1), ("c", "m", 1, 1), ("d", "d", 0.5, 1), ("d", "e", 0.5, 0), ("f", "m", 0.5, 0.5), ("f", "g", 0.5, 0.5)],
    columns=["from_code", "to_code", "weight", "weight_main"],
).assign(from_hs="X1", to_hs="X2")  # fmt: skip
NEXT = pd.DataFrame(
    [(code, "z" if code in "mg" else code, 1.0, 1.0) for code in "amdeg"],
    columns=["from_code", "to_code", "weight", "weight_main"],
).assign(from_hs="X2", to_hs="X3")
BOTH = pd.concat([PAIRS, NEXT], ignore_index=True)
TRADE = pd.DataFrame(
    {
        "year": [2016] * 5 + [2017],
        "product": ["a", "b", "c", "d", "f", "d"],
        "exporter": ["CHN"] * 4 + ["DEU", "CHN"],
        "value": [1.0, 10.0, 20.0, 8.0, 100.0, 6.0],
        "unit": "USD",
    }
)
KINDS = {"pandas": lambda t: t, "polars": pl.from_pandas, "arrow": pa.Table.from_pandas}


def convert(table, **options):
    return convert_products(table, **{"concordance": BOTH, "from_hs": "X1", "to_hs": "X2", **options})


def rows(table):
    frame = table if isinstance(table, pd.DataFrame) else table.to_pandas()
    return list(frame.itertuples(index=False, name=None))


@pytest.mark.parametrize("weights", ["weight", "weight_main"])
@pytest.mark.parametrize("kind", KINDS)
def test_by_hand(kind, weights):
    made = convert(KINDS[kind](TRADE[::-1]), weights=weights)
    assert type(made) is type(KINDS[kind](TRADE))
    split = {"d": 0.5, "e": 0.5} if weights == "weight" else {"d": 1.0}  # the code that goes on keeps all
    assert rows(made) == [
        (2016, "a", "CHN", 1.0, "USD"),
        *((2016, code, "CHN", 8.0 * part, "USD") for code, part in split.items()),
        (2016, "g", "DEU", 50.0, "USD"),
        (2016, "m", "CHN", 30.0, "USD"),
        (2016, "m", "DEU", 50.0, "USD"),
        *((2017, code, "CHN", 6.0 * part, "USD") for code, part in split.items()),
    ]


def test_two_steps_are_one_after_the_other():
    once = convert(convert(TRADE, weights="weight"), from_hs="X2", to_hs="X3", weights="weight")
    assert rows(convert(TRADE, to_hs="X3", weights="weight")) == rows(once)
    weights = conversion_weights(BOTH, from_hs="X1", to_hs="X3", weights="weight")
    assert weights[weights["from_code"] == "f"].to_numpy().tolist() == [["f", "z", 1.0]]


def test_the_same_revision_changes_nothing_but_adds_up():
    twice = pd.concat([TRADE, TRADE])
    made = convert(twice, to_hs="X1").sort_values(["year", "product"], ignore_index=True)
    assert made["value"].tolist() == (TRADE.sort_values(["year", "product"])["value"] * 2).tolist()


def test_weights_of_ones_own_are_a_column_of_the_concordance():
    own = BOTH.assign(own=BOTH["weight"])
    own.loc[(own["from_code"] == "d") & (own["from_hs"] == "X1"), "own"] = [0.25, 0.75]
    made = convert(TRADE, concordance=own, weights="own").set_index(["year", "product"])["value"]
    assert made[2017].to_dict() == {"d": 1.5, "e": 4.5}


def test_unknown_codes_are_listed():
    table = pd.DataFrame({"product": ["a", "q1", "q2"], "value": 1.0})
    with pytest.raises(TableError, match=r"2 codes not in X1 of the concordance: 'q1', 'q2'\."):
        convert(table)
    hs = pd.DataFrame({"product": ["850760", "10121"], "value": 1.0})
    with pytest.raises(
        TableError, match=r"1 code not in HS12.*: '10121' \(nearest '010121'\).*restore lost zeros"
    ):
        convert_products(hs, concordance=lab.load("hs_concordance"), from_hs="HS12", to_hs="HS17")


@pytest.mark.parametrize(
    ("table", "options", "error", "message"),
    [
        (pd.DataFrame({"product": [10121], "value": 1.0}), {}, TableError, r"must be text.*10121"),
        (TRADE.assign(price=1.5), {}, TableError, "'price' holds fractions"),
        (TRADE.assign(hs=["X1"] * 5 + ["X2"]), {}, TableError, "'hs' has 'X1', 'X2', not only 'X1'"),
        (TRADE, {"from_hs": "HS12"}, UnknownName, "Unknown revision 'HS12'"),
        (TRADE, {"weights": "weight_mian"}, UnknownName, "weight_mian"),
        (TRADE, {"from_hs": "X2", "to_hs": "X1"}, LabError, "no path from X2 to X1"),
        (TRADE, {"concordance": BOTH.assign(weight_main=2.0)}, TableError, "do not add up to 1"),
        (TRADE, {"concordance": BOTH.assign(to_code=None)}, TableError, "missing entries in to_code"),
        (TRADE, {"value": "product"}, TableError, "two roles"),
        (
            TRADE,
            {"concordance": BOTH[:-1], "to_hs": "X3"},
            TableError,
            "1 code not in X2 of the concordance: 'g'",
        ),
    ],
)
def test_what_else_is_refused(table, options, error, message):
    with pytest.raises(error, match=message):
        convert(table, **options)


def test_the_column_hs_says_the_new_revision():
    made = convert(TRADE.assign(hs="X1"))
    assert set(made["hs"]) == {"X2"}
    assert list(made) == [*TRADE, "hs"]


def test_missing_is_left_out_and_never_becomes_zero():
    table = pd.DataFrame(
        {"product": list("abcd"), "value": [math.nan, math.nan, 3.0, 0.0], "tons": [1.0, 2.0, math.nan, 4.0]}
    )
    made = convert(table, value=["value", "tons"]).set_index("product").T
    assert made["a"].tolist() == pytest.approx([math.nan, 1.0], nan_ok=True)
    assert made[["m", "d"]].T.to_numpy().tolist() == [[3.0, 2.0], [0.0, 4.0]]


def test_categories_stay_categories():
    made = convert(TRADE.astype({"product": "category", "exporter": "category"}))
    assert isinstance(made["product"].dtype, pd.CategoricalDtype)
    assert isinstance(made["exporter"].dtype, pd.CategoricalDtype)
    assert rows(made.astype({"product": "str", "exporter": "str"})) == rows(convert(TRADE))


HS = st.sampled_from(sorted(products.REVISIONS))


@st.composite
def trade(draw):
    """A small table in one revision, and another to go to."""
    old, new = draw(HS), draw(HS)
    keys = st.tuples(
        st.sampled_from([2015, 2016]),
        st.sampled_from(list(products.codes(old))),
        st.floats(1e-6, 1e12) | st.just(0.0),
    )
    table = pd.DataFrame(draw(st.lists(keys, min_size=1, max_size=30)), columns=["year", "product", "value"])
    return table, old, new


@pytest.fixture(scope="module")
def concordance():
    return lab.load("hs_concordance")


@settings(max_examples=10, deadline=None)
@given(case=trade(), weights=st.sampled_from(["weight", "weight_main"]))
def test_totals_are_preserved_and_codes_exist(concordance, case, weights):
    table, old, new = case
    made = convert_products(table, concordance=concordance, from_hs=old, to_hs=new, weights=weights)
    products.check(made["product"], new)
    assert not made.duplicated(["year", "product"]).any()
    assert (made["value"] >= 0).all()
    for year, part in table.groupby("year"):
        total = math.fsum(part["value"])
        assert abs(math.fsum(made.loc[made["year"] == year, "value"]) - total) <= 1e-12 * total


def test_mobile_telephones_do_not_become_electronic_waste(concordance):
    table = pd.DataFrame({"product": ["851712"], "value": [100.0]})
    main = convert_products(table, concordance=concordance, from_hs="HS17", to_hs="HS22")
    assert dict(main.to_numpy()) == {"851713": 50.0, "851714": 50.0}
    equal = convert_products(table, concordance=concordance, from_hs="HS17", to_hs="HS22", weights="weight")
    waste = equal.loc[equal["product"].str.startswith("8549"), "value"].sum()
    assert waste == pytest.approx(100 * 6 / 17)
