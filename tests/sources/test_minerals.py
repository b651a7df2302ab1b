"""Minerals of two geological surveys."""

import pytest

from mic2025lab.errors import SourceError
from mic2025lab.sources import minerals

HEAD = "edition,commodity,statistic,detail,unit,country,year,value,value_as_printed,note"


def usgs_table(raw_files, rows, drop=""):
    """Clean a row of China for each form, so that none is missed, and rows of gallium; a second spelling is of another economy."""
    forms = minerals.forms()
    forms = forms[forms["commodity"] != drop]
    country = (forms["detail"] == "Mine production, estimated").map({True: "Fiji", False: "China"})
    frame = forms.assign(country=country, year=2024, value=1, value_as_printed=1, unit="metric tons")
    text = frame.assign(statistic="Production", note="")[HEAD.split(",")].to_csv(index=False)
    text += "".join(f"MCS2025,Gallium,Production,{row}\n" for row in rows.split("\n"))
    return minerals.usgs(raw_files({minerals.USGS.only: text}))


GALLIUM = """Primary production,kilograms,Japan,2023,3000,3000,
Primary production,kilograms,"Korea, North",2023,0.0,—,
Primary production,kilograms,United States (refined),2023,,W,
Primary production,kilograms,Other Countries,2023,5,5,
Primary production: rounded,kilograms,World total (rounded),2023,633000,633000,
Primary production,kilograms,Germany,2023,9,9,Estimated. -- More.
Primary production,kilograms,Hungary,2023,9,9,estimated 2023
Primary production,kilograms,Hungary,2024,9,9,"""
#: The last year of an edition is an estimate.
GIVES = """economy,level,year,value,flag
CHN,economy,2024,1.0,estimated
JPN,economy,2023,3.0,
PRK,economy,2023,0.0,nil
USA,economy,2023,,withheld
ROW,rest,2023,0.005,
WLD,world,2023,633.0,
DEU,economy,2023,0.009,estimated
HUN,economy,2023,0.009,estimated
HUN,economy,2024,0.009,estimated
"""


def test_usgs_symbols_levels_and_estimates(raw_files):
    table = usgs_table(raw_files, GALLIUM).query("mineral == 'gallium' and edition == 'MCS2025'")
    assert table[GIVES.split("\n")[0].split(",")].to_csv(index=False) == GIVES


@pytest.mark.parametrize(
    ("drop", "row", "message"),
    [
        ("Tungsten", "Primary production,kilograms,Japan,2023,1,1,", "no production of"),
        ("", "Primary production,kilograms,Japan,2023,,XX,", "unknown value_as_printed"),
        ("", "Primary production,pounds,Japan,2023,1,1,", "unknown unit"),
    ],
)
def test_usgs_rows_that_stop_the_cleaning(raw_files, drop, row, message):
    with pytest.raises(SourceError, match=message):
        usgs_table(raw_files, row, drop)


def test_the_forms_name_each_mineral_once_as_main():
    forms = minerals.forms()
    main = forms[forms["main"] == "yes"].drop_duplicates(["edition", "mineral", "stage", "form"])
    assert not main.duplicated(["edition", "mineral"]).any()
    assert set(main["mineral"]) == set(minerals.forms()["mineral"])
    named = [form["mineral"] for form in minerals.FORMS.values() if form["main"] == "yes"]
    assert len(named) == len(set(named))
