"""The limits of the parameters of `fiscal_strain`."""

from __future__ import annotations

import pytest

from mic2025lab.analyses import validate
from mic2025lab.errors import ParameterError


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"start": 2005}, "2006 to 2024"),
        ({"end": 2017}, "2018"),
        ({"comparators": ["CHN"]}, "CHN"),
        ({"vintage": "wdi-2026-07"}, "gov_balance_share, gov_debt_share"),
        ({"output": "gpd"}, "Did you mean 'gdp'?"),
    ],
)
def test_wrong_requests_are_explained(values: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message.replace("?", r"\?")):
        validate("fiscal_strain", values)


def test_an_earlier_start_needs_gdp_as_first_published() -> None:
    assert validate("fiscal_strain", {"output": "gdp_first_published", "start": 2005})
