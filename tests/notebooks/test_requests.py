"""What a notebook cannot do is refused before it is run, in words that say what would be right."""

import re
from pathlib import Path

import pytest
import yaml

from mic2025lab.analyses import get, validate, validate_text
from mic2025lab.classifications import sectors
from mic2025lab.errors import ParameterError

#: Analysis -> parameters, and words of the message.
REFUSED = yaml.safe_load(Path(__file__).with_name("refused.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("analysis", REFUSED)
def test_wrong_requests_are_explained(analysis, monkeypatch, tmp_path):
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path))  # without tables of the user's own
    for values, words in REFUSED[analysis]:
        with pytest.raises(ParameterError, match=re.escape(words)):
            validate(analysis, values)


def test_an_earlier_start_needs_gdp_as_first_published():
    assert validate("fiscal_strain", {"output": "gdp_first_published", "start": 2005})


def test_a_labor_share_is_a_number_or_data():
    assert validate_text("misallocation", {"labor_share": "0.6"}).labor_share == 0.6
    assert validate_text("misallocation", {"labor_share": "data"}).labor_share == "data"
    with pytest.raises(ParameterError):
        validate_text("misallocation", {"labor_share": "most"})


def test_every_sector_can_be_asked():
    for slug in sectors.slugs():
        assert validate("sector_profile", {"sector": slug}).sector == slug


@pytest.mark.parametrize(
    ("analysis", "asked", "more"),
    [
        ("leadership", {}, ()),
        ("leadership", {"robots": "robots"}, ("robots",)),
        ("friction", {"measures": ["trade_interventions"], "flows": "baci"}, ("trade_interventions", "baci")),
    ],
)
def test_tables_that_are_asked_for_are_among_those_loaded(analysis, asked, more):
    found = get(analysis)
    assert found.loads(found.defaults() | asked) == (*found.tables, *more)


def test_firm_productivity_loads_no_table():
    assert get("firm_productivity").loads(get("firm_productivity").defaults()) == ()
