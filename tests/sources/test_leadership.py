"""Tables on who leads and on friction: what each cleaning rule does to a small file, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mic2025lab.errors import SourceError, TableError
from mic2025lab.sources import (
    TABLES,
    china_input_output,
    largest_firms,
    nbs_enterprises,
    published_figures,
    research_spending,
)

GERD_COLUMNS = [
    "REF_AREA", "PRICE_BASE", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "OBS_STATUS_2", "OBS_STATUS_3", "AUX_OBS_STATUS", "BASE_PER",
    "MEASURE", "SECT_PERF", "TYPE_COST", "UNIT_MEASURE", "UNIT_MULT", "FREQ",
]  # fmt: skip


GERD_TAIL = "G,_T,_T,USD_PPP,6,A"


GERD = f"{','.join(GERD_COLUMNS)}\nCHN,V,2021,669429.1,B,D,,M2,,{GERD_TAIL}\nCHN,Q,2021,620380.9,,,,,2015,{GERD_TAIL}\n"


SRD_HEAD = "table_id,row_id,time_period,_b_gerd_b_level_1,_b_gerd_b_level_2,_b_gerd_b_level_3,value\n"


SRD = SRD_HEAD + "".join(
    f"10978,r,{name},GERD,Current PPP dollars,{year},{value}\n"
    for name, year, value in [
        ("Non-OECD -> China", "1990", "NA"), ("Non-OECD -> China", "2000", "32.9"), ("Non-OECD -> China", "2010", "212.16"),
        ("Non-OECD -> China", "2021a", "667.64"), ("Australia (2019)", "2010", "20.56"), ("Australia (2019)", "2021a", "24.06"),
        ("Total OECD", "2021a", "1700"), ("EU-27", "2021a", "474.11"),
    ]
)  # fmt: skip


def spending(raw_files: Callable, gerd: str = GERD, srd: str = SRD) -> pd.DataFrame:
    return research_spending.research_spending(
        raw_files({research_spending.GERD: gerd, research_spending.SRD: srd})
    )


def test_prices_have_units_of_their_own_and_a_status_becomes_words(raw_files: Callable) -> None:
    table = spending(raw_files).query("edition == 'oecd'").set_index("prices")
    assert table["unit"].to_dict() == {
        "constant_2015": "million PPP USD of 2015",
        "current": "million PPP USD",
    }
    assert table["flag"].to_dict() == {
        "constant_2015": "",
        "current": "break; definition_differs; underestimated",
    }


def test_a_year_in_brackets_is_the_year_of_the_last_column(raw_files: Callable) -> None:
    table = spending(raw_files).query("edition == 'SEI2024'").set_index(["economy", "year"])
    assert table.loc[("AUS", 2019), "value"] == 24_060
    assert ("AUS", 2021) not in table.index
    assert ("CHN", 1990) not in table.index
    assert table.loc[("CHN", 2021), "value"] == pytest.approx(667_640)
    assert table["aggregate"].to_dict() == {
        ("AUS", 2010): False, ("AUS", 2019): False, ("CHN", 2000): False, ("CHN", 2010): False, ("CHN", 2021): False,
        ("EU27", 2021): True, ("OED", 2021): True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("gerd", "message"),
    [
        (GERD.replace("CHN,V,2021,669429.1,B", "CHN,V,2021,669429.1,X"), "unknown OBS_STATUS"),
        (GERD.replace(",2015,G", ",2010,G"), "prices of other years"),
        (GERD.replace("USD_PPP", "EUR"), "UNIT_MEASURE"),
        (GERD.replace("_T,_T", "_T,A"), "TYPE_COST"),
    ],
)
def test_spending_that_is_not_as_expected(raw_files: Callable, gerd: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        spending(raw_files, gerd)


FIRMS = (
    "list,edition,economy,iso3,firms,revenue_musd,profit_musd,firms_without_profit\n"
    "Fortune Global 500,2019,China,CHN,119,7914912.3,415404.6,0\nFortune Global 500,2019,Britain/Neth.,,1,60167.3,11080.6,0\n"
    "Forbes Global 2000,2022,China,CHN,297,8295172,651254.9,0\nForbes Global 2000,2025,Hong Kong,HKG,42,885978,84808.3,0\n"
)


def test_hong_kong_is_inside_china_in_fortune_only(raw_files: Callable) -> None:
    table = largest_firms.world_ranking_firms(raw_files({largest_firms.DATA: FIRMS}))
    firms = table[table["indicator"] == "firms"].set_index(["edition", "economy"])
    assert firms["flag"].to_dict() == {
        ("forbes-2000-2022", "CHN"): "", ("forbes-2000-2025", "HKG"): "", ("fortune-500-2019", "CHN"): "with_HKG",
        ("fortune-500-2019", "GBR+NLD"): "two_economies",
    }  # fmt: skip
    assert set(table["unit"]) == {"firms", "million USD"}
    TABLES["world_ranking_firms"].validated(table)
    for bad, message in (
        (FIRMS.replace("2022", "2023"), "edition: unexpected"),
        (FIRMS.replace(",0\n", ",3\n"), "firms_without_profit"),
    ):
        with pytest.raises(SourceError, match=message):
            largest_firms.world_ranking_firms(raw_files({largest_firms.DATA: bad}))


def test_two_compilations_of_profits_stay_apart(tmp_path: Path) -> None:
    series = "period,ownership,profit_100m_yuan,yoy_pct,source\n2021,all,87092.1,34.3,site\n2021,private,29150.4,27.6,idem\n"
    check = (
        "period,total,state_holding,share_holding,foreign_hmt,private,manufacturing,unit,url,note\n"
        "2021,87092,,,,29150,73612,100m yuan,http://x,validation only; rounded\n"
        "2024-01..06,35110.3,,,,,,100m yuan,http://y,validation only\n"
    )
    for source, text in ((nbs_enterprises.SOURCE, series), (nbs_enterprises.SPOT_SOURCE, check)):
        (tmp_path / source.id).mkdir()
        (tmp_path / source.id / nbs_enterprises.SPOT).write_text(text, encoding="utf-8")
    table = nbs_enterprises.industrial_profits(lambda source, path: tmp_path / source.id / path)
    assert table["use"].value_counts().to_dict() == {"check": 4, "series": 2}
    assert set(table.loc[table["use"] == "series", "source"]) == {"site"}
    assert table.loc[table["frequency"] == "months", "period"].tolist() == ["2024-01..06"]
    assert table["note"].dropna().unique().tolist() == ["rounded"]
    assert nbs_enterprises.disagreements(table).empty
    assert nbs_enterprises.disagreements(table, within=0.05).index.tolist() == [
        ("2021", "all"),
        ("2021", "private"),
    ]


def test_a_figure_without_an_address_is_refused(raw_files: Callable) -> None:
    head = "topic,entity,period,value,unit,url,verified,note\n"
    row = "Ships,China,2021 data (2022 ed.),17.9,pct,http://x,yes,validation only; quoted\n"
    table = published_figures.leadership_figures(
        raw_files({published_figures.DATA: head + row + row.replace("China", "CATL")})
    )
    assert table["economy"].fillna("").tolist() == ["", "CHN"]
    assert table.loc[1, ["year", "unit", "note"]].tolist() == [2021, "%", "quoted"]
    for old, new, column in (("http://x", "", "url"), (",yes,", ",maybe,", "verified")):
        odd = published_figures.leadership_figures(
            raw_files({published_figures.DATA: head + row.replace(old, new)})
        )
        with pytest.raises(TableError, match=column):
            published_figures.leadership_figures.validated(odd)


def matrix(origin: bool) -> str:
    """Two industries: the second buys 3 of the first's imports, and every side adds up."""
    if not origin:
        return (
            "Code,Description,01,02,EX,IM,ERR,GO\n01,Farms,1,2,4,5,0,10\n02,Mills,3,1,2,1,0,20\nTII,Inputs,4,3,,,,\nTVA,Added,6,17,,,,\n"
            "TI,Total,10,20,,,,\n"
        )
    return (
        "Code,Description,Origin,01,02,TIU,TFU,EX,GO\n01,Farms,Domestic,1,1,2,8,4,10\n02,Mills,Domestic,1,1,2,18,2,20\n"
        "01,Farms,Imports,0,3,3,2,1,5\n02,Mills,Imports,1,0,1,0,0,1\nTII,Inputs,TOT,3,5,,,,\nTVA,Added,TOT,7,15,,,,\nTI,Total,TOT,10,20,,,,\n"
    )


