"""Cleaning the NCSES tables."""

import pandas as pd
import pytest

from mic2025lab.errors import SourceError
from mic2025lab.sources import nsf

HEAD = "table_id,row_id,industry_full_path,industry_level_1,field_economy,field_isic_rev_4_industry_codes,field_2002,field_2003\n"


def block(economy, first, *, unlabeled=(), top="All ISIC, Rev.4, industries"):
    """One economy's block of table 10758: every industry has the value first, first + 1, ..."""
    rows = ["1,r,&nbsp;,x,,,Millions of current U.S. dollars,"]
    for number, (label, slug) in enumerate(nsf.INDUSTRIES.items()):
        who, label = "" if slug in unlabeled else economy, top if slug == "all_industries" else label
        rows.append(f'1,r,"A -> {label}",x,{who},C,{first + number},{first + number + 0.5}')
    rows += [
        "1,r,Analytical ratios (%),x,,,KTI shares (%),",
        f'1,r,"Analytical ratios (%) -> KTI/all ISIC, Rev.4, industries (%)",x,{economy},,10.6,11',
    ]
    return "\n".join(rows) + "\n"


def test_labels_are_repaired_and_ratios_dropped(raw_files):
    text = HEAD + block("World (75)", 1000)
    text += block("China", 100, unlabeled=("kti_services",))
    text += block("South Korea", 10, top="All ISIC Rev.4, industries")
    table = nsf.value_added(raw_files({"tables/10758.csv": text}))
    assert len(table) == 3 * 19 * 2
    cell = table.set_index(["economy", "industry", "year"])["value"]
    order = list(nsf.INDUSTRIES.values())
    assert cell["CHN", "kti_services", 2002] == 100 + order.index("kti_services")
    assert cell["KOR", "all_industries", 2003] == 10.5
    assert cell["WLD", "software", 2002] == 1000 + order.index("software")
    assert table["value"].min() == 10


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [("Weapons and ammunition", "Weapons", "Weapons"), (",C,1,", ",C,n.a.,", r"n\.a\.")],
)
def test_unknown_industries_and_values_stop_the_cleaning(raw_files, old, new, message):
    with pytest.raises(SourceError, match=message):
        nsf.value_added(raw_files({"tables/10758.csv": HEAD + block("China", 1).replace(old, new)}))


def test_zeros_of_an_economy_without_data_are_missing_and_regions_are_marked(raw_files, monkeypatch):
    head = "table_id,row_id,region_country_or_economy_full_path,field_2002,field_2003\n"
    rows = [
        ("World", 100, 110), ("World -> Asia", 60, 70), ("World -> Asia -> China", 50, 60), ("World -> Asia -> Other Asia", 10, 10),
        ("World -> Europe", 40, 40), ("World -> Europe -> EU", 40, 40), ("World -> Europe -> EU -> France", 40, 40),
        ("World -> Africa", 0, 0), ("World -> Africa -> Zimbabwe", 0, 0), ("World -> Africa -> Kenya", 0, 5),
    ]  # fmt: skip
    text = head + "".join(f'9,r,"{path}",{a},{b}\n' for path, a, b in rows)
    monkeypatch.setattr(nsf, "PANEL", {"1979": ("SEI2020", "aerospace"), "6238": ("SEI2022", "aerospace")})
    table = nsf.value_added_panel(raw_files({"tables/1979.csv": text, "tables/6238.csv": text}))
    old = table[table["edition"] == "SEI2020"]
    level = old.drop_duplicates("economy").set_index("economy")["level"].to_dict()
    assert level == {
        "WLD": "world", "asia": "region", "CHN": "economy", "other_asia": "rest", "europe": "region", "EU28": "region",
        "FRA": "economy", "africa": "region", "ZWE": "economy", "KEN": "economy",
    }  # fmt: skip
    assert "EU27" in set(table.loc[table["edition"] == "SEI2022", "economy"])
    cell = old.set_index(["economy", "year"])
    assert cell.loc[("ZWE", 2002), "flag"] == "not_reported"
    assert pd.isna(cell.loc[("ZWE", 2002), "value"])
    assert cell.loc[("KEN", 2002), "value"] == 0  # a zero beside reported values is a value
    assert cell.loc[("KEN", 2002), "flag"] == ""
