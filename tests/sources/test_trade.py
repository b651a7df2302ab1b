"""Trade tables: what each cleaning rule does to a small file, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mic2025lab.classifications import economies, industries
from mic2025lab.errors import SourceError, UnknownName
from mic2025lab.sources import census, cepii, growthlab, oec, oecd, ustr, wiod, wits, wto
from mic2025lab.sources import comtrade as un

SHARES = "year,country,hs92_6,pct_of_max,share\n"


def test_shares_of_materials_keep_their_zeros_and_resolve_s19(raw_files: Callable) -> None:
    raw = raw_files(
        {
            cepii.SHARES: SHARES
            + "1995,S19,280530,100,0.5\n1995,NAM,280530,60,0.3\n1995,ZA1,280530,40,0.2\n1995,CHN,250410,100,1.0\n"
        }
    )
    table = cepii.critical_materials_exports(raw)
    part = table[table["product"] == "280530"].set_index("exporter")
    assert part["value"].to_dict() == {"NAM": 0.3, "TWN": 0.5, "ZA1": 0.2}
    assert part["basket"].all()
    assert table.loc[table["product"] == "250410", ["material", "basket"]].to_numpy().tolist() == [
        ["graphite", False]
    ]


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ("1995,CHN,280530,100,0.9\n", SourceError, "do not add up to 1"),
        ("1995,CHN,999999,100,1.0\n", SourceError, "unknown product"),
        ("1995,QQQ,280530,100,1.0\n", UnknownName, "QQQ"),
    ],
)
def test_shares_that_are_not_as_expected(raw_files: Callable, rows: str, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        cepii.critical_materials_exports(raw_files({cepii.SHARES: SHARES + rows}))


def test_a_product_that_is_missing_from_the_list_is_noticed(raw_files: Callable) -> None:
    with pytest.raises(SourceError, match="hs92_6: unexpected"):
        cepii.critical_materials(raw_files({cepii.PRODUCTS: "hs92_6,description\n280530,Rare earths\n"}))


def _icio(years: tuple[int, ...], economies: tuple[str, ...], codes: dict[str, str], column: str) -> str:
    rows = [f"{year},{code},{item},1.5" for year in years for code in economies for item in codes]
    return f"year,country,{column},value\n" + "\n".join(rows) + "\n"


def test_intermediates_need_every_cell(raw_files: Callable) -> None:
    text = _icio((1995, 1996), ("CHN", "HKG"), industries.ICIO, "sector")
    table = oecd.intermediate_exports(raw_files({oecd.INTERMEDIATES: text}))
    assert len(table) == 2 * 2 * 45
    assert set(table["economy"]) == {"CHN", "HKG"}
    assert "A01_02" in set(table["industry"])
    short = text.rsplit("\n", 2)[0] + "\n"
    with pytest.raises(SourceError, match="179 rows for 180 cells"):
        oecd.intermediate_exports(raw_files({oecd.INTERMEDIATES: short}))
    with pytest.raises(SourceError, match="sector: unexpected"):
        oecd.intermediate_exports(raw_files({oecd.INTERMEDIATES: text.replace("C26", "C99")}))


def test_final_demand_has_its_own_codes(raw_files: Callable) -> None:
    text = _icio((2020,), ("CHN",), oecd.USES, "final_demand")
    assert set(oecd.final_demand_exports(raw_files({oecd.FINAL: text}))["use"]) == set(oecd.USES)


def test_the_inter_country_table_resolves_romania_and_the_rest(raw_files: Callable) -> None:
    text = "from_country,from_industry,to_country,to_use,value_musd\nROM,c1,RoW,c2,5\nRoW,c14,CHN,f5,-3\n"
    table = wiod.inter_country_2011(raw_files({wiod.INTER: text}))
    assert table[["exporter", "importer", "value"]].to_numpy().tolist() == [
        ["ROU", "ROW", 5.0],
        ["ROW", "CHN", -3.0],
    ]
    with pytest.raises(SourceError, match="unknown to_use"):
        wiod.inter_country_2011(raw_files({wiod.INTER: text.replace("f5", "f9")}))


def test_foreign_content_is_missing_without_exports_and_flagged_where_negative(raw_files: Callable) -> None:
    header = "year,country,industry,gross_exports_musd,output_musd,value_added_musd,domestic_va_in_exports_musd,foreign_content_share\n"
    rows = "2011,CHN,c14,100,500,100,70,0.3\n2011,CHN,c35,0,5,5,0,\n2011,CHN,c8,-2,50,9,-1,0.5\n"
    table = wiod.wiod_foreign_content(raw_files({wiod.CONTENT: header + rows})).set_index("industry")
    assert table["foreign_share"].isna().to_dict() == {"c14": False, "c35": True, "c8": False}
    assert table["flag"].to_dict() == {"c14": "", "c35": "", "c8": "negative_exports"}


ANNUAL = "year,hs6,value_usd\n" + "".join(f"{year},010129,{year}\n" for year in range(2013, 2021))
CATEGORIES = "hs6,phase_one_category,phase_one_group\n010129,Industrial mac.hin ery,Manufactures\n"


def test_us_exports_say_which_revision_a_year_is_of(raw_files: Callable) -> None:
    table = census.us_exports_to_china(raw_files({census.ANNUAL: ANNUAL, census.CATEGORIES: CATEGORIES}))
    assert table.loc[table["year"] <= 2016, "hs"].unique().tolist() == ["HS12"]
    assert table.loc[table["year"] >= 2017, "hs"].unique().tolist() == ["HS17"]
    assert set(table["product"]) == {"010129"}
    assert set(table["phase_one"]) == {"industrial_machinery"}


@pytest.mark.parametrize(
    ("annual", "message"),
    [
        (ANNUAL.replace("010129", "10129"), "not six digits"),
        (ANNUAL + "2021,010129,5\n", "year"),
        (ANNUAL.replace("2020,010129,2020\n", ""), "year"),
        (ANNUAL + "2020,999999,5\n", "without a category"),
    ],
)
def test_us_exports_that_are_not_as_expected(raw_files: Callable, annual: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        census.us_exports_to_china(raw_files({census.ANNUAL: annual, census.CATEGORIES: CATEGORIES}))


IMPORTS = "cty_code,cty_name,hs6,imports_usd,duty_usd\n0003,EUROPEAN UNION,010121,10,0\n4359,SLOVAKIA,010121,2,0\n5700,CHINA,010121,8,1\n"


def test_slovakia_is_flagged_because_it_is_in_the_union_too(raw_files: Callable) -> None:
    table = census.us_imports(raw_files({census.IMPORTS: IMPORTS})).set_index("exporter")
    assert table["flag"].to_dict() == {"CHN": "", "EU27": "", "SVK": "in_EU27"}
    assert table.loc[table["flag"] == "", "value"].sum() == 18
    with pytest.raises(SourceError, match="members of the EU other than Slovakia"):
        census.us_imports(raw_files({census.IMPORTS: IMPORTS + "4280,GERMANY,010121,2,0\n"}))


def test_tariff_lists_drop_heading_notes_and_flag_lines_on_two_lists(raw_files: Callable) -> None:
    head = "list,source_name,hs8,is_chapter_98_99\n"
    rows = "1,a,99038801,True\n1,a,90314940,False\n3,c,90314940,False\n2,b,28459000,False\n4A,d,01012100,False\n4B,e,84713000,False\n"
    table = ustr.us_tariff_lists(raw_files({ustr.LISTS: head + rows}))
    assert len(table) == 5
    assert table.loc[table["flag"] == "two_lists", "list"].tolist() == ["1", "3"]
    assert table.loc[~table["applied"], "list"].tolist() == ["4B"]
    assert "010121" in set(table["product"])
    with pytest.raises(SourceError, match="not eight digits"):
        ustr.us_tariff_lists(raw_files({ustr.LISTS: head + rows.replace("01012100", "1012100")}))


def test_product_groups_name_the_group_that_holds_them(raw_files: Callable) -> None:
    names = [
        "Reporting Economy ISO3A Code", "Reporting Economy", "Partner Economy", "Product/Sector Code", "Unit Code", "Year",
        "Value Flag Code", "Value",
    ]  # fmt: skip
    rows = [
        ",World,World,MA,USM,1990,,100", "CHN,China,World,MAMTOTIC,USM,2018,E,7", "CHT,Chinese Taipei,World,MA,USM,2018,,5",
        ",Reunion,World,MA,USM,1990,,1", ",Ethiopia (+ Eritrea),World,MA,USM,1990,,1", "DDR,German Democratic Republic,World,MA,USM,1990,,1",
    ]  # fmt: skip
    table = wto.product_group_exports(raw_files({wto.DATA: ",".join(names) + "\n" + "\n".join(rows) + "\n"}))
    assert set(table["economy"]) == {"WLD", "CHN", "TWN", "REU"}
    chips = table[table["product_group"] == "electronic_components"].iloc[0]
    assert (chips["within"], chips["flag"]) == ("office_telecom", "estimate")
    assert table.loc[table["product_group"] == "manufactures", "within"].isna().all()


def test_every_group_lies_in_a_group_there_is() -> None:
    names = {name for name, _ in wto.GROUPS.values()}
    assert {within for _, within in wto.GROUPS.values()} - {""} <= names


def test_hs4_matrices_leave_out_services_zeros_and_unspecified_goods(raw_files: Callable) -> None:
    raw = raw_files(
        {
            growthlab.HS4_2016: "country,hs92_4,export_usd\nTaiwan,0101,5\nChina,9999,7\n",
            growthlab.HS4_2019: "country,product,export_val\nCHN,0101,6\nCHN,ict,9\nCHN,0102,0\nNAM,9999,1\n",
            growthlab.OTS: "iso3,hs4,export_usd\nchn,2852,4\n",
        }
    )
    table = growthlab.hs4_exports(raw)
    assert table[["edition", "exporter", "product", "hs", "value"]].to_numpy().tolist() == [
        ["atlas-2016", "TWN", "0101", "HS92", 5.0],
        ["atlas-2019", "CHN", "0101", "HS92", 6.0],
        ["ots-2017", "CHN", "2852", "HS07", 4.0],
    ]
    with pytest.raises(SourceError, match="not four digits"):
        growthlab.hs4_exports(raw_files({growthlab.HS4_2016: "country,hs92_4,export_usd\nTaiwan,101,5\n"}))


def test_world_exports_keep_the_two_indices_apart(raw_files: Callable) -> None:
    text = "product_code,year,world_export_value,source_pci,pci\n0101,1995,10,0.5,0.7\nXXXX,1995,9,,\n"
    table = growthlab.world_exports_hs4(raw_files({growthlab.WORLD: text}))
    assert table[["product", "value", "pci", "pci_repository"]].to_numpy().tolist() == [
        ["0101", 10.0, 0.5, 0.7]
    ]


def test_chips_of_china_and_hong_kong_stay_apart(raw_files: Callable) -> None:
    text = "basket,flow,iso3,year,value_bn_usd\nsemi_chips,import,CHN,2018,133.27\nsemi_chips,import,HKG,2018,155.36\n"
    table = growthlab.chip_trade(raw_files({growthlab.CHIPS: text})).set_index("economy")["value"]
    assert table.to_dict() == {"CHN": 133.27, "HKG": 155.36}
    with pytest.raises(SourceError, match="unknown basket"):
        growthlab.chip_trade(raw_files({growthlab.CHIPS: text.replace("semi_chips", "tv")}))


def test_battery_imports_tell_totals_groups_and_areas_from_economies(raw_files: Callable) -> None:
    head = "year,importer,partner,hs_rev,cmd_code,value_usd,net_kg,net_kg_estimated,is_reported\n"
    rows = (
        "2024,EUR,W00,H6,850760,9,3,0,1\n2024,DEU,W00,H6,850760,5,2,1,1\n2024,DEU,S19,H6,850760,4,0,0,1\n"
        "2024,DEU,_X,H6,850760,1,,0,1\n2024,NAM,CHN,H5,2510,0,0,0,0\n"
    )
    table = un.ev_battery_imports(raw_files({un.BATTERY: head + rows})).set_index(["importer", "exporter"])
    assert table["importer_level"].to_dict()[("EU27", "WLD")] == "group"
    assert table["exporter_level"].to_dict() == {
        ("NAM", "CHN"): "economy", ("DEU", "TWN"): "economy", ("DEU", "WLD"): "world", ("DEU", "_X"): "unspecified",
        ("EU27", "WLD"): "world",
    }  # fmt: skip
    assert table.loc[("DEU", "TWN"), "weight_flag"] == "missing"  # no kilograms for four dollars
    assert table.loc[("NAM", "CHN"), "weight"] == 0  # nothing for nothing
    assert table.loc[("DEU", "WLD"), "weight_flag"] == "estimated"


def test_taiwan_reports_its_equipment_as_other_asia(raw_files: Callable) -> None:
    text = (
        "Classification,Year,Trade Flow,Reporter,Reporter ISO,Partner,Commodity Code,Trade Value (US$)\n"
        '"H5",2018,Import,"Other Asia, nes",,World,848620,7\nH4,2016,Re-Export,China,CHN,World,848620,3\n'
    )
    table = un.chip_equipment_trade(raw_files({un.EQUIPMENT: text}))
    assert table[["economy", "flow", "hs"]].to_numpy().tolist() == [
        ["TWN", "import", "HS17"],
        ["CHN", "re_export", "HS12"],
    ]


def test_wits_groups_get_codes_and_levels(raw_files: Callable) -> None:
    text = (
        "economy,iso3,wits_code,kind,flow,product_group,group_kind,year,value_usd_thousand\n"
        "World,,Wld,world,export,All Products,total,2018,9\nEuropean Union,,EUN,group,export,Mach and Elec,sector,2018,4\n"
        "Belgium-Luxembourg,,BLX,economy,export,All Products,total,1995,1\n"
    )
    table = wits.trade_by_group(raw_files({wits.DATA: text})).set_index("economy")
    assert table["level"].to_dict() == {"WLD": "world", "BLX": "economy", "EU28": "group"}
    assert table.loc["EU28", "product_group"] == "mach_and_elec"


def test_rare_earth_compounds_by_flow(raw_files: Callable) -> None:
    head = "iso3,oec_country_id,country,export_usd,import_usd,net_export_usd,year\n"
    text = head + "chn,aschn,China,5.0,0.0,5.0,2010\nyug,euyug,Yugoslavia,1,2,-1,1995\n"
    table = oec.rare_earth_trade(raw_files({oec.DATA: text}))
    assert table[["economy", "flow", "value", "flag"]].to_numpy().tolist() == [
        ["CHN", "export", 5.0, ""], ["SCG", "export", 1.0, ""], ["CHN", "import", 0.0, "zero"], ["SCG", "import", 2.0, ""],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("S19", "TWN"), ("Other Asia, nes", "TWN"), ("ROM", "ROU"), ("RoW", "ROW"), ("Congo", "COG"), ("Congo (Kinshasa)", "COD"),
        ("Korea, North", "PRK"), ("Korea (Rep. of)", "KOR"), ("Côte d’Ivoire", "CIV"), ("Macao (SAR of China)", "MAC"),
    ],
)  # fmt: skip
def test_labels_of_the_trade_sources_resolve(label: str, code: str) -> None:
    assert economies.resolve(label) == code


def test_a_rest_is_no_economy_and_no_aggregate() -> None:
    assert economies.name("ROW") == "Rest of the world"
    assert not economies.is_aggregate("ROW")
    assert not set(economies.RESTS) & (set(economies.ECONOMIES) | set(economies.AGGREGATES))
