"""Global Trade Alert: section 301 rates by tariff line, and dated tariff events of the United States, 2025 and 2026.

The license is noncommercial, so the tables are built on the user's machine.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import constant, measured, text, year
from mic2025lab.sources.reading import read
from mic2025lab.sources.table import Raw, source, table

RATES, EVENTS = "section_301_rates_hs8.csv", "tariff_events_2025_2026.csv"

SOURCE = source("gta-us-tariffs-2025")
COMPONENTS = ("hts", "s232", "ieepa", "emergency", "surcharge", "ieepa:s232", "ieepa:emergency")


@table(
    inputs=(SOURCE, RATES),
    columns={
        "code": text("HTS code of eight digits", str_matches=r"^\d{8}$"),
        "partner": constant("CHN", "ISO3 code"),
        "list": text("List of section 301; missing where the source names none", missing=True, isin=["1", "2", "3", "4A"]),
        **measured("Rate on top of the ordinary duty", "%", gt=0, le=100),
    },
    key=("code",),
)  # fmt: skip
def section_301_rates(raw: Raw) -> pd.DataFrame:
    """Section 301 rates of the United States on China by tariff line, February 2026.

    Rate by line of eight digits, with the list that it comes from.

    Warnings
    --------
    - Statutory rates without dates: the steps of 2018-2024 are not in. For duty that was calculated see us_imports_by_industry.
    - List 4B, which never applied, is not in. 320 lines of list 4A have 25% through a line of list 1, because lists split
      lines.
    - Codes of the tariff in force in 2025: a match with us_tariff_lists (2018-2019) is incomplete.

    Notes
    -----
    Clean the rates by line; a list that was inferred counts as that list.
    """
    file = read(raw, SOURCE, RATES, ["hs_8digit", "origin", "rate"])
    lists = file.frame["origin"].str.extract(r"^List (\w+)", expand=False)
    return file.frame.assign(code=file.frame["hs_8digit"], list=lists, value=file.numbers("rate"))


@table(
    unit="none",
    inputs=(SOURCE, EVENTS),
    columns={
        "year": year(2025, 2026),
        "date": text("Day of effect, YYYY-MM-DD", str_matches=r"^\d{4}-\d{2}-\d{2}$"),
        "event": text("Short name of the event"),
        "name": text("Name of the event"),
        "description": text("What changed"),
        "component": text("Part of the tariff: hts, s232, ieepa, emergency, surcharge; several are joined by ':'", isin=COMPONENTS),
        "affected": text("ISO3 codes joined by ':', ALL, ALL_EXCEPT: and codes, or EU_MEMBERS"),
    },
    key=("event",),
    order=("date", "event"),
    format="csv",
)  # fmt: skip
def tariff_events(raw: Raw) -> pd.DataFrame:
    """Tariff events of the United States, January 2025 to February 2026.

    48 dated changes of tariffs, with the economies that they affect.

    Warnings
    --------
    - Changes after 22 February 2026 are not in. Rates are in the descriptions; an event does not say what it raised in sum.
    """
    names = {
        "effective_date": "date",
        "event_id": "event",
        "event_name": "name",
        "rate_component": "component",
        "affected_countries": "affected",
    }
    return read(raw, SOURCE, EVENTS, has={**names, "description": "description"}).frame
