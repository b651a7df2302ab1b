"""National Renewable Energy Laboratory (PV ICE): who makes each stage of a photovoltaic module."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import economy, flag, number, text, unit, year
from mic2025lab.sources.reading import codes, flagged, read, slug
from mic2025lab.sources.table import Raw, source, table

TIDY = "nrel_pv_shares_tidy.csv"
UNIT = "% of commissioned capacity"

SOURCE = source("nrel-pv-shares")

_STAGES = ("metallurgical silicon", "polysilicon", "ingot mono", "ingot multi", "wafer", "cell", "module")
STAGES = {label: slug(label) for label in _STAGES}


@table(
    inputs=(SOURCE, TIDY),
    columns={
        "year": year(2004, 2022),
        "economy": economy(),
        "stage": text("Stage of production", isin=STAGES.values()),
        "value": number("Share in the world's capacity", "%", ge=0, le=100),
        "unit": unit(UNIT),
        "flag": flag(
            "zero (none, or below 1%); repeated (the shares of the year before); else empty",
            "zero",
            "repeated",
        ),
    },
    key=("year", "economy", "stage"),
    order=(),  # `build` sorts
)
def solar_chain(raw: Raw) -> pd.DataFrame:
    """Shares in photovoltaic manufacturing capacity by stage and economy, 2004-2022.

    From silicon to modules: the share of each economy in the world's commissioned capacity, by stage.

    Warnings
    --------
    - Capacity, not output: the two differ where plants are idle.
    - Economies below 1% are missing in the source or 0 (flag zero). Shares of a stage add up to 97.5 to 100, except 100.8 for
      metallurgical silicon in 2010.
    - The first years rest on few firms (China's wafers 99.0% in 2004, monocrystalline ingots 100% in 2005): use 2006 or later
      as a base year.
    - flag repeated: all shares of the stage equal those of the year before; polysilicon in 2022 is carried forward, not
      observed.
    - China does not include Hong Kong and Taiwan; Taiwan is a separate economy.

    Notes
    -----
    Only the input rows of the model are used, not its baselines, which are constant outside the data. A year of a stage without
    any economy above zero is left out. The flag is `repeated` where all shares of a stage equal those of the year before, and
    `zero` where the source has 0 (none, or below 1%).
    """
    file = read(raw, SOURCE, TIDY, ["kind", "product", "year", "country", "share_pct"])
    frame = file.frame[file.frame["kind"] == "input"].reset_index(drop=True)
    file.need(not frame.empty, "no rows of kind input")
    stage, economy = file.known(frame["product"], STAGES), codes(frame["country"])
    frame = frame.assign(stage=stage, economy=economy, value=file.numbers(frame["share_pct"]))
    frame = frame[frame.groupby(["stage", "year"])["value"].transform("max") > 0]
    frame = frame.sort_values(["stage", "economy", "year"], ignore_index=True)
    same = frame.groupby(["stage", "economy"])["value"].diff() == 0
    repeated = same.groupby([frame["stage"], frame["year"]]).transform("all")
    return frame.assign(flag=flagged(frame["value"] == 0, "zero").mask(repeated, "repeated"))


@solar_chain.check("shares of a stage and year add up to 97 to 101")
def adds_up(frame: pd.DataFrame) -> bool:
    """The listed economies cover nearly all capacity."""
    return bool(frame.groupby(["stage", "year"])["value"].sum().between(97, 101).all())
