"""European Commission, Industrial R&D Investment Scoreboard: research spending of firms of the United States, the EU, and China."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import measured, text, year
from mic2025lab.sources.reading import read
from mic2025lab.sources.table import Raw, source, table

DATA = "rd_scoreboard_firms_us_eu_china_2023.csv"

SOURCE = source("eu-rd-scoreboard-2023")
_REGIONS = {"US": "USA", "EU": "EU27", "China": "CHN"}


@table(
    unit="billion euro",
    inputs=(SOURCE, DATA),
    columns={
        "year": year(2023),
        "firm": text("Name of the firm"),
        "economy": text("USA, EU27 or CHN: seat of the firm", isin=_REGIONS.values()),
        **measured("R&D investment", "billion EUR", gt=0),
    },
    key=("firm", "economy"),
)
def research_firms(raw: Raw) -> pd.DataFrame:
    """Research spending of 2,255 firms of the United States, the EU, and China, 2023.

    R&D investment of firms in the financial year 2023.

    Warnings
    --------
    - Cut-offs differ: the EU's firms are its top 1,000 (from 0.6 million euro), the others are of the world list. Compare firms
      above one threshold, never the number of firms.
    - No industries, and no other economies: Japan, South Korea, and Taiwan are missing. One year only.
    """
    file = read(raw, SOURCE, DATA, ["company", "region", "rd_bn_eur"])
    return file.frame.rename(columns={"company": "firm"}).assign(
        economy=file.known("region", _REGIONS), value=file.numbers("rd_bn_eur")
    )
