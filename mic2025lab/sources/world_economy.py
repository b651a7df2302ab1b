"""World economy: the IMF's World Economic Outlook and the World Bank's WDI, each a vintage."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources import imf, worldbank
from mic2025lab.sources.columns import CODES, flag, measured, text, truth, year
from mic2025lab.sources.table import Raw, table

VINTAGES = (imf.VINTAGE, worldbank.VINTAGE, worldbank.GDP_VINTAGE)

_INDICATORS = sorted({name for name, *_ in [*imf.CONCEPTS.values(), *worldbank.SERIES.values()]})
_POSITIVE = ("gdp_usd", "gdp_ppp", "gdp_constant_prices", "population", "merchandise_exports")


@table(
    unit="by row",
    inputs=((imf.SOURCE, imf.DATA, imf.NOTES), (worldbank.SOURCE, worldbank.DATA, worldbank.GDP)),
    columns={
        "vintage": text("Publication and its date", isin=VINTAGES),
        "economy": text("ISO3 code, WLD, EU27, or a group's code in the source", isin=CODES),
        "aggregate": truth("Whether the row is a group of economies"),
        "year": year(1980, 2030),
        "indicator": text("What is measured", isin=_INDICATORS),
        **measured("Value in the row's unit"),
        "flag": flag("forecast after the source's last-actual date, else empty", "forecast"),
    },
    key=("vintage", "indicator", "economy", "year"),
    vintage=("vintage", imf.VINTAGE),
)
def world_economy(raw: Raw) -> pd.DataFrame:
    """GDP, growth, investment, debt, and balances of all economies, 1980-2030, in three vintages.

    IMF World Economic Outlook of October 2025 (weo-2025-10, with forecasts to 2030), sixteen series of the World Development
    Indicators of July 2026 (wdi-2026-07), and an older vintage of GDP in current USD (wdi-gdp-csv).

    Warnings
    --------
    - Aggregates (aggregate = true: WLD, EU27, groups) are listed with the economies: never sum all rows.
    - flag = forecast: after the source's last-actual date of the series; if there is none, of the economy's GDP; for groups,
      which have no dates, the most frequent date of the series. A fiscal year is the year in the source's note, else its first
      year.
    - WEO group G001 is WLD and G998 is EU27, and the WDI's EUU is EU27; the other groups have the source's codes (G110 advanced
      economies, EMU euro area). KOS is XKX (Kosovo), and WBG is PSE.
    - The WEO's China does not include Hong Kong, Macao, and Taiwan. Taiwan is in the WEO, but not in the WDI.
    - gdp_constant_prices is in national currency of a base year that differs by economy: use it for growth only.
    - WDI: medium_high_tech series end in 2022, patents in 2021, and rd_technicians in 2018.

    Notes
    -----
    Stack the World Economic Outlook of October 2025, the WDI of July 2026, and an older vintage of GDP.
    """
    parts = {imf.VINTAGE: imf.weo, worldbank.VINTAGE: worldbank.wdi, worldbank.GDP_VINTAGE: worldbank.gdp}
    stacked = pd.concat(
        [clean(raw).assign(vintage=vintage) for vintage, clean in parts.items()], ignore_index=True
    )
    return stacked.assign(aggregate=stacked["economy"].isin(economies.AGGREGATES))


@world_economy.check("one unit for each indicator")
def one_unit(frame: pd.DataFrame) -> bool:
    """An indicator has one unit in all vintages."""
    return not frame[["indicator", "unit"]].drop_duplicates().duplicated("indicator").any()


@world_economy.check("GDP and population are positive, and no share is above 200 %")
def plausible(frame: pd.DataFrame) -> pd.Series:
    """Levels are positive, and shares lie in a plausible range."""
    balances = ("gov_", "current_", "saving")
    shares = [name for name in _INDICATORS if name.endswith("_share") and not name.startswith(balances)]
    level, share = frame["indicator"].isin(_POSITIVE), frame["indicator"].isin(shares)
    return (~level | (frame["value"] >= 0)) & (~share | frame["value"].between(-50, 200))


@world_economy.warns
def _findings(table: pd.DataFrame) -> str:
    of_2021 = table[(table["indicator"] == "gdp_usd") & (table["year"] == 2021)]
    gdp = of_2021.set_index(["vintage", "economy"])["value"]
    shares = ", ".join(f"{gdp[name, 'CHN'] / gdp[name, 'WLD'] * 100:.2f} ({name})" for name in VINTAGES)
    return f"Vintages differ: China's share of world GDP in 2021, current USD, % is {shares}. Use one, never several."
