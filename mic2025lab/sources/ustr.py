"""Office of the U.S. Trade Representative: the lists of the section 301 tariffs on China."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import flag, hs, text, truth
from mic2025lab.sources.reading import flagged, read
from mic2025lab.sources.table import Raw, source, table

LISTS = "tariff_lists_hs8.csv"

SOURCE = source("us-section-301-lists")


@table(
    unit="none",
    inputs=(SOURCE, LISTS),
    columns={
        "list": text("List of the section 301 action", isin=["1", "2", "3", "4A", "4B"]),
        "hts8": text("Line of the US tariff schedule", str_matches=r"^\d{8}$"),
        "product": text("HS 6-digit code of the line", str_matches=r"^\d{6}$"),
        "hs": hs("HS17"),
        "applied": truth("Whether the list was ever applied"),
        "flag": flag("two_lists where the line is on another list too, else empty", "two_lists"),
    },
    key=("list", "hts8"),
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
    file = read(raw, SOURCE, LISTS, ["list", "source_name", "hs8", "is_chapter_98_99"])
    file.only("list", "1", "2", "3", "4A", "4B")
    file.matches("hs8", r"\d{8}", "eight digits")
    frame = file.frame[file.frame["is_chapter_98_99"] == "False"].rename(columns={"hs8": "hts8"})
    return frame.assign(
        product=frame["hts8"].str[:6],
        applied=frame["list"] != "4B",
        flag=flagged(frame["hts8"].duplicated(keep=False), "two_lists"),
    )