def supply_files(**other: str) -> dict[str, str]:
    files = {
        path: matrix(path in china_input_output.OWN_ROWS)
        for path in (*china_input_output.ONE_COLUMN, *china_input_output.OWN_ROWS)
    }
    rows = [
        ("01", "EXPO", 4),
        ("01", "IMPO", -5),
        ("02", "EXPO", 0),
        ("02", "IMPO", 0),
        ("OUTPUT", "01", 10),
        ("OUTPUT", "02", 0),
    ]
    rows += [("VALU", "01", 6), ("VALU", "02", 0)]
    files[china_input_output.OECD_DATA] = "year,row,col,value\n" + "".join(
        f"1995,{r},{c},{v}\n" for r, c, v in rows
    )
    files[china_input_output.OECD_NAMES] = "Code,Description\n01,Farms\n02,Households\nOUTPUT,Output\n"
    return {**files, **other}


def test_imports_have_one_sign_and_imported_inputs_are_those_of_the_buyer(raw_files: Callable) -> None:
    table = china_input_output.industry_supply(raw_files(supply_files()))
    cell = table.set_index(["edition", "year", "industry"])
    assert cell.loc[("nbs", 2002, "01"), ["output", "exports", "imports", "value_added"]].tolist() == [
        10,
        4,
        5,
        6,
    ]
    assert cell.loc[("oecd-2021", 1995, "01"), ["imports", "unit"]].tolist() == [5, "million USD"]
    assert ("oecd-2021", 1995, "02") not in cell.index  # an industry of zeros is not broken out
    assert cell.loc[("nbs-42", 2017, "02"), "imported_inputs"] == 3
    assert cell.loc[("nbs-42", 2017, "01"), ["imports", "exports", "imported_inputs"]].tolist() == [5, 5, 1]
    assert cell.loc["nbs", "imported_inputs"].isna().all()
    assert china_input_output.import_share(cell.loc[("nbs", 2002)])["01"] == pytest.approx(5 / 11 * 100)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("TI,Total,10", "TI,Total,11", "differ from output"),
        ("01,Farms,1,2,4,5", "01,Farms,1,2,4,-5", "below zero"),
        ("02,Mills,3", "03,Mills,3", "rows and columns"),
    ],
)
def test_matrices_that_do_not_add_up(raw_files: Callable, old: str, new: str, message: str) -> None:
    bad = matrix(origin=False).replace(old, new)
    with pytest.raises(SourceError, match=message):
        china_input_output.industry_supply(raw_files(supply_files(**{"china_2002_122.csv": bad})))


def test_imports_that_nobody_uses_are_refused(raw_files: Callable) -> None:
    bad = matrix(origin=True).replace("01,Farms,Imports,0,3,3,2,1,5", "01,Farms,Imports,0,3,3,20,1,5")
    with pytest.raises(SourceError, match="not used"):
        china_input_output.industry_supply(raw_files(supply_files(**{"china_2017_42.csv": bad})))
