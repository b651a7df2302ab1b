"""The WEO and the WDI."""

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


def weo_rows(area, concept, scale, last, years, value=1.0):
    return "".join(f"{area},{concept},u,{scale},,{last},{year},{value}\n" for year in years)


def weo(raw_files, rows, notes=""):
    filler = "".join(
        weo_rows("USA", concept, scale, "" if concept in ("PPPGDP", "PPPSH") else "2024", (2024, 2025))
        for concept, (_, _, scale) in economy.CONCEPTS.items()
    )
    head, head_of_notes = (
        "ref_area,concept,unit,scale,base_year,last_actual,year,value\n",
        "ref_area,concept,notes\n",
    )
    raw = raw_files({economy.WEO: head + filler + rows, economy.NOTES: head_of_notes + notes})
    return economy.weo(raw).set_index(["economy", "indicator", "year"]).sort_index()


def test_forecasts_follow_the_source_s_own_date(raw_files):
    years = (2022, 2023, 2024, 2025)
    rows = (
        weo_rows("CHN", "NGDPD", 9, "2023", years, 18000.5)
        + weo_rows("CHN", "PPPGDP", 9, "", years)  # no date: that of GDP
        + weo_rows("EGY", "NGDPD", 9, "FY2023/24", years)
        + weo_rows("IND", "NGDPD", 9, "FY2023/24", years)
        + weo_rows("G001", "NGDPD", 9, "", years)  # a group: the most frequent date
        + weo_rows("KOS", "LP", 6, "2022", years)
    )
    notes = "EGY,NGDPD,FY(t-1/t) = CY(t)\nIND,NGDPD,FY(t/t+1) = CY(t)\n"
    table = weo(raw_files, rows, notes)

    def forecasts(economy, indicator):
        part = table.loc[(economy, indicator)]
        return part.index[part["flag"] == "forecast"].tolist()

    assert forecasts("CHN", "gdp_usd") == [2024, 2025]
    assert forecasts("CHN", "gdp_ppp") == [2024, 2025]
    assert forecasts("EGY", "gdp_usd") == [2025]
    assert forecasts("IND", "gdp_usd") == [2024, 2025]
    assert forecasts("XKX", "population") == [2023, 2024, 2025]
    assert forecasts("USA", "gdp_ppp") == [2025]
    assert table.loc[("CHN", "gdp_usd", 2023), "unit"] == "billion USD"
    assert table.loc[("CHN", "gdp_usd", 2023), "value"] == 18000.5
    assert "WLD" in table.index.get_level_values("economy")


def test_the_date_of_groups_is_the_most_frequent(raw_files):
    years = (2022, 2023, 2024)
    rows = "".join(weo_rows(code, "NGDPD", 9, "2022", years) for code in ("CHN", "IND", "JPN")) + weo_rows(
        "G001", "NGDPD", 9, "", years
    )
    part = weo(raw_files, rows).loc[("WLD", "gdp_usd")]
    assert part["flag"].tolist() == ["", "forecast", "forecast"]


def test_another_scale_stops_the_cleaning(raw_files):
    with pytest.raises(SourceError, match="NGDPD"):
        weo(raw_files, weo_rows("CHN", "NGDPD", 6, "2024", (2024,)))
