"""International Energy Agency, Global EV Outlook: sales and stock of electric vehicles, history and projections."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.columns import PLACE, firsts, flag, measured, text, words, year
from mic2025lab.sources.reading import RawTable, codebook, entries, flagged, read, slug
from mic2025lab.sources.table import Raw, coded, columns, source, table

FILES = {"GEVO2024": "IEA_Global_EV_Data_2024.csv.gz", "GEVO2025": "EVDataExplorer2025_GEVO_EV_2025.csv.gz"}

SOURCE = source("iea-ev")

#: Parameter of the source -> indicator and unit; the others are left out.
INDICATORS = codebook("iea_indicators")
SCENARIOS = {"Historical": "", "Projection-STEPS": "stated_policies", "Projection-APS": "announced_pledges"}
MODES = {mode: mode.lower() for mode in ("Cars", "Vans", "Buses", "Trucks")}
COLUMNS = ("region", "category", "parameter", "mode", "powertrain", "year", "unit", "value")
MODES["2 and 3 wheelers"] = "two_and_three_wheelers"


def _place(label: str) -> tuple[str, str]:
    """Return the code (or, for a region of the source, the slug) and the level of a label."""
    code = economies.find(label)
    if code is None:
        return slug(label), "region"
    levels = {"WLD": "world"} | dict.fromkeys(economies.RESTS, "rest")
    return code, levels.get(code, "region" if economies.is_aggregate(code) else "economy")


@table(
    SOURCE, *FILES.values(), key="edition indicator mode powertrain economy scenario year", vintage="GEVO2025"
)
@columns(
    edition=text("Edition of the Global EV Outlook", isin=FILES),
    year=year(2010, 2035),
    economy=text("ISO3 code, WLD, EU27, ROW, or the lower-case name of a region", str_matches=PLACE),
    level=text("What the row is", isin=["world", "region", "economy", "rest"]),
    indicator=text("What is measured", isin=firsts(INDICATORS)),
    mode=words("Kind of vehicle", MODES),
    powertrain=text("BEV, PHEV, FCEV, or EV (all of them)", isin=["BEV", "PHEV", "FCEV", "EV"]),
    scenario=text("Scenario of a projection, else empty", isin=SCENARIOS.values()),
    **measured("Value in the row's unit, two significant figures", ["vehicles", "%", "GWh"], ge=0),
    flag=flag("projection, else empty", "projection"),
)
def ev_sales(raw: Raw) -> pd.DataFrame:
    """Electric vehicles: sales, stock, and battery demand, 2010-2024, and projections.

    IEA Global EV Outlook 2024 and 2025 by economy, mode (cars, vans, buses, trucks, two- and three-wheelers), and powertrain.
    Electric cars are BEV + PHEV + FCEV; shares have the powertrain EV.

    Warnings
    --------
    - Values are rounded to two significant figures: parts do not add up to totals, and changes of a few percent are lost.
    - flag = projection marks scenarios of the IEA (stated_policies, announced_pledges), which are not data. Filter them out of
      any history.
    - Rows of level world, region, and rest are listed with the economies: never sum all rows. Regions without a code have the
      source's name in lower case. Hong Kong, Macao, and Taiwan are not listed, and the source does not say where they are
      counted.
    - The two editions differ for past years. Use one of them, never both.

    Notes
    -----
    Projections are kept only for years after the edition's last historical year, because the source repeats the past in them.
    Identical rows are counted once.
    """
    parts = [cleaned(read(raw, SOURCE, file=path)).assign(edition=edition) for edition, path in FILES.items()]
    return pd.concat(parts, ignore_index=True)


def cleaned(file: RawTable) -> pd.DataFrame:
    """Clean an edition, without its name."""
    frame = file.frame.rename(columns={"region_country": "region"})
    file.need(set(COLUMNS) <= set(frame), f"columns {list(frame)}")
    frame = frame.loc[frame["parameter"].isin(INDICATORS), list(COLUMNS)].drop_duplicates(ignore_index=True)
    about = entries(frame["parameter"], INDICATORS, "indicator", "unit", "printed")
    odd = frame.loc[frame["unit"] != about.pop("printed"), "unit"]
    file.need(odd.empty, f"unexpected units: {sorted(set(odd))}")
    places = {label: _place(label) for label in frame["region"].unique()}
    frame = frame.assign(
        scenario=file.known(frame["category"], SCENARIOS),
        **about,
        **entries(frame["region"], places, "economy", "level"),
        value=file.numbers(frame["value"]),
        year=frame["year"].astype("int64"),
    )
    past = frame["scenario"] == ""
    frame = frame[past | (frame["year"] > frame.loc[past, "year"].max())]
    return frame.assign(flag=flagged(frame["scenario"] != "", "projection"))


ev_sales.checks.append(coded("economy"))
