"""European Commission, Industrial R&D Investment Scoreboard: research spending of firms of the United States, the EU, and China."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import measured, text, year
from mic2025lab.sources.reading import read
from mic2025lab.sources.table import Raw, Source, table

DATA = "rd_scoreboard_firms_us_eu_china_2023.csv"

SOURCE = Source(
    id="eu-rd-scoreboard-2023",
    producer="European Commission, Joint Research Centre; selection by E. Salies (OFCE)",
    title="EU Industrial R&D Investment Scoreboard 2024: firms of the United States, the EU, and China, financial year 2023",
    version="Scoreboard of 2024",
    url="https://iri.jrc.ec.europa.eu/scoreboard/2024-eu-industrial-rd-investment-scoreboard",
    license="CC-BY-4.0 (reuse policy of the Commission, from knowledge); repository Apache-2.0",
    redistributable="attribution",
    citation="Nindl, E., et al. (2024), The 2024 EU Industrial R&D Investment Scoreboard, Publications Office of the European Union; Salies, E. "
    "(2025), Code and data, OFCE.",
    retrieved="2026-11-29",
    files={DATA: "defd0fdace195e22a423163c0470610724de0507f01e43b782bd86c1f30a95a2"},
    made_from="datasets/rd_scoreboard_3regions_2255rectangles.dta of evenssalies/R-D-Scoreboard (commit 120743e1d8998fbfd0783b2cd3f530713033d929), "
    "as CSV",
)
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
    coverage=("year", "economy"),
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
