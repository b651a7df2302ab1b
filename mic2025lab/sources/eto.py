"""Emerging Technology Observatory (CSET): market shares along the semiconductor supply chain; built on the user's machine only."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import ECONOMIES, economy, flag, number, text, unit, year
from mic2025lab.sources.reading import flagged, read
from mic2025lab.sources.table import Raw, columns, source, table

PROVISION, PROVIDERS, INPUTS, STAGES = "provision.csv", "providers.csv", "inputs.csv", "stages.csv"

SOURCE = source("eto-semiconductors")
#: Providers that are listed as countries but are groups.
GROUPS = {"EUR": "europe", "Various": "various", "Various countries": "various"}


@table(SOURCE, key="input level provider year")
@columns(
    year=year(2019, 2025, "Reference year of the share"),
    input=text("The source's code of the input", str_matches=r"^[NS]\d+$"),
    input_name=text("Name of the input"),
    kind=text("Kind of input", isin=["design_resource", "material_resource", "tool_resource", "stage"]),
    stage=text("Stage of production, where the source names it", missing=True),
    provider=text("Economy (ISO3), group or company"),
    level=text("What the provider is", isin=["economy", "group", "company"]),
    economy=economy("ISO3 code of the provider or of its home", missing=True),
    value=number("Share in the market of the input", "%", missing=True, ge=0, le=100),
    unit=unit("% of the input's market"),
    flag=flag("minor where the provider has no share, else empty", "minor"),
)
def semiconductor_chain(raw: Raw) -> pd.DataFrame:
    """Who provides the inputs of the semiconductor supply chain, 2019-2025.

    Market shares of economies and companies in about 110 inputs: design, tools, materials, and processes.

    Warnings
    --------
    - Economies and companies are in one table and each add up to 100: filter by level first.
    - Reference years differ by row (2019 to 2025): the table is a cross section, not a series.
    - value is missing (flag minor) where a provider is named without a share. For 17 inputs, no economy has a share.
    - Noncommercial license (CC-BY-NC-4.0). Taiwan is a separate economy; Hong Kong has no rows.

    Notes
    -----
    An economy or company that is named without a share has a minor or unknown part: its value is missing, with the flag
    `minor`. `economy` is the provider's own code, or a company's home where the source names it.
    """
    names = "provider_name provider_id provided_name=input_name provided_id=input share_provided=value year source"
    file = read(raw, SOURCE, names, file=PROVISION)
    frame = file.frame
    providers = read(raw, SOURCE, file=PROVIDERS).frame.drop_duplicates("provider_id")
    providers = providers.set_index("provider_id")
    inputs = read(raw, SOURCE, file=INPUTS).frame.set_index("input_id")
    stages = read(raw, SOURCE, file=STAGES).frame.set_index("stage_id")
    file.need(set(frame["input"]) <= {*inputs.index, *stages.index}, "inputs that are not described")
    file.need(set(frame["provider_id"]) <= set(providers.index), "providers that are not described")
    name = frame["provider_name"]
    company = frame["provider_id"].map(providers["provider_type"]) == "organization"
    home = frame["provider_id"].map(providers["country"]).where(company, name)
    kind = frame["input"].map(inputs["type"]).fillna("stage")
    stage = frame["input"].map(inputs["stage_name"])
    return frame.assign(
        kind=kind,
        stage=stage.where(kind != "stage", frame["input_name"]),
        provider=name.replace(GROUPS),
        level=flagged(company, "company", "economy").mask(name.isin(GROUPS), "group"),
        economy=home.where(home.isin(ECONOMIES)),
        flag=flagged(frame["value"] == "", "minor"),
    )


@semiconductor_chain.check("shares of economies and groups in an input add up to at most 103")
def adds_up(frame: pd.DataFrame) -> bool:
    """Without companies, an input's shares add up to about 100."""
    part = frame[frame["level"] != "company"]
    return bool((part.groupby(["input", "year"])["value"].sum() <= 103).all())
