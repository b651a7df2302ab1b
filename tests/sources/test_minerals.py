"""Minerals of two geological surveys."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from mic2025lab.errors import SourceError
from mic2025lab.sources import minerals

BGS_HEAD = "file,commodity,sub_commodity,form,table,unit,country,iso3,year,quantity,precision,note\n"


def production(raw_files: Callable, rows: str) -> pd.DataFrame:
    return minerals.bgs(raw_files({minerals.TIDY: BGS_HEAD + rows}))


def test_bgs_zeros_and_gaps_are_told_apart(raw_files: Callable) -> None:
    rows = (
        '"g",germanium metal,,,t,tonnes (metric),China,CHN,2023,165.0,,Estimates.\n'
        "g,germanium metal,,,t,tonnes (metric),Japan,JPN,2023,0.0,Nil (nothing produced),\n"
        "g,germanium metal,,,t,tonnes (metric),USA,USA,2023,,Figures not available,\n"
        "g,germanium metal,,,t,tonnes (metric),Canada,CAN,2023,0.0,Quantity is more than 0 but less than 0.5,\n"
        "g,germanium metal,,,t,tonnes (metric),Soviet Union,SUN,1985,5.0,,\n"
    )
    table = production(raw_files, rows).set_index("economy")
    assert table["flag"].to_dict() == {
        "CHN": "estimated",
        "JPN": "nil",
        "USA": "not_available",
        "CAN": "less_than_half",
    }
    assert table["value"].isna().to_dict() == {"CHN": False, "JPN": False, "USA": True, "CAN": True}


def test_bgs_congo_is_not_the_democratic_republic(raw_files: Callable) -> None:
    rows = (
        'c,"copper, mine",,x,t,tonnes (metal content),Congo,COD,2023,8400,,\n'
        'c,"copper, mine",,x,t,tonnes (metal content),"Congo, Democratic Republic",COD,2023,3148567,,\n'
    )
    assert production(raw_files, rows).set_index("economy")["value"].to_dict() == {
        "COG": 8400.0,
        "COD": 3148567.0,
    }


def test_bgs_two_tables_of_rare_earths_and_kilograms(raw_files: Callable) -> None:
    rows = (
        "R,rare earth oxides,,,t,tonnes (metric),China,CHN,2023,255000,,\n"
        "R,rare earth minerals,Monazite,,t,tonnes (metric),India,IND,2010,9,,\n"
        'p,"platinum group metals, mine",Platinum,x,t,kilograms (metal content),South Africa,ZAF,2023,125000,,\n'
        'p,"platinum group metals, mine",Rhodium,x,t,kilograms (metal content),South Africa,ZAF,2023,15000,,\n'
    )
    table = production(raw_files, rows).set_index("form")
    assert table["main"].to_dict() == {
        "rare-earth-oxide equivalent": True, "rare earth minerals: Monazite": False, "platinum content": True,
        "platinum group metals, mine: Rhodium": False,
    }  # fmt: skip
    assert table.loc["platinum content", ["mineral", "value"]].tolist() == ["platinum", 125.0]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("g,unobtainium,,,t,tonnes (metric),China,CHN,2023,1,,\n", "unknown commodities"),
        ("g,graphite,,,t,pounds,China,CHN,2023,1,,\n", "unknown unit"),
        ("g,graphite,,,t,tonnes (metric),China,CHN,2023,,,\n", "missing without a reason"),
    ],
)
def test_bgs_rows_that_are_not_as_expected(raw_files: Callable, row: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        production(raw_files, row)


USGS_HEAD = (
    "edition,commodity,country,is_world_total,statistic,detail,unit,year,value,value_as_printed,note\n"
)


def usgs_rows() -> list[dict[str, str]]:
    """One row for each form of each edition, so that none is missed."""
    forms = minerals.forms()
    return [
        {
            "edition": form.edition, "commodity": form.commodity, "country": "China", "statistic": "Production", "detail": form.detail,
            "unit": "metric tons", "year": "2024", "value": "1", "value_as_printed": "1", "note": "",
        }
        for form in forms.itertuples()
    ]  # fmt: skip


def usgs_table(raw_files: Callable, extra: list[dict[str, str]] = (), drop: str = "") -> pd.DataFrame:
    # A second spelling of a form stands for other economies in the source.
    rows = [
        row
        for row in usgs_rows()
        if (row["commodity"], row["detail"]) != ("Cobalt", "Mine production, estimated")
    ]
    rows.append({**rows[0], "commodity": "Cobalt", "detail": "Mine production, estimated", "country": "Fiji"})
    frame = pd.DataFrame([row for row in rows if row["commodity"] != drop] + list(extra))
    frame["is_world_total"] = "False"
    frame = frame[USGS_HEAD.strip().split(",")]
    return minerals.usgs(raw_files({minerals.WORLD: frame.to_csv(index=False)}))


def gallium(**values: str) -> dict[str, str]:
    row = {
        "edition": "MCS2025", "commodity": "Gallium", "statistic": "Production", "detail": "Primary production", "unit": "kilograms",
        "year": "2023", "note": "",
    }  # fmt: skip
    return {**row, **values}


def test_usgs_symbols_levels_and_estimates(raw_files: Callable) -> None:
    extra = [
        gallium(country="Japan", value="3000.0", value_as_printed="3000"),
        gallium(country="Korea, North", value="0.0", value_as_printed="—"),
        gallium(country="United States (refined)", value="", value_as_printed="W"),
        gallium(country="Other Countries", value="5.0", value_as_printed="5"),
        gallium(
            country="World total (rounded)",
            value="633000.0",
            value_as_printed="633000",
            detail="Primary production: rounded",
        ),
        gallium(country="Germany", value="9.0", value_as_printed="9", note="Estimated. -- More."),
        gallium(country="Hungary", value="9.0", value_as_printed="9", note="estimated 2023"),
        gallium(country="Hungary", value="9.0", value_as_printed="9", year="2024"),
    ]
    table = usgs_table(raw_files, extra)
    part = table[(table["mineral"] == "gallium") & (table["edition"] == "MCS2025")].set_index(
        ["economy", "year"]
    )
    assert part.loc[("JPN", 2023), ["value", "flag", "level"]].tolist() == [3.0, "", "economy"]
    assert part.loc[("PRK", 2023), ["value", "flag"]].tolist() == [0.0, "nil"]
    assert part.loc[("USA", 2023), "flag"] == "withheld"
    assert pd.isna(part.loc[("USA", 2023), "value"])
    assert part.loc[("ROW", 2023), "level"] == "rest"
    assert part.loc[("WLD", 2023), ["value", "level"]].tolist() == [633.0, "world"]
    assert part.loc[("DEU", 2023), "flag"] == part.loc[("HUN", 2023), "flag"] == "estimated"
    assert part.loc[("HUN", 2024), "flag"] == "estimated"  # the last year of an edition


def test_usgs_a_form_that_is_gone_or_a_value_that_is_odd_stops_the_cleaning(raw_files: Callable) -> None:
    with pytest.raises(SourceError, match="no production of"):
        usgs_table(raw_files, drop="Tungsten")
    with pytest.raises(SourceError, match="unknown values"):
        usgs_table(raw_files, [gallium(country="Japan", value="", value_as_printed="XX")])
    with pytest.raises(SourceError, match="unknown unit"):
        usgs_table(raw_files, [gallium(country="Japan", value="1", value_as_printed="1", unit="pounds")])


def test_the_forms_name_each_mineral_once_as_main() -> None:
    forms = minerals.forms()
    main = forms[forms["main"] == "yes"].drop_duplicates(["edition", "mineral", "stage", "form"])
    assert not main.duplicated(["edition", "mineral"]).any()
    assert set(main["mineral"]) == set(minerals.forms()["mineral"])
    named = [form["mineral"] for form in minerals.FORMS.values() if form["main"] == "yes"]
    assert len(named) == len(set(named))
