"""Minerals of two geological surveys."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from mic2025lab.errors import SourceError
from mic2025lab.sources import minerals

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
