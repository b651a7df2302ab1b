"""The last actual year of a series of the WEO; what its files become is in `cleaning.toml`."""

import pytest

from mic2025lab.errors import SourceError
from mic2025lab.sources import world_economy as economy


@pytest.mark.parametrize(
    ("text", "note", "year"),
    [
        ("2024", "", 2024),
        ("", "", None),
        ("FY2023/24", "", 2023),
        ("FY2023/24", "Fiscal year data are mapped to calendar year as follows: FY(t-1/t) = CY(t).", 2024),
        ("FY2023/24", "Solar year (March 21 March 20) data are mapped such that SY(t/t+1)=CY(t).", 2023),
        ("FY2023/24", "follows: FY(t/t+1) = CY(t)", 2023),
        ("FY1999/00", "FY(t-1/t) = CY(t)", 2000),
        ("2024", "FY(t-1/t) = CY(t)", 2024),
    ],
)
def test_last_actual_year(text, note, year):
    assert economy.last_actual_year(text, note) == year


def test_a_date_of_another_form_is_not_guessed():
    with pytest.raises(SourceError, match="2024Q4"):
        economy.last_actual_year("2024Q4")
