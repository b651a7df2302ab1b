"""Office of the U.S. Trade Representative: the lists of the section 301 tariffs on China."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

LISTS = "tariff_lists_hs8.csv"

SOURCE = Source(
    id="us-section-301-lists",
    producer="Office of the U.S. Trade Representative",
    title="Section 301 tariff actions on China: lists 1, 2, 3, 4A, 4B",
    version="lists of 2018-2019",
    url="https://ustr.gov/issue-areas/enforcement/section-301-investigations/tariff-actions",
    license="Public domain (US Government); repository states no license",
    redistributable="yes",
    citation="USTR, Section 301 China tariff actions, lists 1, 2, 3, 4A, 4B, via mitsuoxv/us-tariffs-on-china.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            LISTS,
            "8460fab35d226104b05fd04ce257352bbd6e6e9503c435a4e01332283e967491",
            url_note="data/tariff_list.rdata of mitsuoxv/us-tariffs-on-china (commit 0665b94ceb802cca8954a7e32bfab2fbfabf214c), R lists to CSV",
        ),
    ),
)


def us_tariff_lists(raw: Raw) -> pd.DataFrame:
    """Clean the tariff lines of each list; the heading notes of chapters 98 and 99 are left out.

    Returns
    -------
    pandas.DataFrame
        `list, hts8, product, hs, applied, flag`; product is the HS 6-digit code; applied is false for list 4B; flag
        `two_lists` where a line is on another list as well.
    """
    frame = clean.read(raw(SOURCE, LISTS))
    clean.expect(frame, ["list", "source_name", "hs8", "is_chapter_98_99"], SOURCE, LISTS)
    need(
        set(frame["list"]) == {"1", "2", "3", "4A", "4B"},
        SOURCE,
        LISTS,
        f"lists {sorted(set(frame['list']))}",
    )
    odd = frame.loc[~frame["hs8"].str.fullmatch(r"\d{8}"), "hs8"].tolist()
    need(not odd, SOURCE, LISTS, f"codes that are not eight digits: {odd[:5]}")
    frame = frame[frame["is_chapter_98_99"] == "False"].rename(columns={"hs8": "hts8"})
    frame = frame.assign(product=frame["hts8"].str[:6], hs="HS17", applied=frame["list"] != "4B")
    frame["flag"] = frame["hts8"].duplicated(keep=False).map({True: "two_lists", False: ""})
    columns = ["list", "hts8", "product", "hs", "applied", "flag"]
    table = frame[columns].sort_values(["list", "hts8"], ignore_index=True)
    return table.astype({column: "str" for column in columns if column != "applied"})


TABLES = (
    Table(
        name="us_tariff_lists",
        title="US section 301 tariff lists on China, HTS 8-digit lines, 2018-2019",
        description="Which tariff lines are on lists 1, 2, 3, 4A and 4B.",
        unit="none",
        build=us_tariff_lists,
        inputs=((SOURCE, (LISTS,)),),
        key=("list", "hts8"),
        coverage=("list", "hs"),
        format="parquet",
        warnings=(
            "No rates and no dates, and exclusions are not taken off. List 4B was suspended and never applied (applied = false).",
            "Extracted by machine from PDF files: 817, 279, 5,759, 3,229 and 542 lines against 818, 279, 5,745, 3,229 and 542 usually quoted. "
            "Three lines are on two lists (flag two_lists): count them once.",
            "Codes are of the tariff schedules of 2018-2019 (HS17). Later revisions renumber lines: a match with us_imports (2024, HS22) is a "
            "lower bound. An HS6 product may be on a list with some of its lines only.",
        ),
    ),
)
