"""The Harmonized System from raw files, made by the test and, where there is a mirror, the real ones."""

import io
from functools import partial
from unittest.mock import Mock

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.classifications import products
from mic2025lab.errors import SourceError
from mic2025lab.sources import harmonized_system, sector_products
from mic2025lab.sources.fetch import locate


def _table(text):
    return pd.read_csv(io.StringIO(text), dtype={"product": "str", "to_code": "str"})


def pairs(rows, **more):
    frame = pd.DataFrame(rows, columns=["from_code", "to_code"])
    return harmonized_system.weighted(frame.assign(from_hs="HS12", to_hs="HS17", basis="unsd"))


def cells(table, column):
    return dict(
        zip(zip(table["from_code"], table["to_code"], strict=True), table[column].tolist(), strict=True)
    )


#: From, to, weight, weight_main, relation; 2 goes on under its number.
BY_HAND = [
    ("1", "1", 1, 1, "1:1"), ("2", "2", 0.5, 1, "1:n"), ("2", "3", 0.5, 0, "1:n"), ("4", "5", 1, 1, "n:1"), ("6", "5", 1, 1, "n:1"),
    ("7", "8", 0.5, 0.5, "1:n"), ("7", "9", 0.5, 0.5, "n:m"), ("10", "9", 1, 1, "n:1"),
]  # fmt: skip


def test_weights_and_relations_by_hand():
    table = pairs([row[:2] for row in BY_HAND])
    columns = ["from_code", "to_code", "weight", "weight_main", "relation"]
    assert list(table[columns].itertuples(index=False, name=None)) == BY_HAND


def test_a_target_that_takes_from_everything_is_passed_over():
    many = [(f"a{number}", "waste") for number in range(harmonized_system.CATCH_ALL)]
    table = pairs([*many, ("phone", "smart"), ("phone", "other"), ("phone", "waste"), ("scrap", "waste")])
    main = cells(table, "weight_main")
    assert [main["phone", to] for to in ("smart", "other", "waste")] == [0.5, 0.5, 0]
    assert main["scrap", "waste"] == 1  # it has nowhere else to go
    assert cells(table, "weight")["phone", "waste"] == pytest.approx(1 / 3)
    few = pairs([*many[2:], ("phone", "smart"), ("phone", "waste")])
    assert cells(few, "weight_main")["phone", "waste"] == 0.5


@pytest.mark.mirror
def test_products_are_made_once_in_a_build(mirror):
    raw = Mock(side_effect=partial(locate, mirror=mirror))
    first, second = harmonized_system.hs_products(raw), harmonized_system.hs_products(raw)
    assert [call.args[0] for call in raw.mock_calls].count(harmonized_system.HEADINGS) == 1
    assert first is not second


def test_baci_s_product_file_is_padded_and_checked(raw_files):
    path = "baci/product_codes_HS12_V202401.csv"
    table = harmonized_system.baci_products(
        raw_files({path: 'code,description\n10121,"Horses:  live"\n850760,Batteries\n'}), "HS12"
    )
    assert table.to_numpy().tolist() == [["010121", "Horses: live"], ["850760", "Batteries"]]
    for text, match in [
        ("code,description\n8507,Batteries\n", "not a code of 6 digits"),
        ("code,description\n10121,a\n010121,b\n", "listed twice"),
        ("code,description\n850760,\n", "without text"),
        ("kode,description\n850760,a\n", "kode"),
    ]:
        with pytest.raises(SourceError, match=match):
            harmonized_system.baci_products(raw_files({path: text}), "HS12")


def test_a_code_without_a_successor_stops_the_cleaning():
    with pytest.raises(SourceError, match=r"no pair in HS22.*123456"):
        harmonized_system._own("HS17", "HS22", {"999999", "123456"}, {"999999"})


def test_unspecified_goods_go_to_unspecified_goods():
    made = harmonized_system._own("HS02", "HS07", {"999999", "9999AA", "271000"}, {"999999", "271000"})
    assert made[["from_code", "to_code"]].to_numpy().tolist() == [
        ["271000", "271000"],
        ["999999", "999999"],
        ["9999AA", "999999"],
    ]


def test_every_code_can_go_to_its_neighbours_and_arrives_at_a_code():
    table = lab.load("hs_concordance")
    listed = lab.load("hs_products", level=6)
    by_hs = listed.groupby("hs")["code"].agg(set)
    for (old, new), part in table.groupby(["from_hs", "to_hs"]):
        assert set(part["from_code"]) == by_hs[old]
        assert set(part["to_code"]) <= by_hs[new]
    assert table.groupby("from_hs")["to_hs"].nunique().to_dict() == dict(
        zip(products.REVISIONS, [1, 2, 2, 2, 2, 2, 1], strict=True)
    )


def test_the_two_directions_hold_the_un_s_pairs_alike():
    table = lab.load("hs_concordance", basis="unsd")
    there = set(table[["from_hs", "from_code", "to_hs", "to_code"]].itertuples(index=False, name=None))
    assert there == {(new, to, old, code) for old, code, new, to in there}


def test_known_pairs():
    codes = ["010121", "854142", "854140", "291636", "9999AA"]
    table = lab.load("hs_concordance", from_code=codes)
    table = table.groupby(["from_hs", "to_hs", "from_code"])["to_code"].agg(set)
    assert table["HS12", "HS17", "010121"] == {"010121"}
    assert table["HS22", "HS17", "854142"] == {"854140"}
    assert {"854141", "854142", "854143", "854149"} <= table["HS17", "HS22", "854140"]
    assert table["HS07", "HS12", "291636"] == {"291616"}  # the UN's table forgets it
    assert table["HS02", "HS07", "9999AA"] == {"999999"}


def test_a_sector_reaches_the_next_revision_by_the_larger_part():
    """Of a code whose successors are in the sector by 1/2, 1/4 and not at all; an excluded code stays out."""
    known = _table("""sector,hs,product,role,confidence,reason,basis,coverage
rail,HS12,1,final,high,a,reviewed,1.0
rail,HS12,2,input,medium,b,reviewed,0.5""")
    parts = "A1 1,B1 0.5,B9 0.5,C2 0.5,C9 0.5,D1 1,E1 0.5,E2 0.5,F1 0,F9 1"
    rows = [(part[0], part[1], float(part[3:])) for part in parts.split(",")]
    step = pd.DataFrame(rows, columns=["from_code", "to_code", "weight_main"])
    lines = _table("""sector,hs,product,role,confidence,keyword,reason
rail,HS17,D,final,excluded,k,r
aerospace,HS17,G,final,high,k,r""")
    made = sector_products._next(known, step, lines, "HS17").set_index("product")
    assert made["coverage"].to_dict() == {"G": 1.0, "A": 1.0, "B": 0.5, "E": 0.75}
    assert made["confidence"].to_dict() == {"G": "high", "A": "high", "B": "low", "E": "low"}
    assert made.loc["E", ["role", "reason", "basis"]].tolist() == ["final", "a", "concordance"]
