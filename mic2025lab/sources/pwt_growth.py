"""Penn World Table 11.0 with its own capital stock: what growth accounting needs, to 2023."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import pwt
from mic2025lab.sources.columns import economy, flag, number, year
from mic2025lab.sources.reading import read
from mic2025lab.sources.table import Raw, source, table

_ACCOUNTS, _LABOR = pwt.PWT110.files
CAPITAL = "pwt110_levels_capital.csv.gz"
DOLLARS, DOLLARS_PPP = "million 2021 USD", "million current PPP USD"

SOURCE = source("pwt-11.0-capital")


@table(
    unit="by column",
    inputs=((SOURCE, CAPITAL), (pwt.PWT110, _LABOR)),
    columns={
        "economy": economy(),
        "year": year(1950, 2023),
        "rgdpna": number("Real GDP at constant national prices", DOLLARS, missing=True, gt=0),
        "rnna": number("Capital stock at constant national prices", DOLLARS, missing=True, gt=0),
        "cn": number("Capital stock at current PPPs", DOLLARS_PPP, missing=True, gt=0),
        "cgdpo": number("Output-side real GDP at current PPPs", DOLLARS_PPP, missing=True, gt=0),
        "emp": number("Persons engaged", "million persons", missing=True, gt=0),
        "avh": number("Average hours worked by a person engaged", "hours a year", missing=True, gt=500, lt=4000),
        "hc": number("Human capital a person, constructed from years of schooling", "index", missing=True, ge=1, lt=6),
        "labsh": number("Share of labor compensation in GDP", "share", missing=True, gt=0, lt=1),
        "labsh_flag": flag("How labsh was obtained", "observed", "carried", "extrapolated"),
    },
    key=("economy", "year"),
)  # fmt: skip
def growth_accounts(raw: Raw) -> pd.DataFrame:
    """Growth accounts of the Penn World Table 11.0: output, capital, labor, and labor share, 1950-2023.

    Real GDP and the capital stock of version 11.0, with employment, hours, human capital, and the labor share of its labor
    detail file; the columns that metrics.growth_accounting reads.

    Warnings
    --------
    - The available files have no total factor productivity of version 11.0. Compute it with metrics.growth_accounting: it uses
      the capital stock, where PWT uses capital services.
    - The version decides the sign for China: real GDP grows by 38.3% in 2014-2019 here and by 16.2% in version 10.01, with
      nearly the same growth of capital (60.0% and 60.3%).
    - Levels of capital and output are rounded to a million dollars in the source. hc is this project's construction by PWT's
      formula.
    - labsh: flag carried = constant or interpolated (China before 1992 and after 2021).
    - Left out: {pwt.LEFT_OUT}. Kosovo is XKX.

    Notes
    -----
    Join output and capital of version 11.0 with labor and its share.
    """
    levels = ["rgdpna", "rnna", "cn", "cgdpo"]
    capital = read(raw, SOURCE, CAPITAL, has=["countrycode", "year", *levels], **pwt.AS_NUMBERS)
    own = ["emp", "avh", "labsh", "i_labsh2", "yr_sch"]
    labor = read(raw, pwt.PWT110, _LABOR, has=["countrycode", "year", *own], **pwt.AS_NUMBERS)
    key = ["countrycode", "year"]
    both = capital.frame[key + levels].merge(labor.frame[key + own], on=key, how="left", validate="1:1")
    both = both[~both["countrycode"].isin(pwt.DROPPED)]
    how = labor.known(both["i_labsh2"].fillna(""), pwt.LABSH)
    return both.assign(
        economy=both["countrycode"].replace({"RKS": "XKX"}),
        hc=pwt.human_capital(both["yr_sch"]),
        labsh_flag=how.where(both["labsh"].notna(), ""),
    )


@growth_accounts.warns
def _findings(frame: pd.DataFrame) -> str:
    last = frame[frame["year"] == frame["year"].max()].dropna(subset=["rnna", "emp", "hc", "labsh"])
    return f"{len(last)} economies have everything that growth accounting needs in {frame['year'].max()}."
