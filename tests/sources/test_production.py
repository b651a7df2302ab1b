"""Vehicles, solar, wind, steel, official manufacturing, robots, chips, cars: what each cleaning rule does."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from mic2025lab.errors import SourceError, UnknownName
from mic2025lab.sources import ember, eto, iea, ifr, irena, nrel, open_ev, unsd, worldsteel
from mic2025lab.sources.reading import RawTable, codes

EV_HEAD = "region,category,parameter,mode,powertrain,year,unit,value\n"


def ev(raw_files: Callable, rows: str) -> pd.DataFrame:
    other = EV_HEAD + "China,Historical,EV sales,Cars,BEV,2023,Vehicles,1\n"
    head = EV_HEAD.replace("region", "region_country")
    return iea.ev_sales(raw_files({iea.FILES["GEVO2024"]: other, iea.FILES["GEVO2025"]: head + rows}))


def test_projections_are_flagged_and_never_repeat_the_past(raw_files: Callable) -> None:
    rows = (
        "China,Historical,EV sales,Cars,BEV,2024,Vehicles,6400000\nChina,Projection-STEPS,EV sales,Cars,BEV,2024,Vehicles,6400000\n"
        "China,Projection-STEPS,EV sales,Cars,BEV,2030,Vehicles,9\nIndia,Projection-STEPS,EV sales,Cars,BEV,2030,Vehicles,2\n"
        "India,Projection-STEPS,EV sales,Cars,BEV,2030,Vehicles,2\nWorld,Historical,Oil displacement Mbd,Cars,EV,2024,x,2\n"
    )
    table = ev(raw_files, rows)
    new = table[table["edition"] == "GEVO2025"].set_index(["economy", "year"])
    assert new["flag"].to_dict() == {
        ("CHN", 2024): "",
        ("CHN", 2030): "projection",
        ("IND", 2030): "projection",
    }
    assert new.loc[("CHN", 2030), "scenario"] == "stated_policies"


def test_regions_of_the_iea_are_levels(raw_files: Callable) -> None:
    rows = "".join(
        f"{region},Historical,EV sales share,Cars,EV,2024,percent,2\n"
        for region in (
            "World",
            "EU27",
            "North America",
            "Asia Pacific",
            "Rest of the world",
            "Turkiye",
            "Korea",
        )
    )
    table = ev(raw_files, rows)
    levels = table[table["edition"] == "GEVO2025"].set_index("economy")["level"].to_dict()
    assert levels == {
        "WLD": "world", "EU27": "region", "NAC": "region", "asia_pacific": "region", "ROW": "rest", "TUR": "economy", "KOR": "economy",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("China,Forecast,EV sales,Cars,BEV,2024,Vehicles,1\n", "unknown category"),
        ("China,Historical,EV sales,Cars,BEV,2024,thousands,1\n", "unexpected units"),
        ("China,Historical,EV sales,Cars,BEV,2024,Vehicles,many\n", "not numbers"),
    ],
)
def test_ev_rows_that_are_not_as_expected(raw_files: Callable, row: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        ev(raw_files, row)


def test_solar_chain_keeps_input_and_flags_zeros_and_repeats(raw_files: Callable) -> None:
    head = "kind,product,year,country,share_pct\n"
    rows = (
        "baseline,cell,1995,China,40\ninput,cell,2020,China,80\ninput,cell,2020,Bosnia,0\ninput,cell,2021,China,80\n"
        "input,cell,2021,Bosnia,0\ninput,ingot mono,2004,China,0\ninput,wafer,2021,Taiwan,3\n"
    )
    table = nrel.solar_chain(raw_files({nrel.TIDY: head + rows}))
    assert len(table) == 5  # no baseline, and no year without a maker
    flags = table.set_index(["stage", "economy", "year"])["flag"].to_dict()
    assert flags == {
        ("cell", "BIH", 2020): "zero", ("cell", "BIH", 2021): "repeated", ("cell", "CHN", 2020): "",
        ("cell", "CHN", 2021): "repeated", ("wafer", "TWN", 2021): "",
    }  # fmt: skip
    with pytest.raises(SourceError, match="no rows of kind input"):
        nrel.solar_chain(raw_files({nrel.TIDY: head + "baseline,cell,1995,China,40\n"}))


def test_capacity_of_regions_is_told_apart(raw_files: Callable) -> None:
    solar, wind = irena.FILES["solar"], irena.FILES["wind"]
    raw = raw_files(
        {
            solar[
                0
            ]: f"Entity,Code,Year,{solar[1]}\nNamibia,NAM,2023,1\nKosovo,OWID_KOS,2023,1\nWorld,OWID_WRL,2023,9\n"
            "Asia,,2023,5\nEuropean Union (27),,2023,3\n",
            wind[0]: f"Entity,Code,Year,{wind[1]}\nChina,CHN,2023,4\n",
        }
    )
    table = irena.solar_wind_capacity(raw)
    levels = table[table["technology"] == "solar"].set_index("economy")["level"].to_dict()
    assert levels == {"NAM": "economy", "XKX": "economy", "WLD": "world", "asia": "region", "EU27": "region"}


STEEL_HEAD = "locality,year,value,units ,region,fao_locality\n"


def test_steel_reads_separators_and_a_header_with_a_blank(raw_files: Callable) -> None:
    rows = (
        'China,2018,"928,264.00",kt,asia,x\nIreland,2018,,kt,europe,x\n"Taiwan, China",2018,"23,240",kt,asia,x\n'
        'Former Yugoslavia,2005,"1,292.00",kt,europe,x\nFormer Yugoslavia,2006,,kt,europe,x\n'
    )
    table = worldsteel.steel(raw_files({worldsteel.DATA: STEEL_HEAD + rows})).set_index(["economy", "year"])
    assert table["value"].dropna().to_dict() == {
        ("CHN", 2018): 928264.0,
        ("SCG", 2005): 1292.0,
        ("TWN", 2018): 23240.0,
    }
    assert table.loc[("IRL", 2018), "flag"] == "not_reported"
    assert ("SCG", 2006) not in table.index


def test_steel_that_is_not_as_expected(raw_files: Callable) -> None:
    with pytest.raises(SourceError, match="units"):
        worldsteel.steel(raw_files({worldsteel.DATA: STEEL_HEAD + "China,2018,1,Mt,asia,x\n"}))
    with pytest.raises(SourceError, match="continues after 2005"):
        worldsteel.steel(raw_files({worldsteel.DATA: STEEL_HEAD + "Former Yugoslavia,2006,1,kt,europe,x\n"}))


def test_official_manufacturing_tells_regions_from_economies(raw_files: Callable) -> None:
    head = "Country or area,Currency,Year," + ",".join(f'"{name}"' for name in unsd.INDUSTRIES) + "\n"
    rows = (
        "China,US$,2000,5e6,,9e6\nEastern Asia,US$,2000,1e6,1e6,1e6\nWorld,US$,2000,1e6,1e6,1e6\n"
        "United Republic of Tanzania: Zanzibar,US$,2000,1e6,1e6,1e6\nFormer Sudan,US$,2000,1e6,1e6,1e6\n"
    )
    raw = raw_files(
        {unsd.DATA: head + rows, unsd.AGGREGATES: "name,kind\nEastern Asia,region\nWorld,world\n"}
    )
    table = unsd.official_manufacturing(raw)
    china = table[table["economy"] == "CHN"].set_index("industry")["value"].to_dict()
    assert china == {"industry": 5.0, "total": 9.0}  # no manufacturing: missing, not zero
    levels = table.drop_duplicates("economy").set_index("economy")["level"].to_dict()
    assert levels == {
        "CHN": "economy", "eastern_asia": "region", "WLD": "world", "united_republic_of_tanzania_zanzibar": "part",
        "former_sudan": "former",
    }  # fmt: skip


def test_robots_have_codes(raw_files: Callable) -> None:
    text = f"Entity,Code,Year,{ifr.COLUMN}\nChina,CHN,2023,276000\nWorld,OWID_WRL,2023,541000\n"
    table = ifr.robots(raw_files({ifr.DATA: text}))
    assert table["economy"].tolist() == ["CHN", "WLD"]


def test_solar_exports_by_level_and_codes_added_up(raw_files: Callable) -> None:
    head = "Area,Date,Area type,Commodity code,Commodity type,Amount (USD),Capacity (MW)\n"
    rows = (
        "World,2023-01-01,Region,1,Panels,9,3\nEU,2023-01-01,Region,1,Panels,4,1\nOther Africa,2023-01-01,Country or economy,1,Panels,1,1\n"
        "Congo (DRC),2023-01-01,Country or economy,1,Panels,1,\nCongo (DRC),2023-01-01,Country or economy,2,Panels,2,\n"
    )
    table = ember.solar_trade(raw_files({ember.MONTHLY: head + rows})).set_index("importer")
    assert table["level"].to_dict() == {
        "COD": "economy",
        "EU27": "region",
        "WLD": "region",
        "other_africa": "rest",
    }
    assert table.loc["COD", "value"] == 3
    assert pd.isna(table.loc["COD", "capacity"])
    assert set(table["period"]) == {"2023-01"}


def test_solar_balance_stacks_three_files(raw_files: Callable) -> None:
    tail = "_gw,source_url,source_note\n2023,{},,CPIA\n"
    raw = raw_files(
        {
            ember.ANNUAL["production"]: "year,production" + tail.format(499),
            ember.ANNUAL["exports"]: "year,export" + tail.format(211),
            ember.ANNUAL["installation"]: "year,installation" + tail.format(216.3),
        }
    )
    table = ember.solar_balance(raw)
    assert table.set_index("item")["value"].to_dict() == {
        "exports": 211.0,
        "installation": 216.3,
        "production": 499.0,
    }
    assert table["url"].isna().all()


def test_economies_and_companies_of_the_chip_chain_are_told_apart(raw_files: Callable) -> None:
    raw = raw_files(
        {
            eto.PROVISION: "provider_name,provider_id,provided_name,provided_id,share_provided,year,source\n"
            "NLD,P1,EUV tools,N20,100,2025,x\nASML,P2,EUV tools,N20,100.0,2025,x\nVarious,P3,EUV tools,N20,,2025,x\nUSA,P4,Design,S1,61,2019,x\n",
            eto.PROVIDERS: "provider_name,alias,provider_id,provider_type,country\nNLD,,P1,country,\nASML,,P2,organization,NLD\n"
            "Various,,P3,country,\nUSA,,P4,country,\n",
            eto.INPUTS: "input_id,input_name,type,stage_name\nN20,EUV tools,tool_resource,\n",
            eto.STAGES: "stage_id,stage_name\nS1,Design\n",
        }
    )
    table = eto.semiconductor_chain(raw).set_index("provider")
    assert table["level"].to_dict() == {
        "NLD": "economy",
        "ASML": "company",
        "various": "group",
        "USA": "economy",
    }
    assert table.loc["ASML", "economy"] == "NLD"
    assert table.loc["various", "flag"] == "minor"
    assert table.loc["USA", ["kind", "stage"]].tolist() == ["stage", "Design"]


def test_cars_are_added_up_by_brand_and_spread_years_are_flagged(raw_files: Callable) -> None:
    head = "country,period,dataset,model_or_brand,units,source_url\n"
    rows = (
        "CN,2022-01,ElectricCarsByModel,BYD|Dolphin,5,u\nCN,2022-01,ElectricCarsByModel,BYD|Han,6,u\nCN,2024-01,ElectricCarsByModel,other,7,\n"
        "CN,2024-01,AllCarsTotal,other,99,u\nDE,2024-01,AllCarsByBrand,VW,1,u\n"
    )
    table = open_ev.car_sales_china(raw_files({open_ev.DATA: head + rows}))
    assert table[["period", "cars", "brand", "value", "flag"]].to_numpy().tolist() == [
        ["2024-01", "all", "all", 99.0, ""],
        ["2022-01", "battery_electric", "BYD", 11.0, "spread"],
        ["2024-01", "battery_electric", "other", 7.0, ""],
    ]
    with pytest.raises(SourceError, match="not months"):
        open_ev.car_sales_china(raw_files({open_ev.DATA: head + "CN,2024-Q1,AllCarsTotal,other,1,u\n"}))


def test_text_to_numbers() -> None:
    file = RawTable(worldsteel.SOURCE, "f", pd.DataFrame())
    values = file.numbers(pd.Series(["1,234.5", " 7 ", "", "-2"], dtype="str"))
    assert values.tolist()[:2] == [1234.5, 7.0]
    assert values.isna().tolist() == [False, False, True, False]
    with pytest.raises(SourceError, match=r"not numbers: \['n/a'\]"):
        file.numbers(pd.Series(["n/a"], dtype="str"))
    with pytest.raises(UnknownName, match="Atlantis"):
        codes(pd.Series(["Atlantis"], dtype="str"))
