"""`trade_diversion`: its parts add up and its values are those of the raw rows."""

from collections import defaultdict

import pytest


@pytest.mark.mirror
def test_values_are_those_of_the_raw_rows(run_once, raw_rows):
    value = defaultdict(float)
    duty = defaultdict(float)
    for row in raw_rows("us-imports-naics-2013-2025/us_imports_naics3_monthly_2013_01_2025_11.csv.gz"):
        if row["naics"].startswith("3"):
            value[row["partner"], row["naics"], row["month"]] += float(row["imports"])
            duty[row["partner"], row["month"]] += float(row["duty"])
    industries = sorted({naics for _, naics, _ in value})
    every = sorted({month for _, _, month in value})
    year = {label: [month for month in every if month.startswith(label)] for label in ("2017", "2024")}

    def total(partner, months, naics=""):
        return sum(
            value[partner, code, month] for code in industries if code.startswith(naics) for month in months
        )

    def share(months, naics=""):
        return 100 * total("CHINA", months, naics) / total("TOTAL FOR ALL COUNTRIES", months, naics)

    weight = {
        code: sum(
            total("TOTAL FOR ALL COUNTRIES", months, code) / total("TOTAL FOR ALL COUNTRIES", months) / 2
            for months in year.values()
        )
        for code in industries
    }
    event = every.index("2025-04")
    expected = {
        "china_share_base": share(year["2017"]),
        "china_share_end": share(year["2024"]),
        "china_share_change": share(year["2024"]) - share(year["2017"]),
        "china_share_2024_same_months": share(year["2024"][:11]),
        "within_change": sum(
            weight[code] * (share(year["2024"], code) - share(year["2017"], code)) for code in industries
        ),
        "share_after_2025_04": share(every[event : event + 8]) - share(every[event - 12 : event - 4]),
        "duty_china_last": 100 * duty["CHINA", "2025-11"] / total("CHINA", ["2025-11"]),
    }
    found = run_once("trade_diversion").numbers
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert round(expected["china_share_base"], 1) == 24.3
    assert round(expected["china_share_end"], 1) == 14.6
