"""Minerals of two geological surveys."""

import pandas as pd
import pytest

from mic2025lab.errors import SourceError
from mic2025lab.sources import minerals

USGS_HEAD = (
    "edition,commodity,country,is_world_total,statistic,detail,unit,year,value,value_as_printed,note\n"
)


def usgs_rows():
    """One row for each form of each edition, so that none is missed."""
    forms = minerals.forms()
    return [
        {
            "edition": form.edition, "commodity": form.commodity, "country": "China", "statistic": "Production", "detail": form.detail,
            "unit": "metric tons", "year": "2024", "value": "1", "value_as_printed": "1", "note": "",
        }
        for form in forms.itertuples()
    ]  # fmt: skip


def usgs_table(raw_files, extra=(), drop=""):
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
    return minerals.usgs(raw_files({minerals.USGS.only: frame.to_csv(index=False)}))


def gallium(country, printed, **values):
    about = {
        "edition": "MCS2025",
        "commodity": "Gallium",
        "statistic": "Production",
        "detail": "Primary production",
    }
    row = {"unit": "kilograms", "year": "2023", "note": "", "value": printed, "value_as_printed": printed}
    return about | row | {"country": country} | values


def test_usgs_symbols_levels_and_estimates(raw_files):
    rounded = {"detail": "Primary production: rounded"}
    extra = [
        gallium("Japan", "3000"),
        gallium("Korea, North", "—", value="0.0"),
        gallium("United States (refined)", "W", value=""),
        gallium("Other Countries", "5"),
        gallium("World total (rounded)", "633000", **rounded),
        gallium("Germany", "9", note="Estimated. -- More."),
        gallium("Hungary", "9", note="estimated 2023"),
        gallium("Hungary", "9", year="2024"),
    ]
    table = usgs_table(raw_files, extra).query("mineral == 'gallium' and edition == 'MCS2025'")
    part = table.set_index(["economy", "year"])
    assert part.loc[("JPN", 2023), ["value", "flag", "level"]].tolist() == [3.0, "", "economy"]
    assert part.loc[("PRK", 2023), ["value", "flag"]].tolist() == [0.0, "nil"]
    assert part.loc[("USA", 2023), "flag"] == "withheld"
    assert pd.isna(part.loc[("USA", 2023), "value"])
    assert part.loc[("ROW", 2023), "level"] == "rest"
    assert part.loc[("WLD", 2023), ["value", "level"]].tolist() == [633.0, "world"]
    assert part.loc[("DEU", 2023), "flag"] == part.loc[("HUN", 2023), "flag"] == "estimated"
    assert part.loc[("HUN", 2024), "flag"] == "estimated"  # the last year of an edition


@pytest.mark.parametrize(
    ("drop", "row", "message"),
    [
        ("Tungsten", gallium("Japan", "1"), "no production of"),
        ("", gallium("Japan", "XX", value=""), "unknown values"),
        ("", gallium("Japan", "1", unit="pounds"), "unknown unit"),
    ],
)
def test_usgs_rows_that_stop_the_cleaning(raw_files, drop, row, message):
    with pytest.raises(SourceError, match=message):
        usgs_table(raw_files, [row], drop)


def test_the_forms_name_each_mineral_once_as_main():
    forms = minerals.forms()
    main = forms[forms["main"] == "yes"].drop_duplicates(["edition", "mineral", "stage", "form"])
    assert not main.duplicated(["edition", "mineral"]).any()
    assert set(main["mineral"]) == set(minerals.forms()["mineral"])
    named = [form["mineral"] for form in minerals.FORMS.values() if form["main"] == "yes"]
    assert len(named) == len(set(named))
