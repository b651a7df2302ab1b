"""Tariffs of the United States: section 301 lists (USTR), and rates and events (Global Trade Alert; built on the user's machine only)."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import constant, flag, hs, measured, text, truth, year
from mic2025lab.sources.reading import flagged, read
from mic2025lab.sources.table import Raw, columns, source, table

LISTS_SOURCE = source("us-section-301-lists")


@table(LISTS_SOURCE, key="list hts8", unit="none")
@columns(
    list=text("List of the section 301 action", isin=["1", "2", "3", "4A", "4B"]),
    hts8=text("Line of the US tariff schedule", str_matches=r"^\d{8}$"),
    product=text("HS 6-digit code of the line", str_matches=r"^\d{6}$"),
    hs=hs("HS17"),
    applied=truth("Whether the list was ever applied"),
    flag=flag("two_lists where the line is on another list too, else empty", "two_lists"),
)
def us_tariff_lists(raw: Raw) -> pd.DataFrame:
    """US section 301 tariff lists on China, HTS 8-digit lines, 2018-2019.

    Tariff lines on lists 1, 2, 3, 4A, and 4B.

    Warnings
    --------
    - No rates and no dates; exclusions are not removed. List 4B was suspended and never applied (applied = false).
    - Extracted by a program from PDF files: 817, 279, 5,759, 3,229, and 542 lines, compared with 818, 279, 5,745, 3,229, and
      542 usually quoted. Three lines are on two lists (flag two_lists): count them once.
    - Codes are those of the tariff schedules of 2018-2019 (HS17). Later revisions renumber lines, so a match with us_imports
      (2024, HS22) is a lower bound. A list may contain only some lines of an HS6 product.

    Notes
    -----
    Clean the tariff lines of each list; the heading notes of chapters 98 and 99 are left out.

    `product` is the HS 6-digit code, `applied` is False for list 4B, and the flag `two_lists` marks a line that is on another
    list as well.
    """
    file = read(raw, LISTS_SOURCE, "list source_name hs8=hts8 is_chapter_98_99")
    file.only("list", "1", "2", "3", "4A", "4B")
    frame = file.frame[file.frame["is_chapter_98_99"] == "False"]
    product, flag = frame["hts8"].str[:6], flagged(frame["hts8"].duplicated(keep=False), "two_lists")
    return frame.assign(product=product, applied=frame["list"] != "4B", flag=flag)


RATES, EVENTS = "section_301_rates_hs8.csv", "tariff_events_2025_2026.csv"

SOURCE = source("gta-us-tariffs-2025")
COMPONENTS = ("hts", "s232", "ieepa", "emergency", "surcharge", "ieepa:s232", "ieepa:emergency")


@table(SOURCE, RATES, key="code")
@columns(
    code=text("HTS code of eight digits", str_matches=r"^\d{8}$"),
    partner=constant("CHN", "ISO3 code"),
    list=text("List of section 301; missing where the source names none", missing=True, isin=["1", "2", "3", "4A"]),
    **measured("Rate on top of the ordinary duty", "%", gt=0, le=100),
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
    frame = read(raw, SOURCE, "hs_8digit=code origin rate=value", file=RATES).frame
    return frame.assign(list=frame["origin"].str.extract(r"^List (\w+)", expand=False))


@table(SOURCE, EVENTS, key="event", order="date event", unit="none", format="csv")
@columns(
    year=year(2025, 2026),
    date=text("Day of effect, YYYY-MM-DD", str_matches=r"^\d{4}-\d{2}-\d{2}$"),
    event=text("Short name of the event"),
    name=text("Name of the event"),
    description=text("What changed"),
    component=text("Part of the tariff: hts, s232, ieepa, emergency, surcharge; several are joined by ':'", isin=COMPONENTS),
    affected=text("ISO3 codes joined by ':', ALL, ALL_EXCEPT: and codes, or EU_MEMBERS"),
)  # fmt: skip
def tariff_events(raw: Raw) -> pd.DataFrame:
    """Tariff events of the United States, January 2025 to February 2026.

    48 dated changes of tariffs, with the economies that they affect.

    Warnings
    --------
    - Changes after 22 February 2026 are not in. Rates are in the descriptions; an event does not say what it raised in sum.
    """
    names = "effective_date=date event_id=event event_name=name rate_component=component affected_countries=affected"
    return read(raw, SOURCE, file=EVENTS, has=f"{names} description").frame
