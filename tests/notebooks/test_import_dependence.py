"""`import_dependence` and `chokepoints`: estimands over their specifications, and what they say at unusual parameters."""

import re

import pytest


def test_medical_equipment_is_shown_where_it_is_separate(run_once):
    results = run_once("import_dependence")
    assert results.numbers["medical_equipment_2018"] == pytest.approx(38.3, abs=0.05)
    assert results.numbers["medical_equipment_2020"] == pytest.approx(29.8, abs=0.05)
    assert any(
        "Medical equipment is a separate industry only from 2018" in said for said in results["finding"]
    )


@pytest.mark.parametrize(
    "parameters",
    [{"supplier": "AUS"}, {"supplier": "USA"}, {"supplier": "LUX"}, {"importer": "IND", "share_above": 0.9}],
)
def test_what_chokepoints_says_where_there_is_little_to_say(run_once, parameters):
    for said in run_once("chokepoints", **parameters)["finding"]:
        assert not re.search(r"\bnone of \d+ \w+ by every|of none\.|\bnan\b|’s’|  |−0\.0\b", said), said
        assert "Dominant exporters in 2023: ." not in said
